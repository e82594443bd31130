// SPDX-License-Identifier: MIT
/*
 * ELF by its program headers (System V ABI, chapters 4 and 5), for guests linked at their
 * guest-physical addresses. The file is somebody else's: each offset and size is checked before
 * it is used, by subtraction, so that no sum can wrap.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "image_elf.h"

/* Xen's public/elfnote.h: a kernel offers a PVH entry, and says what it is. */
#define XEN_NAME	   "Xen"
#define XEN_PHYS32_ENTRY   18
#define XEN_GUEST_OS	   6
#define XEN_GUEST_OS_LINUX "linux"
/* Which Linux a program was linked for: elf.h, NT_GNU_ABI_TAG. Descriptor: 0 is Linux. */
#define GNU_NAME "GNU"

bool image_is_elf(const struct image *image)
{
	return image->size >= SELFMAG && !memcmp(image->bytes, ELFMAG, SELFMAG);
}

static bool in_file(const struct image *image, u64 offset, u64 len)
{
	return offset <= image->size && len <= image->size - offset;
}

static const char *machine_name(u16 machine)
{
	static const struct {
		u16 machine;
		const char *name;
	} names[] = {
		{ EM_AARCH64, ", AArch64" }, { EM_ARM, ", Arm" },
		{ EM_RISCV, ", RISC-V" },    { EM_LOONGARCH, ", LoongArch" },
		{ EM_PPC64, ", POWER" },     { EM_S390, ", s390" },
		{ EM_MIPS, ", MIPS" },	     { EM_386, ", i386 in an ELF64 file" },
		{ EM_X86_64, ", x32" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "";
}

/* Read the ELF header, in its 64-bit form whichever the file has. */
static int read_header(const struct image *image, Elf64_Ehdr *eh, struct why *why)
{
	if (image->kind == IMAGE_ELF64 && in_file(image, 0, sizeof(*eh))) {
		memcpy(eh, image->bytes, sizeof(*eh));
	} else if (image->kind == IMAGE_ELF32 && in_file(image, 0, sizeof(Elf32_Ehdr))) {
		Elf32_Ehdr small;

		memcpy(&small, image->bytes, sizeof(small));
		*eh = (Elf64_Ehdr){
			.e_type = small.e_type,
			.e_machine = small.e_machine,
			.e_entry = small.e_entry,
			.e_phoff = small.e_phoff,
			.e_phentsize = small.e_phentsize,
			.e_phnum = small.e_phnum,
		};
	} else {
		return why_set(why, -ENOEXEC, "the ELF header is cut off");
	}
	if (image->bytes[EI_DATA] == ELFDATA2MSB)
		return why_set(why, -ENOEXEC, "an ELF file for another machine (big-endian)");
	if (eh->e_machine != (image->kind == IMAGE_ELF64 ? EM_X86_64 : EM_386))
		return why_set(why, -ENOEXEC, "an ELF file for another machine (e_machine %u%s)",
			       eh->e_machine, machine_name(eh->e_machine));
	if (eh->e_type == ET_CORE)
		return why_set(why, -ENOEXEC, "a core dump (an ELF file of e_type 4), no guest");
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return why_set(why, -ENOEXEC,
			       "an ELF file that is not linked (e_type %u); link it with ld",
			       eh->e_type);
	return 0;
}

/* Read program header i, in its 64-bit form. */
static void read_program_header(const struct image *image, const Elf64_Ehdr *eh, unsigned i,
				Elf64_Phdr *ph)
{
	const u8 *at = image->bytes + eh->e_phoff + (u64)i * eh->e_phentsize;
	Elf32_Phdr small;

	if (image->kind == IMAGE_ELF64) {
		memcpy(ph, at, sizeof(*ph));
		return;
	}
	memcpy(&small, at, sizeof(small));
	*ph = (Elf64_Phdr){
		.p_type = small.p_type,
		.p_offset = small.p_offset,
		.p_vaddr = small.p_vaddr,
		.p_paddr = small.p_paddr,
		.p_filesz = small.p_filesz,
		.p_memsz = small.p_memsz,
	};
}

/* Who lies already where this one is to lie? */
static const struct image_segment *neighbour(const struct image *image, const Elf64_Phdr *ph)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];

		if (seg->paddr < ph->p_paddr + ph->p_memsz && ph->p_paddr < seg->paddr + seg->memsz)
			return seg;
	}
	return NULL;
}

