// SPDX-License-Identifier: MIT
/* Bad images: each is refused in one line, or runs as what it is. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bad_host.h"
#include "make_elf.h"

static const char *made_file(const struct made_elf64 *file)
{
	return input_file(INPUT("image"), file, sizeof(*file));
}

TEST("-", image_missing, 0)
{
	struct outcome o = RUN_IMAGE(INPUT("missing"));

	expect_refused(&o, 1, "in-missing: No such file or directory\n");
}

TEST("-", image_with_no_name, 0)
{
	struct outcome o = RUN_IMAGE("");

	expect_refused(&o, 1, "No such file or directory\n");
}

TEST("-", image_is_a_directory, 0)
{
	struct outcome o = RUN_IMAGE("/");

	expect_refused(&o, 1, "vmm: /: a directory, not a guest image\n");
}

TEST("-", image_is_a_fifo, 0)
{
	struct outcome o;

	CONTEXT("nobody will ever write to it: opening it must not wait");
	if (mkfifo(INPUT("fifo"), 0600))
		test_error("mkfifo: %s", strerror(errno));
	o = RUN_IMAGE(INPUT("fifo"));
	expect_refused(&o, 1, "in-fifo: not a regular file, not a guest image\n");
}

TEST("-", image_is_a_device, 0)
{
	struct outcome o = RUN_IMAGE("/dev/zero");

	expect_refused(&o, 1, "vmm: /dev/zero: not a regular file, not a guest image\n");
}

TEST("-", image_may_not_be_read, 0)
{
	const char *path = input_file(INPUT("secret"), "\xf4", 1);
	struct outcome o;

	if (!build_is_open())
		SKIP("other users cannot get at %s", env_build_dir());
	if (chmod(path, 0))
		test_error("chmod: %s", strerror(errno));
	o = run_vmm(&(struct vmm_run){ .image = path, .uid = other_user() });
	expect_refused(&o, 1, "in-secret: Permission denied\n");
}

TEST("-", image_is_empty, 0)
{
	struct outcome o = RUN_IMAGE(input_file(INPUT("empty"), "", 0));

	expect_refused(&o, 1, "in-empty: the file is empty\n");
}

TEST_KVM("-", image_of_one_byte_is_a_guest, 0)
{
	struct outcome o = RUN_IMAGE(input_file(INPUT("hlt"), "\xf4", 1));

	EXPECT_U64(o.status, 0);
	EXPECT_VERDICT(o, halted);
	expect_nothing_left();
}

TEST_KVM("-", image_of_one_byte_that_is_none, 0)
{
	struct outcome o;

	SKIP_WHERE_LOOPS_CANNOT_BE_ENDED();
	/* Zeros up to 0xffff, then what a fault pushed there: how that ends is the CPU's affair. */
	CONTEXT("0x7f begins no ELF file; it is an instruction, and zeros follow it");
	o = RUN_IMAGE(input_file(INPUT("byte"), "\x7f", 1), "--timeout=0.1");
	EXPECT_TRUE(!o.signalled, "killed by a signal: status %d", o.status);
	EXPECT_TRUE(o.status == 0 || o.status == 3 || o.status == 124, "status %d", o.status);
	EXPECT_TRUE(o.status == 0 || !strncmp(o.err, "vmm: ", 5));
	expect_nothing_left();
}

TEST("-", image_elf_header_cut_off, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o = RUN_IMAGE(input_file(INPUT("cut"), &file, sizeof(file.eh) - 1));

	expect_refused(&o, 1, "in-cut: the ELF header is cut off\n");
}

TEST("-", image_elf_program_headers_outside_the_file, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	file.eh.e_phoff = UINT64_MAX - 8;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1, "in-image: its program headers lie outside the file\n");
}

TEST("-", image_elf_segment_wraps, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	file.load.p_paddr = UINT64_MAX - 4;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1, "in-image: segment 0 wraps around the end of memory\n");
}

TEST("-", image_elf_of_another_machine, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	file.eh.e_machine = EM_AARCH64;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1,
		       "in-image: an ELF file for another machine (e_machine 183, AArch64)\n");
}

