/* SPDX-License-Identifier: ISC */

/*
 * check.c: what only the whole configuration shows.  Each check is one
 * function; the table at the end is what -n, start and reload run.  A
 * tunnel that already has an error is left out.
 */

#include <stdarg.h>
#include <stdlib.h>

#include "cf_local.h"

/* For each tunnel, or once for all. */
struct check {
	void	(*one)(struct cf *, struct cf_tunnel *);
	void	(*all)(struct cf *);
};

void
cf_fail(struct cf *cf, struct cf_tunnel *c, const char *fmt, ...)
{
	char	 buf[480];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	cf_error(cf, c->at, "%s", buf);
	c->bad = 1;
}

/* --- one tunnel --- */

static void
check_peer(struct cf *cf, struct cf_tunnel *c)
{
	if (c->t.npeer == 0 && !(c->t.flags & TUN_PEERANY))
		FAIL(cf, c, "no peer; write: peer ADDRESS, or peer any");
}

/* Without networks, transport mode is for all between the two gateways. */
static void
ends_alone(struct tunnel *t)
{
	struct net	 n;

	if (t->local.af == 0 || t->npeer != 1 || t->peer[0].af != t->local.af)
		return;
	memset(&n, 0, sizeof(n));
	n.plen = (uint8_t)(8 * addr_len(t->local.af));
	n.a = t->local;
	n.a.port = 0;
	sel_from_net(&n, 0, 0, UINT16_MAX, &t->pair[0].local);
	n.a = t->peer[0];
	n.a.port = 0;
	sel_from_net(&n, 0, 0, UINT16_MAX, &t->pair[0].remote);
	t->npair = 1;
}

static int
is_host(const struct sel *s, const struct addr *a)
{
	return (s->af == a->af && memcmp(s->lo, a->a, 16) == 0 &&
	    memcmp(s->hi, a->a, 16) == 0);
}

/* RFC 4301 section 4.1: the ends of the SA are those of the traffic. */
static void
check_transport(struct cf *cf, struct cf_tunnel *c)
{
	const struct selpair	*p;

	if (!(c->t.flags & TUN_TRANSPORT))
		return;
	if (c->t.flags & TUN_IKEV1)
		FAIL(cf, c, "transport: only with IKEv2; remove ikev1");
	else if (cf->r->g.backend == BE_USERLAND ||
	    cf->r->g.backend == BE_PFKEY)
		FAIL(cf, c, "transport: only with the backend xfrm; write set backend "
		    "auto or xfrm, or remove transport");
	else if (c->t.nmap > 0)
		FAIL(cf, c, "transport: carries only what goes from local to "
		    "peer; remove from and to, or remove transport");
	else if (c->t.local.af == 0 || c->t.npeer != 1)
		FAIL(cf, c, "transport: write local ADDRESS and one peer "
		    "ADDRESS");
	else
		for (p = c->t.pair; p < c->t.pair + c->t.npair; p++)
			if (!is_host(&p->local, &c->t.local) ||
			    !is_host(&p->remote, &c->t.peer[0])) {
				FAIL(cf, c, "transport: carries only what "
				    "goes from local to peer; remove from and "
				    "to, or remove transport");
				return;
			}
}

static void
check_pairs(struct cf *cf, struct cf_tunnel *c)
{
	if (c->t.npair == 0 && c->t.flags & TUN_TRANSPORT)
		ends_alone(&c->t);
	if (c->t.npair == 0)
		FAIL(cf, c, "no networks; write: from NETWORK to NETWORK");
}

/* No host has it, or only one that is no gateway: 0/8, loopback, multicast. */
static int
no_gateway(const struct addr *a)
{
	static const uint8_t	 zero[15];

	if (a->af == 4)
		return (a->a[0] == 0 || a->a[0] == 127 || a->a[0] >= 224);
	return (a->a[0] == 0xff ||
	    (memcmp(a->a, zero, sizeof(zero)) == 0 && a->a[15] <= 1));
}

/* Nothing that is in it is ever forwarded. */
static int
no_network(const struct sel *s)
{
	if (s->af == 4)
		return (s->lo[0] >= 224 || (s->lo[0] == 127 && s->hi[0] == 127));
	return (s->lo[0] == 0xff);
}

