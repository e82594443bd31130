// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <string.h>

#include "say.h"
#include "todo.h"
#include "walk.h"
#include "x86.h"

int memory_touched(struct guest *guest, const struct exit_memory *m)
{
	/* TASK 8.4 */
#if SOL >= 804
	u64 size = m->address >= MEMORY_LARGE && m->address < MEMORY_ROM ? MiB(2) : KiB(4);
	u64 page = m->address & ~(size - 1);
	unsigned may = MAY_ALL;

	if (m->present)
		return -EACCES;
	if (m->address >= guest->size || (m->address >= MEMORY_HOLE && m->address < MEMORY_DATA))
		return -EFAULT;
	if (m->address >= MEMORY_DATA)
		may = MAY_READ | MAY_WRITE;
	else if (m->address >= MEMORY_ROM)
		may = MAY_READ;
	return guest->nested.map(guest, page, guest->memory + page, size, may);
#else
	return TODO("8.4");
#endif
}

void memory_explain(const struct guest *guest, const struct exit_memory *m)
{
	const char *what = "page tables lead to";

	if (!m->walking)
		what = m->write	  ? "wrote to"
		       : m->fetch ? "fetched an instruction from"
				  : "read from";
	print("hv: the guest%s %s its physical address 0x%lx: %s\n", m->walking ? "'s" : "", what,
	      m->address, m->present ? "that is not allowed there" : "nothing is there");
	print("hv:   at its RIP 0x%lx\n", guest->regs.rip);
}

/* The memory behind a linear address, and how much of it is in one page. NULL: there is none. */
static u8 *translate(const struct guest *guest, u64 linear, u32 access, u64 *len)
{
	const struct view *v = &guest->view;
	const struct paging paging = { .cr3 = v->cr3,
				       .wp = v->cr0 & CR0_WP,
				       .nxe = v->efer & EFER_NXE,
				       .page_1g = true,
				       .max_phys = 52 };
	struct flat_memory memory;
	struct walk w = { .gpa = linear };

	*len = min_u64(*len, PAGE_SIZE_4K - linear % PAGE_SIZE_4K);
	guest_memory(&memory, guest);
	if ((v->cr0 & CR0_PG) && walk(&paging, &memory.pm, linear, access, &w))
		return NULL;
	return guest_at(guest, w.gpa, *len);
}

int memory_read(const struct guest *guest, u64 linear, void *buf, u64 len)
{
	for (u64 n = len; len > 0; len -= n, linear += n, buf = (u8 *)buf + n) {
		const u8 *from;

		n = len;
		from = translate(guest, linear, 0, &n);
		if (!from)
			return -EFAULT;
		memcpy(buf, from, n);
	}
	return 0;
}

int memory_write(const struct guest *guest, u64 linear, const void *buf, u64 len)
{
	for (u64 n = len; len > 0; len -= n, linear += n, buf = (const u8 *)buf + n) {
		u8 *to;

		n = len;
		to = translate(guest, linear, ACCESS_WRITE, &n);
		if (!to)
			return -EFAULT;
		memcpy(to, buf, n);
	}
	return 0;
}
