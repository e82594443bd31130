// SPDX-License-Identifier: MIT
/* The table for people. A row whose task is not done says so, and which task it is. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "detect.h"

PRINTF(3, 4) static void row(FILE *out, const char *name, const char *format, ...)
{
	va_list args;

	fprintf(out, "%-22s", name);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
}

/* True when the decoder has succeeded; else the row says why it has not. */
static bool ready(FILE *out, const char *name, int err, const char *task)
{
	if (err == -ENOSYS)
		row(out, name, "task %s is not done yet", task);
	else if (err == -ENODATA)
		row(out, name, "not readable here");
	else if (err)
		row(out, name, "%s", strerror(-err));
	return !err;
}

/* The same for what only some CPUs have; has_not: its name. */
static bool cpu_ready(const struct detect *d, FILE *out, const char *name, int err,
		      const char *task, const char *has_not)
{
	if (d->cpu_err != -ENOSYS && err != -ENOENT)
		return ready(out, name, err, task);
	if (err == -ENOENT)
		row(out, name, "this CPU shows no %s", has_not);
	else
		row(out, name, "needs task 1.2");
	return false;
}

static const char *yes(bool is)
{
	return is ? "yes" : "no";
}

/* A hypervisor chooses its name freely, also one that would move the cursor. */
static const char *printable(const char *name, char shown[13])
{
	for (size_t i = 0; i < 13; i++)
		shown[i] = !name[i] || isprint((unsigned char)name[i]) ? name[i] : '?';
	return shown;
}

static void kvm_rows(const struct detect *d, FILE *out)
{
	const struct kvm_answers *a = &d->facts->kvm;

	if (!ready(out, "/dev/kvm", d->state_err, "1.1"))
		return;
	if (a->open_errno)
		row(out, "/dev/kvm", "%s", d->trouble.what);
	else
		row(out, "/dev/kvm", "%s, API version %d", d->trouble.what, a->version);
	if (a->open_errno || a->version < 0)
		return;
	row(out, "  limits", "%d vCPUs recommended, %d at most; %d memory slots", a->cap[0],
	    a->cap[1], a->cap[2]);
	for (unsigned lab = 2; lab <= 5; lab++) {
		char name[16], missing[400] = "";

		for (unsigned i = 0; i < KVM_CAPS; i++) {
			if (kvm_caps[i].lab == lab && a->cap[i] <= 0) {
				strcat(missing, " ");
				strcat(missing, kvm_caps[i].name);
			}
		}
		snprintf(name, sizeof(name), "  for lab %02u", lab);
		row(out, name, "%s%s", *missing ? "lacks" : "all there", missing);
	}
}

static void cpu_rows(const struct detect *d, FILE *out)
{
	const struct cpu *c = &d->cpu;
	char vendor[13], name[13];

	if (!ready(out, "CPU", d->cpu_err, "1.2"))
		return;
	row(out, "CPU", "%s, %u-bit physical and %u-bit linear addresses",
	    printable(c->vendor, vendor), c->physical_bits, c->linear_bits);
	row(out, "  VMX (VT-x)", "%s", yes(c->vmx));
	row(out, "  SVM (AMD-V)", "%s", yes(c->svm));
	row(out, "  hypervisor below", "%s%s%s", yes(c->hypervisor), c->hypervisor ? ": " : "",
	    printable(c->hypervisor_name, name));
	row(out, "  /proc/cpuinfo lists", "%s", *d->facts->cpuinfo ? d->facts->cpuinfo : "neither");
}

static void verdict_rows(const struct detect *d, FILE *out)
{
	if (d->diagnosis_err == -ENOSYS && d->cpu_err == -ENOSYS)
		row(out, "verdict", "needs tasks 1.1 and 1.2");
	else if (d->diagnosis_err == -ENOSYS && d->state_err == -ENOSYS)
		row(out, "verdict", "needs task 1.1");
	else if (ready(out, "verdict", d->diagnosis_err, "1.3")) {
		row(out, "verdict", "%s", diagnosis_name(d->diagnosis));
		row(out, "  what to do", "%s",
		    diagnosis_advice(d->diagnosis, d->state, d->trouble.advice));
	}
}

static void vmx_slat_rows(const struct vmx_slat *s, FILE *out)
{
	row(out, "second level", "EPT: %s, VPID: %s, unrestricted guest: %s", yes(s->ept),
	    yes(s->vpid), yes(s->unrestricted));
	row(out, "  walks", "4 levels: %s, 5 levels: %s; pages of 2 MiB: %s, of 1 GiB: %s",
	    yes(s->walk_4), yes(s->walk_5), yes(s->page_2m), yes(s->page_1g));
	row(out, "  entries", "accessed and dirty: %s, execute-only: %s", yes(s->accessed_dirty),
	    yes(s->execute_only));
	row(out, "  INVEPT", "%s%s%s", yes(s->invept), s->invept_single ? ", single context" : "",
	    s->invept_all ? ", all contexts" : "");
	row(out, "  INVVPID", "%s%s%s%s%s", yes(s->invvpid), s->invvpid_address ? ", address" : "",
	    s->invvpid_single ? ", single context" : "", s->invvpid_all ? ", all contexts" : "",
	    s->invvpid_globals ? ", single but globals" : "");
}

static void slat_rows(const struct detect *d, FILE *out)
{
	if (!cpu_ready(d, out, "second level", d->slat_err, "1.4", "hardware virtualization"))
		return;
	if (d->slat.is_vmx)
		vmx_slat_rows(&d->slat.vmx, out);
	else
		row(out, "second level", "SVM revision %u, nested paging: %s, %u ASIDs",
		    d->slat.svm.revision, yes(d->slat.svm.npt), d->slat.svm.asids);
}

static void vmx_rows(const struct detect *d, FILE *out)
{
	const struct vmx_caps *v = &d->vmx;
	const struct msr_value *basic = facts_msr(d->facts, MSR_IA32_VMX_BASIC);

	if (!cpu_ready(d, out, "VMX capabilities", d->vmx_err, "1.5", "VMX"))
		return;
	row(out, "VMX capabilities", "%s",
	    basic && basic->source == MSR_FROM_CPU ? "read from the CPU"
						   : "as KVM offers them to guests");
	if (v->feature_known)
		row(out, "  feature control", "%slocked, VMXON %sallowed", v->locked ? "" : "not ",
		    v->vmxon_outside_smx ? "" : "not ");
	else
		row(out, "  feature control", "not readable here");
	row(out, "  VMCS", "revision %#x, %u bytes, memory type %u%s", v->revision, v->vmcs_size,
	    v->memory_type, v->memory_type == 6 ? " (write-back)" : "");
	for (unsigned i = 0; i < CONTROLS; i++) {
		const struct vmx_control *c = &v->control[i];
		char name[24];

		snprintf(name, sizeof(name), "  %s", c->name);
		if (c->known)
			row(out, name, "must be 1: %08x  may be 1: %08x  must be 0: %08x",
			    c->must_be_1, c->may_be_1, c->must_be_0);
		else
			row(out, name, "not readable here");
	}
}

void detect_table(const struct detect *d, FILE *out)
{
	row(out, "machine", "%s", d->facts->origin);
	kvm_rows(d, out);
	cpu_rows(d, out);
	verdict_rows(d, out);
	slat_rows(d, out);
	vmx_rows(d, out);
}
