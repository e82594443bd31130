// SPDX-License-Identifier: MIT
#include "boot.h"

#include <string.h>

bool boot_word(const struct boot *boot, const char *name, u64 *value)
{
	u64 n = strlen(name);

	for (const char *word = boot->command; *word; word++) {
		if ((word == boot->command || word[-1] == ' ') && !memcmp(word, name, n) &&
		    (word[n] == ' ' || word[n] == '=' || !word[n])) {
			if (value && word[n] == '=')
				for (*value = 0, word += n + 1; *word >= '0' && *word <= '9';
				     word++)
					*value = 10 * *value + (u64)(*word - '0');
			return true;
		}
	}
	return false;
}
