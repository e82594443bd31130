// SPDX-License-Identifier: MIT
/* Tasks 1.4 and 1.5: what can be read of the second level, and of VMX. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dumps.h"

static void begin_intel(struct dump *d)
{
	begin(d);
	add_vendor(d, "GenuineIntel");
	add_leaf(d, 1, 0, 0, 0x20, 0);
}

static void begin_amd(struct dump *d)
{
	begin(d);
	add_vendor(d, "AuthenticAMD");
	add_leaf(d, 1, 0, 0, 0, 0);
	add_leaf(d, 0x80000001, 0, 0, 4, 0);
}

TEST("1.4", svm_revision_asids_and_nested_paging, 3)
{
	struct dump d;
	u64 first[2] = { 0 };
	json_t *j;

	for (int round = 0; round < ROUNDS; round++) {
		u32 eax = draw_round(round, &first[0]), ebx = draw_round(round, &first[1]);
		u32 edx = ~eax;

		begin_amd(&d);
		add_leaf(&d, 0x8000000a, eax, ebx, ~ebx, edx);
		CONTEXT("leaf 0x8000000a: EAX=%#x EBX=%#x EDX=%#x", eax, ebx, edx);
		j = show(&d);
		EXPECT_STR(text_at(j, "slat.kind"), "svm");
		EXPECT_U64(number_at(j, "slat.revision"), eax & 0xff);
		EXPECT_U64(number_at(j, "slat.asids"), ebx);
		EXPECT_U64(number_at(j, "slat.npt"), edx & 1);
	}
	begin_amd(&d);
	CONTEXT("an AMD CPU without leaf 0x8000000a");
	EXPECT_TRUE(json_is_null(at(show(&d), "slat")));
}

TEST("1.4", vmx_second_level_of_random_cpus, 3)
{
	u64 first[2] = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		u64 secondary = draw_round(round, &first[0]) | 2ULL << 32;
		u64 cap = draw_round(round, &first[1]);
		struct dump d;
		json_t *j;

		begin_intel(&d);
		add_msr(&d, 0x482, draw() | 1ULL << 63);
		add_msr(&d, 0x48b, secondary);
		add_msr(&d, 0x48c, cap);
		CONTEXT("IA32_VMX_PROCBASED_CTLS2=%#llx IA32_VMX_EPT_VPID_CAP=%#llx",
			(unsigned long long)secondary, (unsigned long long)cap);
		j = show(&d);
		EXPECT_STR(text_at(j, "slat.kind"), "vmx");
		EXPECT_U64(number_at(j, "slat.ept"), 1);
		EXPECT_U64(number_at(j, "slat.vpid"), secondary >> 37 & 1);
		EXPECT_U64(number_at(j, "slat.unrestricted"), secondary >> 39 & 1);
		EXPECT_U64(number_at(j, "slat.walk_4"), cap >> 6 & 1);
		EXPECT_U64(number_at(j, "slat.page_1g"), cap >> 17 & 1);
		EXPECT_U64(number_at(j, "slat.accessed_dirty"), cap >> 21 & 1);
		EXPECT_U64(number_at(j, "slat.invvpid_single"), cap >> 41 & 1);
	}
}

TEST("1.4", what_does_not_exist_is_not_read, 4)
{
	struct dump d;
	json_t *j;

	CONTEXT("no secondary controls: EPT cannot be switched on, whatever the other MSRs say");
	begin_intel(&d);
	add_msr(&d, 0x482, ~(1ULL << 63));
	add_msr(&d, 0x48b, ~0ULL);
	add_msr(&d, 0x48c, ~0ULL);
	j = show(&d);
	EXPECT_U64(number_at(j, "slat.ept"), 0);
	EXPECT_U64(number_at(j, "slat.walk_4"), 0);
	CONTEXT("neither EPT nor VPID: IA32_VMX_EPT_VPID_CAP does not exist");
	begin_intel(&d);
	add_msr(&d, 0x482, ~0ULL);
	add_msr(&d, 0x48b, ~(0x22ULL << 32));
	add_msr(&d, 0x48c, ~0ULL);
	j = show(&d);
	EXPECT_U64(number_at(j, "slat.ept"), 0);
	EXPECT_U64(number_at(j, "slat.invvpid"), 0);
	CONTEXT("IA32_VMX_PROCBASED_CTLS2 could not be read: no guess");
	begin_intel(&d);
	add_msr(&d, 0x482, ~0ULL);
	EXPECT_TRUE(json_is_null(at(show(&d), "slat")));
	CONTEXT("a CPU without VMX and SVM has nothing to say here");
	begin(&d);
	add_vendor(&d, "GenuineIntel");
	add_leaf(&d, 1, 0, 0, 0, 0);
	add_leaf(&d, 0x8000000a, 1, 16, 0, 1);
	EXPECT_TRUE(json_is_null(at(show(&d), "slat")));
}

TEST("1.5", basic_and_feature_control, 5)
{
	u64 first = 0;

	for (int round = 0; round < ROUNDS; round++) {
		u64 basic = draw_round(round, &first);
		/* bit 1 is VMXON inside SMX: never what bit 2 is */
		u64 feature = (draw() & ~7ULL) | (round & 1 ? 2 : 4) | (round >> 1 & 1);
		struct dump d;
		json_t *j;

		begin_intel(&d);
		add_msr(&d, 0x480, basic);
		add_msr(&d, 0x3a, feature);
		CONTEXT("IA32_VMX_BASIC=%#llx IA32_FEATURE_CONTROL=%#llx",
			(unsigned long long)basic, (unsigned long long)feature);
		j = show(&d);
		EXPECT_U64(number_at(j, "vmx.revision"), basic & 0x7fffffff);
		EXPECT_U64(number_at(j, "vmx.vmcs_size"), basic >> 32 & 0x1fff);
		EXPECT_U64(number_at(j, "vmx.memory_type"), basic >> 50 & 0xf);
		EXPECT_U64(number_at(j, "vmx.true_controls"), basic >> 55 & 1);
		EXPECT_U64(number_at(j, "vmx.feature_control.locked"), feature & 1);
		EXPECT_U64(number_at(j, "vmx.feature_control.vmxon_outside_smx"), feature >> 2 & 1);
	}
}

