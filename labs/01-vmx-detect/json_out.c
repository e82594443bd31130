// SPDX-License-Identifier: MIT
/*
 * The same for programs. A part whose task is not done is {"todo": "1.4"}; one that cannot be read,
 * or does not exist on this CPU, is null.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "detect.h"

static json_t *not_done(int err, const char *task)
{
	return err == -ENOSYS ? json_pack("{s:s}", "todo", task) : json_null();
}

static json_t *capabilities(const struct kvm_answers *a)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < KVM_CAPS; i++) {
		if (kvm_caps[i].lab)
			json_array_append_new(
				list, json_pack("{s:s, s:i, s:i}", "name", kvm_caps[i].name, "lab",
						(int)kvm_caps[i].lab, "value", a->cap[i]));
	}
	return list;
}

static json_t *kvm_part(const struct detect *d)
{
	const struct kvm_answers *a = &d->facts->kvm;

	if (d->state_err)
		return not_done(d->state_err, "1.1");
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:o}", "state",
			 kvm_state_name(d->state), "what", d->trouble.what, "advice",
			 d->trouble.advice, "errno", a->open_errno, "version", a->version,
			 "recommended_vcpus", a->cap[0], "max_vcpus", a->cap[1], "memslots",
			 a->cap[2], "capabilities", capabilities(a));
}

/* CPUID's names are any bytes; JSON takes only UTF-8, so what is no text becomes '?'. */
static json_t *name_of(const char *name)
{
	char shown[13];

	for (size_t i = 0; i < sizeof(shown); i++)
		shown[i] = name[i] & 0x80 ? '?' : name[i];
	return json_string(shown);
}

static json_t *cpu_part(const struct detect *d)
{
	const struct cpu *c = &d->cpu;

	if (d->cpu_err)
		return not_done(d->cpu_err, "1.2");
	return json_pack("{s:o, s:b, s:b, s:b, s:o, s:i, s:i, s:s}", "vendor", name_of(c->vendor),
			 "vmx", c->vmx, "svm", c->svm, "hypervisor", c->hypervisor,
			 "hypervisor_name", name_of(c->hypervisor_name), "physical_bits",
			 (int)c->physical_bits, "linear_bits", (int)c->linear_bits, "cpuinfo",
			 *d->facts->cpuinfo ? d->facts->cpuinfo : "none");
}

static json_t *slat_part(const struct detect *d)
{
	const struct vmx_slat *v = &d->slat.vmx;
	const struct svm_slat *s = &d->slat.svm;

	if (d->slat_err)
		return not_done(d->slat_err, "1.4");
	if (!d->slat.is_vmx)
		return json_pack("{s:s, s:i, s:I, s:b}", "kind", "svm", "revision",
				 (int)s->revision, "asids", (json_int_t)s->asids, "npt", s->npt);
	return json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, "
			 "s:b, s:b, s:b, s:b}",
			 "kind", "vmx", "ept", v->ept, "vpid", v->vpid, "unrestricted",
			 v->unrestricted, "execute_only", v->execute_only, "walk_4", v->walk_4,
			 "walk_5", v->walk_5, "page_2m", v->page_2m, "page_1g", v->page_1g,
			 "accessed_dirty", v->accessed_dirty, "invept", v->invept, "invept_single",
			 v->invept_single, "invept_all", v->invept_all, "invvpid", v->invvpid,
			 "invvpid_address", v->invvpid_address, "invvpid_single", v->invvpid_single,
			 "invvpid_all", v->invvpid_all, "invvpid_globals", v->invvpid_globals);
}

static json_t *controls(const struct vmx_caps *v)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < CONTROLS; i++) {
		const struct vmx_control *c = &v->control[i];

		json_object_set_new(all, c->name,
				    !c->known ? json_null()
					      : json_pack("{s:I, s:I, s:I}", "must_be_1",
							  (json_int_t)c->must_be_1, "may_be_1",
							  (json_int_t)c->may_be_1, "must_be_0",
							  (json_int_t)c->must_be_0));
	}
	return all;
}

static json_t *vmx_part(const struct detect *d)
{
	const struct vmx_caps *v = &d->vmx;
	json_t *feature = json_null();

	if (d->vmx_err)
		return not_done(d->vmx_err, "1.5");
	if (v->feature_known)
		feature = json_pack("{s:b, s:b}", "locked", v->locked, "vmxon_outside_smx",
				    v->vmxon_outside_smx);
	return json_pack("{s:o, s:I, s:i, s:i, s:b, s:o}", "feature_control", feature, "revision",
			 (json_int_t)v->revision, "vmcs_size", (int)v->vmcs_size, "memory_type",
			 (int)v->memory_type, "true_controls", v->true_controls, "controls",
			 controls(v));
}

/* The raw values, so that a test can see which were collected, and from where. */
static json_t *msr_part(const struct facts *f)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < f->msrs; i++) {
		char value[24];

		snprintf(value, sizeof(value), "%016llx", (unsigned long long)f->msr[i].value);
		json_array_append_new(
			list, json_pack("{s:I, s:s, s:s}", "index", (json_int_t)f->msr[i].index,
					"value", value, "source",
					f->msr[i].source == MSR_FROM_CPU ? "cpu" : "kvm"));
	}
	return list;
}

int detect_json(const struct detect *d, FILE *out)
{
	json_t *verdict = d->diagnosis_err ? not_done(d->diagnosis_err, "1.3")
					   : json_string(diagnosis_name(d->diagnosis));
	json_t *all = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "kvm", kvm_part(d), "cpu",
				cpu_part(d), "verdict", verdict, "slat", slat_part(d), "vmx",
				vmx_part(d), "msrs", msr_part(d->facts));
	int err = all && !json_dumpf(all, out, JSON_INDENT(1)) ? 0 : -ENOMEM;

	fputc('\n', out);
	json_decref(all);
	return err;
}
