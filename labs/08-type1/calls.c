// SPDX-License-Identifier: MIT
/* What a guest may ask of us: handle_call(). */
#include <string.h>

#include "handle.h"
#include "memory.h"
#include "x86.h"

#define ENTRY_LARGE (1ULL << 7) /* both makers': a page of 2 MiB, and no table below */

/* Two entries of the nested page tables change places, and with them the memory behind. */
static u64 swap(struct guest *guest, u64 a, u64 b)
{
	u64 *one = guest->nested.map ? guest->nested.entry(guest, a) : NULL;
	u64 *other = guest->nested.map ? guest->nested.entry(guest, b) : NULL, entry;

	if (!one || !other)
		return ~0ULL;
	/* At the place of a large page a small one would be taken for a table: the guest's own. */
	if ((*one ^ *other) & ENTRY_LARGE)
		return ~0ULL;
	entry = *one;
	*one = *other;
	*other = entry;
	return 0;
}

/* What the CPU raises by itself: 2 is NMI's, and only instructions make 3 and 4. */
static bool is_exception(u64 vector)
{
	return vector < 32 && vector != VECTOR_NMI && vector != VECTOR_BP && vector != VECTOR_OF;
}

enum verdict handle_call(struct running *r, const struct exit *exit)
{
	struct regs *regs = &r->guest.regs;
	u64 answer = 0;

	switch (regs->rax) {
	case CALL_WHO:
		answer = r->guest.tag - 1;
		break;
	case CALL_EXITS:
		answer = regs->rdi < EXIT_CAUSES ? r->exits[regs->rdi] : ~0ULL;
		break;
	case CALL_TICKS:
		answer = r->ticks;
		break;
	case CALL_INTERRUPT:
		pending_interrupt(&r->pending, (u8)regs->rdi);
		break;
	case CALL_EXCEPTION:
		if (is_exception(regs->rdi))
			pending_exception(&r->pending, (u8)regs->rdi, regs->rsi != ~0ULL,
					  (u32)regs->rsi);
		else
			answer = ~0ULL;
		break;
	case CALL_NMI:
		r->pending.nmi = true;
		break;
	case CALL_SWAP:
		answer = swap(&r->guest, regs->rdi, regs->rsi);
		if (!answer)
			r->hv->flush(&r->guest, FLUSH_GUEST);
		break;
	default:
		answer = ~0ULL;
	}
	regs->rax = answer;
	regs->rip += exit->length;
	return V_RESUME;
}
