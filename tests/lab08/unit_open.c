// SPDX-License-Identifier: MIT
/* Task 8.11 on both fake CPUs: one port that does not exit. */
#include <errno.h>

#include "fake_vmx.h"
#include "svm.h"

/* Which ports do not exit? Their number, and the lowest. */
static unsigned open_ports(const u8 *map, unsigned *lowest)
{
	unsigned n = 0;

	for (unsigned port = 0x10000; port-- > 0;) {
		if (map[port / 8] >> port % 8 & 1)
			continue;
		*lowest = port;
		n++;
	}
	return n;
}

static void expect_open(unsigned want, unsigned lowest)
{
	unsigned port = 0;

	EXPECT_TRUE(fake.host.ports != 0, "host->ports: there is no bitmap");
	EXPECT_U64_AS("ports that do not exit", open_ports(at(fake.host.ports), &port), want);
	EXPECT_U64_AS("the lowest of them", port, lowest);
}

TEST("8.11", one_port_of_amds, 0)
{
	struct guest other;
	const u8 *map;

	fake_amd_on();
	other = fake.g;
	EXPECT_ERR(svm_open(&fake.g, 0x80), -EINVAL);
	EXPECT_ERR(svm_init(&fake.g, GUEST_LONG, 0x100000), 0);
	CONTEXT("port 0x83 is opened, and then 0xffff");
	EXPECT_ERR(svm_open(&fake.g, 0x83), 0);
	expect_open(1, 0x83);
	EXPECT_ERR(svm_open(&fake.g, 0xffff), 0);
	expect_open(2, 0x83);
	CONTEXT("4 bytes at port 0xffff look at three bits behind the last one");
	map = at(fake.host.ports);
	EXPECT_U64_AS("the byte behind", map[0x2000], 0xff);
	other.tag = 2;
	EXPECT_ERR(svm_init(&other, GUEST_LONG, 0x100000), 0);
	CONTEXT("another guest is made: the bitmap is that of all, and is made once");
	expect_open(2, 0x83);
}

TEST("8.11", one_port_of_intels, 0)
{
	u32 before;

	fake_intel_on();
	EXPECT_ERR(vmx_open(&fake.g, 0x80), -EINVAL);
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	before = (u32)fake_field(VMCS_PRIMARY);
	CONTEXT("port 0x83 is opened: bitmap A");
	EXPECT_ERR(vmx_open(&fake.g, 0x83), 0);
	expect_open(1, 0x83);
	EXPECT_U64_AS("bitmap A", fake_field(VMCS_IO_BITMAP_A), fake.host.ports);
	EXPECT_U64_AS("bitmap B", fake_field(VMCS_IO_BITMAP_B), fake.host.ports + PAGE_SIZE_4K);
	EXPECT_U64_AS("the primary controls, but for PRIMARY_IO, which no longer counts",
		      fake_field(VMCS_PRIMARY) & ~PRIMARY_IO,
		      (before & ~PRIMARY_IO) | PRIMARY_IO_BITMAPS);
	CONTEXT("port 0xffff is opened, too: bitmap B");
	EXPECT_ERR(vmx_open(&fake.g, 0xffff), 0);
	expect_open(2, 0x83);
	EXPECT_U64_AS("bitmap A", fake_field(VMCS_IO_BITMAP_A), fake.host.ports);
}

TEST("8.11", the_guest_that_was_meant, 0)
{
	struct guest other;

	fake_intel_on();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	other = fake.g;
	other.tag = 2;
	EXPECT_ERR(vmx_init(&other, GUEST_LONG, 0x100000), 0);
	EXPECT_ERR(vmx_open(&fake.g, 0x80), 0);
	CONTEXT("a port was opened for the first of two guests, while the other's VMCS was "
		"current");
	EXPECT_ERR(vmx_make_current(&other), 0);
	EXPECT_U64(fake_field(VMCS_PRIMARY) & PRIMARY_IO_BITMAPS, 0);
	EXPECT_ERR(vmx_make_current(&fake.g), 0);
	EXPECT_U64(fake_field(VMCS_PRIMARY) & PRIMARY_IO_BITMAPS, PRIMARY_IO_BITMAPS);
}

TEST("8.11", bitmaps_of_intels_need_pages, 0)
{
	fake_intel_on();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	fake.pages.next = fake.pages.end;
	CONTEXT("no page is left, and the bitmaps need two");
	EXPECT_ERR(vmx_open(&fake.g, 0x80), -ENOMEM);
	EXPECT_TRUE(fake_field(VMCS_PRIMARY) & PRIMARY_IO, "no IN or OUT exits now");
}

TEST("8.11", a_cpu_without_bitmaps, 0)
{
	fake_intel_on();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	CONTEXT("the true primary controls may not have bit 25");
	fake_msr_set(0x48e, fake_msr_get(0x48e) & ~((u64)PRIMARY_IO_BITMAPS << 32));
	EXPECT_ERR(vmx_open(&fake.g, 0x80), -ENOTSUP);
	EXPECT_TRUE(fake_field(VMCS_PRIMARY) & PRIMARY_IO, "no IN or OUT exits now");
}
