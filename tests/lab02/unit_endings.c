// SPDX-License-Identifier: MIT
/* Tasks 2.9 and 2.10: the race that a time limit must win, kicks, and a file of statistics. */
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu_mode.h"
#include "dead_ends.h"
#include "summary.h"
#include "io.h"
#include "kick.h"
#include "kvm_stats.h"
#include "nonce.h"
#include "test.h"
#include "verdicts.h"

static struct recorder rec;
static struct vcpu vcpu;
static struct vm vm;

static void make_guest(const void *code, size_t len)
{
	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0, MiB(1)), 0);
	EXPECT_ERR(mem_write(&vm.mem, 0x1000, code, len), 0);
	EXPECT_ERR(vcpu_init(&vcpu, &vm, 0), 0);
	recorder_init(&rec, vcpu.run, vm.kvm_fd);
	vcpu.rec = &rec;
	dead_ends_init(&vcpu);
	io_init(&vcpu);
	EXPECT_ERR(cpu_mode_real(&vcpu, 0x1000), 0);
}

TEST("2.9", limits_of_any_length, 1)
{
	static const unsigned ms[] = { 900, 1000, 2500, 3600000 };

	CONTEXT("0 ms: no time limit");
	vcpu = (struct vcpu){ .vm = &vm, .fd = -1, .thread = pthread_self() };
	EXPECT_ERR(timeout_start(&vcpu, 0), 0);
	EXPECT_TRUE(!vcpu.has_timer, "there is a timer");
	EXPECT_ERR(kick_init(), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(ms); i++) {
		struct itimerspec left = { 0 };
		double s;

		vcpu = (struct vcpu){ .vm = &vm, .fd = -1, .thread = pthread_self() };
		EXPECT_ERR(timeout_start(&vcpu, ms[i]), 0);
		EXPECT_TRUE(vcpu.has_timer && !timer_gettime(vcpu.timer, &left), "no timer");
		s = (double)left.it_value.tv_sec + 1e-9 * (double)left.it_value.tv_nsec;
		vcpu_destroy(&vcpu);
		CONTEXT("a time limit of %u ms: so much is left of it, or little less", ms[i]);
		EXPECT_TRUE(s <= ms[i] / 1e3 && s > ms[i] / 1e3 - 0.8, "%.3f s are left", s);
		EXPECT_TRUE(!left.it_interval.tv_sec && !left.it_interval.tv_nsec,
			    "it comes again and again");
	}
}

TEST_KVM("2.9", limit_over_before_the_guest_runs, 1)
{
	static const u8 spin[] = { 0xeb, 0xfe };

	make_guest(spin, sizeof(spin));
	CONTEXT("the time limit is over before KVM_RUN is called: the guest must not spin for "
		"ever");
	EXPECT_ERR(kick_init(), 0);
	EXPECT_ERR(timeout_start(&vcpu, 1), 0);
	while (!run_is_over(&vm.run))
		sched_yield();
	EXPECT_V(vcpu_run(&vcpu), V_TIMEOUT);
}

TEST_KVM("2.9", kick_before_the_guest_runs, 1)
{
	static const u8 halt[] = { 0xf4 };

	make_guest(halt, sizeof(halt));
	CONTEXT("a kick before KVM_RUN interrupts it once; then the guest runs on, and halts");
	EXPECT_ERR(kick_init(), 0);
	vcpu_kick(&vcpu);
	EXPECT_V(vcpu_run(&vcpu), V_HALTED);
	EXPECT_U64(rec.count[EXIT_INTR], 1);
	EXPECT_U64(rec.count[EXIT_HLT], 1);
	EXPECT_U64(vcpu.run->immediate_exit, 0);
}

/* Another process sends a signal to this one, with our vCPU as its value or, by kill(), with none.
 */
