/* SPDX-License-Identifier: MIT */
/*
 * Task 6.4: the clock of a PC, an MC146818 ("data sheet": Motorola, MC146818A). Linux asks it for
 * the time, at each boot, and first waits for register A's bit 7 ("update in progress") to become
 * 0: where nobody answers, all ones, it asks 20,000 times.
 */
#ifndef RTC_H
#define RTC_H

#include <time.h>

#include "bus.h"

#define RTC_PORT 0x70 /* write: which register (bit 7 is the NMI's); 0x71: the register */

#define RTC_A_UIP   0x80 /* an update is in progress: never, here */
#define RTC_B_24H   0x02
#define RTC_B_SET   0x80
#define RTC_D_VALID 0x80 /* the battery is good */
#define RTC_CENTURY 0x32 /* where the FADT says that the century is */

struct rtc {
	struct device dev;
	u8 index;
	u8 cmos[128];		     /* what was written */
	time_t (*now)(time_t *zero); /* time(); a test has its own */
};

/* On the port bus. 0, or what bus_add() says. */
int rtc_init(struct rtc *rtc, struct bus *pio);

/*
 * [task 6.4] A register (0 to 127), as the chip would show it: 0, 2, 4, 6 to 9 and the century are
 * now, in UTC, in BCD (data sheet, table 3: seconds, minutes, hours of 24, day of the week with
 * Sunday as 1, day, month, year of the century). A: 0x26, as a BIOS leaves it; B: RTC_B_24H; C: 0,
 * no interrupt is pending; D: RTC_D_VALID. All others: what was written there last.
 */
u8 rtc_read(const struct rtc *rtc, unsigned reg);

#endif
