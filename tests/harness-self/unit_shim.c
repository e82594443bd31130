// SPDX-License-Identifier: MIT
/* The bad host: what a program sees of /dev/kvm under shim.so. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "self.h"

/* 0 as "ok", else the errno's name. */
static const char *answer(int ret)
{
	return ret < 0 ? strerrorname_np(errno) : "ok";
}

/* Run the vCPU four times without a guest: the real KVM_RUN answers EINTR to immediate_exit. */
static void print_runs(int vcpu, struct kvm_run *run)
{
	for (int i = 0; i < 4 && run != MAP_FAILED; i++) {
		int ret;

		run->exit_reason = 99;
		run->immediate_exit = 1;
		ret = ioctl(vcpu, KVM_RUN, 0);
		printf("run %s", answer(ret));
		if (ret == 0)
			printf(" exit %u %#llx", run->exit_reason,
			       (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
		printf("\n");
	}
}

/* Print what each step of making a vCPU answers. */
TEST("-", fixture_uses_kvm, 0, .hidden = true)
{
	struct kvm_userspace_memory_region slot = { .memory_size = 4096 };
	int kvm = open("/dev/kvm", O_RDWR), vm, vcpu;

	EXPECT_TRUE(true);
	printf("open %s\n", answer(kvm));
	if (kvm < 0)
		return;
	printf("version %d\n", ioctl(kvm, KVM_GET_API_VERSION, 0));
	printf("memory %d\n", ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY));
	do
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	printf("vm %s\n", answer(vm));
	slot.userspace_addr =
		(u64)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("slot %s\n", answer(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot)));
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	printf("vcpu %s\n", answer(vcpu));
	print_runs(vcpu, mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
			      MAP_SHARED, vcpu, 0));
}

/* The fixture's output under a plan. */
static struct proc_result host(const char *plan)
{
	char *argv[] = { "/proc/self/exe", "--no-fork", "--filter=fixture_uses_kvm", NULL };
	char shim[PATH_MAX + 16], var[100];
	char *env[] = { shim, var, "ASAN_OPTIONS=verify_asan_link_order=0", NULL };

	CONTEXT("VMMLAB_SHIM=%s", plan);
	snprintf(shim, sizeof(shim), "LD_PRELOAD=%s", self_program("tests/shim.so"));
	snprintf(var, sizeof(var), "VMMLAB_SHIM=%s", plan);
	return self_run(argv, env);
}

/* The same without KVM: one that is faked is sick or foreign, too. */
static char *under(const char *plan)
{
	char fake[100];

	snprintf(fake, sizeof(fake), "fake=1,%s", plan);
	return host(fake).out;
}

#define WELL                                                                  \
	"open ok\nversion 12\nmemory 1\nvm ok\nslot ok\nvcpu ok\nrun EINTR\n" \
	"run EINTR\nrun EINTR\nrun EINTR\n"

TEST("-", a_fake_host_is_like_a_well_one, 0)
{
	EXPECT_CONTAINS(under(""), WELL);
}

TEST_KVM("-", without_a_plan_the_host_is_well, 0)
{
	EXPECT_CONTAINS(host("").out, WELL);
}

TEST("-", each_step_can_fail, 0)
{
	EXPECT_CONTAINS(under("open=EBUSY"), "open EBUSY\n");
	EXPECT_CONTAINS(under("version=11"), "version 11\n");
	EXPECT_CONTAINS(under("nocap=KVM_CAP_USER_MEMORY"), "memory 0\n");
	EXPECT_CONTAINS(under("nocap=3"), "memory 0\n");
	EXPECT_CONTAINS(under("nocap=4"), "memory 1\n");
	EXPECT_CONTAINS(under("create_vm=ENOMEM"), "vm ENOMEM\n");
	EXPECT_CONTAINS(under("setmem=EEXIST"), "vm ok\nslot EEXIST\n");
	EXPECT_CONTAINS(under("create_vcpu=EMFILE"), "slot ok\nvcpu EMFILE\n");
	EXPECT_CONTAINS(under("version=11,setmem=EEXIST"),
			"version 11\nmemory 1\nvm ok\nslot EEXIST\n");
}

TEST("-", runs_can_fail_so_often, 0)
{
	EXPECT_CONTAINS(under("run=EFAULT"), "run EFAULT\nrun EFAULT\nrun EFAULT\nrun EFAULT\n");
	EXPECT_CONTAINS(under("run=EAGAIN:2"), "run EAGAIN\nrun EAGAIN\nrun EINTR\nrun EINTR\n");
	EXPECT_CONTAINS(under("run=EAGAIN:1@2"), "run EINTR\nrun EINTR\nrun EAGAIN\nrun EINTR\n");
}

TEST("-", runs_can_exit_as_told, 0)
{
	EXPECT_CONTAINS(under("exit=FAIL_ENTRY:0x80000021"), "run ok exit 9 0x80000021\n");
	EXPECT_CONTAINS(under("exit=SHUTDOWN:0:1@1"), "run EINTR\nrun ok exit 8 0\nrun EINTR\n");
	EXPECT_CONTAINS(under("exit=77"), "run ok exit 77");
}

TEST("-", a_plan_with_a_mistake_says_so, 0)
{
	EXPECT_CONTAINS(host("nonsense").err, "shim: what is `nonsense`?");
	EXPECT_CONTAINS(host("run=EINTR:5:7").err, "shim: what is `:7` in run?");
}
