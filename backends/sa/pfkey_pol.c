/* SPDX-License-Identifier: ISC */

/*
 * pfkey_pol.c: what the policies of a tunnel must be, by the pairs that are
 * up and by whether it blocks; and the way there, one message at a time.
 * What protects is put in place before what blocked the same is taken away.
 */

#include <stdlib.h>

#include "pfkey_int.h"

/* What a tunnel's policies shall be. */
struct want {
	struct pk_pol	*p;
	size_t		 n;
	int		 bad;		/* too many, or not expressible */
};

struct pk_tun *
pk_tun(struct pk *b, uint32_t id)
{
	struct pk_tun	*t;

	for (t = b->tuns; t != NULL && t->id != id; )
		t = t->next;
	return (t);
}

struct pk_tun *
pk_tun_make(struct pk *b, uint32_t id)
{
	struct pk_tun	*t;

	if ((t = pk_tun(b, id)) != NULL || (t = calloc(1, sizeof(*t))) == NULL)
		return (t);
	t->id = id;
	t->next = b->tuns;
	b->tuns = t;
	return (t);
}

void
pk_tun_free(struct pk *b, struct pk_tun *t)
{
	struct pk_tun	**p;
	struct pk_have	*h;

	for (p = &b->tuns; *p != t; )
		p = &(*p)->next;
	*p = t->next;
	while ((h = t->have) != NULL) {
		t->have = h->next;
		free(h);
	}
	free(t->pair);
	free(t);
}

int
pk_tun_set(struct pk *b, const struct tunnel *c, int block)
{
	struct pk_tun	*t;
	struct selpair	*copy;

	if ((t = pk_tun_make(b, c->id)) == NULL ||
	    (copy = calloc(c->npair + 1u, sizeof(*copy))) == NULL)
		return (-1);
	memcpy(copy, c->pair, c->npair * sizeof(*copy));
	free(t->pair);
	t->pair = copy;
	t->npair = c->npair;
	t->known = 1;
	t->block = block != 0;
	t->ondemand = (c->flags & TUN_ONDEMAND) && c->npeer > 0 &&
	    !(c->flags & (TUN_DISABLED | TUN_PEERANY));
	t->ah = (c->flags & TUN_AH) != 0;
	t->ifunit = c->ifunit;
	t->local = c->local;
	memset(&t->peer, 0, sizeof(t->peer));
	if (c->npeer > 0)
		t->peer = c->peer[0];
	return (0);
}

static int
reqid_used(const struct pk *b, uint32_t n)
{
	const struct pk_pair	*p;
	const struct pk_tun	*t;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->reqin == n || p->reqout == n)
			return (1);
	for (p = b->stale; p != NULL; p = p->next)
		if (p->reqin == n)
			return (1);
	for (t = b->tuns; t != NULL; t = t->next)
		if (t->reqid == n)
			return (1);
	return (0);
}

uint32_t
pk_reqid(struct pk *b)
{
	uint32_t	 i, n;

	for (i = PK_REQID_MIN; i <= PK_REQID_MAX; i++) {
		n = b->next_reqid++;
		if (b->next_reqid > PK_REQID_MAX)
			b->next_reqid = PK_REQID_MIN;
		if (!reqid_used(b, n))
			return (n);
	}
	return (0);
}

/* The same place in the kernel's table? */
int
pk_pol_same(const struct pk_pol *a, const struct pk_pol *b)
{
	return (a->dir == b->dir && a->ipproto == b->ipproto &&
	    a->sport == b->sport && a->dport == b->dport &&
	    net_eq(&a->src, &b->src) && net_eq(&a->dst, &b->dst));
}

/* And the same in it? */
static int
equal(const struct pk_pol *a, const struct pk_pol *b)
{
	if (a->action != b->action || a->tunnel != b->tunnel)
		return (0);
	return (a->action != PK_PROTECT || (a->reqid == b->reqid &&
	    a->ah == b->ah &&
	    addr_cmp(&a->gsrc, &b->gsrc, 0) == 0 &&
	    addr_cmp(&a->gdst, &b->gdst, 0) == 0));
}

