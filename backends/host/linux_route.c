/* SPDX-License-Identifier: ISC */

/*
 * linux_route.c: the routes into the TUN.  They live in a table of their
 * own, found by one rule that our own sockets' mark escapes, so that no
 * packet of ours runs into its own tunnel and nothing that edits the main
 * table touches them.  Ours are told by their protocol number.
 *
 * Two more rules, just before the main table, stand for each network of a
 * device here that a tunnel has: while that device is down, what came out of
 * the tunnel for it would follow the default route, in the clear.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "linux_rt.h"

static const uint32_t metric_last = UINT32_MAX;

static int
af_sys(uint8_t af)
{
	return (af == 4 ? AF_INET : AF_INET6);
}

static void
addr_attr(struct nlbuf *b, uint16_t type, const struct addr *a)
{
	if (a->af != 0)
		nl_put(b, type, a->a, addr_len(a->af));
}

/* --- writing --- */

static void
route_msg(struct nlbuf *b, const struct rt_rec *c, int add)
{
	struct rtmsg	 m;
	size_t		 mx;

	memset(&m, 0, sizeof(m));
	m.rtm_family = (uint8_t)af_sys(c->dst.a.af);
	m.rtm_dst_len = c->dst.plen;
	m.rtm_protocol = LX_PROTO;
	m.rtm_type = c->type;
	m.rtm_scope = c->type == RTN_UNREACHABLE || c->gw.af != 0 || !add ?
	    (add ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE) : RT_SCOPE_LINK;
	nl_msg(b, add ? RTM_NEWROUTE : RTM_DELROUTE, NLM_F_ACK |
	    (add ? NLM_F_CREATE | NLM_F_REPLACE : 0), &m, sizeof(m));
	nl_u32(b, RTA_TABLE, c->table);
	addr_attr(b, RTA_DST, &c->dst.a);
	nl_u32(b, RTA_PRIORITY, c->metric);
	if (c->oif != 0 && c->type == RTN_UNICAST)
		nl_u32(b, RTA_OIF, c->oif);
	if (add) {
		addr_attr(b, RTA_PREFSRC, &c->src);
		addr_attr(b, RTA_GATEWAY, &c->gw);
	}
	if (add && c->mtu != 0) {
		mx = nl_nest(b, RTA_METRICS);
		nl_u32(b, RTAX_MTU, c->mtu);
		nl_unnest(b, mx);
	}
	nl_end(b);
}

static void
rule_msg(struct nlbuf *b, const struct rt_rule *u, int add)
{
	struct fib_rule_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.family = (uint8_t)af_sys(u->af);
	h.action = u->unreachable ? FR_ACT_UNREACHABLE : FR_ACT_TO_TBL;
	h.src_len = u->from.plen;
	h.dst_len = u->to.plen;
	h.flags = u->invert ? FIB_RULE_INVERT : 0;
	nl_msg(b, add ? RTM_NEWRULE : RTM_DELRULE, NLM_F_ACK |
	    (add ? NLM_F_CREATE | NLM_F_EXCL : 0), &h, sizeof(h));
	if (!u->unreachable)
		nl_u32(b, FRA_TABLE, u->table);
	if (u->suppress != 0)
		nl_u32(b, FRA_SUPPRESS_PREFIXLEN, u->suppress - 1);
	nl_u32(b, FRA_PRIORITY, u->pref);
	nl_u8(b, FRA_PROTOCOL, LX_PROTO);
	addr_attr(b, FRA_SRC, &u->from.a);
	addr_attr(b, FRA_DST, &u->to.a);
	if (u->invert) {
		nl_u32(b, FRA_FWMARK, u->mark);
		nl_u32(b, FRA_FWMASK, u->mask);
	}
	nl_end(b);
}

/* --- what is wanted --- */

static int
rec_cmp(const void *a, const void *b)
{
	const struct rt_rec	*x = a, *y = b;
	int			 c;

	if ((c = addr_cmp(&x->dst.a, &y->dst.a, 0)) != 0)
		return (c);
	if (x->dst.plen != y->dst.plen)
		return ((int)x->dst.plen - (int)y->dst.plen);
	if (x->metric != y->metric)
		return (x->metric < y->metric ? -1 : 1);
	return ((int)x->type - (int)y->type);
}

static int
rec_same(const struct rt_rec *x, const struct rt_rec *y)
{
	return (x->table == y->table && x->metric == y->metric &&
	    x->mtu == y->mtu && (x->type == RTN_UNREACHABLE ||
	    (x->oif == y->oif && addr_cmp(&x->gw, &y->gw, 0) == 0)) &&
	    addr_cmp(&x->src, &y->src, 0) == 0);
}

