// SPDX-License-Identifier: MIT
/* Task 5.9, from outside: many packets, and a guest that means no good by them. */
#include <stdio.h>
#include <stdlib.h>

#include "echo.h"

/* VMMLAB_PACKETS says how many; else some thousand. */
static u32 how_many(void)
{
	const char *text = getenv("VMMLAB_PACKETS");

	return text ? (u32)strtoul(text, NULL, 0) & 0xffffff : 4000;
}

static void there_and_back(u32 count, const char *irqchip, const char *kicks)
{
	struct vmm_run run = { .guest = "05/net-many", .args = { "--device=net,user", irqchip, kicks } };
	struct outcome o;
	struct echo e;

	echo_begin(&e);
	run.nonce = echo_nonce(e.port, count);
	echo_start(&e, run.nonce);
	o = run_vmm(&run);
	echo_end(&e);
	CONTEXT("%s %s: %u packets of 16 to 1472 bytes go to the host and back, sixteen at a time",
		irqchip, kicks, count);
	EXPECT_STR(o.out, contents_text(run.nonce, count));
	EXPECT_U64(o.status, 0);
	CONTEXT("%s %s: each of the %u arrives on the host as it was sent, in its order", irqchip,
		kicks, count);
	EXPECT_U64(e.wrong, 0);
	EXPECT_U64(e.whole, count);
}

TEST("5.9", packets_there_and_back, 1, .seconds = 0.6)
{
	there_and_back(how_many(), "--irqchip=user", "--kicks=exit");
}
