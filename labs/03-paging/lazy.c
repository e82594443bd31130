// SPDX-License-Identifier: MIT
#include "lazy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "thread.h"
#include "todo.h"

/* [book:3.14] */
int lazy_open(struct lazy *l, const struct mem *mem)
{
	/* TASK 3.14 */
#if SOL >= 314
	struct uffdio_api api = { .api = UFFD_API };

	l->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (l->fd < 0 || ioctl(l->fd, UFFDIO_API, &api) < 0)
		return -errno;
	for (unsigned i = 0; i < mem->nslots; i++) {
		struct uffdio_register range = {
			.range.start = (u64)(uintptr_t)mem->slot[i].hva,
			.range.len = mem->slot[i].size,
			.mode = UFFDIO_REGISTER_MODE_MISSING,
		};

		if (ioctl(l->fd, UFFDIO_REGISTER, &range) < 0)
			return -errno;
	}
	return 0;
#else
	return TODO("3.14");
#endif
}

int lazy_serve(struct lazy *l)
{
	/* TASK 3.14 */
#if SOL >= 314
	struct uffd_msg msg;
	ssize_t n = read(l->fd, &msg, sizeof(msg));
	struct uffdio_zeropage zero = { .range.len = PAGE_SIZE_4K };

	if (n != sizeof(msg))
		return n < 0 ? -errno : -EIO;
	if (msg.event != UFFD_EVENT_PAGEFAULT)
		return 0;
	zero.range.start = msg.arg.pagefault.address & ~(PAGE_SIZE_4K - 1);
	if (ioctl(l->fd, UFFDIO_ZEROPAGE, &zero) == 0) {
		l->filled++;
		return 0;
	}
	if (errno != EEXIST)
		return -errno;
	return ioctl(l->fd, UFFDIO_WAKE, &zero.range) < 0 ? -errno : 0;
#else
	return TODO("3.14");
#endif
}
/* [book:end] */

/* It touches no guest memory itself: who serves the faults must not wait for one. */
static void *serve(void *arg)
{
	struct lazy *l = arg;
	struct pollfd fds[] = { { l->fd, POLLIN, 0 }, { l->stop[0], POLLIN, 0 } };

	while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
		int err = fds[0].revents ? lazy_serve(l) : 0;

		if (err && err != -EAGAIN) {
			l->err = err;
			break;
		}
		if (fds[1].revents)
			break;
	}
	close(l->fd); /* whoever still waits gets an ordinary page */
	return NULL;
}

int lazy_start(struct lazy *l, const struct mem *mem)
{
	int err;

	*l = (struct lazy){ .fd = -1, .stop = { -1, -1 } };
	err = lazy_open(l, mem);
	if (!err && pipe2(l->stop, O_CLOEXEC) < 0)
		err = -errno;
	if (!err)
		err = thread_start(&l->thread, "lazy memory", serve, l);
	l->running = !err;
	if (err) {
		if (l->fd >= 0)
			close(l->fd);
		if (l->stop[0] >= 0) {
			close(l->stop[0]);
			close(l->stop[1]);
		}
	}
	return err;
}

void lazy_stop(struct lazy *l)
{
	if (!l->running)
		return;
	close(l->stop[1]);
	pthread_join(l->thread, NULL);
	close(l->stop[0]);
	l->running = false;
}
