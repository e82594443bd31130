// SPDX-License-Identifier: MIT
#include <string.h>

#include "suite.h"

static struct test_case *first;

static bool before(const struct test_case *a, const struct test_case *b)
{
	int order = strcmp(a->file, b->file);

	return order < 0 || (order == 0 && a->line < b->line);
}

/* Runs before main(), in whatever order the linker chose. */
void test_register(struct test_case *test)
{
	struct test_case **p = &first;

	while (*p && before(*p, test))
		p = &(*p)->next;
	test->next = *p;
	*p = test;
}

struct test_case *test_list(void)
{
	return first;
}
