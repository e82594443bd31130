// SPDX-License-Identifier: MIT
#include "acpi.h"

#include <errno.h>
#include <string.h>

#include "dsdt.h"
#include "layout.h"
#include "power.h"
#include "rtc.h"
#include "todo.h"

#define OEM "VMMLAB"

void acpi_header_init(struct acpi_header *h, const char *signature, u8 revision)
{
	*h = (struct acpi_header){ .revision = revision, .oem_revision = 1, .creator_revision = 1 };
	memcpy(h->signature, signature, 4);
	memcpy(h->oem_id, OEM, 6);
	memcpy(h->oem_table_id, "LAB06   ", 8);
	memcpy(h->creator_id, "VMML", 4);
}

/* [book:6.5] */
u8 acpi_sum(const void *table, size_t len)
{
	/* TASK 6.5 */
#if SOL >= 605
	const u8 *byte = table;
	u8 sum = 0;

	while (len--)
		sum = (u8)(sum + *byte++);
	return sum;
#else
	return (TODO("6.5"), 1);
#endif
}

void acpi_seal(void *table, u32 len)
{
	/* TASK 6.5 */
#if SOL >= 605
	struct acpi_header *h = table;

	h->length = len;
	h->checksum = 0;
	h->checksum = (u8)-acpi_sum(table, len);
#else
	TODO("6.5");
#endif
}

/* TASK 6.5 */
#if SOL >= 605
static struct acpi_address byte_port(u16 port)
{
	return (struct acpi_address){
		.space = ACPI_PORTS, .width = 8, .access = ACPI_BYTES, .address = port
	};
}
#endif

void acpi_fadt(struct acpi_fadt *fadt, u64 dsdt, bool vga)
{
	*fadt = (struct acpi_fadt){ .x_dsdt = 0 };
	acpi_header_init(&fadt->header, "FACP", 6);
	/* TASK 6.5 */
#if SOL >= 605
	fadt->minor = 4;
	fadt->flags = FADT_RESET_REG | FADT_HW_REDUCED;
	fadt->boot_arch = FADT_LEGACY | (vga ? 0 : FADT_NO_VGA);
	fadt->century = RTC_CENTURY;
	fadt->x_dsdt = dsdt;
	fadt->reset = byte_port(POWER_RESET);
	fadt->reset_value = POWER_RESET_VALUE;
	fadt->sleep_control = byte_port(POWER_SLEEP);
	fadt->sleep_status = byte_port(POWER_SLEEP_STATUS);
	acpi_seal(fadt, sizeof(*fadt));
#else
	TODO("6.5");
#endif
}

u32 acpi_madt(u8 to[MADT_MAX], unsigned ncpus)
{
	/* TASK 6.5 */
#if SOL >= 605
	struct acpi_madt madt = { .local_apic = LOCAL_APIC_GPA, .flags = MADT_8259 };
	const struct acpi_io_apic io_apic = { .type = MADT_IO_APIC,
					      .length = sizeof(io_apic),
					      .gpa = IO_APIC_GPA };
	u32 len = sizeof(madt) + sizeof(io_apic);

	acpi_header_init(&madt.header, "APIC", 5);
	memcpy(to, &madt, sizeof(madt));
	memcpy(to + sizeof(madt), &io_apic, sizeof(io_apic));
	for (unsigned i = 0; i < ncpus; i++) {
		const struct acpi_local_apic cpu = {
			.type = MADT_LOCAL_APIC,
			.length = sizeof(cpu),
			.processor = (u8)i,
			.apic = (u8)i,
			.flags = 1,
		};

		memcpy(to + len, &cpu, sizeof(cpu));
		len += sizeof(cpu);
	}
	acpi_seal(to, len);
	return len;
#else
	return (TODO("6.5"), 0);
#endif
}

u32 acpi_xsdt(u8 to[XSDT_MAX], const u64 *tables, unsigned n)
{
	/* TASK 6.5 */
#if SOL >= 605
	struct acpi_header h;
	u32 len = sizeof(h) + n * 8;

	acpi_header_init(&h, "XSDT", 1);
	memcpy(to, &h, sizeof(h));
	memcpy(to + sizeof(h), tables, n * 8);
	acpi_seal(to, len);
	return len;
#else
	return (TODO("6.5"), 0);
#endif
}

void acpi_rsdp(struct acpi_rsdp *rsdp, u64 xsdt)
{
	*rsdp = (struct acpi_rsdp){ .revision = 2, .length = sizeof(*rsdp) };
	memcpy(rsdp->signature, "RSD PTR ", 8);
	memcpy(rsdp->oem_id, OEM, 6);
	/* TASK 6.5 */
#if SOL >= 605
	rsdp->xsdt = xsdt;
	rsdp->checksum = (u8)-acpi_sum(rsdp, 20);
	rsdp->extended_checksum = (u8)-acpi_sum(rsdp, sizeof(*rsdp));
#else
	TODO("6.5");
#endif
}
/* [book:end] */

/* Where the next table goes. */
struct place {
	struct mem *mem;
	u64 gpa;
	int err; /* of the first that did not go well */
};

/* Returns where it lies. */
static u64 put(struct place *p, const void *bytes, u64 len)
{
	u64 gpa = p->gpa;

	if (!p->err && (gpa > ACPI_GPA + ACPI_SIZE || len > ACPI_GPA + ACPI_SIZE - gpa))
		p->err = -ENOSPC;
	if (!p->err)
		p->err = mem_write(p->mem, gpa, bytes, len);
	p->gpa += (len + 15) & ~15ULL;
	return gpa;
}

static u64 put_dsdt(struct place *p)
{
	struct {
		struct acpi_header header;
		struct aml aml;
	} dsdt = { .aml.len = 0 };

	acpi_header_init(&dsdt.header, "DSDT", 2);
	dsdt_body(&dsdt.aml);
	if (dsdt.aml.len > AML_MAX)
		p->err = -ENOSPC;
	if (p->err)
		return 0;
	acpi_seal(&dsdt, (u32)sizeof(dsdt.header) + dsdt.aml.len);
	return put(p, &dsdt, sizeof(dsdt.header) + dsdt.aml.len);
}

int acpi_write(struct mem *mem, unsigned ncpus, bool vga, u64 *rsdp)
{
	struct place p = { .mem = mem, .gpa = ACPI_GPA + 64 };
	u8 madt[MADT_MAX] = { 0 }, xsdt[XSDT_MAX] = { 0 };
	struct acpi_fadt fadt;
	struct acpi_rsdp root;
	u64 table[2];

	*rsdp = 0;
	if (acpi_sum("", 1)) /* not done yet: the kernel goes without */
		return 0;
	if (!mem_is_ram(mem, ACPI_GPA, ACPI_SIZE, false))
		return todo_report("6.4", "legacy_rom", "labs/06-linux/legacy.c");
	acpi_fadt(&fadt, put_dsdt(&p), vga);
	table[0] = put(&p, &fadt, sizeof(fadt));
	table[1] = put(&p, madt, acpi_madt(madt, ncpus));
	acpi_rsdp(&root, put(&p, xsdt, acpi_xsdt(xsdt, table, 2)));
	p.gpa = ACPI_GPA;
	*rsdp = put(&p, &root, sizeof(root));
	return p.err;
}
