// SPDX-License-Identifier: MIT
/* An archive, by libarchive: nothing is unpacked but into memory, and not more than is allowed. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/stat.h>

#include "submission.h"

/* All that it holds is counted, wanted or not: a bomb goes off while it is skipped. */
static bool read_member(struct reader *r, struct archive *a, bool wanted, u64 *all)
{
	const void *data;
	size_t len;
	la_int64_t offset;
	u64 at = 0;
	int ret;

	while ((ret = archive_read_data_block(a, &data, &len, &offset)) == ARCHIVE_OK) {
		*all += len;
		if (*all > SUBMISSION_BYTES_MAX) {
			reader_fail(r, "the archive holds too much");
			return false;
		}
		if (wanted && (u64)offset != at) { /* a sparse file: no student's editor makes it */
			reader_fail(r, "a file in the archive has holes");
			return false;
		}
		at += len;
		if (wanted)
			reader_data(r, data, len);
	}
	if (ret != ARCHIVE_EOF)
		reader_fail(r, "the archive is damaged");
	return ret == ARCHIVE_EOF;
}

static unsigned type_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return S_IFLNK;
	return archive_entry_filetype(entry);
}

/* The next one. That a name is not to be had in this locale, or the like, is no damage. */
static int next_member(struct archive *a, struct archive_entry **entry)
{
	int ret = archive_read_next_header(a, entry);

	return ret == ARCHIVE_WARN ? ARCHIVE_OK : ret;
}

void read_archive(struct reader *r, int fd)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int ret = ARCHIVE_FATAL;
	u64 all = 0;

	setlocale(LC_CTYPE, "C.UTF-8"); /* or names that are no ASCII are lost */
	if (a) {
		archive_read_support_filter_gzip(a);
		archive_read_support_filter_xz(a);
		archive_read_support_filter_bzip2(a);
		archive_read_support_format_tar(a);
		archive_read_support_format_zip(a);
		ret = archive_read_open_fd(a, fd, 65536);
	}
	if (ret != ARCHIVE_OK)
		reader_fail(r, "neither a tar nor a zip archive, or damaged");
	while (ret == ARCHIVE_OK && (ret = next_member(a, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);
		bool wanted = reader_member(
			r, name ? name : "?", type_of(entry),
			archive_entry_size_is_set(entry) ? (u64)archive_entry_size(entry) : 0);

		if (reader_failed(r) || !read_member(r, a, wanted, &all))
			break;
	}
	if (ret != ARCHIVE_EOF)
		reader_fail(r, "the archive is damaged");
	archive_read_free(a);
}
