// SPDX-License-Identifier: MIT
#include "live.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "thread.h"
#include "why.h"

#define PERIOD_MS 100
#define BELOW	  4 /* rows at least for what the guest prints */
#define TEXT_MAX  16384

struct live {
	pthread_t thread;
	bool ending; /* atomic */
	const struct trace *trace;
	struct live_screen screen;
	struct live_counts counts;
	unsigned columns, rows; /* of the terminal */
	unsigned shown;		/* rows at its top that are ours */
	u64 start_ms, last_ms;
};

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* All the escape sequences at once, so that nothing comes in between. */
static void put(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n <= 0)
			return; /* nobody looks any more */
		text += n;
		len -= (size_t)n;
	}
}

static void draw_screen(const struct live *l, FILE *out)
{
	bool there = l->screen.look && l->screen.look(l->screen.ctx);

	for (unsigned i = LIVE_ROWS; i + 1 < l->shown; i++) {
		if (there)
			l->screen.row(l->screen.ctx, i - LIVE_ROWS, out);
		fputc('\n', out);
	}
	for (unsigned i = 0; i < l->columns && l->shown > LIVE_ROWS; i++)
		fputc('-', out);
}

/* The rows, each at its place: what the guest has printed does not move. */
static void place_rows(FILE *out, char *rows)
{
	unsigned n = 1;

	fputs("\0337", out); /* where the guest's output goes on */
	for (char *next; rows; rows = next, n++) {
		next = strchr(rows, '\n');
		if (next)
			*next++ = 0;
		if (next || *rows)
			fprintf(out, "\033[%u;1H\033[K%s", n, rows);
	}
	fputs("\0338", out);
}

static void draw(struct live *l)
{
	char rows[TEXT_MAX], text[TEXT_MAX];
	FILE *to = fmemopen(rows, sizeof(rows), "w"), *out;
	u64 now = now_ms();

	if (!to)
		return;
	live_count(&l->counts, l->trace);
	live_draw(&l->counts, to, l->columns, (unsigned)(now - l->last_ms), now - l->start_ms);
	draw_screen(l, to);
	fclose(to);
	l->last_ms = now;
	out = fmemopen(text, sizeof(text), "w");
	if (!out)
		return;
	place_rows(out, rows);
	fflush(out);
	put(text, (size_t)ftell(out));
	fclose(out);
}

static void *run(void *arg)
{
	const struct timespec period = { .tv_nsec = PERIOD_MS * 1000000L };
	struct live *l = arg;

	while (!__atomic_load_n(&l->ending, __ATOMIC_SEQ_CST)) {
		draw(l);
		nanosleep(&period, NULL);
	}
	draw(l);
	return NULL;
}

/* Ours are the rows at the top; the others scroll below. */
static void take_rows(struct live *l)
{
	struct winsize size = { 0 };
	char text[64];
	int n;

	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	l->columns = size.ws_col ? size.ws_col : 80;
	l->rows = size.ws_row ? size.ws_row : 24;
	l->shown = LIVE_ROWS;
	if (l->screen.rows && l->rows > LIVE_ROWS + 1 + BELOW) {
		u64 room = l->rows - LIVE_ROWS - 1 - BELOW;

		l->shown += 1 + (unsigned)min_u64(l->screen.rows, room);
	}
	n = snprintf(text, sizeof(text), "\033[2J\033[%u;%ur\033[%u;1H", l->shown + 1, l->rows,
		     l->shown + 1);
	put(text, (size_t)n);
}

int live_start(const struct options *opt, const struct live_screen *screen)
{
	struct live *l;
	int err;

	if (!opt->live || !trace_mine)
		return 0;
	/* (The second: out of an emulated machine; the terminal is not ours, but there is one.) */
	if (!isatty(STDERR_FILENO) && !getenv("VMMLAB_PROGRESS"))
		return fail("--live", "standard error is no terminal, and that is where it draws");
	l = calloc(1, sizeof(*l));
	if (!l)
		return fail_errno("--live", -ENOMEM);
	l->trace = trace_now();
	if (screen)
		l->screen = *screen;
	l->start_ms = l->last_ms = now_ms();
	take_rows(l);
	err = thread_start(&l->thread, NULL, run, l);
	if (err) {
		free(l);
		return fail_errno("--live", err);
	}
	trace_now()->live = l;
	return 0;
}

static const char all_rows[] = "\0337\033[r\0338"; /* they scroll again */

void live_cut_short(void)
{
	struct live *l = trace_now() ? trace_now()->live : NULL;

	if (!l)
		return;
	__atomic_store_n(&l->ending, true, __ATOMIC_SEQ_CST);
	put(all_rows, sizeof(all_rows) - 1);
}

void live_stop(void)
{
	struct live *l = trace_now() ? trace_now()->live : NULL;

	if (!l)
		return;
	__atomic_store_n(&l->ending, true, __ATOMIC_SEQ_CST);
	pthread_join(l->thread, NULL);
	trace_now()->live = NULL;
	put(all_rows, sizeof(all_rows) - 1);
	free(l);
}
