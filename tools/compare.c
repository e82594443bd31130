// SPDX-License-Identifier: MIT
/*
 * compare: each guest under QEMU and under our VMM. The same bytes, the same status?
 *
 * QEMU is the oracle that nobody here wrote. A guest with `# qemu: yes` runs there and in our VMM,
 * through each of its doors: both print what its header promises, and with random nonces the same.
 * `# qemu: q35`: the text screen is compared. `# devices: blk`: so are the disks afterwards, for
 * each kind of notification and of interrupt controller.
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compared/compared.h"
#include "difference.h"
#include "guest_header.h"
#include "nonce.h"
#include "proc.h"
#include "qemu.h"
#include "said.h"
#include "tasks.h"
#include "types.h"

enum { SAME = 0, DIFFERENT = 1, USAGE = 2, ENVIRONMENT = 3 };

/* --- running --- */

static void run_qemu(const struct guest *g, const char *image, struct outcome *o)
{
	static struct device_options devices;
	const char *disk;

	*o = (struct outcome){ .who = "QEMU", .status = g->h.status };
	disk = guest_disk_make(&g->h);
	qemu_devices(&g->h, disk, &devices);
	if (g->h.screen)
		qemu_run_screen(image, g->h.prints_len, compared_limit(), &o->run, o->screen,
				o->trouble, sizeof(o->trouble));
	else
		qemu_run_with(&devices, image, "tcg", compared_limit(), &o->run, &o->status,
			      o->trouble, sizeof(o->trouble));
	if (guest_disk_take(&g->h, disk, o->disk))
		snprintf(o->trouble, sizeof(o->trouble), "its disk is not what it was");
}

/* --- comparing --- */

static void print_failed(const struct guest *g, u64 nonce)
{
	printf("  FAIL  %s", g->name);
	if (nonce)
		printf(" with nonce 0x%016llx", (unsigned long long)nonce);
	putchar('\n');
}

static struct side side(const struct outcome *o)
{
	return (struct side){ o->who, o->run.out, o->run.out_len, o->screen };
}

/* True if b printed and drew what a did, and ended as a did; else says what differs. */
static bool same(const struct guest *g, u64 nonce, const struct outcome *a, const struct outcome *b)
{
	struct side of_a = side(a), of_b = side(b);
	bool same_disk = memcmp(a->disk, b->disk, sizeof(a->disk)) == 0;

	if (!b->trouble[0] && sides_agree(&of_a, &of_b) && a->status == b->status && same_disk)
		return true;
	print_failed(g, nonce);
	print_difference(&of_a, &of_b);
	if (b->trouble[0])
		printf("        %s: %s\n", b->who, b->trouble);
	else if (a->status != b->status)
		printf("        the status differs: %s %d, %s %d\n", a->who, a->status, b->who,
		       b->status);
	else if (!same_disk)
		printf("        the disk is not the same afterwards\n");
	if (b->run.err_len)
		printf("        stderr of %s: %.*s\n", b->who, (int)strcspn(b->run.err, "\n"),
		       b->run.err);
	return false;
}

/* How our VMM can run a guest: its doors, kinds of screen, or of notifications. Ends with no name.
 */
static const struct way *ways(const struct guest *g)
{
	static const struct way doors[] = { { .who = "long", .mode = "long" },
					    { .who = "protected", .mode = "protected" },
					    {} };
	static const struct way screens[] = {
		{ .who = "mmio", .mode = "long", .vga = "mmio" },
		{ .who = "coalesced", .mode = "long", .vga = "coalesced" },
		{ .who = "ram", .mode = "long", .vga = "ram" },
		{}
	};
	static const struct way notify[] = {
		{ .who = "long", .mode = "long" },
		{ .who = "protected", .mode = "protected" },
		{ .who = "eventfd", .mode = "long", .notify = "--notify=eventfd" },
		{ .who = "kernel", .mode = "long", .irqchip = "--irqchip=kernel" },
		{ "irqfd", "long", NULL, "--irqchip=kernel", "--notify=eventfd" },
		{}
	};

	if (g->h.screen)
		return screens;
	if (g->h.ndevices)
		return notify;
	return g->h.mode == GUEST_LONG ? doors : doors + 1;
}

