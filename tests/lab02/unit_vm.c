// SPDX-License-Identifier: MIT
/* Tasks 2.1 and 2.3: the descriptors answer, and nothing is left open after an error. */
#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "test.h"
#include "vcpu.h"

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!dir)
		test_error("/proc/self/fd cannot be read");
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

TEST_KVM("2.1", vm_descriptors_answer, 2)
{
	struct vm vm;

	CONTEXT("vm_init() leaves the device in kvm_fd and the machine in fd");
	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_U64(ioctl(vm.kvm_fd, KVM_GET_API_VERSION, 0), 12);
	EXPECT_TRUE(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS) > 0);
	EXPECT_TRUE(ioctl(vm.fd, KVM_CREATE_VCPU, 0UL) >= 0, "the VM cannot make a vCPU");
}

TEST("2.1", vm_leaves_nothing_open, 1)
{
	unsigned before = open_files();
	struct vm vm;

	CONTEXT("vm_init() on files that are no KVM device: an errno, and no descriptor kept");
	EXPECT_ERR(vm_init(&vm, test_tmpfile("nonexistent")), -ENOENT);
	EXPECT_ERR(vm_init(&vm, "/dev/null"), -ENOTTY);
	EXPECT_U64(open_files(), before);
}

struct waiter {
	pthread_mutex_t lock;
	bool had_it;
};

static void *want_it(void *arg)
{
	struct waiter *w = arg;

	pthread_mutex_lock(&w->lock);
	w->had_it = true;
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* The C library's word for a lock: contended, as a plain one or one that the kernel hands over. */
static bool is_waited_for(pthread_mutex_t *lock)
{
	int word = __atomic_load_n(&lock->__data.__lock, __ATOMIC_SEQ_CST);

	return word == 2 || (word & FUTEX_WAITERS);
}

TEST("-", who_waits_for_the_lock_has_it_next, 0)
{
	for (unsigned i = 0; i < 50; i++) {
		struct waiter w = { .had_it = false };
		pthread_t thread;

		vm_lock_init(&w.lock);
		pthread_mutex_lock(&w.lock);
		if (pthread_create(&thread, NULL, want_it, &w))
			test_error("no thread");
		while (!is_waited_for(&w.lock))
			sched_yield();
		pthread_mutex_unlock(&w.lock);
		pthread_mutex_lock(&w.lock);
		CONTEXT("a thread waits for the lock; who has it lets go and takes it again at "
			"once");
		EXPECT_TRUE(w.had_it, "the first one has it again");
		pthread_mutex_unlock(&w.lock);
		pthread_join(thread, NULL);
	}
}

TEST_KVM("2.3", vcpu_page_and_cpuid, 4)
{
	const u32 room = 256;
	struct kvm_cpuid2 *supported =
		calloc(1, sizeof(*supported) + room * sizeof(supported->entries[0]));
	struct kvm_cpuid2 *given = calloc(1, sizeof(*given) + room * sizeof(given->entries[0]));
	struct vcpu vcpu, other;
	struct vm vm;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	CONTEXT("vCPU 1, and then vCPU 0");
	EXPECT_ERR(vcpu_init(&vcpu, &vm, 1), 0);
	EXPECT_ERR(vcpu_init(&other, &vm, 0), 0);
	EXPECT_TRUE(vm.run.vcpu[1] == &vcpu && vm.run.vcpu[0] == &other);
	vcpu_destroy(&other);
	EXPECT_TRUE(vm.run.vcpu[1] == &vcpu && !vm.run.vcpu[0]);
	CONTEXT("there is no room for the number");
	EXPECT_ERR(vcpu_init(&other, &vm, RUN_VCPUS_MAX), -EINVAL);
	CONTEXT("vcpu_init() maps as much of kvm_run as KVM_GET_VCPU_MMAP_SIZE says");
	EXPECT_U64(vcpu.run_size, ioctl(vm.kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	EXPECT_U64(vcpu.run->immediate_exit, 0);
	EXPECT_TRUE(vcpu.vm == &vm);
	CONTEXT("KVM_RUN sees the immediate_exit that is written through that mapping");
	vcpu.run->immediate_exit = 1;
	EXPECT_ERR(ioctl(vcpu.fd, KVM_RUN, 0) ? -errno : 0, -EINTR);
	CONTEXT("the vCPU has as many CPUID entries as KVM_GET_SUPPORTED_CPUID offers");
	supported->nent = room;
	EXPECT_ERR(ioctl(vm.kvm_fd, KVM_GET_SUPPORTED_CPUID, supported), 0);
	given->nent = supported->nent - 1; /* room for one too few; older kernels do not count */
	EXPECT_ERR(ioctl(vcpu.fd, KVM_GET_CPUID2, given) ? -errno : 0, -E2BIG);
	given->nent = supported->nent;
	EXPECT_ERR(ioctl(vcpu.fd, KVM_GET_CPUID2, given) ? -errno : 0, 0);
	free(given);
	free(supported);
}
