/* SPDX-License-Identifier: MIT */
/* QEMU as the oracle: what does this guest do on a machine that nobody here wrote? */
#ifndef HARNESS_QEMU_H
#define HARNESS_QEMU_H

#include "difference.h"
#include "proc.h"
#include "types.h"

#define QEMU_PROGRAM "qemu-system-x86_64"
#define QEMU_INSTALL "apt install qemu-system-x86"

/* Is QEMU installed? */
bool qemu_present(void);

/*
 * Run an ELF guest with a PVH note under QEMU, with 128 MiB, by the accelerator accel ("tcg" or
 * "kvm"), for at most limit seconds. Returns 0 when the guest ended by writing a byte to port 0xf4:
 * *status is that byte, up to 127. Else a negative errno with the reason in why (n bytes).
 * proc_free() r in both cases.
 */
int qemu_run(const char *image, const char *accel, double limit, struct proc_result *r, int *status,
	     char *why, size_t n);

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
