// SPDX-License-Identifier: MIT
#include "serial.h"

#include "cpu_insn.h"

enum { COM1 = 0x3f8, DATA = COM1, IER = COM1 + 1, FCR = COM1 + 2, LCR = COM1 + 3, LSR = COM1 + 5 };
enum { LCR_8N1 = 3, LCR_DLAB = 0x80, LSR_THRE = 0x20, LSR_TEMT = 0x40 };

void serial_init(void)
{
	out8(IER, 0);
	out8(LCR, LCR_DLAB | LCR_8N1);
	out8(DATA, 1); /* the divisor: 115200 baud */
	out8(IER, 0);
	out8(LCR, LCR_8N1);
	out8(FCR, 0);
}

void serial_sign(u8 sign)
{
	while (!(in8(LSR) & LSR_THRE))
		;
	out8(DATA, sign);
}

void serial_byte(u8 byte)
{
	if (byte == SERIAL_END || byte == SERIAL_NOTE || byte == SERIAL_HOST ||
	    byte == SERIAL_GUEST || byte == SERIAL_LITERAL)
		serial_sign(SERIAL_LITERAL);
	serial_sign(byte);
}

void serial_drain(void)
{
	while (!(in8(LSR) & LSR_TEMT))
		;
}
