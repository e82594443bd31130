// SPDX-License-Identifier: MIT
/*
 * Pictures of a run: the way of one virtio request, the way of one interrupt, the stages of a boot,
 * and what lies where in the guest's memory. Boxes, from top to bottom, so that a phone can show
 * them. Colours as in walk_report_svg.c of lab 03: on white and on black.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "trace_out.h"

#define WIDTH  380
#define BOX_W  (WIDTH - 40)
#define LINE_H 18
#define GAP    34
#define PIECES 8

struct picture {
	FILE *out;
	char *text; /* what has been drawn: its height is known at the end */
	size_t len;
	FILE *to;
	int y;
};

static bool begin(struct picture *p, FILE *to)
{
	*p = (struct picture){ .to = to, .y = 40 };
	p->out = open_memstream(&p->text, &p->len);
	return p->out;
}

static void end(struct picture *p, const char *title)
{
	fclose(p->out);
	fprintf(p->to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"font-family=\"sans-serif\" font-size=\"13\" fill=\"currentColor\">\n"
		"<title>%s</title>\n<text x=\"20\" y=\"24\" font-size=\"15\">%s</text>\n%s</svg>\n",
		WIDTH, p->y + 10, title, title, p->text);
	free(p->text);
}

PRINTF(4, 5)
static void text(struct picture *p, int x, int y, const char *format, ...)
{
	va_list args;

	fprintf(p->out, "<text x=\"%d\" y=\"%d\">", x, y);
	va_start(args, format);
	vfprintf(p->out, format, args);
	va_end(args);
	fputs("</text>\n", p->out);
}

/* A box with room for so many lines; the next text in it is at p->y. */
static void box(struct picture *p, unsigned lines, const char *colour)
{
	fprintf(p->out,
		"<rect x=\"20\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\" "
		"stroke=\"currentColor\"/>\n",
		p->y, BOX_W, (int)lines * LINE_H + 8, colour);
	p->y += LINE_H;
}

static void box_end(struct picture *p)
{
	p->y += 8 - LINE_H;
}

PRINTF(2, 3)
static void line(struct picture *p, const char *format, ...)
{
	va_list args;

	fprintf(p->out, "<text x=\"30\" y=\"%d\">", p->y);
	va_start(args, format);
	vfprintf(p->out, format, args);
	va_end(args);
	fputs("</text>\n", p->out);
	p->y += LINE_H;
}

/* To the next box, and how long it took. */
static void arrow(struct picture *p, u64 ns)
{
	fprintf(p->out,
		"<path d=\"M60 %d v%d\" stroke=\"currentColor\"/><path d=\"M60 %d l-4 -8 h8 "
		"z\"/>\n",
		p->y, GAP - 4, p->y + GAP);
	text(p, 74, p->y + 22, "%.3f ms", (double)ns / 1e6);
	p->y += GAP;
}

#define BLUE  "#7aa2f733"
#define GREEN "#9ece6a33"
#define SAND  "#e0af6833"

/* --- a request --- */

/* The last one that went all the way; of these, one that has asked for most pieces. */
static const struct request *choose_request(const struct film *film)
{
	const struct request *best = NULL;
	u64 most = 0;

	for (size_t i = 0; i < film->nrequests; i++) {
		const struct request *r = &film->request[i];
		u64 pieces = 0;

		if (r->kick == NO_SHOT || r->push == NO_SHOT || r->call == NO_SHOT)
			continue;
		for (size_t n = r->pop + 1; n < r->push; n++)
			pieces += film->shot[n].r.type == TRACE_PIECE;
		if (best && pieces < most)
			continue;
		best = r;
		most = pieces;
	}
	return best;
}

static void draw_pieces(struct picture *p, const struct film *film, const struct request *r)
{
	const struct trace_record *piece[PIECES];
	unsigned n = 0;

	for (size_t i = r->pop + 1; i < r->push && n < PIECES; i++) {
		const struct trace_record *shot = &film->shot[i].r;

		if (shot->type == TRACE_PIECE && shot->a == film->shot[r->pop].r.a &&
		    shot->v[3] == film->shot[r->pop].r.v[0])
			piece[n++] = shot;
	}
	box(p, n + 1, SAND);
	line(p, "taken: head %u, a chain of %u", (unsigned)film->shot[r->pop].r.v[0], n);
	for (unsigned i = 0; i < n; i++)
		line(p, "%s 0x%llx, %llu byte%s", piece[i]->b >> 16 ? "to write:" : "to read:",
		     (unsigned long long)piece[i]->v[0], (unsigned long long)piece[i]->v[1],
		     piece[i]->v[1] == 1 ? "" : "s");
	box_end(p);
}