static int add_segment(struct image *image, const Elf64_Phdr *ph, unsigned i, struct why *why)
{
	if (!in_file(image, ph->p_offset, ph->p_filesz))
		return why_set(why, -ENOEXEC,
			       "segment %u lies outside the file (offset 0x%llx, 0x%llx bytes)", i,
			       (unsigned long long)ph->p_offset, (unsigned long long)ph->p_filesz);
	if (ph->p_filesz > ph->p_memsz)
		return why_set(why, -ENOEXEC, "segment %u is larger in the file than in memory", i);
	if (ph->p_memsz > UINT64_MAX - ph->p_paddr)
		return why_set(why, -ENOEXEC, "segment %u wraps around the end of memory", i);
	if (ph->p_memsz == 0)
		return 0;
	if (neighbour(image, ph))
		return why_set(why, -ENOEXEC,
			       "segment %u, from 0x%llx on, lies on another one of the file", i,
			       (unsigned long long)ph->p_paddr);
	if (image->nsegments == IMAGE_SEGMENTS_MAX)
		return why_set(why, -ENOEXEC, "more than %d loadable segments", IMAGE_SEGMENTS_MAX);
	image->segment[image->nsegments++] = (struct image_segment){
		.vaddr = ph->p_vaddr,
		.paddr = ph->p_paddr,
		.filesz = ph->p_filesz,
		.memsz = ph->p_memsz,
		.data = image->bytes + ph->p_offset,
	};
	return 0;
}

static u64 round_up_4(u64 n)
{
	return (n + 3) & ~(u64)3;
}

static bool is_note(const Elf64_Nhdr *nh, const u8 *name, const char *owner, u32 type)
{
	return nh->n_type == type && nh->n_namesz == strlen(owner) + 1 &&
	       !memcmp(name, owner, nh->n_namesz);
}

static void take_note(struct image *image, const Elf64_Nhdr *nh, const u8 *name, const u8 *desc)
{
	static const u8 zeros[4]; /* ELF_NOTE_OS_LINUX */

	if (is_note(nh, name, XEN_NAME, XEN_PHYS32_ENTRY) && !image->has_pvh &&
	    (nh->n_descsz == 4 || nh->n_descsz == 8)) {
		memcpy(&image->pvh_entry, desc, nh->n_descsz);
		image->has_pvh = true;
	}
	if (is_note(nh, name, XEN_NAME, XEN_GUEST_OS) && nh->n_descsz >= 5)
		image->is_linux |= !memcmp(desc, XEN_GUEST_OS_LINUX, 5);
	if (is_note(nh, name, GNU_NAME, NT_GNU_ABI_TAG) && nh->n_descsz >= sizeof(zeros))
		image->has_linux_abi |= !memcmp(desc, zeros, sizeof(zeros));
}

/* The notes of one PT_NOTE segment; what is cut off is ignored. */
static void read_notes(struct image *image, const Elf64_Phdr *ph)
{
	u64 at = ph->p_offset, left = ph->p_filesz;
	Elf64_Nhdr nh; /* the same in both classes */

	if (!in_file(image, at, left))
		return;
	while (left >= sizeof(nh)) {
		u64 name, desc, total;

		memcpy(&nh, image->bytes + at, sizeof(nh));
		name = at + sizeof(nh);
		desc = name + round_up_4(nh.n_namesz);
		total = sizeof(nh) + round_up_4(nh.n_namesz) + round_up_4(nh.n_descsz);
		if (total > left)
			return;
		take_note(image, &nh, image->bytes + name, image->bytes + desc);
		at += total;
		left -= total;
	}
}

int image_parse_elf(struct image *image, struct why *why)
{
	u64 want;
	Elf64_Ehdr eh = { 0 };
	int err;

	if (image->size <= EI_CLASS)
		return why_set(why, -ENOEXEC, "the ELF header is cut off");
	if (image->bytes[EI_CLASS] != ELFCLASS32 && image->bytes[EI_CLASS] != ELFCLASS64)
		return why_set(why, -ENOEXEC, "an ELF file of neither 32 nor 64 bits (class %u)",
			       image->bytes[EI_CLASS]);
	image->kind = image->bytes[EI_CLASS] == ELFCLASS64 ? IMAGE_ELF64 : IMAGE_ELF32;
	err = read_header(image, &eh, why);
	if (err)
		return err;
	want = image->kind == IMAGE_ELF64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	if (eh.e_phentsize < want || !in_file(image, eh.e_phoff, (u64)eh.e_phnum * eh.e_phentsize))
		return why_set(why, -ENOEXEC, "its program headers lie outside the file");
	image->entry = eh.e_entry;
	for (unsigned i = 0; i < eh.e_phnum && !err; i++) {
		Elf64_Phdr ph;

		read_program_header(image, &eh, i, &ph);
		if (ph.p_type == PT_LOAD)
			err = add_segment(image, &ph, i, why);
		else if (ph.p_type == PT_NOTE)
			read_notes(image, &ph);
		image->is_dynamic |= ph.p_type == PT_DYNAMIC;
		image->has_interp |= ph.p_type == PT_INTERP;
	}
	if (!err && image->nsegments == 0)
		return why_set(why, -ENOEXEC, "an ELF file with nothing to load");
	return err;
}
