/* SPDX-License-Identifier: MIT */
/*
 * Task 4.6: an 8254 interval timer: three counters that 1,193,182 clocks a second count down.
 *
 * Nobody counts here: what a counter shows, and how often it has run out, is a function of the time
 * since it was loaded. So a late timer of the host makes a tick late, and never loses one.
 *
 * The core is pure: it is told what time it is, and says when it wants to be asked again.
 * pit_timer.c (given) has the clock and the timer of the host.
 */
#ifndef PIT_H
#define PIT_H

#include "bus.h"
#include "irq.h"
#include "loop.h"
#include "pic.h"

#define PIT_PORT      0x40 /* counters 0, 1, 2, and the control word */
#define PIT_GATE_PORT 0x61 /* the wires of counter 2, see pit_gate_read() */
#define PIT_HZ	      1193182
#define PIT_IRQ	      0 /* where OUT of counter 0 leads */

#define PIT_NEVER UINT64_MAX

struct pit_channel {
	u32 count;	/* what it was loaded with: 1 to 65536 */
	u64 start_ns;	/* when that was, or when the gate last started it anew */
	u8 mode;	/* 0 to 5 */
	u8 rw;		/* bytes to read and write: 1 low, 2 high, 3 low then high; 0 after reset */
	bool bcd;	/* only remembered: as KVM's and QEMU's, it counts in binary all the same */
	bool gate;	/* counters 0 and 1: always high */
	bool loaded;	/* since the last control word */
	bool read_high; /* rw 3: the high byte is next */
	bool write_high; /* likewise */
	u8 write_low;	 /* the low byte that waits for its high byte */
	u8 latched;	 /* bytes of `latch` still to be read, in the manner of rw; 0: none */
	u16 latch;	 /* the count, held for reading */
	bool has_status; /* `status` is read next */
	u8 status;	 /* held by a read-back command */
};

/* What the chip remembers, and what has become of its edges. */
struct pit_state {
	struct pit_channel channel[3];
	bool speaker;  /* bit 1 of port 0x61: kept, and without effect */
	u64 delivered; /* rising edges of counter 0 that the line has had since it was loaded */
	bool waiting;  /* the last one is still in IRR: one more would go unseen */
};

struct pit {
	struct pit_state state;
	struct device dev, gate_dev;
	struct irq_line irq;
	u64 (*now)(void *ctx);		  /* nanoseconds, never going back */
	void (*alarm)(void *ctx, u64 ns); /* call pit_update() at that time, or PIT_NEVER */
	void *ctx;

	struct source source; /* pit_timer.c */
	int fd;
};

/* Given: n clocks from nanoseconds, rounded down; and the first nanosecond at which n clocks are
 * over. */
u64 pit_clocks(u64 ns);
u64 pit_ns(u64 clocks);

/* Given: state after reset, both windows on the bus, IRQ 0 of that chip; no clock yet. 0, or what
 * bus_add() says. */
int pit_init(struct pit *pit, struct bus *pio, struct irqchip *chip);

/* Given: the clock and a timer of the host, served by the loop. 0 or -errno; undone by
 * pit_destroy(). */
int pit_start(struct pit *pit, struct loop *loop);
void pit_destroy(struct pit *pit);

/*
 * [task 4.6] What the counter shows at that time.
 *
 * Modes 2 and 3 begin anew when they have run out, in mode 3 by steps of two (8254 data sheet,
 * "Mode definitions"). The others go on below 0: 0xffff and so on. (Of an odd count N in mode 3 the
 * data sheet loads N - 1; KVM and QEMU show N less twice the clocks modulo N. The tests ask for
 * even counts only.)
 */
u16 pit_count(const struct pit_channel *c, u64 now);

/*
 * [task 4.6] Is OUT high at that time, with a count of N? Mode 0: from clock N on; mode 1: before
 * it. Mode 3: in the first half of each period; of an odd count, the first half is the longer one.
 * Modes 2, 4 and 5: in one clock, N (in mode 2 also 2N, 3N and so on).
 *
 * This is how KVM and QEMU have it. In the data sheet the pulses of modes 2, 4 and 5 are low, and
 * loading the count takes a clock: modes 0 and 4 end at N + 1.
 */
bool pit_out(const struct pit_channel *c, u64 now);

/*
 * [task 4.6] How often has OUT risen by then, since the count was loaded? In modes 2 and 3 at the
 * end of each period, in modes 0 and 4 once. In modes 1 and 5, or without a count, not at all:
 * these wait for a gate, and the gate of counter 0 never moves.
 */
u64 pit_edges(const struct pit_channel *c, u64 now);

/*
 * [task 4.6] The four ports: reg 0 to 2 are the counters, 3 is the control word (8254 data sheet,
 * "Programming the 8254", "Read operations", "Counter latch command", "Read-back command").
 *
 * A control word stops the counter until its whole count is written (what it shows until then, and
 * what OUT is, is free); 0 means 65536. The next byte that is read or written is the first of its
 * two again, if there are two. Modes 6 and 7 are 2 and 3. A new count takes effect at once, when it
 * is whole: its first byte changes nothing. (In mode 0 that byte stops the chip, but neither KVM
 * nor QEMU: free.) A latch or a read-back disturbs no count of which only one byte was written, and
 * nothing that is done to one counter disturbs another. A latch holds until all of it is read: a
 * second one changes nothing. (Whether a control word or a new count drops what is held is free: by
 * the data sheet it does, KVM and QEMU keep it.) Status comes before count. Null count (bit 6 of
 * status) always reads 0; so does the control word.
 *
 * An edge of counter 0 that is due already comes before the write takes effect (pit_update()); a
 * control word or a new count for it forgives what was owed.
 */
void pit_write(struct pit *pit, unsigned reg, u8 value);
u8 pit_read(struct pit *pit, unsigned reg);

/*
 * [task 4.6] Bring the interrupt line up to date: if counter 0 has had an edge that the line has
 * not, and the controller has taken the one before (waiting is false), give it one: waiting is true
 * by the time that the line rises, since the controller may take the edge at once. Then set the
 * alarm to the next edge that there is something to do about; PIT_NEVER if there is none: while
 * one waits, without a count, in modes 1 and 5, and after the only edge of modes 0 and 4.
 *
 * So what a slow guest has not taken yet is owed to it, not lost: KVM calls it reinjection.
 */
void pit_update(struct pit *pit);

/*
 * [task 4.6] What became of the edges: struct pics calls it for each line, ctx is the struct pit.
 * IRQ_TAKEN of line 0: one more can be delivered. IRQ_UNMASKED: a guest that did not want
 * to hear of the ticks so far gets the one that is in IRR, if any, and is owed none of the others.
 * (If one is due by now, it is in IRR, as pit_update() would have put it there.) What it says of
 * other lines is not for the timer.
 */
void pit_irq_event(void *ctx, unsigned n, enum irq_event event);

/*
 * Given: port 0x61. Bit 0: gate of counter 2; 1: speaker; 4: toggles with the refresh of memory; 5:
 * OUT of counter 2. A rising gate starts modes 1, 2, 3 and 5 anew.
 */
void pit_gate_write(struct pit *pit, u8 value);
u8 pit_gate_read(struct pit *pit);

#endif
