// SPDX-License-Identifier: MIT
#include "vconsole.h"

#include <string.h>

#include "todo.h"

/* [book:5.5] */
/* TASK 5.5 */
#if SOL >= 505
static void show_chain(struct vconsole *vc, const struct chain *c)
{
	u64 left = min_u64(c->read_len, VCONSOLE_TX_MAX);

	vc->dropped += c->read_len - left;
	for (unsigned i = 0; i < c->nread && left; i++) {
		u64 n = min_u64(c->iov[i].iov_len, left);

		charline_out(&vc->line, c->iov[i].iov_base, n);
		left -= n;
	}
}

static void transmit(struct vconsole *vc)
{
	struct virtio *v = &vc->virtio;
	struct chain c;

	while (virtio_pop(v, VCONSOLE_TX, &c)) {
		if (c.nwrite) {
			virtio_break(v, "a writable buffer to show");
			return;
		}
		show_chain(vc, &c);
		virtio_push(v, VCONSOLE_TX, &c, 0);
	}
	virtio_interrupt(v, VCONSOLE_TX);
}
#endif

void vconsole_notify(struct virtio *v, unsigned queue)
{
	/* TASK 5.5 */
#if SOL >= 505
	struct vconsole *vc = container_of(v, struct vconsole, virtio);

	if (queue == VCONSOLE_TX)
		transmit(vc);
	else if (vconsole_room(&vc->line))
		charline_room_again(&vc->line);
#else
	TODO("5.5");
#endif
}

u64 vconsole_room(struct charline *line)
{
	/* TASK 5.5 */
#if SOL >= 505
	struct vconsole *vc = container_of(line, struct vconsole, line);
	struct virtio *v = &vc->virtio;

	if (!virtio_live(v) || !v->state.queue[VCONSOLE_RX].ready)
		return 0;
	if (!vc->has_buffer)
		vc->has_buffer = virtio_pop(v, VCONSOLE_RX, &vc->buffer);
	if (vc->has_buffer && vc->buffer.nread) {
		vc->has_buffer = false;
		virtio_break(v, "a readable buffer for input");
	}
	return vc->has_buffer ? vc->buffer.write_len : 0;
#else
	/* Before there is a driver the I/O thread asks already, and there is none. */
	if (virtio_live(&container_of(line, struct vconsole, line)->virtio))
		TODO("5.5");
	return 0;
#endif
}

u64 vconsole_receive(struct charline *line, const void *bytes, u64 len)
{
	/* TASK 5.5 */
#if SOL >= 505
	struct vconsole *vc = container_of(line, struct vconsole, line);
	u64 n = min_u64(len, vconsole_room(line));

	if (n == 0)
		return 0;
	chain_write(&vc->buffer, 0, bytes, n);
	vc->has_buffer = false;
	virtio_push(&vc->virtio, VCONSOLE_RX, &vc->buffer, (u32)n);
	virtio_interrupt(&vc->virtio, VCONSOLE_RX);
	return n;
#else
	return (TODO("5.5"), 0);
#endif
}
/* [book:end] */

static void vconsole_reset(struct virtio *v)
{
	container_of(v, struct vconsole, virtio)->has_buffer = false;
}

static void config_read(struct virtio *v, u32 off, void *data, u32 len)
{
	const struct vconsole *vc = container_of(v, struct vconsole, virtio);

	memcpy(data, (const u8 *)&vc->config + off, len);
}

/* 5.3.5.1: emerg_wr can be written at any time, its lower byte is shown. All else is read-only. */
static void config_write(struct virtio *v, u32 off, const void *data, u32 len)
{
	/* TASK 5.5 */
#if SOL >= 505
	struct vconsole *vc = container_of(v, struct vconsole, virtio);

	if (off == offsetof(struct vconsole_config, emerg_wr) && len)
		charline_out(&vc->line, data, 1);
#else
	TODO("5.5");
#endif
}

static const struct virtio_ops vconsole_ops = {
	.name = "console",
	.id = VCONSOLE_ID,
	.nqueues = 2,
	.config_size = sizeof(struct vconsole_config),
	.features = VCONSOLE_F_SIZE | VCONSOLE_F_EMERG,
	.notify = vconsole_notify,
	.reset = vconsole_reset,
	.config_read = config_read,
	.config_write = config_write,
};

void vconsole_init(struct vconsole *vc, struct mem *mem)
{
	*vc = (struct vconsole){ .line = { .room = vconsole_room, .receive = vconsole_receive } };
	virtio_init(&vc->virtio, &vconsole_ops, mem);
}

void vconsole_resize(struct vconsole *vc, u16 cols, u16 rows)
{
	if (vc->config.cols == cols && vc->config.rows == rows)
		return;
	vc->config.cols = cols;
	vc->config.rows = rows;
	if (vc->virtio.state.accepted & VCONSOLE_F_SIZE)
		virtio_config_changed(&vc->virtio);
	else
		vc->virtio.state.generation++;
}
