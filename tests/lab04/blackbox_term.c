// SPDX-License-Identifier: MIT
/*
 * The VMM at a terminal: a pseudo-terminal, with somebody at its other end who waits for what is on
 * the screen, types, and sends signals. However it ends, the terminal is as it was before.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "../common/bad_stdout.h"

/* In place of a text: wait until the VMM waits for the terminal, which is stopped. */
static const char stuck[] = "stuck";

/* Wait until this is on the screen, then type, then send a signal. */
struct step {
	const char *wait, *type;
	int sig; /* 0: none; SIGCONT: the terminal goes on as well */
};

/* Shared by the test and the typist, who is a child of the VMM's. */
struct stage {
	const struct step *steps; /* ends with .wait NULL */
	int terminal, other_end;
	pid_t vmm;
	struct termios during; /* when the first step's text was there */
	size_t n;
	char screen[8192];
};

static void read_on(struct stage *s)
{
	ssize_t n = read(s->other_end, s->screen + s->n, sizeof(s->screen) - 1 - s->n);

	if (n <= 0)
		_exit(1);
	s->n += (size_t)n;
}

static void wait_until_stuck(const struct stage *s)
{
	struct termios now;

	do {
		sched_yield();
		tcgetattr(s->terminal, &now);
	} while ((now.c_lflag & ICANON) || state_of(s->vmm) != 'S');
}

/* Where on the screen that ends what the step waits for. */
static size_t wait_for(struct stage *s, const struct step *step, size_t seen)
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

static void type(struct stage *s)
{
	size_t seen = 0;

	for (const struct step *step = s->steps; step->wait; step++) {
		seen = wait_for(s, step, seen);
		if (step == s->steps)
			tcgetattr(s->terminal, &s->during);
		if (write(s->other_end, step->type, strlen(step->type)) < 0)
			_exit(1);
		if (step->sig == SIGCONT)
			tcflow(s->terminal, TCOON);
		if (step->sig)
			kill(s->vmm, step->sig);
	}
	_exit(0);
}

/* .prepare: the terminal becomes input and output, and the typist sits down. */
static void sit_down(void *arg)
{
	struct stage *s = arg;

	s->vmm = getpid();
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		type(s);
	}
	dup2(s->terminal, STDIN_FILENO);
	dup2(s->terminal, STDOUT_FILENO);
	close(s->terminal);
	close(s->other_end);
}

static struct stage *set_stage(const struct step *steps)
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
static void read_rest(struct stage *s)
{
	struct pollfd p = { .fd = s->other_end, .events = POLLIN };

	while (s->n < sizeof(s->screen) - 1 && poll(&p, 1, 0) == 1 && (p.revents & POLLIN))
		read_on(s);
}

static void expect_same_terminal(const struct termios *a, const struct termios *b)
{
	CONTEXT("the terminal is as it was before");
	EXPECT_U64(b->c_lflag, a->c_lflag);
	EXPECT_U64(b->c_iflag, a->c_iflag);
	EXPECT_U64(b->c_oflag, a->c_oflag);
	EXPECT_U64(b->c_cflag, a->c_cflag);
	EXPECT_BYTES(b->c_cc, a->c_cc, sizeof(a->c_cc));
}

