/* SPDX-License-Identifier: MIT */
/*
 * Task 4.3: the text screen at 0xb8000, in two ways. A cell is two bytes: a character of code page
 * 437 and its attribute (colours). The screen has 80 by 25 of them, row after row.
 *
 * As MMIO, each access of the guest is an exit to us. As RAM there is none, and we look when we
 * want to; KVM's dirty log (task 3.11) says whether there is something to look at.
 */
#ifndef VGA_H
#define VGA_H

#include <stdio.h>

#include "bus.h"
#include "mem.h"

#define VGA_GPA	   0xb8000
#define VGA_SIZE   0x8000 /* the window, in bytes; the screen is at its front */
#define VGA_COLS   80
#define VGA_ROWS   25
#define VGA_ROW	   (2 * VGA_COLS)	/* bytes of a row */
#define VGA_SCREEN (VGA_ROWS * VGA_ROW) /* bytes of the screen */

struct vga {
	struct device dev;
	struct mem *mem;      /* as RAM: where the window is; NULL: as MMIO */
	int vm_fd;	      /* as RAM: whose log it is */
	unsigned slot;	      /* as RAM: its index in mem->slot */
	u8 cell[VGA_SIZE];    /* as MMIO: the window's bytes */
	u8 drawn[VGA_SCREEN]; /* the screen as vga_changed_rows() saw it last */
};

/*
 * [task 4.3] The window as a device on the MMIO bus: it keeps what is written, byte for byte,
 * whatever the width. Zeros at first. 0, or what bus_add() says.
 */
int vga_init_mmio(struct vga *vga, struct bus *mmio);

/*
 * [task 4.3] The window as a slot of RAM with a dirty log (api.rst 4.35, KVM_MEM_LOG_DIRTY_PAGES);
 * the other slots stay as they are. Zeros at first. 0, or a negative errno; if it is the log's, the
 * slot stays, since nothing takes memory away again before the VM ends.
 */
int vga_init_ram(struct vga *vga, struct mem *mem, int vm_fd);

/* [task 4.3] Copy out the screen as it is now: VGA_SCREEN bytes. 0, or a negative errno. */
int vga_screen(const struct vga *vga, u8 *cells);

/*
 * [task 4.3] Which rows differ from how they were at the last call (at first: from zeros)? Row n is
 * bit n of *rows. As RAM, only if the dirty log says that the guest has written to the screen is it
 * read at all: *looked tells. 0, or a negative errno.
 */
int vga_changed_rows(struct vga *vga, u32 *rows, bool *looked);

/*
 * Given: say how many rows have changed, then the screen as text, code page 437 as UTF-8: a line
 * for each row, without the blanks at its end and without empty rows at the bottom. 0, or what the
 * two functions above say.
 */
int vga_print(struct vga *vga, FILE *out);

#endif
