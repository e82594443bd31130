// SPDX-License-Identifier: MIT
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crash.h"
#include "live.h"
#include "obituary.h"
#include "options.h"
#include "regdump.h"
#include "streams.h"
#include "todo.h"
#include "trace_out.h"
#include "why.h"

#define LAST_EXITS_SHOWN 8
#define GRACE_S		 5 /* to end by itself; and again, to say its last words */

static void print_registers(const struct regdump *dump)
{
	const struct kvm_regs *r = &dump->regs;
	const struct kvm_sregs *s = &dump->sregs;

	fprintf(stderr, "  registers   rip %016llx  rsp %016llx  rflags %llx\n", r->rip, r->rsp,
		r->rflags);
	fprintf(stderr, "              rax %016llx  rbx %016llx  rcx %016llx\n", r->rax, r->rbx,
		r->rcx);
	fprintf(stderr, "              rdx %016llx  rsi %016llx  rdi %016llx\n", r->rdx, r->rsi,
		r->rdi);
	fprintf(stderr,
		"              cs %04x  cr0 %llx  cr2 %llx  cr3 %llx  cr4 %llx  efer %llx\n",
		s->cs.selector, s->cr0, s->cr2, s->cr3, s->cr4, s->efer);
}

static void print_where(const struct regdump *dump, const struct recorder *rec)
{
	const struct exit_record *before = recorder_last(rec, 1);

	if (dump->was_reset) {
		fprintf(stderr, "  at          unknown: the triple fault reset the CPU, and its "
				"registers are lost");
		/* With guest_view, KVM shows where the VMM's own code was, not the guest. */
		if (dump->regs.rip != RESET_RIP)
			fprintf(stderr, "; its last trap was at rip 0x%llx", dump->regs.rip);
		else if (before && before->has_rip)
			fprintf(stderr, "; its exit before was at rip 0x%llx",
				(unsigned long long)before->rip);
		fputc('\n', stderr);
	}
	if (!dump->has_regs)
		return;
	if (dump->code_len) {
		fprintf(stderr, "  at          0x%llx:", (unsigned long long)dump->linear);
		for (unsigned i = 0; i < dump->code_len; i++)
			fprintf(stderr, " %02x", dump->code[i]);
		fprintf(stderr, "   %s\n", dump->insn);
		if (dump->zeros)
			fprintf(stderr, "              zeros: the guest runs through memory that "
					"nobody has put a program into\n");
	} else {
		fprintf(stderr, "  at          0x%llx, where there is no instruction to be read\n",
			(unsigned long long)dump->linear);
	}
	print_registers(dump);
}

/* Exit i in words, and whether they are ours, or the guest's view of it. */
static bool exit_words(const struct witness *witness, u64 i, char *text, size_t size)
{
	if (witness->exit_view && witness->exit_view(witness->guest_view_ctx, i, text, size))
		return false;
	exit_describe(recorder_last(witness->rec, i), text, size);
	return true;
}

static void print_last_exits(const struct witness *witness)
{
	u64 n = min_u64(witness->rec->total, LAST_EXITS_SHOWN);
	char text[96];

	if (n == 0)
		return;
	fprintf(stderr, "  last exits  ");
	for (u64 i = n; i-- > 0;) {
		exit_words(witness, i, text, sizeof(text));
		fprintf(stderr, "%s%s", text, i ? "\n              " : "\n");
	}
}

void obituary_print(const struct ending *ending, const struct witness *witness)
{
	static const char *const said[][2] = {
		{ "dead", "the guest died" },
		{ "timeout", "time limit" },
		{ "error", "cannot go on" },
		{ "limit", "stopped" },
	};
	struct regdump dump;
	const char *what = ending->verdict;

	for (unsigned i = 0; i < ARRAY_SIZE(said); i++)
		if (!strcmp(what, said[i][0]))
			what = said[i][1];
	fail(what, ending->cause);
	regdump_take(&dump, witness);
	print_where(&dump, witness->rec);
	print_last_exits(witness);
	if (witness->devices)
		describe_all(witness->devices, stderr);
	if (ending->chapter)
		fprintf(stderr, "  read        the book, %s\n", ending->chapter);
}

static void report_exits(FILE *f, const struct witness *witness)
{
	const struct recorder *rec = witness->rec;
	u64 n = min_u64(rec->total, LAST_EXITS_SHOWN);
	char text[96];

	for (unsigned kind = 0; kind < EXIT_KINDS; kind++)
		if (rec->count[kind])
			fprintf(f, "exits %s %llu\n", exit_kind_name(kind),
				(unsigned long long)rec->count[kind]);
	for (u64 i = n; i-- > 0;) {
		const struct exit_record *record = recorder_last(rec, i);
		bool ours = exit_words(witness, i, text, sizeof(text));

		fprintf(f, "last %s", text);
		if (ours && record->has_rip)
			fprintf(f, " rip=0x%llx", (unsigned long long)record->rip);
		fputc('\n', f);
	}
}

