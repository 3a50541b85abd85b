// SPDX-License-Identifier: MIT
// A VFIO program that means harm: each first argument is one way. Prints a line a step: NAME VALUE.
#include "client.h"
#include <dirent.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

static volatile int stop;
static uint8_t *hole;

// A page, and behind it nothing.
static void make_hole(void)
{
	hole = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(hole + PAGE, PAGE);
}

// Paths of every shape, at places that can be read in part or not at all, into buffers that cannot be written.
static void paths(void)
{
	static const char *parts[] = { "/sys/bus/pci/devices/", "0000:03:00.0", "/", "..", ".", "//", "/dev/vfio/", "vfio", "/sys/", "/proc/", "self/status", "driver", "\xff\xfe", "iommu_group", "/dev/iommu", "config", "%s%n", "1" };
	srand(11);
	make_hole();
	for (int i = 0; i < 20000; i++) {
		char text[6000] = "";
		int count = rand() % (rand() % 50 ? 8 : 500);
		for (int k = 0; k < count; k++) strcat(text, parts[rand() % 18]);
		size_t length = strlen(text);
		if (length > PAGE) length = PAGE;
		// Often without an end: it would be in the hole.
		char *path = (char *)hole + PAGE - length - (rand() % 2);
		if ((uint8_t *)path < hole) path = (char *)hole;
		memcpy(path, text, length);
		uint64_t bad[] = { 0, 1, (uintptr_t)hole + PAGE - 20, ~0ULL - 100, (uintptr_t)hole, 0x7ffffffff000ULL };
		void *buffer = (void *)bad[rand() % 6];
		const char *named = rand() % 10 ? path : buffer;
		int fd = -1;
		switch (rand() % 9) {
		case 0: fd = open(named, rand() % 0x400000 & ~(O_CREAT | O_TRUNC)); break;
		case 1: fd = syscall(SYS_openat, rand() % 40 - 20, named, rand() % 3 | (rand() % 2 ? 0x200000 : 0)); break;
		case 2: (void)syscall(SYS_stat, named, buffer); break;
		case 3: (void)syscall(SYS_newfstatat, rand() % 40 - 20, named, buffer, rand() % 0x2000); break;
		case 4: (void)syscall(SYS_statx, rand() % 40 - 20, named, rand() % 0x2000, rand(), buffer); break;
		case 5: (void)syscall(SYS_faccessat2, -100, named, rand() % 16, rand() % 0x400); break;
		case 6: (void)syscall(SYS_readlinkat, -100, named, buffer, rand() % 3 ? rand() % 300 : -1); break;
		case 7: (void)syscall(SYS_lstat, named, buffer); break;
		default: (void)syscall(SYS_lgetxattr, named, buffer, buffer, rand());
		}
		if (fd > 2) close(fd);
	}
	say("set-up", set_up(0));
}

static void *change(void *at)
{
	uint32_t seed = 1;
	while (!stop) {
		seed = seed * 1664525 + 1013904223;
		((volatile uint32_t *)at)[seed >> 8 & 7] = seed & 1 ? seed : seed & 0xfff;
	}
	return 0;
}

// Arguments that change while they are read.
static void changing(void)
{
	pthread_t changer;
	say("set-up", set_up(0));
	struct map *m = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_create(&changer, 0, change, m);
	for (int i = 0; i < 30000; i++) {
		m->argsz = 32, m->flags = 3, m->vaddr = (uintptr_t)memory;
		(void)ioctl(i % 3 ? container : device, i % 3 ? i % 2 ? MAP : UNMAP : i % 2 ? SET_IRQS : REGION_INFO, m);
	}
	stop = 1;
	pthread_join(changer, 0);
	struct { uint32_t argsz, flags; uint64_t iova, size; } all = { 24, 2, 0, 0 };
	say("unmapped", ioctl(container, UNMAP, &all) < 0);
	say("map", map(0x100000, PAGE));
}

