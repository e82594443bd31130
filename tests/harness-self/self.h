/* SPDX-License-Identifier: MIT */
/* What the harness's tests of itself share. They work in small made-up trees of their own. */
#ifndef HARNESS_SELF_H
#define HARNESS_SELF_H

#include "proc.h"
#include "results.h"
#include "test.h"

/*
 * Go to a new directory below test_tmpdir() and make labs/02-small/tasks there, with tasks 2.1 (10
 * points), 2.2 (20, after 2.1), 2.3 (30, after 2.2) and 2.4 (40, after 2.1). Each call makes
 * another tree; nobody ever removes a file by a relative path, so that a test that runs in the
 * wrong place cannot harm it.
 */
void self_tree(void);

/* The same with ./lab and the scripts in tools/ that it reads: its front door (packages.sh is the
 * test's). */
void self_front_tree(void);

void self_mkdir(const char *path);
void self_write(const char *path, mode_t mode, const char *text);

/* The whole file; the test fails when there is none. */
char *self_read(const char *path);

/* The path of a program of the build, such as "tests/grade". */
const char *self_program(const char *name);

/* Run a program to its end; its output is kept as the test's, for when the test fails. */
struct proc_result self_run(char *const argv[], char *const env[]);

/* For self_run(): an environment in which /dev/kvm seems to work (shim_host.c), unless VMMLAB_KVM
 * is set. */
char *const *self_fake_kvm(void);

/* Run one fixture of unit_fixtures.c in a suite of its own, quickly, and return its result. */
struct test_result self_fixture(const char *name);

/* A text in a JSON object, "" when it has none. */
const char *self_member(const json_t *json, const char *name);

/*
 * Two made-up suites, ./unit (with its plan, and no faults) and ./blackbox. lines: `task name
 * points outcome`, one a line; the outcome `die` ends the suite there.
 */
void self_suites(const char *unit, const char *blackbox);

#endif
