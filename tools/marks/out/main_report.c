// SPDX-License-Identifier: MIT
/*
 * report: from the records of grade-all to what people and platforms read.
 *
 *	report [--conf=course.conf] [--course=FILE] OUT...
 *		OUT/grades.csv, OUT/feedback/ID.txt and OUT/junit/ID.xml of each folder, one a
 *		lab; with --course the table of the whole course, too
 *	report --as=VIEW RECORD.json
 *		that one, to the standard output: feedback, junit, gradescope, prairielearn
 *		or autolab
 *	report --rules=workflow FILE
 *		does GitHub take it?
 *
 * Runs in the course's tree, where labs/NN/tasks is. Status: 0; 1 something could not be
 * written, or breaks a rule; 2 a wrong command line; 3 no mark in it, for a platform (the
 * environment's fault).
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grades.h"
#include "plain.h"
#include "put_file.h"
#include "rules.h"
#include "said.h"
#include "show.h"
#include "views.h"

#define SHEETS_MAX 20

enum { REPORTED, REPORT_FAILED, REPORT_USAGE, REPORT_NO_MARK };

static const struct option options[] = {
	{ "conf", required_argument, NULL, 'c' },
	{ "course", required_argument, NULL, 'o' },
	{ "as", required_argument, NULL, 'a' },
	{ "rules", required_argument, NULL, 'r' },
	{ 0 },
};

struct args {
	const char *conf, *course, *as, *rules;
};

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "report: %s: %s\n", what, why);
	return REPORT_FAILED;
}

/* --- one record --- */

/* One that was never graded may not name the tasks: they are in the lab's table. */
static void add_tasks(struct record *r)
{
	static struct tasks tasks;
	char why[300];
	json_t *list;

	if (json_array_size(record_list(r, "tasks")) ||
	    tasks_load(&tasks, r->lab, why, sizeof(why)))
		return;
	list = json_array();
	for (unsigned i = 0; i < tasks.count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:i, s:i}", "id", tasks.task[i].id,
						"title", tasks.task[i].title, "score", 0, "max",
						tasks.task[i].points));
	json_object_set_new(r->json, "tasks", list);
}

static int by_rules(const char *as, const json_t *json, const char *line, char *why, size_t size)
{
	if (!strcmp(as, "gradescope"))
		return rules_gradescope(json, why, size);
	if (!strcmp(as, "prairielearn"))
		return rules_prairielearn(json, why, size);
	return rules_autolab(line, why, size);
}

static int put_platform(const struct record *r, const char *as, json_t *json)
{
	bool line = !strcmp(as, "autolab");
	char *text = json ? json_dumps(json, line ? 0 : JSON_INDENT(2)) : NULL;
	int status = REPORTED;
	char why[200];

	if (!text) {
		fprintf(stderr, "report: %s: no mark in it: %s\n", r->id,
			text_in(r->json, "reason"));
		status = REPORT_NO_MARK;
	} else if (by_rules(as, json, text, why, sizeof(why))) {
		status = failed(as, why);
	} else {
		puts(text);
	}
	free(text);
	json_decref(json);
	return status;
}

static int one_record(const char *as, const char *path)
{
	struct record r;
	int status = REPORTED;
	char why[300];

	if (record_read(&r, path, why, sizeof(why)))
		return failed(path, why);
	add_tasks(&r);
	if (!strcmp(as, "feedback"))
		feedback_write(stdout, &r);
	else if (!strcmp(as, "junit"))
		junit_write(stdout, &r);
	else if (!strcmp(as, "gradescope"))
		status = put_platform(&r, as, gradescope_results(&r));
	else if (!strcmp(as, "prairielearn"))
		status = put_platform(&r, as, prairielearn_results(&r));
	else if (!strcmp(as, "autolab"))
		status = put_platform(&r, as, autolab_scores(&r));
	else
		status = REPORT_USAGE;
	record_free(&r);
	return status;
}

static int whole_text(const char *path, char **text)
{
	FILE *f = fopen(path, "re");
	size_t len = 0;
	ssize_t got = f ? getdelim(text, &len, 0, f) : -1;

	if (f)
		fclose(f);
	return got < 0 ? -1 : 0;
}

static int obeys(const char *rules, const char *path)
{
	char *text = NULL, why[200];
	int err;

	if (strcmp(rules, "workflow") != 0)
		return REPORT_USAGE;
	if (whole_text(path, &text))
		return failed(path, strerror(errno));
	err = rules_workflow(text, why, sizeof(why));
	free(text);
	return err ? failed(path, why) : REPORTED;
}

