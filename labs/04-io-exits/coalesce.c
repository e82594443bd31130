// SPDX-License-Identifier: MIT
#include "coalesce.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "todo.h"

/* [book:4.12] */
int coalesce_zone(struct vcpu *vcpu, u64 gpa, u32 len)
{
	/* TASK 4.12 */
#if SOL >= 412
	struct kvm_coalesced_mmio_zone zone = { .addr = gpa, .size = len };
	int page = ioctl(vcpu->vm->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);

	if (page <= 0 || vcpu->run_size / PAGE_SIZE_4K <= (unsigned)page)
		return -EOPNOTSUPP;
	if (ioctl(vcpu->vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone) < 0)
		return -errno;
	return hook_add(vcpu->after, coalesce_collect, (char *)vcpu->run + page * PAGE_SIZE_4K);
#else
	return TODO("4.12");
#endif
}

enum verdict coalesce_drain(struct kvm_coalesced_mmio_ring *ring, struct bus *mmio)
{
	/* TASK 4.12 */
#if SOL >= 412
	/* Acquire: with `last` we see all that KVM has written before. */
	u32 first = ring->first, last = __atomic_load_n(&ring->last, __ATOMIC_ACQUIRE);
	enum verdict verdict = V_RESUME;

	if (first >= COALESCE_MAX || last >= COALESCE_MAX)
		return V_ERROR;
	while (first != last && verdict == V_RESUME) {
		struct kvm_coalesced_mmio *store = &ring->coalesced_mmio[first];

		if (store->len == 0 || store->len > sizeof(store->data))
			return V_ERROR;
		verdict = bus_io(mmio, store->phys_addr, true, store->data, store->len);
		first = (first + 1) % COALESCE_MAX;
		/* Release: the place is KVM's again, after we have read it. */
		__atomic_store_n(&ring->first, first, __ATOMIC_RELEASE);
	}
	return verdict;
#else
	return (TODO("4.12"), V_ERROR);
#endif
}
/* [book:end] */

enum verdict coalesce_collect(struct vcpu *vcpu, void *ring)
{
	enum verdict verdict = coalesce_drain(ring, &vcpu->vm->mmio);

	if (verdict == V_ERROR) /* whatever the exit was, it is not to blame */
		return run_end(&vcpu->vm->run, V_ERROR, 0,
			       "the stores that waited in the ring could not be done");
	return verdict;
}
