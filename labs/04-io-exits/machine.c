// SPDX-License-Identifier: MIT
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "coalesce.h"
#include "describe_chips.h"
#include "dirty.h"
#include "dead_ends.h"
#include "summary.h"
#include "io.h"
#include "kick.h"
#include "mmio.h"
#include "summary_memory.h"
#include "term.h"

/* [book:build] */
static int build_cpu(struct machine *m, unsigned id, struct pics *pics)
{
	struct cpu *cpu = &m->cpu[id];
	int err = vcpu_init(&cpu->vcpu, &m->vm, id);

	m->ncpus = id + 1; /* machine_destroy() takes one that was not made, too */
	if (err)
		return err;
	recorder_init(&cpu->rec, cpu->vcpu.run, m->vm.kvm_fd);
	cpu->vcpu.rec = &cpu->rec;
	dead_ends_init(&cpu->vcpu);
	io_init(&cpu->vcpu);
	mmio_init(&cpu->vcpu);
	return inject_init(&cpu->inject, &cpu->vcpu, pics);
}

/* The VM, its interrupt controller if that is KVM's, the vCPUs, memory, our own controller. */
static int build_vm(struct machine *m, const struct options *opt)
{
	bool kernel = opt->irqchip == IRQCHIP_KERNEL;
	struct pics *pics = kernel ? NULL : &m->chip_user.pics;
	struct vcpu *first = &m->cpu[0].vcpu;
	int err;

	if ((err = vm_init(&m->vm, opt->kvm)))
		return fail_kvm(opt->kvm, err);
	if (kernel && (err = chip_kernel_init(&m->chip_kernel, &m->vm)))
		return fail_errno("--irqchip=kernel", err);
	for (unsigned id = 0; id < MACHINE_CPUS_MAX; id++)
		if ((err = build_cpu(m, id, pics)))
			return fail_errno("the vCPU", err);
	if ((err = mmu_init(&m->mmu, &mmu_ept, first, opt->memory)))
		return fail_errno("guest memory", err);
	verbose_memory_map(&m->vm.mem, opt);
	if ((err = loop_init(&m->loop, &m->vm.lock)))
		return fail_errno("the I/O thread", err);
	if (!kernel && (err = chip_user_init(&m->chip_user, first, &m->loop)))
		return fail_errno("--irqchip=user", err);
	m->chip = kernel ? &m->chip_kernel.chip : &pics->chip;
	return 0;
}

/* --vga; coalesced is MMIO whose stores KVM notes down (task 4.12). */
static int build_screen(struct machine *m, enum vga_kind kind)
{
	int err;

	if (kind == VGA_NONE)
		return 0;
	if (kind == VGA_RAM)
		return vga_init_ram(&m->vga, &m->vm.mem, m->vm.fd);
	err = vga_init_mmio(&m->vga, &m->vm.mmio);
	if (!err && kind == VGA_COALESCED)
		err = coalesce_zone(&m->cpu[0].vcpu, VGA_GPA, VGA_SIZE);
	return err;
}

/* Who says what it waits for, when all goes wrong: in this order. */
static int sign_up(struct machine *m)
{
	struct describers *d = &m->vm.describers;
	int err = describe_add(d, describe_cpu, &m->cpu[0].inject);

	if (!err && m->chip == &m->chip_kernel.chip)
		err = describe_add(d, describe_chip_kernel, &m->chip_kernel);
	else if (!err)
		err = describe_add(d, describe_chip_user, &m->chip_user);
	return err ? err : describe_add(d, describe_uart, &m->uart);
}

static int build_devices(struct machine *m, const struct options *opt)
{
	int err;

	sink_init(&m->sink, &m->vm.run);
	if ((err = console_init(&m->console, &m->vm.pio, &m->sink)) ||
	    (err = exitdev_init(&m->exitdev, &m->vm.pio, &m->vm.run)) ||
	    (err = trigger_init(&m->trigger, &m->vm, m->chip, m->cpu[0].inject.pics)) ||
	    (err = msi_init(&m->msi, &m->vm.mmio, m->chip)) ||
	    (err = uart_init(&m->uart, &m->vm.pio)))
		return fail_errno("the buses", err);
	m->uart.irq = (struct irq_line){ .chip = m->chip, .n = UART_IRQ };
	m->uart.line.out = sink_write;
	m->uart.line.out_ctx = &m->sink;
	if ((err = doorbell_init(&m->doorbell, &m->vm, &m->loop, opt->doorbell)))
		return fail_errno("the doorbell", err);
	m->doorbell.irq = (struct irq_line){ .chip = m->chip, .n = DOORBELL_IRQ };
	if ((err = irq_use_irqfd(&m->doorbell.irq)))
		return fail_errno("the doorbell", err);
	if ((err = build_screen(m, opt->vga)))
		return fail_errno("--vga", err);

	if ((err = sign_up(m)))
		return fail_errno("the obituary", err);
	vcpu_watch(&m->cpu[0].vcpu, opt);
	if ((err = term_raw(STDIN_FILENO)) < 0)
		return fail_errno("the terminal", err);
	err = input_init(&m->input, &m->loop, &m->vm.run, err > 0);
	return err ? fail_errno("the I/O thread", err) : 0;
}

