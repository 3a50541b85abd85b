// SPDX-License-Identifier: MIT
/*
 * The guest's driver of the edu device (docs/specs/edu.rst of QEMU): one attribute in sysfs for each thing that the
 * tests want done. Results of work are read back from the attribute they were asked of, as one line of text.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#define EDU_ID		0x00
#define EDU_LIVENESS	0x04
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_IRQ_STATUS	0x24
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64
#define EDU_DMA_SOURCE	0x80
#define EDU_DMA_DEST	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND	0x98
#define EDU_BUFFER	0x40000
#define EDU_DMA_IRQ	0x100
#define HELD_MOST	64

static int bits = 64;
module_param(bits, int, 0444);
MODULE_PARM_DESC(bits, "address bits for DMA");
static bool msi = true;
module_param(msi, bool, 0444);
MODULE_PARM_DESC(msi, "whether interrupts are messages");

struct edu {
	struct pci_dev *pdev;
	void __iomem *regs;
	bool big_endian;
	struct completion moved;
	atomic_t interrupts;
	atomic_t errors;
	atomic_t resumes;
	char dma_result[96];
	unsigned int held;
	struct {
		void *page;
		dma_addr_t at;
	} holding[HELD_MOST];
};

static u32 edu_read(struct edu *edu, u32 reg)
{
	u32 value = readl(edu->regs + reg);

	return edu->big_endian ? swab32(value) : value;
}

static void edu_write(struct edu *edu, u32 reg, u32 value)
{
	writel(edu->big_endian ? swab32(value) : value, edu->regs + reg);
}

/* Registers of the DMA engine take 8 bytes in one access. */
static void edu_write64(struct edu *edu, u32 reg, u64 value)
{
	writeq(edu->big_endian ? swab64(value) : value, edu->regs + reg);
}

static irqreturn_t edu_interrupt(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = edu_read(edu, EDU_IRQ_STATUS);

	if (status == 0 || status == ~0u)
		return IRQ_NONE;
	edu_write(edu, EDU_IRQ_ACK, status);
	atomic_inc(&edu->interrupts);
	if (status & EDU_DMA_IRQ)
		complete(&edu->moved);
	return IRQ_HANDLED;
}

static int edu_move(struct edu *edu, u64 from, u64 to, u32 count, u32 command)
{
	reinit_completion(&edu->moved);
	edu_write64(edu, EDU_DMA_SOURCE, from);
	edu_write64(edu, EDU_DMA_DEST, to);
	edu_write64(edu, EDU_DMA_COUNT, count);
	edu_write(edu, EDU_DMA_COMMAND, command | 4 | 1);
	return wait_for_completion_timeout(&edu->moved, 20 * HZ) ? 0 : -ETIMEDOUT;
}

/* Memory to the device, and from the device to other memory. */
static void edu_round_trip(struct edu *edu, u32 count)
{
	struct device *dev = &edu->pdev->dev;
	u8 *out = kmalloc(count, GFP_KERNEL | GFP_DMA);
	u8 *in = kzalloc(count, GFP_KERNEL | GFP_DMA);
	dma_addr_t out_at = DMA_MAPPING_ERROR, in_at = DMA_MAPPING_ERROR;
	const char *what = "no memory";
	u32 i;

	if (!out || !in)
		goto free;
	for (i = 0; i < count; i++)
		out[i] = i * 7 + (i >> 8) + 1;
	what = "no mapping";
	out_at = dma_map_single(dev, out, count, DMA_TO_DEVICE);
	in_at = dma_map_single(dev, in, count, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, out_at) || dma_mapping_error(dev, in_at))
		goto unmap;
	what = "no interrupt of the transfer to the device";
	if (edu_move(edu, out_at, EDU_BUFFER, count, 0))
		goto unmap;
	what = "no interrupt of the transfer to memory";
	if (edu_move(edu, EDU_BUFFER, in_at, count, 2))
		goto unmap;
	what = NULL;
unmap:
	if (!dma_mapping_error(dev, out_at))
		dma_unmap_single(dev, out_at, count, DMA_TO_DEVICE);
	if (!dma_mapping_error(dev, in_at))
		dma_unmap_single(dev, in_at, count, DMA_FROM_DEVICE);
	if (!what && memcmp(out, in, count))
		what = "bytes differ";
free:
	snprintf(edu->dma_result, sizeof(edu->dma_result), "%s out=0x%llx in=0x%llx\n", what ?: "same",
		 (unsigned long long)out_at, (unsigned long long)in_at);
	kfree(out);
	kfree(in);
}

static ssize_t id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%x\n", edu_read(dev_get_drvdata(dev), EDU_ID));
}
static DEVICE_ATTR_RO(id);

static ssize_t liveness_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%x\n", edu_read(dev_get_drvdata(dev), EDU_LIVENESS));
}

static ssize_t liveness_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	u32 value;

	if (kstrtou32(buf, 16, &value))
		return -EINVAL;
	edu_write(dev_get_drvdata(dev), EDU_LIVENESS, value);
	return count;
}
static DEVICE_ATTR_RW(liveness);

static ssize_t factorial_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);

	while (edu_read(edu, EDU_STATUS) & 1)
		msleep(1);
	return sysfs_emit(buf, "%u\n", edu_read(edu, EDU_FACTORIAL));
}

