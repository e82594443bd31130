// SPDX-License-Identifier: MIT
/* Task 8.8: what an exit says. */
#include "vmx.h"

#include "todo.h"

/* TASK 8.8 */
#if SOL >= 808
static const struct {
	enum vmx_reason reason;
	enum exit_cause cause;
	bool skip; /* an instruction that is done with when the hypervisor has done it */
} causes[] = {
	{ REASON_EXCEPTION, EXIT_EXCEPTION, false },
	{ REASON_INTERRUPT, EXIT_INTERRUPT, false },
	{ REASON_TRIPLE_FAULT, EXIT_SHUTDOWN, false },
	{ REASON_WINDOW, EXIT_WINDOW, false },
	{ REASON_CPUID, EXIT_CPUID, true },
	{ REASON_VMCALL, EXIT_HYPERCALL, true },
	{ REASON_IO, EXIT_IO, true },
	{ REASON_RDMSR, EXIT_RDMSR, true },
	{ REASON_WRMSR, EXIT_WRMSR, true },
	{ REASON_EPT_VIOLATION, EXIT_MEMORY, false },
	{ REASON_TIMER, EXIT_TIMER, false },
};

/* SDM 3C, table 28-5. */
static struct exit_io decode_io(u64 q)
{
	return (struct exit_io){
		.size = (u8)((q & 7) + 1),
		.in = q >> 3 & 1,
		.string = q >> 4 & 1,
		.rep = q >> 5 & 1,
		.port = (u16)(q >> 16),
	};
}

/* SDM 3C, table 28-7. */
static struct exit_memory decode_memory(u64 q)
{
	return (struct exit_memory){
		.address = vmx_get(VMCS_GUEST_PHYSICAL),
		.write = q >> 1 & 1,
		.fetch = q >> 2 & 1,
		.present = q >> 3 & 7,
		.walking = (q >> 7 & 1) && !(q >> 8 & 1),
	};
}

/*
 * An event as an exit stores it: SDM 3C, tables 25-19 and 25-20. Type 5 is INT1: as with INT n, RIP
 * is still there.
 */
static struct event decode_event(u64 info, u64 code_field)
{
	static const enum event_type types[8] = {
		[0] = EVENT_INTERRUPT, [2] = EVENT_NMI,	     [3] = EVENT_EXCEPTION,
		[4] = EVENT_SOFTWARE,  [5] = EVENT_SOFTWARE, [6] = EVENT_EXCEPTION,
	};
	struct event event = { .type = EVENT_NONE };

	if (!(info & EVENT_VALID))
		return event;
	event.type = types[info >> 8 & 7];
	event.vector = (u8)info;
	event.has_code = info & EVENT_ERROR_CODE;
	if (event.has_code)
		event.code = (u32)vmx_get(code_field);
	return event;
}
#endif

void vmx_exit_decode(struct exit *exit)
{
	u64 reason = vmx_get(VMCS_REASON);

	exit->raw = reason;
	exit->cause = EXIT_OTHER;
	if ((reason & 0xffff) == REASON_HLT) {
		exit->cause = EXIT_HLT;
		exit->length = (unsigned)vmx_get(VMCS_LENGTH);
		return;
	}
	/* TASK 8.8 */
#if SOL >= 808
	u64 q = vmx_get(VMCS_QUALIFICATION);

	for (unsigned i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].reason != (reason & 0xffff))
			continue;
		exit->cause = causes[i].cause;
		exit->length = causes[i].skip ? (unsigned)vmx_get(VMCS_LENGTH) : 0;
	}
	if (exit->cause == EXIT_IO)
		exit->io = decode_io(q);
	if (exit->cause == EXIT_MEMORY)
		exit->memory = decode_memory(q);
	if (exit->cause == EXIT_EXCEPTION || exit->cause == EXIT_INTERRUPT)
		exit->event = decode_event(vmx_get(VMCS_EXIT_EVENT), VMCS_EXIT_ERROR_CODE);
	if (exit->cause == EXIT_EXCEPTION && exit->event.vector == VECTOR_PF)
		exit->memory.address = q;
	exit->under_way = decode_event(vmx_get(VMCS_IDT_EVENT), VMCS_IDT_ERROR_CODE);
#else
	TODO("8.8");
#endif
}
