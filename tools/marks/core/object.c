// SPDX-License-Identifier: MIT
#include "object.h"

#include <Zydis/Zydis.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

#define OBJECT_MAX MiB(64)

struct object {
	char *bytes;
	u64 size;
	const Elf64_Ehdr *head;
	const Elf64_Shdr *section;
};

static bool holds(const struct object *o, u64 at, u64 len)
{
	return at <= o->size && len <= o->size - at;
}

static int slurp(struct object *o, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int ret = -EINVAL;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (u64)st.st_size <= OBJECT_MAX) {
		o->size = st.st_size;
		o->bytes = malloc(o->size + 1);
		if (o->bytes && read(fd, o->bytes, o->size) == (ssize_t)o->size)
			ret = 0;
	}
	close(fd);
	return ret;
}

static int check(struct object *o)
{
	const Elf64_Ehdr *h = (void *)o->bytes;

	if (o->size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_type != ET_REL ||
	    h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff % 8 ||
	    !holds(o, h->e_shoff, (u64)h->e_shnum * sizeof(Elf64_Shdr)) ||
	    h->e_shstrndx >= h->e_shnum)
		return -EINVAL;
	o->head = h;
	o->section = (void *)(o->bytes + h->e_shoff);
	return 0;
}

/* A name in a section of them; NULL when it is not whole. */
static const char *name_in(const struct object *o, unsigned section, u64 at)
{
	const Elf64_Shdr *s = section < o->head->e_shnum ? &o->section[section] : NULL;

	if (!s || s->sh_type != SHT_STRTAB || !holds(o, s->sh_offset, s->sh_size) ||
	    at >= s->sh_size || !memchr(o->bytes + s->sh_offset + at, 0, s->sh_size - at))
		return NULL;
	return o->bytes + s->sh_offset + at;
}

static bool has_flags(const struct object *o, unsigned section, u64 flags)
{
	return section < o->head->e_shnum && (o->section[section].sh_flags & flags) == flags;
}

static bool is_code(const struct object *o, unsigned section)
{
	return has_flags(o, section, SHF_EXECINSTR);
}

static int tell(const struct object *o, const Elf64_Shdr *table,
		void (*each)(const struct symbol *s, void *arg), void *arg)
{
	const Elf64_Sym *sym = (void *)(o->bytes + table->sh_offset);

	if (!holds(o, table->sh_offset, table->sh_size) || table->sh_offset % 8)
		return -EINVAL;
	for (u64 i = 0; i < table->sh_size / sizeof(*sym); i++) {
		struct symbol s = {
			.name = name_in(o, table->sh_link, sym[i].st_name),
			.missing = sym[i].st_shndx == SHN_UNDEF,
			.is_global = ELF64_ST_BIND(sym[i].st_info) != STB_LOCAL,
			.data_in_code = ELF64_ST_TYPE(sym[i].st_info) == STT_OBJECT &&
					is_code(o, sym[i].st_shndx),
		};

		if (s.name && s.name[0])
			each(&s, arg);
	}
	return 0;
}

int object_symbols(const char *path, void (*each)(const struct symbol *s, void *arg), void *arg)
{
	struct object o = { 0 };
	bool stack = true; /* what says nothing of it, wants one that holds code */
	int ret = slurp(&o, path);

	if (!ret)
		ret = check(&o);
	for (unsigned i = 0; !ret && i < o.head->e_shnum; i++) {
		const char *name = name_in(&o, o.head->e_shstrndx, o.section[i].sh_name);

		if (o.section[i].sh_type == SHT_SYMTAB)
			ret = tell(&o, &o.section[i], each, arg);
		if (name && !strcmp(name, ".note.GNU-stack"))
			stack = is_code(&o, i);
	}
	free(o.bytes);
	return ret ? ret : stack;
}

/* gcc's, and those of which tools/linked.sh says why not. */
static bool is_known(const char *name)
{
	static const char *const whole[] = { ".symtab",	  ".strtab",	     ".shstrtab",
					     ".comment",  ".note.GNU-stack", ".note.gnu.property",
					     ".eh_frame", ".symtab_shndx",   ".init",
					     ".fini",	  ".interp" };
	static const char *const families[] = { ".text",       ".data",	     ".bss",
						".rodata",     ".tdata",     ".tbss",
						".ctors",      ".dtors",     ".preinit_array",
						".init_array", ".fini_array" };

	for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
		if (!strcmp(name, whole[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		size_t len = strlen(families[i]);

		if (!strncmp(name, families[i], len) && (!name[len] || name[len] == '.'))
			return true;
	}
	return !strncmp(name, ".debug_", 7);
}

/*
 * Will a linker do no more with it than put it where it belongs? Names without a dot are nobody's
 * but the student's. Relocations are those of another section here; in one that is loaded they
 * would become the program's own, which are carried out before main().
 */
static bool is_usual(const struct object *o, unsigned i, const char *name)
{
	const Elf64_Shdr *s = &o->section[i];
	const char *of;

	if (strncmp(name, ".rela", 5) != 0)
		return s->sh_type != SHT_RELA && (name[0] != '.' || is_known(name));
	if (s->sh_type != SHT_RELA || s->sh_flags & SHF_ALLOC || s->sh_info >= o->head->e_shnum)
		return false;
	of = name_in(o, o->head->e_shstrndx, o->section[s->sh_info].sh_name);
	return of && !strcmp(of, name + 5);
}

/* The first instruction that calls the kernel; NULL: none. */
static const char *kernel_call(const struct object *o, const Elf64_Shdr *section)
{
	u64 at = section->sh_offset, end = at + section->sh_size;
	ZydisDecodedInstruction insn;
	ZydisDecoder decoder;

	if (section->sh_type == SHT_NOBITS || !holds(o, at, section->sh_size))
		return NULL;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	while (at < end) {
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, o->bytes + at,
								end - at, &insn))) {
			at++;
			continue;
		}
		if (insn.mnemonic == ZYDIS_MNEMONIC_SYSCALL ||
		    insn.mnemonic == ZYDIS_MNEMONIC_SYSENTER || insn.mnemonic == ZYDIS_MNEMONIC_INT)
			return ZydisMnemonicGetString(insn.mnemonic);
		at += insn.length;
	}
	return NULL;
}

int object_oddity(const char *path, bool metal, char *what, size_t size)
{
	struct object o = { 0 };
	int ret = slurp(&o, path);

	what[0] = 0;
	if (!ret)
		ret = check(&o);
	for (unsigned i = 0; !ret && !what[0] && i < o.head->e_shnum; i++) {
		const char *name = name_in(&o, o.head->e_shstrndx, o.section[i].sh_name);
		const char *call = !metal && is_code(&o, i) ? kernel_call(&o, &o.section[i]) : NULL;

		if (name && !is_usual(&o, i, name))
			show_format(what, size, "has a section that a linker may act on: %s", name);
		else if (has_flags(&o, i, SHF_EXECINSTR | SHF_WRITE))
			show_format(what, size, "has code that can be written, in the section %s",
				    name ? name : "?");
		else if (call)
			show_format(what, size, "calls the kernel by itself, by %s", call);
	}
	free(o.bytes);
	return ret;
}
