// SPDX-License-Identifier: MIT
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "chip_kernel.h"
#include "chip_user.h"
#include "describe_chips.h"
#include "inject.h"
#include "uart.h"

#define LABEL	   "  %-*s  "
#define NAME(name) DESCRIBE_NAME, name

/* IF and the rest are as KVM has left them at the last exit: api.rst 5, struct kvm_run. */
void describe_cpu(const void *ctx, FILE *to)
{
	const struct inject *in = ctx;
	const struct kvm_run *run = in->vcpu->run;

	fprintf(to, LABEL "IF %u", NAME("CPU"), run->if_flag);
	if (in->pics)
		fprintf(to, ", %s to take an interrupt, window %s",
			run->ready_for_interrupt_injection ? "ready" : "not ready",
			run->request_interrupt_window ? "asked for" : "not asked for");
	fputc('\n', to);
}

static void print_pic(FILE *to, const char *name, const char *which, const struct pic *pic)
{
	fprintf(to, LABEL "%-6s  IRR %02x  ISR %02x  IMR %02x  by level %02x  vectors from %02x\n",
		NAME(name), which, pic->irr, pic->isr, pic->imr, pic->elcr, pic->base);
}

static bool asks(const struct pic *pic)
{
	return pic->irr & ~pic->imr;
}

static void describe_pics(const struct pics *pics, FILE *to)
{
	bool high = (asks(&pics->pic[0]) || asks(&pics->pic[1])) && pics_pending(pics);

	fprintf(to, LABEL "INT is %s\n", NAME("8259"), high ? "high: it asks the CPU" : "low");
	print_pic(to, "", "master", &pics->pic[0]);
	print_pic(to, "", "slave", &pics->pic[1]);
}

/* The counters that have a count; of our own also what has become of it. */
static void describe_channel(const struct pit *pit, unsigned n, FILE *to)
{
	const struct pit_channel *c = &pit->state.channel[n];
	u64 now = pit->now(pit->ctx);

	fprintf(to, ", now %u, OUT %s\n", pit_count(c, now), pit_out(c, now) ? "high" : "low");
	if (n == 0)
		fprintf(to, LABEL "edges due %llu, given to the 8259 %llu, %s\n", NAME(""),
			(unsigned long long)pit_edges(c, now),
			(unsigned long long)pit->state.delivered,
			pit->state.waiting ? "the last one waits in IRR" : "all taken");
}

static void print_channels(const struct pit_channel *channel, const struct pit *ours, FILE *to)
{
	const char *name = "8254";

	for (unsigned n = 0; n < 3; n++) {
		const struct pit_channel *c = &channel[n];

		if (!c->loaded || !c->count)
			continue;
		fprintf(to, LABEL "counter %u: mode %u, count %u", NAME(name), n, c->mode,
			c->count);
		if (ours && ours->now)
			describe_channel(ours, n, to);
		else
			fputc('\n', to);
		name = "";
	}
	if (*name)
		fprintf(to, LABEL "no counter is loaded\n", NAME(name));
}

void describe_chip_user(const void *ctx, FILE *to)
{
	const struct chip_user *user = ctx;

	describe_pics(&user->pics, to);
	print_channels(user->pit.state.channel, &user->pit, to);
}

void describe_chip_kernel(const void *ctx, FILE *to)
{
	const struct chip_kernel *k = ctx;
	struct pit_channel channel[3];
	struct kvm_pit_state2 pit;

	for (unsigned i = 0; i < 2; i++) {
		struct kvm_irqchip chip = { .chip_id = i ? KVM_IRQCHIP_PIC_SLAVE
							 : KVM_IRQCHIP_PIC_MASTER };
		struct pic pic;

		if (ioctl(k->vm_fd, KVM_GET_IRQCHIP, &chip) < 0)
			return;
		pic = (struct pic){ .irr = chip.chip.pic.irr,
				    .isr = chip.chip.pic.isr,
				    .imr = chip.chip.pic.imr,
				    .elcr = chip.chip.pic.elcr,
				    .base = chip.chip.pic.irq_base };
		print_pic(to, i ? "" : "8259 (KVM)", i ? "slave" : "master", &pic);
	}
	if (ioctl(k->vm_fd, KVM_GET_PIT2, &pit) < 0)
		return;
	for (unsigned i = 0; i < 3; i++)
		channel[i] = (struct pit_channel){ .mode = pit.channels[i].mode,
						   .count = pit.channels[i].count,
						   .loaded = pit.channels[i].rw_mode };
	print_channels(channel, NULL, to);
}

/* PC16550D, Table IV. */
static const char *iir_words(u8 iir)
{
	switch (iir & 0x0f) {
	case IIR_NONE:
		return "no interrupt";
	case IIR_THRE:
		return "transmitter empty";
	case IIR_RDA:
		return "data";
	case IIR_RLS:
		return "line status";
	case IIR_TIMEOUT:
		return "data, timeout";
	default:
		return "?";
	}
}

void describe_uart(const void *ctx, FILE *to)
{
	const struct uart *uart = ctx;
	const struct uart_state *s = &uart->state;
	/* With nothing enabled nothing is pending. */
	u8 iir = s->ier ? uart_interrupt(uart) : IIR_NONE;
	unsigned waiting = s->fcr & FCR_ENABLE ? s->count : s->lsr & LSR_DR;

	if (s->fcr & FCR_ENABLE)
		iir |= IIR_FIFO;
	fprintf(to, LABEL "IER %02x  IIR %02x (%s)  LSR %02x  unread input %u\n", NAME("UART"),
		s->ier, iir, iir_words(iir), s->lsr | LSR_THRE | LSR_TEMT, waiting);
}
