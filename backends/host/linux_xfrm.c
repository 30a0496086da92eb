/* SPDX-License-Identifier: ISC */

/*
 * linux_xfrm.c: the block on the way out as XFRM policies.  They need no
 * ESP in the kernel, hold whatever the routing says, and stay when we die.
 * Only policies with our own priorities are ever looked at.
 *
 * For an IPv6 packet that this host itself sends, the kernel looks for its
 * policy before the device is known, so HOST_TUN never fits (for IPv4 and for
 * what is forwarded the device is known).  HOST_OWN lets these out whatever
 * the device; chains of table s2sd-block look at it instead.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "linux.h"

static const uint32_t prio[] = {
	[HOST_PASS] = LX_POL_PASS, [HOST_OWN] = LX_POL_OWN,
	[HOST_TUN] = LX_POL_TUN, [HOST_BLOCK] = LX_POL_BLOCK,
	[HOST_DENY] = LX_POL_DENY
};

struct have {
	struct host_pol	*p;
	uint32_t	*ifindex;
	size_t		 n, room;
};

/*
 * Matches nothing, but tells our selectors from everybody else's, so that an
 * IKE daemon's policy for the same networks has its place; and HOST_OWN from
 * the block of a local network that is this one address.
 */
static uid_t
user(size_t kind)
{
	return (kind == HOST_OWN ? LX_POL_USER_OWN : LX_POL_USER);
}

static int
to_net(uint16_t af, const xfrm_address_t *a, uint8_t plen, struct net *n)
{
	memset(n, 0, sizeof(*n));
	n->a.af = af == AF_INET ? 4 : af == AF_INET6 ? 6 : 0;
	if (n->a.af == 0 || plen > 8 * addr_len(n->a.af))
		return (-1);
	memcpy(n->a.a, a, addr_len(n->a.af));
	n->plen = plen;
	return (0);
}

/* One XFRM_MSG_NEWPOLICY: 1 ours, 0 another's, -1 malformed. */
int
lx_pol_get(struct rd r, struct host_pol *p, uint32_t *ifindex)
{
	struct xfrm_userpolicy_info	 u;
	size_t				 k;

	if (rd_copy(&r, &u, sizeof(u)))
		return (-1);
	for (k = 0; k < nitems(prio); k++)
		if (u.priority == prio[k])
			break;
	if (k == nitems(prio) || u.dir != XFRM_POLICY_OUT ||
	    u.sel.user != user(k))
		return (0);
	memset(p, 0, sizeof(*p));
	p->kind = (uint8_t)k;
	if (to_net(u.sel.family, &u.sel.saddr, u.sel.prefixlen_s,
	    &p->src) == -1 || to_net(u.sel.family, &u.sel.daddr,
	    u.sel.prefixlen_d, &p->dst) == -1)
		return (-1);
	*ifindex = (uint32_t)u.sel.ifindex;
	return (1);
}

static int
dumped(void *arg, const struct nlmsg *m)
{
	struct have	*h = arg;
	struct host_pol	 p, *np;
	uint32_t	 ifindex, *ni;
	size_t		 room;

	if (m->type != XFRM_MSG_NEWPOLICY ||
	    lx_pol_get(m->body, &p, &ifindex) != 1)
		return (0);
	if (h->n == h->room) {
		room = h->room == 0 ? 64 : 2 * h->room;
		if ((np = realloc(h->p, room * sizeof(*np))) == NULL)
			return (-1);
		h->p = np;
		if ((ni = realloc(h->ifindex, room * sizeof(*ni))) == NULL)
			return (-1);
		h->ifindex = ni;
		h->room = room;
	}
	h->p[h->n] = p;
	h->ifindex[h->n++] = ifindex;
	return (0);
}

static void
selector(struct xfrm_selector *s, const struct host_pol *p, uint32_t ifindex)
{
	memset(s, 0, sizeof(*s));
	s->family = p->src.a.af == 4 ? AF_INET : AF_INET6;
	memcpy(&s->saddr, p->src.a.a, addr_len(p->src.a.af));
	memcpy(&s->daddr, p->dst.a.a, addr_len(p->dst.a.af));
	s->prefixlen_s = p->src.plen;
	s->prefixlen_d = p->dst.plen;
	s->ifindex = (int)ifindex;
	s->user = user(p->kind);
}

