/* SPDX-License-Identifier: MIT */
/* The hypervisor in an emulator, with a guest; and what the emulated CPU has seen of it. */
#ifndef LAB08_BARE_H
#define LAB08_BARE_H

#include "test.h"

/* Two guests turn these bits of their nonce round, so that they have a number to show without one.
 */
#define REGISTERS_TURNED 0x0123456789abcdef
#define SEGMENTS_TURNED	 0x89abcdefu

struct bare_run {
	const char *guest; /* "08/halt"; NULL: none */
	const char *image; /* or any file */
	const char *cpu;   /* "amd" (NULL), "intel" */
	const char *model; /* another CPU than the usual one */
	const char *words; /* for the hypervisor */
	u64 nonce;	   /* the guest's; 0: a fresh one */
	bool refused;	   /* the CPU shall not take the guest */
	unsigned firmware; /* Intel: what it leaves in IA32_FEATURE_CONTROL; 0: nothing */
	bool memory;	   /* keep the machine's memory to look at */
};

struct bare {
	struct outcome o; /* out: the guest's; err: the hypervisor's */
	u8 *memory; /* QEMU's, as the machine has left it: MACHINE_SIZE bytes; only with .memory */
	char *log;  /* the emulator's: what a program cannot forge that only calls its guest */
};

/*
 * Run it. The test fails at once if there was a guest, and the CPU entered none: whatever was
 * printed, it was not by a guest.
 */
struct bare bare_run(const struct bare_run *run);
#define run_amd(...) bare_run(&(struct bare_run){ __VA_ARGS__ })

#define run_intel(...) bare_run(&(struct bare_run){ .cpu = "intel", __VA_ARGS__ })

/* In a test of Intel's half, first of all: the machine lacks Bochs, which is no fault of anybody's.
 */
#define NEED_BOCHS()                                                                \
	do {                                                                        \
		if (!bochs_is_there())                                              \
			SKIP("Bochs is missing: apt-get install bochs bochs-term"); \
	} while (0)
bool bochs_is_there(void);

/* Intel: what Bochs said last of why it did not take a guest, or an instruction; "" if it did. */
const char *bochs_words(const struct bare *b);

/* Intel: how often a guest exited for that reason: SDM 3D, appendix C. */
unsigned bochs_exits(const struct bare *b, unsigned reason);

/* What the hypervisor has said behind its first line, in which it says that it is on. */
const char *bare_said(const struct bare *b);

/* How often is this in QEMU's log? "vmrun! ", or an exit's code as in "vmexit(00000078". */
unsigned bare_count(const struct bare *b, const char *what);

/* The number behind a name in what the hypervisor said of a guest's end: "RAX", "R8". */
u64 bare_register(const struct bare *b, const char *name);

#endif
