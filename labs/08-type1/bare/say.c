// SPDX-License-Identifier: MIT
#include "say.h"

#include <stdarg.h>
#include <string.h>

#include "serial.h"

static void pad(unsigned width, unsigned length, char with)
{
	for (; width > length; width--)
		serial_byte((u8)with);
}

static void number(u64 value, unsigned base, unsigned width, char with)
{
	char digits[20];
	unsigned n = 0;

	do
		digits[n++] = "0123456789abcdef"[value % base];
	while ((value /= base) && n < sizeof(digits));
	pad(width, n, with);
	while (n > 0)
		serial_byte((u8)digits[--n]);
}

static void text(const char *s, unsigned width)
{
	unsigned n = 0;

	for (; s[n]; n++)
		serial_byte((u8)s[n]);
	pad(width, n, ' ');
}

/* One conversion, from the character after its %; where the format goes on. */
static const char *convert(const char *f, va_list *args)
{
	char with = *f == '0' ? '0' : ' ';
	unsigned width = 0, longs = 0;
	u64 value;

	while (*f == '-')
		f++;
	for (; *f >= '0' && *f <= '9'; f++)
		width = 10 * width + (unsigned)(*f - '0');
	for (; *f == 'l'; f++)
		longs++;
	if (*f == 's')
		text(va_arg(*args, const char *), width);
	else if (*f == 'c')
		serial_byte((u8)va_arg(*args, int));
	else if (*f == 'p')
		number((u64)va_arg(*args, void *), 16, width, with);
	else if (*f == 'u' || *f == 'x' || *f == 'd') {
		value = longs ? va_arg(*args, u64) : va_arg(*args, u32);
		if (*f == 'd' && !longs)
			value = (u64)(s64)(int)value;
		if (*f == 'd' && (s64)value < 0) {
			serial_byte('-');
			value = -value;
		}
		number(value, *f == 'x' ? 16 : 10, width, with);
	} else {
		serial_byte((u8)*f);
	}
	return *f ? f + 1 : f;
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	serial_sign(SERIAL_HOST);
	while (*format) {
		if (*format == '%')
			format = convert(format + 1, &args);
		else
			serial_byte((u8)*format++);
	}
	serial_sign(SERIAL_GUEST);
	va_end(args);
}

void print_guest(const void *bytes, u64 len)
{
	for (u64 i = 0; i < len; i++)
		serial_byte(((const u8 *)bytes)[i]);
}
