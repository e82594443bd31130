// SPDX-License-Identifier: MIT
#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "env.h"
#include "machine_map.h"
#include "show.h"
#include "svm_log.h"
#include "tasks.h"

#define BOCHS_EXIT "VMEXIT reason = "
#define LOG_MAX	   (8u << 20)

static char *read_log(const char *path)
{
	char *text = calloc(1, LOG_MAX + 1);
	FILE *f = fopen(path, "re");

	if (!text)
		test_error("no memory");
	if (f) {
		text[fread(text, 1, LOG_MAX, f)] = 0;
		fclose(f);
	}
	return text;
}

static u8 *map_memory(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *memory = mmap(NULL, MACHINE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);

	if (fd < 0 || memory == MAP_FAILED)
		test_error("%s: %s", path, strerror(errno));
	close(fd);
	return memory;
}

const char *bare_said(const struct bare *b)
{
	const char *line = strchr(b->o.err, '\n');

	return line ? line + 1 : b->o.err;
}

unsigned bare_count(const struct bare *b, const char *what)
{
	unsigned n = 0;

	for (const char *at = b->log; (at = strstr(at, what)); at++)
		n++;
	return n;
}

u64 bare_register(const struct bare *b, const char *name)
{
	const char *word = test_text(" %s ", name), *at = strstr(b->o.err, word);

	EXPECT_CONTAINS(b->o.err, word);
	return at ? strtoull(at + strlen(word), NULL, 16) : 0;
}

/*
 * Without the lines that --notes has added, which the harness has read by now: tasks that the run
 * could do without. (A TODO that it could not says more in its line.)
 */
static char *without_notes(const char *err)
{
	static const char end[] = " is not done yet\n";
	char *text = calloc(1, strlen(err) + 1);

	if (!text)
		test_error("no memory");
	while (*err) {
		size_t line = strcspn(err, "\n") + 1, n = sizeof(end) - 1;

		if (!err[line - 1])
			line--;
		if (strncmp(err, "task ", 5) != 0 || line < n ||
		    strncmp(err + line - n, end, n) != 0)
			strncat(text, err, line);
		err += line;
	}
	return text;
}

/* The lab's own number is in the name of its suite. */
static void program(char *path, size_t size)
{
	if (lab_program(8, env_build_dir(), path, size))
		test_error("%s is missing: run make", path);
}

struct bare bare_run(const struct bare_run *run)
{
	static char emulate[PATH_MAX], hypervisor[PATH_MAX];
	const char *log = test_tmpfile("log");
	struct vmm_run r = { .program = emulate,
			     .ours = true,
			     .no_report = true,
			     .guest = run->guest,
			     .image = run->image,
			     .nonce = run->nonce };
	struct bare b = { .log = NULL };
	unsigned n = 0;

	show_format(emulate, sizeof(emulate), "%s/tools/emulate", env_build_dir());
	program(hypervisor, sizeof(hypervisor));
	r.args[n++] = test_text("--cpu=%s", run->cpu ?: "amd");
	r.args[n++] = test_text("--log=%s", log);
	r.args[n++] = "--limit=60";
	r.args[n++] = "--notes";
	if (run->memory)
		r.args[n++] = test_text("--memory=%s", test_tmpfile("memory"));
	if (run->model)
		r.args[n++] = test_text("--model=%s", run->model);
	if (run->words)
		r.args[n++] = test_text("--words=%s", run->words);
	if (run->firmware)
		r.args[n++] = test_text("--feature-control=%u", run->firmware);
	r.args[n++] = hypervisor;
	b.o = run_vmm(&r);
	b.o.err = without_notes(b.o.err);
	b.log = read_log(log);
	if (run->memory)
		b.memory = map_memory(test_tmpfile("memory"));
	if (run->guest && !run->cpu && !bare_count(&b, LOG_VMRUN))
		EXPECT_TRUE(bare_count(&b, LOG_VMRUN) > 0,
			    "QEMU has seen no VMRUN: no guest has run");
	if (run->guest && run->cpu && !run->refused && !bare_count(&b, BOCHS_EXIT)) {
		CONTEXT("the hypervisor said: %s", outcome_last_words(b.o.err, 600));
		EXPECT_TRUE(bare_count(&b, BOCHS_EXIT) > 0,
			    "Bochs has seen no VM exit: no guest has run. %s", bochs_words(&b));
	}
	return b;
}
