/* SPDX-License-Identifier: MIT */
/*
 * How ./lab grade ends, whatever it ends of: its status, and that no result of another time is
 * left. In a small tree with the real ./lab, compile and grade, and a Makefile that does as the
 * test likes.
 */
#ifndef HARNESS_SELF_ENDINGS_H
#define HARNESS_SELF_ENDINGS_H

#include "self.h"

/* Go to such a tree: all is solved there, and old results lie wherever there could be some. */
void endings_tree(void);

/* What building the "given" code, the "program" or the "tests" does: a shell script. */
void endings_script(const char *what, const char *text);

/* A program instead of the one at path. */
void endings_program(const char *path, const char *text);

/* ./lab grade with up to three more arguments, where KVM seems to work. */
struct proc_result endings_grade(const char *one, const char *two, const char *three);

/* Nothing of another time is left where results could be. */
void endings_expect_nothing_old(void);

/* Grade lab 02 into r.json and j.xml: the exit status, and what the results say. */
struct proc_result endings_expect(int status, const char *says);

#endif
