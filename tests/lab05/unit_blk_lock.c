// SPDX-License-Identifier: MIT
/* An image belongs to one, whoever that is: the locks are QEMU's (given). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk_file.h"
#include "qemu.h"
#include "test.h"

static const char *image(void)
{
	const char *path = test_tmpfile("image");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, MiB(1)))
		test_error("%s cannot be made", path);
	close(fd);
	return path;
}

/* Whoever opens it: a descriptor, or -EBUSY, and nothing else. */
static int open_image(const char *path, bool readonly)
{
	struct why why;
	u64 bytes;
	int fd = blk_file_open(path, readonly, &bytes, &why);

	if (fd < 0)
		EXPECT_CONTAINS(why.text, "in use as another disk");
	return fd;
}

TEST("-", an_image_has_one_writer_or_readers, 0)
{
	const char *path = image();

	for (unsigned i = 0; i < 4; i++) {
		bool first = i & 1, second = i & 2;
		int a = open_image(path, first), b = open_image(path, second);

		CONTEXT("%s, then %s", first ? "readonly" : "to write",
			second ? "readonly" : "to write");
		EXPECT_TRUE(a >= 0);
		if (first && second)
			EXPECT_TRUE(b >= 0, "%d", b);
		else
			EXPECT_ERR(b, -EBUSY);
		close(a);
		if (b >= 0)
			close(b);
		CONTEXT("it is free again");
		b = open_image(path, false);
		EXPECT_TRUE(b >= 0, "%d", b);
		close(b);
	}
}

/* Is there a read lock on that byte of the file, as QEMU would find it? */
static bool locked(const char *path, int byte)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = byte, .l_len = 1 };
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0)
		test_error("%s cannot be asked", path);
	close(fd);
	if (lock.l_type != F_UNLCK)
		EXPECT_U64(lock.l_type, F_RDLCK);
	return lock.l_type != F_UNLCK;
}

TEST("-", the_bytes_that_qemu_locks, 0)
{
	static const int writer[] = { 100, 101, 201, 203 }, reader[] = { 100, 201, 203 };
	const char *path = image();

	for (int readonly = 0; readonly < 2; readonly++) {
		int fd = open_image(path, readonly);
		const int *want = readonly ? reader : writer;

		EXPECT_TRUE(fd >= 0);
		for (int byte = 96, i = 0; byte < 208; byte++) {
			bool is = byte == want[i];

			CONTEXT("%s: byte %d", readonly ? "readonly" : "to write", byte);
			EXPECT_U64(locked(path, byte), is);
			i += is && byte < 203;
		}
		close(fd);
	}
}

struct qemu_vm {
	FILE *out;
	int in;
};

/* QEMU with this disk, and a guest that does not begin. Returns whether it could open the disk. */
static bool qemu_opens(struct qemu_vm *q, const char *path, bool readonly)
{
	const char *fifo = test_tmpfile("monitor");
	static char said[4096];
	char command[1200];
	size_t n = 0;
	int c;

	unlink(fifo);
	if (mkfifo(fifo, 0600))
		test_error("%s cannot be made", fifo);
	snprintf(command, sizeof(command),
		 "exec " QEMU_PROGRAM " -M microvm -accel tcg -S -nodefaults -display none "
		 "-monitor stdio -drive id=d,if=none,format=raw,file=%s%s "
		 "-device virtio-blk-device,drive=d <%s 2>&1",
		 path, readonly ? ",readonly=on" : "", fifo);
	q->out = popen(command, "r");
	q->in = open(fifo, O_WRONLY | O_CLOEXEC);
	if (!q->out || q->in < 0)
		test_error("QEMU cannot be started");
	/* Its prompt comes before its devices; an answer comes behind them. */
	if (write(q->in, "info status\n", 12) != 12)
		test_error("QEMU's monitor cannot be asked");
	while (n + 1 < sizeof(said) && (c = getc(q->out)) != EOF) {
		said[n++] = (char)c;
		said[n] = 0;
		if (strstr(said, "VM status"))
			return true;
	}
	EXPECT_CONTAINS(said, "lock");
	return false;
}

static void qemu_quits(struct qemu_vm *q)
{
	ssize_t n = write(q->in, "quit\n", 5);

	(void)n;
	close(q->in);
	while (getc(q->out) != EOF)
		;
	pclose(q->out);
}

TEST("-", neither_we_nor_qemu_open_what_the_other_holds, 0, .seconds = 3)
{
	const char *path = image();

	if (!qemu_present())
		SKIP("QEMU is not installed: " QEMU_INSTALL);
	signal(SIGPIPE, SIG_IGN); /* the monitor of one that was refused has gone */
	for (unsigned i = 0; i < 8; i++) {
		bool ours = i & 1, theirs = i & 2, may = ours && theirs, opened;
		struct qemu_vm q;
		int fd;

		CONTEXT("%s first; we: %s, QEMU: %s", i & 4 ? "QEMU" : "we",
			ours ? "readonly" : "to write", theirs ? "readonly" : "to write");
		if (i & 4) {
			EXPECT_TRUE(qemu_opens(&q, path, theirs), "QEMU has not got it");
			fd = open_image(path, ours);
			EXPECT_TRUE(may ? fd >= 0 : fd == -EBUSY, "%d", fd);
		} else {
			fd = open_image(path, ours);
			opened = qemu_opens(&q, path, theirs);
			EXPECT_U64(opened, may);
		}
		qemu_quits(&q);
		if (fd >= 0)
			close(fd);
		fd = open_image(path, false);
		CONTEXT("both have let go of it");
		EXPECT_TRUE(fd >= 0, "%d", fd);
		close(fd);
	}
}
