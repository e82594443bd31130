/* SPDX-License-Identifier: MIT */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "output.h"
#include "trace_out.h"
#include "types.h"
#include "why.h"

/* How the virtual CPU starts; MODE_AUTO lets the image decide (see image.h). */
enum cpu_mode { MODE_AUTO, MODE_REAL, MODE_PROTECTED, MODE_LONG };

/* Lab 03: the hardware (or whatever KVM has below), or tables of the VMM's own. */
enum mmu_kind { MMU_EPT, MMU_SHADOW, MMU_SHADOW_CACHED };

/* Lab 04: whose interrupt controller, how the text screen is made, how the doorbell rings. */
enum irqchip_kind { IRQCHIP_USER, IRQCHIP_KERNEL };
enum vga_kind { VGA_NONE, VGA_MMIO, VGA_COALESCED, VGA_RAM };
enum doorbell_kind { DOORBELL_EXIT, DOORBELL_EVENTFD };

/* Lab 06: how much of a CPU the guest sees (x86-64 psABI, table 3.1). */
enum cpu_level { CPU_ALL, CPU_V1, CPU_V2, CPU_V3 };

#define OPTIONS_DEVICES 8
#define OPTIONS_MSRS	16 /* as many as one filter of KVM's has ranges */

/* Device windows begin above 3 GiB (KVM's own pages, virtio), so RAM ends below; more of it, from
 * lab 06 on, is above 4 GiB. */
#define MEMORY_MAX GiB(3)

struct walk_option {
	bool wanted;
	u64 gva;     /* guest-virtual */
	int pagemap; /* where this process's pages are, proc(5): outputs_open(); -1: not open */
};

#define OPTIONS_TRACES 6

struct trace_options {
	struct output to[OPTIONS_TRACES];
	trace_writer *writer[OPTIONS_TRACES]; /* of each */
	unsigned count;
};

struct device_options {
	const char *text[OPTIONS_DEVICES]; /* in their order */
	unsigned count;
};

struct msr_options {
	u32 number[OPTIONS_MSRS];
	u64 value[OPTIONS_MSRS];
	unsigned count; /* no number is there twice */
};

struct options {
	const char *image;	     /* path of the guest image */
	u64 memory;		     /* guest RAM in bytes, a multiple of 4096, up to MEMORY_MAX */
	enum cpu_mode mode;	     /* --mode */
	unsigned timeout_ms;	     /* --timeout in milliseconds; 0: none */
	const char *kvm;	     /* --kvm: the KVM device */
	struct output report;	     /* --report: where the machine-readable report goes */
	struct trace_options trace;  /* --trace: where what happened goes, in which form */
	bool live;		     /* --live: draw what happens */
	bool stats, kvm_stats;	     /* --stats, --kvm-stats */
	bool verbose;		     /* --verbose */
	bool no_sandbox;	     /* --no-sandbox */
	enum mmu_kind mmu;	     /* --mmu: who translates the guest's addresses */
	struct walk_option walk;     /* --walk */
	struct output walk_svg;	     /* --walk-svg: where the walk is drawn */
	bool dirty_log, lazy;	     /* --dirty-log, --lazy */
	enum irqchip_kind irqchip;   /* --irqchip */
	enum vga_kind vga;	     /* --vga */
	struct output screen;	     /* --screen: where the text screen's bytes go */
	enum doorbell_kind doorbell; /* --doorbell */
	enum doorbell_kind notify;   /* --notify */
	struct device_options devices; /* --device */
	const char *initrd;	       /* --initrd: a path, or NULL */
	const char *append;	       /* --append: a kernel's command line, or NULL */
	bool acpi_off;		       /* --no-acpi */
	u64 memory_above;	       /* of --memory, what is beyond MEMORY_MAX */
	enum cpu_level cpu_level;      /* --cpu */
	struct msr_options msrs;       /* --msr */
};

enum options_result {
	OPTIONS_RUN,   /* go on */
	OPTIONS_DONE,  /* --help or --version: printed, leave with status 0 */
	OPTIONS_WRONG, /* a usage error: why says it, leave with status 2 */
};

/*
 * Read the command line. lab is the lab whose program this is (2 for lab 02): an option that only
 * a later lab can serve is refused with the number of that lab.
 */
enum options_result options_parse(struct options *opt, int argc, char **argv, unsigned lab,
				  struct why *why);

/*
 * Read a size such as "64M": decimal or 0x hexadecimal, then nothing, K, M or G (powers of 1024).
 * Returns 0, or -EINVAL for anything else and for what does not fit in 64 bits.
 */
int size_parse(const char *text, u64 *bytes);

const char *cpu_level_name(enum cpu_level level); /* as --cpu has it; CPU_ALL: "" */
const char *cpu_mode_name(enum cpu_mode mode);

#endif
