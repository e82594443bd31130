// SPDX-License-Identifier: MIT
/* A bad /dev/kvm: missing, forbidden, foreign, old, or failing at one step. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "bad_host.h"

/* hello16 on a host that is bad in one way (tests/harness/shim_host.c). */
static struct outcome run_on(const char *plan)
{
	return run_vmm(&(struct vmm_run){ .guest = "02/hello16", .preload = plan });
}

#define HELLO "Hello from real mode\n"

/* --- the device --- */

/* --kvm=PATH for a file of the test's own. */
static const char *device(const char *path)
{
	return test_text("--kvm=%s", path);
}

TEST("-", kvm_missing, 0)
{
	struct outcome o = run_guest("02/hello16", device(INPUT("none")));

	expect_refused(&o, 1, "in-none: missing; there is no such file; KVM's own device is");
}

TEST("-", kvm_without_a_driver, 0)
{
	struct outcome o = run_on("open=ENODEV");

	expect_refused(&o, 1, "vmm: /dev/kvm: no driver; ");
	o = run_on("open=ENXIO");
	expect_refused(&o, 1, "vmm: /dev/kvm: no driver; ");
}

TEST("-", kvm_without_permission, 0)
{
	const char *path = input_file(INPUT("kvm"), "", 0);
	struct outcome o;

	if (!build_is_open())
		SKIP("other users cannot get at %s", env_build_dir());
	if (chmod(path, 0))
		test_error("chmod: %s", strerror(errno));
	o = run_vmm(&(struct vmm_run){
		.guest = "02/hello16", .args = { device(path) }, .uid = other_user() });
	expect_refused(&o, 1, "in-kvm: no permission: it belongs to ");
	EXPECT_CONTAINS(o.err, ", mode 0000; ");
	o = run_on("open=EACCES");
	expect_refused(&o, 1, "vmm: /dev/kvm: no permission");
}

/* A node with KVM's numbers, of that owner and group, asked by somebody else than root. */
static struct outcome ask_node(uid_t uid, gid_t gid, mode_t mode)
{
	const char *path = INPUT("kvm");

	unlink(path);
	if (mknod(path, S_IFCHR | mode, makedev(10, 232)) || chmod(path, mode) ||
	    chown(path, uid, gid) || chmod(test_tmpdir(), 0755))
		test_error("%s: %s", path, strerror(errno));
	return run_vmm(&(struct vmm_run){
		.guest = "02/hello16", .args = { device(path) }, .uid = other_user() });
}

TEST("-", kvm_nodes_of_several_owners, 0)
{
	static const struct {
		gid_t gid;
		mode_t mode;
		const char *what;
	} rows[] = {
		{ 0, 0660, "no permission: it belongs to root:root, mode 0660; " },
		{ 47110815, 0660, "no permission: it belongs to root:47110815, mode 0660; " },
		{ 0, 0600, "no permission: it belongs to root:root, mode 0600; " },
		{ 65534, 0600, ", mode 0600; " },
	};
	struct outcome o;

	if (!other_user())
		SKIP("needs root, to make device nodes");
	if (!build_is_open())
		SKIP("other users cannot get at %s", env_build_dir());
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		o = ask_node(0, rows[i].gid, rows[i].mode);
		expect_refused(&o, 1, rows[i].what);
		EXPECT_TRUE(!strstr(o.err, "-aG root"), "nobody joins root's group: %s", o.err);
	}
	CONTEXT("the owner may");
	o = ask_node(other_user(), 0, 0600);
	EXPECT_TRUE(!strstr(o.err, "no permission"), "%s", o.err);
	CONTEXT("its group may");
	o = ask_node(0, 65534, 0660);
	EXPECT_TRUE(!strstr(o.err, "no permission"), "%s", o.err);
	CONTEXT("all may");
	o = ask_node(0, 0, 0666);
	EXPECT_TRUE(!strstr(o.err, "no permission"), "%s", o.err);
	CONTEXT("the owner has fewer rights than the group: only the first class counts");
	o = ask_node(other_user(), 65534, 0060);
	expect_refused(&o, 1, "it is yours: `chmod u+rw ");
}

TEST("-", kvm_busy, 0)
{
	struct outcome o = run_on("open=EBUSY");

	expect_refused(&o, 1, "vmm: /dev/kvm: busy; end the other hypervisor");
}

TEST("-", kvm_is_something_else, 0)
{
	static const char *const args[] = { "--kvm=/dev/null", "--kvm=/dev/zero" };

	for (unsigned i = 0; i < ARRAY_SIZE(args); i++) {
		struct outcome o = run_guest("02/hello16", args[i]);

		expect_refused(&o, 1, "not KVM; it is device 1:");
	}
}

TEST("-", kvm_is_a_directory_or_fifo, 0)
{
	struct outcome o = run_guest("02/hello16", "--kvm=/");

	expect_refused(&o, 1, "vmm: /: fails: Is a directory; it is no device file");
	if (mkfifo(INPUT("fifo"), 0600))
		test_error("mkfifo: %s", strerror(errno));
	o = run_guest("02/hello16", device(INPUT("fifo")));
	expect_refused(&o, 1, "in-fifo: not KVM; it is no device file");
}

/* --- what it says of itself --- */

TEST_KVM("-", kvm_of_another_version, 0)
{
	struct outcome o = run_on("version=11");

	expect_refused(&o, 1, "vmm: /dev/kvm: another API version; the labs need version 12");
	o = run_on("version=13");
	expect_refused(&o, 1, "vmm: /dev/kvm: another API version; the labs need version 12");
}

TEST_KVM("-", kvm_without_a_needed_capability, 0)
{
	struct outcome o = run_on("nocap=KVM_CAP_USER_MEMORY");

	expect_refused(&o, 1,
		       "vmm: /dev/kvm: lacks a capability; every lab needs KVM_CAP_USER_MEMORY");
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

	expect_refused(&o, 1, "vmm: /dev/kvm: fails: Cannot allocate memory; ");
	o = run_on("create_vm=EBUSY");
	expect_refused(&o, 1, "vmm: /dev/kvm: busy; end the other hypervisor");
}

TEST_KVM("-", kvm_create_vm_is_interrupted, 0)
{
	static const char *const plans[] = { "create_vm=EINTR:1", "create_vm=EINTR:40" };

	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++) {
		struct outcome o = run_on(plans[i]);

		CONTEXT("%s: a signal came in between: again", plans[i]);
		EXPECT_U64(o.status, 0);
		EXPECT_STR(o.out, HELLO);
	}
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

	CONTEXT("in lab 06 it is its CPUID and registers");
	expect_refused(&o, 1, "vmm: the vCPU's ");
	EXPECT_CONTAINS(o.err, "registers: Invalid argument\n");
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
