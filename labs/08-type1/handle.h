/* SPDX-License-Identifier: MIT */
/* What a guest gets for its exits, the same on either CPU. */
#ifndef HANDLE_H
#define HANDLE_H

#include "events.h"
#include "hv.h"

enum verdict {
	V_RESUME,
	V_HALTED, /* HLT, and nothing is there that would wake it */
	V_EXIT,	  /* it wrote its status to port PORT_EXIT */
	V_DEAD,	  /* it cannot go on; why is said */
	V_TIMEOUT /* it had its ticks of the host's timer */
};

#define PORT_CONSOLE 0xe9
#define PORT_EXIT    0xf4

/* What CPUID says at HANDLE_LEAF: this signature in EBX, ECX, EDX, and no leaf above it in EAX. */
#define HANDLE_LEAF	 0x40000000
#define HANDLE_SIGNATURE "vmmlab type1"

/* A guest, and all that happens to it. */
struct running {
	const struct hv *hv;
	struct guest guest;
	struct pending pending; /* events that shall come in */
	u64 exits[EXIT_CAUSES];
	u64 tick;	/* timer_ticks() when it was seen last */
	u64 ticks;	/* of the host's timer that hit this guest */
	u64 tick_limit; /* V_TIMEOUT then; 0: never */
	int status;	/* of V_EXIT */
};

/* Run it once, and do what its exit asks for. */
enum verdict handle(struct running *r);

/*
 * [task 8.3] IN, OUT, INS, OUTS. Bytes written to PORT_CONSOLE are printed (print_guest()), each of
 * them of an access of 2 or 4 bytes, lowest first. A byte written to PORT_EXIT, or the lowest of
 * more, is the status: V_EXIT. Other ports take what is written; whatever is read is all ones. An
 * IN of 4 bytes clears the upper half of RAX, smaller ones leave the rest of it alone (APM 3, IN).
 *
 * A string access (exit.io.string) moves from DS:RSI, or to ES:RDI; with REP so often as RCX says,
 * without once. Afterwards RSI or RDI and RCX are as the CPU would leave them; RFLAGS.DF is
 * honoured. RSI, RDI and RCX count with 64 bits in 64-bit code, else with 32 or 16 (view.code32);
 * as with RAX, 32 bits clear the upper half, and 16 leave the rest alone.
 * STRING_MAX of them are done at a time: if some are left, RIP stays at the instruction, as a CPU
 * leaves it when an interrupt comes amid REP, and the guest is back at once. (RCX may be 2^64 - 1,
 * and all the time we are here the host's interrupts are off.)
 *
 * Then the guest goes on behind the instruction. V_DEAD: the memory is not there.
 */
#define STRING_MAX 4096
enum verdict handle_io(struct running *r, const struct exit *exit);

/*
 * [task 8.3] CPUID: what the CPU says, but: leaf 1 with ECX bit 31 (there is a hypervisor) and
 * without bit 5 (VMX); leaf 0x80000001 without ECX bit 2 (SVM); HANDLE_LEAF as said above; leaf
 * 0x8000000a nothing. The upper halves of the four registers are cleared.
 */
enum verdict handle_cpuid(struct running *r, const struct exit *exit);

/*
 * [task 8.3] RDMSR, WRMSR. There is one register, EFER: view.efer is what the guest reads; SCE, LME
 * and NXE are what it can change, LME only without paging (view.cr0). Any other MSR, or another bit
 * of EFER than these, LMA as it is, is #GP(0), with RIP at the instruction (pending_exception()).
 */
enum verdict handle_msr(struct running *r, const struct exit *exit);

/*
 * VMMCALL or VMCALL: RAX says what, RDI, RSI and RDX are its arguments, and RAX the answer (~0: no
 * such call). Given: what it takes is above. (Whoever runs in the guest may call: its CPL is not
 * looked at, as KVM would.)
 */
enum {
	CALL_WHO = 1,	    /* which guest is this? 0, 1... */
	CALL_EXITS = 2,	    /* how many exits of cause RDI has it made so far? */
	CALL_TICKS = 3,	    /* ticks of the host's timer that have hit it */
	CALL_INTERRUPT = 4, /* let interrupt RDI come in as soon as it can */
	CALL_EXCEPTION = 5, /* exception RDI, below 32, and not 2 to 4; RSI is its error code, or
			       ~0: it has none */
	CALL_NMI = 6,
	CALL_SWAP = 7, /* the pages at its physical addresses RDI and RSI, which it has touched and
			  which are of one size, change places */
};
enum verdict handle_call(struct running *r, const struct exit *exit);

#endif
