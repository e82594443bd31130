/* SPDX-License-Identifier: MIT */
/* The report that a lab's program writes with --report=FILE: how the run ended, one fact a line. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "types.h"

#define REPORT_TODOS 16
#define REPORT_KINDS 24
#define REPORT_LAST  8
#define REPORT_REGS  40

struct run_report {
	bool found;	  /* there is one, and its first line is right */
	char verdict[16]; /* exit halted dead timeout error limit */
	int status;
	char cause[160];
	unsigned ntodos, nkinds, nlast, nregs;
	char todo[REPORT_TODOS][8];
	struct {
		char kind[24]; /* "IO_OUT" */
		u64 count;
	} kinds[REPORT_KINDS];
	char last[REPORT_LAST][120]; /* oldest first */
	struct {
		char name[8];
		u64 value;
	} regs[REPORT_REGS];
	char code[120]; /* "0x1003 e6 e9 out %al, $0xe9" */
};

/* Read path into r. Returns 0, or a negative errno (-EINVAL: not a report) with r->found false. */
int run_report_read(struct run_report *r, const char *path);

/* How many exits of one kind there were ("IO_OUT"); 0 when none was seen. */
u64 run_report_exits(const struct run_report *r, const char *kind);

/* The value of a register ("rip") in *value; false when the report does not have it. */
bool run_report_reg(const struct run_report *r, const char *name, u64 *value);

#endif
