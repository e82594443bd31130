// SPDX-License-Identifier: MIT
/* AMD's SVM: QEMU's own CPU, which nobody's hardware has to help. */
#include "emulated.h"

/* What the CPU logs about code at the very top, where nothing is, and of VMRUN and each exit. */
#define NOTHING_BUT_SVM "0xffffffff00000000+1"

static int prepare(const struct job *job, struct command *c)
{
	command_add(c, "%s", emulator_qemu.program);
	command_add(c, "-nodefaults");
	command_add(c, "-no-user-config");
	command_add(c, "-no-reboot");
	command_add(c, "-display");
	command_add(c, "none");
	command_add(c, "-accel");
	command_add(c, "tcg,thread=single");
	command_add(c, "-cpu");
	command_add(c, "%s", job->model ? job->model : "max");
	command_add(c, "-M");
	command_add(c, "microvm,isa-serial=on,acpi=off,rtc=off%s",
		    job->memory ? ",memory-backend=m" : "");
	command_add(c, "-m");
	command_add(c, "64");
	if (job->memory) {
		command_add(c, "-object");
		command_add(c, "memory-backend-file,id=m,size=64M,share=on,mem-path=%s",
			    job->memory);
	}
	command_add(c, "-chardev");
	command_add(c, "file,id=c,path=/dev/fd/%d", EMULATE_SERIAL_FD);
	command_add(c, "-serial");
	command_add(c, "chardev:c");
	command_add(c, "-device");
	command_add(c, "isa-debug-exit,iobase=0x%x,iosize=4", EMULATE_EXIT_PORT);
	if (job->log) {
		command_add(c, "-d");
		command_add(c, "in_asm");
		command_add(c, "-dfilter");
		command_add(c, NOTHING_BUT_SVM);
		command_add(c, "-D");
		command_add(c, "%s", job->log);
	}
	command_add(c, "-kernel");
	command_add(c, "%s", job->image);
	if (job->guest) {
		command_add(c, "-initrd");
		command_add(c, "%s", job->guest);
	}
	if (job->words) {
		command_add(c, "-append");
		command_add(c, "%s", job->words);
	}
	return 0;
}

const struct emulator emulator_qemu = {
	.cpu = "amd",
	.program = "qemu-system-x86_64",
	.install = "apt install qemu-system-x86",
	.exit_port = true,
	.prepare = prepare,
};