static void
check_sane(struct cf *cf, struct cf_tunnel *c)
{
	struct sel	 here;
	char		 b[SEL_STRLEN];
	uint8_t		 i;

	if (c->t.local.af != 0 && no_gateway(&c->t.local))
		FAIL(cf, c, "local %s is no address of a gateway; write the "
		    "one that the peer sees",
		    addr_str(&c->t.local, 0, b, sizeof(b)));
	for (i = 0; i < c->t.npeer; i++)
		if (no_gateway(&c->t.peer[i]))
			FAIL(cf, c, "peer %s is no address of a gateway; "
			    "write its address, or: peer any",
			    addr_str(&c->t.peer[i], 0, b, sizeof(b)));
	for (i = 0; i < c->t.npair; i++) {
		if (no_network(&c->t.pair[i].local))
			FAIL(cf, c, "from %s: nothing from there is ever "
			    "forwarded; write the network behind this gateway",
			    sel_str(&c->t.pair[i].local, b, sizeof(b)));
		here = tunnel_here(&c->t, &c->t.pair[i]);
		if (tunnel_map(&c->t, &c->t.pair[i].local) != NULL &&
		    no_network(&here))
			FAIL(cf, c, "(%s): nothing from there is ever "
			    "forwarded; write the network behind this gateway",
			    sel_str(&here, b, sizeof(b)));
		if (no_network(&c->t.pair[i].remote))
			FAIL(cf, c, "to %s: nothing to there is ever "
			    "forwarded; write the network behind the peer",
			    sel_str(&c->t.pair[i].remote, b, sizeof(b)));
	}
}

static void
check_secret(struct cf *cf, struct cf_tunnel *c)
{
	if (c->npsk == 0 && !c->hidden)
		FAIL(cf, c, "no secret; write: psk file \"%s.psk\", and make "
		    "the file with: s2sctl genpsk", c->t.name);
}

static void
check_srcid(struct cf *cf, struct cf_tunnel *c)
{
	if (c->t.srcid.type == IDT_NONE)
		FAIL(cf, c, "no local, so who are we? write: local ADDRESS, or "
		    "srcid IDENTITY");
}

static void
check_dstid(struct cf *cf, struct cf_tunnel *c)
{
	if (c->t.dstid.type != IDT_NONE)
		return;
	if (c->t.flags & TUN_PEERANY)
		FAIL(cf, c, "peer any with a psk and no dstid: anybody with "
		    "the secret would match; write: dstid IDENTITY");
	else if (c->t.npeer > 1)
		FAIL(cf, c, "several peers are one other end, so it needs one "
		    "name; write: dstid IDENTITY");
}

static void
check_ids_differ(struct cf *cf, struct cf_tunnel *c)
{
	char	 id[2 * ID_MAX];

	if (ident_eq(&c->t.srcid, &c->t.dstid))
		FAIL(cf, c, "srcid and dstid are both %.80s; both ends must "
		    "have names of their own",
		    ident_str(&c->t.srcid, id, sizeof(id)));
}

static void
check_family(struct cf *cf, struct cf_tunnel *c)
{
	char	 a[ADDR_STRLEN], b[ADDR_STRLEN];
	uint8_t	 i, af = c->t.local.af;

	for (i = 0; i < c->t.npeer; i++) {
		if (af != 0 && c->t.peer[i].af != af) {
			FAIL(cf, c, "%s and %s are of different families; "
			    "write two tunnels, or two addresses of one",
			    addr_str(c->t.local.af != 0 ? &c->t.local :
			    &c->t.peer[0], 0, a, sizeof(a)),
			    addr_str(&c->t.peer[i], 0, b, sizeof(b)));
			return;
		}
		af = c->t.peer[i].af;
	}
}

static void
check_same_end(struct cf *cf, struct cf_tunnel *c)
{
	char	 a[ADDR_STRLEN];
	uint8_t	 i;

	for (i = 0; i < c->t.npeer; i++)
		if (addr_cmp(&c->t.local, &c->t.peer[i], 0) == 0) {
			FAIL(cf, c, "local and peer are both %s; peer is the "
			    "other end", addr_str(&c->t.local, 0, a,
			    sizeof(a)));
			return;
		}
}

