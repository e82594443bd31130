// SPDX-License-Identifier: MIT
/* Instructions that are carried out, as far as it needs no guest. */
#include "shadow.h"
#include "test.h"
#include "vm.h"
#include "verdicts.h"

/* A shadow with a trap frame and a bus, and nothing else. */
struct fake_cpu {
	struct shadow s;
	struct trap_frame trap;
	struct vcpu vcpu;
	struct vm vm;
};

static struct shadow *fake_cpu(struct fake_cpu *f)
{
	*f = (struct fake_cpu){ 0 };
	f->s.trap = &f->trap;
	f->s.vcpu = &f->vcpu;
	f->vcpu.vm = &f->vm;
	f->s.cpu.cr0 = 0x1122334480000011;
	f->trap.rip = 0x1000;
	for (unsigned i = 0; i < 16; i++)
		f->trap.reg[i] = 0x8877665544332211;
	f->trap.rsp = 0x8877665544332211;
	return &f->s;
}

TEST("3.15", stores_to_registers, 0)
{
	static const struct {
		enum insn_kind kind;
		unsigned size;
		u64 want;
	} row[] = {
		{ INSN_SMSW, 2, 0x8877665544330011 },
		{ INSN_SMSW, 4, 0x80000011 },
		{ INSN_SMSW, 8, 0x1122334480000011 },
		{ INSN_STR, 2, 0x8877665544330000 },
		{ INSN_STR, 4, 0 },
		{ INSN_SLDT, 8, 0 },
	};

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(row); i++) {
		const unsigned r = i / 2, reg = i % 2 ? 4 : 9;
		struct fake_cpu f;
		struct shadow *s = fake_cpu(&f);
		struct insn insn = {
			.kind = row[r].kind, .len = 4, .reg = reg, .size = row[r].size
		};

		CONTEXT("row %u, to register %u", r, reg);
		EXPECT_V(shadow_hole(s, &insn), V_RESUME);
		EXPECT_U64(reg == 4 ? f.trap.rsp : f.trap.reg[reg], row[r].want);
		EXPECT_U64(f.trap.reg[4], 0x8877665544332211); /* that is the stub's */
		EXPECT_U64(f.trap.rip, 0x1004);
	}
}

TEST_KVM("3.15", cr4_that_closes_holes, 0)
{
	const struct insn insn = { .kind = INSN_STR, .len = 4, .reg = 9, .size = 4 };
	struct fake_cpu f;
	struct shadow *s = fake_cpu(&f);
	u64 want;

	EXPECT_V(shadow_hole(s, &insn), V_RESUME); /* or the task is not begun */
	EXPECT_ERR(vm_init(&f.vm, "/dev/kvm"), 0);
	EXPECT_ERR(vcpu_init(&f.vcpu, &f.vm, 0), 0);
	want = shadow_has_umip(s) ? 1 << 11 : 0;
	CONTEXT("UMIP, bit 11, if this KVM's CPU has it");
	EXPECT_U64(shadow_real_cr4(s), want);
	vcpu_destroy(&f.vcpu);
	vm_destroy(&f.vm);
}

static enum verdict knocked(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	return V_ERROR;
}

TEST("-", the_stubs_port_is_not_the_guests, 0)
{
	struct fake_cpu f;
	struct shadow *s = fake_cpu(&f);

	s->dev.io = knocked;
	EXPECT_ERR(bus_add(&f.vm.pio, TRAP_PORT, 1, &s->dev), 0);
	for (unsigned size = 1; size <= 4; size *= 2) {
		for (u16 port = TRAP_PORT - 4; port < TRAP_PORT + 2; port++) {
			u32 data = 0;

			CONTEXT("%u bytes from port 0x%x on", size, port);
			EXPECT_V(shadow_port_io(s, port, true, &data, size), V_RESUME);
			EXPECT_V(shadow_port_io(s, port, false, &data, size), V_RESUME);
			EXPECT_U64(data, size == 4 ? 0xffffffff : (1u << 8 * size) - 1);
		}
	}
}
