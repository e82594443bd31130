// SPDX-License-Identifier: MIT
/* See escape.h. The linker puts __wrap_machine_build() where main() calls machine_build(), and so
 * on. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "escape.h"
#include "machine.h"
#include "net_process.h"

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names */
int __real_machine_build(struct machine *m, const struct options *opt);
int __wrap_machine_build(struct machine *m, const struct options *opt);
int __real_net_process_connect(struct net_process *p, struct net *net, struct loop *loop);
int __wrap_net_process_connect(struct net_process *p, struct net *net, struct loop *loop);
int __real_channel_take(struct channel *c, u8 frame[NET_FRAME_MAX]);
int __wrap_channel_take(struct channel *c, u8 frame[NET_FRAME_MAX]);

struct planted {
	struct device dev;
	struct source source;
	struct machine *m;
	int witness;	  /* a socket to a process that was there before */
	unsigned pending; /* for the I/O thread */
	bool done;
};

static struct net_process *network; /* of the VMM's card, if it has one */

static long ioctl_kvm(int fd, unsigned long request)
{
	struct kvm_userspace_memory_region none = { .slot = 30 };

	return syscall(SYS_ioctl, fd, request, request == KVM_CREATE_VM ? NULL : &none);
}

static long read_process(pid_t pid)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { &byte, 1 };

	return syscall(SYS_process_vm_readv, pid, &to, 1, &from, 1, 0);
}

static long execute(void)
{
	char *argv[] = { "true", NULL }, *env[] = { NULL };

	return syscall(SYS_execve, "/proc/self/exe", argv, env);
}

static long split(void)
{
	long pid = syscall(SYS_fork);

	if (pid == 0)
		_exit(0);
	return pid;
}

/* The call itself, by its number: what libc would make of it is another matter. */
static long make_call(struct planted *p, unsigned which)
{
	static char page[4096] __attribute__((aligned(4096)));
	static char params[120];

	switch (which) {
	case ESCAPE_OPEN:
		return syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY);
	case ESCAPE_OPEN_TO_WRITE:
		return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY);
	case ESCAPE_OPEN_KVM:
		return syscall(SYS_openat, AT_FDCWD, "/dev/kvm", O_RDWR);
	case ESCAPE_EXEC:
		return execute();
	case ESCAPE_FORK:
		return split();
	case ESCAPE_SOCKET:
		return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	case ESCAPE_SOCKET_UNIX:
		return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	case ESCAPE_PTRACE:
		return syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0);
	case ESCAPE_READ_PROCESS:
		return read_process(getppid());
	case ESCAPE_KILL:
		return syscall(SYS_kill, getppid(), 0);
	case ESCAPE_TGKILL:
		return syscall(SYS_tgkill, getppid(), getppid(), 0);
	case ESCAPE_MAP_CODE:
		return syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	case ESCAPE_MAKE_CODE:
		return syscall(SYS_mprotect, page, sizeof(page), PROT_READ | PROT_EXEC);
	case ESCAPE_NEW_VM:
		return ioctl_kvm(p->m->vm.kvm_fd, KVM_CREATE_VM);
	case ESCAPE_MORE_MEMORY:
		return ioctl_kvm(p->m->vm.fd, KVM_SET_USER_MEMORY_REGION);
	case ESCAPE_IO_URING:
		return syscall(SYS_io_uring_setup, 1, params);
	case ESCAPE_MOUNT: /* (nowhere: where it is allowed, nothing shall stay) */
		return syscall(SYS_mount, "none", "", "tmpfs", 0, NULL);
	case ESCAPE_SIGIO:
		return syscall(SYS_fcntl, STDIN_FILENO, F_SETOWN, getppid());
	case ESCAPE_ASYNC:
		return syscall(SYS_fcntl, STDERR_FILENO, F_SETFL, O_ASYNC);
	default:
		return 0;
	}
}

/* --- the witness: what the kernel says of each thread --- */

