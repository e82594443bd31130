/* SPDX-License-Identifier: MIT */
/*
 * For the fuzzers of virtio devices: a driver that makes chains of what the input says, and a model
 * of the memory that both sides share. Whatever the device does must have been predicted, down to
 * the last byte of that memory.
 */
#ifndef FUZZ_DEVICE_H
#define FUZZ_DEVICE_H

#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "virtio.h"

#define RAM_SIZE     0x9000 /* of two slots, side by side; behind them there is nothing */
#define RAM_FIRST    0x6000
#define QUEUE_SIZE   16
#define QUEUE_GPA(q) (0x800 * (u64)(q))
#define USED_GPA(q)  (QUEUE_GPA(q) + 0x200)
#define DATA_GPA     0x1000 /* the rings lie below */
#define PIECES_MAX   8

struct piece {
	u64 gpa;
	u32 len;
	bool write;
};

struct request {
	struct piece piece[PIECES_MAX];
	unsigned n;
	bool valid; /* a chain that a driver may make: else the device must give up */
	u64 read_len, write_len;
};

struct fuzz {
	struct mem mem;
	u8 *ram[2];	    /* each slot by itself, so that a step beyond its end is noticed */
	u8 model[RAM_SIZE]; /* what they must hold */
	struct virtio *v;
	u16 avail[2];
};

static inline void fuzz_begin(struct fuzz *f)
{
	*f = (struct fuzz){ .ram = { calloc(1, RAM_FIRST), calloc(1, RAM_SIZE - RAM_FIRST) } };
	must(f->ram[0] && f->ram[1]);
	f->mem = (struct mem){
		.slot = { { .gpa = 0, .size = RAM_FIRST, .hva = f->ram[0] },
			  { .gpa = RAM_FIRST, .size = RAM_SIZE - RAM_FIRST, .hva = f->ram[1] } },
		.nslots = 2,
	};
	for (unsigned i = DATA_GPA; i < RAM_SIZE; i++)
		f->model[i] = (u8)(i ^ i >> 8);
}

static inline void fuzz_end(struct fuzz *f)
{
	free(f->ram[0]);
	free(f->ram[1]);
}

/* Guest memory becomes what the model says. */
static inline void fuzz_load(struct fuzz *f)
{
	memcpy(f->ram[0], f->model, RAM_FIRST);
	memcpy(f->ram[1], f->model + RAM_FIRST, RAM_SIZE - RAM_FIRST);
}

static inline void fuzz_compare(const struct fuzz *f)
{
	must(!memcmp(f->ram[0], f->model, RAM_FIRST));
	must(!memcmp(f->ram[1], f->model + RAM_FIRST, RAM_SIZE - RAM_FIRST));
}

/* The driver begins anew, after a reset of the device. */
static inline void fuzz_start(struct fuzz *f, struct virtio *v, u64 features)
{
	f->v = v;
	v->state.accepted = features | VIRTIO_F_VERSION_1;
	v->state.status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK |
			  VIRTIO_DRIVER_OK;
	v->told_broken = true; /* who should read it? */
	memset(f->model, 0, DATA_GPA);
	for (unsigned q = 0; q < v->ops->nqueues; q++) {
		f->avail[q] = 0;
		v->state.queue[q] = (struct virtq){
			.size = QUEUE_SIZE,
			.ready = true,
			.desc = QUEUE_GPA(q),
			.avail = QUEUE_GPA(q) + 0x100,
			.used = USED_GPA(q),
		};
	}
	fuzz_load(f);
}

static inline void request_check(struct request *r)
{
	bool written = false;

	r->valid = r->n > 0;
	r->read_len = r->write_len = 0;
	for (unsigned i = 0; i < r->n; i++) {
		const struct piece *p = &r->piece[i];

		if (p->len == 0 || p->gpa >= RAM_SIZE || p->len > RAM_SIZE - p->gpa ||
		    (written && !p->write))
			r->valid = false;
		written |= p->write;
		if (p->write)
			r->write_len += p->len;
		else
			r->read_len += p->len;
	}
}

/* Pieces where the input says, mostly such as a driver would make. */
static inline void take_pieces(struct input *in, struct request *r)
{
	static const u32 usual[] = { 1, 2, 4, 8, 12, 16, 511, 512, 513, 1024, 1518, 2000 };

	r->n = 1 + (unsigned)(take(in, 1) % PIECES_MAX);
	for (unsigned i = 0; i < r->n; i++) {
		u64 how = take(in, 1);
		struct piece *p = &r->piece[i];

		p->gpa = DATA_GPA + take(in, 2) % (RAM_SIZE - DATA_GPA);
		p->len = usual[how / 8 % ARRAY_SIZE(usual)];
		p->write = how & 1;
		if ((how & 6) == 6)
			p->len = (u32)take(in, how & 0x80 ? 4 : 1);
		if (how == 0xff)
			p->gpa = DATA_GPA + min_u64(take(in, 8), UINT64_MAX - DATA_GPA);
		else if ((how & 0xf) == 0xf && p->gpa + p->len > RAM_SIZE)
			p->gpa = RAM_SIZE - min_u64(p->len, RAM_SIZE - DATA_GPA);
	}
	if (take(in, 1) % 8) /* readable first */
		for (unsigned i = 1; i < r->n; i++)
			r->piece[i].write |= r->piece[i - 1].write;
	request_check(r);
}

/* Put it into the model as the next chain, in descriptors 0 to n - 1. */
static inline void request_add(struct fuzz *f, unsigned queue, const struct request *r)
{
	u8 *at = f->model + QUEUE_GPA(queue);
	u16 zero = 0, index;

	for (u16 i = 0; i < r->n; i++) {
		u16 flags = (r->piece[i].write ? VQ_DESC_WRITE : 0) |
			    (i + 1u < r->n ? VQ_DESC_NEXT : 0);
		u16 next = i + 1;

		memcpy(at + 16 * i, &r->piece[i].gpa, 8);
		memcpy(at + 16 * i + 8, &r->piece[i].len, 4);
		memcpy(at + 16 * i + 12, &flags, 2);
		memcpy(at + 16 * i + 14, &next, 2);
	}
	memcpy(at + 0x104 + 2 * (f->avail[queue] % QUEUE_SIZE), &zero, 2);
	index = ++f->avail[queue];
	memcpy(at + 0x102, &index, 2);
}

/* The model's used ring: the chain that was added last has come back. */
static inline void request_used(struct fuzz *f, unsigned queue, u32 written)
{
	u8 *used = f->model + USED_GPA(queue);
	u32 element[2] = { 0, written };

	memcpy(used + 4 + 8 * ((f->avail[queue] - 1) % QUEUE_SIZE), element, 8);
	memcpy(used + 2, &f->avail[queue], 2);
}

/* Copy between buf and the request's readable or writable bytes, from byte off on, in the model. */
static inline void request_copy(struct fuzz *f, const struct request *r, bool write, u64 off,
				u8 *buf, u64 len)
{
	for (unsigned i = 0; i < r->n; i++) {
		const struct piece *p = &r->piece[i];

		for (u32 k = 0; p->write == write && k < p->len; k++) {
			if (off) {
				off--;
				continue;
			}
			if (!len--)
				return;
			if (write)
				f->model[p->gpa + k] = *buf++;
			else
				*buf++ = f->model[p->gpa + k];
		}
	}
}

#endif
