// SPDX-License-Identifier: MIT
/* A bad /dev/kvm: missing, forbidden, foreign, old, or failing at one step. */
#include <errno.h>
#include <sys/stat.h>

#include "bad_host.h"

/* hello16 on a host that is bad in one way (tests/harness/shim_host.c). */
static struct outcome run_on(const char *plan)
{
	return run_vmm(&(struct vmm_run){ .guest = "02/hello16", .preload = plan });
}

#define HELLO "Hello from real mode\n"

/* --- the device --- */

TEST("-", kvm_missing, 0)
{
	const char *path = test_tmpfile("nonexistent");
	struct outcome o = run_guest("02/hello16", test_text("--kvm=%s", path));

	expect_refused(&o, 1, test_text("vmm: %s: no KVM here; load it with `sudo modprobe", path));
}

TEST("-", kvm_without_a_driver, 0)
{
	struct outcome o = run_on("open=ENODEV");

	expect_refused(&o, 1, "vmm: /dev/kvm: no KVM here; load it");
	o = run_on("open=ENXIO");
	expect_refused(&o, 1, "vmm: /dev/kvm: no KVM here; load it");
}

TEST("-", kvm_without_permission, 0)
{
	const char *path = input_file(INPUT("kvm"), "", 0);
	char arg[200];
	struct outcome o;

	if (!build_is_open())
		SKIP("other users cannot get at %s", env_build_dir());
	if (chmod(path, 0))
		test_error("chmod: %s", strerror(errno));
	snprintf(arg, sizeof(arg), "--kvm=%s", path);
	o = run_vmm(
		&(struct vmm_run){ .guest = "02/hello16", .args = { arg }, .uid = other_user() });
	expect_refused(&o, 1,
		       "in-kvm: permission denied; join its group with `sudo usermod -aG kvm");
	o = run_on("open=EACCES");
	expect_refused(&o, 1, "vmm: /dev/kvm: permission denied; join its group");
}

TEST("-", kvm_busy, 0)
{
	struct outcome o = run_on("open=EBUSY");

	expect_refused(&o, 1, "vmm: /dev/kvm: busy; another hypervisor");
}

TEST("-", kvm_is_something_else, 0)
{
	static const char *const args[] = { "--kvm=/dev/null", "--kvm=/dev/zero" };

	for (unsigned i = 0; i < ARRAY_SIZE(args); i++) {
		struct outcome o = run_guest("02/hello16", args[i]);

		expect_refused(&o, 1, "this file answers no KVM call; it is not a KVM device\n");
	}
}

TEST("-", kvm_is_a_directory_or_fifo, 0)
{
	char arg[200];
	struct outcome o = run_guest("02/hello16", "--kvm=/");

	expect_refused(&o, 1, "vmm: /: Is a directory\n");
	if (mkfifo(INPUT("fifo"), 0600))
		test_error("mkfifo: %s", strerror(errno));
	snprintf(arg, sizeof(arg), "--kvm=%s", INPUT("fifo"));
	o = run_guest("02/hello16", arg);
	expect_refused(&o, 1, "in-fifo: this file answers no KVM call");
}

/* --- what it says of itself --- */

TEST_KVM("-", kvm_of_another_version, 0)
{
	struct outcome o = run_on("version=11");

	expect_refused(&o, 1, "vmm: /dev/kvm: it does not speak version 12 of the KVM API");
	o = run_on("version=13");
	expect_refused(&o, 1, "vmm: /dev/kvm: it does not speak version 12 of the KVM API");
}

TEST_KVM("-", kvm_without_a_needed_capability, 0)
{
	struct outcome o = run_on("nocap=KVM_CAP_USER_MEMORY");

	expect_refused(&o, 1, "vmm: /dev/kvm: this KVM lacks a capability that every lab needs");
}

TEST_KVM("-", kvm_without_synced_registers, 0)
{
	struct outcome o = run_on("nocap=KVM_CAP_SYNC_REGS");

	CONTEXT("the recorder then does without RIP; all else is as usual");
	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
	EXPECT_TRUE(o.report.nlast && !strstr(o.report.last[0], "rip="), "a RIP from nowhere");
}

