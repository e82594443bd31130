// SPDX-License-Identifier: MIT
/*
 * emulate: run a hypervisor for the bare machine in an emulator, with a guest as its module. What
 * the guest prints goes to stdout, what the hypervisor says to stderr, and its status is ours. The
 * serial line carries all three: labs/08-type1/bare/serial.h, whose signs are repeated here.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulated/emulated.h"
#include "proc.h"
#include "types.h"

static const char usage[] =
	"usage: emulate [--cpu=amd|intel] [--limit=SECONDS] [--log=FILE] [--memory=FILE]\n"
	"               [--model=CPU] [--words=TEXT] [--feature-control=N] [--notes] HYPERVISOR\n"
	"               [GUEST [WORD...]]\n"
	"       emulate --rom=FILE ... HYPERVISOR ...     (write the ROM that Bochs would get)\n"
	"       emulate --heard     (what came out of a serial line elsewhere, from standard "
	"input)\n";

static const struct option options[] = {
	{ "cpu", required_argument, NULL, 'c' },
	{ "limit", required_argument, NULL, 'l' },
	{ "log", required_argument, NULL, 'o' },
	{ "memory", required_argument, NULL, 'm' },
	{ "model", required_argument, NULL, 'M' },
	{ "words", required_argument, NULL, 'w' },
	{ "feature-control", required_argument, NULL, 'f' },
	{ "notes", no_argument, NULL, 'n' },
	{ "rom", required_argument, NULL, 'r' },
	{ "heard", no_argument, NULL, 'H' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

enum { FAILED = 1, USAGE = 2, MISSING = 3, TIME_LIMIT = 124 };
enum { SIGN_END = 0x04, SIGN_NOTE, SIGN_HOST = 0x0e, SIGN_GUEST, SIGN_LITERAL };

static const struct emulator *const emulators[] = { &emulator_qemu, &emulator_bochs };

/* The serial line, as far as it has been heard. */
struct line {
	u8 voice;   /* SIGN_HOST, SIGN_GUEST, SIGN_NOTE */
	bool notes; /* are wanted */
	struct said said;
	bool literal, ending;
	int status; /* -1: not known yet */
};

static bool is_sign(u8 byte)
{
	return byte == SIGN_END || byte == SIGN_NOTE || byte == SIGN_HOST || byte == SIGN_GUEST ||
	       byte == SIGN_LITERAL;
}

static void hear(struct line *l, u8 byte)
{
	if (l->literal || !is_sign(byte)) {
		l->literal = false;
		if (l->ending)
			l->status = byte;
		else if (l->voice != SIGN_NOTE || l->notes)
			putc(byte, l->voice == SIGN_GUEST ? stdout : stderr);
		if (l->voice == SIGN_HOST)
			said_add(&l->said, (char)byte);
		return;
	}
	if (byte == SIGN_LITERAL) {
		l->literal = true;
	} else if (byte == SIGN_END) {
		l->ending = true;
	} else {
		fflush(stdout);
		l->voice = byte;
	}
}

/* Until the status is there, the line is closed, or it is too late. */
static void listen_to(struct line *l, int fd, double deadline)
{
	u8 buf[4096];

	while (l->status < 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		double left = deadline - proc_now();
		ssize_t n;

		if (left <= 0)
			return;
		if (poll(&p, 1, (int)(left * 1000) + 1) <= 0)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return;
		for (ssize_t i = 0; i < n && l->status < 0; i++)
			hear(l, buf[i]);
		fflush(stdout);
	}
}

/* The emulator, with its serial line at EMULATE_SERIAL_FD. */
static pid_t start(const struct command *c, bool noisy, int line, pid_t parent)
{
	pid_t pid = fork();
	int null;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (noisy)
		dup2(null, STDERR_FILENO);
	if (line == EMULATE_SERIAL_FD)
		fcntl(line, F_SETFD, 0);
	else
		dup2(line, EMULATE_SERIAL_FD);
	execvp(c->argv[0], c->argv);
	_exit(127);
}

