// SPDX-License-Identifier: MIT
#include "irq.h"

#include <errno.h>

void irq_set(struct irq_line *line, bool level)
{
	if (!line->chip || line->level == level)
		return;
	line->level = level;
	line->chip->ops->set(line->chip, line->n, level);
}

bool irq_is_level(const struct irq_line *line)
{
	const struct irqchip *chip = line->chip;

	return chip && chip->ops->is_level && chip->ops->is_level(line->chip, line->n);
}

void irq_pulse(struct irq_line *line)
{
	irq_set(line, false);
	irq_set(line, true);
}

int irq_message(struct irqchip *chip, u64 address, u32 data)
{
	return chip->ops->message ? chip->ops->message(chip, address, data) : -EOPNOTSUPP;
}
