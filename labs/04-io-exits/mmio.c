// SPDX-License-Identifier: MIT
#include "mmio.h"

#include "todo.h"

/* [book:4.1] */
enum verdict exit_mmio_bus(struct vcpu *vcpu, void *ctx)
{
	/* TASK 4.1 */
#if SOL >= 401
	struct kvm_run *run = vcpu->run;

	if (run->mmio.len == 0 || run->mmio.len > sizeof(run->mmio.data))
		return V_ERROR;
	return bus_io(&vcpu->vm->mmio, run->mmio.phys_addr, run->mmio.is_write, run->mmio.data,
		      run->mmio.len);
#else
	return (TODO("4.1"), V_ERROR);
#endif
}
/* [book:end] */

void mmio_init(struct vcpu *vcpu)
{
	vcpu_on_exit(vcpu, KVM_EXIT_MMIO, exit_mmio_bus, NULL);
}
