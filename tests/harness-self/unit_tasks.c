// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hints.h"
#include "self.h"
#include "tasks.h"

TEST("-", a_table_of_tasks_is_read, 0)
{
	struct tasks t;
	char why[300] = "", buf[300];
	const struct task *task;

	self_tree();
	EXPECT_TRUE(tasks_load(&t, 0, why, sizeof(why)) == 0, "%s", why);
	EXPECT_STR(t.dir, "labs/02-small");
	EXPECT_U64(t.lab, 2);
	EXPECT_U64(t.count, 4);
	EXPECT_U64(t.points, 100);
	task = tasks_find(&t, "2.3");
	EXPECT_TRUE(task != NULL);
	EXPECT_STR(task->title, "let it speak");
	EXPECT_STR(task_place(&t, task, buf, sizeof(buf)), "labs/02-small/io.c, exit_io");
	EXPECT_STR(list_item(task->files, 1, buf, sizeof(buf)), "bus.c");
	EXPECT_TRUE(list_item(task->files, 2, buf, sizeof(buf)) == NULL);
	EXPECT_TRUE(list_item("-", 0, buf, sizeof(buf)) == NULL);
	EXPECT_TRUE(tasks_find(&t, "2.30") == NULL);
}

/* A submission may hold anything by that name. */
TEST("-", a_table_that_is_a_pipe_is_not_waited_for, 0)
{
	struct tasks t;
	char why[300];

	self_tree();
	if (remove("labs/02-small/tasks") || mkfifo("labs/02-small/tasks", 0644))
		test_error("tasks: %s", strerror(errno));
	EXPECT_ERR(tasks_load(&t, 2, why, sizeof(why)), -EINVAL);
	EXPECT_STR(why, "labs/02-small/tasks: not a regular file");
	if (mkfifo("labs/02-small/about", 0644))
		test_error("about: %s", strerror(errno));
	lab_says("labs/02-small", "program", "vmm", why, sizeof(why));
	EXPECT_STR(why, "vmm");
}

TEST("-", needs_go_all_the_way_back, 0)
{
	struct tasks t;
	char why[300];

	self_tree();
	EXPECT_ERR(tasks_load(&t, 2, why, sizeof(why)), 0);
	EXPECT_TRUE(tasks_needs(&t, "2.3", "2.3"));
	EXPECT_TRUE(tasks_needs(&t, "2.3", "2.1"));
	EXPECT_TRUE(!tasks_needs(&t, "2.4", "2.2"));
	EXPECT_TRUE(!tasks_needs(&t, "2.1", "2.3"));
}

TEST("-", the_highest_lab_is_the_default, 0)
{
	char dir[100];

	self_tree();
	self_mkdir("labs/03-more");
	EXPECT_ERR(lab_find(0, dir, sizeof(dir)), 0);
	EXPECT_STR(dir, "labs/02-small"); /* 03 has no tasks yet */
	self_write("labs/03-more/tasks", 0644, "");
	EXPECT_ERR(lab_find(0, dir, sizeof(dir)), 0);
	EXPECT_STR(dir, "labs/02-small"); /* nor now */
	self_write("labs/03-more/tasks", 0644, "3.1 100 a.c - - all\n");
	EXPECT_ERR(lab_find(0, dir, sizeof(dir)), 0);
	EXPECT_STR(dir, "labs/03-more");
	self_mkdir("labs/05-below");
	self_write("labs/05-below/tasks", 0644, "5.1 100 a.c - - all\n");
	self_write("labs/05-below/about", 0644, "alone: it is no VMM\n");
	EXPECT_ERR(lab_find(0, dir, sizeof(dir)), 0);
	EXPECT_STR(dir, "labs/03-more");
	EXPECT_ERR(lab_find(4, dir, sizeof(dir)), -ENOENT);
}

TEST("-", lab_numbers_are_found_in_names, 0)
{
	EXPECT_U64(lab_number("2"), 2);
	EXPECT_U64(lab_number("02"), 2);
	EXPECT_U64(lab_number("2.10"), 2);
	EXPECT_U64(lab_number("labs/02-vcpu-run"), 2);
	EXPECT_U64(lab_number("-"), 0);
	EXPECT_U64(lab_number(""), 0);
}

TEST("-", a_bare_lab_says_so, 0)
{
	self_tree();
	EXPECT_TRUE(!lab_is_bare(2));
	self_write("labs/02-small/about", 0644, "bare: labs/01-tiny/a.c\n");
	EXPECT_TRUE(lab_is_bare(2));
	EXPECT_TRUE(!lab_is_bare(9));
}

TEST("-", wrong_tables_are_refused_by_line, 0)
{
	static const char *const wrong[] = {
		"2.1 ten a.c f - title\n",	"2.1 10 a.c f -\n",
		"3.1 10 a.c f - another lab\n", "2.1 10 a.c f 2.2 forwards\n",
		"2.1 -1 a.c f - negative\n",
	};
	struct tasks t;
	char why[300];

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CONTEXT("the line was: %s", wrong[i]);
		self_write("labs/02-small/tasks", 0644, wrong[i]);
		EXPECT_ERR(tasks_load(&t, 2, why, sizeof(why)), -EINVAL);
		EXPECT_CONTAINS(why, "labs/02-small/tasks:1: ");
	}
}

TEST("-", hints_are_split_in_three, 0)
{
	struct hints h;

	self_tree();
	self_mkdir("labs/02-small/hints");
	EXPECT_ERR(hints_read(&h, "labs/02-small", "2.1"), -ENOENT);
	EXPECT_STR(h.path, "labs/02-small/hints/2.1.md");
	self_write(h.path, 0644, "one\n\n---\n\ntwo\n--- not a line of its own\n---\nthree\n");
	EXPECT_ERR(hints_read(&h, "labs/02-small", "2.1"), 0);
	EXPECT_U64(h.count, 3);
	EXPECT_STR(h.part[0], "one\n");
	EXPECT_STR(h.part[1], "two\n--- not a line of its own\n");
	EXPECT_STR(h.part[2], "three\n");
	hints_free(&h);
}
