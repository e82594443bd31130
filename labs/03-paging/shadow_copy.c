// SPDX-License-Identifier: MIT
#include <string.h>

#include "shadow.h"
#include "todo.h"

/* [book:3.8] */
u32 shadow_walk_flags(void)
{
	/* TASK 3.8 */
#if SOL >= 308
	return WALK_SET_AD;
#else
	return 0;
#endif
}
/* [book:end] */

/* Within one page. Where there is no memory, nobody answers: all ones; and ROM takes nothing. */
static void copy_piece(struct shadow *s, u64 gpa, void *buf, u64 len, bool write)
{
	if (!write && gmem_read(&s->mmu->guest, gpa, buf, len))
		memset(buf, 0xff, len);
	if (write && mem_is_ram(&s->vcpu->vm->mem, shadow_machine_page(s, gpa), len, true)) {
		gmem_write(&s->mmu->guest, gpa, buf, len);
		if (s->policy->written)
			s->policy->written(s, gpa);
	}
}

int shadow_copy(struct shadow *s, u64 gva, void *buf, u64 len, u32 access, struct walk *w)
{
	struct paging p;

	shadow_paging(s, &p);
	for (u64 done = 0, n; done < len; done += n) {
		int err = walk(&p, &s->mmu->guest.pm, gva + done, access | shadow_walk_flags(), w);

		if (err)
			return err;
		n = min_u64(len - done, PAGE_SIZE_4K - (gva + done) % PAGE_SIZE_4K);
		if (buf)
			copy_piece(s, w->gpa, (u8 *)buf + done, n, access & ACCESS_WRITE);
	}
	return 0;
}
