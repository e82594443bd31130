// SPDX-License-Identifier: MIT
#include "trigger.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "inject.h"
#include "trace.h"

enum { PORT_NMI, PORT_EXCEPTION, PORT_ERROR_CODE, PORT_LINE };

static int noise(struct vcpu *vcpu, struct pics *pics)
{
	struct kvm_run *run = vcpu->run;
	struct kvm_interrupt irq;

	if (!pics || !run->ready_for_interrupt_injection || !run->if_flag)
		return 0;
	irq.irq = pics_ack(pics);
	run->ready_for_interrupt_injection = 0;
	trace_note(TRACE_INJECT, .a = (u16)irq.irq);
	return ioctl(vcpu->fd, KVM_INTERRUPT, &irq) < 0 ? -errno : 0;
}

static int write_port(struct trigger *trigger, u64 port, u8 value)
{
	struct vcpu *vcpu = run_vcpu(trigger->run);
	int err = 0;

	switch (port) {
	case PORT_NMI:
		for (u8 i = 0; i < value && !err; i++) {
			trace_note(TRACE_INJECT, .a = 2, .b = 1);
			err = inject_nmi(vcpu);
		}
		return err;
	case PORT_EXCEPTION:
		trace_note(TRACE_INJECT, .a = value, .b = 2);
		err = inject_exception(vcpu, value, trigger->error_code);
		return err == -EINVAL ? 0 : err; /* a vector that no exception has */
	case PORT_ERROR_CODE:
		trigger->error_code = value;
		return 0;
	default:
		if (value & 0x40)
			return noise(vcpu, trigger->pics);
		/* Line 2 is the slave's; KVM would believe us. */
		if ((value & 15) != 2)
			irq_set(&trigger->line[value & 15], value & 0x80);
		return 0;
	}
}

static enum verdict trigger_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct trigger *trigger = container_of(dev, struct trigger, dev);
	const u8 *bytes = data;

	if (!write)
		memset(data, 0, size);
	for (unsigned i = 0; i < size && write; i++)
		if (write_port(trigger, off + i, bytes[i]))
			return V_ERROR;
	return V_RESUME;
}

int trigger_init(struct trigger *trigger, struct vm *vm, struct irqchip *chip, struct pics *pics)
{
	*trigger = (struct trigger){ .dev.io = trigger_io, .run = &vm->run, .pics = pics };
	for (unsigned n = 0; n < ARRAY_SIZE(trigger->line); n++)
		trigger->line[n] = (struct irq_line){ .chip = chip, .n = n };
	return bus_add(&vm->pio, TRIGGER_PORT, TRIGGER_LEN, &trigger->dev);
}
