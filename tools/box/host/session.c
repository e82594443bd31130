// SPDX-License-Identifier: MIT
/*
 * Attending the machine while the program runs in it: what goes in and out, signals, the terminal,
 * the time limit; at the end the files and the exit status.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../proto.h"
#include "box.h"

#define FILES_MAX (64UL << 20) /* bytes that a run may bring back */
#define GIVE_UP	  5	       /* Ctrl-C so often without an answer */
#define NUDGE_MS  250

struct session {
	struct machine *m;
	const struct request *r;
	struct frame_buffer in;
	struct cpio files; /* what comes back: bytes of an archive */
	struct termios saved;
	bool tty, started, no_input;
	int signals, status, unanswered;
	time_t end;  /* when it is enough; 0: never */
	long nudged; /* when the machine was last nudged, in ms */
	bool asked;  /* the program has had a signal: two seconds later it is enough */
};

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static time_t now(void)
{
	return now_ms() / 1000;
}

int session_wait_ready(struct machine *m, int seconds)
{
	static struct frame_buffer in;
	time_t end = now() + seconds;
	const uint8_t *data;
	struct frame frame;

	in = (struct frame_buffer){ 0 };
	while (now() < end) {
		struct pollfd fds[] = { { m->link, POLLIN, 0 },
					{ m->console, POLLIN, 0 },
					{ m->ended, POLLIN, 0 } };

		if (poll(fds, 3, 1000) <= 0)
			continue;
		if (fds[1].revents)
			words_keep(&m->console);
		if ((fds[0].revents && frame_fill(&in, m->link) <= 0) ||
		    (fds[2].revents && !fds[0].revents))
			break;
		while (frame_next(&in, &frame, &data) > 0) {
			if (frame.type == FROM_READY)
				return 0;
			if (frame.type == FROM_LOG)
				complain("%.*s", (int)frame.len, (const char *)data);
		}
	}
	return -1;
}

static void add_setting(struct cpio *text, const char *name, const char *value)
{
	char line[8192];
	int n = snprintf(line, sizeof(line), "%s=%s", name, value);

	if (n >= (int)sizeof(line) || text->size + n + 1 > CONFIG_MAX) {
		text->err = -E2BIG;
		return;
	}
	memcpy(text->data + text->size, line, n + 1);
	text->size += n + 1;
}

static void add_each(struct cpio *text, const char *name, const struct strings *values)
{
	for (size_t i = 0; i < values->count; i++)
		add_setting(text, name, values->item[i]);
}

static int send_settings(struct session *s)
{
	static uint8_t room[CONFIG_MAX];
	struct cpio text = { .data = room };
	unsigned char seed[32];
	char hex[65], number[32];

	snprintf(number, sizeof(number), "%zu", s->m->disk_bytes);
	add_setting(&text, "disk", number);
	snprintf(number, sizeof(number), "%lld", (long long)time(NULL));
	add_setting(&text, "time", number);
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed)) {
		for (int i = 0; i < 32; i++)
			snprintf(hex + 2 * i, sizeof(hex) - 2 * (size_t)i, "%02x", seed[i]);
		add_setting(&text, "seed", hex);
	}
	if (s->tty)
		add_setting(&text, "tty", "1");
	if (s->r->root)
		add_setting(&text, "root", "1");
	add_each(&text, "arg", &s->r->arg);
	add_each(&text, "env", &s->r->env);
	add_each(&text, "get", &s->r->get);
	if (text.err)
		return complain("too many arguments for the box");
	for (size_t at = 0; at < text.size; at += FRAME_MAX)
		frame_write(s->m->link, TO_CONFIG, room + at,
			    text.size - at < FRAME_MAX ? text.size - at : FRAME_MAX);
	return frame_write(s->m->link, TO_CONFIG, NULL, 0);
}

static void send_window(struct session *s)
{
	struct winsize size;

	if (s->tty && ioctl(0, TIOCGWINSZ, &size) == 0)
		frame_write(s->m->link, TO_WINDOW, &size, sizeof(size));
}

