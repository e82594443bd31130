// SPDX-License-Identifier: MIT
/* Lab 01: the decoders, called directly. */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "detect.h"
#include "nonce.h"
#include "test.h"

static struct kvm_answers all_right(void)
{
	struct kvm_answers a = { .version = 12 };

	for (unsigned i = 0; i < KVM_CAPS; i++)
		a.cap[i] = 1;
	return a;
}

static int cap_of_lab(unsigned lab)
{
	for (int i = 0; i < KVM_CAPS; i++) {
		if (kvm_caps[i].lab == lab)
			return i;
	}
	test_error("no capability of lab %u", lab);
}

TEST("1.1", each_error_has_its_state, 4)
{
	static const struct {
		int error;
		enum kvm_state state;
	} row[] = {
		{ ENOENT, KVM_MISSING },      { EACCES, KVM_NO_PERMISSION },
		{ EPERM, KVM_NO_PERMISSION }, { EBUSY, KVM_BUSY },
		{ ENODEV, KVM_NO_DRIVER },    { ENXIO, KVM_NO_DRIVER },
		{ EMFILE, KVM_FAILS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct kvm_answers a = { .open_errno = row[i].error };
		enum kvm_state state = -1;

		CONTEXT("open(\"/dev/kvm\") failed: %s", strerror(row[i].error));
		EXPECT_ERR(kvm_state(&a, &state), 0);
		EXPECT_STR(kvm_state_name(state), kvm_state_name(row[i].state));
		a = all_right();
		a.create_errno = row[i].error;
		CONTEXT("KVM_CREATE_VM failed: %s", strerror(row[i].error));
		EXPECT_ERR(kvm_state(&a, &state), 0);
		EXPECT_STR(kvm_state_name(state), kvm_state_name(row[i].state));
	}
}

TEST("1.1", the_first_that_applies, 4)
{
	struct kvm_answers a = all_right();
	enum kvm_state state = -1;

	CONTEXT("all answers are good");
	EXPECT_ERR(kvm_state(&a, &state), 0);
	EXPECT_STR(kvm_state_name(state), "usable");
	CONTEXT("it lacks a capability that only lab 5 needs");
	a.cap[cap_of_lab(5)] = 0;
	EXPECT_ERR(kvm_state(&a, &state), 0);
	EXPECT_STR(kvm_state_name(state), "usable");
	CONTEXT("it lacks a capability that lab 2 needs");
	a.cap[cap_of_lab(2)] = 0;
	EXPECT_ERR(kvm_state(&a, &state), 0);
	EXPECT_STR(kvm_state_name(state), "lacks a capability");
	CONTEXT("that, and KVM_CREATE_VM says EBUSY: asked before");
	a.create_errno = EBUSY;
	EXPECT_ERR(kvm_state(&a, &state), 0);
	EXPECT_STR(kvm_state_name(state), "busy");
	CONTEXT("that, and the API version is 11");
	a.version = 11;
	EXPECT_ERR(kvm_state(&a, &state), 0);
	EXPECT_STR(kvm_state_name(state), "another API version");
	CONTEXT("KVM_GET_API_VERSION said ENOTTY");
	a.version = -ENOTTY;
	EXPECT_ERR(kvm_state(&a, &state), 0);
	EXPECT_STR(kvm_state_name(state), "not KVM");
}

static int open_files(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void expect_answers(const struct kvm_answers *a, const struct kvm_answers *want)
{
	EXPECT_U64(a->open_errno, want->open_errno);
	EXPECT_ERR(a->version, want->version);
	EXPECT_U64(a->create_errno, want->create_errno);
	for (unsigned i = 0; i < KVM_CAPS; i++)
		EXPECT_U64_AS(test_text("a->cap[] for %s", kvm_caps[i].name), a->cap[i],
			      want->cap[i]);
}

TEST_KVM("1.1", asking_leaves_nothing_open, 2)
{
	struct kvm_answers a, want = { 0 };
	int before = open_files();

	EXPECT_ERR(kvm_ask("/dev/kvm", &a), 0);
	EXPECT_U64(a.version, 12);
	memset(&a, 0xaa, sizeof(a));
	CONTEXT("kvm_ask(\"/dev/null\"): *a held something else before");
	EXPECT_ERR(kvm_ask("/dev/null", &a), 0);
	want.version = -ENOTTY;
	expect_answers(&a, &want);
	memset(&a, 0xaa, sizeof(a));
	CONTEXT("kvm_ask() of a file that is not there: *a held something else before");
	EXPECT_ERR(kvm_ask(test_tmpfile("none"), &a), 0);
	want = (struct kvm_answers){ .open_errno = ENOENT };
	expect_answers(&a, &want);
	CONTEXT("descriptors that are open afterwards");
	EXPECT_U64(open_files(), before);
}

/* Compared with the compiler's own header, which executes the instruction, too. */
TEST("1.2", cpuid_asks_for_leaf_and_subleaf, 4)
{
	static const u32 ask[][2] = { { 0, 0 },		 { 1, 0 },	    { 7, 0 },
				      { 0xd, 0 },	 { 0xd, 1 },	    { 0x80000000, 0 },
				      { 0x80000001, 0 }, { 0x80000008, 0 }, { 0xb, 0 },
				      { 0xb, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(ask); i++) {
		struct cpuid_leaf l;
		u32 a, b, c, d;

		CONTEXT("CPUID with EAX=%#x, ECX=%u", ask[i][0], ask[i][1]);
		memset(&l, 0xee, sizeof(l));
		EXPECT_ERR(cpuid_read(ask[i][0], ask[i][1], &l), 0);
		__cpuid_count(ask[i][0], ask[i][1], a, b, c, d);
		EXPECT_U64(l.leaf, ask[i][0]);
		EXPECT_U64(l.subleaf, ask[i][1]);
		EXPECT_U64(l.eax, a);
		if (ask[i][0] != 1) /* holds which of the CPUs this is: it may be another now */
			EXPECT_U64(l.ebx, b);
		EXPECT_U64(l.ecx, c);
		if (ask[i][0] != 0xb) /* likewise */
			EXPECT_U64(l.edx, d);
	}
}

static void set_msr(struct facts *f, u32 index, u64 value)
{
	for (unsigned i = 0; i < f->msrs; i++) {
		if (f->msr[i].index == index)
			f->msr[i].value = value;
	}
	facts_add_msr(f, index, value, MSR_FROM_CPU);
}

/* One bit of IA32_VMX_EPT_VPID_CAP at a time: exactly one name answers to it. SDM 3D, A.10. */
TEST("1.4", each_capability_bit_has_one_name, 6)
{
	static const unsigned bit[] = { 0, 6, 7, 16, 17, 21, 20, 25, 26, 32, 40, 41, 42, 43 };
	const struct cpu cpu = { .vmx = true };
	struct facts f = { 0 };

	set_msr(&f, MSR_IA32_VMX_PROCBASED_CTLS, 1ULL << 63);
	set_msr(&f, MSR_IA32_VMX_PROCBASED_CTLS2, 1ULL << 33);
	for (unsigned n = 0; n < 64; n++) {
		struct slat s;
		const struct vmx_slat *v = &s.vmx;

		set_msr(&f, MSR_IA32_VMX_EPT_VPID_CAP, 1ULL << n);
		CONTEXT("IA32_VMX_EPT_VPID_CAP with bit %u alone; EPT, no VPID", n);
		EXPECT_ERR(slat_decode(&f, &cpu, &s), 0);
		EXPECT_TRUE(s.is_vmx && v->ept && !v->vpid && !v->unrestricted);
		const bool is[] = { v->execute_only, v->walk_4,		 v->walk_5,
				    v->page_2m,	     v->page_1g,	 v->accessed_dirty,
				    v->invept,	     v->invept_single,	 v->invept_all,
				    v->invvpid,	     v->invvpid_address, v->invvpid_single,
				    v->invvpid_all,  v->invvpid_globals };
		for (size_t i = 0; i < ARRAY_SIZE(bit); i++)
			EXPECT_TRUE(is[i] == (bit[i] == n), "the name of bit %u is %s", bit[i],
				    is[i] ? "true" : "false");
	}
}

/* SDM 3D, A.3.1: each pair of allowed-0 and allowed-1 bits. */
TEST("1.5", control_bits_fall_in_three, 5)
{
	struct facts f = { 0 };

	set_msr(&f, MSR_IA32_VMX_BASIC, 0);
	for (int round = 0; round < 16; round++) {
		u32 one, may, zero;
		struct vmx_caps v;
		u64 random = nonce_random();

		one = (u32)random;
		may = (u32)(random >> 32) & ~one;
		zero = ~one & ~may;
		set_msr(&f, 0x481, (u64)(one | may) << 32 | one);
		CONTEXT("IA32_VMX_PINBASED_CTLS = %#llx",
			(unsigned long long)facts_msr(&f, 0x481)->value);
		EXPECT_ERR(vmx_decode(&f, &v), 0);
		EXPECT_TRUE(v.control[C_PIN].known);
		EXPECT_U64(v.control[C_PIN].must_be_1, one);
		EXPECT_U64(v.control[C_PIN].may_be_1, may);
		EXPECT_U64(v.control[C_PIN].must_be_0, zero);
	}
}
