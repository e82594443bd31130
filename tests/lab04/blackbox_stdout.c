// SPDX-License-Identifier: MIT
/* The serial port, when standard output takes nothing, or nothing for a while. */
#include "../common/bad_stdout.h"
#include "uart.h"

static bool is_undone(const struct outcome *o)
{
	return strstr(o->err, "is not done yet") != NULL;
}

TEST("-", serial_output_that_is_lost, 0)
{
	struct outcome o = run_guest("04/uart-hello");

	if (is_undone(&o))
		SKIP("task 4.2 comes first");
	expect_all_lost((struct vmm_run){ .guest = "04/uart-hello" });
}

TEST("-", serial_output_that_nobody_reads, 0, .seconds = 2.5)
{
	u8 bytes[OUTPUT_LEN];
	struct outcome o = run_guest("04/uart-hello");

	if (is_undone(&o))
		SKIP("task 4.2 comes first");
	expect_ends_unread((struct vmm_run){ .image = speaker(UART_PORT, bytes) }, false);
}

TEST("-", serial_output_that_is_read_later, 0)
{
	u8 bytes[OUTPUT_LEN];
	const char *image = speaker(UART_PORT, bytes);
	struct outcome o = run_guest("04/uart-hello");

	if (is_undone(&o))
		SKIP("task 4.2 comes first");
	expect_all_read_later((struct vmm_run){ .image = image }, false, bytes, OUTPUT_LEN);
}
