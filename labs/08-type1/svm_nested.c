// SPDX-License-Identifier: MIT
#include <errno.h>

#include "svm.h"
#include "todo.h"

/* [book:8.4] */
/* TASK 8.4 */
#if SOL >= 804
static int map(struct guest *guest, u64 address, u64 machine, u64 size, unsigned may)
{
	u64 flags = PTE_US;

	if (!(may & MAY_READ) || (size != KiB(4) && size != MiB(2)))
		return -EINVAL;
	if (may & MAY_WRITE)
		flags |= PTE_RW;
	if (!(may & MAY_FETCH))
		flags |= PTE_NX;
	return page_tables_map(&guest->nested.npt, address, machine, size == KiB(4) ? 1 : 2, flags);
}

static u64 *entry(struct guest *guest, u64 address)
{
	u64 table = guest->nested.npt.root, *e = NULL;

	for (unsigned level = 4; level >= 1; level--) {
		e = (u64 *)at(table) + LEVEL_INDEX(address, level);
		if (!(*e & PTE_P))
			return NULL;
		if (*e & PTE_PS)
			break;
		table = *e & PTE_ADDR;
	}
	return e;
}
#endif

int svm_nested(struct guest *guest)
{
	/* TASK 8.4 */
#if SOL >= 804
	struct nested *n = &guest->nested;
	struct vmcb *vmcb = svm_vmcb(guest);
	u64 tables;
	int err;

	if (!guest->host->nested)
		return 0;
	tables = pages_alloc(guest->host->pages, NESTED_TABLES);
	if (!tables)
		return -ENOMEM;
	machine_memory_flat(&n->machine);
	err = page_tables_init(&n->npt, &n->machine.pm, tables,
			       tables + NESTED_TABLES * PAGE_SIZE_4K);
	if (err)
		return err;
	n->map = map;
	n->entry = entry;
	vmcb->np_enable = 1;
	vmcb->n_cr3 = n->npt.root;
	return 0;
#else
	return TODO_NOTED("8.4");
#endif
}

void svm_decode_npf(const struct guest *guest, struct exit *exit)
{
	/* TASK 8.4 */
#if SOL >= 804
	const struct vmcb *vmcb = svm_vmcb(guest);

	exit->cause = EXIT_MEMORY;
	exit->memory = (struct exit_memory){
		.address = vmcb->exitinfo2,
		.present = vmcb->exitinfo1 & NPF_P,
		.write = vmcb->exitinfo1 & NPF_W,
		.fetch = vmcb->exitinfo1 & NPF_I,
		.walking = vmcb->exitinfo1 & NPF_WALK,
	};
#else
	TODO("8.4");
#endif
}
/* [book:end] */
