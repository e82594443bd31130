// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "version.h"

#define MEMORY_DEFAULT MiB(128)
#define MEMORY_MIN     KiB(64)
#define TIMEOUT_MAX    86400

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

struct row;
/* Reads a value into a field of struct options, whose type it knows. 0, or an errno and why. */
typedef int setter(void *field, const struct row *row, const char *text, struct why *why);

/* An option, and all that there is to say about it. */
struct row {
	const char *name, *value, *help;
	unsigned from, to; /* the labs that have it; to 0: it stays */
	setter *set;
	size_t field;		    /* its offset in struct options */
	const char *const *choices; /* for set_choice */
};

static int set_flag(void *field, const struct row *row, const char *text, struct why *why)
{
	*(bool *)field = true;
	return 0;
}

static int set_text(void *field, const struct row *row, const char *text, struct why *why)
{
	*(const char **)field = text;
	return 0;
}

/* An enum: the place of the text among the choices. (An empty choice is what no option means.) */
static int set_choice(void *field, const struct row *row, const char *text, struct why *why)
{
	char all[100] = "";
	size_t len = 0;

	for (unsigned i = 0; row->choices[i]; i++) {
		const char *choice = row->choices[i];

		if (!strcmp(text, choice)) {
			*(unsigned *)field = i;
			return 0;
		}
		if (*choice)
			len += snprintf(all + len, sizeof(all) - len, "%s%s",
					!len		      ? ""
					: row->choices[i + 1] ? ", "
							      : " or ",
					choice);
	}
	return why_set(why, -EINVAL, "--%s=%.40s: must be %s", row->name, text, all);
}

static int set_size(u64 *memory, const char *text, u64 most, const char *in_words, struct why *why)
{
	if (size_parse(text, memory))
		return why_set(why, -EINVAL, "--memory=%.40s: not a size; write for example 64M",
			       text);
	if (*memory % PAGE_SIZE_4K)
		return why_set(why, -EINVAL, "--memory=%.40s: not a multiple of 4K, the page size",
			       text);
	if (*memory < MEMORY_MIN || *memory > most)
		return why_set(why, -EINVAL, "--memory=%.40s: must be from 64K to %s", text,
			       in_words);
	return 0;
}

static int set_memory(void *field, const struct row *row, const char *text, struct why *why)
{
	return set_size(field, text, MEMORY_MAX, "3G", why);
}

/* What has no room below the devices goes above them. */
static int set_more_memory(void *field, const struct row *row, const char *text, struct why *why)
{
	struct options *opt = container_of((u64 *)field, struct options, memory);
	u64 all = 0;
	int err = set_size(&all, text, GiB(64), "64G", why);

	if (err)
		return err;
	opt->memory = min_u64(all, MEMORY_MAX);
	opt->memory_above = all - opt->memory;
	return 0;
}

static int set_timeout(void *field, const struct row *row, const char *text, struct why *why)
{
	char *end;
	double seconds = strtod(text, &end);

	/* Written so that NaN, which compares with nothing, is refused too. */
	if (!isdigit((unsigned char)text[0]) || *end ||
	    !(seconds >= 0.001 && seconds <= TIMEOUT_MAX))
		return why_set(why, -EINVAL,
			       "--timeout=%.40s: must be a number of seconds from 0.001 to %d",
			       text, TIMEOUT_MAX);
	*(unsigned *)field = (unsigned)(seconds * 1000);
	return 0;
}

/* A number in C's notation; the whole text, and no sign. */
static int set_walk(void *field, const struct row *row, const char *text, struct why *why)
{
	struct walk_option *walk = field;
	char *end = "";

	errno = 0;
	if (isdigit((unsigned char)text[0]))
		walk->gva = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end || errno)
		return why_set(why, -EINVAL, "--walk=%.40s: not an address such as 0x100000", text);
	walk->wanted = true;
	return 0;
}

