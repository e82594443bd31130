// SPDX-License-Identifier: MIT
#include "run.h"

#include <string.h>

#include "vcpu.h"

struct vcpu *run_vcpu(const struct run *run)
{
	for (unsigned i = 0; i < RUN_VCPUS_MAX; i++)
		if (run->vcpu[i] && pthread_equal(run->vcpu[i]->thread, pthread_self()))
			return run->vcpu[i];
	return NULL;
}

enum verdict run_end(struct run *run, enum verdict verdict, int status, const char *cause)
{
	enum verdict first = V_RESUME;

	if (verdict == V_TIMEOUT || verdict == V_LEFT)
		__atomic_store_n(&run->cut_off, verdict, __ATOMIC_SEQ_CST);
	if (!__atomic_compare_exchange_n(&run->verdict, &first, verdict, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		return first;
	/* The rest is read when all other threads have ended. */
	run->status = status;
	if (cause)
		strncpy(run->cause, cause, sizeof(run->cause) - 1);
	for (unsigned i = 0; i < RUN_VCPUS_MAX; i++)
		if (run->vcpu[i] && run->vcpu[i] != run_vcpu(run))
			run->kick(run->vcpu[i]);
	return verdict;
}

enum verdict run_verdict(const struct run *run)
{
	return __atomic_load_n(&run->verdict, __ATOMIC_SEQ_CST);
}

bool run_is_over(const struct run *run)
{
	return run_verdict(run) != V_RESUME;
}

enum verdict run_cut_off(const struct run *run)
{
	return __atomic_load_n(&run->cut_off, __ATOMIC_SEQ_CST);
}
