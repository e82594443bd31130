// SPDX-License-Identifier: MIT
#include "rtc.h"

#include "todo.h"

/* [book:6.4clock] */
/* TASK 6.4 */
#if SOL >= 604
static u8 bcd(int n)
{
	return (u8)(n / 10 % 10 << 4 | n % 10);
}

#endif

u8 rtc_read(const struct rtc *rtc, unsigned reg)
{
	/* TASK 6.4 */
#if SOL >= 604
	time_t now = rtc->now(NULL);
	struct tm t;

	gmtime_r(&now, &t);
	switch (reg) {
	case 0:
		return bcd(t.tm_sec);
	case 2:
		return bcd(t.tm_min);
	case 4:
		return bcd(t.tm_hour);
	case 6:
		return bcd(t.tm_wday + 1);
	case 7:
		return bcd(t.tm_mday);
	case 8:
		return bcd(t.tm_mon + 1);
	case 9:
		return bcd(t.tm_year % 100);
	case RTC_CENTURY:
		return bcd(19 + t.tm_year / 100);
	case 0xa:
		return 0x26;
	case 0xb:
		return RTC_B_24H;
	case 0xc:
		return 0;
	case 0xd:
		return RTC_D_VALID;
	}
	return rtc->cmos[reg & 0x7f];
#else
	return (TODO("6.4"), 0xff);
#endif
}
/* [book:end] */

static enum verdict rtc_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct rtc *rtc = container_of(dev, struct rtc, dev);
	u8 *byte = data;

	for (unsigned i = 0; i < size; i++) {
		if (off + i == 0 && write)
			rtc->index = byte[i] & 0x7f;
		else if (off + i == 0)
			byte[i] = 0xff; /* the index cannot be read back */
		else if (write)
			rtc->cmos[rtc->index] = byte[i];
		else
			byte[i] = rtc_read(rtc, rtc->index);
	}
	return V_RESUME;
}

int rtc_init(struct rtc *rtc, struct bus *pio)
{
	*rtc = (struct rtc){ .dev.io = rtc_io, .now = time };
	tzset(); /* the first gmtime_r(3) does it, and it reads files, which a confined VMM may not
		  */
	return bus_add(pio, RTC_PORT, 2, &rtc->dev);
}
