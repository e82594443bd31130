/* SPDX-License-Identifier: MIT */
/*
 * doctor: what this machine offers to the course, and the exact command for what is missing. It
 * needs no library, so that it is the first thing that runs on a bare machine.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "env.h"
#include "../box/host/places.h"
#include "kvm_device.h"

struct doctor {
	const char *root; /* "" or a directory that plays the part of / (for the tests) */
	char arch[65];	  /* as uname -m says */
	char os[128], kernel[128];
	bool linux_os, wsl1;
	struct kvm_place place;
	/* the CPU: what /proc/cpuinfo lists, and what the instruction says */
	char model[128], hypervisor[16];
	bool x86, vmx, svm;
	bool kvm; /* it ran a guest */
	char kvm_why[ENV_WHY_MAX];
	/* programs */
	bool qemu, bochs, apt;
	bool odd_shadow;     /* that QEMU lets a guest below shadow paging see KVM's CR3 */
	const char *manager; /* apt-get, dnf, pacman, or NULL */
};

/* machine.c: looks, and prints its part. */
void look_at_system(struct doctor *d);
void look_at_cpu(struct doctor *d);
void look_at_kvm(struct doctor *d);

/* programs.c */
void look_at_programs(struct doctor *d);

/* engines.c: prints the engines; returns the one that ENGINE=auto takes, or NULL. */
const char *look_at_engines(struct doctor *d);

/* One row of the report; and below it what to do. */
void row(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
void todo(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "sudo apt-get install x" for the manager that is here; names: apt, dnf, pacman. */
void todo_install(const struct doctor *d, const char *apt, const char *dnf, const char *pacman);

/* The first `size` bytes of a file below root, as text; false if it cannot be read. */
bool look(const struct doctor *d, const char *path, char *text, size_t size);

#endif
