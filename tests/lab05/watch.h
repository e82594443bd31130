/* SPDX-License-Identifier: MIT */
/*
 * Pages that tell of each instruction that touches them. Nobody can access them; an instruction
 * that does is stopped, and goes one step with the pages open. So a test sees what another CPU
 * could see, and each time, where two threads would meet only now and then.
 */
#ifndef LAB05_WATCH_H
#define LAB05_WATCH_H

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "test.h"

#define WATCH_TRAP 0x100 /* of RFLAGS: one instruction, then SIGTRAP */

static struct {
	u8 *from;
	size_t len; /* whole pages */
	bool open;
	/* An instruction, its bytes at code, is about to read at this address, or to write. */
	void (*touches)(const u8 *at, bool write, const u8 *code);
	void (*touched)(void); /* it has. Both may be NULL */
	/* As long as this is set, each instruction that follows is shown. */
	void (*follows)(const u8 *code);
	struct sigaction before;
} watch;

/* The instruction that comes next. */
static const u8 *watch_code(const greg_t *regs)
{
	const u8 *code;

	memcpy(&code, &regs[REG_RIP], sizeof(code));
	return code;
}

static void watch_fault(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const u8 *at = info->si_addr;

	if (at < watch.from || at >= watch.from + watch.len) {
		sigaction(sig, &watch.before, NULL); /* somebody's mistake: once more, for good */
		return;
	}
	if (watch.touches)
		watch.touches(at, regs[REG_ERR] & 2, watch_code(regs));
	mprotect(watch.from, watch.len, PROT_READ | PROT_WRITE);
	watch.open = true;
	regs[REG_EFL] |= WATCH_TRAP;
}

static void watch_step(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	if (watch.open && watch.touched)
		watch.touched();
	if (watch.open)
		mprotect(watch.from, watch.len, PROT_NONE);
	watch.open = false;
	if (watch.follows)
		watch.follows(watch_code(regs));
	else
		regs[REG_EFL] &= ~WATCH_TRAP;
}

/* Memory for that: whole pages, all zeros. */
static u8 *watch_pages(size_t len)
{
	u8 *pages = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		test_error("no memory");
	return pages;
}

static void watch_begin(u8 *from, size_t len)
{
	struct sigaction fault = { .sa_sigaction = watch_fault, .sa_flags = SA_SIGINFO };
	struct sigaction step = { .sa_sigaction = watch_step, .sa_flags = SA_SIGINFO };

	watch.from = from;
	watch.len = len;
	if (sigaction(SIGSEGV, &fault, &watch.before) || sigaction(SIGTRAP, &step, NULL) ||
	    mprotect(from, len, PROT_NONE))
		test_error("no trap");
}

static void watch_end(void)
{
	watch.follows = NULL;
	mprotect(watch.from, watch.len, PROT_READ | PROT_WRITE);
}

#endif
