// SPDX-License-Identifier: MIT
#include "vga.h"

#include <string.h>

#include "cp437.h"
#include "dirty.h"
#include "todo.h"

/* [book:4.3] */
/* TASK 4.3 */
#if SOL >= 403
static enum verdict vga_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct vga *vga = container_of(dev, struct vga, dev);

	if (write)
		memcpy(vga->cell + off, data, size);
	else
		memcpy(data, vga->cell + off, size);
	return V_RESUME;
}
#endif

int vga_init_mmio(struct vga *vga, struct bus *mmio)
{
	*vga = (struct vga){ .mem = NULL };
	/* TASK 4.3 */
#if SOL >= 403
	vga->dev.io = vga_io;
	return bus_add(mmio, VGA_GPA, VGA_SIZE, &vga->dev);
#else
	return TODO("4.3");
#endif
}

int vga_init_ram(struct vga *vga, struct mem *mem, int vm_fd)
{
	*vga = (struct vga){ .mem = mem, .vm_fd = vm_fd, .slot = mem->nslots };
	/* TASK 4.3 */
#if SOL >= 403
	struct mem only = { .nslots = 1 };
	int err = mem_add(mem, vm_fd, VGA_GPA, VGA_SIZE);

	if (err)
		return err;
	only.slot[0] = mem->slot[vga->slot];
	return dirty_log_start(&only, vm_fd);
#else
	return TODO("4.3");
#endif
}

int vga_screen(const struct vga *vga, u8 *cells)
{
	/* TASK 4.3 */
#if SOL >= 403
	if (vga->mem)
		return mem_read(vga->mem, VGA_GPA, cells, VGA_SCREEN);
	memcpy(cells, vga->cell, VGA_SCREEN);
	return 0;
#else
	return TODO("4.3");
#endif
}

/* TASK 4.3 */
#if SOL >= 403
static void note_page(void *ctx, u64 gpa)
{
	bool *written = ctx;

	if (gpa < VGA_GPA + VGA_SCREEN)
		*written = true;
}
#endif

int vga_changed_rows(struct vga *vga, u32 *rows, bool *looked)
{
	*rows = 0;
	*looked = false;
	/* TASK 4.3 */
#if SOL >= 403
	u8 now[VGA_SCREEN];
	int err = 0;

	if (vga->mem)
		err = dirty_log_read(&vga->mem->slot[vga->slot], vga->vm_fd, note_page, looked);
	else
		*looked = true;
	if (err || !*looked)
		return err;
	err = vga_screen(vga, now);
	for (unsigned row = 0; row < VGA_ROWS && !err; row++) {
		if (memcmp(now + row * VGA_ROW, vga->drawn + row * VGA_ROW, VGA_ROW) != 0)
			*rows |= 1u << row;
	}
	if (!err)
		memcpy(vga->drawn, now, VGA_SCREEN);
	return err;
#else
	return TODO("4.3");
#endif
}
/* [book:end] */

static bool is_blank(u8 c)
{
	return c == 0 || c == ' ' || c == 0xff;
}

/* How many cells of a row there are up to the last that is not blank. */
static unsigned row_length(const u8 *row)
{
	unsigned n = VGA_COLS;

	while (n && is_blank(row[2 * (n - 1)]))
		n--;
	return n;
}

int vga_print(struct vga *vga, FILE *out)
{
	u8 cells[VGA_SCREEN] = { 0 };
	unsigned rows = VGA_ROWS;
	u32 changed;
	bool looked;
	int err = vga_changed_rows(vga, &changed, &looked);

	if (!err)
		err = vga_screen(vga, cells);
	if (err)
		return err;
	fprintf(out, "the text screen, as %s: %d of %d rows have changed\n",
		vga->mem ? "RAM" : "MMIO", __builtin_popcount(changed), VGA_ROWS);
	while (rows && row_length(cells + (rows - 1) * VGA_ROW) == 0)
		rows--;
	for (unsigned row = 0; row < rows; row++) {
		const u8 *cell = cells + row * VGA_ROW;
		unsigned n = row_length(cell);

		for (unsigned col = 0; col < n; col++, cell += 2)
			cp437_put(*cell, out);
		fputc('\n', out);
	}
	return 0;
}
