// SPDX-License-Identifier: MIT
#include "live_vga.h"

#include "cp437.h"

static bool look(void *ctx)
{
	struct live_vga *l = ctx;
	int err;

	pthread_mutex_lock(l->lock);
	err = vga_screen(l->vga, l->cells);
	pthread_mutex_unlock(l->lock);
	return !err;
}

static void row(void *ctx, unsigned n, FILE *out)
{
	const struct live_vga *l = ctx;

	for (unsigned i = 0; i < VGA_COLS; i++)
		cp437_put(l->cells[n * VGA_ROW + 2 * i], out);
}

void live_vga_init(struct live_vga *l, const struct vga *vga, pthread_mutex_t *lock)
{
	*l = (struct live_vga){
		.vga = vga,
		.lock = lock,
		.screen = { .look = look, .row = row, .rows = VGA_ROWS, .ctx = l },
	};
}