int machine_build(struct machine *m, const struct options *opt)
{
	int err = kick_init(), status;

	if (err)
		return fail_errno("the kick", err);
	status = build_vm(m, opt);
	return status ? status : build_devices(m, opt);
}

int machine_load(struct machine *m, const struct options *opt, const struct image *image)
{
	struct vcpu *first = &m->cpu[0].vcpu;
	struct why why;
	int err;

	if ((err = m->mmu.ops->load(&m->mmu, first, image, image->mode, &why)))
		return err == -ENOSYS ? 1 : fail(opt->image, why.text);
	if ((err = m->mmu.ops->start(&m->mmu, first, image->mode, image->start)))
		return fail_errno("the vCPU's registers", err);
	verbose_tables(&m->mmu.tables, opt);
	if (opt->dirty_log && (err = dirty_log_start(&m->vm.mem, m->vm.fd)))
		return fail_errno("--dirty-log", err);
	return 0;
}
/* [book:end] */

int machine_start(struct machine *m, const struct options *opt)
{
	int err = loop_start(&m->loop);

	if (!err && m->input.terminal)
		err = keys_start(&m->input.keys);
	if (err)
		return fail_errno("the I/O thread", err);
	live_vga_init(&m->live_vga, &m->vga, &m->vm.lock);
	if (live_start(opt, opt->vga == VGA_NONE ? NULL : &m->live_vga.screen))
		return 1;
	if ((err = timeout_start(&m->cpu[0].vcpu, opt->timeout_ms)))
		return fail_errno("the time limit", err);
	if (m->input.terminal && isatty(STDERR_FILENO))
		fprintf(stderr, "vmm: keys go to the guest; Ctrl-A x leaves "
				"(Ctrl-A Ctrl-A is one Ctrl-A for it)\n");
	return 0;
}

/* All threads but this one. */
static void stop_threads(struct machine *m)
{
	loop_stop(&m->loop);
	keys_stop(&m->input.keys);
	live_stop();
	term_restore();
}

static int write_screen(const struct vga *vga, const struct output *to)
{
	u8 cells[VGA_SCREEN];
	int err = vga_screen(vga, cells);

	if (err)
		return err == -ENOSYS ? 1 : fail_errno("--screen", err);
	fwrite(cells, 1, sizeof(cells), to->file);
	return output_done(to);
}

static int show_screen(struct vga *vga)
{
	int err = vga_print(vga, stderr);

	if (err && err != -ENOSYS)
		fail_errno("--vga", err);
	return err != 0;
}

/* Who ended it, the text screen, --screen. Returns status, or 1 if that was 0 and one failed. */
static int sum_up_devices(struct machine *m, const struct options *opt, int status)
{
	const struct keys *keys = &m->input.keys;
	int bad = 0;

	if (keys->left)
		fprintf(stderr, "vmm: left by Ctrl-A x\n");
	if (keys->lost)
		fprintf(stderr,
			"vmm: %llu bytes that were typed are lost: the guest had %d others to "
			"take first\n",
			(unsigned long long)keys->lost, KEYS_MAX);
	if (opt->vga != VGA_NONE)
		bad |= show_screen(&m->vga);
	if (opt->screen.file)
		bad |= write_screen(&m->vga, &opt->screen);
	return status ? status : bad;
}

int machine_sum_up(struct machine *m, const struct options *opt)
{
	struct vcpu *first = &m->cpu[0].vcpu;
	const struct lazy none = { 0 };
	int status;

	stop_threads(m);
	status = sum_up(first, &m->sink, opt);
	status = sum_up_memory(status, &m->mmu, first, &none, opt);
	return sum_up_devices(m, opt, status);
}

void machine_destroy(struct machine *m)
{
	stop_threads(m);
	doorbell_destroy(&m->doorbell);
	chip_user_destroy(&m->chip_user);
	mmu_destroy(&m->mmu);
	for (unsigned i = 0; i < m->ncpus; i++)
		vcpu_destroy(&m->cpu[i].vcpu);
	vm_destroy(&m->vm);
}
