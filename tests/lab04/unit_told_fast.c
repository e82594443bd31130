// SPDX-License-Identifier: MIT
/*
 * Tasks 4.10 to 4.12: what KVM is told, and what comes of its refusal; with a KVM that the tests
 * make up.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chip_kernel.h"
#include "coalesce.h"
#include "doorbell.h"
#include "fake_kvm.h"
#include "test.h"

/* The last KVM_IOEVENTFD for this address; zeros if there was none. */
static struct kvm_ioeventfd eventfd_at(u64 addr)
{
	struct kvm_ioeventfd found = { 0 };

	for (unsigned i = 0; i < fake_kvm.calls; i++) {
		struct kvm_ioeventfd told;

		memcpy(&told, fake_kvm.call[i].arg, sizeof(told));
		if (fake_kvm.call[i].request == KVM_IOEVENTFD && told.addr == addr)
			found = told;
	}
	return found;
}

TEST("4.10", no_eventfd_no_doorbell, 0)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	struct doorbell bell = { .ring_fd = -1 };

	fake_kvm = (struct fake_kvm){ .on = true };
	if (setrlimit(RLIMIT_NOFILE, &none))
		test_error("no limit");
	CONTEXT("there are no descriptors left: KVM is told nothing");
	EXPECT_ERR(doorbell_connect(&bell, -1), -EMFILE);
	EXPECT_U64(fake_count(KVM_IOEVENTFD), 0);
}

TEST("4.10", one_eventfd_at_two_addresses, 0)
{
	struct doorbell bell = { .ring_fd = -1 };
	struct kvm_ioeventfd port, memory;

	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(doorbell_connect(&bell, -1), 0);
	port = eventfd_at(DOORBELL_PORT);
	memory = eventfd_at(DOORBELL_GPA);
	CONTEXT("the port and the memory, by KVM_IOEVENTFD: 4 bytes, whatever is written, and the "
		"flag for ports at one of them");
	EXPECT_U64(fake_count(KVM_IOEVENTFD), 2);
	EXPECT_U64(port.len, 4);
	EXPECT_U64(memory.len, 4);
	EXPECT_U64(port.flags, KVM_IOEVENTFD_FLAG_PIO);
	EXPECT_U64(memory.flags, 0);
	EXPECT_TRUE(bell.ring_fd >= 0 && port.fd == bell.ring_fd && memory.fd == bell.ring_fd);
	eventfd_write(bell.ring_fd, 5);
	CONTEXT("KVM has added 5 to it: one read gives them all");
	EXPECT_U64(doorbell_collect(&bell), 5);
	EXPECT_U64(doorbell_collect(&bell), 0);
}

static unsigned open_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

TEST("4.10", a_doorbell_half_connected, 0)
{
	for (unsigned passes = 0; passes < 2; passes++) {
		unsigned before = open_descriptors();
		struct doorbell bell;
		struct vm vm = { .kvm_fd = -1, .fd = -1 };
		struct loop loop = { 0 };

		fake_kvm = (struct fake_kvm){ .on = true,
					      .fails = KVM_IOEVENTFD,
					      .err = -ENOSPC,
					      .passes = passes,
					      .once = true };
		CONTEXT("KVM_IOEVENTFD number %u fails with ENOSPC, and no other", passes + 1);
		EXPECT_ERR(doorbell_init(&bell, &vm, &loop, DOORBELL_EVENTFD), -ENOSPC);
		EXPECT_TRUE(bell.ring_fd == -1 || fcntl(bell.ring_fd, F_GETFD) >= 0,
			    "ring_fd is closed, and not -1: doorbell_destroy() closes it again, "
			    "whosever it is by then");
		doorbell_destroy(&bell);
		EXPECT_U64_AS("descriptors that are open afterwards", open_descriptors(), before);
	}
}

TEST("4.10", descriptor_0_is_one, 0)
{
	struct doorbell bell = { .ring_fd = -1 };

	fake_kvm = (struct fake_kvm){ .on = true };
	close(0);
	CONTEXT("the VMM was started without a standard input: its next descriptor is 0");
	EXPECT_ERR(doorbell_connect(&bell, -1), 0);
	EXPECT_U64(bell.ring_fd, 0);
	eventfd_write(bell.ring_fd, 3);
	EXPECT_U64(doorbell_collect(&bell), 3);
}

