/* SPDX-License-Identifier: MIT */
/* QEMU as the oracle: what does this guest do on a machine that nobody here wrote? */
#ifndef HARNESS_QEMU_H
#define HARNESS_QEMU_H

#include <limits.h>

#include "difference.h"
#include "guest_header.h"
#include "proc.h"
#include "types.h"

#define QEMU_PROGRAM "qemu-system-x86_64"
#define QEMU_INSTALL "apt install qemu-system-x86"

/* Is QEMU installed? */
bool qemu_present(void);

/* The options that give a guest its devices: at most so many, each shorter than that. */
#define DEVICE_OPTIONS_MAX (5 * GUEST_DEVICES_MAX + 2 * GUEST_ARGS_MAX)
struct device_options {
	unsigned n;
	char text[DEVICE_OPTIONS_MAX][PATH_MAX + 64];
};

/*
 * The devices of h, as QEMU wants to hear of them, with this disk, and the command line of a
 * kernel; the console is chardev c.
 */
void qemu_devices(const struct guest_header *h, const char *disk, struct device_options *to);

/* As our VMM wants to. */
void vmm_devices(const struct guest_header *h, const char *disk, struct device_options *to);

/*
 * If h asks for a disk: make the one that the guests' headers speak of, 64 sectors, and sector n
 * holds n in each of its bytes. Returns its path.
 */
#define GUEST_DISK_BYTES (64u * 512)
const char *guest_disk_make(const struct guest_header *h);

/*
 * What is on it afterwards, all zeros without a disk; it is removed. 0, or a negative errno when it
 * is gone or not as long as before.
 */
int guest_disk_take(const struct guest_header *h, const char *path, u8 disk[GUEST_DISK_BYTES]);

/*
 * Run an ELF guest with a PVH note under QEMU, with 128 MiB, by the accelerator accel ("tcg" or
 * "kvm"), for at most limit seconds. Returns 0 when the guest ended by writing a byte to port 0xf4:
 * *status is that byte, up to 127. Else a negative errno with the reason in why (n bytes).
 * proc_free() r in both cases.
 */
int qemu_run(const char *image, const char *accel, double limit, struct proc_result *r, int *status,
	     char *why, size_t n);

/* The same, with these devices (NULL: none). */
int qemu_run_with(const struct device_options *devices, const char *image, const char *accel,
		  double limit, struct proc_result *r, int *status, char *why, size_t n);

/* A file of SCREEN_SIZE bytes. Returns 0, or -EIO if it is another. */
int screen_read(const char *path, u8 screen[SCREEN_SIZE]);

/*
 * Run it on QEMU's q35 with a VGA, by tcg, until it has printed n_out bytes on its console; then
 * copy its text screen (from 0xb8000) to screen and end it. The guest draws first, then prints.
 * There is no port 0xf4 here, which would end QEMU before anybody could look: so there is no
 * status. Errors as qemu_run(), -ETIMEDOUT also when it does not print as much. proc_free() r in
 * both cases.
 */
int qemu_run_screen(const char *image, size_t n_out, double limit, struct proc_result *r,
		    u8 screen[SCREEN_SIZE], char *why, size_t n);

#endif