static void
check_listen(struct cf *cf, struct cf_tunnel *c)
{
	const struct addr	*l = &cf->r->g.listen;
	char			 a[ADDR_STRLEN], b[ADDR_STRLEN];

	if (l->af != 0 && c->t.local.af != 0 &&
	    addr_cmp(l, &c->t.local, 0) != 0)
		FAIL(cf, c, "local %s, but set listen on %s; remove one of "
		    "them", addr_str(&c->t.local, 0, a, sizeof(a)),
		    addr_str(l, 0, b, sizeof(b)));
}

static void
check_source(struct cf *cf, struct cf_tunnel *c)
{
	struct sel	 here;
	char		 a[ADDR_STRLEN];
	uint8_t		 i;

	if (c->t.source.af == 0)
		return;
	for (i = 0; i < c->t.npair; i++) {
		here = tunnel_here(&c->t, &c->t.pair[i]);
		if (sel_match(&here, &c->t.source, here.ipproto, here.port_lo))
			return;
	}
	FAIL(cf, c, "source %s lies in no from network of the tunnel",
	    addr_str(&c->t.source, 0, a, sizeof(a)));
}

static void
check_mtu(struct cf *cf, struct cf_tunnel *c)
{
	uint8_t	 i;

	for (i = 0; i < c->t.npair; i++)
		if (c->t.mtu != 0 && c->t.mtu < 1380 &&
		    c->t.pair[i].local.af == 6) {
			FAIL(cf, c, "mtu %u leaves less than the 1280 octets "
			    "that IPv6 inside needs; write 1380 or more",
			    (unsigned int)c->t.mtu);
			return;
		}
}

/* Is this address kept out of the tunnels by a `bypass'? */
static int
bypassed(const struct cf *cf, const struct addr *a)
{
	uint8_t	 i;

	for (i = 0; i < cf->r->g.nbypass; i++)
		if (net_has(&cf->r->g.bypass_to[i], a))
			return (1);
	return (0);
}

/* Would the tunnel's own outer packets be caught by its selectors? */
static int
swallows(const struct selpair *p, const struct addr *a)
{
	return (p->remote.ipproto == 0 && sel_match(&p->remote, a, 0,
	    p->remote.port_lo));
}

static void
check_covers_peer(struct cf *cf, struct cf_tunnel *c)
{
	char	 a[ADDR_STRLEN], s[SEL_STRLEN];
	uint8_t	 i, j;

	/* of a tunnel with an interface the routes are looked at */
	if (c->t.flags & TUN_TRANSPORT || c->t.ifkind != IF_NONE)
		return;
	for (i = 0; i < c->t.npair; i++)
		for (j = 0; j < c->t.npeer; j++)
			if (swallows(&c->t.pair[i], &c->t.peer[j]) &&
			    !bypassed(cf, &c->t.peer[j])) {
				FAIL(cf, c, "to %s holds the peer %s itself: "
				    "the tunnel would go through itself; write "
				    "smaller networks, or: bypass from any to "
				    "%s", sel_str(&c->t.pair[i].remote, s,
				    sizeof(s)), addr_str(&c->t.peer[j], 0, a,
				    sizeof(a)), a);
				return;
			}
}

static void
check_covers_local(struct cf *cf, struct cf_tunnel *c)
{
	const struct selpair	*p;
	struct sel		 here;
	char			 a[ADDR_STRLEN], s[SEL_STRLEN];

	if (c->t.local.af == 0 || c->t.ifkind != IF_NONE ||
	    bypassed(cf, &c->t.local))
		return;
	for (p = c->t.pair; p < c->t.pair + c->t.npair; p++) {
		here = tunnel_here(&c->t, p);
		if (swallows(p, &c->t.local) && !sel_match(&here,
		    &c->t.local, here.ipproto, here.port_lo)) {
			FAIL(cf, c, "to %s holds our own address %s; write "
			    "smaller networks, or: bypass from any to %s",
			    sel_str(&p->remote, s, sizeof(s)),
			    addr_str(&c->t.local, 0, a, sizeof(a)), a);
			return;
		}
	}
}

static int
same_nets(const struct sel *a, const struct sel *b)
{
	return (a->af == b->af && memcmp(a->lo, b->lo, 16) == 0 &&
	    memcmp(a->hi, b->hi, 16) == 0);
}

