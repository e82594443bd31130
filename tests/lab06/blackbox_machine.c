// SPDX-License-Identifier: MIT
/* Tasks 6.4 to 6.8, from outside: what a kernel looks for, and how it ends. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../common/bad_host.h"
#include "../common/capture.h"
#include "../common/trace_schema.h"
#include "nonce.h"
#include "show.h"

/* --- 6.4 --- */

TEST("6.4", what_linux_looks_for_costs_nothing, 9)
{
	struct outcome o = run_guest("06/legacy-probe");

	CONTEXT("a guest that looks through the ROMs' range, at the clock, at the keyboard, as "
		"Linux "
		"does");
	EXPECT_STR(o.out, "roms 0\nwaited 00000000\ncentury 20\nregister d 80\nwritten 5a\n"
			  "bytes of the keyboard's 10\nbusy 00000000\n");
	EXPECT_U64(o.status, 0);
	CONTEXT("no read of the range is an exit; five of the clock and 33 of the keyboard are");
	EXPECT_EXITS(o, MMIO_READ, 0);
	EXPECT_EXITS(o, IO_IN, 38);
}

TEST("6.4", the_time_of_day, 2)
{
	time_t before = time(NULL), after;
	struct outcome o = run_guest("06/clock");
	char text[100] = "";
	struct tm t;

	after = time(NULL);
	for (time_t now = before; now <= after; now++) {
		gmtime_r(&now, &t);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &t);
		show_append(text, sizeof(text), " %02d\n", t.tm_wday + 1);
		if (!strcmp(text, o.out))
			break;
	}
	CONTEXT("the clock's registers, in UTC; the last number is the day of the week, 1 to 7");
	EXPECT_STR(o.out, text);
}

/* --- 6.5, 6.6 --- */

/* The lines of the text that begin so, or those that do not; by two rooms in turn. */
static const char *lines(const char *text, const char *begin, bool wanted)
{
	static char room[2][2000];
	static unsigned turn;
	char *to = room[turn++ % 2];
	size_t used = 0;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n") + (strchr(line, '\n') != NULL);

		if (!strncmp(line, begin, strlen(begin)) == wanted && used + len < 2000) {
			memcpy(to + used, line, len);
			used += len;
		}
		line += len;
	}
	to[used] = 0;
	return to;
}

TEST("6.5", a_kernel_walks_the_tables, 10)
{
	struct outcome o = run_guest("06/acpi-walk", "--irqchip=kernel");
	const char *tables = lines(lines(o.out, "window ", false), "DSDT", false);

	CONTEXT("of each table: signature, bytes, what they add up to; then what is in it");
	EXPECT_STR(tables, "rsdp 00\nall of it 00\nXSDT 0034 00\nFACP 0114 00\n"
			   "reset register 0602\nits value 01\nsleep control 0600\n"
			   "APIC 0040 00\nlocal apic fee00000\ni/o apic fec00000\ncpu 00\n");
	EXPECT_U64(o.status, 0);
	o = run_guest("06/acpi-walk", "--irqchip=kernel", "--no-acpi");
	CONTEXT("--no-acpi");
	EXPECT_STR(o.out, "no RSDP\n");
}

TEST("6.6", the_devices_are_all_there, 5)
{
	struct outcome o = run_guest("06/acpi-walk", "--irqchip=kernel");
	char want[600] = "";

	for (unsigned n = 0; n < 8; n++)
		show_append(want, sizeof(want), "window %08x 0200 interrupt %02x\n",
			    0xfeb00000 + n * 0x200, 5 + n);
	CONTEXT("the virtio windows that the DSDT describes: address, bytes, interrupt");
	EXPECT_STR(lines(o.out, "window ", true), want);
	CONTEXT("and its bytes add up to 0");
	EXPECT_TRUE(!strcmp(lines(o.out, "DSDT", true) + strlen("DSDT 0269"), " 00\n"), "%s",
		    lines(o.out, "DSDT", true));
}

/* --- 6.7 --- */

static void expect_end(unsigned way, bool nearly, const char *verdict, const char *line)
{
	u64 nonce = (nonce_random() & ~0xffULL) | way | (nearly ? 16 : 0);
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "06/power", .nonce = nonce });

	CONTEXT("way %u%s", way, nearly ? ", after all that is nearly one, but not quite" : "");
	EXPECT_STR(o.out, nearly ? "on\nstill on\n" : "on\n");
	EXPECT_U64(o.status, 0);
	EXPECT_CONTAINS(o.err, line);
	EXPECT_STR(o.report.verdict, verdict);
}

