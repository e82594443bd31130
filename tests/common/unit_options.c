// SPDX-License-Identifier: MIT
/* The command line: each option, and each way to get one wrong. */
#include <string.h>

#include "capture.h"
#include "options.h"
#include "test.h"

#define LAB 2

struct parsed {
	enum options_result result;
	struct options opt;
	struct why why;
};

static struct parsed parse(unsigned lab, char **argv)
{
	struct parsed p = { 0 };
	int argc = 0;

	while (argv[argc])
		argc++;
	p.result = options_parse(&p.opt, argc, argv, lab, &p.why);
	return p;
}

/* PARSE("--stats", "image"): what `vmm --stats image` means */
#define PARSE(...) parse(LAB, (char *[]){ "vmm", ##__VA_ARGS__, NULL })

TEST("-", options_defaults, 0)
{
	struct parsed p = PARSE("image");

	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_STR(p.opt.image, "image");
	EXPECT_U64(p.opt.memory, 128ull << 20);
	EXPECT_U64(p.opt.mode, MODE_AUTO);
	EXPECT_U64(p.opt.timeout_ms, 0);
	EXPECT_STR(p.opt.kvm, "/dev/kvm");
	EXPECT_TRUE(!p.opt.report.path);
	EXPECT_TRUE(!p.opt.stats && !p.opt.kvm_stats && !p.opt.verbose);
}

TEST("-", options_each, 0)
{
	struct parsed p = PARSE("--memory=1M", "--mode=protected", "--timeout=2.5", "--stats",
				"--kvm-stats", "--verbose", "--report=r", "--kvm=k", "image");

	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_U64(p.opt.memory, 1 << 20);
	EXPECT_U64(p.opt.mode, MODE_PROTECTED);
	EXPECT_U64(p.opt.timeout_ms, 2500);
	EXPECT_TRUE(p.opt.stats && p.opt.kvm_stats && p.opt.verbose);
	EXPECT_STR(p.opt.report.path, "r");
	EXPECT_STR(p.opt.kvm, "k");
	EXPECT_STR(p.opt.image, "image");
	EXPECT_U64(PARSE("--mode=real", "i").opt.mode, MODE_REAL);
	EXPECT_U64(PARSE("--mode=long", "i").opt.mode, MODE_LONG);
}

TEST("-", options_in_any_order, 0)
{
	struct parsed p = PARSE("image", "--stats", "--memory", "1M", "--memory=2M");

	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_STR(p.opt.image, "image");
	EXPECT_TRUE(p.opt.stats);
	EXPECT_U64(p.opt.memory, 2 << 20);    /* the last one counts */
	p = PARSE("--verb", "--", "--stats"); /* the beginning of a name is enough */
	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_STR(p.opt.image, "--stats");
	EXPECT_TRUE(!p.opt.stats && p.opt.verbose);
}

TEST("-", options_memory_limits, 0)
{
	static const struct {
		char *arg;
		u64 memory;
	} rows[] = { { "--memory=64K", 64 << 10 },
		     { "--memory=3G", 3ull << 30 },
		     { "--memory=0x11000", 0x11000 } };

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct parsed p = PARSE(rows[i].arg, "image");

		CONTEXT("vmm %s image", rows[i].arg);
		EXPECT_U64(p.result, OPTIONS_RUN);
		EXPECT_U64(p.opt.memory, rows[i].memory);
	}
}

TEST("-", options_memory_from_lab_06_on, 0)
{
	static const struct {
		char *arg;
		u64 below, above;
	} rows[] = { { "--memory=64K", KiB(64), 0 },
		     { "--memory=3G", GiB(3), 0 },
		     { "--memory=3145732K", GiB(3), KiB(4) },
		     { "--memory=64G", GiB(3), GiB(61) } };
	struct parsed p;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		p = parse(6, (char *[]){ "vmm", rows[i].arg, "image", NULL });
		CONTEXT("vmm %s image", rows[i].arg);
		EXPECT_U64(p.result, OPTIONS_RUN);
		EXPECT_U64(p.opt.memory, rows[i].below);
		EXPECT_U64(p.opt.memory_above, rows[i].above);
	}
	p = parse(6, (char *[]){ "vmm", "--memory=67108868K", "image", NULL });
	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "must be from 64K to 64G");
	CONTEXT("the last one counts");
	p = parse(6, (char *[]){ "vmm", "--memory=8G", "--memory=1G", "image", NULL });
	EXPECT_U64(p.opt.memory, GiB(1));
	EXPECT_U64(p.opt.memory_above, 0);
}

