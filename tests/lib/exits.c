// SPDX-License-Identifier: MIT
#include "exits.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENT  "/sys/kernel/tracing/events/kvm/kvm_userspace_exit/id"
#define FILTER "errno == 0" /* a KVM_RUN that a signal has ended is no exit of the guest */

static unsigned long long event_id(void)
{
	FILE *f = fopen(EVENT, "re");
	unsigned long long id = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%llu", &id) != 1)
		id = 0;
	fclose(f);
	return id;
}

int exits_count(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = event_id(),
		.inherit = 1,
	};
	int fd;

	if (!attr.config)
		return -1;
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0 && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, FILTER)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

long long exits_counted(int counting)
{
	long long n = 0;

	if (counting < 0)
		return 0;
	if (read(counting, &n, sizeof(n)) != sizeof(n))
		n = 0;
	close(counting);
	return n;
}
