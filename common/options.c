// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define VERSION	       "vmmlab 1.0"
#define MEMORY_DEFAULT MiB(128)
#define MEMORY_MIN     KiB(64)
#define TIMEOUT_MAX    86400

enum {
	O_MEMORY = 256,
	O_MODE,
	O_TIMEOUT,
	O_STATS,
	O_KVM_STATS,
	O_VERBOSE,
	O_REPORT,
	O_KVM,
	O_MMU,
	O_WALK,
	O_WALK_SVG,
	O_DIRTY_LOG,
	O_LAZY,
	O_IRQCHIP,
	O_VGA,
	O_SCREEN,
	O_DOORBELL,
	O_DEVICE,
	O_KICKS,
	O_HELP,
	O_VERSION
};

/* What each option is called, from which lab on it exists, and how --help explains it. */
static const struct {
	const char *name, *value, *help;
	unsigned code, lab;
} table[] = {
	{ "memory", "SIZE", "guest memory, with K, M or G (default 128M, at most 3G)", O_MEMORY,
	  2 },
	{ "mode", "MODE", "start in real, protected or long mode (default: by image)", O_MODE, 2 },
	{ "mmu", "KIND", "who translates: ept (default), shadow or shadow-cached", O_MMU, 3 },
	{ "walk", "GVA", "print the walk of one guest-virtual address at the end", O_WALK, 3 },
	{ "walk-svg", "FILE", "draw that walk, too", O_WALK_SVG, 3 },
	{ "dirty-log", NULL, "print the pages that the guest has written at the end", O_DIRTY_LOG,
	  3 },
	{ "lazy", NULL, "give the guest memory page by page, when it is touched", O_LAZY, 3 },
	{ "irqchip", "WHERE", "interrupt controller and timer: user (default), kernel", O_IRQCHIP,
	  4 },
	{ "vga", "HOW",
	  "text screen: mmio (each store is an exit), coalesced (few are), ram (none)", O_VGA, 4 },
	{ "screen", "FILE", "write the 4000 bytes of the text screen at the end", O_SCREEN, 4 },
	{ "doorbell", "HOW", "how it rings: exit (default) or eventfd", O_DOORBELL, 4 },
	{ "device", "KIND[,KEY=VALUE...]", "add a virtio device: rng, console, blk, net", O_DEVICE,
	  5 },
	{ "kicks", "HOW", "how virtio drivers kick: exit (default) or eventfd", O_KICKS, 5 },
	{ "timeout", "SECONDS", "stop the guest after so long (status 124)", O_TIMEOUT, 2 },
	{ "stats", NULL, "print a summary of exits by reason at the end", O_STATS, 2 },
	{ "kvm-stats", NULL, "print KVM's own counters at the end", O_KVM_STATS, 2 },
	{ "verbose", NULL, "say each step of setting up", O_VERBOSE, 2 },
	{ "report", "FILE", "write a machine-readable report at the end", O_REPORT, 2 },
	{ "kvm", "PATH", "the KVM device (default /dev/kvm)", O_KVM, 2 },
	{ "help", NULL, "print this", O_HELP, 0 },
	{ "version", NULL, "print the version", O_VERSION, 0 },
};

/* Lab 03 shows ways to have memory, and the labs after it take the first one. */
static bool is_over(unsigned code, unsigned lab)
{
	return lab > 3 && (code == O_MMU || code == O_LAZY);
}

static const char *const mode_names[] = {
	[MODE_AUTO] = "auto",
	[MODE_REAL] = "real",
	[MODE_PROTECTED] = "protected",
	[MODE_LONG] = "long",
};

const char *cpu_mode_name(enum cpu_mode mode)
{
	return mode_names[mode];
}

static const char *const mmu_names[] = {
	[MMU_EPT] = "ept",
	[MMU_SHADOW] = "shadow",
	[MMU_SHADOW_CACHED] = "shadow-cached",
};

int size_parse(const char *text, u64 *bytes)
{
	unsigned shift = 0;
	char *end;
	u64 n;

	/* strtoull would take blanks and a sign, and turn -1 into 16 EiB. */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	/* Base 0 would read 010M as eight. */
	n = strtoull(text, &end, !strncmp(text, "0x", 2) ? 16 : 10);
	if (errno)
		return -EINVAL;
	switch (*end) {
	case 'G':
		shift += 10;
		__attribute__((fallthrough));
	case 'M':
		shift += 10;
		__attribute__((fallthrough));
	case 'K':
		shift += 10;
		end++;
	}
	if (*end || n << shift >> shift != n)
		return -EINVAL;
	*bytes = n << shift;
	return 0;
}

/* The place of the text among n names, or -EINVAL. */
static int find_name(const char *text, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(text, names[i]))
			return (int)i;
	return -EINVAL;
}