/* Are all addresses of b in a? */
static int
addr_in(const struct sel *a, const struct sel *b)
{
	return (a->af == b->af && memcmp(a->lo, b->lo, 16) <= 0 &&
	    memcmp(b->hi, a->hi, 16) <= 0);
}

static int
is_any(const struct sel *s)
{
	struct net	 n;

	return (sel_to_net(s, &n) == 0 && n.plen == 0);
}

/*
 * A host sends to its own network without a gateway.  Where both ends have
 * the same one, each must give it another name for the wire.
 */
static void
check_both_sides(struct cf *cf, struct cf_tunnel *c)
{
	const struct selpair	*p;
	struct sel		 here;
	char			 s[SEL_STRLEN], h[SEL_STRLEN];

	for (p = c->t.pair; p < c->t.pair + c->t.npair; p++) {
		here = tunnel_here(&c->t, p);
		(void)sel_str(&here, h, sizeof(h));
		if (same_nets(&p->local, &p->remote) && !is_any(&p->local)) {
			FAIL(cf, c, "%s is on both sides; write different "
			    "networks, or give it another name at each end: "
			    "from OTHER (%s)", sel_str(&p->local, s,
			    sizeof(s)), h);
			return;
		}
		if (tunnel_map(&c->t, &p->local) != NULL &&
		    addr_in(&here, &p->remote)) {
			FAIL(cf, c, "to %s lies in our own %s: no host would "
			    "send that to us; the other end must give it "
			    "another name too, write that one",
			    sel_str(&p->remote, s, sizeof(s)), h);
			return;
		}
	}
}

/* Have the two addresses in common, whatever protocol and port? */
static int
meet(const struct sel *a, const struct sel *b)
{
	return (a->af == b->af && memcmp(a->lo, b->hi, 16) <= 0 &&
	    memcmp(b->lo, a->hi, 16) <= 0);
}

static int
any_meet(const struct sel *a, const struct sel *b, const struct sel *c,
    const struct sel *d)
{
	return (meet(a, c) || meet(a, d) || meet(b, c) || meet(b, d));
}

/*
 * Translation looks at addresses alone, so from a source or to a destination
 * there must be one, whatever the protocol.  (Between tunnels: check_overlap.)
 */
static void
check_maps(struct cf *cf, struct cf_tunnel *c)
{
	const struct selpair	*p, *q, *end = c->t.pair + c->t.npair;
	struct sel		 hp, hq;
	char			 a[SEL_STRLEN], b[SEL_STRLEN];

	if (c->t.nmap > 0 && cf->r->g.firewall == FW_NONE) {
		FAIL(cf, c, "set firewall none, so nobody would translate; "
		    "remove that line");
		return;
	}
	if (c->t.nmap > 0 && cf->r->g.backend == BE_PFKEY) {
		FAIL(cf, c, "from A (B) goes not with set backend pfkey; write "
		    "set backend auto, xfrm or userland");
		return;
	}
	for (p = c->t.pair; p < end && c->t.nmap > 0; p++)
		for (hp = tunnel_here(&c->t, p), q = p + 1; q < end; q++) {
			hq = tunnel_here(&c->t, q);
			if (!meet(&p->remote, &q->remote) ||
			    tunnel_map(&c->t, &p->local) ==
			    tunnel_map(&c->t, &q->local) ||
			    !any_meet(&p->local, &hp, &q->local, &hq))
				continue;
			FAIL(cf, c, "from %s and from %s, with what they stand "
			    "for, have addresses in common on the way to the "
			    "same network; write networks that do not overlap",
			    sel_str(&p->local, a, sizeof(a)),
			    sel_str(&q->local, b, sizeof(b)));
			return;
		}
}

/* --- all of them --- */

static void
check_none(struct cf *cf)
{
	struct cf_place	 at = { "s2sd.conf", 1, 0, 0 };

	if (cf->r->n > 0 || cf->r->nerr > 0)
		return;
	at.file = cf->first;
	cf_error(cf, at, "no tunnel; write: tunnel \"name\" { ... }");
}

/* The good ones as an array that the caller frees; *n of them. */
static struct cf_tunnel **
good(struct cf *cf, size_t *n)
{
	struct cf_tunnel	**v;
	size_t			 i;

	*n = 0;
	if ((v = calloc(cf->r->n + 1, sizeof(*v))) == NULL)
		return (NULL);
	for (i = 0; i < cf->r->n; i++)
		if (!cf->r->t[i]->bad)
			v[(*n)++] = cf->r->t[i];
	return (v);
}