static void report_registers(FILE *f, const struct regdump *dump)
{
	const struct kvm_regs *r = &dump->regs;
	const struct kvm_sregs *s = &dump->sregs;
	const struct {
		const char *name;
		unsigned long long value;
	} regs[] = {
		{ "rip", r->rip }, { "rsp", r->rsp },	{ "rflags", r->rflags },  { "rax", r->rax },
		{ "rbx", r->rbx }, { "rcx", r->rcx },	{ "rdx", r->rdx },	  { "rsi", r->rsi },
		{ "rdi", r->rdi }, { "cr0", s->cr0 },	{ "cr2", s->cr2 },	  { "cr3", s->cr3 },
		{ "cr4", s->cr4 }, { "efer", s->efer }, { "cs", s->cs.selector },
	};

	if (!dump->has_regs)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(regs); i++)
		fprintf(f, "reg %s 0x%llx\n", regs[i].name, regs[i].value);
	if (!dump->code_len)
		return;
	fprintf(f, "code 0x%llx", (unsigned long long)dump->linear);
	for (unsigned i = 0; i < dump->code_len; i++)
		fprintf(f, " %02x", dump->code[i]);
	fprintf(f, " %s\n", dump->insn);
}

void report_write(FILE *f, const struct ending *ending, const struct witness *witness)
{
	struct regdump dump;

	rewind(f);
	if (ftruncate(fileno(f), 0) < 0)
		errno = 0; /* it is no file, and nothing was there */
	regdump_take(&dump, witness);
	fprintf(f, "vmmlab-report 1\nverdict %s\nstatus %d\n", ending->verdict, ending->status);
	if (ending->cause[0])
		fprintf(f, "cause %s\n", ending->cause);
	for (unsigned i = 0; i < todo_count(); i++)
		fprintf(f, "todo %s\n", todo_name(i));
	report_exits(f, witness);
	report_registers(f, &dump);
}

/* What the signal handlers need, and nothing else may touch. */
static _Thread_local struct witness sigquit_witness;
static const struct options *sigquit_options;
static long long overdue_at; /* ms of CLOCK_MONOTONIC */
static void (*overdue_first)(void);

/*
 * The signal has brought the vCPU thread out of KVM_RUN, so its registers can be asked for. stdio
 * is not async-signal-safe: in the worst case these last words are lost.
 */
static void last_words(struct ending *ending)
{
	FILE *report = sigquit_options ? sigquit_options->report.file : NULL;

	live_cut_short();
	if (report) {
		report_write(report, ending, &sigquit_witness);
		fflush(report);
	}
	obituary_print(ending, &sigquit_witness);
	if (sigquit_options)
		traces_write(sigquit_options);
	_exit(ending->status);
}

/*
 * Where our own code is, unless the guest runs, or has halted and is waited for: then that is where
 * it has to be.
 */
static void write_own_place(const void *context)
{
	const struct recorder *rec = sigquit_witness.rec;
	const struct exit_record *last = rec ? recorder_last(rec, 0) : NULL;

	if (last && rec->left >= rec->entered && last->kind != EXIT_HLT)
		crash_write_place(STDERR_FILENO, "vmm: still", context);
}

static void on_sigquit(int sig, siginfo_t *info, void *context)
{
	struct ending ending = { "limit", 128 + sig, "asked to say where the guest is (SIGQUIT)",
				 NULL };

	write_own_place(context);
	last_words(&ending);
}

static void on_overdue(int sig, siginfo_t *info, void *context)
{
	struct ending ending = { "error", 1,
				 "the time limit is over, and the VMM does not end: "
				 "its own code runs on, or waits for ever",
				 NULL };

	alarm(GRACE_S);
	if (overdue_first)
		overdue_first();
	streams_drop_unread(STDERR_FILENO);
	crash_write_place(STDERR_FILENO, "vmm: still", context);
	last_words(&ending);
}

void witness_on_sigquit(const struct witness *witness, const struct options *opt)
{
	/* The next one ends the process at once: the words of the first may wait for a reader. */
	struct sigaction sa = { .sa_sigaction = on_sigquit,
				.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER };

	sigquit_witness = *witness;
	sigquit_options = opt;
	sigaction(SIGQUIT, &sa, NULL);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/*
 * Somebody else's signal says nothing about our time: the alarm goes on.
 *
 * The process may just have been stopped for so long (Ctrl-Z, a debugger): then the time limit
 * comes only now, together with this, and must have its time.
 */
static void on_time_over(int sig)
{
	/* The alarm behind that one ends the process: that one may have come amid malloc(). */
	struct sigaction sa = { .sa_sigaction = on_overdue,
				.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER };
	long long left = overdue_at - now_ms();

	if (left > 0) {
		alarm(left / 1000 + 1);
		return;
	}
	sigaction(SIGALRM, &sa, NULL);
	alarm(GRACE_S);
}

void witness_overdue(unsigned seconds)
{
	struct sigaction sa = { .sa_handler = on_time_over, .sa_flags = SA_RESTART };

	overdue_at = now_ms() + seconds * 1000LL;
	if (seconds)
		sigaction(SIGALRM, &sa, NULL);
	alarm(seconds);
}

void witness_first(void (*fn)(void))
{
	overdue_first = fn;
}
