// SPDX-License-Identifier: MIT
/* Bad sizes and other usage errors: one line, status 2, before anything is touched. */
#include "bad_host.h"

static void expect_usage(const char *arg, const char *why)
{
	struct outcome o;

	CONTEXT("vmm %s image", arg);
	o = RUN_IMAGE(INPUT("never-opened"), arg);
	expect_refused(&o, 2, why);
}

TEST("-", memory_zero, 0)
{
	expect_usage("--memory=0", "vmm: --memory=0: must be from 64K to 64G\n");
}

TEST("-", memory_negative, 0)
{
	expect_usage("--memory=-1", "vmm: --memory=-1: not a size; write for example 64M\n");
	expect_usage("--memory=-4096", "vmm: --memory=-4096: not a size");
}

TEST("-", memory_not_a_multiple_of_a_page, 0)
{
	expect_usage("--memory=1048577", "vmm: --memory=1048577: not a multiple of 4K");
	expect_usage("--memory=65K", "vmm: --memory=65K: not a multiple of 4K");
}

TEST("-", memory_too_much, 0)
{
	expect_usage("--memory=1T", "vmm: --memory=1T: not a size");
	expect_usage("--memory=1024G", "vmm: --memory=1024G: must be from 64K to 64G\n");
	expect_usage("--memory=65G", "vmm: --memory=65G: must be from 64K to 64G\n");
	expect_usage("--memory=18446744073709551615", "not a multiple of 4K");
	expect_usage("--memory=18446744073709551616", "not a size");
	expect_usage("--memory=17179869184G", "not a size"); /* 2^64 */
}

TEST("-", memory_rubbish, 0)
{
	expect_usage("--memory=rubbish", "vmm: --memory=rubbish: not a size");
	expect_usage("--memory=64M64M", "vmm: --memory=64M64M: not a size");
	expect_usage("--memory=", "vmm: --memory: needs a value\n");
}

TEST_KVM("-", memory_below_what_the_image_needs, 0)
{
	struct outcome o = run_guest("02/hello64", "--memory=1M");

	expect_refused(&o, 1, "guest memory ends before its last byte, 0x");
	o = run_guest("02/hello64", "--memory=64K");
	expect_refused(&o, 1, "guest memory ends before its last byte, 0x");
}

TEST_KVM("-", memory_smallest_and_largest, 0)
{
	EXPECT_U64(run_guest("02/hello16", "--memory=64K").status, 0);
	EXPECT_U64(run_guest("02/hello16", "--memory=3G").status, 0);
	EXPECT_U64(run_guest("02/hello64", "--memory=3G").status, 0);
}

TEST("-", cpus_is_no_option, 0)
{
	expect_usage("--cpus=0", "vmm: --cpus=0: no such option");
	expect_usage("--cpus=9999", "vmm: --cpus=9999: no such option");
}

TEST("-", other_usage_errors, 0)
{
	expect_usage("--timeout=never", "vmm: --timeout=never: must be a number of seconds");
	expect_usage("--mode=virtual", "vmm: --mode=virtual: must be real, protected or long\n");
	expect_usage("-xy", "vmm: -x: no such option");
	expect_usage("--report=", "vmm: --report: needs a value\n");
}

TEST("-", no_image_and_two_images, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .no_report = true });

	expect_refused(&o, 2, "vmm: which guest image?");
	o = RUN_IMAGE("one", "two");
	expect_refused(&o, 2, "vmm: only one guest image can run");
}