/* --- what shall be --- */

/* Add it, or replace what has its place; weak: unless there is something. */
static void
want_one(struct want *w, const struct pk_pol *p, int weak)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		if (pk_pol_same(&w->p[i], p)) {
			if (!weak)
				w->p[i] = *p;
			return;
		}
	if (w->n == PK_POL_MAX)
		w->bad = 1;
	else
		w->p[w->n++] = *p;
}

/* in and out of one pair of networks */
static void
want_dirs(struct pk *b, struct want *w, const struct pk_pol *out,
    const struct pk_pol *in, int weak)
{
	struct pk_pol	 p = *in;

	want_one(w, out, weak);
	want_one(w, in, weak);
	if (b->d->fwd) {
		p.dir = PK_FWD;
		want_one(w, &p, weak);
	}
}

/* `out' and `in' without their selectors, for each prefix of the pair. */
static void
want_sel(struct pk *b, struct want *w, const struct selpair *s,
    struct pk_pol *out, struct pk_pol *in, int weak)
{
	struct net	 l[32], r[32];
	int		 nl, nr, i, k;

	nl = pk_nets(&s->local, l, nitems(l));
	nr = pk_nets(&s->remote, r, nitems(r));
	if (nl == -1 || nr == -1 || (s->local.ipproto != 0 &&
	    s->remote.ipproto != 0 && s->local.ipproto != s->remote.ipproto)) {
		w->bad = 1;
		return;
	}
	out->dir = PK_OUT;
	in->dir = PK_IN;
	out->ipproto = in->ipproto = s->local.ipproto != 0 ?
	    s->local.ipproto : s->remote.ipproto;
	out->sport = in->dport = s->local.port_lo;
	out->dport = in->sport = s->remote.port_lo;
	for (i = 0; i < nl; i++)
		for (k = 0; k < nr; k++) {
			out->src = in->dst = l[i];
			out->dst = in->src = r[k];
			want_dirs(b, w, out, in, weak);
		}
}

static void
want_pair(struct pk *b, struct want *w, const struct pk_pair *p)
{
	struct pk_pol	 out, in;
	size_t		 i;

	memset(&out, 0, sizeof(out));
	out.action = PK_PROTECT;
	out.ah = p->ah;
	out.tunnel = p->tunnel;
	in = out;
	out.gsrc = in.gdst = p->local;
	out.gdst = in.gsrc = p->remote;
	out.reqid = p->reqout;
	in.reqid = p->reqin;
	for (i = 0; i < p->npair; i++)
		want_sel(b, w, &p->pair[i], &out, &in, 0);
}

/* No SA: nothing passes; on demand, a packet out asks for one and waits. */
static void
want_block(struct pk *b, struct want *w, struct pk_tun *t)
{
	struct pk_pol	 out, in;
	size_t		 i;

	memset(&out, 0, sizeof(out));
	out.action = PK_DISCARD;
	out.tunnel = t->id;
	in = out;
	if (t->ondemand) {
		if (t->reqid == 0)
			t->reqid = pk_reqid(b);
		out.action = PK_PROTECT;
		out.ah = t->ah;
		out.gsrc = t->local;
		out.gdst = t->peer;
		out.reqid = t->reqid;
	}
	for (i = 0; i < t->npair; i++)
		want_sel(b, w, &t->pair[i], &out, &in, 1);
}

static void
want_all(struct pk *b, struct want *w, struct pk_tun *t)
{
	const struct pk_pair	*p;

	if (t->ifunit != 0)
		return;
	for (p = b->pairs; p != NULL; p = p->next)
		if (p->tunnel == t->id && p->have_in && p->have_out &&
		    !p->idle)
			want_pair(b, w, p);
	if (t->known && (t->block || t->ondemand))
		want_block(b, w, t);
}

/* --- the way there --- */

static struct pk_have **
find(struct pk_tun *t, const struct pk_pol *p)
{
	struct pk_have	**h;

	for (h = &t->have; *h != NULL && !pk_pol_same(&(*h)->p, p); )
		h = &(*h)->next;
	return (h);
}

