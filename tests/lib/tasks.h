/* SPDX-License-Identifier: MIT */
/*
 * The table labs/NN-name/tasks, which ties a lab together: grade, blocked tests, hints and lint all
 * come from it. `#` starts a comment; a line a task:
 *
 *	2.7 8 cpu_mode.c cpu_mode_protected 2.5 protected mode with flat descriptors
 *
 * id, points, files, functions and tasks that must be solved before (each separated by commas, `-`
 * for none), and the title to the end of the line.
 */
#ifndef HARNESS_TASKS_H
#define HARNESS_TASKS_H

#include "types.h"

#define TASKS_MAX 32

struct task {
	char id[8]; /* "2.7" */
	int points;
	char files[120];     /* "cpu_mode.c,cpu_mode.h" */
	char functions[200]; /* "cpu_mode_protected" */
	char after[64];	     /* "2.5,2.6", or "-" */
	char title[100];
};

struct tasks {
	char dir[200]; /* "labs/02-vcpu-run" */
	unsigned lab;  /* 2 */
	struct task task[TASKS_MAX];
	unsigned count;
	int points;  /* the sum */
	int to_come; /* of a lab that is not whole yet: `# to come: 40 points ...` */
};

/*
 * Find labs/NN-* below the working directory, for the lab's number or, with lab 0, for the highest
 * VMM: a lab that has tasks (an empty table is none), and others below it. Returns 0 with its path
 * in dir, or -ENOENT.
 */
int lab_find(unsigned lab, char *dir, size_t size);

/*
 * What a lab's `about` says behind "KEY: " (tools/labs.sh lists the keys), copied to buf; if it
 * says nothing, `otherwise`. dir: "labs/02-vcpu-run".
 */
void lab_says(const char *dir, const char *key, const char *otherwise, char *buf, size_t size);

/* The number of the lowest lab whose `about` says something of this; 0: none does. */
unsigned lab_first_that_says(const char *key);

/* Does its program run on a bare machine, which an emulator is, and not on KVM? */
bool lab_is_bare(unsigned lab);

/*
 * The program of a lab (0: the highest) that is built in that directory, which is BUILD, in path.
 * Returns 0 or -ENOENT, with what is missing in path.
 */
int lab_program(unsigned lab, const char *build, char *path, size_t size);

/* The number of a lab in "2", "02", "2.7", "labs/02-vcpu-run"; 0 when there is none. */
unsigned lab_number(const char *text);

/*
 * Read the table of a lab (0: the highest). Returns 0 or a negative errno, with one line for
 * people in why: -ENOENT no such lab, -EINVAL a line is wrong.
 */
int tasks_load(struct tasks *t, unsigned lab, char *why, size_t size);

/* NULL when there is no such task. */
const struct task *tasks_find(const struct tasks *t, const char *id);

/* Is `other` the same task as id, or one that must be solved before it, however far back? */
bool tasks_needs(const struct tasks *t, const char *id, const char *other);

/* The i-th of a list separated by commas, copied to buf; NULL past its end. "-" is an empty list.
 */
const char *list_item(const char *list, unsigned i, char *buf, size_t size);

/* Where to start with a task: "labs/02-vcpu-run/vm.c, vm_init". Returns buf. */
char *task_place(const struct tasks *t, const struct task *task, char *buf, size_t size);

/*
 * Does the text name this row of a sheet's table: "row 20", "rows_08_09_10_buffers", "rows 24 and
 * 47"? What lies between two numbers is not named.
 */
bool names_row(const char *text, int number);

#endif
