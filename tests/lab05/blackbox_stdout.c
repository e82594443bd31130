// SPDX-License-Identifier: MIT
/* The virtio console, when standard output takes nothing, or nothing for a while. */
#include "../common/bad_stdout.h"

#define BUFFERS 16 /* of 64 bytes */
#define FLOOD(...)                                                       \
	{                                                                \
		.guest = "05/console-flood", .nonce = BUFFERS, .args = { \
			"--device=console",                              \
			##__VA_ARGS__                                    \
		}                                                        \
	}

static bool undone(const char *kicks)
{
	struct outcome o = run_guest("05/console-hello", "--device=console", kicks);

	return strstr(o.err, "is not done yet") != NULL;
}

TEST("-", virtio_output_that_is_lost, 0)
{
	if (undone("--kicks=exit"))
		SKIP("task 5.5 comes first");
	expect_all_lost(
		(struct vmm_run){ .guest = "05/console-hello", .args = { "--device=console" } });
	if (undone("--kicks=eventfd"))
		SKIP("task 5.8 comes first");
	expect_all_lost((struct vmm_run){ .guest = "05/console-hello",
					  .args = { "--device=console", "--kicks=eventfd" } });
}

TEST("-", virtio_output_that_nobody_reads, 0, .seconds = 2.5)
{
	if (undone("--kicks=exit"))
		SKIP("task 5.5 comes first");
	expect_ends_unread((struct vmm_run)FLOOD(), false);
}

TEST("-", virtio_output_of_the_io_thread_that_nobody_reads, 0, .seconds = 2.5)
{
	if (undone("--kicks=eventfd"))
		SKIP("tasks 5.5 and 5.8 come first");
	expect_ends_unread((struct vmm_run)FLOOD("--kicks=eventfd"), true);
}

TEST("-", virtio_output_that_is_read_later, 0)
{
	static struct {
		u32 number[BUFFERS * 64 / 4];
		char sent[5];
	} want;

	if (undone("--kicks=exit"))
		SKIP("task 5.5 comes first");
	for (u32 i = 0; i < ARRAY_SIZE(want.number); i++)
		want.number[i] = i;
	memcpy(want.sent, "sent\n", sizeof(want.sent));
	expect_all_read_later((struct vmm_run)FLOOD(), false, &want, sizeof(want.number) + 5);
	if (undone("--kicks=eventfd"))
		SKIP("task 5.8 comes first");
	expect_all_read_later((struct vmm_run)FLOOD("--kicks=eventfd"), true, &want,
			      sizeof(want.number) + 5);
}
