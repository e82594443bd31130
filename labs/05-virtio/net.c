// SPDX-License-Identifier: MIT
#include "net.h"

#include <string.h>

#include "todo.h"

/* [book:5.9] */
/* TASK 5.9 */
#if SOL >= 509
/* Copy the frame out of the chain. Returns its length, 0: it is none that can be sent. */
static size_t take_frame(const struct chain *c, u8 frame[NET_FRAME_MAX])
{
	struct net_header header;
	u64 len;

	if (chain_read(c, 0, &header, sizeof(header)) < sizeof(header))
		return 0;
	if ((header.flags & NET_NEEDS_CSUM) || header.gso_type)
		return 0;
	len = c->read_len - sizeof(header);
	if (len < NET_FRAME_MIN || len > NET_FRAME_MAX)
		return 0;
	return chain_read(c, sizeof(header), frame, len);
}

static void transmit(struct net *net)
{
	struct virtio *v = &net->virtio;
	u8 frame[NET_FRAME_MAX];
	struct chain c;

	while (virtio_pop(v, NET_TX, &c)) {
		size_t len = take_frame(&c, frame);

		if (len && net->backend) {
			net->sent++;
			net->backend->send(net->backend, frame, len);
		} else {
			net->tx_dropped++;
		}
		virtio_push(v, NET_TX, &c, 0);
	}
	virtio_interrupt(v, NET_TX);
}

/* Returns the bytes that were written into the chain, 0: it is too small. */
static u32 fill(const struct chain *c, const void *frame, size_t len)
{
	const struct net_header header = { .num_buffers = 1 };

	if (c->write_len < sizeof(header) + len)
		return 0;
	chain_write(c, 0, &header, sizeof(header));
	chain_write(c, sizeof(header), frame, len);
	return (u32)(sizeof(header) + len);
}
#endif

void net_notify(struct virtio *v, unsigned queue)
{
	/* TASK 5.9 */
#if SOL >= 509
	if (queue == NET_TX)
		transmit(container_of(v, struct net, virtio));
#else
	TODO("5.9");
#endif
}

void net_receive(struct net *net, const void *frame, size_t len)
{
	if (net->hand_on) {
		net->hand_on(net, frame, len);
		return;
	}
	/* TASK 5.9 */
#if SOL >= 509
	struct virtio *v = &net->virtio;
	struct chain c;
	u32 written;

	if (len > NET_FRAME_MAX || !virtio_pop(v, NET_RX, &c)) {
		net->rx_dropped++;
		return;
	}
	written = fill(&c, frame, len);
	if (written)
		net->received++;
	else
		net->rx_dropped++;
	virtio_push(v, NET_RX, &c, written);
	virtio_interrupt(v, NET_RX);
#else
	TODO("5.9");
#endif
}
/* [book:end] */

static void config_read(struct virtio *v, u32 off, void *data, u32 len)
{
	const struct net *net = container_of(v, struct net, virtio);
	struct net_config config = { .status = net->backend ? NET_S_LINK_UP : 0 };

	memcpy(config.mac, net->mac, sizeof(config.mac));
	memcpy(data, (const u8 *)&config + off, len);
}

static const struct virtio_ops net_ops = {
	.name = "net",
	.id = NET_ID,
	.nqueues = 2,
	.config_size = sizeof(struct net_config),
	.features = NET_F_MAC | NET_F_STATUS,
	.notify = net_notify,
	.config_read = config_read,
};

void net_init(struct net *net, struct mem *mem, const u8 mac[6])
{
	*net = (struct net){ .backend = NULL };
	memcpy(net->mac, mac, sizeof(net->mac));
	virtio_init(&net->virtio, &net_ops, mem);
}

void net_plug(struct net *net, struct net_backend *backend)
{
	struct virtio *v = &net->virtio;
	bool changed = !net->backend != !backend;

	net->backend = backend;
	if (!changed)
		return;
	if ((v->state.status & VIRTIO_FEATURES_OK) && !(v->state.accepted & NET_F_STATUS))
		v->state.generation++; /* it believes that the cable is always plugged in */
	else
		virtio_config_changed(v);
}
