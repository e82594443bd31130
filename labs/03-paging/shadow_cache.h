/* SPDX-License-Identifier: MIT */
/* Task 3.13 (stretch): shadow tables that outlive a CR3 load, --mmu=shadow-cached. */
#ifndef SHADOW_CACHE_H
#define SHADOW_CACHE_H

#include "shadow.h"

/*
 * A CPU may keep translations until INVLPG or a CR3 load; whoever keeps shadow tables longer than
 * that must know that the guest's tables are still the ones that they were made from. So a frame
 * from which a walk has read a table is watched: no entry of ours lets the guest write there, and
 * its first write is a fault that we hear of. From then on the frame is out of step: it may be
 * written freely, until the next CR3 load drops what was made from it.
 */
enum frame_state { FRAME_FREE, FRAME_WATCHED, FRAME_OUT_OF_STEP };

#define CACHE_ROOTS	  16
#define CACHE_OUT_OF_STEP 64
#define NO_FRAME	  UINT32_MAX

struct shadow_cache {
	struct cached_root {
		u64 cr3; /* the guest's; its flags are not part of it */
		unsigned table;
	} root[CACHE_ROOTS];
	unsigned nroots, next_root;
	/* Of each shadow table: the guest frame that it was made from, and the entry that leads
	 * to it. */
	struct made_from {
		u32 frame; /* guest-physical, / 4096; NO_FRAME: from a piece of a large page */
		u16 parent, index;
		u8 level;
	} from[SHADOW_TABLES];
	u32 nframes;
	u8 *state;   /* enum frame_state of each frame of the guest's RAM */
	u32 *writer; /* of each frame: where it was last mapped writable, see shadow_cache.c */
	u32 out_of_step[CACHE_OUT_OF_STEP]; /* the first frames of that state */
	unsigned nout_of_step;		    /* how many there are; may be more than fit */
};

extern const struct shadow_policy shadow_cached;

/* Given: for a guest with size bytes of RAM; s->root is that of its first CR3. 0 or -ENOMEM. */
int cache_init(struct shadow *s, u64 size);
void cache_destroy(struct shadow *s);

/* Given: the state of the frame that holds gpa; FRAME_FREE for what is not RAM. */
enum frame_state cache_state(const struct shadow *s, u64 gpa);

/* Given: from now on the frame that holds gpa is in that state, if it is RAM. */
void cache_set_state(struct shadow *s, u64 gpa, enum frame_state state);

/* Given: make all entries of ours that map the frame that holds gpa read-only. */
void cache_protect(struct shadow *s, u64 gpa);

/* Given: drop all that was made from what is out of step, in every root; it is free again. */
void cache_drop_out_of_step(struct shadow *s);

/* Given: the root table for this CR3, a new and empty one if it was not cached. */
unsigned cache_root(struct shadow *s, u64 cr3);

/* Given: empty all roots; nothing is watched any more. */
void cache_drop_all(struct shadow *s);

/*
 * [task 3.13] The walk w allowed an access, and *entry is what shadow_map() is about to install.
 *
 * Each frame from which w has read a table (w->address[]) is to be watched, unless it is out of
 * step: change its state, and cache_protect() it when it was free. Then, if the page itself
 * (w->gpa) is watched, a read (not write) gets an entry without RW; a write puts the frame out of
 * step and gets the entry as it is. 0; or a negative errno, after which the guest does not go on.
 */
int cache_fill(struct shadow *s, const struct walk *w, bool write, u64 *entry);

/*
 * [task 3.13] The guest has loaded CR3 (s->cpu.cr3): what is out of step is dropped, and s->root
 * becomes the root of this CR3 (cache_root()). 0 or a negative errno.
 */
int cache_switch(struct shadow *s);

#endif
