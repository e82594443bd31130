// SPDX-License-Identifier: MIT
/* The VMM at a terminal: what the keys do, and that the terminal is as it was before. */
#include <stdio.h>

#include "../common/terminal.h"

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

#define HOW_TO_LEAVE \
	"vmm: keys go to the guest; Ctrl-A x leaves (Ctrl-A Ctrl-A is one Ctrl-A for it)\r\n"

TEST("-", how_to_leave_is_said, 0)
{
	static const struct step steps[] = { { "ready\r\n", "\1x", 0 }, { NULL, NULL, 0 } };
	static const struct step none[] = { { NULL, NULL, 0 } };
	struct stage *s;
	struct outcome o;
	char text[100];

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	s->stderr_too = true;
	o = play(s, "04/uart-poll", NULL);
	CONTEXT("somebody sits there: one line says how to leave, before the guest begins");
	EXPECT_STR(s->screen, HOW_TO_LEAVE "ready\r\nvmm: left by Ctrl-A x\r\n");
	EXPECT_U64(o.status, 0);
	s = set_stage(none);
	s->stderr_too = s->no_stdin = true;
	o = run_vmm(&(struct vmm_run){ .guest = "04/uart-hello", .prepare = sit_down, .arg = s });
	read_rest(s);
	CONTEXT("standard input is no terminal: there is nothing to be said");
	snprintf(text, sizeof(text), "Hello from COM1\r\n%.16s\r\n", nonce_text(&o));
	EXPECT_STR(s->screen, text);
}

TEST("-", a_paste_arrives_whole, 0, .seconds = 0.5)
{
	const struct step steps[] = { { "ready\r\n", paste(2000, "\4"), 0 }, { NULL, NULL, 0 } };
	char want[2100] = "ready\r\n";
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play(s, "04/uart-poll", NULL);
	CONTEXT("2000 keys at once; the guest takes them one by one");
	EXPECT_STR(s->screen, strcat(want, paste(2000, "")));
	EXPECT_STR(o.err, "");
	EXPECT_U64(o.status, 16 + 2000 % 64);
}

TEST("-", more_than_can_wait, 0, .seconds = 0.5)
{
	const struct step steps[] = { { "spinning\r\n", paste(65536 + 4464, "\1x"), 0 },
				      { NULL, NULL, 0 } };
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play(s, "02/spin", NULL);
	CONTEXT("70000 keys for a guest that takes none, and then Ctrl-A x");
	EXPECT_STR(o.err, "vmm: left by Ctrl-A x\n"
			  "vmm: 4464 bytes that were typed are lost: the guest had 65536 others to "
			  "take first\n");
	EXPECT_U64(o.status, 0);
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

TEST("-", somebody_elses_alarm_leaves_it_raw, 0)
{
	/* The alarm has been heard when the guest prints what was typed behind it. */
	static const struct step steps[] = { { "ready\r\n", "", SIGALRM },
					     { "", "a", 0 },
					     { "a", "\r", 0 },
					     { "\r", "", SIGTERM },
					     { NULL, NULL, 0 } };
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play(s, "04/uart-poll", "--timeout=1000");
	CONTEXT("SIGALRM long before the time limit ends nothing: keys still come one by one");
	EXPECT_STR(s->screen, "ready\r\na\r");
	EXPECT_U64(o.status, 128 + SIGTERM);
}

TEST("-", the_terminal_after_other_endings, 0, .seconds = 0.5)
{
	static const struct step steps[] = { { "ready\r\n", "", 0 }, { NULL, NULL, 0 } };
	struct stage *s;
	struct outcome o;

	if (why_not())
		SKIP("%s", why_not());
	s = set_stage(steps);
	o = play(s, "04/uart-poll", "--timeout=0.3");
	CONTEXT("the time limit ends it");
	EXPECT_U64(o.status, 124);
	s = set_stage((const struct step[]){ { "ready\r\n", "\4", 0 }, { NULL, NULL, 0 } });
	o = play(s, "04/uart-poll", "--report=/dev/full");
	CONTEXT("the report cannot be written");
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, "vmm: /dev/full: ");
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
	/*
	 * Ctrl-V: the byte behind it, which is Ctrl-D, is one like others. The second Ctrl-D sends
	 * the line without a newline: the guest may or may not come to see what arrives behind its
	 * last byte.
	 */
	_exit(write(s->other_end, "a\n\x16\4\4", 5) != 5);
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
