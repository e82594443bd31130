// SPDX-License-Identifier: MIT
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plain.h"
#include "show.h"

static const char *const states[] = { "graded",	 "does-not-compile", "not-gradable",
				      "refused", "killed",	     "environment" };

const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int number_in(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value < 0 || value > 1000000 ? 0 : (int)value;
}

const json_t *record_list(const struct record *r, const char *key)
{
	const json_t *list = json_object_get(r->json, key);

	return json_is_array(list) ? list : NULL;
}

const char *record_state(const struct record *r)
{
	return text_in(r->json, "state");
}

bool record_is(const struct record *r, const char *state)
{
	return !strcmp(record_state(r), state);
}

static int task_score(const json_t *task)
{
	int score = number_in(task, "score"), max = number_in(task, "max");

	return score < max ? score : max;
}

int record_task_score(const struct record *r, const char *task)
{
	const json_t *tasks = record_list(r, "tasks");

	for (size_t i = 0; i < json_array_size(tasks); i++)
		if (!strcmp(text_in(json_array_get(tasks, i), "id"), task))
			return task_score(json_array_get(tasks, i));
	return -1;
}

/* ann--2 is ann's second. */
static void set_student(struct record *r)
{
	char *at, *end;
	unsigned long n;

	show_format(r->student, sizeof(r->student), "%s", r->id);
	r->attempt = 1;
	for (at = r->student; (at = strstr(at, "--")) && strstr(at + 2, "--"); at++)
		;
	if (!at || at == r->student || at[2] < '1' || at[2] > '9')
		return;
	n = strtoul(at + 2, &end, 10);
	if (*end || n > 100000)
		return;
	*at = 0;
	r->attempt = n;
}

/* The mark that all of the record agrees on. */
static void set_score(struct record *r)
{
	const json_t *tasks = record_list(r, "tasks"), *score = json_object_get(r->json, "score");
	int sum = 0;

	r->max = number_in(r->json, "max");
	r->score = -1; /* whatever it says: the environment's fault is nobody's 0 points */
	if (json_is_integer(score) && !record_is(r, "environment"))
		r->score = number_in(r->json, "score");
	for (size_t i = 0; i < json_array_size(tasks); i++) {
		const json_t *task = json_array_get(tasks, i);

		sum += task_score(task);
		if (number_in(task, "score") > number_in(task, "max"))
			show_format(r->doubt, sizeof(r->doubt),
				    "a task has more points than it gives");
	}
	if (r->score < 0)
		return;
	if (!record_is(r, "graded") && r->score)
		show_format(r->doubt, sizeof(r->doubt), "points without a grade");
	else if (r->score != sum && (sum || record_is(r, "graded")))
		show_format(r->doubt, sizeof(r->doubt), "the mark is %d, its tasks are %d",
			    r->score, sum);
	r->score = record_is(r, "graded") ? (int)min_u64(min_u64(r->score, sum), r->max) : 0;
}

static bool is_state(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (!strcmp(text, states[i]))
			return true;
	return false;
}

int record_from_json(struct record *r, const char *id, json_t *json, char *why, size_t size)
{
	const char *wrong = NULL;

	*r = (struct record){ .json = json };
	show_format(r->id, sizeof(r->id), "%s", id);
	set_student(r);
	r->lab = number_in(json, "lab");
	if (!json_is_object(json) || number_in(json, "format") != RECORD_FORMAT)
		wrong = "no record of format 1";
	else if (strcmp(text_in(json, "id"), id) != 0)
		wrong = "the record of somebody else";
	else if (!r->lab || r->lab > 99)
		wrong = "a record without a lab";
	else if (!is_state(record_state(r)))
		wrong = "a record in a state that there is not";
	else if (json_array_size(record_list(r, "tasks")) > RECORD_TASKS_MAX ||
		 json_array_size(record_list(r, "tests")) > RECORD_TESTS_MAX)
		wrong = "a record with too many tasks or tests";
	if (wrong) {
		show_format(why, size, "%s", wrong);
		return -EINVAL;
	}
	set_score(r);
	return 0;
}

/* The whole of a regular file. */
static char *whole_file(const char *path, size_t *len, int *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t got;

	*err = -errno;
	if (fd < 0)
		return NULL;
	*err = -EINVAL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (u64)st.st_size > RECORD_BYTES_MAX)
		*err = S_ISREG(st.st_mode) ? -EFBIG : -EINVAL;
	else if ((text = malloc(st.st_size + 1)))
		for (*len = 0; (got = read(fd, text + *len, st.st_size - *len)) > 0;)
			*len += got;
	close(fd);
	return text;
}

int record_read(struct record *r, const char *path, char *why, size_t size)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char id[sizeof(r->id)];
	json_error_t error;
	json_t *json;
	size_t len;
	int err;
	char *text = whole_file(path, &len, &err);

	if (!text) {
		show_format(why, size, "%s",
			    err == -EFBIG ? "too large for a record" : strerror(-err));
		return err;
	}
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	free(text);
	show_format(id, sizeof(id), "%.*s", (int)(strlen(name) - (strlen(name) > 5 ? 5 : 0)), name);
	err = record_from_json(r, id, json, why, size);
	if (err)
		json_decref(json);
	return err;
}

void record_free(struct record *r)
{
	json_decref(r->json);
	r->json = NULL;
}

/* One that cannot be read is the environment's fault, and has no mark. */
static void record_of_nothing(struct record *r, const char *id, const char *why)
{
	char reason[300], ignored[10], *clean = plain(id, sizeof(r->id) - 1, ONE_LINE);
	json_t *json;

	show_format(reason, sizeof(reason), "its record cannot be used: %s", why);
	json = json_pack("{s:i, s:s, s:i, s:s, s:s}", "format", RECORD_FORMAT, "id", clean, "lab",
			 1, "state", "environment", "reason", reason);
	if (record_from_json(r, clean, json, ignored, sizeof(ignored)))
		abort();
	r->lab = 0; /* that of the others */
	free(clean);
}

static int is_record(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && len < 200 &&
	       !strcmp(entry->d_name + len - 5, ".json");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

long records_read(const char *dir, struct record **to)
{
	struct dirent **entry;
	int n = scandir(dir, &entry, is_record, by_bytes);
	char path[4096], why[200];

	if (n < 0)
		return -errno;
	*to = calloc(n + 1, sizeof(**to));
	if (!*to)
		abort();
	for (int i = 0; i < n; i++) {
		show_format(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		if (record_read(&(*to)[i], path, why, sizeof(why))) {
			entry[i]->d_name[strlen(entry[i]->d_name) - 5] = 0;
			record_of_nothing(&(*to)[i], entry[i]->d_name, why);
		}
		free(entry[i]);
	}
	free(entry);
	return n;
}

void records_free(struct record *r, long n)
{
	for (long i = 0; i < n; i++)
		record_free(&r[i]);
	free(r);
}
