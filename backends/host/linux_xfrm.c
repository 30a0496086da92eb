/* SPDX-License-Identifier: ISC */

/*
 * linux_xfrm.c: the block as XFRM policies.  They need no ESP in the kernel,
 * hold whatever the routing says, and stay when we die.  Only policies with
 * our own priorities are ever looked at.  With ESP in userland they block the
 * way out alone; with the kernel's ESP each has a mate for the way in and one
 * for what is forwarded, the addresses exchanged, and the policies of s2sd-sad
 * (xfrm_mark.h) stand between ours.
 *
 * For an IPv6 packet that this host itself sends, the kernel looks for its
 * policy before the device is known, so HOST_TUN never fits (for IPv4 and for
 * what is forwarded the device is known).  HOST_OWN lets these out whatever
 * the device; chains of table s2sd-block look at it instead.
 *
 * With an xfrm interface the packet is looked at on its way to that device,
 * by HOST_VIA, and inside it once more, by the policies of s2sd-sad that have
 * its if_id; ours have none, so on the way in they see only what did not come
 * out of the device.
 *
 * A translated network is routed by such a device too, one that has no policy
 * inside: HOST_VIA lets its packets pass the first look, NAT translates them,
 * which has them looked up again and sent by the tunnel's policy.  What is not
 * translated goes on to the device, and ends there.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "linux.h"

static const uint32_t prio[] = {
	[HOST_PASS] = LX_POL_PASS, [HOST_VIA] = LX_POL_VIA,
	[HOST_SELF] = LX_POL_SELF, [HOST_OWN] = LX_POL_OWN,
	[HOST_TUN] = LX_POL_TUN, [HOST_BLOCK] = LX_POL_BLOCK,
	[HOST_WIDE] = LX_POL_WIDE,
	[HOST_DENY] = LX_POL_DENY
};

/* A policy of ours in the kernel; p as on the way out, whatever its own. */
struct have_pol {
	struct host_pol	 p;
	uint32_t	 ifindex;
	uint8_t		 dir;
};
struct have {
	struct have_pol	*p;
	size_t		 n, room;
};
enum { DIRS = 3 };		/* XFRM_POLICY_IN, OUT, FWD */

/*
 * Matches nothing, but tells our selectors from everybody else's, so that an
 * IKE daemon's policy for the same networks has its place; and HOST_OWN from
 * the block of a local network that is this one address.
 */
