// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/ioctl.h>

#include "snapshot.h"

/* Read guest RAM up to the end of the slot that holds gpa. Returns the bytes read. */
static unsigned peek(const struct witness *witness, u64 gpa, u8 *buf, unsigned len)
{
	for (unsigned i = 0; i < *witness->nslots; i++) {
		const struct memslot *slot = &witness->slots[i];

		if (gpa < slot->gpa || gpa - slot->gpa >= slot->size)
			continue;
		len = (unsigned)min_u64(len, slot->size - (gpa - slot->gpa));
		memcpy(buf, slot->hva + (gpa - slot->gpa), len);
		return len;
	}
	return 0;
}

static unsigned code_bits(const struct kvm_segment *cs)
{
	if (cs->l)
		return 64;
	return cs->db ? 32 : 16;
}

/* Read what lies at a linear address, up to the end of its page. Returns the bytes read. */
static unsigned peek_linear(const struct witness *witness, u64 linear, u8 *buf, unsigned len)
{
	struct kvm_translation tr = { .linear_address = linear };

	/* The address alone can be believed: its other fields are constants on x86. */
	if (ioctl(witness->vcpu_fd, KVM_TRANSLATE, &tr) < 0 || !tr.valid)
		return 0;
	len = (unsigned)min_u64(len, PAGE_SIZE_4K - linear % PAGE_SIZE_4K);
	return peek(witness, tr.physical_address, buf, len);
}

static void read_code(struct snapshot *snap, const struct witness *witness)
{
	unsigned len = 0, n;

	/* The next page may lie elsewhere. */
	while (len < INSN_MAX &&
	       (n = peek_linear(witness, snap->linear + len, snap->code + len, INSN_MAX - len)))
		len += n;
	if (!len)
		return;
	snap->code_len = insn_text(snap->code, len, code_bits(&snap->sregs.cs), snap->linear,
				   snap->insn, sizeof(snap->insn));
	if (!snap->code_len)
		snap->code_len = (unsigned)min_u64(len, NO_INSN_SHOWN);
	snap->zeros = len == INSN_MAX;
	for (unsigned i = 0; i < len; i++)
		snap->zeros &= snap->code[i] == 0;
}

void snapshot_take(struct snapshot *snap, const struct witness *witness)
{
	const struct exit_record *last = recorder_last(witness->rec, 0);

	memset(snap, 0, sizeof(*snap));
	if (witness->vcpu_fd < 0 || ioctl(witness->vcpu_fd, KVM_GET_REGS, &snap->regs) < 0 ||
	    ioctl(witness->vcpu_fd, KVM_GET_SREGS, &snap->sregs) < 0)
		return;
	snap->was_reset = last && last->kind == EXIT_SHUTDOWN && snap->regs.rip == RESET_RIP &&
			  snap->sregs.cs.base == RESET_CS_BASE;
	if (witness->guest_view)
		witness->guest_view(witness->guest_view_ctx, &snap->regs, &snap->sregs);
	snap->has_regs = !snap->was_reset;
	snap->linear = snap->sregs.cs.base + snap->regs.rip;
	if (snap->has_regs)
		read_code(snap, witness);
}
