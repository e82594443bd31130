// SPDX-License-Identifier: MIT
#include "irq.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "trace.h"

/*
 * Must the line stay up until the device is acknowledged, or will an edge do? To be asked each
 * time, since the guest may change it at any time.
 */
static bool is_level(const struct irq_line *line)
{
	const struct irqchip *chip = line->chip;

	return chip->ops->is_level && chip->ops->is_level(line->chip, line->n);
}

void irq_set(struct irq_line *line, bool level)
{
	if (level && line->has_irqfd && !is_level(line)) {
		irq_pulse(line);
	} else if (line->chip && line->level != level) {
		line->level = level;
		trace_note(TRACE_LINE, .a = (u16)line->n, .b = level);
		line->chip->ops->set(line->chip, line->n, level);
	}
}

void irq_pulse(struct irq_line *line)
{
	if (line->has_irqfd) {
		trace_note(TRACE_LINE, .a = (u16)line->n, .b = 2);
		eventfd_write(line->irqfd, 1);
		return;
	}
	irq_set(line, false);
	irq_set(line, true);
}

int irq_use_irqfd(struct irq_line *line)
{
	if (!line->chip->ops->irqfd)
		return 0;
	line->irqfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (line->irqfd < 0)
		return -errno;
	line->has_irqfd = true;
	return line->chip->ops->irqfd(line->chip, line->n, line->irqfd);
}

void irq_close(struct irq_line *line)
{
	if (line->has_irqfd)
		close(line->irqfd);
	line->has_irqfd = false;
}

int irq_message(struct irqchip *chip, u64 address, u32 data)
{
	trace_note(TRACE_MESSAGE, .v = { address, data });
	return chip->ops->message ? chip->ops->message(chip, address, data) : -EOPNOTSUPP;
}
