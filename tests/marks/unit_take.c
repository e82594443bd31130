// SPDX-License-Identifier: MIT
/* What is taken of a submission, and what of it is nobody's business. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/marks/core/mark.h"
#include "../harness-self/self.h"
#include "show.h"
#include "test.h"

static const struct wanted wanted = { .path = { "labs/02-small/io.c", "labs/02-small/vm.c" },
				      .count = 2 };

/* --- archives, by hand --- */

struct member {
	const char *name;
	unsigned type;	  /* 0: a regular file; as of st_mode; or one of those below */
	const char *text; /* of a file; where a link leads to */
	size_t zeros;	  /* so many instead of the text */
};
#define HARD_LINK 1

static void add_member(struct archive *a, const struct member *m)
{
	struct archive_entry *e = archive_entry_new();
	static const char block[4096];
	size_t size = m->zeros ? m->zeros : m->text ? strlen(m->text) : 0;

	archive_entry_set_pathname(e, m->name);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_filetype(e, m->type > HARD_LINK ? m->type : S_IFREG);
	if (m->type == HARD_LINK)
		archive_entry_set_hardlink(e, m->text);
	else if (m->type == S_IFLNK)
		archive_entry_set_symlink(e, m->text);
	else if (m->type == S_IFCHR || m->type == S_IFBLK)
		archive_entry_set_rdev(e, 0x103);
	else if (!m->type)
		archive_entry_set_size(e, size);
	if (archive_write_header(a, e) != ARCHIVE_OK)
		test_error("%s: %s", m->name, archive_error_string(a));
	for (size_t at = 0; !m->type && at < size; at += sizeof(block)) {
		size_t n = size - at < sizeof(block) ? size - at : sizeof(block);

		archive_write_data(a, m->zeros ? block : m->text + at, n);
	}
	archive_entry_free(e);
}

static const char *pack(const char *name, const struct member *m, size_t n)
{
	struct archive *a = archive_write_new();
	const char *path = test_tmpfile(name);

	if (strstr(name, ".zip")) {
		archive_write_set_format_zip(a);
	} else {
		archive_write_add_filter_gzip(a);
		archive_write_set_format_pax_restricted(a);
	}
	if (archive_write_open_filename(a, path) != ARCHIVE_OK)
		test_error("%s: %s", path, archive_error_string(a));
	for (size_t i = 0; i < n; i++)
		add_member(a, &m[i]);
	archive_write_close(a);
	archive_write_free(a);
	chmod(path, 0644);
	return path;
}
#define PACK(name, ...)                                    \
	pack(name, (const struct member[]){ __VA_ARGS__ }, \
	     ARRAY_SIZE(((const struct member[]){ __VA_ARGS__ })))

#define IO "labs/02-small/io.c"
#define VM "labs/02-small/vm.c"

static struct submission s;

static void expect_taken(const char *path, const char *io, const char *vm)
{
	EXPECT_ERR(submission_read(&s, &wanted, path), 0);
	EXPECT_STR(s.reason, "");
	EXPECT_TRUE(s.file[0].data && s.file[1].data, "a file is missing");
	EXPECT_U64(s.file[0].bytes, strlen(io));
	EXPECT_BYTES(s.file[0].data, io, strlen(io));
	EXPECT_BYTES(s.file[1].data, vm, strlen(vm));
}

static void expect_refused(const char *path, const char *why)
{
	EXPECT_ERR(submission_read(&s, &wanted, path), 0);
	EXPECT_STR(s.reason, why);
	submission_free(&s);
}

