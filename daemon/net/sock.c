/* SPDX-License-Identifier: ISC */

/* sock.c: datagrams between the UDP sockets and the library. */

#include <sys/types.h>
#include <sys/uio.h>

#include <errno.h>

#include "proc.h"
#include "sock.h"

/* Room for one octet more than we take, so that "too long" is seen. */
static struct {
	uint8_t		d[NET_MARKER + NET_DGRAM_MAX + 1];
	struct sockaddr_storage	from;
	union {
		struct cmsghdr	h;
		uint8_t		room[SOCK_CONTROL];
	} control;
	struct iovec	iov;
} slot[SOCK_BURST];

static uint16_t
port_of(int fd)
{
	return (fd == FD_UDP500_4 || fd == FD_UDP500_6 ? NET_PORT_IKE :
	    NET_PORT_NATT);
}

static void
one(int fd, void *self, struct msghdr *h, size_t n, uint64_t now)
{
	struct addr	 local, remote;

	if (h->msg_flags & MSG_TRUNC) {
		net_input_long(self);
		return;
	}
	if (addr_from_sa(h->msg_name, &remote) == -1 || remote.port == 0)
		return;			/* nobody whom we could answer */
	if (h->msg_flags & MSG_CTRUNC || cmsg_local(h, &local) == -1)
		memset(&local, 0, sizeof(local));
	local.port = port_of(fd);
	net_input(self, &local, &remote, h->msg_iov->iov_base, n, now);
}

void
sock_read(int fd, void *self, uint64_t now)
{
	struct mmsghdr	 m[SOCK_BURST];
	int		 i, n;

	memset(m, 0, sizeof(m));
	for (i = 0; i < SOCK_BURST; i++) {
		slot[i].iov.iov_base = slot[i].d;
		slot[i].iov.iov_len = sizeof(slot[i].d);
		m[i].msg_hdr.msg_name = &slot[i].from;
		m[i].msg_hdr.msg_namelen = sizeof(slot[i].from);
		m[i].msg_hdr.msg_iov = &slot[i].iov;
		m[i].msg_hdr.msg_iovlen = 1;
		m[i].msg_hdr.msg_control = slot[i].control.room;
		m[i].msg_hdr.msg_controllen = sizeof(slot[i].control);
	}
	n = recvmmsg(fd, m, SOCK_BURST, MSG_DONTWAIT, NULL);
	if (n <= 0)
		sock_errors(fd, self, now);	/* what woke us, then */
	for (i = 0; i < n; i++)
		one(fd, self, &m[i].msg_hdr, m[i].msg_len, now);
}

void
sock_errors(int fd, void *self, uint64_t now)
{
	struct addr	 remote;
	int		 err, i, rv;

	for (i = 0; i < SOCK_BURST; i++) {
		if ((rv = cmsg_error(fd, &remote, &err)) == -1)
			return;
		if (rv == 1)
			net_unreachable(self, &remote, err, now);
	}
}

/*
 * A wildcard socket also returns, once, what an earlier packet to somebody
 * else met (RFC 1122 4.1.3.3 by way of the system): so try a second time,
 * only then is it about this packet.
 */
int
sock_write(void *arg, const struct addr *local, const struct addr *remote,
    const uint8_t *p, size_t n)
{
	struct sockaddr_storage	 to;
	union {
		struct cmsghdr	 h;
		uint8_t		 room[SOCK_CONTROL];
	} control;
	struct msghdr		 h;
	struct iovec		 iov;
	int			 fd, i;

	(void)arg;
	iov.iov_base = (void *)(uintptr_t)p;	/* only read */
	iov.iov_len = n;
	memset(&h, 0, sizeof(h));
	memset(&control, 0, sizeof(control));
	h.msg_name = &to;
	h.msg_namelen = addr_to_sa(remote, &to);
	h.msg_iov = &iov;
	h.msg_iovlen = 1;
	if (local->af == remote->af) {
		h.msg_control = control.room;
		h.msg_controllen = sizeof(control);
		cmsg_source(&h, local);
	}
	if (local->port == NET_PORT_IKE)
		fd = remote->af == 4 ? FD_UDP500_4 : FD_UDP500_6;
	else
		fd = remote->af == 4 ? FD_UDP4500_4 : FD_UDP4500_6;
	for (i = 0; i < 2; i++) {
		if (sendmsg(fd, &h, MSG_DONTWAIT) != -1)
			return (0);
		if (errno == EAGAIN || errno == ENOBUFS)
			break;
	}
	return (errno);
}
