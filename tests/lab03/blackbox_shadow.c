// SPDX-License-Identifier: MIT
/* Part B, from outside: the guests of this lab on the VMM's tables, and what that costs. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "env.h"
#include "test.h"

static struct outcome shadow(const char *guest, const char *option)
{
	return run_guest(guest, "--mmu=shadow", "--stats", option);
}

/* A counter of the line "shadow paging: 21 traps, pf_fixed 20, ...". */
static u64 counter(const struct outcome *o, const char *name)
{
	const char *line = strstr(o->err, "shadow paging: "), *at;

	EXPECT_TRUE(line, "no line of counters");
	at = line ? strstr(line, name) : NULL;
	EXPECT_TRUE(at, "no counter %s", name);
	if (!at)
		return 0;
	return strtoull(at + strlen(name), NULL, 10);
}

static u64 entry_point(const char *guest)
{
	char path[PATH_MAX];
	u64 entry = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/guests/%s.elf", env_build_dir(), guest);
	f = fopen(path, "r");
	if (!f || fseek(f, 24, SEEK_SET) || fread(&entry, sizeof(entry), 1, f) != 1)
		test_error("%s cannot be read", path);
	fclose(f);
	return entry;
}

TEST("3.4", the_first_trap, 4)
{
	struct outcome o = run_guest("03/silent", "--mmu=shadow", "--verbose");
	u64 entry = entry_point("03/silent");
	char text[120];

	CONTEXT("the guest's first instruction is not in the VMM's tables: a fetch, by user mode");
	snprintf(text, sizeof(text), "the first trap: #PF error 0x14 at 0x%llx, address 0x%llx\n",
		 (unsigned long long)entry, (unsigned long long)entry);
	EXPECT_CONTAINS(o.err, text);
}

/* The sum that the silent guest has stored where no memory is, as the recorder saw it. */
static void expect_sum(const struct outcome *o)
{
	u32 sum = 16 * (u32)o->nonce + 120;
	char text[40];

	snprintf(text, sizeof(text), "data=%08x", sum);
	for (unsigned i = 0; i < REPORT_LAST; i++) {
		if (strstr(o->report.last[i], "MMIO_WRITE"))
			EXPECT_CONTAINS(o->report.last[i], text);
	}
	EXPECT_EXITS(*o, MMIO_WRITE, 1);
}

TEST("3.5", memory_is_filled_on_faults, 4)
{
	struct outcome o = shadow("03/silent", NULL);

	CONTEXT("16 pages get numbers from the nonce, and their sum goes where no memory is");
	expect_sum(&o);
}

TEST("3.5", a_first_touch_costs_one_trap, 3)
{
	struct outcome o = shadow("03/silent", NULL);

	CONTEXT("code, stack, nonce, 16 pages and the hole: 20 fills; reading them again: none");
	EXPECT_U64(counter(&o, "pf_fixed "), 20);
}

TEST("3.6", a_guest_speaks, 3)
{
	struct outcome o = shadow("03/first-map", NULL);
	char text[80];

	snprintf(text, sizeof(text), "seen above %08x\nseen below %08x\n", (u32)o.nonce,
		 (u32)(o.nonce >> 32));
	CONTEXT("each OUT of the guest is a #GP at CPL 3; the byte goes to the bus all the same");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, nonce_status(&o));
}

TEST("3.6", privileged_instructions, 3)
{
	struct outcome o = shadow("03/privileged", NULL);
	char text[300];

	snprintf(text, sizeof(text),
		 "cr0.pg 1\ncr0.pe 1\ncr4.pae 1\ncr2 %08x\nefer.lme 1\nin 8 xxxxxxff\n"
		 "in 16 xxxxffff\nin 32 ffffffff\nupper 00000000\ncr3 again\n",
		 (u32)o.nonce);
	CONTEXT("control registers, EFER, ports of three widths");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, nonce_status(&o));
}

TEST("3.7", the_guests_own_handler, 3)
{
	struct outcome o = shadow("03/demand", NULL);
	u32 first = (u32)(0x40000000 + (o.nonce & 7) * 0x1000);
	char text[160];

	snprintf(text, sizeof(text),
		 "fault at %08x error 2\nfault at %08x error 0\nread back 5eed5eed\nfaults 2\n",
		 first, first + 0x1000);
	CONTEXT("the guest serves its own page faults; the error code says supervisor");
	EXPECT_STR(o.out, text);
	EXPECT_U64(counter(&o, "pf_guest "), 2);
}

