// SPDX-License-Identifier: MIT
#include "svm.h"

void svm_vmsave(u64 vmcb)
{
	__asm__ volatile("vmsave %%rax" : : "a"(vmcb) : "memory");
}

void svm_vmload(u64 vmcb)
{
	__asm__ volatile("vmload %%rax" : : "a"(vmcb) : "memory");
}

void svm_clgi(void)
{
	__asm__ volatile("clgi" : : : "memory");
}

void svm_stgi(void)
{
	__asm__ volatile("stgi" : : : "memory");
}
