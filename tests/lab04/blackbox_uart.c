// SPDX-License-Identifier: MIT
/* Tasks 4.2 and 4.7, from outside: what the serial port prints, answers and brings. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nonce.h"
#include "talk.h"
#include "test.h"

TEST("4.2", hello_through_the_serial_port, 2)
{
	struct outcome o = run_guest("04/uart-hello");
	char text[60] = "Hello from COM1\n";

	strcat(text, nonce_text(&o));
	CONTEXT("the guest sets the line up (7 bytes), then sends 33, each when LSR says THRE");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	EXPECT_EXITS(o, IO_OUT, 7 + 33 + 1);
	EXPECT_EXITS(o, IO_IN, 33);
}

/* A copy of what the guest printed, to be taken apart. */
static char *copy_out(const struct outcome *o)
{
	static char text[1000];

	snprintf(text, sizeof(text), "%s", o->out);
	return text;
}

/* The next line of it. */
static void expect_line(char **at, const char *want)
{
	const char *line = strsep(at, "\n");

	if (!line)
		line = ""; /* the guest has not come so far */
	EXPECT_STR(line, want);
}

static void expect_patterns(char **at, const char *name, const char *fixed, unsigned last)
{
	char want[60];

	CONTEXT("the register %s, after 00, 55, aa, ff and a random byte were written", name);
	snprintf(want, sizeof(want), "%s %s %02x", name, fixed, last);
	expect_line(at, want);
}

TEST("4.2", registers_read_back, 5)
{
	struct outcome o = run_guest("04/uart-registers");
	u8 p = (u8)o.nonce ^ 0x1e;
	char *at = copy_out(&o);

	expect_patterns(&at, "scr", "00 55 aa ff", p);
	expect_patterns(&at, "lcr", "00 15 2a 3f", p & 0x3f);
	expect_patterns(&at, "mcr", "10 15 1a 1f", (p & 0x1f) | 0x10);
	expect_patterns(&at, "ier", "00 05 0a 0f", p & 0x0f);
	expect_patterns(&at, "dll", "00 55 aa ff", p);
	expect_patterns(&at, "dlm", "00 55 aa ff", p);
	CONTEXT("LSR and MSR cannot be written");
	expect_line(&at, "lsr 60 60 60 60 60");
	expect_line(&at, "msr b0 b0 b0 b0 b0");
	CONTEXT("FCR, then IIR: FIFOs off, on, on and emptied, off, on, off; no interrupt");
	expect_line(&at, "fifo control, iir 01 c1 c1 01 c1 01");
	CONTEXT("MCR from 10 to 1f; in loopback MSR shows DTR as DSR, RTS as CTS, OUT1 RI, OUT2 "
		"DCD");
	expect_line(&at, "modem in loopback 00 20 10 30 40 60 50 70 80 a0 90 b0 c0 "
			 "e0 d0 f0");
	CONTEXT("loopback without FIFO: one byte, read twice; then two bytes and an overrun");
	expect_line(&at, "16450 60 61 11 60 11 33 63 61 33 60");
	CONTEXT("loopback with FIFO: nothing, three bytes, nothing");
	expect_line(&at, "fifo 60 00 61 a0 a1 61 a2 60 00");
	CONTEXT("17 bytes for a FIFO of 16: LSR twice, then all that can be read");
	expect_line(&at, "17 bytes 63 61 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd "
			 "be bf 60 00");
	CONTEXT("a byte in the FIFO, which is then emptied: by FCR bit 1, by a change of FCR bit "
		"0");
	expect_line(&at, "cleared 61 60 00 61 60 00");
	CONTEXT("two bytes to MSR and SCR, read back; four bytes to MCR, LSR, MSR and SCR");
	expect_line(&at, "wide b0 5a b0 5a 13 60 30 a5");
	EXPECT_U64(o.status, 0);
}

/* The guest said that it is ready, and then all that came in, and then `last`. */
static void expect_echo(const struct outcome *o, const char *bytes, size_t n, const char *last)
{
	size_t ready = strlen("ready\n");

	EXPECT_U64(o->out_len, ready + n + strlen(last));
	EXPECT_BYTES(o->out, "ready\n", ready);
	EXPECT_BYTES(o->out + ready, bytes, n);
	EXPECT_STR(o->out + ready + n, last);
}

TEST("4.2", polled_input_from_a_file, 2)
{
	char bytes[320];
	size_t n = 200 + nonce_random() % 100;
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "04/uart-poll",
						      .stdin_path = talk_random_input(bytes, n) });

	CONTEXT("%zu bytes come in, more than the FIFO holds; none may be lost on the way", n);
	expect_echo(&o, bytes, n, "");
	EXPECT_U64(o.status, 16 + n % 64);
}