/* An order by `cmp', then by place: an error stands at the later one. */
static int
by_place(const struct cf_tunnel *a, const struct cf_tunnel *b)
{
	if (a->at.seq != b->at.seq)
		return (a->at.seq < b->at.seq ? -1 : 1);
	return (a->at.line < b->at.line ? -1 : a->at.line > b->at.line);
}

static int
by_name(const void *x, const void *y)
{
	const struct cf_tunnel	*a = *(struct cf_tunnel *const *)x;
	const struct cf_tunnel	*b = *(struct cf_tunnel *const *)y;
	int			 d = strcmp(a->t.name, b->t.name);

	return (d != 0 ? d : by_place(a, b));
}

static void
check_names(struct cf *cf)
{
	struct cf_tunnel	**v;
	size_t			 i, n;

	if ((v = good(cf, &n)) == NULL)
		return;
	qsort(v, n, sizeof(*v), by_name);
	for (i = 1; i < n; i++)
		if (strcmp(v[i - 1]->t.name, v[i]->t.name) == 0)
			FAIL(cf, v[i], "there is one of that name at %s:%u; "
			    "choose another", v[i - 1]->at.file,
			    v[i - 1]->at.line);
	free(v);
}

int
cf_share_peer(const struct tunnel *a, const struct tunnel *b)
{
	uint8_t	 i, j;

	if (a->npeer == 0 && b->npeer == 0)
		return (1);
	for (i = 0; i < a->npeer; i++)
		for (j = 0; j < b->npeer; j++)
			if (addr_cmp(&a->peer[i], &b->peer[j], 0) == 0)
				return (1);
	return (0);
}

int
cf_share_ends(const struct tunnel *a, const struct tunnel *b)
{
	return (cf_share_peer(a, b) && (a->local.af == 0 ||
	    b->local.af == 0 || addr_cmp(&a->local, &b->local, 0) == 0));
}

static int
by_secret(const void *x, const void *y)
{
	const struct cf_tunnel	*a = *(struct cf_tunnel *const *)x;
	const struct cf_tunnel	*b = *(struct cf_tunnel *const *)y;
	int			 d;

	if (a->npsk != b->npsk)
		return (a->npsk < b->npsk ? -1 : 1);
	d = memcmp(a->psk, b->psk, a->npsk);
	return (d != 0 ? d : by_place(a, b));
}

static int
same_secret(const struct cf_tunnel *a, const struct cf_tunnel *b)
{
	return (a->npsk != 0 && a->npsk == b->npsk &&
	    memcmp(a->psk, b->psk, a->npsk) == 0);
}

/* Two of IKEv1 between the same addresses must have one secret. */
static int
may_share(const struct tunnel *a, const struct tunnel *b)
{
	return (ident_eq(&a->dstid, &b->dstid) ||
	    (a->flags & b->flags & TUN_IKEV1 && cf_share_ends(a, b)));
}

/*
 * Who holds the secret can claim to be anybody it opens for: a secret
 * belongs to one pair of identities.  Neighbours suffice where only equal
 * identities may share; with IKEv1 all of the same secret are compared.
 */
static void
check_shared_secret(struct cf *cf)
{
	struct cf_tunnel	**v, *a, *b;
	size_t			 i, j, n;

	if ((v = good(cf, &n)) == NULL)
		return;
	qsort(v, n, sizeof(*v), by_secret);
	for (i = 1; i < n; i++)
		for (b = v[i], j = i; j-- > 0 && same_secret(v[j], b);) {
			a = v[j];
			if (!may_share(&a->t, &b->t)) {
				FAIL(cf, b, "has the secret of tunnel \"%s\" "
				    "(%s:%u), so each peer could pass for the "
				    "other; give each its own: s2sctl genpsk",
				    a->t.name, a->at.file, a->at.line);
				break;
			}
			if (!(b->t.flags & TUN_IKEV1))
				break;
		}
	free(v);
}

