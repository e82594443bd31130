/* SPDX-License-Identifier: MIT */
/*
 * What a student has handed in, and what of it is taken: the files that the labs' tables name, and
 * nothing else. All of it may be hostile: names, links, sizes, the archive itself.
 *
 * A submission is a folder, an archive (tar, also compressed; zip) or a bare git repository. The
 * tree may lie deeper in it (lab02/labs/02-vcpu-run/vm.c): the way there is the shortest at which
 * a wanted file is found, and one for all.
 */
#ifndef MARKS_SUBMISSION_H
#define MARKS_SUBMISSION_H

#include "sha256.h"
#include "types.h"

#define SUBMISSION_FILE_MAX    KiB(256)
#define SUBMISSION_MEMBERS_MAX 20000	/* files and folders */
#define SUBMISSION_BYTES_MAX   MiB(256) /* of an archive, unpacked */
#define SUBMISSION_ARCHIVE_MAX MiB(64)	/* as it lies there */
#define SUBMISSION_IGNORED_MAX 100	/* that are listed */
#define WANTED_MAX	       100
#define ID_MAX		       64

/* The files that are taken, "labs/02-vcpu-run/vm.c". */
struct wanted {
	char path[WANTED_MAX][200];
	unsigned count;
};

/*
 * Those of a lab: the ones that its tasks name, and the tasks of the labs that it stands on, by the
 * tables below the working directory. Returns 0, or a negative errno with one line in why.
 */
int wanted_of(struct wanted *w, unsigned lab, char *why, size_t size);

struct submitted {
	char *data; /* NULL: not there, or not taken */
	size_t bytes;
	char sha256[SHA256_TEXT];
};

struct submission {
	const struct wanted *wanted;
	struct submitted file[WANTED_MAX]; /* as wanted->path */
	char *ignored[SUBMISSION_IGNORED_MAX];
	unsigned nignored, more_ignored;
	char reason[300]; /* why it cannot be graded, one line; empty: it can */
};

/*
 * The student's id: the last part of the path, without .tar.gz and the like. It becomes part of the
 * names of files: what is not a letter, a digit or one of "._@+-" becomes '_', a first '.' or '-',
 * too. Returns 0, or -EINVAL when nothing is left.
 */
int submission_id(const char *path, char id[ID_MAX]);

/*
 * Read what is wanted. If something is wrong with the submission, s->reason says so. Returns 0 or a
 * negative errno, when it is not the submission that is at fault. (Free it in both cases.)
 */
int submission_read(struct submission *s, const struct wanted *wanted, const char *path);
void submission_free(struct submission *s);

/* A reader of what lies at fd, and what comes of it. */
struct reader;
void submission_take(struct submission *s, int fd, void (*read)(struct reader *r, int fd));

/*
 * What the readers below call for each member, in order. type: as of st_mode. Data of a regular
 * file follow by submission_data(), if this returned true: it may be wanted.
 */
bool reader_member(struct reader *r, const char *name, unsigned type, u64 size);
void reader_data(struct reader *r, const void *data, size_t len);
void reader_fail(struct reader *r, const char *why);
bool reader_failed(const struct reader *r);
void submission_ignore(struct submission *s, const char *name);

/* take_folder.c, take_archive.c: fd is the folder or the archive, open. */
void read_folder(struct reader *r, int fd);
void read_archive(struct reader *r, int fd);

#endif
