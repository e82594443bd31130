// SPDX-License-Identifier: MIT
#include "talk.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "nonce.h"
#include "test.h"

#define CTRL_D 4

void talk_byte_by_byte(void *arg)
{
	const char *next = arg;
	int to[2], from[2], out;
	bool ready = false;
	char c;

	if (pipe(to) || pipe(from))
		_exit(99);
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		out = dup(STDOUT_FILENO);
		close(to[0]);
		close(from[1]);
		while (read(from[0], &c, 1) == 1 && write(out, &c, 1) == 1) {
			ready |= c == '\n';
			if (ready && *next && write(to[1], next++, 1) != 1)
				break;
		}
		_exit(0);
	}
	dup2(to[0], STDIN_FILENO);
	dup2(from[1], STDOUT_FILENO);
	for (unsigned i = 0; i < 2; i++) {
		close(to[i]);
		close(from[i]);
	}
}

const char *talk_random_input(char *bytes, size_t n)
{
	const char *path = test_tmpfile("input");
	FILE *f = fopen(path, "w");

	for (size_t i = 0; i < n; i++) {
		bytes[i] = (char)nonce_random();
		if (bytes[i] == CTRL_D)
			bytes[i] = CTRL_D + 1;
	}
	bytes[n] = CTRL_D;
	if (!f || fwrite(bytes, 1, n + 1, f) != n + 1 || fclose(f))
		test_error("%s cannot be written", path);
	return path;
}
