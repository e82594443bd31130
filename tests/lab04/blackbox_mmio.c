// SPDX-License-Identifier: MIT
/* Task 4.1, from outside: memory that is a device, and ports and memory that are nobody's. */
#include <stdio.h>
#include <string.h>

#include "test.h"

TEST("4.1", mmio_by_every_width, 5)
{
	struct outcome o = run_guest("04/mmio-probe");
	unsigned rings = (o.nonce & 7) + 1;
	char text[600];

	snprintf(text, sizeof(text),
		 "byte %02x\nword %04x\nlong %08x\nquad 00000000 %08x\n"
		 "behind its end ffff0000\nquad behind its end ffffffff 00000000\n"
		 "before its start %04xffff\nnobody ffffffff\nrings %08x\nthen %08x\n"
		 "enable 00000001\n",
		 rings, rings, rings, rings, rings, rings, rings + 6);
	CONTEXT("the doorbell at 0xfea00000 was rung %u times, then read by each width; what lies "
		"beside it is nobody's",
		rings);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	CONTEXT("each access is an exit; one that crosses a page is two");
	EXPECT_EXITS(o, MMIO_READ, 13);
	EXPECT_EXITS(o, MMIO_WRITE, rings + 11);
}

TEST("4.1", holes_stay_holes, 3)
{
	struct outcome o = run_guest("03/mmio-hole");

	CONTEXT("lab 03's guest finds the same holes and the same ROM");
	EXPECT_STR(o.out, "ram remembers 5a5a5a5a\nrom unchanged\nhole forgets\n");
	EXPECT_U64(o.status, 0);
	EXPECT_EXITS(o, MMIO_WRITE, 2);
	EXPECT_EXITS(o, MMIO_READ, 1);
}

TEST("-", ports_of_nobody, 0)
{
	struct outcome o = run_guest("04/port-probe");

	EXPECT_STR(o.out, "byte ff\nword ffff\nlong ffffffff\nafter writes ffffffff\n"
			  "last port ff\nbehind the serial port ff\n"
			  "rep insb ffffffff 000000ff\nrep insw ffffffff 0000ffff\n"
			  "rep insl ffffffff ffffffff\nmemory behind it 00000000\n");
	EXPECT_U64(o.status, 0);
}