/* stdin is read only when the link can take it: neither side may wait for the other. */
static void forward_input(struct session *s)
{
	char data[FRAME_MAX];
	ssize_t n = read(0, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	for (ssize_t i = 0; s->tty && i < n; i++)
		s->unanswered += data[i] == 3;
	if (n > 0)
		frame_write(s->m->link, TO_INPUT, data, n);
	else
		frame_write(s->m->link, TO_INPUT, NULL, 0);
	s->no_input = n <= 0;
}

/* Not an order to end: what it does to the program is the program's business. */
static bool is_stray(unsigned sig)
{
	return sig == SIGALRM || sig == SIGUSR1 || sig == SIGUSR2;
}

/* The first such signal is for the program; the second ends the machine. */
static bool on_signal(struct session *s)
{
	struct signalfd_siginfo info;
	unsigned char number;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo == SIGWINCH) {
		send_window(s);
		return true;
	}
	number = info.ssi_signo;
	if (is_stray(number)) {
		if (s->started)
			frame_write(s->m->link, TO_SIGNAL, &number, 1);
		return true;
	}
	s->status = 128 + number;
	if (!s->started || s->asked || frame_write(s->m->link, TO_SIGNAL, &number, 1))
		return false;
	s->asked = true;
	s->end = now() + 2;
	return true;
}

static bool output_failed(struct session *s, int fd)
{
	s->status = 128 + SIGPIPE; /* nobody reads it any more: no word about that */
	if (errno != EPIPE) {
		complain("standard %s: %s", fd == 1 ? "output" : "error", strerror(errno));
		s->status = 1;
	}
	return false;
}

/*
 * A reader may be slow, or asleep; signals and the time limit hold all the same. What a pipe takes
 * in one piece does not block once poll() has said so.
 */
static bool output(struct session *s, int fd, const uint8_t *data, size_t len)
{
	while (len) {
		struct pollfd fds[] = { { fd, POLLOUT, 0 }, { s->signals, POLLIN, 0 } };
		time_t left = s->end ? s->end - now() : 3600;
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(fds, 2, left * 1000) <= 0)
			continue;
		if (fds[1].revents && !on_signal(s))
			return false;
		if (!fds[0].revents)
			continue;
		n = write(fd, data, len < PIPE_BUF ? len : PIPE_BUF);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return output_failed(s, fd);
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
	return true;
}

static void collect(struct session *s, const uint8_t *data, size_t len)
{
	if (s->files.size + len > FILES_MAX)
		s->files.err = -EFBIG;
	cpio_append(&s->files, data, len);
}

/* Returns false when there is no more to come. */
static bool take(struct session *s, const struct frame *frame, const uint8_t *data)
{
	s->unanswered = 0;
	switch (frame->type) {
	case FROM_STARTED:
		s->started = true;
		send_window(s);
		return true;
	case FROM_STDOUT:
	case FROM_STDERR:
		return output(s, frame->type == FROM_STDOUT ? 1 : 2, data, frame->len);
	case FROM_FILES:
		collect(s, data, frame->len);
		return true;
	case FROM_LOG:
		complain("%.*s", (int)frame->len, (const char *)data);
		return true;
	case FROM_EXIT:
		s->status = frame->len ? data[0] : 255;
		return false;
	default:
		return true;
	}
}

static bool frames(struct session *s)
{
	const uint8_t *data;
	struct frame frame;
	int n;

	if (frame_fill(&s->in, s->m->link) <= 0)
		return false;
	while ((n = frame_next(&s->in, &frame, &data)) > 0) {
		if (!take(s, &frame, data))
			return false;
	}
	return n == 0;
}

/*
 * QEMU (7.2 at least) can lose an interrupt: a machine that ran guests was found in HLT for good,
 * interrupts on and the vector of its timer pending in the local APIC. Most likely by
 * helper_vmrun(), which sets a bit of the CPU's interrupt_request, in several steps, without the
 * lock under which devices set theirs (target/i386/tcg/sysemu/svm_helper.c). Another interrupt
 * wakes it; so one comes.
 */
