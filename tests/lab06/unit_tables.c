// SPDX-License-Identifier: MIT
/* Tasks 6.3 to 6.6: what a kernel asks the CPU, the clock, and reads in tables. */
#include <errno.h>
#include <linux/kvm.h>

#include "../common/capture.h"
#include "acpi.h"
#include "dsdt.h"
#include "i8042.h"
#include "kernel.h"
#include "linux_cpuid.h"
#include "rtc.h"

/* --- CPUID --- */

static struct kvm_cpuid_entry2 made(u32 function, unsigned id, bool apic)
{
	struct kvm_cpuid_entry2 e = { .function = function,
				      .index = 1,
				      .eax = 0xffffffff,
				      .ebx = 0xffffffff,
				      .ecx = 0x7fffffff,
				      .edx = 0xffffffff };

	linux_cpuid_entry(&e, id, apic);
	return e;
}

TEST("6.3", each_leaf_as_it_shall_be, 3)
{
	struct kvm_cpuid_entry2 e = made(1, 5, true);

	CONTEXT("leaf 1, with an APIC: a hypervisor, the APIC's number; all else stays");
	EXPECT_U64(e.ebx, 0x05ffffff);
	EXPECT_U64(e.ecx, 0xffffffff);
	EXPECT_U64(e.edx, 0xffffffff);
	EXPECT_U64(e.eax, 0xffffffff);
	CONTEXT("leaf 1, without one: not bit 9 of EDX, not bits 21 and 24 of ECX");
	e = made(1, 0, false);
	EXPECT_U64(e.ebx, 0x00ffffff);
	EXPECT_U64(e.ecx, 0xfedfffff);
	EXPECT_U64(e.edx, 0xfffffdff);
	CONTEXT("leaves 0xb and 0x1f: EDX is the number, in each of their parts");
	EXPECT_U64(made(0xb, 3, true).edx, 3);
	EXPECT_U64(made(0x1f, 3, true).edx, 3);
	EXPECT_U64(made(0xb, 3, true).ecx, 0x7fffffff);
	CONTEXT("KVM's features: all with an APIC; else those of the clock, bits 0, 3 and 24");
	EXPECT_U64(made(0x40000001, 0, true).eax, 0xffffffff);
	EXPECT_U64(made(0x40000001, 0, false).eax, 0x01000009);
	CONTEXT("another leaf stays as it is");
	e = made(7, 3, false);
	EXPECT_U64(e.eax, 0xffffffff);
	EXPECT_U64(e.ebx, 0xffffffff);
	EXPECT_U64(e.ecx, 0x7fffffff);
	EXPECT_U64(e.edx, 0xffffffff);
}

/* --- the clock --- */

static time_t the_time;

static time_t told(time_t *zero)
{
	return the_time;
}

static void expect_time(time_t at, const char *what, const u8 reg[8])
{
	static const u8 number[] = { RTC_CENTURY, 9, 8, 7, 4, 2, 0, 6 };
	struct rtc rtc = { .now = told };

	the_time = at;
	CONTEXT("%s", what);
	for (unsigned i = 0; i < ARRAY_SIZE(number); i++)
		EXPECT_U64_AS(test_text("register 0x%02x", number[i]), rtc_read(&rtc, number[i]),
			      reg[i]);
}

TEST("6.4", the_time_in_bcd, 2)
{
	expect_time(951782400 + 86399, "Tuesday, 29 February 2000, 23:59:59",
		    (u8[]){ 0x20, 0x00, 0x02, 0x29, 0x23, 0x59, 0x59, 3 });
	expect_time(946684799, "Friday, 31 December 1999, 23:59:59",
		    (u8[]){ 0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x59, 6 });
	expect_time(4107542400 + 7 * 3600 + 8 * 60 + 9, "Monday, 1 March 2100, 07:08:09",
		    (u8[]){ 0x21, 0x00, 0x03, 0x01, 0x07, 0x08, 0x09, 2 });
	expect_time(1798000205, "Wednesday, 23 December 2026, 04:30:05: a Sunday is 1",
		    (u8[]){ 0x20, 0x26, 0x12, 0x23, 0x04, 0x30, 0x05, 4 });
}

