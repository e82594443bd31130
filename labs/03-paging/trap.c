// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "shadow.h"
#include "todo.h"
#include "x86.h"

/* SDM 3A, table 6-1. */
static const char *const names[32] = {
	[0] = "#DE",  [1] = "#DB",  [3] = "#BP",  [4] = "#OF",	[5] = "#BR",  [6] = "#UD",
	[7] = "#NM",  [8] = "#DF",  [10] = "#TS", [11] = "#NP", [12] = "#SS", [13] = "#GP",
	[14] = "#PF", [16] = "#MF", [17] = "#AC", [19] = "#XM", [21] = "#CP",
};

/* [book:3.4] */
bool trap_has_error(unsigned vector)
{
	/* TASK 3.4 */
#if SOL >= 304
	return vector < 32 && (1u << vector & VECTORS_WITH_ERROR);
#else
	return (TODO("3.4"), false);
#endif
}

char *trap_text(const struct trap_frame *f, char *buf, size_t size)
{
	/* TASK 3.4 */
#if SOL >= 304
	const char *name = f->vector < 32 ? names[f->vector] : NULL;
	int n = snprintf(buf, size, "%s", name ? name : "?");

	if (trap_has_error((unsigned)f->vector))
		n += snprintf(buf + n, size - n, " error 0x%llx", (unsigned long long)f->error);
	n += snprintf(buf + n, size - n, " at 0x%llx", (unsigned long long)f->rip);
	if (f->vector == VECTOR_PF)
		snprintf(buf + n, size - n, ", address 0x%llx", (unsigned long long)f->cr2);
	return buf;
#else
	snprintf(buf, size, "%s", names[13] ? "(task 3.4)" : "");
	return (TODO("3.4"), buf);
#endif
}

enum verdict shadow_trap(struct shadow *s)
{
	/* TASK 3.4 */
#if SOL >= 304
	unsigned vector = (unsigned)s->trap->vector;

	if (vector == VECTOR_PF)
		return shadow_page_fault(s);
	if (vector == VECTOR_GP)
		return shadow_general_protection(s);
	return shadow_reflect(s, vector, trap_has_error(vector), (u32)s->trap->error);
#else
	return (TODO("3.4"), V_ERROR);
#endif
}
/* [book:end] */
