// SPDX-License-Identifier: MIT
#include <string.h>

#include "start.h"
#include "cpu_insn.h"
#include "machine_map.h"
#include "pages.h"
#include "host_pic.h"
#include "say.h"
#include "serial.h"
#include "trap.h"

#define START_MAGIC 0x336ec578
#define IMAGE_MAX   MiB(4)

/* Xen's start_info.h, as QEMU and our ROM fill it in. */
struct start_info {
	u32 magic, version, flags, nr_modules;
	u64 modules, command, rsdp;
};

struct start_module {
	u64 at, size, command, reserved;
};

void boot_main(const struct start_info *start);

/* Two ports that end an emulated machine: QEMU's isa-debug-exit, and Bochs's. */
static void power_off(int status)
{
	static const char word[] = "Shutdown";

	out8(0xf4, (u8)status);
	for (const char *c = word; *c; c++)
		out8(0x8900, (u8)*c);
}

_Noreturn void finish(int status)
{
	interrupts_off();
	serial_sign(SERIAL_END);
	serial_byte((u8)status);
	serial_drain();
	power_off(status);
	for (;;)
		__asm__ volatile("hlt");
}

/*
 * What the loader has left may lie where the first guest's memory will be: the command line and the
 * guest's image are copied to where they stay.
 */
static void keep(struct boot *boot, const struct start_info *start)
{
	static char command[1024];
	const struct start_module *module = at(start->modules);
	u8 *image = at(MACHINE_SIZE - IMAGE_MAX);
	u64 n;

	boot->command = command;
	if (start->magic != START_MAGIC)
		return;
	if (start->command) {
		n = min_u64(strlen(at(start->command)), sizeof(command) - 1);
		memcpy(command, at(start->command), n);
	}
	if (start->nr_modules < 1)
		return;
	if (module->size > IMAGE_MAX) {
		print("hv: the guest's file has %lu bytes, and there is room for %lu\n",
		      module->size, (u64)IMAGE_MAX);
		finish(1);
	}
	memmove(image, at(module->at), module->size);
	boot->image = image;
	boot->image_size = module->size;
}

void boot_main(const struct start_info *start)
{
	struct boot boot = { 0 };

	serial_init();
	trap_init();
	keep(&boot, start);
	pic_init();
	finish(hv_main(&boot));
}
