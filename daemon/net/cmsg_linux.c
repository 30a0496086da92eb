/* SPDX-License-Identifier: ISC */

/* cmsg_linux.c: local addresses and errors of UDP sockets on Linux. */

#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <errno.h>

#include "sock.h"

void
cmsg_setup(int fd, int v6)
{
	int	 on = 1;

	/* without it we would hear nothing of closed ports: no harm done */
	if (v6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on,
		    sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
}

int
cmsg_local(struct msghdr *h, struct addr *local)
{
	struct in6_pktinfo	 i6;
	struct in_pktinfo	 i4;
	struct cmsghdr		*c;

	memset(local, 0, sizeof(*local));
	for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&i4, CMSG_DATA(c), sizeof(i4));
			local->af = 4;
			memcpy(local->a, &i4.ipi_addr, 4);
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
	struct in_pktinfo	 i4;
	struct cmsghdr		*c = CMSG_FIRSTHDR(h);

	memset(&i4, 0, sizeof(i4));
	memset(&i6, 0, sizeof(i6));
	if (local->af == 4) {
		memcpy(&i4.ipi_spec_dst, local->a, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(i4));
		memcpy(CMSG_DATA(c), &i4, sizeof(i4));
		h->msg_controllen = CMSG_SPACE(sizeof(i4));
	} else {
		memcpy(&i6.ipi6_addr, local->a, 16);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(i6));
		memcpy(CMSG_DATA(c), &i6, sizeof(i6));
		h->msg_controllen = CMSG_SPACE(sizeof(i6));
	}
}

static int
is_error(const struct cmsghdr *c)
{
	return ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
	    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR));
}

int
cmsg_error(int fd, struct addr *remote, int *err)
{
	struct sock_extended_err ee;
	struct sockaddr_storage	 to;
	union {
		struct cmsghdr	 h;
		uint8_t		 room[512];
	} control;
	struct cmsghdr		*c;
	struct msghdr		 h;
	struct iovec		 iov;
	uint8_t			 some[64];

	memset(&h, 0, sizeof(h));
	iov.iov_base = some;
	iov.iov_len = sizeof(some);
	h.msg_name = &to;
	h.msg_namelen = sizeof(to);
	h.msg_iov = &iov;
	h.msg_iovlen = 1;
	h.msg_control = control.room;
	h.msg_controllen = sizeof(control);
	if (recvmsg(fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) == -1)
		return (-1);
	for (c = CMSG_FIRSTHDR(&h); c != NULL; c = CMSG_NXTHDR(&h, c)) {
		if (!is_error(c))
			continue;
		memcpy(&ee, CMSG_DATA(c), sizeof(ee));
		*err = (int)ee.ee_errno;
		return (addr_from_sa(h.msg_name, remote) == 0 &&
		    (*err == ECONNREFUSED || *err == EHOSTUNREACH ||
		    *err == ENETUNREACH || *err == EMSGSIZE));
	}
	return (0);
}
