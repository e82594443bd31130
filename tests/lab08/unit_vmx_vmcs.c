// SPDX-License-Identifier: MIT
/* Task 8.7: the VMCS and the way in, on a fake CPU, which checks an entry as a real one does. */
#include <errno.h>

#include "fake_vmx.h"
#include "machine_map.h"

/* VMX is on, and of what it can do EPT and VPID are left out. */
static void machine(void)
{
	fake_intel_on();
	fake.host.nested = false;
	fake.host.tags = 0;
}

TEST("8.7", vmx_controls_as_the_cpu_takes_them, 1)
{
	u32 controls = 0x5a5a;

	machine();
	CONTEXT("IA32_VMX_BASIC bit 55: the true MSR, 0x48e, counts");
	fake_msr_set(0x482, 0xf7f9fffe0401e172);
	fake_msr_set(0x48e, 0xf7f9fffe04006172);
	EXPECT_ERR(vmx_controls(IA32_VMX_PRIMARY, PRIMARY_HLT, &controls), 0);
	EXPECT_U64(controls, 0x040061f2);
	CONTEXT("bit 0 of 0x48e's upper half is 0: it may not be 1");
	EXPECT_ERR(vmx_controls(IA32_VMX_PRIMARY, 1, &controls), -ENOTSUP);
	EXPECT_U64(controls, 0x040061f2);
	CONTEXT("the secondary controls have no true MSR");
	EXPECT_ERR(vmx_controls(IA32_VMX_SECONDARY, SECONDARY_EPT, &controls), 0);
	EXPECT_U64(controls, SECONDARY_EPT);
	CONTEXT("bit 55 is 0: there are no true MSRs");
	fake_msr_set(IA32_VMX_BASIC, FAKE_REVISION);
	fake_no_msr(0x48e);
	EXPECT_ERR(vmx_controls(IA32_VMX_PRIMARY, PRIMARY_HLT, &controls), 0);
	EXPECT_U64(controls, 0x0401e1f2);
}

/* An entry that the fake CPU takes; or its reason why not. */
static struct exit enter(void)
{
	struct exit exit;

	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	fake_expect_entry();
	CONTEXT("a guest of one HLT%s%s", fake.said[0] ? "; said was: " : "", fake.said);
	EXPECT_U64(exit.cause, EXIT_HLT);
	return exit;
}

TEST("8.7", vmcs_of_a_long_mode_guest, 1)
{
	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	EXPECT_U64(fake.g.control, fake_vmx.current ? fake_vmx.current->page : 0);
	enter();
	CONTEXT("the guest's state, as machine_map.h and the contract say");
	EXPECT_U64(fake_field(VMCS_GUEST_RIP), 0x100000);
	EXPECT_U64(fake_field(VMCS_GUEST_CR3), GUEST_PML4);
	EXPECT_U64(fake_field(VMCS_GUEST_GDTR_BASE), GUEST_GDT);
	EXPECT_U64(fake_field(VMCS_GUEST_GDTR_LIMIT), 23);
	EXPECT_U64(fake_field(VMCS_GUEST_DR7), 0x400);
	EXPECT_U64(fake_field(VMCS_GUEST_CS), SEL_CODE);
	EXPECT_U64(fake_field(VMCS_GUEST_ES), SEL_DATA);
	EXPECT_U64(fake_field(VMCS_GUEST_EFER), EFER_LME | EFER_LMA);
	CONTEXT("the host's selectors: SEL_CODE, SEL_TSS, and SEL_DATA in ES, SS, DS, FS, GS");
	EXPECT_U64(fake_field(VMCS_HOST_ES), SEL_DATA);
	EXPECT_U64(fake_field(VMCS_HOST_DS), SEL_DATA);
	EXPECT_U64(fake_field(VMCS_HOST_FS), SEL_DATA);
	EXPECT_U64(fake_field(VMCS_HOST_GS), SEL_DATA);
	CONTEXT("the exits that we want");
	EXPECT_U64(fake_field(VMCS_PRIMARY) & (PRIMARY_HLT | PRIMARY_IO | PRIMARY_MSR_BITMAPS),
		   PRIMARY_HLT | PRIMARY_IO);
	EXPECT_U64(fake_field(VMCS_PIN) & (PIN_INTERRUPT_EXITING | PIN_NMI_EXITING),
		   PIN_INTERRUPT_EXITING | PIN_NMI_EXITING);
	EXPECT_U64(fake_field(VMCS_EXCEPTIONS), 0);
	CONTEXT("EFER goes with the guest");
	EXPECT_U64(fake_field(VMCS_EXIT) & (EXIT_SAVE_EFER | EXIT_LOAD_EFER),
		   EXIT_SAVE_EFER | EXIT_LOAD_EFER);
	EXPECT_U64(fake_field(VMCS_ENTRY) & ENTRY_LOAD_EFER, ENTRY_LOAD_EFER);
}

