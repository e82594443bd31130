// SPDX-License-Identifier: MIT
#include "compared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elsewhere.h"
#include "env.h"
#include "show.h"

/* The files of a run: what it is given, and what it leaves behind. */
struct files {
	char disk[PATH_MAX], screen[PATH_MAX], out[PATH_MAX], err[PATH_MAX], status[PATH_MAX];
};

#define VMM_ARGS (GUEST_ARGS_MAX + GUEST_DEVICES_MAX + 10)

/* Its command line behind the program's name, from n on; the texts last until the next call. */
static void arguments(const struct guest *g, const struct vmm_run *run, const struct files *f,
		      char **argv, unsigned n)
{
	static char mode[32], vga[32], draw[PATH_MAX + 16];
	static struct device_options devices;
	const struct way *way = run->way;

	vmm_devices(&g->h, f->disk, &devices);
	show_format(mode, sizeof(mode), "--mode=%s", way->mode);
	argv[n++] = "--memory=128M"; /* as much as qemu_run() gives */
	argv[n++] = mode;
	for (unsigned i = 0; i < g->h.nargs; i++)
		argv[n++] = g->h.args[i];
	for (unsigned i = 0; i < devices.n; i++)
		argv[n++] = devices.text[i];
	if (way->irqchip)
		argv[n++] = (char *)way->irqchip;
	if (way->notify)
		argv[n++] = (char *)way->notify;
	if (way->vga) {
		show_format(vga, sizeof(vga), "--vga=%s", way->vga);
		show_format(draw, sizeof(draw), "--screen=%s", f->screen);
		argv[n++] = vga;
		argv[n++] = draw;
	}
	argv[n++] = (char *)run->image;
	argv[n] = NULL;
}

/* What the VMM drew and wrote; the files go. */
static void take_files(const struct guest *g, struct vmm_run *run, const struct files *f)
{
	struct outcome *o = &run->o;

	if (run->way->vga && !o->trouble[0] && screen_read(f->screen, o->screen))
		show_format(o->trouble, sizeof(o->trouble), "its screen cannot be read");
	unlink(f->screen);
	if (guest_disk_take(&g->h, f->disk, o->disk))
		show_format(o->trouble, sizeof(o->trouble), "its disk is not what it was");
}

double compared_limit(void)
{
	return 20 * env_time_scale();
}

/* One by itself, wherever that is. */
static void run_alone(const struct settings *set, const struct guest *g, struct vmm_run *run)
{
	char *argv[VMM_ARGS + ELSEWHERE_ARGS];
	struct proc_opts opts = { .limit = compared_limit() };
	struct elsewhere where = { .engine = set->engine, .build = set->build };
	struct outcome *o = &run->o;
	struct files f = { .screen = "" };
	const char *put[2] = { run->image, NULL };
	unsigned n;
	int ret;

	*o = (struct outcome){ .who = run->way->who };
	show_format(f.disk, sizeof(f.disk), "%s", guest_disk_make(&g->h));
	if (run->way->vga)
		show_format(f.screen, sizeof(f.screen), "/tmp/vmmlab-screen-%d", (int)getpid());
	if (access(f.disk, F_OK) == 0)
		put[1] = f.disk;
	n = elsewhere_argv(&where, argv, set->vmm, put, (const char *[2]){ put[1], f.screen });
	arguments(g, run, &f, argv, n);
	ret = proc_run(argv, &opts, &o->run);
	o->status = WEXITSTATUS(o->run.status);
	if (ret)
		show_format(o->trouble, sizeof(o->trouble), "not started: %s", strerror(-ret));
	else if (o->run.timed_out)
		show_format(o->trouble, sizeof(o->trouble), "not done after %.0f s",
			    compared_limit());
	else if (WIFSIGNALED(o->run.status))
		show_format(o->trouble, sizeof(o->trouble), "killed: %s",
			    strsignal(WTERMSIG(o->run.status)));
	take_files(g, run, &f);
}

/* --- several in one start of an emulated machine --- */

static void name_files(const char *dir, unsigned i, struct files *f)
{
	show_format(f->disk, sizeof(f->disk), "%s/%u.disk", dir, i);
	show_format(f->screen, sizeof(f->screen), "%s/%u.screen", dir, i);
	show_format(f->out, sizeof(f->out), "%s/%u.out", dir, i);
	show_format(f->err, sizeof(f->err), "%s/%u.err", dir, i);
	show_format(f->status, sizeof(f->status), "%s/%u.status", dir, i);
}

/* A word of shell. */
static void put_quoted(FILE *to, const char *text)
{
	putc('\'', to);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", to);
		else
			putc(*text, to);
	fputs("' ", to);
}

