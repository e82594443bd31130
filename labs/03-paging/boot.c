// SPDX-License-Identifier: MIT
#include "boot.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "paging.h"
#include "x86.h"

/* One GiB, from pages of 1 GiB or, on a CPU that has none, of 2 MiB. */
static int map_direct(struct page_tables *t, bool page_1g)
{
	const u64 step = page_1g ? GiB(1) : MiB(2);
	int err = 0;

	for (u64 at = 0; at < GiB(1) && !err; at += step)
		err = page_tables_map(t, DIRECT_MAP_GVA + at, at, page_1g ? 3 : 2, PTE_RW | PTE_NX);
	return err;
}

int boot_tables(struct page_tables *t, const struct vcpu *vcpu, struct physmem *pm)
{
	struct paging features = { 0 };
	int err = page_tables_init(t, pm, BOOT_PML4_GPA, BOOT_END_GPA);

	paging_features(vcpu, &features);
	for (u64 at = PAGE_SIZE_4K; at < MiB(2) && !err; at += PAGE_SIZE_4K)
		err = page_tables_map(t, at, at, 1, PTE_RW);
	for (u64 at = MiB(2); at < GiB(1) && !err; at += MiB(2))
		err = page_tables_map(t, at, at, 2, PTE_RW);
	return err ? err : map_direct(t, features.page_1g);
}

int boot_tables_use(const struct page_tables *t, struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	sregs.cr3 = t->root;
	sregs.efer |= EFER_NXE;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 ? -errno : 0;
}
