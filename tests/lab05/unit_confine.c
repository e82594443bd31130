// SPDX-License-Identifier: MIT
/* What a process may still do after confine_process() and confine_calls(). Each in a child. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"
#include "confine_files.h"
#include "term.h"
#include "test.h"

#define TO_SAY 400

static struct why why;
static const struct options confined = { .image = "" }, open_wide = { .no_sandbox = true };

/* Run fn in a child; returns its status, and what it wrote to stderr. */
static int in_child(int (*fn)(void), char said[TO_SAY])
{
	int pipes[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(pipes) || (pid = fork()) < 0)
		test_error("no child: %s", strerror(errno));
	if (pid == 0) {
		dup2(pipes[1], STDERR_FILENO);
		_exit(fn());
	}
	close(pipes[1]);
	while (n < TO_SAY - 1 && (got = read(pipes[0], said + n, TO_SAY - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = 0;
	close(pipes[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* --- what is allowed --- */

static void *nothing(void *arg)
{
	return arg;
}

static int use_bytes(int fd)
{
	char a[4], b[4];
	struct iovec v[2] = { { a, sizeof(a) }, { b, sizeof(b) } };

	return write(fd, "12345678", 8) != 8 || lseek(fd, 0, SEEK_SET) != 0 ||
	       read(fd, a, 4) != 4 || pread(fd, b, 4, 4) != 4 || pwrite(fd, "x", 1, 3) != 1 ||
	       preadv(fd, v, 2, 0) != 8 || pwritev(fd, v, 2, 0) != 8 ||
	       preadv2(fd, v, 2, 0, 0) != 8 || lseek(fd, 0, SEEK_SET) || readv(fd, v, 2) != 8 ||
	       writev(fd, v, 2) != 8 || ftruncate(fd, 3) || fsync(fd) || fdatasync(fd);
}

static int wait_in_all_ways(void)
{
	int event = eventfd(0, EFD_CLOEXEC), many = epoll_create1(0);
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec soon = { .it_value.tv_nsec = 1000 };
	struct epoll_event what = { .events = EPOLLIN };
	struct pollfd p = { .fd = event, .events = POLLIN };
	u64 count = 1;

	return write(event, &count, 8) != 8 || poll(&p, 1, -1) != 1 ||
	       read(event, &count, 8) != 8 || epoll_ctl(many, EPOLL_CTL_ADD, timer, &what) ||
	       timerfd_settime(timer, 0, &soon, NULL) || epoll_wait(many, &what, 1, -1) != 1 ||
	       usleep(10);
}

static int use_memory(void)
{
	void *page = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *big, *bigger;

	if (page == MAP_FAILED || mprotect(page, 4096, PROT_READ | PROT_WRITE))
		return 1;
	big = malloc(1 << 22);
	if (!big)
		return 1;
	memset(big, 1, 1 << 22);
	bigger = realloc(big, 1 << 23);
	if (!bigger)
		free(big);
	free(bigger);
	return madvise(page, 1 << 20, MADV_DONTNEED) || munmap(page, 1 << 20);
}

static int do_what_is_allowed(void)
{
	int fd = fileno(tmpfile());
	pthread_t thread;
	timer_t timer;

	if (confine_process(&confined, CONFINE_VMM | CONFINE_DISK, &why) ||
	    confine_calls(&confined, CONFINE_VMM | CONFINE_DISK, &why))
		return 1;
	if (use_bytes(fd))
		return 2;
	if (wait_in_all_ways())
		return 3;
	if (use_memory())
		return 4;
	if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
		return 5;
	if (timer_create(CLOCK_MONOTONIC, NULL, &timer) || timer_delete(timer))
		return 6;
	(void)isatty(0);
	fprintf(stderr, "all is well, %s\n", strerror(ENOENT));
	return 0;
}

TEST("-", confined_it_does_what_a_right_solution_may, 0)
{
	char said[TO_SAY];
	int status = in_child(do_what_is_allowed, said);

	CONTEXT("read and write in all their forms, memory, time, threads, descriptors that wait");
	EXPECT_STR(said, "all is well, No such file or directory\n");
	EXPECT_U64(status, 0);
}

/* --- what is not --- */

static int open_after_all(void)
{
	if (confine_calls(&confined, CONFINE_VMM, &why))
		return 1;
	return open("/dev/null", O_RDONLY) < 0 ? 2 : 3;
}

static int ioctl_after_all(void)
{
	if (confine_calls(&confined, CONFINE_VMM, &why))
		return 1;
	return ioctl(0, 0xae01, 0) < 0 ? 2 : 3;
}

TEST("-", confined_it_says_what_it_must_not_call, 0)
{
	char said[TO_SAY];

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	EXPECT_U64(in_child(open_after_all, said), CONFINE_STATUS);
	EXPECT_STR(said, "vmm: the sandbox refuses openat: no running VMM needs it; if yours does, "
			 "--no-sandbox lets it\n");
	EXPECT_U64(in_child(ioctl_after_all, said), CONFINE_STATUS);
	EXPECT_CONTAINS(said, "vmm: the sandbox refuses ioctl 0x0000ae01: ");
}

static int fdatasync_without_a_disk(void)
{
	if (confine_calls(&confined, CONFINE_VMM, &why))
		return 1;
	return fdatasync(0) + 2;
}

TEST("-", confined_it_has_what_its_devices_need_and_no_more, 0)
{
	char said[TO_SAY];

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	EXPECT_U64(in_child(fdatasync_without_a_disk, said), CONFINE_STATUS);
	EXPECT_CONTAINS(said, "refuses fdatasync:");
}

static int use_sockets(void)
{
	if (confine_calls(&confined, CONFINE_ANY | CONFINE_SOCKETS, &why))
		return 1;
	if (socket(AF_INET, SOCK_DGRAM, 0) < 0 || socket(AF_INET, SOCK_STREAM, 0) < 0)
		return 2;
	if (socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 || errno != EACCES)
		return 3;
	return socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP) < 0 ? 4 : 5;
}

TEST("-", confined_it_has_the_protocols_of_libslirp, 0)
{
	char said[TO_SAY];

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	CONTEXT("UDP and TCP are there; AF_UNIX fails, as libc bears; SCTP is refused");
	EXPECT_U64(in_child(use_sockets, said), CONFINE_STATUS);
	EXPECT_CONTAINS(said, "refuses socket:");
}

static void *wait_for_ever(void *arg)
{
	pause();
	return arg;
}

static int confine_beside_a_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_ever, NULL))
		return 100;
	return confine_process(&confined, CONFINE_VMM, &why) == -EBUSY;
}

TEST("-", confined_are_all_threads_or_none, 0)
{
	char said[TO_SAY];

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	CONTEXT("what a thread has given up, one that runs already has kept");
	EXPECT_U64(in_child(confine_beside_a_thread, said), 1);
}

static int not_confined(void)
{
	if (confine_process(&open_wide, CONFINE_VMM, &why) ||
	    confine_calls(&open_wide, CONFINE_VMM, &why))
		return 1;
	return open("/dev/null", O_RDONLY) < 0;
}

TEST("-", no_sandbox_says_what_it_gives_up, 0)
{
	char said[TO_SAY];

	EXPECT_U64(in_child(not_confined, said), 0);
	EXPECT_CONTAINS(said,
			"vmm: --no-sandbox: a guest that takes over this VMM may do all that");
	EXPECT_TRUE(strchr(said, '\n') == said + strlen(said) - 1, "it is not one line");
}

/* --- the terminal --- */

static int tty;

static int open_with_a_raw_terminal(void)
{
	if (term_raw(tty) != 1)
		return 1;
	return open_after_all();
}

TEST("-", confined_it_leaves_the_terminal_as_it_was, 0)
{
	struct termios before = { 0 }, after = { 0 }; /* there are bytes in between */
	char said[TO_SAY];
	int other_end = posix_openpt(O_RDWR | O_NOCTTY);

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	if (other_end < 0 || grantpt(other_end) || unlockpt(other_end))
		SKIP("no pseudo-terminal here: %s", strerror(errno));
	tty = open(ptsname(other_end), O_RDWR | O_NOCTTY);
	tcgetattr(tty, &before);
	EXPECT_U64(in_child(open_with_a_raw_terminal, said), CONFINE_STATUS);
	tcgetattr(tty, &after);
	EXPECT_BYTES_AS("the terminal's struct termios", &after, &before, sizeof(after));
}

/* --- files, capabilities --- */

static const char *own;

static int open_one_of_two(void)
{
	int abi = confine_files(own, true);

	if (abi < 0)
		return 100;
	if (open(own, O_RDONLY) < 0)
		return 1;
	if (open("/proc/self/status", O_RDONLY) >= 0 || errno != EACCES)
		return 2;
	/* Among files, the one may only be read. */
	if (open(own, O_WRONLY) >= 0 || errno != EACCES)
		return 3;
	return unlink(own) == 0 || mkdir("/tmp/escaped", 0700) == 0 ? 4 : 0;
}

static int open_after_landlock(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 5;
	return open_one_of_two();
}

TEST("-", confined_it_opens_no_file, 0)
{
	char said[TO_SAY];
	FILE *f;
	int status;

	own = test_tmpfile("own");
	f = fopen(own, "w");
	if (!f || fclose(f))
		test_error("%s: %s", own, strerror(errno));
	status = in_child(open_after_landlock, said);
	if (status == 100)
		SKIP("the kernel has no Landlock");
	CONTEXT("one file may be read, and nothing else: a status above 0 says what was possible");
	EXPECT_U64(status, 0);
}
