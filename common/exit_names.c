// SPDX-License-Identifier: MIT
#include <linux/kvm.h>
#include <stdio.h>

#include "exit_names.h"

/*
 * By number, since a kernel may be newer than the header that we are compiled with: the numbers of
 * an interface to programs never change.
 */
static const char *const reasons[] = {
	[0] = "KVM_EXIT_UNKNOWN",
	[1] = "KVM_EXIT_EXCEPTION",
	[2] = "KVM_EXIT_IO",
	[3] = "KVM_EXIT_HYPERCALL",
	[4] = "KVM_EXIT_DEBUG",
	[5] = "KVM_EXIT_HLT",
	[6] = "KVM_EXIT_MMIO",
	[7] = "KVM_EXIT_IRQ_WINDOW_OPEN",
	[8] = "KVM_EXIT_SHUTDOWN",
	[9] = "KVM_EXIT_FAIL_ENTRY",
	[10] = "KVM_EXIT_INTR",
	[11] = "KVM_EXIT_SET_TPR",
	[12] = "KVM_EXIT_TPR_ACCESS",
	[13] = "KVM_EXIT_S390_SIEIC",
	[14] = "KVM_EXIT_S390_RESET",
	[15] = "KVM_EXIT_DCR",
	[16] = "KVM_EXIT_NMI",
	[17] = "KVM_EXIT_INTERNAL_ERROR",
	[18] = "KVM_EXIT_OSI",
	[19] = "KVM_EXIT_PAPR_HCALL",
	[20] = "KVM_EXIT_S390_UCONTROL",
	[21] = "KVM_EXIT_WATCHDOG",
	[22] = "KVM_EXIT_S390_TSCH",
	[23] = "KVM_EXIT_EPR",
	[24] = "KVM_EXIT_SYSTEM_EVENT",
	[25] = "KVM_EXIT_S390_STSI",
	[26] = "KVM_EXIT_IOAPIC_EOI",
	[27] = "KVM_EXIT_HYPERV",
	[28] = "KVM_EXIT_ARM_NISV",
	[29] = "KVM_EXIT_X86_RDMSR",
	[30] = "KVM_EXIT_X86_WRMSR",
	[31] = "KVM_EXIT_DIRTY_RING_FULL",
	[32] = "KVM_EXIT_AP_RESET_HOLD",
	[33] = "KVM_EXIT_X86_BUS_LOCK",
	[34] = "KVM_EXIT_XEN",
	[35] = "KVM_EXIT_RISCV_SBI",
	[36] = "KVM_EXIT_RISCV_CSR",
	[37] = "KVM_EXIT_NOTIFY",
	[38] = "KVM_EXIT_LOONGARCH_IOCSR",
	[39] = "KVM_EXIT_MEMORY_FAULT",
	[40] = "KVM_EXIT_TDX",
#ifdef KVM_EXIT_ARM_SEA
	[KVM_EXIT_ARM_SEA] = "KVM_EXIT_ARM_SEA",
#endif
#ifdef KVM_EXIT_ARM_LDST64B
	[KVM_EXIT_ARM_LDST64B] = "KVM_EXIT_ARM_LDST64B",
#endif
#ifdef KVM_EXIT_SNP_REQ_CERTS
	[KVM_EXIT_SNP_REQ_CERTS] = "KVM_EXIT_SNP_REQ_CERTS",
#endif
};

const char *exit_reason_name(u32 reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason] : NULL;
}

/*
 * AMD: the exit code VMEXIT_INVALID, -1 (APM volume 2, appendix C). Intel: with bit 31 set, a VM
 * entry that failed after the guest's state was looked at, the low bits a basic exit reason (SDM
 * volume 3, appendix C); else VMLAUNCH or VMRESUME failed, and it is the VM-instruction error (SDM
 * volume 3, "VM Instruction Error Numbers"). What is wrong then is no register of the guest's.
 */
static const struct {
	u64 reason;
	const char *text;
} entry_failures[] = {
	{ 0x80000021, "invalid guest state" },
	{ 0x80000022, "loading the guest's MSRs failed" },
	{ 0x80000029, "a machine check came during the VM entry" },
	{ 0xffffffff, "invalid guest state (VMEXIT_INVALID)" },
	{ UINT64_MAX, "invalid guest state (VMEXIT_INVALID)" },
	{ 0, "VMLAUNCH failed without a number, as without a VMCS (VMfailInvalid)" },
	{ 4, "VMLAUNCH of a VMCS that is launched already" },
	{ 5, "VMRESUME of a VMCS that was never launched" },
	{ 6, "VMRESUME after VMXOFF" },
	{ 7, "invalid control fields in the VMCS, which KVM fills in" },
	{ 8, "invalid host-state fields in the VMCS, which KVM fills in" },
	{ 16, "invalid executive-VMCS pointer" },
	{ 17, "the executive VMCS was never launched" },
	{ 18, "the executive-VMCS pointer is not the VMXON pointer" },
	{ 25, "invalid control fields in the executive VMCS" },
	{ 26, "events are blocked by MOV SS" },
};

const char *entry_failure_text(u64 reason, char *buf, size_t len)
{
	for (unsigned i = 0; i < ARRAY_SIZE(entry_failures); i++)
		if (entry_failures[i].reason == reason)
			return entry_failures[i].text;
	if (reason >> 31 == 1)
		snprintf(buf, len, "basic exit reason %llu (SDM volume 3, appendix C)",
			 (unsigned long long)(reason & 0xffff));
	else if (reason < 0x80000000)
		snprintf(buf, len, "VM-instruction error %llu (SDM volume 3)",
			 (unsigned long long)reason);
	else
		snprintf(buf, len, "no number of Intel's, and no exit code of AMD's for this");
	return buf;
}

const char *internal_error_text(u32 suberror)
{
	switch (suberror) {
	case KVM_INTERNAL_ERROR_EMULATION:
		return "it had to emulate an instruction and could not fetch or carry it out";
	case KVM_INTERNAL_ERROR_SIMUL_EX:
		return "two exceptions came at once";
	case KVM_INTERNAL_ERROR_DELIVERY_EV:
		return "an event could not be delivered to the guest";
	case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
		return "the CPU left the guest for a reason that KVM does not know";
	default:
		return "a reason that linux/kvm.h does not name";
	}
}
