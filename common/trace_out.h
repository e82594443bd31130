/* SPDX-License-Identifier: MIT */
/*
 * What --trace makes of a run when it is over (given). All logs together, in the order of time, are
 * the film; a writer for each form of file looks at that.
 */
#ifndef TRACE_OUT_H
#define TRACE_OUT_H

#include <stdio.h>

#include "trace.h"

#define TRACE_WINDOWS 8 /* of virtio devices */
#define TRACE_QUEUES  4 /* of each */
#define TRACE_STAGES  24

struct shot {
	struct trace_record r;
	unsigned log; /* whose */
};

/* The way of one virtio request through the film: indices of its shots, or NO_SHOT. */
#define NO_SHOT SIZE_MAX
struct request {
	size_t kick; /* the notification before it; of several requests it may be the same */
	size_t pop, push;
	size_t call; /* the interrupt after it; again, perhaps of several */
};

/* A point of the boot that was reached, and the exits until then, the one that shows it included.
 */
struct stage {
	const char *name;
	size_t shot;
	u64 exits[EXIT_KINDS];
};

struct film {
	const struct trace *trace;
	const char *title; /* the guest's image */
	struct shot *shot;
	size_t nshots;
	u64 forgotten; /* records that are not there any more */
	u64 start;     /* tick: the film's time 0 */
	double ns_per_tick;
	struct request *request; /* in the order in which they were taken */
	size_t nrequests;
	struct stage stage[TRACE_STAGES]; /* in the order of time */
	unsigned nstages;
	u32 device[TRACE_WINDOWS]; /* what is there: virtio's device id; 0: nothing, or not known */
};

/*
 * Make a film of what the threads have noted so far; now: a moment by both clocks. 0 or -ENOMEM.
 * film_free() in any case.
 */
int film_make(struct film *film, const struct trace *trace, const char *title);
void film_free(struct film *film);

/* Nanoseconds from the film's start. */
u64 film_ns(const struct film *film, u64 tick);
/* When a shot is over: for an exit, when it has been handled. Ticks. */
u64 shot_end(const struct shot *shot);

/* The exit that shot i is part of, by its thread and time; NO_SHOT: none. */
size_t film_exit_at(const struct film *film, size_t i);

/*
 * Look for the stages: the guest is entered, the first byte on the console and so on, to the end.
 * (film_make() has done so.)
 */
void film_find_stages(struct film *film);
/* When stage n was reached: nanoseconds from the film's start. */
u64 stage_ns(const struct film *film, unsigned n);
/* The exits until then, of all kinds. */
u64 stage_exits(const struct stage *stage);

/* "blk", "net": what virtio calls the device in this window. */
const char *film_device(const struct film *film, unsigned window);

typedef void trace_writer(const struct film *film, FILE *out);

trace_writer trace_json, trace_html, trace_request_svg, trace_interrupt_svg, trace_memory_svg,
	trace_boot_svg;

#define TRACE_FORMS ".html, .json, .request.svg, .interrupt.svg, .memory.svg or .boot.svg"

/*
 * What the end of the file's name asks for; or what stands before it and a colon, as in
 * request.svg:/dev/stdout, and is then taken off. NULL: no such form.
 */
trace_writer *trace_writer_of(const char **path);

struct options;

/*
 * The run is over, or cut short: write what --trace has asked for. 0; or with a line on stderr 1,
 * also if that was said when it could not begin. On the vCPU's thread.
 */
int traces_write(const struct options *opt);

#endif
