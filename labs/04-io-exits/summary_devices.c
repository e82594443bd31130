// SPDX-License-Identifier: MIT
#include "summary_devices.h"

#include <errno.h>
#include <stdio.h>

static int write_screen(const struct vga *vga, const struct output *to)
{
	u8 cells[VGA_SCREEN];
	int err = vga_screen(vga, cells);

	if (err)
		return err == -ENOSYS ? 1 : fail_errno("--screen", err);
	fwrite(cells, 1, sizeof(cells), to->file);
	return output_done(to);
}

static int show_screen(struct vga *vga)
{
	int err = vga_print(vga, stderr);

	if (err && err != -ENOSYS)
		fail_errno("--vga", err);
	return err != 0;
}

int sum_up_devices(int status, struct vga *vga, const struct input *input,
		   const struct options *opt)
{
	int bad = 0;

	if (input->keys.left)
		fprintf(stderr, "vmm: left by Ctrl-A x\n");
	if (input->keys.lost)
		fprintf(stderr,
			"vmm: %llu bytes that were typed are lost: the guest had %d others to "
			"take first\n",
			(unsigned long long)input->keys.lost, KEYS_MAX);
	if (opt->vga != VGA_NONE)
		bad |= show_screen(vga);
	if (opt->screen.file)
		bad |= write_screen(vga, &opt->screen);
	return status ? status : bad;
}
