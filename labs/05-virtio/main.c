// SPDX-License-Identifier: MIT
/*
 * Lab 05: virtio. The machine is lab 04's, and what is new is build_virtio(). Read it, then follow
 * one request: from the driver's kick, a write to QueueNotify in virtio_mmio.c, by way of
 * virtio_kick() to a device (rng.c is the smallest), and back by virtio_push() and virtio_notify().
 */
#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "chip_kernel.h"
#include "chip_user.h"
#include "devices.h"
#include "doorbell.h"
#include "endings.h"
#include "exitdev.h"
#include "finish.h"
#include "input.h"
#include "io.h"
#include "kick.h"
#include "mmio.h"
#include "mmu.h"
#include "streams.h"
#include "tell.h"
#include "tell_devices.h"
#include "term.h"
#include "trigger.h"

struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct mmu mmu;
	struct recorder rec;
	struct loop loop;
	struct inject inject;
	struct chip_user chip_user;
	struct chip_kernel chip_kernel;
	struct irqchip *chip; /* of these two, the one that --irqchip says */
	struct console console;
	struct exitdev exitdev;
	struct uart uart;
	struct input input;
	struct vga vga;
	struct trigger trigger;
	struct doorbell doorbell;
	struct devices devices;
};

/* [book:build] */
/* The VM, its interrupt controller if that is KVM's, the vCPU, memory with the image in it. */
static int build_cpu(struct machine *m, const struct options *opt, const struct image *image)
{
	bool kernel = opt->irqchip == IRQCHIP_KERNEL;
	enum cpu_mode mode;
	struct why why;
	u64 entry;
	int err;

	if (image_entry(image, opt->mode, &mode, &entry, &why))
		return fail(opt->image, why.text);
	if ((err = vm_init(&m->vm, opt->kvm)))
		return fail_kvm(opt->kvm, err);
	if (kernel && (err = chip_kernel_init(&m->chip_kernel, &m->vm)))
		return fail_errno("--irqchip=kernel", err);
	if ((err = vcpu_init(&m->vcpu, &m->vm)))
		return fail_errno("the vCPU", err);
	if ((err = mmu_init(&m->mmu, &mmu_ept, &m->vcpu, opt->memory)))
		return fail_errno("guest memory", err);
	if ((err = m->mmu.ops->load(&m->mmu, &m->vcpu, image, mode, &why)))
		return err == -ENOSYS ? 1 : fail(opt->image, why.text);
	if ((err = m->mmu.ops->start(&m->mmu, &m->vcpu, mode, entry)))
		return fail_errno("the vCPU's registers", err);

	recorder_init(&m->rec, m->vcpu.run, m->vm.kvm_fd);
	m->vcpu.rec = &m->rec;
	endings_init(&m->vcpu);
	io_init(&m->vcpu);
	mmio_init(&m->vcpu);
	inject_init(&m->inject, &m->vcpu, kernel ? NULL : &m->chip_user.pics);
	if ((err = loop_init(&m->loop, &m->vm.lock)))
		return fail_errno("the I/O thread", err);
	if (!kernel && (err = chip_user_init(&m->chip_user, &m->vcpu, &m->loop)))
		return fail_errno("--irqchip=user", err);
	m->chip = kernel ? &m->chip_kernel.chip : &m->chip_user.pics.chip;
	return 0;
}

/* An interrupt of the doorbell: with KVM's controller there is a shorter way. */
static int wire_doorbell(struct machine *m, const struct options *opt)
{
	m->doorbell.irq = (struct irq_line){ .chip = m->chip, .n = DOORBELL_IRQ };
	if (opt->irqchip != IRQCHIP_KERNEL)
		return 0;
	m->doorbell.irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->doorbell.irq_fd < 0)
		return -errno;
	return chip_kernel_irqfd(&m->chip_kernel, DOORBELL_IRQ, m->doorbell.irq_fd);
}

