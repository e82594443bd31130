// SPDX-License-Identifier: MIT
#include "grades.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "put_file.h"
#include "show.h"

#define LINE_OF_TIMES 400

static int read_times(struct sheet *s, char *why, size_t size)
{
	char line[LINE_OF_TIMES], path[4096];
	FILE *f;
	int err = 0;

	show_format(path, sizeof(path), "%s/times.csv", s->out);
	f = fopen(path, "re");
	for (int number = 1; f && !err && fgets(line, sizeof(line), f); number++) {
		struct hand_in *h;
		char *when;

		line[strcspn(line, "\r\n")] = 0;
		if (number == 1)
			conf_skip_mark(line);
		when = strrchr(line, ',');
		s->hand_in = realloc(s->hand_in, (s->nhand_in + 1) * sizeof(*h));
		if (!s->hand_in)
			abort();
		h = &s->hand_in[s->nhand_in++];
		if (when)
			*when++ = 0;
		if (!when || conf_time(when, &h->when)) {
			show_format(why, size, "%s:%d: not `id,2026-11-02T23:59:00+01:00`", path,
				    number);
			err = -EINVAL;
		}
		show_format(h->id, sizeof(h->id), "%s", line);
	}
	if (f)
		fclose(f);
	return err;
}

/* When it was handed in; 0: nobody knows. */
static time_t submitted(const struct sheet *s, const struct record *r)
{
	time_t when = 0;

	for (size_t i = 0; i < s->nhand_in; i++)
		if (!strcmp(s->hand_in[i].id, r->id))
			return s->hand_in[i].when;
	return conf_time(text_in(r->json, "submitted_at"), &when) ? 0 : when;
}

int sheet_read(struct sheet *s, const char *out, char *why, size_t size)
{
	char path[4096];

	*s = (struct sheet){ .out = out };
	show_format(path, sizeof(path), "%s/submissions", out);
	s->nrecords = records_read(path, &s->records);
	if (s->nrecords < 0) {
		show_format(why, size, "%s: %s", path, strerror((int)-s->nrecords));
		return (int)s->nrecords;
	}
	for (long i = 0; i < s->nrecords && !s->lab; i++)
		s->lab = s->records[i].lab;
	for (long i = 0; i < s->nrecords; i++) {
		if (!s->records[i].lab)
			s->records[i].lab = s->lab;
		if (s->records[i].lab != s->lab) {
			show_format(why, size, "%s: records of lab %02u and of lab %02u", path,
				    s->lab, s->records[i].lab);
			return -EINVAL;
		}
	}
	s->grades = calloc(s->nrecords + 1, sizeof(*s->grades));
	if (!s->grades)
		abort();
	if (read_times(s, why, size))
		return -EINVAL;
	return s->lab ? tasks_load(&s->tasks, s->lab, why, size) : 0;
}

void sheet_free(struct sheet *s)
{
	records_free(s->records, s->nrecords < 0 ? 0 : s->nrecords);
	free(s->grades);
	free(s->hand_in);
}

/* Of two submissions of a student: does the later one take the place of the one that stands? */
static bool replaces(const struct conf *c, const struct grade *now, const struct grade *later)
{
	if (c->best && (now->final >= 0 || later->final >= 0))
		return later->final > now->final;
	return later->record->attempt > now->record->attempt;
}

static int by_student(const void *a, const void *b)
{
	return strcmp(((const struct grade *)a)->record->student,
		      ((const struct grade *)b)->record->student);
}

/* A row for each student. The best is the best after being late, with the whole of the slip hours.
 */
static void choose(struct sheet *s, const struct conf *c)
{
	s->ngrades = 0;
	for (long i = 0; i < s->nrecords; i++) {
		struct record *r = &s->records[i];
		int slip = c->slip, late = conf_late(c, r->student, s->lab, submitted(s, r));
		struct grade g = { .record = r, .attempts = 1, .late = late, .final = -1 };
		long at = 0;

		if (r->score >= 0)
			g.final = conf_final(c, r->score, late, &slip);
		while (at < s->ngrades && strcmp(s->grades[at].record->student, r->student) != 0)
			at++;
		if (at == s->ngrades) {
			s->grades[s->ngrades++] = g;
			continue;
		}
		g.attempts = s->grades[at].attempts + 1;
		if (replaces(c, &s->grades[at], &g))
			s->grades[at] = g;
		s->grades[at].attempts = g.attempts;
	}
	qsort(s->grades, s->ngrades, sizeof(*s->grades), by_student);
}