TEST("-", an_archive_of_what_is_wanted, 0, .seconds = 0.3)
{
	static const char *const names[] = { "a.tar.gz", "a.zip" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CONTEXT("%s", names[i]);
		expect_taken(PACK(names[i], { IO, .text = "io" }, { VM, .text = "vm" },
				  { "labs/02-small/main.c", .text = "main" },
				  { "other/labs/02-small/vm.c", .text = "no" }),
			     "io", "vm");
		EXPECT_U64(s.nignored, 2);
		EXPECT_STR(s.ignored[0], "labs/02-small/main.c");
		EXPECT_STR(s.ignored[1], "other/labs/02-small/vm.c");
		submission_free(&s);
	}
	CONTEXT("SHA-256 of a file");
	expect_taken(PACK("b.tar", { "x/y/" IO, .text = "abc" }, { "x/y/" VM, .text = "vm" }),
		     "abc", "vm");
	EXPECT_STR(s.file[0].sha256,
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST("-", what_is_no_regular_file_in_an_archive, 0, .seconds = 0.5)
{
	static const struct {
		unsigned type;
		const char *why;
	} odd[] = {
		{ S_IFLNK, VM ": a link, no regular file" },
		{ HARD_LINK, VM ": a link, no regular file" },
		{ S_IFCHR, VM ": something odd, no regular file" },
		{ S_IFBLK, VM ": something odd, no regular file" },
		{ S_IFIFO, VM ": something odd, no regular file" },
		{ S_IFDIR, VM ": something odd, no regular file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		expect_refused(PACK("a.tar.gz", { IO, .text = "io" },
				    { VM, .type = odd[i].type, .text = IO }),
			       odd[i].why);
}

TEST("-", names_that_lead_elsewhere, 0, .seconds = 0.3)
{
	static const char *const odd[] = { "../" VM,
					   "/" VM,
					   "labs/../" VM,
					   "/tmp/" VM,
					   "labs/02-small/../02-small/vm.c",
					   "x" VM,
					   VM "x",
					   "labs/02-small//vm.c" };

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		CONTEXT("%s", odd[i]);
		expect_refused(PACK("a.tar", { IO, .text = "io" }, { odd[i], .text = "vm" }),
			       VM ": missing");
	}
}

TEST("-", sizes_and_counts, 0, .seconds = 8)
{
	static struct member many[SUBMISSION_MEMBERS_MAX + 1];

	expect_refused(PACK("a.tar.gz", { IO, .text = "io" },
			    { VM, .zeros = SUBMISSION_FILE_MAX + 1 }),
		       VM ": larger than 256 KiB");
	CONTEXT("just as large as it may be");
	EXPECT_ERR(submission_read(&s, &wanted,
				   PACK("b.tar.gz", { IO, .text = "io" },
					{ VM, .zeros = SUBMISSION_FILE_MAX })),
		   0);
	EXPECT_STR(s.reason, "");
	EXPECT_U64(s.file[1].bytes, SUBMISSION_FILE_MAX);
	submission_free(&s);
	CONTEXT("a bomb");
	expect_refused(PACK("c.tar.gz", { "big", .zeros = SUBMISSION_BYTES_MAX + 1 },
			    { IO, .text = "io" }, { VM, .text = "vm" }),
		       "the archive holds too much");
	CONTEXT("one member too many");
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct member){ "x", .text = "" };
	expect_refused(pack("d.tar", many, ARRAY_SIZE(many)), "too many files");
	expect_refused(PACK("e.tar", { IO, .text = "1" }, { VM, .text = "1" }, { VM, .text = "2" }),
		       VM ": it is there twice");
}

TEST("-", odd_names_are_listed_as_text, 0)
{
	expect_taken(PACK("a.tar", { IO, .text = "io" }, { VM, .text = "vm" },
			  { "a\nR nothing\033[2J", .text = "" }),
		     "io", "vm");
	EXPECT_STR(s.ignored[0], "a?R nothing?[2J");
}

TEST("-", what_is_no_archive, 0)
{
	const char *path = test_tmpfile("a.tar.gz"), *whole;
	char start[200];
	FILE *f;

	f = fopen(path, "w");
	EXPECT_TRUE(f && fputs("no archive at all, and longer than a header is\n", f) >= 0 &&
		    !fclose(f));
	expect_refused(path, "neither a tar nor a zip archive, or damaged");
	whole = PACK("b.tar.gz", { IO, .zeros = 100000 }, { VM, .text = "vm" });
	EXPECT_TRUE(truncate(whole, 120) == 0);
	EXPECT_ERR(submission_read(&s, &wanted, whole), 0);
	show_format(start, sizeof(start), "%s", s.reason);
	EXPECT_CONTAINS(start, "damaged");
}

/* --- folders --- */

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		test_error("%s: %s", path, strerror(errno));
}

static const char *folder(const char *name)
{
	const char *dir = test_tmpfile(name);

	if (mkdir(dir, 0755) || mkdir(test_text("%s/labs", dir), 0755) ||
	    mkdir(test_text("%s/labs/02-small", dir), 0755))
		test_error("%s: %s", dir, strerror(errno));
	put(test_text("%s/" IO, dir), "io");
	return dir;
}

TEST("-", a_folder, 0)
{
	const char *dir = folder("ann");
	const char *vm = test_text("%s/" VM, dir);

	expect_refused(dir, VM ": missing");
	EXPECT_TRUE(!symlink("io.c", vm));
	expect_refused(dir, VM ": a link, no regular file");
	EXPECT_TRUE(!unlink(vm) && !mkfifo(vm, 0644));
	expect_refused(dir, VM ": something odd, no regular file");
	EXPECT_TRUE(!unlink(vm));
	put(vm, "vm");
	expect_taken(dir, "io", "vm");
	submission_free(&s);
	CONTEXT("a link to the lab's folder");
	EXPECT_TRUE(!rename(test_text("%s/labs/02-small", dir), test_text("%s/real", dir)) &&
		    !symlink("../real", test_text("%s/labs/02-small", dir)));
	expect_refused(dir,
		       "none of the files is there that the tasks name, such as labs/.../vm.c");
	CONTEXT("the folder itself is a link");
	EXPECT_TRUE(!symlink(dir, test_tmpfile("link")));
	expect_refused(test_tmpfile("link"), "neither a folder nor an archive");
}

