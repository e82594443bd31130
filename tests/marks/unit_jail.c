// SPDX-License-Identifier: MIT
/* A program in a sandbox gets all of its words, or does not start. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../tools/marks/core/jail.h"
#include "test.h"

static int echo(unsigned words, struct proc_result *p)
{
	struct jail jail = { .kind = SANDBOX_NONE, .limit = 10, .max_output = KiB(4) };
	char *argv[500] = { "echo" };

	for (unsigned i = 0; i < words; i++)
		argv[1 + i] = "x";
	return jail_run(&jail, argv, p);
}

TEST("-", a_compiler_is_told_of_each_file, 0)
{
	struct proc_result p;

	CONTEXT("as many objects as a submission may have files");
	EXPECT_U64(echo(100, &p), 0);
	EXPECT_U64(p.out_len, 200);
	proc_free(&p);
	CONTEXT("more than there is room for");
	EXPECT_U64(-echo(450, &p), E2BIG);
	EXPECT_U64(p.out_len, 0);
	proc_free(&p);
}

/* A limit on processes is a limit for a user: two submissions must not be one. */
TEST("-", each_directory_has_a_user_of_its_own, 0)
{
	const char *one = test_tmpfile("one"), *two = test_tmpfile("two");

	EXPECT_TRUE(!mkdir(one, 0755) && !mkdir(two, 0755));
	EXPECT_TRUE(jail_uid(one) != jail_uid(two), "both are user %u", jail_uid(one));
	EXPECT_U64(jail_uid(one), jail_uid(one));
	EXPECT_TRUE(jail_uid(one) >= 1000 && jail_uid(one) < JAIL_UID);
	EXPECT_U64(jail_uid(NULL), JAIL_UID);
	EXPECT_U64(jail_uid(test_tmpfile("none")), JAIL_UID);
}

TEST("-", no_sandbox_and_what_to_do_about_it, 0)
{
	FILE *f = fopen(test_tmpfile("bwrap"), "w");
	char why[600];

	if (!f || fputs("#!/bin/sh\necho 'bwrap: no\nand more' >&2; exit 1\n", f) < 0 ||
	    fclose(f) || chmod(test_tmpfile("bwrap"), 0755))
		test_error("no bwrap: %s", strerror(errno));
	setenv("PATH", test_text("%s:/usr/bin:/bin", test_tmpdir()), 1);
	EXPECT_ERR(jail_possible(SANDBOX_BWRAP, "/", why, sizeof(why)), -ENOSYS);
	EXPECT_CONTAINS(why,
			"no sandbox here (bwrap: no); allow user namespaces, or run as root; ");
}

/* The first process of a sandbox can be read in it, with what it was started with. */
TEST("-", a_sandbox_begins_without_our_environment, 0)
{
	struct jail jail = { .kind = SANDBOX_BWRAP, .limit = 10, .max_output = KiB(64) };
	FILE *f = fopen(test_tmpfile("bwrap"), "w");
	char *argv[] = { "true", NULL };
	struct proc_result p;

	if (!f || fputs("#!/bin/sh\ntr '\\0' '\\n' </proc/$$/environ\n", f) < 0 || fclose(f) ||
	    chmod(test_tmpfile("bwrap"), 0755))
		test_error("no bwrap: %s", strerror(errno));
	setenv("PATH", test_text("%s:/usr/bin:/bin", test_tmpdir()), 1);
	setenv("VMMLAB_SECRET", "hush", 1);
	EXPECT_ERR(jail_run(&jail, argv, &p), 0);
	EXPECT_CONTAINS(p.out, "PATH=");
	EXPECT_TRUE(!strstr(p.out, "hush"), "it begins with %s", p.out);
	proc_free(&p);
}
