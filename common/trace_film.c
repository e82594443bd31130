// SPDX-License-Identifier: MIT
/* All logs of a run as one film, and the way of each request through it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trace_out.h"

u64 film_ns(const struct film *film, u64 tick)
{
	return tick > film->start ? (u64)((double)(tick - film->start) * film->ns_per_tick) : 0;
}

u64 shot_end(const struct shot *shot)
{
	switch (shot->r.type) {
	case TRACE_EXIT:
		return shot->r.at + shot->r.v[1];
	case TRACE_KICK:
	case TRACE_WORK:
		return shot->r.at + shot->r.v[0];
	default:
		return shot->r.at;
	}
}

/* Of two that begin together, the longer one first: it has the other in it. */
static int by_time(const void *a, const void *b)
{
	const struct shot *x = a, *y = b;

	if (x->r.at != y->r.at)
		return x->r.at < y->r.at ? -1 : 1;
	if (shot_end(x) != shot_end(y))
		return shot_end(x) > shot_end(y) ? -1 : 1;
	return x->r.type < y->r.type ? -1 : x->r.type > y->r.type;
}

/* When a shot begins: of an exit, when the guest was entered. */
static u64 shot_start(const struct shot *shot)
{
	return shot->r.type == TRACE_EXIT ? shot->r.at - shot->r.v[0] : shot->r.at;
}

static void copy_log(struct film *film, unsigned n)
{
	const struct trace_log *log = film->trace->log[n];
	u64 total = trace_total(log);

	for (u64 i = trace_first(log); i < total; i++) {
		struct shot *shot = &film->shot[film->nshots];

		if (!trace_read(log, i, &shot->r))
			continue;
		shot->log = n;
		if (shot_start(shot) < film->start)
			film->start = shot_start(shot);
		film->nshots++;
	}
	film->forgotten += trace_first(log);
}

static double measure(const struct trace *trace)
{
	struct timespec ts;
	u64 ticks = trace_tick() - trace->first_tick;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)((u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec - trace->first_ns) /
	       (double)(ticks ? ticks : 1);
}

/* Requests that are taken and not given back; those given back and not told of. */
struct open {
	size_t kick[TRACE_WINDOWS][TRACE_QUEUES];
	size_t first[TRACE_WINDOWS]; /* the first request that may still be open */
};

static void given_back(struct film *film, struct open *open, size_t i)
{
	const struct trace_record *r = &film->shot[i].r;

	for (size_t n = open->first[r->a]; n < film->nrequests; n++) {
		struct request *request = &film->request[n];
		const struct trace_record *pop = &film->shot[request->pop].r;

		if (request->push == NO_SHOT && pop->a == r->a && pop->b == r->b &&
		    pop->v[0] == r->v[0]) {
			request->push = i;
			return;
		}
	}
}

static void told(struct film *film, struct open *open, size_t i)
{
	unsigned window = film->shot[i].r.a;
	bool all = true;

	for (size_t n = open->first[window]; n < film->nrequests; n++) {
		struct request *request = &film->request[n];

		if (film->shot[request->pop].r.a != window)
			continue;
		if (request->push != NO_SHOT && request->call == NO_SHOT)
			request->call = i;
		all &= request->call != NO_SHOT;
		if (all)
			open->first[window] = n + 1;
	}
}

/* Follow each request through the film. */
static void find_requests(struct film *film)
{
	struct open open;

	memset(&open, 0, sizeof(open));
	memset(open.kick, 0xff, sizeof(open.kick)); /* NO_SHOT */
	for (size_t i = 0; i < film->nshots; i++) {
		const struct trace_record *r = &film->shot[i].r;

		if (r->type < TRACE_KICK || r->type > TRACE_QUEUE || r->a >= TRACE_WINDOWS)
			continue;
		if (r->type == TRACE_KICK && r->b < TRACE_QUEUES)
			open.kick[r->a][r->b] = i;
		else if (r->type == TRACE_POP && r->b < TRACE_QUEUES)
			film->request[film->nrequests++] =
				(struct request){ open.kick[r->a][r->b], i, NO_SHOT, NO_SHOT };
		else if (r->type == TRACE_PUSH)
			given_back(film, &open, i);
		else if (r->type == TRACE_CALL && (r->b & 1))
			told(film, &open, i);
		else if (r->type == TRACE_STATUS)
			film->device[r->a] = (u32)r->v[0];
	}
}

static size_t count(const struct film *film, enum trace_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < film->nshots; i++)
		n += film->shot[i].r.type == type;
	return n;
}

int film_make(struct film *film, const struct trace *trace, const char *title)
{
	const char *slash = strrchr(title, '/');
	u64 all = 0;

	*film = (struct film){ .trace = trace, .title = slash ? slash + 1 : title };
	film->ns_per_tick = measure(trace);
	film->start = UINT64_MAX;
	for (unsigned i = 0; i < TRACE_LOGS && trace->log[i]; i++)
		all += min_u64(trace_total(trace->log[i]), TRACE_RECORDS);
	film->shot = calloc(all + 1, sizeof(*film->shot));
	if (!film->shot)
		return -ENOMEM;
	for (unsigned i = 0; i < TRACE_LOGS && trace->log[i]; i++)
		copy_log(film, i);
	qsort(film->shot, film->nshots, sizeof(*film->shot), by_time);
	film->request = calloc(count(film, TRACE_POP) + 1, sizeof(*film->request));
	if (!film->request)
		return -ENOMEM;
	find_requests(film);
	film_find_stages(film);
	return 0;
}

void film_free(struct film *film)
{
	free(film->shot);
	free(film->request);
}

size_t film_exit_at(const struct film *film, size_t i)
{
	const struct shot *part = &film->shot[i];

	for (size_t n = i + 1; n-- > 0;) {
		const struct shot *shot = &film->shot[n];

		if (shot->r.type == TRACE_EXIT && shot->log == part->log)
			return shot_end(shot) >= part->r.at ? n : NO_SHOT;
	}
	return NO_SHOT;
}

const char *film_device(const struct film *film, unsigned window)
{
	static const char *const names[] = { "device", "net", "blk", "console", "rng" };
	u32 id = window < TRACE_WINDOWS ? film->device[window] : 0;

	return names[id < ARRAY_SIZE(names) ? id : 0];
}

u64 stage_ns(const struct film *film, unsigned n)
{
	const struct shot *shot = &film->shot[film->stage[n].shot];

	if (!n) /* when its first exit came is not when it was entered */
		return 0;
	return film_ns(film, n + 1 == film->nstages ? shot_end(shot) : shot->r.at);
}

u64 stage_exits(const struct stage *stage)
{
	u64 n = 0;

	for (unsigned i = 0; i < EXIT_KINDS; i++)
		n += stage->exits[i];
	return n;
}
