// SPDX-License-Identifier: MIT
/* Task 3.2, beside KVM: KVM_TRANSLATE (api.rst 4.15) walks the same tables. */
#include <errno.h>
#include <sys/ioctl.h>

#include "cpu_mode.h"
#include "memory.h"
#include "paging.h"

#define TABLES 0x100000ULL
#define ROUNDS 400

static void begin(struct vm *vm, struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	EXPECT_ERR(vm_init(vm, "/dev/kvm"), 0);
	EXPECT_ERR(mem_add(&vm->mem, vm->fd, 0, MiB(4)), 0);
	EXPECT_ERR(vcpu_init(vcpu, vm, 0), 0);
	EXPECT_ERR(cpu_mode_long(vcpu, 0x1000), 0);
	EXPECT_ERR(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), 0);
	sregs.cr3 = TABLES;
	EXPECT_ERR(ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) ? -errno : 0, 0);
}

/* It checks no permission and no canonical address, so only pages and absent entries are compared.
 */
TEST_KVM("3.2", kvm_agrees, 2, .seconds = 0.3)
{
	struct draw d = draw_begin();
	struct machine_memory m;
	struct paging p;
	struct vcpu vcpu;
	struct vm vm;

	begin(&vm, &vcpu);
	machine_memory_init(&m, &vm.mem);
	EXPECT_ERR(paging_of(&vcpu, &p), 0);
	for (int i = 0; i < ROUNDS; i++) {
		u64 gva = (u64)((s64)(draw(&d) << 16) >> 16), entry = 0;
		unsigned last = 1 + (unsigned)draw_below(&d, 2);
		struct kvm_translation t = { .linear_address = gva };
		struct walk w;
		int ret;

		for (unsigned level = 4; level >= last; level--) {
			entry = (TABLES + 0x1000 * (5 - level)) | PTE_P | PTE_RW | PTE_US;
			if (level == last)
				entry = (draw(&d) & MiB(2) & ~(LEVEL_SIZE(level) - 1)) | PTE_RW |
					(level > 1 ? PTE_PS : 0) | (draw_below(&d, 4) ? PTE_P : 0);
			EXPECT_ERR(entry_write(&m.pm,
					       TABLES + 0x1000 * (4 - level) +
						       8 * LEVEL_INDEX(gva, level),
					       entry),
				   0);
		}
		EXPECT_ERR(ioctl(vcpu.fd, KVM_TRANSLATE, &t) ? -errno : 0, 0);
		ret = walk(&p, &m.pm, gva, 0, &w);
		CONTEXT("0x%llx, last entry %llx at level %u", (unsigned long long)gva,
			(unsigned long long)entry, last);
		EXPECT_ERR(ret, t.valid ? 0 : -EACCES);
		if (t.valid)
			EXPECT_U64(w.gpa, t.physical_address);
		for (unsigned level = 4; level >= last; level--)
			entry_write(&m.pm,
				    TABLES + 0x1000 * (4 - level) + 8 * LEVEL_INDEX(gva, level), 0);
	}
}
