/* SPDX-License-Identifier: MIT */
/* Task 5.1: the transport. Virtio 1.2, 4.2 (version 2, no legacy): 0x200 bytes of registers. */
#ifndef VIRTIO_MMIO_H
#define VIRTIO_MMIO_H

#include "bus.h"
#include "virtio.h"

/* As QEMU's microvm has them: window n has interrupt 5 + n; the first device gets the last window.
 */
#define VIRTIO_MMIO_GPA	    0xfeb00000ULL
#define VIRTIO_MMIO_SIZE    0x200
#define VIRTIO_MMIO_WINDOWS 8
#define VIRTIO_MMIO_IRQ	    5

/* The registers (4.2.2, Table 4.1), by their offset in bytes; what is W there reads as 0. */
enum virtio_mmio_reg {
	VIRTIO_MMIO_MAGIC_VALUE = 0x000,
	VIRTIO_MMIO_VERSION = 0x004,
	VIRTIO_MMIO_DEVICE_ID = 0x008,
	VIRTIO_MMIO_VENDOR_ID = 0x00c,
	VIRTIO_MMIO_DEVICE_FEATURES = 0x010,	 /* R: 32 of 64 bits: those that ..._SEL says */
	VIRTIO_MMIO_DEVICE_FEATURES_SEL = 0x014, /* W */
	VIRTIO_MMIO_DRIVER_FEATURES = 0x020,	 /* W */
	VIRTIO_MMIO_DRIVER_FEATURES_SEL = 0x024, /* W */
	VIRTIO_MMIO_QUEUE_SEL = 0x030,		 /* W: of which queue; not for NOTIFY */
	VIRTIO_MMIO_QUEUE_NUM_MAX = 0x034,	 /* R */
	VIRTIO_MMIO_QUEUE_NUM = 0x038,		 /* W */
	VIRTIO_MMIO_QUEUE_READY = 0x044,	 /* RW */
	VIRTIO_MMIO_QUEUE_NOTIFY = 0x050,	 /* W: the number of a queue */
	VIRTIO_MMIO_INTERRUPT_STATUS = 0x060,	 /* R */
	VIRTIO_MMIO_INTERRUPT_ACK = 0x064,	 /* W: the bits to be cleared */
	VIRTIO_MMIO_STATUS = 0x070,		 /* RW */
	VIRTIO_MMIO_QUEUE_DESC = 0x080,		 /* W: low half; the high one is 4 further */
	VIRTIO_MMIO_QUEUE_DRIVER = 0x090,	 /* W: the avail ring */
	VIRTIO_MMIO_QUEUE_DEVICE = 0x0a0,	 /* W: the used ring */
	VIRTIO_MMIO_SHM_LEN = 0x0b0,		 /* R: four registers */
	VIRTIO_MMIO_SHM_END = 0x0c0,
	VIRTIO_MMIO_CONFIG_GENERATION = 0x0fc, /* R */
	VIRTIO_MMIO_CONFIG = 0x100,	       /* RW: the configuration space */
};

#define VIRTIO_MMIO_MAGIC  0x74726976 /* "virt" */
#define VIRTIO_MMIO_VENDOR 0x4c4d4d56 /* "VMML" */

struct virtio_mmio_state {
	u32 device_features_sel, driver_features_sel, queue_sel;
};

struct virtio_mmio {
	struct virtio_mmio_state state;
	struct device dev;
	struct virtio *virtio; /* NULL: an empty window: magic and version, device id 0 */
};

/*
 * Given: put window n on the MMIO bus. virtio may be NULL. 0, or what bus_add() says. An access to
 * a register that is not of 4 bytes, or not aligned, reads 0 and is ignored (4.2.2.2).
 */
int virtio_mmio_init(struct virtio_mmio *t, struct bus *mmio, unsigned n, struct virtio *virtio);

/*
 * [task 5.1] The registers (4.2.2), at offset off, a multiple of 4 below VIRTIO_MMIO_CONFIG. What
 * is not there, and what can only be written, reads as 0; what can only be read ignores writes.
 *
 * The features go by halves of 32 bits, of which SEL 0 and 1 exist; the driver's can be written
 * until FEATURES_OK. QUEUE_SEL may say a queue that the device does not have: it has size 0, and
 * ignores writes. Size and addresses are ignored while the queue is ready, and after DRIVER_OK.
 * QUEUE_READY: 1 makes a queue ready if it passes virtq_check(), until DRIVER_OK; a queue that does
 * not pass is virtio_break(). 0 always stops it, and other values do nothing. STATUS:
 * virtio_set_status(), unless the value has more than eight bits: there are no such, it is ignored,
 * and 0x100 is no reset. QUEUE_NOTIFY: virtio_serve(). INTERRUPT_ACK clears bits of
 * INTERRUPT_STATUS, and the interrupt line follows. Shared memory (4.2.2, SHMLen, SHMBase): there
 * is none, which reads as all ones.
 */
u32 virtio_mmio_read(struct virtio_mmio *t, u32 off);
void virtio_mmio_write(struct virtio_mmio *t, u32 off, u32 value);

/*
 * [task 5.1] The configuration space, from byte off of it on: what lies in config_size is the
 * device's own, what lies behind it reads as 0 and ignores writes. An access may lie across the
 * end.
 */
void virtio_mmio_config(struct virtio_mmio *t, bool write, u64 off, void *data, unsigned size);

#endif