static int set_trace(void *field, const struct row *row, const char *text, struct why *why)
{
	struct trace_options *trace = field;
	trace_writer *writer = trace_writer_of(&text);

	if (!writer)
		return why_set(why, -EINVAL, "--trace=%.40s: must end with %s", text, TRACE_FORMS);
	if (trace->count == OPTIONS_TRACES)
		return why_set(why, -EINVAL, "--trace: at most %u", OPTIONS_TRACES);
	trace->writer[trace->count] = writer;
	trace->to[trace->count++].path = text;
	return 0;
}

static int set_device(void *field, const struct row *row, const char *text, struct why *why)
{
	struct device_options *devices = field;

	if (devices->count == OPTIONS_DEVICES)
		return why_set(why, -EINVAL, "--device: at most %u", OPTIONS_DEVICES);
	devices->text[devices->count++] = text;
	return 0;
}

/* Both numbers in C's notation: NUMBER=VALUE. */
static int set_msr(void *field, const struct row *row, const char *text, struct why *why)
{
	struct msr_options *msrs = field;
	char *equals = "", *end = "";
	u64 number = 0, value = 0;

	errno = 0;
	if (isdigit((unsigned char)text[0]))
		number = strtoull(text, &equals, 0);
	if (!isdigit((unsigned char)text[0]) || *equals != '=' ||
	    !isdigit((unsigned char)equals[1]) || number > UINT32_MAX)
		return why_set(why, -EINVAL, "--msr=%.40s: write for example 0x8b=0x100", text);
	value = strtoull(equals + 1, &end, 0);
	if (*end || errno)
		return why_set(why, -EINVAL, "--msr=%.40s: the value is no number of 64 bits",
			       text);
	for (unsigned i = 0; i < msrs->count; i++)
		if (msrs->number[i] == number)
			return why_set(why, -EINVAL, "--msr=%.40s: this one was given before",
				       text);
	if (msrs->count == OPTIONS_MSRS)
		return why_set(why, -EINVAL, "--msr: at most %u", OPTIONS_MSRS);
	msrs->number[msrs->count] = (u32)number;
	msrs->value[msrs->count++] = value;
	return 0;
}

/* --- the table --- */

static const char *const modes[] = { [MODE_AUTO] = "",
				     [MODE_REAL] = "real",
				     [MODE_PROTECTED] = "protected",
				     [MODE_LONG] = "long",
				     NULL };
static const char *const mmus[] = {
	[MMU_EPT] = "ept", [MMU_SHADOW] = "shadow", [MMU_SHADOW_CACHED] = "shadow-cached", NULL
};
static const char *const irqchips[] = {
	[IRQCHIP_USER] = "user", [IRQCHIP_KERNEL] = "kernel", NULL
};
static const char *const vgas[] = { [VGA_NONE] = "none",
				    [VGA_MMIO] = "mmio",
				    [VGA_COALESCED] = "coalesced",
				    [VGA_RAM] = "ram",
				    NULL };
static const char *const doorbells[] = {
	[DOORBELL_EXIT] = "exit", [DOORBELL_EVENTFD] = "eventfd", NULL
};

static const char *const cpu_levels[] = {
	[CPU_ALL] = "", [CPU_V1] = "x86-64", [CPU_V2] = "x86-64-v2", [CPU_V3] = "x86-64-v3", NULL
};

#define FIELD(name) offsetof(struct options, name)

