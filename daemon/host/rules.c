/* SPDX-License-Identifier: ISC */

/* rules.c: configured tunnels to rules, routes and policies, as sets. */

#include <stdlib.h>

#include "rules.h"

enum { PREFIXES = 256, MTU_DEVICE = 1500, MTU_LEAST = 576 };

/* While a plan is being made. */
struct plan {
	struct host_plan		*out;
	const struct conf		*c;
	const struct host_facts		*f;
	struct sel			*local;	/* distinct local networks */
	size_t				 nlocal, nremote;
	size_t				 room[6];	/* of the arrays of want */
	struct sel			*remote;	/* distinct remote ones */
	struct fw_rules			 rem;	/* the same, for questions:
						   FW_DENY, from anywhere */
};

static void *
more(void *pp, size_t *n, size_t *room, size_t size)
{
	void	**arr = pp, *p;
	size_t	 r;

	if (*n == *room) {
		r = *room == 0 ? 32 : 2 * *room;
		if ((p = realloc(*arr, r * size)) == NULL)
			return (NULL);
		*arr = p;
		*room = r;
	}
	p = (uint8_t *)*arr + (*n)++ * size;
	memset(p, 0, size);
	return (p);
}

static void
everything(uint8_t af, struct sel *s)
{
	struct net	 n;

	memset(&n, 0, sizeof(n));
	n.a.af = af;
	sel_from_net(&n, 0, 0, UINT16_MAX, s);
}

/* Addresses alone: a tunnel for some ports still takes the networks. */
static struct sel
wide(const struct sel *s)
{
	struct sel	 r = *s;

	r.ipproto = 0;
	r.port_lo = 0;
	r.port_hi = UINT16_MAX;
	return (r);
}

static int
overlap(const struct sel *a, const struct sel *b)
{
	return (a->af == b->af && memcmp(a->lo, b->hi, 16) <= 0 &&
	    memcmp(b->lo, a->hi, 16) <= 0);
}

static int
sel_has(const struct sel *s, const struct addr *a)
{
	return (s->af == a->af && memcmp(s->lo, a->a, addr_len(a->af)) <= 0 &&
	    memcmp(a->a, s->hi, addr_len(a->af)) <= 0);
}

/* --- which tunnels --- */

/* In force now, or going away but not gone yet: the k-th of both. */
static const struct tunnel *
nth(const struct conf *c, size_t k)
{
	const struct tunnel	*t;

	if (k < c->now->n)
		t = c->now->t[k];
	else {
		t = c->old->t[k - c->now->n];
		if (!conf_is_gone(c, t->id))
			return (NULL);
	}
	return (t->flags & TUN_DISABLED ? NULL : t);
}

static size_t
count(const struct conf *c)
{
	return (c->now->n + (c->old != NULL ? c->old->n : 0));
}

