// SPDX-License-Identifier: MIT
#include "dsdt.h"

#include "power.h"
#include "rtc.h"
#include "todo.h"
#include "uart.h"
#include "virtio_mmio.h"

#define PACKAGE	 0x12 /* opcodes: ACPI 6.4, table 20-1 */
#define BUFFER	 0x11
#define SCOPE	 0x10
#define EXTENDED 0x5b
#define DEVICE	 0x82 /* behind EXTENDED */
#define ROOT	 '\\'

/* [book:6.6] */
/* EISAID ("PNP0501"): three letters of five bits, four digits; big-endian (ACPI 19.3.4). */
u32 dsdt_eisa_id(const char *id)
{
	/* TASK 6.6 */
#if SOL >= 606
	u32 word = 0, n = 0;

	for (unsigned i = 0; i < 3; i++)
		word = word << 5 | (u32)(id[i] - 'A' + 1);
	for (unsigned i = 3; i < 7; i++)
		n = n << 4 | (u32)(id[i] <= '9' ? id[i] - '0' : id[i] - 'A' + 10);
	return __builtin_bswap32(word << 16 | n);
#else
	return (TODO("6.6"), 0);
#endif
}

/* [book:end] */

static void put_eisa_id(struct aml *a, const char *id)
{
	aml_name(a, "_HID");
	aml_byte(a, 0x0c);
	aml_u32(a, dsdt_eisa_id(id));
}

/* _CRS, Buffer (n) { n bytes, which end with the end tag }. */
void dsdt_resources(struct aml *a, const u8 *bytes, unsigned n)
{
	unsigned begin;

	aml_name(a, "_CRS");
	aml_byte(a, BUFFER);
	begin = aml_begin(a);
	aml_number(a, n + 2);
	for (unsigned i = 0; i < n; i++)
		aml_byte(a, bytes[i]);
	aml_byte(a, 0x79); /* end tag, and a checksum that is none */
	aml_byte(a, 0);
	aml_end(a, begin);
}

unsigned dsdt_begin(struct aml *a, const char *name)
{
	unsigned begin;

	aml_byte(a, EXTENDED);
	aml_byte(a, DEVICE);
	begin = aml_begin(a);
	aml_segment(a, name);
	return begin;
}

/*
 * 6.4.2.5: some ports, each decoded in all 16 bits; 6.4.2.1: an ISA interrupt, edge, active high;
 * 0: none.
 */
static void put_isa_device(struct aml *a, const char *name, const char *id, u16 port, u8 ports,
			   unsigned irq)
{
	const u8 lo = (u8)port, hi = (u8)(port >> 8);
	const u8 resources[] = {
		0x47, 1, lo, hi, lo, hi, 1, ports, 0x22, (u8)(1U << irq), (u8)(1U << irq >> 8)
	};
	unsigned begin = dsdt_begin(a, name);

	put_eisa_id(a, id);
	dsdt_resources(a, resources, irq ? 11 : 8);
	aml_end(a, begin);
}

static void put_off(struct aml *a)
{
	unsigned begin;

	aml_byte(a, 0x08);
	aml_byte(a, ROOT);
	aml_segment(a, "_S5");
	aml_byte(a, PACKAGE);
	begin = aml_begin(a);
	aml_byte(a, 2); /* elements */
	aml_number(a, POWER_S5);
	aml_number(a, 0);
	aml_end(a, begin);
}

/* [book:6.6window] */
/* TASK 6.6 */
#if SOL >= 606
static void word32(u8 *to, u32 word)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (u8)(word >> 8 * i);
}

#endif

void dsdt_window(struct aml *a, unsigned n)
{
	/* TASK 6.6 */
#if SOL >= 606
	const char name[] = { 'V', 'I', 'O', (char)('0' + n), 0 };
	u8 resources[] = { 0x86, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x89, 6, 0, 1, 1, 0, 0, 0, 0 };
	unsigned begin = dsdt_begin(a, name);

	word32(resources + 4, (u32)(VIRTIO_MMIO_GPA + n * VIRTIO_MMIO_SIZE));
	word32(resources + 8, VIRTIO_MMIO_SIZE);
	resources[15] = 1; /* consumer, level, active high, exclusive */
	word32(resources + 17, VIRTIO_MMIO_IRQ + n);
	aml_name(a, "_HID");
	aml_string(a, "LNRO0005");
	aml_name(a, "_UID");
	aml_number(a, n);
	dsdt_resources(a, resources, sizeof(resources));
	aml_end(a, begin);
#else
	TODO("6.6");
#endif
}
/* [book:end] */

void dsdt_body(struct aml *a)
{
	unsigned scope;

	if (!dsdt_eisa_id("PNP0501")) /* not done yet: a list without devices */
		return;
	put_off(a);
	aml_byte(a, SCOPE);
	scope = aml_begin(a);
	aml_byte(a, ROOT);
	aml_segment(a, "_SB");
	put_isa_device(a, "COM1", "PNP0501", UART_PORT, 8, UART_IRQ);
	put_isa_device(a, "RTC0", "PNP0B00", RTC_PORT, 2, 0);
	for (unsigned n = 0; n < VIRTIO_MMIO_WINDOWS; n++)
		dsdt_window(a, n);
	aml_end(a, scope);
}
