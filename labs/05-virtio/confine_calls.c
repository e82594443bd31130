// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "confine.h"
#include "confine_list.h"
#include "term.h"

#define CALLS_MAX 512

/* What the signal handler needs: a look-up at that time might allocate memory. */
static char *call_name[CALLS_MAX];

static void learn_names(void)
{
	for (int nr = 0; nr < CALLS_MAX; nr++)
		if (!call_name[nr])
			call_name[nr] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
}

struct line {
	char text[200];
	size_t len;
};

static void add(struct line *l, const char *text)
{
	size_t len = strlen(text);

	if (len > sizeof(l->text) - l->len)
		len = sizeof(l->text) - l->len;
	memcpy(l->text + l->len, text, len);
	l->len += len;
}

static void add_hex(struct line *l, u64 n)
{
	char digit[] = { 0, 0 };

	add(l, "0x");
	for (int shift = n >> 32 ? 60 : 28; shift >= 0; shift -= 4) {
		digit[0] = "0123456789abcdef"[n >> shift & 15];
		add(l, digit);
	}
}

/* SIGSYS: a call that is not on the list. It was not made. */
static void on_refused(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	unsigned nr = (unsigned)info->si_syscall;
	struct line l = { .len = 0 };

	term_restore();
	add(&l, "vmm: the sandbox refuses ");
	if (nr < CALLS_MAX && call_name[nr])
		add(&l, call_name[nr]);
	else
		add_hex(&l, nr);
	if (nr == (unsigned)SCMP_SYS(ioctl)) {
		add(&l, " ");
		add_hex(&l, (u64)user->uc_mcontext.gregs[REG_RSI]);
	}
	add(&l, ": no running VMM needs it; if yours does, --no-sandbox lets it\n");
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		_exit(CONFINE_STATUS);
	_exit(CONFINE_STATUS);
}

static int catch_refused(void)
{
	struct sigaction sa = { .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO };

	learn_names();
	return sigaction(SIGSYS, &sa, NULL) < 0 ? -errno : 0;
}

static int add_call(scmp_filter_ctx filter, const struct allowed *a)
{
	u32 action = a->error ? SCMP_ACT_ERRNO(a->error) : SCMP_ACT_ALLOW;
	struct scmp_arg_cmp cmp[2];
	unsigned n = 0;

	for (; n < 2 && a->arg[n].mask; n++) {
		const struct argument *arg = &a->arg[n];
		u64 value = arg->value == CONFINE_OWN_PID ? (u64)getpid() : arg->value;

		cmp[n] = arg->other ? SCMP_CMP64(arg->n, SCMP_CMP_NE, value, 0)
				    : SCMP_CMP64(arg->n, SCMP_CMP_MASKED_EQ, arg->mask, value);
	}
	return seccomp_rule_add_array(filter, action, a->call, n, cmp);
}

static int add_calls(scmp_filter_ctx filter, unsigned parts)
{
	int err = 0;

	for (unsigned f = 0; f < confine_nfamilies; f++)
		for (unsigned i = 0;
		     (confine_families[f].part & parts) && i < confine_families[f].ncalls && !err;
		     i++)
			err = add_call(filter, &confine_families[f].call[i]);
	return err;
}

static void print_family(const struct family *f, const char *whose)
{
	fprintf(stderr, "%s: %s: ", whose, f->name);
	for (unsigned i = 0; i < f->ncalls; i++) {
		const struct allowed *a = &f->call[i];

		fprintf(stderr, "%s%s%s%s", i ? ", " : "", call_name[a->call], a->only ? " " : "",
			a->only ? a->only : "");
	}
	fprintf(stderr, "\n");
}

static int load(unsigned parts)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int err;

	if (!filter)
		return -ENOMEM;
	/* The I/O thread's filter, too; and a tree to find the call in, no list. */
	if ((err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1)) == 0 &&
	    (err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2)) == 0 &&
	    (err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) == 0 &&
	    (err = add_calls(filter, parts)) == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

int confine_calls(const struct options *opt, unsigned parts, struct why *why)
{
	int err;

#ifdef SANITIZED
	return 0;
#endif
	if (opt->no_sandbox)
		return 0;
	/* A heap of a thread's own asks /proc how to shrink: so it shrinks not at all. */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	err = catch_refused();
	for (unsigned f = 0; opt->verbose && f < confine_nfamilies; f++)
		if (confine_families[f].part & parts)
			print_family(&confine_families[f], confine_whose(parts));
	err = err ? err : load(parts);
	return err ? why_set(why, err, "seccomp: %s", strerror(-err)) : 0;
}
