// SPDX-License-Identifier: MIT
/* Instructions by all registers and addresses: whoever carries them out, the guest sees no
 * difference. */
#include "test.h"

static const char *const mmus[] = { "--mmu=ept", "--mmu=shadow", "--mmu=shadow-cached" };

static void prints_the_same(const char *guest, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(mmus); i++) {
		struct outcome o = run_guest(guest, mmus[i]);

		CONTEXT("%s %s", guest, mmus[i]);
		EXPECT_STR(o.out, text);
		EXPECT_U64(o.status, 0);
	}
}

TEST("-", faults_by_every_register, 0)
{
	prints_the_same("03/every-register", "stores 44\nfaults 44\n");
}

TEST("-", tables_by_every_address, 0)
{
	prints_the_same("03/addresses",
			"rip eip edi sum index disp fs gs rsp rbp r12 r13 r15 esp end\n");
}
