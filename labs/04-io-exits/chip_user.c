// SPDX-License-Identifier: MIT
#include "chip_user.h"

#include "kick.h"

/* On its own thread the vCPU is not in the guest: it will look before it enters. */
static void changed(void *ctx)
{
	struct chip_user *user = ctx;

	if (user->vcpu != run_vcpu(&user->vcpu->vm->run))
		vcpu_kick(user->vcpu);
}

int chip_user_init(struct chip_user *user, struct vcpu *vcpu, struct loop *loop)
{
	int err = pics_init(&user->pics, &vcpu->vm->pio);

	if (err)
		return err;
	user->vcpu = vcpu;
	user->pics.changed = changed;
	user->pics.ctx = user;
	err = pit_init(&user->pit, &vcpu->vm->pio, &user->pics.chip);
	if (err)
		return err;
	user->pics.event = pit_irq_event;
	user->pics.event_ctx = &user->pit;
	return pit_start(&user->pit, loop);
}

void chip_user_destroy(struct chip_user *user)
{
	if (user->vcpu)
		pit_destroy(&user->pit);
}
