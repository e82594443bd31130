// SPDX-License-Identifier: MIT
#include <errno.h>

#include "svm.h"
#include "todo.h"

/* [book:8.11] */
int svm_open(struct guest *guest, u16 port)
{
	/* TASK 8.11 */
#if SOL >= 811
	u8 *map = at(guest->host->ports);

	if (!guest->control || !guest->host->ports)
		return -EINVAL;
	map[port / 8] &= (u8) ~(1u << port % 8);
	return 0;
#else
	return TODO("8.11");
#endif
}
/* [book:end] */
