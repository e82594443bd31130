/* SPDX-License-Identifier: MIT */
/*
 * Task 6.7: the ways in which software ends a PC. Each of them ends the run with status 0 and a
 * line, and with a verdict of its own: who powers off wants to be left alone, who resets wants to
 * begin anew (we do not: whoever started us may).
 */
#ifndef POWER_H
#define POWER_H

#include "vcpu.h"

#define POWER_PORT	   0x600 /* ours; the FADT says so */
#define POWER_SLEEP	   (POWER_PORT + 0)
#define POWER_SLEEP_STATUS (POWER_PORT + 1)
#define POWER_RESET	   (POWER_PORT + 2)
#define POWER_RESET_VALUE  0x01
#define POWER_S5	   5	 /* the type of sleep that is "off": the DSDT's \_S5 says so */
#define POWER_CF9	   0xcf9 /* reset control of Intel's chipsets */
#define POWER_PCI	   0xcf8 /* amid PCI's configuration address: of 32 bits, and not for us */

/* ACPI 6.4, 4.8.3.7, sleep control register: SLP_EN, and SLP_TYP in bits 4:2. */
#define SLEEP_ENABLE	  0x20
#define SLEEP_TYPE(value) ((value) >> 2 & 7)

#define CF9_RESET                                                                      \
	0x04 /* where it rises from 0 to 1, the CPU is reset (ICH9 data sheet, 13.7.5) \
	      */

struct power {
	struct device acpi, cf9;
	struct run *run;
	u8 cf9_value;
};

/*
 * Given: at their ports, and for a kernel signed up for KVM_EXIT_SHUTDOWN instead of lab 02: a
 * guest of another lab that loads an empty IDT has no such habit, it dies. 0, or what bus_add()
 * says.
 */
int power_init(struct power *p, struct bus *pio, struct vcpu *vcpu, bool kernel);

/* Given: end the run in this way. Both return its verdict. */
enum verdict power_off(struct run *run);
enum verdict power_reset(struct run *run);

/*
 * [task 6.7] The guest writes the sleep control register. SLP_EN with the type POWER_S5 is
 * power_off(); all else, another type with it too, does nothing: V_RESUME.
 */
enum verdict power_sleep_write(struct run *run, u8 value);

/* [task 6.7] The reset register: POWER_RESET_VALUE is power_reset(), other values do nothing. */
enum verdict power_reset_write(struct run *run, u8 value);

/*
 * [task 6.7] Port 0xcf9: a CF9_RESET that was 0 before is power_reset(). Linux writes 2, then
 * 0xe (6 for a warm one): the first says of which kind the reset shall be. The value is kept in any
 * case, for reads.
 */
enum verdict power_cf9_write(struct power *p, u8 value);

/*
 * [task 6.7] The CPU has shut down after a triple fault (SDM volume 3, 6.15, "Double Fault"). Who
 * wants that on purpose, since a PC then resets itself, loads an IDT of limit 0 first, as Linux
 * does with reboot=t: power_reset(). With any other limit it is what it was: V_DEAD. (On AMD's CPUs
 * KVM has put the vCPU back to its state after a reset before it tells us, and the limit with it:
 * there nobody can say, and it stays V_DEAD.)
 */
enum verdict power_shutdown(struct run *run, u16 idt_limit);

#endif
