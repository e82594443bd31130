/* SPDX-License-Identifier: MIT */
/* A network of the test's own, in a namespace that ends with it. */
#ifndef LAB05_NETWORK_H
#define LAB05_NETWORK_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* The reason why not, or NULL. As root, or as the root of a namespace of users. */
static inline const char *network_own(void)
{
	static char why[120];

	if (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		return NULL;
	snprintf(why, sizeof(why), "no network of its own: %s", strerror(errno));
	return why;
}

/* Give an interface an address, if addr is not 0, and bring it up. */
static inline void network_up(const char *name, u32 addr)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(addr) };
	struct ifreq ifr = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (addr) {
		memcpy(&ifr.ifr_addr, &at, sizeof(at));
		err |= ioctl(fd, SIOCSIFADDR, &ifr);
		at.sin_addr.s_addr = htonl(0xffffff00);
		memcpy(&ifr.ifr_netmask, &at, sizeof(at));
		err |= ioctl(fd, SIOCSIFNETMASK, &ifr);
	}
	ifr.ifr_flags = IFF_UP;
	err |= ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	if (err)
		test_error("%s: %s", name, strerror(errno));
}

/* Packets to the host itself need a loopback: where there is none, one of our own. NULL, or why
 * not. */
static inline const char *network_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &ifr) && ifr.ifr_flags & IFF_UP;
	const char *why = up ? NULL : network_own();

	close(fd);
	if (!up && !why)
		network_up("lo", 0);
	return why;
}

#endif
