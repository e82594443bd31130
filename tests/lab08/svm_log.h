/* SPDX-License-Identifier: MIT */
/* How QEMU's log names what its CPU has done. */
#ifndef LAB08_SVM_LOG_H
#define LAB08_SVM_LOG_H

#define LOG_VMRUN    "vmrun! "
#define LOG_INTR     "vmexit(00000060"
#define LOG_VINTR    "vmexit(00000064"
#define LOG_CPUID    "vmexit(00000072"
#define LOG_HLT	     "vmexit(00000078"
#define LOG_IOIO     "vmexit(0000007b"
#define LOG_SHUTDOWN "vmexit(0000007f"
#define LOG_NPF	     "vmexit(00000400"

/*
 * A CPU without nested paging: there a guest's memory is the machine's, and what task 8.4 does
 * wrong costs no other task's points.
 */
#define NO_NPT .model = "max,-npt"

/* QEMU needs 0.1 s, and a busy machine more. */
#define SECONDS .seconds = 0.4

#endif
