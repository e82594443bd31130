// SPDX-License-Identifier: MIT
/* Task 4.4: whatever a guest does to the controllers, they stay controllers. */
#include <string.h>

#include "pic.h"
#include "test.h"

static struct bus bus;
static struct pics pics;

/* Whatever a guest writes: INT is high for a reason, and what is taken comes from there. */
static bool taken_makes_sense(void)
{
	struct pic before[2] = { pics.pic[0], pics.pic[1] };
	u8 master = before[0].irr & ~before[0].imr, slave = before[1].irr & ~before[1].imr;
	bool pending = pics_pending(&pics);
	u8 vector = pics_ack(&pics), line = vector & 7;

	if (!pending)
		return vector == before[0].base + 7 && !memcmp(pics.pic, before, sizeof(before));
	if (vector == before[0].base + line && master >> line & 1)
		return true;
	return vector == before[1].base + line && master >> PIC_CASCADE & 1 &&
	       (line == 7 || slave >> line & 1);
}

TEST("-", pics_survive_anything, 0)
{
	u64 state = 0x9e3779b97f4a7c15;
	u8 byte[4];

	if (pics_init(&pics, &bus))
		test_error("the controllers do not fit on an empty bus");
	for (u64 step = 0; step < 200000; step++) {
		static const u16 ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1 };
		u16 port;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		port = ports[state % ARRAY_SIZE(ports)];
		memcpy(byte, &state, sizeof(byte));
		if (state >> 40 & 1)
			pics_set(&pics, state >> 32 & 15, state >> 41 & 1);
		else
			bus_io(&bus, port, state >> 42 & 1, byte, 1U << (state >> 43 & 1));
		if ((state >> 44 & 7) == 0 && !taken_makes_sense()) {
			CONTEXT("random step %llu", (unsigned long long)step);
			EXPECT_TRUE(!"a vector of a line that asked");
		}
	}
	CONTEXT("200,000 random steps");
	EXPECT_TRUE(pics.pic[0].lowest < 8);
}
