/* SPDX-License-Identifier: MIT */
/* A device's line on which each interrupt is an edge by an eventfd: so they can be counted. */
#ifndef LAB05_EDGES_H
#define LAB05_EDGES_H

#include <sys/eventfd.h>

#include "irq.h"
#include "test.h"

static inline struct irq_line edges_line(void)
{
	static const struct irqchip_ops ops = { .set = NULL };
	static struct irqchip chip = { .ops = &ops };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		test_error("no eventfd");
	return (struct irq_line){ .chip = &chip, .has_irqfd = true, .irqfd = fd };
}

/* How many there were since this was asked last. */
static inline u64 edges(const struct irq_line *line)
{
	eventfd_t count;

	return eventfd_read(line->irqfd, &count) ? 0 : count;
}

#endif