/* A pair that a CPU could have: what must be 1 may also be 1. */
static u64 draw_control(void)
{
	u64 one = (u32)draw();

	return (one | (u32)draw()) << 32 | one;
}

static void expect_control(json_t *j, const char *name, u64 msr)
{
	char path[80];

	snprintf(path, sizeof(path), "vmx.controls.%s.must_be_1", name);
	EXPECT_U64(number_at(j, path), (u32)msr);
	snprintf(path, sizeof(path), "vmx.controls.%s.may_be_1", name);
	EXPECT_U64(number_at(j, path), (u32)(msr >> 32) & ~(u32)msr);
	snprintf(path, sizeof(path), "vmx.controls.%s.must_be_0", name);
	EXPECT_U64(number_at(j, path), (u32) ~(msr >> 32));
}

TEST("1.5", true_controls_replace_the_others, 5)
{
	static const char *const name[] = { "pin-based", "primary", "exit", "entry" };

	for (int have_true = 0; have_true < 2; have_true++) {
		u64 plain[4], exact[4], secondary = draw_control();
		struct dump d;
		json_t *j;

		begin_intel(&d);
		add_msr(&d, 0x480, (draw() & ~(1ULL << 55)) | (u64)have_true << 55);
		for (int i = 0; i < 4; i++) {
			plain[i] = draw_control() | (i == 1 ? 1ULL << 63 : 0);
			exact[i] = draw_control() | (i == 1 ? 1ULL << 63 : 0);
			add_msr(&d, 0x481 + i, plain[i]);
			add_msr(&d, 0x48d + i, exact[i]);
		}
		add_msr(&d, 0x48b, secondary);
		CONTEXT("IA32_VMX_BASIC bit 55 is %d", have_true);
		j = show(&d);
		for (int i = 0; i < 4; i++)
			expect_control(j, name[i], have_true ? exact[i] : plain[i]);
		expect_control(j, "secondary", secondary);
	}
}

static void expect_unknown(json_t *j, const char *name)
{
	json_t *control = json_object_get(at(j, "vmx.controls"), name);

	EXPECT_TRUE(control, "no control is called %s: its name is set, known or not", name);
	EXPECT_TRUE(json_is_null(control), "%s is known", name);
}

TEST("1.5", controls_that_are_not_there_are_unknown, 2)
{
	struct dump d;
	json_t *j;

	begin_intel(&d);
	add_msr(&d, 0x480, 0);
	add_msr(&d, 0x481, 0x100000001ULL);
	add_msr(&d, 0x482, 0); /* bit 31 must be 0: no secondary controls */
	add_msr(&d, 0x48b, ~0ULL);
	j = show(&d);
	EXPECT_U64(number_at(j, "vmx.controls.pin-based.must_be_1"), 1);
	expect_unknown(j, "secondary");
	expect_unknown(j, "exit");
	EXPECT_TRUE(json_is_null(at(j, "vmx.feature_control")));
	CONTEXT("IA32_VMX_BASIC could not be read");
	begin_intel(&d);
	EXPECT_TRUE(json_is_null(at(show(&d), "vmx")));
}

static u64 kvm_msr(int kvm, u32 index)
{
	struct kvm_msrs *one = calloc(1, sizeof(*one) + sizeof(one->entries[0]));
	u64 value;

	one->nmsrs = 1;
	one->entries[0].index = index;
	if (ioctl(kvm, KVM_GET_MSRS, one) != 1)
		test_error("KVM_GET_MSRS %#x", index);
	value = one->entries[0].data;
	free(one);
	return value;
}

/* Whatever KVM offers of the MSRs that matter here must have been collected, with its value. */
TEST_KVM("1.5", msrs_of_this_machine_are_collected, 3)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + 256 * sizeof(list->indices[0]));
	int kvm = open("/dev/kvm", O_RDWR);
	struct outcome o = run_vmm(&(struct vmm_run){ .args = { "--json" }, .no_report = true });
	json_t *j = json_loads(o.out, 0, NULL), *msr;
	unsigned found = 0;
	size_t k;

	EXPECT_U64(o.status, 0);
	list->nmsrs = 256;
	EXPECT_U64(ioctl(kvm, KVM_GET_MSR_FEATURE_INDEX_LIST, list), 0);
	for (u32 i = 0; i < list->nmsrs; i++) {
		u32 index = list->indices[i];
		bool wanted = index == 0x8b || index == 0x10a || (index >= 0x480 && index <= 0x491);
		const char *source = "(it is not in the list)", *value = "";
		char expected[24];

		if (!wanted)
			continue;
		json_array_foreach(json_object_get(j, "msrs"), k, msr)
		{
			if (json_integer_value(json_object_get(msr, "index")) == index) {
				source = text_at(msr, "source");
				value = text_at(msr, "value");
			}
		}
		snprintf(expected, sizeof(expected), "%016llx",
			 (unsigned long long)kvm_msr(kvm, index));
		CONTEXT("KVM_GET_MSRS tells MSR %#x", index);
		if (strcmp(source, "cpu") != 0) { /* the CPU itself may have another value */
			EXPECT_STR(source, "kvm");
			EXPECT_STR(value, expected);
		}
		found++;
	}
	free(list);
	EXPECT_TRUE(found > 0, "this KVM lists none of them");
}