TEST("3.7", a_fault_without_a_handler, 2)
{
	struct outcome o = shadow("03/no-handler", NULL);

	CONTEXT("no interrupt table: no handler, none for the double fault, a triple fault");
	EXPECT_STR(o.out, "reading\n");
	EXPECT_VERDICT(o, dead);
	EXPECT_U64(o.status, 3);
	EXPECT_CONTAINS(o.err, "triple fault: exception 14 at 0x");
	CONTEXT("the registers that are shown are the guest's, not those of the stub");
	EXPECT_CONTAINS(o.err, "cr2 10  cr3 9000");
	EXPECT_CONTAINS(o.err, "mov 0x0000000000000010, %eax");
}

TEST("3.8", bits_that_the_guest_sees, 3)
{
	struct outcome o = shadow("03/ad-bits", NULL);

	CONTEXT("the guest looks at its own entries: who sets A and D there?");
	EXPECT_CONTAINS(o.out,
			"fresh   A 0 D 0\nread    A 1 D 0\nwritten A 1 D 1\ncleared A 0 D 0\n");
	EXPECT_CONTAINS(o.out, "table   A 1\n"); /* the line between needs INVLPG: task 3.9 */
}

TEST("3.9", a_page_is_exchanged, 1)
{
	struct outcome o = shadow("03/remap", NULL);
	char text[80];

	snprintf(text, sizeof(text), "first %08x\nthen  %08x\nback  %08x\n", (u32)o.nonce,
		 ~(u32)(o.nonce >> 32), (u32)o.nonce);
	CONTEXT("the guest changes an entry, and says INVLPG");
	EXPECT_STR(o.out, text);
	EXPECT_U64(counter(&o, "invlpg "), 2);
	o = shadow("03/ad-bits", NULL);
	CONTEXT("the guest clears A, says INVLPG, and reads: A is set again");
	EXPECT_CONTAINS(o.out, "cleared A 0 D 0\nread    A 1 D 0\n");
}

TEST("3.9", a_space_is_exchanged, 1)
{
	struct outcome o = shadow("03/two-spaces", NULL);
	char text[80];

	snprintf(text, sizeof(text), "one %08x\ntwo %08x\none %08x\ntwo %08x\n", (u32)o.nonce,
		 (u32)(o.nonce >> 32), (u32)o.nonce + 1, (u32)(o.nonce >> 32) + 1);
	CONTEXT("the guest loads CR3 four times");
	EXPECT_STR(o.out, text);
	EXPECT_U64(counter(&o, "tlb_flush "), 4);
}

TEST("3.9", permissions_are_exchanged, 1)
{
	struct outcome o = shadow("03/permissions", NULL);

	CONTEXT("CR0.WP goes and comes, and a table above takes its permission away");
	EXPECT_STR(o.out, "absent, read 00\nabsent, write 02\nread-only, read --\n"
			  "read-only, write 03\nread-only, write without WP --\n"
			  "no-execute, fetch 11\nread-only upper, write 03\n");
}

/* Holes and ROM, tables by the nonce, pages by the nonce: the same bytes as under ept. */
TEST("-", shadow_prints_the_same, 0)
{
	static const char *const guest[] = { "03/mmio-hole", "03/window", "03/touch-pages",
					     "02/hello64", "02/fibonacci" };

	for (size_t i = 0; i < ARRAY_SIZE(guest); i++) {
		struct vmm_run run = { .guest = guest[i],
				       .nonce = 0x123456789abcdef1,
				       .args = { "--mmu=ept" } };
		struct outcome a, b;

		if (!strcmp(guest[i], "03/mmio-hole") || !strcmp(guest[i], "02/hello64"))
			run.nonce = 0;
		a = run_vmm(&run);
		run.args[0] = "--mmu=shadow";
		b = run_vmm(&run);
		CONTEXT("%s under ept and under shadow", guest[i]);
		EXPECT_STR(b.out, a.out);
		EXPECT_U64(b.status, a.status);
		EXPECT_TRUE(a.out_len > 0);
	}
}

