/* SPDX-License-Identifier: ISC */

/* dgram_linux.c: many datagrams with one call, with addresses and TOS. */

#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>
#include <netinet/ip.h>

#include <err.h>
#include <errno.h>
#include <unistd.h>

#include "plane.h"

enum { CONTROL = CMSG_SPACE(sizeof(struct in6_pktinfo)) +
    CMSG_SPACE(sizeof(int)) };

struct batch {
	struct mmsghdr		 m[PLANE_BATCH];
	struct iovec		 iov[PLANE_BATCH];
	struct sockaddr_storage	 ss[PLANE_BATCH];
	_Alignas(struct cmsghdr) uint8_t ctl[PLANE_BATCH][CONTROL];
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
	option(fd, IPPROTO_IP, IP_PKTINFO, 1);
	option(fd, IPPROTO_IP, IP_RECVTOS, 1);
}

static void
control_get(struct msghdr *h, struct esp_pkt *p)
{
	struct in6_pktinfo	 p6;
	struct in_pktinfo	 p4;
	struct cmsghdr		*c;
	int			 tclass;

	memset(&p->local, 0, sizeof(p->local));
	for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&p4, CMSG_DATA(c), sizeof(p4));
			p->local.af = 4;
			memcpy(p->local.a, &p4.ipi_addr, 4);
		} else if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_TOS)
			p->tos = *CMSG_DATA(c);
		else if (c->cmsg_level == IPPROTO_IPV6 &&
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
	static struct batch	 b;
	struct msghdr		*h;
	size_t			 i;
	int			 k;

	for (i = 0; i < n; i++) {
		h = &b.m[i].msg_hdr;
		b.iov[i].iov_base = p[i].buf + ESP_HEADROOM;
		b.iov[i].iov_len = p[i].size - ESP_HEADROOM - ESP_TAILROOM;
		memset(h, 0, sizeof(*h));
		h->msg_name = &b.ss[i];
		h->msg_namelen = sizeof(b.ss[i]);
		h->msg_iov = &b.iov[i];
		h->msg_iovlen = 1;
		h->msg_control = b.ctl[i];
		h->msg_controllen = sizeof(b.ctl[i]);
	}
	if ((k = recvmmsg(fd, b.m, (unsigned int)n, MSG_DONTWAIT, NULL)) <= 0)
		return (0);
	for (i = 0; i < (size_t)k; i++) {
		p[i].off = ESP_HEADROOM;
		p[i].len = b.m[i].msg_len;
		control_get(&b.m[i].msg_hdr, &p[i]);
		if (addr_from_sa((struct sockaddr *)&b.ss[i], &p[i].remote) ==
		    -1 || b.m[i].msg_hdr.msg_flags & MSG_TRUNC)
			p[i].len = 0;		/* counted as too short */
	}
	return ((size_t)k);
}

static void
control_put(struct msghdr *h, const struct esp_pkt *p)
{
	struct in6_pktinfo	 p6;
	struct in_pktinfo	 p4;
	struct cmsghdr		*c;
	int			 tos = p->tos, v6 = p->local.af == 6;

	memset(&p4, 0, sizeof(p4));
	memset(&p6, 0, sizeof(p6));
	memcpy(&p4.ipi_spec_dst, p->local.a, 4);
	memcpy(&p6.ipi6_addr, p->local.a, 16);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = v6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(v6 ? sizeof(p6) : sizeof(p4));
	memcpy(CMSG_DATA(c), v6 ? (void *)&p6 : (void *)&p4,
	    v6 ? sizeof(p6) : sizeof(p4));
	h->msg_controllen = CMSG_SPACE(v6 ? sizeof(p6) : sizeof(p4)) +
	    CMSG_SPACE(sizeof(tos));
	c = CMSG_NXTHDR(h, c);
	c->cmsg_level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = v6 ? IPV6_TCLASS : IP_TOS;
	c->cmsg_len = CMSG_LEN(sizeof(tos));
	memcpy(CMSG_DATA(c), &tos, sizeof(tos));
}

size_t
dgram_write(int fd, uint8_t af, const struct esp_pkt *p, size_t n)
{
	static struct batch	 b;
	struct msghdr		*h;
	unsigned int		 k = 0, at = 0;
	size_t			 i, unsent = 0;
	int			 sent;

	for (i = 0; i < n; i++) {
		if (p[i].verdict != ESP_WIRE || p[i].local.af != af)
			continue;
		h = &b.m[k].msg_hdr;
		memset(h, 0, sizeof(*h));
		memset(b.ctl[k], 0, sizeof(b.ctl[k]));
		b.iov[k].iov_base = p[i].buf + p[i].off;
		b.iov[k].iov_len = p[i].len;
		h->msg_name = &b.ss[k];
		h->msg_namelen = addr_to_sa(&p[i].remote, &b.ss[k]);
		h->msg_iov = &b.iov[k];
		h->msg_iovlen = 1;
		h->msg_control = b.ctl[k];
		h->msg_controllen = sizeof(b.ctl[k]);
		control_put(h, &p[i]);
		k++;
	}
	while (at < k) {
		sent = sendmmsg(fd, b.m + at, k - at, MSG_DONTWAIT);
		if (sent > 0) {
			at += (unsigned int)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == ENOBUFS)
			return (unsent + (k - at));
		at++;			/* this one: unreachable, too long */
		unsent++;
	}
	return (unsent);
}

/* The TUN was made without headers (IFF_NO_PI). */
ssize_t
tun_get(int fd, uint8_t *p, size_t n)
{
	return (read(fd, p, n));
}

ssize_t
tun_put(int fd, const uint8_t *p, size_t n)
{
	return (write(fd, p, n));
}