/* Run the guest at a terminal with these steps; check that it was raw, and is no more. */
static struct outcome play(struct stage *s, const char *guest, const char *arg)
{
	struct vmm_run run = {
		.guest = guest,
		.args = { arg },
		.prepare = sit_down,
		.arg = s,
		/* A sanitized VMM dies of a signal as any other does. */
		.env = { "ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigill=0:"
			 "handle_sigfpe=0:handle_abort=0" },
	};
	struct termios before, after;
	struct outcome o;

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

/* Is something missing that these tests stand on? The guest enables interrupts, too. */
static bool is_undone(const char *task, const char *arg)
{
	struct outcome o = run_guest("04/uart-registers", arg);
	char line[40];

	snprintf(line, sizeof(line), "task %s is not done yet", task);
	return strstr(o.err, line) != NULL;
}

/* Why no test of this file can be played; or NULL. */
static const char *why_not(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	if (fd < 0)
		return "no pseudo-terminals here: is /dev/pts mounted?";
	close(fd);
	return is_undone("4.2", NULL) ? "task 4.2 comes first" : NULL;
}

TEST("-", each_key_reaches_the_guest, 0)
{
	static const struct step steps[] = {
		{ "ready\r\n", "a", 0 },
		{ "a", "\r", 0 },
		{ "\r", "\3\x1a\x1c\x11\x7f", 0 }, /* Ctrl-C, Ctrl-Z, Ctrl-\, Ctrl-Q, backspace */
		{ "\3\x1a\x1c\x11\x7f", "\1\1", 0 },
		{ "\1", "\1qz\4", 0 }, /* Ctrl-A q means nothing */
		{ NULL, NULL, 0 },
	};
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play(s, "04/uart-poll", NULL);
	CONTEXT("the keys that end or stop others are bytes like others; Ctrl-A Ctrl-A is one "
		"Ctrl-A");
	EXPECT_STR(s->screen, "ready\r\na\r\3\x1a\x1c\x11\x7f\1z");
	EXPECT_U64(o.status, 16 + 9);
	EXPECT_STR(o.err, "");
}

static void leave(const char *guest, const char *irqchip)
{
	static const struct step steps[] = { { "ready\r\n", "bye", 0 },
					     { "bye", "\1x", 0 },
					     { NULL, NULL, 0 } };
	struct stage *s = set_stage(steps);
	struct outcome o = play(s, guest, irqchip);

	CONTEXT("Ctrl-A x, with %s, %s", guest, irqchip);
	EXPECT_STR(o.err, "vmm: left by Ctrl-A x\n");
	EXPECT_U64(o.status, 0);
	EXPECT_STR(s->screen, "ready\r\nbye");
}

TEST("-", ctrl_a_x_leaves, 0)
{
	if (why_not())
		SKIP("%s", why_not());
	leave("04/uart-poll", "--irqchip=user");
	if (is_undone("4.7", NULL))
		SKIP("task 4.7 comes first");
	leave("04/uart-echo", "--irqchip=user");
	if (is_undone("4.8", "--irqchip=kernel"))
		SKIP("task 4.8 comes first");
	leave("04/uart-poll", "--irqchip=kernel");
	leave("04/uart-echo", "--irqchip=kernel");
}

TEST("-", the_terminal_after_a_signal, 0, .seconds = 0.5)
{
	static const int signals[] = { SIGINT,	SIGTERM, SIGHUP, SIGQUIT, SIGALRM,
				       SIGSEGV, SIGBUS,	 SIGILL, SIGFPE,  SIGABRT };

	if (why_not())
		SKIP("%s", why_not());
	for (unsigned i = 0; i < ARRAY_SIZE(signals); i++) {
		const struct step steps[] = { { "ready\r\n", "", signals[i] }, { NULL, NULL, 0 } };
		struct stage *s = set_stage(steps);
		struct outcome o = play(s, "04/uart-poll", NULL);

		CONTEXT("SIG%s while the terminal is raw", sigabbrev_np(signals[i]));
		EXPECT_TRUE(!o.timed_out);
		EXPECT_U64(o.status, 128 + signals[i]);
		if (signals[i] == SIGQUIT)
			EXPECT_CONTAINS(o.err, "vmm: stopped: asked to say where the guest is");
	}
}

TEST("-", the_terminal_after_other_endings, 0, .seconds = 0.5)
{
	static const struct step steps[] = { { "ready\r\n", "", 0 }, { NULL, NULL, 0 } };
	const char *path = test_tmpfile("no-directory/report");
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play(s, "04/uart-poll", "--timeout=0.3");
	CONTEXT("the time limit ends it");
	EXPECT_U64(o.status, 124);
	s = set_stage((const struct step[]){ { "ready\r\n", "\4", 0 }, { NULL, NULL, 0 } });
	o = play(s, "04/uart-poll", test_text("--report=%s", path));
	CONTEXT("the report cannot be written");
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, test_text("vmm: %s: ", path));
}

