// SPDX-License-Identifier: MIT
/* The svm engine from outside: a program in the box behaves as if it ran here. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "env.h"
#include "proc.h"
#include "show.h"
#include "test.h"

#define BOX_SECONDS 3 /* one run takes under 1 s; the first prepares the machine, see below */

static bool have_qemu(void)
{
	return system("command -v qemu-system-x86_64 >/dev/null") == 0;
}

/* box [option] -- probe what arg; relative to the test's own directory. */
static struct proc_result box(const char *option, const char *what, const char *arg,
			      struct proc_opts *opts)
{
	static char program[PATH_MAX], probe[PATH_MAX];
	char *argv[] = { program, "--engine=svm", (char *)option, "--",
			 probe,	  (char *)what,	  (char *)arg,	  NULL };
	struct proc_opts none = { 0 };
	struct proc_result r;

	show_format(program, sizeof(program), "%s/tools/box/box", env_build_dir());
	show_format(probe, sizeof(probe), "%s/tests/box/probe", env_build_dir());
	if (opts && opts->limit == 0)
		opts->limit = 60;
	CONTEXT("box --engine=svm %s -- probe %s %s", option, what, arg ? arg : "");
	EXPECT_ERR(proc_run(argv, opts ? opts : &none, &r), 0);
	return r;
}

/* The bytes that the probe writes: the same generator, by construction. */
static char *pattern(size_t size, unsigned seed)
{
	char *data = malloc(size);

	for (size_t i = 0; i < size; i++)
		data[i] = (seed = seed * 1103515245 + 12345) >> 16;
	return data;
}

TEST("-", box_prepares_itself_and_passes_the_status, 0, .seconds = 60)
{
	struct proc_result r;

	if (!have_qemu())
		SKIP("no QEMU here");
	r = box("--limit=60", "exit", "37", NULL);
	EXPECT_U64(proc_exit_code(&r), 37);
	EXPECT_STR(r.out, "");
	r = box("--limit=60", "kill", "15", NULL);
	EXPECT_U64(proc_exit_code(&r), 128 + SIGTERM);
	r = box("--limit=60", "leave", NULL, NULL);
	EXPECT_U64(proc_exit_code(&r), 12);
}

TEST("-", box_keeps_stdout_and_stderr_apart_and_whole, 0, .seconds = BOX_SECONDS)
{
	const size_t size = 300000;
	struct proc_result r;

	if (!have_qemu())
		SKIP("no QEMU here");
	r = box("--limit=60", "pattern", "300000", NULL);
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_U64(r.out_len, size);
	EXPECT_U64(r.err_len, size);
	EXPECT_BYTES(r.out, pattern(size, 1), size);
	EXPECT_BYTES(r.err, pattern(size, 2), size);
}

TEST("-", box_passes_stdin_to_its_end, 0, .seconds = BOX_SECONDS)
{
	const size_t size = 200000;
	struct proc_opts opts = { .stdin_path = test_tmpfile("in") };
	FILE *f = fopen(opts.stdin_path, "w");
	const char *bytes = pattern(size, 3);
	struct proc_result r;

	if (!have_qemu())
		SKIP("no QEMU here");
	EXPECT_TRUE(f && fwrite(bytes, 1, size, f) == size && !fclose(f));
	r = box("--limit=60", "cat", NULL, &opts);
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_U64(r.out_len, size);
	EXPECT_BYTES(r.out, bytes, size);
}

static const char *word(const char *text, const char *name, char value[64])
{
	const char *at = strstr(text, name);

	show_format(value, 64, "%.*s", at ? (int)strcspn(at + strlen(name), " \n") : 0,
		    at ? at + strlen(name) : "");
	return value;
}

TEST("-", each_box_has_its_own_time_and_chance, 0, .seconds = 2 * BOX_SECONDS)
{
	char first[64], second[64], value[64];
	struct proc_result r;
	long long before = time(NULL), then;

	if (!have_qemu())
		SKIP("no QEMU here");
	r = box("--limit=60", "place", NULL, NULL);
	then = atoll(word(r.out, "time=", value));
	EXPECT_TRUE(then >= before && then <= time(NULL) + 60, "its clock shows %lld, not %lld",
		    then, before);
	EXPECT_STR(word(r.out, "uid=", value), "1000");
	EXPECT_STR(word(r.out, "engine=", value), "svm");
	EXPECT_STR(word(r.out, "tty=", value), "000");
	CONTEXT("only init may speak to the host: a program could forge its exit status else");
	EXPECT_STR(word(r.out, "link=", value), "closed");
	word(r.out, "random=", first);
	r = box("--limit=60", "place", NULL, NULL);
	CONTEXT("both runs resume with the same random state");
	EXPECT_TRUE(strlen(word(r.out, "random=", second)) == 16 && strcmp(first, second) != 0,
		    "both drew %s", first);
}

