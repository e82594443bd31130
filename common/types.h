/* SPDX-License-Identifier: MIT */
#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's short names: a hypervisor talks of exact widths all day. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define ARRAY_SIZE(a)  (sizeof(a) / sizeof((a)[0]))
#define KiB(n)	       ((u64)(n) << 10)
#define MiB(n)	       ((u64)(n) << 20)
#define GiB(n)	       ((u64)(n) << 30)
#define PAGE_SIZE_4K   KiB(4)
#define PRINTF(fmt, v) __attribute__((format(printf, fmt, v)))

/* No macro: an argument with side effects would have them twice. */
static inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* From a pointer to a member back to the structure that embeds it. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#endif
