// SPDX-License-Identifier: MIT
#include "vmx_insn.h"

/* The result is in two flags, which C can look at. */
#define VMX(code, ...)                                                                 \
	({                                                                             \
		bool cf_, zf_;                                                         \
		asm volatile(code : "=@ccc"(cf_), "=@ccz"(zf_)__VA_ARGS__ : "memory"); \
		cf_ ? VMX_FAIL_INVALID : zf_ ? VMX_FAIL_VALID : VMX_OK;                \
	})

enum vmx_result vmxon(u64 region)
{
	return VMX("vmxon %2", : "m"(region));
}

enum vmx_result vmxoff(void)
{
	return VMX("vmxoff", :);
}

enum vmx_result vmclear(u64 vmcs)
{
	return VMX("vmclear %2", : "m"(vmcs));
}

enum vmx_result vmptrld(u64 vmcs)
{
	return VMX("vmptrld %2", : "m"(vmcs));
}

enum vmx_result vmptrst(u64 *vmcs)
{
	return VMX("vmptrst %2", , "=m"(*vmcs) :);
}

enum vmx_result vmread(u64 field, u64 *value)
{
	return VMX("vmread %3, %2", , "=r"(*value) : "r"(field));
}

enum vmx_result vmwrite(u64 field, u64 value)
{
	return VMX("vmwrite %2, %3", : "r"(value), "r"(field));
}

enum vmx_result invept(u64 type, const struct vmx_invalidate *d)
{
	return VMX("invept %2, %3", : "m"(*d), "r"(type));
}

enum vmx_result invvpid(u64 type, const struct vmx_invalidate *d)
{
	return VMX("invvpid %2, %3", : "m"(*d), "r"(type));
}
