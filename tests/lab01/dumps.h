/* SPDX-License-Identifier: MIT */
/*
 * Machines that are made up: a test writes a dump with numbers drawn at random, gives it to
 * vmx-detect, and knows by construction what must be shown.
 */
#ifndef LAB01_DUMPS_H
#define LAB01_DUMPS_H

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "nonce.h"
#include "results.h"
#include "suite.h"
#include "test.h"

struct dump {
	char text[32768];
	size_t len;
};

static inline u64 draw(void)
{
	return nonce_random();
}

/*
 * In these rounds, whatever was drawn in the first: each bit is seen as 0 and as 1, and any two
 * bits differ in at least one. So a decoder that reads a wrong bit is seen for certain, and not
 * nearly.
 */
#define ROUNDS 8

static inline u64 draw_round(int round, u64 *first)
{
	u64 numbered = 0;

	if (round == 0)
		*first = draw();
	if (round <= 1)
		return round ? ~*first : *first;
	for (int bit = 0; bit < 64; bit++)
		numbered |= (u64)(bit >> (round - 2) & 1) << bit;
	return *first ^ numbered;
}

static inline void add(struct dump *d, const char *fmt, ...) PRINTF(2, 3);

static inline void add(struct dump *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->len += vsnprintf(d->text + d->len, sizeof(d->text) - d->len, fmt, ap);
	va_end(ap);
}

static inline void add_leaf(struct dump *d, u32 leaf, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	add(d, "cpuid %08x 00000000 %08x %08x %08x %08x\n", leaf, eax, ebx, ecx, edx);
}

static inline void add_msr(struct dump *d, u32 index, u64 value)
{
	add(d, "msr %08x %016llx cpu\n", index, (unsigned long long)value);
}

/* Three registers from 12 letters. */
static inline void add_named(struct dump *d, u32 leaf, u32 eax, const char name[12], int order[3])
{
	u32 reg[3];

	memcpy(reg, name, 12);
	/* order[i] says which third lies in EBX, ECX, EDX */
	add_leaf(d, leaf, eax, reg[order[0]], reg[order[1]], reg[order[2]]);
}

static inline void add_vendor(struct dump *d, const char name[12])
{
	add_named(d, 0, 0xd, name, (int[]){ 0, 2, 1 });
}

static inline void begin(struct dump *d)
{
	d->len = 0;
	add(d, "vmx-detect-dump 1\norigin a machine that was made up\n");
}

/* A KVM that is all right. */
static inline void add_kvm(struct dump *d)
{
	static const char *const caps[] = { "USER_MEMORY", "SET_TSS_ADDR",   "EXT_CPUID",
					    "SYNC_REGS",   "IMMEDIATE_EXIT", "BINARY_STATS_FD" };

	add(d, "kvm open 0\nkvm version 12\nkvm create 0\n");
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		add(d, "kvm cap KVM_CAP_%s 1\n", caps[i]);
}

static inline json_t *show_file(const char *path)
{
	char from[400];
	struct outcome o;
	json_t *j;

	snprintf(from, sizeof(from), "--from=%s", path);
	o = run_vmm(&(struct vmm_run){ .args = { "--json", from }, .no_report = true });
	EXPECT_U64(o.status, 0);
	j = json_loads(o.out, 0, NULL);
	EXPECT_TRUE(j, "its output is not JSON");
	return j;
}

/* The dump stays behind, under the test's name: whoever fails can run the same command again. */
static inline json_t *show(const struct dump *d)
{
	const struct test_result *r = test_record();
	char kept[300];
	const char *path = kept;
	FILE *f;

	snprintf(kept, sizeof(kept), "%s/tests/lab01/%s.dump", env_build_dir(), r->name);
	f = fopen(path, "w");
	if (!f) {
		path = test_tmpfile("dump");
		f = fopen(path, "w");
	}
	if (!f || fwrite(d->text, 1, d->len, f) != d->len || fclose(f))
		test_error("%s cannot be written", path);
	return show_file(path);
}

/* at(j, "vmx.controls.exit.must_be_1"); NULL when it is not there. */
static inline json_t *at(json_t *j, const char *path)
{
	char copy[120], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = strtok_r(copy, ".", &save); p; p = strtok_r(NULL, ".", &save))
		j = json_object_get(j, p);
	return j;
}

static inline const char *text_at(json_t *j, const char *path)
{
	const char *text = json_string_value(at(j, path));

	return text ? text : "(nothing)";
}

/* A number, or a boolean as 0 or 1; nothing there is a number that no test expects. */
static inline u64 number_at(json_t *j, const char *path)
{
	json_t *v = at(j, path);

	if (json_is_boolean(v))
		return json_is_true(v);
	return json_is_integer(v) ? (u64)json_integer_value(v) : 0xdeaddeaddeaddeadULL;
}

#endif