static int
by_dstid(const void *x, const void *y)
{
	const struct cf_tunnel	*a = *(struct cf_tunnel *const *)x;
	const struct cf_tunnel	*b = *(struct cf_tunnel *const *)y;
	const struct ident	*p = &a->t.dstid, *q = &b->t.dstid;
	int			 d;

	if (p->type != q->type)
		return (p->type < q->type ? -1 : 1);
	if (p->len != q->len)
		return (p->len < q->len ? -1 : 1);
	d = memcmp(p->d, q->d, p->len);
	return (d != 0 ? d : by_place(a, b));
}

/* Each one's INITIAL_CONTACT would end the other. */
static void
check_same_ends(struct cf *cf)
{
	struct cf_tunnel	**v;
	size_t			 i, j, n;

	if ((v = good(cf, &n)) == NULL)
		return;
	qsort(v, n, sizeof(*v), by_dstid);
	for (i = 0; i < n; i++)
		for (j = i + 1; j < n && ident_eq(&v[i]->t.dstid,
		    &v[j]->t.dstid); j++)
			if (!v[j]->bad && cf_share_ends(&v[i]->t, &v[j]->t) &&
			    ident_eq(&v[i]->t.srcid, &v[j]->t.srcid))
				FAIL(cf, v[j], "same ends and identities as "
				    "tunnel \"%s\" (%s:%u); write both networks "
				    "into one tunnel", v[i]->t.name,
				    v[i]->at.file, v[i]->at.line);
	free(v);
}

/* One pair of one tunnel, for the sweep. */
struct flow {
	struct cf_tunnel	*c;
	const struct selpair	*p;
	struct sel		 here;	/* its local end on this side */
	int			 map;
};

static int
by_remote(const void *x, const void *y)
{
	const struct flow	*a = x, *b = y;
	int			 d;

	if (a->p->remote.af != b->p->remote.af)
		return (a->p->remote.af < b->p->remote.af ? -1 : 1);
	d = memcmp(a->p->remote.lo, b->p->remote.lo, 16);
	return (d != 0 ? d : by_place(a->c, b->c));
}

static void
overlap(struct cf *cf, struct flow *a, struct flow *b)
{
	struct cf_tunnel	*first = a->c, *second = b->c;
	struct sel		 l, r;
	char			 sl[SEL_STRLEN], sr[SEL_STRLEN];

	if (first == second)
		return;
	if (a->map || b->map) {
		if (!any_meet(&a->p->local, &a->here, &b->p->local, &b->here) ||
		    !meet(&a->p->remote, &b->p->remote))
			return;
		l = b->here;
		r = b->p->remote;
	} else if (!sel_cut(&a->p->local, &b->p->local, &l) ||
	    !sel_cut(&a->p->remote, &b->p->remote, &r))
		return;
	if (by_place(first, second) > 0) {
		first = b->c;
		second = a->c;
	}
	if (!second->bad)
		FAIL(cf, second, "%s to %s belongs to tunnel \"%s\" (%s:%u) too; "
		    "a packet must have one way, write networks that do not "
		    "overlap", sel_str(&l, sl, sizeof(sl)),
		    sel_str(&r, sr, sizeof(sr)), first->t.name,
		    first->at.file, first->at.line);
}

/* Sorted by the start of the remote end, only neighbours can overlap. */
static void
check_overlap(struct cf *cf)
{
	struct cf_tunnel	**v;
	struct flow		*f;
	size_t			 i, j, n, nf = 0;

	if ((v = good(cf, &n)) == NULL)
		return;
	/* an interface makes its tunnel's selectors its own */
	for (i = 0; i < n; i++)
		if (v[i]->t.ifkind == IF_NONE)
			v[nf++] = v[i];
	for (n = nf, nf = 0, i = 0; i < n; i++)
		nf += v[i]->t.npair;
	if ((f = calloc(nf + 1, sizeof(*f))) == NULL) {
		free(v);
		return;
	}
	for (nf = 0, i = 0; i < n; i++)
		for (j = 0; j < v[i]->t.npair; j++) {
			f[nf].c = v[i];
			f[nf].p = &v[i]->t.pair[j];
			f[nf].here = tunnel_here(&v[i]->t, f[nf].p);
			f[nf].map = tunnel_map(&v[i]->t,
			    &f[nf].p->local) != NULL;
			nf++;
		}
	qsort(f, nf, sizeof(*f), by_remote);
	for (i = 0; i < nf; i++)
		for (j = i + 1; j < nf &&
		    f[j].p->remote.af == f[i].p->remote.af &&
		    memcmp(f[j].p->remote.lo, f[i].p->remote.hi, 16) <= 0 &&
		    cf->r->nerr < CF_ERR_MAX; j++)
			overlap(cf, &f[i], &f[j]);
	free(f);
	free(v);
}

