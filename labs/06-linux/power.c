// SPDX-License-Identifier: MIT
#include "power.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "todo.h"

enum verdict power_off(struct run *run)
{
	return run_end(run, V_OFF, 0, "the guest has powered off");
}

enum verdict power_reset(struct run *run)
{
	return run_end(run, V_RESET, 0, "the guest has reset its machine");
}

/* [book:6.7] */
enum verdict power_sleep_write(struct run *run, u8 value)
{
	/* TASK 6.7 */
#if SOL >= 607
	if ((value & SLEEP_ENABLE) && SLEEP_TYPE(value) == POWER_S5)
		return power_off(run);
	return V_RESUME;
#else
	return (TODO("6.7"), V_ERROR);
#endif
}

enum verdict power_reset_write(struct run *run, u8 value)
{
	/* TASK 6.7 */
#if SOL >= 607
	return value == POWER_RESET_VALUE ? power_reset(run) : V_RESUME;
#else
	return (TODO("6.7"), V_ERROR);
#endif
}

enum verdict power_cf9_write(struct power *p, u8 value)
{
	/* TASK 6.7 */
#if SOL >= 607
	bool rises = value & ~p->cf9_value & CF9_RESET;

	p->cf9_value = value;
	return rises ? power_reset(p->run) : V_RESUME;
#else
	return (TODO("6.7"), V_ERROR);
#endif
}

/* The CPU has come to a triple fault: by what it could not help, or on purpose? */
enum verdict power_shutdown(struct run *run, u16 idt_limit)
{
	/* TASK 6.7 */
#if SOL >= 607
	return idt_limit == 0 ? power_reset(run) : V_DEAD;
#else
	return (TODO("6.7"), V_DEAD); /* as in task 2.9 */
#endif
}
/* [book:end] */

static enum verdict acpi_io(struct device *dev, bool write, u64 at, void *data, unsigned size)
{
	struct power *p = container_of(dev, struct power, acpi);
	const u8 *byte = data;

	if (!write) {
		memset(data, 0, size);
		return V_RESUME;
	}
	for (unsigned i = 0; i < size; i++) {
		u64 port = POWER_PORT + at + i;
		enum verdict verdict = V_RESUME;

		if (port == POWER_SLEEP)
			verdict = power_sleep_write(p->run, byte[i]);
		if (port == POWER_RESET)
			verdict = power_reset_write(p->run, byte[i]);
		if (verdict != V_RESUME)
			return verdict;
	}
	return V_RESUME;
}

static enum verdict cf9_io(struct device *dev, bool write, u64 at, void *data, unsigned size)
{
	struct power *p = container_of(dev, struct power, cf9);
	u8 *byte = data;

	/* Who looks for PCI writes 32 bits to 0xcf8: that shall not reset the machine. */
	if (POWER_PCI + at != POWER_CF9 || size != 1) {
		if (!write)
			memset(data, 0xff, size);
		return V_RESUME;
	}
	if (write)
		return power_cf9_write(p, *byte);
	*byte = p->cf9_value;
	return V_RESUME;
}

static enum verdict exit_shutdown_or_reset(struct vcpu *vcpu, void *ctx)
{
	struct power *p = ctx;
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return V_DEAD;
	return power_shutdown(p->run, sregs.idt.limit);
}

int power_init(struct power *p, struct bus *pio, struct vcpu *vcpu, bool kernel)
{
	int err;

	if (kernel)
		vcpu_on_exit(vcpu, KVM_EXIT_SHUTDOWN, exit_shutdown_or_reset, p);
	*p = (struct power){
		.acpi.io = acpi_io,
		.cf9.io = cf9_io,
		.run = &vcpu->vm->run,
	};
	err = bus_add(pio, POWER_PORT, 3, &p->acpi);
	return err ? err : bus_add(pio, POWER_PCI, 4, &p->cf9);
}
