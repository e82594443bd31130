// SPDX-License-Identifier: MIT
/* A virtio device is plain state beside its wires, but for a held buffer: see vconsole.h. */
#include "fake_driver.h"
#include "vconsole.h"

TEST("-", a_held_buffer_is_given_back_and_saved, 0)
{
	struct vconsole one, other;
	struct driver d;

	driver_memory(&d);
	vconsole_init(&one, &d.mem);
	vconsole_init(&other, &d.mem);
	driver_start(&d, &one.virtio, 0);
	ADD(&d, VCONSOLE_RX, W(DRIVER_RAM - 16, 16));
	if (vconsole_room(&one.line) != 16)
		SKIP("task 5.5 comes first");
	other.virtio.state = one.virtio.state;
	other.virtio.state.queue[VCONSOLE_RX].next_avail--;
	CONTEXT("another console with a copy of the state takes the same buffer");
	EXPECT_U64(vconsole_room(&other.line), 16);
	EXPECT_U64(vconsole_receive(&other.line, "key", 3), 3);
	EXPECT_U64(driver_used(&d, VCONSOLE_RX), 1);
	EXPECT_TRUE(!memcmp(d.ram + DRIVER_RAM - 16, "key", 3), "the bytes are elsewhere");
	CONTEXT("and then it has none any more");
	EXPECT_U64(vconsole_room(&other.line), 0);
}