static int
wanted(const struct want *w, const struct pk_pol *p)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		if (pk_pol_same(&w->p[i], p))
			return (1);
	return (0);
}

/* A found pair's policies stay as they were found. */
static int
found_pair(const struct pk *b, uint32_t tunnel)
{
	const struct pk_pair	*p;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->tunnel == tunnel && p->pair == NULL)
			return (1);
	return (0);
}

int
pk_pol_next(struct pk *b, struct pk_tun *t, struct pk_have *out,
    enum pk_type *type, int *err)
{
	struct pk_have	*h;
	struct want	 w;
	size_t		 i;
	int		 rv = 0;

	memset(&w, 0, sizeof(w));
	memset(out, 0, sizeof(*out));
	*err = SERR_BACKEND;
	if ((w.p = calloc(PK_POL_MAX, sizeof(*w.p))) == NULL)
		return (-1);
	want_all(b, &w, t);
	if (w.bad) {
		*err = SERR_SELECTOR;
		rv = -1;
	}
	for (i = 0; rv == 0 && i < w.n; i++) {
		h = *find(t, &w.p[i]);
		if (h != NULL && (equal(&h->p, &w.p[i]) ||
		    (found_pair(b, t->id) && w.p[i].action != PK_PROTECT)))
			continue;
		out->p = w.p[i];
		*type = PK_POLPUT;
		rv = 1;
	}
	for (h = t->have; rv == 0 && h != NULL; h = h->next)
		if (!wanted(&w, &h->p) && !found_pair(b, t->id)) {
			out->p = h->p;
			*type = PK_POLDEL;
			rv = 1;
		}
	free(w.p);
	return (rv);
}

static void
unlink_have(struct pk_have **p)
{
	struct pk_have	*h = *p;

	*p = h->next;
	free(h);
}

void
pk_pol_done(struct pk *b, struct pk_tun *t, enum pk_type type,
    const struct pk_have *done)
{
	struct pk_have	**p = find(t, &done->p), *h;

	if (type == PK_POLDEL) {
		if (*p != NULL)
			unlink_have(p);
		return;
	}
	if ((h = *p) == NULL) {
		if ((h = calloc(1, sizeof(*h))) == NULL)
			return;		/* it is put again, that is all */
		h->next = t->have;
		t->have = h;
	}
	h->p = done->p;
	h->polid = done->polid;
	/* it took the place of one that a dead daemon left */
	for (p = &b->stalepol; *p != NULL; )
		if (pk_pol_same(&(*p)->p, &done->p))
			unlink_have(p);
		else
			p = &(*p)->next;
}

int
pk_pol_lost(struct pk *b, const struct pk_msg *m)
{
	struct pk_have	**p;
	struct pk_tun	*t;

	for (t = b->tuns; t != NULL; t = t->next)
		if (*(p = find(t, &m->pol)) != NULL) {
			unlink_have(p);
			return (1);
		}
	return (0);
}

void
pk_pol_found(struct pk *b, const struct pk_msg *m)
{
	struct pk_have	*h;
	struct pk_tun	*t;

	if (!(m->have & PKH_MARK) || !(m->have & PKH_POLICY) ||
	    m->pol.dir < PK_IN || m->pol.dir > PK_FWD ||
	    (h = calloc(1, sizeof(*h))) == NULL)
		return;
	h->p = m->pol;
	h->p.tunnel = m->tunnel;
	h->polid = m->polid;
	if (m->life != b->life || (t = pk_tun_make(b, m->tunnel)) == NULL) {
		h->next = b->stalepol;
		b->stalepol = h;
		return;
	}
	if (*find(t, &h->p) != NULL) {
		free(h);
		return;
	}
	h->next = t->have;
	t->have = h;
}

uint32_t
pk_pol_tunnel(const struct pk *b, uint32_t polid)
{
	const struct pk_have	*h;
	const struct pk_tun	*t;

	for (t = b->tuns; polid != 0 && t != NULL; t = t->next)
		for (h = t->have; h != NULL; h = h->next)
			if (h->polid == polid)
				return (t->id);
	return (0);
}
