/* SPDX-License-Identifier: MIT */
/*
 * Whole ELF files as C structures: a test takes a sound one, spoils one field, and so knows what
 * must come of it. Nothing here is malformed by itself.
 */
#ifndef MAKE_ELF_H
#define MAKE_ELF_H

#include <elf.h>
#include <stddef.h>
#include <string.h>

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

static const u8 made_ident[] = { 0x7f, 'E', 'L', 'F', 0, ELFDATA2LSB, EV_CURRENT };
static const struct made_note made_note = { { 4, 4, 18 }, "Xen", { MADE_PVH, 0 } };
/* The first byte is hlt; all differ, so that a test sees whether it got the right ones. */
static const u8 made_code[] = { 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb };

static inline struct made_elf64 make_elf64(void)
{
	struct made_elf64 file = { 0 };

	memcpy(file.eh.e_ident, made_ident, sizeof(made_ident));
	file.eh.e_ident[EI_CLASS] = ELFCLASS64;
	file.eh.e_type = ET_EXEC;
	file.eh.e_machine = EM_X86_64;
	file.eh.e_version = EV_CURRENT;
	file.eh.e_entry = MADE_ENTRY;
	file.eh.e_phoff = offsetof(struct made_elf64, load);
	file.eh.e_ehsize = sizeof(file.eh);
	file.eh.e_phentsize = sizeof(file.load);
	file.eh.e_phnum = 2;
	file.load.p_type = PT_LOAD;
	file.load.p_offset = offsetof(struct made_elf64, code);
	file.load.p_paddr = file.load.p_vaddr = MADE_PADDR;
	file.load.p_filesz = sizeof(file.code);
	file.load.p_memsz = sizeof(file.code) + MADE_BSS;
	file.note_ph.p_type = PT_NOTE;
	file.note_ph.p_offset = offsetof(struct made_elf64, note);
	file.note_ph.p_filesz = sizeof(made_note) - sizeof(u32);
	file.note = made_note;
	memcpy(file.code, made_code, sizeof(made_code));
	return file;
}

static inline struct made_elf32 make_elf32(void)
{
	struct made_elf32 file = { 0 };

	memcpy(file.eh.e_ident, made_ident, sizeof(made_ident));
	file.eh.e_ident[EI_CLASS] = ELFCLASS32;
	file.eh.e_type = ET_EXEC;
	file.eh.e_machine = EM_386;
	file.eh.e_version = EV_CURRENT;
	file.eh.e_entry = MADE_ENTRY;
	file.eh.e_phoff = offsetof(struct made_elf32, load);
	file.eh.e_ehsize = sizeof(file.eh);
	file.eh.e_phentsize = sizeof(file.load);
	file.eh.e_phnum = 2;
	file.load.p_type = PT_LOAD;
	file.load.p_offset = offsetof(struct made_elf32, code);
	file.load.p_paddr = file.load.p_vaddr = MADE_PADDR;
	file.load.p_filesz = sizeof(file.code);
	file.load.p_memsz = sizeof(file.code) + MADE_BSS;
	file.note_ph.p_type = PT_NOTE;
	file.note_ph.p_offset = offsetof(struct made_elf32, note);
	file.note_ph.p_filesz = sizeof(made_note) - sizeof(u32);
	file.note = made_note;
	memcpy(file.code, made_code, sizeof(made_code));
	return file;
}

#endif
