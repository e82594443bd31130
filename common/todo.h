/* SPDX-License-Identifier: MIT */
#ifndef TODO_H
#define TODO_H

/*
 * TODO("2.7") stands where a task's body will stand. It prints, once for each task,
 *
 *	task 2.7 is not done yet: cpu_mode_protected() in labs/02-vcpu-run/cpu_mode.c
 *
 * (the first of the task's stubs that is reached) on stderr and is -ENOSYS, so that a stub can say
 * `return TODO("2.7");`.
 * In a function that returns a pointer: `return (TODO("2.2"), NULL);`.
 */
#define TODO(task) todo_report(task, __func__, __FILE__)

/*
 * TODO_NOTED("6.3") is for what a run can do without: the test reads of it in the report, and
 * nothing is printed.
 */
#define TODO_NOTED(task) todo_note(task)

int todo_report(const char *task, const char *function, const char *file);
int todo_note(const char *task);

/* How many tasks have been reported by this process, and the name of the i-th ("2.7"). */
unsigned todo_count(void);
const char *todo_name(unsigned i);

#endif