static uid_t
user(size_t kind)
{
	return (kind == HOST_OWN || kind == HOST_SELF ? LX_POL_USER_OWN :
	    LX_POL_USER);
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
lx_pol_get(struct rd r, struct host_pol *p, uint32_t *ifindex, uint8_t *dir)
{
	struct xfrm_userpolicy_info	 u;
	struct net			 src, dst;
	size_t				 k;

	if (rd_copy(&r, &u, sizeof(u)))
		return (-1);
	for (k = 0; k < nitems(prio); k++)
		if (u.priority == prio[k])
			break;
	if (k == nitems(prio) || u.dir >= DIRS || u.sel.user != user(k))
		return (0);
	memset(p, 0, sizeof(*p));
	p->kind = (uint8_t)k;
	if (to_net(u.sel.family, &u.sel.saddr, u.sel.prefixlen_s,
	    &src) == -1 || to_net(u.sel.family, &u.sel.daddr,
	    u.sel.prefixlen_d, &dst) == -1)
		return (-1);
	p->src = u.dir == XFRM_POLICY_OUT ? src : dst;
	p->dst = u.dir == XFRM_POLICY_OUT ? dst : src;
	*ifindex = (uint32_t)u.sel.ifindex;
	*dir = u.dir;
	return (1);
}

static int
dumped(void *arg, const struct nlmsg *m)
{
	struct have	*h = arg;
	struct have_pol	 p, *np;
	size_t		 room;

	if (m->type != XFRM_MSG_NEWPOLICY ||
	    lx_pol_get(m->body, &p.p, &p.ifindex, &p.dir) != 1)
		return (0);
	if (h->n == h->room) {
		room = h->room == 0 ? 64 : 2 * h->room;
		if ((np = realloc(h->p, room * sizeof(*np))) == NULL)
			return (-1);
		h->p = np;
		h->room = room;
	}
	h->p[h->n++] = p;
	return (0);
}

static void
selector(struct xfrm_selector *s, const struct host_pol *p, uint32_t ifindex,
    uint8_t dir)
{
	const struct net	*src = dir == XFRM_POLICY_OUT ? &p->src : &p->dst;
	const struct net	*dst = dir == XFRM_POLICY_OUT ? &p->dst : &p->src;

	memset(s, 0, sizeof(*s));
	s->family = src->a.af == 4 ? AF_INET : AF_INET6;
	memcpy(&s->saddr, src->a.a, addr_len(src->a.af));
	memcpy(&s->daddr, dst->a.a, addr_len(dst->a.af));
	s->prefixlen_s = src->plen;
	s->prefixlen_d = dst->plen;
	s->ifindex = (int)ifindex;
	s->user = user(p->kind);
}

static void
pol_add(struct nlbuf *b, const struct host_pol *p, uint32_t ifindex,
    uint8_t dir)
{
	struct xfrm_userpolicy_info	 u;

	memset(&u, 0, sizeof(u));
	selector(&u.sel, p, ifindex, dir);
	u.lft.soft_byte_limit = u.lft.hard_byte_limit = XFRM_INF;
	u.lft.soft_packet_limit = u.lft.hard_packet_limit = XFRM_INF;
	u.priority = prio[p->kind];
	u.dir = dir;
	u.action = p->kind == HOST_BLOCK || p->kind == HOST_WIDE ||
	    p->kind == HOST_DENY ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	nl_msg(b, XFRM_MSG_NEWPOLICY, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
	    &u, sizeof(u));
	nl_end(b);
}

static void
pol_del(struct nlbuf *b, const struct host_pol *p, uint32_t ifindex,
    uint8_t dir)
{
	struct xfrm_userpolicy_id	 u;

	memset(&u, 0, sizeof(u));
	selector(&u.sel, p, ifindex, dir);
	u.dir = dir;
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

/* Only on a TUN that is there, only beside the firewall's block; the way in
 * only where the kernel does ESP. */
static int
possible(const struct lx *x, const struct host_want *w,
    const struct host_pol *p, uint8_t dir)
{
	if (p->kind == HOST_WIDE || p->kind == HOST_SELF)
		return (w->kernel && dir == XFRM_POLICY_OUT);
	if (p->kind == HOST_VIA)
		return (w->kernel && dir == XFRM_POLICY_OUT &&
		    lx_ifc_index(x, &p->dev) != 0);
	if (dir != XFRM_POLICY_OUT)
		return (w->kernel);
	return (p->kind == HOST_TUN ? x->ifindex != 0 :
	    p->kind != HOST_OWN || w->own);
}

/* The device that a policy is bound to, 0: none. */
static uint32_t
pol_dev(const struct lx *x, const struct host_pol *p)
{
	return (p->kind == HOST_TUN ? x->ifindex : p->kind == HOST_VIA ?
	    lx_ifc_index(x, &p->dev) : 0);
}

/* Index of the wanted policies by bsearch; mark what is there already. */
static void
difference(struct lx *x, const struct host_want *w, struct have *h,
    uint8_t *there, struct nlbuf *del)
{
	struct have_pol		*e;
	const struct host_pol	*p;
	size_t			 i;

	for (i = 0; i < h->n; i++) {
		e = &h->p[i];
		if (e->p.kind == HOST_VIA)
			(void)lx_ifc_of(x, e->ifindex, &e->p.dev);
		p = w->npol == 0 ? NULL : bsearch(&e->p, w->pol, w->npol,
		    sizeof(*w->pol), host_pol_cmp);
		if (p != NULL && e->ifindex == pol_dev(x, &e->p) &&
		    possible(x, w, p, e->dir))
			there[p - w->pol] |= (uint8_t)(1 << e->dir);
		else
			pol_del(del, &e->p, e->ifindex, e->dir);
	}
}

static void
missing(struct lx *x, const struct host_want *w, const uint8_t *there,
    struct nlbuf *add)
{
	const struct host_pol	*p;
	uint8_t			 dir;
	size_t			 i;

	for (i = 0; i < w->npol; i++)
		for (p = &w->pol[i], dir = 0; dir < DIRS; dir++)
			if (!(there[i] & 1 << dir) && possible(x, w, p, dir))
				pol_add(add, p, pol_dev(x, p), dir);
}

/*
 * What is missing comes first, in the order of the list, which has the
 * allowing ones before the blocking ones; then what is too much goes.  The
 * kernel keeps one policy for a selector and a direction: if its kind has
 * changed, the old one stands in the way (EEXIST) until it is gone, so then
 * it is looked at once more (*again).
 */
static int
pols_once(struct lx *x, const struct host_want *w, int *again)
{
	struct have	 h = { 0 };
	struct nlbuf	 add = { 0 }, del = { 0 };
	uint8_t		*there;
	int		 rv = -1, e;

	there = calloc(w->npol + 1, 1);
	if (there == NULL || have_read(x, &h) == -1)
		goto out;
	difference(x, w, &h, there, &del);
	missing(x, w, there, &add);
	*again = add.n > 0 && del.n > 0;
	rv = 0;
	if (add.n > 0)
		rv = nl_many(&x->xfrm, &add, *again ? EEXIST : 0, 0);
	if (rv == 0 && del.n > 0)
		rv = nl_many(&x->xfrm, &del, ENOENT, ESRCH);
 out:
	e = errno;
	free(there);
	free(h.p);
	nl_clear(&add);
	nl_clear(&del);
	errno = e;
	return (rv);
}

int
lx_pols(struct lx *x, const struct host_want *w, char *why, size_t len)
{
	int	 rv, again = 0;

	if (!x->have_xfrm)
		return (0);
	rv = pols_once(x, w, &again);
	if (rv == 0 && again)
		rv = pols_once(x, w, &again);
	if (rv == -1)
		snprintf(why, len, "the block by XFRM policies: %s",
		    strerror(errno));
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
			if (h.p[i].p.kind == HOST_OWN ||
			    h.p[i].p.kind == HOST_VIA ||
			    h.p[i].p.kind == HOST_SELF)
				pol_del(&del, &h.p[i].p, h.p[i].ifindex,
				    h.p[i].dir);
		rv = del.n > 0 ? nl_many(&x->xfrm, &del, ENOENT, ESRCH) : 0;
	}
	free(h.p);
	nl_clear(&del);
	return (rv);
}
