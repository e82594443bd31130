// SPDX-License-Identifier: MIT
#include "start.h"

#include <string.h>

/* Decimal, or hexadecimal behind 0x, as far as it goes. */
static u64 number(const char *word)
{
	unsigned base = word[0] == '0' && word[1] == 'x' ? 16 : 10;
	u64 value = 0;

	for (word += base == 16 ? 2 : 0;; word++) {
		unsigned digit = (u8)*word - '0';

		if (base == 16 && *word >= 'a')
			digit = (u8)*word - 'a' + 10;
		if (digit >= base)
			return value;
		value = base * value + digit;
	}
}

bool boot_word(const struct boot *boot, const char *name, u64 *value)
{
	u64 n = strlen(name);

	for (const char *word = boot->command; *word; word++) {
		if ((word == boot->command || word[-1] == ' ') && !memcmp(word, name, n) &&
		    (word[n] == ' ' || word[n] == '=' || !word[n])) {
			if (value && word[n] == '=')
				*value = number(word + n + 1);
			return true;
		}
	}
	return false;
}
