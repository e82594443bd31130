// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm_stats.h"
#include "todo.h"

/* [book:2.10] */
/* TASK 2.10 */
#if SOL >= 210
#define NAME_SIZE_MAX 256 /* KVM's own is 48 */
#define DESCS_MAX     4096

/* Read exactly len bytes at offset. */
static int pread_all(int fd, void *buf, size_t len, u64 offset)
{
	ssize_t n = pread(fd, buf, len, (off_t)offset);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int read_one(int fd, const struct kvm_stats_header *header, u32 i,
		    struct kvm_stats_desc *desc, u64 *value)
{
	size_t len = sizeof(*desc) + header->name_size;
	int err = pread_all(fd, desc, len, header->desc_offset + (u64)i * len);

	if (err)
		return err;
	if (!memchr(desc->name, 0, header->name_size))
		return -EIO;
	return pread_all(fd, value, sizeof(*value), (u64)header->data_offset + desc->offset);
}
#endif

int kvm_stats_read(int fd, kvm_stat_fn *each, void *ctx)
{
	/* TASK 2.10 */
#if SOL >= 210
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	int err = pread_all(fd, &header, sizeof(header), 0);
	u64 value = 0;

	if (err)
		return err;
	if (header.name_size == 0 || header.name_size > NAME_SIZE_MAX ||
	    header.num_desc > DESCS_MAX)
		return -EIO;
	desc = malloc(sizeof(*desc) + header.name_size);
	if (!desc)
		return -ENOMEM;
	for (u32 i = 0; i < header.num_desc && !err; i++) {
		err = read_one(fd, &header, i, desc, &value);
		if (!err)
			each(ctx, desc->name, value);
	}
	free(desc);
	return err;
#else
	return TODO("2.10");
#endif
}
/* [book:end] */

static void print_stat(void *ctx, const char *name, u64 value)
{
	if (value)
		fprintf(stderr, "  %-4s %-28s %12llu\n", (const char *)ctx, name,
			(unsigned long long)value);
}

static int print_all(int owner_fd, const char *owner)
{
	int fd = ioctl(owner_fd, KVM_GET_STATS_FD, NULL), err;
	char ctx[8];

	if (fd < 0)
		return -errno;
	snprintf(ctx, sizeof(ctx), "%s", owner);
	err = kvm_stats_read(fd, print_stat, ctx);
	close(fd);
	return err;
}

int kvm_stats_print(struct vcpu *vcpu)
{
	int err;

	fprintf(stderr, "KVM's own counters (those that are not 0)\n");
	err = print_all(vcpu->vm->fd, "vm");
	return err ? err : print_all(vcpu->fd, "vcpu");
}
