// SPDX-License-Identifier: MIT
#include "detect.h"

#include <errno.h>
#include <string.h>

/* Of a dump's machine only the CPU is known. */
static void put_in_words(struct detect *d)
{
	const struct kvm_answers *a = &d->facts->kvm;
	const struct kvm_place dumped = { .vmx = d->cpu.vmx,
					  .svm = d->cpu.svm,
					  .guest = d->cpu.hypervisor };
	const struct kvm_place *place = &d->facts->place;

	if (!d->facts->live)
		place = d->cpu_err ? NULL : &dumped;
	if (!d->state_err)
		kvm_trouble(&d->trouble, d->state, a->open_errno ? a->open_errno : a->create_errno,
			    d->facts->live ? &d->facts->kvm_node : NULL, place);
}

void detect(const struct facts *f, struct detect *d)
{
	memset(d, 0, sizeof(*d));
	d->facts = f;
	d->state_err = kvm_state(&f->kvm, &d->state);
	d->cpu_err = cpu_decode(f, &d->cpu);
	put_in_words(d);
	d->diagnosis_err = d->slat_err = d->vmx_err = d->cpu_err;
	if (d->cpu_err)
		return;
	d->diagnosis_err = d->state_err ?: diagnose(f, &d->cpu, d->state, &d->diagnosis);
	d->slat_err = slat_decode(f, &d->cpu, &d->slat);
	d->vmx_err = d->cpu.vmx ? vmx_decode(f, &d->vmx) : -ENOENT;
}
