// SPDX-License-Identifier: MIT
/*
 * Images of random bytes. How they end is the guest's affair; but the VMM itself must end, not be
 * killed, and leave nothing behind.
 */
#include <stdlib.h>

#include "bad_host.h"
#include "make_elf.h"
#include "nonce.h"

#define RANDOM_SIZE 65536

static u8 bytes[sizeof(struct made_elf64) + RANDOM_SIZE];

/* Fill all with the numbers of xorshift64, from the test's seed on. */
static void fill_random(void)
{
	u64 state = nonce_random();

	for (size_t i = 0; i < sizeof(bytes); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = (u8)(state >> 32);
	}
}

static void run_random(size_t size)
{
	struct outcome o = RUN_IMAGE(input_file(INPUT("random"), bytes, size), "--timeout=0.2");

	EXPECT_TRUE(!o.signalled, "killed by a signal: status %d", o.status);
	EXPECT_TRUE(o.status == 0 || o.report.found || !strncmp(o.err, "vmm: ", 5),
		    "status %d, and nothing says why", o.status);
	expect_nothing_left();
}

TEST_KVM("-", random_flat_image, 0)
{
	SKIP_WHERE_LOOPS_CANNOT_BE_ENDED();
	fill_random();
	CONTEXT("64 KiB of random bytes in real mode");
	run_random(RANDOM_SIZE);
}

TEST_KVM("-", random_bytes_behind_the_elf_magic, 0)
{
	fill_random();
	CONTEXT("64 KiB of random bytes that call themselves ELF");
	memcpy(bytes, made_ident, SELFMAG);
	run_random(RANDOM_SIZE);
	bytes[EI_CLASS] = ELFCLASS64;
	run_random(RANDOM_SIZE);
	bytes[EI_CLASS] = ELFCLASS32;
	run_random(RANDOM_SIZE);
}

/* A sound ELF file with nothing but random bytes to run. */
static void random_elf(u16 machine)
{
	struct made_elf64 wide = make_elf64();
	struct made_elf32 narrow = make_elf32();

	wide.load.p_filesz = wide.load.p_memsz = RANDOM_SIZE;
	narrow.load.p_filesz = narrow.load.p_memsz = RANDOM_SIZE;
	if (machine == EM_X86_64)
		memcpy(bytes, &wide, sizeof(wide) - sizeof(wide.code));
	else
		memcpy(bytes, &narrow, sizeof(narrow) - sizeof(narrow.code));
	run_random(sizeof(bytes));
}

TEST_KVM("-", random_code_in_long_mode, 0)
{
	fill_random();
	CONTEXT("an ELF64 file of random code");
	random_elf(EM_X86_64);
}

TEST_KVM("-", random_code_in_protected_mode, 0)
{
	fill_random();
	CONTEXT("an ELF32 file of random code");
	random_elf(EM_386);
}
