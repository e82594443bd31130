// SPDX-License-Identifier: MIT
#include "dead_ends.h"
#include "todo.h"

/* [book:2.9] */
enum verdict exit_hlt(struct vcpu *vcpu, void *ctx)
{
	/* TASK 2.4 */
#if SOL >= 204
	return V_HALTED;
#else
	return (TODO("2.4"), V_ERROR);
#endif
}

enum verdict exit_shutdown(struct vcpu *vcpu, void *ctx)
{
	/* TASK 2.9 */
#if SOL >= 209
	return V_DEAD;
#else
	return (TODO("2.9"), V_ERROR);
#endif
}

enum verdict exit_fail_entry(struct vcpu *vcpu, void *ctx)
{
	/* TASK 2.9 */
#if SOL >= 209
	return V_DEAD;
#else
	return (TODO("2.9"), V_ERROR);
#endif
}

enum verdict exit_internal_error(struct vcpu *vcpu, void *ctx)
{
	/* TASK 2.9 */
#if SOL >= 209
	return V_DEAD;
#else
	return (TODO("2.9"), V_ERROR);
#endif
}
/* [book:end] */

void dead_ends_init(struct vcpu *vcpu)
{
	vcpu_on_exit(vcpu, KVM_EXIT_HLT, exit_hlt, NULL);
	vcpu_on_exit(vcpu, KVM_EXIT_SHUTDOWN, exit_shutdown, NULL);
	vcpu_on_exit(vcpu, KVM_EXIT_FAIL_ENTRY, exit_fail_entry, NULL);
	vcpu_on_exit(vcpu, KVM_EXIT_INTERNAL_ERROR, exit_internal_error, NULL);
}
