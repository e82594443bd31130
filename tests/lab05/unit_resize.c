// SPDX-License-Identifier: MIT
/* The size of the terminal (given): what consoles are told of it, and when. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices.h"
#include "fake_driver.h"

/* Two consoles as --device makes them. What a run has of main.c and machine.c, and no KVM. */
struct run_of_two {
	struct devices devices;
	struct loop loop;
	struct vm vm;
	struct driver d[2];
	struct vconsole *console[2];
};

static struct vconsole *console_of(const struct card *card)
{
	return container_of(card->line, struct vconsole, line);
}

/* While fd is standard output, which it stays. */
static struct run_of_two *made_at(int fd)
{
	static const struct options opt = { .devices = { { "console", "rng", "console" }, 3 } };
	static struct sink sink;
	struct run_of_two *r = calloc(1, sizeof(*r));
	const struct wiring to = {
		.vm = &r->vm, .loop = &r->loop, .sink = &sink, .resize = &r->devices.resize
	};

	if (!r)
		test_error("no memory");
	r->vm = (struct vm){ .kvm_fd = -1, .fd = -1 };
	pthread_mutex_init(&r->vm.lock, NULL);
	EXPECT_ERR(loop_init(&r->loop, &r->vm.lock), 0);
	dup2(fd, STDOUT_FILENO);
	EXPECT_U64(devices_prepare(&r->devices, &opt), 0);
	EXPECT_U64(devices_init(&r->devices, &to, &opt), 0);
	for (unsigned i = 0; i < 2; i++)
		r->console[i] = console_of(&r->devices.card[2 * i]);
	return r;
}

static void unmake(struct run_of_two *r)
{
	loop_stop(&r->loop);
	devices_destroy(&r->devices);
	free(r);
}

/* Both ends of a new pseudo-terminal: ours, and the one that is a terminal. */
static int pseudo_terminal(int *terminal)
{
	int end = posix_openpt(O_RDWR | O_NOCTTY);

	if (end < 0 || grantpt(end) || unlockpt(end))
		test_error("no pseudo-terminals here: is /dev/pts mounted?");
	*terminal = open(ptsname(end), O_RDWR | O_NOCTTY);
	if (*terminal < 0)
		test_error("no terminal");
	return end;
}

static void set_size(int fd, u16 columns, u16 rows)
{
	struct winsize size = { .ws_col = columns, .ws_row = rows };

	if (ioctl(fd, TIOCSWINSZ, &size) < 0)
		test_error("the terminal takes no size");
}

TEST("-", the_size_of_the_terminal, 0)
{
	int pipe_ends[2], terminal, before = dup(STDOUT_FILENO);
	struct run_of_two *r;

	pseudo_terminal(&terminal);
	CONTEXT("standard output is a terminal that does not know its size yet");
	r = made_at(terminal);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_U64(r->console[i]->virtio.offered & VCONSOLE_F_SIZE, VCONSOLE_F_SIZE);
		EXPECT_U64(r->console[i]->config.cols, 0);
	}
	unmake(r);
	CONTEXT("it has 77 columns and 30 rows");
	set_size(terminal, 77, 30);
	r = made_at(terminal);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_U64(r->console[i]->virtio.offered & VCONSOLE_F_SIZE, VCONSOLE_F_SIZE);
		EXPECT_U64(r->console[i]->config.cols, 77);
		EXPECT_U64(r->console[i]->config.rows, 30);
	}
	unmake(r);
	CONTEXT("standard output is a pipe");
	EXPECT_TRUE(pipe(pipe_ends) == 0);
	r = made_at(pipe_ends[1]);
	EXPECT_U64(r->console[1]->virtio.offered & VCONSOLE_F_SIZE, 0);
	EXPECT_U64(r->console[1]->config.cols, 0);
	unmake(r);
	dup2(before, STDOUT_FILENO);
}

/* --- a job of the terminal, as every VMM is that was started from a shell --- */

