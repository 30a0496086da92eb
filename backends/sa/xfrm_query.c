/* SPDX-License-Identifier: ISC */

/* xfrm_query.c: counters and ages of the SAs. */

#include <errno.h>

#include "xfrm_int.h"

struct query {
	struct xfrm	*x;
	struct xsa	*sa;		/* which is asked for */
	struct sa_count	 c;
	int		 seen[2];
};

/*
 * Newer kernels say when an SA was last used, in seconds; with others its age
 * begins when a count is seen to have changed.
 */
static uint64_t
age(struct xfrm *x, struct xsa *s, int way, const struct xfrm_sa_got *g)
{
	uint64_t	 now = x->sys->mono(x->sys->arg), real;

	if (g->packets == 0)
		return (UINT64_MAX);
	if (g->packets != s->packets[way] || s->changed[way] == 0)
		s->changed[way] = now;
	s->packets[way] = g->packets;
	if (g->lastused == 0)
		return (now - s->changed[way]);
	real = x->sys->real(x->sys->arg);
	return (real > g->lastused ? (real - g->lastused) * 1000 : 0);
}

static int
got(void *arg, const struct nlmsg *m)
{
	struct query		*q = arg;
	struct xfrm_sa_got	 g;

	if (m->type != XFRM_MSG_NEWSA || xfrm_get_sa(m->body, &g) != 1)
		return (0);
	q->c.bad_auth += g.bad_auth;
	q->c.bad_replay += g.bad_replay;
	if (g.note.way == XW_IN) {
		q->seen[0] = 1;
		q->c.in_bytes = g.bytes;
		q->c.in_packets = g.packets;
		q->c.in_age = age(q->x, q->sa, 0, &g);
	} else {
		q->seen[1] = 1;
		q->c.out_bytes = g.bytes;
		q->c.out_packets = g.packets;
		q->c.out_age = age(q->x, q->sa, 1, &g);
	}
	return (0);
}

/* 1; 0: the kernel does not have it any more; -1: not known. */
static int
ask(struct query *q)
{
	enum xfrm_way	 way;
	struct nlbuf	 b;

	memset(&q->c, 0, sizeof(q->c));
	q->c.tunnel = q->sa->t->id;
	q->c.child = q->sa->child;
	q->c.in_age = q->c.out_age = UINT64_MAX;
	q->seen[0] = q->seen[1] = 0;
	for (way = XW_IN; way <= XW_OUT; way++) {
		b = xfrm_buf(q->x);
		xfrm_put_said(&b, XFRM_MSG_GETSA, q->sa, way);
		if (xfrm_dump(q->x, &b, got, q) == -1)
			return (errno == ESRCH ? 0 : -1);
	}
	return (q->seen[0] && q->seen[1]);
}

void
xfrm_query(void *arg, uint32_t id, uint32_t tunnel)
{
	struct xfrm	*x = arg;
	struct query	 q = { .x = x };
	struct xtun	*t;
	size_t		 i;
	int		 gone = 0, rv;

	for (i = 0; i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next) {
			if (tunnel != 0 && t->id != tunnel)
				continue;
			for (q.sa = t->sas; q.sa != NULL; q.sa = q.sa->next) {
				if ((rv = ask(&q)) == 1)
					x->ev->counters(x->ev->arg, id, &q.c,
					    1);
				gone |= rv == 0;
			}
		}
	x->ev->done(x->ev->arg, id, SERR_OK, 0);
	if (gone)
		xfrm_look(x);
}