static void
pol_add(struct nlbuf *b, const struct host_pol *p, uint32_t ifindex)
{
	struct xfrm_userpolicy_info	 u;

	memset(&u, 0, sizeof(u));
	selector(&u.sel, p, ifindex);
	u.lft.soft_byte_limit = u.lft.hard_byte_limit = XFRM_INF;
	u.lft.soft_packet_limit = u.lft.hard_packet_limit = XFRM_INF;
	u.priority = prio[p->kind];
	u.dir = XFRM_POLICY_OUT;
	u.action = p->kind == HOST_BLOCK || p->kind == HOST_DENY ?
	    XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	nl_msg(b, XFRM_MSG_NEWPOLICY, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
	    &u, sizeof(u));
	nl_end(b);
}

static void
pol_del(struct nlbuf *b, const struct host_pol *p, uint32_t ifindex)
{
	struct xfrm_userpolicy_id	 u;

	memset(&u, 0, sizeof(u));
	selector(&u.sel, p, ifindex);
	u.dir = XFRM_POLICY_OUT;
	nl_msg(b, XFRM_MSG_DELPOLICY, NLM_F_ACK, &u, sizeof(u));
	nl_end(b);
}

static int
have_read(struct lx *x, struct have *h)
{
	struct xfrm_userpolicy_id	 u;
	struct nlbuf			 b = { 0 };
	int				 rv;

	memset(&u, 0, sizeof(u));
	nl_msg(&b, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &u, sizeof(u));
	nl_end(&b);
	rv = nl_dump(&x->xfrm, &b, dumped, h);
	nl_clear(&b);
	return (rv);
}

/* Only on a TUN that is there, only beside the firewall's block. */
static int
possible(const struct lx *x, const struct host_want *w,
    const struct host_pol *p)
{
	return (p->kind == HOST_TUN ? x->ifindex != 0 :
	    p->kind != HOST_OWN || w->own);
}

/* Index of the wanted policies by bsearch; mark what is there already. */
static void
difference(struct lx *x, const struct host_want *w, const struct have *h,
    uint8_t *there, struct nlbuf *del)
{
	const struct host_pol	*p;
	uint32_t		 want;
	size_t			 i;

	for (i = 0; i < h->n; i++) {
		p = w->npol == 0 ? NULL : bsearch(&h->p[i], w->pol, w->npol,
		    sizeof(*w->pol), host_pol_cmp);
		want = h->p[i].kind == HOST_TUN ? x->ifindex : 0;
		if (p != NULL && h->ifindex[i] == want &&
		    possible(x, w, p))
			there[p - w->pol] = 1;
		else
			pol_del(del, &h->p[i], h->ifindex[i]);
	}
}

/*
 * What is missing comes first, in the order of the list, which has the
 * allowing ones before the blocking ones; then what is too much goes.  The
 * kernel keeps one policy for a selector and a direction: if its kind has
 * changed, the old one stands in the way (EEXIST) until it is gone, so a
 * second round adds the rest.
 */
int
lx_pols(struct lx *x, const struct host_want *w, char *why, size_t len)
{
	struct have	 h = { 0 };
	struct nlbuf	 add = { 0 }, del = { 0 };
	uint8_t		*there;
	size_t		 i;
	int		 rv = -1;

	if (!x->have_xfrm)
		return (0);
	there = calloc(w->npol + 1, 1);
	if (there == NULL || have_read(x, &h) == -1)
		goto out;
	difference(x, w, &h, there, &del);
	for (i = 0; i < w->npol; i++)
		if (!there[i] && possible(x, w, &w->pol[i]))
			pol_add(&add, &w->pol[i], w->pol[i].kind == HOST_TUN ?
			    x->ifindex : 0);
	rv = 0;
	if (add.n > 0 && del.n > 0)
		rv = nl_many(&x->xfrm, &add, EEXIST, 0);
	if (rv == 0 && del.n > 0)
		rv = nl_many(&x->xfrm, &del, ENOENT, ESRCH);
	if (rv == 0 && add.n > 0)
		rv = nl_many(&x->xfrm, &add, EEXIST, 0);
 out:
	if (rv == -1)
		snprintf(why, len, "the block by XFRM policies: %s",
		    strerror(errno));
	free(there);
	free(h.p);
	free(h.ifindex);
	nl_clear(&add);
	nl_clear(&del);
	return (rv);
}

int
lx_pols_end(struct lx *x)
{
	struct have	 h = { 0 };
	struct nlbuf	 del = { 0 };
	size_t		 i;
	int		 rv = -1;

	if (!x->have_xfrm)
		return (0);
	if (have_read(x, &h) == 0) {
		for (i = 0; i < h.n; i++)
			if (h.p[i].kind == HOST_OWN)
				pol_del(&del, &h.p[i], 0);
		rv = del.n > 0 ? nl_many(&x->xfrm, &del, ENOENT, ESRCH) : 0;
	}
	free(h.p);
	free(h.ifindex);
	nl_clear(&del);
	return (rv);
}
