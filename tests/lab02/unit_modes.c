// SPDX-License-Identifier: MIT
/* Tasks 2.4, 2.7 and 2.8: what KVM has been told, and what lies in guest memory. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu_mode.h"
#include "fake_kvm.h"
#include "nonce.h"
#include "pte.h"
#include "test.h"

static struct vm vm;
static struct vcpu vcpu;
static struct kvm_sregs sregs;
static struct kvm_regs regs;

/* Each of the first n ioctls fails once: what it said comes back. */
static void expect_errors_handed_on(int (*cpu_mode)(struct vcpu *vcpu, u64 entry), unsigned n)
{
	static const struct {
		unsigned long request;
		const char *name;
	} row[] = {
		{ KVM_GET_SREGS, "KVM_GET_SREGS" },
		{ KVM_SET_SREGS, "KVM_SET_SREGS" },
		{ KVM_SET_REGS, "KVM_SET_REGS" },
	};

	for (unsigned i = 0; i < n; i++) {
		fake_kvm = (struct fake_kvm){ .on = true, .fails = row[i].request, .err = -EINTR };
		CONTEXT("%s fails: its errno is handed on", row[i].name);
		EXPECT_ERR(cpu_mode(&vcpu, MiB(1)), -EINTR);
	}
}

TEST("2.4", what_kvm_is_told_of_real_mode, 1)
{
	u64 entry = nonce_random() & 0xffff;
	struct kvm_sregs want;

	vcpu = (struct vcpu){ .vm = &vm, .fd = -1 };
	fake_kvm.on = true;
	for (size_t i = 0; i < sizeof(want); i++)
		((u8 *)&fake_kvm.sregs)[i] = (u8)nonce_random();
	want = fake_kvm.sregs;
	want.cs.selector = 0;
	want.cs.base = 0;
	CONTEXT("real mode at 0:0x%llx: CS and its base 0, all else as KVM_GET_SREGS said",
		(unsigned long long)entry);
	EXPECT_ERR(cpu_mode_real(&vcpu, entry), 0);
	EXPECT_U64(fake_kvm.sregs.cs.selector, 0);
	EXPECT_U64(fake_kvm.sregs.cs.base, 0);
	EXPECT_BYTES_AS("struct kvm_sregs", &fake_kvm.sregs, &want, sizeof(want));
	CONTEXT("RIP is the entry, and RFLAGS 2");
	EXPECT_U64(fake_kvm.regs.rip, entry);
	EXPECT_U64(fake_kvm.regs.rflags, 2);
	expect_errors_handed_on(cpu_mode_real, 3);
}

TEST("2.4", what_an_entry_returns, 1)
{
	static const int err[] = { 0, -EINTR, -EAGAIN, -EFAULT };
	static struct kvm_run page; /* vcpu outlives this function */

	page.exit_reason = KVM_EXIT_HLT;
	vcpu = (struct vcpu){ .vm = &vm, .fd = -1, .run = &page };
	for (unsigned i = 0; i < ARRAY_SIZE(err); i++) {
		fake_kvm = (struct fake_kvm){ .on = true,
					      .fails = err[i] ? KVM_RUN : 0,
					      .err = err[i] };
		CONTEXT("KVM_RUN says `%s`: vcpu_enter() hands that on",
			err[i] ? strerror(-err[i]) : "0");
		EXPECT_ERR(vcpu_enter(&vcpu), err[i]);
	}
}

/* Memory that ends too early: 0 to size. */
static void expect_no_room(int (*cpu_mode)(struct vcpu *vcpu, u64 entry), u64 size)
{
	static u8 ram[BOOT_PD_GPA];

	fake_kvm = (struct fake_kvm){ .on = true };
	vm.mem = (struct mem){ .slot[0] = { .size = size, .hva = ram }, .nslots = 1 };
	vcpu = (struct vcpu){ .vm = &vm, .fd = -1 };
	CONTEXT("guest memory ends at 0x%llx: -EFAULT", (unsigned long long)size);
	EXPECT_ERR(cpu_mode(&vcpu, MiB(1)), -EFAULT);
}

TEST("2.7", no_room_for_the_gdt, 1)
{
	expect_no_room(cpu_mode_protected, BOOT_GDT_GPA);
}

TEST("2.8", no_room_for_the_tables, 1)
{
	expect_no_room(cpu_mode_long, BOOT_GDT_GPA);
	expect_no_room(cpu_mode_long, BOOT_PML4_GPA);
	expect_no_room(cpu_mode_long, BOOT_PDPT_GPA);
	expect_no_room(cpu_mode_long, BOOT_PD_GPA);
}

static void make_vcpu(void)
{
	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0, MiB(2)), 0);
	EXPECT_ERR(vcpu_init(&vcpu, &vm, 0), 0);
}

static void get_registers(void)
{
	EXPECT_ERR(ioctl(vcpu.fd, KVM_GET_SREGS, &sregs), 0);
	EXPECT_ERR(ioctl(vcpu.fd, KVM_GET_REGS, &regs), 0);
}

