// SPDX-License-Identifier: MIT
/* Task 5.6, from outside: a disk, what is on it afterwards, and what cannot be. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "disk.h"

static struct outcome run_blk(const struct disk *d, const char *guest, const char *irqchip,
			      const char *notify)
{
	return run_vmm(&(struct vmm_run){ .guest = guest,
					  .args = { d->option, "--timeout=10", irqchip, notify } });
}

static void read_and_write(const char *irqchip, const char *notify)
{
	struct disk *d = disk_random();
	struct outcome o = run_blk(d, "05/blk-readwrite", irqchip, notify);
	char text[300];

	snprintf(text, sizeof(text),
		 "sectors 00000040\nsector 5 %08x\nwrite 7 00\nread 6 to 8 00\n%08x\n%08x%08x\n"
		 "%08x\nflush 00\nused length 00000001\n",
		 disk_word(d, 5), disk_word(d, 6), (u32)(o.nonce >> 32), (u32)o.nonce,
		 disk_word(d, 8));
	CONTEXT("%s %s: 64 sectors of random bytes; sector 5 is read, 7 is written, then 6 to 8 "
		"are read by one request",
		irqchip, notify);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	for (size_t i = 0; i < SECTOR; i += 8)
		memcpy(d->bytes + 7 * SECTOR + i, &o.nonce, 8);
	CONTEXT("%s %s: afterwards, the image: sector 7 is full of the number %016llx, all else "
		"is as it was",
		irqchip, notify, (unsigned long long)o.nonce);
	expect_disk(d);
}

TEST("5.6", read_write_and_the_image_afterwards, 3)
{
	read_and_write("--irqchip=user", "--notify=exit");
	read_and_write("--irqchip=kernel", "--notify=exit");
}

TEST("5.6", errors_and_read_only, 3)
{
	struct disk *d = disk_numbered();
	struct outcome o = run_blk(d, "05/blk-errors", NULL, NULL);
	const char *name = strstr(o.out, "name 00\n");

	CONTEXT("beyond the end, across it, parts of a sector, an unknown type, the name");
	EXPECT_CONTAINS(o.out, "last sector 00\nbehind the end 01\nacross the end 01\n"
			       "write behind the end 01\nnot a whole sector 01\n"
			       "what is 77? 02\nname 00\n");
	EXPECT_STR(name ? name : o.out, "name 00\nread-only 0\nwrite 00\nsector 5 05050505\n");
	expect_disk(d);

	d = disk_random();
	strcat(d->option, ",readonly");
	if (chmod(d->path, 0444))
		test_error("%s: %s", d->path, strerror(errno));
	o = run_blk(d, "05/blk-errors", NULL, NULL);
	name = strstr(o.out, "read-only");
	CONTEXT("row 38: file=...,readonly: the feature says so, a write is an error, reading goes "
		"on");
	EXPECT_CONTAINS(name ? name : o.out, "read-only 1\nwrite 01\nsector 5 ");
	EXPECT_U64(o.status, 0);
	CONTEXT("file=...,readonly: nothing is written");
	expect_disk(d);
	unlink(d->path);
}

TEST("5.6", rows_14_to_41_requests_that_are_none, 3)
{
	struct disk *d = disk_random();
	struct outcome o = run_blk(d, "05/hostile-blk", NULL, NULL);
	char text[700];

	snprintf(text, sizeof(text),
		 "row 14: in seven pieces 00 %08x\nrow 36: sector times 512 wraps 01\n"
		 "row 36: sector plus length wraps 01\nrow 37: 513 bytes 01\nrow 39: discard 02\n"
		 "row 39: type of all ones 02\nrow 40: header of 15 bytes 01\n"
		 "row 40: header not readable 01\nrow 40: no status, length 00000000\n"
		 "row 40: header alone, length 00000000\nrow 41: room for 3 bytes of name 00\n"
		 "afterwards 00 %08x\nnothing written %08x\n",
		 disk_word(d, 5), disk_word(d, 5), disk_word(d, 3));
	CONTEXT("requests that no driver would make come back, and the disk works on");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	CONTEXT("the image is as it was, and no longer");
	expect_disk(d);
}

/* --- the disk loses nothing --- */

