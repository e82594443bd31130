// SPDX-License-Identifier: MIT
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "show.h"
#include "test.h"

static struct proc_result sh(const char *script, const struct proc_opts *opts)
{
	char *argv[] = { "sh", "-c", (char *)script, NULL };
	struct proc_result r;

	CONTEXT("sh -c '%s'", script);
	EXPECT_ERR(proc_run(argv, opts, &r), 0);
	return r;
}

TEST("-", output_and_status_are_captured, 0)
{
	struct proc_result r = sh("printf 'a\\0b'; echo err >&2; exit 7", NULL);

	EXPECT_U64(r.out_len, 3);
	EXPECT_BYTES(r.out, "a\0b", 4);
	EXPECT_STR(r.err, "err\n");
	EXPECT_U64(proc_exit_code(&r), 7);
	EXPECT_TRUE(!r.timed_out && !r.truncated);
	proc_free(&r);
	EXPECT_TRUE(r.out == NULL);
}

TEST("-", a_signal_is_128_and_more, 0)
{
	struct proc_result r = sh("kill -SEGV $$", NULL);

	EXPECT_TRUE(WIFSIGNALED(r.status));
	EXPECT_U64(proc_exit_code(&r), 128 + SIGSEGV);
}

TEST("-", a_missing_program_is_an_error, 0)
{
	char *argv[] = { (char *)test_tmpfile("no-program"), NULL };
	struct proc_result r;

	EXPECT_ERR(proc_run(argv, NULL, &r), -ENOENT);
	EXPECT_STR(r.out, "");
}

TEST("-", a_printing_loop_costs_no_memory, 0, .seconds = 0.5)
{
	struct proc_opts opts = { .limit = 0.3, .max_output = 1000 };
	struct proc_result r = sh("yes", &opts);

	EXPECT_TRUE(r.timed_out);
	EXPECT_TRUE(r.truncated);
	EXPECT_U64(r.out_len, 1000);
	EXPECT_U64(proc_exit_code(&r), 128 + SIGKILL);
}

TEST("-", the_limit_asks_first, 0, .seconds = 0.5)
{
	struct proc_opts opts = { .limit = 0.2, .stop_signal = SIGQUIT };
	struct proc_result r =
		sh("trap 'echo dump; exit 5' QUIT; while :; do sleep 0.02; done", &opts);

	EXPECT_TRUE(r.timed_out);
	EXPECT_STR(r.out, "dump\n");
	EXPECT_U64(proc_exit_code(&r), 5);
}

TEST("-", then_it_kills_the_group, 0, .seconds = 0.5)
{
	struct proc_opts opts = { .limit = 0.2, .stop_signal = SIGQUIT, .stop_grace = 0.2 };
	struct proc_result r = sh("trap '' QUIT; sleep 50 & sleep 50", &opts);

	EXPECT_U64(proc_exit_code(&r), 128 + SIGKILL);
}

/* The state letter of a process in /proc, 'X' when it is gone. */
static char state_of(int pid)
{
	char path[64], state = 'X';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'X';
	if (f)
		fclose(f);
	return state;
}

TEST("-", nothing_is_left_behind, 0)
{
	struct proc_result r = sh("sleep 50 & echo $!", NULL);
	int pid = atoi(r.out);

	for (int i = 0; i < 100 && !strchr("XZ", state_of(pid)); i++)
		usleep(10000); /* it is killed, but has to get the chance to die */
	EXPECT_TRUE(strchr("XZ", state_of(pid)), "process %d is in state %c", pid, state_of(pid));
}

#define LINES_SIZE 100

static void take(char *line, void *arg)
{
	show_append(arg, LINES_SIZE, "%s|", line);
}

TEST("-", lines_come_by_a_third_stream, 0)
{
	char lines[LINES_SIZE] = "";
	struct proc_opts opts = { .on_line = take, .line_fd = 5, .arg = lines };

	sh("echo one >&5; echo two >&5; printf three >&5", &opts);
	EXPECT_STR(lines, "one|two|"); /* the third never ended */
}

/* Slow: it takes longer for all of them than there is time after the child's end. */
static void count_slowly(char *line, void *arg)
{
	++*(unsigned *)arg;
	if (line[0] == 'x')
		usleep(2000);
}

TEST("-", all_lines_come_however_slow_the_reader, 0, .seconds = 1)
{
	unsigned lines = 0;
	struct proc_opts opts = { .on_line = count_slowly, .arg = &lines };

	sh("i=0; while [ $i -lt 400 ]; do echo x$i............................................"
	   ".............................................................. >&3; i=$((i+1)); done",
	   &opts);
	EXPECT_U64(lines, 400);
}

