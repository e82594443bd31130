// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "mem.h"
#include "todo.h"

/* [book:2.2] */
/* TASK 2.2 */
#if SOL >= 202
static int tell_kvm(int vm_fd, const struct memslot *slot)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot->id,
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->size,
		.userspace_addr = (u64)(uintptr_t)slot->hva,
	};

	return ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -errno : 0;
}
#endif

int mem_add(struct mem *mem, int vm_fd, u64 gpa, u64 size)
{
	/* TASK 2.2 */
#if SOL >= 202
	struct memslot slot = { .gpa = gpa, .size = size, .id = mem->nslots };
	int err;

	if (size == 0 || gpa % PAGE_SIZE_4K || size % PAGE_SIZE_4K || gpa > UINT64_MAX - size)
		return -EINVAL;
	if (mem->nslots == MEM_SLOTS_MAX)
		return -ENOSPC;
	slot.hva = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slot.hva == MAP_FAILED)
		return -errno;
	err = tell_kvm(vm_fd, &slot);
	if (err) {
		munmap(slot.hva, size);
		return err;
	}
	mem->slot[mem->nslots++] = slot;
	return 0;
#else
	return TODO("2.2");
#endif
}

void *mem_span(const struct mem *mem, u64 gpa, u64 *len)
{
	/* TASK 2.2 */
#if SOL >= 202
	for (unsigned i = 0; i < mem->nslots; i++) {
		const struct memslot *slot = &mem->slot[i];

		/* Only differences of addresses that are known to be in order: they cannot wrap. */
		if (gpa < slot->gpa || gpa - slot->gpa >= slot->size)
			continue;
		*len = min_u64(*len, slot->size - (gpa - slot->gpa));
		return slot->hva + (gpa - slot->gpa);
	}
	*len = 0;
	return NULL;
#else
	return (TODO("2.2"), NULL);
#endif
}

int mem_read(const struct mem *mem, u64 gpa, void *buf, u64 len)
{
	/* TASK 2.2 */
#if SOL >= 202
	u8 *to = buf;

	while (len) {
		u64 n = len;
		const void *from = mem_span(mem, gpa, &n);

		if (!from)
			return -EFAULT;
		memcpy(to, from, n);
		to += n;
		gpa += n;
		len -= n;
	}
	return 0;
#else
	return TODO("2.2");
#endif
}

int mem_write(struct mem *mem, u64 gpa, const void *buf, u64 len)
{
	/* TASK 2.2 */
#if SOL >= 202
	const u8 *from = buf;

	while (len) {
		u64 n = len;
		void *to = mem_span(mem, gpa, &n);

		if (!to)
			return -EFAULT;
		memcpy(to, from, n);
		from += n;
		gpa += n;
		len -= n;
	}
	return 0;
#else
	return TODO("2.2");
#endif
}
/* [book:end] */

void *mem_span_write(const struct mem *mem, u64 gpa, u64 *len)
{
	for (unsigned i = 0; i < mem->nslots; i++) {
		const struct memslot *slot = &mem->slot[i];

		if (slot->readonly && gpa >= slot->gpa && gpa - slot->gpa < slot->size) {
			*len = 0;
			return NULL;
		}
	}
	return mem_span(mem, gpa, len);
}

bool mem_is_ram(const struct mem *mem, u64 gpa, u64 len, bool write)
{
	while (len) {
		u64 n = len;

		if (!(write ? mem_span_write(mem, gpa, &n) : mem_span(mem, gpa, &n)))
			return false;
		gpa += n;
		len -= n;
	}
	return true;
}

void mem_destroy(struct mem *mem)
{
	for (unsigned i = 0; i < mem->nslots; i++)
		munmap(mem->slot[i].hva, mem->slot[i].size);
	mem->nslots = 0;
}
