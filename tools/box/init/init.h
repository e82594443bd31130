/* SPDX-License-Identifier: MIT */
/* The first and only process of the box, beside the program that it runs. */
#ifndef BOX_INIT_H
#define BOX_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define STUDENT 1000 /* the program's user and group, unless root=1 */

/* machine.c */
void machine_mount(void);
void machine_modules(const char *dir, bool no_npt); /* loads what is there */
int machine_link(void);				    /* the descriptor of the link, or -errno */
void machine_clock(const char *seconds);
void machine_seed(const char *hex);
int machine_unpack(size_t disk_bytes); /* the payload from /dev/vda to /; 0 or -errno */
void machine_off(void) __attribute__((noreturn));

/* The settings of one run (proto.h). */
#define SETTINGS_MAX 512
struct settings {
	char *arg[SETTINGS_MAX], *env[SETTINGS_MAX], *get[SETTINGS_MAX];
	size_t args, envs, gets, disk_bytes;
	const char *time, *seed;
	bool tty, root;
};
int settings_read(struct settings *s, int link); /* waits for them; 0 or -errno */

/* The program, with our ends of its pipes (or of its terminal, at in and out; err is -1 then). */
struct program {
	pid_t pid;
	int in, out, err;
};
int program_start(struct program *p, const struct settings *s); /* 0 or -errno */
int program_attend(struct program *p, int link); /* until it ends; its status, 128 + signal */

void box_log(int link, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