static int
via_got(void *arg, const struct nlmsg *m)
{
	uint8_t	 proto;

	if (m->type == RTM_NEWROUTE &&
	    rt_rec_get(m->body, arg, &proto) == -1)
		return (-1);
	return (0);
}

/* How our own sockets reach the peer, past the rule. */
static int
peer_via(struct lx *x, const struct addr *peer, struct rt_rec *c)
{
	struct nlbuf	 b = { 0 };
	struct rtmsg	 m;
	int		 rv;

	memset(&m, 0, sizeof(m));
	memset(c, 0, sizeof(*c));
	m.rtm_family = (uint8_t)af_sys(peer->af);
	m.rtm_dst_len = (uint8_t)(8 * addr_len(peer->af));
	nl_msg(&b, RTM_GETROUTE, NLM_F_ACK, &m, sizeof(m));
	addr_attr(&b, RTA_DST, peer);
	nl_u32(&b, RTA_MARK, x->mark);
	nl_end(&b);
	rv = nl_dump(&x->rt, &b, via_got, c);
	nl_clear(&b);
	return (rv == -1 || c->oif == 0 || c->oif == x->ifindex ? -1 : 0);
}

/*
 * The device of a route into a tunnel, 0: none.  With kernel ESP a packet
 * needs some route until its policy has been found: the device of the way to
 * the peer, without a next hop, so that nothing could go there in the clear.
 */
static uint32_t
route_dev(struct lx *x, const struct host_want *w, const struct host_route *r,
    struct rt_rec *via, struct addr *last)
{
	struct addr	 to = r->via.af != 0 ? r->via : r->dst.a;

	if (w->hold || r->down)
		return (0);
	if (r->dev.kind != IF_NONE)
		return (lx_ifc_index(x, &r->dev));
	if (!w->kernel)
		return (x->ifindex);
	if (last->af == 0 || addr_cmp(last, &to, 0) != 0) {
		*last = to;
		if (peer_via(x, &to, via) == -1)
			via->oif = 0;
	}
	return (via->oif);
}

static int
want_routes(struct lx *x, const struct host_want *w, struct rt_list *l)
{
	struct rt_rec	*c, via;
	struct addr	 last;
	uint32_t	 dev;
	size_t		 i;
	int		 blocked = 0;

	memset(&via, 0, sizeof(via));
	memset(&last, 0, sizeof(last));
	for (i = 0; i < w->nroute; i++) {
		blocked |= !w->route[i].leak;
		if ((dev = route_dev(x, w, &w->route[i], &via, &last)) != 0) {
			if ((c = rt_more(l, sizeof(*c))) == NULL)
				return (-1);
			c->dst = w->route[i].dst;
			c->type = RTN_UNICAST;
			c->metric = w->route[i].metric;
			c->table = x->table;
			c->oif = dev;
			c->src = w->route[i].src;
			c->mtu = w->route[i].mtu;
		}
		/* one behind all to that network */
		if (!blocked || (i + 1 < w->nroute && net_eq(&w->route[i].dst,
		    &w->route[i + 1].dst)))
			continue;
		blocked = 0;
		if ((c = rt_more(l, sizeof(*c))) == NULL)
			return (-1);
		c->dst = w->route[i].dst;
		c->type = RTN_UNREACHABLE;
		c->metric = metric_last;
		c->table = x->table;
	}
	for (i = 0; i < w->npeer; i++) {
		if (peer_via(x, &w->peer[i], &via) == -1)
			continue;
		if ((c = rt_more(l, sizeof(*c))) == NULL)
			return (-1);
		c->dst.a = w->peer[i];
		c->dst.a.port = 0;
		c->dst.plen = (uint8_t)(8 * addr_len(c->dst.a.af));
		c->type = RTN_UNICAST;
		c->metric = METRIC_DEFAULT;
		c->table = x->table;
		c->oif = via.oif;
		c->gw = via.gw;
	}
	if (l->n > 1)
		qsort(l->p, l->n, sizeof(struct rt_rec), rec_cmp);
	return (0);
}

/* --- networks here --- */

/* Has a tunnel a network of it? */
static int
is_home(const struct host_want *w, const struct net *n)
{
	size_t	 i;

	for (i = 0; i < w->nhome; i++)
		if (w->home[i].plen >= n->plen && net_has(n, &w->home[i].a))
			return (1);
	return (0);
}

