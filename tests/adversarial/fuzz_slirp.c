// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the user-mode network: frames through net_filter() into a real libslirp. It needs a
 * network of its own, in a namespace, for the sockets that the guest's packets open; where it gets
 * none, the guest is isolated. VMMLAB_UNFILTERED=1 in the environment: the filter is left out, to
 * see what libslirp itself makes of the frames.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <slirp/libslirp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz_device.h"
#include "net_slirp.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* libslirp 4.7 forgets some of its memory, which net_slirp.c bounds. For LeakSanitizer. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}

#define ROOM	  2048 /* of a receive buffer; they lie from DATA_GPA on */
#define STEPS_MAX 40
#define IP	  14 /* where a frame's parts are */
#define L4	  34

static struct {
	bool own_network, unfiltered;
	int listener; /* the host's end of TCP */
	u16 tcp_port;
	int peer[8]; /* connections that have come */
	unsigned npeers;
} host;

struct card {
	struct net net;
	struct net_slirp s;
	struct fuzz f;
	u16 seen;		 /* receive buffers that have come back */
	u32 seq[4], ack[4];	 /* of connections from the ports 1000 to 1003: what is due next */
	size_t sent, arrived;	 /* bytes: of all frames, and at the host */
	u8 frame[NET_FRAME_MAX]; /* that is about to be sent */
	size_t len;
};

/* --- a host --- */

static bool own_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, err;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return !err;
}

static void listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	host.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	must(!bind(host.listener, (struct sockaddr *)&at, len) && !listen(host.listener, 64));
	must(!getsockname(host.listener, (struct sockaddr *)&at, &len));
	host.tcp_port = ntohs(at.sin_port);
}

