// SPDX-License-Identifier: MIT
/*
 * The svm engines: QEMU emulates an AMD CPU with nested paging. Booting takes seconds, so that is
 * done once: when the box's init waits for its settings, the devices' state is saved, and memory
 * is in a file already. A run maps that file privately and goes on from there; nothing that it
 * does is written back. See "Migration" in QEMU's documentation, and its x-ignore-shared.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box.h"

#define QEMU	   "qemu-system-x86_64"
#define DISK_BYTES (256UL << 20) /* the resumed machine remembers the size: always the same */
#define MEMORY	   "384M"
#define BOOT_LIMIT 600 /* seconds; a busy machine may take so long, a dead one is seen at once */

struct qemu {
	char *argv[64];
	size_t args;
	int keep[8];
	size_t keeps;
};

static void word(struct qemu *q, const char *text)
{
	if (!(q->argv[q->args++] = strdup(text)))
		abort(); /* a few bytes: there is no going on without */
}

/* An option with its value. */
__attribute__((format(printf, 3, 4))) static void option(struct qemu *q, const char *name,
							 const char *format, ...)
{
	va_list args;

	word(q, name);
	va_start(args, format);
	if (vasprintf(&q->argv[q->args++], format, args) < 0)
		abort();
	va_end(args);
}

static int keep(struct qemu *q, int fd)
{
	q->keep[q->keeps++] = fd;
	q->keep[q->keeps] = -1;
	return fd;
}

/* A socket pair: one end for QEMU, the other returned. No name in the file system, no leftover. */
static int channel(struct qemu *q, const char *id)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return complain("no socket: %s", strerror(errno));
	option(q, "-chardev", "socket,id=%s,fd=%d", id, keep(q, ends[1]));
	return ends[0];
}

/*
 * All that QEMU can emulate, but for ERMS ("REP STOSB is fast"), which is no true word here: a
 * kernel that believes it clears each page byte by byte, in 4096 steps of the emulator, where it
 * takes 512 otherwise. The machine's own kernel once hung in there. (A boot of Linux in it takes
 * as much processor time with it as without.)
 * BOX_CPU=EPYC-Rome: another CPU, such as those whose dumps lab 01 decodes.
 */
static const char *cpu_model(void)
{
	const char *model = getenv("BOX_CPU");

	return model && *model ? model : "max,-erms,-fsrm";
}

/* In a list of properties a comma ends a value, two are a comma. */
static const char *commas_doubled(const char *text, char out[2 * PATH_MAX])
{
	char *p = out;

	for (; *text; text++) {
		if (*text == ',')
			*p++ = ',';
		*p++ = *text;
	}
	*p = 0;
	return out;
}

/* The machine must be the same when it is saved and when it is resumed, but for share=. */
static int describe(struct qemu *q, struct machine *m, const char *dir, const char *memory,
		    const char *share, const char *npt, int disk)
{
	char path[2 * PATH_MAX];

	word(q, QEMU);
	for (const char *const *p =
		     (const char *const[]){ "-accel", "tcg", "-cpu", cpu_model(), "-smp", "1", "-m",
					    MEMORY, "-machine", "q35,memory-backend=mem",
					    "-display", "none", "-nodefaults", "-no-user-config",
					    "-no-reboot", NULL };
	     *p; p++)
		word(q, *p);
	option(q, "-object", "memory-backend-file,id=mem,size=" MEMORY ",mem-path=%s,share=%s",
	       commas_doubled(memory, path), share);
	option(q, "-kernel", "%s/vmlinuz", dir);
	option(q, "-initrd", "%s/initrd", dir);
	/* On a busy host no tick may come in the time in which the kernel tries its timer. */
	option(q, "-append",
	       "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check BOX_NPT=%s", npt);
	m->link = channel(q, "link");
	m->console = channel(q, "console");
	m->monitor = channel(q, "monitor");
	if (m->link < 0 || m->console < 0 || m->monitor < 0)
		return -1;
	option(q, "-mon", "chardev=monitor,mode=control");
	option(q, "-serial", "chardev:console");
	option(q, "-device", "virtio-serial-pci");
	option(q, "-device", "virtserialport,chardev=link,nr=1");
	option(q, "-add-fd", "fd=%d,set=1", keep(q, disk));
	option(q, "-drive", "file=/dev/fdset/1,format=raw,if=virtio,readonly=on");
	return 0;
}

static int start(struct machine *m, struct qemu *q, const char *dir)
{
	struct spawn s = { .argv = q->argv, .keep = q->keep, .dir = dir };

	s.err = m->log = memfd_create("log", MFD_CLOEXEC);
	m->pid = spawn(&s);
	m->ended = m->pid > 0 ? (int)syscall(SYS_pidfd_open, m->pid, 0) : -1;
	for (size_t i = 0; i < q->keeps; i++)
		close(q->keep[i]);
	for (size_t i = 0; i < q->args; i++)
		free(q->argv[i]);
	return m->pid > 0 ? 0 : complain(QEMU " cannot be started: %s", strerror(-m->pid));
}

