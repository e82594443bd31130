// SPDX-License-Identifier: MIT
/* All devices at once: the guest that ./lab demo shows. */
#include "disk.h"

#define COLS 80
#define ROWS 25

/* The screen has this text in the middle of row 12, in yellow on blue as all the rest. */
static void expect_screen(const char *path, const char *text, size_t length)
{
	u8 want[COLS][2], got[ROWS][COLS][2];
	FILE *f = fopen(path, "r");

	EXPECT_TRUE(f && fread(got, 1, sizeof(got), f) == sizeof(got), "no whole screen in %s",
		    path);
	fclose(f);
	for (unsigned row = 0; row < ROWS; row++) {
		for (unsigned col = 0; col < COLS; col++) {
			unsigned from = (unsigned)(COLS - length) / 2;
			bool inside = row == 12 && col >= from && col < from + length - 1;

			want[col][0] = inside ? (u8)text[col - from] : ' ';
			want[col][1] = 0x1e;
		}
		CONTEXT("row %u of the screen, of 25: character and colours of each cell", row);
		EXPECT_BYTES(got[row], want, sizeof(want));
	}
}

/* The guest's greeting is text, a line; its disk has it, or nothing. */
static void show_it(const char *irqchip, const char *notify, bool empty)
{
	struct disk *d = disk_numbered();
	char text[100], want[200], screen[300];
	struct outcome o;

	snprintf(screen, sizeof(screen), "--screen=%s", test_tmpfile("screen"));
	snprintf(text, sizeof(text), "Greetings number %016llx!\n",
		 (unsigned long long)nonce_random());
	if (empty)
		snprintf(text, sizeof(text), "The disk has nothing to say.\n");
	else
		memcpy(d->bytes, text, strlen(text));
	disk_write(d);
	strcat(d->option, ",readonly");
	o = run_vmm(&(struct vmm_run){ .guest = "05/showpiece",
				       .args = { d->option, "--device=console", "--device=net,user",
						 "--vga=ram", screen, "--timeout=20", irqchip,
						 notify } });
	snprintf(want, sizeof(want), "%sten ticks of the timer\nthe router answers: 1 2 3 4\n",
		 text);
	CONTEXT("%s %s: a disk, a console, a screen, the timer, a network card", irqchip, notify);
	EXPECT_STR(o.out, want);
	EXPECT_U64(o.status, 0);
	expect_screen(screen + strlen("--screen="), text, strlen(text));
}

TEST("-", the_showpiece, 0, .seconds = 0.6)
{
	show_it("--irqchip=user", "--notify=exit", false);
	show_it("--irqchip=user", "--notify=eventfd", false);
	show_it("--irqchip=kernel", "--notify=eventfd", false);
}

TEST("-", the_showpiece_with_an_empty_disk, 0, .seconds = 0.3)
{
	show_it("--irqchip=kernel", "--notify=exit", true);
}
