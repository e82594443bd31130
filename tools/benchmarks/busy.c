// SPDX-License-Identifier: MIT
#include "busy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proc.h"
#include "show.h"
#include "twice.h"

#define MEASURED 0x10
#define DEPTH	 32 /* requests under way, each with a piece of disk and of memory of its own */
#define MIB	 (1u << 20)
#define PIECE	 4096u
#define LONGEST	 (1u << 30)

static struct disk {
	char path[64];
	int fd;
	u8 *memory; /* the host's buffers: as much as the guest has */
} disk = { .fd = -1 };

u32 busy_bytes(const struct busy *b)
{
	if (b->net)
		return b->options & BUSY_LARGE ? 1442 : 64;
	return b->options & BUSY_LARGE ? MIB : PIECE;
}

/* Each piece begins with its place, from 1 on, in 4 KiB; so does what the guest writes. */
static u32 first_word(const struct busy *b, unsigned request)
{
	return request * (busy_bytes(b) / PIECE) + 1;
}

static int trouble(const char *what, int err)
{
	fprintf(stderr, "bench: %s: %s: %s\n", disk.path, what, strerror(-err));
	return err;
}

int busy_begin(void)
{
	/* On a tmpfs the pages are all there is: no journal, and nobody writes them back meanwhile.
	 */
	static const char *const places[] = { "/dev/shm", "/tmp" };

	for (unsigned i = 0; i < ARRAY_SIZE(places) && disk.fd < 0; i++) {
		show_format(disk.path, sizeof(disk.path), "%s/vmmlab-bench-%d.img", places[i],
			    (int)getpid());
		disk.fd = open(disk.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	if (disk.fd < 0)
		return trouble("it cannot be made", -errno);
	disk.memory =
		mmap(NULL, DEPTH * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (disk.memory == MAP_FAILED)
		return trouble("no memory", -errno);
	memset(disk.memory, 1, DEPTH * MIB); /* its pages are there, too */
	if (pwrite(disk.fd, disk.memory, DEPTH * MIB, 0) != DEPTH * MIB)
		return trouble("it cannot be written", -EIO);
	return 0;
}

void busy_end(void)
{
	if (disk.memory && disk.memory != MAP_FAILED)
		munmap(disk.memory, DEPTH * MIB);
	if (disk.fd >= 0 && close(disk.fd) == 0)
		unlink(disk.path);
}

static int measure_host(const struct busy *b, u32 n, struct cost *cost)
{
	const u32 bytes = busy_bytes(b);
	double begin = proc_now();

	for (u32 i = 0; i < n; i++) {
		u32 at = i % DEPTH * bytes;
		ssize_t done = b->options & BUSY_WRITES
				       ? pwrite(disk.fd, disk.memory + at, bytes, at)
				       : pread(disk.fd, disk.memory + at, bytes, at);

		if (done != (ssize_t)bytes)
			return trouble("it cannot be read or written", -EIO);
	}
	*cost = (struct cost){ (proc_now() - begin) / n, 0, 0, 0 };
	return 0;
}

/* Before a run: what it has to read is there, or what it has to write is not. */
static int lay_out(const struct busy *b)
{
	for (unsigned i = 0; i < DEPTH; i++) {
		u32 word = b->options & BUSY_WRITES ? 0 : first_word(b, i);

		if (pwrite(disk.fd, &word, 4, (off_t)i * busy_bytes(b)) != 4)
			return trouble("it cannot be written", -EIO);
	}
	return 0;
}

/* What the disk should be like, is it? */
static bool whole(const struct busy *b)
{
	u32 word;

	for (unsigned i = 0; i < DEPTH; i++)
		if (pread(disk.fd, &word, 4, (off_t)i * busy_bytes(b)) != 4 ||
		    word != first_word(b, i))
			return false;
	return true;
}

/* The number behind a name in what the guest has printed; or -1. */
static double number(const struct run *run, const char *name)
{
	const char *at = strstr(run->out, name);

	return at ? (double)strtoul(at + strlen(name), NULL, 16) : -1;
}

static bool all_done(const struct busy *b, const struct run *run, u32 n)
{
	u32 sum = 0;

	if (b->net)
		return number(run, "packets ") == n &&
		       number(run, "bytes ") == (u32)(n * busy_bytes(b));
	for (unsigned i = 0; i < DEPTH; i++)
		sum += first_word(b, i);
	return number(run, "requests ") == n && number(run, "status ") == 0 &&
	       number(run, "data ") == sum && whole(b);
}

/* The strings live as long as the process. */
static struct way way_of(const struct busy *b)
{
	const struct guest_header header = {
		.ndevices = 1,
		.device = { b->net ? GUEST_NET : GUEST_BLK },
	};
	static struct device_options vmm[2], qemu[2]; /* a disk, a network card */
	static char alone[sizeof(vmm[0].text[0]) + sizeof(",threads=0")];

	vmm_devices(&header, disk.path, &vmm[b->net]);
	qemu_devices(&header, disk.path, &qemu[b->net]);
	snprintf(alone, sizeof(alone), "%s,threads=0", vmm[b->net].text[0]);
	return (struct way){
		.program = "05-virtio",
		.guest = b->net ? "05/bench-net" : "05/bench-blk",
		.options = { b->alone ? alone : vmm[b->net].text[0], b->notify, b->irqchip },
		.most = LONGEST,
		.upper = MEASURED | b->options,
		.qemu = b->who == BUSY_QEMU ? &qemu[b->net] : NULL,
	};
}

/* As find_length(), for the host. */
static int host_length(const struct busy *b, double seconds, u32 *n)
{
	struct cost cost = { 0 };
	int err = 0;

	for (*n = 64; !err && *n < LONGEST && cost.seconds * *n < seconds; *n *= 2)
		err = measure_host(b, *n, &cost);
	return err;
}

int busy_length(const struct busy *b, double seconds, u32 *n)
{
	const struct way way = way_of(b);
	int err = b->who == BUSY_HOST ? host_length(b, seconds / 2, n)
				      : find_length(&way, seconds, n);

	if (*n < 4 * DEPTH) /* also in the shorter run each piece has its turn */
		*n = 4 * DEPTH;
	return err;
}

static int run_checked(const struct busy *b, const struct way *way, u32 n, struct run *run)
{
	int err = lay_out(b);

	if (!err)
		err = run_times(way, n, run);
	if (!err && !all_done(b, run, n))
		err = run_trouble(way, "not all has been done, or the data are wrong");
	return err;
}

int busy_measure(const struct busy *b, u32 n, struct cost *cost)
{
	const struct way way = way_of(b);
	const u32 more = n - n / 4;
	struct run small, large;
	int err;

	if (b->who == BUSY_HOST)
		return measure_host(b, n, cost);
	err = run_checked(b, &way, n / 4, &small);
	if (!err)
		err = run_checked(b, &way, n, &large);
	if (err)
		return err;
	*cost = (struct cost){
		.seconds = (large.seconds - small.seconds) / more,
		.exits = b->who == BUSY_QEMU ? -1
					     : ((double)large.exits - (double)small.exits) / more,
		.notified = (number(&large, "notified ") - number(&small, "notified ")) / more,
		.interrupts = (number(&large, "interrupts ") - number(&small, "interrupts ")) /
			      more,
	};
	return 0;
}
