/* SPDX-License-Identifier: ISC */

/* ipc.c: frames over SOCK_SEQPACKET socket pairs; see ipc.h. */

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc.h"

struct waiting {
	struct waiting	*next;
	size_t		 n;
	int		 fd;		/* our own copy, or -1 */
	uint8_t		 d[];
};

struct ipc_chan {
	int		 fd;
	enum proc	 self, peer;
	uint32_t	 ours, theirs;	/* epochs */
	struct waiting	*head, **tail;
	size_t		 nwaiting;
	struct ipc_count count;
};

union ctl {
	struct cmsghdr	 h;
	uint8_t		 room[CMSG_SPACE(sizeof(int))];
};

void
ipc_hdr_put(struct wr *w, const struct ipc_hdr *h)
{
	wr_u32(w, h->type);
	wr_u32(w, h->len);
	wr_u32(w, h->epoch);
	wr_u32(w, h->gen);
	wr_u32(w, h->req);
	wr_u32(w, h->tunnel);
}

int
ipc_hdr_get(struct rd *r, struct ipc_hdr *h)
{
	if (rd_u32(r, &h->type) || rd_u32(r, &h->len) || rd_u32(r, &h->epoch) ||
	    rd_u32(r, &h->gen) || rd_u32(r, &h->req) || rd_u32(r, &h->tunnel))
		return (-1);
	return (0);
}

