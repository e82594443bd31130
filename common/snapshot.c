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

static void read_code(struct snapshot *snap, const struct witness *witness)
{
	struct kvm_translation tr = { .linear_address = snap->linear };
	unsigned len;

	/* The address alone can be believed: its other fields are constants on x86. */
	if (ioctl(witness->vcpu_fd, KVM_TRANSLATE, &tr) < 0 || !tr.valid)
		return;
	len = peek(witness, tr.physical_address, snap->code, sizeof(snap->code));
	snap->code_len = insn_text(snap->code, len, code_bits(&snap->sregs.cs), snap->linear,
				   snap->insn, sizeof(snap->insn));
}

void snapshot_take(struct snapshot *snap, const struct witness *witness)
{
	const struct exit_record *last = recorder_last(witness->rec, 0);

	memset(snap, 0, sizeof(*snap));
	if (witness->vcpu_fd < 0 || ioctl(witness->vcpu_fd, KVM_GET_REGS, &snap->regs) < 0 ||
	    ioctl(witness->vcpu_fd, KVM_GET_SREGS, &snap->sregs) < 0)
		return;
	if (witness->believe)
		witness->believe(witness->believe_ctx, &snap->regs, &snap->sregs);
	snap->has_regs = true;
	snap->linear = snap->sregs.cs.base + snap->regs.rip;
	/* On AMD, KVM resets the vCPU after a triple fault: 0xfff0 is the reset vector. */
	snap->was_reset = last && last->kind == EXIT_SHUTDOWN && snap->regs.rip == 0xfff0;
	if (!snap->was_reset)
		read_code(snap, witness);
}
