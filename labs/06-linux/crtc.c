// SPDX-License-Identifier: MIT
#include "crtc.h"

#include <string.h>

#include "todo.h"

/* [book:6.8screen] */
unsigned crtc_start(const struct crtc *c)
{
	/* TASK 6.8 */
#if SOL >= 608
	unsigned cell = (unsigned)c->reg[CRTC_START_HIGH] << 8 | c->reg[CRTC_START_LOW];

	return cell % (VGA_SIZE / 2);
#else
	return (TODO("6.8"), 0);
#endif
}

int crtc_cursor(const struct crtc *c)
{
	/* TASK 6.8 */
#if SOL >= 608
	unsigned cell = (unsigned)c->reg[CRTC_CURSOR_HIGH] << 8 | c->reg[CRTC_CURSOR_LOW];
	unsigned at = (cell - crtc_start(c)) % (VGA_SIZE / 2);

	return at < VGA_SCREEN / 2 ? (int)at : -1;
#else
	return (TODO("6.8"), -1);
#endif
}

/* TASK 6.8 */
#if SOL >= 608
/* The window's bytes, in whichever way it was made. */
static int window(const struct vga *vga, u8 bytes[VGA_SIZE])
{
	if (vga->mem)
		return mem_read(vga->mem, VGA_GPA, bytes, VGA_SIZE);
	memcpy(bytes, vga->cell, VGA_SIZE);
	return 0;
}
#endif

int crtc_settle(const struct crtc *c, struct vga *vga)
{
	/* TASK 6.8 */
#if SOL >= 608
	u8 bytes[VGA_SIZE], shown[VGA_SCREEN];
	int err = window(vga, bytes);

	for (unsigned i = 0; i < VGA_SCREEN; i++)
		shown[i] = bytes[(2 * crtc_start(c) + i) % VGA_SIZE];
	if (err || !crtc_start(c))
		return err;
	if (vga->mem)
		return mem_write(vga->mem, VGA_GPA, shown, VGA_SCREEN);
	memcpy(vga->cell, shown, VGA_SCREEN);
	return 0;
#else
	return (TODO_NOTED("6.8"), 0); /* what lies at its front is what is shown */
#endif
}
/* [book:end] */

static enum verdict crtc_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct crtc *c = container_of(dev, struct crtc, dev);
	u8 *byte = data;

	for (unsigned i = 0; i < size; i++) {
		u8 *reg = off + i == 0		      ? &c->index
			  : c->index < CRTC_REGISTERS ? &c->reg[c->index]
						      : NULL;

		if (!write)
			byte[i] = reg ? *reg : 0xff;
		else if (reg)
			*reg = byte[i];
	}
	return V_RESUME;
}

int crtc_init(struct crtc *c, struct bus *pio)
{
	*c = (struct crtc){ .dev.io = crtc_io };
	return bus_add(pio, CRTC_PORT, 2, &c->dev);
}
