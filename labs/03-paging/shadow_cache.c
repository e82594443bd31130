// SPDX-License-Identifier: MIT
#include "shadow_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "todo.h"

/*
 * cache->writer[frame]: 0 if no entry of ours was ever made that lets the guest write there; else
 * 1 + table * 512 + index of that entry, which may have been dropped since; or SEVERAL, and then
 * all tables have to be looked through. A list would be exact; but a frame that holds page tables
 * is seldom mapped writable twice.
 */
#define SEVERAL UINT32_MAX

static u32 frame_of(const struct shadow *s, u64 gpa)
{
	return gpa / PAGE_SIZE_4K < s->cache->nframes ? (u32)(gpa / PAGE_SIZE_4K) : NO_FRAME;
}

int cache_init(struct shadow *s, u64 size)
{
	struct shadow_cache *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	s->cache = c;
	c->nframes = (u32)(size / PAGE_SIZE_4K);
	c->state = calloc(c->nframes, sizeof(*c->state));
	c->writer = calloc(c->nframes, sizeof(*c->writer));
	c->root[c->nroots++] = (struct cached_root){ s->cpu.cr3 & PTE_ADDR, s->root };
	c->from[s->root] = (struct made_from){ .frame = frame_of(s, s->cpu.cr3), .level = 4 };
	return c->state && c->writer ? 0 : -ENOMEM;
}

void cache_destroy(struct shadow *s)
{
	if (!s->cache)
		return;
	free(s->cache->state);
	free(s->cache->writer);
	free(s->cache);
	s->cache = NULL;
}

enum frame_state cache_state(const struct shadow *s, u64 gpa)
{
	u32 frame = frame_of(s, gpa);

	return frame == NO_FRAME ? FRAME_FREE : s->cache->state[frame];
}

void cache_set_state(struct shadow *s, u64 gpa, enum frame_state state)
{
	struct shadow_cache *c = s->cache;
	u32 frame = frame_of(s, gpa);

	if (frame == NO_FRAME)
		return;
	if (state == FRAME_OUT_OF_STEP && c->state[frame] != FRAME_OUT_OF_STEP) {
		if (c->nout_of_step < CACHE_OUT_OF_STEP)
			c->out_of_step[c->nout_of_step] = frame;
		c->nout_of_step++;
	}
	c->state[frame] = (u8)state;
}

/* Is this an entry that lets the guest write to that page of the machine? */
static bool writes_to(u64 entry, u64 machine)
{
	return (entry & PTE_P) && (entry & PTE_RW) && (entry & PTE_ADDR) == machine;
}

/* The tables in which the page is writable go, as a whole: one store each, however many entries. */
static void drop_writers(struct shadow *s, u64 machine)
{
	for (unsigned t = 0; t < SHADOW_TABLES; t++) {
		const struct made_from *from = &s->cache->from[t];
		bool found = false;

		if (!s->table[t].used || from->level != 1)
			continue;
		for (unsigned i = 0; i < TABLE_ENTRIES && !found; i++)
			found = writes_to(s->table[t].entry[i], machine);
		if (found)
			shadow_drop_entry(s, from->parent, from->index, 2);
	}
}

void cache_protect(struct shadow *s, u64 gpa)
{
	u32 frame = frame_of(s, gpa), at;
	u64 machine, entry;

	if (frame == NO_FRAME || !(at = s->cache->writer[frame]))
		return;
	machine = shadow_machine_page(s, gpa);
	s->cache->writer[frame] = 0;
	if (at == SEVERAL) {
		drop_writers(s, machine);
		return;
	}
	at--;
	entry = s->table[at / TABLE_ENTRIES].entry[at % TABLE_ENTRIES];
	if (writes_to(entry, machine))
		shadow_put(s, at / TABLE_ENTRIES, at % TABLE_ENTRIES, entry & ~(u64)PTE_RW);
}

static void note_writer(struct shadow *s, u64 gpa, unsigned table, unsigned index)
{
	const u32 at = 1 + table * TABLE_ENTRIES + index;
	u32 frame = frame_of(s, gpa), *writer;

	if (frame == NO_FRAME)
		return;
	writer = &s->cache->writer[frame];
	if (*writer && *writer != at && *writer != SEVERAL) {
		unsigned t = (*writer - 1) / TABLE_ENTRIES, i = (*writer - 1) % TABLE_ENTRIES;
		bool still = s->table[t].used &&
			     writes_to(s->table[t].entry[i], shadow_machine_page(s, gpa));

		*writer = still ? SEVERAL : at;
	} else if (!*writer) {
		*writer = at;
	}
}

