/* SPDX-License-Identifier: MIT */
/*
 * What a hypervisor is, whoever built the CPU: seven functions. svm.c has them for AMD, vmx.c for
 * Intel; main.c asks CPUID which it is to be, and knows no other difference.
 *
 * The machine's memory is mapped to itself: a machine address is a pointer.
 */
#ifndef HV_H
#define HV_H

#include "nested.h"
#include "pages.h"
#include "types.h"

/*
 * Intel: what is wrong on purpose, before each entry. `./lab run ... CPU=intel -- field=0x6c00
 * value=0` writes a field of the VMCS; `resume` takes VMRESUME for VMLAUNCH.
 */
struct spoil {
	bool has_field, resume;
	u64 field, value;
};

/* The CPU that we stand on, and what on() has found out about it and set up. */
struct host {
	struct pages *pages; /* where pages come from */
	u64 area;    /* the CPU's own page: AMD's host save area, Intel's VMXON region; 0: off */
	u64 saved;   /* AMD: where VMSAVE keeps the host's registers while a guest runs */
	u32 tags;    /* ASIDs or VPIDs that there are; tag 0 is the host's */
	bool nested; /* the CPU has nested paging (NPT, or EPT) */
	u64 ports, msrs; /* bitmaps of the ports and (AMD) MSRs that exit; 0: not made yet */
	struct spoil spoil;
	bool timer; /* the host's timer runs, and shall take the CPU back (task 8.9) */
};

enum guest_mode { GUEST_REAL, GUEST_LONG };

/* The general registers of a guest: as run() shall load them, and as they were at the exit. */
struct regs {
	u64 rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rip, rflags;
};

/*
 * Of the guest's other registers, what a handler looks at. run() fills it in at each exit, and
 * loads efer again at the next entry: that one a handler may change.
 */
struct view {
	u64 cr0, cr3, cr4, efer;
	u64 cs_base, ds_base, es_base;
	bool code64, code32; /* CS.L in long mode, and CS.D */
	bool shadow;	     /* the guest is behind STI or MOV SS: no interrupt yet */
};

struct guest {
	struct host *host;
	struct regs regs;
	struct view view;
	u64 memory;	      /* machine address of its physical address 0 */
	u64 size;	      /* of its memory, in bytes */
	struct nested nested; /* its nested page tables; without .map its memory is the machine's */
	u32 tag;	      /* ASID or VPID, from 1 */
	u64 cr2;	      /* Intel: VMX does not switch it, and there may be two guests */
	bool launched;	      /* Intel: VMLAUNCH is done, VMRESUME from now on */
	bool step;	      /* the #DB that is injected next ends a single step: DR6 says so */
	u64 control;	      /* machine address of one page: the VMCB, or the VMCS */
};

enum event_type { EVENT_NONE, EVENT_INTERRUPT, EVENT_NMI, EVENT_EXCEPTION, EVENT_SOFTWARE };

/* Something that interrupts a guest, by way of its IDT. */
struct event {
	enum event_type type;
	u8 vector;     /* EVENT_NMI: 2 */
	bool has_code; /* EVENT_EXCEPTION: it pushes the error code */
	u32 code;
};

enum exit_cause {
	EXIT_OTHER, /* what nobody has asked for: raw tells more */
	EXIT_HLT,
	EXIT_IO,	/* .io */
	EXIT_CPUID,	/* leaf in EAX, subleaf in ECX */
	EXIT_RDMSR,	/* index in ECX */
	EXIT_WRMSR,	/* and the value in EDX:EAX */
	EXIT_HYPERCALL, /* VMMCALL, or VMCALL */
	EXIT_MEMORY,	/* .memory: the nested page tables forbid it */
	EXIT_EXCEPTION, /* .event; of a page fault .memory.address is what CR2 would get */
	EXIT_WINDOW,	/* the guest could take an interrupt now */
	EXIT_INTERRUPT, /* one of the host's; it is served before run() returns (task 8.9) */
	EXIT_TIMER,	/* Intel: the preemption timer */
	EXIT_SHUTDOWN,	/* a triple fault */
	EXIT_REFUSED,	/* the CPU did not take the guest at all */
	EXIT_CAUSES
};

struct exit_io {
	u16 port;
	u8 size; /* 1, 2 or 4 bytes */
	bool in, string, rep;
};

/* What the guest did at its physical address. */
struct exit_memory {
	u64 address;
	bool write, fetch;
	bool present; /* there is an entry; it forbids this access */
	bool walking; /* the CPU was reading or writing the guest's own page tables */
};

/* Why run() came back. */
struct exit {
	enum exit_cause cause;
	unsigned length; /* of the instruction that exits, in bytes, where going on means to skip it
			  */
	struct exit_io io;
	struct exit_memory memory;
	struct event event;
	struct event under_way; /* what was being delivered to the guest; inject it again (but for
				   INT, INT1, INT3 and INTO: RIP is still there) */
	u64 raw; /* AMD: EXITCODE; Intel: the exit reason, or the number of the error */
};

enum flush { FLUSH_GUEST, FLUSH_ALL };

struct hv {
	const char *name; /* "SVM", "VMX" */

	/*
	 * Switch the CPU's virtualization on. 0; -ENODEV: the CPU has none; -EPERM: the firmware
	 * has locked it off; -EBUSY: it is on already; -ENOMEM. What is wrong is said, in a line.
	 */
	int (*on)(struct host *host);

	/*
	 * A guest that will begin at entry in that mode, with guest->host, memory, size, tag and
	 * regs.rsp set. In GUEST_LONG the GDT and the page tables of machine_map.h lie in its
	 * memory. 0, -ENOMEM.
	 */
	int (*init)(struct guest *guest, enum guest_mode mode, u64 entry);

	/* Run it until it exits. 0, also for EXIT_REFUSED (why is said); -EINVAL: it was not made.
	 */
	int (*run)(struct guest *guest, struct exit *exit);

	/* Let the event come in at the next run(), before the guest's next instruction. 0; -EBUSY:
	 * another waits */
	int (*inject)(struct guest *guest, const struct event *event);

	/* Exit with EXIT_WINDOW as soon as the guest can take an interrupt; or no longer. */
	void (*window)(struct guest *guest, bool wanted);

	/* Before the next run() forget what the CPU remembers of nested page tables: of this
	 * guest's tag, or of all. */
	void (*flush)(struct guest *guest, enum flush what);

	/* Switch it off, and give back the pages of on(). */
	void (*off)(struct host *host);

	/*
	 * An eighth, which no guest needs (task 8.11): let a guest that was made get at this port
	 * of the machine, without an exit. 0; -EINVAL: it was not made; -ENOMEM; -ENOTSUP: the CPU
	 * cannot.
	 */
	int (*open)(struct guest *guest, u16 port);
};

extern const struct hv hv_svm, hv_vmx;

#endif