TEST("-", options_msr, 0)
{
	static char *const wrong[] = { "--msr=5",
				       "--msr=5=",
				       "--msr=5=x",
				       "--msr=-5=1",
				       "--msr=5=1x",
				       "--msr=5=-1",
				       "--msr==1",
				       "--msr=0x100000000=1",
				       "--msr=1=0x10000000000000000" };
	char *args[20] = { "vmm" }, text[17][20];
	struct parsed p = parse(6, (char *[]){ "vmm", "--msr=0x8b=0xffffffffffffffff", "--msr=16=7",
					       "image", NULL });

	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_U64(p.opt.msrs.count, 2);
	EXPECT_U64(p.opt.msrs.number[0], 0x8b);
	EXPECT_U64(p.opt.msrs.value[0], UINT64_MAX);
	EXPECT_U64(p.opt.msrs.number[1], 16);
	EXPECT_U64(p.opt.msrs.value[1], 7);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		CONTEXT("vmm %s image", wrong[i]);
		p = parse(6, (char *[]){ "vmm", wrong[i], "image", NULL });
		EXPECT_U64(p.result, OPTIONS_WRONG);
		EXPECT_CONTAINS(p.why.text, "--msr=");
	}
	p = parse(6, (char *[]){ "vmm", "--msr=1=1", "--msr=0x1=2", "image", NULL });
	EXPECT_CONTAINS(p.why.text, "this one was given before");
	for (unsigned i = 0; i < 17; i++) {
		snprintf(text[i], sizeof(text[i]), "--msr=%u=1", i);
		args[1 + i] = text[i];
	}
	args[18] = "image";
	CONTEXT("seventeen of them");
	p = parse(6, args);
	EXPECT_CONTAINS(p.why.text, "--msr: at most 16");
	args[17] = "image";
	args[18] = NULL;
	EXPECT_U64(parse(6, args).result, OPTIONS_RUN);
}

TEST("-", options_timeout_limits, 0)
{
	EXPECT_U64(PARSE("--timeout=0.001", "i").opt.timeout_ms, 1);
	EXPECT_U64(PARSE("--timeout=1", "i").opt.timeout_ms, 1000);
	EXPECT_U64(PARSE("--timeout=86400", "i").opt.timeout_ms, 86400000);
}

/* Each row is an option (or two arguments), refused with this text. */
static const struct {
	char *arg;
	const char *why;
} refused[] = {
	{ "--memory=0", "--memory=0: must be from 64K to 3G" },
	{ "--memory=60K", "--memory=60K: must be from 64K to 3G" },
	{ "--memory=4G", "--memory=4G: must be from 64K to 3G" },
	{ "--memory=3145732K", "--memory=3145732K: must be from 64K to 3G" }, /* 3G and a page */
	{ "--memory=65537", "--memory=65537: not a multiple of 4K" },
	{ "--memory=100000", "--memory=100000: not a multiple of 4K" },
	{ "--memory=-1", "--memory=-1: not a size" },
	{ "--memory=lots", "--memory=lots: not a size" },
	{ "--memory=99999999999999999999", "not a size" },
	{ "--memory=", "--memory: needs a value" },
	{ "--mode=virtual", "--mode=virtual: must be real, protected or long" },
	{ "--mode=auto", "--mode=auto: must be real, protected or long" },
	{ "--mode=Real", "--mode=Real: must be real, protected or long" },
	{ "--mode=", "--mode: needs a value" },
	{ "--timeout=0", "--timeout=0: must be a number of seconds from 0.001 to 86400" },
	{ "--timeout=0.0009", "must be a number of seconds" },
	{ "--timeout=86401", "must be a number of seconds" },
	{ "--timeout=-1", "must be a number of seconds" },
	{ "--timeout=1s", "must be a number of seconds" },
	{ "--timeout=nan", "must be a number of seconds" },
	{ "--timeout=inf", "must be a number of seconds" },
	{ "--timeout=1e999", "must be a number of seconds" },
	{ "--timeout= 1", "must be a number of seconds" },
	{ "--timeout=", "--timeout: needs a value" },
	{ "--report=", "--report: needs a value" },
	{ "--kvm=", "--kvm: needs a value" },
	{ "--stats=yes", "--stats=yes: no such option, or used wrongly" },
	{ "--cpus=1", "--cpus=1: no such option" },
	{ "--cpus", "--cpus: no such option" },
	{ "--k", "--k: no such option, or used wrongly" }, /* kvm or kvm-stats? */
	{ "-x", "-x: no such option" },
	{ "-xy", "-x: no such option" },
	{ "-memory=1M", "-m: no such option" },
};