static const struct grade *grade_of(const struct sheet *s, const char *student)
{
	for (long i = 0; i < s->ngrades; i++)
		if (!strcmp(s->grades[i].record->student, student))
			return &s->grades[i];
	return NULL;
}

static time_t due(const struct conf *c, const struct sheet *s)
{
	const struct conf_lab *l = conf_lab(c, s->lab);

	return l ? l->due : 0;
}

/* Of two that are due at the same time one is first all the same. */
static bool is_due_before(const struct conf *c, const struct sheet *a, const struct sheet *b)
{
	return due(c, a) != due(c, b) ? due(c, a) < due(c, b) : a->lab < b->lab;
}

/* What a student has left of the slip hours when this sheet's deadline comes. */
static int slip_before(struct sheet *s, unsigned n, const struct conf *c, const struct sheet *now,
		       const char *student)
{
	int slip = c->slip;

	for (unsigned i = 0; i < n; i++) {
		const struct grade *g = grade_of(&s[i], student);

		if (g && g->final >= 0 && is_due_before(c, &s[i], now))
			conf_final(c, g->record->score, g->late, &slip);
	}
	return slip;
}

void sheets_count(struct sheet *s, unsigned n, const struct conf *c)
{
	for (unsigned i = 0; i < n; i++)
		choose(&s[i], c);
	for (unsigned i = 0; i < n; i++)
		for (long k = 0; k < s[i].ngrades; k++) {
			struct grade *g = &s[i].grades[k];
			int slip = slip_before(s, n, c, &s[i], g->record->student);

			if (g->final >= 0)
				g->final = conf_final(c, g->record->score, g->late, &slip);
		}
}

char *hundredths(char *buf, size_t size, int n)
{
	if (n < 0)
		show_format(buf, size, "%s", "");
	else if (n % 100 == 0)
		show_format(buf, size, "%d", n / 100);
	else if (n % 10 == 0)
		show_format(buf, size, "%d.%d", n / 100, n / 10 % 10);
	else
		show_format(buf, size, "%d.%02d", n / 100, n % 100);
	return buf;
}

/* "ann+2" is "ann" once more, from another archive (tools/marks/core/mark_queue.c). */
static size_t own_length(const char *id)
{
	const char *plus = strrchr(id, '+');

	return plus && plus[1] && !plus[1 + strspn(plus + 1, "0123456789")] ? (size_t)(plus - id)
									    : strlen(id);
}

static bool has_namesake(const struct sheet *s, const struct record *r)
{
	size_t len = own_length(r->id);

	for (long i = 0; i < s->nrecords; i++) {
		const char *id = s->records[i].id;

		if (strcmp(id, r->id) != 0 && own_length(id) == len && !strncmp(id, r->id, len))
			return true;
	}
	return false;
}

/* What somebody should look at, in one cell. */
static void flags_cell(FILE *f, const struct sheet *s, const struct grade *g)
{
	const json_t *flags = record_list(g->record, "flags");
	char text[PLAIN_CELL + 1] = "";

	if (g->record->doubt[0])
		show_append(text, sizeof(text), "look at: %s", g->record->doubt);
	if (has_namesake(s, g->record))
		show_append(text, sizeof(text), "%slook at: another one came by the same name",
			    text[0] ? "; " : "");
	if (g->attempts > 1)
		show_append(text, sizeof(text), "%ssubmission %s, one of %u", text[0] ? "; " : "",
			    g->record->id, g->attempts);
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));

		if (flag)
			show_append(text, sizeof(text), "%s%s", text[0] ? "; " : "", flag);
	}
	csv_cell(f, text);
}

