/* SPDX-License-Identifier: MIT */
/* Running our VMM for tools/compare.c: here, or in an emulated machine. */
#ifndef TOOLS_COMPARED_H
#define TOOLS_COMPARED_H

#include <limits.h>

#include "difference.h"
#include "guest_header.h"
#include "proc.h"
#include "qemu.h"
#include "types.h"

#define NONCES_MAX 2
#define RUNS_MAX   16 /* more than there are ways for an image and its copies with a nonce */

/* For each run, QEMU's and ours, in seconds: 20, times VMMLAB_TIME_SCALE. */
double compared_limit(void);

/* What the command line asked for. */
struct settings {
	const char *lab, *build;
	bool expect;
	unsigned nonces;    /* random ones */
	char vmm[PATH_MAX]; /* the lab's program */
	const char *engine; /* and where it runs */
};

struct guest {
	char name[64];
	char image[PATH_MAX];
	struct guest_header h;
};

/* What a guest did, or should do, according to who: its header, QEMU, or a mode of our VMM. */
struct outcome {
	const char *who;
	int status;
	char trouble[200];	   /* why there is no status; empty if there is one */
	u8 screen[SCREEN_SIZE];	   /* if the header asks for it */
	u8 disk[GUEST_DISK_BYTES]; /* afterwards; zeros if it has none */
	struct proc_result run;
};

/* One way to run a guest: its name, through which door, and how (options that are NULL: as always).
 */
struct way {
	const char *who, *mode, *vga, *irqchip, *notify;
};

struct vmm_run {
	const char *image;
	u64 nonce; /* the image's, if it is a copy with a random one; 0 */
	const struct way *way;
	struct outcome o; /* for proc_free(&o.run) */
};

/*
 * Run them all, and put what came of each into its o. Elsewhere they share one start of the
 * machine, which takes longer than a run; what did not come to an end there has one of its own.
 */
void vmm_runs(const struct settings *set, const struct guest *g, struct vmm_run *runs, unsigned n);

#endif
