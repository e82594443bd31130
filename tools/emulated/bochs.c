// SPDX-License-Identifier: MIT
/*
 * Intel's VMX: Bochs, which emulates a CPU that has it, without firmware: the ROM is ours (rom.h).
 * It has a debugger, which is told to go on (`c`), and draws on a terminal, which nobody sees. Its
 * log says each exit by name, and why an instruction of VMX failed.
 */
#include "emulated.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rom.h"

#define MEMORY	     MiB(64)
#define VGA_ROM_SIZE KiB(2) /* of zeros: Bochs 3.0 wants one */

static const char bochsrc[] = "display_library: term\n"
			      "megs: %u\n"
			      "romimage: file=%s/rom\n"
			      "vgaromimage: file=%s/vga\n"
			      "cpu: model=%s, count=1, ips=10000000, reset_on_triple_fault=0\n"
			      "clock: sync=none, time0=utc\n"
			      "com1: enabled=1, mode=file, dev=/dev/fd/%d\n"
			      "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy\n"
			      "log: %s\n"
			      "panic: action=fatal\n"
			      "error: action=report\n"
			      "info: action=ignore\n"
			      "debug: action=ignore, cpu0=report\n";

static int wrong(const char *what, const char *why)
{
	fprintf(stderr, "emulate: %s: %s\n", what, why);
	return -EIO;
}

static int write_all(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");
	bool done;

	if (!f)
		return wrong(path, strerror(errno));
	done = fwrite(data, 1, size, f) == size;
	if (fclose(f) || !done)
		return wrong(path, strerror(errno));
	return 0;
}

static int put(const char *dir, const char *name, const void *data, size_t size)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return write_all(path, data, size);
}

/* All of a file, no larger than a ROM. NULL: why is said. */
static u8 *read_all(const char *path, u64 *size)
{
	u8 *bytes = malloc(ROM_SIZE);
	FILE *f = fopen(path, "rb");

	if (!f || !bytes) {
		wrong(path, strerror(errno));
		free(bytes);
		return NULL;
	}
	*size = fread(bytes, 1, ROM_SIZE, f);
	fclose(f);
	return bytes;
}

/* The code of the ROM is built beside the hypervisor. */
static int put_rom(const struct job *job, const struct image *image)
{
	char code[PATH_MAX];
	const char *end = strrchr(job->image, '/');
	struct rom_parts parts = {
		.code = code,
		.image = image,
		.cmdline = job->words ? job->words : "",
		.memory = MEMORY,
		.feature_control = job->feature_control,
	};
	u8 *guest = job->guest ? read_all(job->guest, &parts.module_size) : NULL;
	u8 *rom = malloc(ROM_SIZE);
	struct why why;
	int err = !rom || (job->guest && !guest) ? -EIO : 0;

	snprintf(code, sizeof(code), "%.*srom.bin", end ? (int)(end - job->image) + 1 : 0,
		 job->image);
	parts.module = guest;
	if (!err && rom_build(rom, &parts, &why))
		err = wrong(job->image, why.text);
	if (!err)
		err = job->rom ? write_all(job->rom, rom, ROM_SIZE)
			       : put(job->dir, "rom", rom, ROM_SIZE);
	free(rom);
	free(guest);
	return err;
}

int rom_write(const struct job *job)
{
	struct image image;
	struct why why;
	u64 size;
	u8 *bytes = read_all(job->image, &size);
	int err = -EIO;

	if (!bytes)
		return err;
	if (image_parse(&image, bytes, size, &why))
		return wrong(job->image, why.text);
	err = image.has_pvh ? put_rom(job, &image) : wrong(job->image, "it has no PVH note");
	image_close(&image);
	return err;
}

static int prepare(const struct job *job, struct command *c)
{
	static const u8 vga[VGA_ROM_SIZE];
	char rc[4 * PATH_MAX + sizeof(bochsrc)], log[PATH_MAX + 16];
	int n, err;

	snprintf(log, sizeof(log), "%s/log", job->dir);
	n = snprintf(rc, sizeof(rc), bochsrc, (unsigned)(MEMORY >> 20), job->dir, job->dir,
		     job->model ? job->model : "corei7_haswell_4770", EMULATE_SERIAL_FD,
		     job->log ? job->log : log);
	err = rom_write(job);
	if (!err)
		err = put(job->dir, "vga", vga, sizeof(vga));
	if (!err)
		err = put(job->dir, "bochsrc", rc, (size_t)n);
	if (!err)
		err = put(job->dir, "go", "c\n", 2);
	if (err)
		return err;
	setenv("TERM", "vt100", 1);
	command_add(c, "%s", emulator_bochs.program);
	command_add(c, "-q");
	command_add(c, "-f");
	command_add(c, "%s/bochsrc", job->dir);
	command_add(c, "-rc");
	command_add(c, "%s/go", job->dir);
	return 0;
}

const struct emulator emulator_bochs = {
	.cpu = "intel",
	.program = "bochs",
	.install = "apt install bochs bochs-term",
	.noisy = true,
	.prepare = prepare,
};