static void nudge(struct session *s)
{
	if (s->m->monitor < 0 || now_ms() < s->nudged + NUDGE_MS)
		return;
	s->nudged = now_ms();
	frame_write(s->m->link, TO_NOTHING, NULL, 0);
}

/* One turn. Returns false when the session has ended. */
static bool attend(struct session *s)
{
	struct pollfd link = { s->m->link, POLLOUT, 0 };
	bool writable = poll(&link, 1, 0) > 0 && (link.revents & POLLOUT);
	bool want = s->started && !s->no_input;
	struct pollfd fds[] = {
		{ s->m->link, POLLIN | (want && !writable ? POLLOUT : 0), 0 },
		{ s->signals, POLLIN, 0 },
		{ s->m->console, POLLIN, 0 },
		{ want && writable ? 0 : -1, POLLIN, 0 },
		{ s->m->ended, POLLIN, 0 },
	};
	time_t left = s->end ? s->end - now() : 3600;

	if (left <= 0)
		return false;
	if (s->started && writable)
		nudge(s);
	if (poll(fds, 5, NUDGE_MS) < 0)
		return errno == EINTR;
	if (fds[2].revents)
		words_keep(&s->m->console);
	if (fds[1].revents && !on_signal(s))
		return false;
	if (fds[3].revents)
		forward_input(s);
	if (s->unanswered >= GIVE_UP) {
		s->status = 128 + SIGINT;
		return false;
	}
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		return frames(s);
	return !fds[4].revents; /* when its last words have been read */
}

static void loop(struct session *s)
{
	s->end = s->r->limit ? now() + s->r->limit : 0;
	while (attend(s))
		;
	if (s->status < 0 && s->end && now() >= s->end) {
		complain("the time limit of %d s has ended it", s->r->limit);
		s->status = STATUS_LIMIT;
	}
}

/* A file, or what a link leads to, whole or not at all; a pipe or a device stays what it is. */
static int put_back(const char *to, const void *data, size_t size)
{
	char real[PATH_MAX], temp[PATH_MAX + 16];
	struct stat st;
	int err;

	if (!stat(to, &st) && !S_ISREG(st.st_mode))
		return write_file(to, data, size);
	if (realpath(to, real))
		to = real;
	snprintf(temp, sizeof(temp), "%s.%d", to, (int)getpid());
	err = write_file(temp, data, size);
	if (!err && rename(temp, to))
		err = complain("%s: %s", to, strerror(errno));
	return err;
}

/* Only files that were asked for, whatever the machine sends. */
static int write_back(const struct session *s)
{
	struct cpio_member m;
	size_t at = 0;
	int err = 0;

	while (!s->files.err && cpio_next(s->files.data, s->files.size, &at, &m) > 0) {
		for (size_t i = 0; i < s->r->get.count && !err; i++) {
			const char *to = s->r->get.item[i];

			if (strcmp(m.name, to + (*to == '/')) != 0 || !S_ISREG(m.mode))
				continue;
			err = put_back(to, m.data, m.size);
		}
	}
	return s->files.err ? complain("more came back than the box carries") : err;
}

static void terminal(struct session *s)
{
	struct termios raw;

	s->tty = isatty(0) && isatty(1) && tcgetattr(0, &s->saved) == 0;
	if (!s->tty)
		return;
	raw = s->saved;
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
}

int session_run(struct machine *m, const struct request *r)
{
	static struct session s;
	sigset_t set;

	s = (struct session){ .m = m, .r = r, .status = -1 };
	sigemptyset(&set);
	for (const int *p = (const int[]){ SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGALRM,
					   SIGUSR1, SIGUSR2, 0 };
	     *p; p++)
		sigaddset(&set, *p);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	terminal(&s);
	if (!send_settings(&s))
		loop(&s);
	if (s.tty)
		tcsetattr(0, TCSANOW, &s.saved);
	if (s.files.size && write_back(&s))
		s.status = 1;
	cpio_free(&s.files);
	close(s.signals);
	if (s.status < 0 && s.started) {
		words_last(m, "the machine died while the program ran");
		s.status = STATUS_ENVIRONMENT;
	}
	return s.status;
}
