/* SPDX-License-Identifier: MIT */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "image.h"
#include "obituary.h"
#include "options.h"
#include "sink.h"
#include "vcpu.h"

/*
 * For the vCPU of this thread. From now on Ctrl-\ (SIGQUIT) shows where the guest is and ends the
 * run, and so does the VMM itself when it has not ended some seconds after the time limit:
 * common/obituary.h.
 */
void vcpu_watch(const struct vcpu *vcpu, const struct options *opt);

/*
 * The run is over: say how it ended, print --stats and --kvm-stats, write the report. Returns the
 * exit status of the process.
 */
int sum_up(struct vcpu *vcpu, struct sink *sink, const struct options *opt);

/* --verbose: say what a step of setting up has made, checked against KVM, not against the code. */
void verbose_vm(const struct vm *vm, const struct options *opt);
void verbose_memory(const struct vm *vm, const struct image *image, const struct options *opt);
void verbose_vcpu(const struct vcpu *vcpu, const struct options *opt);

#endif