/* clang-format off */
static const struct row table[] = {
	{ "memory", "SIZE", "guest memory, with K, M or G (default 128M, at most 3G)",
	  2, 5, set_memory, FIELD(memory), NULL },
	{ "memory", "SIZE", "guest memory, with K, M or G (default 128M, at most 64G)",
	  6, 0, set_more_memory, FIELD(memory), NULL },
	{ "mode", "MODE", "start in real, protected or long mode (default: by image)",
	  2, 0, set_choice, FIELD(mode), modes },
	{ "mmu", "KIND", "who translates: ept (default), shadow or shadow-cached",
	  3, 3, set_choice, FIELD(mmu), mmus },
	{ "walk", "GVA", "print the walk of one guest-virtual address at the end",
	  3, 0, set_walk, FIELD(walk), NULL },
	{ "walk-svg", "FILE", "draw that walk, too",
	  3, 0, set_text, FIELD(walk_svg.path), NULL },
	{ "dirty-log", NULL, "print the pages that the guest has written at the end",
	  3, 0, set_flag, FIELD(dirty_log), NULL },
	{ "lazy", NULL, "give the guest memory page by page, when it is touched",
	  3, 3, set_flag, FIELD(lazy), NULL },
	{ "irqchip", "WHERE", "interrupt controller and timer: user (default), kernel",
	  4, 0, set_choice, FIELD(irqchip), irqchips },
	{ "vga", "HOW", "text screen: mmio (each store is an exit), coalesced (few are), ram (none)",
	  4, 0, set_choice, FIELD(vga), vgas },
	{ "screen", "FILE", "write the 4000 bytes of the text screen at the end",
	  4, 0, set_text, FIELD(screen.path), NULL },
	{ "doorbell", "HOW", "how it rings: exit (default) or eventfd",
	  4, 0, set_choice, FIELD(doorbell), doorbells },
	{ "device", "KIND[,KEY=VALUE...]", "add a virtio device: rng, console, blk, net",
	  5, 0, set_device, FIELD(devices), NULL },
	{ "notify", "HOW", "how virtio drivers notify: exit (default) or eventfd",
	  5, 0, set_choice, FIELD(notify), doorbells },
	{ "no-sandbox", NULL, "let the VMM do all that you may, while the guest runs, too",
	  5, 0, set_flag, FIELD(no_sandbox), NULL },
	{ "initrd", "FILE", "what a Linux kernel unpacks as its first file system",
	  6, 0, set_text, FIELD(initrd), NULL },
	{ "append", "TEXT", "the command line of a Linux kernel",
	  6, 0, set_text, FIELD(append), NULL },
	{ "no-acpi", NULL, "give the guest no ACPI tables",
	  6, 0, set_flag, FIELD(acpi_off), NULL },
	{ "cpu", "LEVEL", "the CPU has this level's features and no more (default: all)",
	  6, 0, set_choice, FIELD(cpu_level), cpu_levels },
	{ "msr", "NUMBER=VALUE", "a model-specific register that the VMM answers for",
	  6, 0, set_msr, FIELD(msrs), NULL },
	{ "timeout", "SECONDS", "stop the guest after so long (status 124)",
	  2, 0, set_timeout, FIELD(timeout_ms), NULL },
	{ "stats", NULL, "print a summary of exits by reason at the end",
	  2, 0, set_flag, FIELD(stats), NULL },
	{ "kvm-stats", NULL, "print KVM's own counters at the end",
	  2, 0, set_flag, FIELD(kvm_stats), NULL },
	{ "verbose", NULL, "say each step of setting up",
	  2, 4, set_flag, FIELD(verbose), NULL },
	{ "verbose", NULL, "say each step of setting up, and why a virtio driver is refused",
	  5, 0, set_flag, FIELD(verbose), NULL },
	{ "trace", "FILE", "show what happened: a page FILE.html, FILE.json for Perfetto, or a picture",
	  2, 0, set_trace, FIELD(trace), NULL },
	{ "live", NULL, "draw what happens at the top of the terminal, ten times a second",
	  2, 0, set_flag, FIELD(live), NULL },
	{ "report", "FILE", "write a machine-readable report at the end",
	  2, 0, set_text, FIELD(report.path), NULL },
	{ "kvm", "PATH", "the KVM device (default /dev/kvm)",
	  2, 0, set_text, FIELD(kvm), NULL },
	{ "help", NULL, "print this", 0, 0, NULL, 0, NULL },
	{ "version", NULL, "print the version", 0, 0, NULL, 0, NULL },
};
/* clang-format on */

static bool is_over(const struct row *row, unsigned lab)
{
	return row->to && row->to < lab;
}

/* The row for that lab, where the text differs by lab; or the only one. */
static const struct row *row_of(unsigned i, unsigned lab)
{
	const struct row *row = &table[i];

	return is_over(row, lab) && !strcmp(row->name, row[1].name) ? row + 1 : row;
}

const char *cpu_level_name(enum cpu_level level)
{
	return cpu_levels[level];
}

