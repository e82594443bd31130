// SPDX-License-Identifier: MIT
/* --device and --notify as nobody should write them: one line, a status, nothing left behind. */
#include <errno.h>
#include <sys/stat.h>

#include "../common/bad_host.h"
#include "disk.h"
#include "network.h"

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

#define NET_WORDS "say user[,isolated][,hostfwd=RULE] or tap=NAME, and mac=ADDRESS"

/* A port of 127.0.0.1 where somebody listens. */
static u16 taken_port(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(to);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, len) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)&to, &len))
		test_error("nobody can listen");
	return ntohs(to.sin_port);
}

TEST("-", cards_that_are_none, 0, .seconds = 0.3)
{
	const char *why = network_loopback();
	struct outcome o;
	u16 port;

	refused("--device=net,mac=52:54", 2, "net: mac=52:54: not an address such as");
	refused("--device=net,mac=01:00:00:00:00:01", 2, "a group's address");
	refused("--device=net,mac=00:00:00:00:00:00", 2, "all zero is nobody's address");
	refused("--device=net,mac", 2, "net: mac? " NET_WORDS);
	o = run_guest(WINDOWS, "--device=net", "--device=net,mac=52:54:00:12:34:56");
	CONTEXT("two cards, and the second is given the first one's address");
	expect_refused(&o, 2, "another card has this address");
	refused("--device=net,hostfwd=tcp::2222-22", 2,
		"not a rule such as tcp:127.0.0.1:2222-:22");
	refused("--device=net,hostfwd", 2, "net: hostfwd? " NET_WORDS);
	refused("--device=net,hostfwd=tcp::2222-10.0.2.2:22", 2, "the guest's address must be");
	refused("--device=net,tap=lo,hostfwd=tcp::2222-:22", 2, "net: hostfwd needs user");
	refused("--device=net,hostfwd=udp::2222-:22,isolated", 2, "not with isolated");
	if (why)
		SKIP("%s", why);
	port = taken_port();
	refused(test_text("--device=net,hostfwd=tcp::%u-:22", port), 1,
		test_text("net: hostfwd=tcp:127.0.0.1:%u: Address already in use", port));
}

TEST("-", devices_that_are_none, 0, .seconds = 0.4)
{
	struct outcome o;

	refused("--device=floppy", 2, "floppy: must be rng, console, blk or net");
	refused("--device=", 2, "--device: needs a value");
	refused("--device=rngs", 2, "rngs: must be rng, console, blk or net");
	refused("--device=rng,fast", 2, "rng takes no settings");
	refused("--device=console,multiport", 2, "console takes no settings");
	refused("--device=blk", 2, "blk: which file? say file=PATH[,readonly][,threads=0|2]");
	refused("--device=blk,file=", 2, "blk: file? say file=PATH[,readonly][,threads=0|2]");
	refused("--device=blk,readonly", 2,
		"blk: which file? say file=PATH[,readonly][,threads=0|2]");
	refused("--device=blk,file=x,threads=1", 2,
		"blk: threads? say file=PATH[,readonly][,threads=0|2]");
	refused("--device=blk,file=x,cache=none", 2,
		"blk: cache? say file=PATH[,readonly][,threads=0|2]");
	refused("--device=blk,file=a,b", 2, "a comma in PATH is written twice");
	refused("--device=blk,file=x,", 2, "blk: ? say file=PATH[,readonly][,threads=0|2]");
	refused("--device=net,bridge=br0", 2, "net: bridge? " NET_WORDS);
	refused("--device=net,tap=", 2, "net: tap? " NET_WORDS);
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
