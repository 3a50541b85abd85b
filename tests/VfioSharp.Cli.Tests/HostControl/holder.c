// SPDX-License-Identifier: MIT
// Holds a device of a host: "req" until it is asked for it back, "irq" until it interrupts, "hold" for ever.
#include "client.h"

static int set_event(int event, uint32_t index)
{
	struct { uint32_t argsz, flags, index, start, count; int32_t fd; } s = { 24, 4 | 32, index, 0, 1, event };
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
	say("held", 0);
	if (!strcmp(argv[1], "hold")) pause();
	(void)!read(event, &count, 8);
	say("heard", count);
	tear_down();
	return 0;
}
