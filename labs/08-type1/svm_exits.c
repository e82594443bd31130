// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "memory.h"
#include "svm.h"
#include "todo.h"

#define PORT_MAP_PAGES 3
#define MSR_MAP_PAGES  2

/* TASK 8.3 */
#if SOL >= 803
/* All of it exits, until somebody opens something. */
static u64 full_map(struct pages *pages, unsigned n)
{
	u64 map = pages_alloc(pages, n);

	if (map)
		memset(at(map), 0xff, n * PAGE_SIZE_4K);
	return map;
}
#endif

int svm_want_exits(struct guest *guest)
{
	/* TASK 8.3 */
#if SOL >= 803
	struct vmcb *vmcb = svm_vmcb(guest);
	struct host *host = guest->host;

	if (!host->ports)
		host->ports = full_map(host->pages, PORT_MAP_PAGES);
	if (!host->msrs)
		host->msrs = full_map(host->pages, MSR_MAP_PAGES);
	if (!host->ports || !host->msrs)
		return -ENOMEM;
	vmcb->iopm = host->ports;
	vmcb->msrpm = host->msrs;
	vmcb->intercepts[3] |= INTERCEPT_CPUID | INTERCEPT_IOIO | INTERCEPT_MSR;
	vmcb->intercepts[3] |= INTERCEPT_INVD | INTERCEPT_INVLPGA;
	vmcb->intercepts[4] |= INTERCEPT_VMMCALL;
	vmcb->intercepts[4] |= INTERCEPT_VMLOAD | INTERCEPT_VMSAVE | INTERCEPT_STGI |
			       INTERCEPT_CLGI | INTERCEPT_SKINIT;
	return 0;
#else
	return TODO_NOTED("8.3");
#endif
}

/* [book:8.3decode] */
/* TASK 8.3 */
#if SOL >= 803
#define INSN_MAX 15

static bool is_prefix(u8 byte, bool code64)
{
	static const u8 prefixes[] = { 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e,
				       0x36, 0x3e, 0x26, 0x64, 0x65 };

	return memchr(prefixes, byte, sizeof(prefixes)) || (code64 && (byte & 0xf0) == 0x40);
}

/* Of an instruction that has so many bytes, and prefixes before them. */
static unsigned length(const struct guest *guest, unsigned bytes)
{
	u64 linear = guest->regs.rip + (guest->view.code64 ? 0 : guest->view.cs_base);
	unsigned n = 0;
	u8 byte;

	while (n + bytes < INSN_MAX && !memory_read(guest, linear + n, &byte, 1) &&
	       is_prefix(byte, guest->view.code64))
		n++;
	return n + bytes;
}

static void decode_io(const struct guest *guest, struct exit *exit)
{
	const struct vmcb *vmcb = svm_vmcb(guest);
	u64 info = vmcb->exitinfo1;

	exit->cause = EXIT_IO;
	exit->length = (unsigned)(vmcb->exitinfo2 - guest->regs.rip);
	exit->io = (struct exit_io){
		.port = (u16)(info >> 16),
		.size = info >> 4 & 7,
		.in = info & IOIO_IN,
		.string = info & IOIO_STRING,
		.rep = info & IOIO_REP,
	};
}
#endif

void svm_decode_instruction(const struct guest *guest, struct exit *exit)
{
	/* TASK 8.3 */
#if SOL >= 803
	const struct vmcb *vmcb = svm_vmcb(guest);

	switch (vmcb->exitcode) {
	case VMEXIT_IOIO:
		decode_io(guest, exit);
		return;
	case VMEXIT_CPUID:
		exit->cause = EXIT_CPUID;
		break;
	case VMEXIT_MSR:
		exit->cause = vmcb->exitinfo1 & 1 ? EXIT_WRMSR : EXIT_RDMSR;
		break;
	case VMEXIT_VMMCALL:
		exit->cause = EXIT_HYPERCALL;
		break;
	}
	exit->length = length(guest, exit->cause == EXIT_HYPERCALL ? 3 : 2);
#else
	TODO("8.3");
#endif
}
/* [book:end] */

static void decode_exception(const struct guest *guest, struct exit *exit)
{
	const struct vmcb *vmcb = svm_vmcb(guest);
	u64 vector = vmcb->exitcode - VMEXIT_EXCEPTION;

	exit->cause = EXIT_EXCEPTION;
	exit->event = svm_event(vector | EVENTINJ_TYPE(EVENTINJ_EXCEPTION) | EVENTINJ_V |
				vmcb->exitinfo1 << 32);
	exit->memory.address = vmcb->exitinfo2;
}

int svm_decode(const struct guest *guest, struct exit *exit)
{
	const struct vmcb *vmcb = svm_vmcb(guest);

	if (vmcb->exitintinfo & EVENTINJ_V)
		exit->under_way = svm_event(vmcb->exitintinfo);
	switch (vmcb->exitcode) {
	case VMEXIT_IOIO:
	case VMEXIT_CPUID:
	case VMEXIT_MSR:
	case VMEXIT_VMMCALL:
		svm_decode_instruction(guest, exit);
		break;
	case VMEXIT_NPF:
		svm_decode_npf(guest, exit);
		break;
	case VMEXIT_VINTR:
		exit->cause = EXIT_WINDOW;
		break;
	case VMEXIT_INTR:
		exit->cause = EXIT_INTERRUPT;
		break;
	case VMEXIT_EXCEPTION ... VMEXIT_EXCEPTION + 31:
		decode_exception(guest, exit);
		break;
	}
	return 0;
}
