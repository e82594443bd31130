// SPDX-License-Identifier: MIT
/*
 * The film as Chrome's trace events, which Perfetto (https://ui.perfetto.dev) opens. What an event
 * is made of: "Trace Event Format",
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 *
 * Each thread is a track. On it are slices (ph X): for a vCPU, in turn, in the guest and in the
 * VMM. Points (i) lie on the track where they happened; what may overlap, requests and interrupts
 * in service, has a beginning (b) and an end (e) of its own; counters (C) are curves; and a flow
 * (s, t, f) is an arrow from a notification to its request to its interrupt. The stages of the boot
 * (trace_stages.c) have a beginning and an end, too, and the exits until then as their arguments.
 */
#include <stdarg.h>

#include "insn.h"
#include "trace_out.h"

struct json {
	const struct film *film;
	FILE *out;
	bool more;   /* a comma is due */
	u64 pics[2]; /* TRACE_PIC, the last one: what has changed? */
};

#define PID 1

/* Times are microseconds; a nanosecond is three digits behind the point. */
static void time_of(const struct json *j, const char *name, u64 ns)
{
	fprintf(j->out, ",\"%s\":%llu.%03llu", name, (unsigned long long)(ns / 1000),
		(unsigned long long)(ns % 1000));
}

static void event(struct json *j, const char *ph, const char *name, unsigned log, u64 ns)
{
	fprintf(j->out, "%s\n{\"ph\":\"%s\",\"name\":\"%s\",\"pid\":%d,\"tid\":%u",
		j->more ? "," : "", ph, name, PID, log + 1);
	time_of(j, "ts", ns);
	j->more = true;
}

static void begin(struct json *j, const char *ph, const char *name, unsigned log, u64 tick)
{
	event(j, ph, name, log, film_ns(j->film, tick));
}

static void end(struct json *j)
{
	fputc('}', j->out);
}

static void slice(struct json *j, const char *name, unsigned log, u64 from, u64 to)
{
	begin(j, "X", name, log, from);
	time_of(j, "dur", film_ns(j->film, to) - film_ns(j->film, from));
}

/* One of several things of that kind that may overlap; end() is due. */
static void span(struct json *j, const char *ph, const char *cat, const char *name, u64 id,
		 const struct shot *shot)
{
	begin(j, ph, name, shot->log, shot->r.at);
	fprintf(j->out, ",\"cat\":\"%s\",\"id\":\"%s%llu\"", cat, cat, (unsigned long long)id);
}

static void exit_args(struct json *j, const struct trace_record *r)
{
	const struct trace_code *code = trace_code_at(j->film->trace, r->v[2]);
	bool has_rip = r->v[5] >> 40 & 1;
	unsigned size = r->v[5] >> 32 & 0xff;
	char text[96];

	fprintf(j->out, ",\"args\":{\"reason\":%u", (unsigned)r->v[5]);
	if (r->a <= EXIT_MMIO_WRITE)
		fprintf(j->out, ",\"%s\":\"0x%llx\",\"size\":%u,\"count\":%u,\"data\":\"0x%0*llx\"",
			r->a <= EXIT_IO_OUT ? "port" : "gpa", (unsigned long long)r->v[3], size,
			r->b, 2 * (int)size, (unsigned long long)r->v[4]);
	if (has_rip)
		fprintf(j->out, ",\"rip\":\"0x%llx\"", (unsigned long long)r->v[2]);
	if (has_rip && code && code->len &&
	    insn_text(code->code, code->len, code->bits, code->linear, text, sizeof(text)))
		fprintf(j->out, ",\"instruction\":\"%s\"", text);
	fputc('}', j->out);
}

static void put_exit(struct json *j, const struct shot *shot)
{
	const struct trace_record *r = &shot->r;

	slice(j, "guest", shot->log, r->at - r->v[0], r->at);
	end(j);
	slice(j, exit_kind_name(r->a), shot->log, r->at, shot_end(shot));
	exit_args(j, r);
	end(j);
}

