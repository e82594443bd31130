// SPDX-License-Identifier: MIT
#include "fake_cpu.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "layout.h"
#include "pic.h"
#include "print.h"
#include "test.h"

#define TSS 0x123456789abcULL

struct fake_cpu fake_cpu;

static struct {
	struct {
		u32 number;
		bool is_there;
		u64 value;
	} msr[64];
	unsigned msrs;
	struct {
		u32 leaf;
		struct cpuid answer;
	} cpuid[16];
	unsigned leaves;
	u64 gdt[5], idt[2];
} own;

void fake_cpu_reset(void)
{
	memset(&own, 0, sizeof(own));
	fake_cpu = (struct fake_cpu){ .tss = TSS };
	own.gdt[SEL_TSS / 8] = 0x00008b0000000067 | (TSS & 0xffffff) << 16 |
			       (TSS >> 24 & 0xff) << 56;
	own.gdt[SEL_TSS / 8 + 1] = TSS >> 32;
}

static u64 *find(u32 msr, const char *what)
{
	for (unsigned i = 0; i < own.msrs; i++)
		if (own.msr[i].number == msr && own.msr[i].is_there)
			return &own.msr[i].value;
	CONTEXT("%s of the MSR 0x%x, which this CPU has not", what, msr);
	EXPECT_STR("#GP", "no exception");
	return NULL;
}

static void set(u32 msr, bool is_there, u64 value)
{
	unsigned i = 0;

	while (i < own.msrs && own.msr[i].number != msr)
		i++;
	if (i == ARRAY_SIZE(own.msr))
		test_error("too many MSRs");
	own.msrs += i == own.msrs;
	own.msr[i].number = msr;
	own.msr[i].is_there = is_there;
	own.msr[i].value = value;
}

void fake_msr(u32 msr, u64 value)
{
	set(msr, true, value);
}

void fake_no_msr(u32 msr)
{
	set(msr, false, 0);
}

void fake_cpuid(u32 leaf, struct cpuid answer)
{
	unsigned i = 0;

	while (i < own.leaves && own.cpuid[i].leaf != leaf)
		i++;
	if (i == ARRAY_SIZE(own.cpuid))
		test_error("too many leaves");
	own.leaves += i == own.leaves;
	own.cpuid[i].leaf = leaf;
	own.cpuid[i].answer = answer;
}

void fake_pages(struct pages *pages, unsigned n)
{
	u64 size = n * PAGE_SIZE_4K;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (memory == MAP_FAILED)
		test_error("no memory below 4 GiB");
	pages_init(pages, (u64)(uintptr_t)memory, (u64)(uintptr_t)memory + size);
}

/* --- cpu.h --- */

struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	for (unsigned i = 0; i < own.leaves; i++)
		if (own.cpuid[i].leaf == leaf)
			return own.cpuid[i].answer;
	return (struct cpuid){ 0 };
}

u64 rdmsr(u32 msr)
{
	return *find(msr, "RDMSR");
}

void wrmsr(u32 msr, u64 value)
{
	*find(msr, "WRMSR") = value;
}

u64 read_cr0(void)
{
	return fake_cpu.cr0;
}

u64 read_cr3(void)
{
	return fake_cpu.cr3;
}

u64 read_cr4(void)
{
	return fake_cpu.cr4;
}

void write_cr0(u64 value)
{
	fake_cpu.cr0 = value;
}

void write_cr4(u64 value)
{
	fake_cpu.cr4 = value;
}

struct table_register read_gdtr(void)
{
	return (struct table_register){ .limit = sizeof(own.gdt) - 1,
					.base = (u64)(uintptr_t)own.gdt };
}

struct table_register read_idtr(void)
{
	return (struct table_register){ .limit = sizeof(own.idt) - 1,
					.base = (u64)(uintptr_t)own.idt };
}

void interrupts_off(void)
{
}

void interrupts_on(void)
{
	fake_cpu.let_in++;
}

void interrupt_serve(u8 vector)
{
	fake_cpu.served[vector]++;
}

void print(const char *format, ...)
{
	size_t used = strlen(fake_cpu.said);
	va_list args;

	va_start(args, format);
	vsnprintf(fake_cpu.said + used, sizeof(fake_cpu.said) - used, format, args);
	va_end(args);
}