/* One image, which has this nonce: QEMU, and what our VMM made of it by each door. */
static bool compare_image(const struct guest *g, const char *image, u64 nonce,
			  const struct vmm_run *runs, unsigned n)
{
	static struct outcome header, qemu; /* with their screens they are large */
	bool ok = true;

	header = (struct outcome){ .who = "header", .status = g->h.status };
	header.run.out = g->h.prints;
	header.run.out_len = g->h.prints_len;
	run_qemu(g, image, &qemu);
	memcpy(header.screen, qemu.screen, sizeof(header.screen)); /* of which it says nothing */
	memcpy(header.disk, qemu.disk, sizeof(header.disk));
	if (qemu.trouble[0]) {
		print_failed(g, nonce);
		printf("        QEMU: %s\n", qemu.trouble);
		ok = false;
	} else if (nonce == 0) {
		ok = same(g, nonce, &header, &qemu);
	}
	for (unsigned i = 0; ok && i < n; i++)
		if (runs[i].nonce == nonce)
			ok = same(g, nonce, &qemu, &runs[i].o);
	proc_free(&qemu.run);
	return ok;
}

/* All ways of this image. Returns how many runs there are now. */
static unsigned plan(const struct settings *set, const struct guest *g, const char *image,
		     u64 nonce, struct vmm_run *runs, unsigned n)
{
	for (const struct way *way = ways(g); way->who && n < RUNS_MAX; way++) {
		/* In an emulated machine each takes its time: a random nonce goes the last one. */
		if (nonce && way[1].who && strcmp(set->engine, "native") != 0)
			continue;
		runs[n] = (struct vmm_run){ .image = image, .nonce = nonce, .way = way };
		n++;
	}
	return n;
}

/* The image as it is, and copies of it with random nonces, if it has room for one. */
static bool compare_images(const struct settings *set, const struct guest *g, unsigned nonces)
{
	static struct vmm_run runs[RUNS_MAX];
	char copy[NONCES_MAX][PATH_MAX];
	u64 nonce[NONCES_MAX];
	unsigned made = 0, n = plan(set, g, g->image, 0, runs, 0);
	bool ok = true;
	int ret = 0;

	for (; made < nonces && !ret; made += !ret) {
		nonce[made] = nonce_random();
		ret = nonce_patch(g->image, nonce[made], copy[made], sizeof(copy[0]));
		if (!ret)
			n = plan(set, g, copy[made], nonce[made], runs, n);
	}
	if (ret) {
		print_failed(g, nonce[made]);
		printf("        no copy with this nonce: %s\n", strerror(-ret));
		ok = false;
	} else {
		vmm_runs(set, g, runs, n);
		ok = compare_image(g, g->image, 0, runs, n);
		for (unsigned i = 0; ok && i < made; i++)
			ok = compare_image(g, copy[i], nonce[i], runs, n);
		for (unsigned i = 0; i < n; i++)
			proc_free(&runs[i].o.run);
	}
	while (made--)
		unlink(copy[made]);
	return ok;
}

static bool compare_guest(const struct settings *set, const struct guest *g)
{
	bool has_nonce;
	u64 offset;

	if (access(g->image, R_OK) < 0) {
		print_failed(g, 0);
		printf("        %s: %s\n", g->image, strerror(errno));
		return false;
	}
	has_nonce = nonce_find(g->image, &offset) != -ENODATA;
	if (!compare_images(set, g, has_nonce ? set->nonces : 0))
		return false;
	printf("  ok    %-16sQEMU", g->name);
	for (const struct way *way = ways(g); way->who; way++)
		printf(" = %s", way->who);
	if (has_nonce)
		printf(", also with random nonces (%u)", set->nonces);
	putchar('\n');
	return true;
}

/* --- what is asked for --- */

static int guest_open(const struct settings *set, const char *source, struct guest *g)
{
	const char *base = strrchr(source, '/') + 1;
	char why[PATH_MAX + 128];
	int ret = guest_header_read(source, &g->h, why, sizeof(why));

	if (ret) {
		fprintf(stderr, "compare: %s\n", why);
		return ret;
	}
	snprintf(g->name, sizeof(g->name), "%.*s", (int)strcspn(base, "."), base);
	snprintf(g->image, sizeof(g->image), "%s/guests/%s/%s.%s", set->build, set->lab, g->name,
		 g->h.mode == GUEST_REAL ? "bin" : "elf");
	return 0;
}

/* Print what a guest should print; returns its status. */
static int expect(const struct settings *set, const char *source)
{
	static struct outcome qemu;
	struct guest g;
	int status;

	if (guest_open(set, source, &g))
		return USAGE;
	if (g.h.qemu) {
		run_qemu(&g, g.image, &qemu);
		fwrite(qemu.run.out, 1, qemu.run.out_len, stdout);
		if (qemu.trouble[0])
			fprintf(stderr, "compare: %s: %s\n", g.name, qemu.trouble);
		status = qemu.trouble[0] ? DIFFERENT : qemu.status;
		proc_free(&qemu.run);
	} else {
		fwrite(g.h.prints, 1, g.h.prints_len, stdout);
		fprintf(stderr, "compare: %s: this is what its header says, QEMU did not run: %s\n",
			g.name, g.h.why_not);
		status = g.h.status;
	}
	guest_header_free(&g.h);
	return status;
}

