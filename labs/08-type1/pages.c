// SPDX-License-Identifier: MIT
#include "pages.h"

#include <string.h>

#define UNCLEAN 0xcc

void pages_init(struct pages *pages, u64 from, u64 to)
{
	*pages = (struct pages){ .next = from, .end = to };
}

u64 page_alloc(struct pages *pages)
{
	u64 page = pages->free;

	if (page)
		pages->free = *(u64 *)at(page);
	else if (pages->next < pages->end)
		page = pages->next, pages->next += PAGE_SIZE_4K;
	else
		return 0;
	pages->used++;
	memset(at(page), UNCLEAN, PAGE_SIZE_4K);
	return page;
}

u64 page_alloc_zeroed(struct pages *pages)
{
	u64 page = page_alloc(pages);

	if (page)
		memset(at(page), 0, PAGE_SIZE_4K);
	return page;
}

u64 pages_alloc(struct pages *pages, unsigned n)
{
	u64 first = pages->next, size = n * PAGE_SIZE_4K;

	if (size > pages->end - first)
		return 0;
	pages->next += size;
	pages->used += n;
	memset(at(first), UNCLEAN, size);
	return first;
}

void page_free(struct pages *pages, u64 page)
{
	if (!page)
		return;
	*(u64 *)at(page) = pages->free;
	pages->free = page;
	pages->used--;
}
