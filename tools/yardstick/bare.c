// SPDX-License-Identifier: MIT
/*
 * The shortest VMM that runs hello64: the yardstick for start-up. ioctls in a row, a loop, and no
 * check that it could do without. It shares no code with what it is compared with.
 *
 *	bench-bare IMAGE		an ELF64 guest
 *	bench-bare --each-byte IMAGE	what it prints is written byte by byte, as it comes
 *	bench-bare			does nothing: what it takes to be started
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "types.h"

#define MEMORY	MiB(128)
#define ENTRIES 256

static void load(const char *path, u8 *mem, u64 *entry)
{
	int fd = open(path, O_RDONLY);
	Elf64_Phdr ph;
	Elf64_Ehdr eh;

	if (fd < 0 || pread(fd, &eh, sizeof(eh), 0) != sizeof(eh))
		exit(1);
	for (unsigned i = 0; i < eh.e_phnum; i++)
		if (pread(fd, &ph, sizeof(ph), (off_t)(eh.e_phoff + i * sizeof(ph))) !=
			    sizeof(ph) ||
		    (ph.p_type == PT_LOAD &&
		     (ph.p_paddr >= MEMORY ||
		      pread(fd, mem + ph.p_paddr, ph.p_filesz, (off_t)ph.p_offset) < 0)))
			exit(1);
	close(fd);
	*entry = eh.e_entry;
}

static void set_long_mode(int vcpu, u8 *mem, u64 entry)
{
	struct kvm_segment cs = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1
	};
	struct kvm_regs regs = { .rip = entry, .rflags = 2 };
	struct kvm_segment ds = cs;
	struct kvm_sregs s;
	u64 *table = (u64 *)(mem + 0x9000);

	ds.selector = 16;
	ds.type = 3;
	ds.l = 0;
	table[0] = 0xa003;
	table[512] = 0xb003;
	for (u64 i = 0; i < 512; i++)
		table[1024 + i] = i << 21 | 0x83;
	ioctl(vcpu, KVM_GET_SREGS, &s);
	s.cs = cs;
	s.ds = s.es = s.fs = s.gs = s.ss = ds;
	s.cr3 = 0x9000;
	s.cr4 = 0x20;
	s.efer = 0x500;
	s.cr0 = 0x80000011;
	ioctl(vcpu, KVM_SET_SREGS, &s);
	ioctl(vcpu, KVM_SET_REGS, &regs);
}

static void copy_cpuid(int kvm, int vcpu)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + ENTRIES * sizeof(cpuid->entries[0]));

	if (!cpuid)
		exit(1);
	cpuid->nent = ENTRIES;
	ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid);
	ioctl(vcpu, KVM_SET_CPUID2, cpuid);
	free(cpuid);
}

int main(int argc, char **argv)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY };
	int kvm, vm, vcpu;
	struct kvm_run *run;
	u64 entry = 0;
	u8 *mem;

	if (argc < 2)
		return 0;
	if (argc == 3 && !strcmp(argv[1], "--each-byte"))
		setvbuf(stdout, NULL, _IONBF, 0);
	kvm = open("/dev/kvm", O_RDWR);
	do
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	mem = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	region.userspace_addr = (u64)(uintptr_t)mem;
	ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
		   MAP_SHARED, vcpu, 0);
	if (mem == MAP_FAILED || run == MAP_FAILED)
		return 1;
	copy_cpuid(kvm, vcpu);
	load(argv[argc - 1], mem, &entry);
	set_long_mode(vcpu, mem, entry);
	while (ioctl(vcpu, KVM_RUN, 0) == 0 && run->exit_reason == KVM_EXIT_IO) {
		const u8 *data = (u8 *)run + run->io.data_offset;

		if (run->io.port == 0xf4)
			return *data;
		putchar(*data);
	}
	return 1;
}
