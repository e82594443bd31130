// SPDX-License-Identifier: MIT
/* Task 5.5, from outside: a console by virtio, both ways. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/terminal.h"
#include "talk.h"

TEST("5.5", hello_in_two_buffers, 2)
{
	struct outcome o = run_guest("05/console-hello", "--device=console", "--timeout=5");
	char text[120];

	snprintf(text, sizeof(text), "Hello by virtio %.16s\nused: 1 chain, length 0\n!\n",
		 nonce_text(&o));
	CONTEXT("33 bytes in two buffers by one notification, then two by the emergency write");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	o = run_guest("05/console-hello", "--device=rng", "--device=console", "--device=console",
		      "--irqchip=kernel", "--timeout=5");
	snprintf(text, sizeof(text), "Hello by virtio %.16s\nused: 1 chain, length 0\n!\n",
		 nonce_text(&o));
	CONTEXT("two consoles: the guest takes the one in the lower window");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

/* "ready", what came in before the Ctrl-D, and how many bytes that were. */
static void expect_echo(const struct outcome *o, const char *bytes, size_t n)
{
	size_t ready = strlen("ready\n");
	char last[40];

	snprintf(last, sizeof(last), "bytes %08zx\n", n);
	EXPECT_TRUE(o->out_len == ready + n + strlen(last), "%zu bytes on the console", o->out_len);
	EXPECT_BYTES(o->out, "ready\n", ready);
	EXPECT_BYTES(o->out + ready, bytes, n);
	EXPECT_STR(o->out + ready + n, last);
	EXPECT_U64(o->status, 0);
}

static void echo_a_file(const char *irqchip, const char *notify)
{
	char bytes[420];
	size_t n = 200 + nonce_random() % 200;
	struct outcome o = run_vmm(
		&(struct vmm_run){ .guest = "05/console-echo",
				   .args = { "--device=console", "--timeout=10", irqchip, notify },
				   .stdin_path = talk_random_input(bytes, n) });

	CONTEXT("%s %s: %zu bytes come in, and the guest has eight of room at a time", irqchip,
		notify, n);
	expect_echo(&o, bytes, n);
}

TEST("5.5", all_that_is_typed_comes_back, 2)
{
	echo_a_file("--irqchip=user", "--notify=exit");
	echo_a_file("--irqchip=kernel", "--notify=exit");
}

TEST("5.5", key_by_key, 2)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "05/console-echo",
					   .args = { "--device=console", "--timeout=10" },
					   .prepare = talk_byte_by_byte,
					   .arg = "Is anybody there?\4" });

	CONTEXT("each byte is sent only when the one before has come back");
	EXPECT_STR(o.out, "ready\nIs anybody there?bytes 00000011\n");
	EXPECT_U64(o.status, 0);
}

static bool is_undone(const struct outcome *o)
{
	return strstr(o->err, "is not done yet");
}

TEST("-", notify_by_eventfd_echoes_too, 0)
{
	struct outcome o = run_guest("05/console-hello", "--device=console", "--notify=eventfd",
				     "--timeout=5");

	if (is_undone(&o))
		SKIP("tasks 5.5 and 5.8 come first");
	EXPECT_CONTAINS(o.out, "used: 1 chain, length 0\n!\n");
	EXPECT_U64(o.status, 0);
	echo_a_file("--irqchip=user", "--notify=eventfd");
	echo_a_file("--irqchip=kernel", "--notify=eventfd");
}

TEST("-", a_paste_arrives_whole, 0, .seconds = 0.5)
{
	static const char *const notify[] = { "--notify=exit", "--notify=eventfd" };
	const struct step steps[] = { { "ready\r\n", paste(2000, "\4"), 0 }, { NULL, NULL, 0 } };
	struct outcome o = run_guest("05/console-hello", "--device=console", "--notify=eventfd");

	if (is_undone(&o))
		SKIP("tasks 5.5 and 5.8 come first");
	for (unsigned i = 0; i < ARRAY_SIZE(notify); i++) {
		struct stage *s = set_stage(steps);
		char want[2100] = "ready\r\n";

		o = play(s, "05/console-echo", "--device=console", notify[i]);
		strcat(want, paste(2000, "bytes 000007d0\r\n"));
		paste(2000, "\4");
		CONTEXT("%s: 2000 keys at once; the guest has eight of room at a time", notify[i]);
		EXPECT_STR(s->screen, want);
		EXPECT_STR(o.err, "");
		EXPECT_U64(o.status, 0);
	}
}

TEST("-", a_terminal_changes_its_size, 0, .seconds = 0.4)
{
	static const char *const irqchip[] = { "--irqchip=user", "--irqchip=kernel" };
	/* While it is stopped, what the kernel says goes to the shell: there is no SIGWINCH. */
	static const struct step steps[] = { { "0050 rows 0019\r\n", "size 132 43", SIGWINCH },
					     { "0084 rows 002b\r\n", "", SIGSTOP },
					     { "", "size 132 1000", SIGCONT },
					     { "0084 rows 03e8\r\n", "\1x", 0 },
					     { NULL, NULL, 0 } };

	struct outcome o = run_guest("05/console-size", "--device=console", "--timeout=10");

	if (is_undone(&o))
		SKIP("task 5.1 comes first");
	for (unsigned i = 0; i < ARRAY_SIZE(irqchip); i++) {
		struct stage *s = set_stage(steps);

		set_size(s->terminal, 80, 25);
		o = play(s, "05/console-size", "--device=console", irqchip[i], "--timeout=10");
		CONTEXT("%s: the terminal has 80 columns and 25 rows, then 132 and 43, then 1000 "
			"rows while the VMM is stopped; the guest sleeps in between",
			irqchip[i]);
		EXPECT_CONTAINS(s->screen, "columns 0050 rows 0019\r\ncolumns 0084 rows 002b\r\n"
					   "columns 0084 rows 03e8\r\n");
		EXPECT_U64(o.status, 0);
	}
}

TEST("-", no_terminal_has_no_size, 0)
{
	struct outcome o = run_guest("05/console-size", "--device=console", "--timeout=10");

	if (is_undone(&o))
		SKIP("task 5.1 comes first");
	EXPECT_STR(o.out, "no size\n");
	EXPECT_U64(o.status, 0);
}

/* .prepare: standard output goes nowhere. */
static void nobody_reads(void *arg)
{
	int ends[2];

	if (pipe(ends) || dup2(ends[1], STDOUT_FILENO) < 0)
		_exit(99);
	close(ends[0]);
	close(ends[1]);
}

TEST("-", row_49_output_that_nobody_reads, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "05/console-hello",
						      .args = { "--device=console", "--timeout=5" },
						      .prepare = nobody_reads });

	if (is_undone(&o))
		SKIP("task 5.5 comes first");
	CONTEXT("nobody reads standard output: one line says so, once");
	EXPECT_U64(o.status, 1);
	EXPECT_STR(o.err, "vmm: stdout: Broken pipe\n");
}
