// SPDX-License-Identifier: MIT
#include "detect.h"

#include <errno.h>
#include <string.h>

void detect(const struct facts *f, struct detect *d)
{
	memset(d, 0, sizeof(*d));
	d->facts = f;
	d->state_err = kvm_state(&f->kvm, &d->state);
	d->cpu_err = cpu_decode(f, &d->cpu);
	d->diagnosis_err = d->slat_err = d->vmx_err = d->cpu_err;
	if (!d->cpu_err && d->state_err)
		d->diagnosis_err = d->state_err;
	if (!d->cpu_err && !d->state_err)
		d->diagnosis_err = diagnose(f, &d->cpu, d->state, &d->diagnosis);
	if (!d->cpu_err)
		d->slat_err = slat_decode(f, &d->cpu, &d->slat);
	if (!d->cpu_err && d->cpu.vmx)
		d->vmx_err = vmx_decode(f, &d->vmx);
	else if (!d->cpu_err)
		d->vmx_err = -ENOENT;
}