/* A file without a name, so that nothing is left behind. */
static int make_disk(const struct cpio *payload)
{
	int fd = memfd_create("payload", MFD_CLOEXEC), disk;
	char path[64];
	size_t done = 0;
	ssize_t n = 0;

	if (fd < 0 || ftruncate(fd, DISK_BYTES))
		return complain("no memory for the payload: %s", strerror(errno));
	if (payload->size > DISK_BYTES)
		return complain("%zu MiB of files are too many for the box", payload->size >> 20);
	while (done < payload->size &&
	       (n = pwrite(fd, payload->data + done, payload->size - done, done)) > 0)
		done += n;
	if (n < 0)
		return complain("no memory for the payload: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* QEMU insists on read-only */
	disk = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return disk;
}

/* One command to QEMU's monitor (QMP), one answer. There is no more to it here. */
static bool ask(struct machine *m, const char *command, char *answer, size_t size)
{
	size_t have = 0;
	ssize_t n;

	if (command && write(m->monitor, command, strlen(command)) < 0)
		return false;
	while (have < size - 1 && (n = read(m->monitor, answer + have, size - 1 - have)) > 0) {
		have += n;
		answer[have] = 0;
		if (strstr(answer, "\"error\""))
			return false;
		if (strstr(answer, command ? "\"return\"" : "\"QMP\""))
			return true;
	}
	return false;
}

/* Memory that is in a file already shall be neither saved nor loaded. */
static bool greet(struct machine *m, char *answer, size_t size)
{
	return ask(m, NULL, answer, size) &&
	       ask(m, "{\"execute\":\"qmp_capabilities\"}\n", answer, size) &&
	       ask(m,
		   "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":"
		   "[{\"capability\":\"x-ignore-shared\",\"state\":true}]}}\n",
		   answer, size);
}

/* Memory is in its file; the rest goes to `state`, and `saved` appears when all is written. */
static int save(struct machine *m, const char *dir)
{
	char answer[8192] = "", saved[PATH_MAX + 8];

	snprintf(saved, sizeof(saved), "%s/saved", dir);
	if (!greet(m, answer, sizeof(answer)) ||
	    !ask(m,
		 "{\"execute\":\"migrate\",\"arguments\":"
		 "{\"uri\":\"exec:cat >state && : >saved\"}}\n",
		 answer, sizeof(answer)))
		return complain("QEMU did not save the machine: %s", answer);
	for (int i = 0; i < 3000 && access(saved, F_OK); i++)
		usleep(10000);
	if (access(saved, F_OK) ||
	    !ask(m, "{\"execute\":\"query-migrate\"}\n", answer, sizeof(answer)) ||
	    !strstr(answer, "\"completed\""))
		return complain("QEMU did not save the machine (is the disk full?): %s", answer);
	return unlink(saved);
}

/* Boots in dir, and saves there. */
static int boot(const char *dir, const char *npt)
{
	struct machine m = MACHINE_NONE;
	struct cpio nothing = { 0 };
	struct qemu q = { 0 };
	int disk = make_disk(&nothing), err = -1;

	if (disk < 0 || describe(&q, &m, dir, "mem", "on", npt, disk))
		return -1;
	if (!start(&m, &q, dir)) {
		if (session_wait_ready(&m, BOOT_LIMIT)) {
			if (!cache_room(dir, 8))
				words_last(&m, "the machine did not come up");
		} else {
			err = save(&m, dir);
		}
	}
	machine_kill(&m);
	return err;
}

/* All that the saved machine was made from: when a line changes, another is made. */
static char *recipe(const char *engine, const char *qemu, const struct kernel *k,
		    const struct strings *libs)
{
	struct strings lines = { 0 };
	char path[PATH_MAX];
	char *init, hash[64];
	size_t size;

	strings_add(&lines, engine);
	strings_add(&lines, cpu_model());
	strings_add(&lines, "form 2, " MEMORY); /* another form of the machine: count up */
	recipe_file(&lines, qemu);
	if (*k->package) { /* wherever the cache lies: it may be part of a container's image */
		strings_add(&lines, k->package);
	} else {
		recipe_file(&lines, k->image);
		for (size_t i = 0; i < k->modules.count; i++)
			recipe_file(&lines, k->modules.item[i]);
	}
	for (size_t i = 0; i < libs->count; i++)
		recipe_file(&lines, libs->item[i]);
	image_init(path);
	init = read_file(path, &size); /* by content: each clone builds its own */
	for (size_t i = 0; init && i < size; i++)
		init[i] |= !init[i];
	snprintf(hash, sizeof(hash), "init %zu %016lx", size, init ? recipe_key(init) : 0);
	free(init);
	strings_add(&lines, hash);
	return recipe_text(&lines);
}

/* Does dir hold the machine of that recipe, whole? */
static bool prepared(const char *dir, const char *recipe)
{
	char path[PATH_MAX + 16], *text;
	bool same;

	snprintf(path, sizeof(path), "%s/recipe", dir);
	text = read_file(path, NULL);
	same = text && !strcmp(text, recipe);
	if (same)
		utimensat(AT_FDCWD, path, NULL, 0); /* it is in use: see sweep() */
	free(text);
	return same;
}

static int make(const char *engine, const char *temp, const struct kernel *k,
		const struct strings *libs, const char *recipe)
{
	struct cpio c = { 0 };
	size_t size;
	char *image = read_file(k->image, &size);
	int err = image ? 0 : complain("%s: %s", k->image, strerror(errno));

	image_initramfs(&c, k, libs);
	if (!err && c.err)
		err = complain("the initramfs: %s", strerror(-c.err));
	err = err ? err : write_file_in(temp, "vmlinuz", image, size);
	err = err ? err : write_file_in(temp, "initrd", c.data, c.size);
	err = err ? err : boot(temp, strcmp(engine, "svm-shadow") ? "1" : "0");
	err = err ? err : write_file_in(temp, "recipe", recipe, strlen(recipe));
	free(image);
	cpio_free(&c);
	return err;
}

/* With the lock held. */
static int prepare(const char *engine, const char *cache, const char *dir, const struct kernel *k,
		   const struct strings *libs, const char *recipe)
{
	char temp[PATH_MAX];
	int err;

	if (prepared(dir, recipe))
		return 0;
	if (cache_room(cache, 250) || cache_make_temporary(cache, temp))
		return -1;
	progress("preparing the %s machine, once (about 10 s)", engine);
	err = make(engine, temp, k, libs, recipe);
	if (!err) {
		cache_remove(dir); /* another recipe with the same key, or a broken one */
		err = rename(temp, dir) ? complain("%s: %s", dir, strerror(errno)) : 0;
	}
	if (err)
		cache_remove(temp);
	return err;
}

int qemu_prepare(const char *engine, char dir[PATH_MAX], struct strings *libs)
{
	char cache[PATH_MAX], qemu[PATH_MAX], *text;
	struct kernel k;
	int lock, err;

	if (!program_find(QEMU, qemu))
		return complain(QEMU " is missing: apt-get install qemu-system-x86");
	if (cache_dir(cache) || kernel_find(&k, cache))
		return -1;
	libs_usual(libs);
	text = recipe(engine, qemu, &k, libs);
	if (snprintf(dir, PATH_MAX, "%s/box-%s-%016lx", cache, engine, recipe_key(text)) >=
	    PATH_MAX)
		return complain("%s is too long a path", cache);
	err = 0;
	if (!prepared(dir, text)) {
		lock = cache_lock(cache);
		err = lock < 0 ? -1 : prepare(engine, cache, dir, &k, libs, text);
		close(lock);
	}
	free(text);
	return err;
}

/* QEMU opens its memory for writing even where it maps it privately; if that may not be, a copy. */
static int readable_memory(struct qemu *q, const char *dir, char path[PATH_MAX])
{
	int from, to;
	off_t size, at = 0;

	snprintf(path, PATH_MAX, "%s/mem", dir);
	if (access(path, W_OK) == 0)
		return 0;
	from = open(path, O_RDONLY | O_CLOEXEC);
	to = memfd_create("memory", MFD_CLOEXEC);
	size = from < 0 ? -1 : lseek(from, 0, SEEK_END);
	if (to < 0 || size < 0 || ftruncate(to, size))
		return complain("%s: %s", path, strerror(errno));
	while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(from, at, SEEK_HOLE);

		lseek(to, at, SEEK_SET);
		lseek(from, at, SEEK_SET);
		while (at < end) {
			static char data[1 << 16];
			ssize_t n = read(from, data, sizeof(data));

			if (n <= 0 || write(to, data, n) != n)
				return complain("%s: %s", path, strerror(errno));
			at += n;
		}
	}
	close(from);
	snprintf(path, PATH_MAX, "/proc/self/fd/%d", keep(q, to));
	return 0;
}

int qemu_start(struct machine *m, const char *dir, struct cpio *payload)
{
	char path[PATH_MAX], state[PATH_MAX + 8], command[200], answer[8192] = "";
	struct qemu q = { 0 };
	int disk = make_disk(payload), fd;

	*m = MACHINE_NONE;
	m->disk_bytes = payload->size;
	snprintf(state, sizeof(state), "%s/state", dir);
	fd = open(state, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return complain("%s: %s", state, strerror(errno));
	if (disk < 0 || readable_memory(&q, dir, path) ||
	    describe(&q, m, dir, path, "off", strstr(dir, "svm-shadow") ? "0" : "1", disk))
		return -1;
	option(&q, "-incoming", "defer");
	snprintf(command, sizeof(command),
		 "{\"execute\":\"migrate-incoming\",\"arguments\":"
		 "{\"uri\":\"fd:%d\"}}\n",
		 keep(&q, fd));
	if (start(m, &q, NULL))
		return -1;
	if (!greet(m, answer, sizeof(answer)) || !ask(m, command, answer, sizeof(answer)))
		complain("QEMU does not resume the machine: %s", /* the session will tell */
			 *answer ? answer : "it has ended");
	return 0;
}
