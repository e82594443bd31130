// SPDX-License-Identifier: MIT
/* clang-format off */
/*
 * A bad host, for LD_PRELOAD: it stands between a VMM and /dev/kvm, and answers as a sick or
 * foreign system would. VMMLAB_SHIM says how, in items separated by commas:
 *
 *	open=EBUSY			opening the KVM device fails
 *	version=11			KVM_GET_API_VERSION answers that
 *	nocap=KVM_CAP_USER_MEMORY	KVM_CHECK_EXTENSION answers 0 for it (or for a number); there
 *					may be several
 *	create_vm=ENOMEM, create_vcpu=EINVAL, setmem=EEXIST, cpuid=E2BIG, sregs=EINVAL
 *					that ioctl fails
 *	run=EFAULT			KVM_RUN fails
 *	exit=FAIL_ENTRY:0x80000021	KVM_RUN ends with that exit reason (or a number), and the
 *					hardware's reason or the suberror behind the colon
 *
 *	fake=1			there is no KVM: one that never runs a guest (EINTR) answers instead
 *
 * count=1 changes nothing, but at the program's end stderr says how often each request was made:
 * `shim: KVM_RUN 208`.
 *
 * An item that ends in :N (for exit: a second colon) applies N times, then the host is well again;
 * with @N behind that, the first N calls are still well: run=EINTR:5, run=EAGAIN:1@3.
 *
 * Compiled for anything but a shared object it is empty: it must never be linked into a program.
 */
/* clang-format on */
#if defined(__PIC__) && !defined(__PIE__)

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define FDS_MAX	   1024
#define FAKE_PAGES 0x3000

/* The shared page of each vCPU descriptor, seen when the VMM maps it. */
static struct kvm_run *run_pages[FDS_MAX];

static const struct {
	const char *name;
	long value;
} names[] = {
	{ "EPERM", EPERM },
	{ "ENOENT", ENOENT },
	{ "EINTR", EINTR },
	{ "EIO", EIO },
	{ "ENXIO", ENXIO },
	{ "E2BIG", E2BIG },
	{ "EAGAIN", EAGAIN },
	{ "ENOMEM", ENOMEM },
	{ "EACCES", EACCES },
	{ "EFAULT", EFAULT },
	{ "EBUSY", EBUSY },
	{ "EEXIST", EEXIST },
	{ "ENODEV", ENODEV },
	{ "EINVAL", EINVAL },
	{ "EMFILE", EMFILE },
	{ "ENOTTY", ENOTTY },
	{ "ENOSPC", ENOSPC },
	{ "ENOSYS", ENOSYS },
	{ "KVM_CAP_USER_MEMORY", KVM_CAP_USER_MEMORY },
	{ "KVM_CAP_SET_TSS_ADDR", KVM_CAP_SET_TSS_ADDR },
	{ "KVM_CAP_EXT_CPUID", KVM_CAP_EXT_CPUID },
	{ "KVM_CAP_SYNC_REGS", KVM_CAP_SYNC_REGS },
	{ "KVM_CAP_IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT },
	{ "KVM_CAP_BINARY_STATS_FD", KVM_CAP_BINARY_STATS_FD },
	{ "KVM_CAP_NR_MEMSLOTS", KVM_CAP_NR_MEMSLOTS },
	{ "KVM_CAP_IRQCHIP", KVM_CAP_IRQCHIP },
	{ "UNKNOWN", KVM_EXIT_UNKNOWN },
	{ "HLT", KVM_EXIT_HLT },
	{ "SHUTDOWN", KVM_EXIT_SHUTDOWN },
	{ "FAIL_ENTRY", KVM_EXIT_FAIL_ENTRY },
	{ "INTERNAL_ERROR", KVM_EXIT_INTERNAL_ERROR },
	{ "SYSTEM_EVENT", KVM_EXIT_SYSTEM_EVENT },
	{ "INTR", KVM_EXIT_INTR },
};

/* One way to misbehave: the calls that it concerns, and what they get. */
struct item {
	const char *what;
	long value, detail; /* errno, exit reason, version or capability; what is behind ':' */
	long times, skip;   /* how often (-1: always), and after how many calls */
};

#define ITEMS_MAX 16
static struct item items[ITEMS_MAX];
static unsigned nitems;

static long value_of(const char *text, char **end)
{
	size_t len = strcspn(text, ":@,");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len && !strncmp(names[i].name, text, len)) {
			*end = (char *)text + len;
			return names[i].value;
		}
	return strtol(text, end, 0);
}

