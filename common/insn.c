// SPDX-License-Identifier: MIT
#include <Zydis/Zydis.h>

#include "insn.h"

static ZydisMachineMode machine_mode(unsigned bits)
{
	if (bits == 64)
		return ZYDIS_MACHINE_MODE_LONG_64;
	return bits == 32 ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_REAL_16;
}

static ZydisStackWidth stack_width(unsigned bits)
{
	if (bits == 64)
		return ZYDIS_STACK_WIDTH_64;
	return bits == 32 ? ZYDIS_STACK_WIDTH_32 : ZYDIS_STACK_WIDTH_16;
}

unsigned insn_text(const u8 *code, size_t len, unsigned bits, u64 rip, char *buf, size_t n)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	ZydisFormatter formatter;
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, machine_mode(bits), stack_width(bits));
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &insn, operands)))
		return 0;
	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_ATT);
	if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
		    &formatter, &insn, operands, insn.operand_count_visible, buf, n, rip, NULL)))
		return 0;
	return insn.length;
}
