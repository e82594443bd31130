/* SPDX-License-Identifier: MIT */
/* The host's interrupts: the 8259 pair, and the 8254 that ticks through its line 0. */
#ifndef HOST_PIC_H
#define HOST_PIC_H

#include "types.h"

#define HOST_VECTORS 0x20 /* line 0 of the 8259s comes as this vector, line 1 as the next one */
#define PIT_HZ	     1193182

/* All lines masked, but mapped to HOST_VECTORS, where no exception is. */
void pic_init(void);

/* Tick so many times a second (19 at least). Interrupts still have to be on. */
void timer_start(unsigned hz);
void timer_stop(void);

/* How often it has ticked: it is counted in the interrupt's handler. */
u64 timer_ticks(void);

/* One of the host's interrupts is here: what the CPU would call by way of the IDT, for a vector
 * that was taken from the 8259 already. */
void interrupt_serve(u8 vector);

#endif
