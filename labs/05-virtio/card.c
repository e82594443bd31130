// SPDX-License-Identifier: MIT
#include "card.h"

#include <string.h>

char *card_next_arg(char **args, char **value)
{
	char *key = *args, *from = key, *to = key;

	*args = NULL;
	for (; from && *from; *to++ = *from++) {
		if (*from == ',' && *++from != ',') {
			*args = from;
			break;
		}
	}
	if (to)
		*to = '\0';
	*value = key ? strchr(key, '=') : NULL;
	if (*value)
		*(*value)++ = '\0';
	return key;
}
