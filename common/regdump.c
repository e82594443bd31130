// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/ioctl.h>

#include "regdump.h"

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
	return (unsigned)memslot_peek(witness->slots, *witness->nslots, tr.physical_address, buf,
				      len);
}

static void read_code(struct regdump *dump, const struct witness *witness)
{
	unsigned len = 0, n;

	/* The next page may lie elsewhere. */
	while (len < INSN_MAX &&
	       (n = peek_linear(witness, dump->linear + len, dump->code + len, INSN_MAX - len)))
		len += n;
	if (!len)
		return;
	dump->code_len = insn_text(dump->code, len, code_bits(&dump->sregs.cs), dump->linear,
				   dump->insn, sizeof(dump->insn));
	if (!dump->code_len)
		dump->code_len = (unsigned)min_u64(len, NO_INSN_SHOWN);
	dump->zeros = len == INSN_MAX;
	for (unsigned i = 0; i < len; i++)
		dump->zeros &= dump->code[i] == 0;
}

void regdump_take(struct regdump *dump, const struct witness *witness)
{
	const struct exit_record *last = recorder_last(witness->rec, 0);

	memset(dump, 0, sizeof(*dump));
	if (witness->vcpu_fd < 0 || ioctl(witness->vcpu_fd, KVM_GET_REGS, &dump->regs) < 0 ||
	    ioctl(witness->vcpu_fd, KVM_GET_SREGS, &dump->sregs) < 0)
		return;
	dump->was_reset = last && last->kind == EXIT_SHUTDOWN && dump->regs.rip == RESET_RIP &&
			  dump->sregs.cs.base == RESET_CS_BASE;
	if (witness->guest_view)
		witness->guest_view(witness->guest_view_ctx, &dump->regs, &dump->sregs);
	dump->has_regs = !dump->was_reset;
	dump->linear = dump->sregs.cs.base + dump->regs.rip;
	if (dump->has_regs)
		read_code(dump, witness);
}
