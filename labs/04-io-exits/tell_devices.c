// SPDX-License-Identifier: MIT
#include "tell_devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int write_screen(const struct vga *vga, const char *path)
{
	u8 cells[VGA_SCREEN];
	int err = vga_screen(vga, cells);
	FILE *file;

	if (err)
		return err == -ENOSYS ? 1 : fail_errno("--screen", err);
	file = fopen(path, "w");
	if (!file)
		return fail(path, strerror(errno));
	err = fwrite(cells, 1, sizeof(cells), file) == sizeof(cells) ? 0 : errno;
	if (fclose(file) && !err)
		err = errno;
	return err ? fail(path, strerror(err)) : 0;
}

static int show_screen(struct vga *vga)
{
	int err = vga_print(vga, stderr);

	if (err && err != -ENOSYS)
		fail_errno("--vga", err);
	return err != 0;
}

int tell_devices(int status, struct vga *vga, const struct input *input, const struct options *opt)
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
	if (opt->screen)
		bad |= write_screen(vga, opt->screen);
	return status ? status : bad;
}
