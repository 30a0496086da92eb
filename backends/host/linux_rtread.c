/* SPDX-License-Identifier: ISC */

/* linux_rtread.c: routes and rules as the kernel tells them. */

#include <stdlib.h>

#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "linux_rt.h"

void *
rt_more(struct rt_list *l, size_t size)
{
	size_t	 room;
	void	*p;

	if (l->n == l->room) {
		room = l->room == 0 ? 32 : 2 * l->room;
		if ((p = realloc(l->p, room * size)) == NULL)
			return (NULL);
		l->p = p;
		l->room = room;
	}
	p = (uint8_t *)l->p + l->n++ * size;
	memset(p, 0, size);
	return (p);
}

int
rt_attr_addr(uint8_t af, struct rd v, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (v.n == 0)
		return (0);
	a->af = af;
	return (v.n != addr_len(af) || rd_copy(&v, a->a, v.n) ? -1 : 0);
}

/* An attribute that may be missing: then v stays. */
static void
opt32(struct rd r, uint32_t *v)
{
	if (nl_get32(r, v) == -1)
		return;
}

int
rt_rec_get(struct rd r, struct rt_rec *c, uint8_t *proto)
{
	struct rtmsg	 m;
	struct rd	 mx;

	memset(c, 0, sizeof(*c));
	if (rd_copy(&r, &m, sizeof(m)) ||
	    (m.rtm_family != AF_INET && m.rtm_family != AF_INET6))
		return (-1);
	c->dst.a.af = m.rtm_family == AF_INET ? 4 : 6;
	if (rt_attr_addr(c->dst.a.af, nl_find(r, RTA_DST), &c->dst.a) == -1 ||
	    rt_attr_addr(c->dst.a.af, nl_find(r, RTA_PREFSRC), &c->src) == -1 ||
	    rt_attr_addr(c->dst.a.af, nl_find(r, RTA_GATEWAY), &c->gw) == -1)
		return (-1);
	c->dst.a.af = m.rtm_family == AF_INET ? 4 : 6;
	c->dst.plen = m.rtm_dst_len;
	c->type = m.rtm_type;
	*proto = m.rtm_protocol;
	c->table = m.rtm_table;
	mx = nl_find(r, RTA_METRICS);
	opt32(nl_find(r, RTA_TABLE), &c->table);
	opt32(nl_find(r, RTA_PRIORITY), &c->metric);
	opt32(nl_find(r, RTA_OIF), &c->oif);
	opt32(nl_find(mx, RTAX_MTU), &c->mtu);
	return (0);
}

static int
route_got(void *arg, const struct nlmsg *m)
{
	struct rt_have	*l = arg;
	struct rt_rec	 c, *p;
	struct net	*near;
	uint32_t	*t;
	uint8_t		 proto;

	if (m->type != RTM_NEWROUTE || rt_rec_get(m->body, &c, &proto) == -1)
		return (0);
	if (proto == LX_PROTO) {
		if ((p = rt_more(&l->ours, sizeof(*p))) == NULL)
			return (-1);
		*p = c;
	} else if (c.table == RT_TABLE_MAIN && c.type == RTN_UNICAST &&
	    proto == RTPROT_KERNEL && c.gw.af == 0 && c.dst.plen > 0) {
		if ((near = rt_more(&l->near, sizeof(*near))) == NULL)
			return (-1);
		*near = c.dst;
	} else if (c.table >= LX_TABLE && c.table < LX_TABLE + 64) {
		if ((t = rt_more(&l->tables, sizeof(*t))) == NULL)
			return (-1);
		*t = c.table;
	}
	return (0);
}

static int
rule_net(uint8_t af, struct rd v, uint8_t plen, struct net *n)
{
	memset(n, 0, sizeof(*n));
	if (rt_attr_addr(af, v, &n->a) == -1)
		return (-1);
	n->plen = n->a.af == 0 ? 0 : plen;
	return (0);
}

int
rt_rule_get(struct rd r, struct rt_rule *u)
{
	struct fib_rule_hdr	 h;
	uint32_t		 plen;
	uint8_t			 proto;

	memset(u, 0, sizeof(*u));
	if (rd_copy(&r, &h, sizeof(h)))
		return (-1);
	if (h.family != AF_INET && h.family != AF_INET6)
		return (0);
	u->af = h.family == AF_INET ? 4 : 6;
	u->table = h.table;
	u->invert = (h.flags & FIB_RULE_INVERT) != 0;
	u->unreachable = h.action == FR_ACT_UNREACHABLE;
	if (nl_get32(nl_find(r, FRA_SUPPRESS_PREFIXLEN), &plen) == 0)
		u->suppress = plen + 1;		/* all ones: none */
	if (rule_net(u->af, nl_find(r, FRA_SRC), h.src_len, &u->from) ||
	    rule_net(u->af, nl_find(r, FRA_DST), h.dst_len, &u->to))
		return (-1);
	opt32(nl_find(r, FRA_TABLE), &u->table);
	opt32(nl_find(r, FRA_PRIORITY), &u->pref);
	opt32(nl_find(r, FRA_FWMARK), &u->mark);
	opt32(nl_find(r, FRA_FWMASK), &u->mask);
	u->ours = nl_get8(nl_find(r, FRA_PROTOCOL), &proto) == 0 &&
	    proto == LX_PROTO;
	return (1);
}

static int
rule_got(void *arg, const struct nlmsg *m)
{
	struct rt_rule	 u, *p;

	if (m->type != RTM_NEWRULE || rt_rule_get(m->body, &u) != 1)
		return (0);
	if ((p = rt_more(arg, sizeof(*p))) == NULL)
		return (-1);
	*p = u;
	return (0);
}

int
rt_read(struct lx *x, struct rt_have *h)
{
	struct nlbuf	 b = { 0 };
	struct rtmsg	 m;
	int		 rv;

	memset(&m, 0, sizeof(m));
	nl_msg(&b, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof(m));
	nl_end(&b);
	rv = nl_dump(&x->rt, &b, route_got, h);
	nl_clear(&b);
	if (rv == -1)
		return (-1);
	nl_msg(&b, RTM_GETRULE, NLM_F_DUMP, &m, sizeof(m));
	nl_end(&b);
	rv = nl_dump(&x->rt, &b, rule_got, &h->rules);
	nl_clear(&b);
	return (rv);
}

void
rt_have_free(struct rt_have *h)
{
	free(h->ours.p);
	free(h->tables.p);
	free(h->rules.p);
	free(h->near.p);
	memset(h, 0, sizeof(*h));
}
