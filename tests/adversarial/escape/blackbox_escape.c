// SPDX-License-Identifier: MIT
/*
 * What a guest finds that has taken over the VMM: each call that would lead on is refused, by name.
 * The same without the sandbox shows that the call was really made. See escape.h.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "escape.h"
#include "test.h"

#define REFUSED 159

static struct outcome run_escaped(unsigned which, const char *one, const char *two)
{
	const char *told = getenv("VMMLAB_ESCAPE"), *program;

	program = told ? told : test_text("%s/tests/escape", env_build_dir());

	return run_vmm(&(struct vmm_run){ .guest = "05/escape",
					  .nonce = which,
					  .program = program,
					  .refused = true,
					  .args = { one ?: two, one ? two : NULL } });
}

/* A call of that name, and of these arguments if `with` is not empty, ends the run. */
static void refused(unsigned which, const char *call, const char *option)
{
	struct outcome o = run_escaped(which, option, NULL);

	CONTEXT("the guest makes the VMM call %s, which no running VMM needs", call);
#ifdef SANITIZED
	EXPECT_CONTAINS(o.err, "the call came back: ");
	return;
#endif
	EXPECT_CONTAINS(o.err, test_text("vmm: the sandbox refuses %s", call));
	EXPECT_U64(o.status, REFUSED);
	EXPECT_STR(o.out, "");
	EXPECT_TRUE(!strstr(o.err, "came back"), "the call came back");
}

/* The same without a sandbox: there is such a call, and we make it. */
static void refused_and_made(unsigned which, const char *call)
{
	struct outcome o;

	refused(which, call, NULL);
	o = run_escaped(which, "--no-sandbox", NULL);
	CONTEXT("the same with --no-sandbox");
	EXPECT_CONTAINS(o.err, "the call came back: ");
	EXPECT_STR(o.out, "still in the machine\n");
	EXPECT_U64(o.status, 0);
}

#define IS_REFUSED(name, which, call)          \
	TEST_KVM("-", name, 0)                 \
	{                                      \
		refused_and_made(which, call); \
	}

IS_REFUSED(a_guest_that_is_out_opens_no_file, ESCAPE_OPEN, "openat:")
IS_REFUSED(a_guest_that_is_out_writes_no_file, ESCAPE_OPEN_TO_WRITE, "openat:")
IS_REFUSED(a_guest_that_is_out_opens_no_kvm, ESCAPE_OPEN_KVM, "openat:")
IS_REFUSED(a_guest_that_is_out_starts_no_process, ESCAPE_FORK, "fork:")
IS_REFUSED(a_guest_that_is_out_makes_no_socket, ESCAPE_SOCKET, "socket:")
IS_REFUSED(a_guest_that_is_out_makes_no_local_socket, ESCAPE_SOCKET_UNIX, "socket:")
IS_REFUSED(a_guest_that_is_out_traces_nobody, ESCAPE_PTRACE, "ptrace:")
IS_REFUSED(a_guest_that_is_out_reads_no_process, ESCAPE_READ_PROCESS, "process_vm_readv:")
IS_REFUSED(a_guest_that_is_out_kills_nobody, ESCAPE_KILL, "kill:")
IS_REFUSED(a_guest_that_is_out_kills_no_thread_of_others, ESCAPE_TGKILL, "tgkill:")
IS_REFUSED(a_guest_that_is_out_maps_no_code, ESCAPE_MAP_CODE, "mmap:")
IS_REFUSED(a_guest_that_is_out_makes_no_code, ESCAPE_MAKE_CODE, "mprotect:")
IS_REFUSED(a_guest_that_is_out_makes_no_machine, ESCAPE_NEW_VM, "ioctl 0x0000ae01:")
IS_REFUSED(a_guest_that_is_out_takes_no_more_memory, ESCAPE_MORE_MEMORY, "ioctl 0x4020ae46:")
IS_REFUSED(a_guest_that_is_out_makes_no_ring, ESCAPE_IO_URING, "io_uring_setup:")
IS_REFUSED(a_guest_that_is_out_has_no_signals_sent, ESCAPE_SIGIO, "fcntl:")
IS_REFUSED(a_guest_that_is_out_sends_none_by_the_terminal, ESCAPE_ASYNC, "fcntl:")

