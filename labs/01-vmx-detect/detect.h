/* SPDX-License-Identifier: MIT */
/* Given: all that the tasks decode of one machine, and showing it. */
#ifndef DETECT_H
#define DETECT_H

#include <stdio.h>

#include "cpu.h"
#include "diagnosis.h"
#include "facts.h"
#include "kvm_ask.h"
#include "slat.h"
#include "vmx_msr.h"

/* Each decoder's result beside what it returned: 0, -ENOSYS (its task is not done), or its error.
 */
struct detect {
	const struct facts *facts;
	int state_err, cpu_err, diagnosis_err, slat_err, vmx_err;
	enum kvm_state state;
	struct kvm_trouble trouble; /* the state in words */
	struct cpu cpu;
	enum diagnosis diagnosis;
	struct slat slat;
	struct vmx_caps vmx;
};

/* Call the decoders, each that can be called: the verdict needs the two before it. */
void detect(const struct facts *f, struct detect *d);

void detect_table(const struct detect *d, FILE *out); /* for people */
int detect_json(const struct detect *d, FILE *out);   /* for programs; 0 or -ENOMEM */

#endif
