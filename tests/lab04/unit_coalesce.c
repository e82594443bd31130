// SPDX-License-Identifier: MIT
/* Task 4.12: a ring of stores that the test has filled as KVM does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coalesce.h"
#include "nonce.h"
#include "test.h"
#include "verdicts.h"

#define BASE   0xfea00000ULL
#define PLACES 170 /* (4096 - 8) / 24, by the structures in <linux/kvm.h> */

/* Notes the stores in their order; the one that is number `end` ends the run. */
struct notes {
	struct device dev;
	struct bus mmio;
	struct kvm_coalesced_mmio_ring *ring; /* a page, and one behind it */
	u64 off[2 * PLACES];
	u64 value[2 * PLACES];
	unsigned count, size, end;
	enum verdict verdict; /* by which it ends it */
	bool scribbles;	      /* as KVM may: into each place that is its own */
};

static void scribble(struct kvm_coalesced_mmio_ring *ring)
{
	for (u32 i = ring->last; i != ring->first; i = (i + 1) % PLACES)
		memset(&ring->coalesced_mmio[i], 0x5a, sizeof(ring->coalesced_mmio[i]));
}

static enum verdict note(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct notes *n = container_of(dev, struct notes, dev);

	EXPECT_TRUE(write && n->count < 2 * PLACES);
	if (n->scribbles)
		scribble(n->ring);
	n->off[n->count] = off;
	memcpy(&n->value[n->count], data, size);
	n->size = size;
	return ++n->count == n->end ? n->verdict : V_RESUME;
}

static struct notes *make(u32 first)
{
	struct notes *n = calloc(1, sizeof(*n));

	if (!n || !(n->ring = aligned_alloc(4096, 2 * 4096)))
		test_error("no memory");
	memset(n->ring, 0x5a, 2 * 4096);
	n->dev.io = note;
	n->ring->first = n->ring->last = first;
	EXPECT_ERR(bus_add(&n->mmio, BASE, 0x1000, &n->dev), 0);
	return n;
}

static void store(struct notes *n, u64 off, u32 len, u64 value)
{
	struct kvm_coalesced_mmio *place = &n->ring->coalesced_mmio[n->ring->last];

	*place = (struct kvm_coalesced_mmio){ .phys_addr = BASE + off, .len = len };
	memcpy(place->data, &value, 8);
	n->ring->last = (n->ring->last + 1) % PLACES;
}

TEST("4.12", stores_in_order_and_round, 0)
{
	for (u32 first = 0; first < PLACES; first++) {
		struct notes *n = make(first);

		CONTEXT("a full ring of %d places, from place %u on: %d stores", PLACES, first,
			PLACES - 1);
		for (unsigned i = 0; i < PLACES - 1; i++)
			store(n, 8 * i, 8, i);
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_RESUME);
		EXPECT_U64(n->count, PLACES - 1);
		for (unsigned i = 0; i < PLACES - 1; i++) {
			EXPECT_U64(n->off[i], 8 * i);
			EXPECT_U64(n->value[i], i);
		}
		EXPECT_U64(n->ring->first, n->ring->last);
		CONTEXT("the ring is empty");
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_RESUME);
		EXPECT_U64(n->count, PLACES - 1);
		free(n->ring);
		free(n);
	}
}

TEST("4.12", stores_of_each_length, 0)
{
	struct notes *n = make(PLACES - 3);
	u64 value = nonce_random();

	for (u32 len = 1; len <= 8; len++) {
		CONTEXT("a store of %u bytes", len);
		store(n, 16 - len, len, value);
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_RESUME);
		EXPECT_U64(n->size, len);
		EXPECT_U64(n->off[len - 1], 16 - len);
		EXPECT_BYTES_AS("what the device was sent", &n->value[len - 1], &value, len);
	}
}

TEST("4.12", a_place_is_given_back_when_done, 0)
{
	struct notes *n = make(PLACES - 3);

	for (unsigned i = 0; i < 7; i++)
		store(n, 8 * i, 8, 0x1111111111111111 * (i + 1));
	n->scribbles = true;
	CONTEXT("seven stores; while each is done, KVM writes to all places that are its own by "
		"then");
	EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_RESUME);
	EXPECT_U64(n->count, 7);
	for (unsigned i = 0; i < 7; i++) {
		EXPECT_U64(n->off[i], 8 * i);
		EXPECT_U64(n->value[i], 0x1111111111111111 * (i + 1));
	}
}

