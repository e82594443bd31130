// SPDX-License-Identifier: MIT
/* Task 5.9, from outside: many packets, and those who send or receive them meaning no good. */
#include <stdlib.h>

#include "echo.h"
#include "env.h"

/* What one run may have more than a run of a tenth: the sanitizers keep for a while what was freed.
 */
#ifdef SANITIZED
#define SPARE_KIB 65536
#else
#define SPARE_KIB 1024
#endif
#define MOST_KIB (65536 + SPARE_KIB) /* and no run at all has more than this */

static bool is_undone(const struct outcome *o)
{
	return strstr(o->err, "is not done yet");
}

/* --- 100,000 packets --- */

/* VMMLAB_PACKETS says how many; else some thousand. */
static u32 how_many(void)
{
	const char *text = getenv("VMMLAB_PACKETS");

	return text ? (u32)strtoul(text, NULL, 0) & 0xffffff : 4000;
}

static void many_packets(u32 count, const char *irqchip, const char *notify)
{
	struct vmm_run run = { .guest = "05/net-many",
			       .args = { "--device=net,user", irqchip, notify } };
	struct outcome o;
	struct echo e;

	echo_begin(&e, LOOPBACK);
	run.nonce = echo_nonce(e.port, count);
	echo_start(&e, run.nonce);
	o = run_vmm(&run);
	echo_end(&e);
	CONTEXT("%s %s: %u packets of 16 to 1472 bytes go to the host and back, sixteen at a time",
		irqchip, notify, count);
	EXPECT_STR(o.out, contents_text(run.nonce, count));
	EXPECT_U64(o.status, 0);
	CONTEXT("%s %s: each of the %u arrives on the host as it was sent, in its order", irqchip,
		notify, count);
	EXPECT_U64(e.wrong, 0);
	EXPECT_U64(e.whole, count);
}

TEST("5.9", thousands_of_packets, 1, .seconds = 0.8)
{
	const char *why = network_loopback();

	if (why)
		SKIP("%s", why);
	many_packets(how_many(), "--irqchip=user", "--notify=exit");
}

TEST("-", thousands_of_packets_by_eventfd, 0, .seconds = 1.2)
{
	const char *why = network_loopback();
	struct outcome o;

	if (why)
		SKIP("%s", why);
	o = run_guest("05/net-pings", "--device=net,user", "--notify=eventfd");
	if (is_undone(&o))
		SKIP("tasks 5.8 and 5.9 come first");
	EXPECT_STR(o.out, contents_text(o.nonce, (o.nonce & 0xfff) | 0x100));
	many_packets(how_many(), "--irqchip=kernel", "--notify=eventfd");
}

TEST("5.9", pings_of_all_lengths, 0, .seconds = 0.4)
{
	struct outcome o = run_guest("05/net-pings", "--device=net,user");

	CONTEXT("the router sends them back within the notification: one queue is used amid the "
		"other");
	EXPECT_STR(o.out, contents_text(o.nonce, (o.nonce & 0xfff) | 0x100));
	EXPECT_U64(o.status, 0);
}

/* --- a guest that sends as fast as it can --- */

static struct outcome flood(unsigned kind, u32 count)
{
	u16 port;
	int nobody_reads = echo_socket(LOOPBACK, &port);
	u64 nonce = (echo_nonce(port, count) & ~(0xffULL << 40)) | (u64)kind << 40;
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "05/net-flood",
						      .nonce = nonce,
						      .args = { "--device=net,user", "--stats" } });

	close(nobody_reads);
	return o;
}

/* The guest lives, its console speaks, and its card works in the end. */
static void expect_alive(const struct outcome *o, u32 count)
{
	size_t stops = (count - 1) / 256;
	char text[1024];

	memset(text, '.', sizeof(text));
	snprintf(text + stops, sizeof(text) - stops, "\nthe router is 52550a000202\n");
	EXPECT_STR(o->out, text);
	EXPECT_U64(o->status, 0);
}

/* By --stats. */
static unsigned long long sent(const struct outcome *o)
{
	const char *at = strstr(o->err, "frames sent ");

	return at ? strtoull(at + strlen("frames sent "), NULL, 10) : 0;
}

static void expect_bounded(unsigned kind, const char *what)
{
	const u32 count = 2000;
	struct outcome a = flood(kind, count), b = flood(kind, 10 * count);

	CONTEXT("%s: %u frames, and then ten times as many", what, count);
	expect_alive(&a, count);
	expect_alive(&b, 10 * count);
	/* Who waits for an answer from another process may ask the router twice. */
	EXPECT_TRUE(sent(&b) >= 10 * count + 2, "frames sent %llu", sent(&b));
	CONTEXT("%s: %u frames take %ld KiB of memory at most, ten times as many %ld", what, count,
		a.rss_kib, b.rss_kib);
	EXPECT_TRUE(b.rss_kib < a.rss_kib + SPARE_KIB, "%ld KiB", b.rss_kib);
}