static void draw_request(struct picture *p, const struct film *film, const struct request *r)
{
	const struct trace_record *kick = &film->shot[r->kick].r, *pop = &film->shot[r->pop].r;
	const struct trace_record *push = &film->shot[r->push].r, *call = &film->shot[r->call].r;

	box(p, 2, BLUE);
	line(p, "%s in window %u: the driver notifies", film_device(film, kick->a), kick->a);
	line(p, "queue %u", kick->b);
	box_end(p);
	arrow(p, film_ns(film, pop->at) - film_ns(film, kick->at));
	draw_pieces(p, film, r);
	arrow(p, film_ns(film, push->at) - film_ns(film, pop->at));
	box(p, 2, GREEN);
	line(p, "given back: %llu bytes written", (unsigned long long)push->v[1]);
	line(p, "the used ring's index is %u", (unsigned)(push->v[5] >> 32 & 0xffff));
	box_end(p);
	arrow(p, film_ns(film, call->at) - film_ns(film, push->at));
	box(p, 1, BLUE);
	line(p, "the device interrupts");
	box_end(p);
}

void trace_request_svg(const struct film *film, FILE *out)
{
	const struct request *r = choose_request(film);
	struct picture p;

	if (!begin(&p, out))
		return;
	if (r)
		draw_request(&p, film, r);
	else
		line(&p, "No request went all the way in this run.");
	end(&p, "The way of a virtio request");
}

/* --- an interrupt --- */

/* The way of one: indices of shots. */
struct way {
	unsigned n; /* the line */
	size_t rise, taken, inject, end;
};

static u8 in_service(const struct film *film, size_t i, unsigned chip)
{
	return (u8)(film->shot[i].r.v[chip] >> 8);
}

/* The line that goes into service at shot i, a TRACE_PIC, if `before` was the one before; or -1. */
static int taken_line(const struct film *film, size_t i, size_t before)
{
	for (int n = 15; n >= 0; n--) {
		unsigned chip = (unsigned)n / 8;
		u8 was = before == NO_SHOT ? 0 : in_service(film, before, chip);

		if ((in_service(film, i, chip) & ~was) >> n % 8 & 1)
			return n;
	}
	return -1;
}

static size_t find_shot(const struct film *film, size_t i, int by, enum trace_type type, int line_n)
{
	for (; i < film->nshots; i += (size_t)by) {
		const struct trace_record *r = &film->shot[i].r;

		if (r->type == type && (line_n < 0 || (r->a == line_n && r->b)))
			return i;
		if (!i && by < 0)
			break;
	}
	return NO_SHOT;
}

static size_t find_end(const struct film *film, const struct way *way)
{
	for (size_t i = way->taken + 1; i < film->nshots; i++)
		if (film->shot[i].r.type == TRACE_PIC &&
		    !(in_service(film, i, way->n / 8) >> way->n % 8 & 1))
			return i;
	return NO_SHOT;
}

/* The first one that has gone all the way: risen, taken, given to the CPU, ended. */
static bool choose_way(const struct film *film, struct way *way)
{
	size_t before = NO_SHOT;

	for (size_t i = 0; i < film->nshots; i++) {
		int n;

		if (film->shot[i].r.type != TRACE_PIC)
			continue;
		n = taken_line(film, i, before);
		before = i;
		if (n < 0)
			continue;
		*way = (struct way){ .n = (unsigned)n, .taken = i };
		way->rise = find_shot(film, i, -1, TRACE_LINE, n);
		way->inject = find_shot(film, i, 1, TRACE_INJECT, -1);
		way->end = find_end(film, way);
		if (way->rise != NO_SHOT && way->inject != NO_SHOT && way->end != NO_SHOT)
			return true;
	}
	return false;
}

static void draw_way(struct picture *p, const struct film *film, const struct way *way)
{
	const struct shot *rise = &film->shot[way->rise], *taken = &film->shot[way->taken];
	const struct shot *inject = &film->shot[way->inject], *done = &film->shot[way->end];

	box(p, 2, BLUE);
	line(p, "line %u rises", way->n);
	line(p, "by the thread %s", film->trace->log[rise->log]->name);
	box_end(p);
	arrow(p, film_ns(film, taken->r.at) - film_ns(film, rise->r.at));
	box(p, 2, SAND);
	line(p, "the 8259 pair gives it to the CPU:");
	line(p, "IRR to ISR, %s, bit %u", way->n < 8 ? "master" : "slave", way->n % 8);
	box_end(p);
	arrow(p, film_ns(film, inject->r.at) - film_ns(film, taken->r.at));
	box(p, 1, GREEN);
	line(p, "KVM_INTERRUPT, vector 0x%x", inject->r.a);
	box_end(p);
	arrow(p, film_ns(film, done->r.at) - film_ns(film, inject->r.at));
	box(p, 2, BLUE);
	line(p, "the handler has ended it (EOI):");
	line(p, "its bit of ISR is 0");
	box_end(p);
}

