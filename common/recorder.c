// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <x86intrin.h>

#include "exit_names.h"
#include "recorder.h"
#include "trace.h"

_Static_assert(sizeof(struct exit_record) == 64, "an exit touches one line of the ring");

/*
 * After a trip through the kernel, even clock_gettime() without a system call costs as much as the
 * rest of the recorder: its code and data have gone from the caches. RDTSC is one instruction.
 */
static inline u64 now(void)
{
	return __rdtsc();
}

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

void recorder_init(struct recorder *rec, struct kvm_run *run, int vm_fd)
{
	int syncable = ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS);

	memset(rec, 0, sizeof(*rec));
	rec->run = run;
	rec->first_tick = now();
	rec->first_ns = now_ns();
	rec->has_regs = syncable > 0 && (syncable & KVM_SYNC_X86_REGS);
	if (rec->has_regs)
		run->kvm_valid_regs = KVM_SYNC_X86_REGS;
}

/* The reasons but I/O and MMIO, which come by the million: those are looked for first. */
static enum exit_kind kind_of(u32 reason)
{
	switch (reason) {
	case KVM_EXIT_HLT:
		return EXIT_HLT;
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return EXIT_IRQ_WINDOW;
	case KVM_EXIT_SHUTDOWN:
		return EXIT_SHUTDOWN;
	case KVM_EXIT_FAIL_ENTRY:
		return EXIT_FAIL_ENTRY;
	case KVM_EXIT_INTERNAL_ERROR:
		return EXIT_INTERNAL_ERROR;
	case KVM_EXIT_INTR:
		return EXIT_INTR;
	default:
		return EXIT_OTHER;
	}
}

/*
 * The first element of an I/O or MMIO exit: known at its exit for a write, later for a read. All 8
 * bytes are there to be read: KVM keeps a page for port I/O.
 */
static u64 first_element(const struct exit_record *record, const struct kvm_run *run)
{
	const void *from = run->mmio.data;
	u64 data;

	if (record->kind == EXIT_IO_IN || record->kind == EXIT_IO_OUT)
		from = (const u8 *)run + run->io.data_offset;
	memcpy(&data, from, sizeof(data));
	return record->size < sizeof(data) ? data & ~(~0ull << 8 * record->size) : data;
}

static void fill(struct exit_record *record, const struct kvm_run *run)
{
	record->reason = run->exit_reason;
	if (record->reason == KVM_EXIT_IO) {
		record->kind = run->io.direction == KVM_EXIT_IO_OUT ? EXIT_IO_OUT : EXIT_IO_IN;
		record->addr = run->io.port;
		record->size = run->io.size;
		record->count = run->io.count;
	} else if (record->reason == KVM_EXIT_MMIO) {
		record->kind = run->mmio.is_write ? EXIT_MMIO_WRITE : EXIT_MMIO_READ;
		record->addr = run->mmio.phys_addr;
		record->size = (u8)run->mmio.len;
		record->count = 1;
	} else {
		record->kind = (u8)kind_of(record->reason);
	}
	if (record->kind == EXIT_IO_OUT || record->kind == EXIT_MMIO_WRITE)
		record->data = first_element(record, run);
}

static struct exit_record *last(struct recorder *rec)
{
	return &rec->ring[(rec->total - 1) % RECORDER_RING];
}

void recorder_enter(struct recorder *rec)
{
	struct exit_record *record = last(rec);

	rec->entered = now();
	if (rec->total == 0)
		return;
	record->handler = rec->entered - rec->left;
	rec->handler[record->kind] += record->handler;
	if (record->kind == EXIT_IO_IN || record->kind == EXIT_MMIO_READ)
		record->data = first_element(record, rec->run);
	trace_exit(record);
}

void recorder_end(struct recorder *rec)
{
	if (rec->left > rec->entered)
		recorder_enter(rec);
}

void recorder_leave(struct recorder *rec, int err)
{
	struct exit_record *record;

	rec->left = now();
	rec->total++;
	record = last(rec);
	*record = (struct exit_record){ .guest = rec->left - rec->entered, .left = rec->left };
	if (err) {
		/* KVM leaves the rest of kvm_run as it was, so nothing there is news. */
		record->kind = err == -EINTR ? EXIT_INTR : EXIT_RUN_ERROR;
		record->reason = (u32)-err;
	} else {
		fill(record, rec->run);
	}
	record->rip = rec->has_regs ? rec->run->s.regs.regs.rip : 0;
	/* On AMD, KVM resets the vCPU after a triple fault: that is not where the guest was. */
	record->has_rip = rec->has_regs &&
			  !(record->kind == EXIT_SHUTDOWN && record->rip == RESET_RIP);
	trace_exit_code(record);
	rec->count[record->kind]++;
	rec->guest[record->kind] += record->guest;
}

double recorder_ns(const struct recorder *rec, u64 ticks)
{
	double ns = (double)(now_ns() - rec->first_ns);
	double all = (double)(now() - rec->first_tick);

	return all > 0 ? (double)ticks * ns / all : 0;
}

const struct exit_record *recorder_last(const struct recorder *rec, u64 i)
{
	if (i >= rec->total || i >= RECORDER_RING)
		return NULL;
	return &rec->ring[(rec->total - 1 - i) % RECORDER_RING];
}

const char *exit_kind_name(enum exit_kind kind)
{
	static const char *const names[EXIT_KINDS] = {
		[EXIT_IO_IN] = "IO_IN",
		[EXIT_IO_OUT] = "IO_OUT",
		[EXIT_MMIO_READ] = "MMIO_READ",
		[EXIT_MMIO_WRITE] = "MMIO_WRITE",
		[EXIT_HLT] = "HLT",
		[EXIT_IRQ_WINDOW] = "IRQ_WINDOW",
		[EXIT_SHUTDOWN] = "SHUTDOWN",
		[EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
		[EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
		[EXIT_INTR] = "INTR",
		[EXIT_RUN_ERROR] = "RUN_ERROR",
		[EXIT_OTHER] = "OTHER",
	};

	return names[kind];
}

char *exit_describe(const struct exit_record *record, char *buf, size_t len)
{
	const char *name = exit_kind_name(record->kind);

	switch (record->kind) {
	case EXIT_IO_IN:
	case EXIT_IO_OUT:
		snprintf(buf, len, "%s port=0x%llx size=%u count=%u data=%0*llx", name,
			 (unsigned long long)record->addr, record->size, record->count,
			 2 * record->size, (unsigned long long)record->data);
		break;
	case EXIT_MMIO_READ:
	case EXIT_MMIO_WRITE:
		snprintf(buf, len, "%s gpa=0x%llx size=%u data=%0*llx", name,
			 (unsigned long long)record->addr, record->size, 2 * record->size,
			 (unsigned long long)record->data);
		break;
	case EXIT_RUN_ERROR:
		snprintf(buf, len, "%s %s", name, strerror((int)record->reason));
		break;
	case EXIT_OTHER:
		snprintf(buf, len, "%s reason=%u %s", name, record->reason,
			 exit_reason_name(record->reason) ?: "(linux/kvm.h has no such)");
		break;
	default:
		snprintf(buf, len, "%s", name);
	}
	return buf;
}
