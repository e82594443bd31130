// SPDX-License-Identifier: MIT
/* Stretch tasks 6.9 to 6.11: memory above the hole, a CPU by its level, registers of one's own. */
#include <errno.h>
#include <linux/kvm.h>

#include "cpu_level.h"
#include "high.h"
#include "kernel.h"
#include "msrs.h"
#include "nonce.h"
#include "vm.h"

/* --- 6.9 --- */

TEST("6.9", one_range_more, 0)
{
	const u64 above = (1 + nonce_random() % 1000) * MiB(1);
	struct ranges r;

	ranges_of(&r, MEMORY_MAX);
	high_range(&r, above);
	CONTEXT("3 GiB and %llu MiB", (unsigned long long)above >> 20);
	EXPECT_U64(r.count, 4);
	EXPECT_U64(r.range[2].gpa, 0x100000);
	EXPECT_U64(r.range[2].size, 0xbff00000);
	EXPECT_U64(r.range[3].gpa, 0x100000000);
	EXPECT_U64(r.range[3].size, above);
	EXPECT_U64(r.range[3].type, 1);
	CONTEXT("what lies below 4 GiB ends at 3 GiB, as before");
	EXPECT_U64(ranges_ram_end(&r, GiB(4)), 0xc0000000);
	EXPECT_U64(ranges_ram_end(&r, UINT64_MAX), 0x100000000 + above);
}

TEST_KVM("6.9", one_slot_more, 0)
{
	struct vm vm;
	u64 len = 16;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(high_init(&vm.mem, vm.fd, MiB(2)), 0);
	EXPECT_U64(vm.mem.nslots, 1);
	EXPECT_U64(vm.mem.slot[0].gpa, 0x100000000);
	EXPECT_U64(vm.mem.slot[0].size, 0x200000);
	EXPECT_TRUE(mem_span(&vm.mem, 0x1001ffff8, &len), "its last bytes are no RAM");
	EXPECT_U64(len, 8);
	CONTEXT("what KVM refuses is handed on: a size that is not of whole pages");
	EXPECT_ERR(high_init(&vm.mem, vm.fd, 4095), -EINVAL);
	vm_destroy(&vm);
}

/* --- 6.10 --- */

#define ALL 0xffffffff

static struct kvm_cpuid_entry2 made(u32 function, u32 index, enum cpu_level level)
{
	struct kvm_cpuid_entry2 e = {
		.function = function, .index = index, .eax = ALL, .ebx = ALL, .ecx = ALL, .edx = ALL
	};

	cpu_level_entry(&e, level);
	return e;
}

static void expect_entry(struct kvm_cpuid_entry2 e, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	EXPECT_U64(e.eax, eax);
	EXPECT_U64(e.ebx, ebx);
	EXPECT_U64(e.ecx, ecx);
	EXPECT_U64(e.edx, edx);
}

/* By the psABI's table 3.1 and the manuals' numbers of the bits; EDX of leaves 1 and 0x80000001 are
 * what QEMU calls qemu64 there, with all that it may have. */
TEST("6.10", each_leaf_of_each_level, 0)
{
	static const u32 leaf_1_ecx[] = { 0, 0x81200000, 0x81b82201, 0xb5f83201 },
			 amd_ecx[] = { 0, 0, 0x1, 0x21 }, leaf_7_ebx[] = { 0, 0, 0, 0x128 };

	for (enum cpu_level level = CPU_V1; level <= CPU_V3; level++) {
		bool xsave = level == CPU_V3;

		CONTEXT("%s, of a CPU whose bits are all 1: leaves 1, 7, 0x80000001, 8, 0x21",
			cpu_level_name(level));
		expect_entry(made(1, 0, level), ALL, ALL, leaf_1_ecx[level], 0x078bfbff);
		expect_entry(made(7, 0, level), 0, leaf_7_ebx[level], 0, 0);
		expect_entry(made(7, 1, level), 0, 0, 0, 0);
		expect_entry(made(0x80000001, 0, level), ALL, ALL, amd_ecx[level], 0x2193fbff);
		expect_entry(made(0x80000008, 0, level), ALL, 0, ALL, ALL);
		expect_entry(made(0x80000021, 0, level), 0, 0, 0, 0);
		CONTEXT("%s: what XSAVE saves", cpu_level_name(level));
		expect_entry(made(0xd, 0, level), xsave ? 7 : 0, xsave ? 832 : 0, xsave ? 832 : 0,
			     0);
		expect_entry(made(0xd, 1, level), 0, 0, 0, 0);
		expect_entry(made(0xd, 2, level), xsave ? ALL : 0, xsave ? ALL : 0, xsave ? ALL : 0,
			     xsave ? ALL : 0);
		expect_entry(made(0xd, 9, level), 0, 0, 0, 0);
		CONTEXT("%s: other leaves stay", cpu_level_name(level));
		expect_entry(made(0, 0, level), ALL, ALL, ALL, ALL);
		expect_entry(made(0x40000001, 0, level), ALL, ALL, ALL, ALL);
	}
}

