// SPDX-License-Identifier: MIT
#include "msi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "todo.h"

#define REGISTER 4 /* bytes */

/* [book:4.11] */
void msi_due(struct msi *msi, u32 n)
{
	/* TASK 4.11 */
#if SOL >= 411
	if (n >= MSI_MESSAGES)
		return;
	if (msi->state.message[n][MSI_CONTROL] & MSI_MASKED)
		msi->state.waiting |= 1u << n;
	else
		msi_send(msi, n);
#else
	TODO("4.11");
#endif
}

void msi_write(struct msi *msi, unsigned n, unsigned reg, u32 value)
{
	/* TASK 4.11 */
#if SOL >= 411
	u32 bit = 1u << n;

	msi->state.message[n][reg] = reg == MSI_CONTROL ? value & MSI_MASKED : value;
	if ((msi->state.waiting & bit) && !(msi->state.message[n][MSI_CONTROL] & MSI_MASKED)) {
		msi->state.waiting &= ~bit;
		msi_send(msi, n);
	}
#else
	TODO("4.11");
#endif
}
/* [book:end] */

void msi_send(struct msi *msi, unsigned n)
{
	const u32 *reg = msi->state.message[n];
	u64 address = (u64)reg[MSI_ADDRESS_HIGH] << 32 | reg[MSI_ADDRESS];

	if (irq_message(msi->chip, address, reg[MSI_DATA]) != -EOPNOTSUPP || msi->told)
		return;
	msi->told = true;
	fprintf(stderr,
		"vmm: nobody takes the guest's messages: --irqchip=user has no local APIC\n");
}

static u32 read_register(const struct msi *msi, unsigned reg)
{
	unsigned n = reg / MSI_REGISTERS;

	return n < MSI_MESSAGES ? msi->state.message[n][reg % MSI_REGISTERS] : msi->state.waiting;
}

static void write_register(struct msi *msi, unsigned reg, u32 value)
{
	unsigned n = reg / MSI_REGISTERS;

	if (n < MSI_MESSAGES)
		msi_write(msi, n, reg % MSI_REGISTERS, value);
	else
		msi_due(msi, value);
}

static enum verdict msi_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct msi *msi = container_of(dev, struct msi, dev);
	bool whole = off % REGISTER == 0 && size % REGISTER == 0;

	if (!write)
		memset(data, 0, size);
	for (unsigned at = 0; whole && at < size; at += REGISTER) {
		u32 value = read_register(msi, (unsigned)(off + at) / REGISTER);

		if (!write) {
			memcpy((u8 *)data + at, &value, REGISTER);
			continue;
		}
		memcpy(&value, (u8 *)data + at, REGISTER);
		write_register(msi, (unsigned)(off + at) / REGISTER, value);
	}
	return V_RESUME;
}

int msi_init(struct msi *msi, struct bus *mmio, struct irqchip *chip)
{
	*msi = (struct msi){ .dev.io = msi_io, .chip = chip };
	for (unsigned n = 0; n < MSI_MESSAGES; n++)
		msi->state.message[n][MSI_CONTROL] = MSI_MASKED;
	return bus_add(mmio, MSI_GPA, (MSI_MESSAGES * MSI_REGISTERS + 1) * REGISTER, &msi->dev);
}
