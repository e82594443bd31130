// SPDX-License-Identifier: MIT
#include "svm.h"
#include "todo.h"

int svm_want_timer(struct guest *guest)
{
	if (!guest->host->timer)
		return 0;
		/* TASK 8.9 */
#if SOL >= 809
	svm_vmcb(guest)->intercepts[3] |= INTERCEPT_INTR;
	svm_vmcb(guest)->vintr |= VINTR_MASKING;
	return 0;
#else
	return TODO("8.9");
#endif
}
