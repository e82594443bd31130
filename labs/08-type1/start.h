/* SPDX-License-Identifier: MIT */
/* What the hypervisor finds when it begins: given by the machine's loader, by way of PVH. */
#ifndef START_H
#define START_H

#include "types.h"

struct boot {
	const char *command; /* words for the hypervisor, split by blanks; never NULL */
	const u8 *image;     /* the guest: the first module. NULL: there is none */
	u64 image_size;
};

/* The hypervisor itself, from here on; what it returns is the status of ./lab run. */
int hv_main(const struct boot *boot);

/* Is this word in the command line? NAME of NAME=VALUE counts, too, and *value is then VALUE. */
bool boot_word(const struct boot *boot, const char *name, u64 *value);

/* Stop the machine, with that status. */
_Noreturn void finish(int status);

#endif