static ssize_t factorial_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	u32 value;

	if (kstrtou32(buf, 10, &value))
		return -EINVAL;
	edu_write(dev_get_drvdata(dev), EDU_FACTORIAL, value);
	return count;
}
static DEVICE_ATTR_RW(factorial);

static ssize_t raise_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	u32 value;

	if (kstrtou32(buf, 16, &value))
		return -EINVAL;
	edu_write(dev_get_drvdata(dev), EDU_IRQ_RAISE, value);
	return count;
}
static DEVICE_ATTR_WO(raise);

static ssize_t interrupts_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", atomic_read(&edu->interrupts));
}
static DEVICE_ATTR_RO(interrupts);

static ssize_t dma_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s", edu->dma_result);
}

static ssize_t dma_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	u32 length;

	if (kstrtou32(buf, 10, &length) || length == 0 || length > 4096)
		return -EINVAL;
	edu_round_trip(dev_get_drvdata(dev), length);
	return count;
}
static DEVICE_ATTR_RW(dma);

/* Pages of memory that stay mapped: the device may read the first, write the second, do both with the third. */
static enum dma_data_direction held_direction(unsigned int i)
{
	static const enum dma_data_direction all[] = { DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL };

	return all[i % ARRAY_SIZE(all)];
}

static void edu_release(struct edu *edu)
{
	while (edu->held > 0) {
		unsigned int i = --edu->held;

		dma_unmap_single(&edu->pdev->dev, edu->holding[i].at, PAGE_SIZE, held_direction(i));
		free_page((unsigned long)edu->holding[i].page);
	}
}

static ssize_t hold_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);
	unsigned int i;
	int length = 0;

	for (i = 0; i < edu->held; i++)
		length += sysfs_emit_at(buf, length, "%llx %llx %d\n", (u64)edu->holding[i].at,
					(u64)virt_to_phys(edu->holding[i].page), held_direction(i));
	return length;
}

static ssize_t hold_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct edu *edu = dev_get_drvdata(dev);
	u32 wanted;

	if (kstrtou32(buf, 10, &wanted) || wanted > HELD_MOST)
		return -EINVAL;
	edu_release(edu);
	while (edu->held < wanted) {
		void *page = (void *)__get_free_page(GFP_KERNEL);
		dma_addr_t at;

		if (!page)
			return -ENOMEM;
		at = dma_map_single(dev, page, PAGE_SIZE, held_direction(edu->held));
		if (dma_mapping_error(dev, at)) {
			free_page((unsigned long)page);
			return -EIO;
		}
		edu->holding[edu->held].page = page;
		edu->holding[edu->held++].at = at;
	}
	return count;
}
static DEVICE_ATTR_RW(hold);

static ssize_t recovery_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "errors=%d resumes=%d\n", atomic_read(&edu->errors), atomic_read(&edu->resumes));
}
static DEVICE_ATTR_RO(recovery);

static struct attribute *edu_attrs[] = {
	&dev_attr_id.attr,
	&dev_attr_liveness.attr,
	&dev_attr_factorial.attr,
	&dev_attr_raise.attr,
	&dev_attr_interrupts.attr,
	&dev_attr_dma.attr,
	&dev_attr_hold.attr,
	&dev_attr_recovery.attr,
	NULL,
};
ATTRIBUTE_GROUPS(edu);

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	int ret;

	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	init_completion(&edu->moved);
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(bits));
	if (ret)
		return ret;
	edu->regs = pcim_iomap(pdev, 0, 0);
	if (!edu->regs)
		return -ENOMEM;
	edu->big_endian = readl(edu->regs + EDU_ID) == 0xed000001;
	pci_set_master(pdev);
	pci_set_drvdata(pdev, edu);
	ret = pci_alloc_irq_vectors(pdev, 1, 1, msi ? PCI_IRQ_MSI : PCI_IRQ_INTX);
	if (ret < 0)
		return ret;
	edu_write(edu, EDU_IRQ_ACK, ~0u);
	ret = request_irq(pci_irq_vector(pdev, 0), edu_interrupt, msi ? 0 : IRQF_SHARED, "edu", edu);
	if (ret)
		pci_free_irq_vectors(pdev);
	return ret;
}

static void edu_remove(struct pci_dev *pdev)
{
	edu_release(pci_get_drvdata(pdev));
	free_irq(pci_irq_vector(pdev, 0), pci_get_drvdata(pdev));
	pci_free_irq_vectors(pdev);
	pci_clear_master(pdev);
}

static pci_ers_result_t edu_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct edu *edu = pci_get_drvdata(pdev);

	atomic_inc(&edu->errors);
	return state == pci_channel_io_perm_failure ? PCI_ERS_RESULT_DISCONNECT : PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t edu_slot_reset(struct pci_dev *pdev)
{
	return PCI_ERS_RESULT_RECOVERED;
}

static void edu_resume(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	pci_set_master(pdev);
	atomic_inc(&edu->resumes);
}

static const struct pci_error_handlers edu_error_handlers = {
	.error_detected = edu_error_detected,
	.slot_reset = edu_slot_reset,
	.resume = edu_resume,
};

static const struct pci_device_id edu_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "edu",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
	.err_handler = &edu_error_handlers,
	.dev_groups = edu_groups,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("edu device, driven for tests");
MODULE_LICENSE("Dual MIT/GPL");
