// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"
#include "put_file.h"
#include "show.h"

static void record_path(const struct mark *m, char *buf, size_t size)
{
	show_format(buf, size, "%s/submissions/%s.json", m->out, m->id);
}

/* jansson wants UTF-8, and whoever reads it wants no control characters. */
static json_t *clean_text(const char *text)
{
	char *copy = strdup(text ? text : "");
	json_t *json;

	for (char *p = copy; p && *p; p++)
		if ((*p < ' ' && *p != '\n' && *p != '\t') || *p > '~')
			*p = '?';
	json = json_string(copy ? copy : "");
	free(copy);
	return json;
}

static json_t *files(const struct mark *m)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < m->wanted.count; i++)
		if (m->submission.file[i].data)
			json_array_append_new(
				list, json_pack("{s:s, s:s, s:I}", "path", m->wanted.path[i],
						"sha256", m->submission.file[i].sha256, "bytes",
						(json_int_t)m->submission.file[i].bytes));
	return list;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_t *ignored(struct mark *m)
{
	struct submission *s = &m->submission;
	json_t *list = json_array();
	char more[60];

	qsort(s->ignored, s->nignored, sizeof(s->ignored[0]), by_text);
	for (unsigned i = 0; i < s->nignored; i++)
		json_array_append_new(list, clean_text(s->ignored[i]));
	show_format(more, sizeof(more), "and %u more", s->more_ignored);
	if (s->more_ignored)
		json_array_append_new(list, json_string(more));
	return list;
}

static json_t *tasks(const struct mark *m)
{
	json_t *list = json_array(), *test;
	size_t k;

	for (unsigned i = 0; i < m->tasks.count; i++) {
		const struct task *task = &m->tasks.task[i];
		long long score = 0;

		json_array_foreach(m->tests, k, test)
		{
			const char *id = json_string_value(json_object_get(test, "task"));

			if (m->state == MARK_GRADED && id && !strcmp(id, task->id))
				score += json_integer_value(json_object_get(test, "score"));
		}
		score = score < 0 ? 0 : score > task->points ? task->points : score;
		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:i}", "id", task->id,
						      "title", task->title, "score",
						      (json_int_t)score, "max", task->points));
	}
	return list;
}

static json_t *to_json(struct mark *m)
{
	char version[100], at[40];
	time_t now = time(NULL);
	json_t *counted = json_null();

	show_format(version, sizeof(version), "%.*s", (int)strcspn(m->fingerprint, " "),
		    m->fingerprint);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	if (m->counted_wanted || m->counted)
		counted = json_integer(m->counted);
	return json_pack("{s:i, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:O, s:o, s:o,"
			 " s:o, s:o, s:O, s:{s:I, s:o}, s:{s:i, s:i}, s:s}",
			 "format", 1, "course", version, "lab", (int)m->lab,	       /**/
			 "id", m->id, "key", m->key, "seed", m->seed,		       /**/
			 "engine", strcmp(m->engine, "native") ? "svm" : "native",     /**/
			 "state", mark_state_name(m->state), "reason", m->reason,      /**/
			 "score", m->state == MARK_GRADED ? m->score : 0,	       /**/
			 "max", m->tasks.points, "flags", m->flags, "files", files(m), /**/
			 "ignored", ignored(m), "compile_log", clean_text(m->compile_log), "tasks",
			 tasks(m), "tests", m->tests, "exits",			      /**/
			 "wanted", (json_int_t)m->counted_wanted, "counted", counted, /**/
			 "times", "compile_ms", (int)(m->compile_seconds * 1000), "run_ms",
			 (int)(m->run_seconds * 1000), "graded_at", at);
}

/* What was graded is kept, for who compares them: OUT/taken/ID/labs/... */
static int keep_taken(const struct mark *m)
{
	char path[PATH_MAX];
	int ret = 0;

	for (unsigned i = 0; i < m->wanted.count && !ret; i++) {
		if (!m->submission.file[i].data)
			continue;
		show_format(path, sizeof(path), "%s/taken/%s/%s", m->out, m->id, m->wanted.path[i]);
		for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
			*p = 0;
			if (mkdir(path, 0777) && errno != EEXIST)
				ret = -errno;
			*p = '/';
		}
		if (!ret)
			ret = put_file(path, m->submission.file[i].data,
				       m->submission.file[i].bytes);
	}
	return ret;
}

/* The new one; or the earlier one, if the second try brought less. */
static json_t *better(struct mark *m)
{
	json_t *json = to_json(m);
	json_int_t before = json_integer_value(json_object_get(m->earlier, "score"));

	if (m->earlier && json &&
	    (m->state == MARK_ENVIRONMENT ||
	     before > json_integer_value(json_object_get(json, "score")))) {
		json_decref(json);
		json = json_incref(m->earlier);
	}
	if (m->earlier && json)
		json_object_set_new(json, "alone", json_true());
	return json;
}

int mark_write(struct mark *m)
{
	char path[PATH_MAX];
	json_t *json = better(m);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	int ret = text ? keep_taken(m) : -ENOMEM;

	record_path(m, path, sizeof(path));
	if (!ret)
		ret = put_file(path, text, strlen(text));
	free(text);
	json_decref(json);
	return ret;
}

/* What this machine could not do may be tried again. */
static bool stands(const struct mark *m, json_t *record)
{
	const char *key = json_string_value(json_object_get(record, "key"));
	const char *state = json_string_value(json_object_get(record, "state"));

	return key && state && !strcmp(key, m->key) &&
	       strcmp(state, mark_state_name(MARK_ENVIRONMENT)) != 0;
}

#define LIMITS_MAX 5 /* who runs into more is no victim of the load */

json_t *mark_limited(const struct mark *m)
{
	char path[PATH_MAX];
	json_t *record, *test;
	unsigned limits = 0;
	size_t i;

	record_path(m, path, sizeof(path));
	record = json_load_file(path, 0, NULL);
	json_array_foreach(json_object_get(record, "tests"), i, test)
	{
		const char *outcome = json_string_value(json_object_get(test, "outcome"));

		limits += outcome && !strcmp(outcome, "timeout");
	}
	if (record && stands(m, record) && limits && limits <= LIMITS_MAX &&
	    !json_is_true(json_object_get(record, "alone")))
		return record;
	json_decref(record);
	return NULL;
}

bool mark_is_there(struct mark *m)
{
	char path[PATH_MAX];
	json_t *record;
	bool there;

	record_path(m, path, sizeof(path));
	record = json_load_file(path, 0, NULL);
	there = record && !m->again && stands(m, record);
	json_decref(record);
	if (!there)
		unlink(path);
	return there;
}
