// SPDX-License-Identifier: MIT
#include "doorbell.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "todo.h"

#define RING_LEN 4 /* bytes */

/* [book:4.10] */
int doorbell_connect(struct doorbell *bell, int vm_fd)
{
	/* TASK 4.10 */
#if SOL >= 410
	struct kvm_ioeventfd memory = { .addr = DOORBELL_GPA, .len = RING_LEN };
	struct kvm_ioeventfd port = {
		.addr = DOORBELL_PORT,
		.len = RING_LEN,
		.flags = KVM_IOEVENTFD_FLAG_PIO,
	};

	bell->ring_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bell->ring_fd < 0)
		return -errno;
	memory.fd = port.fd = bell->ring_fd;
	if (ioctl(vm_fd, KVM_IOEVENTFD, &memory) < 0 || ioctl(vm_fd, KVM_IOEVENTFD, &port) < 0)
		return -errno;
	return 0;
#else
	return TODO("4.10");
#endif
}

u32 doorbell_collect(struct doorbell *bell)
{
	/* TASK 4.10 */
#if SOL >= 410
	eventfd_t rings = 0;

	if (bell->ring_fd < 0 || eventfd_read(bell->ring_fd, &rings) < 0)
		return 0;
	bell->state.rings += (u32)rings;
	return (u32)rings;
#else
	return bell->ring_fd < 0 ? 0 : (TODO("4.10"), 0);
#endif
}
/* [book:end] */

static void answer(struct doorbell *bell)
{
	if (!bell->state.wants_irq)
		return;
	irq_pulse(&bell->irq);
	irq_set(&bell->irq, false); /* lab 05's third device has this line, too */
}

static void write_registers(struct doorbell *bell, u64 off, const u8 *data, unsigned size)
{
	if (off < RING_LEN)
		bell->state.rings++;
	if (off <= RING_LEN && off + size > RING_LEN)
		bell->state.wants_irq = data[RING_LEN - off] & 1;
	if (off < RING_LEN)
		answer(bell);
}

/* Both windows show the same registers, one after the other; the port has room for the first. */
static enum verdict bell_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct doorbell *bell = container_of(dev, struct doorbell, dev);

	if (doorbell_collect(bell))
		answer(bell);
	if (write) {
		write_registers(bell, off, data, size);
	} else {
		u32 registers[] = { bell->state.rings, bell->state.wants_irq };

		memcpy(data, (u8 *)registers + off, size);
	}
	return V_RESUME;
}

static void bell_fds(struct source *s, struct pollset *p)
{
	struct doorbell *bell = container_of(s, struct doorbell, source);

	pollset_add(p, bell->ring_fd, POLLIN);
}

static void bell_ready(struct source *s, struct pollset *p)
{
	struct doorbell *bell = container_of(s, struct doorbell, source);

	if (pollset_revents(p, bell->ring_fd) && doorbell_collect(bell))
		answer(bell);
}

int doorbell_init(struct doorbell *bell, struct vm *vm, struct loop *loop, enum doorbell_kind kind)
{
	int err;

	*bell = (struct doorbell){
		.dev.io = bell_io,
		.source = { .fds = bell_fds, .ready = bell_ready },
		.ring_fd = -1,
	};
	err = bus_add(&vm->pio, DOORBELL_PORT, RING_LEN, &bell->dev);
	if (!err)
		err = bus_add(&vm->mmio, DOORBELL_GPA, 2 * RING_LEN, &bell->dev);
	if (err || kind == DOORBELL_EXIT)
		return err;
	err = doorbell_connect(bell, vm->fd);
	return err ? err : loop_add(loop, &bell->source);
}

void doorbell_destroy(struct doorbell *bell)
{
	if (bell->dev.io && bell->ring_fd >= 0)
		close(bell->ring_fd);
	irq_close(&bell->irq);
}
