// SPDX-License-Identifier: MIT
/*
 * The box's init, process 1 of the emulated machine. It prepares the machine, says that it is
 * ready, and waits: here the snapshot is taken. When it wakes it may be another day. It unpacks
 * the payload, runs one program as an ordinary user, passes on what goes in and out, sends back
 * the files that were asked for and the exit status, and turns the machine off.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "../cpio.h"
#include "../proto.h"
#include "init.h"

#define HOST_SECONDS 60 /* so long a host may be busy, and not read */

void box_log(int link, const char *format, ...)
{
	char line[300];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	frame_write(link, FROM_LOG, line, strlen(line));
}

static void setting(struct settings *s, char *text)
{
	char *value = strchr(text, '=');

	if (!value)
		return;
	*value++ = 0;
	if (!strcmp(text, "arg") && s->args < SETTINGS_MAX - 1)
		s->arg[s->args++] = value;
	else if (!strcmp(text, "env") && s->envs < SETTINGS_MAX - 1)
		s->env[s->envs++] = value;
	else if (!strcmp(text, "get") && s->gets < SETTINGS_MAX - 1)
		s->get[s->gets++] = value;
	else if (!strcmp(text, "disk"))
		s->disk_bytes = strtoul(value, NULL, 10);
	else if (!strcmp(text, "time"))
		s->time = value;
	else if (!strcmp(text, "seed"))
		s->seed = value;
	else if (!strcmp(text, "tty"))
		s->tty = true;
	else if (!strcmp(text, "root"))
		s->root = true;
}

int settings_read(struct settings *s, int link)
{
	static char text[CONFIG_MAX + 1], data[FRAME_MAX];
	struct frame frame;
	size_t used = 0;
	int err;

	for (;;) {
		err = frame_read(link, &frame, data);
		if (err == -EPIPE) { /* nobody at the other end yet */
			usleep(10000);
			continue;
		}
		if (err || frame.type != TO_CONFIG || used + frame.len > CONFIG_MAX)
			return err ? err : -EPROTO;
		if (!frame.len)
			break;
		memcpy(text + used, data, frame.len);
		used += frame.len;
	}
	for (char *p = text, *next; p < text + used; p = next) {
		next = p + strlen(p) + 1; /* setting() cuts the string in two */
		setting(s, p);
	}
	return s->args ? 0 : -EINVAL;
}

/* One archive, in pieces. What is missing is left out: the host knows what it asked for. */
static void send_files(const struct settings *s, int link)
{
	struct cpio files = { 0 };

	for (size_t i = 0; i < s->gets; i++) {
		if (access(s->get[i], R_OK) == 0)
			cpio_add_file(&files, s->get[i], s->get[i]);
	}
	cpio_end(&files);
	for (size_t at = 0; at < files.size && !files.err; at += FRAME_MAX) {
		size_t piece = files.size - at < FRAME_MAX ? files.size - at : FRAME_MAX;

		if (frame_write(link, FROM_FILES, files.data + at, piece))
			break;
	}
	cpio_free(&files);
}

static int run(int link)
{
	static struct settings s;
	struct program program;
	unsigned char status;
	int err;

	if ((err = settings_read(&s, link))) {
		box_log(link, "no settings came: %s", strerror(-err));
		return err;
	}
	machine_clock(s.time);
	if (s.seed && strlen(s.seed) == 64)
		machine_seed(s.seed);
	frame_write(link, FROM_STARTED, NULL, 0);
	if (s.disk_bytes && (err = machine_unpack(s.disk_bytes))) {
		box_log(link, "the payload cannot be unpacked: %s", strerror(-err));
		return err;
	}
	mkdir("/work", 0755);
	if ((!s.root && chown("/work", STUDENT, STUDENT)) || chdir("/work"))
		box_log(link, "/work: %s", strerror(errno));
	if ((err = program_start(&program, &s))) {
		box_log(link, "%s: %s", s.arg[0], strerror(-err));
		return err;
	}
	status = program_attend(&program, link);
	send_files(&s, link);
	frame_write(link, FROM_EXIT, &status, 1);
	tcdrain(link); /* a serial line is slow, and the power goes off next */
	/* A virtio port drains nothing: what a busy host has not read yet would go with the power.
	 * It ends the machine itself when it has read the last frame. */
	sleep(HOST_SECONDS);
	return 0;
}

int main(void)
{
	const char *npt = getenv("BOX_NPT"); /* of the kernel's command line */
	int link;

	signal(SIGPIPE, SIG_IGN);
	machine_mount();
	machine_modules("/modules", npt && !strcmp(npt, "0"));
	link = machine_link();
	if (link < 0) {
		fprintf(stderr, "box: no link to the host: %s\n", strerror(-link));
		machine_off();
	}
	if (access("/dev/kvm", F_OK))
		box_log(link, "this kernel made no /dev/kvm; its console tells why");
	else
		chmod("/dev/kvm", 0666);
	frame_write(link, FROM_READY, NULL, 0);
	run(link);
	machine_off();
}
