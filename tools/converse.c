// SPDX-License-Identifier: MIT
/*
 * converse: a program that asks is answered. What it prints is shown, and each TEXT is waited for
 * in it, one after the other; then the LINE behind it is typed.
 *
 *	converse [--limit=SECONDS] TEXT LINE [TEXT LINE]... -- PROGRAM [ARGUMENT]...
 *
 * Status: the program's own, 128 + the signal that ended it; 1: it ended before all was said, 124:
 * the limit was reached; 2 for a wrong command line.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "types.h"

enum { STATUS_UNSAID = 1, STATUS_USAGE = 2, STATUS_LIMIT = 124 };

struct talk {
	char **word; /* in turn a text to wait for and a line to type */
	int left;    /* words */
	pid_t pid;
	int in, out; /* its standard input and output */
	double end;
	char heard[4096]; /* what came last and has not been answered */
	size_t len;
};

static int usage(void)
{
	fputs("usage: converse [--limit=SECONDS] TEXT LINE [TEXT LINE]... -- PROGRAM ...\n",
	      stderr);
	return STATUS_USAGE;
}

static int start(struct talk *t, char **argv)
{
	int to[2], from[2];

	if (pipe(to) || pipe(from) || (t->pid = fork()) < 0) {
		perror("converse");
		return -1;
	}
	if (!t->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		for (unsigned i = 0; i < 2; i++) {
			close(to[i]);
			close(from[i]);
		}
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	t->in = to[1];
	t->out = from[0];
	return 0;
}

static void type(struct talk *t, const char *line)
{
	if (write(t->in, line, strlen(line)) < 0 || write(t->in, "\n", 1) < 0)
		perror("converse: typing");
}

/* If the text that is waited for has come, answer; what stands before it is forgotten. */
static void answer(struct talk *t)
{
	size_t n = t->left ? strlen(t->word[0]) : 0;
	char *at = t->left ? memmem(t->heard, t->len, t->word[0], n) : NULL;

	if (!at)
		return;
	t->len -= (size_t)(at - t->heard) + n;
	memmove(t->heard, at + n, t->len);
	type(t, t->word[1]);
	t->word += 2;
	t->left -= 2;
	answer(t);
}

/* False: there will be nothing more. */
static bool hear(struct talk *t)
{
	size_t half = sizeof(t->heard) / 2;
	ssize_t n;

	if (t->len > half) { /* no text is that long */
		memmove(t->heard, t->heard + t->len - half, half);
		t->len = half;
	}
	n = read(t->out, t->heard + t->len, half);
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0 || write(STDOUT_FILENO, t->heard + t->len, (size_t)n) != n)
		return false;
	t->len += (size_t)n;
	answer(t);
	return true;
}

static int attend(struct talk *t)
{
	struct pollfd fd = { .fd = t->out, .events = POLLIN };
	int status;

	while (1) {
		double left = t->end - proc_now();
		int ready = left > 0 ? poll(&fd, 1, (int)(left * 1000) + 1) : 0;

		if (!ready) {
			kill(t->pid, SIGKILL);
			fprintf(stderr, "converse: the limit was reached%s%s\n",
				t->left ? "; this did not come: " : "", t->left ? t->word[0] : "");
			return STATUS_LIMIT;
		}
		if (ready > 0 && !hear(t))
			break;
	}
	if (waitpid(t->pid, &status, 0) < 0)
		return STATUS_USAGE;
	if (t->left) {
		fprintf(stderr, "converse: it has ended; this did not come: %s\n", t->word[0]);
		return STATUS_UNSAID;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "limit", required_argument, NULL, 'l' },
						 { NULL, 0, NULL, 0 } };
	struct talk talk = { .end = proc_now() + 1e6 };
	int c, n = 0;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == '?')
			return usage();
		talk.end = proc_now() + strtod(optarg, NULL);
	}
	while (optind + n < argc && strcmp(argv[optind + n], "--") != 0)
		n++;
	if (n % 2 || optind + n + 1 >= argc)
		return usage();
	talk.word = argv + optind;
	talk.left = n;
	signal(SIGPIPE, SIG_IGN);
	return start(&talk, argv + optind + n + 1) ? STATUS_USAGE : attend(&talk);
}
