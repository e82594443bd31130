// SPDX-License-Identifier: MIT
/* Tasks 6.3 and 6.4 on a vCPU and a machine of KVM's. */
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "layout.h"
#include "legacy.h"
#include "linux_cpuid.h"
#include "test.h"
#include "vm.h"

#define ENTRIES 256
#define NUMBER	3

/* That entry of what the vCPU answers now. */
static struct kvm_cpuid_entry2 answers(const struct vcpu *vcpu, u32 function)
{
	struct kvm_cpuid_entry2 found = { .function = ~0u };
	struct kvm_cpuid2 *all = calloc(1, sizeof(*all) + ENTRIES * sizeof(all->entries[0]));

	all->nent = ENTRIES;
	if (ioctl(vcpu->fd, KVM_GET_CPUID2, all) < 0)
		test_error("KVM_GET_CPUID2");
	for (u32 i = 0; i < all->nent; i++)
		if (all->entries[i].function == function)
			found = all->entries[i];
	free(all);
	return found;
}

TEST_KVM("6.3", each_vcpu_has_its_number, 0)
{
	struct vcpu vcpu;
	struct vm vm;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(vcpu_init(&vcpu, &vm, NUMBER), 0);
	EXPECT_ERR(linux_cpuid(&vcpu, true), 0);
	CONTEXT("vCPU %u of its machine: the number of the APIC, CPUID leaf 1, EBX bits 31:24",
		NUMBER);
	EXPECT_U64(answers(&vcpu, 1).ebx >> 24, NUMBER);
	vcpu_destroy(&vcpu);
	vm_destroy(&vm);
}

TEST("6.3", what_kvm_refuses_is_handed_on, 0)
{
	struct vcpu none = { .fd = -1 };

	CONTEXT("a vCPU that there is not: each ioctl(2) says EBADF");
	EXPECT_ERR(linux_cpuid(&none, true), -EBADF);
	EXPECT_ERR(linux_cpuid(&none, false), -EBADF);
}

TEST_KVM("6.4", roms_can_only_be_read, 0)
{
	struct vm vm;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(legacy_rom(&vm.mem, vm.fd), 0);
	CONTEXT("the range of the ROMs is one slot, which the guest can only read");
	EXPECT_U64(vm.mem.nslots, 1);
	EXPECT_U64(vm.mem.slot[0].gpa, LEGACY_ROM_GPA);
	EXPECT_U64(vm.mem.slot[0].size, LEGACY_ROM_SIZE);
	EXPECT_TRUE(vm.mem.slot[0].readonly, "the guest can write it");
	CONTEXT("there once more: KVM refuses a slot that overlaps another one");
	EXPECT_ERR(legacy_rom(&vm.mem, vm.fd), -EEXIST);
	vm_destroy(&vm);
}
