/* SPDX-License-Identifier: ISC */

/* tunnel.c: the records of tunnel.h to and from octets, and their words. */

#include <stdio.h>

#include "tunnel.h"

enum {
	LIFE_MIN = 10, LIFE_MAX = 30 * 86400, DPD_MAX = 86400,
	OUTER_MTU = 1500,
	AH_FIXED = 12,		/* RFC 4302 section 2, without the ICV */
	TUN_ALL = (TUN_PERCPU << 1) - 1, GW_ALL = (GW_MSS << 1) - 1
};

/* Text in a field of fixed size: zero-padded, no control characters. */
static int
name_get(struct rd *r, char *name, size_t size)
{
	size_t	 i, n;

	if (rd_copy(r, name, size) || name[size - 1] != '\0')
		return (-1);
	n = strlen(name);
	for (i = 0; i < size; i++)
		if (i < n ? (unsigned char)name[i] < ' ' || name[i] == 0x7f :
		    name[i] != '\0')
			return (-1);
	return (0);
}

static void
name_put(struct wr *w, const char *name, size_t size)
{
	size_t	 n = strnlen(name, size - 1);

	wr_put(w, name, n);
	wr_zero(w, size - n);
}

size_t
tunnel_size(const struct tunnel *t)
{
	return (offsetof(struct tunnel, pair) +
	    (size_t)(t->npair + t->nmap) * sizeof(t->pair[0]) +
	    (size_t)t->nroute * sizeof(struct tunroute));
}

static int
same_range(const struct sel *a, const struct sel *b)
{
	return (a->af == b->af && memcmp(a->lo, b->lo, 16) == 0 &&
	    memcmp(a->hi, b->hi, 16) == 0);
}

const struct selpair *
tunnel_map(const struct tunnel *t, const struct sel *a)
{
	const struct selpair	*m = t->pair + t->npair;
	size_t			 i;

	for (i = 0; i < t->nmap; i++)
		if (same_range(&m[i].local, a))
			return (&m[i]);
	return (NULL);
}

struct sel
tunnel_here(const struct tunnel *t, const struct selpair *p)
{
	const struct selpair	*m = tunnel_map(t, &p->local);
	struct sel		 s = p->local;

	if (m != NULL) {
		memcpy(s.lo, m->remote.lo, sizeof(s.lo));
		memcpy(s.hi, m->remote.hi, sizeof(s.hi));
	}
	return (s);
}

static size_t
route_at(const struct tunnel *t, uint8_t i)
{
	return (offsetof(struct tunnel, pair) + (size_t)(t->npair +
	    t->nmap) * sizeof(t->pair[0]) + (size_t)i *
	    sizeof(struct tunroute));
}

void
tunnel_route(const struct tunnel *t, uint8_t i, struct tunroute *r)
{
	memcpy(r, (const uint8_t *)t + route_at(t, i), sizeof(*r));
}

int
tunnel_route_add(struct tunnel *t, const struct tunroute *r)
{
	if (t->nroute == ROUTE_MAX)
		return (-1);
	memcpy((uint8_t *)t + route_at(t, t->nroute++), r, sizeof(*r));
	return (0);
}

static const char *const	 if_names[IF_KINDS] = {
	[IF_XFRM] = "xfrm", [IF_IPSEC] = "ipsec", [IF_SEC] = "sec"
};

const char *
if_str(uint8_t kind, uint32_t unit, char *buf, size_t len)
{
	if (kind == IF_NONE || kind >= IF_KINDS)
		(void)snprintf(buf, len, "%s", "");
	else
		(void)snprintf(buf, len, "%s%u", if_names[kind], unit);
	return (buf);
}

/* One way to write it: no sign, no leading zero, not 0. */
int
if_parse(const char *s, uint8_t *kind, uint32_t *unit)
{
	uint64_t	 v = 0;
	size_t		 n;
	uint8_t		 k;

	for (k = IF_NONE + 1; k < IF_KINDS; k++) {
		n = strlen(if_names[k]);
		if (strncmp(s, if_names[k], n) == 0)
			break;
	}
	if (k == IF_KINDS || s[n] == '0')
		return (-1);
	for (s += n; *s >= '0' && *s <= '9' && v <= UINT32_MAX; s++)
		v = v * 10 + (uint64_t)(*s - '0');
	if (*s != '\0' || v == 0 || v > INT32_MAX)
		return (-1);
	*kind = k;
	*unit = (uint32_t)v;
	return (0);
}

const char *
tunnel_ifname(const struct tunnel *t, char *buf, size_t len)
{
	return (if_str(t->ifkind, t->ifunit, buf, len));
}

int
ident_eq(const struct ident *a, const struct ident *b)
{
	return (a->type == b->type && a->len == b->len &&
	    memcmp(a->d, b->d, a->len) == 0);
}

