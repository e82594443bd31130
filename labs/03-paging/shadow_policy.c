// SPDX-License-Identifier: MIT
#include <errno.h>

#include "shadow.h"

/* --mmu=shadow, a TLB: what was made from the guest's tables is kept until it loads CR3. */
static int plain_install(struct shadow *s, u64 gva, u64 entry, const struct walk *w)
{
	return shadow_map(s, gva, entry, w->size);
}

static int plain_load_cr3(struct shadow *s)
{
	shadow_drop_all(s, s->root);
	return 0;
}

static void plain_flush(struct shadow *s)
{
	shadow_drop_all(s, s->root);
}

const struct shadow_policy shadow_plain = {
	.install = plain_install,
	.load_cr3 = plain_load_cr3,
	.flush = plain_flush,
};

void shadow_flush(struct shadow *s)
{
	s->policy->flush(s);
}

enum verdict shadow_load_cr3(struct shadow *s, u64 cr3)
{
	s->cpu.cr3 = cr3;
	return s->policy->load_cr3(s) ? V_ERROR : V_RESUME;
}

/* If the pages for tables are used up, begin again with empty ones. */
enum verdict shadow_install(struct shadow *s, u64 gva, u64 entry, const struct walk *w)
{
	int err = s->policy->install(s, gva, entry, w);

	if (err == -ENOSPC) {
		shadow_flush(s);
		err = s->policy->install(s, gva, entry, w);
	}
	s->stat.pf_fixed++;
	if (err == -EPERM)
		return shadow_dead(s,
				   "it uses 0x%llx, in the part of the address space that the VMM "
				   "needs for itself (address-space compression)",
				   (unsigned long long)gva);
	return err ? V_ERROR : V_RESUME;
}
