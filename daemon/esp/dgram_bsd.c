/* SPDX-License-Identifier: ISC */

/*
 * dgram_bsd.c: datagrams one by one, with addresses and TOS, and the TUN of
 * the BSDs, whose packets have their address family in front, as 32 bits in
 * network order.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>
#include <netinet/ip.h>

#include <err.h>
#include <errno.h>
#include <unistd.h>

#include "plane.h"
#include "sendsrc.h"

/* Room for an in6_pktinfo and an int, whatever the padding. */
union control {
	struct cmsghdr	 align;
	uint8_t		 d[256];
};

static void
option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) == -1)
		warn("setsockopt %d", name);
}

void
dgram_setup(int fd, int v6)
{
	if (v6) {
		option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
		return;
	}
	option(fd, IPPROTO_IP, IP_RECVDSTADDR, 1);
}

/* IPv4 tells no TOS here: what comes out has ECN of its inner header alone. */
static void
control_get(struct msghdr *h, struct esp_pkt *p)
{
	struct in6_pktinfo	 p6;
	struct cmsghdr		*c;
	int			 tclass;

	memset(&p->local, 0, sizeof(p->local));
	p->tos = 0;
	for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVDSTADDR) {
			p->local.af = 4;
			memcpy(p->local.a, CMSG_DATA(c), 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&p6, CMSG_DATA(c), sizeof(p6));
			p->local.af = 6;
			memcpy(p->local.a, &p6.ipi6_addr, 16);
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_TCLASS) {
			memcpy(&tclass, CMSG_DATA(c), sizeof(tclass));
			p->tos = (uint8_t)tclass;
		}
	}
	p->local.port = 4500;
}

size_t
dgram_read(int fd, struct esp_pkt *p, size_t n)
{
	struct sockaddr_storage	 ss;
	union control		 ctl;
	struct iovec		 iov;
	struct msghdr		 h;
	ssize_t			 k;
	size_t			 i;

	for (i = 0; i < n; i++) {
		iov.iov_base = p[i].buf + ESP_HEADROOM;
		iov.iov_len = p[i].size - ESP_HEADROOM - ESP_TAILROOM;
		memset(&h, 0, sizeof(h));
		h.msg_name = &ss;
		h.msg_namelen = sizeof(ss);
		h.msg_iov = &iov;
		h.msg_iovlen = 1;
		h.msg_control = ctl.d;
		h.msg_controllen = sizeof(ctl.d);
		if ((k = recvmsg(fd, &h, MSG_DONTWAIT)) == -1)
			break;
		p[i].off = ESP_HEADROOM;
		p[i].len = (size_t)k;
		control_get(&h, &p[i]);
		if (addr_from_sa((struct sockaddr *)&ss, &p[i].remote) == -1 ||
		    h.msg_flags & MSG_TRUNC)
			p[i].len = 0;		/* counted as too short */
	}
	return (i);
}

/* The source address; of IPv6 the class, too, of IPv4 the socket's own. */
static void
control_put(struct msghdr *h, const struct esp_pkt *p)
{
	struct in6_pktinfo	 p6;
	struct cmsghdr		*c = CMSG_FIRSTHDR(h);
	int			 tos = p->tos;

	if (p->local.af == 4) {
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = SENDSRC_TYPE;
		c->cmsg_len = CMSG_LEN(4);
		memcpy(CMSG_DATA(c), p->local.a, 4);
		h->msg_controllen = CMSG_SPACE(4);
		return;
	}
	memset(&p6, 0, sizeof(p6));
	memcpy(&p6.ipi6_addr, p->local.a, 16);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(p6));
	memcpy(CMSG_DATA(c), &p6, sizeof(p6));
	h->msg_controllen = CMSG_SPACE(sizeof(p6)) + CMSG_SPACE(sizeof(tos));
	c = CMSG_NXTHDR(h, c);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_TCLASS;
	c->cmsg_len = CMSG_LEN(sizeof(tos));
	memcpy(CMSG_DATA(c), &tos, sizeof(tos));
}

/* IPv4: the TOS of a socket, set only where it changes. */
static void
tos_set(int fd, uint8_t tos)
{
	static int	 last = -1;

	if (last != tos) {
		last = tos;
		option(fd, IPPROTO_IP, IP_TOS, tos);
	}
}

static ssize_t
send_one(int fd, const struct esp_pkt *p)
{
	struct sockaddr_storage	 ss;
	union control		 ctl;
	struct iovec		 iov;
	struct msghdr		 h;
	ssize_t			 k;

	memset(&h, 0, sizeof(h));
	memset(&ctl, 0, sizeof(ctl));
	iov.iov_base = p->buf + p->off;
	iov.iov_len = p->len;
	h.msg_name = &ss;
	h.msg_namelen = addr_to_sa(&p->remote, &ss);
	h.msg_iov = &iov;
	h.msg_iovlen = 1;
	h.msg_control = ctl.d;
	h.msg_controllen = sizeof(ctl.d);
	control_put(&h, p);
	if (p->local.af == 4)
		tos_set(fd, p->tos);
	while ((k = sendmsg(fd, &h, MSG_DONTWAIT)) == -1 && errno == EINTR)
		;
	return (k);
}

size_t
dgram_write(int fd, uint8_t af, const struct esp_pkt *p, size_t n)
{
	size_t	 i, unsent = 0;

	for (i = 0; i < n; i++)
		if (p[i].verdict == ESP_WIRE && p[i].local.af == af &&
		    send_one(fd, &p[i]) == -1)
			unsent++;
	return (unsent);
}

ssize_t
tun_get(int fd, uint8_t *p, size_t n)
{
	struct iovec	 iov[2];
	uint8_t		 head[4];
	ssize_t		 k;

	iov[0].iov_base = head;
	iov[0].iov_len = sizeof(head);
	iov[1].iov_base = p;
	iov[1].iov_len = n;
	k = readv(fd, iov, 2);
	return (k <= (ssize_t)sizeof(head) ? k < 0 ? -1 : 0 :
	    k - (ssize_t)sizeof(head));
}

ssize_t
tun_put(int fd, const uint8_t *p, size_t n)
{
	struct iovec	 iov[2];
	uint8_t		 head[4] = { 0, 0, 0, AF_INET };

	if (n > 0 && p[0] >> 4 == 6)
		head[3] = AF_INET6;
	iov[0].iov_base = head;
	iov[0].iov_len = sizeof(head);
	iov[1].iov_base = (uint8_t *)(uintptr_t)p;
	iov[1].iov_len = n;
	return (writev(fd, iov, 2));
}