static void row(FILE *f, const struct sheet *s, const struct grade *g)
{
	const struct record *r = g->record;
	char number[20];
	char *reason = plain_without_paths(text_in(r->json, "reason"), PLAIN_CELL, ONE_LINE);

	csv_cell(f, r->student);
	fprintf(f, ",%u,%s,%d,%s,", s->lab,
		hundredths(number, sizeof(number), r->score < 0 ? -1 : 100 * r->score), r->max,
		record_state(r));
	csv_cell(f, reason);
	for (unsigned i = 0; i < s->tasks.count; i++) {
		int score = r->score < 0 ? -1 : record_task_score(r, s->tasks.task[i].id);

		if (r->score >= 0 && (score < 0 || !record_is(r, "graded")))
			score = 0;
		fprintf(f, ",%s", hundredths(number, sizeof(number), score < 0 ? -1 : 100 * score));
	}
	fprintf(f, ",%d,%s", g->late,
		hundredths(number, sizeof(number), g->final < 0 ? -1 : 100 * r->score - g->final));
	fprintf(f, ",%s,", hundredths(number, sizeof(number), g->final));
	flags_cell(f, s, g);
	fputc('\n', f);
	free(reason);
}

/* Close a text that was written to memory, and put it into a file. */
static int put(FILE *f, char **text, const size_t *len, const char *path)
{
	int err = fclose(f) ? -ENOMEM : put_file(path, *text, *len);

	free(*text);
	return err;
}

int sheet_write_csv(const struct sheet *s)
{
	char *text = NULL, path[4096];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	fputs("id,lab,score,max,state,reason", f);
	for (unsigned i = 0; i < s->tasks.count; i++)
		fprintf(f, ",%s", s->tasks.task[i].id);
	fputs(",late_hours,penalty,final,flags\n", f);
	for (long i = 0; i < s->ngrades; i++)
		row(f, s, &s->grades[i]);
	show_format(path, sizeof(path), "%s/grades.csv", s->out);
	return put(f, &text, &len, path);
}

/* --- the course --- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of a final mark in hundredths: the hundredths of a percent, rounded to the nearest. */
static long percent(const struct grade *g)
{
	return g->record->max ? (100L * g->final + g->record->max / 2) / g->record->max : 0;
}

static void course_row(FILE *f, const struct sheet *s, unsigned n, const struct conf *c,
		       const char *student)
{
	long sum = 0, weights = 0;
	bool known = true;
	char number[20];

	csv_cell(f, student);
	for (unsigned i = 0; i < n; i++) {
		const struct conf_lab *lab = conf_lab(c, s[i].lab);
		const struct grade *g = grade_of(&s[i], student);
		int weight = lab ? lab->weight : 1;

		known &= !g || g->final >= 0;
		weights += weight;
		sum += g && g->final >= 0 ? weight * percent(g) : 0;
		fprintf(f, ",%s",
			g && g->final >= 0 ? hundredths(number, sizeof(number), (int)percent(g))
					   : "");
	}
	fprintf(f, ",%s\n",
		known && weights
			? hundredths(number, sizeof(number), (int)((sum + weights / 2) / weights))
			: "");
}

/* Everybody who is in one of the sheets, in order; some of them are there more than once. */
static const char **all_students(const struct sheet *s, unsigned n, size_t *count)
{
	const char **names;
	size_t room = 1;

	for (unsigned i = 0; i < n; i++)
		room += s[i].ngrades;
	names = calloc(room, sizeof(const char *));
	if (!names)
		abort();
	*count = 0;
	for (unsigned i = 0; i < n; i++)
		for (long k = 0; k < s[i].ngrades; k++)
			names[(*count)++] = s[i].grades[k].record->student;
	qsort(names, *count, sizeof(const char *), by_name);
	return names;
}

int course_write_csv(const struct sheet *s, unsigned n, const struct conf *c, const char *path)
{
	const char **names;
	char *text = NULL;
	size_t len = 0, count;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	names = all_students(s, n, &count);
	fputs("id", f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, ",lab%02u", s[i].lab);
	fputs(",total\n", f);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(names[i], names[i - 1]) != 0)
			course_row(f, s, n, c, names[i]);
	free(names);
	return put(f, &text, &len, path);
}
