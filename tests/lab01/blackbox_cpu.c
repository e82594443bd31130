// SPDX-License-Identifier: MIT
/* Tasks 1.2 and 1.3: CPUs that nobody has built, and what follows for running guests. */
#include "dumps.h"

static void draw_name(char name[13])
{
	for (int i = 0; i < 12; i++)
		name[i] = 'A' + draw() % 26;
	name[12] = 0;
}

TEST("1.2", random_cpus_are_decoded, 10)
{
	u64 first[3] = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		u32 one = draw_round(round, &first[0]), ext = draw_round(round, &first[1]);
		u32 width = draw_round(round, &first[2]);
		char vendor[13], below[13];
		struct dump d;
		json_t *j;

		draw_name(vendor);
		draw_name(below);
		begin(&d);
		add_vendor(&d, vendor);
		add_leaf(&d, 1, ~one, ~one, one, ~one); /* another register says the opposite */
		add_named(&d, 0x40000000, 0x40000001, below, (int[]){ 0, 1, 2 });
		add_leaf(&d, 0x80000001, ~ext, ~ext, ext, ~ext);
		add_leaf(&d, 0x80000008, width, ~width, ~width, ~width);
		CONTEXT("leaf 1 ECX=%#x, leaf 0x80000001 ECX=%#x, leaf 0x80000008 EAX=%#x", one,
			ext, width);
		j = show(&d);
		EXPECT_STR(text_at(j, "cpu.vendor"), vendor);
		EXPECT_U64(number_at(j, "cpu.vmx"), one >> 5 & 1);
		EXPECT_U64(number_at(j, "cpu.svm"), ext >> 2 & 1);
		EXPECT_U64(number_at(j, "cpu.hypervisor"), one >> 31);
		EXPECT_STR(text_at(j, "cpu.hypervisor_name"), one >> 31 ? below : "");
		EXPECT_U64(number_at(j, "cpu.physical_bits"), width & 0xff);
		EXPECT_U64(number_at(j, "cpu.linear_bits"), width >> 8 & 0xff);
	}
}

TEST("1.2", missing_leaves_are_no_features, 4)
{
	struct dump d;
	json_t *j;

	begin(&d);
	add_vendor(&d, "CentaurHauls");
	CONTEXT("a CPU with leaf 0 alone");
	j = show(&d);
	EXPECT_STR(text_at(j, "cpu.vendor"), "CentaurHauls");
	EXPECT_U64(number_at(j, "cpu.vmx"), 0);
	EXPECT_U64(number_at(j, "cpu.svm"), 0);
	EXPECT_U64(number_at(j, "cpu.hypervisor"), 0);
	EXPECT_U64(number_at(j, "cpu.physical_bits"), 36);
	EXPECT_U64(number_at(j, "cpu.linear_bits"), 32);
	CONTEXT("no CPUID at all: nothing can be said");
	begin(&d);
	add_kvm(&d);
	EXPECT_TRUE(json_is_null(at(show(&d), "cpu")));
}

enum { ABLE = 1, NO_KVM = 0 };

/* KVM is there or not; the two flags; what /proc/cpuinfo lists; an MSR (0: not readable). */
static json_t *made_up(int kvm, const char *flag, const char *cpuinfo, u32 msr, u64 value)
{
	bool vmx = !strcmp(flag, "vmx"), svm = !strcmp(flag, "svm");
	struct dump d;

	begin(&d);
	if (kvm)
		add_kvm(&d);
	else
		add(&d, "kvm open 2\n"); /* ENOENT */
	add(&d, "cpuinfo %s\n", cpuinfo);
	add_vendor(&d, "WhoKnowsWhat");
	add_leaf(&d, 1, 0, 0, ((u32)draw() & ~0x20u) | (vmx ? 0x20 : 0), 0);
	add_leaf(&d, 0x80000001, 0, 0, ((u32)draw() & ~4u) | (svm ? 4 : 0), 0);
	if (msr)
		add_msr(&d, msr, value);
	CONTEXT("CPUID: %s; /proc/cpuinfo: %s; KVM %s; MSR %#x = %#llx", flag, cpuinfo,
		kvm ? "usable" : "missing", msr, (unsigned long long)value);
	return show(&d);
}

static const char *verdict(int kvm, const char *flag, const char *cpuinfo, u32 msr, u64 value)
{
	return text_at(made_up(kvm, flag, cpuinfo, msr, value), "verdict");
}

TEST("1.3", flags_and_kvm_are_two_facts, 9)
{
	EXPECT_STR(verdict(ABLE, "vmx", "vmx", 0, 0), "hardware VMX");
	EXPECT_STR(verdict(ABLE, "svm", "svm", 0, 0), "hardware SVM");
	EXPECT_STR(verdict(ABLE, "none", "none", 0, 0), "software-backed KVM");
	EXPECT_STR(verdict(NO_KVM, "none", "none", 0, 0), "none");
	EXPECT_STR(verdict(NO_KVM, "vmx", "vmx", 0, 0), "hardware VMX");
	EXPECT_STR(verdict(NO_KVM, "svm", "svm", 0, 0), "hardware SVM");
}

TEST("1.3", firmware_can_switch_it_off, 7)
{
	const u64 noise = draw() & ~0x15ULL;

	EXPECT_STR(verdict(NO_KVM, "vmx", "none", 0, 0), "disabled by firmware");
	EXPECT_STR(verdict(NO_KVM, "svm", "none", 0, 0), "disabled by firmware");
	EXPECT_STR(verdict(NO_KVM, "vmx", "vmx", 0x3a, noise | 1), "disabled by firmware");
	EXPECT_STR(verdict(NO_KVM, "vmx", "none", 0x3a, noise | 5), "hardware VMX");
	EXPECT_STR(verdict(NO_KVM, "vmx", "none", 0x3a, noise), "hardware VMX");
	EXPECT_STR(verdict(NO_KVM, "svm", "svm", 0xc0010114, noise | 0x10), "disabled by firmware");
	EXPECT_STR(verdict(NO_KVM, "svm", "none", 0xc0010114, noise), "hardware SVM");
	EXPECT_STR(verdict(ABLE, "vmx", "none", 0x3a, noise | 1), "hardware VMX");
	EXPECT_STR(verdict(ABLE, "svm", "none", 0, 0), "hardware SVM");
}

/* A kernel before 6.7 lists svm although the firmware has switched it off: only modprobe can tell.
 */
TEST("1.3", a_missing_device_has_its_cure, 0)
{
	const char *advice = text_at(made_up(NO_KVM, "svm", "svm", 0, 0), "kvm.advice");

	EXPECT_CONTAINS(advice,
			"`sudo modprobe kvm_amd`; should that say \"Operation not supported\"");
	advice = text_at(made_up(NO_KVM, "vmx", "vmx", 0, 0), "kvm.advice");
	EXPECT_CONTAINS(advice, "`sudo modprobe kvm_intel`");
	advice = text_at(made_up(NO_KVM, "none", "none", 0, 0), "kvm.advice");
	EXPECT_CONTAINS(advice, "./lab run ENGINE=svm");
	EXPECT_TRUE(!strstr(advice, "modprobe"), "no module helps: %s", advice);
}
