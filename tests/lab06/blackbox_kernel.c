// SPDX-License-Identifier: MIT
/* Tasks 6.1 to 6.3, from outside: tiny kernels say what they were told. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../common/bad_host.h"
#include "nonce.h"

/* Something to unpack: random bytes in a file of its own. */
struct payload {
	char option[300];
	u8 *bytes;
	u32 size;
};

static void payload_make(struct payload *p, u32 size)
{
	p->size = size;
	p->bytes = malloc(size);
	for (u32 at = 0; at < size; at += 256) /* so many at once come without a break */
		if (getrandom(p->bytes + at, size - at < 256 ? size - at : 256, 0) < 0)
			test_error("no random bytes");
	snprintf(p->option, sizeof(p->option), "--initrd=%s",
		 input_file(INPUT("initrd"), p->bytes, size));
}

/* As guests/lib/kernel.inc adds them up. */
static u32 sum_of(const struct payload *p)
{
	u32 sum = 0;

	for (u32 i = 0; i < p->size; i++)
		sum = (sum << 1 | sum >> 31) + p->bytes[i];
	return sum;
}

static u32 some(u32 least, u32 most)
{
	return least + (u32)(nonce_random() % (most - least + 1));
}

static const char *memory_lines(u64 bytes)
{
	return test_text("memory 00000000 000a0000 1\nmemory 000c0000 00040000 2\n"
			 "memory 00100000 %08llx 1\n",
			 (unsigned long long)bytes - 0x100000);
}

static const char *memory_option(unsigned mib)
{
	return test_text("--memory=%uM", mib);
}

/* --- 6.1 --- */

TEST("6.1", a_pvh_kernel_is_told_all, 7, .seconds = 0.3)
{
	unsigned mib = some(20, 200);
	const char *line = test_text("root=/dev/vda number=%016llx  two  blanks",
				     (unsigned long long)nonce_random());
	struct payload p;
	struct outcome o;

	payload_make(&p, some(1, 40000));
	o = run_guest("06/pvh-info", memory_option(mib), p.option, test_text("--append=%s", line));
	CONTEXT("a kernel with a PVH note, %u MiB of memory, an initrd of %u bytes, a command line",
		mib, p.size);
	EXPECT_STR(o.out, test_text("magic 336ec578\nversion 1\ncommand line %s\nmodules 1\n"
				    "bytes %08x\nsum %08x\n%s",
				    line, p.size, sum_of(&p), memory_lines(MiB(mib))));
	EXPECT_U64(o.status, 0);
}

TEST("6.1", a_pvh_kernel_is_told_nothing, 4)
{
	unsigned mib = some(2, 200);
	struct outcome o = run_guest("06/pvh-info", memory_option(mib));

	CONTEXT("no initrd, no command line, %u MiB", mib);
	EXPECT_STR(o.out, test_text("magic 336ec578\nversion 1\ncommand line \nmodules 0\n%s",
				    memory_lines(MiB(mib))));
	EXPECT_U64(o.status, 0);
}

TEST("6.1", a_command_line_that_is_too_long, 0)
{
	static char option[100 * 1024];
	struct outcome o;

	memset(option, 'x', sizeof(option) - 1);
	for (size_t i = 0; i < 9; i++)
		option[i] = "--append="[i];
	o = run_guest("06/pvh-info", option);
	CONTEXT("a command line of 100 KiB");
	expect_refused(&o, 1, "102390 bytes, and there is room for 65535");
}

/* The same guest, but loaded at gpa: its headers say so. (It would not run there.) */
static const char *low_kernel(u32 gpa)
{
	const u32 lower = 0x100000 - gpa;
	static _Alignas(8) u8 bytes[65536];
	FILE *f = fopen(test_text("%s/guests/06/pvh-info.elf", env_build_dir()), "r");
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
	Elf32_Ehdr *head = (Elf32_Ehdr *)bytes;
	Elf32_Phdr *part = (Elf32_Phdr *)(bytes + head->e_phoff);

	if (!n || n == sizeof(bytes))
		test_error("pvh-info.elf has %zu bytes", n);
	fclose(f);
	head->e_entry -= lower;
	for (unsigned i = 0; i < head->e_phnum; i++) {
		part[i].p_vaddr -= lower;
		part[i].p_paddr -= lower;
		if (part[i].p_type == PT_NOTE) /* three numbers, "Xen", where its door is */
			*(u32 *)(bytes + part[i].p_offset + 16) -= lower;
	}
	return input_file(INPUT("kernel"), bytes, n);
}

TEST("6.1", an_initrd_lies_above_the_hole, 0)
{
	struct payload p;
	struct outcome o;

	payload_make(&p, (u32)KiB(1536));
	o = run_vmm(&(struct vmm_run){ .image = low_kernel(0x10000),
				       .args = { "--memory=2M", p.option } });
	CONTEXT("1.5 MiB of initrd, 2 MiB of memory, and a kernel at 0x10000");
	expect_refused(&o, 1, "1572864 bytes");
}

TEST("6.1", a_kernel_where_it_is_told_things, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .image = low_kernel(0x5000) });

	CONTEXT("a kernel from 0x5000 on: the start info would be written over it");
	expect_refused(&o, 1, "it covers 0x6000 to 0x6fff");
	o = run_vmm(&(struct vmm_run){ .image = low_kernel(0x2f000) });
	CONTEXT("and one on the command line's last page");
	expect_refused(&o, 1, "it covers 0x20000 to 0x2ffff");
}

