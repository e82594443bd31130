// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "summary.h"
#include "kvm_stats.h"
#include "live.h"
#include "load.h"
#include "streams.h"
#include "todo.h"
#include "trace_out.h"
#include "vcpu_cpuid.h"
#include "x86.h"

/* What the explainer needs to know of this vCPU; see common/obituary.h. */
static struct witness vcpu_witness(const struct vcpu *vcpu)
{
	return (struct witness){
		.rec = vcpu->rec,
		.slots = vcpu->vm->mem.slot,
		.nslots = &vcpu->vm->mem.nslots,
		.vcpu_fd = vcpu->fd,
		.guest_view = vcpu->guest_view,
		.exit_view = vcpu->exit_view,
		.guest_view_ctx = vcpu->guest_view_ctx,
		.devices = &vcpu->vm->describers,
	};
}

void vcpu_watch(const struct vcpu *vcpu, const struct options *opt)
{
	struct witness witness = vcpu_witness(vcpu);

	if ((opt->trace.count || opt->live) &&
	    !trace_begin(vcpu->fd, vcpu->vm->mem.slot, &vcpu->vm->mem.nslots))
		fail_errno("--trace", -errno);
	witness_on_sigquit(&witness, opt);
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
static struct ending decide(const struct vcpu *vcpu, const struct sink *sink, enum verdict verdict,
			    const struct options *opt)
{
	const struct run *run = &vcpu->vm->run;
	struct ending ending = { .verdict = "error", .status = 1 };
	struct witness witness = vcpu_witness(vcpu);

	if (sink->err) {
		snprintf(ending.cause, sizeof(ending.cause), "stdout: %s", strerror(-sink->err));
		return ending;
	}
	switch (verdict) {
	case V_HALTED:
		return (struct ending){ .verdict = "halted" };
	case V_EXIT:
	case V_LEFT:
		return (struct ending){ .verdict = "exit", .status = run->status };
	case V_OFF:
		return (struct ending){ .verdict = "off" };
	case V_RESET:
		return (struct ending){ .verdict = "reset" };
	case V_TIMEOUT:
		ending = (struct ending){ "timeout", 124, "", CHAPTER_ENDINGS };
		snprintf(ending.cause, sizeof(ending.cause), "%g s are over and %s",
			 opt->timeout_ms / 1e3,
			 sink->lost		 ? "nobody reads what the guest prints"
			 : halted_for_good(vcpu) ? "the guest has halted with interrupts off"
						 : "the guest is still running");
		return ending;
	case V_DEAD:
		ending = (struct ending){ .verdict = "dead", .status = 3 };
		/* fall through */
	default:
		explain_last_exit(&ending, &witness);
		if (run->cause[0])
			snprintf(ending.cause, sizeof(ending.cause), "%s", run->cause);
		return ending;
	}
}

/*
 * Task 2.9 is about these. Until it is done they are explained all the same, below its TODO(): a
 * guest of an earlier task may end so, too.
 */
static bool is_dead_end(const struct recorder *rec)
{
	const struct exit_record *last = recorder_last(rec, 0);

	return last && (last->kind == EXIT_SHUTDOWN || last->kind == EXIT_FAIL_ENTRY ||
			last->kind == EXIT_INTERNAL_ERROR || last->kind == EXIT_RUN_ERROR);
}

int sum_up(struct vcpu *vcpu, struct sink *sink, const struct options *opt)
{
	struct witness witness = vcpu_witness(vcpu);
	enum verdict verdict = run_verdict(&vcpu->vm->run);
	struct ending ending;
	int err;

	live_stop();
	recorder_end(vcpu->rec);
	/* By now the guest may have left in another way; but some of its output has not. */
	if (sink->lost && run_cut_off(&vcpu->vm->run) == V_TIMEOUT)
		verdict = V_TIMEOUT;
	ending = decide(vcpu, sink, verdict, opt);
	if (sink->lost)
		streams_drop_unread(STDERR_FILENO); /* it may be the same pipe, or terminal */
	if (sink->err) /* the guest is not to blame: where it is would say nothing */
		fail("stdout", strerror(-sink->err));
	else if (verdict == V_HALTED)
		fprintf(stderr, "vmm: the guest halted\n");
	else if (verdict == V_OFF || verdict == V_RESET)
		fprintf(stderr, "vmm: %s\n", vcpu->vm->run.cause);
	else if (ending.cause[0] && (!todo_count() || is_dead_end(vcpu->rec)))
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
	if (traces_write(opt) && !ending.status)
		ending.status = 1;
	return ending.status;
}

void verbose_vm(const struct vm *vm, const struct options *opt)
{
	if (opt->verbose)
		fprintf(stderr, "vmm: 2.1 a virtual machine, by version %d of the KVM API\n",
			ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0));
}

void verbose_memory(const struct vm *vm, const struct image *image, const struct options *opt)
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

void verbose_vcpu(const struct vcpu *vcpu, const struct options *opt)
{
	struct kvm_cpuid_entry2 features;

	if (!opt->verbose)
		return;
	vcpu_cpuid(vcpu, 0x80000001, 0, &features);
	fprintf(stderr, "vmm: 2.3 a vCPU, its kvm_run page %s, its CPUID %s long mode\n",
		vcpu->run_size >= sizeof(*vcpu->run) ? "mapped" : "NOT MAPPED",
		features.edx >> 29 & 1 ? "with" : "WITHOUT");
}
