// SPDX-License-Identifier: MIT
#include "env.h"
#include "show.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What to do about an errno of open(); %s is the path. */
static const char *open_advice(int err)
{
	switch (err) {
	case ENOENT:
		return "%s is missing: load kvm_intel or kvm_amd (sudo modprobe), or enable "
		       "virtualization in the firmware";
	case EACCES:
	case EPERM:
		return "%s: no permission: join the group kvm with `sudo usermod -aG kvm $USER`, "
		       "then log "
		       "in again";
	case EBUSY:
		return "%s is busy: another hypervisor holds the CPU; end it first";
	case ENODEV:
	case ENXIO:
		return "%s has no driver behind it: load kvm_intel or kvm_amd (sudo modprobe)";
	default:
		return NULL;
	}
}

static int refuse(char *why, size_t size, const char *path, int err, const char *what)
{
	const char *advice = open_advice(err);

	if (!what && advice)
		show_format(why, size, advice, path);
	else
		show_format(why, size, "%s: %s%s%s", path, what ? what : "cannot be opened",
			    err ? ": " : "", err ? strerror(err) : "");
	return err ? -err : -ENODEV;
}

/* The questions to the open device. */
static int ask(int fd, const char *path, char *why, size_t size)
{
	int version = ioctl(fd, KVM_GET_API_VERSION, 0), vm;
	char text[80];

	if (version < 0)
		return refuse(why, size, path, 0, "is not KVM at all (it answers no KVM request)");
	if (version != KVM_API_VERSION) {
		show_format(text, sizeof(text), "has API version %d, not %d", version,
			    KVM_API_VERSION);
		return refuse(why, size, path, 0, text);
	}
	if (ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) <= 0)
		return refuse(why, size, path, 0, "lacks KVM_CAP_USER_MEMORY");
	do
		vm = ioctl(fd, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	if (vm < 0)
		return refuse(why, size, path, errno, errno == EBUSY ? NULL : "makes no VM");
	close(vm);
	return 0;
}

int env_kvm(char *why, size_t size)
{
	const char *path = getenv("VMMLAB_KVM");
	int fd, ret;

	if (!path)
		path = "/dev/kvm";
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return refuse(why, size, path, errno, NULL);
	ret = ask(fd, path, why, size);
	close(fd);
	return ret;
}

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
