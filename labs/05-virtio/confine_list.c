// SPDX-License-Identifier: MIT
/*
 * What a running VMM calls, family by family. Not only what this one does: another right solution
 * may use poll(2) or epoll(7), read() or readv(). What is on no list: to open a file, to start a
 * program or another process, to send a signal to one, to look into its memory, to make memory
 * executable, to make a socket, a second VM, or more memory for this one. And of the process that
 * is the VMM's network: all but packets.
 */
#include <asm/termbits.h> /* the requests that a newer libc makes, too */
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "confine.h"
#include "confine_list.h"

#define U32 0xffffffffu /* the kernel looks at no more of these arguments */

/* clang-format off */
#define ANY(name) { SCMP_SYS(name), NULL, {}, 0 }
#define ONLY(name, words, n, mask, value) { SCMP_SYS(name), words, { { n, mask, value, false } }, 0 }
#define ONLY2(name, words, n, mask, value, n2, mask2, value2) \
	{ SCMP_SYS(name), words, { { n, mask, value, false }, { n2, mask2, value2, false } }, 0 }
#define IOCTL(request) ONLY(ioctl, #request, 1, U32, (u32)(request))
#define FCNTL(command) ONLY(fcntl, #command, 1, U32, (command))
#define FAILS(name, error) { SCMP_SYS(name), "fails with " #error, {}, error }

/* The one that comes by the million is found first: see confine_calls.c. */
static const struct allowed kvm[] = {
	IOCTL(KVM_RUN), IOCTL(KVM_IRQ_LINE), IOCTL(KVM_INTERRUPT), IOCTL(KVM_NMI),
	IOCTL(KVM_SIGNAL_MSI), IOCTL(KVM_IRQ_LINE_STATUS), IOCTL(KVM_IRQFD), IOCTL(KVM_IOEVENTFD),
	IOCTL(KVM_GET_REGS), IOCTL(KVM_SET_REGS), IOCTL(KVM_GET_SREGS), IOCTL(KVM_SET_SREGS),
	IOCTL(KVM_GET_VCPU_EVENTS), IOCTL(KVM_SET_VCPU_EVENTS), IOCTL(KVM_GET_MP_STATE),
	IOCTL(KVM_SET_MP_STATE), IOCTL(KVM_GET_IRQCHIP), IOCTL(KVM_SET_IRQCHIP),
	IOCTL(KVM_GET_PIT2),
	IOCTL(KVM_GET_DIRTY_LOG), IOCTL(KVM_TRANSLATE), IOCTL(KVM_GET_STATS_FD),
	IOCTL(KVM_GET_CPUID2), IOCTL(KVM_CHECK_EXTENSION), IOCTL(KVM_GET_API_VERSION),
};

static const struct allowed bytes[] = {
	ANY(read), ANY(write), ANY(readv), ANY(writev), ANY(pread64), ANY(pwrite64), ANY(preadv),
	ANY(pwritev), ANY(preadv2), ANY(pwritev2), ANY(close), ANY(fstat),
	/* That is fstat(2) in libc. (And stat(2): with a path it tells of any file, but not its bytes.) */
	ONLY(newfstatat, "AT_EMPTY_PATH", 3, AT_EMPTY_PATH, AT_EMPTY_PATH),
	FCNTL(F_GETFD), FCNTL(F_SETFD), FCNTL(F_GETFL),
	/* O_ASYNC: a terminal would send a signal to all that run there. */
	ONLY2(fcntl, "F_SETFL without O_ASYNC", 1, U32, F_SETFL, 2, O_ASYNC, 0),
};

static const struct allowed files[] = {
	ANY(lseek), ANY(ftruncate), ANY(dup), ANY(dup2), ANY(dup3), FCNTL(F_DUPFD_CLOEXEC), ANY(msync),
};

static const struct allowed waiting[] = {
	ANY(poll), ANY(ppoll), ANY(select), ANY(pselect6), ANY(epoll_create), ANY(epoll_create1), ANY(epoll_ctl),
	ANY(epoll_wait), ANY(epoll_pwait), ANY(epoll_pwait2), ANY(eventfd2),
};

static const struct allowed memory[] = {
	ONLY(mmap, "without PROT_EXEC", 2, PROT_EXEC, 0),
	ONLY(mprotect, "without PROT_EXEC", 2, PROT_EXEC, 0),
	ANY(munmap), ANY(mremap), ANY(madvise), ANY(brk), ANY(sysinfo), /* qsort() asks */
};

static const struct allowed time_[] = {
	ANY(clock_gettime), ANY(clock_getres), ANY(gettimeofday), ANY(time), ANY(nanosleep),
	ANY(clock_nanosleep), ANY(timerfd_create), ANY(timerfd_settime), ANY(timerfd_gettime),
	ANY(timer_create), ANY(timer_settime), ANY(timer_gettime), ANY(timer_getoverrun),
	ANY(timer_delete), ANY(alarm), ANY(setitimer), ANY(getitimer), ANY(getrandom),
};

