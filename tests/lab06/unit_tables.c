// SPDX-License-Identifier: MIT
/* Tasks 6.3 to 6.7: what a kernel asks the CPU, the clock, and reads in tables. */
#include <errno.h>
#include <linux/kvm.h>

#include "../common/capture.h"
#include "acpi.h"
#include "crtc.h"
#include "dsdt.h"
#include "i8042.h"
#include "kernel.h"
#include "linux_cpuid.h"
#include "outbuf.h"
#include "power.h"
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
	EXPECT_U64(e.edx, 0xffffffff);
	EXPECT_U64(e.ebx, 0xffffffff);
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
	EXPECT_U64(rtc_read(&rtc, 1), 0xab);
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

/* --- the end --- */

static void no_kick(struct vcpu *vcpu)
{
}

#define FRESH()                 \
	(struct run)            \
	{                       \
		.kick = no_kick \
	}

static const char *word(enum verdict v)
{
	static const char *const words[] = { "V_RESUME", "V_HALTED",  "V_EXIT",
					     "V_DEAD",	 "V_TIMEOUT", "V_LEFT",
					     "V_OFF",	 "V_RESET",   "V_ERROR" };

	return v < ARRAY_SIZE(words) ? words[v] : "no verdict";
}

static void expect_end(enum verdict verdict, enum verdict want, const struct run *run)
{
	const char *returned = word(verdict), *of_the_run = word(run_verdict(run));

	EXPECT_STR(returned, word(want));
	EXPECT_STR(of_the_run, word(want));
	EXPECT_U64(run->status, 0);
}

TEST("6.7", off_and_reset_and_nothing, 2)
{
	struct run run = FRESH();
	struct power p = { .run = &run };

	for (unsigned value = 0; value < 256; value++) {
		bool go = value & 0x20 && (value >> 2 & 7) == 5;

		run = FRESH();
		CONTEXT("%#x to the sleep control register: bit 5 is go, bits 4:2 are the type",
			value);
		expect_end(power_sleep_write(&run, (u8)value), go ? V_OFF : V_RESUME, &run);
		run = FRESH();
		CONTEXT("%#x to the reset register, whose value is 1", value);
		expect_end(power_reset_write(&run, (u8)value), value == 1 ? V_RESET : V_RESUME,
			   &run);
		run = FRESH();
		CONTEXT("%#x to port 0xcf9, in which 0 stands", value);
		p.cf9_value = 0;
		expect_end(power_cf9_write(&p, (u8)value), value & 4 ? V_RESET : V_RESUME, &run);
		EXPECT_U64(p.cf9_value, value);
		run = FRESH();
		CONTEXT("%#x to port 0xcf9, in which 6 stands: its bit 2 does not rise", value);
		p.cf9_value = 6;
		expect_end(power_cf9_write(&p, (u8)value), V_RESUME, &run);
		run = FRESH();
		CONTEXT("the command %#x to the keyboard's controller", value);
		expect_end(i8042_command(&run, (u8)value),
			   value >= 0xf0 && !(value & 1) ? V_RESET : V_RESUME, &run);
	}
}

TEST("6.7", a_triple_fault_on_purpose, 1)
{
	struct run run = FRESH();

	CONTEXT("an IDT of limit 0: nobody has such a one who wants to catch anything");
	expect_end(power_shutdown(&run, 0), V_RESET, &run);
	run = FRESH();
	EXPECT_STR(word(power_shutdown(&run, 0xfff)), "V_DEAD");
	EXPECT_STR(word(power_shutdown(&run, 1)), "V_DEAD");
	EXPECT_STR(word(run_verdict(&run)), "V_RESUME");
}

/* --- what a real console does --- */

TEST("6.8", where_the_screen_begins, 1)
{
	struct crtc c = { .index = 0 };

	c.reg[0x0c] = 0x12;
	c.reg[0x0d] = 0x34;
	c.reg[0x0e] = 0x12;
	c.reg[0x0f] = 0x34;
	EXPECT_U64(crtc_start(&c), 0x1234);
	EXPECT_U64(crtc_cursor(&c), 0);
	c.reg[0x0e] = 0x1a;
	c.reg[0x0f] = 0x03;
	CONTEXT("the cursor's cell counts from the window's beginning: the last one, then one "
		"more");
	EXPECT_U64(crtc_cursor(&c), 1999);
	c.reg[0x0f] = 0x04;
	EXPECT_ERR(crtc_cursor(&c), -1);
	c.reg[0x0e] = 0x12;
	c.reg[0x0f] = 0x33;
	EXPECT_ERR(crtc_cursor(&c), -1);
	c.reg[0x0c] = 0xff;
	c.reg[0x0d] = 0xff;
	CONTEXT("the window has 0x4000 cells, and goes round");
	EXPECT_U64(crtc_start(&c), 0x3fff);
	c.reg[0x0e] = 0;
	c.reg[0x0f] = 2;
	EXPECT_U64(crtc_cursor(&c), 3);
}

TEST("6.8", what_is_shown_comes_to_the_front, 1)
{
	static struct vga vga;
	struct crtc c = { .index = 0 };

	for (unsigned i = 0; i < VGA_SIZE; i++)
		vga.cell[i] = (u8)(i % 251);
	CONTEXT("from the window's beginning on: nothing moves");
	EXPECT_ERR(crtc_settle(&c, &vga), 0);
	EXPECT_U64(vga.cell[3999], 3999 % 251);
	c.reg[0x0c] = 0x3f; /* 0x3f00 cells: 512 bytes before the window's end */
	CONTEXT("from 512 bytes before the window's end on, and on at its front");
	EXPECT_ERR(crtc_settle(&c, &vga), 0);
	for (unsigned i = 0; i < VGA_SCREEN; i++)
		EXPECT_U64(vga.cell[i], (i < 512 ? 0x7e00 + i : i - 512) % 251);
}