struct ipc_chan *
ipc_chan_new(int fd, enum proc self, enum proc peer)
{
	struct ipc_chan	*c;
	int		 fl;

	if ((fl = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, fl | O_NONBLOCK) == -1 ||
	    (c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	c->fd = fd;
	c->self = self;
	c->peer = peer;
	c->tail = &c->head;
	return (c);
}

static void
waiting_free(struct waiting *q)
{
	if (q->fd != -1)
		close(q->fd);
	explicit_bzero(q->d, q->n);
	free(q);
}

void
ipc_chan_free(struct ipc_chan *c)
{
	struct waiting	*q;

	if (c == NULL)
		return;
	while ((q = c->head) != NULL) {
		c->head = q->next;
		waiting_free(q);
	}
	close(c->fd);
	free(c);
}

int
ipc_chan_fd(const struct ipc_chan *c)
{
	return (c->fd);
}

int
ipc_chan_waiting(const struct ipc_chan *c)
{
	return ((int)c->nwaiting);
}

void
ipc_chan_epoch(struct ipc_chan *c, uint32_t ours, uint32_t theirs)
{
	c->ours = ours;
	c->theirs = theirs;
}

void
ipc_chan_counters(const struct ipc_chan *c, struct ipc_count *out)
{
	*out = c->count;
}

/* 0 sent, 1 the socket is full, -1 the other end is gone. */
static int
put(struct ipc_chan *c, const uint8_t *p, size_t n, int fd)
{
	struct msghdr	 m;
	struct iovec	 iov;
	union ctl	 ctl;
	struct cmsghdr	*h;

	memset(&m, 0, sizeof(m));
	memset(&ctl, 0, sizeof(ctl));
	iov.iov_base = (void *)(uintptr_t)p;
	iov.iov_len = n;
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	if (fd != -1) {
		m.msg_control = ctl.room;
		m.msg_controllen = sizeof(ctl.room);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	while (sendmsg(c->fd, &m, MSG_NOSIGNAL) == -1) {
		if (errno == EINTR)
			continue;
		return (errno == EAGAIN || errno == EWOULDBLOCK ||
		    errno == ENOBUFS ? 1 : -1);
	}
	c->count.sent++;
	return (0);
}

static int
enqueue(struct ipc_chan *c, const uint8_t *p, size_t n, int fd)
{
	struct waiting	*q;

	if (c->nwaiting >= IPC_QUEUE_MAX ||
	    (q = malloc(sizeof(*q) + n)) == NULL) {
		c->count.dropped++;
		return (-1);
	}
	q->next = NULL;
	q->n = n;
	q->fd = -1;
	memcpy(q->d, p, n);
	if (fd != -1 && (q->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		waiting_free(q);
		c->count.dropped++;
		return (-1);
	}
	*c->tail = q;
	c->tail = &q->next;
	c->nwaiting++;
	c->count.queued++;
	return (0);
}

int
ipc_chan_send(struct ipc_chan *c, const struct ipc_hdr *h, const void *body,
    size_t len, int fd)
{
	struct ipc_hdr	 own = *h;
	struct wr	 w;
	uint8_t		 buf[IPC_FRAME_MAX];
	int		 rv;

	own.len = (uint32_t)len;
	own.epoch = c->ours;
	w = wr_of(buf, sizeof(buf));
	ipc_hdr_put(&w, &own);
	wr_put(&w, body, len);
	if (wr_end(&w) == -1)
		return (-1);
	rv = c->head != NULL ? 1 : put(c, buf, w.n, fd);
	if (rv == 1)
		rv = enqueue(c, buf, w.n, fd);
	explicit_bzero(buf, w.n);
	return (rv);
}

int
ipc_chan_flush(struct ipc_chan *c)
{
	struct waiting	*q;
	int		 rv;

	while ((q = c->head) != NULL) {
		if ((rv = put(c, q->d, q->n, q->fd)) != 0)
			return (rv);
		if ((c->head = q->next) == NULL)
			c->tail = &c->head;
		c->nwaiting--;
		waiting_free(q);
	}
	return (0);
}

/*
 * The descriptor that came along, or -1.  The room for control data is
 * rounded up and may hold a second one, which nobody honest sends: then all
 * are closed, and *many says so.
 */
static int
taken_fd(struct msghdr *m, int *many)
{
	struct cmsghdr	*h;
	size_t		 i, n;
	int		 fd = -1, one;

	*many = 0;
	for (h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&one, CMSG_DATA(h) + i * sizeof(int),
			    sizeof(one));
			if (fd == -1)
				fd = one;
			else {
				close(one);
				*many = 1;
			}
		}
	}
	return (fd);
}

/* 1: a frame; 0: none there; -1: gone; -2: no frame; 2: stale, look again. */
static int
get(struct ipc_chan *c, uint8_t *buf, struct ipc_msg *out)
{
	struct msghdr	 m;
	struct iovec	 iov;
	union ctl	 ctl;
	struct rd	 r;
	ssize_t		 n;
	int		 many;

	memset(&m, 0, sizeof(m));
	iov.iov_base = buf;
	iov.iov_len = IPC_FRAME_MAX;
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	m.msg_control = ctl.room;
	m.msg_controllen = sizeof(ctl.room);
	do {
		n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return (errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1);
	if (n == 0)
		return (-1);
	out->fd = taken_fd(&m, &many);
	out->from = c->peer;
	r = rd_of(buf, (size_t)n);
	/* Only the parent hands out descriptors. */
	if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || many ||
	    (out->fd != -1 && c->peer != PROC_PARENT) ||
	    ipc_hdr_get(&r, &out->h) || out->h.len != r.n) {
		if (out->fd != -1)
			close(out->fd);
		out->fd = -1;
		explicit_bzero(buf, (size_t)n);
		return (-2);
	}
	out->d = buf + IPC_HDR;
	if (out->h.epoch >= c->theirs)
		return (1);
	c->count.stale++;
	if (out->fd != -1)
		close(out->fd);
	explicit_bzero(buf, (size_t)n);
	return (2);
}

int
ipc_chan_recv(struct ipc_chan *c, uint8_t *buf, struct ipc_msg *m)
{
	int	 rv;

	while ((rv = get(c, buf, m)) == 2)
		;
	if (rv == 1)
		c->count.received++;
	return (rv);
}

int
ipc_pair(int fds[2])
{
	int	 i, size = 1 << 20;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == -1)
		return (-1);
	for (i = 0; i < 2; i++) {
#ifdef SO_SNDBUFFORCE
		if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &size,
		    sizeof(size)) == 0 && setsockopt(fds[i], SOL_SOCKET,
		    SO_RCVBUFFORCE, &size, sizeof(size)) == 0)
			continue;
#endif
		(void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
		(void)setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &size,
		    sizeof(size));
	}
	return (0);
}