static int parse_memory(struct options *opt, const char *text, struct why *why)
{
	if (size_parse(text, &opt->memory))
		return why_set(why, -EINVAL, "--memory=%.40s: not a size; write for example 64M",
			       text);
	if (opt->memory % PAGE_SIZE_4K)
		return why_set(why, -EINVAL, "--memory=%.40s: not a multiple of 4K, the page size",
			       text);
	if (opt->memory < MEMORY_MIN || opt->memory > MEMORY_MAX)
		return why_set(why, -EINVAL, "--memory=%.40s: must be from 64K to 3G", text);
	return 0;
}

static int parse_mode(struct options *opt, const char *text, struct why *why)
{
	for (unsigned i = MODE_REAL; i < ARRAY_SIZE(mode_names); i++) {
		if (!strcmp(text, mode_names[i])) {
			opt->mode = i;
			return 0;
		}
	}
	return why_set(why, -EINVAL, "--mode=%.40s: must be real, protected or long", text);
}

static int parse_timeout(struct options *opt, const char *text, struct why *why)
{
	char *end;
	double seconds = strtod(text, &end);

	/* Written so that NaN, which compares with nothing, is refused too. */
	if (!isdigit((unsigned char)text[0]) || *end ||
	    !(seconds >= 0.001 && seconds <= TIMEOUT_MAX))
		return why_set(why, -EINVAL,
			       "--timeout=%.40s: must be a number of seconds from 0.001 to %d",
			       text, TIMEOUT_MAX);
	opt->timeout_ms = (unsigned)(seconds * 1000);
	return 0;
}

static int parse_mmu(struct options *opt, const char *text, struct why *why)
{
	int kind = find_name(text, mmu_names, ARRAY_SIZE(mmu_names));

	if (kind < 0)
		return why_set(why, kind, "--mmu=%.40s: must be shadow, shadow-cached or ept",
			       text);
	opt->mmu = (enum mmu_kind)kind;
	return 0;
}

static int parse_irqchip(struct options *opt, const char *text, struct why *why)
{
	static const char *const names[] = { "user", "kernel" };
	int kind = find_name(text, names, ARRAY_SIZE(names));

	if (kind < 0)
		return why_set(why, kind, "--irqchip=%.40s: must be user or kernel", text);
	opt->irqchip = (enum irqchip_kind)kind;
	return 0;
}

static int parse_vga(struct options *opt, const char *text, struct why *why)
{
	static const char *const names[] = { "none", "mmio", "coalesced", "ram" };
	int kind = find_name(text, names, ARRAY_SIZE(names));

	if (kind < 0)
		return why_set(why, kind, "--vga=%.40s: must be none, mmio, coalesced or ram",
			       text);
	opt->vga = (enum vga_kind)kind;
	return 0;
}

static int parse_doorbell(struct options *opt, const char *text, struct why *why)
{
	static const char *const names[] = { "exit", "eventfd" };
	int kind = find_name(text, names, ARRAY_SIZE(names));

	if (kind < 0)
		return why_set(why, kind, "--doorbell=%.40s: must be exit or eventfd", text);
	opt->doorbell = (enum doorbell_kind)kind;
	return 0;
}

static int parse_kicks(struct options *opt, const char *text, struct why *why)
{
	static const char *const names[] = { "exit", "eventfd" };
	int kind = find_name(text, names, ARRAY_SIZE(names));

	if (kind < 0)
		return why_set(why, kind, "--kicks=%.40s: must be exit or eventfd", text);
	opt->kicks_by_eventfd = kind;
	return 0;
}

/* A number in C's notation; the whole text, and no sign. */
static int parse_walk(struct options *opt, const char *text, struct why *why)
{
	char *end = "";

	errno = 0;
	if (isdigit((unsigned char)text[0]))
		opt->walk = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end || errno)
		return why_set(why, -EINVAL, "--walk=%.40s: not an address such as 0x100000", text);
	opt->has_walk = true;
	return 0;
}

static int set_option(struct options *opt, unsigned code, const char *value, struct why *why)
{
	switch (code) {
	case O_MEMORY:
		return parse_memory(opt, value, why);
	case O_MODE:
		return parse_mode(opt, value, why);
	case O_TIMEOUT:
		return parse_timeout(opt, value, why);
	case O_STATS:
		opt->stats = true;
		break;
	case O_KVM_STATS:
		opt->kvm_stats = true;
		break;
	case O_VERBOSE:
		opt->verbose = true;
		break;
	case O_REPORT:
		opt->report.path = value;
		break;
	case O_KVM:
		opt->kvm = value;
		break;
	case O_MMU:
		return parse_mmu(opt, value, why);
	case O_WALK:
		return parse_walk(opt, value, why);
	case O_WALK_SVG:
		opt->walk_svg.path = value;
		break;
	case O_DIRTY_LOG:
		opt->dirty_log = true;
		break;
	case O_LAZY:
		opt->lazy = true;
		break;
	case O_IRQCHIP:
		return parse_irqchip(opt, value, why);
	case O_VGA:
		return parse_vga(opt, value, why);
	case O_DOORBELL:
		return parse_doorbell(opt, value, why);
	case O_SCREEN:
		opt->screen.path = value;
		break;
	case O_DEVICE:
		if (opt->ndevices == OPTIONS_DEVICES)
			return why_set(why, -EINVAL, "--device: at most %u", OPTIONS_DEVICES);
		opt->device[opt->ndevices++] = value;
		break;
	case O_KICKS:
		return parse_kicks(opt, value, why);
	}
	return 0;
}