TEST("4.11", what_kvm_says_of_a_message, 0)
{
	static const int says[] = { 1, 2, 255, 0, -1, -EINVAL, -EIO, -EOPNOTSUPP };
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	struct chip_kernel k;
	struct kvm_msi told;

	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(chip_kernel_init(&k, &vm), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(says); i++) {
		fake_kvm.fails = KVM_SIGNAL_MSI;
		fake_kvm.err = says[i];
		CONTEXT("KVM_SIGNAL_MSI returns %d (a negative number: -1, and this errno)",
			says[i]);
		EXPECT_ERR(chip_kernel_message(&k.chip, 0xfee01004, 0x12345678), says[i] > 0);
	}
	memcpy(&told, fake_last(KVM_SIGNAL_MSI), sizeof(told));
	CONTEXT("what KVM was told: data 0x12345678 to address 0xfee01004");
	EXPECT_U64(told.address_lo, 0xfee01004);
	EXPECT_U64(told.address_hi, 0);
	EXPECT_U64(told.data, 0x12345678);
	EXPECT_U64(told.flags, 0);
}

/* The ring is in page 2 behind kvm_run, of three that are mapped. */
static void begin_zone(struct vm *vm, struct vcpu *vcpu)
{
	static _Alignas(4096) u8 mapped[3 * 4096];

	fake_kvm = (struct fake_kvm){ .on = true, .extension = 2 };
	*vm = (struct vm){ .kvm_fd = -1, .fd = -1 };
	*vcpu = (struct vcpu){ .vm = vm, .fd = -1, .run_size = sizeof(mapped) };
	vcpu->run = (struct kvm_run *)mapped;
}

TEST("4.12", zone_as_kvm_is_told, 0)
{
	struct kvm_coalesced_mmio_zone told;
	struct vm vm;
	struct vcpu vcpu;

	for (int page = 1; page <= 2; page++) {
		begin_zone(&vm, &vcpu);
		fake_kvm.extension = page;
		CONTEXT("0x1234 bytes at 0xfea00000; the ring is in page %d", page);
		EXPECT_ERR(coalesce_zone(&vcpu, 0xfea00000, 0x1234), 0);
		EXPECT_U64(fake_count(KVM_REGISTER_COALESCED_MMIO), 1);
		memcpy(&told, fake_last(KVM_REGISTER_COALESCED_MMIO), sizeof(told));
		EXPECT_U64(told.addr, 0xfea00000);
		EXPECT_U64(told.size, 0x1234);
		EXPECT_U64(told.pio, 0);
		EXPECT_TRUE(vcpu.after[0].fn == coalesce_collect);
		EXPECT_U64((u8 *)vcpu.after[0].ctx - (u8 *)vcpu.run, page * 4096L);
	}
}

TEST("4.12", zones_that_are_refused, 0)
{
	struct vm vm;
	struct vcpu vcpu;

	for (int page = -1; page <= 0; page++) {
		begin_zone(&vm, &vcpu);
		fake_kvm.extension = page;
		CONTEXT("KVM_CHECK_EXTENSION says %d: there is no ring", page);
		EXPECT_ERR(coalesce_zone(&vcpu, 0xb8000, 0x8000), -EOPNOTSUPP);
		EXPECT_U64(fake_count(KVM_REGISTER_COALESCED_MMIO), 0);
	}
	begin_zone(&vm, &vcpu);
	fake_kvm.fails = KVM_REGISTER_COALESCED_MMIO;
	fake_kvm.err = -ENOSPC;
	CONTEXT("KVM_REGISTER_COALESCED_MMIO fails with ENOSPC");
	EXPECT_ERR(coalesce_zone(&vcpu, 0xb8000, 0x8000), -ENOSPC);
	begin_zone(&vm, &vcpu);
	for (unsigned i = 0; i < VCPU_HOOKS_MAX; i++)
		EXPECT_ERR(hook_add(vcpu.after, coalesce_collect, NULL), 0);
	CONTEXT("no hook is left");
	EXPECT_ERR(coalesce_zone(&vcpu, 0xb8000, 0x8000), -ENOSPC);
}
