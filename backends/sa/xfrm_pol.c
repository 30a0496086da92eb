/* SPDX-License-Identifier: ISC */

/*
 * xfrm_pol.c: which policies a tunnel needs, and the way there.  They are
 * computed from its SAs each time, so a failure in between is cured by the
 * next change.
 *
 * Out: through the newest pair that is active, known to the kernel by a reqid
 * of its own, so that a renewed pair is used only when the peer can take it.
 * In: from any SA of the tunnel.  What no policy here lets through, the block
 * of s2sd-host stops.  `ondemand' without a pair: a policy that no SA fits,
 * for which the kernel asks (ACQUIRE).
 */

#include <errno.h>
#include <stdlib.h>

#include "xfrm_int.h"

/* Which SA a pair of selectors goes through. */
struct via {
	const struct selpair	*pair;
	const struct xsa	*sa;		/* NULL: the trap */
};
struct vias {
	struct via	*v;
	size_t		 n, room;
};

static int
pair_eq(const struct selpair *a, const struct selpair *b)
{
	return (sel_eq(&a->local, &b->local) && sel_eq(&a->remote, &b->remote));
}

static int
via_add(struct vias *l, const struct selpair *p, const struct xsa *s)
{
	struct via	*v;
	size_t		 i, room;

	for (i = 0; i < l->n; i++)
		if (pair_eq(l->v[i].pair, p)) {
			v = &l->v[i];
			/* of one CPU only where there is none of all */
			if (s != NULL && v->sa != NULL && s->active &&
			    (!v->sa->active ||
			    (v->sa->cpu != 0 && s->cpu == 0)))
				v->sa = s;
			return (0);
		}
	if (l->n == l->room) {
		room = l->room == 0 ? 8 : 2 * l->room;
		if ((v = reallocarray(l->v, room, sizeof(*v))) == NULL)
			return (-1);
		l->v = v;
		l->room = room;
	}
	l->v[l->n].pair = p;
	l->v[l->n++].sa = s;
	return (0);
}

static void
fill(struct xpol *p, const struct xtun *t, const struct xsa *s)
{
	const struct addr	*l = s != NULL ? &s->local : &t->local;
	const struct addr	*r = s != NULL ? &s->remote : &t->peer;
	int			 out = p->dir == XFRM_POLICY_OUT;

	p->src = out ? *l : *r;
	p->dst = out ? *r : *l;
	if (p->src.af == 0)
		p->src.af = p->dst.af;		/* the kernel finds it */
	p->src.port = p->dst.port = 0;
	p->transport = s != NULL ? s->transport :
	    (t->flags & TUN_TRANSPORT) != 0;
	p->ah = s != NULL ? s->ah : (t->flags & TUN_AH) != 0;
	p->reqid = !out || s == NULL ? t->reqid : s->rq_set != 0 ? s->rq_set :
	    s->rq_out;
	p->if_id = t->if_id;
}

static int
want(struct xtun *t, struct xpols *out)
{
	struct vias	 l = { 0 };
	struct xsa	*s;
	size_t		 i, k;
	int		 rv = 0;

	for (s = t->sas; s != NULL; s = s->next)
		for (i = 0; i < s->npair && rv == 0; i++)
			rv = via_add(&l, &s->pair[i], s);
	if (t->flags & TUN_ONDEMAND && !(t->flags & TUN_DISABLED) &&
	    t->peer.af != 0)
		for (i = 0; i < t->npair && rv == 0; i++)
			rv = via_add(&l, &t->pair[i], NULL);
	for (i = 0; i < l.n && rv == 0; i++) {
		k = out->n;
		rv = xfrm_pols_of(out, l.v[i].pair, l.v[i].sa == NULL ?
		    XW_OUT : XW_IN | XW_OUT);
		for (; k < out->n; k++)
			fill(&out->p[k], t, l.v[i].sa);
	}
	free(l.v);
	return (rv);
}

static struct xpol *
find(struct xpols *l, const struct xpol *p)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		if (l->p[i].dir == p->dir && l->p[i].if_id == p->if_id &&
		    memcmp(&l->p[i].sel, &p->sel, sizeof(p->sel)) == 0)
			return (&l->p[i]);
	return (NULL);
}

static int
same(const struct xpol *a, const struct xpol *b)
{
	return (a->reqid == b->reqid && a->prio == b->prio &&
	    a->transport == b->transport && a->ah == b->ah &&
	    addr_cmp(&a->src, &b->src, 0) == 0 &&
	    addr_cmp(&a->dst, &b->dst, 0) == 0);
}

/*
 * Does another tunnel want it?  A new tunnel may take over the selectors of
 * one that goes (a reload), and there is one policy for each.
 */
static int
wanted(struct xfrm *x, const struct xtun *but, const struct xpol *p)
{
	struct xtun	*t;
	size_t		 i;

	for (i = 0; i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next)
			if (t != but && find(&t->pols, p) != NULL)
				return (1);
	return (0);
}

int
xfrm_sync(struct xfrm *x, struct xtun *t)
{
	struct xpols	 w = { 0 };
	struct xpol	*p;
	struct nlbuf	 add = xfrm_buf(x), del;
	size_t		 i, n = 0;
	int		 err[256], rv = -1;

	memset(err, 0, sizeof(err));
	if (want(t, &w) == -1)
		goto out;
	for (i = 0; i < w.n; i++)
		if ((p = find(&t->pols, &w.p[i])) == NULL ||
		    !same(p, &w.p[i]))
			xfrm_put_pol(&add, &w.p[i]);
	if ((n = add.nmsg) > 0 && xfrm_batch(x, &add, err, nitems(err)) == -1)
		goto out;
	rv = 0;
	for (i = 0; i < n && i < nitems(err); i++)
		if (err[i] != 0) {
			errno = err[i];
			rv = -1;
		}
	del = xfrm_buf(x);
	for (i = 0; i < t->pols.n; i++)
		if (find(&w, &t->pols.p[i]) == NULL &&
		    !wanted(x, t, &t->pols.p[i]))
			xfrm_put_poldel(&del, &t->pols.p[i]);
	if (del.nmsg > 0)
		(void)xfrm_batch(x, &del, NULL, 0);
	else
		nl_clear(&del);
	free(t->pols.p);
	t->pols = w;
	if (rv == -1) {
		/* what came of it is not known: all of it is put again */
		for (i = 0; i < t->pols.n; i++)
			t->pols.p[i].reqid = 0;
	}
	nl_clear(&add);
	return (rv);
 out:
	free(w.p);
	nl_clear(&add);
	return (rv);
}
