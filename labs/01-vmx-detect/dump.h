/* SPDX-License-Identifier: MIT */
/*
 * Given: facts as text, to carry them from one machine to another.
 *
 *	vmx-detect-dump 1
 *	origin TEXT
 *	kvm open ERRNO                  of open(); 0: it opened
 *	kvm version NUMBER              or a negative errno
 *	kvm create ERRNO                of KVM_CREATE_VM
 *	kvm cap NAME VALUE              KVM_CAP_USER_MEMORY 1
 *	cpuinfo vmx|svm|none
 *	cpuid LEAF SUBLEAF EAX EBX ECX EDX      eight hexadecimal digits each
 *	msr INDEX VALUE cpu|kvm                 hexadecimal
 *
 * One a line, in any order after the first; `#` begins a comment; empty lines are skipped.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdio.h>

#include "facts.h"

void dump_write(const struct facts *f, FILE *out);

/*
 * Read a dump from the file at path. Returns 0, or a negative errno with the reason in why, as
 * "line 7: not a dump line". A dump is somebody else's: nothing in it can do harm.
 */
int dump_read(struct facts *f, const char *path, char *why, size_t size);

#endif
