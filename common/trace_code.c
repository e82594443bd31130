// SPDX-License-Identifier: MIT
/* The guest's code where its exits come from, as it lay there at that time. */
#include <string.h>
#include <sys/ioctl.h>

#include "trace.h"

static unsigned place_of(u64 rip)
{
	return (unsigned)(rip * 0x9e3779b97f4a7c15ull >> 52) % TRACE_CODES;
}

/* Of the 8 places from the hash on, the one that has this rip, or is empty; NULL: all are taken. */
static struct trace_code *find(struct trace *trace, u64 rip)
{
	for (unsigned i = 0; i < 8; i++) {
		struct trace_code *code = &trace->code[(place_of(rip) + i) % TRACE_CODES];

		if (!code->bits || code->rip == rip)
			return code;
	}
	return NULL;
}

const struct trace_code *trace_code_at(const struct trace *trace, u64 rip)
{
	const struct trace_code *code = find((struct trace *)trace, rip);

	return code && code->bits ? code : NULL;
}

/* As in regdump.c: the address alone can be believed. Returns how many bytes were copied. */
static unsigned peek(const struct trace *trace, u64 linear, u8 *buf, unsigned len)
{
	struct kvm_translation tr = { .linear_address = linear };

	if (ioctl(trace->vcpu_fd, KVM_TRANSLATE, &tr) < 0 || !tr.valid)
		return 0;
	len = (unsigned)min_u64(len, PAGE_SIZE_4K - linear % PAGE_SIZE_4K);
	for (unsigned i = 0; i < *trace->nslots; i++) {
		const struct memslot *slot = &trace->slot[i];
		u64 off = tr.physical_address - slot->gpa;

		if (tr.physical_address < slot->gpa || off >= slot->size)
			continue;
		len = (unsigned)min_u64(len, slot->size - off);
		memcpy(buf, slot->hva + off, len);
		return len;
	}
	return 0;
}

static bool is_port_io(u8 byte)
{
	return (byte & 0xf4) == 0xe4; /* 0xe4 to 0xe7 with a port behind it, 0xec to 0xef by DX */
}

static bool is_prefix_or_string(u8 byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 ||
	       (byte & 0xfc) == 0x6c;
}

/*
 * Some machines show where the instruction is that made the exit, others what comes behind it. In
 * the second case: how many bytes it has. at[2] is where RIP is.
 */
static unsigned bytes_before(const struct exit_record *exit, const u8 at[3])
{
	if (exit->kind == EXIT_HLT)
		return at[1] == 0xf4;
	if ((exit->kind != EXIT_IO_IN && exit->kind != EXIT_IO_OUT) || is_port_io(at[2]) ||
	    is_prefix_or_string(at[2]))
		return 0;
	if ((at[1] & 0xfc) == 0xec)
		return 1;
	return (at[0] & 0xfc) == 0xe4 ? 2 : 0;
}

/* Once for each place: this asks KVM, which costs as much as a short exit. */
static void keep_code(struct trace *trace, const struct exit_record *exit)
{
	struct trace_code *code = find(trace, exit->rip);
	u8 around[3] = { 0 };
	struct kvm_sregs s;
	u64 linear;

	if (!code || code->bits || trace->vcpu_fd < 0 ||
	    ioctl(trace->vcpu_fd, KVM_GET_SREGS, &s) < 0)
		return;
	code->rip = exit->rip;
	code->bits = s.cs.l ? 64 : s.cs.db ? 32 : 16;
	linear = s.cs.base + exit->rip;
	if (linear % PAGE_SIZE_4K >= 2 && peek(trace, linear - 2, around, 3) == 3)
		linear -= bytes_before(exit, around);
	code->linear = linear;
	code->len = (u8)peek(trace, linear, code->code, TRACE_CODE);
	if (code->len < TRACE_CODE) /* the next page may lie elsewhere */
		code->len += (u8)peek(trace, linear + code->len, code->code + code->len,
				      TRACE_CODE - code->len);
}

void trace_exit_code(const struct exit_record *exit)
{
	struct trace_log *log = trace_mine;

	if (!log || !exit->has_rip || exit->rip == log->last_rip)
		return;
	log->last_rip = exit->rip;
	keep_code(log->trace, exit);
}