/* what=value[:detail][:times][@skip]; only exit has a detail */
static void parse_item(char *text)
{
	struct item *it = &items[nitems];
	char *p = strchr(text, '=');

	if (!p || nitems == ITEMS_MAX) {
		fprintf(stderr, "shim: what is `%s`?\n", text);
		return;
	}
	*p++ = 0;
	*it = (struct item){ .what = text, .times = -1 };
	it->value = value_of(p, &p);
	if (*p == ':' && !strcmp(text, "exit"))
		it->detail = strtoul(p + 1, &p, 0);
	if (*p == ':')
		it->times = strtol(p + 1, &p, 0);
	if (*p == '@')
		it->skip = strtol(p + 1, &p, 0);
	if (*p)
		fprintf(stderr, "shim: what is `%s` in %s?\n", p, text);
	nitems++;
}

__attribute__((constructor)) static void parse_plan(void)
{
	const char *plan = getenv("VMMLAB_SHIM");
	char *copy = plan ? strdup(plan) : NULL,
	     *save = NULL; /* the items point into it: it stays */

	for (char *t = copy ? strtok_r(copy, ",", &save) : NULL; t; t = strtok_r(NULL, ",", &save))
		parse_item(t);
}

/* Is it this call's turn to go wrong? value >= 0: only the item with that value. */
static struct item *due(const char *what, long value)
{
	for (unsigned i = 0; i < nitems; i++) {
		struct item *it = &items[i];

		if (strcmp(it->what, what) || (value >= 0 && it->value != value))
			continue;
		if (it->skip > 0) {
			it->skip--;
			continue;
		}
		if (it->times == 0)
			continue;
		if (it->times > 0)
			it->times--;
		return it;
	}
	return NULL;
}

/* Returns true with errno set when this call must fail. */
static bool must_fail(const char *what)
{
	struct item *it = due(what, -1);

	if (it)
		errno = it->value;
	return it;
}

static bool is_fake(void)
{
	return due("fake", -1);
}