/* The runs as lines of shell. */
static int write_script(const char *path, const char *dir, const struct settings *set,
			const struct guest *g, struct vmm_run *runs, unsigned n)
{
	FILE *script = fopen(path, "we");
	char *argv[VMM_ARGS];
	struct files f;

	for (unsigned i = 0; script && i < n; i++) {
		const char *disk = guest_disk_make(&g->h);

		name_files(dir, i, &f);
		if (access(disk, F_OK) == 0 && rename(disk, f.disk))
			perror(f.disk);
		arguments(g, &runs[i], &f, argv, 0);
		put_quoted(script, set->vmm);
		for (char **word = argv; *word; word++)
			put_quoted(script, *word);
		fprintf(script, "</dev/null >%s 2>%s; echo $? >%s\n", f.out, f.err, f.status);
	}
	return !script || fclose(script);
}

/* The text of a file, as of a stream: for free(). NULL: it is not there. */
static char *take_text(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = f ? calloc(1, PROC_MAX_OUTPUT + 1) : NULL;

	if (text)
		*len = fread(text, 1, PROC_MAX_OUTPUT, f);
	if (f)
		fclose(f);
	unlink(path);
	return text;
}

static void take_outcome(const struct guest *g, struct vmm_run *run, const struct files *f)
{
	struct outcome *o = &run->o;
	size_t len;
	char *status = take_text(f->status, &len);

	*o = (struct outcome){ .who = run->way->who };
	o->run.out = take_text(f->out, &o->run.out_len);
	o->run.err = take_text(f->err, &o->run.err_len);
	if (!status || !*status || !o->run.out || !o->run.err)
		show_format(o->trouble, sizeof(o->trouble), "it did not come to its end");
	else
		o->status = atoi(status);
	free(status);
	take_files(g, run, f);
}

/* Start the machine, for all of them. */
static void run_script(const struct settings *set, const char *dir, const char *script,
		       const struct vmm_run *runs, unsigned n)
{
	static char word[7 * RUNS_MAX + 6][PATH_MAX + 32];
	char *argv[7 * RUNS_MAX + 16], box[PATH_MAX];
	struct proc_opts opts = { .limit = n * compared_limit() };
	struct proc_result r;
	unsigned w = 0, a = 0;

	show_format(box, sizeof(box), "%s/tools/box/box", set->build);
	show_format(word[w++], sizeof(word[0]), "--engine=%s", set->engine);
	show_format(word[w++], sizeof(word[0]), "--put=%s", set->vmm);
	show_format(word[w++], sizeof(word[0]), "--put=%s", dir);
	for (unsigned i = 0; i < n; i++) {
		struct files f;

		name_files(dir, i, &f);
		if (i == 0 || strcmp(runs[i].image, runs[i - 1].image) != 0)
			show_format(word[w++], sizeof(word[0]), "--put=%s", runs[i].image);
		for (const char *const *file =
			     (const char *[]){ f.disk, f.screen, f.out, f.err, f.status, NULL };
		     *file; file++)
			show_format(word[w++], sizeof(word[0]), "--get=%s", *file);
	}
	argv[a++] = box;
	for (unsigned i = 0; i < w; i++)
		argv[a++] = word[i];
	argv[a++] = "--";
	argv[a++] = "/bin/sh";
	argv[a++] = (char *)script;
	argv[a] = NULL;
	proc_run(argv, &opts, &r);
	proc_free(&r);
}

static void run_together(const struct settings *set, const struct guest *g, struct vmm_run *runs,
			 unsigned n)
{
	char dir[] = "/tmp/vmmlab-compare-XXXXXX", script[sizeof(dir) + 8];
	struct files f;

	if (!mkdtemp(dir)) {
		perror(dir);
		return;
	}
	show_format(script, sizeof(script), "%s/run.sh", dir);
	if (!write_script(script, dir, set, g, runs, n))
		run_script(set, dir, script, runs, n);
	for (unsigned i = 0; i < n; i++) {
		name_files(dir, i, &f);
		take_outcome(g, &runs[i], &f);
		unlink(f.disk);
	}
	unlink(script);
	rmdir(dir);
}

void vmm_runs(const struct settings *set, const struct guest *g, struct vmm_run *runs, unsigned n)
{
	bool here = !strcmp(set->engine, "native");

	for (unsigned i = 0; i < n; i++)
		show_format(runs[i].o.trouble, sizeof(runs[i].o.trouble), "it did not run");
	if (!here)
		run_together(set, g, runs, n);
	for (unsigned i = 0; i < n; i++) {
		if (!runs[i].o.trouble[0])
			continue;
		if (!here) /* tools/prove.sh counts these */
			printf("FLAKY %s %s: %s beside others\n", g->name, runs[i].way->who,
			       runs[i].o.trouble);
		proc_free(&runs[i].o.run);
		run_alone(set, g, &runs[i]);
	}
}
