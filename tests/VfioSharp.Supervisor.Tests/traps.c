// SPDX-License-Identifier: MIT
// Instructions on mapped device memory must do what they do on ordinary memory: each is carried out on both, from the
// same random registers, flags and contents, and all that it may change is compared.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/vfio.h>

struct state {
	uint64_t rax, rcx, rdx, flags;
	unsigned char ymm[32];
	uint64_t rsi, rdi, r9;
};

#define KEPT 0x8d5 // CF PF AF ZF SF OF
#define CASE(name, text) \
	static void name(struct state *s, void *m, void *o) { \
		register void *place asm("r8") = m; register void *other asm("r9") = o; \
		asm volatile("lea -128(%%rsp),%%rsp\n mov 0(%%rbx),%%rax\n mov 8(%%rbx),%%rcx\n mov 16(%%rbx),%%rdx\n" \
			"movdqu 32(%%rbx),%%xmm1\n mov %%r8,%%rsi\n mov %%r8,%%rdi\n pushq 24(%%rbx)\n popfq\n" text "\n" \
			"pushfq\n popq 24(%%rbx)\n cld\n lea 128(%%rsp),%%rsp\n mov %%rax,0(%%rbx)\n mov %%rcx,8(%%rbx)\n mov %%rdx,16(%%rbx)\n" \
			"movdqu %%xmm1,32(%%rbx)\n sub %%r8,%%rsi\n sub %%r8,%%rdi\n mov %%rsi,64(%%rbx)\n mov %%rdi,72(%%rbx)\n" \
			:: "b"(s), "r"(place), "r"(other) : "rax", "rcx", "rdx", "rsi", "rdi", "xmm1", "memory", "cc"); \
	}

