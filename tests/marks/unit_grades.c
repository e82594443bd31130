// SPDX-License-Identifier: MIT
/* Tables of marks: every number here was reckoned by hand. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/marks/out/grades.h"
#include "made.h"

#define HEAD "id,lab,score,max,state,reason,2.1,2.2,2.3,2.4,late_hours,penalty,final,flags\n"

/* OUT/grades.csv after report with these options. */
static char *report(const char *option)
{
	struct proc_result p = made_run("report", (const char *const[5]){ "out", option });

	EXPECT_STR(p.err, "");
	EXPECT_U64(proc_exit_code(&p), 0);
	return self_read("out/grades.csv");
}

TEST("-", a_row_a_student, 0)
{
	self_tree();
	made_file("out", "bob", (struct made){ .t2 = 20, .outcome = "fail" });
	made_file("out", "ann", (struct made){ 0 });
	made_file("out", "cy",
		  (struct made){ .state = "does-not-compile", .reason = "vm.c, line 3" });
	EXPECT_STR(report(NULL),
		   HEAD "ann,2,30,30,graded,,10,20,0,0,0,0,30,\n"
			"bob,2,10,30,graded,,10,0,0,0,0,0,10,\n"
			"cy,2,0,30,does-not-compile,\"vm.c, line 3\",0,0,0,0,0,0,0,\n");
}

TEST("-", a_mark_that_is_not_known_is_no_number, 0)
{
	json_t *json =
		made_json("ann", (struct made){ .state = "environment", .reason = "no room" });

	self_tree();
	json_object_set_new(json, "score", json_null());
	made_text("out", "ann", json_dumps(json, 0));
	made_text("out", "bob", "{");
	made_file("out", "cy", (struct made){ 0 });
	EXPECT_STR(
		report(NULL), HEAD
		"ann,2,,30,environment,no room,,,,,0,,,\n"
		"bob,2,,0,environment,its record cannot be used: no record of format 1,,,,,0,,,\n"
		"cy,2,30,30,graded,,10,20,0,0,0,0,30,\n");
}

/* Names that do something where they are opened: CSV, XML, a terminal. */
TEST("-", hostile_names_do_nothing, 0)
{
	const char rtl[] = { '\xe2', '\x80', '\xae', 'x', 0 }; /* from right to left */
	const char *const names[] = { "=cmd|calc!A0", "+1",   "-1",	 "@x",
				      "a,\"b\"",      "<b>&", "\x1b[2J", rtl };
	char *csv, *row;

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		made_file("out", names[i], (struct made){ .reason = names[i] });
	csv = report(NULL);
	for (row = strtok(csv, "\n"); row; row = strtok(NULL, "\n")) {
		EXPECT_TRUE(!strchr("=+-@", row[0]), "a row begins with %c", row[0]);
		EXPECT_TRUE(!strstr(row, ",=") && !strstr(row, ",+") && !strstr(row, ",-") &&
				    !strstr(row, ",@") && !strchr(row, 27),
			    "a cell is a formula: %s", row);
	}
	EXPECT_CONTAINS(self_read("out/grades.csv"),
			"\"a,\"\"b\"\"\",2,30,30,graded,\"a,\"\"b\"\"\",");
}

TEST("-", the_last_or_the_best, 0)
{
	self_tree();
	made_file("out", "ann", (struct made){ .t1 = 4 });
	made_file("out", "ann--2", (struct made){ .t1 = 1 });
	made_file("out", "ann--10", (struct made){ .t1 = 7 });
	CONTEXT("the tenth comes after the second, whatever the order of the names");
	EXPECT_STR(report(NULL), HEAD "ann,2,23,30,graded,,3,20,0,0,0,0,23,"
				      "\"submission ann--10, one of 3\"\n");
	self_write("c", 0644, "keep: best\n");
	EXPECT_STR(report("--conf=c"), HEAD "ann,2,29,30,graded,,9,20,0,0,0,0,29,"
					    "\"submission ann--2, one of 3\"\n");
}