static const struct host_up *
up_find(const struct host_facts *f, uint32_t id)
{
	size_t	 lo = 0, hi = f->nup, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (f->up[mid].tunnel == id)
			return (&f->up[mid]);
		if (f->up[mid].tunnel < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

uint16_t
rules_mtu(const struct tunnel *t, int udp)
{
	const struct prop	*p = &t->child[0];
	unsigned int		 outer = tunnel_outer(t), mtu = outer;

	if (t->nchild > 0 && (p->nencr > 0 || t->flags & TUN_AH))
		mtu = tunnel_mtu(outer, t->npeer > 0 ? t->peer[0].af : 4, udp,
		    p->nencr > 0 ? alg_num(p->encr[0]) : NULL, p->ninteg > 0 ?
		    alg_num(p->integ[0]) : NULL);
	return ((uint16_t)(mtu < MTU_LEAST ? MTU_LEAST : mtu));
}

static uint16_t
mss_of(const struct tunnel *t, uint16_t mtu, uint8_t af)
{
	if (t->maxmss == MSS_NO)
		return (0);
	if (t->maxmss != MSS_AUTO)
		return (t->maxmss);
	return ((uint16_t)(mtu - (af == 6 ? 60 : 40)));
}

/* --- parts of the plan --- */

static int
pol_dev(struct plan *p, const struct sel *l, const struct sel *r,
    enum host_polkind kind, const struct host_if *dev)
{
	struct host_want	*w = &p->out->want;
	struct net		 ln[PREFIXES], rn[PREFIXES];
	struct host_pol		*o;
	size_t			 nl, nr, i, k;

	if (l->af != r->af)
		return (0);
	nl = sel_prefixes(l, ln, PREFIXES);
	nr = sel_prefixes(r, rn, PREFIXES);
	for (i = 0; i < nl; i++)
		for (k = 0; k < nr; k++) {
			if ((o = more(&w->pol, &w->npol, &p->room[0],
			    sizeof(*o))) == NULL)
				return (-1);
			o->src = ln[i];
			o->dst = rn[k];
			o->kind = (uint8_t)kind;
			if (dev != NULL)
				o->dev = *dev;
		}
	return (0);
}

static int
pol(struct plan *p, const struct sel *l, const struct sel *r,
    enum host_polkind kind)
{
	return (pol_dev(p, l, r, kind, NULL));
}

/* An address of ours inside l, for our own packets into the tunnel. */
static struct addr
inside(const struct plan *p, const struct tunnel *t, const struct sel *l)
{
	struct addr	 none;
	size_t		 i;

	memset(&none, 0, sizeof(none));
	if (t->source.af != 0 && sel_has(l, &t->source)) {
		none = t->source;
		none.port = 0;
		return (none);
	}
	for (i = 0; i < p->f->nmine; i++)
		if (sel_has(l, &p->f->mine[i])) {
			none = p->f->mine[i];
			none.port = 0;
			break;
		}
	return (none);
}

/* Our own IPv6 packets into the tunnel, from each address that we have. */
static int
own(struct plan *p, const struct tunnel *t, const struct sel *l,
    const struct sel *r, enum host_polkind kind)
{
	struct sel	 s;
	size_t		 i;

	if (l->af != 6)
		return (0);
	if (sel_has(l, &t->source)) {
		sel_from_addr(&t->source, &s);
		if (pol(p, &s, r, kind) == -1)
			return (-1);
	}
	for (i = 0; i < p->f->nmine; i++) {
		if (!sel_has(l, &p->f->mine[i]))
			continue;
		sel_from_addr(&p->f->mine[i], &s);
		if (pol(p, &s, r, kind) == -1)
			return (-1);
	}
	return (0);
}

/* The device by which translated networks are routed; greatest MTU. */
static const struct host_if map_dev = { IF_XFRM, IF_UNIT_MAP };

static int
map_ifc(struct plan *p, const struct tunnel *t)
{
	struct host_want	*w = &p->out->want;
	struct host_ifc		*c;
	uint16_t		 mtu = t->mtu > MTU_DEVICE ? t->mtu : MTU_DEVICE;
	size_t			 i;

	for (i = 0; i < w->nifc; i++)
		if (w->ifc[i].i.unit == map_dev.unit) {
			if (w->ifc[i].mtu < mtu)
				w->ifc[i].mtu = mtu;
			return (0);
		}
	if ((c = more(&w->ifc, &w->nifc, &p->room[4], sizeof(*c))) == NULL)
		return (-1);
	c->i = map_dev;
	c->mtu = mtu;
	return (0);
}

static int
route(struct plan *p, const struct tunnel *t, const struct host_up *up,
    const struct sel *l, const struct sel *r, uint16_t mtu, int map)
{
	struct host_want	*w = &p->out->want;
	struct net		 n[PREFIXES];
	struct host_route	*o;
	struct addr		 none;
	size_t			 nn, i;

	memset(&none, 0, sizeof(none));
	nn = sel_prefixes(r, n, PREFIXES);
	for (i = 0; i < nn; i++) {
		if ((o = more(&w->route, &w->nroute, &p->room[1],
		    sizeof(*o))) == NULL)
			return (-1);
		o->dst = n[i];
		o->src = inside(p, t, l);
		o->via = up != NULL ? up->peer : t->npeer > 0 ? t->peer[0] :
		    none;
		o->via.port = 0;
		o->mtu = mtu;
		o->metric = METRIC_DEFAULT;
		o->leak = (t->flags & TUN_LEAK) != 0;
		if (map)
			o->dev = map_dev;
	}
	return (0);
}

/*
 * A packet whose source a NAT has changed has passed the first look for a
 * policy, and fits none at the second: nothing at all goes there but through
 * a tunnel, as with the routes into the TUN.  Not for a tunnel to everywhere.
 */
static int
wide_block(struct plan *p, const struct sel *r)
{
	struct sel	 any;

	everything(r->af, &any);
	if (!p->out->want.kernel || sel_in(&any, r))
		return (0);
	return (pol(p, &any, r, HOST_WIDE));
}

/*
 * What stands in the filter and in the policies for one pair of networks.  A
 * translated pair has two: as it is on the wire, and as it is here.
 */
static int
between(struct plan *p, const struct tunnel *t, const struct sel *l,
    const struct sel *r, uint16_t mtu)
{
	struct fw_rules	*fw = &p->out->fw;
	uint32_t	 gw = p->c->now->g.gateway;
	uint16_t	 mss = gw & GW_MSS ? mss_of(t, mtu, l->af) : 0;

	if (!(t->flags & TUN_NATKEEP) && gw & GW_NATEXEMPT &&
	    fw_add(fw, FW_EXEMPT, l, r, 0) == -1)
		return (-1);
	if (mss != 0 && fw_add(fw, FW_MSS, l, r, mss) == -1)
		return (-1);
	if (gw & GW_FIREWALL && !(t->flags & TUN_TRANSPORT) &&
	    fw_add(fw, FW_FORWARD, l, r, 0) == -1)
		return (-1);
	if (t->flags & TUN_LEAK)
		return (0);
	if (!p->out->want.kernel && (fw_add(fw, FW_BLOCK, l, r, 0) == -1 ||
	    own(p, t, l, r, HOST_OWN) == -1 || pol(p, l, r, HOST_TUN) == -1))
		return (-1);
	return (pol(p, l, r, HOST_BLOCK));
}

/*
 * What comes for the network's name on the wire and is not translated, as
 * somebody has flushed the rules, must not follow the default route, out of
 * the tunnel and in the clear.  A name that is a network here, too, is left
 * to its route.
 */
static int
dead_end(struct plan *p, const struct sel *name)
{
	struct host_want	*w = &p->out->want;
	struct net		 n[PREFIXES];
	struct host_route	*o;
	size_t			 nn, i;

	for (i = 0; i < p->f->nmine; i++)
		if (sel_has(name, &p->f->mine[i]))
			return (0);
	nn = sel_prefixes(name, n, PREFIXES);
	for (i = 0; i < nn; i++) {
		if ((o = more(&w->route, &w->nroute, &p->room[1],
		    sizeof(*o))) == NULL)
			return (-1);
		o->dst = n[i];
		o->metric = METRIC_DEFAULT;
		o->down = 1;
	}
	return (0);
}

/*
 * The network here of a translated pair.  Kernel ESP: a packet is looked up
 * once as it is here, which must not end it where it would leave by map_dev,
 * and again when it has been translated.  What the translation missed ends in
 * map_dev, whoever has flushed what; a rule behind NAT drops it before, and
 * what another route would take elsewhere.  Of two sets of tunnels, between
 * the rounds of a reload, the newer translates.
 */
static int
translated(struct plan *p, const struct tunnel *t, const struct selpair *sp,
    const struct sel *h, const struct sel *r, uint16_t mtu)
{
	struct fw_rules	*fw = &p->out->fw;
	struct net	 to;

	if (sel_to_net(&tunnel_map(t, &sp->local)->local, &to) == -1 ||
	    between(p, t, h, r, mtu) == -1)
		return (-1);
	if (dead_end(p, &tunnel_map(t, &sp->local)->local) == -1)
		return (-1);
	if (p->out->want.kernel && map_ifc(p, t) == -1)
		return (-1);
	if (p->out->want.kernel && !(t->flags & TUN_LEAK) &&
	    (fw_add(fw, FW_PLAIN, h, r, 0) == -1 ||
	    pol_dev(p, h, r, HOST_VIA, &map_dev) == -1 ||
	    own(p, t, h, r, HOST_SELF) == -1))
		return (-1);
	if (conf_set_find(p->c->now, t->id) != t)
		return (0);
	return (fw_add_map(fw, h, r, &to));
}

static int
home(struct plan *p, const struct sel *here)
{
	struct host_want	*w = &p->out->want;
	struct net		 n[PREFIXES], *o;
	size_t			 nn, i;

	nn = sel_prefixes(here, n, PREFIXES);
	for (i = 0; i < nn; i++) {
		if ((o = more(&w->home, &w->nhome, &p->room[5],
		    sizeof(*o))) == NULL)
			return (-1);
		*o = n[i];
	}
	return (0);
}

static int
inner(struct plan *p, const struct tunnel *t, const struct selpair *sp)
{
	const struct host_up	*up = up_find(p->f, t->id);
	struct sel		 l = wide(&sp->local), r = wide(&sp->remote);
	struct sel		 h = tunnel_here(t, sp);
	uint16_t		 mtu = up != NULL ? up->mtu : 0;
	int			 leak = (t->flags & TUN_LEAK) != 0;
	int			 map = tunnel_map(t, &sp->local) != NULL;

	h = wide(&h);
	if (mtu == 0)
		mtu = rules_mtu(t, !p->out->want.kernel ||
		    t->flags & TUN_NATT);
	if (l.af == 6)
		p->out->want.ipv6 = 1;
	if (between(p, t, &l, &r, mtu) == -1)
		return (-1);
	if (map && translated(p, t, sp, &h, &r, mtu) == -1)
		return (-1);
	if (!leak && !(t->flags & TUN_TRANSPORT) &&
	    (wide_block(p, &r) == -1 || home(p, &h) == -1))
		return (-1);
	/* `leak yes': the ordinary route while the tunnel is down.  Transport
	 * mode changes no route: that to the peer is the one. */
	if ((leak && up == NULL) || t->flags & TUN_TRANSPORT)
		return (0);
	return (route(p, t, up, &h, &r, mtu, map && p->out->want.kernel));
}

/* --- tunnels with `interface' --- */

/* Our own packets: `source', our address on the device, or one of a local
 * network that is said; else the kernel chooses. */
static struct addr
via_source(const struct plan *p, const struct tunnel *t, uint8_t af)
{
	struct addr	 a;
	struct sel	 any;
	uint8_t		 i;

	everything(af, &any);
	memset(&a, 0, sizeof(a));
	if (t->source.af == af)
		a = t->source;
	else if (t->ifaddr.a.af == af)
		a = t->ifaddr.a;
	for (i = 0; a.af == 0 && i < t->npair; i++)
		if (t->pair[i].local.af == af &&
		    !sel_in(&any, &t->pair[i].local))
			a = inside(p, t, &t->pair[i].local);
	a.port = 0;
	return (a);
}

static int
via_route(struct plan *p, const struct tunnel *t, const struct host_up *up,
    const struct tunroute *tr, uint16_t mtu)
{
	struct host_want	*w = &p->out->want;
	struct host_route	*o;

	if (t->flags & TUN_LEAK && up == NULL)
		return (0);
	if ((o = more(&w->route, &w->nroute, &p->room[1],
	    sizeof(*o))) == NULL)
		return (-1);
	o->dst = tr->to;
	o->src = via_source(p, t, tr->to.a.af);
	o->mtu = mtu;
	o->metric = tr->metric;
	o->dev.kind = t->ifkind;
	o->dev.unit = t->ifunit;
	/* on demand the first packet has to get there */
	o->down = up == NULL && !(t->flags & TUN_ONDEMAND);
	o->leak = (t->flags & TUN_LEAK) != 0;
	return (0);
}

/*
 * Out: to the network from whatever source by no other device, be the source
 * rewritten or not.  In: from the network to anywhere only out of the device,
 * whose packets our policies without an if_id do not see.
 */
static int
via_block(struct plan *p, const struct tunnel *t, const struct host_up *up,
    const struct sel *r)
{
	struct host_if	 dev = { t->ifkind, t->ifunit };
	struct sel	 any;

	everything(r->af, &any);
	if (pol(p, &any, r, HOST_BLOCK) == -1)
		return (-1);
	if (!p->out->want.kernel)
		return (fw_add(&p->out->fw, FW_BLOCK, &any, r, 0));
	if (pol_dev(p, &any, r, HOST_VIA, &dev) == -1)
		return (-1);
	return (up != NULL ? own(p, t, &any, r, HOST_SELF) : 0);
}

/* What is never rewritten, and the segments that fit, by local network. */
static int
via_filter(struct plan *p, const struct tunnel *t, const struct sel *r,
    uint16_t mtu)
{
	struct fw_rules	*fw = &p->out->fw;
	uint32_t	 gw = p->c->now->g.gateway;
	struct sel	 l;
	uint16_t	 mss = gw & GW_MSS ? mss_of(t, mtu, r->af) : 0;
	uint8_t		 i;

	for (i = 0; i < t->npair; i++) {
		l = wide(&t->pair[i].local);
		if (l.af != r->af)
			continue;
		if (!(t->flags & TUN_NATKEEP) && gw & GW_NATEXEMPT &&
		    fw_add(fw, FW_EXEMPT, &l, r, 0) == -1)
			return (-1);
		if (mss != 0 && fw_add(fw, FW_MSS, &l, r, mss) == -1)
			return (-1);
	}
	return (0);
}

/* One for a number: between the rounds of a reload the new tunnel's. */
static int
ifc(struct plan *p, const struct tunnel *t, uint16_t mtu)
{
	struct host_want	*w = &p->out->want;
	struct host_ifc		*c;
	size_t			 i;

	for (i = 0; i < w->nifc; i++)
		if (w->ifc[i].i.unit == t->ifunit)
			return (0);
	if ((c = more(&w->ifc, &w->nifc, &p->room[4], sizeof(*c))) == NULL)
		return (-1);
	c->i.kind = t->ifkind;
	c->i.unit = t->ifunit;
	c->addr = t->ifaddr;
	c->mtu = mtu;
	return (0);
}

static int
via(struct plan *p, const struct tunnel *t)
{
	const struct host_up	*up = up_find(p->f, t->id);
	struct host_want	*w = &p->out->want;
	struct tunroute		 tr;
	struct sel		 r;
	uint16_t		 mtu = up != NULL ? up->mtu : 0;
	uint8_t			 i;

	if (mtu == 0)
		mtu = rules_mtu(t, !w->kernel || t->flags & TUN_NATT);
	if (ifc(p, t, mtu) == -1)
		return (-1);
	for (i = 0; i < t->nroute; i++) {
		tunnel_route(t, i, &tr);
		sel_from_net(&tr.to, 0, 0, UINT16_MAX, &r);
		if (r.af == 6)
			w->ipv6 = 1;
		if (via_filter(p, t, &r, mtu) == -1 ||
		    (!(t->flags & TUN_LEAK) &&
		    via_block(p, t, up, &r) == -1) ||
		    via_route(p, t, up, &tr, mtu) == -1)
			return (-1);
	}
	return (0);
}

static int
outer_add(struct plan *p, const struct sel *l, const struct sel *r)
{
	if (p->c->now->g.gateway & GW_FIREWALL &&
	    fw_add(&p->out->fw, FW_INPUT, l, r, 0) == -1)
		return (-1);
	return (fw_add(&p->out->fw, FW_OUTER, l, r, 0));
}

static int
outer_pair(struct plan *p, const struct addr *me, const struct tunnel *t)
{
	struct sel	 l, r;
	size_t		 i;

	sel_from_addr(me, &l);
	for (i = 0; i < t->npeer; i++) {
		sel_from_addr(&t->peer[i], &r);
		if (outer_add(p, &l, &r) == -1)
			return (-1);
	}
	if (t->npeer > 0)
		return (0);
	everything(me->af, &r);
	return (outer_add(p, &l, &r));
}

static int
outer(struct plan *p, const struct tunnel *t)
{
	size_t	 i;

	if (t->local.af != 0)
		return (outer_pair(p, &t->local, t));
	for (i = 0; i < p->f->nmine; i++)
		if (outer_pair(p, &p->f->mine[i], t) == -1)
			return (-1);
	return (0);
}

static int
by_range(const void *a, const void *b)
{
	const struct sel	*x = a, *y = b;
	int			 c;

	if (x->af != y->af)
		return ((int)x->af - (int)y->af);
	if ((c = memcmp(x->lo, y->lo, 16)) != 0)
		return (c);
	return (memcmp(x->hi, y->hi, 16));
}

static size_t
unique(void *v, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	uint8_t	*a = v;
	size_t	 i, k = 0;

	if (n == 0)
		return (0);
	qsort(v, n, size, cmp);
	for (i = 1; i < n; i++)
		if (cmp(a + k * size, a + i * size) != 0 && ++k != i)
			memcpy(a + k * size, a + i * size, size);
	return (k + 1);
}

static int
collect_one(struct sel **list, size_t *n, size_t *room, const struct sel *a)
{
	struct sel	*s;

	if ((s = more(list, n, room, sizeof(*s))) == NULL)
		return (-1);
	*s = *a;
	return (0);
}

/* With an interface: what is routed there; its selectors may be anything. */
static int
collect_routes(struct plan *p, const struct tunnel *t, size_t *room)
{
	struct tunroute	 tr;
	struct sel	 r;
	uint8_t		 i;

	for (i = 0; i < t->nroute; i++) {
		tunnel_route(t, i, &tr);
		sel_from_net(&tr.to, 0, 0, UINT16_MAX, &r);
		if (collect_one(&p->remote, &p->nremote, room, &r) == -1)
			return (-1);
	}
	return (0);
}

static int
collect(struct plan *p)
{
	const struct tunnel	*t;
	struct sel		 any, s, l;
	size_t			 k, i, rl = 0, rr = 0;

	for (k = 0; k < count(p->c); k++) {
		if ((t = nth(p->c, k)) == NULL || t->flags & TUN_TRANSPORT)
			continue;
		if (collect_routes(p, t, &rr) == -1)
			return (-1);
		for (i = 0; t->ifkind == IF_NONE && i < t->npair; i++) {
			l = tunnel_here(t, &t->pair[i]);
			s = wide(&l);
			if (collect_one(&p->local, &p->nlocal, &rl, &s) == -1)
				return (-1);
			s = wide(&t->pair[i].remote);
			if (collect_one(&p->remote, &p->nremote, &rr,
			    &s) == -1)
				return (-1);
		}
	}
	p->nlocal = unique(p->local, p->nlocal, sizeof(*p->local), by_range);
	p->nremote = unique(p->remote, p->nremote, sizeof(*p->remote),
	    by_range);
	for (i = 0; i < p->nremote; i++) {
		everything(p->remote[i].af, &any);
		if (fw_add(&p->rem, FW_DENY, &any, &p->remote[i], 0) == -1)
			return (-1);
	}
	return (fw_rules_close(&p->rem));
}

/* Does a remote network touch this one? */
static int
remote_touches(const struct plan *p, const struct sel *s)
{
	const struct fw_rule	*r = &p->rem.r[FW_DENY][s->af == 6];
	size_t			 lo = 0, hi = r->n, mid;

	while (lo < hi) {		/* those that begin before its end */
		mid = lo + (hi - lo) / 2;
		if (memcmp(r->p[mid].rlo, s->hi, 16) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo > 0 && memcmp(r->max[lo - 1], s->lo, 16) >= 0);
}

/* --- what is excepted --- */

static int
bypass(struct plan *p, const struct net *from, const struct net *to)
{
	struct host_want	*w = &p->out->want;
	struct host_bypass	*b;

	if ((b = more(&w->bypass, &w->nbypass, &p->room[2],
	    sizeof(*b))) == NULL)
		return (-1);
	if (from != NULL)
		b->from = *from;
	b->to = *to;
	return (0);
}

static int
cut(struct plan *p, const struct sel *l, const struct sel *r)
{
	struct fw_rules	*fw = &p->out->fw;

	return (fw_cut(fw, FW_EXEMPT, l, r) == -1 ||
	    fw_cut(fw, FW_MSS, l, r) == -1 ||
	    fw_cut(fw, FW_MAP, l, r) == -1 ||
	    fw_cut(fw, FW_PLAIN, l, r) == -1 ||
	    fw_cut(fw, FW_FORWARD, l, r) == -1 ||
	    fw_cut(fw, FW_BLOCK, l, r) == -1 ? -1 : 0);
}

/*
 * A network of ours inside a remote one (a spoke of 10.0.0.0/8): what goes
 * there stays here.
 */
static int
own_networks(struct plan *p)
{
	struct net	 n[PREFIXES];
	struct sel	 any;
	size_t		 i, k, nn;

	for (i = 0; i < p->nlocal; i++) {
		if (!remote_touches(p, &p->local[i]))
			continue;
		for (k = 0; k < p->nremote; k++)
			if (overlap(&p->local[i], &p->remote[k]) &&
			    !sel_in(&p->remote[k], &p->local[i]))
				break;
		if (k == p->nremote)
			continue;
		p->out->wide++;
		nn = sel_prefixes(&p->local[i], n, PREFIXES);
		for (k = 0; k < nn; k++)
			if (bypass(p, NULL, &n[k]) == -1)
				return (-1);
		everything(p->local[i].af, &any);
		if (p->out->want.kernel && pol(p, &any, &p->local[i],
		    HOST_PASS) == -1)
			return (-1);
		for (k = 0; k < p->nlocal; k++)
			if (cut(p, &p->local[k], &p->local[i]) == -1 ||
			    pol(p, &p->local[k], &p->local[i],
			    HOST_PASS) == -1)
				return (-1);
	}
	return (0);
}

/* What stands in the file, and ours to a peer inside a remote network. */
static int
peers(struct plan *p, const struct tunnel *t)
{
	struct host_want	*w = &p->out->want;
	struct sel		 me, peer;
	struct addr		*a;
	size_t			 i, k;

	if (t->flags & TUN_TRANSPORT)
		return (0);
	for (i = 0; i < t->npeer; i++) {
		if (!fw_has(&p->rem.r[FW_DENY][t->peer[i].af == 6],
		    t->peer[i].a, t->peer[i].a))
			continue;
		if ((a = more(&w->peer, &w->npeer, &p->room[3],
		    sizeof(*a))) == NULL)
			return (-1);
		*a = t->peer[i];
		a->port = 0;
		sel_from_addr(a, &peer);
		for (k = 0; k < p->f->nmine; k++) {
			sel_from_addr(&p->f->mine[k], &me);
			if (me.af == peer.af && (pol(p, &me, &peer,
			    HOST_PASS) == -1 || fw_cut(&p->out->fw, FW_BLOCK,
			    &me, &peer) == -1))
				return (-1);
		}
	}
	return (0);
}

static int
words(struct plan *p, const struct global *g)
{
	struct sel	 from, to;
	size_t		 i;

	for (i = 0; i < g->nbypass; i++) {
		sel_from_net(&g->bypass[i], 0, 0, UINT16_MAX, &from);
		sel_from_net(&g->bypass_to[i], 0, 0, UINT16_MAX, &to);
		if (bypass(p, &g->bypass[i], &g->bypass_to[i]) == -1 ||
		    cut(p, &from, &to) == -1 ||
		    pol(p, &from, &to, HOST_PASS) == -1)
			return (-1);
	}
	for (i = 0; i < g->nblock; i++) {
		sel_from_net(&g->block[i], 0, 0, UINT16_MAX, &from);
		sel_from_net(&g->block_to[i], 0, 0, UINT16_MAX, &to);
		if (fw_add(&p->out->fw, FW_DENY, &from, &to, 0) == -1 ||
		    pol(p, &from, &to, HOST_DENY) == -1 ||
		    pol(p, &to, &from, HOST_DENY) == -1)
			return (-1);
	}
	return (0);
}

/* --- all of it --- */

/*
 * The same route?  What is not translated finds its policy at the first look,
 * so it may as well be routed by map_dev with what is.
 */
static int
same_route(const struct host_route *a, const struct host_route *b)
{
	struct host_route	 c = *a;

	if (a->dev.kind == IF_NONE && b->dev.unit == map_dev.unit)
		c.dev = map_dev;
	return (host_route_cmp(&c, b) == 0);
}

/* One route for a destination: the least MTU; blocked if one of them is. */
static void
merge_routes(struct host_want *w)
{
	struct host_route	*a, *b;
	size_t			 i, k = 0;

	if (w->nroute == 0)
		return;
	qsort(w->route, w->nroute, sizeof(*w->route), host_route_cmp);
	for (i = 1; i < w->nroute; i++) {
		a = &w->route[k];
		b = &w->route[i];
		if (!same_route(a, b)) {
			w->route[++k] = *b;
			continue;
		}
		a->dev = b->dev;
		if (b->mtu < a->mtu)
			a->mtu = b->mtu;
		if (a->src.af == 0)
			a->src = b->src;
		a->leak = a->leak && b->leak;
		a->down = a->down && b->down;
	}
	w->nroute = k + 1;
}

static int
addr_order(const void *a, const void *b)
{
	return (addr_cmp(a, b, 0));
}

static int
fill(struct plan *p)
{
	struct host_want	*w = &p->out->want;
	const struct tunnel	*t;
	size_t			 k, i;

	if (collect(p) == -1)
		return (-1);
	w->gateway = p->c->now->g.gateway;
	/* by now the parent has said what `auto' is here; not so with -b */
	w->kernel = p->c->now->g.backend == BE_XFRM ||
	    p->c->now->g.backend == BE_PFKEY;
	for (k = 0; k < count(p->c); k++) {
		if ((t = nth(p->c, k)) == NULL)
			continue;
		if (w->mtu < (t->mtu ? t->mtu : MTU_DEVICE))
			w->mtu = t->mtu ? t->mtu : MTU_DEVICE;
		if (t->ifkind != IF_NONE && via(p, t) == -1)
			return (-1);
		for (i = 0; t->ifkind == IF_NONE && i < t->npair; i++)
			if (inner(p, t, &t->pair[i]) == -1)
				return (-1);
		if (outer(p, t) == -1)
			return (-1);
	}
	for (k = 0; k < count(p->c); k++)
		if ((t = nth(p->c, k)) != NULL && peers(p, t) == -1)
			return (-1);
	if (own_networks(p) == -1 || words(p, &p->c->now->g) == -1)
		return (-1);
	w->npol = unique(w->pol, w->npol, sizeof(*w->pol), host_pol_cmp);
	w->npeer = unique(w->peer, w->npeer, sizeof(*w->peer), addr_order);
	merge_routes(w);
	return (fw_rules_close(&p->out->fw));
}

int
rules_plan(const struct conf *c, const struct host_facts *f,
    struct host_plan *out)
{
	struct plan	 p;
	int		 rv = 0;

	memset(&p, 0, sizeof(p));
	memset(out, 0, sizeof(*out));
	fw_rules_init(&out->fw);
	fw_rules_init(&p.rem);
	p.out = out;
	p.c = c;
	p.f = f;
	if (!c->now->g.decouple)
		rv = fill(&p);
	free(p.local);
	free(p.remote);
	fw_rules_free(&p.rem);
	if (rv == -1)
		rules_plan_free(out);
	return (rv);
}

void
rules_plan_free(struct host_plan *p)
{
	fw_rules_free(&p->fw);
	free(p->want.route);
	free(p->want.ifc);
	free(p->want.home);
	free(p->want.pol);
	free(p->want.bypass);
	free(p->want.peer);
	memset(p, 0, sizeof(*p));
	fw_rules_init(&p->fw);
}
