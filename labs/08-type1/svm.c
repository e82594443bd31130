// SPDX-License-Identifier: MIT
#include "svm.h"

#include <errno.h>

static int svm_on(struct host *host)
{
	return -ENOSYS;
}

static int svm_init(struct guest *guest, enum guest_mode mode, u64 entry)
{
	return -ENOSYS;
}

static int svm_run(struct guest *guest, struct exit *exit)
{
	return -ENOSYS;
}

static int svm_inject(struct guest *guest, const struct event *event)
{
	return -ENOSYS;
}

static void svm_window(struct guest *guest, bool wanted)
{
}

static void svm_flush(struct guest *guest, enum flush what)
{
}

static void svm_off(struct host *host)
{
}

const struct hv hv_svm = {
	.name = "SVM",
	.on = svm_on,
	.init = svm_init,
	.run = svm_run,
	.inject = svm_inject,
	.window = svm_window,
	.flush = svm_flush,
	.off = svm_off,
};
