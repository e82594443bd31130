/* SPDX-License-Identifier: MIT */
/* A machine without a system on it: what tools/emulate.c asks of an emulator. */
#ifndef EMULATED_H
#define EMULATED_H

#include <limits.h>
#include <stdbool.h>

#define EMULATE_SERIAL_FD 3 /* the emulator writes to it what comes out of COM1 */
#define EMULATE_EXIT_PORT 0xf4
#define EMULATE_ARGS	  48
#define EMULATE_TEXT	  (8 * 1024)

/* What is to run. NULL: nothing of the kind. */
struct job {
	const char *image;  /* the hypervisor, an ELF file with a PVH note */
	const char *guest;  /* its module */
	const char *words;  /* its command line */
	const char *model;  /* another CPU than the usual one */
	const char *log;    /* a file: what the CPU did for the hypervisor */
	bool notes;	    /* for tests: name the tasks that are not done and that nobody needed */
	const char *memory; /* a file, that is the machine's memory */
	const char *rom;    /* a file: the ROM is to be made, and nothing to run */
	unsigned feature_control; /* Intel: what firmware leaves in IA32_FEATURE_CONTROL; 0: nothing
				   */
	char dir[PATH_MAX];	  /* for the emulator's own files; removed afterwards */
};

/* The command line of an emulator, and room for its words. */
struct command {
	char *argv[EMULATE_ARGS];
	unsigned n;
	char text[EMULATE_TEXT];
	unsigned used;
};

/* One word more, made as by printf(). */
void command_add(struct command *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct emulator {
	const char *cpu;     /* "amd", "intel" */
	const char *program; /* what has to be installed */
	const char *install;
	bool noisy;	/* what it says on stderr is nobody's concern */
	bool exit_port; /* an OUT to port EMULATE_EXIT_PORT ends it, with an odd status */
	int (*prepare)(const struct job *job,
		       struct command *c); /* 0, or a negative errno; it said why */
};

/* What the hypervisor has said, from its beginning; for said_where(). */
struct said {
	char text[EMULATE_TEXT];
	unsigned used;
};
void said_add(struct said *s, char c);

/* If it has named an exception of its own, say in which function and line of image that was. */
void said_where(const struct said *s, const char *image);

/* What Bochs gets as its ROM, hypervisor and guest and all, as job->rom. 0, or it said why not. */
int rom_write(const struct job *job);

extern const struct emulator emulator_qemu, emulator_bochs;

#endif