#define LIST(X) \
	X(load8, "mov (%%r8),%%al") X(load8high, "mov 1(%%rdi),%%ah") X(load16, "mov 2(%%r8),%%ax") X(load32, "mov 4(%%r8),%%eax") \
	X(load64, "mov 8(%%r8),%%rax") X(store8, "mov %%cl,3(%%r8)") X(store8high, "mov %%ch,(%%rdi)") X(store16, "mov %%cx,2(%%r8)") \
	X(store32, "mov %%ecx,4(%%r8)") X(store64, "mov %%rcx,8(%%r8)") X(storei8, "movb $0x81,5(%%r8)") X(storei16, "movw $0x8123,6(%%r8)") \
	X(storei32, "movl $0x81234567,8(%%r8)") X(storei64, "movq $-77,16(%%r8)") X(movnti, "movnti %%ecx,4(%%r8)") \
	X(scaled, "mov $2,%%ecx\n mov 4(%%r8,%%rcx,4),%%eax\n mov $0,%%ecx") \
	X(zero8, "movzbl 3(%%r8),%%eax") X(zero16, "movzwq 2(%%r8),%%rax") X(sign8, "movsbw 3(%%r8),%%ax") X(sign8q, "movsbq 3(%%r8),%%rax") \
	X(sign16, "movswl 2(%%r8),%%eax") X(sign32, "movslq 4(%%r8),%%rax") X(swapload, "movbe 4(%%r8),%%eax") X(swapstore, "movbe %%rcx,8(%%r8)") \
	X(xchg, "xchg %%ecx,4(%%r8)") X(xchg8, "xchg %%dl,5(%%r8)") \
	X(add, "add %%ecx,4(%%r8)") X(addr, "add 4(%%r8),%%ecx") X(addi, "addb $0x7f,(%%r8)") X(adc, "adc %%rcx,8(%%r8)") X(adcr, "adc 2(%%r8),%%cx") \
	X(sub, "sub %%ecx,4(%%r8)") X(subr, "sub 4(%%r8),%%ecx") X(sbb, "sbb %%cl,4(%%r8)") X(sbbr, "sbb 8(%%r8),%%rcx") \
	X(and, "and %%ecx,4(%%r8)") X(or, "orw $0x80,4(%%r8)") X(xor, "xor 8(%%r8),%%rcx") X(cmp, "cmp %%ecx,4(%%r8)") X(cmpr, "cmp 4(%%r8),%%ecx") \
	X(cmpi, "cmpw $-3,4(%%r8)") X(test, "test %%ecx,4(%%r8)") X(testi, "testb $0x41,7(%%r8)") X(inc, "incl 4(%%r8)") X(dec, "decq 8(%%r8)") \
	X(not, "notw 4(%%r8)") X(neg, "negl 4(%%r8)") X(lockor, "lock orl $4,4(%%r8)") X(xadd, "lock xadd %%ecx,4(%%r8)") \
	X(cmpxchg, "lock cmpxchg %%ecx,4(%%r8)") X(cmpxchgsame, "mov 8(%%r9),%%rax\n lock cmpxchg %%rcx,8(%%r8)") \
	X(movups, "movups (%%r8),%%xmm1") X(movupsw, "movups %%xmm1,8(%%r8)") X(movdqa, "movdqa 16(%%r8),%%xmm1") X(movdqaw, "movdqa %%xmm1,32(%%r8)") \
	X(movd, "movd 4(%%r8),%%xmm1") X(movdw, "movd %%xmm1,4(%%r8)") X(movq, "movq 8(%%r8),%%xmm1") X(movqw, "movq %%xmm1,8(%%r8)") \
	X(movss, "movss 4(%%r8),%%xmm1") X(movsd, "movsd 8(%%r8),%%xmm1") X(movntdq, "movntdq %%xmm1,16(%%r8)") X(lddqu, "lddqu 3(%%r8),%%xmm1") \
	X(movlps, "movlps 8(%%r8),%%xmm1") X(movhps, "movhps 8(%%r8),%%xmm1") X(movlpsw, "movlps %%xmm1,8(%%r8)") X(movhpsw, "movhps %%xmm1,8(%%r8)") \
	X(stosb, "stosb") X(stosq, "stosq") X(repstosb, "mov $13,%%ecx\n rep stosb") X(repstosd, "mov $7,%%ecx\n rep stosl") \
	X(repmovsin, "mov %%r9,%%rdi\n mov $40,%%ecx\n rep movsb\n mov %%r8,%%rdi") X(repmovsout, "mov %%r9,%%rsi\n mov $5,%%ecx\n rep movsq\n mov %%r8,%%rsi") \
	X(movsback, "lea 32(%%rsi),%%rsi\n lea 40(%%rdi),%%rdi\n std\n mov $4,%%ecx\n rep movsl\n cld") X(repnone, "xor %%ecx,%%ecx\n rep movsb") X(lodsw, "lodsw") \
	X(push, "pushq 8(%%r8)\n popq %%rax") X(pop, "pushq %%rcx\n popq 8(%%r8)") X(bt, "btl $7,4(%%r8)") X(bts, "lock btsl $9,4(%%r8)") \
	X(btr, "btrq $40,8(%%r8)") X(btc, "btcw $3,4(%%r8)") X(shl, "shll $3,4(%%r8)") X(shr, "shrl $1,4(%%r8)") X(imul, "imul 4(%%r8),%%ecx") \
	X(cmov, "cmovc 4(%%r8),%%ecx") X(setc, "setc 4(%%r8)") X(fs, "mov %%fs:0,%%rax")

#define X(name, text) CASE(name, text)
LIST(X)
#undef X
#define AVX(X) \
	X(vmovdqu, "vmovdqu (%%r8),%%ymm1") X(vmovdquw, "vmovdqu %%ymm1,32(%%r8)") X(vmovups, "vmovups 8(%%r8),%%xmm1") X(vmovd, "vmovd 4(%%r8),%%xmm1") \
	X(vmovaps, "vmovaps %%ymm1,32(%%r8)")
