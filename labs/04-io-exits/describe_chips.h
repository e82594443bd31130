/* SPDX-License-Identifier: MIT */
/*
 * What the chips say of themselves in an obituary (given): describe_fn, see common/describe.h. They
 * look at the state that the tasks fill, and ask pics_pending(), pit_count(), pit_out(),
 * pit_edges() and uart_interrupt() only where that state says that there is something to ask for:
 * what has not been begun is not called.
 */
#ifndef DESCRIBE_CHIPS_H
#define DESCRIBE_CHIPS_H

#include "describe.h"

/* ctx: struct inject; what the CPU would do with an interrupt. */
describe_fn describe_cpu;
/* ctx: struct chip_user; our own 8259 pair and 8254. */
describe_fn describe_chip_user;
/* ctx: struct chip_kernel; KVM's. Without them, they say nothing. */
describe_fn describe_chip_kernel;
/* ctx: struct uart */
describe_fn describe_uart;

#endif
