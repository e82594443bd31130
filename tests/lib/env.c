// SPDX-License-Identifier: MIT
#include "env.h"
#include "kvm_device.h"
#include "show.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static const char *kvm_path(void)
{
	const char *path = getenv("VMMLAB_KVM");

	return path ? path : "/dev/kvm";
}

/* A signal may come between (mmu_notifier_register() in the kernel): ask again. */
static int create_vm(int fd)
{
	int vm;

	do
		vm = ioctl(fd, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	return vm;
}

/* The questions to the open device. Returns 0, or a negative errno as vm_init() gives it. */
static int ask(int fd)
{
	int version = ioctl(fd, KVM_GET_API_VERSION, 0), vm;

	if (version < 0)
		return -errno;
	if (version != KVM_API_VERSION)
		return -EPROTO;
	if (ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) <= 0)
		return -EOPNOTSUPP;
	vm = create_vm(fd);
	if (vm < 0)
		return -errno;
	close(vm);
	return 0;
}

int env_kvm_below(const char *root, char *why, size_t size)
{
	const char *path = kvm_path();
	char sentence[KVM_SENTENCE_MAX];
	int fd, err;

#ifndef __x86_64__
	show_format(why, size, "%s: not for x86-64 guests: this machine is another", path);
	return -ENODEV;
#endif
	fd = open(path, O_RDWR | O_CLOEXEC);
	err = fd < 0 ? -errno : ask(fd);
	if (fd >= 0)
		close(fd);
	if (err) {
		kvm_sentence(sentence, sizeof(sentence), path, err, root);
		show_format(why, size, "%s: %s", path, sentence);
	}
	return err;
}

int env_kvm(char *why, size_t size)
{
	return env_kvm_below("", why, size);
}

#ifdef __x86_64__
/* xor %ax,%ax; hlt at 0x1000. Returns the exit reason, or a negative errno. */
static int run_guest_of_two(int vm, int vcpu, struct kvm_run *run, void *page)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = 0x1000,
		.memory_size = 0x1000,
		.userspace_addr = (uintptr_t)page,
	};
	struct kvm_regs regs = { .rip = 0x1000, .rflags = 2 };
	struct itimerval second = { .it_value.tv_sec = 1 }, none = { 0 };
	struct kvm_sregs sregs;
	int err;

	memcpy(page, "\x31\xc0\xf4", 3);
	if (ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000) || /* old VT-x needs it in real mode */
	    ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return -errno;
	sregs.cs.base = sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		return -errno;
	setitimer(ITIMER_REAL, &second, NULL);
	err = ioctl(vcpu, KVM_RUN, 0) ? -errno : (int)run->exit_reason;
	setitimer(ITIMER_REAL, &none, NULL);
	return err;
}

static void on_alarm(int sig)
{
	(void)sig;
}

int env_kvm_runs(char *why, size_t size)
{
	const char *path = kvm_path();
	int fd = open(path, O_RDWR | O_CLOEXEC), vm, vcpu, reason = -EIO, bytes;
	struct sigaction alarm = { .sa_handler = on_alarm };
	void *run, *page = aligned_alloc(4096, 4096);

	sigaction(SIGALRM, &alarm, NULL);
	vm = create_vm(fd);
	vcpu = vm < 0 ? -1 : ioctl(vm, KVM_CREATE_VCPU, 0);
	bytes = ioctl(fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	run = vcpu < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ, MAP_SHARED, vcpu, 0);
	if (run != MAP_FAILED && page)
		reason = run_guest_of_two(vm, vcpu, run, page);
	if (reason < 0)
		show_format(why, size,
			    "%s answers, but a guest of two instructions does not run: "
			    "%s",
			    path, reason == -EINTR ? "it never ends" : strerror(-reason));
	else if (reason != KVM_EXIT_HLT)
		show_format(why, size,
			    "%s answers, but a guest of two instructions ends with exit "
			    "reason %d",
			    path, reason);
	close(vcpu);
	close(vm);
	close(fd);
	free(page);
	return reason == KVM_EXIT_HLT ? 0 : -ENODEV;
}
#else
int env_kvm_runs(char *why, size_t size)
{
	return -ENODEV; /* env_kvm() has said why */
}
#endif

const char *env_engine(void)
{
	const char *engine = getenv("VMMLAB_ENGINE");

	return engine && *engine ? engine : "native";
}

double env_time_scale(void)
{
	const char *text = getenv("VMMLAB_TIME_SCALE");
	double scale = text ? strtod(text, NULL) : 1;

	return scale > 0 ? scale : 1;
}

bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list) {
		size_t n;

		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == len && !strncmp(list, name, n))
			return true;
		list += n;
	}
	return false;
}

bool env_leaves_out(const char *name, const char *task, double seconds)
{
	const char *longest = getenv("VMMLAB_LONGEST"), *also = getenv("VMMLAB_ALSO"),
		   *without = getenv("VMMLAB_WITHOUT");

	if (without && (is_listed(without, name) || is_listed(without, task)))
		return true;
	if (!longest || seconds <= strtod(longest, NULL))
		return false;
	return !also || !(is_listed(also, name) || is_listed(also, task));
}

const char *env_part(void)
{
	const char *part = getenv("VMMLAB_PART");

	return part && *part ? part : NULL;
}

uid_t env_student(void)
{
	const char *uid = getenv("VMMLAB_STUDENT");

	return uid ? strtoul(uid, NULL, 10) : 0;
}

gid_t env_student_group(void)
{
	struct stat st;

	return env_student() && !stat("/dev/kvm", &st) ? st.st_gid : 0;
}

const char *env_build_dir(void)
{
	static char dir[PATH_MAX];
	const char *env = getenv("VMMLAB_BUILD");
	ssize_t n;
	char *tests = NULL;

	if (env && *env)
		return env;
	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (n > 0) {
		dir[n] = 0;
		for (char *p = dir; (p = strstr(p, "/tests/")); p++) /* build/tests/lab02/unit */
			tests = p;
		if (!tests)
			tests = strstr(dir, "/tools/");
	}
	if (!tests)
		return "build";
	*tests = 0;
	return dir;
}
