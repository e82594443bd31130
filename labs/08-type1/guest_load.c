// SPDX-License-Identifier: MIT
#include "guest_load.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "machine_map.h"
#include "memory.h"
#include "say.h"
#include "pte.h"

#define GDT_CODE64 0x00af9a000000ffffULL
#define GDT_DATA   0x00cf92000000ffffULL

/* What lies in the page that guests can only read. */
#define ROM_TEXT "the hypervisor's own page"

int load_kind(const u8 *image, u64 size, enum guest_mode *mode, u64 *entry)
{
	const Elf64_Ehdr *e = (const void *)image;

	*mode = GUEST_REAL;
	*entry = GUEST_FLAT;
	if (size < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0)
		return 0;
	if (e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_machine != EM_X86_64) {
		print("hv: the guest is an ELF file, but none of 64 bits for x86-64\n");
		return -ENOEXEC;
	}
	*mode = GUEST_LONG;
	*entry = e->e_entry;
	return 0;
}

static int too_large(void)
{
	print("hv: the guest does not fit into its memory\n");
	return -ENOSPC;
}

static int load_elf(const struct guest *guest, const u8 *image, u64 size)
{
	const Elf64_Ehdr *e = (const void *)image;
	const Elf64_Phdr *p = (const void *)(image + e->e_phoff);

	if (e->e_phoff > size || e->e_phnum * sizeof(*p) > size - e->e_phoff)
		return too_large();
	for (unsigned i = 0; i < e->e_phnum; i++) {
		void *to = guest_at(guest, p[i].p_paddr, p[i].p_memsz);

		if (p[i].p_type != PT_LOAD)
			continue;
		if (!to || p[i].p_filesz > p[i].p_memsz || p[i].p_offset > size ||
		    p[i].p_filesz > size - p[i].p_offset)
			return too_large();
		memcpy(to, image + p[i].p_offset, p[i].p_filesz);
	}
	return 0;
}

/* PML4[0] -> PDPT[0] -> a page directory of 512 pages of 2 MiB: the first GiB, as it is. */
static void write_tables(const struct guest *guest)
{
	u64 *gdt = guest_at(guest, GUEST_GDT, PAGE_SIZE_4K);
	u64 *pd = guest_at(guest, GUEST_PD, PAGE_SIZE_4K);

	gdt[SEL_CODE / 8] = GDT_CODE64;
	gdt[SEL_DATA / 8] = GDT_DATA;
	*(u64 *)guest_at(guest, GUEST_PML4, 8) = GUEST_PDPT | PTE_P | PTE_RW;
	*(u64 *)guest_at(guest, GUEST_PDPT, 8) = GUEST_PD | PTE_P | PTE_RW;
	for (u64 i = 0; i < TABLE_ENTRIES; i++)
		pd[i] = MiB(2) * i | PTE_P | PTE_RW | PTE_PS;
}

/* Memory at 640 KiB to 1 MiB is none in a machine; who has nested paging has some there. */
static void clear(const struct guest *guest)
{
	const u64 low = KiB(640);

	memset(guest_at(guest, 0, low), 0, low);
	memset(guest_at(guest, MiB(1), guest->size - MiB(1)), 0, guest->size - MiB(1));
}

int load_image(const struct guest *guest, enum guest_mode mode, const u8 *image, u64 size)
{
	void *flat = guest_at(guest, GUEST_FLAT, size);

	clear(guest);
	memcpy(guest_at(guest, MEMORY_ROM, sizeof(ROM_TEXT)), ROM_TEXT, sizeof(ROM_TEXT));
	if (mode == GUEST_REAL) {
		if (!flat || size > KiB(600))
			return too_large();
		memcpy(flat, image, size);
		return 0;
	}
	write_tables(guest);
	return load_elf(guest, image, size);
}
