/* SPDX-License-Identifier: MIT */
/* --irqchip=user (given): our own 8259 pair and 8254, on the port bus. */
#ifndef CHIP_USER_H
#define CHIP_USER_H

#include "pic.h"
#include "pit.h"
#include "vcpu.h"

struct chip_user {
	struct pics pics;
	struct pit pit;
	struct vcpu *vcpu; /* to which INT is wired */
};

/*
 * Make both, wire the timer to the controller and INT to that vCPU: a request that comes from
 * another thread kicks it. 0 or a negative errno.
 */
int chip_user_init(struct chip_user *user, struct vcpu *vcpu, struct loop *loop);

/* After loop_stop(). */
void chip_user_destroy(struct chip_user *user);

#endif
