// SPDX-License-Identifier: MIT
#include "made.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "show.h"

static json_t *test_json(const char *name, const char *task, const char *outcome, int score,
			 int max, const char *note)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "suite",
			 "lab02/blackbox", "id", test_text("%s/%s", task, name), "task", task,
			 "name", name, "outcome", outcome, "score", score, "max", max, "actual",
			 "console = 00", "expected", "console = 48", "note", note);
}

json_t *made_json(const char *id, struct made m)
{
	bool graded = !m.state || !strcmp(m.state, "graded");
	int t1 = graded ? 10 - m.t1 : 0, t2 = graded ? 20 - m.t2 : 0;
	const char *outcome = m.outcome ? m.outcome : "pass";
	json_t *tasks = json_pack("[{s:s, s:s, s:i, s:i}, {s:s, s:s, s:i, s:i}]", "id", "2.1",
				  "title", "make a machine", "score", t1, "max", 10, "id", "2.2",
				  "title", "give it memory", "score", t2, "max", 20);
	json_t *tests = json_pack("[o, o]", test_json("one", "2.1", "pass", t1, 10, ""),
				  test_json("two", "2.2", outcome, t2, 20, m.note ? m.note : ""));

	return json_pack(
		"{s:i, s:s, s:i, s:s, s:s, s:s, s:s?, s:s, s:i, s:i, s:[], s:o, s:o, "
		"s:[{s:s, s:s, s:i}], s:[s], s:s}",
		"format", 1, "course", "1.1.0", "lab", 2, "id", id, "seed", "5eed", "state",
		m.state ? m.state : "graded", "submitted_at", m.submitted, "reason",
		m.reason ? m.reason : "", "score", t1 + t2, "max", 30, "flags", "tasks", tasks,
		"tests", tests, "files", "path", "labs/02-small/vm.c", "sha256",
		m.code ? m.code : id, "bytes", 100, "ignored", "Makefile", "compile_log",
		graded ? "" : "/tmp/grade.x1/labs/02-small/vm.c:3:1: error: unknown <type>\n");
}

struct record made_record(const char *id, struct made m)
{
	struct record r;
	char why[200];

	EXPECT_ERR(record_from_json(&r, id, made_json(id, m), why, sizeof(why)), 0);
	return r;
}

static void folder(const char *path)
{
	if (mkdir(path, 0777) && errno != EEXIST)
		test_error("%s: %s", path, strerror(errno));
}

void made_text(const char *out, const char *id, const char *json)
{
	folder(out);
	folder(test_text("%s/submissions", out));
	self_write(test_text("%s/submissions/%s.json", out, id), 0644, json);
}

void made_file(const char *out, const char *id, struct made m)
{
	made_text(out, id, json_dumps(made_json(id, m), JSON_INDENT(2)));
}

char *made_view(void (*view)(FILE *f, const struct record *r), const struct record *r)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	view(f, r);
	fclose(f);
	return text;
}

struct proc_result made_run(const char *program, const char *const args[5])
{
	char *argv[7] = { (char *)self_program(test_text("tools/marks/%s", program)) };

	for (int i = 0; i < 5; i++)
		argv[1 + i] = (char *)args[i];
	return self_run(argv, NULL);
}