/* .prepare: a child kills the VMM, as nobody can keep it from, so many nanoseconds from now. */
static void kill_it_then(void *arg)
{
	const struct timespec *when = arg;
	pid_t vmm = getpid();

	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		close(STDOUT_FILENO); /* the harness waits for who still has it */
		close(STDERR_FILENO);
		nanosleep(when, NULL);
		kill(vmm, SIGKILL);
		_exit(0);
	}
}

/* All that the guest has said is flushed is there: number n fills sector n mod 64. */
static void expect_flushed(const struct disk *d, u32 first, u32 last)
{
	static u8 now[DISK_BYTES];

	EXPECT_U64(disk_read(d, now), DISK_BYTES);
	/* The one after the last may be in the place of the one 64 before it already. */
	if (last - first > DISK_SECTORS - 2)
		first = last - (DISK_SECTORS - 2);
	for (u32 n = first; n != last + 1; n++)
		for (size_t i = 0; i < SECTOR; i += 4) {
			u32 word;

			memcpy(&word, now + n % DISK_SECTORS * SECTOR + i, 4);
			if (word != n)
				EXPECT_U64(word, n);
		}
}

/* Returns how many flushes were answered. */
static u32 kill_after(u64 ns)
{
	struct timespec when = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	struct disk *d = disk_random();
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "05/blk-flush",
						      .args = { d->option, "--timeout=20" },
						      .prepare = kill_it_then,
						      .arg = &when });
	char *line = o.out + o.out_len;
	u32 n = 0;

	CONTEXT("killed after %llu us; %zu lines say that a sector was flushed",
		(unsigned long long)ns / 1000, o.out_len / 9);
	EXPECT_U64(o.status, 128 + SIGKILL);
	if (o.out_len >= 9) { /* "01234567\n", the last of them that is whole */
		line -= o.out_len % 9 + 9;
		n = (u32)strtoul(line, NULL, 16) - (u32)o.nonce + 1;
		EXPECT_U64(n, o.out_len / 9);
		expect_flushed(d, (u32)o.nonce, (u32)o.nonce + n - 1);
	}
	return n;
}

/* VMMLAB_KILLS says how often; else a few times. */
TEST("5.6", what_was_flushed_outlives_a_kill, 1, .seconds = 1.0)
{
	const char *times = getenv("VMMLAB_KILLS");
	u32 flushed = 0;

	for (long i = times ? strtol(times, NULL, 0) : 5; i > 0; i--)
		flushed += kill_after(20000000 + nonce_random() % 80000000);
	/* Where all is slow, once more, with all the time it needs. */
	for (u64 ns = 200000000; !flushed && ns < 4000000000; ns *= 4)
		flushed += kill_after(ns);
	CONTEXT("in all these runs no flush was answered");
	EXPECT_TRUE(flushed > 0, "%u", flushed);
}

/* --- a host that cannot --- */

/*
 * .prepare: when the guest has left its mark in sector 1, a child cuts the file off, and then puts
 * something into sector 0.
 */
static void cut_off(void *arg)
{
	const char *path = arg;
	const struct timespec ms = { .tv_nsec = 1000000 };
	u8 byte = 0x7f, mark = 0, sector[SECTOR];
	int fd;

	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		fd = open(path, O_RDWR | O_CLOEXEC);
		for (unsigned i = 0; i < 5000 && mark != 0x77; i++) {
			if (pread(fd, &mark, 1, SECTOR) != 1)
				_exit(1);
			nanosleep(&ms, NULL);
		}
		memset(sector, byte, sizeof(sector));
		if (ftruncate(fd, 8L * SECTOR) || pwrite(fd, sector, SECTOR, 0) != SECTOR)
			_exit(1);
		_exit(0);
	}
}

