// SPDX-License-Identifier: MIT
#include "qemu.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool qemu_present(void)
{
	char *const argv[] = { QEMU_PROGRAM, "--version", NULL };
	struct proc_opts opts = { .limit = 20 };
	struct proc_result r;
	bool present = proc_run(argv, &opts, &r) == 0;

	proc_free(&r);
	return present;
}

static void add_option(struct device_options *to, const char *fmt, ...) PRINTF(2, 3);

static void add_option(struct device_options *to, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to->text[to->n++], sizeof(to->text[0]), fmt, ap);
	va_end(ap);
}

/* What our VMM is told as --append=TEXT. */
static void qemu_append(const struct guest_header *h, struct device_options *to)
{
	static const char ours[] = "--append=";

	for (unsigned i = 0; i < h->nargs; i++) {
		if (strncmp(h->args[i], ours, sizeof(ours) - 1) != 0)
			continue;
		add_option(to, "-append");
		add_option(to, "%s", h->args[i] + sizeof(ours) - 1);
	}
}

void qemu_devices(const struct guest_header *h, const char *disk, struct device_options *to)
{
	to->n = 0;
	qemu_append(h, to);
	for (unsigned i = 0; i < h->ndevices; i++) {
		switch (h->device[i]) {
		case GUEST_RNG:
			/*
			 * Bytes in so many ms: else a queue that is never empty keeps QEMU's I/O
			 * at work and the CPU from its lock, for 20 s and more.
			 */
			add_option(to, "-device");
			add_option(to, "virtio-rng-device,max-bytes=16384,period=10");
			break;
		case GUEST_CONSOLE:
			add_option(to, "-device");
			add_option(to, "virtio-serial-device");
			add_option(to, "-device");
			add_option(to, "virtconsole,chardev=c");
			break;
		case GUEST_BLK:
			add_option(to, "-drive");
			add_option(to, "file=%s,format=raw,if=none,id=d%u", disk, i);
			add_option(to, "-device");
			add_option(to, "virtio-blk-device,drive=d%u", i);
			break;
		case GUEST_NET:
			add_option(to, "-netdev");
			add_option(to, "user,id=n%u,ipv6=off", i);
			add_option(to, "-device");
			add_option(to, "virtio-net-device,netdev=n%u", i);
			break;
		}
	}
}

void vmm_devices(const struct guest_header *h, const char *disk, struct device_options *to)
{
	static const char *const names[] = { "rng", "console", "blk", "net" };

	to->n = 0;
	for (unsigned i = 0; i < h->ndevices; i++)
		add_option(to, "--device=%s%s%s", names[h->device[i]],
			   h->device[i] == GUEST_BLK ? ",file=" : "",
			   h->device[i] == GUEST_BLK ? disk : "");
}

static bool has_disk(const struct guest_header *h)
{
	for (unsigned i = 0; i < h->ndevices; i++)
		if (h->device[i] == GUEST_BLK)
			return true;
	return false;
}

const char *guest_disk_make(const struct guest_header *h)
{
	static char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/vmmlab-disk-%d", (int)getpid());
	f = has_disk(h) ? fopen(path, "we") : NULL;
	for (unsigned i = 0; f && i < GUEST_DISK_BYTES; i++)
		putc((int)i / 512, f);
	if (f)
		fclose(f);
	return path;
}

int guest_disk_take(const struct guest_header *h, const char *path, u8 disk[GUEST_DISK_BYTES])
{
	FILE *f;
	bool whole;

	memset(disk, 0, GUEST_DISK_BYTES);
	if (!has_disk(h))
		return 0;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	whole = fread(disk, 1, GUEST_DISK_BYTES, f) == GUEST_DISK_BYTES && getc(f) == EOF;
	fclose(f);
	unlink(path);
	return whole ? 0 : -EINVAL;
}

/* How did QEMU end? */
static int judge(const struct proc_result *r, int *status, char *why, size_t n, double limit)
{
	int code = WEXITSTATUS(r->status);

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

int qemu_run(const char *image, const char *accel, double limit, struct proc_result *r, int *status,
	     char *why, size_t n)
{
	return qemu_run_with(NULL, image, accel, limit, r, status, why, n);
}

int qemu_run_with(const struct device_options *devices, const char *image, const char *accel,
		  double limit, struct proc_result *r, int *status, char *why, size_t n)
{
	/* clang-format off */
	char *argv[32 + DEVICE_OPTIONS_MAX] = {
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
	unsigned at = 0;
	int ret;

	while (argv[at])
		at++;
	for (unsigned i = 0; devices && i < devices->n; i++)
		argv[at++] = (char *)devices->text[i];
	ret = proc_run(argv, &opts, r);
	if (ret) {
		snprintf(why, n, "%s: %s", QEMU_PROGRAM, strerror(-ret));
		return ret;
	}
	return judge(r, status, why, n, limit);
}