TEST("-", image_elf_segment_past_ram, 0)
{
	static const struct {
		u64 paddr;
		const char *why;
	} rows[] = {
		{ 1 << 20,
		  "guest memory ends before its last byte, 0x101007; it needs --memory=2M" },
		{ 2 << 20,
		  "guest memory ends before its last byte, 0x201007; it needs --memory=3M" },
		{ 3ull << 30,
		  "its last byte would be at 0xc0001007, and no guest has more than 3 GiB" },
		{ 1ull << 40, "its last byte would be at 0x10000001007, and no guest has more" },
		{ 1ull << 63,
		  "linked to the higher half, at 0x8000000000000000, and to be loaded" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct made_elf64 file = make_elf64();
		struct outcome o;

		CONTEXT("p_paddr %#llx with 1 MiB of memory", (unsigned long long)rows[i].paddr);
		file.load.p_paddr = rows[i].paddr;
		o = RUN_IMAGE(made_file(&file), "--memory=1M");
		expect_refused(&o, 1, rows[i].why);
	}
}

TEST_KVM("-", image_elf_zeros_past_ram, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	CONTEXT("the bytes in the file fit in 2 MiB of memory, the zeros behind them do not");
	file.load.p_memsz = (1 << 20) + 1;
	o = RUN_IMAGE(made_file(&file), "--memory=2M");
	expect_refused(&o, 1,
		       "guest memory ends before its last byte, 0x200000; it needs --memory=3M\n");
	CONTEXT("that advice helps; and its first instruction is hlt");
	file.eh.e_entry = MADE_PADDR;
	o = RUN_IMAGE(made_file(&file), "--memory=3M");
	EXPECT_U64(o.status, 0);
	EXPECT_VERDICT(o, halted);
	file.load.p_memsz = UINT64_MAX - MADE_PADDR;
	o = RUN_IMAGE(made_file(&file), "--memory=2M");
	expect_refused(&o, 1, "its last byte would be at 0xfffffffffffffffe, and no guest has");
	CONTEXT("it just fits");
	file.load.p_memsz = 1 << 20;
	o = RUN_IMAGE(made_file(&file), "--memory=2M");
	EXPECT_U64(o.status, 0);
	EXPECT_VERDICT(o, halted);
}

TEST_KVM("-", image_elf_over_the_tables_of_the_vmm, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	file.load.p_memsz = 8;
	file.load.p_paddr = 0x8000 - 7;
	o = RUN_IMAGE(made_file(&file));
	file.eh.e_entry = file.load.p_paddr;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1, "it covers 0x8000 to 0xffff, where the VMM puts its tables; link it");
	file.load.p_paddr = file.eh.e_entry = 0xffff;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1, "it covers 0x8000 to 0xffff, where the VMM puts its tables; link it");
	file.load.p_paddr = file.eh.e_entry = 0x10000;
	o = RUN_IMAGE(made_file(&file));
	EXPECT_VERDICT(o, halted);
	file.load.p_paddr = file.eh.e_entry = 0x8000 - 8;
	o = RUN_IMAGE(made_file(&file));
	EXPECT_VERDICT(o, halted);
}

TEST("-", image_elf_without_an_entry_point, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	file.eh.e_entry = 0;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1, "in-image: it has no entry point\n");
	file.eh.e_entry = MADE_ENTRY;
	file.note_ph.p_type = PT_NULL;
	o = RUN_IMAGE(made_file(&file), "--mode=protected");
	expect_refused(&o, 1, "in-image: it has no PVH note, so nothing says where to enter");
}

TEST("-", image_in_a_mode_that_it_has_not, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o = RUN_IMAGE(made_file(&file), "--mode=real");

	expect_refused(&o, 1, "in-image: an ELF image cannot start in real mode\n");
	o = RUN_IMAGE(input_file(INPUT("flat"), "\xf4", 1), "--mode=long");
	expect_refused(&o, 1, "in-flat: a flat image can only start in real mode\n");
}

TEST("-", image_elf_entered_where_nothing_is_loaded, 0)
{
	static const u64 entries[] = { 1, MADE_PADDR - 1, 0x10000000, 1ull << 63, UINT64_MAX };

	for (unsigned i = 0; i < ARRAY_SIZE(entries); i++) {
		struct made_elf64 file = make_elf64();
		struct outcome o;

		CONTEXT("e_entry %#llx", (unsigned long long)entries[i]);
		file.eh.e_entry = entries[i];
		o = RUN_IMAGE(made_file(&file));
		expect_refused(&o, 1, " lies in no segment: nothing is loaded there\n");
	}
}

TEST("-", image_elf_of_the_higher_half, 0)
{
	struct made_elf64 file = make_elf64();
	struct outcome o;

	CONTEXT("loaded low, but its entry point is where its own page tables will put it");
	file.load.p_vaddr = 0xffffffff80100000;
	file.eh.e_entry = file.load.p_vaddr;
	o = RUN_IMAGE(made_file(&file));
	expect_refused(&o, 1,
		       "in-image: linked to the higher half: its entry point "
		       "0xffffffff80100000 is a virtual address, loaded at 0x100000; ");
}

