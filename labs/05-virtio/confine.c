// SPDX-License-Identifier: MIT
#include "confine.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine_files.h"

/* As root we have them all; a user of no privilege has none, and then this changes nothing. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

const char *confine_whose(unsigned parts)
{
	return parts & CONFINE_MACHINE ? "vmm: sandbox" : "vmm: net: sandbox";
}

/*
 * A user namespace needs no privilege, where the system allows one at all, and in it we may have
 * the others: a network without an interface, and none of the host's shared memory. Where it does
 * not, root may have those all the same.
 */
static void leave_namespaces(const struct options *opt, unsigned parts)
{
	int flags = CLONE_NEWIPC;

	if (!(parts & CONFINE_SOCKETS))
		flags |= CLONE_NEWNET;
	if (unshare(CLONE_NEWUSER | flags) < 0 && unshare(flags) < 0 && opt->verbose)
		fprintf(stderr, "%s: no namespaces: %s\n", confine_whose(parts), strerror(errno));
}

static int give_up(const struct options *opt, unsigned parts)
{
	int abi;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	leave_namespaces(opt, parts);
	abi = confine_files(parts & CONFINE_RESOLVER ? "/etc/resolv.conf" : NULL,
			    !(parts & CONFINE_SOCKETS));
	if (opt->verbose && abi > 0)
		fprintf(stderr, "%s: no files, by Landlock's ABI %d\n", confine_whose(parts), abi);
	else if (opt->verbose)
		fprintf(stderr, "%s: no Landlock here: %s\n", confine_whose(parts), strerror(-abi));
	return drop_capabilities();
}

/* What follows is each thread's own: is there only this one? */
static bool is_alone(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned n = 0;

	for (struct dirent *d; dir && (d = readdir(dir));)
		n += d->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n <= 1; /* 0: there is no /proc */
}

int confine_process(const struct options *opt, unsigned parts, struct why *why)
{
	int err;

	if (opt->no_sandbox && (parts & CONFINE_MACHINE))
		fprintf(stderr,
			"vmm: --no-sandbox: a guest that takes over this VMM may do all that "
			"you may: files, programs, the network\n");
#ifdef SANITIZED
	return 0;
#endif
	if (!opt->no_sandbox && !is_alone())
		return why_set(why, -EBUSY, "a thread runs already, which would stay outside");
	err = opt->no_sandbox ? 0 : give_up(opt, parts);
	return err ? why_set(why, err, "%s", strerror(-err)) : 0;
}