/* --- each step of making a VM --- */

TEST_KVM("-", kvm_makes_no_vm, 0)
{
	struct outcome o = run_on("create_vm=ENOMEM");

	expect_refused(&o, 1, "vmm: /dev/kvm: Cannot allocate memory\n");
	o = run_on("create_vm=EBUSY");
	expect_refused(&o, 1, "vmm: /dev/kvm: busy; another hypervisor");
}

TEST_KVM("-", kvm_takes_no_memory, 0)
{
	struct outcome o = run_on("setmem=EEXIST");

	expect_refused(&o, 1, "vmm: guest memory: File exists\n");
	o = run_on("setmem=ENOMEM");
	expect_refused(&o, 1, "vmm: guest memory: Cannot allocate memory\n");
}

TEST_KVM("-", kvm_makes_no_vcpu, 0)
{
	struct outcome o = run_on("create_vcpu=EINVAL");

	expect_refused(&o, 1, "vmm: the vCPU: Invalid argument\n");
	o = run_on("cpuid=EINVAL");
	expect_refused(&o, 1, "vmm: the vCPU: Invalid argument\n");
}

TEST_KVM("-", kvm_cpuid_never_fits, 0)
{
	struct outcome o = run_on("cpuid=E2BIG");

	CONTEXT("E2BIG asks for more room; for ever, here");
	expect_refused(&o, 1, "vmm: the vCPU: Argument list too long\n");
}

TEST_KVM("-", kvm_takes_no_registers, 0)
{
	struct outcome o = run_on("sregs=EINVAL");

	expect_refused(&o, 1, "vmm: the vCPU's registers: Invalid argument\n");
}

/* --- KVM_RUN --- */

TEST_KVM("-", run_interrupted_goes_on, 0)
{
	static const char *const plans[] = { "run=EINTR:1", "run=EINTR:5", "run=EINTR:1@3",
					     "run=EINTR:100@7" };

	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++) {
		struct outcome o = run_on(plans[i]);

		EXPECT_U64(o.status, 0);
		EXPECT_STR(o.out, HELLO); /* each byte once */
		EXPECT_VERDICT(o, halted);
	}
}

TEST_KVM("-", run_interrupted_is_recorded, 0)
{
	struct outcome o = run_on("run=EINTR:5");

	EXPECT_EXITS(o, INTR, 5);
	EXPECT_EXITS(o, IO_OUT, strlen(HELLO));
}

TEST_KVM("-", run_again_goes_on, 0)
{
	struct outcome o = run_on("run=EAGAIN:3@2");

	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
	EXPECT_VERDICT(o, halted);
}

TEST_KVM("-", run_interrupted_for_ever_still_ends_in_time, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "02/hello16", .preload = "run=EINTR", .args = { "--timeout=0.1" } });

	CONTEXT("the time limit ends also a guest that never gets in");
	EXPECT_U64(o.status, 124);
	EXPECT_VERDICT(o, timeout);
	EXPECT_STR(o.out, "");
}

static void expect_run_error(const char *plan, const char *text, const char *out)
{
	struct outcome o = run_on(plan);

	EXPECT_TRUE(!o.signalled);
	EXPECT_U64(o.status, 1);
	EXPECT_STR(o.out, out);
	EXPECT_TRUE(!strncmp(o.err, text, strlen(text)), "%s", o.err);
	EXPECT_VERDICT(o, error);
	EXPECT_EXITS(o, RUN_ERROR, 1);
	EXPECT_CONTAINS(o.err, "  registers   rip ");
	expect_nothing_left();
}

TEST_KVM("-", run_fails, 0)
{
	expect_run_error("run=EFAULT", "vmm: cannot go on: KVM_RUN: Bad address\n", "");
	expect_run_error("run=ENOMEM", "vmm: cannot go on: KVM_RUN: Cannot allocate memory\n", "");
	CONTEXT("what the guest said before that is not lost");
	expect_run_error("run=EFAULT:1@3", "vmm: cannot go on: KVM_RUN: Bad address\n", "Hel");
}