TEST("-", options_refused, 0)
{
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		struct parsed p = PARSE(refused[i].arg, "image");

		CONTEXT("vmm %s image", refused[i].arg);
		EXPECT_U64(p.result, OPTIONS_WRONG);
		EXPECT_CONTAINS(p.why.text, refused[i].why);
	}
}

TEST("-", options_missing_value, 0)
{
	struct parsed p = PARSE("image", "--memory");

	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "--memory: needs a value");
}

TEST("-", options_one_image, 0)
{
	struct parsed p = PARSE();

	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "which guest image?");
	p = PARSE("--stats");
	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "which guest image?");
	p = PARSE("one", "--stats", "two");
	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "only one guest image can run");
}

/* Options that a later lab brings, each with a value that is good there. */
static const struct {
	char *arg;
	unsigned lab;
} later[] = {
	{ "--mmu=ept", 3 },    { "--walk=0x1000", 3 }, { "--irqchip=user", 4 },
	{ "--vga=mmio", 4 },   { "--screen=file", 4 }, { "--doorbell=exit", 4 },
	{ "--device=rng", 5 },
};

TEST("-", options_of_later_labs_name_their_lab, 0)
{
	for (unsigned i = 0; i < ARRAY_SIZE(later); i++) {
		size_t name = strcspn(later[i].arg, "=");
		char want[100];

		for (unsigned lab = 2; lab < later[i].lab; lab++) {
			struct parsed p = parse(lab, (char *[]){ "vmm", later[i].arg, "i", NULL });

			CONTEXT("lab %u: vmm %s i", lab, later[i].arg);
			snprintf(want, sizeof(want), "%.*s: not built yet in lab %02u; lab %02u",
				 (int)name, later[i].arg, lab, later[i].lab);
			EXPECT_U64(p.result, OPTIONS_WRONG);
			EXPECT_CONTAINS(p.why.text, want);
		}
	}
}

TEST("-", options_of_lab_03_alone, 0)
{
	static char *const args[] = { "--mmu=ept", "--mmu=shadow", "--lazy" };

	for (unsigned lab = 3; lab <= 5; lab++) {
		struct capture c = capture_begin(1);
		char *text;

		parse(lab, (char *[]){ "vmm", "--help", NULL });
		text = capture_end(&c);
		CONTEXT("lab %u: what is refused is not offered, nor advised", lab);
		EXPECT_TRUE(!strstr(text, "--mmu=KIND") == (lab > 3));
		EXPECT_TRUE(!strstr(text, "--lazy") == (lab > 3));
		for (unsigned i = 0; i < ARRAY_SIZE(args); i++) {
			struct parsed p = parse(lab, (char *[]){ "vmm", args[i], "i", NULL });

			EXPECT_U64(p.result, lab == 3 ? OPTIONS_RUN : OPTIONS_WRONG);
			EXPECT_CONTAINS(p.why.text, lab == 3 ? "" : ": only lab 03 has it");
		}
	}
}

