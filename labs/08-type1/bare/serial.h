/* SPDX-License-Identifier: MIT */
/*
 * COM1, and the two voices on it. A byte of these is a sign for what listens (tools/emulate.c), and
 * a SERIAL_LITERAL before it makes it an ordinary byte.
 */
#ifndef SERIAL_H
#define SERIAL_H

#include "types.h"

#define SERIAL_END   0x04 /* it is over; the next byte is the status */
#define SERIAL_HOST  0x0e /* what follows is the hypervisor's */
#define SERIAL_GUEST 0x0f /* what follows is the guest's: so it begins */
#define SERIAL_NOTE \
	0x05 /* what follows is for the tests: a task that is not done, and nobody needs */
#define SERIAL_LITERAL 0x10

void serial_init(void);
void serial_sign(u8 sign);
void serial_byte(u8 byte);
void serial_drain(void); /* wait until the last byte is out */

#endif
