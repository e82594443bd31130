// SPDX-License-Identifier: MIT
/*
 * box: run a program in an emulated machine with hardware virtualization (box.h).
 *
 *   box --engine=svm|svm-shadow|vmx [--put=FILE|DIR]... [--get=FILE]... [--env=NAME=VALUE]...
 *       [--limit=SECONDS] [--root] -- PROGRAM [ARGUMENT]...
 *   box --engine=... --prepare
 *   box --kernel		say where the box's kernel lies, which is fetched first if need be
 *
 * Status: the program's own, 128 + the signal that ended it, 124 at the time limit; 2 for a wrong
 * command line, 3 when the machine cannot be made.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "box.h"

static int usage(void)
{
	complain("usage: box --engine=svm|svm-shadow|vmx [--prepare] [--put=FILE] [--get=FILE] "
		 "[--env=NAME=VALUE] [--limit=SECONDS] [--root] -- program ...");
	return STATUS_USAGE;
}

static int parse(struct request *r, int argc, char **argv)
{
	static const struct option options[] = {
		{ "engine", required_argument, NULL, 'e' },
		{ "prepare", no_argument, NULL, 'p' },
		{ "put", required_argument, NULL, 'u' },
		{ "get", required_argument, NULL, 'g' },
		{ "env", required_argument, NULL, 'v' },
		{ "limit", required_argument, NULL, 'l' },
		{ "root", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			r->engine = optarg;
			break;
		case 'p':
			r->prepare_only = true;
			break;
		case 'u':
		case 'g':
		case 'v':
			strings_add(c == 'u' ? &r->put : c == 'g' ? &r->get : &r->env, optarg);
			break;
		case 'l':
			r->limit = (int)strtol(optarg, &end, 10);
			if (*end || end == optarg || r->limit < 0)
				return -1;
			break;
		case 'r':
			r->root = true;
			break;
		default:
			return -1;
		}
	}
	while (optind < argc)
		strings_add(&r->arg, argv[optind++]);
	if (!r->engine || (strcmp(r->engine, "svm") != 0 && strcmp(r->engine, "svm-shadow") != 0 &&
			   strcmp(r->engine, "vmx") != 0))
		return -1;
	return r->prepare_only || r->arg.count ? 0 : -1;
}

/* What the program finds in its environment there. The user's own variables stay here. */
static void environment(struct request *r)
{
	struct winsize size;
	char text[64];

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col) {
		snprintf(text, sizeof(text), "VMMLAB_COLUMNS=%u", size.ws_col);
		strings_add(&r->env, text);
	}
	snprintf(text, sizeof(text), "VMMLAB_ENGINE=%s", r->engine);
	strings_add(&r->env, text);
	/* Time limits are wall-clock time of the machine, where all takes longer. */
	strings_add(&r->env,
		    strcmp(r->engine, "vmx") ? "VMMLAB_TIME_SCALE=5" : "VMMLAB_TIME_SCALE=20");
	strings_add(&r->env, "PATH=/bin");
	strings_add(&r->env, "HOME=/work");
	strings_add(&r->env, "LD_LIBRARY_PATH=/lib/x86_64-linux-gnu");
	if (isatty(STDERR_FILENO))
		strings_add(&r->env, "VMMLAB_PROGRESS=1");
	if (getenv("TERM")) {
		snprintf(text, sizeof(text), "TERM=%.40s", getenv("TERM"));
		strings_add(&r->env, text);
	}
}

/* Remove a saved machine; with the lock, since another run may just be making it. */
static void forget(const char *dir)
{
	char cache[PATH_MAX];
	int lock = cache_dir(cache) ? -1 : cache_lock(cache);

	cache_remove(dir);
	if (lock >= 0)
		close(lock);
}

/* A saved machine that does not come to life was damaged: it is made again, once. */
static int run_qemu(struct request *r)
{
	int status = -1;

	for (int attempt = 0; attempt < 2 && status < 0; attempt++) {
		struct strings libs = { 0 };
		struct cpio payload = { 0 };
		char dir[PATH_MAX];
		struct machine m;

		if (qemu_prepare(r->engine, dir, &libs))
			return STATUS_ENVIRONMENT;
		if (r->prepare_only)
			return 0;
		if (image_payload(&payload, r, &libs) || qemu_start(&m, dir, &payload))
			return STATUS_ENVIRONMENT;
		status = session_run(&m, r);
		if (status < 0 && attempt == 0) {
			progress("the saved machine in %s does not resume; making it again", dir);
			forget(dir);
		}
		machine_kill(&m);
		cpio_free(&payload);
	}
	return status < 0 ? (complain("the machine does not resume"), STATUS_ENVIRONMENT) : status;
}

static int run_vmx(struct request *r)
{
	struct strings libs = { 0 };
	struct cpio payload = { 0 };
	char dir[PATH_MAX] = "";
	struct kernel kernel;
	struct machine m = MACHINE_NONE;
	int status = -1;

	if (bochs_prepare(&kernel, &libs))
		return STATUS_ENVIRONMENT;
	if (r->prepare_only)
		return 0;
	if (!image_payload(&payload, r, &libs) && !bochs_start(&m, dir, &kernel, &libs, &payload))
		status = session_run(&m, r);
	machine_kill(&m);
	if (*dir)
		cache_remove(dir);
	return status < 0 ? STATUS_ENVIRONMENT : status;
}

static int run(struct request *r, int argc, char **argv)
{
	if (parse(r, argc, argv))
		return usage();
	signal(SIGPIPE, SIG_IGN);
	setenv("LC_ALL", "C", 1); /* readelf's words are read */
	environment(r);
	return strcmp(r->engine, "vmx") != 0 ? run_qemu(r) : run_vmx(r);
}

static int say_kernel(void)
{
	char cache[PATH_MAX];
	struct kernel k;

	if (cache_dir(cache) || kernel_find(&k, cache))
		return STATUS_ENVIRONMENT;
	puts(k.image);
	return 0;
}

int main(int argc, char **argv)
{
	struct request r = { 0 };
	pid_t parent = getppid();

	/* Whoever started it may be killed: then it has a moment to end, and takes the machine
	 * along. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 128 + SIGTERM;
	/* A descriptor that is closed must not become one of the machine's. */
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return STATUS_ENVIRONMENT;
	}
	if (argc == 2 && !strcmp(argv[1], "--kernel"))
		return say_kernel();
	return run(&r, argc, argv);
}