/* Returns how many bytes have come. */
static size_t read_all(void)
{
	static u8 bytes[65536];
	size_t sum = 0;
	ssize_t n;
	int fd;

	while (host.npeers < ARRAY_SIZE(host.peer) &&
	       (fd = accept4(host.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		host.peer[host.npeers++] = fd;
	for (unsigned i = 0; i < host.npeers; i++)
		while ((n = read(host.peer[i], bytes, sizeof(bytes))) > 0)
			sum += (size_t)n;
	return sum;
}

static void hang_up(void)
{
	do {
		read_all();
		while (host.npeers)
			close(host.peer[--host.npeers]);
	} while (poll(&(struct pollfd){ .fd = host.listener, .events = POLLIN }, 1, 0) > 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	host.unfiltered = getenv("VMMLAB_UNFILTERED");
	host.own_network = own_network();
	if (host.own_network)
		listen_somewhere();
	return 0;
}

/* --- a guest --- */

static void put16(u8 *at, u32 value)
{
	at[0] = (u8)(value >> 8);
	at[1] = (u8)value;
}

static void put32(u8 *at, u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static u32 get16(const u8 *at)
{
	return (u32)at[0] << 8 | at[1];
}

static u32 get32(const u8 *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static u32 sum_of(const u8 *at, size_t len, u32 sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (u32)at[i] << (i % 2 ? 0 : 8);
	return sum;
}

static void put_sum(u8 *at, u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(at, ~sum);
}

/* The checksums, as far as there is room for them: nothing is to fail just for these. */
static void put_sums(struct card *c)
{
	u8 *ip = c->frame + IP, *l4;
	size_t header = 4 * (size_t)(ip[0] & 15), total = get16(ip + 2), at;

	if (c->len < IP + 20 || c->len < IP + header || header < 20)
		return;
	put16(ip + 10, 0);
	put_sum(ip + 10, sum_of(ip, header, 0));
	at = ip[9] == IPPROTO_TCP ? 16 : ip[9] == IPPROTO_UDP ? 6 : 2;
	if (total > c->len - IP || total < header + at + 2)
		return;
	l4 = ip + header;
	put16(l4 + at, 0);
	if (ip[9] == IPPROTO_TCP)
		put_sum(l4 + at, sum_of(l4, total - header,
					sum_of(ip + 12, 8, IPPROTO_TCP + (u32)(total - header))));
	else if (ip[9] == IPPROTO_ICMP)
		put_sum(l4 + at, sum_of(l4, total - header, 0));
}

/* An IPv4 frame without its payload, which has len bytes. */
static u8 *begin_ip(struct card *c, u8 protocol, u32 to, size_t len)
{
	static const u8 ethernet[14] = { 0x52, 0x55, 10,   0,	 2,    2, 0x52,
					 0x54, 0,    0x12, 0x34, 0x56, 8, 0 };
	u8 *ip = c->frame + IP;

	memset(c->frame, 0, sizeof(c->frame));
	memcpy(c->frame, ethernet, sizeof(ethernet));
	ip[0] = 0x45;
	put16(ip + 2, (u32)(20 + len));
	ip[8] = 64;
	ip[9] = protocol;
	put32(ip + 12, 0x0a00020f);
	put32(ip + 16, to);
	c->len = L4 + len;
	return c->frame + L4;
}

static void take_bytes(struct input *in, u8 *at, size_t len)
{
	for (size_t i = 0; i < len && in->left; i++)
		at[i] = (u8)take(in, 1);
}

static u32 take_address(struct input *in)
{
	static const u32 usual[] = { 0x0a000202, 0x0a000203, 0x0a000204, 0xffffffff,
				     0x0a0002ff, 0x7f000001, 0,		 0xe0000001 };
	u64 how = take(in, 1);

	return how == 0xff ? (u32)take(in, 4) : usual[how % ARRAY_SIZE(usual)];
}

static void make_raw(struct card *c, struct input *in)
{
	static const u16 types[] = { 0x0800, 0x0806, 0x86dd, 0x8100, 0x88f8 };

	c->len = NET_FRAME_MIN + take(in, 2) % (NET_FRAME_MAX - NET_FRAME_MIN + 1);
	memset(c->frame, 0, sizeof(c->frame));
	put16(c->frame + 12, types[take(in, 1) % ARRAY_SIZE(types)]);
	take_bytes(in, c->frame + IP, min_u64(c->len - IP, take(in, 1)));
}

static void make_arp(struct card *c, struct input *in)
{
	static const u8 arp[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	begin_ip(c, 0, 0, 8);
	put16(c->frame + 12, 0x0806);
	memcpy(c->frame + IP, arp, sizeof(arp));
	take_bytes(in, c->frame + IP + 7, 21);
}

static void make_tcp(struct card *c, struct input *in, bool first)
{
	u64 how = take(in, 1);
	unsigned k = how % 4;
	size_t data = first ? 0 : take(in, 1) * (how & 0x80 ? 5 : 1);
	u8 *tcp = begin_ip(c, IPPROTO_TCP, how & 0x40 ? take_address(in) : 0x0a000202, 20 + data);

	if (first)
		c->seq[k] = 1;
	put16(tcp, 1000 + k);
	put16(tcp + 2, how & 0x20 ? (u32)take(in, 2) : host.tcp_port);
	put32(tcp + 4, c->seq[k] + (how & 0x10 ? (u32)take(in, 1) - 128 : 0));
	put32(tcp + 8, first ? 0 : c->ack[k]);
	tcp[12] = 5 << 4;
	tcp[13] = first ? 2 : (u8)(0x10 | take(in, 1));
	put16(tcp + 14, 0xffff);
	put16(tcp + 18, how & 8 ? (u32)take(in, 2) : 0);
	c->seq[k] += (u32)data + first;
}

static void make_udp(struct card *c, struct input *in)
{
	static const u16 ports[] = { 67, 69, 53, 9, 7, 68 };
	u64 how = take(in, 1);
	size_t data = how & 0x80 ? take(in, 2) % 1473 : how & 0x40 ? 300 : 20;
	u8 *udp = begin_ip(c, IPPROTO_UDP, take_address(in), 8 + data);

	put16(udp, 68);
	put16(udp + 2, ports[how % ARRAY_SIZE(ports)]);
	put16(udp + 4, (u32)(8 + data));
	if (udp[3] == 67) { /* a request by DHCP */
		static const u8 cookie[] = { 99, 130, 83, 99, 53, 1 };

		udp[8] = udp[9] = 1;
		memcpy(udp + 8 + 236, cookie, sizeof(cookie));
		take_bytes(in, udp + 8 + 242, min_u64(20, data > 242 ? data - 242 : 0));
	} else {
		take_bytes(in, udp + 8, min_u64(data, take(in, 1)));
	}
}

static void make_icmp(struct card *c, struct input *in)
{
	u8 *icmp = begin_ip(c, IPPROTO_ICMP, take_address(in), 8 + take(in, 1));

	icmp[0] = take(in, 1) % 2 ? 8 : (u8)take(in, 1);
	take_bytes(in, icmp + 4, 4);
}

/* A good frame, with some of its words changed. */
static void make_frame(struct card *c, struct input *in, u64 how)
{
	switch (how % 8) {
	case 0:
		make_raw(c, in);
		break;
	case 1:
		make_arp(c, in);
		break;
	case 2:
		make_tcp(c, in, true);
		break;
	case 3:
	case 4:
		make_tcp(c, in, false);
		break;
	case 5:
	case 6:
		make_udp(c, in);
		break;
	default:
		make_icmp(c, in);
	}
	for (u64 n = how >> 6; n; n--)
		put16(c->frame + IP + take(in, 1) % 40, (u32)take(in, 2));
	if (how & 0x10)
		c->len = NET_FRAME_MIN + take(in, 2) % (NET_FRAME_MAX - NET_FRAME_MIN + 1);
	if (!(how & 0x20))
		put_sums(c);
}

/* --- between the two --- */

/* Empty buffers for the card, and what it has put into those that have come back. */
static void receive(struct card *c)
{
	u8 *area = c->f.ram[0] + QUEUE_GPA(NET_RX), *used = area + 0x200;
	u8 frame[ROOM];
	u16 index;

	for (memcpy(&index, used + 2, 2); c->seen != index; c->seen++) {
		u32 element[2], k;
		u16 head;

		memcpy(element, used + 4 + 8 * (c->seen % QUEUE_SIZE), 8);
		must(element[0] < QUEUE_SIZE && element[1] <= ROOM);
		must(!mem_read(&c->f.mem, DATA_GPA + (u64)element[0] * ROOM, frame, ROOM));
		k = get16(frame + 12 + L4 + 2) - 1000;
		if (element[1] >= 12 + L4 + 20 && frame[12 + IP + 9] == IPPROTO_TCP && k < 4)
			c->ack[k] = get32(frame + 12 + L4 + 4) + 1;
		head = (u16)element[0];
		memcpy(area + 0x104 + 2 * (c->f.avail[NET_RX] % QUEUE_SIZE), &head, 2);
		c->f.avail[NET_RX]++;
		memcpy(area + 0x102, &c->f.avail[NET_RX], 2);
	}
}

static void turn(struct card *c)
{
	struct pollset p = { .timeout_ms = 0 };

	c->s.source.fds(&c->s.source, &p);
	if (poll(p.fd, p.n, 0) >= 0)
		c->s.source.ready(&c->s.source, &p);
	receive(c);
	if (host.own_network)
		c->arrived += read_all();
	must(c->arrived <= c->sent); /* what the guest has not sent is the VMM's */
}

static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

/* Or each answer would wait for it. */
static void tell_address(struct card *c)
{
	static const u8 arp[8] = { 0, 1, 8, 0, 6, 4, 0, 2 };

	begin_ip(c, 0, 0, 8);
	put16(c->frame + 12, 0x0806);
	memcpy(c->frame + IP, arp, sizeof(arp));
	memcpy(c->frame + IP + 8, mac, sizeof(mac));
	put32(c->frame + IP + 14, 0x0a00020f);
	slirp_input(c->s.slirp, c->frame, (int)c->len);
}

static void begin(struct card *c, u64 how)
{

	fuzz_begin(&c->f);
	net_init(&c->net, &c->f.mem, mac);
	fuzz_start(&c->f, &c->net.virtio, 0);
	for (u16 i = 0; i < QUEUE_SIZE; i++) {
		struct {
			u64 gpa;
			u32 len;
			u16 flags, next;
		} desc = { DATA_GPA + i * ROOM, ROOM, VQ_DESC_WRITE, 0 };
		u8 *area = c->f.ram[0] + QUEUE_GPA(NET_RX);

		memcpy(area + 16 * i, &desc, 16);
		memcpy(area + 0x104 + 2 * i, &i, 2);
		memcpy(area + 0x102, &(u16){ QUEUE_SIZE }, 2);
	}
	c->f.avail[NET_RX] = QUEUE_SIZE;
	must(!net_slirp_init(&c->s, &c->net, NULL, !host.own_network || (how & 1)));
	tell_address(c);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct card c;
	struct input in = { data, size };
	u64 frames = 0, counted = 0;

	c = (struct card){ .seen = 0 };
	begin(&c, take(&in, 1));
	for (unsigned i = 0; in.left && i < STEPS_MAX; i++) {
		make_frame(&c, &in, take(&in, 1));
		if (host.unfiltered)
			slirp_input(c.s.slirp, c.frame, (int)c.len);
		else
			c.s.backend.send(&c.s.backend, c.frame, c.len);
		frames++;
		c.sent += c.len;
		turn(&c);
	}
	for (unsigned kind = 0; kind < FRAME_KINDS; kind++)
		counted += c.s.filtered[kind];
	must(host.unfiltered || counted == frames);
	net_slirp_destroy(&c.s);
	if (host.own_network)
		hang_up();
	fuzz_end(&c.f);
	return 0;
}
