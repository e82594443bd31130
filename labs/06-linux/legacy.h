/* SPDX-License-Identifier: MIT */
/* What a PC has besides (given, but for its parts): a kernel looks for all of it. */
#ifndef LEGACY_H
#define LEGACY_H

#include "crtc.h"
#include "i8042.h"
#include "machine.h"
#include "msrs.h"
#include "outbuf.h"
#include "power.h"
#include "rtc.h"

struct legacy {
	struct rtc rtc;
	struct i8042 i8042;
	struct power power;
	struct crtc crtc;
	struct outbuf outbuf;
	struct msrs msrs;
};

/* In this machine, which has its devices; kernel: such is its guest (linux_is_kernel()). 0 or, with
 * a line on stderr, the exit status. */
int legacy_init(struct legacy *l, struct machine *m, bool kernel);

/*
 * [task 6.4] The range of the legacy ROMs, LEGACY_ROM_SIZE bytes from LEGACY_ROM_GPA, is memory
 * that the guest can only read (mem_add_readonly(), task 3.10), all zeros: Linux looks for the
 * marks of ROMs there, byte by byte, and where there is no memory each look is an exit. 0 or a
 * negative errno.
 */
int legacy_rom(struct mem *mem, int vm_fd);

/* The run is over: what it has printed, and what its screen shows. */
void legacy_end(struct legacy *l, struct machine *m);

/* Also of one that was never made: all zeros. */
void legacy_destroy(struct legacy *l);

#endif
