// SPDX-License-Identifier: MIT
/* course.conf, and what being late costs: all by hand. */
#include "../../tools/marks/out/conf.h"
#include "../harness-self/self.h"

static struct conf read_conf(const char *text)
{
	static struct conf c;
	char why[300];

	self_tree();
	self_write("course.conf", 0644, text);
	EXPECT_ERR(conf_read(&c, "course.conf", why, sizeof(why)), 0);
	return c;
}

static time_t at(const char *text)
{
	time_t t;

	EXPECT_ERR(conf_time(text, &t), 0);
	return t;
}

TEST("-", times_have_a_zone, 0)
{
	static const char *const wrong[] = { "",
					     "2026-11-02",
					     "2026-11-02T23:59",
					     "2026-11-02T23:59:00",
					     "2026-11-31T12:00Z",
					     "2026-13-01T12:00Z",
					     "2026-11-02T25:00Z",
					     "2026-11-02T24:30Z",
					     "2026-11-02T12:00+99:00",
					     "2026-11-02T12:00+01:99",
					     "2026-11-02T23:59Zx",
					     "2026-11-02T23:59+1",
					     "yesterday" };
	time_t t;

	EXPECT_U64(at("1970-01-01T00:00Z"), 0);
	EXPECT_U64(at("2026-11-02T23:59:00+01:00"), at("2026-11-02T22:59:00Z"));
	EXPECT_U64(at("2026-11-02T23:59:30-05:30"), at("2026-11-03T05:29:30Z"));
	EXPECT_U64(at("2026-11-02T24:00Z"), at("2026-11-03T00:00:00Z"));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_TRUE(conf_time(wrong[i], &t) < 0, "%s is a time", wrong[i]);
}

TEST("-", a_course_is_read, 0)
{
	struct conf c = read_conf("# ours\ncourse: Hypervisors\nkeep: best\nslip: 48 # hours\n\n"
				  "penalty: 10 percent each 24 hours\nlate-at-most: 168\n"
				  "lab: 02 weight 20 due 2026-11-02T23:59:00Z\nlab: 03 weight 30\n"
				  "extension: ann 02 72\n");

	EXPECT_TRUE(c.has_most);
	EXPECT_STR(c.course, "Hypervisors");
	EXPECT_TRUE(c.best);
	EXPECT_U64(c.slip, 48);
	EXPECT_U64(c.labs, 2);
	EXPECT_U64(conf_lab(&c, 3)->weight, 30);
	EXPECT_TRUE(!conf_lab(&c, 4));
	CONTEXT("a second late is an hour late; an extension moves one student's deadline");
	EXPECT_U64(conf_late(&c, "bob", 2, at("2026-11-02T23:59:00Z")), 0);
	EXPECT_U64(conf_late(&c, "bob", 2, at("2026-11-02T23:59:01Z")), 1);
	EXPECT_U64(conf_late(&c, "bob", 2, at("2026-11-03T23:59:00Z")), 24);
	EXPECT_U64(conf_late(&c, "ann", 2, at("2026-11-05T23:59:00Z")), 0);
	EXPECT_U64(conf_late(&c, "ann", 2, at("2026-11-06T01:00:00Z")), 2);
	EXPECT_U64(conf_late(&c, "bob", 3, at("2027-11-03T23:59:00Z")), 0);
}

TEST("-", a_course_as_a_spreadsheet_saves_it, 0)
{
	struct conf c = read_conf("\xef\xbb\xbfkeep: best\r\nlate-at-most: 0\r\n");

	EXPECT_TRUE(c.best);
	EXPECT_TRUE(c.has_most);
	EXPECT_TRUE(!read_conf("keep: last\n").has_most);
}

TEST("-", each_wrong_line_is_named, 0)
{
	static const struct {
		const char *text, *why;
	} lines[] = {
		{ "slip 48\n", "course.conf:1: not `KEY: words`" },
		{ "\nslip: -1\n", "course.conf:2: not a number of hours" },
		{ "slip: 4x\n", "course.conf:1: not a number" },
		{ "keep: both\n", "course.conf:1: keep: best, or last" },
		{ "labs: 02\n", "course.conf:1: none of course" },
		{ "penalty: 10\n", "course.conf:1: not `penalty:" },
		{ "penalty: 101 percent each 24 hours\n", "not `penalty:" },
		{ "penalty: 10 percent each 0 hours\n", "not `penalty:" },
		{ "lab: 02\n", "not `lab:" },
		{ "lab: 02 weight 20 due 2026-11-02T23:59:00\n", "no date such as" },
		{ "lab: 02 weight 1\nlab: 2 weight 1\n",
		  "course.conf:2: this lab stands there twice" },
		{ "lab: 02 weight 20 until 2026-11-02T23:59:00Z\n", "not `lab:" },
		{ "lab: 02 weight 20.5 due 2026-11-02T23:59:00Z\n", "not `lab:" },
		{ "lab: 02 weight 20 due 2026-11-02T23:59:00Z sharp\n", "not `lab:" },
		{ "extension: ann 02\n", "not `extension:" },
		{ "extension: ann 02 1.5\n", "not `extension:" },
	};
	static struct conf c;
	char why[300];

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		self_write("course.conf", 0644, lines[i].text);
		EXPECT_TRUE(conf_read(&c, "course.conf", why, sizeof(why)) < 0);
		EXPECT_CONTAINS(why, lines[i].why);
	}
	EXPECT_TRUE(conf_read(&c, "missing.conf", why, sizeof(why)) < 0);
}

/* 80 points; 48 hours of slip; 10 percent for each 24 hours begun; 168 at most. */
TEST("-", what_late_costs, 0)
{
	static const struct {
		int late, slip, final, left;
	} cases[] = {
		{ 0, 48, 8000, 48 }, { 1, 48, 8000, 47 }, { 48, 48, 8000, 0 }, { 49, 48, 7200, 0 },
		{ 72, 48, 7200, 0 }, { 73, 48, 6400, 0 }, { 24, 0, 7200, 0 },  { 25, 0, 6400, 0 },
		{ 168, 0, 2400, 0 }, { 169, 48, 0, 48 },  { 1000, 0, 0, 0 },
	};
	struct conf c = { .percent = 10, .each = 24, .has_most = true, .late_at_most = 168 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int slip = cases[i].slip;

		CONTEXT("%d hours late with %d hours of slip", cases[i].late, cases[i].slip);
		EXPECT_U64(conf_final(&c, 80, cases[i].late, &slip), cases[i].final);
		EXPECT_U64(slip, cases[i].left);
	}
	CONTEXT("no hour at most");
	c.late_at_most = 0;
	EXPECT_U64(conf_final(&c, 80, 0, &(int){ 0 }), 8000);
	EXPECT_U64(conf_final(&c, 80, 1, &(int){ 48 }), 0);
	CONTEXT("no limit: thousands of years");
	c.has_most = false;
	c.percent = 100;
	c.each = 1;
	EXPECT_U64(conf_final(&c, 80, 60000000, &(int){ 0 }), 0);
	c.percent = 10;
	c.each = 24;
	EXPECT_U64(conf_final(&c, 80, 1000, &(int){ 0 }), 0);
	c.each = 0;
	EXPECT_U64(conf_final(&c, 80, 1000, &(int){ 0 }), 8000);
}