static int compare_all(const struct settings *set, char **sources)
{
	unsigned ok = 0, bad = 0, skipped = 0;

	for (; sources && *sources; sources++) {
		struct guest g;

		if (guest_open(set, *sources, &g)) {
			bad++;
			continue;
		}
		if (!g.h.qemu) {
			printf("  -     %-16snot compared: %s\n", g.name, g.h.why_not);
			skipped++;
		} else if (compare_guest(set, &g)) {
			ok++;
		} else {
			bad++;
		}
		fflush(stdout);
		guest_header_free(&g.h);
	}
	printf("%u the same, %u different, %u not compared\n", ok, bad, skipped);
	return bad ? DIFFERENT : SAME;
}

/* The guests' sources: those named, or all of the lab. The caller globfree()s them. */
static int find_sources(const struct settings *set, char **names, glob_t *sources)
{
	char pattern[PATH_MAX];
	int flags = 0;

	if (!*names) {
		snprintf(pattern, sizeof(pattern), "guests/%s/*.s", set->lab);
		return glob(pattern, flags, NULL, sources) ? -ENOENT : 0;
	}
	for (; *names; names++, flags = GLOB_APPEND) {
		snprintf(pattern, sizeof(pattern), "guests/%s/%s.s", set->lab, *names);
		if (glob(pattern, flags, NULL, sources)) {
			fprintf(stderr, "compare: %s: no such guest (%s)\n", *names, pattern);
			return -ENOENT;
		}
	}
	return 0;
}

/* What a comparison needs besides guests. Returns 0 or a status with its line printed. */
static int check_environment(struct settings *set)
{
	if (!qemu_present()) {
		fprintf(stderr, "compare: %s is not installed: %s\n", QEMU_PROGRAM, QEMU_INSTALL);
		return ENVIRONMENT;
	}
	if (set->expect)
		return 0;
	set->nonces = strcmp(set->engine, "native") ? 1 : NONCES_MAX;
	if (!strcmp(set->engine, "native") && access("/dev/kvm", R_OK | W_OK) < 0) {
		fprintf(stderr, "compare: /dev/kvm: %s\n", strerror(errno));
		return ENVIRONMENT;
	}
	if (lab_program(lab_number(set->lab), set->build, set->vmm, sizeof(set->vmm))) {
		fprintf(stderr, "compare: %s: no such program: run make first\n", set->vmm);
		return ENVIRONMENT;
	}
	return 0;
}

static int usage(FILE *to, int status)
{
	fputs("usage: compare [--lab=02] [--build=build] [--engine=native|svm|...] [GUEST...]\n"
	      "       compare [--lab=02] [--build=build] --expect GUEST\n"
	      "Run guests under QEMU and under our VMM: the same bytes, the same status?\n"
	      "With --expect only say what the guest should print, and end with its status.\n"
	      "Status: 0 the same, 1 different, 2 usage, 3 QEMU or /dev/kvm is missing.\n",
	      to);
	return status;
}

static int parse(struct settings *set, int argc, char **argv)
{
	static const struct option options[] = {
		{ "lab", required_argument, NULL, 'l' },
		{ "build", required_argument, NULL, 'b' },
		{ "engine", required_argument, NULL, 'n' },
		{ "expect", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		const char **text = c == 'l' ? &set->lab : c == 'b' ? &set->build : &set->engine;

		if (strchr("lbn", c))
			*text = optarg;
		else if (c == 'e')
			set->expect = true;
		else if (c == 'h')
			exit(usage(stdout, SAME));
		else
			return usage(stderr, USAGE);
	}
	return set->expect && optind + 1 != argc ? usage(stderr, USAGE) : 0;
}

int main(int argc, char **argv)
{
	struct settings set = { .lab = "02", .build = "build", .engine = "native" };
	glob_t sources = { 0 };
	int status;

	said_or_fail("compare");
	status = parse(&set, argc, argv);
	if (!status && (find_sources(&set, argv + optind, &sources) || !sources.gl_pathv))
		status = USAGE;
	if (!status)
		status = check_environment(&set);
	if (!status && set.expect)
		status = expect(&set, sources.gl_pathv[0]);
	else if (!status)
		status = compare_all(&set, sources.gl_pathv);
	globfree(&sources);
	return status;
}
