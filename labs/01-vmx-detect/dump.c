// SPDX-License-Identifier: MIT
#include "dump.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kvm_ask.h"

#define MAGIC "vmx-detect-dump 1"

void dump_write(const struct facts *f, FILE *out)
{
	fprintf(out, MAGIC "\norigin %s\n", f->origin);
	fprintf(out, "kvm open %d\nkvm version %d\nkvm create %d\n", f->kvm.open_errno,
		f->kvm.version, f->kvm.create_errno);
	for (unsigned i = 0; i < KVM_CAPS; i++)
		fprintf(out, "kvm cap %s %d\n", kvm_caps[i].name, f->kvm.cap[i]);
	fprintf(out, "cpuinfo %s\n", *f->cpuinfo ? f->cpuinfo : "none");
	for (unsigned i = 0; i < f->leaves; i++) {
		const struct cpuid_leaf *l = &f->leaf[i];

		fprintf(out, "cpuid %08x %08x %08x %08x %08x %08x\n", l->leaf, l->subleaf, l->eax,
			l->ebx, l->ecx, l->edx);
	}
	for (unsigned i = 0; i < f->msrs; i++)
		fprintf(out, "msr %08x %016llx %s\n", f->msr[i].index,
			(unsigned long long)f->msr[i].value,
			f->msr[i].source == MSR_FROM_CPU ? "cpu" : "kvm");
}

#define WORDS_MAX 8

/* The next field of a line: the whole word is a number of that base, and within the limits. */
static bool number(const char *word, int base, long long min, unsigned long long max, void *value,
		   size_t size)
{
	char *end;
	bool minus = *word == '-';
	unsigned long long n = strtoull(word + minus, &end, base);

	if (!isxdigit((unsigned char)word[minus]) || *end)
		return false;
	if (minus ? n > (unsigned long long)-min : n > max)
		return false;
	n = minus ? -n : n;
	memcpy(value, &n, size); /* little-endian, like all that this runs on */
	return true;
}

static bool small(const char *word, int min, int *value)
{
	return number(word, 10, min, INT_MAX, value, sizeof(*value));
}

static bool hex32(const char *word, u32 *value)
{
	return number(word, 16, 0, UINT32_MAX, value, sizeof(*value));
}

static const char *const garbage = "it is no line of a dump";

static const char *read_kvm(struct facts *f, char *const *word, int n)
{
	struct kvm_answers *a = &f->kvm;
	int value;

	if (n == 4 && !strcmp(word[1], "cap") && small(word[3], 0, &value)) {
		for (unsigned i = 0; i < KVM_CAPS; i++) {
			if (!strcmp(kvm_caps[i].name, word[2]))
				a->cap[i] = value;
		}
		return NULL; /* a capability of a later version is no error */
	}
	if (n == 3 && ((!strcmp(word[1], "open") && small(word[2], 0, &a->open_errno)) ||
		       (!strcmp(word[1], "version") && small(word[2], -4095, &a->version)) ||
		       (!strcmp(word[1], "create") && small(word[2], 0, &a->create_errno))))
		return NULL;
	return garbage;
}

static const char *read_leaf(struct facts *f, char *const *word, int n)
{
	struct cpuid_leaf l;

	if (n != 7 || !hex32(word[1], &l.leaf) || !hex32(word[2], &l.subleaf) ||
	    !hex32(word[3], &l.eax) || !hex32(word[4], &l.ebx) || !hex32(word[5], &l.ecx) ||
	    !hex32(word[6], &l.edx))
		return garbage;
	if (facts_leaf(f, l.leaf, l.subleaf))
		return "the same leaf a second time";
	return facts_add_leaf(f, &l) ? NULL : "more leaves than there is room for";
}

static const char *read_msr(struct facts *f, char *const *word, int n)
{
	u32 index;
	u64 value;

	if (n != 4 || !hex32(word[1], &index) ||
	    !number(word[2], 16, 0, UINT64_MAX, &value, sizeof(value)) ||
	    (strcmp(word[3], "cpu") != 0 && strcmp(word[3], "kvm") != 0))
		return garbage;
	if (facts_msr(f, index))
		return "the same MSR a second time";
	return facts_add_msr(f, index, value, *word[3] == 'c' ? MSR_FROM_CPU : MSR_FROM_KVM)
		       ? NULL
		       : "more MSRs than there is room for";
}

/* NULL, or what is wrong with the line. */
static const char *read_line(struct facts *f, char *line)
{
	char *word[WORDS_MAX], *save = NULL;
	int n = 0;

	if (!strncmp(line, "origin ", 7)) {
		for (char *p = line; *p; p++) /* it will be shown on a terminal */
			*p = isprint((unsigned char)*p) ? *p : '?';
		snprintf(f->origin, sizeof(f->origin), "%.*s", (int)sizeof(f->origin) - 1,
			 line + 7);
		return NULL;
	}
	for (char *p = strtok_r(line, " \t", &save); p && n < WORDS_MAX;
	     p = strtok_r(NULL, " \t", &save))
		word[n++] = p;
	if (!n)
		return NULL;
	if (!strcmp(word[0], "kvm"))
		return read_kvm(f, word, n);
	if (!strcmp(word[0], "cpuid"))
		return read_leaf(f, word, n);
	if (!strcmp(word[0], "msr"))
		return read_msr(f, word, n);
	if (strcmp(word[0], "cpuinfo") != 0 || n != 2)
		return garbage;
	if (!strcmp(word[1], "vmx") || !strcmp(word[1], "svm"))
		snprintf(f->cpuinfo, sizeof(f->cpuinfo), "%s", word[1]);
	else if (strcmp(word[1], "none") != 0)
		return garbage;
	return NULL;
}

/* The next line without its end, be that Unix's or Windows'. Returns false at the end. */
static bool next_line(FILE *in, char *line, size_t size, bool *whole)
{
	size_t len;

	if (!fgets(line, (int)size, in))
		return false;
	len = strcspn(line, "\n");
	*whole = line[len] == '\n' || feof(in);
	line[len] = 0;
	if (len && line[len - 1] == '\r')
		line[len - 1] = 0;
	return true;
}

int dump_read(struct facts *f, const char *path, char *why, size_t size)
{
	FILE *in = fopen(path, "r");
	char line[256] = "";
	bool whole = true;
	int err = 0;

	memset(f, 0, sizeof(*f));
	if (!in || !next_line(in, line, sizeof(line), &whole)) {
		err = !in || ferror(in) ? -errno : -EINVAL;
		snprintf(why, size, "%s", err == -EINVAL ? "it is empty" : strerror(-err));
	} else if (strcmp(line, MAGIC) != 0) {
		err = -EINVAL;
		snprintf(why, size, "not a dump: its first line must be \"" MAGIC "\"");
	}
	for (unsigned n = 2; !err && next_line(in, line, sizeof(line), &whole); n++) {
		const char *wrong = NULL;

		if (line[strspn(line, " \t")] && line[0] != '#')
			wrong = whole ? read_line(f, line) : garbage;
		if (wrong) {
			err = -EINVAL;
			snprintf(why, size, "line %u: %s", n, wrong);
		}
		while (!whole && next_line(in, line, sizeof(line), &whole)) /* a long comment */
			;
	}
	if (in)
		fclose(in);
	return err;
}
