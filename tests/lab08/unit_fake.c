// SPDX-License-Identifier: MIT
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "machine_map.h"
#include "host_pic.h"
#include "say.h"
#include "show.h"

/* Low, as a machine's addresses are: below bit 46. */
#define ARENA	    0x20000000ULL
#define ARENA_PAGES MiB(1)

struct fake fake;

void fake_init(void)
{
	u64 size = ARENA_PAGES + GUEST_SIZE;
	void *arena;

	if (fake.pages.end)
		munmap(at(ARENA), size);
	arena = mmap(at(ARENA), size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (arena != at(ARENA))
		test_error("no memory at 0x%llx", ARENA);
	fake = (struct fake){ .nmsrs = 0 };
	pages_init(&fake.pages, ARENA, ARENA + ARENA_PAGES);
	fake.host.pages = &fake.pages;
	fake.g = (struct guest){
		.host = &fake.host, .tag = 1, .memory = ARENA + ARENA_PAGES, .size = GUEST_SIZE
	};
}

static struct fake_msr *find_msr(u32 index)
{
	for (unsigned i = 0; i < fake.nmsrs; i++)
		if (fake.msr[i].index == index)
			return &fake.msr[i];
	return NULL;
}

void fake_msr_set(u32 index, u64 value)
{
	struct fake_msr *m = find_msr(index);

	if (!m && fake.nmsrs < FAKE_MSRS)
		m = &fake.msr[fake.nmsrs++];
	if (!m)
		test_error("too many MSRs");
	*m = (struct fake_msr){ index, value };
}

u64 fake_msr_get(u32 index)
{
	struct fake_msr *m = find_msr(index);

	return m ? m->value : 0;
}

void fake_leaf_set(u32 leaf, struct cpuid is)
{
	for (unsigned i = 0; i < fake.nleafs; i++)
		if (fake.leaf[i].leaf == leaf) {
			fake.leaf[i].is = is;
			return;
		}
	if (fake.nleafs >= FAKE_LEAFS)
		test_error("too many leafs");
	fake.leaf[fake.nleafs++] = (struct fake_leaf){ leaf, is };
}

void fake_note(const char *fmt, ...)
{
	size_t used = strlen(fake.trace);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake.trace + used, sizeof(fake.trace) - used, fmt, ap);
	va_end(ap);
}

/* --- cpu_insn.h --- */

struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	fake.subleaf = subleaf;
	for (unsigned i = 0; i < fake.nleafs; i++)
		if (fake.leaf[i].leaf == leaf)
			return fake.leaf[i].is;
	return (struct cpuid){ 0 };
}

u64 rdmsr(u32 msr)
{
	fake_note("RDMSR %x\n", msr);
	EXPECT_TRUE(find_msr(msr) != NULL, "this CPU has no MSR 0x%x: #GP", msr);
	return fake_msr_get(msr);
}

void wrmsr(u32 msr, u64 value)
{
	fake_note("WRMSR %x\n", msr);
	EXPECT_TRUE(find_msr(msr) != NULL, "this CPU has no MSR 0x%x: #GP", msr);
	fake_msr_set(msr, value);
}

u64 read_cr0(void)
{
	return fake.cr0;
}

/* What VMX does not switch: nothing here looks at it. */
u64 read_cr2(void)
{
	return 0;
}

void write_cr2(u64 value)
{
}

u64 read_cr3(void)
{
	return fake.cr3;
}

u64 read_cr4(void)
{
	return fake.cr4;
}

void write_cr0(u64 value)
{
	fake.cr0 = value;
}

void write_cr4(u64 value)
{
	fake.cr4 = value;
}

struct table_register read_gdtr(void)
{
	return (struct table_register){ 0x27, fake.gdt };
}

struct table_register read_idtr(void)
{
	return (struct table_register){ 0x2ff, fake.gdt + 0x100 };
}

void interrupts_off(void)
{
	fake_note("CLI\n");
}

void interrupts_on(void)
{
	fake_note("STI\n");
}

u8 in8(u16 port)
{
	return 0xff;
}

void out8(u16 port, u8 value)
{
}

/* --- say.h, host_pic.h --- */

void print(const char *format, ...)
{
	size_t used = strlen(fake.said);
	va_list ap;

	va_start(ap, format);
	vsnprintf(fake.said + used, sizeof(fake.said) - used, format, ap);
	va_end(ap);
}

void print_guest(const void *bytes, u64 len)
{
	for (u64 i = 0; i < len && fake.nguest < sizeof(fake.guest) - 1; i++)
		fake.guest[fake.nguest++] = ((const char *)bytes)[i];
}

void timer_start(unsigned hz)
{
}

void timer_stop(void)
{
}

u64 timer_ticks(void)
{
	return 0;
}

void interrupt_serve(u8 vector)
{
	fake_note("INTERRUPT %x\n", vector);
}
