// SPDX-License-Identifier: MIT
/* Tasks 2.1 and 2.3: the descriptors answer, and nothing is left open after an error. */
#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fake_kvm.h"
#include "nonce.h"
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

TEST_KVM("2.1", vm_descriptors_answer, 1)
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
	static const struct {
		unsigned long request;
		const char *name;
	} row[] = {
		{ KVM_GET_API_VERSION, "KVM_GET_API_VERSION" },
		{ KVM_CREATE_VM, "KVM_CREATE_VM" },
		{ KVM_SET_TSS_ADDR, "KVM_SET_TSS_ADDR" },
	};
	unsigned before = open_files();
	struct vm vm;

	CONTEXT("vm_init() on files that are no KVM device: an errno, and no descriptor kept");
	EXPECT_ERR(vm_init(&vm, test_tmpfile("nonexistent")), -ENOENT);
	EXPECT_ERR(vm_init(&vm, "/dev/null"), -ENOTTY);
	EXPECT_U64(open_files(), before);
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		fake_kvm = (struct fake_kvm){ .on = true, .fails = row[i].request, .err = -EBUSY };
		CONTEXT("%s says EBUSY: so does vm_init(), with no descriptor kept, and -1 in fd "
			"and kvm_fd",
			row[i].name);
		EXPECT_ERR(vm_init(&vm, "/dev/null"), -EBUSY);
		EXPECT_U64(open_files(), before);
		EXPECT_TRUE(vm.fd == -1 && vm.kvm_fd == -1, "fd is %d, kvm_fd %d", vm.fd,
			    vm.kvm_fd);
	}
	fake_kvm = (struct fake_kvm){ .on = true, .type = 1 };
	CONTEXT("a KVM that says yes to everything: a VM of type 0, three pages from 0xfffbd000 "
		"on");
	EXPECT_ERR(vm_init(&vm, "/dev/null"), 0);
	EXPECT_U64(fake_kvm.type, 0);
	EXPECT_U64(fake_kvm.tss, 0xfffbd000);
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

TEST("2.3", cpuid_of_any_length, 1)
{
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	struct vcpu vcpu;
	u32 n = 130 + (u32)(nonce_random() % 120);

	fake_kvm = (struct fake_kvm){ .on = true, .cpuids = n };
	CONTEXT("a KVM that supports %u CPUID entries, and says E2BIG to an array of less: the "
		"vCPU gets all of them",
		n);
	EXPECT_ERR(vcpu_init(&vcpu, &vm, 0), 0);
	EXPECT_U64(fake_kvm.told, n);
	for (u32 i = 0; i < n; i++) {
		EXPECT_U64(fake_kvm.cpuid[i].function, fake_cpuid(i).function);
		EXPECT_U64(fake_kvm.cpuid[i].eax, fake_cpuid(i).eax);
	}
}

TEST("2.3", a_page_that_cannot_be_mapped, 1)
{
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	unsigned before = open_files();
	struct vcpu vcpu;

	fake_kvm = (struct fake_kvm){ .on = true, .cpuids = 20, .no_page = true };
	CONTEXT("mmap() refuses the kvm_run page with ENODEV (it says so by MAP_FAILED, which is "
		"not NULL)");
	EXPECT_ERR(vcpu_init(&vcpu, &vm, 0), -ENODEV);
	vcpu_destroy(&vcpu);
	CONTEXT("after that, and vcpu_destroy(), no descriptor is left open");
	EXPECT_U64(open_files(), before);
}

TEST("2.3", what_kvm_refuses_is_handed_on, 1)
{
	static const struct {
		unsigned long request;
		const char *name;
	} row[] = {
		{ KVM_CREATE_VCPU, "KVM_CREATE_VCPU" },
		{ KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE" },
		{ KVM_GET_SUPPORTED_CPUID, "KVM_GET_SUPPORTED_CPUID" },
		{ KVM_SET_CPUID2, "KVM_SET_CPUID2" },
	};
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	unsigned before = open_files();
	struct vcpu vcpu;
	size_t taken;

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		fake_kvm = (struct fake_kvm){
			.on = true, .cpuids = 20, .fails = row[i].request, .err = -EMFILE
		};
		CONTEXT("%s says EMFILE: so does vcpu_init(); and after vcpu_destroy() nothing is "
			"open",
			row[i].name);
		EXPECT_ERR(vcpu_init(&vcpu, &vm, 0), -EMFILE);
		vcpu_destroy(&vcpu);
		EXPECT_U64(open_files(), before);
	}
	taken = mallinfo2().uordblks;
	for (unsigned i = 0; i < 50; i++) {
		vcpu_init(&vcpu, &vm, 0);
		vcpu_destroy(&vcpu);
	}
	CONTEXT("the same 50 times: the room for the CPUID is given back");
	EXPECT_TRUE(mallinfo2().uordblks < taken + 20000, "%zu bytes more are taken than before",
		    mallinfo2().uordblks - taken);
}

/*
 * How many CPUID entries a vCPU has. KVM_GET_CPUID2 says so, since some version, where it had room;
 * that it lacks room it has always said.
 */
static unsigned cpuid_entries(int vcpu_fd)
{
	const u32 room = 256;
	struct kvm_cpuid2 *given = calloc(1, sizeof(*given) + room * sizeof(given->entries[0]));
	unsigned n = 0;

	for (given->nent = 0; n < room && ioctl(vcpu_fd, KVM_GET_CPUID2, given); given->nent = n)
		n++;
	free(given);
	return n;
}

TEST_KVM("2.3", vcpu_page_and_cpuid, 1)
{
	const u32 room = 256;
	struct kvm_cpuid2 *supported =
		calloc(1, sizeof(*supported) + room * sizeof(supported->entries[0]));
	struct vcpu vcpu, other;
	struct vm vm;
	int full;

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
	CONTEXT("the vCPU has as many CPUID entries as one that KVM_GET_SUPPORTED_CPUID was given "
		"to");
	supported->nent = room;
	EXPECT_ERR(ioctl(vm.kvm_fd, KVM_GET_SUPPORTED_CPUID, supported), 0);
	full = ioctl(vm.fd, KVM_CREATE_VCPU, 2);
	EXPECT_ERR(ioctl(full, KVM_SET_CPUID2, supported) ? -errno : 0, 0);
	EXPECT_U64(cpuid_entries(vcpu.fd), cpuid_entries(full));
	close(full);
	free(supported);
}
