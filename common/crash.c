// SPDX-License-Identifier: MIT
/*
 * In here nothing is called that could wait or allocate: the program may have crashed in malloc().
 * Each address is written as soon as it is known, since the way up a broken stack may crash again.
 */
#include "crash.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "types.h"

#define PAGE 4096

#ifdef SANITIZED
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

/* The linker's: where the program and its code begin and end. */
extern const char __executable_start[], etext[];

static struct {
	const char *name;
	int fd;
} report;

/* The way up the stack, from the handler's own frames to those of whoever it has interrupted. */
struct way {
	int fd;
	uintptr_t from; /* the interrupted instruction */
	bool reached;	/* it was come by */
	unsigned places;
};

static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return; /* there is nobody to tell */
}

static bool is_own(uintptr_t address)
{
	return address >= (uintptr_t)__executable_start && address < (uintptr_t)etext;
}

static void put_address(struct way *way, uintptr_t address)
{
	char text[] = " 0x0000000000000000", *digit = text + sizeof(text) - 1;

	if (!is_own(address) || way->places++ == CRASH_PLACES)
		return;
	address -= (uintptr_t)__executable_start;
	for (; address; address >>= 4)
		*--digit = "0123456789abcdef"[address & 15];
	memmove(text + 3, digit, strlen(digit) + 1);
	put(way->fd, text);
}

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *frame, void *arg)
{
	int interrupted = 0;
	uintptr_t address = _Unwind_GetIPInfo(frame, &interrupted);
	struct way *way = arg;

	way->reached |= address == way->from;
	/* A call returns behind itself, where another line may begin. */
	if (way->reached)
		put_address(way, interrupted ? address : address - 1);
	return way->places > CRASH_PLACES ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

#ifdef __x86_64__
static uintptr_t interrupted_at(const ucontext_t *user)
{
	return (uintptr_t)user->uc_mcontext.gregs[REG_RIP];
}

/* A call to nowhere has got as far as to put on the stack where it came from: seen from there on.
 */
static void undo_call(ucontext_t *user)
{
	u64 *stack = (u64 *)user->uc_mcontext.gregs[REG_RSP];

	user->uc_mcontext.gregs[REG_RIP] = (long long)*stack - 1; /* behind it is another line */
	user->uc_mcontext.gregs[REG_RSP] += sizeof(*stack);
}
#else
static uintptr_t interrupted_at(const ucontext_t *user)
{
	return 0;
}

static void undo_call(ucontext_t *user)
{
}
#endif

void crash_write_place(int fd, const char *text, const void *context)
{
	struct way way = { .fd = fd, .from = interrupted_at(context) };

	put(fd, text);
	put(fd, CRASH_AT);
	_Unwind_Backtrace(take_frame, &way);
	put(fd, "\n");
}

static const char *const signals[] = {
	[SIGSEGV] = "SIGSEGV", [SIGBUS] = "SIGBUS",   [SIGILL] = "SIGILL",
	[SIGFPE] = "SIGFPE",   [SIGABRT] = "SIGABRT",
};

/* SA_RESETHAND: the next such signal ends the process. */
static void on_crash(int sig, siginfo_t *info, void *context)
{
	ucontext_t *user = context, before = *user;
	uintptr_t at = interrupted_at(user);
	int err = errno;

	put(report.fd, report.name);
	put(report.fd, ": crashed with ");
	if (sig == SIGSEGV && (at < PAGE || at == (uintptr_t)info->si_addr))
		undo_call(user);
	crash_write_place(report.fd, signals[sig], user);
	user->uc_mcontext = before.uc_mcontext;
	if (info->si_code <= 0) /* somebody has sent it; else the same instruction makes it again */
		raise(sig);
	errno = err;
}

void crash_stack(void *room)
{
	stack_t stack = { .ss_sp = room, .ss_size = CRASH_STACK };

	if (!IS_SANITIZED)
		sigaltstack(&stack, NULL);
}

void crash_init(const char *name, int fd)
{
	static char room[CRASH_STACK];
	struct sigaction sa = { .sa_sigaction = on_crash,
				.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND };

	if (IS_SANITIZED)
		return;
	report.name = name;
	report.fd = fd;
	crash_stack(room);
	for (int sig = 1; sig < (int)ARRAY_SIZE(signals); sig++)
		if (signals[sig])
			sigaction(sig, &sa, NULL);
}