TEST("8.7", dr7_goes_with_the_guest, 0)
{
	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	CONTEXT("an exit sets the CPU's DR7 to 0x400: the guest's is saved there, and loaded "
		"again");
	EXPECT_U64(fake_field(VMCS_EXIT) & EXIT_SAVE_DEBUG, EXIT_SAVE_DEBUG);
	EXPECT_U64(fake_field(VMCS_ENTRY) & ENTRY_LOAD_DEBUG, ENTRY_LOAD_DEBUG);
}

TEST("8.7", what_vmx_demands_is_not_the_guests, 0)
{
	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	enter();
	CONTEXT("the guest reads CR4.VMXE as 0, and an own write of it exits");
	EXPECT_U64(fake_field(VMCS_CR4_MASK) & CR4_VMXE, CR4_VMXE);
	EXPECT_U64(fake_field(VMCS_CR4_SHADOW), CR4_PAE);
	EXPECT_U64(fake_field(VMCS_CR0_MASK) & CR0_NE, CR0_NE);
	EXPECT_U64(fake_field(VMCS_CR0_SHADOW) & (CR0_NE | CR0_PE | CR0_PG), CR0_PE | CR0_PG);
	EXPECT_U64(fake.g.view.cr4, CR4_PAE);
	EXPECT_U64(fake.g.view.cr0, CR0_PG | CR0_ET | CR0_PE);
	CONTEXT("what may be 0 or 1 is the guest's own, and changing it is no exit");
	EXPECT_U64(fake_field(VMCS_CR4_MASK) & fake_msr_get(IA32_VMX_CR4_FIXED1) & ~CR4_VMXE, 0);
	EXPECT_U64(fake_field(VMCS_CR0_MASK) & fake_msr_get(IA32_VMX_CR0_FIXED1) &
			   ~(CR0_PG | CR0_NE | CR0_PE),
		   0);
}

static u32 secondary_of(u32 tag, u32 tags)
{
	machine();
	fake.g.tag = tag;
	fake.host.tags = tags;
	fake.g.launched = true; /* as the guest that was here before has left it */
	CONTEXT("a guest in long mode without EPT, of tag %u, on a host of %u tags", tag, tags);
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	EXPECT_TRUE(!fake.g.launched, "a new VMCS is not launched");
	if (!(fake_field(VMCS_PRIMARY) & PRIMARY_SECONDARY))
		return 0;
	return (u32)fake_field(VMCS_SECONDARY);
}

TEST("8.7", secondary_controls_as_they_are_needed, 0)
{
	EXPECT_U64_AS("the secondary controls", secondary_of(1, 0), 0);
	EXPECT_U64_AS("the secondary controls", secondary_of(0, 65536), 0);
	EXPECT_U64_AS("the secondary controls", secondary_of(5, 65536), SECONDARY_VPID);
	EXPECT_U64_AS("the VPID", fake_field(VMCS_VPID), 5);
}

TEST("8.7", real_mode_needs_ept, 0)
{
	machine();
	CONTEXT("without EPT there is no unrestricted guest: CR0.PE and PG are 1");
	EXPECT_ERR(vmx_init(&fake.g, GUEST_REAL, 0x1000), -EINVAL);
	EXPECT_U64(fake.g.control, 0);
}

