/* SPDX-License-Identifier: MIT */
/*
 * The instructions of VMX, one function each, and nothing else: SDM 3C, chapter 31. Given. The
 * unit tests put a CPU of their own behind these names.
 */
#ifndef VMX_INSN_H
#define VMX_INSN_H

#include "types.h"

/* How an instruction says what became of it: SDM 3C, 31.2. */
enum vmx_result {
	VMX_OK,
	VMX_FAIL_INVALID, /* CF: it failed, and no VMCS is current that could say why */
	VMX_FAIL_VALID,	  /* ZF: it failed; why is in the field "VM-instruction error" */
};

#define VMCS_NONE (~0ULL)

/* All addresses are physical, and of a page. */
enum vmx_result vmxon(u64 region);
enum vmx_result vmxoff(void);
enum vmx_result vmclear(u64 vmcs);
enum vmx_result vmptrld(u64 vmcs);
enum vmx_result vmptrst(u64 *vmcs); /* VMCS_NONE: none is current */
enum vmx_result vmread(u64 field, u64 *value);
enum vmx_result vmwrite(u64 field, u64 value);

/* What INVEPT and INVVPID read from memory. */
struct vmx_invalidate {
	u64 what;    /* the EPT pointer, or the VPID */
	u64 address; /* a linear address, for one type of INVVPID */
};

enum { INVEPT_ONE = 1, INVEPT_ALL = 2 };
enum { INVVPID_ADDRESS = 0, INVVPID_ONE = 1, INVVPID_ALL = 2, INVVPID_BUT_GLOBAL = 3 };
enum vmx_result invept(u64 type, const struct vmx_invalidate *d);
enum vmx_result invvpid(u64 type, const struct vmx_invalidate *d);

#endif
