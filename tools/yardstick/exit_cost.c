// SPDX-License-Identifier: MIT
/*
 * What one OUT costs in our VMM, over the least that it can cost: one vCPU, one guest that writes
 * to a port for ever, and two ways around the loop in turn: KVM_RUN alone, and vcpu_run() with
 * recorder, dispatch, a bus and a device. The third way is KVM_RUN alone again: what that takes
 * "more" is what the measurement is wrong by. How it is measured: pairs.h.
 *
 * Then the same with --trace: vcpu_run(), that again, and vcpu_run() while each exit is noted.
 *
 * Prints `bare NS again NS vmm NS` and `vmm NS again NS traced NS`: the first of a line is a time,
 * the others are differences to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu_mode.h"
#include "exitdev.h"
#include "io.h"
#include "pairs.h"
#include "trace.h"
#include "vcpu.h"

#define WARM	   4	 /* exits until all is in the caches again */
#define TRIPS	   20	 /* of a block: short, so that few of them are hit by a tick */
#define TIME_NS	   0.3e9 /* of all blocks */
#define ROUNDS_MIN 21
#define PORT	   0x80
#define GUEST_GPA  0x1000

struct counter {
	struct device dev;
	unsigned left;
};

static enum verdict counter_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct counter *counter = container_of(dev, struct counter, dev);

	return --counter->left ? V_RESUME : V_EXIT;
}

struct machine {
	struct recorder rec;
	struct vm vm;
	struct vcpu vcpu;
	struct counter counter;
	struct exitdev exitdev;
	struct trace_log *log;
};

static int bare(void *ctx, unsigned trips)
{
	struct vcpu *vcpu = &((struct machine *)ctx)->vcpu;

	vcpu->run->kvm_valid_regs = 0; /* the recorder's wish, and part of its price */
	for (unsigned i = 0; i < trips; i++)
		if (ioctl(vcpu->fd, KVM_RUN, 0) < 0)
			return -errno;
	return 0;
}

static int vmm(void *ctx, unsigned trips)
{
	struct machine *m = ctx;

	m->vcpu.run->kvm_valid_regs = m->rec.has_regs ? KVM_SYNC_X86_REGS : 0;
	m->counter.left = trips;
	return vcpu_run(&m->vcpu) == V_EXIT ? 0 : -EIO;
}

static int traced(void *ctx, unsigned trips)
{
	struct machine *m = ctx;
	int err;

	trace_mine = m->log;
	err = vmm(ctx, trips);
	trace_mine = NULL;
	return err;
}

static int build(struct machine *m)
{
	static const u8 code[] = { 0xe6, PORT, 0xeb, 0xfc }; /* 1: out %al, $PORT; jmp 1b */

	if (vm_init(&m->vm, "/dev/kvm") || mem_add(&m->vm.mem, m->vm.fd, 0, MiB(1)) ||
	    mem_write(&m->vm.mem, GUEST_GPA, code, sizeof(code)) ||
	    vcpu_init(&m->vcpu, &m->vm, 0) || cpu_mode_real(&m->vcpu, GUEST_GPA))
		return -1;
	recorder_init(&m->rec, m->vcpu.run, m->vm.kvm_fd);
	m->vcpu.rec = &m->rec;
	io_init(&m->vcpu);
	m->counter = (struct counter){ .dev.io = counter_io };
	if (!trace_begin(m->vcpu.fd, m->vm.mem.slot, &m->vm.mem.nslots))
		return -1;
	m->log = trace_mine;
	trace_mine = NULL;
	/* As in the program, ours is not the only device. */
	return exitdev_init(&m->exitdev, &m->vm.pio, &m->vm.run) ||
	       bus_add(&m->vm.pio, PORT, 1, &m->counter.dev);
}

static int measure(struct machine *m, way_fn *way, way_fn *other, double cost[PAIRS_WAYS])
{
	const struct pairs p = { { way, way, other }, m, WARM, TRIPS, pairs_now };
	unsigned rounds = ROUNDS_MIN;
	double begin = pairs_now(NULL), one_ns;
	int err = pairs_measure(&p, 1, cost); /* and all pages are there */

	one_ns = pairs_now(NULL) - begin;
	if (one_ns * ROUNDS_MIN < TIME_NS)
		rounds = (unsigned)(TIME_NS / one_ns);
	return err ? err : pairs_measure(&p, rounds, cost);
}

int main(void)
{
	static struct machine m;
	double cost[PAIRS_WAYS], noting[PAIRS_WAYS];
	int err;

	if ((err = pairs_pin())) {
		fprintf(stderr, "bench-exit: cannot stay on one CPU: %s\n", strerror(-err));
		return 1;
	}
	if (build(&m)) {
		fprintf(stderr, "bench-exit: cannot make a guest\n");
		return 1;
	}
	if ((err = measure(&m, bare, vmm, cost)) || (err = measure(&m, vmm, traced, noting))) {
		fprintf(stderr, "bench-exit: %s\n", strerror(-err));
		return 1;
	}
	printf("bare %.1f again %.1f vmm %.1f\n", cost[0], cost[1], cost[2]);
	printf("vmm %.1f again %.1f traced %.1f\n", noting[0], noting[1], noting[2]);
	vcpu_destroy(&m.vcpu);
	vm_destroy(&m.vm);
	return 0;
}
