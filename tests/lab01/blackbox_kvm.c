// SPDX-License-Identifier: MIT
/* Task 1.1: /dev/kvm of this machine, and of machines that are not so well. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dumps.h"

static json_t *live(const char *preload, const char *option)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.args = { "--json", option }, .preload = preload, .no_report = true });
	json_t *j;

	EXPECT_U64(o.status, 0);
	j = json_loads(o.out, 0, NULL);
	EXPECT_TRUE(j, "its output is not JSON");
	return j;
}

TEST("1.1", open_errors_are_told_apart, 5)
{
	static const char *const row[][2] = {
		{ "open=ENOENT", "missing" }, { "open=EACCES", "no permission" },
		{ "open=EBUSY", "busy" },     { "open=ENODEV", "no driver" },
		{ "open=EMFILE", "fails" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		EXPECT_STR(text_at(live(row[i][0], NULL), "kvm.state"), row[i][1]);
}

TEST_KVM("1.1", a_device_that_is_no_kvm, 3)
{
	EXPECT_STR(text_at(live(NULL, "--kvm=/dev/null"), "kvm.state"), "not KVM");
	EXPECT_STR(text_at(live("version=11", NULL), "kvm.state"), "another API version");
	EXPECT_STR(text_at(live("create_vm=EBUSY", NULL), "kvm.state"), "busy");
}

TEST_KVM("1.1", interrupted_is_asked_again, 0)
{
	CONTEXT("KVM_CREATE_VM answers EINTR three times: a signal, no answer");
	EXPECT_STR(text_at(live("create_vm=EINTR:3", NULL), "kvm.state"), "usable");
}

/* The value of one capability in the list, or -1. */
static long long capability(json_t *j, const char *name)
{
	size_t i;
	json_t *cap;

	json_array_foreach(at(j, "kvm.capabilities"), i, cap)
	{
		if (!strcmp(text_at(cap, "name"), name))
			return json_integer_value(json_object_get(cap, "value"));
	}
	return -1;
}

TEST_KVM("1.1", capabilities_are_asked_one_by_one, 3)
{
	json_t *j = live("nocap=KVM_CAP_IRQCHIP", NULL);

	EXPECT_STR(text_at(j, "kvm.state"), "usable");
	EXPECT_U64(capability(j, "KVM_CAP_IRQCHIP"), 0);
	EXPECT_TRUE(capability(j, "KVM_CAP_IRQFD") > 0);
	j = live("nocap=KVM_CAP_USER_MEMORY", NULL);
	EXPECT_STR(text_at(j, "kvm.state"), "lacks a capability");
	EXPECT_U64(capability(j, "KVM_CAP_USER_MEMORY"), 0);
	CONTEXT("KVM_CREATE_VM says EBUSY: what KVM can do is asked all the same");
	j = live("create_vm=EBUSY", NULL);
	EXPECT_TRUE(capability(j, "KVM_CAP_USER_MEMORY") > 0);
	CONTEXT("KVM_CHECK_EXTENSION itself fails: that is a capability less, not a number");
	j = live("check_extension=EIO", NULL);
	EXPECT_STR(text_at(j, "kvm.state"), "lacks a capability");
	EXPECT_U64(capability(j, "KVM_CAP_USER_MEMORY"), 0);
}

TEST_KVM("1.1", limits_are_those_of_this_kvm, 3)
{
	int fd = open("/dev/kvm", O_RDWR);
	json_t *j = live(NULL, NULL);

	EXPECT_STR(text_at(j, "kvm.state"), "usable");
	EXPECT_U64(number_at(j, "kvm.version"), 12);
	EXPECT_U64(number_at(j, "kvm.recommended_vcpus"),
		   ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS));
	EXPECT_U64(number_at(j, "kvm.max_vcpus"),
		   ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS));
	EXPECT_U64(number_at(j, "kvm.memslots"),
		   ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS));
	EXPECT_U64(capability(j, "KVM_CAP_SYNC_REGS"),
		   ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS));
	close(fd);
}