/* 8192 steps on tables that change at random: whoever translates, the sums are the same. */
TEST("-", random_tables_and_accesses, 0, .seconds = 6)
{
	struct outcome ept = run_guest("03/random-walk", "--mmu=ept"), o;

	o = run_vmm(&(struct vmm_run){ .guest = "03/random-walk",
				       .nonce = ept.nonce,
				       .args = { "--mmu=shadow", "--stats" } });
	CONTEXT("nonce 0x%llx: values read, error codes and CR2 of all faults",
		(unsigned long long)ept.nonce);
	EXPECT_U64(ept.out_len, 16 * 9);
	EXPECT_STR(o.out, ept.out);
	EXPECT_TRUE(counter(&o, "pf_guest ") > 1000 && counter(&o, "pf_fixed ") > 1000);
	o = run_vmm(&(struct vmm_run){
		.guest = "03/random-walk", .nonce = ept.nonce, .args = { "--mmu=shadow-cached" } });
	EXPECT_STR(o.out, ept.out);
}

/* Can a guest have UMIP here? CPUID 7, ECX bit 2. */
static bool kvm_has_umip(void)
{
	const u32 room = 256;
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + room * sizeof(cpuid->entries[0]));
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	bool umip = false;

	if (!cpuid || kvm < 0)
		test_error("no memory, or no /dev/kvm");
	cpuid->nent = room;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid) < 0)
		cpuid->nent = 0;
	for (u32 i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 7 && cpuid->entries[i].index == 0)
			umip = cpuid->entries[i].ecx >> 2 & 1;
	free(cpuid);
	close(kvm);
	return umip;
}

/* The lines of b that are not the same in a; both have as many. */
static const char *other_lines(const char *a, const char *b)
{
	static char text[1000];
	FILE *to = fmemopen(text, sizeof(text) - 1, "w"); /* what does not fit is left out */

	if (!to)
		test_error("fmemopen: %s", strerror(errno));
	while (*a && *b) {
		size_t na = strcspn(a, "\n"), nb = strcspn(b, "\n");

		if (na != nb || strncmp(a, b, na) != 0)
			fprintf(to, "%.*s\n", (int)nb, b);
		a += na + (a[na] == '\n');
		b += nb + (b[nb] == '\n');
	}
	fclose(to);
	return text;
}

TEST("3.15", what_cannot_be_hidden, 0)
{
	struct outcome ept = run_guest("03/ring-alias", "--mmu=ept"), o;

	if (!kvm_has_umip())
		SKIP("this KVM has no UMIP for its guests");
	EXPECT_STR(ept.out, "ring in CS 0\nPOPF clears IF yes\nPOPF sets IF yes\n"
			    "CLI clears IF yes\nSGDT shows my table yes\n"
			    "SIDT shows my table yes\nSTR shows no task yes\n");
	CONTEXT("CS, POPF and PUSHF never trap; SGDT, SIDT and STR do with CR4.UMIP");
	o = shadow("03/ring-alias", NULL);
	if (strstr(o.out, "SGDT shows my table no\nSIDT shows my table no\n"))
		SKIP("3.15 is not begun, or CR4.UMIP not set");
	EXPECT_STR(other_lines(ept.out, o.out),
		   "ring in CS 3\nPOPF clears IF no\nCLI clears IF no\n");
	EXPECT_U64(o.out_len, ept.out_len - strlen("yes") * 2 + strlen("no") * 2);
	EXPECT_U64(o.status, 0);
}

static const char *const shadows[] = { "--mmu=shadow", "--mmu=shadow-cached" };

TEST("-", hostile_guests_under_shadow, 0)
{
	struct outcome o = shadow("03/trap-port", NULL);

	CONTEXT("OUT to the stub's port is an OUT to nobody, at every width");
	EXPECT_STR(o.out, "in 8 ff\nin 16 ffff\nin 32 ffffffff\nins ffffffff\nstill here\n");
	EXPECT_U64(o.status, 0);
	o = shadow("03/vmm-space", NULL);
	CONTEXT("a write to the VMM's part of the address space");
	EXPECT_STR(o.out, "writing\n");
	EXPECT_VERDICT(o, dead);
	o = shadow("03/bad-tables", NULL);
	CONTEXT("tables that lead to themselves, and out of memory");
	EXPECT_STR(o.out, "self yes\n");
	EXPECT_VERDICT(o, dead);
	EXPECT_CONTAINS(o.err, "its page tables lead outside its memory: 0x40000000");
	CONTEXT("a guest that is not 64-bit");
	o = shadow("02/hello16", NULL);
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, "--mmu=shadow runs 64-bit guests only");
}