TEST("4.12", a_store_that_ends_the_run, 0)
{
	static const enum verdict ends[] = { V_EXIT, V_DEAD, V_ERROR };

	for (unsigned v = 0; v < ARRAY_SIZE(ends); v++) {
		struct notes *n = make(PLACES - 2);

		for (unsigned i = 0; i < 5; i++)
			store(n, i, 1, i);
		n->end = 3;
		n->verdict = ends[v];
		CONTEXT("the third of five stores ends the run; the others stay in the ring");
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), ends[v]);
		EXPECT_U64(n->count, 3);
		EXPECT_U64(n->ring->first, 1);
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_RESUME);
		EXPECT_U64(n->count, 5);
		EXPECT_U64(n->value[4], 4);
		store(n, 5, 1, 5);
		n->end = 6;
		CONTEXT("a store that is alone in the ring ends the run");
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), ends[v]);
		EXPECT_U64(n->ring->first, n->ring->last);
	}
}

TEST("4.12", a_store_above_4_gib, 0)
{
	struct notes *n = make(0);

	store(n, 1ULL << 32, 4, 1);
	CONTEXT("a store to 4 GiB above the device: it is none of the device's");
	EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_RESUME);
	EXPECT_U64(n->count, 0);
	EXPECT_U64(n->ring->first, n->ring->last);
}

TEST("4.12", a_ring_that_is_none, 0)
{
	static const u32 bad[] = { PLACES, PLACES + 1, 0x80000000, 0xffffffff };
	static const u32 lengths[] = { 0, 9, 0xffffffff };
	struct notes *n = make(0);

	for (unsigned i = 0; i < PLACES; i++)
		store(n, 0, 1, i); /* so that nothing but first and last is wrong */
	n->ring->coalesced_mmio[PLACES] = n->ring->coalesced_mmio[0]; /* nor what lies behind */
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CONTEXT("the ring ends at place %u of %d", bad[i], PLACES);
		n->ring->first = 0;
		n->ring->last = bad[i];
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_ERROR);
		CONTEXT("the ring begins at place %u of %d", bad[i], PLACES);
		n->ring->first = bad[i];
		n->ring->last = 0;
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_ERROR);
		CONTEXT("the ring begins and ends at place %u of %d", bad[i], PLACES);
		n->ring->last = bad[i];
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_ERROR);
	}
	CONTEXT("none of these stores is done");
	EXPECT_U64(n->count, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		CONTEXT("a store of %u bytes", lengths[i]);
		n->ring->first = n->ring->last = 0;
		store(n, 0, lengths[i], 0);
		EXPECT_V(coalesce_drain(n->ring, &n->mmio), V_ERROR);
	}
	EXPECT_U64(n->count, 0);
}

TEST_KVM("4.12", zone_is_registered, 0)
{
	struct kvm_coalesced_mmio_ring *ring;
	struct vm vm;
	struct vcpu vcpu;
	size_t size;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(vcpu_init(&vcpu, &vm, 0), 0);
	if (coalesce_zone(&vcpu, 0xb8000, 0x8000) == -EOPNOTSUPP)
		SKIP("this KVM does not coalesce stores (KVM_CAP_COALESCED_MMIO)");
	CONTEXT("coalesce_zone() has signed up coalesce_collect(), with the ring");
	ring = vcpu.after[0].ctx;
	EXPECT_TRUE(ring && vcpu.after[0].fn == coalesce_collect);
	CONTEXT("the ring lies in the page behind kvm_run and the data of port I/O");
	EXPECT_U64((char *)ring - (char *)vcpu.run, 2 * 4096);
	EXPECT_U64(ring->first, ring->last);
	EXPECT_V(coalesce_collect(&vcpu, ring), V_RESUME);
	EXPECT_STR(vm.run.cause, "");
	CONTEXT("a ring that ends at place %d is none, and the message is not about the last exit",
		PLACES);
	ring->last = PLACES;
	EXPECT_V(coalesce_collect(&vcpu, ring), V_ERROR);
	EXPECT_CONTAINS(vm.run.cause, "the ring");
	ring->last = 0;
	size = vcpu.run_size;
	CONTEXT("so much is mapped that the ring would be behind it");
	for (vcpu.run_size = 4096; vcpu.run_size <= 2 * 4096; vcpu.run_size += 4096)
		EXPECT_ERR(coalesce_zone(&vcpu, 0xb8000, 0x8000), -EOPNOTSUPP);
	vcpu.run_size = size;
	CONTEXT("the VM's descriptor is none");
	close(vm.fd);
	EXPECT_ERR(coalesce_zone(&vcpu, 0xb8000, 0x8000), -EBADF);
}
