// SPDX-License-Identifier: MIT
#include "winnow.h"

#include <stdlib.h>

static void add(struct fingerprints *to, u64 hash, unsigned file, unsigned line)
{
	if (to->n == to->room) {
		to->room = to->room ? 2 * to->room : 256;
		to->f = realloc(to->f, to->room * sizeof(*to->f));
		if (!to->f)
			abort();
	}
	to->f[to->n++] = (struct fingerprint){ hash, file, line };
}

static u64 run_hash(const struct token *token, size_t k)
{
	u64 h = 14695981039346656037ull;

	for (size_t i = 0; i < k; i++)
		h = (h ^ token[i].shape) * 1099511628211ull;
	return h ^ h >> 29;
}

void winnow(struct fingerprints *to, const struct tokens *t, unsigned file, size_t k, size_t w)
{
	size_t runs = t->n >= k ? t->n - k + 1 : 0, last = runs;
	u64 *hash = calloc(runs + 1, sizeof(*hash));

	if (!hash)
		abort();
	for (size_t i = 0; i < runs; i++)
		hash[i] = run_hash(t->token + i, k);
	if (w > runs)
		w = runs; /* a short file is one window */
	for (size_t from = 0; runs && from + w <= runs; from++) {
		size_t least = from;

		/* The rightmost of the least: it stays for longest. */
		for (size_t i = from; i < from + w; i++)
			if (hash[i] <= hash[least])
				least = i;
		if (least != last)
			add(to, hash[least], file, t->token[least].line);
		last = least;
	}
	free(hash);
}

static int by_hash(const void *a, const void *b)
{
	const struct fingerprint *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

void fingerprints_sort(struct fingerprints *f)
{
	size_t kept = 0;

	if (!f->n)
		return;
	qsort(f->f, f->n, sizeof(*f->f), by_hash);
	for (size_t i = 0; i < f->n; i++)
		if (!kept || f->f[kept - 1].hash != f->f[i].hash)
			f->f[kept++] = f->f[i];
	f->n = kept;
}

const struct fingerprint *fingerprints_find(const struct fingerprints *f, u64 hash)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (f->f[middle].hash == hash)
			return &f->f[middle];
		if (f->f[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void fingerprints_subtract(struct fingerprints *a, const struct fingerprints *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->n; i++)
		if (!fingerprints_find(b, a->f[i].hash))
			a->f[kept++] = a->f[i];
	a->n = kept;
}

void fingerprints_free(struct fingerprints *f)
{
	free(f->f);
	*f = (struct fingerprints){ 0 };
}