static void
home_add(struct lx *x, const struct net *n)
{
	size_t	 i;

	for (i = 0; i < x->nhome; i++)
		if (net_eq(&x->home[i], n))
			return;
	if (x->nhome < LX_HOME)
		x->home[x->nhome++] = *n;
}

/*
 * The networks of our devices that tunnels have.  They stay in the list when
 * the device is down or its address gone, also over our death (a rule of ours
 * says so): just then their packets would follow the default route.
 */
static void
homes(struct lx *x, const struct host_want *w, const struct rt_have *have)
{
	const struct rt_rule	*u = have->rules.p;
	const struct net	*n = have->near.p;
	size_t			 i, k;

	for (i = k = 0; i < x->nhome; i++)
		if (is_home(w, &x->home[i]))
			x->home[k++] = x->home[i];
	x->nhome = k;
	for (i = 0; i < have->near.n; i++)
		if (is_home(w, &n[i]))
			home_add(x, &n[i]);
	for (i = 0; i < have->rules.n; i++)
		if (u[i].ours && u[i].unreachable && is_home(w, &u[i].to))
			home_add(x, &u[i].to);
}

/* To them by the main table, but not by its default route; else nowhere. */
static int
home_rules(const struct lx *x, struct rt_list *l)
{
	struct rt_rule	*u;
	size_t		 i, k;

	for (i = 0; i < x->nhome; i++)
		for (k = 0; k < 2; k++) {
			if ((u = rt_more(l, sizeof(*u))) == NULL)
				return (-1);
			u->af = x->home[i].a.af;
			u->to = x->home[i];
			u->pref = k == 0 ? LX_PREF_NEAR : LX_PREF_FAR;
			u->table = k == 0 ? RT_TABLE_MAIN : 0;
			u->suppress = k == 0;
			u->unreachable = k == 1;
		}
	return (0);
}

static int
want_rules(struct lx *x, const struct host_want *w, struct rt_list *l)
{
	struct rt_rule	*u;
	size_t		 i;
	int		 have[2] = { 0, 0 };

	for (i = 0; i < w->nroute; i++)
		have[w->route[i].dst.a.af == 6] = 1;
	for (i = 0; i < w->nbypass; i++) {
		if (!have[w->bypass[i].to.a.af == 6])
			continue;
		if ((u = rt_more(l, sizeof(*u))) == NULL)
			return (-1);
		u->af = w->bypass[i].to.a.af;
		u->from = w->bypass[i].from;
		u->to = w->bypass[i].to;
		u->pref = LX_PREF_BYPASS;
		u->table = RT_TABLE_MAIN;
	}
	for (i = 0; i < 2; i++) {
		if (!have[i])
			continue;
		if ((u = rt_more(l, sizeof(*u))) == NULL)
			return (-1);
		u->af = i ? 6 : 4;
		u->pref = LX_PREF;
		u->table = x->table;
		u->mark = x->mark;
		u->mask = UINT32_MAX;
		u->invert = 1;
	}
	return (home_rules(x, l));
}

static int
rule_eq(const struct rt_rule *a, const struct rt_rule *b)
{
	return (a->af == b->af && a->pref == b->pref &&
	    a->table == b->table && a->invert == b->invert &&
	    a->suppress == b->suppress && a->unreachable == b->unreachable &&
	    a->mark == b->mark && net_eq(&a->from, &b->from) &&
	    net_eq(&a->to, &b->to));
}

/* Our table: what an earlier life used, else the first that is free. */
static void
choose(struct lx *x, const struct rt_have *rt)
{
	const struct rt_list	*rules = &rt->rules;
	const struct rt_rule	*u = rules->p;
	const uint32_t		*t = rt->tables.p;
	char			 text[FW_WHYLEN];
	size_t			 i, k;
	uint32_t		 n;

	for (i = 0; i < rules->n; i++)
		if (u[i].ours && u[i].pref == LX_PREF && x->table == 0)
			x->table = u[i].table;
	for (n = LX_TABLE; x->table == 0 && n < LX_TABLE + 64; n++) {
		for (i = 0; i < rules->n && u[i].table != n; i++)
			;
		for (k = 0; k < rt->tables.n && t[k] != n; k++)
			;
		if (i == rules->n && k == rt->tables.n)
			x->table = n;
	}
	if (x->warned || x->table == 0)
		return;
	x->warned = 1;
	snprintf(text, sizeof(text), "routes: table %u, rule %d, mark 0x%x on "
	    "our own packets", x->table, LX_PREF, x->mark);
	x->env.log(x->env.arg, LOG_INFO, text);
	for (i = 0; i < rules->n; i++)
		if (!u[i].ours && u[i].mask != 0 &&
		    (x->mark & u[i].mask) == u[i].mark) {
			snprintf(text, sizeof(text), "routes: rule %u also "
			    "matches our mark 0x%x: our packets follow its "
			    "table %u", u[i].pref, x->mark, u[i].table);
			x->env.log(x->env.arg, LOG_WARNING, text);
		}
}