/* As SDM 3, 27.3.1.2 wants them, and as the contract does: flat, ring 0. */
static void expect_segments(void)
{
	const struct {
		const char *name;
		const struct kvm_segment *seg;
	} row[] = { { "CS", &sregs.cs }, { "DS", &sregs.ds }, { "ES", &sregs.es },
		    { "FS", &sregs.fs }, { "GS", &sregs.gs }, { "SS", &sregs.ss } };

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		const struct kvm_segment *seg = row[i].seg;

		CONTEXT("%s: selector 0x%x, base 0, limit 4 GiB, ring 0, present; code or data",
			row[i].name, i ? 0x10 : 0x08);
		EXPECT_U64(seg->selector, i ? 0x10 : 0x08);
		EXPECT_U64(seg->base, 0);
		EXPECT_U64(seg->limit, 0xffffffff);
		EXPECT_U64(seg->type, i ? 3 : 11);
		EXPECT_TRUE(seg->s && seg->present && !seg->dpl, "it has s %u present %u dpl %u",
			    seg->s, seg->present, seg->dpl);
	}
}

static void expect_gdt(u64 code)
{
	u64 gdt[3];

	CONTEXT("the GDT at 0x8000: null, code 0x%llx, data 0xcf93000000ffff (SDM 3, 3.4.5)",
		(unsigned long long)code);
	EXPECT_U64(sregs.gdt.base, 0x8000);
	EXPECT_U64(sregs.gdt.limit, 23);
	EXPECT_ERR(mem_read(&vm.mem, 0x8000, gdt, sizeof(gdt)), 0);
	EXPECT_U64(gdt[0], 0);
	EXPECT_U64(gdt[1], code);
	EXPECT_U64(gdt[2], 0x00cf93000000ffff);
}

TEST_KVM("2.7", protected_mode_registers, 2)
{
	u64 entry = MiB(1) + (nonce_random() & 0xfff);

	make_vcpu();
	CONTEXT("32-bit protected mode without paging, CR0.PE and ET, flat segments, entered at "
		"0x%llx",
		(unsigned long long)entry);
	EXPECT_ERR(cpu_mode_protected(&vcpu, entry), 0);
	get_registers();
	EXPECT_U64(regs.rip, entry);
	EXPECT_U64(regs.rflags, 2);
	EXPECT_U64(sregs.cr0 & 0x80000011, 0x11);
	EXPECT_TRUE(sregs.cs.db && !sregs.cs.l && sregs.cs.g, "CS has db %u l %u g %u", sregs.cs.db,
		    sregs.cs.l, sregs.cs.g);
	expect_segments();
	expect_gdt(0x00cf9b000000ffff);
	expect_errors_handed_on(cpu_mode_protected, 2);
}

TEST_KVM("2.8", long_mode_registers, 1)
{
	u64 entry = MiB(1) + (nonce_random() & 0xfff);

	make_vcpu();
	CONTEXT("64-bit mode: CR0.PE, ET and PG, CR4.PAE, EFER.LME and LMA, CS.L without D, CR3 "
		"0x9000");
	EXPECT_ERR(cpu_mode_long(&vcpu, entry), 0);
	get_registers();
	EXPECT_U64(regs.rip, entry);
	EXPECT_U64(sregs.cr0 & 0x80000011, 0x80000011);
	EXPECT_U64(sregs.cr4 & 0x20, 0x20);
	EXPECT_U64(sregs.efer & 0x500, 0x500);
	EXPECT_U64(sregs.cr3, 0x9000);
	EXPECT_TRUE(!sregs.cs.db && sregs.cs.l, "CS has db %u l %u", sregs.cs.db, sregs.cs.l);
	expect_gdt(0x00af9b000000ffff);
	expect_errors_handed_on(cpu_mode_long, 2);
}

TEST_KVM("2.8", first_gib_is_mapped_to_itself, 3)
{
	const u64 gib = GiB(1);
	const u64 random = nonce_random() % gib;
	const u64 address[] = { 0, 0x1fffff, 0x200000, random, gib - 1 };

	make_vcpu();
	EXPECT_ERR(cpu_mode_long(&vcpu, MiB(1)), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(address); i++) {
		struct kvm_translation tr = { .linear_address = address[i] };

		CONTEXT("KVM_TRANSLATE of 0x%llx, inside the first GiB",
			(unsigned long long)address[i]);
		EXPECT_ERR(ioctl(vcpu.fd, KVM_TRANSLATE, &tr), 0);
		EXPECT_TRUE(tr.valid, "not mapped");
		EXPECT_U64(tr.physical_address, address[i]);
	}
	for (u64 entry = 0, i = 0; i < 512; i++) {
		EXPECT_ERR(mem_read(&vm.mem, 0xb000 + 8 * i, &entry, 8), 0);
		CONTEXT("entry %llu of the page directory at 0xb000: present, writable, 2 MiB",
			(unsigned long long)i);
		/* Accessed and dirty may have been set by KVM's own walk. */
		EXPECT_U64(entry & ~0x60ull, i << 21 | 0x83);
	}
	for (unsigned i = 0; i < 2; i++) {
		u64 entry = 0;

		EXPECT_ERR(mem_read(&vm.mem, i ? 0xa000 : 0x9000, &entry, 8), 0);
		CONTEXT("entry 0 of the %s leads to the table at 0x%x: a CPU need not have pages "
			"of "
			"1 GiB",
			i ? "PDPT" : "PML4", i ? 0xb000 : 0xa000);
		EXPECT_U64(entry & (PTE_ADDR | PTE_PS | PTE_P), i ? 0xb001 : 0xa001);
	}
	CONTEXT("the first GiB, and no more");
	struct kvm_translation tr = { .linear_address = gib };
	EXPECT_ERR(ioctl(vcpu.fd, KVM_TRANSLATE, &tr), 0);
	EXPECT_TRUE(!tr.valid, "0x40000000 is mapped too");
}
