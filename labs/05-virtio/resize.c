// SPDX-License-Identifier: MIT
#include "resize.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void tell(const struct resize *r)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return; /* it has hung up */
	for (unsigned i = 0; i < r->nconsoles; i++)
		vconsole_resize(r->console[i], size.ws_col, size.ws_row);
}

static void fds(struct source *s, struct pollset *p)
{
	pollset_add(p, container_of(s, struct resize, source)->fd, POLLIN);
}

static void ready(struct source *s, struct pollset *p)
{
	struct resize *r = container_of(s, struct resize, source);
	struct signalfd_siginfo info;

	/* First the signal, then the size: a change from now on is a new one. */
	if (pollset_revents(p, r->fd) && read(r->fd, &info, sizeof(info)) == sizeof(info))
		tell(r);
}

static int begin(struct resize *r, struct loop *loop)
{
	sigset_t winch;
	int err;

	sigemptyset(&winch);
	sigaddset(&winch, SIGWINCH);
	pthread_sigmask(SIG_BLOCK, &winch, NULL);
	r->fd = signalfd(-1, &winch, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->fd < 0)
		return -errno;
	r->source = (struct source){ .fds = fds, .ready = ready };
	err = loop_add(loop, &r->source);
	if (err)
		close(r->fd);
	return err;
}

int resize_watch(struct resize *r, struct loop *loop, struct vconsole *vc)
{
	struct winsize size;
	int err;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0) {
		vc->virtio.offered &= ~VCONSOLE_F_SIZE;
		return 0;
	}
	err = r->nconsoles ? 0 : begin(r, loop);
	if (err)
		return err;
	r->console[r->nconsoles++] = vc;
	tell(r); /* not what we have seen above: that was before begin() */
	return 0;
}

void resize_destroy(struct resize *r)
{
	if (r->nconsoles)
		close(r->fd);
}