/* The machine was at fault with the last of them: the best has a mark. */
TEST("-", one_of_several_has_no_mark, 0)
{
	json_t *json = made_json("ann--2", (struct made){ .state = "environment" });

	self_tree();
	json_object_set_new(json, "score", json_null());
	made_file("out", "ann", (struct made){ .t1 = 4 });
	made_text("out", "ann--2", json_dumps(json, 0));
	EXPECT_CONTAINS(report(NULL), "\nann,2,,30,environment,");
	self_write("c", 0644, "keep: best\n");
	EXPECT_CONTAINS(report("--conf=c"), "\nann,2,26,30,graded,");
	CONTEXT("and in the other order of the names");
	json = made_json("bob--10", (struct made){ .state = "environment" });
	json_object_set_new(json, "score", json_null());
	made_text("out", "bob--10", json_dumps(json, 0));
	made_file("out", "bob--2", (struct made){ .t1 = 4 });
	EXPECT_CONTAINS(report("--conf=c"), "\nbob,2,26,30,graded,");
}

/* The best is the best after what being late costs: 29 less 20 percent is 23.2, and 26 is more. */
TEST("-", late_ones_lose_by_the_day, 0)
{
	self_tree();
	made_file("out", "ann", (struct made){ .t1 = 4, .submitted = "2026-11-02T12:00:00Z" });
	made_file("out", "ann--2", (struct made){ .t1 = 1, .submitted = "2026-11-04T00:00:00Z" });
	made_file("out", "bob", (struct made){ .t1 = 1, .submitted = "2026-11-04T00:00:00Z" });
	self_write("c", 0644,
		   "keep: best\npenalty: 10 percent each 24 hours\nlab: 2 weight 1 due "
		   "2026-11-02T23:00:00Z\n");
	EXPECT_STR(report("--conf=c"),
		   HEAD "ann,2,26,30,graded,,6,20,0,0,0,0,26,\"submission ann, one of 2\"\n"
			"bob,2,29,30,graded,,9,20,0,0,25,5.8,23.2,\n");
	CONTEXT("a file of times says more than the record");
	self_write("out/times.csv", 0644, "bob,2026-11-02T10:00:00Z\r\n");
	EXPECT_CONTAINS(report("--conf=c"), "bob,2,29,30,graded,,9,20,0,0,0,0,29,\n");
	EXPECT_TRUE(!unlink("out/times.csv"));
	CONTEXT("24 hours of slip leave one hour, which is one day begun");
	self_write("c", 0644,
		   "slip: 24\npenalty: 10 percent each 24 hours\nlab: 2 weight 1 due "
		   "2026-11-02T23:00:00Z\n");
	EXPECT_CONTAINS(report("--conf=c"), "bob,2,29,30,graded,,9,20,0,0,25,2.9,26.1,\n");
}

/* A time and an extension that are nobody's have no effect, and are told. */
TEST("-", times_of_nobody_are_told, 0)
{
	struct proc_result p;

	self_tree();
	made_file("out", "ann", (struct made){ 0 });
	self_write("out/times.csv", 0644,
		   "\xef\xbb\xbf"
		   "ann,2026-11-04T00:00:00Z\nann.tar.gz,2026-11-04T00:00:00Z\n"
		   "b\x1b[2J,2026-11-04T00:00:00Z\n");
	self_write("c", 0644,
		   "lab: 2 weight 1 due 2026-11-03T23:00:00Z\nextension: anm 02 24\n"
		   "extension: ann 02 0\nextension: ann 03 9\n");
	p = made_run("report", (const char *const[5]){ "out", "--conf=c" });
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(p.err,
		   "report: out/times.csv: 2 of its ids are no submission's here, such as "
		   "ann.tar.gz\n"
		   "report: course.conf: anm has an extension, and no submission of lab 02\n");
	EXPECT_CONTAINS(self_read("out/grades.csv"), "\nann,2,30,30,graded,,10,20,0,0,1,0,30,\n");
}

