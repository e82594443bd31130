// SPDX-License-Identifier: MIT
/* The virtio console, when standard output takes nothing, or nothing for a while. */
#include <poll.h>

#include "../common/bad_stdout.h"

#define BUFFERS 16 /* of 64 bytes */
#define FLOOD(...)                                                       \
	{                                                                \
		.guest = "05/console-flood", .nonce = BUFFERS, .args = { \
			"--device=console",                              \
			##__VA_ARGS__                                    \
		}                                                        \
	}

static bool undone(const char *notify)
{
	struct outcome o = run_guest("05/console-hello", "--device=console", notify);

	return strstr(o.err, "is not done yet") != NULL;
}

TEST("-", virtio_output_that_is_lost, 0)
{
	if (undone("--notify=exit"))
		SKIP("task 5.5 comes first");
	expect_all_lost(
		(struct vmm_run){ .guest = "05/console-hello", .args = { "--device=console" } });
	if (undone("--notify=eventfd"))
		SKIP("task 5.8 comes first");
	expect_all_lost((struct vmm_run){ .guest = "05/console-hello",
					  .args = { "--device=console", "--notify=eventfd" } });
}

/*
 * .prepare: somebody reads a line and goes; then something is typed. What has been typed stays open
 * as long as the VMM lives, so the guest waits for more.
 */
static void reader_who_goes(void *arg)
{
	int keys[2], screen[2];
	char c = 0;

	if (pipe(keys) || pipe(screen))
		_exit(99);
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		close(keys[0]);
		close(screen[1]);
		while (c != '\n' && read(screen[0], &c, 1) == 1)
			;
		close(screen[0]);
		if (write(keys[1], "more", 4) == 4)
			poll(&(struct pollfd){ .fd = keys[1] }, 1, -1); /* for its error */
		_exit(0);
	}
	if (dup2(keys[0], STDIN_FILENO) < 0 || dup2(screen[1], STDOUT_FILENO) < 0)
		_exit(99);
	for (int i = 0; i < 2; i++) {
		close(keys[i]);
		close(screen[i]);
	}
}

static void expect_end_without_reader(const char *irqchip, const char *notify)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "05/console-echo",
					   .args = { "--device=console", irqchip, notify },
					   .prepare = reader_who_goes });

	CONTEXT("%s %s: the reader goes after the first line, as in `vmm | head -1`", irqchip,
		notify);
	expect_lost(&o, "vmm: stdout: Broken pipe\n");
}

TEST("-", virtio_output_whose_reader_goes, 0)
{
	if (undone("--notify=exit"))
		SKIP("task 5.5 comes first");
	expect_end_without_reader("--irqchip=user", "--notify=exit");
	expect_end_without_reader("--irqchip=kernel", "--notify=exit");
	if (undone("--notify=eventfd"))
		SKIP("task 5.8 comes first");
	expect_end_without_reader("--irqchip=user", "--notify=eventfd");
	expect_end_without_reader("--irqchip=kernel", "--notify=eventfd");
}

TEST("-", virtio_output_that_nobody_reads, 0, .seconds = 2.5)
{
	if (undone("--notify=exit"))
		SKIP("task 5.5 comes first");
	expect_ends_unread((struct vmm_run)FLOOD(), false);
}

TEST("-", virtio_output_of_the_io_thread_that_nobody_reads, 0, .seconds = 2.5)
{
	if (undone("--notify=eventfd"))
		SKIP("tasks 5.5 and 5.8 come first");
	expect_ends_unread((struct vmm_run)FLOOD("--notify=eventfd"), true);
}

TEST("-", virtio_output_that_is_read_later, 0)
{
	static struct {
		u32 number[BUFFERS * 64 / 4];
		char sent[5];
	} want;

	if (undone("--notify=exit"))
		SKIP("task 5.5 comes first");
	for (u32 i = 0; i < ARRAY_SIZE(want.number); i++)
		want.number[i] = i;
	memcpy(want.sent, "sent\n", sizeof(want.sent));
	expect_all_read_later((struct vmm_run)FLOOD(), false, &want, sizeof(want.number) + 5);
	if (undone("--notify=eventfd"))
		SKIP("task 5.8 comes first");
	expect_all_read_later((struct vmm_run)FLOOD("--notify=eventfd"), true, &want,
			      sizeof(want.number) + 5);
}
