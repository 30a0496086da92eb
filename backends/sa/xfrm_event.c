/* SPDX-License-Identifier: ISC */

/* xfrm_event.c: what the kernel says by itself, and what it says when asked. */

#include <errno.h>
#include <stdlib.h>

#include "xfrm_int.h"

enum { BURST = 256, RECV = 1 << 16 };

struct search {
	const struct xfrm_event	*e;
	struct xsa		*sa;
};

static void
by_spi(struct xfrm *x, struct xsa *s, void *arg)
{
	struct search	*f = arg;

	(void)x;
	if ((s->spi_in == f->e->spi && addr_cmp(&s->local, &f->e->dst,
	    0) == 0) || (s->spi_out == f->e->spi &&
	    addr_cmp(&s->remote, &f->e->dst, 0) == 0))
		f->sa = s;
}

static void
by_out(struct xfrm *x, struct xsa *s, void *arg)
{
	struct search	*f = arg;

	(void)x;
	if (s->rq_out == f->e->reqid)
		f->sa = s;
}

/* Both directions have their limits; once is enough. */
static void
say_expired(struct xfrm *x, struct xsa *s, int hard)
{
	uint8_t	*said = hard ? &s->hard : &s->soft;

	if (*said)
		return;
	*said = 1;
	x->ev->expire(x->ev->arg, s->t->id, s->child, hard);
}

static void
expire(struct xfrm *x, const struct xfrm_event *e)
{
	struct search	 f = { e, NULL };

	xfrm_each(x, by_spi, &f);
	if (f.sa != NULL)
		say_expired(x, f.sa, e->hard);
}

/*
 * A packet waits: for the tunnel, if nothing is installed; else the kernel
 * has lost what we installed.
 */
static void
acquire(struct xfrm *x, const struct xfrm_event *e)
{
	struct search	 f = { e, NULL };
	struct xtun	*t;
	size_t		 i;

	for (i = 0; i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next)
			if (t->reqid == e->reqid) {
				x->ev->acquire(x->ev->arg, t->id, &e->src,
				    &e->dst, e->ipproto);
				return;
			}
	xfrm_each(x, by_out, &f);
	if (f.sa != NULL)
		xfrm_look(x);
}

/* The kernel goes on sending to the old place until it is told. */
static void
mapping(struct xfrm *x, const struct xfrm_event *e)
{
	struct search	 f = { e, NULL };
	struct addr	 local, remote = e->src;

	xfrm_each(x, by_spi, &f);
	if (f.sa == NULL || f.sa->spi_in != e->spi)
		return;
	local = f.sa->local;
	x->ev->moved(x->ev->arg, f.sa->t->id, f.sa->child, &local, &remote);
}

static void
event(struct xfrm *x, const struct nlmsg *m)
{
	struct xfrm_event	 e;

	switch (m->type) {
	case XFRM_MSG_EXPIRE:
		if (xfrm_get_expire(m->body, &e) == 1)
			expire(x, &e);
		break;
	case XFRM_MSG_ACQUIRE:
		if (xfrm_get_acquire(m->body, &e) == 1)
			acquire(x, &e);
		break;
	case XFRM_MSG_MAPPING:
		if (xfrm_get_mapping(m->body, &e) == 1)
			mapping(x, &e);
		break;
	}
}

void
xfrm_readable(void *arg)
{
	struct xfrm	*x = arg;
	struct nlmsg	 m;
	struct rd	 r;
	uint8_t		*buf;
	ssize_t		 n;
	int		 i, lost = 0;

	if ((buf = malloc(RECV)) == NULL)
		return;
	for (i = 0; i < BURST; i++) {
		n = x->sys->recv(x->sys->arg, 1, buf, RECV);
		if (n == -1 && errno == ENOBUFS)
			lost = 1;
		else if (n <= 0)
			break;
		r = rd_of(buf, n > 0 ? (size_t)n : 0);
		while (nl_next(&r, &m) == 1)
			event(x, &m);
	}
	free(buf);
	if (lost)
		xfrm_look(x);
}

/* --- asking --- */

static int
looked(void *arg, const struct nlmsg *m)
{
	struct xfrm		*x = arg;
	struct xfrm_sa_got	 g;
	struct xfrm_event	 e;
	struct search		 f = { &e, NULL };

	if (m->type != XFRM_MSG_NEWSA || xfrm_get_sa(m->body, &g) != 1)
		return (0);
	memset(&e, 0, sizeof(e));
	e.spi = g.spi;
	e.dst = g.dst;
	xfrm_each(x, by_spi, &f);
	if (f.sa == NULL)
		return (0);
	if (g.note.way == XW_IN)
		f.sa->has_in = 1;
	else
		f.sa->has_out = 1;
	f.sa->spent |= f.sa->softbytes != 0 && g.bytes >= f.sa->softbytes;
	return (0);
}

static void
unsee(struct xfrm *x, struct xsa *s, void *arg)
{
	(void)x;
	(void)arg;
	s->has_in = s->has_out = s->spent = 0;
}

static void
report(struct xfrm *x, struct xsa *s, void *arg)
{
	(void)arg;
	if (!s->has_in || !s->has_out)
		say_expired(x, s, 1);
	else if (s->spent)
		say_expired(x, s, 0);
}

void
xfrm_look(struct xfrm *x)
{
	struct nlbuf	 b = xfrm_buf(x);

	xfrm_each(x, unsee, NULL);
	xfrm_put_dump(&b, XFRM_MSG_GETSA);
	if (xfrm_dump(x, &b, looked, x) == 0)
		xfrm_each(x, report, NULL);
}