TEST("6.7", a_guest_that_powers_off, 2)
{
	expect_end(0, false, "off", "vmm: the guest has powered off\n");
	expect_end(0, true, "off", "vmm: the guest has powered off\n");
}

TEST("6.7", a_guest_that_resets, 3)
{
	for (unsigned way = 1; way < 4; way++)
		expect_end(way, way == 2, "reset", "vmm: the guest has reset its machine\n");
}

/* Where KVM tells what the IDT was. */
TEST("6.7", a_triple_fault_that_is_meant, 0)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "06/restart", .nonce = nonce_random() | 1 });

	CONTEXT("an IDT of limit 0, then an exception");
	EXPECT_STR(o.out, "on\n");
	if (o.status == 3) /* as on AMD's CPUs: power.h */
		EXPECT_STR(o.report.verdict, "dead");
	else
		EXPECT_STR(o.report.verdict, "reset");
	CONTEXT("the same from a guest that is no kernel: it has died");
	o = run_guest("02/triple-fault");
	EXPECT_U64(o.status, 3);
	EXPECT_STR(o.report.verdict, "dead");
}

/* --- 6.8 --- */

TEST("6.8", a_screen_that_has_scrolled, 2)
{
	/* The text is the same again 64 rows on: who shows the window's beginning must be wrong. */
	u64 first = 1 + nonce_random() % 63 + 64 * (nonce_random() % 3);
	u64 nonce = (nonce_random() & ~0xffULL) | first;
	const char *path = test_tmpfile("screen"), *option = test_text("--screen=%s", path);
	u8 want[25][160], got[25][160];

	for (unsigned i = 0; i < 2; i++) {
		struct outcome o = run_vmm(
			&(struct vmm_run){ .guest = "06/scroll",
					   .nonce = nonce,
					   .args = { i ? "--vga=ram" : "--vga=mmio", option } });
		FILE *f = fopen(path, "r");

		EXPECT_U64(o.status, 0);
		EXPECT_TRUE(f && fread(got, 1, sizeof(got), f) == sizeof(got), "no screen");
		fclose(f);
		for (unsigned row = 0; row < 25; row++)
			for (unsigned col = 0; col < 80; col++) {
				unsigned cell = ((unsigned)(nonce & 0xff) + row) * 80 + col;

				cell %= 0x4000; /* the window's cells; 204 rows and 64 cells */
				want[row][2 * col] = cell < 204 * 80 ? ' ' + (cell / 80 & 0x3f) : 0;
				want[row][2 * col + 1] = cell < 204 * 80 ? 0x1e : 0;
			}
		CONTEXT("the guest has written rows of the whole window, and shows from row %u on",
			(unsigned)(nonce & 0xff));
		EXPECT_BYTES(got, want, sizeof(want));
	}
}

/* --- what is seen of it --- */

/* The stage of this name in a trace; NULL: it was not reached. */
static const json_t *stage(const json_t *root, const char *name)
{
	const json_t *events = json_object_get(root, "traceEvents");

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);
		const char *cat = json_string_value(json_object_get(event, "cat"));

		if (cat && !strcmp(cat, "stage") && !strcmp(word(event, "ph"), "b") &&
		    !strcmp(word(event, "name"), name))
			return event;
	}
	return NULL;
}

static u64 exits_until(const json_t *root, const char *name, const char *kind)
{
	const json_t *event = stage(root, name);

	EXPECT_TRUE(event, "no stage \"%s\"", name);
	return (u64)number(json_object_get(event, "args"), kind);
}

TEST_KVM("-", trace_of_a_kernel_has_its_stages, 0)
{
	static struct schema s;
	const char *path = test_text("%s", test_tmpfile("a.json"));
	const char *picture = test_text("%s", test_tmpfile("a.boot.svg"));
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "06/power",
		.nonce = nonce_random() & ~0xffULL,
		.args = { test_text("--trace=%s", path), test_text("--trace=%s", picture) } });
	json_t *root = check_trace(&s, path);

	EXPECT_STR(o.report.verdict, "off");
	CONTEXT("by each stage the exits until then; the guest prints three bytes and is off");
	EXPECT_U64(exits_until(root, "the guest is entered", "IO_OUT"), 0);
	EXPECT_U64(exits_until(root, "the first byte on the console", "IO_OUT"), 1);
	EXPECT_U64(exits_until(root, "power off is asked for", "IO_OUT"), 4);
	EXPECT_TRUE(!stage(root, "the end"));
	EXPECT_TRUE(!stage(root, "a reset is asked for"));
	json_decref(root);
	EXPECT_CONTAINS(file_text(picture), ">4 exits so far:<");
}
