// SPDX-License-Identifier: MIT
// A VFIO program that lives dangerously: each first argument is one way. Prints a line a step: NAME VALUE, where
// VALUE is what a call returned, or -ERRNO. VFIO_GROUP is the group's node, VFIO_DEVICE the device's name.
#include "client.h"

// Everything a client does, for ever: killed at any moment, nothing may be left of it.
static void busy(void)
{
	for (;;) {
		if (set_up(0)) continue;
		int event = eventfd(0, EFD_NONBLOCK);
		void *bar = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
		uint32_t id;
		irq(event);
		for (int i = 0; i < 8; i++) map(0x100000 + i * 64 * PAGE, (i + 1) * PAGE);
		if (pread(device, &id, 4, CONFIG) != 4) exit(3);
		unmap(0x100000, 64 * PAGE);
		munmap(bar, PAGE);
		close(event);
		tear_down();
	}
}

static void kill_many(int count)
{
	srand(1);
	for (int i = 0; i < count; i++) {
		pid_t child = fork();
		if (child == 0) busy();
		struct timespec t = { 0, 100000 + rand() % 3000000 };
		nanosleep(&t, 0);
		kill(child, SIGKILL);
		waitpid(child, 0, 0);
	}
	say("set-up", set_up(0));
	say("map", map(0x100000, 64 * PAGE));
}

static void *thread_main(void *unused)
{
	long wrong = 0;
	uint32_t id;
	for (int i = 0; i < 300; i++) {
		wrong += ioctl(container, API) != 0;
		wrong += pread(device, &id, 4, CONFIG) != 4 || (uint16_t)id != 0x1234;
	}
	return (void *)wrong;
}

static void threads(void)
{
	long wrong = 0;
	say("set-up", set_up(0));
	for (int round = 0; round < 3; round++) {
		pthread_t t[8];
		for (int i = 0; i < 8; i++) pthread_create(&t[i], 0, thread_main, 0);
		for (int i = 0; i < 8; i++) { void *r; pthread_join(t[i], &r); wrong += (long)r; }
	}
	say("wrong", wrong);
}

static void forks(void)
{
	int ready[2], go[2], status;
	char c;
	(void)!pipe(ready); (void)!pipe(go);
	say("set-up", set_up(0));
	say("map", map(0x100000, PAGE));
	pid_t child = fork();
	if (child == 0) {
		(void)!read(go[0], &c, 1);
		say("child-api", ioctl(container, API));
		say("child-map", map(0x200000, PAGE));
		say("child-same", map(0x100000, PAGE));
		close(container);
		say("child-closed", ioctl(container, API));
		_exit(0);
	}
	(void)!write(go[1], "", 1);
	waitpid(child, &status, 0);
	say("parent-api", ioctl(container, API));
	say("parent-unmap", unmap(0x200000, PAGE));
	// The child's copies are gone, the parent's are not.
	opened("second", open(getenv("VFIO_GROUP"), O_RDWR));
	tear_down();
	opened("reopen", open(getenv("VFIO_GROUP"), O_RDWR));
}

static void copies(void)
{
	uint32_t id = 0;
	say("set-up", set_up(0));
	int low = dup(device), old = device;
	say("low", low < 64);
	say("read", pread(low, &id, 4, CONFIG));
	say("read-bar", pread(low, &id, 4, 0));
	close(device);
	device = low;
	say("closed", ioctl(old, RESET));
	say("closed-again", close(old));
	say("info", ioctl(low, RESET));
	int moved = dup2(container, 600);
	close(container);
	say("moved", ioctl(600, API));
	dup2(group, 600);
	say("replaced", ioctl(600, API));
	close(group); close(600); close(low);
	opened("reopen", open(getenv("VFIO_GROUP"), O_RDWR));
}

static void held(void)
{
	say("set-up", set_up(0));
	uint8_t *bar = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	say("mapped", bar != MAP_FAILED);
	tear_down();
	opened("by-mapping", open(getenv("VFIO_GROUP"), O_RDWR));
	munmap(bar, PAGE);
	opened("unmapped", open(getenv("VFIO_GROUP"), O_RDWR));
}

