/* SPDX-License-Identifier: MIT */
/* QEMU as the oracle: what does this guest do on a machine that nobody here wrote? */
#ifndef HARNESS_QEMU_H
#define HARNESS_QEMU_H

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

#endif