static unsigned mounts(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	unsigned n = 0;
	int c;

	while (f && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

TEST_KVM("-", a_guest_that_is_out_mounts_nothing, 0)
{
	unsigned before = mounts();

	refused_and_made(ESCAPE_MOUNT, "mount:");
	CONTEXT("nor does the test itself leave a mount on this machine, whoever runs it");
	EXPECT_U64(mounts(), before);
}

TEST_KVM("-", a_guest_that_is_out_starts_no_program, 0)
{
	struct outcome o;

#ifndef SANITIZED
	refused(ESCAPE_EXEC, "execve:", NULL);
#endif
	o = run_escaped(ESCAPE_EXEC, "--no-sandbox", NULL);
	CONTEXT("the same with --no-sandbox: the VMM has become another program");
	EXPECT_CONTAINS(o.err, "which guest image?");
}

TEST_KVM("-", a_guest_that_is_out_is_so_in_each_thread, 0)
{
	refused_and_made(ESCAPE_IO_THREAD + ESCAPE_OPEN, "openat:");
}

/* A VMM with a network has no socket either: who makes those is another process. */
TEST_KVM("-", a_guest_that_is_out_finds_no_network, 0, .seconds = 0.3)
{
	refused(ESCAPE_SOCKET, "socket:", "--device=net,user");
	refused(ESCAPE_OPEN, "openat:", "--device=net,user");
}

/* --- the network's process, taken over by a packet --- */

/* The VMM lives on: it gets another network. */
static void network_refused(unsigned which, const char *call, const char *card)
{
	struct outcome o = run_escaped(ESCAPE_NETWORK + which, card, NULL);

	CONTEXT("%s: its network's process makes the call %s", card, call);
	EXPECT_CONTAINS(o.err, test_text("vmm: the sandbox refuses %s", call));
	EXPECT_TRUE(!strstr(o.err, "came back"), "the call came back");
	EXPECT_STR(o.out, "still in the machine\n");
	EXPECT_U64(o.status, 0);
}

static void network_may(unsigned which, const char *card, const char *result)
{
	struct outcome o = run_escaped(ESCAPE_NETWORK + which, card, NULL);

	CONTEXT("%s: its network's process may make call %u", card, which);
	EXPECT_CONTAINS(o.err, test_text("the call came back: %s\n", result));
	EXPECT_STR(o.out, "still in the machine\n");
}

TEST_KVM("-", a_packet_that_is_out_finds_nothing, 0, .seconds = 1.5)
{
	static const struct {
		unsigned which;
		const char *call;
	} row[] = {
		{ ESCAPE_OPEN_TO_WRITE, "openat:" },
		{ ESCAPE_OPEN_KVM, "openat:" },
		{ ESCAPE_EXEC, "execve:" },
		{ ESCAPE_FORK, "fork:" },
		{ ESCAPE_ASYNC, "fcntl:" },
		{ ESCAPE_PTRACE, "ptrace:" },
		{ ESCAPE_READ_PROCESS, "process_vm" },
		{ ESCAPE_KILL, "kill:" },
		{ ESCAPE_MAP_CODE, "mmap:" },
		{ ESCAPE_IO_URING, "io_uring_setup:" },
	};

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++)
		network_refused(row[i].which, row[i].call, "--device=net,user");
	network_refused(ESCAPE_SOCKET, "socket:", "--device=net,user,isolated");
}

TEST_KVM("-", a_packet_that_is_out_has_packets, 0, .seconds = 0.3)
{
	struct outcome o =
		run_escaped(ESCAPE_NETWORK + ESCAPE_FORK, "--device=net,user", "--no-sandbox");

	CONTEXT("with --no-sandbox the network's process may start another one");
	EXPECT_CONTAINS(o.err, "the call came back: done\n");
	CONTEXT("libslirp makes sockets for the guest");
	network_may(ESCAPE_SOCKET, "--device=net,user", "done");
	CONTEXT("and none of another family: libc asks for one, and does without");
#ifndef SANITIZED
	network_may(ESCAPE_SOCKET_UNIX, "--device=net,user", "Permission denied");
#endif
#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	CONTEXT("without the host's network, libslirp does without files");
	network_may(ESCAPE_OPEN, "--device=net,user,isolated", "Permission denied");
}

TEST_KVM("-", a_packet_that_is_out_reads_no_file, 0, .seconds = 0.3)
{
	struct outcome o = run_escaped(ESCAPE_NOTHING, "--device=net,user", "--verbose");

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	if (strstr(o.err, "no Landlock here"))
		SKIP("the kernel has no Landlock");
	CONTEXT("the filter lets libslirp open /etc/resolv.conf; Landlock knows which file that "
		"is");
	network_may(ESCAPE_OPEN, "--device=net,user", "Permission denied");
}

TEST_KVM("-", each_thread_has_given_up_what_it_could, 0)
{
	static const char confined[] = "thread CapPrm:0000000000000000 CapEff:0000000000000000 "
				       "NoNewPrivs:1 Seccomp:2\n";
	struct outcome o = run_escaped(ESCAPE_THREADS, NULL, NULL);
	const char *at = o.err;
	unsigned n = 0;

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	CONTEXT("all threads are without capabilities, and under the filter (Seccomp: 2)");
	for (; (at = strstr(at, "thread ")); at++, n++)
		EXPECT_TRUE(!strncmp(at, confined, strlen(confined)), "%.*s",
			    (int)strcspn(at, "\n"), at);
	EXPECT_TRUE(n >= 2, "%u threads", n);
	EXPECT_U64(o.status, 0);
}
