// SPDX-License-Identifier: MIT
#include <Zydis/Zydis.h>
#include <stdio.h>

#include "insn.h"

static void decoder_init(ZydisDecoder *decoder, unsigned bits)
{
	if (bits == 64)
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	else if (bits == 32)
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
	else
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_REAL_16, ZYDIS_STACK_WIDTH_16);
}

unsigned insn_text(const u8 *code, size_t len, unsigned bits, u64 rip, char *buf, size_t n)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	ZydisFormatter formatter;
	ZyanStatus status;
	ZydisDecoder decoder;

	decoder_init(&decoder, bits);
	status = ZydisDecoderDecodeFull(&decoder, code, len, &insn, operands);
	snprintf(buf, n, "%s",
		 status == ZYDIS_STATUS_NO_MORE_DATA ? "(cut off)" : "(no instruction)");
	if (!ZYAN_SUCCESS(status))
		return 0;
	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_ATT);
	if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
		    &formatter, &insn, operands, insn.operand_count_visible, buf, n, rip, NULL)))
		return 0;
	return insn.length;
}

static enum insn_kind kind_of(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *op)
{
	switch (insn->mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		if (op[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    ZydisRegisterGetClass(op[1].reg.value) == ZYDIS_REGCLASS_CONTROL)
			return INSN_READ_CR;
		if (op[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    ZydisRegisterGetClass(op[0].reg.value) == ZYDIS_REGCLASS_CONTROL)
			return INSN_WRITE_CR;
		return INSN_OTHER;
	case ZYDIS_MNEMONIC_INVLPG:
		return INSN_INVLPG;
	case ZYDIS_MNEMONIC_LIDT:
		return INSN_LIDT;
	case ZYDIS_MNEMONIC_LGDT:
		return INSN_LGDT;
	case ZYDIS_MNEMONIC_HLT:
		return INSN_HLT;
	case ZYDIS_MNEMONIC_IN:
	case ZYDIS_MNEMONIC_INSB:
	case ZYDIS_MNEMONIC_INSW:
	case ZYDIS_MNEMONIC_INSD:
		return INSN_IN;
	case ZYDIS_MNEMONIC_OUT:
	case ZYDIS_MNEMONIC_OUTSB:
	case ZYDIS_MNEMONIC_OUTSW:
	case ZYDIS_MNEMONIC_OUTSD:
		return INSN_OUT;
	case ZYDIS_MNEMONIC_RDMSR:
		return INSN_RDMSR;
	case ZYDIS_MNEMONIC_WRMSR:
		return INSN_WRMSR;
	case ZYDIS_MNEMONIC_CLI:
	case ZYDIS_MNEMONIC_STI:
	case ZYDIS_MNEMONIC_CLTS:
	case ZYDIS_MNEMONIC_LTR:
	case ZYDIS_MNEMONIC_LLDT:
	case ZYDIS_MNEMONIC_WBINVD:
	case ZYDIS_MNEMONIC_INVD:
		return INSN_NO_EFFECT;
	case ZYDIS_MNEMONIC_SGDT:
		return INSN_SGDT;
	case ZYDIS_MNEMONIC_SIDT:
		return INSN_SIDT;
	case ZYDIS_MNEMONIC_SLDT:
		return INSN_SLDT;
	case ZYDIS_MNEMONIC_STR:
		return INSN_STR;
	case ZYDIS_MNEMONIC_SMSW:
		return INSN_SMSW;
	default:
		return INSN_OTHER;
	}
}

/*
 * The number that the CPU has for a general register, whatever part of it is named; -1 for all
 * others. Zydis numbers each class by itself: its R15B is 19, since AH to BH come in between.
 */
static int register_number(ZydisRegister reg)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 ? ZydisRegisterGetId(whole)
								    : -1;
}

static int base_number(ZydisRegister reg)
{
	return reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP ? INSN_RIP
								      : register_number(reg);
}

/*
 * A SIB's base 5 with mod 0 is none, and REX.B does not change that (SDM 2, table 2-5). Zydis to
 * 4.1 takes R13D with the prefix 67h (its issue 592).
 */
static bool has_no_base(const ZydisDecodedInstructionRaw *raw)
{
	return raw->sib.offset && raw->modrm.mod == 0 && raw->sib.base == 5;
}

static void take_operand(struct insn *insn, const ZydisDecodedInstruction *decoded,
			 const ZydisDecodedOperand *op)
{
	switch (op->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		if (ZydisRegisterGetClass(op->reg.value) == ZYDIS_REGCLASS_CONTROL)
			insn->cr = (unsigned)ZydisRegisterGetId(op->reg.value);
		else if (register_number(op->reg.value) >= 0)
			insn->reg = (unsigned)register_number(op->reg.value);
		break;
	case ZYDIS_OPERAND_TYPE_MEMORY:
		insn->has_memory = true;
		insn->base = base_number(op->mem.base);
		insn->index = register_number(op->mem.index);
		insn->scale = op->mem.scale;
		insn->displacement = op->mem.disp.has_displacement ? op->mem.disp.value : 0;
		if (has_no_base(&decoded->raw)) {
			insn->base = -1;
			insn->displacement = decoded->raw.disp.value;
		}
		break;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		insn->port = (u8)op->imm.value.u;
		insn->port_in_dx = false;
		break;
	default:
		break;
	}
}

bool insn_decode(struct insn *insn, const u8 *code, size_t len)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction decoded;
	ZydisDecoder decoder;

	*insn = (struct insn){ .base = -1, .index = -1, .port_in_dx = true };
	decoder_init(&decoder, 64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &decoded, operands)))
		return false;
	insn->kind = kind_of(&decoded, operands);
	insn->len = decoded.length;
	insn->address32 = decoded.address_width == 32;
	for (unsigned i = 0; i < decoded.operand_count_visible; i++)
		take_operand(insn, &decoded, &operands[i]);
	if (insn->kind == INSN_IN || insn->kind == INSN_OUT) {
		/* Of the operand that is not the port. */
		insn->size = operands[insn->kind == INSN_OUT].size / 8;
		insn->string = decoded.mnemonic != ZYDIS_MNEMONIC_IN &&
			       decoded.mnemonic != ZYDIS_MNEMONIC_OUT;
		insn->rep = decoded.attributes &
			    (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
		insn->port_in_dx |= insn->string;
	}
	if (insn->kind >= INSN_SGDT)
		insn->size = operands[0].size / 8;
	return true;
}

u64 insn_address(const struct insn *insn, const u64 reg[16], u64 rip)
{
	u64 address = (u64)insn->displacement;

	if (insn->base == INSN_RIP)
		address += rip + insn->len;
	else if (insn->base >= 0)
		address += reg[insn->base];
	if (insn->index >= 0)
		address += reg[insn->index] * insn->scale;
	return insn->address32 ? (u32)address : address;
}