static void in_tmpdir(void *arg)
{
	if (chdir(arg))
		_exit(99);
}

TEST("-", only_files_asked_for_come_back, 0, .seconds = BOX_SECONDS)
{
	struct proc_opts opts = { .prepare = in_tmpdir, .arg = (void *)test_tmpdir() };
	char text[32] = "";
	struct proc_result r;
	FILE *f;

	if (!have_qemu())
		SKIP("no QEMU here");
	r = box("--get=asked", "files", "some text", &opts);
	EXPECT_U64(proc_exit_code(&r), 0);
	f = fopen(test_tmpfile("asked"), "r");
	EXPECT_TRUE(f && fgets(text, sizeof(text), f));
	EXPECT_STR(text, "some text");
	EXPECT_TRUE(access(test_tmpfile("unasked"), F_OK), "it came back unasked");
}

TEST("-", what_comes_back_leaves_pipes_and_links_alone, 0, .seconds = 2 * BOX_SECONDS)
{
	struct proc_opts opts = { .prepare = in_tmpdir, .arg = (void *)test_tmpdir() };
	char text[32] = "";
	struct proc_result r;
	struct stat st;
	int fd;

	if (!have_qemu())
		SKIP("no QEMU here");
	if (mkfifo(test_tmpfile("asked"), 0600))
		test_error("asked: %s", strerror(errno));
	fd = open(test_tmpfile("asked"), O_RDWR | O_CLOEXEC);
	r = box("--get=asked", "files", "some text", &opts);
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_TRUE(!lstat(test_tmpfile("asked"), &st) && S_ISFIFO(st.st_mode));
	EXPECT_U64(read(fd, text, sizeof(text) - 1), strlen("some text"));
	CONTEXT("a link to a file");
	if (unlink(test_tmpfile("asked")) || symlink("behind", test_tmpfile("asked")) ||
	    close(open(test_tmpfile("behind"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
		test_error("asked: %s", strerror(errno));
	r = box("--get=asked", "files", "other text", &opts);
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_TRUE(!lstat(test_tmpfile("asked"), &st) && S_ISLNK(st.st_mode));
	EXPECT_TRUE(!stat(test_tmpfile("behind"), &st));
	EXPECT_U64(st.st_size, strlen("other text"));
}

TEST("-", the_program_may_write_beside_what_was_put, 0, .seconds = BOX_SECONDS)
{
	char put[PATH_MAX];
	struct proc_result r;
	FILE *f = fopen(test_tmpfile("given"), "w");

	if (f)
		fclose(f);
	if (!have_qemu())
		SKIP("no QEMU here");
	CONTEXT("a path that is absolute keeps its place");
	show_format(put, sizeof(put), "--put=%s", test_tmpfile("given"));
	r = box(put, "write", test_tmpfile("made"), NULL);
	EXPECT_U64(proc_exit_code(&r), 0);
}

TEST("-", box_obeys_its_time_limit, 0, .seconds = BOX_SECONDS)
{
	struct proc_result r;

	if (!have_qemu())
		SKIP("no QEMU here");
	r = box("--limit=2", "wait", NULL, NULL);
	EXPECT_U64(proc_exit_code(&r), 124);
	EXPECT_STR(r.err, "box: the time limit of 2 s has ended it\n");
}

/* Processes whose command line holds the text, besides zombies. */
static int count_processes(const char *text)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	if (!proc)
		test_error("/proc cannot be read");
	while ((entry = readdir(proc))) {
		char path[300], line[4096] = "";
		int fd;
		ssize_t n;

		show_format(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		fd = open(path, O_RDONLY);
		n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
		for (ssize_t i = 0; i < n; i++)
			line[i] = line[i] ? line[i] : ' ';
		count += strstr(line, text) != NULL;
		close(fd);
	}
	closedir(proc);
	return count;
}

/* A box whose program has said "waiting", on a terminal or a pipe. */
static pid_t waiting_box(int *out, const char *mark)
{
	char program[PATH_MAX], probe[PATH_MAX], line[16] = "";
	int ends[2];
	pid_t pid;

	show_format(program, sizeof(program), "%s/tools/box/box", env_build_dir());
	show_format(probe, sizeof(probe), "%s/tests/box/probe", env_build_dir());
	if (pipe(ends) || (pid = fork()) < 0)
		test_error("no process");
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		execl(program, program, "--engine=svm", "--", probe, "wait", mark, NULL);
		_exit(127);
	}
	close(ends[1]);
	for (size_t n = 0; n < strlen("waiting\n");) {
		ssize_t got = read(ends[0], line + n, strlen("waiting\n") - n);

		EXPECT_TRUE(got > 0, "it ended before it said anything");
		n += got;
	}
	EXPECT_STR(line, "waiting\n");
	*out = ends[0];
	return pid;
}

TEST("-", a_signal_is_for_the_program, 0, .seconds = BOX_SECONDS)
{
	char line[16] = "";
	int out, how;
	pid_t pid;

	if (!have_qemu())
		SKIP("no QEMU here");
	pid = waiting_box(&out, "signal");
	kill(pid, SIGTERM);
	EXPECT_TRUE(read(out, line, sizeof(line) - 1) > 0);
	EXPECT_STR(line, "terminated\n");
	EXPECT_TRUE(waitpid(pid, &how, 0) == pid && WIFEXITED(how));
	EXPECT_U64(WEXITSTATUS(how), 41);
}

TEST("-", a_stray_signal_does_not_break_the_box, 0, .seconds = BOX_SECONDS)
{
	int out, how;
	pid_t pid;

	if (!have_qemu())
		SKIP("no QEMU here");
	pid = waiting_box(&out, "stray");
	kill(pid, SIGALRM);
	EXPECT_TRUE(waitpid(pid, &how, 0) == pid);
	CONTEXT("it is the program's, which dies of it; the box ends in order, and so gives the "
		"terminal back");
	EXPECT_TRUE(WIFEXITED(how), "the box was killed by signal %d", WTERMSIG(how));
	EXPECT_U64(WEXITSTATUS(how), 128 + SIGALRM);
	close(out);
}

TEST("-", a_killed_box_leaves_no_machine, 0, .seconds = BOX_SECONDS)
{
	int out, before;
	char byte;
	pid_t pid;

	if (!have_qemu())
		SKIP("no QEMU here");
	before = count_processes("memory-backend-file,id=mem");
	pid = waiting_box(&out, "killed");
	EXPECT_TRUE(count_processes("memory-backend-file,id=mem") > 0, "no machine is running");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CONTEXT("the machine holds no end of our pipes: its output ends at once");
	EXPECT_U64(read(out, &byte, 1), 0);
	for (int i = 0; i < 500 && count_processes("memory-backend-file,id=mem") > before; i++)
		usleep(10000); /* the kernel ends it when it gets to it */
	EXPECT_TRUE(count_processes("memory-backend-file,id=mem") <= before, "it runs on");
}

TEST("-", box_forwards_the_terminal_and_restores_it, 0, .seconds = BOX_SECONDS)
{
	struct winsize size = { .ws_row = 30, .ws_col = 77 };
	char program[PATH_MAX], probe[PATH_MAX], said[4096] = "";
	struct termios before, after;
	int master, how;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (!have_qemu())
		SKIP("no QEMU here");
	show_format(program, sizeof(program), "%s/tools/box/box", env_build_dir());
	show_format(probe, sizeof(probe), "%s/tests/box/probe", env_build_dir());
	pid = forkpty(&master, NULL, NULL, &size);
	if (pid < 0)
		SKIP("no pseudo-terminals here: is /dev/pts mounted?");
	if (pid == 0) {
		execl(program, program, "--engine=svm", "--", probe, "place", NULL);
		_exit(127);
	}
	tcgetattr(master, &before);
	while (have < sizeof(said) - 1 &&
	       (n = read(master, said + have, sizeof(said) - 1 - have)) > 0) {
		have += n;
		if (tcgetattr(master, &after))
			break;
	}
	EXPECT_TRUE(waitpid(pid, &how, 0) == pid && WIFEXITED(how) && !WEXITSTATUS(how));
	EXPECT_CONTAINS(said, "tty=111");
	EXPECT_CONTAINS(said, "cols=77");
	tcgetattr(master, &after);
	EXPECT_U64(after.c_lflag, before.c_lflag);
	EXPECT_U64(after.c_oflag, before.c_oflag);
}
