// SPDX-License-Identifier: MIT
#include "memslot.h"

#include <string.h>

u64 memslot_peek(const struct memslot *slots, unsigned n, u64 gpa, void *buf, u64 len)
{
	for (unsigned i = 0; i < n; i++) {
		const struct memslot *slot = &slots[i];

		if (gpa < slot->gpa || gpa - slot->gpa >= slot->size)
			continue;
		len = min_u64(len, slot->size - (gpa - slot->gpa));
		memcpy(buf, slot->hva + (gpa - slot->gpa), len);
		return len;
	}
	return 0;
}

bool memslot_read(const struct memslot *slots, unsigned n, u64 gpa, void *buf, u64 len)
{
	for (u8 *to = buf; len;) {
		u64 got = memslot_peek(slots, n, gpa, to, len);

		if (!got)
			return false;
		to += got;
		gpa += got;
		len -= got;
	}
	return true;
}
