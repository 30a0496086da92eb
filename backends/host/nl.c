/* SPDX-License-Identifier: ISC */

/* nl.c: building, reading and exchanging netlink messages. */

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "nl.h"

/* A batch is one message to the socket, so its send buffer must take it. */
enum { NL_RECV = 1 << 16, NL_CHUNK = 1 << 15, NL_BUF = 32 << 20 };

static uint8_t *
nl_room(struct nlbuf *b, size_t n)
{
	size_t	 want = b->n + NLMSG_ALIGN(n), room;
	uint8_t	*d;

	if (b->bad)
		return (NULL);
	if (want > b->room) {
		room = b->room == 0 ? 4096 : b->room;
		while (room < want)
			room *= 2;
		if ((d = realloc(b->d, room)) == NULL) {
			b->bad = 1;
			return (NULL);
		}
		b->d = d;
		b->room = room;
	}
	d = b->d + b->n;
	memset(d, 0, NLMSG_ALIGN(n));
	b->n = want;
	return (d);
}

void
nl_clear(struct nlbuf *b)
{
	free(b->d);
	b->d = NULL;
	b->n = b->room = b->open = b->nmsg = 0;
	b->bad = 0;
}

void
nl_msg(struct nlbuf *b, uint16_t type, uint16_t flags, const void *hdr,
    size_t hlen)
{
	struct nlmsghdr	 h;
	uint8_t		*p;

	b->open = b->n;
	if ((p = nl_room(b, sizeof(h) + hlen)) == NULL)
		return;
	memset(&h, 0, sizeof(h));
	h.nlmsg_type = type;
	h.nlmsg_flags = NLM_F_REQUEST | flags;
	h.nlmsg_seq = ++b->seq;
	memcpy(p, &h, sizeof(h));
	if (hlen > 0)
		memcpy(p + sizeof(h), hdr, hlen);
	b->nmsg++;
}

void
nl_end(struct nlbuf *b)
{
	uint32_t	 len = (uint32_t)(b->n - b->open);

	if (!b->bad)
		memcpy(b->d + b->open, &len, sizeof(len));
}

void
nl_put(struct nlbuf *b, uint16_t type, const void *v, size_t n)
{
	uint16_t	 h[2];
	uint8_t		*p;

	if (n > UINT16_MAX - 4)
		b->bad = 1;
	if ((p = nl_room(b, 4 + n)) == NULL)
		return;
	h[0] = (uint16_t)(4 + n);
	h[1] = type;
	memcpy(p, h, sizeof(h));
	if (n > 0)
		memcpy(p + 4, v, n);
}

void
nl_u8(struct nlbuf *b, uint16_t type, uint8_t v)
{
	nl_put(b, type, &v, sizeof(v));
}

void
nl_u32(struct nlbuf *b, uint16_t type, uint32_t v)
{
	nl_put(b, type, &v, sizeof(v));
}

