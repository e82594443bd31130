/* SPDX-License-Identifier: MIT */
/*
 * Is a file such a list of events as "Trace Event Format" wants it (see common/trace_json.c), and
 * does it make sense: on each track slices nest and times rise, what begins ends, and each flow
 * goes from its start by its steps to its end, forward in time?
 */
#ifndef TRACE_SCHEMA_H
#define TRACE_SCHEMA_H

#include <jansson.h>
#include <string.h>

#include "test.h"

#define TRACKS	   32
#define DEPTH	   8
#define TRACE_OPEN 4096

/* A slice or a flow that has begun. */
struct begun {
	const char *cat, *id;
	double ts;
	unsigned steps;
};

struct schema {
	double last[TRACKS];	    /* where the last slice of each track began */
	double ends[TRACKS][DEPTH]; /* of the slices that are open there, from the outside */
	unsigned depth[TRACKS];
	struct begun open[TRACE_OPEN]; /* b without e; s without f */
	unsigned nopen;
	unsigned slices, guests, points, spans, flows, counters, names;
};

static inline const char *word(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	EXPECT_TRUE(text && *text, "no \"%s\"", key);
	return text;
}

static inline double number(const json_t *event, const char *key)
{
	const json_t *value = json_object_get(event, key);

	EXPECT_TRUE(json_is_number(value), "no \"%s\"", key);
	EXPECT_TRUE(json_number_value(value) >= 0, "\"%s\" is %g", key, json_number_value(value));
	return json_number_value(value);
}

/* (Nanoseconds are whole numbers; sums of them as microseconds in doubles are not.) */
static inline double ns(double us)
{
	return (double)(long long)(us * 1000 + 0.5);
}

static inline void check_slice(struct schema *s, const json_t *event, unsigned tid)
{
	double from = ns(number(event, "ts")), to = from + ns(number(event, "dur"));
	unsigned *depth = &s->depth[tid];

	EXPECT_TRUE(from >= s->last[tid], "a slice of track %u begins at %.0f ns, after %.0f", tid,
		    from, s->last[tid]);
	s->last[tid] = from;
	while (*depth && s->ends[tid][*depth - 1] <= from)
		(*depth)--;
	if (*depth)
		EXPECT_TRUE(to <= s->ends[tid][*depth - 1],
			    "a slice of track %u ends at %.0f ns, the one around it at %.0f", tid,
			    to, s->ends[tid][*depth - 1]);
	EXPECT_TRUE(*depth < DEPTH);
	s->ends[tid][(*depth)++] = to;
	s->slices++;
	s->guests += !strcmp(word(event, "name"), "guest");
}

static inline struct begun *find_begun(struct schema *s, const json_t *event)
{
	const char *cat = word(event, "cat"), *id = word(event, "id");

	for (unsigned i = 0; i < s->nopen; i++)
		if (!strcmp(s->open[i].cat, cat) && !strcmp(s->open[i].id, id))
			return &s->open[i];
	return NULL;
}

static inline void check_begin(struct schema *s, const json_t *event)
{
	EXPECT_TRUE(!find_begun(s, event), "%s begins twice", word(event, "id"));
	EXPECT_TRUE(s->nopen < TRACE_OPEN);
	s->open[s->nopen++] =
		(struct begun){ word(event, "cat"), word(event, "id"), number(event, "ts"), 0 };
}

static inline void check_end(struct schema *s, const json_t *event, bool is_step)
{
	struct begun *begun = find_begun(s, event);

	EXPECT_TRUE(begun, "%s ends and has not begun", word(event, "id"));
	EXPECT_TRUE(ns(number(event, "ts")) >= ns(begun->ts), "%s ends before it begins",
		    begun->id);
	begun->ts = number(event, "ts");
	if (!is_step)
		*begun = s->open[--s->nopen];
}

static inline void check_event(struct schema *s, const json_t *event)
{
	const char *ph = word(event, "ph");
	unsigned tid = (unsigned)number(event, "tid");

	word(event, "name");
	EXPECT_U64(number(event, "pid"), 1);
	EXPECT_TRUE(tid > 0 && tid < TRACKS, "tid %u", tid);
	EXPECT_TRUE(strlen(ph) == 1 && strchr("XibeCstfM", *ph), "ph is %s", ph);
	if (*ph != 'M')
		number(event, "ts");
	if (*ph == 'X')
		check_slice(s, event, tid);
	else if (*ph == 'b' || *ph == 's')
		check_begin(s, event);
	else if (*ph == 'e' || *ph == 't' || *ph == 'f')
		check_end(s, event, *ph == 't');
	else if (*ph == 'i')
		EXPECT_STR(word(event, "s"), "t");
	else
		EXPECT_TRUE(json_object_size(json_object_get(event, "args")) > 0);
	s->points += *ph == 'i';
	s->spans += *ph == 'e';
	s->flows += *ph == 'f';
	s->counters += *ph == 'C';
	s->names += *ph == 'M';
}

/* Read the file and check it. What it counts is in *s. Returns the events. */
static inline json_t *check_trace(struct schema *s, const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);
	const json_t *events = json_object_get(root, "traceEvents");

	memset(s, 0, sizeof(*s));
	EXPECT_TRUE(root, "%s:%d: %s", path, error.line, error.text);
	EXPECT_TRUE(json_is_array(events));
	for (size_t i = 0; i < json_array_size(events); i++)
		check_event(s, json_array_get(events, i));
	EXPECT_TRUE(!s->nopen, "%s has not ended", s->nopen ? s->open[0].id : "");
	EXPECT_TRUE(s->names, "no track has a name");
	return root;
}

#endif
