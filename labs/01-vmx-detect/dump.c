// SPDX-License-Identifier: MIT
#include "dump.h"

#include <errno.h>
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

static bool read_cap(struct facts *f, const char *name, int value)
{
	for (unsigned i = 0; i < KVM_CAPS; i++) {
		if (!strcmp(kvm_caps[i].name, name)) {
			f->kvm.cap[i] = value;
			break; /* a capability of a later version is no error */
		}
	}
	return true;
}

static bool read_msr(struct facts *f, const char *line)
{
	unsigned long long value;
	char source[8];
	u32 index;

	if (sscanf(line, "msr %x %llx %7s", &index, &value, source) != 3 ||
	    (strcmp(source, "cpu") != 0 && strcmp(source, "kvm") != 0))
		return false;
	return facts_add_msr(f, index, value, *source == 'c' ? MSR_FROM_CPU : MSR_FROM_KVM);
}

static bool read_line(struct facts *f, const char *line)
{
	struct cpuid_leaf l;
	char name[64];
	int value;

	if (sscanf(line, "origin %159[^\n]", f->origin) == 1 ||
	    sscanf(line, "kvm open %d", &f->kvm.open_errno) == 1 ||
	    sscanf(line, "kvm version %d", &f->kvm.version) == 1 ||
	    sscanf(line, "kvm create %d", &f->kvm.create_errno) == 1)
		return true;
	if (sscanf(line, "kvm cap %63s %d", name, &value) == 2)
		return read_cap(f, name, value);
	if (sscanf(line, "cpuinfo %7s", name) == 1) {
		snprintf(f->cpuinfo, sizeof(f->cpuinfo), "%.7s", strcmp(name, "none") ? name : "");
		return true;
	}
	if (sscanf(line, "cpuid %x %x %x %x %x %x", &l.leaf, &l.subleaf, &l.eax, &l.ebx, &l.ecx,
		   &l.edx) == 6)
		return facts_add_leaf(f, &l);
	return read_msr(f, line);
}

int dump_read(struct facts *f, const char *path, char *why, size_t size)
{
	FILE *in = fopen(path, "r");
	char line[256] = "";
	unsigned number = 0;
	int err = 0;

	memset(f, 0, sizeof(*f));
	if (!in || !fgets(line, sizeof(line), in)) {
		err = !in || ferror(in) ? -errno : -EINVAL;
		snprintf(why, size, "%s", err == -EINVAL ? "it is empty" : strerror(-err));
	} else if (strncmp(line, MAGIC "\n", strlen(MAGIC) + 1) != 0) {
		err = -EINVAL;
		snprintf(why, size, "not a dump: its first line must be \"" MAGIC "\"");
	}
	for (number = 2; !err && fgets(line, sizeof(line), in); number++) {
		bool whole = strchr(line, '\n') || feof(in);

		if (line[strspn(line, " \t\n")] && line[0] != '#' &&
		    (!whole || !read_line(f, line))) {
			err = -EINVAL;
			snprintf(why, size, "line %u is no line of a dump, or one too many",
				 number);
		}
		while (!whole && fgets(line, sizeof(line), in)) /* a long comment */
			whole = strchr(line, '\n') || feof(in);
	}
	if (in)
		fclose(in);
	return err;
}
