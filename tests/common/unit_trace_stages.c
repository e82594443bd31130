// SPDX-License-Identifier: MIT
/* The stages of a boot, found in exits that never happened. */
#include "fake_exits.h"
#include "show.h"
#include "trace_out.h"

static struct film film;

static void begin(void)
{
	if (!trace_begin(-1, &slot, &nslots))
		test_error("no memory");
}

static void note_exit(enum exit_kind kind, u64 addr, u64 data)
{
	trace_note(TRACE_EXIT, .a = (u16)kind, .b = 1, .v = { 10, 5, 0, addr, data, 1ULL << 32 });
}

static void print(const char *text)
{
	for (; *text; text++)
		note_exit(EXIT_IO_OUT, 0x3f8, (u8)*text);
}

/* The stages of what was noted, as "the guest is entered 0, the end 12". */
static const char *stages(void)
{
	static char text[1000];

	EXPECT_ERR(film_make(&film, trace_now(), "x"), 0);
	*text = 0;
	for (unsigned i = 0; i < film.nstages; i++)
		show_append(text, sizeof(text), "%s%s %llu", i ? ", " : "", film.stage[i].name,
			    (unsigned long long)stage_exits(&film.stage[i]));
	return text;
}

static void end(void)
{
	struct trace *trace = trace_now();

	film_free(&film);
	trace_end(trace);
}

TEST("-", trace_stages_of_a_boot, 0)
{
	begin();
	note_exit(EXIT_IO_OUT, 0xcf8, 0x80000000);
	note_exit(EXIT_IO_OUT, 0x20, 0x11);
	note_exit(EXIT_IO_OUT, 0x43, 0x34);
	note_exit(EXIT_IO_IN, 0x71, 0);
	note_exit(EXIT_IO_IN, 0x64, 0);
	for (unsigned i = 0; i < 115; i++)
		print("x");
	print("\nLinux version 6\n"); /* in a line of its own, whatever was in the one before */
	note_exit(EXIT_MMIO_READ, 0xfeb00000, 0x74726976);
	trace_note(TRACE_STATUS, .a = 7, .b = 7, .v = { 2 });
	print("[    1.5] Run /init as init process\n");
	note_exit(EXIT_IO_OUT, 0x600, 0x34);
	CONTEXT("a number: the exits until then, the one that shows it included");
	EXPECT_STR(stages(),
		   "the guest is entered 0, PCI is looked for 1, the 8259 pair is set up 2, "
		   "the 8254 is set up 3, the clock is read 4, "
		   "the keyboard's controller is asked 5, the first byte on the console 6, "
		   "Linux says its version 135, virtio devices are looked for 138, "
		   "a virtio driver is ready 138, the first program runs 173, "
		   "power off is asked for 175");
	EXPECT_U64(film.stage[11].exits[EXIT_IO_IN], 2);
	EXPECT_U64(film.stage[11].exits[EXIT_MMIO_READ], 1);
	EXPECT_U64(film.stage[11].exits[EXIT_IO_OUT], 172);
	end();
}

TEST("-", trace_stages_only_where_they_are, 0)
{
	begin();
	note_exit(EXIT_IO_OUT, 0x3fb, 0x80);
	note_exit(EXIT_IO_OUT, 0x3f8, 1);
	note_exit(EXIT_IO_OUT, 0x3fb, 0x03);
	note_exit(EXIT_IO_OUT, 0x3fc, 0x10);
	note_exit(EXIT_IO_OUT, 0x3f8, 0x55);
	note_exit(EXIT_IO_OUT, 0x3fc, 0x03);
	CONTEXT("a divisor is no byte on the console, and what is sent in a loop is none, either");
	EXPECT_STR(stages(), "the guest is entered 0, the UART is set up 1, the end 6");
	film_free(&film);
	note_exit(EXIT_IO_OUT, 0x20, 0x20);
	note_exit(EXIT_IO_OUT, 0x600, 0x14);
	note_exit(EXIT_IO_OUT, 0x64, 0xff);
	note_exit(EXIT_IO_OUT, 0xcf9, 2);
	trace_note(TRACE_STATUS, .a = 7, .b = 3, .v = { 2 });
	CONTEXT("an EOI is no set-up, nor is power off without SLP_EN; no driver without "
		"DRIVER_OK");
	EXPECT_STR(stages(), "the guest is entered 0, the UART is set up 1, the end 10");
	film_free(&film);
	print("Linux\nversion Run /init as\n");
	note_exit(EXIT_IO_OUT, 0x64, 0xfe);
	CONTEXT("what stands in two lines is not said");
	EXPECT_STR(stages(), "the guest is entered 0, the UART is set up 1, "
			     "the first byte on the console 11, a reset is asked for 38");
	end();
}

TEST("-", trace_stages_as_a_picture, 0)
{
	const char *path = test_text("%s", test_tmpfile("a.boot.svg"));
	FILE *f = fopen(path, "w");
	char *text;

	if (!f)
		test_error("%s cannot be made", path);
	begin();
	print("ab");
	note_exit(EXIT_IO_IN, 0x71, 0);
	note_exit(EXIT_MMIO_READ, 0xfeb00000, 0);
	note_exit(EXIT_HLT, 0, 0);
	stages();
	trace_boot_svg(&film, f);
	fclose(f);
	text = file_text(path);
	EXPECT_CONTAINS(text, ">the guest is entered<");
	EXPECT_CONTAINS(text, ">0 exits so far<");
	EXPECT_CONTAINS(text, ">1 exit so far:<");
	EXPECT_CONTAINS(text, ">1 IO_OUT<");
	EXPECT_CONTAINS(text, ">3 exits so far:<");
	EXPECT_CONTAINS(text, ">2 IO_OUT, 1 IO_IN<");
	EXPECT_CONTAINS(text, ">2 IO_OUT, 1 IO_IN, 1 other<");
	EXPECT_CONTAINS(text, ">2 IO_OUT, 1 IO_IN, 2 others<");
	end();
}
