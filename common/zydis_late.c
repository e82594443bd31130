// SPDX-License-Identifier: MIT
/*
 * The functions of libZydis that insn.c calls, under their own names: the first call loads the
 * library. Linked as usual, it would be mapped and relocated at each start, for a tenth of the time
 * that a short guest takes from exec to its end; and few runs have an instruction to decode.
 */
#include <Zydis/Zydis.h>
#include <dlfcn.h>
#include <stdio.h>

#include "why.h"

static void *open_library(void)
{
	char name[40];
	void *library;

	/* With the version of its interface in its name, as the linker would note it. */
	snprintf(name, sizeof(name), "libZydis.so.%u.%u", ZYDIS_VERSION_MAJOR(ZYDIS_VERSION),
		 ZYDIS_VERSION_MINOR(ZYDIS_VERSION));
	library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail("no instruction can be decoded", dlerror());
	return library;
}

static void *find(const char *name)
{
	/* The same whoever asks for it, so it does no harm if two threads do so at once. */
	static void *library;

	if (!library)
		library = open_library();
	return library ? dlsym(library, name) : NULL;
}

/* Call the library's function of the same name, or answer `without` if there is no library. */
#define LATE(without, name, ...)                                \
	({                                                      \
		static __typeof__(name) *late;                  \
                                                                \
		if (!late)                                      \
			late = (__typeof__(name) *)find(#name); \
		late ? late(__VA_ARGS__) : (without);           \
	})

ZyanStatus ZydisDecoderInit(ZydisDecoder *decoder, ZydisMachineMode mode, ZydisStackWidth width)
{
	return LATE(ZYAN_STATUS_FAILED, ZydisDecoderInit, decoder, mode, width);
}

ZyanStatus ZydisDecoderDecodeFull(const ZydisDecoder *decoder, const void *code, ZyanUSize len,
				  ZydisDecodedInstruction *insn,
				  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT])
{
	return LATE(ZYAN_STATUS_FAILED, ZydisDecoderDecodeFull, decoder, code, len, insn, operands);
}

ZyanStatus ZydisFormatterInit(ZydisFormatter *formatter, ZydisFormatterStyle style)
{
	return LATE(ZYAN_STATUS_FAILED, ZydisFormatterInit, formatter, style);
}

ZyanStatus ZydisFormatterFormatInstruction(const ZydisFormatter *formatter,
					   const ZydisDecodedInstruction *insn,
					   const ZydisDecodedOperand *operands, ZyanU8 n, char *buf,
					   ZyanUSize size, ZyanU64 rip, void *user)
{
	return LATE(ZYAN_STATUS_FAILED, ZydisFormatterFormatInstruction, formatter, insn, operands,
		    n, buf, size, rip, user);
}

ZydisRegisterClass ZydisRegisterGetClass(ZydisRegister reg)
{
	return LATE(ZYDIS_REGCLASS_INVALID, ZydisRegisterGetClass, reg);
}

ZyanI8 ZydisRegisterGetId(ZydisRegister reg)
{
	return LATE(-1, ZydisRegisterGetId, reg);
}
