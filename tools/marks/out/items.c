// SPDX-License-Identifier: MIT
#include "items.h"

#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "show.h"

static struct item *find(struct items *items, const json_t *test, bool make)
{
	struct item *item;
	char suite[sizeof(item->suite)], id[sizeof(item->id)];

	show_format(suite, sizeof(suite), "%s", text_in(test, "suite"));
	show_format(id, sizeof(id), "%s", text_in(test, "id"));
	for (size_t i = 0; i < items->n; i++)
		if (!strcmp(items->item[i].id, id) && !strcmp(items->item[i].suite, suite))
			return &items->item[i];
	if (!make)
		return NULL;
	items->item = realloc(items->item, (items->n + 1) * sizeof(*item));
	if (!items->item)
		abort();
	item = &items->item[items->n++];
	*item = (struct item){ .max = number_in(test, "max") };
	strcpy(item->suite, suite);
	strcpy(item->id, id);
	show_format(item->task, sizeof(item->task), "%s", text_in(test, "task"));
	return item;
}

static bool passed(const json_t *test)
{
	return !strcmp(text_in(test, "outcome"), "pass");
}

static bool not_run(const json_t *test)
{
	return !strcmp(text_in(test, "outcome"), "blocked") ||
	       !strcmp(text_in(test, "outcome"), "skip");
}

static int best_first(const void *a, const void *b)
{
	const struct record *x = *(const struct record *const *)a;
	const struct record *y = *(const struct record *const *)b;

	return x->score != y->score ? (x->score > y->score ? -1 : 1) : strcmp(x->id, y->id);
}

static void count_one(struct items *to, const struct record *r, bool best, bool worst)
{
	const json_t *tests = record_list(r, "tests");

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);
		struct item *item = find(to, test, true);

		item->n++;
		item->pass += passed(test);
		item->blocked += not_run(test);
		item->timeouts += !strcmp(text_in(test, "outcome"), "timeout");
		item->best += best && passed(test);
		item->worst += worst && passed(test);
	}
}

void items_count(struct items *to, const struct record *r, long n)
{
	const struct record **sorted = calloc(n + 1, sizeof(const struct record *));

	*to = (struct items){ 0 };
	if (!sorted)
		abort();
	for (long i = 0; i < n; i++)
		if (record_is(&r[i], "graded"))
			sorted[to->graded++] = &r[i];
	qsort(sorted, to->graded, sizeof(const struct record *), best_first);
	to->quarter = to->graded / 4;
	for (unsigned i = 0; i < to->graded; i++)
		count_one(to, sorted[i], i < to->quarter, i >= to->graded - to->quarter);
	free(sorted);
}

void items_free(struct items *items)
{
	free(items->item);
	*items = (struct items){ 0 };
}

/* --- flaky --- */

/* One outcome of one test for one code. */
struct outcome_of {
	u64 code;
	struct item *item;
	bool pass;
	const struct record *record;
};

static u64 hash_text(u64 h, const char *text)
{
	do
		h = (h ^ (unsigned char)*text) * 1099511628211ull;
	while (*text++);
	return h;
}

/* The same for the same files, in whatever order they stand. */
static u64 code_of(const struct record *r)
{
	const json_t *files = record_list(r, "files");
	u64 sum = json_array_size(files);

	for (size_t i = 0; i < json_array_size(files); i++) {
		const json_t *file = json_array_get(files, i);
		u64 h = hash_text(14695981039346656037ull, text_in(file, "path"));

		sum += hash_text(h, text_in(file, "sha256"));
	}
	return sum;
}

static int by_code(const void *a, const void *b)
{
	const struct outcome_of *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return x->pass - y->pass;
}

static void find_different(const struct outcome_of *o, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct item *item = o[i].item;

		if (o[i].item != o[i - 1].item || o[i].code != o[i - 1].code ||
		    o[i].pass == o[i - 1].pass)
			continue;
		item->differs++;
		show_format(item->example, sizeof(item->example), "%s fails, %s passes",
			    o[i - 1].record->id, o[i].record->id);
	}
}

void items_flaky(struct items *items, const struct record *r, long n)
{
	struct outcome_of *o = NULL;
	size_t count = 0;

	for (long i = 0; i < n; i++) {
		const json_t *tests = record_list(&r[i], "tests");
		u64 code = code_of(&r[i]);

		if (!record_is(&r[i], "graded") || !json_array_size(record_list(&r[i], "files")))
			continue;
		o = realloc(o, (count + json_array_size(tests) + 1) * sizeof(*o));
		if (!o)
			abort();
		for (size_t k = 0; k < json_array_size(tests); k++) {
			const json_t *test = json_array_get(tests, k);
			struct item *item = find(items, test, false);

			if (!item || not_run(test))
				continue;
			item->second_try +=
				json_is_true(json_object_get(test, "flaky")) ||
				!strncmp(text_in(test, "note"), "at the second try", 17);
			o[count++] = (struct outcome_of){ code, item, passed(test), &r[i] };
		}
	}
	if (count)
		qsort(o, count, sizeof(*o), by_code);
	find_different(o, count);
	free(o);
}

/* --- the tables --- */

const char *item_remark(const struct item *item, unsigned quarter)
{
	if (item->pass == item->n)
		return "everybody passes";
	if (!item->pass)
		return "nobody passes: is the test right, is the sheet clear?";
	if (quarter && item->best < item->worst)
		return "the weakest pass it more often than the best: look at it";
	if (quarter && item->best == item->worst)
		return "it does not tell the best from the weakest";
	return "";
}

static void rate(FILE *f, int n, unsigned of)
{
	if (of)
		fprintf(f, ",%.2f", (double)n / of);
	else
		fputc(',', f);
}

void items_write(FILE *f, const struct items *items)
{
	fputs("suite,test,task,points,submissions,passed,too_long,not_run,rate,best_quarter,worst_"
	      "quarter,"
	      "discrimination,remark\n",
	      f);
	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->item[i];

		csv_cell(f, item->suite);
		fputc(',', f);
		csv_cell(f, item->id);
		fputc(',', f);
		csv_cell(f, item->task);
		fprintf(f, ",%d,%u,%u,%u,%u", item->max, item->n, item->pass, item->timeouts,
			item->blocked);
		rate(f, item->pass, item->n);
		rate(f, item->best, items->quarter);
		rate(f, item->worst, items->quarter);
		rate(f, (int)item->best - (int)item->worst, items->quarter);
		fputc(',', f);
		csv_cell(f, item_remark(item, items->quarter));
		fputc('\n', f);
	}
}

void items_write_flaky(FILE *f, const struct items *items)
{
	fputs("suite,test,second_try,differs,example\n", f);
	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->item[i];

		if (!item->second_try && !item->differs)
			continue;
		csv_cell(f, item->suite);
		fputc(',', f);
		csv_cell(f, item->id);
		fprintf(f, ",%u,%u,", item->second_try, item->differs);
		csv_cell(f, item->example);
		fputc('\n', f);
	}
}
