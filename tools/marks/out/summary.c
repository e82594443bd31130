// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "views.h"

static int ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* How many are in which state, in the words that students see. */
static void states(FILE *f, const struct record *r, long n)
{
	bool *told = calloc(n + 1, sizeof(*told));

	if (!told)
		abort();
	fprintf(f, "%ld submissions\n", n);
	for (long i = 0; i < n; i++) {
		long count = 0;

		for (long k = i; !told[i] && k < n; k++)
			if (record_is(&r[k], record_state(&r[i]))) {
				count++;
				told[k] = k > i;
			}
		if (count)
			fprintf(f, "  %4ld  %s\n", count, record_state(&r[i]));
	}
	free(told);
}

static void scores(FILE *f, int *score, int n, int max)
{
	int tenth[11] = { 0 }, sum = 0, low = (n - 1) / 2, high = n / 2;

	qsort(score, n, sizeof(*score), ascending);
	for (int i = 0; i < n; i++) {
		sum += score[i];
		tenth[score[i] < max ? 10 * score[i] / max : 10]++; /* max is one record's */
	}
	fprintf(f,
		"\nof those with a grade: mean %.1f, median %.1f, a quarter below %d, a quarter "
		"above %d\n",
		(double)sum / n, (score[low] + score[high]) / 2.0, score[n / 4],
		score[n - 1 - n / 4]);
	for (int i = 0; i <= 10; i++) {
		fprintf(f, "  %3d%%  %4d  ", 10 * i, tenth[i]);
		for (int k = 0; k < 50 * tenth[i] / n; k++)
			fputc('#', f);
		fputc('\n', f);
	}
}

static void tasks(FILE *f, const struct record *r, long n, const struct record *first, int graded)
{
	const json_t *list = record_list(first, "tasks");

	fputs("\ntask      mean  of  full marks\n", f);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = text_in(json_array_get(list, i), "id");
		int max = number_in(json_array_get(list, i), "max"), sum = 0, full = 0;

		for (long k = 0; k < n; k++) {
			int score = record_is(&r[k], "graded") ? record_task_score(&r[k], id) : 0;

			sum += score > 0 ? score : 0;
			full += score == max && record_is(&r[k], "graded");
		}
		fprintf(f, "%-8s %5.1f  %2d  %d\n", id, (double)sum / graded, max, full);
	}
}

void summary_write(FILE *f, const struct record *r, long n)
{
	int *score = calloc(n + 1, sizeof(*score)), graded = 0;
	const struct record *first = NULL;

	if (!score)
		abort();
	states(f, r, n);
	for (long i = 0; i < n; i++)
		if (record_is(&r[i], "graded") && r[i].max) {
			first = first ? first : &r[i];
			score[graded++] = r[i].score;
		}
	if (graded) {
		scores(f, score, graded, first->max);
		tasks(f, r, n, first, graded);
	}
	free(score);
}
