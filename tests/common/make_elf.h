/* SPDX-License-Identifier: MIT */
/*
 * Whole ELF files as C structures: a test takes a sound one, spoils one field, and so knows what
 * must come of it. Nothing here is malformed by itself.
 */
#ifndef MAKE_ELF_H
#define MAKE_ELF_H

#include <elf.h>
#include <stddef.h>

#include "types.h"

#define MADE_PADDR 0x100000 /* where the segment goes */
#define MADE_BSS   0x1000   /* bytes of zeros behind it */
#define MADE_ENTRY 0x100002 /* e_entry */
#define MADE_PVH   0x100004 /* what the PVH note says */

/* The note of a PVH guest (4 bytes of value unless a test says 8). */
struct made_note {
	Elf64_Nhdr nh; /* the same in both classes */
	char name[4];
	u32 entry[2];
};

struct made_elf64 {
	Elf64_Ehdr eh;
	Elf64_Phdr load, note_ph;
	struct made_note note;
	u8 code[8];
};

struct made_elf32 {
	Elf32_Ehdr eh;
	Elf32_Phdr load, note_ph;
	struct made_note note;
	u8 code[8];
};

#define MADE_IDENT(class) { 0x7f, 'E', 'L', 'F', class, ELFDATA2LSB, EV_CURRENT }
#define MADE_NOTE	  { { 4, 4, 18 }, "Xen", { MADE_PVH, 0 } }
/* The first byte is hlt; all differ, so that a test sees whether it got the right ones. */
#define MADE_CODE { 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb }

#define MADE_FILE(class, bits, machine)                                                            \
	(struct made_elf##bits)                                                                    \
	{                                                                                          \
		.eh = { .e_ident = MADE_IDENT(class),                                              \
			.e_type = ET_EXEC,                                                         \
			.e_machine = machine,                                                      \
			.e_version = EV_CURRENT,                                                   \
			.e_entry = MADE_ENTRY,                                                     \
			.e_phoff = offsetof(struct made_elf##bits, load),                          \
			.e_ehsize = sizeof(Elf##bits##_Ehdr),                                      \
			.e_phentsize = sizeof(Elf##bits##_Phdr),                                   \
			.e_phnum = 2 },                                                            \
		.load = { .p_type = PT_LOAD,                                                       \
			  .p_offset = offsetof(struct made_elf##bits, code),                       \
			  .p_paddr = MADE_PADDR,                                                   \
			  .p_vaddr = MADE_PADDR,                                                   \
			  .p_filesz = 8,                                                           \
			  .p_memsz = 8 + MADE_BSS },                                               \
		.note_ph = { .p_type = PT_NOTE,                                                    \
			     .p_offset = offsetof(struct made_elf##bits, note),                    \
			     .p_filesz = sizeof(struct made_note) - sizeof(u32) },                 \
		.note = MADE_NOTE, .code = MADE_CODE                                               \
	}

static inline struct made_elf64 make_elf64(void)
{
	return MADE_FILE(ELFCLASS64, 64, EM_X86_64);
}

static inline struct made_elf32 make_elf32(void)
{
	return MADE_FILE(ELFCLASS32, 32, EM_386);
}

#endif