TEST("8.7", a_vmcs_that_cannot_be_made, 0)
{
	unsigned used;

	machine();
	used = fake.pages.used;
	CONTEXT("VMWRITE fails in the middle");
	fake_vmx.fail_field = VMCS_HOST_TR_BASE;
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), -EIO);
	EXPECT_U64(fake.g.control, 0);
	EXPECT_U64_AS("pages in use", fake.pages.used, used);
	EXPECT_CONTAINS(fake.said, "0x6c0a");

	machine();
	used = fake.pages.used;
	CONTEXT("a CPU that cannot exit on HLT");
	fake_msr_set(IA32_VMX_PRIMARY + IA32_VMX_TRUE, 0xf7f9ff7e04006172);
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), -ENOTSUP);
	EXPECT_U64_AS("pages in use", fake.pages.used, used);

	machine();
	CONTEXT("no page for it");
	fake.pages.next = fake.pages.end;
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), -ENOMEM);
	EXPECT_U64(fake.g.control, 0);
}

static void changes_registers(struct regs *regs)
{
	fake_set(VMCS_GUEST_RIP, fake_field(VMCS_GUEST_RIP) + 0x10);
	fake_set(VMCS_GUEST_RSP, fake_field(VMCS_GUEST_RSP) - 8);
	fake_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	fake_set(VMCS_GUEST_ES_BASE + 2, 0xc0);
	fake_set(VMCS_GUEST_ES_BASE + 6, 0xd0);
	fake_set(VMCS_GUEST_ES_BASE, 0xe0);
	regs->r15++;
}

TEST("8.7", launch_once_then_resume, 1)
{
	struct exit exit;

	machine();
	EXPECT_ERR(vmx_run(&fake.g, &exit), -EINVAL);
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	fake.g.regs.rsp = 0x7000;
	fake.g.regs.r15 = 4;
	fake_vmx.guest = changes_registers;
	enter();
	EXPECT_U64(fake_vmx.launches, 1);
	EXPECT_U64(fake.g.regs.rip, 0x100010);
	EXPECT_U64(fake.g.regs.rsp, 0x6ff8);
	EXPECT_U64(fake.g.regs.rflags, RFLAGS_FIXED | RFLAGS_IF);
	EXPECT_U64(fake.g.regs.r15, 5);
	EXPECT_U64(fake.g.view.cs_base, 0xc0);
	EXPECT_U64(fake.g.view.ds_base, 0xd0);
	EXPECT_U64(fake.g.view.es_base, 0xe0);
	EXPECT_TRUE(fake.g.view.code64 && !fake.g.view.code32 && !fake.g.view.shadow);
	CONTEXT("what a handler has changed counts at the next entry");
	fake.g.regs.rip = 0x200000;
	fake.g.view.efer |= EFER_SCE;
	enter();
	EXPECT_U64(fake_vmx.launches, 1);
	EXPECT_U64(fake_vmx.resumes, 1);
	EXPECT_U64(fake.g.regs.rip, 0x200010);
	EXPECT_U64(fake_field(VMCS_GUEST_EFER), EFER_LME | EFER_LMA | EFER_SCE);
}

static void halts_behind_sti(struct regs *regs)
{
	fake_set(VMCS_GUEST_INTERRUPTIBILITY, 1);
	fake_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
}

TEST("8.7", a_shadow_ends_with_its_instruction, 0)
{
	struct exit exit;

	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	CONTEXT("STI; HLT: at the exit the field says that the guest is behind STI");
	fake_vmx.guest = halts_behind_sti;
	exit = enter();
	EXPECT_TRUE(fake.g.view.shadow);
	CONTEXT("an entry at the same RIP: it still is");
	fake_vmx.guest = NULL;
	enter();
	EXPECT_U64(fake_field(VMCS_GUEST_INTERRUPTIBILITY), 1);
	CONTEXT("an entry behind the HLT: it is no longer");
	fake.g.regs.rip += exit.length;
	enter();
	EXPECT_U64(fake_field(VMCS_GUEST_INTERRUPTIBILITY), 0);
	EXPECT_TRUE(!fake.g.view.shadow);
}

static u64 left[2]; /* rights of CS, interruptibility */

static void leaves(struct regs *regs)
{
	fake_set(VMCS_GUEST_ES_RIGHTS + 2, left[0]);
	fake_set(VMCS_GUEST_INTERRUPTIBILITY, left[1]);
}