static void counter(struct json *j, const char *name, const struct shot *shot, const char *first,
		    unsigned n, const char *second, unsigned m)
{
	begin(j, "C", name, shot->log, shot->r.at);
	fprintf(j->out, ",\"args\":{\"%s\":%u,\"%s\":%u}", first, n, second, m);
	end(j);
}

/* How full a queue is: TRACE_RING. */
static void put_fill(struct json *j, const struct shot *shot)
{
	u64 ring = shot->r.v[5];
	u16 avail = (u16)ring, taken = (u16)(ring >> 16), used = (u16)(ring >> 32);
	char name[40];

	snprintf(name, sizeof(name), "%s %u queue %u", film_device(j->film, shot->r.a), shot->r.a,
		 shot->r.b);
	counter(j, name, shot, "waiting", (u16)(avail - taken), "in flight", (u16)(taken - used));
}

/* A line goes into service, or has been ended: b or e. */
static void put_service(struct json *j, const struct shot *shot, unsigned chip, u8 before, u8 now)
{
	for (unsigned n = 0; n < 8; n++) {
		char name[24];

		if (!((before ^ now) >> n & 1))
			continue;
		snprintf(name, sizeof(name), "interrupt %u", 8 * chip + n);
		span(j, now >> n & 1 ? "b" : "e", "service", name, 8 * chip + n, shot);
		end(j);
	}
}

static void put_pics(struct json *j, const struct shot *shot)
{
	unsigned requested = 0, served = 0;

	for (unsigned chip = 0; chip < 2; chip++) {
		u64 now = shot->r.v[chip];

		put_service(j, shot, chip, (u8)(j->pics[chip] >> 8), (u8)(now >> 8));
		requested += (unsigned)__builtin_popcount((u8)now);
		served += (unsigned)__builtin_popcount((u8)(now >> 8));
		j->pics[chip] = now;
	}
	counter(j, "interrupts", shot, "requested", requested, "in service", served);
}

/* A point on the track, with what it is about. */
PRINTF(3, 4)
static void point(struct json *j, const struct shot *shot, const char *format, ...)
{
	va_list args;
	char name[64];

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	begin(j, "i", name, shot->log, shot->r.at);
	fputs(",\"s\":\"t\"", j->out);
	end(j);
}

static void put_shot(struct json *j, const struct shot *shot)
{
	static const char *const levels[] = { "low", "high", "edge" };
	static const char *const injected[] = { "interrupt", "NMI", "exception" };
	const struct trace_record *r = &shot->r;

	switch (r->type) {
	case TRACE_EXIT:
		put_exit(j, shot);
		break;
	case TRACE_LINE:
		point(j, shot, "line %u %s", r->a, levels[r->b % 3]);
		break;
	case TRACE_MESSAGE:
		point(j, shot, "message 0x%llx: 0x%llx", (unsigned long long)r->v[0],
		      (unsigned long long)r->v[1]);
		break;
	case TRACE_PIC:
		put_pics(j, shot);
		break;
	case TRACE_INJECT:
		point(j, shot, "%s 0x%x injected", injected[r->b % 3], r->a);
		break;
	case TRACE_KICK:
		slice(j, "serve", shot->log, r->at, shot_end(shot));
		fprintf(j->out, ",\"args\":{\"device\":\"%s\",\"window\":%u,\"queue\":%u}",
			film_device(j->film, r->a), r->a, r->b);
		end(j);
		break;
	case TRACE_POP:
	case TRACE_PUSH:
		put_fill(j, shot);
		break;
	case TRACE_CALL:
		point(j, shot, "%s %u interrupts", film_device(j->film, r->a), r->a);
		break;
	case TRACE_STATUS:
		point(j, shot, "%s %u status 0x%x", film_device(j->film, r->a), r->a, r->b);
		break;
	case TRACE_QUEUE:
		point(j, shot, "%s %u queue %u %s", film_device(j->film, r->a), r->a, r->b,
		      r->v[3] ? "ready" : "not ready");
		break;
	case TRACE_WORK:
		slice(j, "work", shot->log, r->at, shot_end(shot));
		end(j);
		break;
	}
}

