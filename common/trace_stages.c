// SPDX-License-Identifier: MIT
/*
 * How far a guest had come, and when: what it touches for the first time, and what it prints, tell
 * that from outside. The list is made for a kernel that boots; of a small guest a few lines of it
 * come true.
 */
#include <string.h>

#include "trace_out.h"

#define UART_DATA  0x3f8 /* of COM1 */
#define UART_LCR   0x3fb
#define UART_MCR   0x3fc
#define LCR_DLAB   0x80 /* the data register is the divisor's low byte */
#define MCR_LOOP   0x10 /* what is sent comes back, and goes nowhere else */
#define DEBUG_PORT 0xe9
#define DRIVER_OK  4 /* virtio 1.2, 2.1 */

/* An exit by which a stage is reached: of this kind, in [from, to], `value` in the bits of `mask`.
 */
static const struct touch {
	const char *name;
	enum exit_kind kind;
	u64 from, to, mask, value;
} touches[] = {
	{ "the clock is read", EXIT_IO_IN, 0x71, 0x71, 0, 0 },
	{ "the 8259 pair is set up", EXIT_IO_OUT, 0x20, 0x20, 0x10, 0x10 }, /* ICW1 */
	{ "the 8254 is set up", EXIT_IO_OUT, 0x43, 0x43, 0, 0 },
	{ "the keyboard's controller is asked", EXIT_IO_IN, 0x64, 0x64, 0, 0 },
	{ "PCI is looked for", EXIT_IO_OUT, 0xcf8, 0xcf8, 0, 0 },
	{ "the UART is set up", EXIT_IO_OUT, UART_LCR, UART_LCR, 0, 0 },
	{ "the text screen is written to", EXIT_MMIO_WRITE, 0xb8000, 0xbffff, 0, 0 },
	{ "virtio devices are looked for", EXIT_MMIO_READ, 0xfeb00000, 0xfeb00fff, 0, 0 },
	/* How a PC is ended: labs/06-linux/power.h. */
	{ "power off is asked for", EXIT_IO_OUT, 0x600, 0x600, 0x3c, 0x34 },
	{ "a reset is asked for", EXIT_IO_OUT, 0x602, 0x602, 0xff, 1 },
	{ "a reset is asked for", EXIT_IO_OUT, 0xcf9, 0xcf9, 4, 4 },
	{ "a reset is asked for", EXIT_IO_OUT, 0x64, 0x64, 0xf1, 0xf0 },
};

/* What stands on the console then. */
static const struct says {
	const char *name, *text;
} says[] = {
	{ "Linux says its version", "Linux version " },
	{ "the first program runs", "Run /init as init process" },
	{ "the first program runs", "Run /sbin/init as init process" },
	{ "the first program runs", "this kernel runs its first program" },
	{ "a login is offered", " login: " },
};

#define FIRST_BYTE   "the first byte on the console"
#define DRIVER_READY "a virtio driver is ready"

struct finder {
	struct film *film;
	u64 exits[EXIT_KINDS];
	u64 lcr, mcr;	/* of the UART, as they were written last */
	char line[120]; /* what stands in the console's line so far, as far as it fits */
	unsigned len;
};

static bool is_reached(const struct film *film, const char *name)
{
	for (unsigned i = 0; i < film->nstages; i++)
		if (!strcmp(film->stage[i].name, name))
			return true;
	return false;
}

static void reach(struct finder *f, const char *name, size_t shot)
{
	struct film *film = f->film;
	struct stage *stage = &film->stage[film->nstages];

	if (film->nstages == TRACE_STAGES || is_reached(film, name))
		return;
	film->nstages++;
	*stage = (struct stage){ .name = name, .shot = shot };
	memcpy(stage->exits, f->exits, sizeof(stage->exits));
}

static void look_at_byte(struct finder *f, char byte, size_t shot)
{
	reach(f, FIRST_BYTE, shot);
	if (byte == '\n' || f->len == sizeof(f->line))
		f->len = 0;
	f->line[f->len++] = byte;
	for (unsigned i = 0; i < ARRAY_SIZE(says); i++) {
		size_t len = strlen(says[i].text);

		if (f->len >= len && !memcmp(f->line + f->len - len, says[i].text, len))
			reach(f, says[i].name, shot);
	}
}

static void look_at_console(struct finder *f, const struct trace_record *r, size_t shot)
{
	if (r->v[3] == UART_LCR)
		f->lcr = r->v[4];
	else if (r->v[3] == UART_MCR)
		f->mcr = r->v[4];
	else if (r->v[3] == DEBUG_PORT ||
		 (r->v[3] == UART_DATA && !(f->lcr & LCR_DLAB) && !(f->mcr & MCR_LOOP)))
		look_at_byte(f, (char)r->v[4], shot);
}

static void look_at_exit(struct finder *f, const struct trace_record *r, size_t shot)
{
	f->exits[r->a % EXIT_KINDS]++;
	for (unsigned i = 0; i < ARRAY_SIZE(touches); i++) {
		const struct touch *t = &touches[i];

		if (r->a == t->kind && r->v[3] >= t->from && r->v[3] <= t->to &&
		    (r->v[4] & t->mask) == t->value)
			reach(f, t->name, shot);
	}
	if (r->a == EXIT_IO_OUT)
		look_at_console(f, r, shot);
}

void film_find_stages(struct film *film)
{
	struct finder f = { .film = film };
	size_t last = NO_SHOT;

	film->nstages = 0;
	for (size_t i = 0; i < film->nshots; i++) {
		const struct trace_record *r = &film->shot[i].r;

		if (r->type == TRACE_EXIT && last == NO_SHOT)
			reach(&f,
			      film->forgotten ? "what is remembered begins"
					      : "the guest is entered",
			      i);
		if (r->type == TRACE_EXIT) {
			look_at_exit(&f, r, i);
			last = i;
		} else if (r->type == TRACE_STATUS && (r->b & DRIVER_OK)) {
			reach(&f, DRIVER_READY, i);
		}
	}
	if (last != NO_SHOT && film->nstages && film->stage[film->nstages - 1].shot != last)
		reach(&f, "the end", last);
}
