// SPDX-License-Identifier: MIT
// An ordinary VFIO test, in the place of yours: it takes a device by VFIO, maps memory for its DMA, checks a refusal and
// reads the device's identity. It uses Type1 or sPAPR TCE v2, whichever the container has, and knows nothing of vfio run.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (1UL << 20)

static void need(int ok, const char *what)
{
	if (ok) {
		printf("ok      %s\n", what);
		return;
	}
	printf("not ok  %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_group(const char *device)
{
	char path[128], link[256];
	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/iommu_group", device);
	ssize_t length = readlink(path, link, sizeof link - 1);
	need(length > 0, "the device has an IOMMU group");
	link[length] = 0;
	snprintf(path, sizeof path, "/dev/vfio/%s", strrchr(link, '/') + 1);
	return open(path, O_RDWR);
}

int main(int argc, char **argv)
{
	const char *address = argc == 2 ? argv[1] : getenv("DEVICE");
	if (!address) {
		fprintf(stderr, "usage: vfio-test DEVICE, as in vfio-test 0000:03:00.0; or DEVICE in the environment\n");
		return 2;
	}

	int container = open("/dev/vfio/vfio", O_RDWR);
	need(container >= 0, "open of the container");
	int group = open_group(address);
	need(group >= 0, "open of the group");
	need(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) == 0, "the group enters the container");

	// Memory that is aligned for kernels with pages of 64 KiB, too.
	void *memory = aligned_alloc(1 << 16, SIZE);
	memset(memory, 0x5a, SIZE);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof map, .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, .vaddr = (uintptr_t)memory, .iova = 1 << 20, .size = SIZE,
	};
	if (ioctl(container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_v2_IOMMU) == 1) {
		need(ioctl(container, VFIO_SET_IOMMU, VFIO_SPAPR_TCE_v2_IOMMU) == 0, "the IOMMU is sPAPR TCE v2");
		struct vfio_iommu_spapr_register_memory memory_area = { .argsz = sizeof memory_area, .vaddr = (uintptr_t)memory, .size = SIZE };
		need(ioctl(container, VFIO_IOMMU_SPAPR_REGISTER_MEMORY, &memory_area) == 0, "memory is registered");
		struct vfio_iommu_spapr_tce_info info = { .argsz = sizeof info };
		need(ioctl(container, VFIO_IOMMU_SPAPR_TCE_GET_INFO, &info) == 0, "the default window is known");
		map.iova = info.dma32_window_start;
	} else {
		need(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0, "the IOMMU is Type1 v2");
	}

	int device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
	need(device >= 0, "the device is opened");
	need(ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0, "memory is mapped for DMA");
	map.iova = 1ULL << 60;
	need(ioctl(container, VFIO_IOMMU_MAP_DMA, &map) < 0, "a mapping beyond what the IOMMU reaches is refused");

	struct vfio_region_info config = { .argsz = sizeof config, .index = VFIO_PCI_CONFIG_REGION_INDEX };
	need(ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config) == 0, "configuration space is found");
	uint32_t identity = 0;
	need(pread(device, &identity, sizeof identity, config.offset) == sizeof identity, "configuration space is read");
	printf("device  %04x:%04x\n", identity & 0xffff, identity >> 16);
	return 0;
}
