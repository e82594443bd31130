/* SPDX-License-Identifier: MIT */
/*
 * What a guest's source says about itself. A guest begins with comment lines, and some of them are
 * meant for the tools:
 *
 *	# mode: long			real, protected or long: what it is built for
 *	# prints: Hello\n		its exact output with C escapes; several lines are joined
 *	# status: 0			the VMM's exit status
 *	# args: --timeout=1		options that it wants from the VMM, separated by blanks
 *	# devices: blk, net		its virtio devices, in their order: rng, console, blk, net
 *	# qemu: yes			can QEMU run it too, as the oracle? Or `no, why`;
 *					or `q35`: on that machine, for its text screen
 *	# intel: no, why		of lab 08's: only AMD's CPU has what it tries
 *
 * All are needed but args, devices and intel.
 */
#ifndef HARNESS_GUEST_HEADER_H
#define HARNESS_GUEST_HEADER_H

#include "types.h"

#define GUEST_ARGS_MAX	  8
#define GUEST_DEVICES_MAX 8

enum guest_device { GUEST_RNG, GUEST_CONSOLE, GUEST_BLK, GUEST_NET };

enum guest_mode { GUEST_REAL, GUEST_PROTECTED, GUEST_LONG, GUEST_BZIMAGE };

struct guest_header {
	enum guest_mode mode;
	char *prints; /* decoded, with a NUL after prints_len bytes; may contain NULs of its own */
	size_t prints_len;
	int status; /* 0 to 255 */
	unsigned nargs;
	char *args[GUEST_ARGS_MAX + 1]; /* ends with NULL */
	unsigned ndevices;
	enum guest_device device[GUEST_DEVICES_MAX];
	bool qemu;
	bool screen;   /* with qemu true: on q35, and the text screen counts as well */
	char *why_not; /* with qemu false: the reason */
};

/*
 * Read the header of the guest source at path. Returns 0, or a negative errno with the reason in
 * why (n bytes) and nothing to free.
 */
int guest_header_read(const char *path, struct guest_header *h, char *why, size_t n);
void guest_header_free(struct guest_header *h);

#endif