static bool is_kvm(const char *path)
{
	size_t len = strlen(path);

	return len >= 4 && !strcmp(path + len - 4, "/kvm");
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Read the mode that open() takes only when it creates a file. */
#define TAKE_MODE(mode, flags)                                                      \
	do {                                                                        \
		va_list ap_;                                                        \
                                                                                    \
		va_start(ap_, flags);                                               \
		mode = (flags) & (O_CREAT | __O_TMPFILE) ? va_arg(ap_, mode_t) : 0; \
		va_end(ap_);                                                        \
	} while (0)

#define OPEN(name)                                     \
	int name(const char *path, int flags, ...);    \
	int name(const char *path, int flags, ...)     \
	{                                              \
		mode_t mode;                           \
                                                       \
		TAKE_MODE(mode, flags);                \
		if (is_kvm(path) && must_fail("open")) \
			return -1;                     \
		if (is_kvm(path) && is_fake())         \
			path = "/dev/null";            \
		return NEXT(name)(path, flags, mode);  \
	}

#define OPENAT(name)                                         \
	int name(int dir, const char *path, int flags, ...); \
	int name(int dir, const char *path, int flags, ...)  \
	{                                                    \
		mode_t mode;                                 \
                                                             \
		TAKE_MODE(mode, flags);                      \
		if (is_kvm(path) && must_fail("open"))       \
			return -1;                           \
		if (is_kvm(path) && is_fake())               \
			path = "/dev/null";                  \
		return NEXT(name)(dir, path, flags, mode);   \
	}

#undef open64
#undef openat64
#undef mmap64
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

/* What a FORTIFY build makes of an open() whose flags it cannot see: no file can be created. */
#define OPEN_2(chk, name)                     \
	int chk(const char *path, int flags); \
	int chk(const char *path, int flags)  \
	{                                     \
		return name(path, flags);     \
	}
#define OPENAT_2(chk, name)                            \
	int chk(int dir, const char *path, int flags); \
	int chk(int dir, const char *path, int flags)  \
	{                                              \
		return name(dir, path, flags);         \
	}
OPEN_2(__open_2, open)
OPEN_2(__open64_2, open64)
OPENAT_2(__openat_2, openat)
OPENAT_2(__openat64_2, openat64)

static void *note_mapping(void *page, int fd, off_t offset)
{
	if (page != MAP_FAILED && fd >= 0 && fd < FDS_MAX && offset == 0)
		run_pages[fd] = page;
	return page;
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return note_mapping(NEXT(mmap)(addr, len, prot, flags, fd, offset), fd, offset);
}

void *mmap64(void *addr, size_t len, int prot, int flags, int fd, __off64_t offset);
void *mmap64(void *addr, size_t len, int prot, int flags, int fd, __off64_t offset)
{
	return note_mapping(NEXT(mmap64)(addr, len, prot, flags, fd, offset), fd, offset);
}

/* How often each request was made, by its number. */
static unsigned long asked[256];

static const struct {
	unsigned number;
	const char *name;
} requests[] = {
#define REQUEST(request) _IOC_NR(request), #request
	{ REQUEST(KVM_RUN) },
	{ REQUEST(KVM_GET_CPUID2) },
	{ REQUEST(KVM_GET_REGS) },
	{ REQUEST(KVM_SET_REGS) },
	{ REQUEST(KVM_GET_SREGS) },
	{ REQUEST(KVM_SET_SREGS) },
	{ REQUEST(KVM_GET_CLOCK) },
	{ REQUEST(KVM_CHECK_EXTENSION) },
	{ REQUEST(KVM_GET_MP_STATE) },
	{ REQUEST(KVM_IRQ_LINE) },
	{ REQUEST(KVM_SIGNAL_MSI) },
	{ REQUEST(KVM_INTERRUPT) },
	{ REQUEST(KVM_GET_VCPU_EVENTS) },
#undef REQUEST
};

__attribute__((destructor)) static void tell_counts(void)
{
	for (unsigned i = 0; i < sizeof(asked) / sizeof(asked[0]) && due("count", -1); i++) {
		const char *name = NULL;

		for (unsigned k = 0; k < sizeof(requests) / sizeof(requests[0]); k++)
			if (requests[k].number == i)
				name = requests[k].name;
		if (asked[i] && name)
			fprintf(stderr, "shim: %s %lu\n", name, asked[i]);
		else if (asked[i])
			fprintf(stderr, "shim: 0x%x %lu\n", i, asked[i]);
	}
}

/* KVM_RUN: returns true when the answer in *ret (and errno) stands in for the real call. */
static bool bad_run(int fd, int *ret)
{
	struct item *it;

	*ret = -1;
	if (must_fail("run"))
		return true;
	it = due("exit", -1);
	if (!it || fd < 0 || fd >= FDS_MAX || !run_pages[fd])
		return false;
	run_pages[fd]->exit_reason = it->value;
	run_pages[fd]->fail_entry.hardware_entry_failure_reason = (unsigned long)it->detail;
	run_pages[fd]->fail_entry.cpu = 0;
	if (it->value == KVM_EXIT_INTERNAL_ERROR) {
		run_pages[fd]->internal.suberror = it->detail;
		run_pages[fd]->internal.ndata = 0;
	}
	*ret = 0;
	return true;
}

static bool bad_answer(int fd, unsigned long request, void *arg, int *ret)
{
	struct item *it;

	*ret = -1;
	switch (request) {
	case KVM_GET_API_VERSION:
		it = due("version", -1);
		if (it)
			*ret = it->value;
		return it;
	case KVM_CHECK_EXTENSION:
		if (must_fail("check_extension"))
			return true;
		*ret = 0;
		return due("nocap", (long)arg);
	case KVM_CREATE_VM:
		return must_fail("create_vm");
	case KVM_CREATE_VCPU:
		return must_fail("create_vcpu");
	case KVM_SET_USER_MEMORY_REGION:
		return must_fail("setmem");
	case KVM_SET_CPUID2:
		return must_fail("cpuid");
	case KVM_SET_SREGS:
		return must_fail("sregs");
	case KVM_RUN:
		return bad_run(fd, ret);
	default:
		return false;
	}
}

/* What makes VMs and vCPUs, of files in memory. */
static bool fake_answer(unsigned long request, int *ret)
{
	*ret = 0;
	switch (request) {
	case KVM_GET_API_VERSION:
		*ret = KVM_API_VERSION;
		return true;
	case KVM_CHECK_EXTENSION:
		*ret = 1;
		return true;
	case KVM_CREATE_VM:
	case KVM_CREATE_VCPU:
		*ret = memfd_create("fake", MFD_CLOEXEC);
		return *ret < 0 || !ftruncate(*ret, FAKE_PAGES);
	case KVM_GET_VCPU_MMAP_SIZE:
		*ret = FAKE_PAGES;
		return true;
	case KVM_SET_USER_MEMORY_REGION:
		return true;
	case KVM_RUN:
		errno = EINTR;
		*ret = -1;
		return true;
	default:
		return false;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (_IOC_TYPE(request) == KVMIO)
		__atomic_fetch_add(&asked[_IOC_NR(request)], 1, __ATOMIC_RELAXED);
	if (nitems && _IOC_TYPE(request) == KVMIO && bad_answer(fd, request, arg, &ret))
		return ret;
	if (nitems && _IOC_TYPE(request) == KVMIO && is_fake() && fake_answer(request, &ret))
		return ret;
	return NEXT(ioctl)(fd, request, arg);
}

#endif