#define X(name, text) CASE(name, "vmovdqu 32(%%rbx),%%ymm1\n" text "\n vmovdqu %%ymm1,32(%%rbx)\n vmovdqu %%ymm1,64(%%r9)")
AVX(X)
#undef X

static struct { const char *name; void (*run)(struct state *, void *, void *); int avx; } cases[] = {
#define X(name, text) { #name, name, 0 },
	LIST(X)
#undef X
#define X(name, text) { #name, name, 1 },
	AVX(X)
};
#define COUNT ((int)(sizeof cases / sizeof *cases))
#define SIZE 256

static unsigned char *device;
static uint64_t seed = 1;

static uint64_t next(void) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; return seed; }

static void show(const char *what, const unsigned char *a, const unsigned char *b, int n)
{
	for (int i = 0; i < n; i++)
		if (a[i] != b[i]) printf("  %s %d: %02x, ordinary memory %02x\n", what, i, a[i], b[i]);
}

static int compare(int c, int times)
{
	static unsigned char ordinary[SIZE] __attribute__((aligned(64))), copy[SIZE], others[2][SIZE], filled[SIZE];
	int wrong = 0;
	for (int t = 0; t < times; t++) {
		struct state first, here, there;
		memset(&first, 0, sizeof first);
		for (int i = 0; i < SIZE; i++) filled[i] = (unsigned char)next();
		for (int i = 0; i < SIZE / 8; i++) ((volatile uint64_t *)device)[i] = ((uint64_t *)filled)[i];
		memcpy(ordinary, filled, SIZE);
		first.rax = next(); first.rcx = next(); first.rdx = next();
		first.flags = 0x202 | (next() & KEPT);
		for (int i = 0; i < 32; i++) first.ymm[i] = (unsigned char)next();
		here = there = first;
		for (int i = 0; i < SIZE; i++) others[0][i] = others[1][i] = filled[i];
		cases[c].run(&there, ordinary, others[1]);
		cases[c].run(&here, device, others[0]);
		for (int i = 0; i < SIZE / 8; i++) ((uint64_t *)copy)[i] = ((volatile uint64_t *)device)[i];
		// imul and shifts leave some flags undefined.
		uint64_t flags = !strcmp(cases[c].name, "imul") ? 0x801 : !strncmp(cases[c].name, "sh", 2) ? KEPT & ~0x810 :
			cases[c].name[0] == 'b' && cases[c].name[1] == 't' ? 0x41 : KEPT;
		here.flags &= flags; there.flags &= flags;
		if (memcmp(&here, &there, sizeof here) || memcmp(copy, ordinary, SIZE) || memcmp(others[0], others[1], SIZE)) {
			if (!wrong++) {
				printf("%s differs\n", cases[c].name);
				show("state", (void *)&here, (void *)&there, sizeof here);
				show("memory", copy, ordinary, SIZE);
				show("other", others[0], others[1], SIZE);
			}
		}
	}
	return wrong;
}

static int regions(int fd, int index, uint64_t *size, uint64_t *offset)
{
	struct vfio_region_info r = { .argsz = sizeof r, .index = index };
	int result = ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &r);
	*size = r.size; *offset = r.offset;
	return result;
}

static void *load_many(void *counts)
{
	for (int i = 0; i < 2000; i++) ((volatile uint32_t *)device)[(intptr_t)counts] += 1;
	return 0;
}

static sigjmp_buf back;
static void *faulted_at;
static int fault_code;

static void on_fault(int signal, siginfo_t *information, void *context)
{
	faulted_at = information->si_addr;
	fault_code = information->si_code;
	siglongjmp(back, signal);
}

