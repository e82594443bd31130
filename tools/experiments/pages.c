// SPDX-License-Identifier: MIT
/*
 * pages: what the host does with a guest's memory, seen by KVM's own counters. The book shows it,
 * in the chapters on how KVM is built and on what lies above a VMM.
 *
 *	pages give-back		the host takes pages away: the MMU notifier
 *	pages huge		transparent huge pages
 *	pages merge		KSM makes one page of many that are equal
 *
 * The last two write to files of /sys, so they are for root in the emulated machine:
 *
 *	build/tools/box/box --engine=svm --root -- build/tools/experiments/pages merge
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY	    (8u << 20)
#define TOUCHED	    (4u << 20) /* the guest writes to the upper half, a word a page */
#define HUGE_PAGE   (2u << 20)
#define CODE	    0x1000
#define STATS_MAX   (64u << 10)
#define KSM	    "/sys/kernel/mm/ksm/"
#define THP_ENABLED "/sys/kernel/mm/transparent_hugepage/enabled"

/* Writes 0x5eed to each page from EDI up to ESI, and halts. Protected mode, no paging. */
static const uint8_t guest[] = {
	0xc7, 0x07, 0xed, 0x5e, 0, 0, /* movl $0x5eed, (%edi) */
	0x81, 0xc7, 0x00, 0x10, 0, 0, /* add $4096, %edi */
	0x39, 0xf7, 0x72, 0xf0,	      /* cmp %esi, %edi; jb to the start */
	0xf4,			      /* hlt */
};

struct machine {
	int vm, vcpu;
	struct kvm_run *run;
	uint8_t *memory;
};

static int call(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(1, "%s", what);
	return ret;
}

static void flat_protected_mode(int vcpu)
{
	struct kvm_sregs s;

	call(vcpu, KVM_GET_SREGS, &s, "KVM_GET_SREGS");
	s.cs = (struct kvm_segment){
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1, .g = 1
	};
	s.ds = s.cs;
	s.ds.selector = 16;
	s.ds.type = 3;
	s.es = s.fs = s.gs = s.ss = s.ds;
	s.cr0 |= 1; /* PE */
	call(vcpu, KVM_SET_SREGS, &s, "KVM_SET_SREGS");
}

static void machine_init(struct machine *m)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct kvm_userspace_memory_region slot = { .memory_size = MEMORY };
	uint8_t *room;

	if (kvm < 0)
		err(1, "/dev/kvm");
	room = mmap(NULL, MEMORY + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (room == MAP_FAILED)
		err(1, "memory");
	m->memory = room + (-(uintptr_t)room & (HUGE_PAGE - 1));
	memcpy(m->memory + CODE, guest, sizeof(guest));
	slot.userspace_addr = (uintptr_t)m->memory;
	m->vm = call(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	if (ioctl(m->vm, KVM_SET_TSS_ADDR, 0xfffbd000ul))
		err(1, "KVM_SET_TSS_ADDR");
	call(m->vm, KVM_SET_USER_MEMORY_REGION, &slot, "the memory slot");
	m->vcpu = call(m->vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	m->run = mmap(NULL, (size_t)call(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "mmap size"),
		      PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu, 0);
	if (m->run == MAP_FAILED)
		err(1, "kvm_run");
	flat_protected_mode(m->vcpu);
}

/* The guest writes to the pages of [from, to). */
static void guest_writes(struct machine *m, uint32_t from, uint32_t to)
{
	struct kvm_regs regs = { .rip = CODE, .rflags = 2, .rdi = from, .rsi = to };

	call(m->vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	call(m->vcpu, KVM_RUN, NULL, "KVM_RUN");
	if (m->run->exit_reason != KVM_EXIT_HLT)
		errx(1, "exit %u where HLT was to come", m->run->exit_reason);
}

/* One of KVM's counters; 0 if it has none of this name. */
static unsigned long long counter(int fd, const char *name)
{
	static char file[STATS_MAX];
	int stats = call(fd, KVM_GET_STATS_FD, NULL, "KVM_GET_STATS_FD");
	struct kvm_stats_header h;
	unsigned long long value = 0;
	ssize_t n = pread(stats, file, sizeof(file), 0);

	close(stats);
	if (n < (ssize_t)sizeof(h))
		errx(1, "the statistics are too short");
	memcpy(&h, file, sizeof(h));
	for (unsigned i = 0; i < h.num_desc; i++) {
		const char *at = file + h.desc_offset +
				 i * (sizeof(struct kvm_stats_desc) + h.name_size);
		struct kvm_stats_desc d;

		memcpy(&d, at, sizeof(d));
		if (!strncmp(at + sizeof(d), name, h.name_size))
			memcpy(&value, file + h.data_offset + d.offset, sizeof(value));
	}
	return value;
}

static void show(const struct machine *m, const char *when)
{
	printf("%s\n    pages_4k %llu  pages_2m %llu  pf_taken %llu  exits %llu\n", when,
	       counter(m->vm, "pages_4k"), counter(m->vm, "pages_2m"), counter(m->vcpu, "pf_taken"),
	       counter(m->vcpu, "exits"));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

static unsigned long number_in(const char *path)
{
	char text[40] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		err(1, "%s", path);
	close(fd);
	return strtoul(text, NULL, 10);
}

static void give_back(struct machine *m)
{
	guest_writes(m, TOUCHED, MEMORY);
	show(m, "the guest has written 4 MiB");
	if (madvise(m->memory + TOUCHED, TOUCHED / 4, MADV_DONTNEED))
		err(1, "madvise");
	show(m, "the host has taken 1 MiB away");
	guest_writes(m, TOUCHED, MEMORY);
	show(m, "the guest has written again");
}

static void huge(struct machine *m)
{
	write_file(THP_ENABLED, "madvise");
	if (madvise(m->memory, MEMORY, MADV_HUGEPAGE))
		err(1, "madvise");
	guest_writes(m, TOUCHED, MEMORY);
	show(m, "the guest has written 4 MiB");
}

static void show_ksm(void)
{
	printf("    KSM: %lu pages stand for %lu more\n", number_in(KSM "pages_shared"),
	       number_in(KSM "pages_sharing"));
}

static void merge(struct machine *m)
{
	unsigned long scans;

	guest_writes(m, TOUCHED, MEMORY);
	show(m, "the guest has written 4 MiB");
	if (madvise(m->memory + TOUCHED, TOUCHED, MADV_MERGEABLE))
		err(1, "madvise");
	write_file(KSM "pages_to_scan", "2000");
	write_file(KSM "run", "1");
	scans = number_in(KSM "full_scans");
	while (number_in(KSM "full_scans") < scans + 4)
		usleep(10000);
	show(m, "KSM has been there");
	show_ksm();
	write_file(KSM "run", "0"); /* or it would merge them again while we look */
	guest_writes(m, TOUCHED, TOUCHED + 16 * 4096);
	show(m, "the guest has written to 16 pages");
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	struct machine m;

	machine_init(&m);
	if (!strcmp(what, "give-back"))
		give_back(&m);
	else if (!strcmp(what, "huge"))
		huge(&m);
	else if (!strcmp(what, "merge"))
		merge(&m);
	else
		errx(2, "usage: pages give-back|huge|merge");
	return 0;
}
