// SPDX-License-Identifier: MIT
#include "qemu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

bool qemu_present(void)
{
	char *const argv[] = { QEMU_PROGRAM, "--version", NULL };
	struct proc_opts opts = { .limit = 20 };
	struct proc_result r;
	bool present = proc_run(argv, &opts, &r) == 0;

	proc_free(&r);
	return present;
}

int qemu_run(const char *image, const char *accel, double limit, struct proc_result *r, int *status,
	     char *why, size_t n)
{
	/* clang-format off */
	char *const argv[] = {
		QEMU_PROGRAM,
		"-M", "microvm,isa-serial=on,acpi=off",
		"-accel", (char *)accel,
		"-m", "128M",
		"-global", "virtio-mmio.force-legacy=false",
		"-nodefaults", "-no-reboot",
		"-display", "none",
		"-chardev", "stdio,id=c,mux=on",
		"-serial", "chardev:c",
		"-device", "isa-debugcon,iobase=0xe9,chardev=c",
		"-device", "isa-debug-exit,iobase=0xf4,iosize=4",
		"-kernel", (char *)image,
		NULL,
	};
	/* clang-format on */
	struct proc_opts opts = { .limit = limit };
	int ret = proc_run(argv, &opts, r), code = WEXITSTATUS(r->status);

	if (ret) {
		snprintf(why, n, "%s: %s", QEMU_PROGRAM, strerror(-ret));
		return ret;
	}
	if (r->timed_out) {
		snprintf(why, n, "not done after %.0f seconds", limit);
		return -ETIMEDOUT;
	}
	if (WIFSIGNALED(r->status)) {
		snprintf(why, n, "QEMU was killed: %s", strsignal(WTERMSIG(r->status)));
		return -EIO;
	}
	/* A complaint of QEMU's own: it ends with 1 then, just as for the guest's status 0. */
	if (code == 1 && r->out_len == 0 && strncmp(r->err, "qemu", 4) == 0) {
		snprintf(why, n, "%.*s", (int)strcspn(r->err, "\n"), r->err);
		return -EIO;
	}
	/* isa-debug-exit makes QEMU end with (byte << 1) | 1: an even status is from elsewhere. */
	if (code % 2 == 0) {
		snprintf(why, n, "QEMU ended, but not by the guest's port 0xf4");
		return -EIO;
	}
	*status = code >> 1;
	return 0;
}