/* .prepare: a write to any file from this offset on fails (EFBIG). */
static void files_stay_small(void *arg)
{
	rlim_t bytes = *(const rlim_t *)arg;

	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ bytes, bytes });
}

TEST("5.6", a_host_that_cannot, 2)
{
	struct disk *d = disk_numbered();
	rlim_t limit = 5 * SECTOR;
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "05/blk-shrinks",
						      .args = { d->option, "--timeout=10" },
						      .prepare = cut_off,
						      .arg = d->path });

	CONTEXT("the file becomes shorter while the guest runs: what is gone is an I/O error");
	EXPECT_STR(o.out, "at the end 01\nat the beginning 00\nand 7f7f7f7f\n");
	EXPECT_U64(o.status, 0);

	d = disk_numbered();
	o = run_vmm(&(struct vmm_run){ .guest = "05/blk-errors",
				       .args = { d->option, "--timeout=10" },
				       .prepare = files_stay_small,
				       .arg = &limit });
	CONTEXT("the host does not take the write to sector 5: an I/O error, and the VM lives");
	EXPECT_CONTAINS(o.out, "read-only 0\nwrite 01\nsector 5 05050505\n");
	EXPECT_U64(o.status, 0);
	expect_disk(d);
}

/*
 * .prepare: in a mount namespace of our own, arg is a file system of 4096 bytes, and one file has
 * them all. The disk in it is nothing but a hole.
 */
static void fill_the_disk(void *arg)
{
	static u8 page[4096];
	int fd;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", arg, "tmpfs", 0, "size=4k") || chdir(arg))
		_exit(99);
	fd = open("disk", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, DISK_BYTES))
		_exit(99);
	close(fd);
	fd = open("filler", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, page, sizeof(page)) != (ssize_t)sizeof(page))
		_exit(99);
	close(fd);
}

TEST("-", a_full_file_system, 0)
{
	const char *dir = test_tmpfile("full");
	char option[300];
	struct outcome o;

	if (mkdir(dir, 0700))
		test_error("%s: %s", dir, strerror(errno));
	snprintf(option, sizeof(option), "--device=blk,file=%s/disk", dir);
	o = run_vmm(&(struct vmm_run){ .guest = "05/blk-errors",
				       .args = { option, "--timeout=10" },
				       .prepare = fill_the_disk,
				       .arg = (void *)dir });
	if (o.status == 99)
		SKIP("no small file system can be mounted here: are you root, outside of a "
		     "chroot?");
	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.6 comes first");
	CONTEXT("ENOSPC: the write is an I/O error, and the VM lives");
	EXPECT_CONTAINS(o.out, "read-only 0\nwrite 01\nsector 5 00000000\n");
	EXPECT_U64(o.status, 0);
}

TEST("-", disk_with_notify_by_eventfd, 0)
{
	struct disk *d = disk_random();
	struct outcome o = run_blk(d, "05/hostile-blk", NULL, "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.6 and 5.8 come first");
	EXPECT_CONTAINS(o.out, "row 41: room for 3 bytes of name 00\nafterwards 00 ");
	expect_disk(d);
	read_and_write("--irqchip=user", "--notify=eventfd");
	read_and_write("--irqchip=kernel", "--notify=eventfd");
}

/* What the device writes can be the queue itself. Whoever serves it must stop all the same. */
TEST("-", a_queue_without_end, 0, .seconds = 0.5)
{
	static const char *const notify[] = { "--notify=exit", "--notify=eventfd" };
	const char *path = test_tmpfile("in-disk");
	char option[300];

	snprintf(option, sizeof(option), "--device=blk,file=%s", path);
	for (unsigned i = 0; i < ARRAY_SIZE(notify); i++) {
		FILE *f = fopen(path, "w");
		struct outcome o;

		if (!f || ftruncate(fileno(f), 256L * SECTOR) || fclose(f))
			test_error("%s cannot be written", path);
		o = run_vmm(&(struct vmm_run){ .guest = "05/endless",
					       .args = { option, notify[i], "--timeout=10" } });
		if (strstr(o.err, "is not done yet"))
			SKIP("tasks 5.6 and 5.8 come first");
		CONTEXT("%s: each 256 requests bring 256 more", notify[i]);
		EXPECT_STR(o.out, "sectors 00000100\nit goes on\nafter a reset 00\n"
				  "sector 0 02000000\n");
		EXPECT_U64(o.status, 0);
	}
}

