/* SPDX-License-Identifier: MIT */
/*
 * The VMM at a terminal: a pseudo-terminal, with somebody at its other end who waits for what is on
 * the screen, types, and sends signals. However it ends, the terminal is as it was before.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "bad_stdout.h"

/* In place of a text: wait until the VMM waits for the terminal, which is stopped. */
static const char stuck[] = "stuck";

/* Wait until this is on the screen, then type, then send a signal. */
struct step {
	const char *wait, *type; /* "size 80 25": not typed, the terminal has that size now */
	int sig; /* 0: none; SIGCONT: the terminal goes on as well. The VMM is no job of this
		  * terminal: of a new size it hears if SIGWINCH is sent here */
};

static inline void set_size(int fd, u16 columns, u16 rows)
{
	struct winsize size = { .ws_col = columns, .ws_row = rows };

	if (ioctl(fd, TIOCSWINSZ, &size) < 0)
		_exit(1);
}

/* Shared by the test and the typist, who is a child of the VMM's. */
struct stage {
	const struct step *steps;  /* ends with .wait NULL */
	bool stderr_too, no_stdin; /* besides standard output, what is at the terminal */
	int terminal, other_end;
	pid_t vmm;
	struct termios during; /* when the first step's text was there */
	size_t n;
	char screen[8192];
};

static inline void read_on(struct stage *s)
{
	ssize_t n = read(s->other_end, s->screen + s->n, sizeof(s->screen) - 1 - s->n);

	if (n <= 0)
		_exit(1);
	s->n += (size_t)n;
}

static inline void wait_until_stuck(const struct stage *s)
{
	struct termios now;

	do {
		sched_yield();
		tcgetattr(s->terminal, &now);
	} while ((now.c_lflag & ICANON) || state_of(s->vmm) != 'S');
}

/* Where on the screen that ends what the step waits for. */
static inline size_t wait_for(struct stage *s, const struct step *step, size_t seen)
{
	char *found;

	if (step->wait == stuck) {
		wait_until_stuck(s);
		return seen;
	}
	while (!(found = strstr(s->screen + seen, step->wait)))
		read_on(s);
	return (size_t)(found - s->screen) + strlen(step->wait);
}

static inline void type_one(const struct stage *s, const char *rest)
{
	unsigned columns, rows;

	if (sscanf(rest, "size %u %u", &columns, &rows) == 2) {
		set_size(s->terminal, (u16)columns, (u16)rows);
		return;
	}
	while (*rest) {
		ssize_t n = write(s->other_end, rest, strlen(rest));

		if (n < 0)
			_exit(1);
		rest += n;
	}
}

static inline void type(struct stage *s)
{
	size_t seen = 0;

	for (const struct step *step = s->steps; step->wait; step++) {
		seen = wait_for(s, step, seen);
		if (step == s->steps)
			tcgetattr(s->terminal, &s->during);
		type_one(s, step->type);
		if (step->sig == SIGCONT)
			tcflow(s->terminal, TCOON);
		if (step->sig)
			kill(s->vmm, step->sig);
	}
	_exit(0);
}

/* .prepare: the terminal becomes input and output, and the typist sits down. */
static inline void sit_down(void *arg)
{
	struct stage *s = arg;

	s->vmm = getpid();
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		type(s);
	}
	if (!s->no_stdin)
		dup2(s->terminal, STDIN_FILENO);
	if (s->stderr_too)
		dup2(s->terminal, STDERR_FILENO);
	dup2(s->terminal, STDOUT_FILENO);
	close(s->terminal);
	close(s->other_end);
}

static inline struct stage *set_stage(const struct step *steps)
{
	struct stage *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		test_error("no memory");
	s->steps = steps;
	s->other_end = posix_openpt(O_RDWR | O_NOCTTY);
	if (s->other_end < 0 || grantpt(s->other_end) || unlockpt(s->other_end))
		test_error("no pseudo-terminal: %s", strerror(errno));
	s->terminal = open(ptsname(s->other_end), O_RDWR | O_NOCTTY);
	if (s->terminal < 0)
		test_error("%s: %s", ptsname(s->other_end), strerror(errno));
	return s;
}

/* What the VMM wrote after the last step. */
static inline void read_rest(struct stage *s)
{
	struct pollfd p = { .fd = s->other_end, .events = POLLIN };

	while (s->n < sizeof(s->screen) - 1 && poll(&p, 1, 0) == 1 && (p.revents & POLLIN))
		read_on(s);
}

static inline void expect_same_terminal(const struct termios *a, const struct termios *b)
{
	CONTEXT("the terminal is as it was before");
	EXPECT_U64(b->c_lflag, a->c_lflag);
	EXPECT_U64(b->c_iflag, a->c_iflag);
	EXPECT_U64(b->c_oflag, a->c_oflag);
	EXPECT_U64(b->c_cflag, a->c_cflag);
	EXPECT_BYTES(b->c_cc, a->c_cc, sizeof(a->c_cc));
}

/* A sanitized VMM dies of a signal as any other does. */
static inline const char *dying_of_signals(const char *options)
{
	const char *others = getenv(options);

	return test_text("%s=%s:handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:"
			 "handle_abort=0",
			 options, others ? others : "");
}

/* Run the guest at a terminal with these steps; check that it was raw, and is no more. */
static inline struct outcome play_run(struct stage *s, struct vmm_run run)
{
	struct termios before, after;
	struct outcome o;

	run.prepare = sit_down;
	run.arg = s;
	run.env[0] = dying_of_signals("ASAN_OPTIONS");
	run.env[1] = dying_of_signals("TSAN_OPTIONS");
	tcgetattr(s->terminal, &before);
	o = run_vmm(&run);
	tcgetattr(s->terminal, &after);
	read_rest(s);
	CONTEXT("while the guest runs, keys come one by one and without an echo");
	EXPECT_U64(s->during.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0);
	EXPECT_U64(s->during.c_iflag & (ICRNL | IXON), 0);
	EXPECT_U64(s->during.c_oflag, before.c_oflag);
	expect_same_terminal(&before, &after);
	return o;
}

/* play(s, "04/uart-poll", "--irqchip=kernel") */
#define play(s, guest_, ...) \
	play_run(s, (struct vmm_run){ .guest = (guest_), .args = { __VA_ARGS__ } })

/* Many keys at once, which nobody can type but a clipboard can; then these. Overwritten next time.
 */
static inline const char *paste(size_t n, const char *then)
{
	static char text[100000];

	if (n + strlen(then) >= sizeof(text))
		test_error("so much cannot be pasted");
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('!' + i % 94);
	strcpy(text + n, then);
	return text;
}

#endif