TEST("6.10", what_is_not_there_stays_so, 0)
{
	struct kvm_cpuid_entry2 e = { .function = 1, .ecx = 0x00800000, .edx = 0x06000001 };

	cpu_level_entry(&e, CPU_V2);
	expect_entry(e, 0, 0, 0x00800000, 0x06000001);
}

TEST("6.10", its_name, 0)
{
	char name[49] = "";

	for (u32 i = 0; i < 3; i++) {
		struct kvm_cpuid_entry2 e = made(0x80000002 + i, 0, CPU_V3);
		const u32 part[] = { e.eax, e.ebx, e.ecx, e.edx };

		memcpy(name + 16 * i, part, sizeof(part));
	}
	EXPECT_STR(name, "vmmlab x86-64-v3");
	for (unsigned i = 16; i < 48; i++)
		EXPECT_U64(name[i], 0);
}

/* A list of three entries, without the bits of that row. */
static const char *missing_without(const struct cpu_feature *f, enum cpu_level level)
{
	static _Alignas(struct kvm_cpuid2)
		u8 bytes[sizeof(struct kvm_cpuid2) + 4 * sizeof(struct kvm_cpuid_entry2)];
	struct kvm_cpuid2 *list = (struct kvm_cpuid2 *)bytes;
	struct kvm_cpuid_entry2 *e = &list->entries[f->function == 1 ? 2 : 3];

	list->nent = 4;
	list->entries[0] = (struct kvm_cpuid_entry2){ .function = 7, .index = 1 };
	list->entries[1] = made(0x40000001, 0, CPU_V1);
	list->entries[2] = (struct kvm_cpuid_entry2){ .function = 1, .ecx = ALL, .edx = ALL };
	list->entries[3] =
		(struct kvm_cpuid_entry2){ .function = 0x80000001, .ecx = ALL, .edx = ALL };
	if (f->function == 7 || level == CPU_V3)
		list->entries[0] = (struct kvm_cpuid_entry2){ .function = 7, .ebx = ALL };
	if (f->function == 7)
		e = &list->entries[0];
	*(f->reg == REG_EBX ? &e->ebx : f->reg == REG_ECX ? &e->ecx : &e->edx) &= ~f->bits;
	return cpu_level_missing(list, level);
}

TEST("6.10", a_host_that_has_less, 0)
{
	const struct kvm_cpuid2 nothing = { .nent = 0 };

	for (const struct cpu_feature *f = cpu_features; f->bits; f++)
		for (enum cpu_level level = CPU_V1; level <= CPU_V3; level++) {
			const char *got = missing_without(f, level);

			CONTEXT("%s on a CPU that has all but bits 0x%x of register %u of leaf "
				"0x%x",
				cpu_level_name(level), f->bits, f->reg, f->function);
			EXPECT_STR(got ? got : "nothing",
				   f->name && f->from <= level ? f->name : "nothing");
		}
	CONTEXT("a CPU that has nothing at all lacks the first row that has a name");
	EXPECT_STR(cpu_level_missing(&nothing, CPU_V1) ?: "nothing", "fpu");
}

/* --- 6.11 --- */

TEST("6.11", read_and_written, 0)
{
	const u64 first = nonce_random(), second = nonce_random();
	struct msrs msrs = { .count = 2, .number = { 0x8b, 0x123 }, .value = { first, second } };
	struct kvm_run run = { .exit_reason = KVM_EXIT_X86_RDMSR };
	struct vcpu vcpu = { .run = &run };

	run.msr.index = 0x123;
	run.msr.error = 1;
	CONTEXT("RDMSR of the second one");
	EXPECT_U64(exit_rdmsr(&vcpu, &msrs), V_RESUME);
	EXPECT_U64(run.msr.error, 0);
	EXPECT_U64(run.msr.data, second);
	CONTEXT("WRMSR of the first one, and what stands in both then");
	run.msr.index = 0x8b;
	run.msr.data = ~first;
	run.msr.error = 1;
	EXPECT_U64(exit_wrmsr(&vcpu, &msrs), V_RESUME);
	EXPECT_U64(run.msr.error, 0);
	EXPECT_U64(msrs.value[0], ~first);
	EXPECT_U64(msrs.value[1], second);
	CONTEXT("one that is not there: a #GP, by either");
	run.msr.index = 0x124;
	EXPECT_U64(exit_rdmsr(&vcpu, &msrs), V_RESUME);
	EXPECT_U64(run.msr.error, 1);
	run.msr.error = 0;
	EXPECT_U64(exit_wrmsr(&vcpu, &msrs), V_RESUME);
	EXPECT_U64(run.msr.error, 1);
	EXPECT_U64(msrs.value[1], second);
}
