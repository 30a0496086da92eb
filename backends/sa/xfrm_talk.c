/* SPDX-License-Identifier: ISC */

/*
 * xfrm_talk.c: requests to the kernel and their answers.  What was sent and
 * received may hold keys, so every buffer is wiped.
 */

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "xfrm_int.h"

enum { RECV = 1 << 16, CHUNK = 1 << 15 };

struct nlbuf
xfrm_buf(struct xfrm *x)
{
	struct nlbuf	 b = { 0 };

	b.seq = x->seq;
	return (b);
}

static void
wipe(struct xfrm *x, struct nlbuf *b)
{
	x->seq = b->seq;
	if (b->d != NULL)
		explicit_bzero(b->d, b->room);
	nl_clear(b);
}

/* Acks of the messages first+1 .. first+n: each one's errno. */
static int
acks(struct xfrm *x, uint8_t *buf, uint32_t first, size_t n, int *err,
    size_t nerr)
{
	struct nlmsg	 m;
	struct rd	 r;
	ssize_t		 len;
	size_t		 got = 0;
	int		 e;

	while (got < n) {
		if ((len = x->sys->recv(x->sys->arg, 0, buf, RECV)) <= 0) {
			if (len == 0)
				errno = ETIMEDOUT;
			return (-1);
		}
		r = rd_of(buf, (size_t)len);
		while (nl_next(&r, &m) == 1) {
			if (m.type != NLMSG_ERROR || m.seq - first - 1 >= n ||
			    nl_geterr(&m, &e) == -1)
				continue;
			got++;
			if (err != NULL && m.seq - first - 1 < nerr)
				err[m.seq - first - 1] = e;
		}
	}
	return (0);
}

/* The messages of b from octet `at' that go in one datagram: their end. */
static size_t
chunk(const struct nlbuf *b, size_t at, size_t *n)
{
	uint32_t	 len;
	size_t		 to;

	*n = 0;
	for (to = at; to < b->n; to += NLMSG_ALIGN(len)) {
		memcpy(&len, b->d + to, sizeof(len));
		if (to > at && to + len - at > CHUNK)
			break;
		(*n)++;
	}
	return (to);
}

int
xfrm_batch(struct xfrm *x, struct nlbuf *b, int *err, size_t nerr)
{
	uint32_t	 first = b->seq - (uint32_t)b->nmsg;
	uint8_t		*buf;
	size_t		 at = 0, to, n, done = 0;
	int		 rv = 0, e = 0;

	if (b->bad || (buf = malloc(RECV)) == NULL) {
		wipe(x, b);
		errno = ENOMEM;
		return (-1);
	}
	while (at < b->n && rv == 0) {
		to = chunk(b, at, &n);
		x->sys->sent += n;
		rv = x->sys->send(x->sys->arg, b->d + at, to - at);
		if (rv == 0)
			rv = acks(x, buf, first + (uint32_t)done, n,
			    err == NULL || done >= nerr ? NULL : err + done,
			    done >= nerr ? 0 : nerr - done);
		e = errno;
		done += n;
		at = to;
	}
	explicit_bzero(buf, RECV);
	free(buf);
	wipe(x, b);
	errno = e;
	return (rv);
}

/* One datagram of a dump: 1 complete, 0 more to come, -1 and errno. */
static int
dumped(struct rd r, uint32_t seq, nl_cb *cb, void *arg)
{
	struct nlmsg	 m;
	int		 rv, e;

	while ((rv = nl_next(&r, &m)) == 1) {
		if (m.seq != seq)
			continue;
		if (m.type == NLMSG_DONE)
			return (1);
		if (m.type == NLMSG_ERROR) {
			if (nl_geterr(&m, &e) == -1)
				e = EBADMSG;
			errno = e;
			return (e == 0 ? 1 : -1);
		}
		if (cb(arg, &m) != 0)
			return (-1);
	}
	if (rv == -1)
		errno = EBADMSG;
	return (rv);
}

int
xfrm_dump(struct xfrm *x, struct nlbuf *b, nl_cb *cb, void *arg)
{
	uint8_t	*buf;
	ssize_t	 n;
	int	 rv, e;

	if (b->bad || (buf = malloc(RECV)) == NULL) {
		wipe(x, b);
		errno = ENOMEM;
		return (-1);
	}
	x->sys->sent++;
	rv = x->sys->send(x->sys->arg, b->d, b->n);
	while (rv == 0) {
		if ((n = x->sys->recv(x->sys->arg, 0, buf, RECV)) == 0)
			errno = ETIMEDOUT;
		rv = n > 0 ? dumped(rd_of(buf, (size_t)n), b->seq, cb, arg) :
		    -1;
	}
	e = errno;
	explicit_bzero(buf, RECV);
	free(buf);
	wipe(x, b);
	errno = e;
	return (rv == 1 ? 0 : -1);
}
