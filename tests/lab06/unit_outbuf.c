// SPDX-License-Identifier: MIT
/* Task 6.8: what is printed leaves in pieces, whole and in its order. */
#include <stdio.h>
#include <sys/timerfd.h>

#include "kernel.h"
#include "outbuf.h"

/* All that has left so far, and by how many calls: stdout is a pipe of packets. */
struct end {
	struct outbuf b;
	struct run run;
	struct sink sink;
	int fd;
};

static void end_init(struct end *e)
{
	int fd[2];

	memset(e, 0, sizeof(*e));
	fflush(stdout);
	if (pipe2(fd, O_DIRECT | O_NONBLOCK) || dup2(fd[1], STDOUT_FILENO) < 0)
		test_error("no pipe");
	fcntl(fd[0], F_SETPIPE_SZ, 1 << 20);
	e->fd = fd[0];
	e->sink = (struct sink){ .run = &e->run };
	e->b.sink = &e->sink;
	e->b.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
}

/* The next piece that has left, as a text; "": none. */
static const char *piece(struct end *e)
{
	static char text[OUTBUF_SIZE + 2];
	ssize_t n = read(e->fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	return text;
}

/* It will come, or it has: on a busy machine OUTBUF_WAIT_MS are soon over. */
static bool is_armed(const struct end *e)
{
	struct itimerspec left;
	u64 times;

	timerfd_gettime(e->b.timer, &left);
	return left.it_value.tv_nsec || left.it_value.tv_sec ||
	       read(e->b.timer, &times, sizeof(times)) == sizeof(times);
}

static void say(struct end *e, const char *text)
{
	for (; *text; text++) /* as a UART does */
		EXPECT_ERR(outbuf_put(&e->b, (const u8 *)text, 1), 0);
}

TEST("6.8", a_line_leaves_by_one_call, 1)
{
	struct end e;

	end_init(&e);
	say(&e, "one line\n");
	CONTEXT("nine bytes, one by one, the last a newline");
	EXPECT_STR(piece(&e), "one line\n");
	EXPECT_STR(piece(&e), "");
	say(&e, "login: ");
	CONTEXT("a prompt waits, and the timer is set");
	EXPECT_STR(piece(&e), "");
	EXPECT_TRUE(is_armed(&e), "it would wait for ever");
	say(&e, "root\n");
	EXPECT_STR(piece(&e), "login: root\n");
	CONTEXT("what waits leaves by outbuf_flush(), once");
	say(&e, "# ");
	EXPECT_ERR(outbuf_flush(&e.b), 0);
	EXPECT_STR(piece(&e), "# ");
	EXPECT_ERR(outbuf_flush(&e.b), 0);
	EXPECT_STR(piece(&e), "");
}

TEST("6.8", nothing_is_lost_where_it_is_full, 1)
{
	struct end e;
	char want[OUTBUF_SIZE + 1] = "";
	u8 *much = malloc(3 * OUTBUF_SIZE);

	end_init(&e);
	for (unsigned i = 0; i < 3 * OUTBUF_SIZE; i++)
		much[i] = (u8)('!' + i % 90);
	say(&e, "abc");
	CONTEXT("%d bytes at once behind three that wait", 2 * OUTBUF_SIZE + 10);
	EXPECT_ERR(outbuf_put(&e.b, much, 2 * OUTBUF_SIZE + 10), 0);
	memcpy(want, "abc", 3);
	memcpy(want + 3, much, OUTBUF_SIZE - 3);
	EXPECT_STR(piece(&e), want);
	memcpy(want, much + OUTBUF_SIZE - 3, OUTBUF_SIZE);
	EXPECT_STR(piece(&e), want);
	EXPECT_STR(piece(&e), "");
	EXPECT_ERR(outbuf_flush(&e.b), 0);
	memcpy(want, much + 2 * OUTBUF_SIZE - 3, 13);
	want[13] = 0;
	EXPECT_STR(piece(&e), want);
	CONTEXT("%d bytes in an empty buffer: it is full, and leaves at once", OUTBUF_SIZE);
	memcpy(want, much, OUTBUF_SIZE);
	EXPECT_ERR(outbuf_put(&e.b, much, OUTBUF_SIZE), 0);
	EXPECT_STR(piece(&e), want);
	CONTEXT("stdout takes no more: it is said, and nothing waits any longer");
	close(e.fd);
	close(STDOUT_FILENO);
	EXPECT_ERR(outbuf_put(&e.b, (const u8 *)"x\n", 2), -9);
	EXPECT_U64(e.b.count, 0);
	CONTEXT("also where the buffer is full before a line ends");
	EXPECT_ERR(outbuf_put(&e.b, much, OUTBUF_SIZE), -9);
	CONTEXT("and where nothing waits, nothing is asked of stdout");
	EXPECT_ERR(outbuf_flush(&e.b), 0);
}

TEST("6.8", only_the_last_byte_ends_a_line, 0)
{
	struct end e;

	end_init(&e);
	CONTEXT("six bytes at once, a newline amid them: the last one is none, so all of them "
		"wait");
	EXPECT_ERR(outbuf_put(&e.b, (const u8 *)"one\ntw", 6), 0);
	EXPECT_STR(piece(&e), "");
	EXPECT_TRUE(is_armed(&e), "they would wait for ever");
	CONTEXT("no byte at all, where a newline lies before it");
	EXPECT_ERR(outbuf_put(&e.b, (const u8 *)"\n" + 1, 0), 0);
	EXPECT_STR(piece(&e), "");
	say(&e, "o\n");
	EXPECT_STR(piece(&e), "one\ntwo\n");
}
