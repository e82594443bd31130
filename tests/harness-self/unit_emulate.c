// SPDX-License-Identifier: MIT
/* tools/emulate, with a made-up QEMU: what it makes of a machine that ends without a word. */
#include <string.h>

#include "self.h"

/* A QEMU that says something on its serial line and ends. */
static struct proc_result after(const char *ending)
{
	self_tree();
	self_mkdir("bin");
	self_write("bin/qemu-system-x86_64", 0755, test_text("#!/bin/sh\n%s\n", ending));
	self_write("hv.elf", 0644, "");
	return self_run((char *[]){ (char *)self_program("tools/emulate"), "hv.elf", NULL },
			(char *[]){ "PATH=bin:/usr/bin:/bin", NULL });
}

#define ON "printf '\\016hv: SVM is on\\n' >&3; "

TEST("-", emulate_tells_how_a_machine_went, 0, .seconds = 0.3)
{
	struct proc_result p = after(ON "printf '\\004\\007' >&3; exit 15");

	CONTEXT("the hypervisor has said its status");
	EXPECT_STR(p.err, "hv: SVM is on\n");
	EXPECT_U64(proc_exit_code(&p), 7);
	p = after(ON "exit 47");
	CONTEXT("somebody wrote 23 to the port of QEMU's isa-debug-exit");
	EXPECT_CONTAINS(p.err, "switched off: an OUT of 0x17 to its own port 0xf4");
	EXPECT_U64(proc_exit_code(&p), 1);
	p = after(ON "exit 0");
	CONTEXT("a triple fault, with -no-reboot");
	EXPECT_CONTAINS(p.err, "the machine is gone");
	p = after(ON "kill -SEGV $$");
	CONTEXT("QEMU itself died: that was no exception of the hypervisor's");
	EXPECT_CONTAINS(p.err, "qemu-system-x86_64 itself has died: signal 11");
	EXPECT_TRUE(!strstr(p.err, "an exception"), "%s", p.err);
	EXPECT_U64(proc_exit_code(&p), 1);
	p = after("exit 1");
	CONTEXT("QEMU itself did not start: no hypervisor has said a word");
	EXPECT_TRUE(!strstr(p.err, "port"), "%s", p.err);
	EXPECT_U64(proc_exit_code(&p), 1);
}