static int build_devices(struct machine *m, const struct options *opt)
{
	int err;

	if ((err = console_init(&m->console, &m->vm.pio)) ||
	    (err = exitdev_init(&m->exitdev, &m->vm.pio, &m->vcpu.status)) ||
	    (err = trigger_init(&m->trigger, &m->vcpu, m->chip)) ||
	    (err = uart_init(&m->uart, &m->vm.pio)))
		return fail_errno("the port bus", err);
	m->uart.irq = (struct irq_line){ .chip = m->chip, .n = UART_IRQ };
	m->uart.out = term_out;
	m->uart.out_ctx = &m->console;
	if ((err = doorbell_init(&m->doorbell, &m->vm, &m->loop, opt->doorbell)) ||
	    (err = wire_doorbell(m, opt)))
		return fail_errno("the doorbell", err);
	if ((opt->vga == VGA_MMIO && (err = vga_init_mmio(&m->vga, &m->vm.mmio))) ||
	    (opt->vga == VGA_RAM && (err = vga_init_ram(&m->vga, &m->vm.mem, m->vm.fd))))
		return fail_errno("--vga", err);

	vcpu_watch(&m->vcpu, opt);
	if ((err = term_raw(STDIN_FILENO)) < 0)
		return fail_errno("the terminal", err);
	err = input_init(&m->input, &m->loop, &m->inject, err > 0);
	return err ? fail_errno("the I/O thread", err) : 0;
}
/* The virtio devices, and who takes what is typed: a virtio console, if there is one. */
static int build_virtio(struct machine *m, const struct options *opt)
{
	const struct wiring wiring = {
		.vm = &m->vm,
		.loop = &m->loop,
		.chip = m->chip,
		.chip_kernel = opt->irqchip == IRQCHIP_KERNEL ? &m->chip_kernel : NULL,
		.async = opt->kicks_by_eventfd,
		.console = &m->console,
	};
	struct why why;
	int err;

	if ((err = devices_init(&m->devices, &wiring, opt, &why)))
		return err == -ENOSYS ? 1 : fail("--device", why.text);
	if (m->devices.console)
		devices_take_input(&m->devices, &m->input);
	else
		input_to_uart(&m->input, &m->uart);
	err = loop_start(&m->loop);
	return err ? fail_errno("the I/O thread", err) : 0;
}
/* [book:end] */

static int run(struct machine *m, const struct options *opt)
{
	enum verdict verdict = vcpu_run(&m->vcpu);
	const struct lazy none = { 0 };
	int status;

	loop_stop(&m->loop); /* from here on this is the only thread */
	term_restore();
	status = finish(&m->vcpu, &m->console, verdict, opt);
	if (opt->stats)
		devices_tell(&m->devices, stderr);
	status = tell_end(status, &m->mmu, &m->vcpu, &none, opt);
	return tell_devices(status, &m->vga, &m->input, opt);
}

static void destroy(struct machine *m)
{
	loop_stop(&m->loop);
	term_restore();
	devices_destroy(&m->devices);
	doorbell_destroy(&m->doorbell);
	chip_user_destroy(&m->chip_user);
	mmu_destroy(&m->mmu);
	vcpu_destroy(&m->vcpu);
	vm_destroy(&m->vm);
}

int main(int argc, char **argv)
{
	struct machine m = { .vm = { .kvm_fd = -1, .fd = -1 }, .vcpu.fd = -1 };
	enum options_result result;
	struct image image = { 0 };
	struct options opt;
	struct why why;
	int status, err;

	streams_init();
	result = options_parse(&opt, argc, argv, 5, &why);
	if (result != OPTIONS_RUN)
		return result == OPTIONS_DONE ? 0 : fail_usage(why.text);
	if (opt.mmu != MMU_EPT)
		return fail_usage("--mmu: labs 04 and 05 use ept");
	if (opt.lazy)
		return fail_usage("--lazy: only lab 03 has it");
	if (image_open(&image, opt.image, opt.memory, &why))
		return fail(opt.image, why.text);
	if ((err = kick_init()))
		status = fail_errno("the kick", err);
	else
		status = build_cpu(&m, &opt, &image) || build_devices(&m, &opt) ||
			 build_virtio(&m, &opt);
	if (!status && (err = timeout_start(&m.vcpu, opt.timeout_ms)))
		status = fail_errno("the time limit", err);
	if (!status)
		status = run(&m, &opt);
	destroy(&m);
	image_close(&image);
	return status;
}