void
ident_put(struct wr *w, const struct ident *id)
{
	wr_u8(w, id->type);
	wr_sub16(w, rd_of(id->d, id->len));
}

int
ident_get(struct rd *r, struct ident *id)
{
	struct rd	 d;

	memset(id, 0, sizeof(*id));
	if (rd_u8(r, &id->type) || rd_sub16(r, &d) || d.n == 0 ||
	    d.n > sizeof(id->d))
		return (-1);
	switch (id->type) {
	case IDT_IPV4:
		if (d.n != 4)
			return (-1);
		break;
	case IDT_IPV6:
		if (d.n != 16)
			return (-1);
		break;
	case IDT_FQDN:
	case IDT_USER:
		if (memchr(d.p, '\0', d.n) != NULL)
			return (-1);
		break;
	case IDT_KEYID:
		break;
	default:
		return (-1);
	}
	id->len = (uint16_t)d.n;
	memcpy(id->d, d.p, d.n);
	return (0);
}

void
ident_addr(const struct addr *a, struct ident *id)
{
	memset(id, 0, sizeof(*id));
	id->type = a->af == 4 ? IDT_IPV4 : IDT_IPV6;
	id->len = (uint16_t)addr_len(a->af);
	memcpy(id->d, a->a, id->len);
}

/* Anything but plain printable ASCII becomes a dot's worth of octal. */
static void
escape(const uint8_t *p, size_t n, char *buf, size_t len)
{
	size_t	 i, o = 0;

	for (i = 0; i < n && o + 5 < len; i++)
		if (p[i] > ' ' && p[i] < 0x7f && p[i] != '\\')
			buf[o++] = (char)p[i];
		else
			o += (size_t)snprintf(buf + o, len - o, "\\%03o", p[i]);
	if (len > 0)
		buf[o] = '\0';
}

const char *
ident_str(const struct ident *id, char *buf, size_t len)
{
	struct addr	 a;
	size_t		 i;

	memset(&a, 0, sizeof(a));
	switch (id->type) {
	case IDT_IPV4:
	case IDT_IPV6:
		a.af = id->type == IDT_IPV4 ? 4 : 6;
		memcpy(a.a, id->d, addr_len(a.af));
		return (addr_str(&a, 0, buf, len));
	case IDT_FQDN:
	case IDT_USER:
		escape(id->d, id->len, buf, len);
		return (buf);
	case IDT_KEYID:
		(void)snprintf(buf, len, "keyid 0x");
		for (i = 0; i < id->len && 8 + 2 * i + 3 < len; i++)
			(void)snprintf(buf + 8 + 2 * i, 3, "%02x", id->d[i]);
		return (buf);
	default:
		(void)snprintf(buf, len, "(none)");
		return (buf);
	}
}

static void
props_put(struct wr *w, const struct prop *p, uint8_t n)
{
	uint8_t	 i;

	wr_u8(w, n);
	for (i = 0; i < n; i++)
		prop_put(w, &p[i]);
}

/* Without a cipher if it is for AH, never else. */
static int
props_get(struct rd *r, int ah, struct prop *p, uint8_t *n)
{
	uint8_t	 i;

	if (rd_u8(r, n) || *n == 0 || *n > PROP_MAX)
		return (-1);
	for (i = 0; i < *n; i++)
		if (prop_get(r, &p[i]) || (p[i].nencr == 0) != ah)
			return (-1);
	return (0);
}

/* A count, then for each the network on the wire and the one here. */
static void
maps_put(struct wr *w, const struct tunnel *t)
{
	const struct selpair	*m = t->pair + t->npair;
	struct net		 n;
	size_t			 i;

	wr_u8(w, t->nmap);
	for (i = 0; i < t->nmap; i++) {
		if (sel_to_net(&m[i].local, &n) == -1)
			w->bad = 1;
		net_put(w, &n);
		if (sel_to_net(&m[i].remote, &n) == -1)
			w->bad = 1;
		net_put(w, &n);
	}
}

/* The pairs are there already. */
static int
maps_get(struct rd *r, struct tunnel *t)
{
	struct net	 a, b;
	struct selpair	*m;
	uint8_t		 n, i, k;

	if (rd_u8(r, &n) || n > MAP_MAX)
		return (-1);
	for (i = 0; i < n; i++) {
		m = &t->pair[t->npair + i];
		if (net_get(r, &a) || net_get(r, &b) || a.a.af != b.a.af ||
		    a.plen != b.plen || a.plen == 0 ||
		    addr_cmp(&a.a, &b.a, 0) == 0)
			return (-1);
		sel_from_net(&a, 0, 0, UINT16_MAX, &m->local);
		sel_from_net(&b, 0, 0, UINT16_MAX, &m->remote);
		for (k = 0; k < t->npair; k++)
			if (same_range(&t->pair[k].local, &m->local))
				break;
		if (k == t->npair || tunnel_map(t, &m->local) != NULL)
			return (-1);
		t->nmap++;
	}
	return (0);
}

