// SPDX-License-Identifier: MIT
#include "dirty.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "todo.h"

/* [book:3.11] */
int dirty_log_start(const struct mem *mem, int vm_fd)
{
	/* TASK 3.11 */
#if SOL >= 311
	for (unsigned i = 0; i < mem->nslots; i++) {
		const struct memslot *slot = &mem->slot[i];
		struct kvm_userspace_memory_region region = {
			.slot = slot->id,
			.flags = KVM_MEM_LOG_DIRTY_PAGES,
			.guest_phys_addr = slot->gpa,
			.memory_size = slot->size,
			.userspace_addr = (u64)(uintptr_t)slot->hva,
		};

		if (!slot->readonly && ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
			return -errno;
	}
	return 0;
#else
	return TODO("3.11");
#endif
}

int dirty_log_read(const struct memslot *slot, int vm_fd, dirty_fn *each, void *ctx)
{
	/* TASK 3.11 */
#if SOL >= 311
	const u64 pages = slot->size / PAGE_SIZE_4K;
	u64 *bits = calloc((pages + 63) / 64, sizeof(*bits));
	struct kvm_dirty_log log = { .slot = slot->id, .dirty_bitmap = bits };
	int err = 0;

	if (!bits)
		return -ENOMEM;
	if (ioctl(vm_fd, KVM_GET_DIRTY_LOG, &log) < 0)
		err = -errno;
	for (u64 i = 0; i < pages && !err; i++) {
		if (bits[i / 64] >> i % 64 & 1)
			each(ctx, slot->gpa + i * PAGE_SIZE_4K);
	}
	free(bits);
	return err;
#else
	return TODO("3.11");
#endif
}
/* [book:end] */
