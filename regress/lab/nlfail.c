/* SPDX-License-Identifier: ISC */

/* nlfail.c: sendto(2), recvfrom(2), pwrite(2) that refuse one request. */

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "nlfail.h"

enum { LEFT = 1 << 20 };

static struct {
	enum nlfail_how	 how;
	unsigned int	 at, seen;
	int		 err, hit;
	int		 fd;		/* where answers wait, -1: none */
	size_t		 n;
	struct nlmsghdr	 to[256];	/* whom they answer */
	uint8_t		 left[LEFT];	/* the rest of a datagram */
} nf = { .fd = -1 };

void
nlfail_set(enum nlfail_how how, unsigned int n, int err)
{
	nf.how = how;
	nf.at = n;
	nf.err = err;
	nf.seen = 0;
	nf.hit = 0;
	nf.fd = -1;
	nf.n = 0;
}

int
nlfail_hit(void)
{
	return (nf.hit);
}

/* Is it this one's turn? */
static int
turn(void)
{
	if (nf.at == 0)
		return (0);
	nf.seen++;
	if (nf.seen != nf.at && (nf.how != NLFAIL_EVER || nf.seen < nf.at))
		return (0);
	nf.hit = 1;
	return (1);
}

static int
is_mark(int proto, const struct nlmsghdr *h)
{
	return (proto == NETLINK_NETFILTER &&
	    (h->nlmsg_type == NFNL_MSG_BATCH_BEGIN ||
	    h->nlmsg_type == NFNL_MSG_BATCH_END));
}

/* What of the datagram goes on to the kernel, in nf.left: octets. */
static size_t
sort_out(int fd, const uint8_t *d, size_t n)
{
	struct nlmsghdr	 h;
	socklen_t	 len = sizeof(int);
	size_t		 at, kept = 0, step;
	int		 proto = -1, batch = 0, gone = 0;

	(void)getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len);
	for (at = 0; at + sizeof(h) <= n; at += step) {
		memcpy(&h, d + at, sizeof(h));
		step = NLMSG_ALIGN(h.nlmsg_len);
		if (h.nlmsg_len < sizeof(h) || step > n - at)
			step = n - at;
		batch |= is_mark(proto, &h);
		if (!is_mark(proto, &h) && turn() && nf.n < 256) {
			nf.to[nf.n++] = h;
			nf.fd = fd;
			gone = 1;
			continue;
		}
		memcpy(nf.left + kept, d + at, step);
		kept += step;
	}
	return (batch && gone ? 0 : kept);
}

ssize_t
sendto(int fd, const void *d, size_t n, int flags,
    const struct sockaddr *to, socklen_t len)
{
	size_t	 kept;
	ssize_t	 rv;

	if (nf.at == 0 || to == NULL || to->sa_family != AF_NETLINK ||
	    n > LEFT)
		return (syscall(SYS_sendto, fd, d, n, flags, to, len));
	if (nf.how == NLFAIL_SEND) {
		if (turn()) {
			errno = nf.err;
			return (-1);
		}
		return (syscall(SYS_sendto, fd, d, n, flags, to, len));
	}
	nf.n = 0;
	kept = sort_out(fd, d, n);
	rv = kept == 0 ? 0 : syscall(SYS_sendto, fd, nf.left, kept, flags, to,
	    len);
	return (rv == -1 ? -1 : (ssize_t)n);
}

ssize_t
recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
    socklen_t *len)
{
	struct sockaddr_nl	 a;
	struct {
		struct nlmsghdr	 h;
		struct nlmsgerr	 e;
	} m;

	if (fd != nf.fd || nf.n == 0 || n < sizeof(m) || from == NULL ||
	    *len < sizeof(a))
		return (syscall(SYS_recvfrom, fd, buf, n, flags, from, len));
	memset(&m, 0, sizeof(m));
	m.e.msg = nf.to[--nf.n];
	m.e.error = -nf.err;
	m.h.nlmsg_len = sizeof(m);
	m.h.nlmsg_type = NLMSG_ERROR;
	m.h.nlmsg_seq = m.e.msg.nlmsg_seq;
	memcpy(buf, &m, sizeof(m));
	memset(&a, 0, sizeof(a));
	a.nl_family = AF_NETLINK;
	memcpy(from, &a, sizeof(a));
	*len = sizeof(a);
	return ((ssize_t)sizeof(m));
}

ssize_t
pwrite(int fd, const void *d, size_t n, off_t at)
{
	if (turn()) {
		errno = nf.err;
		return (-1);
	}
	return (syscall(SYS_pwrite64, fd, d, n, at));
}