/* Two labs: slip hours go to the one that is due first, and the total is by weight. */
TEST("-", the_course_has_one_table, 0)
{
	struct proc_result p;
	json_t *json;

	self_tree();
	self_mkdir("labs/03-next");
	self_write("labs/03-next/tasks", 0644, "3.1 30 a.c - - all\n");
	made_file("two", "ann", (struct made){ .submitted = "2026-11-03T09:00:00Z" });
	made_file("two", "bob", (struct made){ .t1 = 3 });
	json = made_json("ann", (struct made){ .submitted = "2026-12-03T00:00:00Z" });
	json_object_set_new(json, "lab", json_integer(3));
	made_text("three", "ann", json_dumps(json, 0));
	self_write("c", 0644,
		   "slip: 30\npenalty: 50 percent each 24 hours\n"
		   "lab: 2 weight 1 due 2026-11-02T23:00:00Z\n"
		   "lab: 3 weight 3 due 2026-12-01T23:00:00Z\n");
	CONTEXT("ann: 10 hours late in lab 2, so 20 are left of 30; 25 in lab 3: 5 cost half");
	p = made_run("report",
		     (const char *const[5]){ "three", "two", "--conf=c", "--course=course.csv" });
	EXPECT_STR(p.err, "");
	EXPECT_STR(self_read("course.csv"), "id,lab03,lab02,total\n"
					    "ann,50,100,62.5\n"
					    "bob,,90,22.5\n");
	EXPECT_CONTAINS(self_read("two/grades.csv"), "ann,2,30,30,graded,,10,20,0,0,10,0,30,\n");
	EXPECT_CONTAINS(self_read("three/grades.csv"), "ann,3,30,30,graded,,0,25,15,15,\n");
	CONTEXT("both are due at once, and ann is 25 hours late in each: 30 are not 60");
	made_file("two", "ann", (struct made){ .submitted = "2026-12-03T00:00:00Z" });
	self_write("c", 0644,
		   "slip: 30\npenalty: 50 percent each 24 hours\n"
		   "lab: 2 weight 1 due 2026-12-01T23:00:00Z\n"
		   "lab: 3 weight 3 due 2026-12-01T23:00:00Z\n");
	p = made_run("report",
		     (const char *const[5]){ "three", "two", "--conf=c", "--course=course.csv" });
	EXPECT_STR(p.err, "");
	EXPECT_CONTAINS(self_read("course.csv"), "\nann,50,100,62.5\n");
}

TEST("-", flags_and_doubts_are_seen, 0)
{
	json_t *json = made_json("ann", (struct made){ 0 });

	self_tree();
	json_object_set_new(json, "flags",
			    json_pack("[s, i, s]", "look at: imports getenv", 7, "=1"));
	json_object_set_new(json, "score", json_integer(99));
	made_text("out", "ann", json_dumps(json, 0));
	EXPECT_CONTAINS(report(NULL), ",30,\"look at: the mark is 99, its tasks are 30; look at: "
				      "imports getenv; =1\"\n");
}

TEST("-", two_by_one_name_are_seen, 0)
{
	char *csv;

	self_tree();
	made_file("out", "ann", (struct made){ 0 });
	made_file("out", "ann+2", (struct made){ 0 });
	made_file("out", "anna", (struct made){ 0 });
	made_file("out", "bob+b@uni", (struct made){ 0 });
	made_file("out", "bob", (struct made){ 0 });
	csv = report(NULL);
	EXPECT_CONTAINS(csv, "\nann,2,30,30,graded,,10,20,0,0,0,0,30,look at: another one came by "
			     "the same name\n");
	EXPECT_CONTAINS(csv,
			"\nann+2,2,30,30,graded,,10,20,0,0,0,0,30,look at: another one came by "
			"the same name\n");
	EXPECT_CONTAINS(csv, "\nanna,2,30,30,graded,,10,20,0,0,0,0,30,\n");
	EXPECT_CONTAINS(csv, "\nbob,2,30,30,graded,,10,20,0,0,0,0,30,\n");
}

TEST("-", hundredths_are_short, 0)
{
	char buf[20];

	EXPECT_STR(hundredths(buf, sizeof(buf), 8100), "81");
	EXPECT_STR(hundredths(buf, sizeof(buf), 8150), "81.5");
	EXPECT_STR(hundredths(buf, sizeof(buf), 8105), "81.05");
	EXPECT_STR(hundredths(buf, sizeof(buf), 0), "0");
	EXPECT_STR(hundredths(buf, sizeof(buf), -1), "");
}

TEST("-", two_labs_in_one_folder_are_a_mistake, 0)
{
	json_t *json = made_json("bob", (struct made){ 0 });
	struct proc_result p;

	self_tree();
	made_file("out", "ann", (struct made){ 0 });
	json_object_set_new(json, "lab", json_integer(3));
	made_text("out", "bob", json_dumps(json, 0));
	p = made_run("report", (const char *const[5]){ "out" });
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.err, "records of lab 02 and of lab 03");
	made_file("two", "ann", (struct made){ 0 });
	self_write("two/times.csv", 0644, "ann,yesterday\n");
	p = made_run("report", (const char *const[5]){ "two" });
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.err, "two/times.csv:1: not `id,2026");
	p = made_run("report", (const char *const[5]){ "nowhere" });
	EXPECT_U64(proc_exit_code(&p), 1);
	p = made_run("report", (const char *const[5]){ NULL });
	EXPECT_U64(proc_exit_code(&p), 2);
}
