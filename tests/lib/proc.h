/* SPDX-License-Identifier: MIT */
/*
 * One child process: started, watched, captured and certainly ended.
 *
 * The child leads its own process group and dies with the thread that started it (PDEATHSIG).
 * What it leaves behind, in whatever group or session, is killed at its end (strays.h).
 * Its standard output and error are drained to the end, so that it never blocks on a full pipe, but
 * only the first max_output bytes are kept: a loop that prints cannot eat the memory of the tests.
 */
#ifndef HARNESS_PROC_H
#define HARNESS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROC_MAX_OUTPUT (4u << 20)

/*
 * What code under test may take: far more than any of it needs, and less than would harm a machine.
 * Not address space under a sanitizer, whose shadow is larger than any machine's memory.
 */
#ifdef SANITIZED
#define PROC_MAX_MEMORY 0
#else
#define PROC_MAX_MEMORY ((size_t)8 << 30)
#endif
#define PROC_MAX_FILE ((size_t)4 << 30)

struct proc_opts {
	double limit;	   /* wall-clock seconds; 0: no limit */
	int stop_signal;   /* at the limit, to the child itself; 0: SIGKILL at once */
	double stop_grace; /* seconds from stop_signal to SIGKILL for the group; 0: one second */
	const char *stdin_path; /* NULL: /dev/null */
	char *const *extra_env; /* "NAME=value", or "NAME" to unset it; ends with NULL */
	uid_t uid;		/* run as this user and group, without other groups; 0: unchanged */
	gid_t group;		/* but for this one; 0: none */
	size_t max_output;	/* kept bytes of each stream; 0: PROC_MAX_OUTPUT */
	size_t max_memory;	/* bytes of address space of each process; 0: as we have */
	size_t max_file;	/* bytes of each file that it writes; 0: as we have */
	double max_cpu; /* seconds (1 or more) of processor time of each process; 0: as we have */
	size_t max_processes;	    /* of its user's, all in all; 0: as we have */
	bool first_to_die;	    /* of all processes, when the machine runs out of memory */
	void (*prepare)(void *arg); /* in the child, last before exec: limits, closed files... */

	/* With argv NULL the child does not exec but runs this and exits with its value. */
	int (*child)(void *arg, int line_fd);

	/*
	 * A third stream, for lines that are meant for the harness: with on_line set, the child
	 * finds a pipe at descriptor line_fd (3 unless told) and each line written there is given
	 * to on_line as soon as it is whole, without its newline.
	 */
	void (*on_line)(char *line, void *arg);
	int line_fd;

	void *arg; /* for prepare, child and on_line */
};

struct proc_result {
	int status;    /* as from waitpid() */
	int timed_out; /* the limit was reached (it may still have ended well in the grace time) */
	char *out;     /* standard output, with a NUL after out_len bytes */
	size_t out_len;
	char *err; /* standard error, likewise */
	size_t err_len;
	int truncated;	/* output beyond max_output was dropped */
	double seconds; /* wall clock, from fork to end */
	long rss_kib;	/* the most memory that it had at once, in KiB; at least what we have */
};

/*
 * Run argv[0] (looked up in PATH) to its end; whatever it has started is killed then, if it is
 * still there. One thread at a time: another's children could be taken for the child's.
 * opts may be NULL. Returns 0 when the child was started, however it ended; else a negative errno
 * (-ENOENT: no such program), with r empty. proc_free() r in both cases.
 */
int proc_run(char *const argv[], const struct proc_opts *opts, struct proc_result *r);
void proc_free(struct proc_result *r);

/* The exit status as a shell shows it: 0 to 255, or 128 + the signal. */
int proc_exit_code(const struct proc_result *r);

/* Seconds on the monotonic clock. */
double proc_now(void);

#endif