TEST("6.4", wherever_the_host_lives, 0)
{
	setenv("TZ", "HERE-05:30", 1);
	tzset();
	expect_time(1798000205, "04:30:05 in UTC, and 10:00:05 where the host is: a clock in UTC",
		    (u8[]){ 0x20, 0x26, 0x12, 0x23, 0x04, 0x30, 0x05, 4 });
}

TEST("6.4", the_clocks_other_registers, 1)
{
	struct rtc rtc = { .now = told };

	memset(rtc.cmos, 0xab, sizeof(rtc.cmos));
	CONTEXT("A: no update is under way; B: 24 hours, BCD; C: nothing is pending; D: the "
		"battery is "
		"good");
	EXPECT_U64(rtc_read(&rtc, 0xa), 0x26);
	EXPECT_U64(rtc_read(&rtc, 0xb), 0x02);
	EXPECT_U64(rtc_read(&rtc, 0xc), 0);
	EXPECT_U64(rtc_read(&rtc, 0xd), 0x80);
	CONTEXT("all others are memory: the alarms, too");
	EXPECT_U64_AS("an alarm's seconds, register 1", rtc_read(&rtc, 1), 0xab);
	EXPECT_U64_AS("an alarm's minutes, register 3", rtc_read(&rtc, 3), 0xab);
	EXPECT_U64_AS("an alarm's hours, register 5", rtc_read(&rtc, 5), 0xab);
	EXPECT_U64(rtc_read(&rtc, 0x7f), 0xab);
	rtc.cmos[0x40] = 7;
	EXPECT_U64(rtc_read(&rtc, 0x40), 7);
	CONTEXT("a keyboard's controller that has bytes without end, and is never busy");
	EXPECT_U64(i8042_status() & 3, 1);
}

/* --- ACPI --- */

static u8 sum(const void *table, size_t len)
{
	u8 s = 0;

	for (size_t i = 0; i < len; i++)
		s = (u8)(s + ((const u8 *)table)[i]);
	return s;
}

TEST("6.5", bytes_add_up_to_zero, 1)
{
	u8 table[64];
	struct acpi_header *h = (void *)table;

	EXPECT_U64(acpi_sum("\x01\xff\x80\x80\x05", 5), 5);
	EXPECT_U64(acpi_sum("", 0), 0);
	for (unsigned i = 0; i < sizeof(table); i++)
		table[i] = (u8)(i * 5 + 3);
	CONTEXT("a table of 64 bytes, in which another checksum stands already");
	acpi_seal(table, sizeof(table));
	EXPECT_U64(h->length, 64);
	EXPECT_U64(sum(table, 64), 0);
	EXPECT_U64(table[63], (u8)(63 * 5 + 3));
	CONTEXT("the same once more changes nothing");
	acpi_seal(table, sizeof(table));
	EXPECT_U64(sum(table, 64), 0);
}

/* The number of so many bytes there, as a CPU reads it. */
static u64 at(const void *table, size_t offset, size_t bytes)
{
	u64 n = 0;

	memcpy(&n, (const u8 *)table + offset, bytes);
	return n;
}

