// SPDX-License-Identifier: MIT
/* What a driver tells disks apart by. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk.h"
#include "devices.h"
#include "test.h"

/* The name of the nth of these devices, as its driver is told. */
static const char *id_of(struct devices *d, unsigned n, const char *path)
{
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	const struct wiring to = { .vm = &vm };
	char *args = strdup(test_text("file=%s,readonly,threads=0", path));
	struct why why;

	EXPECT_ERR(d->card[n].kind->make(&d->card[n], &to, args, &why), 0);
	d->card[n].made = true;
	free(args);
	return ((struct blk *)d->card[n].device)->id;
}

TEST("-", each_disk_has_a_serial_number_of_its_own, 0)
{
	struct options opt = { .devices = { .count = 4, .text = { "blk", "rng", "blk", "blk" } } };
	const char *path = test_tmpfile("disk");
	struct devices d = { .ncards = 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 4096) || close(fd))
		test_error("%s cannot be written", path);
	EXPECT_ERR(devices_prepare(&d, &opt), 0);
	EXPECT_STR(id_of(&d, 0, path), "vmmlab");
	CONTEXT("the second disk, with another device between");
	EXPECT_STR(id_of(&d, 2, path), "vmmlab-2");
	EXPECT_STR(id_of(&d, 3, path), "vmmlab-3");
}
