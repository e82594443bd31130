/* SPDX-License-Identifier: MIT */
/*
 * Task 6.5: ACPI's tables by hand ("ACPI": Advanced Configuration and Power Interface
 * Specification, version 6.4). They lie in the legacy ROM's range, the RSDP first, where a kernel
 * looks for it (5.2.5.1).
 */
#ifndef ACPI_H
#define ACPI_H

#include "mem.h"

/* 5.2.6: each table but the RSDP begins with this. */
struct acpi_header {
	char signature[4];
	u32 length; /* bytes of the whole table */
	u8 revision;
	u8 checksum; /* all bytes of the table add up to 0 */
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} __attribute__((packed));

/* 5.2.5.3 */
struct acpi_rsdp {
	char signature[8]; /* "RSD PTR " */
	u8 checksum;	   /* of the first 20 bytes */
	char oem_id[6];
	u8 revision; /* 2 */
	u32 rsdt;    /* 0: there is an XSDT */
	u32 length;
	u64 xsdt;
	u8 extended_checksum; /* of all 36 */
	u8 reserved[3];
} __attribute__((packed));

/* 5.2.3.2 */
struct acpi_address {
	u8 space; /* 1: ports */
	u8 width; /* bits */
	u8 offset;
	u8 access; /* 1: bytes */
	u64 address;
} __attribute__((packed));

/* 5.2.9. Of the old fields a machine of the reduced profile has none. */
struct acpi_fadt {
	struct acpi_header header; /* "FACP", revision 6 */
	u32 facs, dsdt32;
	u8 reserved0, profile;
	u16 sci;
	u8 old[60];
	u8 century; /* where the RTC has it */
	u16 boot_arch;
	u8 reserved1;
	u32 flags;
	struct acpi_address reset;
	u8 reset_value;
	u16 arm_boot_arch;
	u8 minor;
	u64 x_facs, x_dsdt;
	struct acpi_address x_old[8];
	struct acpi_address sleep_control, sleep_status;
	u64 hypervisor;
} __attribute__((packed));

#define FADT_RESET_REG	(1U << 10)
#define FADT_HW_REDUCED (1U << 20)
#define FADT_NO_VGA	(1U << 2) /* boot_arch */
#define FADT_LEGACY	(1U << 0)

/* 5.2.12, with its two kinds of entries that we need. */
struct acpi_madt {
	struct acpi_header header; /* "APIC", revision 5 */
	u32 local_apic;		   /* guest-physical */
	u32 flags;		   /* 1: there are two 8259, too */
} __attribute__((packed));

struct acpi_local_apic {
	u8 type, length; /* 0, 8 */
	u8 processor, apic;
	u32 flags; /* 1: it is there */
} __attribute__((packed));

struct acpi_io_apic {
	u8 type, length; /* 1, 12 */
	u8 id, reserved;
	u32 gpa;
	u32 gsi; /* the first of its lines */
} __attribute__((packed));

#define ACPI_PORTS 1 /* struct acpi_address: space, access */
#define ACPI_BYTES 1

#define MADT_8259	1 /* flags */
#define MADT_LOCAL_APIC 0 /* types of entries */
#define MADT_IO_APIC	1

#define LOCAL_APIC_GPA 0xfee00000
#define IO_APIC_GPA    0xfec00000

/*
 * [task 6.5] The sum of these bytes, modulo 256: that of a sound table is 0.
 */
u8 acpi_sum(const void *table, size_t len);

/*
 * [task 6.5] The last step of a table of len bytes that begins with a header: its length, and the
 * checksum by which all of its bytes add up to 0, whatever stood there before.
 */
void acpi_seal(void *table, u32 len);

/*
 * [task 6.5] The tables, each with its header (given: acpi_header_init()) and sealed. What is not
 * named is 0.
 *
 * FADT, revision 6.4: a machine of the reduced hardware profile (FADT_HW_REDUCED) with a reset
 * register (FADT_RESET_REG): POWER_RESET, POWER_RESET_VALUE; sleep control and sleep status
 * registers POWER_SLEEP and POWER_SLEEP_STATUS: each a port of 8 bits, to be accessed by bytes. The
 * century is in RTC_CENTURY. boot_arch: FADT_LEGACY, and without a text screen FADT_NO_VGA. The
 * DSDT's address in x_dsdt.
 */
void acpi_fadt(struct acpi_fadt *fadt, u64 dsdt, bool vga);

/*
 * MADT, revision 5: LOCAL_APIC_GPA, two 8259 (flags 1); the I/O APIC, number 0, whose lines begin
 * at 0; then a local APIC for each of the CPUs: processor and APIC have its number. Returns its
 * bytes.
 */
#define MADT_MAX 256
u32 acpi_madt(u8 to[MADT_MAX], unsigned ncpus);

/* XSDT, revision 1: the header, then n addresses of 8 bytes. Returns its bytes. */
#define XSDT_TABLES 4 /* at most */
#define XSDT_MAX    (36 + 8 * XSDT_TABLES)
u32 acpi_xsdt(u8 to[XSDT_MAX], const u64 *tables, unsigned n);

/* RSDP, revision 2: both checksums. */
void acpi_rsdp(struct acpi_rsdp *rsdp, u64 xsdt);

/* Given: who has made a table, and all else of its header but length and checksum. */
void acpi_header_init(struct acpi_header *h, const char *signature, u8 revision);

/*
 * Given: all of them, and the DSDT (dsdt.h), into memory at ACPI_GPA. *rsdp is where a kernel finds
 * them; 0: task 6.5 is not done yet. 0; -ENOSYS, and a line on stderr: task 6.4 is not, so there is
 * no memory for them; -ENOSPC: they are longer than ACPI_SIZE; or what mem_write() says.
 */
int acpi_write(struct mem *mem, unsigned ncpus, bool vga, u64 *rsdp);

#endif
