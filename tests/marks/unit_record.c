// SPDX-License-Identifier: MIT
/* Records that contradict themselves, that are somebody else's, or that are none. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made.h"

static struct record changed(const char *key, json_t *value)
{
	json_t *json = made_json("ann", (struct made){ 0 });
	struct record r;
	char why[200];

	json_object_set_new(json, key, value);
	EXPECT_ERR(record_from_json(&r, "ann", json, why, sizeof(why)), 0);
	return r;
}

TEST("-", a_record_is_read, 0)
{
	struct record r = made_record("ann", (struct made){ .t2 = 5 });

	EXPECT_U64(r.score, 25);
	EXPECT_U64(r.max, 30);
	EXPECT_U64(r.lab, 2);
	EXPECT_STR(r.student, "ann");
	EXPECT_STR(r.doubt, "");
	EXPECT_U64(record_task_score(&r, "2.2"), 15);
	EXPECT_TRUE(record_task_score(&r, "2.9") == -1);
}

TEST("-", a_mark_is_never_more_than_its_tasks, 0)
{
	struct record r = changed("score", json_integer(1000));

	EXPECT_U64(r.score, 30);
	EXPECT_CONTAINS(r.doubt, "the mark is 1000");
	r = changed("tasks", json_pack("[{s:s, s:i, s:i}]", "id", "2.1", "score", 900, "max", 10));
	EXPECT_U64(r.score, 10);
	EXPECT_STR(r.doubt, "the mark is 30, its tasks are 10");
	EXPECT_U64(record_task_score(&r, "2.1"), 10);
	r = changed("score", json_integer(-5));
	EXPECT_U64(r.score, 0);
	r = changed("max", json_integer(7));
	EXPECT_U64(r.score, 7);
	r = changed("state", json_string("killed"));
	EXPECT_U64(r.score, 0);
	EXPECT_STR(r.doubt, "points without a grade");
}

TEST("-", no_mark_is_no_zero, 0)
{
	struct record r = changed("score", json_null());

	EXPECT_TRUE(r.score == -1);
	r = changed("score", json_string("30"));
	EXPECT_TRUE(r.score == -1);
	r = changed("state", json_string("environment"));
	EXPECT_TRUE(r.score == -1);
}

TEST("-", the_second_try_of_a_student, 0)
{
	static const struct {
		const char *id, *student;
		unsigned attempt;
	} ids[] = {
		{ "ann", "ann", 1 },
		{ "ann--2", "ann", 2 },
		{ "ann--12", "ann", 12 },
		{ "ann--x", "ann--x", 1 },
		{ "--2", "--2", 1 },
		{ "a--b--3", "a--b", 3 },
		{ "ann--0", "ann--0", 1 },
		{ "ann.2", "ann.2", 1 },
		{ "ann---2", "ann---2", 1 },
		{ "ann--2x", "ann--2x", 1 },
		{ "ann--9999999", "ann--9999999", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct record r = made_record(ids[i].id, (struct made){ 0 });

		EXPECT_STR(r.student, ids[i].student);
		EXPECT_U64(r.attempt, ids[i].attempt);
	}
}

TEST("-", what_is_no_record_is_told, 0)
{
	static const struct {
		const char *text, *why;
	} none[] = {
		{ "", "no record of format 1" },
		{ "{", "no record of format 1" },
		{ "[1, 2]", "no record of format 1" },
		{ "{\"format\": 2}", "no record of format 1" },
		{ "{\"format\": 1, \"id\": \"bob\", \"lab\": 2}", "somebody else" },
		{ "{\"format\": 1, \"id\": \"bad\", \"lab\": 0}", "without a lab" },
		{ "{\"format\": 1, \"id\": \"bad\", \"lab\": 2, \"state\": \"great\"}", "a state" },
		{ "{\"format\": 1, \"format\": 1, \"id\": \"bad\"}", "no record of format 1" },
		{ "{\"format\": 1, \"id\": \"bad\\u0000\", \"lab\": 2}", "no record of format 1" },
		{ "{\"format\": 1, \"id\": \"b\xff"
		  "d\"}",
		  "no record of format 1" },
	};
	struct record r;
	char why[200];

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		self_write("bad.json", 0644, none[i].text);
		EXPECT_TRUE(record_read(&r, "bad.json", why, sizeof(why)) < 0);
		EXPECT_CONTAINS(why, none[i].why);
	}
}

TEST("-", odd_files_are_not_followed, 0)
{
	struct record r;
	char why[200];

	self_tree();
	EXPECT_TRUE(!mkfifo("pipe.json", 0644) && !symlink("/etc/passwd", "link.json"));
	EXPECT_TRUE(record_read(&r, "pipe.json", why, sizeof(why)) < 0);
	EXPECT_TRUE(record_read(&r, "link.json", why, sizeof(why)) < 0);
	EXPECT_TRUE(record_read(&r, "labs", why, sizeof(why)) < 0);
	EXPECT_TRUE(record_read(&r, "nobody.json", why, sizeof(why)) < 0);
	self_write("large.json", 0644, "");
	EXPECT_TRUE(!truncate("large.json", RECORD_BYTES_MAX + 1));
	EXPECT_TRUE(record_read(&r, "large.json", why, sizeof(why)) < 0);
	EXPECT_STR(why, "too large for a record");
}

TEST("-", deep_json_ends, 0)
{
	char *deep = malloc(200001);
	struct record r;
	char why[200];

	self_tree();
	memset(deep, '[', 200000);
	deep[200000] = 0;
	self_write("deep.json", 0644, deep);
	free(deep);
	EXPECT_TRUE(record_read(&r, "deep.json", why, sizeof(why)) < 0);
}

/* Any one member of another type, or missing: no crash, no more points. */
TEST("-", members_of_other_types, 0)
{
	json_t *whole = made_json("ann", (struct made){ .t1 = 1 });
	const char *key;
	json_t *value;

	json_object_foreach(whole, key, value)
	{
		json_t *wrong[] = { json_null(),
				    json_integer(-1),
				    json_integer(1ll << 62),
				    json_string("\xf0\x9f\x90\x90"),
				    json_array(),
				    json_object(),
				    json_pack("[n, i, [s]]", 7, "x"),
				    json_real(1e300),
				    NULL };

		for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
			json_t *json = json_deep_copy(whole);
			struct record r;
			char why[200];

			if (wrong[i])
				json_object_set_new(json, key, wrong[i]);
			else
				json_object_del(json, key);
			if (record_from_json(&r, "ann", json, why, sizeof(why)))
				continue;
			EXPECT_TRUE(r.score <= 29, "%s gives %d points", key, r.score);
			made_view(feedback_write, &r);
			made_view(junit_write, &r);
			gradescope_results(&r);
			prairielearn_results(&r);
			autolab_scores(&r);
		}
	}
}

TEST("-", a_folder_forgets_nobody, 0)
{
	struct record *r;

	self_tree();
	made_file("out", "bob", (struct made){ 0 });
	made_file("out", "ann", (struct made){ 0 });
	made_text("out", "cy", "nonsense");
	made_text("out", ".hidden", "nonsense");
	self_write("out/submissions/notes.txt", 0644, "x");
	EXPECT_U64(records_read("out/submissions", &r), 3);
	EXPECT_STR(r[0].id, "ann");
	EXPECT_STR(r[1].id, "bob");
	EXPECT_STR(r[2].id, "cy");
	EXPECT_STR(record_state(&r[2]), "environment");
	EXPECT_TRUE(r[2].score == -1);
	EXPECT_TRUE(records_read("out/nothing", &r) < 0);
}