void
nl_be16(struct nlbuf *b, uint16_t type, uint16_t v)
{
	uint8_t	 o[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	nl_put(b, type, o, sizeof(o));
}

void
nl_be32(struct nlbuf *b, uint16_t type, uint32_t v)
{
	uint8_t		 o[4];
	struct wr	 w = wr_of(o, sizeof(o));

	wr_u32(&w, v);
	nl_put(b, type, o, sizeof(o));
}

void
nl_be64(struct nlbuf *b, uint16_t type, uint64_t v)
{
	uint8_t		 o[8];
	struct wr	 w = wr_of(o, sizeof(o));

	wr_u64(&w, v);
	nl_put(b, type, o, sizeof(o));
}

void
nl_str(struct nlbuf *b, uint16_t type, const char *s)
{
	nl_put(b, type, s, strlen(s) + 1);
}

size_t
nl_nest(struct nlbuf *b, uint16_t type)
{
	size_t	 at = b->n;

	nl_put(b, (uint16_t)(type | NLA_F_NESTED), NULL, 0);
	return (at);
}

void
nl_unnest(struct nlbuf *b, size_t at)
{
	size_t		 n = b->n - at;
	uint16_t	 len = (uint16_t)n;

	if (n > UINT16_MAX)
		b->bad = 1;
	if (!b->bad)
		memcpy(b->d + at, &len, sizeof(len));
}

/* --- reading --- */

/* What fills up to the next multiple of four, if it is there at all. */
static void
nl_pad(struct rd *r, size_t n)
{
	size_t	 pad = NLMSG_ALIGN(n) - n;

	if (rd_skip(r, pad < r->n ? pad : r->n))
		r->n = 0;
}

int
nl_next(struct rd *r, struct nlmsg *m)
{
	struct nlmsghdr	 h;

	if (r->n == 0)
		return (0);
	if (rd_copy(r, &h, sizeof(h)) || h.nlmsg_len < sizeof(h) ||
	    rd_sub(r, h.nlmsg_len - sizeof(h), &m->body))
		return (-1);
	nl_pad(r, h.nlmsg_len);
	m->type = h.nlmsg_type;
	m->flags = h.nlmsg_flags;
	m->seq = h.nlmsg_seq;
	m->pid = h.nlmsg_pid;
	return (1);
}

int
nl_attr(struct rd *r, uint16_t *type, struct rd *v)
{
	uint16_t	 h[2];

	if (r->n == 0)
		return (0);
	if (rd_copy(r, h, sizeof(h)) || h[0] < sizeof(h) ||
	    rd_sub(r, h[0] - sizeof(h), v))
		return (-1);
	nl_pad(r, h[0]);
	*type = h[1] & NLA_TYPE_MASK;
	return (1);
}

struct rd
nl_find(struct rd attrs, uint16_t type)
{
	struct rd	 v;
	uint16_t	 t;

	while (nl_attr(&attrs, &t, &v) == 1)
		if (t == type)
			return (v);
	return (rd_of(NULL, 0));
}

int
nl_get8(struct rd r, uint8_t *v)
{
	return (rd_u8(&r, v) || rd_end(&r) ? -1 : 0);
}

int
nl_get32(struct rd r, uint32_t *v)
{
	return (rd_copy(&r, v, sizeof(*v)) || rd_end(&r) ? -1 : 0);
}

int
nl_getbe32(struct rd r, uint32_t *v)
{
	return (rd_u32(&r, v) || rd_end(&r) ? -1 : 0);
}

int
nl_geterr(const struct nlmsg *m, int *err)
{
	struct rd	 r = m->body;
	int32_t		 e;

	if (rd_copy(&r, &e, sizeof(e)))
		return (-1);
	*err = e < 0 && e > -4096 ? -e : 0;
	return (0);
}

/* --- talking --- */

int
nl_adopt(struct nlsock *s, int fd)
{
	struct sockaddr_nl	 a;
	socklen_t		 len = sizeof(a);
	int			 on = 1, size = NL_BUF;

	s->fd = -1;
	memset(&a, 0, sizeof(a));
	/* A socket gets its name with its first bind; 0: the kernel picks. */
	if (getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		return (-1);
	if (a.nl_pid == 0) {
		a.nl_family = AF_NETLINK;
		if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
			return (-1);
		len = sizeof(a);
		if (getsockname(fd, (struct sockaddr *)&a, &len) == -1)
			return (-1);
	}
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	s->fd = fd;
	s->portid = a.nl_pid;
	return (0);
}

int
nl_open(struct nlsock *s, int proto, uint32_t groups)
{
	struct sockaddr_nl	 a;
	int			 fd, e;

	s->fd = -1;
	if ((fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    proto)) == -1)
		return (-1);
	memset(&a, 0, sizeof(a));
	a.nl_family = AF_NETLINK;
	a.nl_groups = groups;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    nl_adopt(s, fd) == -1) {
		e = errno;
		close(fd);
		errno = e;
		return (-1);
	}
	return (0);
}

