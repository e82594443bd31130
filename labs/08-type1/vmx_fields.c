// SPDX-License-Identifier: MIT
/* The current VMCS: its fields, and (task 8.7) which one it is. */
#include "vmx.h"

#include <errno.h>

#include "say.h"
#include "todo.h"

/* SDM 3C, 31.4. */
const char *vmx_error_words(u32 error)
{
	static const char *const words[] = {
		[1] = "VMCALL in VMX root operation",
		[2] = "VMCLEAR with an invalid physical address",
		[3] = "VMCLEAR of the VMXON region",
		[4] = "VMLAUNCH with a VMCS that is not clear",
		[5] = "VMRESUME with a VMCS that is not launched",
		[6] = "VMRESUME after VMXOFF",
		[7] = "entry with invalid control fields",
		[8] = "entry with invalid host-state fields",
		[9] = "VMPTRLD with an invalid physical address",
		[10] = "VMPTRLD of the VMXON region",
		[11] = "VMPTRLD with another revision",
		[12] = "VMREAD or VMWRITE of a field that there is not",
		[13] = "VMWRITE to a field that can only be read",
		[15] = "VMXON in VMX root operation",
		[26] = "entry while MOV SS blocks events",
		[28] = "INVEPT or INVVPID with an invalid operand",
	};

	return error < ARRAY_SIZE(words) && words[error] ? words[error]
							 : "an error of another kind";
}

int vmx_put(u64 field, u64 value)
{
	u64 error = 0;
	enum vmx_result result = vmwrite(field, value);

	if (result == VMX_OK)
		return 0;
	if (result == VMX_FAIL_VALID)
		vmread(VMCS_INSTRUCTION_ERROR, &error);
	print("hv: VMWRITE of 0x%llx to the field 0x%llx failed: %s\n", (unsigned long long)value,
	      (unsigned long long)field,
	      error ? vmx_error_words((u32)error) : "no VMCS is current");
	return -EIO;
}

u64 vmx_get(u64 field)
{
	u64 value = 0;

	vmread(field, &value);
	return value;
}

int vmx_make_current(struct guest *guest)
{
	/* TASK 8.7 */
#if SOL >= 807
	u64 current;

	if (vmptrst(&current) == VMX_OK && current == guest->control)
		return 0;
	return vmptrld(guest->control) == VMX_OK ? 0 : -EIO;
#else
	return TODO("8.7");
#endif
}