int main(int argc, char **argv)
{
	int container = open("/dev/vfio/vfio", O_RDWR), group = open(getenv("VFIO_GROUP"), O_RDWR), bar = atoi(argv[2]);
	ioctl(group, VFIO_GROUP_SET_CONTAINER, &container);
	ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU);
	int fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, getenv("VFIO_DEVICE"));
	uint64_t size, offset, config, unused;
	uint16_t command = 7, off = 0;
	regions(fd, VFIO_PCI_CONFIG_REGION_INDEX, &unused, &config);
	regions(fd, bar, &size, &offset);
	pwrite(fd, &command, 2, (off_t)config + 4);
	device = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (device == MAP_FAILED) { printf("no mapping\n"); return 1; }
	if (!strcmp(argv[1], "instructions")) {
		int wrong = 0, run = 0;
		for (int c = 0; c < COUNT; c++) {
			if (cases[c].avx && !__builtin_cpu_supports("avx")) continue;
			wrong += compare(c, atoi(argv[3]));
			fflush(stdout);
			run++;
		}
		printf("wrong %d of %s\n", wrong, run >= COUNT - 5 ? "all" : "few");
	} else if (!strcmp(argv[1], "threads")) {
		pthread_t threads[16];
		for (int i = 0; i < 16; i++) ((volatile uint32_t *)device)[i] = 0;
		for (intptr_t i = 0; i < 16; i++) pthread_create(&threads[i], 0, load_many, (void *)i);
		for (int i = 0; i < 16; i++) pthread_join(threads[i], 0);
		int wrong = 0;
		for (int i = 0; i < 16; i++) wrong += ((volatile uint32_t *)device)[i] != 2000;
		printf("wrong %d\n", wrong);
	} else if (!strcmp(argv[1], "forks")) {
		((volatile uint32_t *)device)[0] = 41;
		int status;
		pid_t child = fork();
		if (!child) { ((volatile uint32_t *)device)[0] += 1; _exit(((volatile uint32_t *)device)[0]); }
		waitpid(child, &status, 0);
		printf("child %d\nparent %u\n", WEXITSTATUS(status), ((volatile uint32_t *)device)[0]);
		child = fork();
		if (!child) { pause(); _exit(0); }
		kill(child, SIGSTOP);
		waitpid(child, &status, WUNTRACED);
		printf("stopped %d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
		kill(child, SIGCONT);
		waitpid(child, &status, WCONTINUED);
		printf("continued %d\n", WIFCONTINUED(status) != 0);
		kill(child, SIGTERM);
		waitpid(child, &status, 0);
		printf("terminated %d\n", WTERMSIG(status));
	} else if (!strcmp(argv[1], "disabled")) {
		struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
		sigaction(SIGBUS, &action, 0);
		sigaction(SIGSEGV, &action, 0);
		((volatile uint32_t *)device)[3] = 0x1234;
		pwrite(fd, &off, 2, (off_t)config + 4);
		int signal = sigsetjmp(back, 1);
		if (!signal) printf("loaded %x\n", ((volatile uint32_t *)device)[3]);
		else printf("signal %d code %d there %d\n", signal, fault_code, faulted_at == device + 12);
		pwrite(fd, &command, 2, (off_t)config + 4);
		printf("again %x\n", ((volatile uint32_t *)device)[3]);
		void *file = mmap(0, 4096, PROT_READ, MAP_PRIVATE, open("/proc/self/exe", O_RDONLY), 1 << 30);
		signal = sigsetjmp(back, 1);
		if (!signal) printf("loaded %x\n", *(volatile int *)file);
		else printf("own signal %d\n", signal);
		signal = sigsetjmp(back, 1);
		if (!signal) printf("loaded %x\n", *(volatile int *)16);
		else printf("own signal %d\n", signal);
	} else if (!strcmp(argv[1], "killed")) {
		((volatile uint32_t *)device)[0] = 1;
		raise(SIGKILL);
	} else if (!strcmp(argv[1], "exits")) {
		return (int)((volatile uint32_t *)device)[0] & 0 | 23;
	}
	return 0;
}