void trace_interrupt_svg(const struct film *film, FILE *out)
{
	struct picture p;
	struct way way;

	if (!begin(&p, out))
		return;
	if (choose_way(film, &way))
		draw_way(&p, film, &way);
	else
		line(&p, "No interrupt went all the way in this run.");
	end(&p, "The way of an interrupt");
}

/* --- the stages of the boot --- */

#define REASONS 2 /* are told, as many as there is room for; the rest is a sum */

static unsigned most_of(const u64 count[EXIT_KINDS])
{
	unsigned most = 0;

	for (unsigned kind = 1; kind < EXIT_KINDS; kind++)
		if (count[kind] > count[most])
			most = kind;
	return most;
}

/* "1231 IO_OUT, 507 IO_IN, 4 others". */
static void draw_reasons(struct picture *p, const struct stage *stage)
{
	u64 count[EXIT_KINDS], left = stage_exits(stage);

	memcpy(count, stage->exits, sizeof(count));
	fprintf(p->out, "<text x=\"30\" y=\"%d\">", p->y);
	for (unsigned n = 0; n < REASONS && left; n++) {
		unsigned kind = most_of(count);

		fprintf(p->out, "%s%llu %s", n ? ", " : "", (unsigned long long)count[kind],
			exit_kind_name(kind));
		left -= count[kind];
		count[kind] = 0;
	}
	if (left)
		fprintf(p->out, ", %llu other%s", (unsigned long long)left, left == 1 ? "" : "s");
	fputs("</text>\n", p->out);
	p->y += LINE_H;
}

static void draw_stage(struct picture *p, const struct film *film, unsigned n)
{
	const struct stage *stage = &film->stage[n];
	bool edge = !n || n + 1 == film->nstages;
	u64 exits = stage_exits(stage);

	box(p, exits ? 3 : 2, edge ? BLUE : n % 2 ? GREEN : SAND);
	line(p, "%s", stage->name);
	line(p, "%llu exit%s so far%s", (unsigned long long)exits, exits == 1 ? "" : "s",
	     exits ? ":" : "");
	if (exits)
		draw_reasons(p, stage);
	box_end(p);
}

void trace_boot_svg(const struct film *film, FILE *out)
{
	struct picture p;

	if (!begin(&p, out))
		return;
	for (unsigned n = 0; n < film->nstages; n++) {
		if (n)
			arrow(&p, stage_ns(film, n) - stage_ns(film, n - 1));
		draw_stage(&p, film, n);
	}
	if (!film->nstages)
		line(&p, "There was no exit in this run.");
	end(&p, "The stages of a boot");
}

/* --- memory --- */

/* The exits by which the guest has touched [from, to), where no memory is. */
static u64 touched(const struct film *film, u64 from, u64 to)
{
	u64 n = 0;

	for (size_t i = 0; i < film->nshots; i++) {
		const struct trace_record *r = &film->shot[i].r;

		if (r->type == TRACE_EXIT && (r->a == EXIT_MMIO_READ || r->a == EXIT_MMIO_WRITE))
			n += r->v[3] >= from && r->v[3] < to;
	}
	return n;
}

static void draw_hole(struct picture *p, const struct film *film, u64 from, u64 to)
{
	u64 n = touched(film, from, to);

	if (from >= to)
		return;
	text(p, 30, p->y + LINE_H, "no memory here%s", n ? ", but devices:" : "");
	if (n)
		text(p, 30, p->y + 2 * LINE_H, "%llu exits by MMIO", (unsigned long long)n);
	p->y += (n ? 2 : 1) * LINE_H + 10;
}

static const struct memslot *next_slot(const struct trace *trace, u64 from)
{
	const struct memslot *next = NULL;

	for (unsigned i = 0; i < *trace->nslots; i++)
		if (trace->slot[i].gpa >= from && (!next || trace->slot[i].gpa < next->gpa))
			next = &trace->slot[i];
	return next;
}

void trace_memory_svg(const struct film *film, FILE *out)
{
	const struct memslot *slot;
	struct picture p;
	u64 from = 0;

	if (!begin(&p, out))
		return;
	while ((slot = next_slot(film->trace, from))) {
		draw_hole(&p, film, from, slot->gpa);
		box(&p, 2, slot->readonly ? SAND : GREEN);
		line(&p, "slot %u: 0x%llx to 0x%llx", slot->id, (unsigned long long)slot->gpa,
		     (unsigned long long)(slot->gpa + slot->size - 1));
		line(&p, "%llu %s%s",
		     (unsigned long long)(slot->size % MiB(1) ? slot->size >> 10
							      : slot->size >> 20),
		     slot->size % MiB(1) ? "KiB" : "MiB",
		     slot->readonly ? ", to read only" : " of RAM");
		box_end(&p);
		from = slot->gpa + slot->size;
	}
	draw_hole(&p, film, from, UINT64_MAX);
	end(&p, "Guest-physical memory");
}
