// SPDX-License-Identifier: MIT
/*
 * insight: what a class's results say, of the tests and of who is alike.
 *
 *	insight [--sources=DIR] [--starter=TREE] [--reference=TREE] [--least=PERCENT] OUT [AGAIN...]
 *
 * Writes OUT/insight/summary.txt, items.csv and flaky.csv; with --sources (DIR/ID/labs/... are
 * the files that were graded) also similar.csv and identical.csv. AGAIN: folders of other
 * gradings of the same lab, in which a test may have said something else of the same code.
 * Status: 0, 1 something could not be read or written, 2 a wrong command line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alike.h"
#include "items.h"
#include "put_file.h"
#include "said.h"
#include "show.h"

#define SUBMISSIONS_MAX 4000 /* the table of pairs is their square */

static const struct option options[] = {
	{ "sources", required_argument, NULL, 's' },
	{ "starter", required_argument, NULL, 't' },
	{ "reference", required_argument, NULL, 'r' },
	{ "least", required_argument, NULL, 'l' },
	{ 0 },
};

struct args {
	const char *sources, *starter, *reference;
	int least; /* percent */
};

/* A table under way, in memory; it is put into OUT/insight/NAME as a whole. */
struct table {
	FILE *f;
	char *text;
	size_t len;
};

static FILE *begin_table(struct table *t)
{
	t->f = open_memstream(&t->text, &t->len);
	if (!t->f)
		abort();
	return t->f;
}

static int put_table(struct table *t, const char *out, const char *name)
{
	char path[4096];
	int err;

	fclose(t->f);
	show_format(path, sizeof(path), "%s/insight", out);
	mkdir(path, 0777);
	show_append(path, sizeof(path), "/%s", name);
	err = put_file(path, t->text, t->len);
	free(t->text);
	if (err)
		fprintf(stderr, "insight: %s: %s\n", path, strerror(-err));
	return err ? 1 : 0;
}

static int write_alike(const char *out, const struct record *r, long n, const struct args *args)
{
	struct source *s = calloc(n + 1, sizeof(*s));
	struct pair *pairs;
	struct table t;
	size_t found;
	int status;

	if (!s)
		abort();
	for (long i = 0; i < n; i++)
		source_read(&s[i], &r[i], args->sources, args->starter);
	found = alike_pairs(s, n, args->least, &pairs);
	alike_write(begin_table(&t), s, pairs, found);
	status = put_table(&t, out, "similar.csv");
	identical_write(begin_table(&t), s, n, args->reference, args->starter);
	status |= put_table(&t, out, "identical.csv");
	for (long i = 0; i < n; i++)
		source_free(&s[i]);
	free(pairs);
	free(s);
	return status;
}

static int write_items(const char *out, const struct record *r, long n, long all)
{
	struct items items;
	struct table t;
	int status;

	items_count(&items, r, n);
	items_flaky(&items, r, all);
	items_write(begin_table(&t), &items);
	status = put_table(&t, out, "items.csv");
	items_write_flaky(begin_table(&t), &items);
	status |= put_table(&t, out, "flaky.csv");
	summary_write(begin_table(&t), r, n);
	status |= put_table(&t, out, "summary.txt");
	items_free(&items);
	return status;
}

/* The records of all folders behind one another; in *first how many are the first folder's. */
static struct record *read_all(char **outs, int n, long *first, long *all)
{
	struct record *r = NULL, *more;
	char path[4096];

	*all = 0;
	for (int i = 0; i < n; i++) {
		long got;

		show_format(path, sizeof(path), "%s/submissions", outs[i]);
		got = records_read(path, &more);
		if (got < 0) {
			fprintf(stderr, "insight: %s: %s\n", path, strerror((int)-got));
			records_free(r, *all);
			return NULL;
		}
		r = realloc(r, (*all + got + 1) * sizeof(*r));
		if (!r)
			abort();
		memcpy(r + *all, more, got * sizeof(*r));
		free(more);
		*all += got;
		if (!i)
			*first = got;
	}
	return r;
}

static int insight(char **outs, int n, const struct args *args)
{
	long first = 0, all;
	struct record *r = read_all(outs, n, &first, &all);
	int status = 0;

	if (!r)
		return 1;
	if (first > SUBMISSIONS_MAX) {
		fprintf(stderr, "insight: more than %d submissions\n", SUBMISSIONS_MAX);
		status = 1;
	} else {
		status = write_items(outs[0], r, first, all);
		if (args->sources)
			status |= write_alike(outs[0], r, first, args);
	}
	records_free(r, all);
	return status;
}

int main(int argc, char **argv)
{
	struct args args = { .least = 30 };
	bool wrong = false;
	int c;

	said_or_fail("insight");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's')
			args.sources = optarg;
		else if (c == 't')
			args.starter = optarg;
		else if (c == 'r')
			args.reference = optarg;
		else if (c == 'l')
			args.least = atoi(optarg);
		else
			wrong = true;
	}
	if (wrong || optind >= argc || args.least < 1 || args.least > 100) {
		fputs("Usage: insight [--sources=DIR] [--starter=TREE] [--reference=TREE] "
		      "[--least=PERCENT] OUT [AGAIN...]\n",
		      stderr);
		return 2;
	}
	return insight(argv + optind, argc - optind, &args);
}