/* --- making it so --- */

static int
routes_make(struct lx *x, const struct rt_have *have, const struct rt_list *want)
{
	struct nlbuf	 add = { 0 }, del = { 0 };
	const struct rt_rec *h = have->ours.p, *w = want->p, *p;
	uint8_t		*there;
	size_t		 i;
	int		 rv = -1;

	if ((there = calloc(want->n + 1, 1)) == NULL)
		return (-1);
	for (i = 0; i < have->ours.n; i++) {
		p = want->n == 0 ? NULL : bsearch(&h[i], w, want->n,
		    sizeof(*w), rec_cmp);
		if (p != NULL && rec_same(p, &h[i]))
			there[p - w] = 1;
		else if (p == NULL || p->table != h[i].table)
			route_msg(&del, &h[i], 0);
	}
	for (i = 0; i < want->n; i++)
		if (!there[i])
			route_msg(&add, &w[i], 1);
	rv = add.n > 0 ? nl_many(&x->rt, &add, 0, 0) : 0;
	if (del.n > 0 && nl_many(&x->rt, &del, ESRCH, ENODEV) == -1)
		rv = -1;
	free(there);
	nl_clear(&add);
	nl_clear(&del);
	return (rv);
}

static int
rules_make(struct lx *x, const struct rt_list *have, const struct rt_list *want)
{
	struct nlbuf		 add = { 0 }, del = { 0 };
	const struct rt_rule	*h = have->p, *w = want->p;
	size_t			 i, k;
	int			 rv;

	for (i = 0; i < want->n; i++) {
		for (k = 0; k < have->n; k++)
			if (rule_eq(&w[i], &h[k]))	/* whoever made it */
				break;
		if (k == have->n)
			rule_msg(&add, &w[i], 1);
	}
	for (k = 0; k < have->n; k++) {
		for (i = 0; i < want->n && !rule_eq(&w[i], &h[k]); i++)
			;
		if (h[k].ours && i == want->n)
			rule_msg(&del, &h[k], 0);
	}
	rv = add.n > 0 ? nl_many(&x->rt, &add, 0, 0) : 0;
	if (del.n > 0 && nl_many(&x->rt, &del, ENOENT, ESRCH) == -1)
		rv = -1;
	nl_clear(&add);
	nl_clear(&del);
	return (rv);
}

/* The table first, then the rule that points there. */
int
lx_routes(struct lx *x, const struct host_want *w, char *why, size_t len)
{
	struct rt_have	 have;
	struct rt_list	 routes = { 0 }, rules = { 0 };
	const char	*what = "reading routes";
	int		 rv = -1;

	memset(&have, 0, sizeof(have));
	if (rt_read(x, &have) == -1)
		goto out;
	if (w->nroute > 0) {
		choose(x, &have);
		what = "no free routing table";
		errno = EBUSY;
		if (x->table == 0)
			goto out;
	}
	homes(x, w, &have);
	what = "adding routes";
	if (want_routes(x, w, &routes) == -1 ||
	    want_rules(x, w, &rules) == -1 ||
	    routes_make(x, &have, &routes) == -1)
		goto out;
	what = "adding routing rules";
	rv = rules_make(x, &have.rules, &rules);
 out:
	if (rv == -1)
		snprintf(why, len, "%s: %s", what, strerror(errno));
	rt_have_free(&have);
	free(routes.p);
	free(rules.p);
	return (rv);
}

int
lx_routes_clear(struct lx *x)
{
	struct rt_have	 have;
	struct rt_list	 none = { 0 };
	int		 rv;

	memset(&have, 0, sizeof(have));
	x->nhome = 0;
	rv = rt_read(x, &have);
	if (rv == 0 && rules_make(x, &have.rules, &none) == -1)
		rv = -1;
	if (rv == 0 && routes_make(x, &have, &none) == -1)
		rv = -1;
	rt_have_free(&have);
	return (rv);
}
