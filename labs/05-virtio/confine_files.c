// SPDX-License-Identifier: MIT
#include "confine_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "types.h"

/* Each version of the interface has a few rights more; an older <linux/landlock.h> lacks them. */
struct ruleset {
	u64 files, net, scoped;
};
#define FILES_ALL     ((1ull << 13) - 1) /* 1: to make, read, write, execute, remove */
#define FILES_REFER   (1ull << 13)	 /* 2 */
#define FILES_CUT     (1ull << 14)	 /* 3: truncate */
#define NET_TCP	      3ull		 /* 4: bind, connect */
#define FILES_DEVICES (1ull << 15)	 /* 5: ioctl(2) on devices that are opened later */
#define SCOPED_ALL    3ull		 /* 6: abstract sockets, signals */

static struct ruleset all_of(int abi, bool tcp)
{
	struct ruleset all = { .files = FILES_ALL };

	if (abi >= 2)
		all.files |= FILES_REFER;
	if (abi >= 3)
		all.files |= FILES_CUT;
	if (abi >= 4 && tcp)
		all.net = NET_TCP;
	if (abi >= 5)
		all.files |= FILES_DEVICES;
	if (abi >= 6)
		all.scoped = SCOPED_ALL;
	return all;
}

static void let_read(int rules, const char *file)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = open(file, O_PATH | O_CLOEXEC),
	};

	if (beneath.parent_fd < 0)
		return; /* there is none */
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(beneath.parent_fd);
}

int confine_files(const char *file, bool tcp)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all;
	int rules, err;

	if (abi < 0)
		return -errno;
	all = all_of((int)abi, tcp);
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules < 0)
		return -errno;
	if (file)
		let_read(rules, file);
	err = syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0;
	close(rules);
	return err ? err : (int)abi;
}
