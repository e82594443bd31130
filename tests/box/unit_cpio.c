// SPDX-License-Identifier: MIT
/* The archive that carries files in and out of the box, and the frames that carry all else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/box/cpio.h"
#include "../../tools/box/proto.h"
#include "test.h"

static struct cpio archive(void)
{
	struct cpio c = { .owner = 1000 };

	cpio_add_parents(&c, "/a/b/file");
	cpio_add(&c, "/a/b/file", S_IFREG | 0640, "12345", 5);
	cpio_end(&c);
	return c;
}

TEST("-", what_goes_into_an_archive_comes_out, 0)
{
	struct cpio c = archive();
	struct cpio_member m;
	size_t at = 0;

	EXPECT_ERR(c.err, 0);
	EXPECT_U64(cpio_next(c.data, c.size, &at, &m), 1);
	EXPECT_STR(m.name, "a");
	EXPECT_TRUE(S_ISDIR(m.mode));
	EXPECT_U64(cpio_next(c.data, c.size, &at, &m), 1);
	EXPECT_STR(m.name, "a/b");
	EXPECT_U64(cpio_next(c.data, c.size, &at, &m), 1);
	EXPECT_STR(m.name, "a/b/file");
	EXPECT_U64(m.mode, S_IFREG | 0640);
	EXPECT_U64(m.uid, 1000);
	EXPECT_U64(m.size, 5);
	EXPECT_BYTES(m.data, "12345", 5);
	EXPECT_U64(cpio_next(c.data, c.size, &at, &m), 0);
}

/* Each prefix and each changed byte: an answer or -EINVAL, and never a byte from outside. */
TEST("-", a_damaged_archive_is_refused, 0)
{
	struct cpio c = archive();

	for (size_t size = 0; size < c.size; size++) {
		unsigned char *exact = malloc(size ? size : 1); /* so that ASan sees the edge */
		struct cpio_member m;
		size_t at = 0;
		int more;

		memcpy(exact, c.data, size);
		while ((more = cpio_next(exact, size, &at, &m)) > 0)
			EXPECT_TRUE(m.data + m.size <= exact + size, "a member leaves the archive");
		EXPECT_TRUE(more == -EINVAL || size + 4 > c.size, "cut to %zu bytes: %d", size,
			    more);
		free(exact);
	}
	for (size_t i = 0; i < c.size; i++) {
		unsigned char *copy = malloc(c.size);
		struct cpio_member m;
		size_t at = 0;

		memcpy(copy, c.data, c.size);
		copy[i] = 'f'; /* large where a size stands */
		while (cpio_next(copy, c.size, &at, &m) > 0)
			EXPECT_TRUE(m.data + m.size <= copy + c.size,
				    "a member leaves the archive");
		free(copy);
	}
}

TEST("-", frames_survive_any_cut, 0)
{
	struct frame_buffer b = { 0 };
	unsigned char whole[64];
	const uint8_t *data;
	struct frame f;
	int ends[2];

	EXPECT_ERR(pipe(ends) ? -errno : 0, 0);
	EXPECT_ERR(frame_write(ends[1], FROM_STDOUT, "abc", 3), 0);
	EXPECT_ERR(frame_write(ends[1], FROM_EXIT, "\7", 1), 0);
	EXPECT_U64(read(ends[0], whole, sizeof(whole)), 2 * sizeof(struct frame) + 4);
	for (size_t i = 0; i < 2 * sizeof(struct frame) + 4; i++) {
		EXPECT_U64(write(ends[1], whole + i, 1), 1);
		EXPECT_U64(frame_fill(&b, ends[0]), 1);
		if (i == sizeof(struct frame) + 2) {
			EXPECT_U64(frame_next(&b, &f, &data), 1);
			EXPECT_U64(f.type, FROM_STDOUT);
			EXPECT_BYTES(data, "abc", 3);
		} else if (i < 2 * sizeof(struct frame) + 3) {
			EXPECT_U64(frame_next(&b, &f, &data), 0);
		}
	}
	EXPECT_U64(frame_next(&b, &f, &data), 1);
	EXPECT_U64(f.type, FROM_EXIT);
	CONTEXT("what is no frame");
	memset(whole, 0xff, sizeof(struct frame));
	EXPECT_U64(write(ends[1], whole, sizeof(struct frame)), sizeof(struct frame));
	EXPECT_TRUE(frame_fill(&b, ends[0]) > 0);
	EXPECT_ERR(frame_next(&b, &f, &data), -EPROTO);
}
