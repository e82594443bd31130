/* SPDX-License-Identifier: MIT */
#ifndef LIVE_VGA_H
#define LIVE_VGA_H

#include "live.h"
#include "vga.h"

/* The text screen for --live, as it was at the last look (given). */
struct live_vga {
	const struct vga *vga;
	pthread_mutex_t *lock; /* the device's */
	u8 cells[VGA_SCREEN];
	struct live_screen screen; /* for live_start() */
};

void live_vga_init(struct live_vga *l, const struct vga *vga, pthread_mutex_t *lock);

#endif