/* At a terminal that is stopped from the beginning, as by Ctrl-S. */
static struct outcome play_stopped(struct stage *s, const char *arg)
{
	tcflow(s->terminal, TCOOFF);
	return play(s, "04/uart-poll", arg);
}

TEST("-", the_terminal_is_stopped, 0, .seconds = 1.2)
{
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	o = play_stopped(
		set_stage((const struct step[]){ { stuck, "xy\1x", 0 }, { NULL, NULL, 0 } }), NULL);
	CONTEXT("Ctrl-A x");
	EXPECT_STR(o.err, "vmm: left by Ctrl-A x\n");
	EXPECT_U64(o.status, 0);
	o = play_stopped(
		set_stage((const struct step[]){ { stuck, "", SIGTERM }, { NULL, NULL, 0 } }),
		NULL);
	CONTEXT("SIGTERM");
	EXPECT_U64(o.status, 128 + SIGTERM);
	o = play_stopped(set_stage((const struct step[]){ { stuck, "xy", 0 }, { NULL, NULL, 0 } }),
			 "--timeout=1");
	CONTEXT("the time limit");
	EXPECT_CONTAINS(o.err, "1 s are over and nobody reads what the guest prints\n");
	EXPECT_U64(o.status, 124);
}

TEST("-", the_terminal_goes_on, 0)
{
	static const struct step steps[] = { { stuck, "early ", SIGCONT },
					     { "ready\r\nearly ", "late\4", 0 },
					     { NULL, NULL, 0 } };
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play_stopped(s, NULL);
	CONTEXT("the terminal was stopped for a while: nothing is lost, either way");
	EXPECT_STR(s->screen, "ready\r\nearly late");
	EXPECT_STR(o.err, "");
}

/* --- a job in the background: `vmm ... &`, and then `fg` --- */

/*
 * The shell, in the foreground: it reads some lines itself, and only then the VMM has the terminal.
 * Between typing and reading it gives a VMM that does not know its place the time to show it.
 */
static void shell(struct stage *s)
{
	char line[8];

	signal(SIGTTOU, SIG_IGN);
	setpgid(0, 0);
	if (tcsetpgrp(s->terminal, getpid()))
		_exit(1);
	s->n = 1; /* go */
	for (int i = 0; i < 10; i++)
		if (write(s->other_end, "x\n", 2) != 2 || poll(NULL, 0, 20) ||
		    read(s->terminal, line, sizeof(line)) != 2)
			_exit(1);
	tcsetpgrp(s->terminal, s->vmm);
	/* Ctrl-V: the byte behind it, which is Ctrl-D, is one like others. */
	_exit(write(s->other_end, "a\n\x16\4\n", 5) != 5);
}

/* .prepare */
static void go_to_the_background(void *arg)
{
	struct stage *s = arg;

	s->vmm = getpid();
	setpgid(0, getpgid(getppid())); /* the leader of a group cannot have a session */
	if (setsid() < 0 || ioctl(s->terminal, TIOCSCTTY, 0))
		_exit(99);
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		shell(s);
	}
	while (*(volatile size_t *)&s->n == 0)
		sched_yield();
	dup2(s->terminal, STDIN_FILENO);
	close(s->terminal);
	close(s->other_end);
}

TEST("-", a_job_in_the_background, 0)
{
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	if (is_undone("4.7", NULL))
		SKIP("task 4.7 comes first");
	o = run_vmm(&(struct vmm_run){
		.guest = "04/uart-echo", .prepare = go_to_the_background, .arg = set_stage(NULL) });
	CONTEXT("lines are typed while it is in the background; the last one is for it");
	EXPECT_STR(o.out, "ready\na\nbytes 00000002\n");
	EXPECT_U64(o.status, 0);
}