/* Faults at awkward places, and where the guest's handlers stand at the end of them. */
TEST("-", faults_in_awkward_places, 0, .seconds = 0.3)
{
	for (size_t i = 0; i < ARRAY_SIZE(shadows); i++) {
		struct outcome o = run_guest("03/straddle", shadows[i]);
		char text[300];

		CONTEXT("%s: instructions across the end of a page, also privileged ones",
			shadows[i]);
		snprintf(text, sizeof(text),
			 "fault at 40001000 error 10\nmov 12345678\n"
			 "fault at 40001000 error 10\ncr2 %08x\n"
			 "fault at 40001000 error 10\n! after a fault\n! without INVLPG\n"
			 "before a fault\nfault at 40001000 error 10\n",
			 (u32)o.nonce);
		EXPECT_STR(o.out, text);
		EXPECT_U64(o.status, 0);
		CONTEXT("%s: a fault in a handler is a fault; without a gate it is a double fault",
			shadows[i]);
		o = run_guest("03/double-fault", shadows[i]);
		EXPECT_STR(o.out, "fault at 40000000\nfault at 40001000 in the handler\n"
				  "read back 5eed5eed\ndouble fault error 0 cr2 40005000\n");
		EXPECT_U64(o.status, 0);
	}
}

/* Guests that end themselves: what they have printed by then, and why it was the end. */
TEST("-", ends_under_shadow, 0, .seconds = 0.5)
{
	static const char compressed[] = "in the part of the address space that the VMM needs for "
					 "itself (address-space compression)";
	static const struct {
		const char *guest;
		u64 nonce;
		const char *out, *why, *where;
	} row[] = {
		{ "03/no-way-in", 2, "no stack\n", "triple fault: exception 14 at 0x",
		  "cr2 40005000" },
		{ "03/no-way-in", 1, "no gates\n", "triple fault: exception 14 at 0x",
		  "cr2 40005000" },
		{ "03/cr3-outside", 0, "leaving\n", "its page tables lead outside its memory: 0x",
		  "from CR3 0x3000000000" },
		{ "03/top-slot", 4, "invlpg\n", "it uses 0xffffff8000000000", compressed },
		{ "03/top-slot", 5, "invlpg\n", "it uses 0xffffff8040000000", compressed },
		{ "03/top-slot", 6, "invlpg\n", "it uses 0xffffff8000000000", compressed },
		{ "03/top-slot", 7, "invlpg\n", "it uses 0xffffff8040000000", compressed },
	};

	for (size_t i = 0; i < ARRAY_SIZE(row) * ARRAY_SIZE(shadows); i++) {
		const char *mmu = shadows[i % ARRAY_SIZE(shadows)];
		size_t n = i / ARRAY_SIZE(shadows);
		struct outcome o = run_vmm(&(struct vmm_run){
			.guest = row[n].guest, .nonce = row[n].nonce, .args = { mmu } });

		CONTEXT("%s, nonce %llu, %s", row[n].guest, (unsigned long long)row[n].nonce, mmu);
		EXPECT_STR(o.out, row[n].out);
		EXPECT_VERDICT(o, dead);
		EXPECT_U64(o.status, 3);
		EXPECT_CONTAINS(o.err, row[n].why);
		EXPECT_CONTAINS(o.err, row[n].where);
	}
}

/* The same guests where KVM translates: the top slot is theirs, and CR3 is KVM's affair. */
TEST("-", ends_under_ept, 0, .seconds = 1.2)
{
	struct outcome o;

	for (u64 nonce = 4; nonce < 8; nonce++) {
		o = run_vmm(&(struct vmm_run){
			.guest = "03/top-slot", .nonce = nonce, .args = { "--mmu=ept" } });
		EXPECT_STR(o.out, "invlpg\nread back 5eed5eed\n");
		EXPECT_U64(o.status, 0);
	}
	CONTEXT("CR3 outside memory: the end; or, on an emulated CPU, the time limit");
	o = run_guest("03/cr3-outside", "--mmu=ept", "--timeout=1");
	EXPECT_STR(o.out, "leaving\n");
	EXPECT_TRUE(o.status == 3 || o.status == 124, "status %d", o.status);
}
