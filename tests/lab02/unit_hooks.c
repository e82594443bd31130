// SPDX-License-Identifier: MIT
/* Who is called before an entry, and with what. No KVM: what would enter the guest fails. */
#include <errno.h>

#include "test.h"
#include "vcpu.h"
#include "verdicts.h"

struct note {
	unsigned *calls, seen; /* calls of all so far; and when this one came */
	enum verdict verdict;
};

static enum verdict note(struct vcpu *vcpu, void *ctx)
{
	struct note *n = ctx;

	n->seen = ++*n->calls;
	return n->verdict;
}

TEST("-", hooks_are_called_in_their_order, 0)
{
	struct vm vm = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct vcpu vcpu = { .vm = &vm, .fd = -1 };
	struct note n[VCPU_HOOKS_MAX];
	unsigned calls = 0;

	for (unsigned i = 0; i < VCPU_HOOKS_MAX; i++) {
		n[i] = (struct note){ .calls = &calls, .verdict = i == 2 ? V_EXIT : V_RESUME };
		EXPECT_ERR(hook_add(vcpu.before, note, &n[i]), 0);
	}
	CONTEXT("%d hooks, each with a context of its own; the third ends the run", VCPU_HOOKS_MAX);
	EXPECT_V(vcpu_run(&vcpu), V_EXIT);
	for (unsigned i = 0; i < VCPU_HOOKS_MAX; i++)
		EXPECT_U64(n[i].seen, i < 3 ? i + 1 : 0);
	CONTEXT("the list is full");
	EXPECT_ERR(hook_add(vcpu.before, note, &n[0]), -ENOSPC);
	EXPECT_ERR(hook_add(vcpu.after, note, &n[0]), 0);
}
