// SPDX-License-Identifier: MIT
// A device with memory of its own: BAR 2 is memory throughout, BAR 4 is 64 KiB of registers with 64 KiB of memory behind.
#include "client.h"
#include <setjmp.h>

#define MEMORY (2ULL << 40)
#define MIXED (4ULL << 40)
#define REGISTERS 0x10000
#define ALL (PROT_READ | PROT_WRITE)

static sigjmp_buf back;
static void on_fault(int signal) { siglongjmp(back, signal); }

static uint32_t volatile *bar(uint64_t offset, uint64_t size)
{
	void *at = mmap(0, size, ALL, MAP_SHARED, device, (off_t)offset);
	if (at == MAP_FAILED) { printf("no mapping\n"); exit(1); }
	return at;
}

static unsigned long read32(uint64_t offset)
{
	uint32_t value = 0;
	pread(device, &value, 4, (off_t)offset);
	return value;
}

static void write32(uint64_t offset, uint32_t value) { pwrite(device, &value, 4, (off_t)offset); }

static void decode(int on) { uint16_t command = on ? 7 : 0; pwrite(device, &command, 2, CONFIG + 4); }

static long long nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static double loads(uint32_t volatile *at, int count)
{
	long long start = nanoseconds();
	for (int i = 0; i < count; i++) (void)at[i & 255];
	return (double)(nanoseconds() - start) / count;
}

int main(int argc, char **argv)
{
	if (set_up(0)) { printf("no device\n"); return 1; }
	decode(1);
	signal(SIGBUS, on_fault);
	if (!strcmp(argv[1], "shares")) {
		uint32_t volatile *m = bar(MEMORY, 1 << 20);
		m[3] = 0x1234;
		printf("read %lx\n", read32(MEMORY + 12));
		write32(MEMORY + 16, 0x5678);
		printf("loaded %x\n", m[4]);
		write32(8, 2);
		write32(0x10, 0xab);
		printf("filled %x\n", m[0x3ffff]);
		m[0] = 0;
		printf("sum %lx\n", read32(0x14));
	} else if (!strcmp(argv[1], "mixed")) {
		uint32_t volatile *m = bar(MIXED, 0x20000), *part = bar(MIXED + REGISTERS, PAGE);
		part[5] = 0x77;
		printf("memory %x\n", m[REGISTERS / 4 + 5]);
		fflush(stdout);
		int got = sigsetjmp(back, 1);
		if (!got) printf("register %x\n", m[0]);
		else printf("signal %d\n", got);
	} else if (!strcmp(argv[1], "moves")) {
		uint32_t volatile *m = bar(MEMORY, 1 << 20);
		m[1] = 1;
		m = mremap((void *)m, 1 << 20, 2 * PAGE, MREMAP_MAYMOVE);
		m = mremap((void *)m, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, mmap(0, PAGE, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		close(device);
		if (!fork()) { m[1] += 1; _exit(0); }
		wait(0);
		printf("children's %x\n", m[1]);
		munmap((void *)m, PAGE);
		printf("again %d\n", (device = ioctl(group, DEVICE_FD, getenv("VFIO_DEVICE"))) >= 0);
		printf("kept %lx\n", read32(MEMORY + 4));
	} else if (!strcmp(argv[1], "twice")) {
		int first = device, second = ioctl(group, DEVICE_FD, getenv("VFIO_DEVICE"));
		uint32_t volatile *m = bar(MEMORY, PAGE);
		device = second;
		uint32_t volatile *n = bar(MEMORY, PAGE);
		m[0] = 9;
		printf("second's %x\n", n[0]);
		close(first);
		munmap((void *)m, PAGE);
		printf("open %lx\n", read32(0));
		// As long as one is open, the group is busy.
		printf("unset %ld\n", answer(ioctl(group, UNSET)));
		close(second);
		munmap((void *)n, PAGE);
		printf("unset %ld\n", answer(ioctl(group, UNSET)));
	} else if (!strcmp(argv[1], "disabled")) {
		uint32_t volatile *m = bar(MEMORY, PAGE);
		m[0] = 5;
		decode(0);
		int got = sigsetjmp(back, 1);
		if (!got) printf("loaded %x\n", m[0]);
		else printf("signal %d\n", got);
		decode(1);
		printf("loaded %x\n", m[0]);
	} else if (!strcmp(argv[1], "dma")) {
		// Another device of the machine reads and writes this one's memory.
		uint32_t volatile *m = bar(MEMORY, PAGE);
		memory = (uint8_t *)m;
		printf("map %ld\n", answer(map(0x100000, PAGE)));
		m[0] = 0xfeed;
		printf("unmap %ld\n", answer(unmap(0x100000, PAGE)));
	} else if (!strcmp(argv[1], "truncates")) {
		// What a program does to the file behind its descriptor is its own loss.
		uint32_t volatile *m = bar(MEMORY, PAGE);
		m[0] = 5;
		printf("truncated %d\n", ftruncate(device, 0));
		write32(8, 2);
		write32(0x10, 1);
		printf("sum %d\n", read32(0x14) != 12345);
		printf("identification %lx\n", read32(0));
	} else if (!strcmp(argv[1], "time")) {
		loads(bar(MEMORY, PAGE), 100000);
		printf("native %.1f ns, trapped %.0f ns\n", loads(bar(MEMORY, PAGE), 1000000), loads(bar(MIXED, PAGE), 1000));
	}
	return 0;
}
