// SPDX-License-Identifier: MIT
#include "live.h"

static void count_one(struct live_counts *c, const struct trace_record *r)
{
	struct live_queue *queue = &c->queue[r->a % 8][r->b % 4];

	switch (r->type) {
	case TRACE_EXIT:
		c->exits[r->a % EXIT_KINDS]++;
		break;
	case TRACE_LINE:
		c->lines[r->a % 16] += r->b != 0;
		break;
	case TRACE_INJECT:
		c->injected++;
		break;
	case TRACE_POP:
		queue->requests++;
		queue->ring = r->v[5];
		break;
	case TRACE_PUSH:
		queue->ring = r->v[5];
		break;
	}
}

void live_count(struct live_counts *c, const struct trace *trace)
{
	for (unsigned i = 0; i < TRACE_LOGS; i++) {
		const struct trace_log *log = __atomic_load_n(&trace->log[i], __ATOMIC_ACQUIRE);
		u64 total = log ? trace_total(log) : 0;
		struct trace_record r;

		/* What has been forgotten meanwhile was not seen. */
		for (u64 n = c->seen[i]; n < total; n++)
			if (trace_read(log, n, &r))
				count_one(c, &r);
		c->seen[i] = total;
	}
}

static u64 sum(const u64 *values, unsigned n)
{
	u64 all = 0;

	for (unsigned i = 0; i < n; i++)
		all += values[i];
	return all;
}

/* So many of `of`, in a bar of so many columns. */
static void bar(FILE *out, u64 n, u64 of, unsigned columns)
{
	u64 full = of ? (n * columns + of - 1) / of : 0;

	for (unsigned i = 0; i < columns; i++)
		fputc(i < full ? '#' : ' ', out);
}

/* The kind with the most exits of those that are not drawn yet; -1: none has any. */
static int most(const u64 *exits, u32 drawn)
{
	int best = -1;

	for (int kind = 0; kind < EXIT_KINDS; kind++)
		if (exits[kind] && !(drawn >> kind & 1) && (best < 0 || exits[kind] > exits[best]))
			best = kind;
	return best;
}

static void draw_exits(struct live_counts *c, FILE *out, unsigned columns, unsigned ms)
{
	u64 all = sum(c->exits, EXIT_KINDS);
	unsigned wide = columns > 54 ? columns - 54 : 4;
	u32 drawn = 0;

	for (unsigned row = 0; row < LIVE_KINDS; row++) {
		int kind = most(c->exits, drawn);

		if (kind >= 0) {
			u64 rate = (c->exits[kind] - c->drawn[kind]) * 1000 / (ms ? ms : 1);

			fprintf(out, "  %-15s %11llu ", exit_kind_name(kind),
				(unsigned long long)c->exits[kind]);
			bar(out, c->exits[kind], all, wide);
			fprintf(out, " %9llu /s", (unsigned long long)rate);
			drawn |= 1u << kind;
			c->drawn[kind] = c->exits[kind];
		}
		fputc('\n', out);
	}
}

static void draw_lines(const struct live_counts *c, FILE *out)
{
	unsigned shown = 0;

	fputs("  interrupts:", out);
	for (unsigned n = 0; n < ARRAY_SIZE(c->lines) && shown < 4; n++)
		if (c->lines[n] && ++shown)
			fprintf(out, " line %u %llu,", n, (unsigned long long)c->lines[n]);
	fprintf(out, " injected %llu\n", (unsigned long long)c->injected);
}

static void draw_queues(const struct live_counts *c, FILE *out)
{
	unsigned shown = 0;

	for (unsigned n = 0; n < 8 * 4 && shown < LIVE_QUEUES; n++) {
		const struct live_queue *q = &c->queue[n / 4][n % 4];
		u16 avail = (u16)q->ring, used = (u16)(q->ring >> 32);

		if (!q->requests)
			continue;
		fprintf(out, "  window %u queue %u %11llu [", n / 4, n % 4,
			(unsigned long long)q->requests);
		bar(out, (u16)(avail - used), q->ring >> 48, 16);
		fprintf(out, "] %u of %u\n", (u16)(avail - used), (unsigned)(q->ring >> 48));
		shown++;
	}
	for (; shown < LIVE_QUEUES; shown++)
		fputc('\n', out);
}

void live_draw(struct live_counts *c, FILE *out, unsigned columns, unsigned ms, u64 all_ms)
{
	fprintf(out, "%llu.%llu s   %llu exits\n", (unsigned long long)all_ms / 1000,
		(unsigned long long)all_ms / 100 % 10,
		(unsigned long long)sum(c->exits, EXIT_KINDS));
	draw_exits(c, out, columns, ms);
	draw_lines(c, out);
	draw_queues(c, out);
	for (unsigned i = 0; i < columns; i++)
		fputc('-', out);
	fputc('\n', out);
}