// A descriptor by a socket: another process has it, and it is the same file.
static void sockets(void)
{
	int ends[2], status;
	say("set-up", set_up(0));
	say("map", map(0x100000, PAGE));
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	char space[CMSG_SPACE(2 * sizeof(int))] = "", byte = 0;
	struct iovec text = { &byte, 1 };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space };
	pid_t child = fork();
	if (!child) {
		tear_down();
		recvmsg(ends[1], &message, 0);
		int *got = (int *)CMSG_DATA(CMSG_FIRSTHDR(&message)), result = 0;
		container = got[0];
		uint32_t id = 0;
		result |= ioctl(container, API) != 0;
		result |= (map(0x100000, PAGE) != -1 || errno != EEXIST) << 1;
		result |= (pread(got[1], &id, 4, CONFIG) != 4 || id != 0x11e81234) << 2;
		_exit(result);
	}
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(header), (int[]) { container, device }, 2 * sizeof(int));
	sendmsg(ends[0], &message, 0);
	tear_down();
	waitpid(child, &status, 0);
	say("child", WEXITSTATUS(status));
	opened("reopen", open(getenv("VFIO_GROUP"), O_RDWR));
}

// No number is free, then few, then the limit is below what the supervisor gives out.
static void full_table(void)
{
	static int taken[4096];
	int count = 0, fd;
	while (count < 4096 && (fd = dup(0)) >= 0) taken[count++] = fd;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (count < 4096) opened("full", open("/dev/vfio/vfio", O_RDWR));
	else {
		limit.rlim_cur = 300;
		setrlimit(RLIMIT_NOFILE, &limit);
		opened("full", open("/dev/vfio/vfio", O_RDWR));
	}
	close(taken[10]);
	opened("folder", open("/sys/bus/pci/devices", O_RDONLY));
	for (int i = 0; i < count; i++) close(taken[i]);
	limit.rlim_cur = 40;
	setrlimit(RLIMIT_NOFILE, &limit);
	say("set-up", set_up(0));
	say("map", map(0x100000, PAGE));
}

// 1 when a call's answer is wrong; the first one of all threads is told.
static long is_wrong(const char *call, int wrong)
{
	static int told;
	if (wrong && !__sync_lock_test_and_set(&told, 1)) printf("%s: errno %d\n", call, errno);
	return wrong;
}

static void *hammer(void *number)
{
	intptr_t me = (intptr_t)number;
	long wrong = 0;
	for (int i = 0; i < 300; i++) {
		struct stat status;
		uint32_t id = 0;
		uint64_t iova = 0x1000000 + me * 0x100000;
		wrong += is_wrong("map", map(iova, PAGE) != 0);
		wrong += is_wrong("pread", pread(device, &id, 4, CONFIG) != 4 || id != 0x11e81234);
		wrong += is_wrong("stat", stat("/sys/bus/pci/devices/0000:03:00.0", &status) != 0 || !S_ISDIR(status.st_mode));
		wrong += is_wrong("unmap", unmap(iova, PAGE) != 0);
	}
	return (void *)wrong;
}

static void many_threads(int count)
{
	pthread_t threads[256];
	void *wrong;
	long all = 0;
	say("set-up", set_up(0));
	for (intptr_t i = 0; i < count; i++) pthread_create(&threads[i], 0, hammer, (void *)i);
	for (int i = 0; i < count; i++) { pthread_join(threads[i], &wrong); all += (long)wrong; }
	say("wrong", all);
}

// What was written through a folder's descriptor is the attribute's, not the picture's.
static void relative(void)
{
	int devices = open("/sys/bus/pci/devices", O_RDONLY | O_DIRECTORY), names = 0;
	DIR *listing = opendir("/sys/bus/pci/devices/0000:03:00.0");
	while (listing && readdir(listing)) names++;
	say("names", names > 15);
	int attribute = openat(devices, "0000:03:00.0/driver_override", O_WRONLY);
	say("written", write(attribute, "pci-stub\n", 9));
	close(attribute);
	char text[64] = "";
	int reading = openat(devices, "0000:03:00.0/driver_override", O_RDONLY);
	(void)!read(reading, text, 63);
	say("relative", strcmp(text, "pci-stub\n"));
	FILE *file = fopen("/sys/bus/pci/devices/0000:03:00.0/driver_override", "r");
	(void)!fgets(text, 63, file);
	say("absolute", strcmp(text, "pci-stub\n"));
	say("config", openat(devices, "0000:03:00.0/config", O_RDWR));
}

int main(int argc, char **argv)
{
	const char *way = argv[1];
	if (!strcmp(way, "paths")) paths();
	else if (!strcmp(way, "changing")) changing();
	else if (!strcmp(way, "sockets")) sockets();
	else if (!strcmp(way, "full-table")) full_table();
	else if (!strcmp(way, "many-threads")) many_threads(atoi(argv[2]));
	else if (!strcmp(way, "relative")) relative();
	return 0;
}