TEST_KVM("-", image_of_another_kind_that_may_run, 0)
{
	u8 sector[512] = { 0xf4 };
	struct outcome o;

	CONTEXT("a boot sector that does without a BIOS: a word before, and it runs");
	sector[510] = 0x55;
	sector[511] = 0xaa;
	o = RUN_IMAGE(input_file(INPUT("sector"), sector, sizeof(sector)));
	EXPECT_U64(o.status, 0);
	EXPECT_VERDICT(o, halted);
	EXPECT_CONTAINS(o.err, "in-sector: note: it has the mark of a boot sector");
	EXPECT_CONTAINS(o.err, "\nvmm: the guest halted\n");
	EXPECT_STR(o.out, "");
}

TEST("-", image_of_another_kind, 0)
{
	static u8 large[MiB(2)];
	struct outcome o = RUN_IMAGE(input_file(INPUT("text"), "just a text\n", 12));

	expect_refused(&o, 1, "in-text: a text file; a guest image is machine code");
	o = RUN_IMAGE("/proc/self/exe");
	expect_refused(&o, 1, "vmm: /proc/self/exe: a program for Linux, which needs");
	CONTEXT("what it is comes first: more memory would not help a disk");
	memcpy(large, (const u8[]){ 'Q', 'F', 'I', 0xfb }, 4);
	o = RUN_IMAGE(input_file(INPUT("disk"), large, sizeof(large)), "--memory=1M");
	expect_refused(&o, 1, "in-disk: a disk (qcow2), which needs firmware");
}

TEST_KVM("-", image_file_larger_than_what_is_loaded_of_it, 0)
{
	struct made_elf64 file = make_elf64();
	const char *path;
	struct outcome o;

	CONTEXT("an ELF file with as much behind it, such as debugging information");
	file.eh.e_entry = MADE_PADDR;
	path = made_file(&file);
	if (truncate(path, (2 << 20) + 1))
		test_error("truncate: %s", strerror(errno));
	o = RUN_IMAGE(path, "--memory=2M");
	EXPECT_VERDICT(o, halted);
	CONTEXT("what is read has an end");
	if (truncate(path, (64 << 20) + 1))
		test_error("truncate: %s", strerror(errno));
	o = RUN_IMAGE(path, "--memory=2M");
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, "in-image: the file has 67108865 bytes, more than the guest has "
			       "memory; `strip` it, or say --memory=65M\n");
	o = RUN_IMAGE(path, "--memory=65M");
	EXPECT_VERDICT(o, halted);
	if (truncate(path, 1ll << 40))
		SKIP("this file system has no files of 1 TiB");
	o = RUN_IMAGE(path);
	EXPECT_CONTAINS(o.err, "and no guest has more than 3 GiB of memory; `strip` takes out");
}

TEST_KVM("-", image_larger_than_guest_memory, 0)
{
	const char *path = input_file(INPUT("large"), "\xf4", 1);
	struct outcome o;

	CONTEXT("as large as the memory: but it begins at 0x1000");
	if (truncate(path, KiB(64)))
		test_error("truncate: %s", strerror(errno));
	o = RUN_IMAGE(path, "--memory=64K");
	expect_refused(&o, 1,
		       "in-large: guest memory ends before its last byte, 0x10fff; it needs "
		       "--memory=68K\n");
	CONTEXT("that advice helps");
	o = RUN_IMAGE(path, "--memory=68K");
	EXPECT_VERDICT(o, halted);
	CONTEXT("up to the last byte of memory");
	if (truncate(path, KiB(640) - 4096))
		test_error("truncate: %s", strerror(errno));
	o = RUN_IMAGE(path, "--memory=640K");
	EXPECT_VERDICT(o, halted);
}

TEST("-", image_larger_than_any_memory, 0)
{
	const char *path = input_file(INPUT("huge"), "\xf4", 1);
	struct outcome o;

	CONTEXT("a sparse file of 1 TiB: refused before it is read");
	if (truncate(path, 1ll << 40))
		SKIP("this file system has no files of 1 TiB");
	o = RUN_IMAGE(path);
	expect_refused(&o, 1, "in-huge: it");
	EXPECT_TRUE(!strstr(o.err, "--memory"), "advice that cannot help: %s", o.err);
}