/*
 * Where the remote network holds the local one (a branch of a hub), what
 * stays inside must not be sent to the hub.
 */
static void
add_bypass(struct cf *cf, struct cf_tunnel *c, const struct selpair *pair)
{
	struct selpair	 with_here = *pair, *p = &with_here;
	struct global	*g = &cf->r->g;
	struct sel	 a, b;
	struct net	 n;
	char		 s[ADDR_STRLEN];
	uint8_t		 i;

	p->local = tunnel_here(&c->t, pair);
	if (same_nets(&p->local, &p->remote) || is_any(&p->local) ||
	    memcmp(p->local.lo, p->remote.lo, 16) < 0 ||
	    memcmp(p->local.hi, p->remote.hi, 16) > 0 ||
	    p->local.af != p->remote.af || sel_to_net(&p->local, &n) == -1)
		return;
	for (i = 0; i < g->nbypass; i++) {
		sel_from_net(&g->bypass[i], 0, 0, 65535, &a);
		sel_from_net(&g->bypass_to[i], 0, 0, 65535, &b);
		if (memcmp(a.lo, p->local.lo, 16) <= 0 &&
		    memcmp(a.hi, p->local.hi, 16) >= 0 &&
		    memcmp(b.lo, p->local.lo, 16) <= 0 &&
		    memcmp(b.hi, p->local.hi, 16) >= 0 && a.af == p->local.af)
			return;
	}
	if (g->nbypass == nitems(g->bypass)) {
		FAIL(cf, c, "no room for bypass from %s to %s: more than %zu",
		    net_str(&n, s, sizeof(s)), s, nitems(g->bypass));
		return;
	}
	g->bypass[g->nbypass] = g->bypass_to[g->nbypass] = n;
	g->nbypass++;
	cf_warn(cf, c->at, "tunnel \"%s\": its remote network holds the local "
	    "one; added: bypass from %s to %s", c->t.name,
	    net_str(&n, s, sizeof(s)), s);
}

static void
check_bypass(struct cf *cf)
{
	struct cf_tunnel	*c;
	size_t			 i;
	uint8_t			 j;

	for (i = 0; i < cf->r->n; i++)
		for (c = cf->r->t[i], j = 0; !c->bad &&
		    c->t.ifkind == IF_NONE && j < c->t.npair; j++)
			add_bypass(cf, c, &c->t.pair[j]);
}

static const struct check checks[] = {
	{ check_peer,		NULL },
	{ check_pairs,		NULL },
	{ check_transport,	NULL },
	{ check_sane,		NULL },
	{ check_secret,		NULL },
	{ check_srcid,		NULL },
	{ check_dstid,		NULL },
	{ check_ids_differ,	NULL },
	{ check_family,		NULL },
	{ check_same_end,	NULL },
	{ check_listen,		NULL },
	{ check_source,		NULL },
	{ check_mtu,		NULL },
	{ check_both_sides,	NULL },
	{ check_maps,		NULL },
	{ check_covers_peer,	NULL },
	{ check_covers_local,	NULL },
	{ cf_check_v1,		NULL },
	{ cf_check_ah,		NULL },
	{ cf_check_if,		NULL },
	{ cf_check_backend,	NULL },
	{ NULL,			check_none },
	{ NULL,			check_names },
	{ NULL,			check_same_ends },
	{ NULL,			check_shared_secret },
	{ NULL,			cf_check_v1_all },
	{ NULL,			cf_check_if_all },
	{ NULL,			check_overlap },
	{ NULL,			check_bypass },
};

void
cf_check(struct cf *cf)
{
	size_t	 i, j;

	for (i = 0; i < nitems(checks); i++) {
		if (checks[i].all != NULL) {
			checks[i].all(cf);
			continue;
		}
		for (j = 0; j < cf->r->n; j++)
			if (!cf->r->t[j]->bad)
				checks[i].one(cf, cf->r->t[j]);
	}
}