TEST("4.2", polled_input_key_by_key, 1)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "04/uart-poll",
						      .prepare = talk_byte_by_byte,
						      .arg = "Is anybody there?\4" });

	CONTEXT("each byte is sent only when the one before has come back");
	expect_echo(&o, "Is anybody there?", 17, "");
	EXPECT_U64(o.status, 16 + 17);
}

TEST("4.7", which_interrupt, 2)
{
	static const char *const want[] = {
		"disabled 01",	       "transmitter 02 01",	  "sent 02 01",
		"enabled again 02",    "another enabled 02 01",	  "received 04 04 01",
		"overrun 06 04 01",    "all 06 04 02 01",	  "fifo c1 c1 c4 cc cc c1",
		"trigger 14 c4 cc c1", "fifo cleared c2 c1 c2 c1"
	};
	struct outcome o = run_guest("04/uart-interrupts");
	char *at = copy_out(&o);

	for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
		CONTEXT("what IIR says, in guests/04/uart-interrupts.s under \"%.*s\"",
			(int)strcspn(want[i], "0123456789"), want[i]);
		expect_line(&at, want[i]);
	}
	EXPECT_U64(o.status, 0);
}

static void echo_all(const char *irqchip)
{
	char bytes[320], last[30];
	size_t n = 200 + nonce_random() % 100;
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "04/uart-echo",
						      .args = { irqchip },
						      .stdin_path = talk_random_input(bytes, n) });

	snprintf(last, sizeof(last), "bytes %08zx\n", n);
	CONTEXT("%zu bytes come in; the guest sleeps until an interrupt says so", n);
	expect_echo(&o, bytes, n, last);
	EXPECT_U64(o.status, 0);
	o = run_vmm(&(struct vmm_run){ .guest = "04/uart-echo",
				       .args = { irqchip },
				       .prepare = talk_byte_by_byte,
				       .arg = "Wake up!\4" });
	CONTEXT("each byte is sent only when the one before has come back");
	expect_echo(&o, "Wake up!", 8, "bytes 00000008\n");
	EXPECT_U64(o.status, 0);
}

TEST("4.7", echo_by_interrupt, 3, .seconds = 0.5)
{
	echo_all("--irqchip=user");
}

/* Is what this needs not done yet? Then stderr says so. */
static bool is_undone(const struct outcome *o)
{
	return strstr(o->err, "is not done yet") != NULL;
}

TEST("-", echo_with_kvms_own_controller, 0, .seconds = 0.5)
{
	struct outcome o = run_guest("04/uart-registers", "--irqchip=kernel");

	if (is_undone(&o))
		SKIP("tasks 4.7 and 4.8 come first");
	echo_all("--irqchip=kernel");
}

TEST("-", the_guest_outlives_its_input, 0, .seconds = 0.5)
{
	const char *path = test_tmpfile("input");
	FILE *f = fopen(path, "w");
	struct outcome o;

	if (!f || fputs("abc", f) < 0 || fclose(f))
		test_error("%s cannot be written", path);
	o = run_vmm(&(struct vmm_run){
		.guest = "04/uart-poll", .args = { "--timeout=0.3" }, .stdin_path = path });
	if (is_undone(&o))
		SKIP("task 4.2 comes first");
	CONTEXT("three bytes and the end of the file: the guest waits for more, until the limit");
	EXPECT_U64(o.status, 124);
	EXPECT_STR(o.out, "ready\nabc");
}

/* .prepare: standard input is closed, and standard output goes nowhere. */
static void close_input(void *arg)
{
	close(STDIN_FILENO);
}

static void nobody_reads(void *arg)
{
	int ends[2];

	if (pipe(ends) || dup2(ends[1], STDOUT_FILENO) < 0)
		_exit(99);
	close(ends[0]);
	close(ends[1]);
}

TEST("-", bad_streams, 0)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "04/uart-hello", .prepare = close_input });

	if (is_undone(&o))
		SKIP("task 4.2 comes first");
	CONTEXT("standard input is closed; this guest does not care");
	EXPECT_U64(o.status, 0);
	EXPECT_CONTAINS(o.out, "Hello from COM1\n");
	o = run_vmm(&(struct vmm_run){ .guest = "04/uart-hello", .prepare = nobody_reads });
	CONTEXT("nobody reads standard output: one line says so, once");
	EXPECT_U64(o.status, 1);
	EXPECT_STR(o.err, "vmm: stdout: Broken pipe\n");
	EXPECT_VERDICT(o, error);
}