/* --- whole folders --- */

/* A line to standard error, of which a part may be anything. */
static PRINTF(1, 2) void print_clean(const char *fmt, ...)
{
	char text[600], *clean;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	clean = plain(text, sizeof(text), ONE_LINE);
	fprintf(stderr, "%s\n", clean);
	free(clean);
}

typedef void view_fn(FILE *f, const struct record *r);

/* OUT/DIR/ID.SUFFIX */
static int put_view(const struct sheet *s, const struct record *r, const char *dir,
		    const char *suffix, view_fn *view)
{
	char path[4096], *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		abort();
	view(f, r);
	fclose(f);
	show_format(path, sizeof(path), "%s/%s", s->out, dir);
	mkdir(path, 0777);
	show_append(path, sizeof(path), "/%s.%s", r->id, suffix);
	err = put_file(path, text, len);
	free(text);
	return err ? failed(path, strerror(-err)) : REPORTED;
}

static int report_sheet(struct sheet *s)
{
	int err = sheet_write_csv(s), status = REPORTED;

	if (err)
		status = failed(s->out, strerror(-err));
	for (long i = 0; i < s->nrecords; i++) {
		struct record *r = &s->records[i];

		add_tasks(r);
		status |= put_view(s, r, "feedback", "txt", feedback_write);
		status |= put_view(s, r, "junit", "xml", junit_write);
	}
	return status;
}

static bool has_record(const struct sheet *s, const char *id, bool student)
{
	for (long i = 0; i < s->nrecords; i++)
		if (!strcmp(id, student ? s->records[i].student : s->records[i].id))
			return true;
	return false;
}

/* A time or an extension for nobody: a name that is misspelt has no effect, and is no error. */
static void say_whose_nobodys(const struct sheet *s, const struct conf *c)
{
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->nhand_in; i++)
		if (!has_record(s, s->hand_in[i].id, false) && !n++)
			first = s->hand_in[i].id;
	if (n)
		print_clean(
			"report: %s/times.csv: %zu of its ids are no submission's here, such as %s",
			s->out, n, first);
	for (unsigned i = 0; i < c->extensions; i++)
		if (c->extension[i].lab == s->lab && !has_record(s, c->extension[i].student, true))
			print_clean("report: course.conf: %s has an extension, and no submission "
				    "of lab %02u",
				    c->extension[i].student, s->lab);
}

static int report_all(struct sheet *s, unsigned n, const struct args *args)
{
	static struct conf conf;
	int status = REPORTED;
	char why[400];

	if (args->conf && conf_read(&conf, args->conf, why, sizeof(why)))
		return failed("course.conf", why);
	for (unsigned i = 0; i < n; i++)
		say_whose_nobodys(&s[i], &conf);
	sheets_count(s, n, &conf);
	for (unsigned i = 0; i < n; i++)
		status |= report_sheet(&s[i]);
	if (args->course && course_write_csv(s, n, &conf, args->course))
		status = failed(args->course, "cannot be written");
	return status;
}

static int read_and_report(char **outs, unsigned n, const struct args *args)
{
	static struct sheet sheets[SHEETS_MAX];
	unsigned read = 0;
	int status = REPORTED;
	char why[300];

	while (read < n && status == REPORTED)
		if (sheet_read(&sheets[read], outs[read], why, sizeof(why)))
			status = failed(outs[read], why);
		else
			read++;
	if (status == REPORTED)
		status = report_all(sheets, n, args);
	for (unsigned i = 0; i < read; i++)
		sheet_free(&sheets[i]);
	return status;
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	int c, status = REPORT_USAGE;

	said_or_fail("report");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c')
			args.conf = optarg;
		else if (c == 'o')
			args.course = optarg;
		else if (c == 'a')
			args.as = optarg;
		else if (c == 'r')
			args.rules = optarg;
		else
			optind = argc;
	}
	if ((args.as || args.rules) && optind + 1 == argc)
		status = args.as ? one_record(args.as, argv[optind])
				 : obeys(args.rules, argv[optind]);
	else if (!args.as && !args.rules && optind < argc && argc - optind <= SHEETS_MAX)
		status = read_and_report(argv + optind, argc - optind, &args);
	if (status == REPORT_USAGE)
		fputs("Usage: report [--conf=FILE] [--course=FILE] OUT...\n"
		      "       report --as=feedback|junit|gradescope|prairielearn|autolab "
		      "RECORD.json\n"
		      "       report --rules=workflow FILE\n",
		      stderr);
	return status;
}
