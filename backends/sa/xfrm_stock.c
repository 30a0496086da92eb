/* SPDX-License-Identifier: ISC */

/*
 * xfrm_stock.c: what of ours is in the kernel when we begin: SAs of a
 * configured tunnel, known by the tag in their note, are taken over with
 * their policies; the rest that carries our mark goes.
 */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdlib.h>

#include "xfrm_int.h"

struct stock {
	struct xfrm	*x;
	struct nlbuf	 del;		/* what goes; sent when all is read */
	int		 all;		/* take nothing over */
};

static void
del_sa(struct stock *k, const struct xfrm_sa_got *g)
{
	struct xsa	 s;

	memset(&s, 0, sizeof(s));
	s.spi_in = g->spi;
	s.local = g->dst;
	s.ah = g->proto == IPPROTO_AH;
	xfrm_put_said(&k->del, XFRM_MSG_DELSA, &s, XW_IN);
}

static void
take_in(struct xsa *s, const struct xfrm_sa_got *g)
{
	s->t->reqid = g->reqid;
	s->has_in = 1;
	s->spi_in = g->spi;
	s->spi_out = g->note.spi_other;
	s->local = g->dst;
	s->remote = g->src;
	s->replay = g->replay;
	s->packets[0] = g->packets;
}

static void
take_out(struct xsa *s, const struct xfrm_sa_got *g)
{
	s->has_out = 1;
	s->rq_out = g->reqid;
	s->rq_set = g->note.flags & XF_SET ? g->reqid : 0;
	s->cpu = g->cpu;
	s->spi_out = g->spi;
	s->spi_in = g->note.spi_other;
	s->local = g->src;
	s->remote = g->dst;
	s->packets[1] = g->packets;
}

/* Are both halves of one pair? */
static int
fits(const struct xsa *s, const struct xfrm_sa_got *g)
{
	if (g->note.way == XW_IN)
		return (!s->has_in && (!s->has_out ||
		    (s->spi_in == g->spi && s->spi_out == g->note.spi_other)) &&
		    (s->t->reqid == 0 || s->t->reqid == g->reqid));
	return (!s->has_out && (!s->has_in ||
	    (s->spi_out == g->spi && s->spi_in == g->note.spi_other)));
}

static int
got_sa(void *arg, const struct nlmsg *m)
{
	struct stock		*k = arg;
	struct xfrm_sa_got	 g;
	struct xtun		*t;
	struct xsa		*s = NULL;

	if (m->type != XFRM_MSG_NEWSA || xfrm_get_sa(m->body, &g) != 1)
		return (0);
	t = k->all ? NULL : xfrm_tun_tag(k->x,
	    (uint64_t)g.note.tag[0] << 32 | g.note.tag[1]);
	if (t != NULL && g.note.child != 0 &&
	    (s = xfrm_sa_find(t, g.note.child)) == NULL)
		s = xfrm_sa_new(t, g.note.child);
	if (s == NULL || !fits(s, &g)) {
		del_sa(k, &g);
		return (0);
	}
	if (g.note.way == XW_IN)
		take_in(s, &g);
	else
		take_out(s, &g);
	s->udp = g.udp;
	s->esn = g.esn;
	s->transport = g.transport;
	s->ah = g.proto == IPPROTO_AH;
	s->encr = (uint16_t)(g.note.algs >> 16);
	s->integ = (uint16_t)g.note.algs;
	s->softbytes = g.softbytes;
	s->hardbytes = g.hardbytes;
	s->life = g.life;
	return (0);
}

/* A half without the other: of a life that ended in between. */
static void
half(struct xfrm *x, struct xsa *s, void *arg)
{
	struct stock	*k = arg;

	(void)x;
	if (s->has_in && s->has_out)
		return;
	if (s->has_in)
		xfrm_put_said(&k->del, XFRM_MSG_DELSA, s, XW_IN);
	if (s->has_out)
		xfrm_put_said(&k->del, XFRM_MSG_DELSA, s, XW_OUT);
	xfrm_sa_free(s);
}

/* --- policies --- */

struct search {
	uint32_t	 reqid;
	struct xsa	*sa;
};

static void
by_rq(struct xfrm *x, struct xsa *s, void *arg)
{
	struct search	*f = arg;

	(void)x;
	if (s->rq_out == f->reqid)
		f->sa = s;
}

static struct xtun *
tun_reqid(struct xfrm *x, uint32_t reqid)
{
	struct xtun	*t;
	size_t		 i;

	for (i = 0; reqid != 0 && i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next)
			if (t->reqid == reqid)
				return (t);
	return (NULL);
}

