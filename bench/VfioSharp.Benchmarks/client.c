// SPDX-License-Identifier: MIT
// Times VFIO calls and a few others as a program below `vfio run` sees them.
// Prints a line a measure: NAME P50 P99, in nanoseconds. With an argument: only the bare call, on any listener.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 20000

static uint64_t samples[ROUNDS];

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static int order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static void report(const char *name, int rounds)
{
	qsort(samples, rounds, sizeof *samples, order);
	printf("%s %llu %llu\n", name, (unsigned long long)samples[rounds / 2], (unsigned long long)samples[rounds * 99 / 100]);
}

#define MEASURE(name, rounds, call) do { \
	for (int i = 0; i < (rounds) / 4; i++) { call; } \
	for (int i = 0; i < (rounds); i++) { uint64_t start = now(); call; samples[i] = now() - start; } \
	report(name, rounds); } while (0)

static void die(const char *what)
{
	perror(what);
	exit(1);
}

// Two bytes each: a tracer that does nothing else steps over them by that.
#define LOAD(place) asm volatile("mov (%%rdi),%%eax" :: "D"(place) : "eax", "memory")
#define STORE(place) asm volatile("mov %%eax,(%%rdi)" :: "D"(place) : "memory")

// QEMU's pseries clears the first window so: each page on its own, though nothing is mapped.
static int unmaps(int container)
{
	struct { uint32_t argsz, flags; uint64_t iova, size; } unmap = { sizeof unmap, 0, 0, 4096 };
	void *memory = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct { uint32_t argsz, flags; uint64_t vaddr, size; } known = { sizeof known, 0, (uintptr_t)memory, 1 << 20 };
	if (ioctl(container, 0x3b75, &known)) die("register");
	uint64_t start = now();
	for (int i = 0; i < 262144; i++, unmap.iova += 4096)
		if (ioctl(container, 0x3b72, &unmap)) die("unmap");
	samples[0] = now() - start;
	report("262144-unmaps", 1);
	return 0;
}

int main(int argc, char **argv)
{
	char buffer[64];
	struct stat status;
	struct { uint32_t argsz, flags, index, cap; uint64_t size, offset; } region;
	struct { uint32_t argsz, flags; uint64_t vaddr, iova, size; } map;
	struct { uint32_t argsz, flags; uint64_t iova, size; } unmap;

	if (argc > 1 && !strcmp(argv[1], "trap-floor")) {
		int empty = syscall(SYS_memfd_create, "empty", 0);
		void *nothing = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, empty, 0);
		(void)!read(0, buffer, 1);
		MEASURE("trap-floor", ROUNDS / 4, LOAD(nothing));
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "unmaps")) {
		int container = open("/dev/vfio/vfio", O_RDWR), group = open(getenv("VFIO_GROUP"), O_RDWR);
		if (ioctl(group, 0x3b68, &container) || ioctl(container, 0x3b66, 7)) die("set_iommu");
		return unmaps(container);
	}
	if (argc > 1) {
		int any = open("/dev/null", O_RDONLY);
		MEASURE("floor", ROUNDS, ioctl(any, 0x3b64, 0));
		return 0;
	}

	MEASURE("getpid", ROUNDS, syscall(SYS_getpid));
	int zero = open("/dev/zero", O_RDONLY), file = open("/proc/self/exe", O_RDONLY);
	MEASURE("read-zero", ROUNDS, (void)!read(zero, buffer, 8));
	MEASURE("pread-file", ROUNDS, (void)!pread(file, buffer, sizeof buffer, 0));
	MEASURE("open-read", ROUNDS / 4, close(open("/dev/null", O_RDONLY)));
	MEASURE("open-write", ROUNDS / 4, close(open("/dev/null", O_RDWR)));

	int container = open("/dev/vfio/vfio", O_RDWR), group = open(getenv("VFIO_GROUP"), O_RDWR);
	if (container < 0 || group < 0) die("open");
	if (ioctl(group, 0x3b68, &container) || ioctl(container, 0x3b66, 3)) die("set_iommu");
	int device = ioctl(group, 0x3b6a, getenv("VFIO_DEVICE"));
	if (device < 0) die("get_device_fd");
	MEASURE("api-version", ROUNDS, ioctl(container, 0x3b64, 0));
	MEASURE("region-info", ROUNDS, (region.argsz = 32, region.index = 0, ioctl(device, 0x3b6c, &region)));
	MEASURE("pread-bar", ROUNDS, (void)!pread(device, buffer, 4, 0));
	void *memory = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MEASURE("map-unmap", ROUNDS / 4, (
		map.argsz = sizeof map, map.flags = 3, map.vaddr = (uintptr_t)memory, map.iova = 0x100000, map.size = 1 << 20,
		ioctl(container, 0x3b71, &map),
		unmap.argsz = sizeof unmap, unmap.flags = 0, unmap.iova = 0x100000, unmap.size = 1 << 20,
		ioctl(container, 0x3b72, &unmap)));
	MEASURE("stat", ROUNDS / 4, stat("/dev/null", &status));
	MEASURE("fstat", ROUNDS, fstat(file, &status));
	uint16_t command = 6;
	(void)!pwrite(device, &command, 2, (7ull << 40) + 4);
	region.argsz = 32, region.index = 0;
	ioctl(device, 0x3b6c, &region);
	void *registers = mmap(0, region.size, PROT_READ | PROT_WRITE, MAP_SHARED, device, region.offset);
	if (registers == MAP_FAILED) die("mmap");
	MEASURE("trapped-load", ROUNDS / 4, LOAD(registers));
	MEASURE("trapped-store", ROUNDS / 4, STORE((char *)registers + 4));
	return 0;
}