static int verdict(const struct line *l, const struct emulator *e, double limit, bool late, int how)
{
	if (l->status >= 0)
		return l->status;
	if (WIFEXITED(how) && WEXITSTATUS(how) == 127) {
		fprintf(stderr, "emulate: %s is not installed: %s\n", e->program, e->install);
		return MISSING;
	}
	if (late) {
		fprintf(stderr, "emulate: not done after %g seconds\n", limit);
		return TIME_LIMIT;
	}
	if (e->exit_port && l->said.used > 0 && WIFEXITED(how) && WEXITSTATUS(how) & 1) {
		fprintf(stderr,
			"emulate: the machine is switched off: an OUT of 0x%x to its own port "
			"0x%x. Most "
			"likely it was\n"
			"emulate: the guest's, which does not exit by its ports yet (task 8.3)\n",
			WEXITSTATUS(how) >> 1, EMULATE_EXIT_PORT);
		return FAILED;
	}
	if (WIFSIGNALED(how)) {
		fprintf(stderr,
			"emulate: %s itself has died: signal %d\n"
			"emulate: Whatever its guest does, that is a fault of the emulator's\n",
			e->program, WTERMSIG(how));
		return FAILED;
	}
	fprintf(stderr, "emulate: the machine is gone, and the hypervisor has not said why: an "
			"exception of\n"
			"emulate: its own while it dealt with another one, or with a broken IDT\n");
	return FAILED;
}

static int run(const struct emulator *e, const struct job *job, double limit)
{
	struct line l = { .voice = SIGN_GUEST, .notes = job->notes, .status = -1 };
	struct command c = { .n = 0 };
	double deadline = proc_now() + limit;
	bool late;
	int fds[2], how = 0;
	pid_t pid;

	if (e->prepare(job, &c))
		return FAILED;
	if (pipe2(fds, O_CLOEXEC))
		return FAILED;
	pid = start(&c, e->noisy, fds[1], getpid());
	close(fds[1]);
	if (pid < 0)
		return FAILED;
	listen_to(&l, fds[0], deadline);
	late = proc_now() >= deadline;
	fflush(stdout);
	if (late || l.status >= 0)
		kill(pid, SIGKILL); /* a machine that has halted may hear nothing else */
	waitpid(pid, &how, 0);
	said_where(&l.said, job->image);
	return verdict(&l, e, limit, late, how);
}

/* The machine was somebody else's: here is what its serial line has said. */
static int tell_heard(double limit)
{
	struct line l = { .voice = SIGN_GUEST, .status = -1 };

	listen_to(&l, STDIN_FILENO, proc_now() + limit);
	if (l.status >= 0)
		return l.status;
	fprintf(stderr, "emulate: the line ends, or nothing comes, and there was no status\n");
	return FAILED;
}

/* A directory for the emulator's files, and how it goes away again. */
static bool make_dir(struct job *job)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(job->dir, sizeof(job->dir), "%s/vmmlab-emulate-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	return mkdtemp(job->dir) != NULL;
}

static void remove_dir(const struct job *job)
{
	char *argv[] = { "rm", "-rf", "--", (char *)job->dir, NULL };
	struct proc_result r;

	proc_run(argv, NULL, &r);
	proc_free(&r);
}

static const struct emulator *find(const char *cpu)
{
	for (unsigned i = 0; i < ARRAY_SIZE(emulators); i++)
		if (!strcmp(emulators[i]->cpu, cpu))
			return emulators[i];
	fprintf(stderr, "emulate: --cpu=%s: there is no such CPU here\n", cpu);
	return NULL;
}

static bool is_readable(const char *path)
{
	if (!path || !access(path, R_OK))
		return true;
	fprintf(stderr, "emulate: %s: %s\n", path, strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	const char *cpu = "amd";
	const struct emulator *e;
	struct job job = { .words = NULL };
	double limit = 10;
	bool heard = false;
	char words[1024] = "";
	int c, status;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			cpu = optarg;
			break;
		case 'l':
			limit = atof(optarg);
			break;
		case 'o':
			job.log = optarg;
			break;
		case 'm':
			job.memory = optarg;
			break;
		case 'M':
			job.model = optarg;
			break;
		case 'w':
			job.words = optarg;
			break;
		case 'f':
			job.feature_control = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 'n':
			job.notes = true;
			break;
		case 'r':
			job.rom = optarg;
			break;
		case 'H':
			heard = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return USAGE;
		}
	}
	if (heard && limit > 0)
		return tell_heard(limit);
	e = find(cpu);
	if (!e || optind >= argc || limit <= 0) {
		fputs(usage, stderr);
		return USAGE;
	}
	job.image = argv[optind];
	job.guest = optind + 1 < argc ? argv[optind + 1] : NULL;
	for (int i = optind + 2; i < argc; i++)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
			 *words ? " " : "", argv[i]);
	if (*words)
		job.words = words;
	if (!is_readable(job.image) || !is_readable(job.guest))
		return USAGE;
	if (job.rom)
		return rom_write(&job) ? FAILED : 0;
	if (!make_dir(&job)) {
		fprintf(stderr, "emulate: %s: %s\n", job.dir, strerror(errno));
		return FAILED;
	}
	status = run(e, &job, limit);
	remove_dir(&job);
	return status;
}