TEST("-", the_environment_can_be_changed, 0)
{
	char *env[] = { "FRUIT=apple", "TMPDIR", NULL };
	struct proc_opts opts = { .extra_env = env };

	EXPECT_STR(sh("echo $FRUIT${TMPDIR-gone}", &opts).out, "applegone\n");
}

TEST("-", input_comes_from_a_file, 0)
{
	FILE *f = fopen(test_tmpfile("in"), "w");
	struct proc_opts opts = { .stdin_path = test_tmpfile("in") };

	EXPECT_TRUE(f && fputs("hello", f) >= 0 && fclose(f) == 0);
	EXPECT_STR(sh("cat", &opts).out, "hello");
	EXPECT_STR(sh("cat", NULL).out, "");
}

TEST("-", another_user_can_run_it, 0)
{
	struct proc_opts opts = { .uid = 65534 };

	if (getuid() != 0)
		SKIP("only root can run a program as another user");
	EXPECT_STR(sh("id -u; id -g; id -G", &opts).out, "65534\n65534\n65534\n");
}

static void few_files(void *arg)
{
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 20, 20 });
}

TEST("-", limits_can_be_set_before_exec, 0)
{
	struct proc_opts opts = { .prepare = few_files };

	EXPECT_STR(sh("ulimit -n", &opts).out, "20\n");
}

TEST("-", ignored_signals_are_not_inherited, 0)
{
	signal(SIGQUIT, SIG_IGN);
	EXPECT_U64(sh("kill -QUIT $$", NULL).status & 0x7f, SIGQUIT);
}

/* The number that a script printed is that of a process that has gone. */
static void expect_gone(const struct proc_result *r)
{
	int pid = atoi(r->out);

	EXPECT_TRUE(pid > 0);
	EXPECT_TRUE(strchr("XZ", state_of(pid)), "process %d is in state %c", pid, state_of(pid));
}

/* Each says its number on the way; the shell waits until it has. */
#define SESSION "setsid sh -c 'echo $$; echo >pipe; exec sleep 50' & read line <pipe"
#define INNER                                                                                     \
	"setsid sh -c 'setsid sh -c \"echo \\$\\$; echo >pipe; exec sleep 50\" & exec sleep 50' " \
	"& read line <pipe"

TEST("-", a_session_of_its_own_is_no_refuge, 0)
{
	struct proc_result r;

	if (chdir(test_tmpdir()) || mkfifo("pipe", 0600))
		test_error("pipe: %s", strerror(errno));
	r = sh(SESSION, NULL);
	expect_gone(&r);
	CONTEXT("and one in a session of its own of its own");
	r = sh(INNER, NULL);
	expect_gone(&r);
}

TEST("-", nor_is_a_crowd, 0, .seconds = 0.5)
{
	siginfo_t info;

	sh("f() { if [ $1 -gt 0 ]; then (f $(($1 - 1))) & (f $(($1 - 1))) & fi; "
	   "setsid sleep 50 & }; f 6",
	   NULL);
	EXPECT_TRUE(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD,
		    "some are left");
}

TEST("-", children_of_before_are_left_alone, 0)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	sh("setsid sleep 50 & :", NULL);
	EXPECT_TRUE(waitpid(pid, NULL, WNOHANG) == 0, "a child of somebody else was killed");
	kill(pid, SIGKILL);
}

static int leave_group(void *arg, int line_fd)
{
	signal(SIGQUIT, SIG_IGN);
	setpgid(0, getpgid(getppid()));
	return pause();
}

TEST("-", nor_is_another_group, 0, .seconds = 0.5)
{
	struct proc_opts opts = { .limit = 0.1, .child = leave_group };
	struct proc_result r;

	EXPECT_ERR(proc_run(NULL, &opts, &r), 0);
	EXPECT_TRUE(r.timed_out);
	EXPECT_U64(proc_exit_code(&r), 128 + SIGKILL);
}

TEST("-", memory_files_and_time_have_limits, 0)
{
	struct proc_opts opts = { .max_memory = PROC_MAX_MEMORY,
				  .max_file = 1 << 20,
				  .max_cpu = 7 };

	EXPECT_STR(sh("ulimit -f; ulimit -t; ulimit -H -f", &opts).out, "2048\n7\n2048\n");
	EXPECT_STR(sh("ulimit -v", &opts).out, PROC_MAX_MEMORY ? "8388608\n" : "unlimited\n");
	CONTEXT("a lower one of before stays");
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 512, 512 });
	EXPECT_STR(sh("ulimit -f", &opts).out, "1\n");
	CONTEXT("who dies first when the machine has no memory left");
	opts.first_to_die = true;
	EXPECT_STR(sh("cat /proc/self/oom_score_adj; ulimit -c", &opts).out, "1000\n0\n");
}
