// SPDX-License-Identifier: MIT
#include "io.h"
#include "todo.h"

/* [book:2.5] */
enum verdict exit_io(struct vcpu *vcpu, void *ctx)
{
	enum verdict verdict;
	/* TASK 2.5 */
#if SOL >= 205
	struct kvm_run *run = vcpu->run;
	bool write = run->io.direction == KVM_EXIT_IO_OUT;
	u8 *data = (u8 *)run + run->io.data_offset;

	verdict = bus_io(&vcpu->vm->pio, run->io.port, write, data, run->io.size);
#else
	verdict = (TODO("2.5"), V_ERROR);
#endif
	/* TASK 2.6 */
#if SOL >= 206
	/* A string instruction walks through memory, not through ports: the port stays. */
	for (u32 i = 1; i < run->io.count && verdict == V_RESUME; i++)
		verdict = bus_io(&vcpu->vm->pio, run->io.port, write, data + i * run->io.size,
				 run->io.size);
#else
	if (verdict == V_RESUME && (vcpu->run->io.count > 1 || vcpu->run->io.size > 1))
		return (TODO("2.6"), V_ERROR);
#endif
	return verdict;
}
/* [book:end] */

void io_init(struct vcpu *vcpu)
{
	vcpu_on_exit(vcpu, KVM_EXIT_IO, exit_io, NULL);
}
