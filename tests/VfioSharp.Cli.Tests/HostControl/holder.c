// SPDX-License-Identifier: MIT
// Holds a device of a host: "req" until it is asked for it back, "err" until it reports an error, "irq" until it interrupts by
// INTx, "msi" by MSI, "msix" by MSI-X vector 2 of 3, "dma" after a mapping, "hold" for ever.
#include "client.h"

static int set_event(int event, uint32_t index)
{
	struct { uint32_t argsz, flags, index, start, count; int32_t fd; } s = { 24, 4 | 32, index, 0, 1, event };
	return ioctl(device, SET_IRQS, &s);
}

static int set_last(int event, uint32_t index, uint32_t count)
{
	struct { uint32_t argsz, flags, index, start, count; int32_t fd[3]; } s = { 20 + 4 * count, 4 | 32, index, 0, count, { -1, -1, -1 } };
	uint16_t command = 6;
	s.fd[count - 1] = event;
	pwrite(device, &command, 2, CONFIG + 4);
	return ioctl(device, SET_IRQS, &s);
}

int main(int argc, char **argv)
{
	uint64_t count;
	int event = eventfd(0, 0);
	if (set_up(0)) {
		opened("held", open(getenv("VFIO_GROUP"), O_RDWR));
		return 1;
	}
	map(0x100000, 2 * PAGE);
	if (!strcmp(argv[1], "req")) set_event(event, 4);
	if (!strcmp(argv[1], "irq")) set_event(event, 0);
	if (!strcmp(argv[1], "err")) set_event(event, 3);
	if (!strcmp(argv[1], "msi")) set_last(event, 1, 1);
	if (!strcmp(argv[1], "msix")) set_last(event, 2, 3);
	say("held", 0);
	if (!strcmp(argv[1], "hold")) pause();
	(void)!read(event, &count, 8);
	say("heard", count);
	tear_down();
	return 0;
}