TEST("6.5", tables_byte_by_byte, 3)
{
	struct acpi_fadt fadt;
	u8 madt[MADT_MAX] = { 0 }, xsdt[XSDT_MAX] = { 0 };
	const u64 tables[] = { 0xe0100, 0x1122334455667788 };
	struct acpi_rsdp rsdp;

	acpi_fadt(&fadt, 0xe0040, false);
	CONTEXT("FADT: its offsets are those of ACPI 6.4, table 5-9");
	EXPECT_U64(sizeof(fadt), 276);
	EXPECT_BYTES_AS("the FADT's signature", &fadt, "FACP", 4);
	EXPECT_U64(at(&fadt, 4, 4), 276);
	EXPECT_U64(at(&fadt, 8, 1), 6);
	EXPECT_U64(sum(&fadt, 276), 0);
	EXPECT_U64(at(&fadt, 108, 1), 0x32);
	EXPECT_U64(at(&fadt, 109, 2), 5);
	EXPECT_U64(at(&fadt, 112, 4), 0x100400);
	EXPECT_BYTES((u8 *)&fadt + 116, "\1\10\0\1\2\6\0\0\0\0\0\0\1", 13);
	EXPECT_U64(at(&fadt, 131, 1), 4);
	EXPECT_U64(at(&fadt, 140, 8), 0xe0040);
	EXPECT_BYTES((u8 *)&fadt + 244, "\1\10\0\1\0\6\0\0\0\0\0\0", 12);
	EXPECT_BYTES((u8 *)&fadt + 256, "\1\10\0\1\1\6\0\0\0\0\0\0", 12);
	acpi_fadt(&fadt, 0xe0040, true);
	CONTEXT("with a text screen, boot_arch does not say that there is none");
	EXPECT_U64(at(&fadt, 109, 2), 1);
	EXPECT_U64(sum(&fadt, 276), 0);

	CONTEXT("MADT for two CPUs");
	EXPECT_U64(acpi_madt(madt, 2), 44 + 12 + 2 * 8);
	EXPECT_BYTES(madt, "APIC\x48\0\0\0\5", 9);
	EXPECT_U64(sum(madt, 72), 0);
	EXPECT_BYTES(madt + 36, "\0\0\xe0\xfe\1\0\0\0", 8);
	EXPECT_BYTES(madt + 44, "\1\14\0\0\0\0\xc0\xfe\0\0\0\0", 12);
	EXPECT_BYTES(madt + 56, "\0\10\0\0\1\0\0\0\0\10\1\1\1\0\0\0", 16);

	CONTEXT("XSDT of two tables, and the RSDP with both sums");
	EXPECT_U64(acpi_xsdt(xsdt, tables, 2), 52);
	EXPECT_BYTES(xsdt, "XSDT\x34\0\0\0\1", 9);
	EXPECT_U64(sum(xsdt, 52), 0);
	EXPECT_U64(at(xsdt, 36, 8), 0xe0100);
	EXPECT_U64(at(xsdt, 44, 8), 0x1122334455667788);
	acpi_rsdp(&rsdp, 0xe0410);
	EXPECT_BYTES_AS("the RSDP's signature", &rsdp, "RSD PTR ", 8);
	EXPECT_U64(sum(&rsdp, 20), 0);
	EXPECT_U64(sum(&rsdp, 36), 0);
	EXPECT_U64(at(&rsdp, 24, 8), 0xe0410);
}

