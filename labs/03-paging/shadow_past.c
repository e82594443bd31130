// SPDX-License-Identifier: MIT
/* Given: the exits of a guest under shadow paging, as it has seen them. To KVM they are all the
 * stub's OUT. */
#include <stdio.h>
#include <string.h>

#include "shadow.h"

static bool is_knock(const struct exit_record *record)
{
	return record && record->kind == EXIT_IO_OUT && record->addr == TRAP_PORT;
}

/* The trap that came with this exit: the later ones came with later exits. NULL: none, or it is
 * forgotten. */
static const struct past_trap *trap_of(const struct shadow *s, u64 i)
{
	const struct recorder *rec = s->vcpu->rec;
	u64 later = 0;

	if (!is_knock(recorder_last(rec, i)))
		return NULL;
	for (u64 j = 0; j < i; j++)
		later += is_knock(recorder_last(rec, j));
	if (later >= PAST_TRAPS || later >= s->stat.traps)
		return NULL;
	return &s->past[(s->stat.traps - 1 - later) % PAST_TRAPS];
}

bool shadow_exit_view(void *ctx, u64 i, char *text, size_t size)
{
	const struct past_trap *t = trap_of(ctx, i);
	size_t n;

	if (!t)
		return false;
	text[0] = 0;
	trap_text(&t->frame, text, size);
	n = strnlen(text, size - 1);
	if (t->io.size)
		snprintf(text + n, size - n, ": %s port=0x%x data=%0*llx",
			 t->io.write ? "OUT" : "IN", t->io.port, 2 * t->io.size,
			 (unsigned long long)t->io.data);
	else if (t->done)
		snprintf(text + n, size - n, ": %s", t->done);
	return true;
}
