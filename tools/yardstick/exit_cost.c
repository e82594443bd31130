// SPDX-License-Identifier: MIT
/*
 * What one OUT costs in our VMM, over the least that it can cost: one vCPU, one guest that writes
 * to a port for ever, and two ways around the loop in turn: KVM_RUN alone, and vcpu_run() with
 * recorder, dispatch, a bus and a device. Prints `bare NS vmm NS`, the least of all rounds.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "cpu_mode.h"
#include "exitdev.h"
#include "io.h"
#include "vcpu.h"

#define ROUNDS	  60
#define EXITS	  2000
#define PORT	  0x80
#define GUEST_GPA 0x1000

struct counter {
	struct device dev;
	unsigned left;
};

static enum verdict counter_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct counter *counter = container_of(dev, struct counter, dev);

	return --counter->left ? V_RESUME : V_EXIT;
}

static const struct device_ops counter_ops = { .name = "counter", .io = counter_io };

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double bare_round(struct vcpu *vcpu)
{
	double start;

	vcpu->run->kvm_valid_regs = 0; /* the recorder's wish, and part of its price */
	start = now_ns();
	for (unsigned i = 0; i < EXITS; i++)
		if (ioctl(vcpu->fd, KVM_RUN, 0) < 0)
			return 1e18;
	return (now_ns() - start) / EXITS;
}

static double vmm_round(struct vcpu *vcpu, struct counter *counter)
{
	double start;

	vcpu->run->kvm_valid_regs = vcpu->rec->has_regs ? KVM_SYNC_X86_REGS : 0;
	counter->left = EXITS;
	start = now_ns();
	if (vcpu_run(vcpu) != V_EXIT)
		return 1e18;
	return (now_ns() - start) / EXITS;
}

static int build(struct vm *vm, struct vcpu *vcpu, struct recorder *rec, struct counter *counter)
{
	static const u8 code[] = { 0xe6, PORT, 0xeb, 0xfc }; /* 1: out %al, $PORT; jmp 1b */
	int status = 0;
	struct exitdev exitdev;

	if (vm_init(vm, "/dev/kvm") || mem_add(&vm->mem, vm->fd, 0, MiB(1)) ||
	    mem_write(&vm->mem, GUEST_GPA, code, sizeof(code)) || vcpu_init(vcpu, vm) ||
	    cpu_mode_real(vcpu, GUEST_GPA))
		return -1;
	recorder_init(rec, vcpu->run, vm->kvm_fd);
	vcpu->rec = rec;
	io_init(vcpu);
	*counter = (struct counter){ .dev.ops = &counter_ops };
	/* As in the program, ours is not the only device. */
	return exitdev_init(&exitdev, &vm->pio, &status) ||
	       bus_add(&vm->pio, PORT, 1, &counter->dev);
}

int main(void)
{
	static struct recorder rec;
	struct counter counter;
	struct vcpu vcpu;
	struct vm vm;
	double bare = 1e18, vmm = 1e18, t;

	if (build(&vm, &vcpu, &rec, &counter)) {
		fprintf(stderr, "bench-exit: cannot make a guest\n");
		return 1;
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		t = bare_round(&vcpu);
		bare = t < bare ? t : bare;
		t = vmm_round(&vcpu, &counter);
		vmm = t < vmm ? t : vmm;
	}
	printf("bare %.0f vmm %.0f\n", bare, vmm);
	vcpu_destroy(&vcpu);
	vm_destroy(&vm);
	return 0;
}