void
nl_close(struct nlsock *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

/* One datagram of the kernel's: its length; 0: none; -1 and errno. */
static ssize_t
nl_recv(struct nlsock *s, uint8_t *buf)
{
	struct sockaddr_nl	 from;
	socklen_t		 len;
	ssize_t			 n;

	for (;;) {
		len = sizeof(from);
		memset(&from, 0, sizeof(from));
		n = recvfrom(s->fd, buf, NL_RECV, MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return (errno == EAGAIN ? 0 : -1);
		if (from.nl_pid == 0)	/* other processes can send, too */
			return (n);
	}
}

/* Away with answers that nobody asked for (of our predecessor). */
static int
nl_send(struct nlsock *s, const uint8_t *d, size_t n, uint8_t *buf)
{
	struct sockaddr_nl	 to;
	int			 i;
	ssize_t			 rv;

	for (i = 0; i < 1000; i++)
		if (nl_recv(s, buf) == 0)
			break;
	memset(&to, 0, sizeof(to));
	to.nl_family = AF_NETLINK;
	do
		rv = sendto(s->fd, d, n, 0, (struct sockaddr *)&to, sizeof(to));
	while (rv == -1 && errno == EINTR);
	return (rv == -1 ? -1 : 0);
}

/* One datagram of a dump: 1 complete, 0 more to come, -1 and errno. */
static int
nl_dumped(struct rd r, nl_cb *cb, void *arg)
{
	struct nlmsg	 m;
	int		 rv, err;

	while ((rv = nl_next(&r, &m)) == 1) {
		if (m.type == NLMSG_DONE)
			return (1);
		if (m.type == NLMSG_ERROR) {
			if (nl_geterr(&m, &err) == -1)
				err = EBADMSG;
			errno = err;
			return (err == 0 ? 1 : -1);
		}
		if (m.type != NLMSG_NOOP && cb(arg, &m) != 0)
			return (-1);
	}
	if (rv == -1)
		errno = EBADMSG;
	return (rv);
}

int
nl_dump(struct nlsock *s, struct nlbuf *b, nl_cb *cb, void *arg)
{
	uint8_t	*buf;
	ssize_t	 n;
	int	 rv = -1;

	if (s->fd == -1 || b->bad || (buf = malloc(NL_RECV)) == NULL) {
		errno = s->fd == -1 ? EBADF : ENOMEM;
		return (-1);
	}
	if (nl_send(s, b->d, b->n, buf) == -1)
		goto out;
	for (rv = 0; rv == 0; ) {
		if ((n = nl_recv(s, buf)) == 0)
			errno = ETIMEDOUT;
		rv = n > 0 ? nl_dumped(rd_of(buf, (size_t)n), cb, arg) : -1;
	}
 out:
	free(buf);
	return (rv == 1 ? 0 : -1);
}

/* Count acks; *first is the first error, *seq its message. */
static int
nl_acks(struct nlsock *s, uint8_t *buf, int ok1, int ok2, size_t *acks,
    int *first, uint32_t *seq)
{
	struct nlmsg	 m;
	struct rd	 r;
	ssize_t		 n;
	int		 err;

	while ((n = nl_recv(s, buf)) > 0) {
		r = rd_of(buf, (size_t)n);
		while (nl_next(&r, &m) == 1) {
			if (m.type != NLMSG_ERROR || nl_geterr(&m, &err) == -1)
				continue;
			(*acks)++;
			if (err == 0 || err == ok1 || err == ok2 || *first)
				continue;
			*first = err;
			*seq = m.seq;
		}
	}
	return (n == 0 ? 0 : -1);
}

int
nl_many(struct nlsock *s, struct nlbuf *b, int ok1, int ok2)
{
	size_t		 at = 0, to, acks = 0;
	uint32_t	 len, seq = 0;
	uint8_t		*buf;
	int		 first = 0;

	if (s->fd == -1 || b->bad || (buf = malloc(NL_RECV)) == NULL) {
		errno = s->fd == -1 ? EBADF : ENOMEM;
		return (-1);
	}
	while (at < b->n && first != ENOBUFS) {
		for (to = at; to < b->n; to += NLMSG_ALIGN(len)) {
			memcpy(&len, b->d + to, sizeof(len));
			if (to > at && to + len - at > NL_CHUNK)
				break;
		}
		if ((nl_send(s, b->d + at, to - at, buf) == -1 || nl_acks(s,
		    buf, ok1, ok2, &acks, &first, &seq) == -1) && first == 0)
			first = errno;
		at = to;
	}
	if (first == 0 && acks != b->nmsg)
		first = ENOBUFS;
	free(buf);
	errno = first;
	return (first == 0 ? 0 : -1);
}

int
nl_batch(struct nlsock *s, struct nlbuf *b, uint32_t *seq)
{
	size_t	 acks = 0;
	uint8_t	*buf;
	int	 first = 0;

	*seq = 0;
	if (s->fd == -1 || b->bad || (buf = malloc(NL_RECV)) == NULL) {
		errno = s->fd == -1 ? EBADF : ENOMEM;
		return (-1);
	}
	if (nl_send(s, b->d, b->n, buf) == -1 ||
	    nl_acks(s, buf, 0, 0, &acks, &first, seq) == -1)
		first = errno;
	if (first == 0 && acks == 0)
		first = ETIMEDOUT;	/* not even the ack that we asked for */
	free(buf);
	errno = first;
	return (first == 0 ? 0 : -1);
}

int
nl_events(struct nlsock *s, nl_cb *cb, void *arg)
{
	struct nlmsg	 m;
	struct rd	 r;
	uint8_t		*buf;
	ssize_t		 n = 0;
	int		 i, rv = 0;

	if (s->fd == -1 || (buf = malloc(NL_RECV)) == NULL)
		return (-1);
	for (i = 0; i < 256 && (n = nl_recv(s, buf)) > 0; i++) {
		rv = 1;
		r = rd_of(buf, (size_t)n);
		while (nl_next(&r, &m) == 1)
			if (cb(arg, &m) != 0)
				break;
	}
	free(buf);
	return (n == -1 ? -1 : rv);
}
