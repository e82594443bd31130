// SPDX-License-Identifier: MIT
/*
 * The vmx engine: Bochs emulates an Intel CPU with VMX, EPT and VPID, which QEMU's emulation has
 * not. It boots each time, from a CD image with the kernel, the initramfs and the payload; the
 * link is its second serial port, on a pseudo-terminal. That takes minutes, but nobody's hand.
 *
 * One thing Bochs 2.7 gets wrong: while a guest runs with IF = 0, the machine's own interrupts
 * wait, although external-interrupt exiting is on (SDM 3C, 26.2). A guest that then loops without
 * an exit stops the whole machine; only the box's time limit ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "box.h"

/* Debian installs Bochs without a BIOS where another program's (SeaBIOS) is there already. */
#define BIOS	 "/usr/share/bochs/BIOS-bochs-latest"
#define VGA_BIOS "/usr/share/bochs/VGABIOS-lgpl-latest"
#define PACKAGES                                                                      \
	"apt-get install bochs bochs-term bochsbios vgabios grub-pc-bin grub-common " \
	"xorriso mtools"
#define BOOT_LIMIT 900 /* seconds; a slow machine */

static const char grub_cfg[] =
	"set timeout=0\n"
	"set default=0\n"
	"menuentry box {\n"
	"  linux /vmlinuz console=ttyS0 quiet panic=-1 mitigations=off BOX_LINK=ttyS1\n"
	"  initrd /initrd\n"
	"}\n";

/*
 * ips: how many instructions are one second to the machine. About what the emulator does: then its
 * clock goes about as ours. The debugger is compiled in; `c` tells it to go on. Nobody hears its
 * sound, and where a machine has no sound card, Bochs dies in ALSA ("buffer overflow detected").
 */
static const char bochsrc[] = "display_library: term\n"
			      "megs: 512\n"
			      "romimage: file=" BIOS "\n"
			      "vgaromimage: file=" VGA_BIOS "\n"
			      "cpu: model=%s, count=1, ips=50000000, reset_on_triple_fault=0\n"
			      "clock: sync=none, time0=utc\n"
			      "ata0-master: type=cdrom, path=box.iso, status=inserted\n"
			      "boot: cdrom\n"
			      "com1: enabled=1, mode=file, dev=console.txt\n"
			      "com2: enabled=1, mode=term, dev=%s\n"
			      "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy\n"
			      "log: bochs.log\n"
			      "panic: action=fatal\n"
			      "error: action=ignore\n"
			      "info: action=ignore\n";

int bochs_prepare(struct kernel *k, struct strings *libs)
{
	static const char *const programs[] = { "bochs", "grub-mkrescue", "xorriso", "mformat" };
	static const char *const files[] = { BIOS, VGA_BIOS, "/usr/lib/grub/i386-pc" };
	char cache[PATH_MAX], path[PATH_MAX];

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (!program_find(programs[i], path))
			return complain("%s is missing: " PACKAGES, programs[i]);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (access(files[i], R_OK))
			return complain("%s is missing: " PACKAGES, files[i]);
	}
	if (cache_dir(cache) || kernel_find(k, cache))
		return -1;
	libs_usual(libs);
	return 0;
}

/* The kernel unpacks one archive after the other. */
static int put_initrd(const char *dir, const struct kernel *k, const struct strings *libs,
		      const struct cpio *payload)
{
	struct cpio c = { 0 };
	int err;

	image_initramfs(&c, k, libs);
	cpio_append(&c, payload->data, payload->size);
	err = c.err ? complain("the initramfs: %s", strerror(-c.err))
		    : write_file_in(dir, "iso/initrd", c.data, c.size);
	cpio_free(&c);
	return err;
}

static int make_iso(const char *dir, const struct kernel *k, const struct strings *libs,
		    const struct cpio *payload)
{
	char *const argv[] = { "grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "-o", "box.iso",
			       "iso",		NULL };
	struct spawn s = { .argv = argv, .dir = dir };
	char path[PATH_MAX + 16], *image;
	size_t size;
	int err;

	for (const char *const *p =
		     (const char *const[]){ "iso", "iso/boot", "iso/boot/grub", NULL };
	     *p; p++) {
		snprintf(path, sizeof(path), "%s/%s", dir, *p);
		mkdir(path, 0755);
	}
	image = read_file(k->image, &size);
	err = image ? write_file_in(dir, "iso/vmlinuz", image, size)
		    : complain("%s: %s", k->image, strerror(errno));
	free(image);
	if (err || write_file_in(dir, "iso/boot/grub/grub.cfg", grub_cfg, sizeof(grub_cfg) - 1) ||
	    put_initrd(dir, k, libs, payload))
		return -1;
	return spawn_wait(&s) ? complain("grub-mkrescue cannot make a CD image (is the disk full?)")
			      : 0;
}

/* A pseudo-terminal, raw: its name, and our end. */
static int terminal(char name[64], int *theirs)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd < 0 || grantpt(fd) || unlockpt(fd) || ptsname_r(fd, name, 64) ||
	    (*theirs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
		return complain("no pseudo-terminal: %s (is /dev/pts mounted?)", strerror(errno));
	tcgetattr(*theirs, &raw);
	cfmakeraw(&raw);
	tcsetattr(*theirs, TCSANOW, &raw);
	return fd;
}

int bochs_start(struct machine *m, char dir[PATH_MAX], const struct kernel *k,
		const struct strings *libs, struct cpio *payload)
{
	static char console_file[PATH_MAX + 16], log_file[PATH_MAX + 16];
	char *const argv[] = { "bochs", "-q", "-f", "bochsrc", "-rc", "go", NULL };
	struct spawn s = { .argv = argv, .dir = dir, .new_session = true };
	const char *cpu = getenv("BOX_CPU"); /* another of `bochs --help cpu` */
	char cache[PATH_MAX], link[64], screen[64], rc[2048];
	int com = -1, size, err;

	*m = MACHINE_NONE;
	if (cache_dir(cache) || cache_room(cache, 150) || cache_run_directory(cache, dir))
		return -1;
	progress("booting the vmx machine (a minute or more)");
	m->link = terminal(link, &com);
	if (m->link < 0)
		return -1;
	m->console = terminal(screen, &s.in);
	if (m->console < 0 || make_iso(dir, k, libs, payload))
		return -1;
	size = snprintf(rc, sizeof(rc), bochsrc, cpu && *cpu ? cpu : "corei7_haswell_4770", link);
	if (write_file_in(dir, "bochsrc", rc, size) || write_file_in(dir, "go", "c\n", 2))
		return -1;
	snprintf(console_file, sizeof(console_file), "%s/console.txt", dir);
	snprintf(log_file, sizeof(log_file), "%s/bochs.log", dir);
	m->console_file = console_file;
	m->log_file = log_file;
	s.out = s.err = s.in;
	setenv("TERM", "vt100", 1); /* what it draws is never seen */
	m->pid = spawn(&s);
	m->ended = m->pid > 0 ? (int)syscall(SYS_pidfd_open, m->pid, 0) : -1;
	close(s.in);
	if (m->pid < 0)
		return complain("bochs cannot be started: %s", strerror(-m->pid));
	err = session_wait_ready(m, BOOT_LIMIT);
	close(com); /* kept till now: a line that nobody has open forgets its settings */
	return err ? words_last(m, "the vmx machine did not come up") : 0;
}
