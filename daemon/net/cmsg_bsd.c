/* SPDX-License-Identifier: ISC */

/*
 * cmsg_bsd.c: local addresses of UDP sockets on the BSDs.  They have no
 * error queue: a wildcard socket hears nothing of closed ports.
 */

#include <sys/types.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include "sock.h"

/* NetBSD sends from the address that it calls by its receiving name. */
#ifndef IP_SENDSRCADDR
#define IP_SENDSRCADDR	IP_RECVDSTADDR
#endif

void
cmsg_setup(int fd, int v6)
{
	int	 on = 1;

	if (!v6)
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVDSTADDR, &on,
		    sizeof(on));
}

int
cmsg_local(struct msghdr *h, struct addr *local)
{
	struct in6_pktinfo	 i6;
	struct cmsghdr		*c;

	memset(local, 0, sizeof(*local));
	for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVDSTADDR) {
			local->af = 4;
			memcpy(local->a, CMSG_DATA(c), 4);
			return (0);
		}
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&i6, CMSG_DATA(c), sizeof(i6));
			local->af = 6;
			memcpy(local->a, &i6.ipi6_addr, 16);
			return (0);
		}
	}
	return (-1);
}

void
cmsg_source(struct msghdr *h, const struct addr *local)
{
	struct in6_pktinfo	 i6;
	struct cmsghdr		*c = CMSG_FIRSTHDR(h);

	memset(&i6, 0, sizeof(i6));
	if (local->af == 4) {
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_SENDSRCADDR;
		c->cmsg_len = CMSG_LEN(4);
		memcpy(CMSG_DATA(c), local->a, 4);
		h->msg_controllen = CMSG_SPACE(4);
	} else {
		memcpy(&i6.ipi6_addr, local->a, 16);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(i6));
		memcpy(CMSG_DATA(c), &i6, sizeof(i6));
		h->msg_controllen = CMSG_SPACE(sizeof(i6));
	}
}

int
cmsg_error(int fd, struct addr *remote, int *err)
{
	(void)fd;
	(void)remote;
	(void)err;
	return (-1);
}