/* A thread may start another; only by clone(2), of which a filter sees the flags. */
static const struct allowed threads[] = {
	ANY(futex), ANY(sched_yield), ANY(sched_getaffinity), ANY(set_robust_list), ANY(rseq),
	ONLY(clone, "CLONE_THREAD", 0,
	     CLONE_THREAD | CLONE_VM | CLONE_VFORK | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
		     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_PTRACE,
	     CLONE_THREAD | CLONE_VM),
	FAILS(clone3, ENOSYS),
};

static const struct allowed signals[] = {
	ANY(rt_sigaction), ANY(rt_sigprocmask), ANY(rt_sigreturn), ANY(rt_sigpending),
	ANY(rt_sigtimedwait), ANY(rt_sigsuspend), ANY(sigaltstack), ANY(restart_syscall),
	ANY(getpid), ANY(gettid), ANY(getppid), ANY(getpgrp), ANY(getpgid), ANY(getsid),
	ANY(getuid), ANY(geteuid), ANY(getgid), ANY(getegid), ANY(pause), ANY(getrusage),
	ONLY(kill, "itself", 0, U32, CONFINE_OWN_PID),
	ONLY(tgkill, "its own threads", 0, U32, CONFINE_OWN_PID),
	ONLY(rt_tgsigqueueinfo, "its own threads", 0, U32, CONFINE_OWN_PID),
	ONLY(rt_sigqueueinfo, "itself", 0, U32, CONFINE_OWN_PID), ANY(exit), ANY(exit_group),
};

static const struct allowed terminal[] = {
	IOCTL(TCGETS), IOCTL(TCSETS), IOCTL(TCSETSW), IOCTL(TCSETSF), IOCTL(TCGETS2),
	IOCTL(TCSETS2), IOCTL(TCSETSW2), IOCTL(TCSETSF2), IOCTL(TIOCGPGRP), IOCTL(TIOCGWINSZ),
	IOCTL(FIONREAD),
};

static const struct allowed disk[] = {
	ANY(fdatasync), ANY(fsync), ANY(fallocate), ANY(sync_file_range), ANY(fadvise64),
};

/* GLib asks whether its warnings go to a terminal. */
#define TO_WARN { SCMP_SYS(ioctl), "TCGETS fails with ENOTTY", { { 1, U32, TCGETS, false } }, ENOTTY }

/* The keeper brings another process when that one has died, and is waited for at the end. */
static const struct allowed network[] = {
	ANY(recvmsg), FCNTL(F_GET_SEALS), ANY(wait4),
};

/* It can do without; and what starts over asks for random numbers by a file. */
static const struct allowed libslirp[] = {
	FAILS(openat, EACCES), FAILS(getpeername, ENOTSOCK), TO_WARN,
};

/* TCP, UDP, and ICMP's echo. Other families fail: libc asks some for the numbers of interfaces. */
static const struct allowed sockets[] = {
	ONLY2(socket, "AF_INET", 0, U32, AF_INET, 2, U32, 0),
	ONLY2(socket, "AF_INET for ICMP", 0, U32, AF_INET, 2, U32, IPPROTO_ICMP),
	{ SCMP_SYS(socket), "of other families fails with EACCES", { { 0, U32, AF_INET, true } }, EACCES },
	ANY(connect), ANY(bind), ANY(listen), ANY(accept), ANY(accept4), ANY(sendto), ANY(recvfrom),
	ANY(sendmsg), ANY(recvmsg), ANY(shutdown), ANY(setsockopt), ANY(getsockopt),
	ANY(getsockname), ANY(getpeername), IOCTL(FIONBIO), IOCTL(FIONREAD), TO_WARN,
};

static const struct allowed resolver[] = {
	ONLY(openat, "O_RDONLY", 2, O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_PATH, O_RDONLY),
	ANY(newfstatat), ANY(stat), ANY(lseek),
};

#define FAMILY(name, part, list) { name, part, list, ARRAY_SIZE(list) }

const struct family confine_families[] = {
	FAMILY("KVM", CONFINE_MACHINE, kvm),
	FAMILY("bytes", CONFINE_ANY, bytes),
	FAMILY("files", CONFINE_MACHINE, files),
	FAMILY("waiting", CONFINE_ANY, waiting),
	FAMILY("memory", CONFINE_ANY, memory),
	FAMILY("time", CONFINE_ANY, time_),
	FAMILY("threads", CONFINE_ANY, threads),
	FAMILY("signals", CONFINE_ANY, signals),
	FAMILY("the terminal", CONFINE_MACHINE, terminal),
	FAMILY("disks", CONFINE_DISK, disk),
	FAMILY("the network's process", CONFINE_NETWORK, network),
	FAMILY("libslirp", CONFINE_LIBSLIRP, libslirp),
	FAMILY("sockets", CONFINE_SOCKETS, sockets),
	FAMILY("names of the network", CONFINE_RESOLVER, resolver),
};
const unsigned confine_nfamilies = ARRAY_SIZE(confine_families);