static void
if_put(struct wr *w, const struct tunnel *t)
{
	struct tunroute	 r;
	uint8_t		 i;

	wr_u8(w, t->ifkind);
	if (t->ifkind == IF_NONE)
		return;
	wr_u32(w, t->ifunit);
	addr_put(w, &t->ifaddr.a);
	wr_u8(w, t->ifaddr.plen);
	wr_u8(w, t->nroute);
	for (i = 0; i < t->nroute; i++) {
		tunnel_route(t, i, &r);
		net_put(w, &r.to);
		wr_u32(w, r.metric);
	}
}

/* Its pairs are there already. */
static int
if_get(struct rd *r, struct tunnel *t)
{
	struct tunroute	 route;
	uint8_t		 i, n;

	if (rd_u8(r, &t->ifkind) || t->ifkind >= IF_KINDS)
		return (-1);
	if (t->ifkind == IF_NONE)
		return (0);
	if (t->nmap != 0)
		return (-1);
	if (rd_u32(r, &t->ifunit) || t->ifunit == 0 ||
	    t->ifunit > INT32_MAX || addr_get(r, &t->ifaddr.a) ||
	    t->ifaddr.a.port != 0 || rd_u8(r, &t->ifaddr.plen) ||
	    t->ifaddr.plen > 8 * addr_len(t->ifaddr.a.af) ||
	    rd_u8(r, &n) || n > ROUTE_MAX)
		return (-1);
	for (i = 0; i < n; i++) {
		memset(&route, 0, sizeof(route));
		if (net_get(r, &route.to) || route.to.plen == 0 ||
		    rd_u32(r, &route.metric) || route.metric == 0 ||
		    route.metric > INT32_MAX || tunnel_route_add(t, &route))
			return (-1);
	}
	return (0);
}

/* TUNNEL_SOFT octets, at the end of the record (tunnel.h). */
static void
soft_put(struct wr *w, const struct tunnel *t)
{
	wr_u32(w, t->ikelife);
	wr_u32(w, t->life);
	wr_u64(w, t->lifebytes);
	wr_u32(w, t->dpd);
	wr_u16(w, t->mtu);
	wr_u16(w, t->maxmss);
	wr_u32(w, t->replay);
}

void
tunnel_put(struct wr *w, const struct tunnel *t)
{
	uint8_t	 i;

	name_put(w, t->name, sizeof(t->name));
	wr_u32(w, t->flags);
	addr_put(w, &t->local);
	wr_u8(w, t->npeer);
	for (i = 0; i < t->npeer; i++)
		addr_put(w, &t->peer[i]);
	ident_put(w, &t->srcid);
	ident_put(w, &t->dstid);
	addr_put(w, &t->source);
	selpairs_put(w, t->pair, t->npair);
	maps_put(w, t);
	if_put(w, t);
	props_put(w, t->ike, t->nike);
	props_put(w, t->child, t->nchild);
	soft_put(w, t);
}

int
tunnel_soft_eq(const struct tunnel *a, const struct tunnel *b)
{
	uint8_t		 x[TUNNEL_SOFT], y[TUNNEL_SOFT];
	struct wr	 w = wr_of(x, sizeof(x)), v = wr_of(y, sizeof(y));

	soft_put(&w, a);
	soft_put(&v, b);
	return (wr_end(&w) == 0 && wr_end(&v) == 0 && w.n == sizeof(x) &&
	    memcmp(x, y, sizeof(x)) == 0);
}

static int
ends_get(struct rd *r, struct tunnel *t)
{
	uint8_t	 i;

	if (addr_get(r, &t->local) || rd_u8(r, &t->npeer) ||
	    t->npeer > PEER_MAX ||
	    (t->npeer == 0) != ((t->flags & TUN_PEERANY) != 0))
		return (-1);
	for (i = 0; i < t->npeer; i++)
		if (addr_get(r, &t->peer[i]) || t->peer[i].af == 0)
			return (-1);
	if (ident_get(r, &t->srcid) || ident_get(r, &t->dstid) ||
	    ident_eq(&t->srcid, &t->dstid) || addr_get(r, &t->source))
		return (-1);
	return (0);
}