/* An entry for gva has been installed, by the walk w: what was it made from? */
static void note_origin(struct shadow *s, u64 gva, const struct walk *w)
{
	struct made_from *from = s->cache->from;
	unsigned table = s->root;
	u64 entry;

	for (unsigned level = 4; level > 1; level--) {
		unsigned index = LEVEL_INDEX(gva, level), read = 5 - level;
		unsigned below = shadow_below(s->table[table].entry[index]);

		from[below] = (struct made_from){
			.frame = read < w->reads ? frame_of(s, w->address[read]) : NO_FRAME,
			.parent = (u16)table,
			.index = (u16)index,
			.level = (u8)(level - 1),
		};
		table = below;
	}
	entry = s->table[table].entry[LEVEL_INDEX(gva, 1)];
	if (entry & PTE_RW)
		note_writer(s, w->gpa, table, LEVEL_INDEX(gva, 1));
}

/* Drop every table that was made from this frame. */
static void drop_made_from(struct shadow *s, u32 frame)
{
	for (unsigned t = 0; t < SHADOW_TABLES; t++) {
		const struct made_from *from = &s->cache->from[t];

		if (from->frame != frame || !s->table[t].used || !from->level)
			continue;
		if (from->level == 4)
			shadow_drop_all(s, t);
		else
			shadow_drop_entry(s, from->parent, from->index, from->level + 1);
	}
}

void cache_drop_out_of_step(struct shadow *s)
{
	struct shadow_cache *c = s->cache;

	if (c->nout_of_step > CACHE_OUT_OF_STEP)
		cache_drop_all(s);
	for (unsigned i = 0; i < c->nout_of_step; i++) {
		drop_made_from(s, c->out_of_step[i]);
		c->state[c->out_of_step[i]] = FRAME_FREE;
	}
	c->nout_of_step = 0;
}

void cache_drop_all(struct shadow *s)
{
	struct shadow_cache *c = s->cache;

	for (unsigned i = 0; i < c->nroots; i++)
		shadow_drop_all(s, c->root[i].table);
	memset(c->state, FRAME_FREE, c->nframes * sizeof(*c->state));
	memset(c->writer, 0, c->nframes * sizeof(*c->writer));
	c->nout_of_step = 0;
}

/* Of a table that a root is to be: a new one, or that of the root that was made longest ago. */
static struct cached_root *new_root(struct shadow *s)
{
	struct shadow_cache *c = s->cache;
	struct cached_root *root;

	if (c->nroots < CACHE_ROOTS) {
		unsigned table = shadow_take(s);

		if (!table) {
			cache_drop_all(s);
			table = shadow_take(s);
		}
		c->root[c->nroots].table = table;
		return &c->root[c->nroots++];
	}
	root = &c->root[c->next_root++ % CACHE_ROOTS];
	shadow_drop_all(s, root->table);
	return root;
}

unsigned cache_root(struct shadow *s, u64 cr3)
{
	struct shadow_cache *c = s->cache;
	struct cached_root *root;

	cr3 &= PTE_ADDR;
	for (unsigned i = 0; i < c->nroots; i++) {
		if (c->root[i].cr3 == cr3)
			return c->root[i].table;
	}
	root = new_root(s);
	root->cr3 = cr3;
	c->from[root->table] = (struct made_from){ .frame = frame_of(s, cr3), .level = 4 };
	shadow_put(s, root->table, VMM_SLOT, s->table[0].entry[VMM_SLOT]);
	return root->table;
}

/* [book:3.13] */
int cache_fill(struct shadow *s, const struct walk *w, bool write, u64 *entry)
{
	/* TASK 3.13 */
#if SOL >= 313
	for (unsigned i = 0; i < w->reads; i++) {
		if (cache_state(s, w->address[i]) != FRAME_FREE)
			continue;
		cache_set_state(s, w->address[i], FRAME_WATCHED);
		cache_protect(s, w->address[i]);
	}
	if (cache_state(s, w->gpa) != FRAME_WATCHED)
		return 0;
	if (write)
		cache_set_state(s, w->gpa, FRAME_OUT_OF_STEP);
	else
		*entry &= ~(u64)PTE_RW;
	return 0;
#else
	return TODO("3.13");
#endif
}

int cache_switch(struct shadow *s)
{
	/* TASK 3.13 */
#if SOL >= 313
	cache_drop_out_of_step(s);
	s->root = cache_root(s, s->cpu.cr3);
	return 0;
#else
	return TODO("3.13");
#endif
}
/* [book:end] */

static int install(struct shadow *s, u64 gva, u64 entry, const struct walk *w)
{
	int err = cache_fill(s, w, w->access & ACCESS_WRITE, &entry);

	if (!err)
		err = shadow_map(s, gva, entry, w->size);
	if (!err)
		note_origin(s, gva, w);
	return err;
}

static void written(struct shadow *s, u64 gpa)
{
	if (cache_state(s, gpa) == FRAME_WATCHED)
		cache_set_state(s, gpa, FRAME_OUT_OF_STEP);
}

const struct shadow_policy shadow_cached = {
	.start = cache_init,
	.install = install,
	.load_cr3 = cache_switch,
	.flush = cache_drop_all,
	.written = written,
};
