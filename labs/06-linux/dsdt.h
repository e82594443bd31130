/* SPDX-License-Identifier: MIT */
/*
 * Task 6.6: the devices of this machine, for a kernel that cannot look for them: the windows of
 * virtio-mmio, COM1, the clock, and which type of sleep is "off". `iasl -d` reads it back.
 */
#ifndef DSDT_H
#define DSDT_H

#include "aml.h"

/*
 * Given but for what follows: the definition block's body, behind its header:
 *
 *	Name (\_S5, Package () { POWER_S5, 0 })
 *	Scope (\_SB) {
 *		Device (COM1) { _HID EISAID ("PNP0501"), _CRS: ports 0x3f8 to 0x3ff, IRQ 4 }
 *		Device (RTC0) { _HID EISAID ("PNP0B00"), _CRS: ports 0x70, 0x71 }
 *		Device (VIO0) { _HID "LNRO0005", _UID 0, _CRS: window 0, its interrupt }  and so on
 *	}
 *
 * COM1's interrupt is an edge, active high (6.4.2.1, IRQ); the clock rings no alarm, so it has none
 * (and a kernel that is told of one finds no such line); a window's is a level,
 * active high, for its consumer alone (6.4.3.6, extended interrupt).
 */
void dsdt_body(struct aml *a);

/* [task 6.6] EISAID ("PNP0501") as the number that stands in AML (ACPI 19.3.4). */
u32 dsdt_eisa_id(const char *id);

/* [task 6.6] Device (VIOn), as above. */
void dsdt_window(struct aml *a, unsigned n);

/* Given: Device (name) begins; what is to stand in it follows, and then aml_end(). */
unsigned dsdt_begin(struct aml *a, const char *name);
/* Given: Name (_CRS, ResourceTemplate) of n bytes of descriptors; the end tag comes by itself. */
void dsdt_resources(struct aml *a, const u8 *bytes, unsigned n);

#endif