TEST("-", options_of_lab_04, 0)
{
	static const char *const wrong[][2] = {
		{ "--irqchip=none", "--irqchip=none: must be user or kernel" },
		{ "--vga=svga", "--vga=svga: must be none, mmio, coalesced or ram" },
		{ "--doorbell=", "--doorbell: needs a value" },
		{ "--doorbell=irq", "--doorbell=irq: must be exit or eventfd" },
		{ "--screen=file", "--screen: there is none; add --vga=mmio or --vga=ram" },
	};
	struct parsed p = parse(4, (char *[]){ "vmm", "image", NULL });

	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_TRUE(p.opt.irqchip == IRQCHIP_USER && p.opt.vga == VGA_NONE &&
		    p.opt.doorbell == DOORBELL_EXIT && !p.opt.screen.path);
	p = parse(4, (char *[]){ "vmm", "--irqchip=kernel", "--vga=ram", "--screen=file",
				 "--doorbell=eventfd", "image", NULL });
	EXPECT_U64(p.result, OPTIONS_RUN);
	EXPECT_TRUE(p.opt.irqchip == IRQCHIP_KERNEL && p.opt.vga == VGA_RAM &&
		    p.opt.doorbell == DOORBELL_EVENTFD);
	EXPECT_STR(p.opt.screen.path, "file");
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		p = parse(4, (char *[]){ "vmm", (char *)wrong[i][0], "image", NULL });
		CONTEXT("vmm %s image", wrong[i][0]);
		EXPECT_U64(p.result, OPTIONS_WRONG);
		EXPECT_CONTAINS(p.why.text, wrong[i][1]);
	}
}

TEST("-", options_refusals_of_any_length_stay_whole, 0)
{
	char arg[2000];
	struct parsed p;

	memset(arg, 'x', sizeof(arg));
	memcpy(arg, "--memory=", strlen("--memory="));
	arg[sizeof(arg) - 1] = 0;
	p = PARSE(arg, "image");
	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "xxx: not a size; write for example 64M");
	memcpy(arg, "--nosuch=", strlen("--nosuch="));
	p = PARSE(arg, "image");
	EXPECT_U64(p.result, OPTIONS_WRONG);
	EXPECT_CONTAINS(p.why.text, "see `vmm --help`");
}

TEST("-", options_help_and_version, 0)
{
	static const char *const here[] = { "--memory=SIZE", "--mode=MODE", "--timeout=SECONDS",
					    "--stats",	     "--kvm-stats", "--verbose",
					    "--report=FILE", "--kvm=PATH",  "--help",
					    "--version" };
	struct capture c = capture_begin(1);
	enum options_result result = PARSE("--help").result;
	char *text = capture_end(&c);

	EXPECT_U64(result, OPTIONS_DONE);
	EXPECT_CONTAINS(text, "Usage: vmm [OPTION]... IMAGE\n");
	for (unsigned i = 0; i < ARRAY_SIZE(here); i++)
		EXPECT_CONTAINS(text, here[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(later); i++) {
		char name[20];

		snprintf(name, sizeof(name), "%.*s=", (int)strcspn(later[i].arg, "="),
			 later[i].arg);
		EXPECT_TRUE(!strstr(text, name), "the help of lab 02 names %s", name);
	}
	c = capture_begin(1);
	result = PARSE("--version").result;
	text = capture_end(&c);
	EXPECT_U64(result, OPTIONS_DONE);
	EXPECT_TRUE(!strncmp(text, "vmmlab ", 7), "%s", text);
}

/* What --help of this lab says. */
static char *help_of(unsigned lab)
{
	struct capture c = capture_begin(1);

	parse(lab, (char *[]){ "vmm", "--help", NULL });
	return capture_end(&c);
}

TEST("-", options_help_fits_the_lab, 0)
{
	for (unsigned lab = 2; lab <= 5; lab++) {
		char *text = help_of(lab);

		CONTEXT("lab %u: at a terminal labs 04 and 05 leave the keys to the guest", lab);
		EXPECT_U64(strstr(text, "Ctrl-A x leaves") != NULL, lab >= 4);
		EXPECT_U64(strstr(text, "Ctrl-\\ shows where") != NULL, lab < 4);
		CONTEXT("lab %u: only lab 03 has these", lab);
		EXPECT_U64(strstr(text, "--mmu=") != NULL, lab == 3);
		EXPECT_U64(strstr(text, "--lazy") != NULL, lab == 3);
	}
}

TEST("-", options_mode_names, 0)
{
	EXPECT_STR(cpu_mode_name(MODE_AUTO), "auto");
	EXPECT_STR(cpu_mode_name(MODE_REAL), "real");
	EXPECT_STR(cpu_mode_name(MODE_PROTECTED), "protected");
	EXPECT_STR(cpu_mode_name(MODE_LONG), "long");
}