/* A process of a session of its own, with this terminal; body's result is its status. */
static int as_its_job(int terminal, int (*body)(int terminal))
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		setsid();
		_exit(ioctl(terminal, TIOCSCTTY, 0) < 0 ? 99 : body(terminal));
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Wait until both consoles say so; all is as a vCPU would see it. False: it is never so. */
static bool becomes(struct run_of_two *r, u16 columns, u16 rows)
{
	for (unsigned tries = 0; tries < 5000; tries++) {
		bool is = true;

		pthread_mutex_lock(&r->vm.lock);
		for (unsigned i = 0; i < 2; i++) {
			struct virtio *v = &r->console[i]->virtio;
			u16 size[2];

			v->ops->config_read(v, 0, size, sizeof(size));
			is &= size[0] == columns && size[1] == rows;
		}
		pthread_mutex_unlock(&r->vm.lock);
		if (is)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

static struct run_of_two *running_at(int terminal)
{
	struct run_of_two *r = made_at(terminal);

	for (unsigned i = 0; i < 2; i++) {
		driver_memory(&r->d[i]);
		driver_start(&r->d[i], &r->console[i]->virtio, i ? 0 : VCONSOLE_F_SIZE);
	}
	return r;
}

static int told_of_each(int terminal)
{
	struct run_of_two *r = running_at(terminal);
	const struct virtio_state *with = &r->console[0]->virtio.state;
	const struct virtio_state *without = &r->console[1]->virtio.state;

	set_size(terminal, 99, 20); /* before the thread is there */
	if (loop_start(&r->loop) || !becomes(r, 99, 20))
		return 1;
	for (u16 i = 1; i <= 1000; i++)
		set_size(terminal, 100 + i % 50, i);
	if (!becomes(r, 100, 1000))
		return 2;
	loop_stop(&r->loop);
	if (with->interrupt != VIRTIO_INT_CONFIG || without->interrupt)
		return 3;
	return with->generation >= 2 && without->generation == with->generation ? 0 : 4;
}

TEST("-", a_new_size_is_told, 0)
{
	int terminal;

	pseudo_terminal(&terminal);
	set_size(terminal, 77, 30);
	CONTEXT("two consoles, of which one driver has accepted F_SIZE; the terminal changes "
		"before "
		"the I/O thread runs (1), and a thousand times (2); who accepted is interrupted, "
		"and nobody else (3), and both see new generations (4)");
	EXPECT_U64(as_its_job(terminal, told_of_each), 0);
}

static volatile sig_atomic_t came;

static void on_winch(int sig)
{
	came = 1;
}

/* The thread that will run the vCPU. */
static int left_alone(int terminal)
{
	struct sigaction sa = { .sa_handler = on_winch };
	struct run_of_two *r;

	sigaction(SIGWINCH, &sa, NULL);
	r = running_at(terminal);
	if (loop_start(&r->loop))
		return 1;
	set_size(terminal, 80, 25);
	if (!becomes(r, 80, 25))
		return 2;
	return came ? 3 : 0;
}

TEST("-", no_thread_is_interrupted_by_it, 0)
{
	int terminal;

	pseudo_terminal(&terminal);
	CONTEXT("the size arrives (2), and no signal at the thread that runs the vCPU (3)");
	EXPECT_U64(as_its_job(terminal, left_alone), 0);
}

/* --- the driver's side --- */

TEST("-", who_is_told_of_a_new_size, 0)
{
	static const struct {
		u8 status;
		bool told;
	} when[] = { { 0, false },   { 1, false },    { 3, false },   { 0x0b, true },
		     { 0x0f, true }, { 0x8b, false }, { 0x8f, false } };
	struct vconsole vc;
	struct driver d;

	driver_memory(&d);
	for (unsigned i = 0; i < ARRAY_SIZE(when); i++) {
		vconsole_init(&vc, &d.mem);
		vc.virtio.state.accepted = VCONSOLE_F_SIZE | VIRTIO_F_VERSION_1;
		vc.virtio.state.status = when[i].status;
		vconsole_resize(&vc, 80, 25);
		CONTEXT("the status is 0x%02x", when[i].status);
		EXPECT_U64(vc.virtio.state.interrupt, when[i].told ? VIRTIO_INT_CONFIG : 0);
		EXPECT_U64(vc.virtio.state.generation, 1);
		vconsole_resize(&vc, 80, 25);
		EXPECT_U64(vc.virtio.state.generation, 1);
	}
}
