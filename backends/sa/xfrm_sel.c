/* SPDX-License-Identifier: ISC */

/*
 * xfrm_sel.c: traffic selectors as XFRM selectors: ranges become prefixes of
 * addresses and of ports, of which a pair may need several.
 */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdlib.h>

#include "xfrm_int.h"

enum { PREFIXES = 64, PORTS = 32, POLS_MAX = 4096, ICMP = 1, ICMPV6 = 58 };

struct ports {
	uint16_t	 port, mask;	/* host order */
};

struct xpol *
xfrm_pol_more(struct xpols *l)
{
	struct xpol	*p;
	size_t		 room;

	if (l->n == l->room) {
		room = l->room == 0 ? 8 : 2 * l->room;
		if (l->n >= POLS_MAX ||
		    (p = reallocarray(l->p, room, sizeof(*p))) == NULL)
			return (NULL);
		l->p = p;
		l->room = room;
	}
	p = &l->p[l->n++];
	memset(p, 0, sizeof(*p));
	return (p);
}

/* A range of ports as value and mask: how many. */
static size_t
port_blocks(uint16_t lo, uint16_t hi, struct ports *out)
{
	uint32_t	 at = lo, size;
	size_t		 n = 0;

	while (at <= hi && n < PORTS) {
		for (size = 1; size < 65536 && at % (2 * size) == 0 &&
		    at + 2 * size - 1 <= hi; )
			size *= 2;
		out[n].port = (uint16_t)at;
		out[n++].mask = (uint16_t)~(size - 1);
		at += size;
	}
	return (n);
}

/*
 * RFC 7296 section 3.13.1: for ICMP a port is type and code; the kernel has
 * the type in place of the source's port, the code in place of the other.
 */
static void
icmp_ports(const struct sel *s, struct ports *type, struct ports *code)
{
	memset(type, 0, sizeof(*type));
	memset(code, 0, sizeof(*code));
	if (s->port_lo >> 8 != s->port_hi >> 8)
		return;
	type->port = s->port_lo >> 8;
	type->mask = UINT16_MAX;
	if (s->port_lo == s->port_hi) {
		code->port = s->port_lo & 0xff;
		code->mask = UINT16_MAX;
	}
}

/* More specific: addresses first, then protocol, then ports. */
static uint32_t
prio(const struct xfrm_selector *s)
{
	uint32_t	 n = (uint32_t)s->prefixlen_s + s->prefixlen_d;
	uint32_t	 proto = s->proto != 0;
	uint32_t	 port = s->sport_mask != 0 || s->dport_mask != 0;

	n = s->family == AF_INET ? 4 * n + 2 * proto + port :
	    n + proto + port;
	return (XM_PRIO_MOST - n);
}

static int
one(struct xpols *l, int dir, const struct net *src, const struct net *dst,
    uint8_t proto, const struct ports *sp, const struct ports *dp)
{
	struct xpol		*p;
	struct xfrm_selector	*s;

	if ((p = xfrm_pol_more(l)) == NULL)
		return (-1);
	p->dir = (uint8_t)dir;
	s = &p->sel;
	s->family = src->a.af == 4 ? AF_INET : AF_INET6;
	memcpy(&s->saddr, src->a.a, addr_len(src->a.af));
	memcpy(&s->daddr, dst->a.a, addr_len(dst->a.af));
	s->prefixlen_s = src->plen;
	s->prefixlen_d = dst->plen;
	s->proto = proto;
	s->sport = htons(sp->port);
	s->sport_mask = htons(sp->mask);
	s->dport = htons(dp->port);
	s->dport_mask = htons(dp->mask);
	s->user = XM_USER;
	p->prio = prio(s);
	return (0);
}

/* All prefixes of one pair of blocks of ports, in the wanted directions. */
static int
all_nets(struct xpols *l, const struct selpair *sp, int ways,
    const struct ports *mine, const struct ports *theirs)
{
	struct net	 a[PREFIXES], b[PREFIXES];
	size_t		 na, nb, i, k;
	uint8_t		 pr;
	int		 icmp;

	pr = sp->local.ipproto != 0 ? sp->local.ipproto : sp->remote.ipproto;
	icmp = pr == ICMP || pr == ICMPV6;
	na = sel_prefixes(&sp->local, a, PREFIXES);
	nb = sel_prefixes(&sp->remote, b, PREFIXES);
	if (na == PREFIXES || nb == PREFIXES)
		return (-1);
	for (i = 0; i < na; i++)
		for (k = 0; k < nb; k++) {
			if (ways & XW_OUT && one(l, XFRM_POLICY_OUT, &a[i],
			    &b[k], pr, mine, theirs) == -1)
				return (-1);
			if (!(ways & XW_IN))
				continue;
			if (one(l, XFRM_POLICY_IN, &b[k], &a[i], pr,
			    icmp ? mine : theirs, icmp ? theirs : mine) == -1 ||
			    one(l, XFRM_POLICY_FWD, &b[k], &a[i], pr,
			    icmp ? mine : theirs, icmp ? theirs : mine) == -1)
				return (-1);
		}
	return (0);
}

int
xfrm_pols_of(struct xpols *l, const struct selpair *sp, int ways)
{
	struct ports	 a[PORTS], b[PORTS];
	size_t		 na, nb, i, k;

	if (sp->local.ipproto == ICMP || sp->local.ipproto == ICMPV6) {
		icmp_ports(&sp->local, &a[0], &b[0]);
		return (all_nets(l, sp, ways, &a[0], &b[0]));
	}
	na = port_blocks(sp->local.port_lo, sp->local.port_hi, a);
	nb = port_blocks(sp->remote.port_lo, sp->remote.port_hi, b);
	for (i = 0; i < na; i++)
		for (k = 0; k < nb; k++)
			if (all_nets(l, sp, ways, &a[i], &b[k]) == -1)
				return (-1);
	return (0);
}