const char *cpu_mode_name(enum cpu_mode mode)
{
	return mode == MODE_AUTO ? "auto" : modes[mode];
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
		char left[48];

		if (table[i].from > lab || is_over(&table[i], lab))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", table[i].name, table[i].value ? "=" : "",
			 table[i].value ? table[i].value : "");
		printf("  %-20s %s\n", left, table[i].help);
	}
	printf("\nStatus: the byte that the guest wrote to port 0xf4; 0 if it halted; 1 the VMM\n"
	       "failed; 2 usage; 3 the guest died; 124 the time limit.\n%s\n",
	       leaving(lab));
}

static void fill_getopt(struct option *next)
{
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
		if (i == 0 || strcmp(table[i].name, table[i - 1].name) != 0) /* see row_of() */
			*next++ = (struct option){
				.name = table[i].name,
				.has_arg = table[i].value ? required_argument : no_argument,
				.val = (int)i,
			};
}

/* getopt_long() said '?' or ':': put into words which of its reasons it was. */
static enum options_result explain_getopt(int c, char **argv, struct why *why)
{
	/* Amid letters, as in -xy, optind has not moved on to the next argument yet. */
	if (optopt >= ' ')
		return why_set(why, OPTIONS_WRONG, "-%c: no such option; see `vmm --help`", optopt);
	return why_set(why, OPTIONS_WRONG, "%.60s: %s; see `vmm --help`", argv[optind - 1],
		       c == ':' ? "needs a value" : "no such option, or used wrongly");
}

/* One option. OPTIONS_RUN: on to the next. */
static enum options_result take(struct options *opt, const struct row *row, unsigned lab,
				struct why *why)
{
	if (row->from > lab)
		return why_set(why, OPTIONS_WRONG,
			       "--%s: not built yet in lab %02u; lab %02u adds it", row->name, lab,
			       row->from);
	if (is_over(row, lab))
		return why_set(why, OPTIONS_WRONG, "--%s: only lab %02u has it", row->name,
			       row->to);
	if (row->value && !*optarg)
		return why_set(why, OPTIONS_WRONG, "--%s: needs a value", row->name);
	if (row->set)
		return row->set((char *)opt + row->field, row, optarg, why) ? OPTIONS_WRONG
									    : OPTIONS_RUN;
	if (!strcmp(row->name, "help"))
		print_help(lab);
	else
		puts(VMMLAB_VERSION);
	if (fflush(stdout))
		return why_set(why, OPTIONS_WRONG, "stdout: %s", strerror(errno));
	return OPTIONS_DONE;
}

/* What no option can say of itself alone. */
static enum options_result check(const struct options *opt, struct why *why)
{
	if (opt->walk_svg.path && !opt->walk.wanted)
		return why_set(why, OPTIONS_WRONG, "--walk-svg: of which walk? add --walk=GVA");
	if (opt->screen.path && opt->vga == VGA_NONE)
		return why_set(why, OPTIONS_WRONG,
			       "--screen: there is none; add --vga=mmio or --vga=ram");
	/* KVM forgets what it has logged when it is asked, and the screen is drawn by it. */
	if (opt->dirty_log && opt->vga == VGA_RAM)
		return why_set(why, OPTIONS_WRONG,
			       "--dirty-log: not with --vga=ram, which needs the log itself");
	return OPTIONS_RUN;
}

enum options_result options_parse(struct options *opt, int argc, char **argv, unsigned lab,
				  struct why *why)
{
	struct option long_options[ARRAY_SIZE(table) + 1] = { 0 };
	enum options_result result;
	int c;

	*opt = (struct options){ .memory = MEMORY_DEFAULT, .kvm = "/dev/kvm", .walk.pagemap = -1 };
	fill_getopt(long_options);
	optind = 0; /* start afresh, so that tests can parse many command lines */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (c == '?' || c == ':')
			return explain_getopt(c, argv, why);
		result = take(opt, row_of((unsigned)c, lab), lab, why);
		if (result != OPTIONS_RUN)
			return result;
	}
	if (optind != argc - 1)
		return why_set(why, OPTIONS_WRONG, "%s; see `vmm --help`",
			       optind == argc ? "which guest image?"
					      : "only one guest image can run");
	opt->image = argv[optind];
	return check(opt, why);
}
