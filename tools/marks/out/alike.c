// SPDX-License-Identifier: MIT
#include "alike.h"

#include <stdlib.h>
#include <string.h>

#include "plain.h"

size_t alike_common(size_t submissions)
{
	return submissions / 4 > 10 ? submissions / 4 : 10;
}

/* Who has it. */
struct owner {
	u64 hash;
	unsigned who;
};

static int by_hash(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->who < y->who ? -1 : x->who > y->who;
}

static struct owner *owners(const struct source *s, size_t n, size_t *count)
{
	struct owner *o;
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += s[i].prints.n;
	o = calloc(all + 1, sizeof(*o));
	if (!o)
		abort();
	*count = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < s[i].prints.n; k++)
			o[(*count)++] = (struct owner){ s[i].prints.f[k].hash, i };
	qsort(o, all, sizeof(*o), by_hash);
	return o;
}

/* shared[a * n + b] for a < b; what too many have goes off each one's own number. */
static void count_shared(const struct source *s, size_t n, u32 *shared, size_t *own)
{
	size_t count, end;
	struct owner *o = owners(s, n, &count);

	for (size_t i = 0; i < n; i++)
		own[i] = s[i].prints.n;
	for (size_t from = 0; from < count; from = end) {
		for (end = from; end < count && o[end].hash == o[from].hash;)
			end++;
		for (size_t a = from; a < end; a++)
			if (end - from > alike_common(n))
				own[o[a].who]--;
			else
				for (size_t b = a + 1; b < end; b++)
					shared[o[a].who * n + o[b].who]++;
	}
	free(o);
}

static int most_first(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->percent != y->percent)
		return x->percent > y->percent ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
}

size_t alike_pairs(const struct source *s, size_t n, unsigned percent, struct pair **to)
{
	u32 *shared = calloc(n * n + 1, sizeof(*shared));
	size_t *own = calloc(n + 1, sizeof(*own)), found = 0, room = 0;

	*to = NULL;
	if (!shared || !own)
		abort();
	count_shared(s, n, shared, own);
	for (size_t a = 0; a < n; a++)
		for (size_t b = a + 1; b < n; b++) {
			size_t both = shared[a * n + b], least = own[a] < own[b] ? own[a] : own[b];

			if (both < ALIKE_SHARED_MIN || 100 * both < percent * least)
				continue;
			if (found == room) {
				room = room ? 2 * room : 64;
				*to = realloc(*to, room * sizeof(**to));
				if (!*to)
					abort();
			}
			(*to)[found++] = (struct pair){ a, b, both, 100 * both / least };
		}
	if (found)
		qsort(*to, found, sizeof(**to), most_first);
	free(shared);
	free(own);
	return found;
}

/* In a: the file with most of what b has, too, and from where to where. */
static void where(FILE *f, const struct source *a, const struct source *b)
{
	unsigned count[SOURCE_FILES_MAX] = { 0 }, most = 0, first = ~0u, last = 0;
	char place[PLAIN_CELL];
	const char *name;

	for (size_t i = 0; i < a->prints.n; i++)
		if (fingerprints_find(&b->prints, a->prints.f[i].hash))
			count[a->prints.f[i].file]++;
	for (unsigned i = 0; i < a->nfiles; i++)
		most = count[i] > count[most] ? i : most;
	for (size_t i = 0; i < a->prints.n; i++) {
		const struct fingerprint *p = &a->prints.f[i];

		if (p->file != most || !fingerprints_find(&b->prints, p->hash))
			continue;
		first = p->line < first ? p->line : first;
		last = p->line > last ? p->line : last;
	}
	name = strrchr(a->file[most].path, '/');
	snprintf(place, sizeof(place), "%s:%u-%u", name ? name + 1 : a->file[most].path, first,
		 last);
	csv_cell(f, place);
}

void alike_write(FILE *f, const struct source *s, const struct pair *pairs, size_t n)
{
	fputs("percent,a,b,shared,where_a,where_b\n", f);
	for (size_t i = 0; i < n; i++) {
		const struct source *a = &s[pairs[i].a], *b = &s[pairs[i].b];

		fprintf(f, "%u,", pairs[i].percent);
		csv_cell(f, a->id);
		fputc(',', f);
		csv_cell(f, b->id);
		fprintf(f, ",%zu,", pairs[i].shared);
		where(f, a, b);
		fputc(',', f);
		where(f, b, a);
		fputc('\n', f);
	}
}

/* --- identical --- */

static const struct source_file *file_of(const struct source *s, const char *path)
{
	for (unsigned i = 0; i < s->nfiles; i++)
		if (!strcmp(s->file[i].path, path))
			return &s->file[i];
	return NULL;
}

static void identical_row(FILE *f, const struct source *s, const struct source_file *file,
			  const char *as, const struct source_file *other)
{
	csv_cell(f, s->id);
	fputc(',', f);
	csv_cell(f, file->path);
	fputc(',', f);
	csv_cell(f, as);
	fputc(',', f);
	csv_cell(f, file->exact == other->exact ? "token by token"
						: "but for names, numbers and texts");
	fputc('\n', f);
}

/* Is this file the first other's? Those before it were told already. */
static void identical_file(FILE *f, const struct source *s, size_t me,
			   const struct source_file *file, const char *reference)
{
	struct source_file other;

	if (reference && source_file_read(&other, reference, file->path) &&
	    other.shape == file->shape) {
		identical_row(f, &s[me], file, "reference", &other);
		return;
	}
	for (size_t i = 0; i < me; i++) {
		const struct source_file *his = file_of(&s[i], file->path);

		if (his && his->shape == file->shape) {
			identical_row(f, &s[me], file, s[i].id, his);
			return;
		}
	}
}

void identical_write(FILE *f, const struct source *s, size_t n, const char *reference,
		     const char *starter)
{
	struct source_file given;

	fputs("id,file,as,how\n", f);
	for (size_t me = 0; me < n; me++)
		for (unsigned i = 0; i < s[me].nfiles; i++) {
			const struct source_file *file = &s[me].file[i];

			if (file->ntokens < ALIKE_TOKENS_MIN ||
			    (starter && source_file_read(&given, starter, file->path) &&
			     given.shape == file->shape))
				continue;
			identical_file(f, s, me, file, reference);
		}
}