int
tunnel_get(struct rd r, struct tunnel *t)
{
	size_t	 n;

	memset(t, 0, sizeof(*t));
	if (name_get(&r, t->name, sizeof(t->name)) || t->name[0] == '\0' ||
	    rd_u32(&r, &t->flags) || t->flags & ~(uint32_t)TUN_ALL ||
	    ends_get(&r, t) ||
	    selpairs_get(&r, t->pair, SELPAIR_MAX, &n))
		return (-1);
	t->npair = (uint8_t)n;
	if (maps_get(&r, t) || if_get(&r, t) ||
	    props_get(&r, 0, t->ike, &t->nike) ||
	    props_get(&r, (t->flags & TUN_AH) != 0, t->child, &t->nchild) ||
	    (t->flags & TUN_AH && t->flags & TUN_NATT))
		return (-1);
	if (rd_u32(&r, &t->ikelife) || rd_u32(&r, &t->life) ||
	    rd_u64(&r, &t->lifebytes) || rd_u32(&r, &t->dpd) ||
	    rd_u16(&r, &t->mtu) || rd_u16(&r, &t->maxmss) ||
	    rd_u32(&r, &t->replay))
		return (-1);
	if (t->ikelife < LIFE_MIN || t->ikelife > LIFE_MAX ||
	    t->life < LIFE_MIN || t->life > LIFE_MAX || t->dpd > DPD_MAX ||
	    (t->mtu != 0 && t->mtu < 576) || t->replay < 64 ||
	    t->replay > 4096)
		return (-1);
	return (rd_end(&r));
}

static void
netpairs_put(struct wr *w, const struct net *a, const struct net *b, uint8_t n)
{
	uint8_t	 i;

	wr_u8(w, n);
	for (i = 0; i < n; i++) {
		net_put(w, &a[i]);
		net_put(w, &b[i]);
	}
}

static int
netpairs_get(struct rd *r, struct net *a, struct net *b, size_t max,
    uint8_t *n)
{
	uint8_t	 i;

	if (rd_u8(r, n) || *n > max)
		return (-1);
	for (i = 0; i < *n; i++)
		if (net_get(r, &a[i]) || net_get(r, &b[i]))
			return (-1);
	return (0);
}

void
global_put(struct wr *w, const struct global *g)
{
	wr_u32(w, g->gateway);
	wr_u8(w, g->backend);
	wr_u8(w, g->firewall);
	wr_u8(w, g->verbose);
	wr_u8(w, g->decouple);
	addr_put(w, &g->listen);
	name_put(w, g->group, sizeof(g->group));
	netpairs_put(w, g->bypass, g->bypass_to, g->nbypass);
	netpairs_put(w, g->block, g->block_to, g->nblock);
}

int
global_get(struct rd r, struct global *g)
{
	memset(g, 0, sizeof(*g));
	if (rd_u32(&r, &g->gateway) || g->gateway & ~(uint32_t)GW_ALL ||
	    rd_u8(&r, &g->backend) || g->backend > BE_USERLAND ||
	    rd_u8(&r, &g->firewall) || g->firewall > FW_NONE ||
	    rd_u8(&r, &g->verbose) || g->verbose > 1 ||
	    rd_u8(&r, &g->decouple) || g->decouple > 1 ||
	    addr_get(&r, &g->listen) ||
	    name_get(&r, g->group, sizeof(g->group)) ||
	    netpairs_get(&r, g->bypass, g->bypass_to, nitems(g->bypass),
	    &g->nbypass) ||
	    netpairs_get(&r, g->block, g->block_to, nitems(g->block),
	    &g->nblock))
		return (-1);
	return (rd_end(&r));
}

/*
 * AH is a header alone, of whole words of 32 bits, with IPv6 of 64 bits (RFC
 * 4302 section 2.6).  Example: 1500 over IPv4 with HMAC-SHA-256-128 gives
 * 1452.
 */
static unsigned int
mtu_ah(unsigned int outer, uint8_t outer_af, const struct alg *integ)
{
	unsigned int	 unit = outer_af == 6 ? 8 : 4, over;

	over = (AH_FIXED + integ->icvlen + unit - 1) / unit * unit +
	    (outer_af == 6 ? 40 : 20);
	return (outer > over ? outer - over : 0);
}

/*
 * Outer IP and UDP header, SPI and sequence number, IV, ICV; what is left is
 * cut down to the padding unit, less Pad Length and Next Header (RFC 4303
 * section 2).  Example: 1500 over IPv4 and UDP with AES-GCM gives 1438.
 */
unsigned int
tunnel_mtu(unsigned int outer, uint8_t outer_af, int udp,
    const struct alg *encr, const struct alg *integ)
{
	unsigned int	 over, unit;

	if (encr == NULL)
		return (mtu_ah(outer, outer_af, integ));
	over = (outer_af == 6 ? 40 : 20) + (udp ? 8 : 0) + 8 + encr->ivlen +
	    (encr->flags & ALG_AEAD ? encr->icvlen :
	    integ != NULL ? integ->icvlen : 0);
	unit = encr->blocklen > 4 ? encr->blocklen : 4;
	if (outer < over + unit)
		return (0);
	return ((outer - over) / unit * unit - 2);
}

unsigned int
tunnel_outer(const struct tunnel *t)
{
	return (t->mtu != 0 ? t->mtu : OUTER_MTU);
}
