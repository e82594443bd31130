/* SPDX-License-Identifier: MIT */
/*
 * The box: an emulated machine whose CPU virtualizes, for those whose own does not. It runs one
 * program as if that ran here: with its files, its input and output, its exit status.
 *
 *   svm, svm-shadow   QEMU without acceleration emulates an AMD CPU. The machine was booted once
 *                     and saved; a run resumes it (qemu.c).
 *   vmx               Bochs emulates an Intel CPU. It boots each time (bochs.c).
 *
 * main.c reads the command line; cache.c, kernel.c, libs.c and image.c prepare; session.c attends
 * the run. In the machine, init/ is the other side.
 */
#ifndef BOX_H
#define BOX_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../cpio.h"
#include "places.h"

enum { STATUS_USAGE = 2, STATUS_ENVIRONMENT = 3, STATUS_LIMIT = 124 };

/* Nobody frees them: they are few, and a box runs one program. */
struct strings {
	char **item;
	size_t count;
};
void strings_add(struct strings *s, const char *text); /* a copy */
bool strings_have(const struct strings *s, const char *text);

struct request {
	const char *engine;
	bool prepare_only, root;
	int limit; /* seconds; 0: none */
	struct strings put, get, env, arg;
};

/* say.c: one line on stderr, "box: ...". Returns -1, so that callers can return it. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* spawn.c: children that end with us, even when we are killed. */
struct spawn {
	char *const *argv;
	int in, out, err; /* 0 or below: /dev/null (our own stdin goes to nobody) */
	const int *keep;  /* descriptors that it inherits, ended by -1; or NULL */
	const char *dir;  /* where it runs, or NULL */
	bool new_session; /* with `in` as its terminal */
};
pid_t spawn(const struct spawn *s);    /* or -errno */
int spawn_wait(const struct spawn *s); /* exit status, 127 if it cannot start */
/* What it prints, as far as it fits; NULL if that is nothing. */
char *spawn_text(char *const argv[], char *text, size_t size);

/* cache.c: what is kept between runs, $XDG_CACHE_HOME/vmmlab. Functions answer 0 or -1. */
int cache_dir(char dir[PATH_MAX]);
int cache_lock(const char *dir);				/* a descriptor, or -1 */
int cache_make_temporary(const char *dir, char temp[PATH_MAX]); /* with the lock held */
int cache_run_directory(const char *dir, char run[PATH_MAX]);	/* ours until we end */
void cache_remove(const char *path);
int cache_room(const char *dir, unsigned mib);
void recipe_file(struct strings *recipe, const char *path); /* its path, size and time */
char *recipe_text(const struct strings *recipe);
unsigned long recipe_key(const char *text);
int write_file(const char *path, const void *data, size_t size);
int write_file_in(const char *dir, const char *name, const void *data, size_t size);
char *read_file(const char *path, size_t *size); /* ended by a zero byte; or NULL */

/* kernel.c: a kernel and its modules: KERNEL= and MODULES=, or Debian's package. */
struct kernel {
	char image[PATH_MAX];
	char package[NAME_MAX + 1]; /* "kernel-6.1.0-49-cloud-amd64" of the cache, or "" */
	struct strings modules;	    /* paths; uncompressed */
};
int kernel_find(struct kernel *k, const char *cache);

/* libs.c: the shared libraries that x86-64 programs need. */
int libs_of(const char *program, struct strings *paths); /* adds what is not there yet */
void libs_usual(struct strings *paths);			 /* those that every box holds */
const char *lib_destination(const char *path);		 /* where it lies in the box */

/* image.c: the two archives. Init itself, which is in the first, lies beside this program. */
void image_init(char path[PATH_MAX]);
void image_initramfs(struct cpio *c, const struct kernel *k, const struct strings *libs);
int image_payload(struct cpio *c, const struct request *r, const struct strings *libs);

/* The machine while it runs. */
struct machine {
	pid_t pid;
	int ended;			 /* pidfd of its program: readable when that has ended */
	int link, console, monitor, log; /* log: what its program says on stderr; a file */
	size_t disk_bytes;		 /* the payload; 0: it was in the initramfs */
	/* Files where its console and its program's log are kept, or NULL. Then the console above
	 * is a screen, drawn with control characters. */
	const char *console_file, *log_file;
};
#define MACHINE_NONE                                                             \
	(struct machine)                                                         \
	{                                                                        \
		.ended = -1, .link = -1, .console = -1, .monitor = -1, .log = -1 \
	}
void machine_kill(struct machine *m);

/* qemu.c, bochs.c: prepare what can be prepared; start. 0 or -1. */
int qemu_prepare(const char *engine, char dir[PATH_MAX], struct strings *libs);
int qemu_start(struct machine *m, const char *dir, struct cpio *payload);
int bochs_prepare(struct kernel *k, struct strings *libs);
int bochs_start(struct machine *m, char dir[PATH_MAX], const struct kernel *k,
		const struct strings *libs, struct cpio *payload);

/*
 * session.c: send the settings, attend until the program has ended; its status. -1 with no word
 * said when the machine died before the program began.
 */
int session_run(struct machine *m, const struct request *r);
int session_wait_ready(struct machine *m, int seconds); /* 0, or -1 */

/* words.c: what comes from its console, *fd, is kept; *fd becomes -1 at the end. */
void words_keep(int *fd);
/* Prints the last of it, of its log files, and a line: `what`, and whether there were any. -1. */
int words_last(struct machine *m, const char *what);

#endif