/* A disk that is nothing but a hole; the guest asks for all of it 256 times, by one notification.
 */
static struct outcome run_heavy(long bytes, const char *notify, const char *timeout)
{
	const char *path = test_tmpfile("large");
	FILE *f = fopen(path, "w");
	char option[300];

	snprintf(option, sizeof(option), "--device=blk,file=%s", path);
	if (!f || ftruncate(fileno(f), bytes) || fclose(f))
		test_error("%s cannot be written", path);
	return run_vmm(
		&(struct vmm_run){ .guest = "05/blk-heavy", .args = { option, notify, timeout } });
}

/* Nobody would wait for so much; the end of the run does not either. */
TEST("-", a_queue_of_16_gib, 0, .seconds = 0.5)
{
	static const char *const notify[] = { "--notify=exit", "--notify=eventfd" };

	for (unsigned i = 0; i < ARRAY_SIZE(notify); i++) {
		/* This one first: without a disk the guest would wait for ever. */
		struct outcome o = run_heavy(MiB(64), notify[i], "--timeout=0.2");

		if (strstr(o.err, "is not done yet"))
			SKIP("tasks 5.6 and 5.8 come first");
		CONTEXT("%s: 16 GiB by one notification, and a time limit", notify[i]);
		EXPECT_U64(o.status, 124);
		o = run_heavy(MiB(1), notify[i], "--timeout=20");
		CONTEXT("%s: 256 MiB by one notification, and the guest does not notify again",
			notify[i]);
		EXPECT_STR(o.out, "it goes on\nrequests 00000100\nstatus 00\n");
		EXPECT_U64(o.status, 0);
	}
}

/* 256 requests for all of a MiB are long: with the pool's threads and without them it is the same.
 */
TEST("-", a_disk_without_threads, 0, .seconds = 0.3)
{
	const char *path = test_tmpfile("large");
	FILE *f = fopen(path, "w");
	char option[300];
	struct outcome o;

	snprintf(option, sizeof(option), "--device=blk,file=%s,threads=0", path);
	if (!f || ftruncate(fileno(f), MiB(1)) || fclose(f))
		test_error("%s cannot be written", path);
	o = run_vmm(
		&(struct vmm_run){ .guest = "05/blk-heavy", .args = { option, "--timeout=20" } });
	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.6 comes first");
	CONTEXT("threads=0: 256 MiB by one notification");
	EXPECT_STR(o.out, "it goes on\nrequests 00000100\nstatus 00\n");
	EXPECT_U64(o.status, 0);
}

/* Two disks that do not know of each other, on one file: what the guest has written is lost. */
TEST("-", one_file_for_two_disks, 0)
{
	struct disk *d = disk_numbered();
	struct vmm_run run = { .guest = "05/windows", .args = { d->option, d->option } };
	struct outcome o = run_vmm(&run);
	char option[300];

	CONTEXT("--device=blk,file=X twice");
	EXPECT_U64(o.status, 1);
	EXPECT_STR(o.out, "");
	EXPECT_CONTAINS(o.err, "in use as another disk: ");
	snprintf(option, sizeof(option), "%.250s,readonly", d->option);
	run.args[1] = option;
	o = run_vmm(&run);
	CONTEXT("one of them readonly: it would see the other's writes");
	EXPECT_U64(o.status, 1);
	run.args[0] = option;
	o = run_vmm(&run);
	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.1 comes first");
	CONTEXT("both readonly");
	EXPECT_U64(o.status, 0);
}
