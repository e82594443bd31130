// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "summary.h"
#include "kvm_stats.h"
#include "load.h"
#include "streams.h"
#include "todo.h"

#define RFLAGS_IF (1u << 9)

/* What the explainer needs to know of this vCPU; see common/obituary.h. */
static struct witness vcpu_witness(const struct vcpu *vcpu)
{
	return (struct witness){
		.rec = vcpu->rec,
		.slots = vcpu->vm->mem.slot,
		.nslots = &vcpu->vm->mem.nslots,
		.vcpu_fd = vcpu->fd,
		.believe = vcpu->believe,
		.believe_ctx = vcpu->believe_ctx,
	};
}

void vcpu_watch(const struct vcpu *vcpu, const struct options *opt)
{
	struct witness witness = vcpu_witness(vcpu);

	witness_on_sigquit(&witness, opt->report.file);
	if (opt->timeout_ms)
		witness_overdue(opt->timeout_ms / 1000 + 1);
}

/* With --irqchip=kernel HLT is no exit: is the CPU in one, and takes no interrupt? */
static bool halted_for_good(const struct vcpu *vcpu)
{
	struct kvm_mp_state state;
	struct kvm_regs regs;

	return ioctl(vcpu->fd, KVM_GET_MP_STATE, &state) == 0 &&
	       state.mp_state == KVM_MP_STATE_HALTED && ioctl(vcpu->fd, KVM_GET_REGS, &regs) == 0 &&
	       !(regs.rflags & RFLAGS_IF);
}

/* Turn the end of the run into the ending that the process will have. */
static struct ending decide(const struct vcpu *vcpu, const struct console *console,
			    enum verdict verdict, const struct options *opt)
{
	const struct run *run = &vcpu->vm->run;
	struct witness witness = vcpu_witness(vcpu);

	if (console->err) {
		struct ending ending = { "error", 1, "", NULL };

		snprintf(ending.cause, sizeof(ending.cause), "stdout: %s", strerror(-console->err));
		return ending;
	}
	switch (verdict) {
	case V_HALTED:
		return (struct ending){ "halted", 0, "", NULL };
	case V_EXIT:
	case V_LEFT:
		return (struct ending){ "exit", run->status, "", NULL };
	case V_TIMEOUT: {
		struct ending ending = { "timeout", 124, "", CHAPTER_ENDINGS };

		snprintf(ending.cause, sizeof(ending.cause), "%g s are over and %s",
			 opt->timeout_ms / 1e3,
			 console->lost		 ? "nobody reads what the guest prints"
			 : halted_for_good(vcpu) ? "the guest has halted with interrupts off"
						 : "the guest is still running");
		return ending;
	}
	default: {
		bool dead = verdict == V_DEAD;
		struct ending ending = { dead ? "dead" : "error", dead ? 3 : 1, "", NULL };

		explain_last_exit(&ending, &witness);
		if (run->cause[0])
			snprintf(ending.cause, sizeof(ending.cause), "%s", run->cause);
		return ending;
	}
	}
}

int sum_up(struct vcpu *vcpu, struct console *console, const struct options *opt)
{
	struct witness witness = vcpu_witness(vcpu);
	enum verdict verdict = run_verdict(&vcpu->vm->run);
	struct ending ending;
	int err;

	/* By now the guest may have left in another way; but some of its output has not. */
	if (console->lost && run_cut_off(&vcpu->vm->run) == V_TIMEOUT)
		verdict = V_TIMEOUT;
	ending = decide(vcpu, console, verdict, opt);
	if (console->lost)
		streams_drop_unread(STDERR_FILENO); /* it may be the same pipe, or terminal */
	if (console->err) /* the guest is not to blame: where it is would say nothing */
		fail("stdout", strerror(-console->err));
	else if (verdict == V_HALTED)
		fprintf(stderr, "vmm: the guest halted\n");
	else if (ending.cause[0] && !todo_count())
		obituary_print(&ending, &witness);
	if (opt->stats)
		stats_print(vcpu->rec);
	if (opt->kvm_stats) {
		err = kvm_stats_print(vcpu);
		if (err && !ending.status)
			ending.status = fail_errno("--kvm-stats", err);
	}
	if (opt->report.file) {
		report_write(opt->report.file, &ending, &witness);
		if (output_done(&opt->report))
			ending.status = 1;
	}
	witness_overdue(0);
	return ending.status;
}

void tell_vm(const struct vm *vm, const struct options *opt)
{
	if (opt->verbose)
		fprintf(stderr, "vmm: 2.1 a virtual machine, by version %d of the KVM API\n",
			ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0));
}

void tell_memory(const struct vm *vm, const struct image *image, const struct options *opt)
{
	if (!opt->verbose)
		return;
	fprintf(stderr,
		"vmm: 2.2 %llu KiB of guest memory; %llu bytes of image put at 0x%llx, %s\n",
		(unsigned long long)(opt->memory >> 10),
		(unsigned long long)image->segment[0].filesz,
		(unsigned long long)image->segment[0].paddr,
		image_is_loaded(image, &vm->mem) ? "read back the same" : "READ BACK DIFFERENT");
}

/* Does the vCPU's CPUID offer long mode: leaf 0x80000001, EDX bit 29? */
static bool has_long_mode(const struct vcpu *vcpu)
{
	const u32 room = 256;
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + room * sizeof(cpuid->entries[0]));
	bool found = false;

	if (!cpuid)
		return false;
	cpuid->nent = room;
	if (ioctl(vcpu->fd, KVM_GET_CPUID2, cpuid) == 0)
		for (u32 i = 0; i < cpuid->nent; i++)
			if (cpuid->entries[i].function == 0x80000001)
				found = cpuid->entries[i].edx >> 29 & 1;
	free(cpuid);
	return found;
}

void tell_vcpu(const struct vcpu *vcpu, const struct options *opt)
{
	if (opt->verbose)
		fprintf(stderr, "vmm: 2.3 a vCPU, its kvm_run page %s, its CPUID %s long mode\n",
			vcpu->run_size >= sizeof(*vcpu->run) ? "mapped" : "NOT MAPPED",
			has_long_mode(vcpu) ? "with" : "WITHOUT");
}
