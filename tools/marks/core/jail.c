// SPDX-License-Identifier: MIT
#include "jail.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

#define MEMORY_MAX    GiB(2) /* of a compiler: what a bomb of macros gets */
#define FILE_MAX      MiB(64)
#define PROCESSES_MAX 512
#define FIRST_UID     56000
#define UIDS	      4000
#define ARGS_MAX      400 /* of a highest lab each object is one */

unsigned jail_uid(const char *dir)
{
	struct stat st;

	return dir && !stat(dir, &st) ? FIRST_UID + st.st_ino % UIDS : JAIL_UID;
}

struct args {
	char uid[40], gid[40], path[PATH_MAX];
	char *item[ARGS_MAX];
	unsigned n;
	bool too_many;
};

static void add(struct args *a, const char *text)
{
	if (a->n < ARGS_MAX - 1)
		a->item[a->n++] = (char *)text;
	else
		a->too_many = true;
	a->item[a->n] = NULL;
}

static void add_all(struct args *a, const char *const *text)
{
	for (; *text; text++)
		add(a, *text);
}

/* What a compiler needs of the system; and who it is. */
static void add_bwrap(struct args *a, const struct jail *jail, unsigned uid)
{
	static const char *const usual[] = { "bwrap",
					     "--die-with-parent",
					     "--new-session",
					     "--unshare-pid",
					     "--unshare-net",
					     "--unshare-ipc",
					     "--unshare-uts",
					     "--unshare-cgroup-try",
					     "--clearenv",
					     "--ro-bind",
					     "/usr",
					     "/usr",
					     "--perms",
					     "0755",
					     "--dir",
					     "/etc",
					     "--ro-bind-try",
					     "/etc/alternatives",
					     "/etc/alternatives",
					     "--symlink",
					     "usr/bin",
					     "/bin",
					     "--symlink",
					     "usr/lib",
					     "/lib",
					     "--symlink",
					     "usr/lib64",
					     "/lib64",
					     "--proc",
					     "/proc",
					     "--dev",
					     "/dev",
					     "--size",
					     "4096",
					     "--tmpfs",
					     "/dev/shm",
					     "--perms",
					     "1777",
					     "--size",
					     "536870912", /* it is memory */
					     "--tmpfs",
					     "/tmp",
					     NULL };
	static const char *const as_root[] = { "--cap-drop", "ALL",	  "--cap-add",
					       "CAP_SETUID", "--cap-add", "CAP_SETGID",
					       NULL };

	/* In there its first process can be read, and with it all that we were told. */
	show_format(a->path, sizeof(a->path), "PATH=%s", getenv("PATH") ?: "/usr/bin:/bin");
	add_all(a, (const char *[]){ "env", "-i", a->path, NULL });
	add_all(a, usual);
	if (geteuid())
		add(a, "--unshare-user");
	else
		add_all(a, as_root);
	if (jail->dir)
		add_all(a, (const char *[]){ "--bind", jail->dir, "/course", "--chdir", "/course",
					     NULL });
	if (jail->input)
		add_all(a, (const char *[]){ "--ro-bind", jail->input, "/input", NULL });
	add(a, "--");
	if (geteuid())
		return;
	show_format(a->uid, sizeof(a->uid), "--reuid=%u", uid);
	show_format(a->gid, sizeof(a->gid), "--regid=%u", uid);
	add_all(a, (const char *[]){ "setpriv", a->uid, a->gid, "--clear-groups", "--no-new-privs",
				     NULL });
}

/* In the child. */
static void enter(void *arg)
{
	const struct jail *jail = arg;

	if (jail->kind == SANDBOX_BWRAP)
		return;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (jail->dir && chdir(jail->dir))
		_exit(126);
}

int jail_run(const struct jail *jail, char *const argv[], struct proc_result *p)
{
	static const char *const environment[] = { "env",	"-i",
						   "LC_ALL=C",	"PATH=/usr/bin:/bin",
						   "HOME=/tmp", NULL };
	unsigned uid = jail_uid(jail->dir ? jail->dir : jail->input);
	struct args a = { 0 };
	struct proc_opts opts = {
		.limit = jail->limit,
		.uid = jail->kind == SANDBOX_USER ? uid : 0,
		.max_output = jail->max_output,
		.max_memory = PROC_MAX_MEMORY ? MEMORY_MAX : 0,
		.max_file = FILE_MAX,
		.max_cpu = jail->limit + 1,
		.max_processes = geteuid() ? 0
					   : PROCESSES_MAX, /* an ordinary user has others, too */
		.first_to_die = true,
		.prepare = enter,
		.arg = (void *)jail,
	};

	if (jail->kind == SANDBOX_BWRAP)
		add_bwrap(&a, jail, uid);
	add_all(&a, environment);
	add_all(&a, (const char *const *)argv);
	*p = (struct proc_result){ 0 };
	return a.too_many ? -E2BIG : proc_run(a.item, &opts, p);
}

/* Another user must not see what is hidden, nor may it lie where all can read. */
static int user_possible(const char *hidden, char *why, size_t size)
{
	char *argv[] = { "test", "-r", (char *)hidden, NULL };
	struct jail jail = { .kind = SANDBOX_USER, .limit = 10 };
	struct proc_result p;
	int ret;

	if (geteuid()) {
		show_format(why, size,
			    "SANDBOX=user wants root: the compiler runs as another user");
		return -EPERM;
	}
	ret = jail_run(&jail, argv, &p);
	if (!ret && proc_exit_code(&p) == 0) {
		show_format(
			why, size,
			"SANDBOX=user: every user can read %s; chmod 700 its directory, or keep "
			"the course where others may not look",
			hidden);
		ret = -EACCES;
	}
	proc_free(&p);
	return ret;
}

int jail_possible(enum sandbox kind, const char *hidden, char *why, size_t size)
{
	char *argv[] = { "true", NULL };
	struct jail jail = { .kind = kind, .limit = 30 };
	struct proc_result p;
	int ret;

	if (kind == SANDBOX_USER)
		return user_possible(hidden, why, size);
	ret = jail_run(&jail, argv, &p);
	if (!ret && proc_exit_code(&p))
		ret = -ENOSYS;
	if (p.err)
		p.err[strcspn(p.err, "\n")] = 0; /* of several lines the first */
	if (ret)
		show_format(why, size,
			    "bubblewrap makes no sandbox here (%.120s); allow user namespaces, or "
			    "run as "
			    "root; SANDBOX=user (as root) does without, SANDBOX=none without any",
			    p.err && p.err[0] ? p.err : strerror(-ret));
	proc_free(&p);
	return ret;
}
