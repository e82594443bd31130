/* SPDX-License-Identifier: MIT */
/* Exits that never happened, for what is written about them: a recorder and its page. */
#ifndef FAKE_EXITS_H
#define FAKE_EXITS_H

#include "capture.h"
#include "obituary.h"
#include "proc.h"
#include "test.h"

static union {
	struct kvm_run run;
	u8 bytes[2 * 4096];
} page;
static struct recorder rec;
static struct memslot slot = { .gpa = 0, .size = 0x10000 };
static unsigned nslots = 1;
static struct witness witness = { .rec = &rec, .slots = &slot, .nslots = &nslots, .vcpu_fd = -1 };

static inline void out_exit(u8 data, u64 rip)
{
	page.run.exit_reason = KVM_EXIT_IO;
	page.run.io.direction = KVM_EXIT_IO_OUT;
	page.run.io.port = 0xe9;
	page.run.io.size = 1;
	page.run.io.count = 1;
	page.run.io.data_offset = 4096;
	page.run.s.regs.regs.rip = rip;
	page.bytes[4096] = data;
	recorder_enter(&rec);
	recorder_leave(&rec, 0);
}

static inline void hlt_exit(void)
{
	page.run.exit_reason = KVM_EXIT_HLT;
	recorder_enter(&rec);
	recorder_leave(&rec, 0);
}

static inline char *report(const struct ending *ending)
{
	const char *path = test_tmpfile("a-report");
	FILE *f = fopen(path, "w");

	if (!f)
		test_error("%s cannot be made", path);
	fprintf(f, "What was there before, longer than any report of ours, is gone.\n%1000s\n", "");
	report_write(f, ending, &witness);
	fclose(f);
	return file_text(path);
}

#endif
