/* SPDX-License-Identifier: MIT */
/*
 * Task 6.8: the part of a VGA that says which cells are shown: the CRT controller (IBM, "VGA
 * Hardware Interface", CRT controller registers). Linux's console scrolls by it: it does not move
 * the text, but the start of the screen in the window of 32 KiB.
 */
#ifndef CRTC_H
#define CRTC_H

#include "vga.h"

#define CRTC_PORT	 0x3d4 /* which register; 0x3d5: its value */
#define CRTC_REGISTERS	 25
#define CRTC_START_HIGH	 0x0c /* in cells from the window's beginning */
#define CRTC_START_LOW	 0x0d
#define CRTC_CURSOR_HIGH 0x0e /* the cursor's cell, counted in the same way */
#define CRTC_CURSOR_LOW	 0x0f

struct crtc {
	struct device dev;
	u8 index;
	u8 reg[CRTC_REGISTERS];
};

/* Given: at its two ports. 0, or what bus_add() says. */
int crtc_init(struct crtc *c, struct bus *pio);

/*
 * [task 6.8] The cell with which the screen begins, 0 to 0x3fff: registers 0x0c and 0x0d. What is
 * behind the window's end begins anew at its front.
 */
unsigned crtc_start(const struct crtc *c);

/*
 * [task 6.8] Which cell of the screen has the cursor, 0 to 1999; -1: none of those that are shown.
 * (For who draws the screen; what is printed of it at the end has no cursor.)
 */
int crtc_cursor(const struct crtc *c);

/*
 * [task 6.8] The run is over: what is shown shall lie at the window's front, where lab 04 looks for
 * it. The cells go around the window's end. 0, or a negative errno.
 */
int crtc_settle(const struct crtc *c, struct vga *vga);

#endif
