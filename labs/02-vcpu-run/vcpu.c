// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kick.h"
#include "todo.h"
#include "vcpu.h"

/* [book:2.3] */
/* TASK 2.3 */
#if SOL >= 203
static int map_run(struct vcpu *vcpu)
{
	int size = ioctl(vcpu->vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < 0)
		return -errno;
	vcpu->run_size = (size_t)size;
	vcpu->run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		return -errno;
	}
	return 0;
}

/* Nobody says beforehand how many entries there are: ask with more room until it is enough. */
static int copy_cpuid(struct vcpu *vcpu)
{
	int err = -E2BIG;

	for (u32 n = 64; n <= 1024 && err == -E2BIG; n *= 2) {
		struct kvm_cpuid2 *cpuid =
			calloc(1, sizeof(*cpuid) + n * sizeof(cpuid->entries[0]));

		if (!cpuid)
			return -ENOMEM;
		cpuid->nent = n;
		err = 0;
		if (ioctl(vcpu->vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid) < 0 ||
		    ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) < 0)
			err = -errno;
		free(cpuid);
	}
	return err;
}
#endif

int vcpu_init(struct vcpu *vcpu, struct vm *vm, unsigned id)
{
	*vcpu = (struct vcpu){ .fd = -1 };
	if (id >= RUN_VCPUS_MAX)
		return -EINVAL;
	*vcpu = (struct vcpu){ .vm = vm, .id = id, .fd = -1, .thread = pthread_self() };
	vm->run.kick = vcpu_kick;
	vm->run.vcpu[id] = vcpu;
	/* TASK 2.3 */
#if SOL >= 203
	int err;

	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (vcpu->fd < 0)
		return -errno;
	err = map_run(vcpu);
	if (!err)
		err = copy_cpuid(vcpu);
	if (err)
		vcpu_destroy(vcpu);
	return err;
#else
	return TODO("2.3");
#endif
}
/* [book:end] */

void vcpu_on_exit(struct vcpu *vcpu, u32 reason, exit_fn *fn, void *ctx)
{
	vcpu->on_exit[reason] = (struct hook){ fn, ctx };
}

int hook_add(struct hook *list, exit_fn *fn, void *ctx)
{
	for (unsigned i = 0; i < VCPU_HOOKS_MAX; i++) {
		if (!list[i].fn) {
			list[i] = (struct hook){ fn, ctx };
			return 0;
		}
	}
	return -ENOSPC;
}

/* [book:2.4] */
int vcpu_enter(struct vcpu *vcpu)
{
	/* TASK 2.4 */
#if SOL >= 204
	return ioctl(vcpu->fd, KVM_RUN, 0) < 0 ? -errno : 0;
#else
	return TODO("2.4");
#endif
}
/* [book:end] */

/* [book:2.9] */
enum verdict vcpu_interrupted(struct vcpu *vcpu, int err)
{
	/* TASK 2.9 */
#if SOL >= 209
	if (err != -EINTR && err != -EAGAIN)
		return V_ERROR;
	/* Clear, then look: a signal between the two is either seen here or interrupts KVM_RUN. */
	__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
	return run_verdict(&vcpu->vm->run);
#else
	return (TODO("2.9"), V_ERROR);
#endif
}
/* [book:end] */

static enum verdict call(struct vcpu *vcpu, const struct hook *hook)
{
	enum verdict verdict = hook->fn(vcpu, hook->ctx);

	/* A device may have ended the run and still have done its part. */
	return verdict == V_RESUME ? run_verdict(&vcpu->vm->run) : verdict;
}

static enum verdict call_all(struct vcpu *vcpu, const struct hook *list)
{
	enum verdict verdict = V_RESUME;

	for (unsigned i = 0; i < VCPU_HOOKS_MAX && list[i].fn && verdict == V_RESUME; i++)
		verdict = call(vcpu, &list[i]);
	return verdict;
}

/* The exit has a reason; whoever signed up for that reason says how it goes on. */
static enum verdict dispatch(struct vcpu *vcpu)
{
	u32 reason = vcpu->run->exit_reason;

	if (reason >= EXIT_REASONS || !vcpu->on_exit[reason].fn)
		return V_DEAD;
	return call(vcpu, &vcpu->on_exit[reason]);
}

/* [book:step] */
/* One trip: into the guest, out again, and what its exit comes to. */
static enum verdict step(struct vcpu *vcpu)
{
	enum verdict verdict = call_all(vcpu, vcpu->before);
	int err;

	if (verdict != V_RESUME)
		return verdict;
	recorder_enter(vcpu->rec);
	err = vcpu_enter(vcpu);
	recorder_leave(vcpu->rec, err);
	verdict = call_all(vcpu, vcpu->after);
	if (verdict != V_RESUME)
		return verdict;
	return err ? vcpu_interrupted(vcpu, err) : dispatch(vcpu);
}
/* [book:end] */

/* [book:2.5] */
enum verdict vcpu_run(struct vcpu *vcpu)
{
	enum verdict verdict = step(vcpu);

	/* TASK 2.5 */
#if SOL >= 205
	while (verdict == V_RESUME)
		verdict = step(vcpu);
#else
	if (verdict == V_RESUME)
		return (TODO("2.5"), V_ERROR);
#endif
	return verdict;
}
/* [book:end] */

void vcpu_destroy(struct vcpu *vcpu)
{
	if (vcpu->has_timer)
		timer_delete(vcpu->timer);
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	if (vcpu->vm)
		vcpu->vm->run.vcpu[vcpu->id] = NULL;
	*vcpu = (struct vcpu){ .fd = -1 };
}
