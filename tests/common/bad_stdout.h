/* SPDX-License-Identifier: MIT */
/*
 * A standard output that takes nothing, or nothing for a while, and what must come of it. How a
 * guest prints depends on the lab; each has its own guests for this.
 */
#ifndef BAD_STDOUT_H
#define BAD_STDOUT_H

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "bad_host.h"
#include "nonce.h"

/* --- .prepare functions; arg is a descriptor or a path --- */

static inline void close_fd(void *arg)
{
	close(*(int *)arg);
}

static inline void stdout_is(void *arg)
{
	int fd = open(arg, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(99);
}

/* One end of a pipe whose other end is gone already. */
static inline void broken_pipe(void *arg)
{
	int fd = *(int *)arg, ends[2];

	if (pipe2(ends, O_CLOEXEC) || dup2(ends[fd == STDIN_FILENO ? 0 : 1], fd) < 0)
		_exit(99);
}

/* The guest's words are lost, and that must not look like success. */
static inline void expect_lost(const struct outcome *o, const char *why)
{
	EXPECT_TRUE(!o->signalled, "killed by a signal: status %d", o->status);
	EXPECT_U64(o->status, 1);
	EXPECT_STR(o->out, "");
	expect_one_line(o, why);
	EXPECT_VERDICT(*o, error);
	EXPECT_CONTAINS(o->report.cause, "stdout: ");
	expect_nothing_left();
}

/* This run with a stdout that is closed, full, or has lost its reader. */
static inline void expect_all_lost(struct vmm_run run)
{
	struct outcome o;

	run.prepare = close_fd;
	run.arg = &(int){ STDOUT_FILENO };
	o = run_vmm(&run);
	CONTEXT("stdout is closed: the bytes must not go to whatever the VMM opens first");
	expect_lost(&o, "vmm: stdout: Bad file descriptor\n");
	run.prepare = stdout_is;
	run.arg = "/dev/full";
	o = run_vmm(&run);
	CONTEXT("stdout is /dev/full");
	expect_lost(&o, "vmm: stdout: No space left on device\n");
	run.prepare = broken_pipe;
	run.arg = &(int){ STDOUT_FILENO };
	o = run_vmm(&run);
	CONTEXT("nobody has the other end of stdout: no SIGPIPE, but an error to report");
	expect_lost(&o, "vmm: stdout: Broken pipe\n");
}

/* --- a pipe that is full, with a reader who does nothing --- */

#define PIPE_LEN  4096 /* the smallest that there is */
#define PIPE_ROOM 64   /* what the test leaves of it to the guest: on some engines it is slow */

/* R, S... as ps(1) says; Z when there is no such process any more. */
static inline char state_of(pid_t pid)
{
	char path[40], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	if (f)
		fclose(f);
	return state;
}

/*
 * The reader, a thread of the test's. When the pipe is full and the VMM sleeps (as it never does
 * while its guest runs), it sends sig, and then reads on.
 */
struct reader {
	int sig;		     /* 0: none */
	bool reads;		     /* false: never */
	bool stderr_as_well;	     /* it has both streams */
	bool while_running;	     /* when the pipe is full; the guest may run on */
	char bytes[PIPE_LEN + 4096]; /* what it has read, behind what was there before */
	size_t n;
	int end, other_end;
	volatile pid_t *vmm;
};

static inline void *read_when_full(void *arg)
{
	struct reader *r = arg;
	int used = 0;
	ssize_t got;

	while (*r->vmm == 0)
		sched_yield();
	close(r->other_end);
	while (state_of(*r->vmm) != 'Z' &&
	       (used < PIPE_LEN || !(r->while_running || state_of(*r->vmm) == 'S'))) {
		sched_yield();
		ioctl(r->end, FIONREAD, &used);
	}
	if (r->sig)
		send_signal(*r->vmm, r->sig);
	while (r->reads && r->n < sizeof(r->bytes) &&
	       (got = read(r->end, r->bytes + r->n, sizeof(r->bytes) - r->n)) > 0)
		r->n += (size_t)got;
	return NULL;
}

/* .prepare */
static inline void to_reader(void *arg)
{
	struct reader *r = arg;

	if (dup2(r->other_end, STDOUT_FILENO) < 0 ||
	    (r->stderr_as_well && dup2(r->other_end, STDERR_FILENO) < 0))
		_exit(99);
	*r->vmm = getpid();
}

/* This run, with stdout a pipe of one page to that reader. */
static inline struct outcome run_to_reader(struct vmm_run run, struct reader *r)
{
	struct outcome o;
	pthread_t thread;
	int ends[2];

	r->vmm = mmap(NULL, sizeof(*r->vmm), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (r->vmm == MAP_FAILED || pipe2(ends, O_CLOEXEC))
		test_error("no memory, or no pipe");
	r->end = ends[0];
	r->other_end = ends[1];
	if (fcntl(ends[1], F_SETPIPE_SZ, PIPE_LEN) != PIPE_LEN ||
	    write(ends[1], r->bytes, PIPE_LEN - PIPE_ROOM) != PIPE_LEN - PIPE_ROOM)
		test_error("no such small pipe");
	if (pthread_create(&thread, NULL, read_when_full, r))
		test_error("no thread");
	run.prepare = to_reader;
	run.arg = r;
	o = run_vmm(&run);
	pthread_join(thread, NULL);
	close(r->end);
	munmap((void *)r->vmm, sizeof(*r->vmm));
	return o;
}

/* The same with one more option. */
static inline struct vmm_run with(struct vmm_run run, const char *option)
{
	unsigned n = 0;

	while (n < VMM_ARGS_MAX - 1 && run.args[n])
		n++;
	run.args[n] = option;
	return run;
}

/*
 * The time limit and the signals end this run, although it waits for its reader. while_running: it
 * is not the vCPU that waits.
 */
static inline void expect_ends_unread(struct vmm_run run, bool while_running)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct outcome o;

	for (unsigned i = 0; i < ARRAY_SIZE(signals); i++) {
		o = run_to_reader(run, &(struct reader){ .sig = signals[i],
							 .while_running = while_running });
		CONTEXT("nobody reads the output; SIG%s comes", sigabbrev_np(signals[i]));
		EXPECT_TRUE(!o.timed_out);
		EXPECT_U64(o.status, 128 + signals[i]);
	}
	EXPECT_CONTAINS(o.err, "vmm: stopped: ");

	o = run_to_reader(with(run, "--timeout=1"), &(struct reader){ .sig = 0 });
	if (strstr(o.err, "still running")) /* a slow machine: it has not printed enough */
		o = run_to_reader(with(run, "--timeout=20"), &(struct reader){ .sig = 0 });
	CONTEXT("nobody reads the output; the time limit comes");
	EXPECT_CONTAINS(o.err, " s are over and nobody reads what the guest prints\n");
	EXPECT_U64(o.status, 124);
	EXPECT_VERDICT(o, timeout);
	o = run_to_reader(with(run, "--timeout=1"), &(struct reader){ .stderr_as_well = true });
	if (o.status == 1) /* a slow machine: a second after the limit it had not ended yet */
		o = run_to_reader(with(run, "--timeout=20"),
				  &(struct reader){ .stderr_as_well = true });
	CONTEXT("nobody reads output and errors; the time limit comes");
	EXPECT_U64(o.status, 124);
	EXPECT_VERDICT(o, timeout);
}

/* A reader that was away for a while gets each of these bytes. */
static inline void expect_all_read_later(struct vmm_run run, bool while_running, const void *bytes,
					 size_t n)
{
	static const int signals[] = { 0, SIGUSR1, SIGUSR2 };

	for (unsigned i = 0; i < ARRAY_SIZE(signals); i++) {
		struct reader *r = calloc(1, sizeof(*r));
		struct outcome o;

		if (!r)
			test_error("no memory");
		*r = (struct reader){ .sig = signals[i],
				      .reads = true,
				      .while_running = while_running };
		o = run_to_reader(signals[i] ? with(run, "--timeout=60") : run, r);
		CONTEXT("the reader stops%s and reads on",
			signals[i] ? ", somebody sends a signal of our own kinds," : "");
		EXPECT_U64(r->n, PIPE_LEN - PIPE_ROOM + n);
		EXPECT_BYTES(r->bytes + PIPE_LEN - PIPE_ROOM, bytes, n);
		EXPECT_STR(o.err, "");
		EXPECT_U64(o.status, 0);
	}
}

#define OUTPUT_LEN 512 /* more than PIPE_ROOM */

/*
 * In real mode, OUTPUT_LEN random bytes by one `rep outsb` to this port. Path and bytes. The first
 * line fills the pipe to its last byte, also where lines leave whole: a write() for which there is
 * not room enough takes nothing, and the pipe would never be full.
 */
static inline const char *speaker(u16 port, u8 bytes[OUTPUT_LEN])
{
	/* mov $0x1010, %si; mov $OUTPUT_LEN, %cx; mov $port, %dx; cld; rep outsb;
	 * mov $0, %al; out %al, $0xf4 */
	const u8 code[16] = { 0xbe,
			      0x10,
			      0x10,
			      0xb9,
			      OUTPUT_LEN & 0xff,
			      OUTPUT_LEN >> 8,
			      0xba,
			      port & 0xff,
			      port >> 8,
			      0xfc,
			      0xf3,
			      0x6e,
			      0xb0,
			      0,
			      0xe6,
			      0xf4 };
	static u8 image[sizeof(code) + OUTPUT_LEN];

	for (size_t i = 0; i < OUTPUT_LEN; i++)
		do
			bytes[i] = (u8)nonce_random();
		while (i < PIPE_ROOM && bytes[i] == '\n');
	bytes[PIPE_ROOM - 1] = '\n';
	memcpy(image, code, sizeof(code));
	memcpy(image + sizeof(code), bytes, OUTPUT_LEN);
	return input_file(INPUT("speaker"), image, sizeof(image));
}

#endif
