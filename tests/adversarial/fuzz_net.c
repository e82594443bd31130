// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the network card: frames in both directions, in buffers that the input chooses. A
 * model of memory says what each must come to.
 */
#include "fuzz_device.h"
#include "net.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct card {
	struct net net;
	struct net_backend backend;
	struct fuzz f;
	u8 frame[NET_FRAME_MAX]; /* what must be sent next */
	size_t len;		 /* 0: nothing */
};

static void sent(struct net_backend *b, const void *frame, size_t len)
{
	struct card *card = container_of(b, struct card, backend);

	must(card->len && len == card->len && !memcmp(frame, card->frame, len));
	card->len = 0;
}

static void predict_tx(struct card *card, const struct request *r)
{
	struct net_header header;

	card->len = 0;
	request_used(&card->f, NET_TX, 0);
	if (r->read_len < sizeof(header) + NET_FRAME_MIN ||
	    r->read_len > sizeof(header) + NET_FRAME_MAX)
		return;
	request_copy(&card->f, r, false, 0, (u8 *)&header, sizeof(header));
	if ((header.flags & NET_NEEDS_CSUM) || header.gso_type)
		return;
	card->len = r->read_len - sizeof(header);
	request_copy(&card->f, r, false, sizeof(header), card->frame, card->len);
}

static void predict_rx(struct card *card, const struct request *r, u8 *frame, size_t len)
{
	struct net_header header = { .num_buffers = 1 };
	bool fits = r->write_len >= sizeof(header) + len;

	if (fits) {
		request_copy(&card->f, r, true, 0, (u8 *)&header, sizeof(header));
		request_copy(&card->f, r, true, sizeof(header), frame, len);
	}
	request_used(&card->f, NET_RX, fits ? (u32)(sizeof(header) + len) : 0);
}

/* Most headers are what a driver would write. */
static void put_header(struct card *card, struct input *in, const struct request *r)
{
	bool good = take(in, 1) % 8;

	for (unsigned i = 0, k = 0; i < r->n && k < 2; i++)
		for (u32 j = 0; !r->piece[i].write && j < r->piece[i].len && k < 2; j++, k++)
			card->f.model[r->piece[i].gpa + j] = good ? 0 : (u8)take(in, 1);
}

static void recover(struct card *card, bool valid)
{
	struct virtio *v = &card->net.virtio;

	must(valid == !(v->state.status & VIRTIO_NEEDS_RESET));
	fuzz_compare(&card->f);
	if (valid)
		return;
	virtio_reset(v);
	fuzz_start(&card->f, v, 0);
}

static void transmit(struct card *card, struct input *in)
{
	u64 before = card->net.sent + card->net.tx_dropped;
	struct request r;

	take_pieces(in, &r);
	if (r.valid)
		put_header(card, in, &r);
	request_add(&card->f, NET_TX, &r);
	fuzz_load(&card->f);
	if (r.valid)
		predict_tx(card, &r);
	net_notify(&card->net.virtio, NET_TX);
	must(card->len == 0);
	must(card->net.sent + card->net.tx_dropped == before + r.valid);
	recover(card, r.valid);
}

static void receive(struct card *card, struct input *in, bool posted)
{
	u64 before = card->net.received + card->net.rx_dropped;
	size_t len = take(in, 2) % (NET_FRAME_MAX + 10);
	struct request r = { .valid = true };
	u8 frame[NET_FRAME_MAX + 10];

	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (u8)(i + len);
	if (posted) {
		take_pieces(in, &r);
		request_add(&card->f, NET_RX, &r);
		fuzz_load(&card->f);
		if (len > NET_FRAME_MAX) { /* the next frame gets it */
			net_receive(&card->net, frame, len);
			fuzz_compare(&card->f);
			before++;
			len = NET_FRAME_MIN;
		}
		if (r.valid)
			predict_rx(card, &r, frame, len);
	}
	net_receive(&card->net, frame, len);
	must(card->net.received + card->net.rx_dropped == before + 1);
	recover(card, r.valid);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	struct input in = { data, size };
	struct card card = { .backend.send = sent };

	fuzz_begin(&card.f);
	net_init(&card.net, &card.f.mem, mac);
	card.net.backend = &card.backend;
	fuzz_start(&card.f, &card.net.virtio, 0);
	for (unsigned i = 0; in.left && i < 40; i++) {
		u64 how = take(&in, 1);

		if (how & 1)
			transmit(&card, &in);
		else
			receive(&card, &in, how & 6);
	}
	fuzz_end(&card.f);
	return 0;
}
