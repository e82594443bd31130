/* SPDX-License-Identifier: MIT */
/*
 * Recorded runs, book/recorded/NAME.txt: what a command printed, and how to run it again. A file
 * begins with lines for the tools; the one with the status is the last of them:
 *
 *	# run: 02/hello64 --mode=long	the guest, then options of its lab's vmm; or 01, for the
 *					program of a lab without guests. disk.img is the disk that
 *					the guests' headers speak of, made for this run
 *	# tree: 2.1			a tree that is solved as far as this task (2.0: before 2.1)
 *	# patch: 04/NAME.patch		a tree with this mutant (tests/mutants)
 *	# stdin: abc\004		its input
 *	# nonce: 3			the guest's number
 *	# engine: svm vmx		it is not the same elsewhere, and run only there
 *	# filter: stdout		only that; stderr-first-line: stdout, then that line;
 *					stderr-first: all of stderr, then stdout
 *	# only: vcpu halt_exits		keep the lines that begin so (blanks do not count)
 *	# vary: host-virtual		lines that begin so are equal, whatever follows
 *	# maybe: INTR			lines that begin so may be missing
 *	# either: 6 pages | 5 pages	the same to us; the first is what is shown
 *	# figure: book/figures/X.svg	the picture in the output is this file
 *	# shown: in words, sheet 2.6	by no block
 *	# status: 0
 *
 * All of only, vary, maybe and either may be there several times. What follows the head is what a
 * terminal would have shown. Times (1.234 ms) are always equal.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "types.h"

#define RECORDINGS	"book/recorded"
#define RECORDING_MAX	(64 << 10)
#define RECORDED_STATUS "# status: "

struct recording {
	char path[200], name[80]; /* the file; NAME */
	char head[4096];	  /* all lines before the status, as they are */
	char text[RECORDING_MAX]; /* the line with the status, and all that follows */
};

/* One line about a file, for people. Returns -1. */
int trouble(const char *path, const char *why);

/* Read a whole file as text (NUL at its end). 0, or -1 with trouble(). */
int file_read(const char *path, char *text, size_t size);
int file_write(const char *path, const char *text);

/* Read book/recorded/NAME.txt. 0, or -1 with trouble(). */
int recording_read(struct recording *rec, const char *path);

/* The i-th line `# KEY: value` of the head; false, and an empty value, if there is none. */
bool recording_value(const struct recording *rec, const char *key, unsigned i, char *value,
		     size_t size);

/* What the run printed, without the line with the status. */
const char *recording_output(const struct recording *rec);

/* How a sheet writes the run: ./lab run LAB=02 GUEST=hello64 -- --mode=long */
void recording_command(const struct recording *rec, char *command, size_t size);

/* Run it again. 0 and what the text should be in now; -1 with trouble(). */
int recording_replay(const struct recording *rec, char now[RECORDING_MAX]);

/* Do two texts say the same, by the rules of the head? */
bool recording_agrees(const struct recording *rec, const char *text, const char *now);

/*
 * Compare each output block in the task sheets and chapters with the recording that its marker
 * names; with write, make it what the recording says. Returns the number of problems, each told.
 */
unsigned blocks_check(bool write);

#endif