/* How --help of this lab explains the option; NULL: not at all. */
static const char *explained(unsigned i, unsigned lab)
{
	if (table[i].lab > lab || is_over(table[i].code, lab))
		return NULL;
	if (table[i].code == O_VERBOSE && lab >= 5)
		return "say each step of setting up, and why a virtio driver is refused";
	return table[i].help;
}

/* How to end a run by hand: from lab 04 on a terminal's keys are the guest's. */
static const char *leaving(unsigned lab)
{
	if (lab < 4)
		return "Ctrl-\\ shows where the guest is and ends the run.";
	return "With --irqchip=kernel a guest that halts does not end the run: KVM waits with it.\n"
	       "\n"
	       "A terminal's keys go to the guest: Ctrl-A x leaves (status 0), Ctrl-A Ctrl-A is\n"
	       "one Ctrl-A for it. SIGQUIT, which is Ctrl-\\ where standard input is no terminal,\n"
	       "shows where the guest is and ends the run.";
}

static void print_help(unsigned lab)
{
	printf("Usage: vmm [OPTION]... IMAGE\n"
	       "Run a guest image (flat binary, ELF32 or ELF64) on KVM. Lab %02u.\n\n",
	       lab);
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		const char *help = explained(i, lab);
		char left[48];

		if (!help)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", table[i].name, table[i].value ? "=" : "",
			 table[i].value ? table[i].value : "");
		printf("  %-20s %s\n", left, help);
	}
	printf("\nStatus: the byte that the guest wrote to port 0xf4; 0 if it halted; 1 the VMM\n"
	       "failed; 2 usage; 3 the guest died; 124 the time limit.\n%s\n",
	       leaving(lab));
}

static void fill_getopt(struct option *long_options)
{
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
		long_options[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].value ? required_argument : no_argument,
			.val = (int)i,
		};
}

/* getopt_long() said '?' or ':': put into words which of its reasons it was. */
static void explain_getopt(int c, char **argv, struct why *why)
{
	/* Amid letters, as in -xy, optind has not moved on to the next argument yet. */
	if (optopt >= ' ')
		why_set(why, -EINVAL, "-%c: no such option; see `vmm --help`", optopt);
	else
		why_set(why, -EINVAL, "%.60s: %s; see `vmm --help`", argv[optind - 1],
			c == ':' ? "needs a value" : "no such option, or used wrongly");
}

/* Has what --help and --version print arrived? */
static enum options_result printed(struct why *why)
{
	if (fflush(stdout) == 0)
		return OPTIONS_DONE;
	why_set(why, -errno, "stdout: %s", strerror(errno));
	return OPTIONS_WRONG;
}

enum options_result options_parse(struct options *opt, int argc, char **argv, unsigned lab,
				  struct why *why)
{
	struct option long_options[ARRAY_SIZE(table) + 1] = { 0 };
	int c;

	*opt = (struct options){ .memory = MEMORY_DEFAULT, .kvm = "/dev/kvm" };
	fill_getopt(long_options);
	optind = 0; /* start afresh, so that tests can parse many command lines */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (c == '?' || c == ':') {
			explain_getopt(c, argv, why);
			return OPTIONS_WRONG;
		}
		if (table[c].code == O_HELP) {
			print_help(lab);
			return printed(why);
		}
		if (table[c].code == O_VERSION) {
			puts(VERSION);
			return printed(why);
		}
		if (table[c].lab > lab) {
			why_set(why, -EINVAL, "--%s: not built yet in lab %02u; lab %02u adds it",
				table[c].name, lab, table[c].lab);
			return OPTIONS_WRONG;
		}
		if (is_over(table[c].code, lab)) {
			why_set(why, -EINVAL, "--%s: only lab 03 has it", table[c].name);
			return OPTIONS_WRONG;
		}
		if (table[c].value && !*optarg) {
			why_set(why, -EINVAL, "--%s: needs a value", table[c].name);
			return OPTIONS_WRONG;
		}
		if (set_option(opt, table[c].code, optarg, why))
			return OPTIONS_WRONG;
	}
	if (optind != argc - 1) {
		why_set(why, -EINVAL, "%s; see `vmm --help`",
			optind == argc ? "which guest image?" : "only one guest image can run");
		return OPTIONS_WRONG;
	}
	if (opt->walk_svg.path && !opt->has_walk) {
		why_set(why, -EINVAL, "--walk-svg: of which walk? add --walk=GVA");
		return OPTIONS_WRONG;
	}
	if (opt->screen.path && opt->vga == VGA_NONE) {
		why_set(why, -EINVAL, "--screen: there is none; add --vga=mmio or --vga=ram");
		return OPTIONS_WRONG;
	}
	opt->image = argv[optind];
	return OPTIONS_RUN;
}