/* An initrd for which the guest that is loaded at 1 MiB leaves no room. */
TEST("6.1", an_initrd_that_does_not_fit, 0)
{
	struct payload p;
	struct outcome o;

	payload_make(&p, (u32)MiB(1));
	o = run_guest("06/pvh-info", "--memory=2M", p.option);
	CONTEXT("1 MiB of initrd, and 2 MiB of memory with a kernel in it");
	expect_refused(&o, 1, "1048576 bytes");
}

/* --- 6.2 --- */

TEST("6.2", a_bzimage_is_told_all, 5, .seconds = 0.3)
{
	unsigned mib = some(20, 200);
	const char *line =
		test_text("console=ttyS0 number=%016llx", (unsigned long long)nonce_random());
	struct payload p;
	struct outcome o;

	payload_make(&p, some(1, 40000));
	o = run_guest("06/bz-info", memory_option(mib), p.option, test_text("--append=%s", line));
	CONTEXT("a bzImage, %u MiB of memory, an initrd of %u bytes, a command line", mib, p.size);
	EXPECT_STR(o.out, test_text("registers 0\nloader ff\ncommand line %s\ninitrd %08x\n"
				    "sum %08x\n%s",
				    line, p.size, sum_of(&p), memory_lines(MiB(mib))));
	EXPECT_U64(o.status, 0);
	o = run_guest("06/bz-info", memory_option(mib), "--vga=ram");
	CONTEXT("nothing but a text screen");
	EXPECT_STR(o.out, test_text("registers 0\nloader ff\ncommand line \ninitrd 00000000\n"
				    "%sscreen 1\n",
				    memory_lines(MiB(mib))));
	EXPECT_U64(o.status, 0);
}

TEST("6.2", a_kernel_finds_its_segments, 0)
{
	struct outcome o = run_guest("06/bz-segments");

	CONTEXT("boot.rst, 32-bit Boot Protocol: CS is 0x10, the others are 0x18, and the GDT has "
		"both: older kernels load the second one before they have a GDT of their own");
	EXPECT_STR(o.out, "cs 10\nds 18\nes 18\nss 18\nthe GDT has them\n");
	EXPECT_U64(o.status, 0);
}

TEST("6.2", a_kernel_has_limits, 2)
{
	struct payload p;
	struct outcome o;
	char line[300] = "--append=";

	payload_make(&p, some(1, 5000));
	o = run_guest("06/bz-low", p.option, "--memory=100M");
	CONTEXT("this kernel takes an initrd of %u bytes only where its last byte is below 8 MiB",
		p.size);
	EXPECT_STR(o.out, test_text("registers 0\nloader ff\ncommand line \ninitrd %08x\n"
				    "sum %08x\n%s",
				    p.size, sum_of(&p), memory_lines(MiB(100))));
	memset(line + 9, 'x', 64);
	o = run_guest("06/bz-low", line);
	CONTEXT("a command line of 64 bytes; its header says 63");
	expect_refused(&o, 1, "64 bytes, and this kernel takes 63");
	o = run_guest("06/bz-low", "--memory=4M");
	CONTEXT("it needs memory up to 6 MiB until it is unpacked (init_size)");
	expect_refused(&o, 1, "--memory=6M");
}

/* So much of the guest, then something else. */
static void refused_file(size_t size, size_t at, u8 byte, const char *why)
{
	const char *path = test_text("%s/guests/06/bz-info.bin", env_build_dir());
	FILE *f = fopen(path, "r");
	u8 bytes[8192];
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
	struct outcome o;

	if (!n || size > n || at >= n)
		test_error("%s has %zu bytes", path, n);
	fclose(f);
	if (at)
		bytes[at] = byte;
	o = run_vmm(
		&(struct vmm_run){ .image = input_file(INPUT("kernel"), bytes, size ? size : n) });
	CONTEXT("%zu bytes of a bzImage, with %#x at %#zx", size ? size : n, byte, at);
	expect_refused(&o, 1, why);
}

TEST("6.2", kernels_that_are_none, 2, .seconds = 0.3)
{
	refused_file(0x210, 0, 0, "cut off");
	refused_file(0x400, 0, 0, "cut off");
	refused_file(0, 0x207, 1, "1.12");
	refused_file(0, 0x211, 0, "zImage");
	refused_file(0, 0x217, 0xff, "no guest has more than 3 GiB");
	refused_file(0, 0x216, 0, "below 1 MiB");
}

/* --- 6.3 --- */

TEST("6.3", a_cpu_without_an_apic, 7)
{
	struct outcome o = run_guest("06/cpuid-linux", "--irqchip=user");

	CONTEXT("--irqchip=user: the interrupt controller is ours, and a CPU of 1985's");
	EXPECT_STR(o.out, "hypervisor 1\nKVMKVMKVM\napic number 00\nlocal apic 0\nx2apic 0\n"
			  "deadline 0\nclock 1\nby its apic 0\n");
	EXPECT_U64(o.status, 0);
}

/* (Without points: some KVMs say all that by themselves.) */
TEST("6.3", a_cpu_with_one, 0)
{
	struct outcome o = run_guest("06/cpuid-linux", "--irqchip=kernel");
	static const char begin[] = "hypervisor 1\nKVMKVMKVM\napic number 00\nlocal apic 1\n";

	/* Whether there is an x2APIC or a deadline is this KVM's affair. */
	CONTEXT("--irqchip=kernel");
	EXPECT_CONTAINS(o.out, begin);
	EXPECT_CONTAINS(o.out, "\nclock 1\nby its apic 1\n");
	EXPECT_U64(o.status, 0);
}