TEST("-", whose_it_is, 0)
{
	static const char *const id[][2] = {
		{ "/in/ann", "ann" },
		{ "/in/ann/", "ann" },
		{ "/in/ann.tar.gz", "ann" },
		{ "ann.TGZ", "ann" },
		{ "/in/ann.b.zip", "ann.b" },
		{ "ann@uni.edu.tar", "ann@uni.edu" },
		{ "ann.tar.zip.zip", "ann" },
		{ "ann.7z", "ann" },
		{ "ann.txz", "ann" },
		{ ".zip.zip", "_zip" },
		{ "=1+1.zip", "_1+1" },
		{ "-rf.zip", "_rf" },
		{ "..", "_." },
		{ ".ssh.tar", "_ssh" },
		{ "a b\nc;d$(e).tar", "a_b_c_d__e_" },
		{ "\303\244.zip", "__" },
	};
	char got[ID_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(id); i++) {
		CONTEXT("%s", id[i][0]);
		EXPECT_ERR(submission_id(id[i][0], got), 0);
		EXPECT_STR(got, id[i][1]);
	}
	EXPECT_ERR(submission_id("/", got), -EINVAL);
}

TEST("-", all_of_a_folder_are_queued, 0)
{
	char long_id[2 * ID_MAX + 1], got[ID_MAX];
	const char *in = test_tmpfile("in"), *queue = test_tmpfile("queue");

	memset(long_id, 'x', sizeof(long_id));
	long_id[sizeof(long_id) - 1] = 0;
	EXPECT_TRUE(!mkdir(in, 0755) && !mkdir(test_text("%s/%s", in, long_id), 0755) &&
		    !mkdir(test_text("%s/%sy", in, long_id), 0755) &&
		    !mkdir(test_text("%s/.hidden", in), 0755));
	put(test_text("%s/ann.zip", in), "");
	put(test_text("%s/ann.tar", in), "");
	put(test_text("%s/bob.tar.zip", in), "");
	put(test_text("%s/bob.zip", in), "");
	EXPECT_ERR(queue_all(in, queue), 0);
	EXPECT_TRUE(!access(test_text("%s/ann", queue), F_OK));
	EXPECT_TRUE(!access(test_text("%s/ann+2", queue), F_OK));
	EXPECT_TRUE(access(test_text("%s/_hidden", queue), F_OK));
	CONTEXT("an archive in an archive: its entry's own name must not be taken for bob's");
	EXPECT_TRUE(!access(test_text("%s/bob", queue), F_OK));
	EXPECT_TRUE(!access(test_text("%s/bob+2", queue), F_OK));
	CONTEXT("two whose names are longer than an id: none has the other's");
	long_id[ID_MAX - 1] = 0;
	EXPECT_TRUE(!access(test_text("%s/%s", queue, long_id), F_OK));
	long_id[ID_MAX - 5] = 0;
	EXPECT_TRUE(!access(test_text("%s/%s+2", queue, long_id), F_OK));
	EXPECT_ERR(submission_id(test_text("%s/%s+2", queue, long_id), got), 0);
	EXPECT_STR(got, test_text("%s+2", long_id));
}

static bool wants(const struct wanted *w, const char *path)
{
	for (unsigned i = 0; i < w->count; i++)
		if (!strcmp(w->path[i], path))
			return true;
	return false;
}

TEST("-", a_bare_lab_takes_files_of_others_along, 0)
{
	struct wanted w;
	char why[300];

	self_tree();
	self_mkdir("labs/04-under");
	self_write("labs/04-under/tasks", 0644, "4.1 100 under.c f - title\n");
	self_write("labs/04-under/about", 0644,
		   "alone: it is below\nbare: labs/02-small/vm.c labs/02-small/io.c\n");
	EXPECT_ERR(wanted_of(&w, 4, why, sizeof(why)), 0);
	EXPECT_U64(w.count, 3);
	EXPECT_TRUE(wants(&w, "labs/04-under/under.c"));
	EXPECT_TRUE(wants(&w, "labs/02-small/vm.c"));
	EXPECT_TRUE(wants(&w, "labs/02-small/io.c"));
}
