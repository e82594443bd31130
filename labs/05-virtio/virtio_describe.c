// SPDX-License-Identifier: MIT
#include "virtio_describe.h"

/* 2.7.5, 2.7.6, 2.7.8: where things lie. (virtq.c has its own idea of it: that one is on trial.) */
#define IDX	2
#define ENTRIES 4

#define LABEL	   "  %-*s  "
#define NAME(name) DESCRIBE_NAME, name

struct descriptor {
	u64 addr;
	u32 len;
	u16 flags, next;
};

struct bit {
	u8 bit;
	const char *name;
};

static bool read_guest(const struct virtio *v, u64 gpa, void *buf, u64 len)
{
	return memslot_read(v->mem->slot, v->mem->nslots, gpa, buf, len);
}

static void print_bits(const struct bit *bit, unsigned n, unsigned value, FILE *to)
{
	const char *comma = "";

	for (unsigned i = 0; i < n; i++) {
		if (value & bit[i].bit) {
			fprintf(to, "%s%s", comma, bit[i].name);
			comma = " ";
		}
	}
	fputc('\n', to);
}

static void print_status(u8 status, FILE *to)
{
	static const struct bit bit[] = {
		{ VIRTIO_ACKNOWLEDGE, "ACKNOWLEDGE" }, { VIRTIO_DRIVER, "DRIVER" },
		{ VIRTIO_FEATURES_OK, "FEATURES_OK" }, { VIRTIO_DRIVER_OK, "DRIVER_OK" },
		{ VIRTIO_NEEDS_RESET, "NEEDS_RESET" }, { VIRTIO_FAILED, "FAILED" },
	};

	fprintf(to, LABEL, NAME(""));
	print_bits(bit, ARRAY_SIZE(bit), status, to);
}

/* --- a queue --- */

/* A queue, and what stands in its rings. Copies: the guest, or another thread, may go on. */
struct look {
	struct virtq q;
	bool usable;	    /* its size can be counted with, and the indices are in memory */
	u16 avail, used;    /* the indices */
	u16 wants, we_want; /* flags of the rings; with EVENT_IDX used_event, avail_event */
};

static void look_at(const struct virtio *v, unsigned n, struct look *l)
{
	*l = (struct look){ .q = v->state.queue[n] };
	const struct virtq *q = &l->q;
	u64 size = q->size;
	u64 wants = q->event_idx ? q->avail + ENTRIES + 2 * size : q->avail;
	u64 we_want = q->event_idx ? q->used + ENTRIES + 8 * size : q->used;

	l->usable = q->ready && size && read_guest(v, q->avail + IDX, &l->avail, 2) &&
		    read_guest(v, q->used + IDX, &l->used, 2) &&
		    read_guest(v, wants, &l->wants, 2) && read_guest(v, we_want, &l->we_want, 2);
}

static void print_row(unsigned n, const struct look *l, FILE *to)
{
	const struct virtq *q = &l->q;

	fprintf(to, LABEL "%5u %4u ", NAME(""), n, q->size);
	if (l->usable)
		fprintf(to, "%10u %10u %9u %9u %9u\n", l->avail, q->next_avail, l->used,
			q->next_used, q->told_used);
	else
		fprintf(to, "%s\n", q->ready ? "its rings do not lie in memory" : "not ready");
}

/* Who has asked not to be told, or when to be. */
static void print_wants(unsigned n, const struct look *l, FILE *to)
{
	if (l->q.event_idx)
		fprintf(to, LABEL "queue %u: EVENT_IDX, used_event %u, avail_event %u\n", NAME(""),
			n, l->wants, l->we_want);
	if (!l->q.event_idx && (l->wants & VQ_AVAIL_NO_INTERRUPT))
		fprintf(to, LABEL "queue %u: the driver wants no interrupts\n", NAME(""), n);
	if (!l->q.event_idx && (l->we_want & VQ_USED_NO_NOTIFY))
		fprintf(to, LABEL "queue %u: we want no notifications\n", NAME(""), n);
}

/* --- a chain --- */