TEST("5.9", row_42_a_flood_grows_nothing, 0, .seconds = 0.9)
{
	const char *why = network_loopback();

	if (why)
		SKIP("%s", why);
	expect_bounded(0, "all from one port");
	expect_bounded(4, "of no protocol");
}

/* What libslirp would keep for ever: it has to start over, and the card works on. */
TEST("-", what_libslirp_keeps_is_bounded, 0, .seconds = 3.0)
{
	static const char *const what[] = { NULL, "each from another port", "pieces of packets",
					    "answers for neighbours who are not there" };
	const char *why = network_loopback();

	if (why)
		SKIP("%s", why);
	for (unsigned kind = 1; kind < ARRAY_SIZE(what); kind++) {
		const u32 count = kind == 3 ? 5000 : 20000;
		struct outcome o = flood(kind, count);

		if (is_undone(&o))
			SKIP("task 5.9 comes first");
		CONTEXT("%s: %u frames, and %ld KiB of memory at most", what[kind], count,
			o.rss_kib);
		expect_alive(&o, count);
		EXPECT_TRUE(o.rss_kib < MOST_KIB, "%ld KiB", o.rss_kib);
		if (kind == 1) /* too many sockets */
			EXPECT_CONTAINS(o.err, "libslirp has started over ");
	}
}

/* --- a host that does --- */

struct sender {
	int fd;
	pthread_t thread;
	bool over;
	u64 sent;
};

/* Whoever calls is answered for ever. */
static void *send_on(void *arg)
{
	static const u8 packet[1000];
	struct sender *s = arg;
	struct sockaddr_in guest;
	socklen_t size = sizeof(guest);
	u8 call;

	while (recvfrom(s->fd, &call, 1, 0, (struct sockaddr *)&guest, &size) < 0)
		if (__atomic_load_n(&s->over, __ATOMIC_RELAXED))
			return NULL;
	while (!__atomic_load_n(&s->over, __ATOMIC_RELAXED)) {
		if (sendto(s->fd, packet, sizeof(packet), 0, (struct sockaddr *)&guest, size) > 0)
			s->sent++;
		if (s->sent % 16 == 0)
			sched_yield(); /* or none of the others gets its turn on one CPU */
	}
	return NULL;
}

static struct outcome deaf(u32 stops, const char *notify)
{
	struct sender s = { .fd = -1 };
	struct outcome o;
	u16 port;

	s.fd = echo_socket(LOOPBACK, &port);
	if (pthread_create(&s.thread, NULL, send_on, &s))
		test_error("no thread");
	o = run_vmm(&(struct vmm_run){ .guest = "05/net-deaf",
				       .nonce = echo_nonce(port, stops),
				       .args = { "--device=net,user", "--stats", notify } });
	__atomic_store_n(&s.over, true, __ATOMIC_RELAXED);
	pthread_join(s.thread, NULL);
	close(s.fd);
	return o;
}

static void expect_heard(const struct outcome *o, u32 stops)
{
	const char *said = strstr(o->out, "it sends\n"), *last = "dropped: sent 0, received ";

	EXPECT_STR(said ? said + 9 + strspn(said + 9, ".") : o->out, "\nit still sends\n");
	EXPECT_U64(strspn(said + 9, "."), stops + 1);
	EXPECT_U64(o->status, 0);
	EXPECT_CONTAINS(o->err, last);
	EXPECT_TRUE(strtoul(strstr(o->err, last) + strlen(last), NULL, 10) > 0, "%s",
		    "no frame was counted as dropped");
}

TEST("5.9", row_43_nobody_listens, 0, .seconds = 1.0)
{
	const char *why = network_loopback();
	const u32 stops = env_time_scale() > 1 ? 200 : 2000; /* each is an exit */
	struct outcome a, b;

	if (why)
		SKIP("%s", why);
	a = deaf(stops, NULL);
	b = deaf(10 * stops, NULL);

	CONTEXT("the host sends without end, the guest has no buffer, and speaks on its console; "
		"then it has one");
	expect_heard(&a, stops);
	expect_heard(&b, 10 * stops);
	CONTEXT("that takes %ld KiB of memory at most; ten times as long, %ld", a.rss_kib,
		b.rss_kib);
	EXPECT_TRUE(b.rss_kib < a.rss_kib + SPARE_KIB, "%ld KiB", b.rss_kib);
}
