// SPDX-License-Identifier: MIT
/*
 * Dumps of real and emulated machines (dumps/README.md), beside what Linux said there about the
 * same CPU: lines that begin with `# linux`. Then the same dumps with bits changed, so that no
 * list of known CPUs can pass.
 */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

#include "dumps.h"

static void dumps_of(glob_t *found)
{
	char pattern[400];
	const char *slash = strrchr(__FILE__, '/');

	snprintf(pattern, sizeof(pattern), "%.*s/dumps/*.txt", (int)(slash - __FILE__), __FILE__);
	if (glob(pattern, 0, NULL, found) || found->gl_pathc < 8)
		test_error("%s: fewer than 8 dumps", pattern);
}

static void load(struct dump *d, const char *path)
{
	FILE *f = fopen(path, "r");

	d->len = f ? fread(d->text, 1, sizeof(d->text) - 1, f) : 0;
	d->text[d->len] = 0;
	if (!f || !d->len)
		test_error("%s cannot be read", path);
	fclose(f);
}

#define LINUX_LINE 8192 /* bytes: room for a line of flags */

/* The rest of the line "# linux name : rest", with a blank at both ends; "" if there is none. */
static const char *linux_line(const struct dump *d, const char *name, char line[LINUX_LINE])
{
	char start[40];
	const char *p;

	snprintf(start, sizeof(start), "\n# linux %s", name);
	p = strstr(d->text, start);
	p = p ? strchr(p, ':') : NULL;
	snprintf(line, LINUX_LINE, "%.*s ", p ? (int)strcspn(p + 1, "\n") : 0, p ? p + 1 : "");
	return line;
}

static bool flag(const char *line, const char *name)
{
	char word[40];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(line, word) != NULL;
}

TEST("1.2", linux_agrees_on_real_cpus, 2, .seconds = 0.2)
{
	static struct dump d;
	char line[LINUX_LINE];
	glob_t found;

	dumps_of(&found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned physical = 0, linear = 0;
		json_t *j = show_file(found.gl_pathv[i]);

		load(&d, found.gl_pathv[i]);
		CONTEXT("%s", found.gl_pathv[i]);
		linux_line(&d, "flags", line);
		EXPECT_U64(number_at(j, "cpu.vmx"), flag(line, "vmx"));
		EXPECT_U64(number_at(j, "cpu.svm"), flag(line, "svm"));
		EXPECT_U64(number_at(j, "cpu.hypervisor"), flag(line, "hypervisor"));
		linux_line(&d, "address sizes", line);
		if (sscanf(line, " %u bits physical, %u", &physical, &linear) != 2)
			test_error("%s: no address sizes", found.gl_pathv[i]);
		EXPECT_U64(number_at(j, "cpu.physical_bits"), physical);
		EXPECT_U64(number_at(j, "cpu.linear_bits"), linear);
	}
}

/* Change register number `reg` (0 EAX .. 3 EDX) of a leaf in the text, by the bits of mask. */
static void flip(struct dump *d, u32 leaf, int reg, u32 mask)
{
	char start[32], digits[9];
	char *p;

	snprintf(start, sizeof(start), "\ncpuid %08x 00000000 ", leaf);
	p = strstr(d->text, start);
	if (!p)
		test_error("the dump has no leaf %#x", leaf);
	p += strlen(start) + 9 * reg;
	snprintf(digits, sizeof(digits), "%08x", (u32)strtoul(p, NULL, 16) ^ mask);
	memcpy(p, digits, 8);
}

TEST("1.2", changed_bits_are_seen, 2, .seconds = 0.2)
{
	static struct dump d;
	glob_t found;

	dumps_of(&found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		u64 random = draw();
		u32 vmx = random & 1, svm = random >> 1 & 1, below = random >> 2 & 1;
		u32 width = random >> 8 & 0x3f;
		json_t *before = show_file(found.gl_pathv[i]), *j;

		load(&d, found.gl_pathv[i]);
		flip(&d, 1, 2, vmx << 5 | below << 31);
		flip(&d, 0x80000001, 2, svm << 2);
		flip(&d, 0x80000008, 0, width);
		j = show(&d);
		CONTEXT("%s with changes: VMX %u, SVM %u, hypervisor %u, physical bits ^ %u",
			found.gl_pathv[i], vmx, svm, below, width);
		EXPECT_U64(number_at(j, "cpu.vmx"), number_at(before, "cpu.vmx") ^ vmx);
		EXPECT_U64(number_at(j, "cpu.svm"), number_at(before, "cpu.svm") ^ svm);
		EXPECT_U64(number_at(j, "cpu.hypervisor"),
			   number_at(before, "cpu.hypervisor") ^ below);
		EXPECT_U64(number_at(j, "cpu.physical_bits"),
			   number_at(before, "cpu.physical_bits") ^ width);
	}
}

/* Linux has names of its own for some of these bits: arch/x86/kernel/cpu/feat_ctl.c. */
TEST("1.4", linux_agrees_on_the_second_level, 2, .seconds = 0.2)
{
	static const char *const name[][2] = {
		{ "ept", "slat.ept" },
		{ "vpid", "slat.vpid" },
		{ "unrestricted_guest", "slat.unrestricted" },
		{ "ept_ad", "slat.accessed_dirty" },
		{ "ept_x_only", "slat.execute_only" },
		{ "ept_1gb", "slat.page_1g" },
		{ "ept_5level", "slat.walk_5" },
		{ "invvpid", "slat.invvpid" },
	};
	static struct dump d;
	unsigned compared = 0;
	char line[LINUX_LINE];
	glob_t found;

	dumps_of(&found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		json_t *j = show_file(found.gl_pathv[i]);

		load(&d, found.gl_pathv[i]);
		CONTEXT("%s", found.gl_pathv[i]);
		if (flag(linux_line(&d, "flags", line), "svm"))
			EXPECT_U64(number_at(j, "slat.npt"), flag(line, "npt"));
		if (!flag(linux_line(&d, "vmx flags", line), "vnmi"))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(name); k++)
			EXPECT_U64(number_at(j, name[k][1]), flag(line, name[k][0]));
		compared++;
	}
	EXPECT_TRUE(compared >= 3, "only %u dumps have a line of vmx flags", compared);
}