static void print_descriptor(u32 i, const struct descriptor *d, FILE *to)
{
	static const struct bit bit[] = {
		{ VQ_DESC_NEXT, "NEXT" },
		{ VQ_DESC_WRITE, "WRITE" },
		{ VQ_DESC_INDIRECT, "INDIRECT" },
	};

	fprintf(to, LABEL "%5u   %16llx %10u  ", NAME(""), i, (unsigned long long)d->addr, d->len);
	print_bits(bit, ARRAY_SIZE(bit), d->flags, to);
}

/* As the device goes, or should: but it believes nothing, and the end is always near. */
static void print_chain(const struct virtio *v, const struct virtq *q, u16 head, FILE *to)
{
	u64 table = q->desc, count = q->size;
	struct descriptor d;
	u32 i = head;

	fprintf(to, LABEL " desc            address     length  flags\n", NAME(""));
	for (unsigned shown = 0; shown < DESCRIPTORS_SHOWN; shown++) {
		if (i >= count || !read_guest(v, table + 16 * (u64)i, &d, sizeof(d))) {
			fprintf(to, LABEL "%5u   %s\n", NAME(""), i,
				i >= count ? "there is none of this number"
					   : "it does not lie in memory");
			return;
		}
		print_descriptor(i, &d, to);
		i = d.next;
		if (d.flags & VQ_DESC_INDIRECT) {
			table = d.addr;
			count = d.len / 16;
			i = 0;
			fprintf(to, LABEL "        its table has %llu:\n", NAME(""),
				(unsigned long long)count);
		} else if (!(d.flags & VQ_DESC_NEXT)) {
			return;
		}
	}
	fprintf(to, LABEL "  and more\n", NAME(""));
}

/* Which entry of the avail ring does it hang on, and why? NULL: on none. Devices take chains in
 * order, and most give them back in order. */
static const char *hangs_on(const struct virtio *v, const struct look *l, u16 *entry)
{
	const struct virtq *q = &l->q;
	u16 ahead = l->avail - q->next_avail;

	if (!l->usable || ahead > q->size)
		return NULL;
	if ((v->state.status & VIRTIO_NEEDS_RESET) && q->why) {
		*entry = q->next_avail - 1;
		return "has broken a rule";
	}
	if (q->next_avail != q->next_used) {
		*entry = q->next_used;
		return "was taken and has not come back";
	}
	*entry = q->next_avail;
	return ahead ? "waits to be taken" : NULL;
}

static void print_where(const struct virtio *v, unsigned n, const struct look *l, FILE *to)
{
	const struct virtq *q = &l->q;
	unsigned slot;
	const char *what;
	u16 entry, head;

	if ((v->state.status & VIRTIO_NEEDS_RESET) && q->why)
		fprintf(to, LABEL "queue %u is broken: the driver has given us\n" LABEL "%s\n",
			NAME(""), n, NAME(""), q->why);
	what = hangs_on(v, l, &entry);
	if (!what)
		return;
	slot = entry % (unsigned)q->size;
	if (!read_guest(v, q->avail + ENTRIES + 2 * (u64)slot, &head, 2))
		return;
	fprintf(to, LABEL "queue %u: chain avail.ring[%u] %s\n", NAME(""), n, slot, what);
	print_chain(v, q, head, to);
}

/* --- a device --- */

void virtio_describe(const void *ctx, FILE *to)
{
	const struct virtio *v = ctx;
	u8 status = v->state.status;
	struct look l;

	fprintf(to, LABEL "window %u, status 0x%02x, InterruptStatus 0x%02x\n", NAME(v->ops->name),
		v->window, status, v->state.interrupt);
	if (!status)
		return;
	print_status(status, to);
	fprintf(to, LABEL "queue size  avail.idx next_avail  used.idx next_used told_used\n",
		NAME(""));
	for (unsigned n = 0; n < v->ops->nqueues; n++) {
		look_at(v, n, &l);
		print_row(n, &l, to);
	}
	for (unsigned n = 0; n < v->ops->nqueues; n++) {
		look_at(v, n, &l);
		if (l.usable)
			print_wants(n, &l, to);
		print_where(v, n, &l, to);
	}
}

bool virtio_is_stuck(const struct virtio *v)
{
	struct look l;
	u16 entry;

	if (v->state.status & VIRTIO_NEEDS_RESET)
		return true;
	for (unsigned n = 0; v->state.status && n < v->ops->nqueues; n++) {
		look_at(v, n, &l);
		if (hangs_on(v, &l, &entry))
			return true;
	}
	return false;
}