TEST("8.7", behind_mov_ss_too, 0)
{
	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	fake_vmx.guest = leaves;
	left[0] = 0xa09b;
	left[1] = 1U << 1;
	enter();
	CONTEXT("interruptibility: bit 1 says that the guest is behind MOV SS");
	EXPECT_TRUE(fake.g.view.shadow);
	fake_vmx.guest = NULL;
	fake.g.regs.rip++;
	enter();
	CONTEXT("an entry at another RIP: it no longer is");
	EXPECT_U64(fake_field(VMCS_GUEST_INTERRUPTIBILITY), 0);
}

TEST("8.7", nmis_stay_blocked, 0)
{
	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	enter();
	fake_set(VMCS_GUEST_INTERRUPTIBILITY, 1U << 3 | 1U << 0);
	fake.g.regs.rip++;
	enter();
	CONTEXT("interruptibility: bit 3 says that NMIs are blocked; only the shadow is to go");
	EXPECT_U64(fake_field(VMCS_GUEST_INTERRUPTIBILITY), 1U << 3);
}

TEST("8.7", what_code_intels_guest_has, 0)
{
	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	fake_vmx.guest = leaves;
	left[0] = 0xc09b;
	left[1] = 0;
	enter();
	CONTEXT("CS with D and without L: 32-bit code, in long mode too");
	EXPECT_U64(fake.g.view.code32, true);
	EXPECT_U64(fake.g.view.code64, false);
}

TEST("8.7", a_vmcs_that_cannot_be_loaded, 0)
{
	struct exit exit;

	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	fake.g.control = fake_vmx.region;
	CONTEXT("guest->control is the VMXON region: VMPTRLD fails");
	EXPECT_ERR(vmx_make_current(&fake.g), -EIO);
	EXPECT_ERR(vmx_run(&fake.g, &exit), -EIO);
	EXPECT_U64(fake_vmx.launches, 0);
}

TEST("8.7", two_guests_two_vmcs, 1)
{
	struct guest other;
	struct exit exit;

	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	other = fake.g;
	EXPECT_ERR(vmx_init(&other, GUEST_LONG, 0x300000), 0);
	CONTEXT("the one that was made first runs first, though the other's VMCS is current");
	enter();
	EXPECT_U64(fake_field(VMCS_GUEST_RIP), 0x100000);
	EXPECT_ERR(vmx_run(&other, &exit), 0);
	EXPECT_U64(fake_field(VMCS_GUEST_RIP), 0x300000);
	EXPECT_U64(fake_vmx.launches, 2);
	CONTEXT("VMPTRLD only where VMPTRST says that another is current");
	EXPECT_ERR(vmx_run(&other, &exit), 0);
	EXPECT_U64(fake_vmx.resumes, 1);
	EXPECT_U64(fake_vmx.loads, 4);
}

TEST("8.7", a_refused_entry_is_told, 1)
{
	struct exit exit;

	machine();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	CONTEXT("VMLAUNCH fails: error 7");
	fake_vmx.refuse = 7;
	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	EXPECT_U64(exit.cause, EXIT_REFUSED);
	EXPECT_U64(exit.raw, 7);
	EXPECT_CONTAINS(fake.said, "error 7, entry with invalid control fields");
	EXPECT_TRUE(!fake.g.launched);
	CONTEXT("VMLAUNCH does not fail, but the guest's state does: bit 31 of the exit reason");
	fake_vmx.refuse = 0;
	fake_vmx.refuse_state = REASON_GUEST_STATE;
	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	EXPECT_U64(exit.cause, EXIT_REFUSED);
	EXPECT_U64(exit.raw, 0x80000021);
	EXPECT_CONTAINS(fake.said, "0x80000021, invalid guest state");
	CONTEXT("a launch that was refused is none: VMLAUNCH again");
	EXPECT_TRUE(!fake.g.launched);
	fake_vmx.refuse_state = 0;
	enter();
	EXPECT_U64(fake_vmx.resumes, 0);
	EXPECT_U64(fake_vmx.launches, 3);
	CONTEXT("VMRESUME fails; the exit reason in the VMCS is the one of the last exit");
	fake_vmx.refuse = 8;
	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	EXPECT_U64(exit.cause, EXIT_REFUSED);
	EXPECT_U64(exit.raw, 8);
}