/* Table 5-9 of ACPI 6.4: the bytes behind the header that the contract of acpi_fadt() names. */
static bool is_named(size_t at)
{
	static const size_t named[][2] = {
		{ 0, 36 }, { 108, 111 }, { 112, 129 }, { 131, 132 }, { 140, 148 }, { 244, 268 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(named); i++)
		if (at >= named[i][0] && at < named[i][1])
			return true;
	return false;
}

TEST("6.5", what_is_not_named_is_zero, 0)
{
	struct acpi_fadt fadt;

	acpi_fadt(&fadt, 0x1122334455667788, true);
	CONTEXT("FADT: the DSDT's address has 64 bits (x_dsdt)");
	EXPECT_U64(at(&fadt, 140, 8), 0x1122334455667788);
	CONTEXT("FADT: what acpi.h does not name is 0, the DSDT's old address of 32 bits with it");
	for (size_t i = 0; i < sizeof(fadt); i++)
		if (!is_named(i))
			EXPECT_U64_AS(test_text("the FADT's byte %zu", i), at(&fadt, i, 1), 0);
}

TEST("6.5", an_xsdt_of_any_length, 0)
{
	const u64 tables[] = { 0xe0100, 0xe0200, 0xe0300, 0xe0400 };
	u8 xsdt[XSDT_MAX] = { 0 };

	for (unsigned n = 1; n <= ARRAY_SIZE(tables); n++) {
		CONTEXT("XSDT of %u tables: a header of 36 bytes, and 8 bytes for each", n);
		EXPECT_U64(acpi_xsdt(xsdt, tables, n), 36 + 8 * n);
		EXPECT_U64_AS("its length in the header", at(xsdt, 4, 4), 36 + 8 * n);
		EXPECT_BYTES(xsdt + 36, tables, 8 * n);
		EXPECT_U64(sum(xsdt, 36 + 8 * n), 0);
	}
}

/* acpi_write() is given; but it stands on what task 6.4 has put there. */
TEST("6.5", where_there_is_no_memory_for_them, 0)
{
	struct mem mem = { .nslots = 0 };
	struct capture c;
	u64 rsdp = 1;
	char *said;
	int err;

	c = capture_begin(STDERR_FILENO);
	err = acpi_write(&mem, 1, false, &rsdp);
	said = capture_end(&c);
	CONTEXT("the ROM's range is no memory: which task does that?");
	EXPECT_STR(said, "task 6.4 is not done yet: legacy_rom() in labs/06-linux/legacy.c\n");
	EXPECT_ERR(err, -ENOSYS);
	EXPECT_U64(rsdp, 0);
}

/* --- AML --- */

TEST("6.6", lengths_count_themselves, 2)
{
	static const struct {
		unsigned body;
		const char *length;
		unsigned bytes;
	} cases[] = {
		{ 0, "\x01", 1 },	{ 62, "\x3f", 1 },	 { 63, "\x41\x04", 2 },
		{ 100, "\x46\x06", 2 }, { 4093, "\x4f\xff", 2 }, { 4094 - 3, "\x4d\xff", 2 },
		{ 4094, "", 3 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aml a = { .len = 0 };
		unsigned begin;

		aml_byte(&a, 0x10);
		begin = aml_begin(&a);
		for (unsigned k = 0; k < cases[i].body; k++)
			aml_byte(&a, (u8)(k + 1));
		aml_end(&a, begin);
		CONTEXT("%u bytes, and the length before them (ACPI 6.4, 20.2.4)", cases[i].body);
		EXPECT_U64(a.len, 1 + cases[i].bytes + cases[i].body);
		EXPECT_BYTES(a.code, "\x10", 1);
		if (a.len > AML_MAX)
			continue;
		EXPECT_BYTES(a.code + 1, cases[i].length, cases[i].bytes);
		for (unsigned k = 0; k < cases[i].body; k++)
			EXPECT_U64(a.code[1 + cases[i].bytes + k], (u8)(k + 1));
	}
}

TEST("6.6", numbers_of_devices, 1)
{
	CONTEXT("EISAID(\"PNP0501\") is 0x0105d041 (ACPI 6.4, 19.3.4)");
	EXPECT_U64(dsdt_eisa_id("PNP0501"), 0x0105d041);
	EXPECT_U64(dsdt_eisa_id("PNP0B00"), 0x000bd041);
	EXPECT_U64(dsdt_eisa_id("ABCDEF9"), 0xf9de4304);
}

TEST("6.6", a_window_as_iasl_compiles_it, 2)
{
	/* Device (VIO3) { Name (_HID, "LNRO0005") Name (_UID, 3) Name (_CRS, ResourceTemplate () {
	 * Memory32Fixed (ReadWrite, 0xFEB00600, 0x200)
	 * Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { 8 } }) }
	 * by iasl 20200925 */
	static const u8 want[] = {
		0x5b, 0x82, 0x3b, 'V',	'I',  'O',  '3',  0x08, '_',  'H',  'I',  'D',	0x0d,
		'L',  'N',  'R',  'O',	'0',  '0',  '0',  '5',	0x00, 0x08, '_',  'U',	'I',
		'D',  0x0a, 0x03, 0x08, '_',  'C',  'R',  'S',	0x11, 0x1a, 0x0a, 0x17, 0x86,
		0x09, 0x00, 0x01, 0x00, 0x06, 0xb0, 0xfe, 0x00, 0x02, 0x00, 0x00, 0x89, 0x06,
		0x00, 0x01, 0x01, 0x08, 0x00, 0x00, 0x00, 0x79, 0x00,
	};
	struct aml a = { .len = 0 };

	dsdt_window(&a, 3);
	EXPECT_U64(a.len, sizeof(want));
	EXPECT_BYTES(a.code, want, sizeof(want));
}
