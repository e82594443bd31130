// SPDX-License-Identifier: MIT
#include "recorded.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "put_file.h"
#include "show.h"

int trouble(const char *path, const char *why)
{
	fprintf(stderr, "record: %s: %s\n", path, why);
	return -1;
}

int file_read(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return trouble(path, strerror(errno));
	n = fread(text, 1, size, f);
	fclose(f);
	if (n == size)
		return trouble(path, "is too long");
	text[n] = 0;
	return 0;
}

int file_write(const char *path, const char *text)
{
	int err = put_file(path, text, strlen(text));

	return err ? trouble(path, strerror(-err)) : 0;
}

int recording_read(struct recording *rec, const char *path)
{
	const char *base = strrchr(path, '/');
	char run[8], *status;

	if (file_read(path, rec->text, sizeof(rec->text)))
		return -1;
	show_format(rec->path, sizeof(rec->path), "%s", path);
	base = base ? base + 1 : path;
	show_format(rec->name, sizeof(rec->name), "%.*s", (int)strcspn(base, "."), base);
	status = strstr(rec->text, "\n" RECORDED_STATUS);
	if (!status || status - rec->text >= (long)sizeof(rec->head) - 1)
		return trouble(path, "its head does not end with `# status: N`");
	show_format(rec->head, sizeof(rec->head), "%.*s", (int)(status + 1 - rec->text), rec->text);
	memmove(rec->text, status + 1, strlen(status + 1) + 1);
	if (!recording_value(rec, "run", 0, run, sizeof(run)))
		return trouble(path, "does not say what to run: `# run: GUEST OPTIONS`");
	return 0;
}

bool recording_value(const struct recording *rec, const char *key, unsigned i, char *value,
		     size_t size)
{
	char want[40];

	show_format(want, sizeof(want), "# %s: ", key);
	for (const char *line = rec->head; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strlen(want);

		if (strncmp(line, want, n) != 0 || i-- > 0)
			continue;
		show_format(value, size, "%.*s", (int)(strcspn(line, "\n") - n), line + n);
		return true;
	}
	*value = 0;
	return false;
}

const char *recording_output(const struct recording *rec)
{
	const char *end = strchr(rec->text, '\n');

	return end ? end + 1 : "";
}

void recording_command(const struct recording *rec, char *command, size_t size)
{
	char run[300], *options;

	recording_value(rec, "run", 0, run, sizeof(run));
	options = strchr(run, ' ');
	if (options)
		*options++ = 0;
	show_format(command, size, "./lab run LAB=%.2s", run);
	if (strchr(run, '/'))
		show_append(command, size, " GUEST=%s", strchr(run, '/') + 1);
	if (options)
		show_append(command, size, " -- %s", options);
}