static void
sel_of(const struct xfrm_selector *x, int src, struct sel *s)
{
	struct net	 n;
	uint16_t	 port, mask;

	memset(&n, 0, sizeof(n));
	n.a.af = x->family == AF_INET ? 4 : 6;
	memcpy(n.a.a, src ? &x->saddr : &x->daddr, addr_len(n.a.af));
	n.plen = src ? x->prefixlen_s : x->prefixlen_d;
	port = ntohs(src ? x->sport : x->dport);
	mask = ntohs(src ? x->sport_mask : x->dport_mask);
	sel_from_net(&n, x->proto, port, (uint16_t)(port | (uint16_t)~mask), s);
}

static int
pair_add(struct xsa *s, const struct selpair *p)
{
	struct selpair	*np;

	if (s->npair == SELPAIR_MAX || (np = reallocarray(s->pair,
	    s->npair + 1, sizeof(*np))) == NULL)
		return (-1);
	s->pair = np;
	s->pair[s->npair++] = *p;
	return (0);
}

struct adopt {
	uint32_t	 reqid;
	struct selpair	 pair;
};

/* SAs of single CPUs share the reqid of their policy. */
static void
adopt(struct xfrm *x, struct xsa *s, void *arg)
{
	struct adopt	*a = arg;

	(void)x;
	if (s->rq_out != a->reqid)
		return;
	s->active = 1;
	(void)pair_add(s, &a->pair);
}

static int
got_pol(void *arg, const struct nlmsg *m)
{
	struct stock	*k = arg;
	struct search	 f;
	struct adopt	 a;
	struct xtun	*t = NULL;
	struct xpol	 p, *np;

	if (m->type != XFRM_MSG_NEWPOLICY || xfrm_get_pol(m->body, &p) != 1)
		return (0);
	f.reqid = p.reqid;
	f.sa = NULL;
	if (!k->all && p.dir == XFRM_POLICY_OUT) {
		xfrm_each(k->x, by_rq, &f);
		t = f.sa != NULL ? f.sa->t : NULL;
	} else if (!k->all)
		t = tun_reqid(k->x, p.reqid);
	if (t == NULL || p.if_id != t->if_id || p.sel.prefixlen_s > 128 || p.sel.prefixlen_d > 128 ||
	    (np = xfrm_pol_more(&t->pols)) == NULL) {
		xfrm_put_poldel(&k->del, &p);
		return (0);
	}
	*np = p;
	if (f.sa != NULL) {
		a.reqid = p.reqid;
		sel_of(&p.sel, 1, &a.pair.local);
		sel_of(&p.sel, 0, &a.pair.remote);
		xfrm_each(k->x, adopt, &a);
	}
	return (0);
}

/* One that waits for its turn has the selectors of the one in use. */
static void
heir(struct xfrm *x, struct xsa *s, void *arg)
{
	struct xsa	*o;
	size_t		 i;

	(void)x;
	(void)arg;
	for (o = s->t->sas; s->npair == 0 && o != NULL; o = o->next) {
		if (o == s || !o->active)
			continue;
		s->replaces = o->child;
		for (i = 0; i < o->npair; i++)
			(void)pair_add(s, &o->pair[i]);
	}
}

static int
send_del(struct stock *k, int rv)
{
	if (k->del.nmsg > 0 && xfrm_batch(k->x, &k->del, NULL, 0) == -1)
		rv = -1;
	nl_clear(&k->del);
	return (rv);
}

static int
dump(struct stock *k, uint16_t type, nl_cb *cb)
{
	struct nlbuf	 b = xfrm_buf(k->x);

	xfrm_put_dump(&b, type);
	return (xfrm_dump(k->x, &b, cb, k));
}

int
xfrm_stock(struct xfrm *x)
{
	struct stock	 k = { .x = x };
	struct xtun	*t;
	size_t		 i;
	int		 rv;

	if (x->stock)
		return (0);
	k.del = xfrm_buf(x);
	rv = dump(&k, XFRM_MSG_GETSA, got_sa);
	xfrm_each(x, half, &k);
	rv = send_del(&k, rv);
	k.del = xfrm_buf(x);
	if (dump(&k, XFRM_MSG_GETPOLICY, got_pol) == -1)
		rv = -1;
	xfrm_each(x, heir, NULL);
	rv = send_del(&k, rv);
	x->stock = rv == 0;
	for (i = 0; rv == 0 && i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next) {
			if (t->reqid == 0)
				t->reqid = xfrm_reqid(x);
			(void)xfrm_sync(x, t);
		}
	return (rv);
}

/* Policies first: what they let through is blocked then. */
int
xfrm_wipe(struct xfrm *x)
{
	struct stock	 k = { .x = x, .all = 1 };
	int		 rv;

	k.del = xfrm_buf(x);
	rv = dump(&k, XFRM_MSG_GETPOLICY, got_pol);
	rv = send_del(&k, rv);
	k.del = xfrm_buf(x);
	if (dump(&k, XFRM_MSG_GETSA, got_sa) == -1)
		rv = -1;
	return (send_del(&k, rv));
}
