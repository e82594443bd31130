// SPDX-License-Identifier: MIT
#include "slots.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "todo.h"

const char rom_text[] = "This is read-only memory.\n";

/* [book:3.10] */
int mem_add_readonly(struct mem *mem, int vm_fd, u64 gpa, u64 size)
{
	/* TASK 3.10 */
#if SOL >= 310
	struct memslot slot = { .gpa = gpa, .size = size, .id = mem->nslots, .readonly = true };
	struct kvm_userspace_memory_region region = {
		.slot = slot.id,
		.flags = KVM_MEM_READONLY,
		.guest_phys_addr = gpa,
		.memory_size = size,
	};

	if (size == 0 || gpa % PAGE_SIZE_4K || size % PAGE_SIZE_4K || gpa > UINT64_MAX - size)
		return -EINVAL;
	if (mem->nslots == MEM_SLOTS_MAX)
		return -ENOSPC;
	slot.hva = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slot.hva == MAP_FAILED)
		return -errno;
	region.userspace_addr = (u64)(uintptr_t)slot.hva;
	if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0) {
		int err = -errno;

		munmap(slot.hva, size);
		return err;
	}
	mem->slot[mem->nslots++] = slot;
	return 0;
#else
	return TODO("3.10");
#endif
}

int rom_init(struct mem *mem, int vm_fd)
{
	/* TASK 3.10 */
#if SOL >= 310
	int err = mem_add_readonly(mem, vm_fd, ROM_GPA, ROM_SIZE);

	return err ? err : mem_write(mem, ROM_GPA, rom_text, strlen(rom_text));
#else
	return 0; /* no ROM yet */
#endif
}

int memory_map_init(struct mem *mem, int vm_fd, u64 size)
{
	/* TASK 3.10 */
#if SOL >= 310
	int err = mem_add(mem, vm_fd, 0, min_u64(size, LOW_END_GPA));

	if (!err && size > HIGH_GPA)
		err = mem_add(mem, vm_fd, HIGH_GPA, size - HIGH_GPA);
	return err ? err : rom_init(mem, vm_fd);
#else
	/* One piece, without holes: what the tasks before this one need. */
	return mem_add(mem, vm_fd, 0, size);
#endif
}

enum verdict exit_mmio(struct vcpu *vcpu, void *ctx)
{
	/* TASK 3.10 */
#if SOL >= 310
	if (!vcpu->run->mmio.is_write)
		memset(vcpu->run->mmio.data, 0xff, sizeof(vcpu->run->mmio.data));
	return V_RESUME;
#else
	return (TODO("3.10"), V_ERROR);
#endif
}
/* [book:end] */

void slots_init(struct vcpu *vcpu)
{
	vcpu_on_exit(vcpu, KVM_EXIT_MMIO, exit_mmio, NULL);
}