static void send_from_elsewhere(int sig, bool with_value)
{
	pid_t child = fork();

	if (child < 0)
		test_error("no process");
	if (!child) {
		if (with_value)
			sigqueue(getppid(), sig, (union sigval){ .sival_ptr = &vcpu });
		else
			kill(getppid(), sig);
		_exit(0);
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

TEST("2.9", signals_of_others_change_nothing, 1)
{
	static const int sig[] = { SIG_KICK, SIG_TIME_LIMIT };
	struct kvm_run page = { .immediate_exit = 0 };

	vcpu = (struct vcpu){ .vm = &vm, .run = &page, .fd = -1, .thread = pthread_self() };
	EXPECT_ERR(kick_init(), 0);
	for (unsigned i = 0; i < 2 * ARRAY_SIZE(sig); i++) {
		CONTEXT("another process sends SIG%s by %s: neither a kick nor the time limit",
			sigabbrev_np(sig[i / 2]), i % 2 ? "sigqueue()" : "kill()");
		send_from_elsewhere(sig[i / 2], i % 2);
		EXPECT_U64(page.immediate_exit, 0);
		EXPECT_V(run_verdict(&vm.run), V_RESUME);
	}
}

struct collected {
	unsigned n;
	char name[8][64];
	u64 value[8];
};

static void collect(void *ctx, const char *name, u64 value)
{
	struct collected *c = ctx;

	if (c->n < 8) {
		strncpy(c->name[c->n], name, 63);
		c->value[c->n] = value;
	}
	c->n++;
}

TEST("-", the_first_end_counts, 0)
{
	struct options opt = { .timeout_ms = 1000 };
	struct sink sink = { .lost = true };

	recorder_init(&rec, NULL, -1);
	vcpu = (struct vcpu){ .vm = &vm, .fd = -1, .rec = &rec };
	vm.run = (struct run){ .verdict = V_RESUME };
	CONTEXT("nobody had read its output when the time limit was over; then the guest left");
	EXPECT_V(run_end(&vm.run, V_TIMEOUT, 0, NULL), V_TIMEOUT);
	EXPECT_V(run_end(&vm.run, V_EXIT, 17, NULL), V_TIMEOUT);
	EXPECT_U64(sum_up(&vcpu, &sink, &opt), 124);
	sink.lost = false;
	vm.run = (struct run){ .verdict = V_RESUME };
	CONTEXT("the guest was quicker than the time limit");
	EXPECT_V(run_end(&vm.run, V_EXIT, 17, NULL), V_EXIT);
	EXPECT_V(run_end(&vm.run, V_TIMEOUT, 0, NULL), V_EXIT);
	EXPECT_U64(sum_up(&vcpu, &sink, &opt), 17);
	sink.lost = true;
	CONTEXT("but nobody had read its output by then");
	EXPECT_U64(sum_up(&vcpu, &sink, &opt), 124);
}

TEST("-", watched_until_the_end, 0)
{
	struct options opt = { .timeout_ms = 90000 };
	struct sink sink = { .lost = false };

	recorder_init(&rec, NULL, -1);
	vcpu = (struct vcpu){ .vm = &vm, .fd = -1, .rec = &rec };
	vm.run = (struct run){ .verdict = V_EXIT };
	vcpu_watch(&vcpu, &opt);
	CONTEXT("if it is over for some seconds and the VMM has not ended, an alarm comes");
	EXPECT_TRUE(alarm(1000) > 90);
	sum_up(&vcpu, &sink, &opt);
	CONTEXT("not if it has ended");
	EXPECT_U64(alarm(0), 0);
}

static void expect_room_given_back(int fd)
{
	size_t taken = mallinfo2().uordblks;
	struct collected got = { 0 };

	for (unsigned i = 0; i < 500; i++)
		kvm_stats_read(fd, collect, &got);
	CONTEXT("the same once more, 500 times: what was taken for that is given back");
	EXPECT_TRUE(mallinfo2().uordblks < taken + 10000, "%zu bytes more are taken than before",
		    mallinfo2().uordblks - taken);
}

TEST("2.10", statistics_wherever_they_lie, 1)
{
	enum { NAME = 40, DESC = 72, DATA = 600 };
	const size_t len = sizeof(struct kvm_stats_desc) + NAME;
	struct kvm_stats_header header = { .name_size = NAME,
					   .num_desc = 3,
					   .id_offset = 24,
					   .desc_offset = DESC,
					   .data_offset = DATA };
	const struct {
		const char *name;
		u32 offset;
		u16 size;
	} rows[] = {
		{ "first", 40, 1 },
		{ "histogram", 8, 3 },
		{ "last_of_all", 0, 1 },
	};
	struct collected got = { 0 };
	u8 file[700] = { 0 };
	u64 value[3];
	int fd = memfd_create("stats", 0);

	memcpy(file, &header, sizeof(header));
	for (unsigned i = 0; i < 3; i++) {
		struct kvm_stats_desc desc = { .size = rows[i].size, .offset = rows[i].offset };

		value[i] = nonce_random();
		memcpy(file + DESC + i * len, &desc, sizeof(desc));
		strcpy((char *)file + DESC + i * len + sizeof(desc), rows[i].name);
		memcpy(file + DATA + rows[i].offset, &value[i], 8);
	}
	CONTEXT("3 descriptors of %zu bytes from offset %d on, their data from offset %d on", len,
		DESC, DATA);
	EXPECT_U64(write(fd, file, sizeof(file)), sizeof(file));
	EXPECT_ERR(kvm_stats_read(fd, collect, &got), 0);
	EXPECT_U64(got.n, 3);
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_STR(got.name[i], rows[i].name);
		EXPECT_U64(got.value[i], value[i]);
	}
	expect_room_given_back(fd);
	CONTEXT("the same file, cut off inside its data");
	EXPECT_ERR(ftruncate(fd, DATA + 44), 0);
	EXPECT_ERR(kvm_stats_read(fd, collect, &got), -EIO);
	CONTEXT("the same file, cut off inside its header");
	EXPECT_ERR(ftruncate(fd, 8), 0);
	EXPECT_ERR(kvm_stats_read(fd, collect, &got), -EIO);
}

/* A file of statistics with one descriptor, for a name of 8 bytes; its value is 5. */
struct one_stat {
	struct kvm_stats_header header;
	u8 desc[sizeof(struct kvm_stats_desc)];
	char name[8];
	u64 value;
};

static int one_stat(u32 name_size, const char *name)
{
	struct one_stat file = {
		.header = { .name_size = name_size,
			    .num_desc = 1,
			    .desc_offset = offsetof(struct one_stat, desc),
			    .data_offset = offsetof(struct one_stat, value) },
		.value = 5,
	};
	const struct kvm_stats_desc desc = { .size = 1 };
	int fd = memfd_create("stats", 0);

	memcpy(file.desc, &desc, sizeof(file.desc));
	memcpy(file.name, name, sizeof(file.name));
	if (write(fd, &file, sizeof(file)) != sizeof(file))
		test_error("a file of statistics cannot be made");
	return fd;
}

TEST("2.10", statistics_that_make_no_sense, 1)
{
	const struct rlimit limit = { GiB(2), GiB(2) };
	struct collected got = { 0 };
	int ends[2], err;

	CONTEXT("one descriptor, whose name fills name_size but for its NUL");
	EXPECT_ERR(kvm_stats_read(one_stat(8, "sevenok"), collect, &got), 0);
	EXPECT_STR(got.name[0], "sevenok");
	CONTEXT("one descriptor, and no NUL in the 8 bytes of its name, or in none: nobody is "
		"called");
	EXPECT_ERR(kvm_stats_read(one_stat(8, "eightbad"), collect, &got), -EIO);
	EXPECT_ERR(kvm_stats_read(one_stat(0, "sevenok"), collect, &got), -EIO);
	EXPECT_U64(got.n, 1);
#ifndef SANITIZED /* whose own memory is larger */
	setrlimit(RLIMIT_AS, &limit);
#else
	(void)limit;
#endif
	CONTEXT("a header that says names of 4 GiB, which the file has not, where so much memory "
		"is not to be had: EIO, or ENOMEM");
	err = kvm_stats_read(one_stat(0xfffffff0, "sevenok"), collect, &got);
	EXPECT_TRUE(err == -EIO || err == -ENOMEM, "%s", err ? strerror(-err) : "0");
	CONTEXT("what pread() says: EBADF of no descriptor, ESPIPE of a pipe");
	EXPECT_ERR(kvm_stats_read(-1, collect, &got), -EBADF);
	if (pipe(ends))
		test_error("no pipe");
	EXPECT_ERR(kvm_stats_read(ends[0], collect, &got), -ESPIPE);
}
