// SPDX-License-Identifier: MIT
/* Tasks 2.1 to 2.4, from outside: a VM, its memory, its vCPU, and one instruction in real mode. */
#include <stdio.h>
#include <string.h>

#include "nonce.h"
#include "test.h"

/* Write a flat image of our own; its path. */
static const char *flat_image(const void *code, size_t len)
{
	const char *path = test_tmpfile("image.bin");
	FILE *f = fopen(path, "w");

	if (!f || fwrite(code, 1, len, f) != len || fclose(f))
		test_error("%s cannot be written", path);
	return path;
}

static u64 reg(const struct outcome *o, const char *name)
{
	u64 value = 0;

	if (!run_report_reg(&o->report, name, &value))
		EXPECT_TRUE(false, "the report has no register %s", name);
	return value;
}

/* Tasks 2.1 to 2.3 come before the guest runs: what it does then, or whether it ends, is not asked.
 */
static struct outcome set_up(const char *option)
{
	return run_vmm(&(struct vmm_run){ .guest = "02/halt",
					  .args = { "--verbose", option },
					  .limit = 1,
					  .only_set_up = true });
}

TEST("2.1", vm_is_made, 1)
{
	struct outcome o = set_up(NULL);

	CONTEXT("--verbose says which version of the API the device speaks, once there is a VM");
	EXPECT_CONTAINS(o.err, "vmm: 2.1 a virtual machine, by version 12 of the KVM API\n");
}

TEST("2.1", vm_errors_told_apart, 2, .seconds = 0.25) /* five starts of the VMM */
{
	struct outcome o = run_guest("02/halt", "--kvm=/dev/null");
	const char *path = test_tmpfile("nonexistent");

	CONTEXT("vm_init() returns what open() or the ioctl said, and checks version and "
		"capability");
	EXPECT_CONTAINS(o.err, "vmm: /dev/null: not KVM; ");
	EXPECT_U64(o.status, 1);
	o = run_guest("02/halt", test_text("--kvm=%s", path));
	EXPECT_CONTAINS(o.err, test_text("vmm: %s: missing; ", path));
	o = run_vmm(&(struct vmm_run){ .guest = "02/halt", .preload = "version=11" });
	EXPECT_CONTAINS(o.err, "another API version; ");
	o = run_vmm(
		&(struct vmm_run){ .guest = "02/halt", .preload = "nocap=KVM_CAP_USER_MEMORY" });
	EXPECT_CONTAINS(o.err, "lacks a capability");
	o = run_vmm(&(struct vmm_run){ .guest = "02/halt", .preload = "create_vm=ENOMEM" });
	EXPECT_CONTAINS(o.err, "Cannot allocate memory");
	EXPECT_U64(o.status, 1);
}

TEST_KVM("2.1", vm_made_despite_a_signal, 1)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "02/halt",
						      .args = { "--verbose" },
						      .preload = "create_vm=EINTR:3",
						      .limit = 1,
						      .only_set_up = true });

	CONTEXT("KVM_CREATE_VM answers EINTR three times: no error, but `again`");
	EXPECT_CONTAINS(o.err, "vmm: 2.1 a virtual machine, by version 12 of the KVM API\n");
}

TEST("2.2", memory_holds_the_image, 2)
{
	char option[40], line[120];
	u64 mib = 1 + nonce_random() % 200;
	struct outcome o;

	snprintf(option, sizeof(option), "--memory=%lluM", (unsigned long long)mib);
	snprintf(line, sizeof(line), "vmm: 2.2 %llu KiB of guest memory; ",
		 (unsigned long long)mib << 10);
	o = set_up(option);
	CONTEXT("the image is written to guest memory with mem_write() and read back with "
		"mem_read()");
	EXPECT_CONTAINS(o.err, line);
	EXPECT_CONTAINS(o.err, "at 0x1000, read back the same\n");
}

TEST("2.2", memory_refused_by_kvm, 2)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "02/halt", .preload = "setmem=ENOMEM" });

	CONTEXT("KVM refuses the memory slot, and mem_add() hands its errno on");
	EXPECT_CONTAINS(o.err, "vmm: guest memory: Cannot allocate memory\n");
	EXPECT_U64(o.status, 1);
}

TEST("2.3", vcpu_is_made, 2)
{
	struct outcome o = set_up(NULL);

	CONTEXT("the vCPU's kvm_run page is mapped, and its CPUID is what this KVM supports");
	EXPECT_CONTAINS(o.err,
			"vmm: 2.3 a vCPU, its kvm_run page mapped, its CPUID with long mode\n");
}

TEST("2.3", vcpu_errors_handed_on, 2)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "02/halt", .preload = "create_vcpu=EEXIST" });

	CONTEXT("KVM refuses the vCPU, then its CPUID: vcpu_init() hands the errno on");
	EXPECT_CONTAINS(o.err, "vmm: the vCPU: File exists\n");
	o = run_vmm(&(struct vmm_run){ .guest = "02/halt", .preload = "cpuid=EINVAL" });
	EXPECT_CONTAINS(o.err, "vmm: the vCPU: Invalid argument\n");
}

TEST("2.4", guest_halts, 4)
{
	struct outcome o = run_guest("02/halt");

	CONTEXT("the guest is one HLT at 0x1000, entered in real mode");
	EXPECT_VERDICT(o, halted);
	EXPECT_U64(o.status, 0);
	EXPECT_EXITS(o, HLT, 1);
	EXPECT_CONTAINS(o.err, "vmm: the guest halted\n");
}

TEST("2.4", real_mode_registers, 4)
{
	/* mov $imm32, %eax; mov %cs, %bx; hlt */
	u8 code[] = { 0x66, 0xb8, 0, 0, 0, 0, 0x8c, 0xcb, 0xf4 };
	u32 imm = (u32)nonce_random();
	struct outcome o;

	memcpy(code + 2, &imm, sizeof(imm));
	o = run_vmm(&(struct vmm_run){ .image = flat_image(code, sizeof(code)) });
	CONTEXT("the guest runs mov $0x%x,%%eax; mov %%cs,%%bx; hlt at 0:0x1000", imm);
	EXPECT_VERDICT(o, halted);
	EXPECT_U64(reg(&o, "rax"), imm);
	EXPECT_U64(reg(&o, "rbx"), 0);
	EXPECT_U64(reg(&o, "cs"), 0);
	EXPECT_U64(reg(&o, "cr0") & 1, 0);
}
