// SPDX-License-Identifier: MIT
#include "gmem.h"

#include <errno.h>
#include <string.h>

#include "todo.h"

static int pm_read(struct physmem *pm, u64 addr, void *buf, u64 len)
{
	return gmem_read(container_of(pm, struct gmem, pm), addr, buf, len);
}

static int pm_write(struct physmem *pm, u64 addr, const void *buf, u64 len)
{
	return gmem_write(container_of(pm, struct gmem, pm), addr, buf, len);
}

void gmem_init(struct gmem *g, struct mem *mem, const u32 *frame, u64 nframes)
{
	*g = (struct gmem){
		.pm = { .read = pm_read, .write = pm_write },
		.mem = mem,
		.frame = frame,
		.nframes = nframes,
	};
}

/* Fisher and Yates, with the generator of Numerical Recipes: good enough to confuse. */
void frames_permute(u32 *frame, u64 n, u32 first, u64 seed)
{
	for (u64 i = 0; i < n; i++)
		frame[i] = first + (u32)i;
	for (u64 i = n; i > 1; i--) {
		u64 j;
		u32 other;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		j = (seed >> 33) % i;
		other = frame[j];
		frame[j] = frame[i - 1];
		frame[i - 1] = other;
	}
}

/* [book:3.3] */
int gmem_machine(const struct gmem *g, u64 gpa, u64 *machine, u64 *len)
{
	/* TASK 3.3 */
#if SOL >= 303
	u64 frame = gpa / PAGE_SIZE_4K, together = PAGE_SIZE_4K - gpa % PAGE_SIZE_4K;

	if (!g->frame) {
		*machine = gpa;
		*len = min_u64(*len, UINT64_MAX - gpa);
		return 0;
	}
	if (frame >= g->nframes) {
		*len = 0;
		return -EFAULT;
	}
	*machine = (u64)g->frame[frame] * PAGE_SIZE_4K + gpa % PAGE_SIZE_4K;
	while (together < *len && frame + 1 < g->nframes &&
	       g->frame[frame + 1] == (u64)g->frame[frame] + 1) {
		together += PAGE_SIZE_4K;
		frame++;
	}
	*len = min_u64(*len, together);
	return 0;
#else
	return TODO("3.3");
#endif
}

void *gmem_span(const struct gmem *g, u64 gpa, u64 *len)
{
	/* TASK 3.3 */
#if SOL >= 303
	u64 machine;

	if (gmem_machine(g, gpa, &machine, len))
		return NULL;
	return mem_span(g->mem, machine, len);
#else
	return (TODO("3.3"), NULL);
#endif
}

int gmem_read(const struct gmem *g, u64 gpa, void *buf, u64 len)
{
	/* TASK 3.3 */
#if SOL >= 303
	for (u64 done = 0, n; done < len; done += n) {
		const void *from = (n = len - done, gmem_span(g, gpa + done, &n));

		if (!from || gpa + done < gpa)
			return -EFAULT;
		memcpy((u8 *)buf + done, from, n);
	}
	return 0;
#else
	return TODO("3.3");
#endif
}

int gmem_write(const struct gmem *g, u64 gpa, const void *buf, u64 len)
{
	/* TASK 3.3 */
#if SOL >= 303
	for (u64 done = 0, n; done < len; done += n) {
		void *to = (n = len - done, gmem_span(g, gpa + done, &n));

		if (!to || gpa + done < gpa)
			return -EFAULT;
		memcpy(to, (const u8 *)buf + done, n);
	}
	return 0;
#else
	return TODO("3.3");
#endif
}
/* [book:end] */
