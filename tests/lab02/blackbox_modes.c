// SPDX-License-Identifier: MIT
/* Tasks 2.7 and 2.8, from outside: guests that look at the mode they find themselves in. */
#include <stdio.h>
#include <string.h>

#include "test.h"

/* The guest has printed what it saw, and its nonce, and left with a status made from that. */
static void expect_state(const struct outcome *o, const char *state)
{
	char text[300];

	snprintf(text, sizeof(text), "%snonce %016llx\n", state, (unsigned long long)o->nonce);
	EXPECT_STR(o->out, text);
	EXPECT_U64(o->status, nonce_status(o));
}

TEST("2.7", hello_in_protected_mode, 2)
{
	struct outcome o = run_guest("02/hello32");

	CONTEXT("a 32-bit ELF guest, entered at its PVH entry, prints and leaves with status 0");
	EXPECT_STR(o.out, "Hello from protected mode\n");
	EXPECT_VERDICT(o, exit);
	EXPECT_U64(o.status, 0);
}

TEST("2.7", protected_mode_state, 3)
{
	struct outcome o = run_guest("02/state32");

	CONTEXT("the guest prints its selectors, CR0.PE, CR0.PG and its nonce");
	expect_state(&o, "cs 0008\nds 0010\ncr0.pe 1\ncr0.pg 0\n");
}

TEST("2.8", hello_in_long_mode, 2)
{
	struct outcome o = run_guest("02/hello64", "--mode=long");

	CONTEXT("a 64-bit ELF guest, entered at e_entry in 64-bit mode");
	EXPECT_STR(o.out, "Hello from long mode\n");
	EXPECT_VERDICT(o, exit);
	EXPECT_U64(o.status, 0);
}

TEST("2.8", long_mode_state, 3)
{
	struct outcome o = run_guest("02/state64", "--mode=long");

	CONTEXT("the guest prints its selectors, the bits that make long mode, and its nonce");
	expect_state(&o, "cs 0008\nds 0010\ncr0.pg 1\ncr4.pae 1\nefer.lme 1\nefer.lma 1\n");
}

TEST("2.8", fibonacci_from_the_nonce, 2)
{
	struct outcome o = run_guest("02/fibonacci", "--mode=long");
	u64 a = o.nonce & 0xffff, b = a + 1, next;
	char text[300];
	size_t n = 0;

	for (unsigned i = 0; i < 12; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%llu\n", (unsigned long long)a);
		next = a + b;
		a = b;
		b = next;
	}
	CONTEXT("the guest counts from %llu on, in 64-bit registers and with a stack",
		(unsigned long long)(o.nonce & 0xffff));
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}
