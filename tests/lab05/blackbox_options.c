// SPDX-License-Identifier: MIT
/* --device and --notify as nobody should write them: one line, a status, nothing left behind. */
#include <errno.h>
#include <sys/stat.h>

#include "../common/bad_host.h"
#include "disk.h"

#define WINDOWS "05/windows"

static struct outcome run_with(const char *option)
{
	return run_guest(WINDOWS, option);
}

static void refused(const char *option, int status, const char *why)
{
	struct outcome o = run_with(option);

	CONTEXT("%s", option);
	expect_refused(&o, status, why);
}

static void refused_file(const char *path, const char *why)
{
	char option[300];

	snprintf(option, sizeof(option), "--device=blk,file=%s", path);
	refused(option, 1, why);
}

TEST("-", files_that_are_no_disk, 0)
{
	const char *dir = INPUT("directory");
	struct outcome o;
	char option[300];

	if (mkdir(dir, 0700))
		test_error("%s: %s", dir, strerror(errno));
	refused_file(INPUT("nowhere"), "No such file or directory");
	refused_file(dir, "irectory");
	/* Two commas are one of the path's own. */
	refused_file("/nowhere/a,,b,,,,c", "blk: /nowhere/a,b,,c: No such file or directory");
	refused_file("/nowhere/a,,,readonly", "blk: /nowhere/a,: No such file or directory");
	refused_file(input_file(INPUT("empty"), "", 0), "it is empty");
	refused_file(input_file(INPUT("odd"), "not a sector", 12),
		     "12 bytes are no whole number of sectors");
	refused_file("/dev/null", "neither a file nor a block device");
	if (mkfifo(INPUT("pipe"), 0600))
		test_error("no pipe: %s", strerror(errno));
	refused_file(INPUT("pipe"), "neither a file nor a block device");

	snprintf(option, sizeof(option), "--device=blk,file=%s,readonly", dir);
	o = run_with(option);
	CONTEXT("a directory, read-only");
	expect_refused(&o, 1, "a directory is no disk");
}

TEST("-", disk_that_may_only_be_read, 0)
{
	struct disk *d = disk_random();
	struct outcome o;

	if (!build_is_open())
		SKIP("another user cannot start the program");
	if (chmod(d->path, 0444))
		test_error("%s: %s", d->path, strerror(errno));
	o = run_vmm(&(struct vmm_run){
		.guest = WINDOWS, .args = { d->option }, .uid = other_user(), .no_report = true });
	if (strstr(o.err, "/dev/kvm"))
		SKIP("another user cannot use /dev/kvm");
	CONTEXT("a file of mode 0444, without readonly");
	expect_one_line(&o, "Permission denied");
	EXPECT_U64(o.status, 1);
}

TEST("-", devices_that_are_none, 0)
{
	struct outcome o;

	refused("--device=floppy", 2, "floppy: must be rng, console, blk or net");
	refused("--device=", 2, "--device: needs a value");
	refused("--device=rngs", 2, "rngs: must be rng, console, blk or net");
	refused("--device=rng,fast", 2, "rng takes no settings");
	refused("--device=console,multiport", 2, "console takes no settings");
	refused("--device=blk", 2, "blk: which file? say file=PATH[,readonly]");
	refused("--device=blk,file=", 2, "blk: file? say file=PATH[,readonly]");
	refused("--device=blk,readonly", 2, "blk: which file? say file=PATH[,readonly]");
	refused("--device=blk,file=x,cache=none", 2, "blk: cache? say file=PATH[,readonly]");
	refused("--device=blk,file=a,b", 2, "a comma in PATH is written twice");
	refused("--device=blk,file=x,", 2, "blk: ? say file=PATH[,readonly]");
	refused("--device=net,bridge=br0", 2, "net: bridge? say user[,isolated] or tap=NAME");
	refused("--device=net,tap=", 2, "net: tap? say user[,isolated] or tap=NAME");
	/* An interface of the host is never isolated: who asks for both must hear that. */
	refused("--device=net,tap=lo,isolated", 2, "net: user[,isolated] or tap=NAME, not both");
	refused("--device=net,isolated,tap=lo", 2, "net: user[,isolated] or tap=NAME, not both");
	refused("--device=net,user,tap=lo", 2, "net: user[,isolated] or tap=NAME, not both");
	refused("--device=net,tap=lo", 1, "net: lo: "); /* there is one, but no tap */
	o = run_with("--notify=often");
	CONTEXT("--notify=often");
	EXPECT_U64(o.status, 2);
	EXPECT_CONTAINS(o.err, "vmm: --notify=often: must be exit or eventfd\n");
	EXPECT_STR(o.out, "");
}
