// SPDX-License-Identifier: MIT
#include "todo.h"

#include <errno.h>
#include <string.h>

#include "say.h"
#include "serial.h"
#include "types.h"

#define TODO_MAX 16

/* As in common/todo.c: "once" needs a memory. */
static struct {
	const char *name[TODO_MAX];
	unsigned count;
} reported;

/* For the first time? */
static bool is_new(const char *task)
{
	for (unsigned i = 0; i < reported.count; i++)
		if (!strcmp(reported.name[i], task))
			return false;
	if (reported.count < TODO_MAX)
		reported.name[reported.count++] = task;
	return true;
}

int todo_report(const char *task, const char *function, const char *file)
{
	if (is_new(task))
		print("task %s is not done yet: %s() in %s\n", task, function, file);
	return -ENOSYS;
}

static void words(const char *text)
{
	for (; *text; text++)
		serial_byte((u8)*text);
}

/* (It may be reported later: a note does not count as that.) */
int todo_note(const char *task)
{
	serial_sign(SERIAL_NOTE);
	words("task ");
	words(task);
	words(" is not done yet\n");
	serial_sign(SERIAL_GUEST);
	return -ENOSYS;
}