static void after_exec(void)
{
	container = atoi(getenv("CONTAINER"));
	group = atoi(getenv("GROUP"));
	memory = mmap(0, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	say("container", ioctl(container, API));
	say("old-map", map(0x100000, PAGE));
	say("new-map", map(0x200000, PAGE));
	say("device", ioctl(atoi(getenv("DEVICE")), RESET));
	device = ioctl(group, DEVICE_FD, getenv("VFIO_DEVICE"));
	opened("device-again", device);
}

static void execs(char *self)
{
	char text[3][16];
	say("set-up", set_up(0));
	say("map", map(0x100000, PAGE));
	sprintf(text[0], "%d", container); setenv("CONTAINER", text[0], 1);
	sprintf(text[1], "%d", group); setenv("GROUP", text[1], 1);
	sprintf(text[2], "%d", device); setenv("DEVICE", text[2], 1);
	execl("/no/such/program", "x", (char *)0);
	say("exec", -1);
	say("still", ioctl(container, API));
	execl(self, self, "after-exec", (char *)0);
}

static volatile int interrupted;
static void on_signal(int s) { interrupted++; }

// Signals do not break calls off. (Without SA_RESTART one that comes before the supervisor took the call up would.)
static void signals(void)
{
	struct sigaction a = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	timer_t timer;
	struct itimerspec often = { { 0, 50000 }, { 0, 50000 } };
	long wrong = 0;
	sigaction(SIGALRM, &a, 0);
	timer_create(CLOCK_MONOTONIC, &(struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM }, &timer);
	say("set-up", set_up(0));
	timer_settime(timer, 0, &often, 0);
	for (int i = 0; i < 3000; i++) wrong += ioctl(container, API) != 0;
	say("wrong", wrong);
	say("interrupted", interrupted > 0);
}

// A counter that cannot take more must not stop whoever signals it; closing it under the host's feet neither.
static void full_event(void)
{
	uint64_t most = ~1ULL;
	uint16_t command = 6;
	uint32_t status = 1;
	int event = eventfd(0, 0);
	say("set-up", set_up(0));
	say("irq", irq(event));
	(void)!write(event, &most, 8);
	pwrite(device, &command, 2, CONFIG + 4);
	say("raise", pwrite(device, &status, 4, 0x60));
	say("raise-again", pwrite(device, &status, 4, 0x60));
	say("api", ioctl(container, API));
}

// A close is over when it returns: what it released can be opened again at once.
static void reopens(int count)
{
	long refused = 0;
	for (int i = 0; i < count; i++) {
		group = open(getenv("VFIO_GROUP"), O_RDWR);
		refused += group < 0;
		close(group);
	}
	say("refused", refused);
}

// Random calls with random arguments: answers do not matter, an end does.
static void hostile(void)
{
	srand(7);
	say("set-up", set_up(0));
	uint8_t *hole = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(hole + PAGE, PAGE);
	int files[] = { container, group, device, -1, 0, 600, 1 << 30 };
	for (int i = 0; i < 20000; i++) {
		int fd = files[rand() % 7];
		uint64_t addresses[] = { 0, 8, (uintptr_t)hole, (uintptr_t)hole + PAGE - rand() % 64, ~0ULL - rand() % 64, (uintptr_t)memory, 0x7ffffffff000ULL };
		uint64_t address = addresses[rand() % 7];
		for (int k = 0; k < 48; k += 4) if (rand() % 4 == 0) *(uint32_t *)(hole + k) = rand() % 3 ? rand() % 64 : rand();
		switch (rand() % 6) {
		case 0: (void)!pread(fd, (void *)address, rand() % 3 ? rand() % 9 : ~0ULL >> rand() % 64, ((uint64_t)(rand() % 12) << 40) + rand() % 300); break;
		case 1: (void)!pwrite(fd, (void *)address, rand() % 9, ((uint64_t)(rand() % 12) << 40) + rand() % 300); break;
		case 2: { size_t n = rand() % 4 * PAGE; void *p = mmap(0, n, rand() % 8, 1 + rand() % 2, fd, (uint64_t)(rand() % 12) << 40); if (p != MAP_FAILED) munmap(p, n); break; }
		case 3: (void)!open((char *)address, O_RDWR); break;
		case 4: (void)!readlink((char *)address, (char *)address, rand() % 100); break;
		default: {
			long made = ioctl(fd, 0x3b64 + rand() % 30, address);
			if (made > 2 && fd == group) close(made);
		}
		}
	}
	say("api", answer(ioctl(container, API)) == 0 || errno == EBADF);
}

int main(int argc, char **argv)
{
	const char *way = argv[1];
	if (!strcmp(way, "busy")) busy();
	else if (!strcmp(way, "kill-many")) kill_many(atoi(argv[2]));
	else if (!strcmp(way, "reopens")) reopens(atoi(argv[2]));
	else if (!strcmp(way, "threads")) threads();
	else if (!strcmp(way, "forks")) forks();
	else if (!strcmp(way, "copies")) copies();
	else if (!strcmp(way, "held")) held();
	else if (!strcmp(way, "execs")) execs(argv[0]);
	else if (!strcmp(way, "after-exec")) after_exec();
	else if (!strcmp(way, "signals")) signals();
	else if (!strcmp(way, "full-event")) full_event();
	else if (!strcmp(way, "hostile")) hostile();
	else if (!strcmp(way, "hold")) { while (set_up(0)) {} map(0x100000, PAGE); pause(); }
	else if (!strcmp(way, "exit")) return 7;
	else if (!strcmp(way, "abort")) raise(SIGKILL);
	return 0;
}