static void tell_thread(const char *path)
{
	static const char *const keys[] = { "CapEff:", "CapPrm:", "NoNewPrivs:", "Seccomp:" };
	FILE *f = fopen(path, "re");
	char line[200];

	fprintf(stderr, "thread");
	while (f && fgets(line, sizeof(line), f))
		for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
			if (!strncmp(line, keys[i], strlen(keys[i])))
				fprintf(stderr, " %s%.*s", keys[i],
					(int)strcspn(line + strlen(keys[i]) + 1, "\n"),
					line + strlen(keys[i]) + 1);
	fprintf(stderr, "\n");
	if (f)
		fclose(f);
}

static void tell_threads(pid_t vmm)
{
	char pattern[64];
	glob_t tasks;

	snprintf(pattern, sizeof(pattern), "/proc/%d/task/*/status", (int)vmm);
	if (glob(pattern, 0, NULL, &tasks))
		return;
	for (size_t i = 0; i < tasks.gl_pathc; i++)
		tell_thread(tasks.gl_pathv[i]);
	globfree(&tasks);
}

static int start_witness(void)
{
	pid_t vmm = getpid();
	int ends[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	if (fork() == 0) {
		/* Nothing else of the VMM's: its network ends when nobody holds its socket. */
		ends[1] = dup2(ends[1], STDERR_FILENO + 1);
		closefrom(ends[1] + 1);
		while (read(ends[1], &byte, 1) == 1) {
			tell_threads(vmm);
			if (write(ends[1], &byte, 1) != 1)
				break;
		}
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* --- the call --- */

static void serve(struct planted *p, unsigned which)
{
	char byte = 0;
	long ret;

	if (which == ESCAPE_THREADS) {
		if (write(p->witness, &byte, 1) != 1 || read(p->witness, &byte, 1) != 1)
			fprintf(stderr, "no witness\n");
	} else {
		errno = 0;
		ret = make_call(p, which);
		fprintf(stderr, "the call came back: %s\n", ret < 0 ? strerror(errno) : "done");
	}
	p->done = true;
}

/* --- the network's process --- */

static const u8 order[] = { 0x88, 0xb5 }; /* its EtherType: for experiments */

static void order_call(unsigned which)
{
	u8 frame[60] = { 0 };

	memcpy(frame + 12, order, sizeof(order));
	frame[14] = (u8)which;
	channel_send(&network->channel, frame, sizeof(frame));
}

int __wrap_net_process_connect(struct net_process *p, struct net *net, struct loop *loop)
{
	network = p;
	return __real_net_process_connect(p, net, loop);
}

/* A frame has taken it over. Afterwards it dies; so the guest knows that it is over. */
int __wrap_channel_take(struct channel *c, u8 frame[NET_FRAME_MAX])
{
	int len = __real_channel_take(c, frame);
	struct planted nothing = { .m = NULL };

	if (len <= 0 || memcmp(frame + 12, order, sizeof(order)) != 0)
		return len;
	serve(&nothing, frame[14]);
	_exit(0);
}

/* --- the device --- */

static enum verdict planted_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct planted *p = container_of(dev, struct planted, dev);
	u32 word = 0;

	if (!write) {
		word = p->done || (network && network->deaths);
		memcpy(data, &word, min_u64(size, sizeof(word)));
		return V_RESUME;
	}
	memcpy(&word, data, min_u64(size, sizeof(word)));
	if (word & ESCAPE_NETWORK) {
		order_call(word & 0xff);
	} else if (!(word & ESCAPE_IO_THREAD)) {
		serve(p, word);
	} else {
		p->pending = word & ~(u32)ESCAPE_IO_THREAD;
		loop_wake(&p->m->loop);
	}
	return V_RESUME;
}

static void planted_fds(struct source *s, struct pollset *set)
{
	struct planted *p = container_of(s, struct planted, source);

	if (p->pending && !p->done)
		serve(p, p->pending);
}

static void planted_ready(struct source *s, struct pollset *set)
{
}

int __wrap_machine_build(struct machine *m, const struct options *opt)
{
	static struct planted planted;
	int status = __real_machine_build(m, opt);

	if (status)
		return status;
	planted = (struct planted){
		.dev.io = planted_io,
		.source = { .fds = planted_fds, .ready = planted_ready },
		.m = m,
		.witness = start_witness(),
	};
	return bus_add(&m->vm.pio, ESCAPE_PORT, 4, &planted.dev) ||
	       loop_add(&m->loop, &planted.source);
}
/* NOLINTEND(bugprone-reserved-identifier) */
