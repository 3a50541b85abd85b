// SPDX-License-Identifier: MIT
// What the test programs share: a container, a group and a device, and the calls on them.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { API = 0x3b64, CHECK, SET_IOMMU, STATUS, SET_CONTAINER, UNSET, DEVICE_FD, DEV_INFO, REGION_INFO, IRQ_INFO, SET_IRQS, RESET };
enum { MAP = 0x3b71, UNMAP };
#define PAGE 4096UL
#define CONFIG (7ULL << 40)

struct map { uint32_t argsz, flags; uint64_t vaddr, iova, size; };

static int container, group, device;
static uint8_t *memory;

static long answer(long r) { return r < 0 ? -errno : r; }
static void say(const char *name, long r) { printf("%s %ld\n", name, r < 0 ? -errno : r); fflush(stdout); }
static void opened(const char *name, long r) { printf("%s %s\n", name, r < 0 ? strerrorname_np(errno) : "open"); fflush(stdout); }

static long map(uint64_t iova, uint64_t size)
{
	struct map m = { sizeof m, 3, (uintptr_t)memory, iova, size };
	return ioctl(container, MAP, &m);
}

static long unmap(uint64_t iova, uint64_t size)
{
	struct { uint32_t argsz, flags; uint64_t iova, size; } u = { 24, 0, iova, size };
	return ioctl(container, UNMAP, &u);
}

static long irq(int event)
{
	struct { uint32_t argsz, flags, index, start, count; int32_t fd; } s = { 24, 4 | 32, 0, 0, 1, event };
	return ioctl(device, SET_IRQS, &s);
}

static int set_up(int flags)
{
	container = open("/dev/vfio/vfio", O_RDWR | flags);
	group = open(getenv("VFIO_GROUP"), O_RDWR | flags);
	if (container < 0 || group < 0 || ioctl(group, SET_CONTAINER, &container) || ioctl(container, SET_IOMMU, 3)) {
		close(group);
		close(container);
		return -1;
	}
	device = ioctl(group, DEVICE_FD, getenv("VFIO_DEVICE"));
	if (!memory) memory = mmap(0, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return device < 0 ? -1 : 0;
}

static void tear_down(void) { close(device); close(group); close(container); }
