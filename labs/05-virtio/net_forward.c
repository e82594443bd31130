// SPDX-License-Identifier: MIT
#include "net_forward.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The next word, up to this character, is cut off. NULL: there is none that ends so. */
static char *cut(char **rest, char end)
{
	char *word = *rest, *at = strchr(word, end);

	if (!at)
		return NULL;
	*at = '\0';
	*rest = at + 1;
	return word;
}

static bool parse_address(struct in_addr *at, const char *word, const char *or_else)
{
	return word && inet_pton(AF_INET, *word ? word : or_else, at) == 1;
}

static bool parse_port(u16 *port, const char *word)
{
	char *end;
	unsigned long n;

	if (!word || !isdigit((unsigned char)*word))
		return false;
	n = strtoul(word, &end, 10);
	*port = (u16)n;
	return !*end && n > 0 && n <= UINT16_MAX;
}

static bool parse_protocol(bool *udp, const char *word)
{
	*udp = word && !strcmp(word, "udp");
	return *udp || (word && (!*word || !strcmp(word, "tcp")));
}

/* Of the guest's network, and neither the router (2), the name server (3) nor everybody. */
static bool may_be_guest(struct in_addr at)
{
	u32 addr = ntohl(at.s_addr);

	return addr >> 8 == 0x0a0002 && (addr & 0xff) > 3 && (addr & 0xff) < 255;
}

int net_forward_parse(struct net_forward *f, const char *text, struct why *why)
{
	char copy[80] = "", *rest = copy;

	if (strlen(text) < sizeof(copy))
		strcpy(copy, text);
	if (!parse_protocol(&f->udp, cut(&rest, ':')) ||
	    !parse_address(&f->host, cut(&rest, ':'), "127.0.0.1") ||
	    !parse_port(&f->host_port, cut(&rest, '-')) ||
	    !parse_address(&f->guest, cut(&rest, ':'), "10.0.2.15") ||
	    !parse_port(&f->guest_port, rest))
		return why_set(why, -EINVAL,
			       "net: hostfwd=%.60s: not a rule such as tcp:127.0.0.1:2222-:22",
			       text);
	if (!may_be_guest(f->guest))
		return why_set(why, -EINVAL,
			       "net: hostfwd=%.60s: the guest's address must be from 10.0.2.4 to "
			       "10.0.2.254",
			       text);
	return 0;
}

int net_forward_refused(const struct net_forward *f, int err, struct why *why)
{
	char host[INET_ADDRSTRLEN] = "";
	const char *more = "";

	inet_ntop(AF_INET, &f->host, host, sizeof(host));
	if (err == -EACCES && f->host_port < 1024)
		more = "; ports below 1024 are for root, unless the host has lowered "
		       "net.ipv4.ip_unprivileged_port_start";
	return why_set(why, err, "net: hostfwd=%s:%s:%u: %s%s", f->udp ? "udp" : "tcp", host,
		       f->host_port, strerror(-err), more);
}