/* What is still in service ends with the film. */
static void end_services(struct json *j)
{
	struct shot last;

	if (!j->film->nshots)
		return;
	last = j->film->shot[j->film->nshots - 1];
	last.r.at = shot_end(&last);
	for (unsigned chip = 0; chip < 2; chip++)
		put_service(j, &last, chip, (u8)(j->pics[chip] >> 8), 0);
}

static void put_request(struct json *j, u64 id)
{
	const struct request *request = &j->film->request[id];
	const struct shot *pop = &j->film->shot[request->pop], *push;
	size_t last = request->call != NO_SHOT ? request->call : request->push;
	char name[48];

	if (request->push == NO_SHOT)
		return;
	push = &j->film->shot[request->push];
	snprintf(name, sizeof(name), "%s %u request", film_device(j->film, pop->r.a), pop->r.a);
	span(j, "b", "request", name, id, pop);
	fprintf(j->out, ",\"args\":{\"queue\":%u,\"head\":%u,\"readable\":%llu,\"writable\":%llu}",
		pop->r.b, (unsigned)pop->r.v[0], (unsigned long long)pop->r.v[1],
		(unsigned long long)pop->r.v[2]);
	end(j);
	span(j, "e", "request", name, id, push);
	fprintf(j->out, ",\"args\":{\"written\":%llu}", (unsigned long long)push->r.v[1]);
	end(j);
	if (request->kick == NO_SHOT)
		return;
	span(j, "s", "flow", name, id, &j->film->shot[request->kick]);
	end(j);
	span(j, "t", "flow", name, id, pop);
	end(j);
	span(j, "f", "flow", name, id, &j->film->shot[last]);
	fputs(",\"bp\":\"e\"", j->out); /* it ends in the slice around it */
	end(j);
}

/* From a stage to the next one; the last one is the end, and has no length. */
static void put_stage(struct json *j, unsigned n)
{
	const struct film *film = j->film;
	const struct stage *stage = &film->stage[n];
	unsigned log = film->shot[stage->shot].log;
	bool more = false;

	for (unsigned i = 0; i < 2; i++) {
		u64 ns = stage_ns(film, i && n + 1 < film->nstages ? n + 1 : n);

		event(j, i ? "e" : "b", stage->name, log, ns);
		fprintf(j->out, ",\"cat\":\"stage\",\"id\":\"stage%u\"", n);
		if (!i) {
			fputs(",\"args\":{", j->out);
			for (unsigned kind = 0; kind < EXIT_KINDS; kind++, more |= true)
				fprintf(j->out, "%s\"%s\":%llu", more ? "," : "",
					exit_kind_name(kind),
					(unsigned long long)stage->exits[kind]);
			fputc('}', j->out);
		}
		end(j);
	}
}

static void put_names(struct json *j)
{
	for (unsigned i = 0; i < TRACE_LOGS && j->film->trace->log[i]; i++) {
		fprintf(j->out,
			"%s\n{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%u,"
			"\"args\":{\"name\":\"%s\"}}",
			j->more ? "," : "", PID, i + 1, j->film->trace->log[i]->name);
		j->more = true;
	}
}

void trace_json(const struct film *film, FILE *out)
{
	struct json j = { .film = film, .out = out };

	fprintf(out,
		"{\"displayTimeUnit\":\"ns\",\"otherData\":{\"forgotten\":%llu},"
		"\"traceEvents\":[",
		(unsigned long long)film->forgotten);
	put_names(&j);
	for (size_t i = 0; i < film->nshots; i++)
		put_shot(&j, &film->shot[i]);
	end_services(&j);
	for (size_t i = 0; i < film->nrequests; i++)
		put_request(&j, i);
	for (unsigned i = 0; i < film->nstages; i++)
		put_stage(&j, i);
	fputs("\n]}\n", out);
}
