/* SPDX-License-Identifier: ISC */

/*
 * interface.c: interface, route and backup: tunnels with a device of their
 * own.  What goes into such a tunnel is what is routed to its device, so
 * several may have the same networks, told apart by the metric.
 */

#include <stdlib.h>

#include "../../backends/sa/pfkey_alg.h"
#include "cf_local.h"

enum { METRIC_MOST = 1000000 };

/* --- options --- */

/* An address with its prefix, host bits kept: "169.254.10.2/30". */
static int
ifaddr(struct cf *cf, const struct cf_word *w, const char *who, struct net *n)
{
	const char	*slash = strchr(w->s, '/');
	char		 buf[ADDR_STRLEN], *end;
	unsigned long	 plen, max;

	memset(n, 0, sizeof(*n));
	if (strlen(w->s) >= sizeof(buf))
		goto bad;
	(void)snprintf(buf, sizeof(buf), "%.*s", slash != NULL ?
	    (int)(slash - w->s) : (int)strlen(w->s), w->s);
	if (addr_parse(buf, &n->a) == -1)
		goto bad;
	plen = max = addr_len(n->a.af) * 8;
	if (slash != NULL) {
		if (slash[1] < '0' || slash[1] > '9')
			goto bad;
		plen = strtoul(slash + 1, &end, 10);
		if (*end != '\0' || plen == 0 || plen > max)
			goto bad;
	}
	n->plen = (uint8_t)plen;
	return (0);
 bad:
	cf_error(cf, w->at, "%sinterface address %.64s: write our address on "
	    "that device and its prefix, as 169.254.10.2/30", who, w->s);
	return (-1);
}

static int
fits_here(uint8_t kind)
{
	return (kind == pk_ifkind(pk_here()) ||
	    (pk_here() == PK_SYS_LINUX && kind == IF_IPSEC));
}

static int
route(struct cf *cf, const struct cf_opt *o, const char *who,
    struct cf_tunnel *c)
{
	struct tunroute	 r, q;
	uint64_t	 v = METRIC_DEFAULT;
	uint8_t		 i;

	memset(&r, 0, sizeof(r));
	if (cf_net(cf, o->w, who, &r.to) == -1 || (o->v != NULL &&
	    cf_num(cf, o->v, who, "metric", 1, METRIC_MOST, &v) == -1))
		return (-1);
	if (r.to.plen == 0) {
		cf_error(cf, o->at, "%sroute %s: everything would go into the "
		    "tunnel, this host's own networks too; name the networks "
		    "behind the peer, or leave route out and set that route "
		    "yourself", who, o->w->s);
		return (-1);
	}
	for (i = 0; i < c->t.nroute; i++) {
		tunnel_route(&c->t, i, &q);
		if (net_eq(&q.to, &r.to)) {
			cf_error(cf, o->at, "%sroute %s stands there twice; "
			    "remove one", who, o->w->s);
			return (-1);
		}
	}
	r.metric = (uint32_t)v;
	if (tunnel_route_add(&c->t, &r) == -1) {
		cf_error(cf, o->at, "%smore than %d routes; write fewer, "
		    "larger ones", who, (int)ROUTE_MAX);
		return (-1);
	}
	return (0);
}

/* Those of the tunnel, else those of its group. */
static void
routes(struct cf *cf, const struct cf_scope *s, const char *who,
    struct cf_tunnel *c)
{
	const struct cf_opt	*o;
	int			 any = 0;

	for (; s != NULL && !any; s = s->up)
		for (o = s->opts; o != NULL; o = o->next) {
			if (o->key != K_ROUTE)
				continue;
			any = 1;
			if (c->t.ifkind == IF_NONE) {
				cf_error(cf, o->at, "%sroute: only with "
				    "interface; the routes of from ... to ... "
				    "come by themselves", who);
				c->bad = 1;
				return;
			}
			if (route(cf, o, who, c) == -1)
				c->bad = 1;
		}
}

void
cf_interface(struct cf *cf, struct cf_scope *s, struct cf_tunnel *c)
{
	const struct cf_opt	*o;
	char			 who[CF_WHO];

	(void)cf_who(s, who, sizeof(who));
	if ((o = cf_find(s, K_INTERFACE)) != NULL) {
		if (pk_ifname(pk_here()) == NULL) {
			cf_error(cf, o->w->at, "%sinterface: s2sd makes no "
			    "device for a tunnel on this system; write the "
			    "networks in from ... to ... instead", who);
			c->bad = 1;
			return;
		}
		if (if_parse(o->w->s, &c->t.ifkind, &c->t.ifunit) == -1 ||
		    !fits_here(c->t.ifkind)) {
			cf_error(cf, o->w->at, "%sinterface %.40s: no name of "
			    "such a device here; write %s, or another number "
			    "from 1 on", who, o->w->s, pk_ifname(pk_here()));
			c->bad = 1;
			return;
		}
		if (c->t.ifunit == IF_UNIT_MAP) {
			cf_error(cf, o->w->at, "%sinterface %.40s: s2sd "
			    "uses this number for translated networks "
			    "(from A (B)); write another one", who,
			    o->w->s);
			c->bad = 1;
			return;
		}
		if (o->v != NULL && ifaddr(cf, o->v, who, &c->t.ifaddr) == -1)
			c->bad = 1;
	}
	routes(cf, s, who, c);
	if ((o = cf_find(s, K_BACKUP)) != NULL)
		c->backup = o->w->s;
}

/* --- checks of one tunnel --- */

static int
is_wide(const struct sel *s)
{
	struct net	 n;

	return (sel_to_net(s, &n) == 0 && n.plen == 0);
}

/* Without `route' its networks are those of `to', if they are said. */
static void
from_pairs(struct cf *cf, struct cf_tunnel *c)
{
	struct tunroute	 r, q;
	uint8_t		 i, k;

	for (i = 0; i < c->t.npair; i++) {
		memset(&r, 0, sizeof(r));
		r.metric = METRIC_DEFAULT;
		if (is_wide(&c->t.pair[i].remote) ||
		    sel_to_net(&c->t.pair[i].remote, &r.to) == -1)
			continue;
		for (k = 0; k < c->t.nroute; k++) {
			tunnel_route(&c->t, k, &q);
			if (net_eq(&q.to, &r.to))
				break;
		}
		if (k == c->t.nroute && tunnel_route_add(&c->t, &r) == -1) {
			FAIL(cf, c, "interface: more than %d networks to "
			    "route; write fewer, larger ones",
			    (int)ROUTE_MAX);
			return;
		}
	}
}

static int
bypassed(const struct cf *cf, const struct addr *a)
{
	uint8_t	 i;

	for (i = 0; i < cf->r->g.nbypass; i++)
		if (net_has(&cf->r->g.bypass_to[i], a))
			return (1);
	return (0);
}

static void
check_route(struct cf *cf, struct cf_tunnel *c, const struct tunroute *r)
{
	const struct tunnel	*t = &c->t;
	struct sel		 s;
	char			 n[ADDR_STRLEN], a[ADDR_STRLEN];
	uint8_t			 i;

	sel_from_net(&r->to, 0, 0, UINT16_MAX, &s);
	net_str(&r->to, n, sizeof(n));
	for (i = 0; i < t->npeer; i++)
		if (net_has(&r->to, &t->peer[i]) &&
		    !bypassed(cf, &t->peer[i])) {
			addr_str(&t->peer[i], 0, a, sizeof(a));
			FAIL(cf, c, "route %s holds the peer %s itself: the "
			    "tunnel would go through itself; write smaller "
			    "networks, or: bypass from any to %s", n, a, a);
			return;
		}
	if (t->local.af != 0 && net_has(&r->to, &t->local) &&
	    !bypassed(cf, &t->local)) {
		addr_str(&t->local, 0, a, sizeof(a));
		FAIL(cf, c, "route %s holds our own address %s; write smaller "
		    "networks, or: bypass from any to %s", n, a, a);
		return;
	}
	for (i = 0; i < t->npair; i++) {
		s.ipproto = t->pair[i].remote.ipproto;
		s.port_lo = t->pair[i].remote.port_lo;
		s.port_hi = t->pair[i].remote.port_hi;
		if (sel_in(&s, &t->pair[i].remote))
			return;
	}
	FAIL(cf, c, "route %s: no to network of the tunnel holds it, so "
	    "nothing of it would be sent; write it behind to, or: from any to "
	    "any", n);
}

void
cf_check_if(struct cf *cf, struct cf_tunnel *c)
{
	struct tunnel	*t = &c->t;
	struct tunroute	 r;
	uint8_t		 i;

	if (t->ifkind == IF_NONE) {
		if (c->backup != NULL)
			FAIL(cf, c, "backup for: only with interface; write "
			    "peer { A, B } for a second address of one peer");
		return;
	}
	if (t->flags & TUN_TRANSPORT)
		FAIL(cf, c, "interface: not with transport, which has no "
		    "networks to route; remove one of them");
	else if (t->nmap > 0)
		FAIL(cf, c, "interface: not with translated networks, from A "
		    "(B); remove one of them");
	else if (cf->r->g.backend == BE_USERLAND ||
	    (cf->r->g.backend == BE_PFKEY && pk_here() == PK_SYS_LINUX))
		FAIL(cf, c, "interface: only with the backend xfrm; write set "
		    "backend auto or xfrm, or remove interface");
	else if (t->flags & TUN_ONDEMAND && pk_here() != PK_SYS_LINUX)
		FAIL(cf, c, "ondemand: the kernel does not tell what is "
		    "routed to a device without an SA; write active");
	if (c->bad)
		return;
	if (t->nroute == 0)
		from_pairs(cf, c);
	for (i = 0; i < t->nroute && !c->bad; i++) {
		tunnel_route(t, i, &r);
		check_route(cf, c, &r);
	}
}

/* --- checks of all --- */

/* Does it have a route to just there?  Its metric, or 0. */
static uint32_t
metric_of(const struct tunnel *t, const struct net *to)
{
	struct tunroute	 r;
	uint8_t		 i;

	for (i = 0; i < t->nroute; i++) {
		tunnel_route(t, i, &r);
		if (net_eq(&r.to, to))
			return (r.metric);
	}
	return (0);
}

static void
worse(struct cf *cf, struct cf_tunnel *c, const struct cf_tunnel *first)
{
	struct tunroute	 r[ROUTE_MAX];
	uint32_t	 m;
	uint8_t		 i, n = c->t.nroute, common = 0;

	for (i = 0; i < n; i++) {
		tunnel_route(&c->t, i, &r[i]);
		m = metric_of(&first->t, &r[i].to);
		common |= m != 0;
		if (m != 0 && r[i].metric <= m)
			r[i].metric = m + METRIC_DEFAULT;
	}
	if (!common)
		FAIL(cf, c, "backup for \"%s\": has no route of it; write the "
		    "same route in both", first->t.name);
	for (c->t.nroute = 0, i = 0; i < n; i++)
		if (tunnel_route_add(&c->t, &r[i]) == -1)
			return;
}

static void
backup(struct cf *cf, struct cf_tunnel *c)
{
	struct cf_tunnel	*f = NULL;
	size_t			 i;

	for (i = 0; i < cf->r->n; i++)
		if (strcmp(cf->r->t[i]->t.name, c->backup) == 0)
			f = cf->r->t[i];
	if (f == NULL || f == c)
		FAIL(cf, c, "backup for \"%.63s\": no other tunnel has that "
		    "name", c->backup);
	else if (f->t.ifkind == IF_NONE)
		FAIL(cf, c, "backup for \"%s\": that tunnel has no interface; "
		    "give it one, and the same route", f->t.name);
	else if (f->backup != NULL)
		FAIL(cf, c, "backup for \"%s\": that tunnel is a backup "
		    "itself; write backup for \"%.63s\" and metrics",
		    f->t.name, f->backup);
	else if (!f->bad)
		worse(cf, c, f);
}

/* Is the network routed to an interface also that of tunnel b? */
static void
clash(struct cf *cf, struct cf_tunnel *c, const struct cf_tunnel *b)
{
	struct tunroute	 r;
	struct sel	 s;
	char		 n[ADDR_STRLEN];
	uint8_t		 i, k;

	for (i = 0; i < c->t.nroute && !c->bad; i++) {
		tunnel_route(&c->t, i, &r);
		net_str(&r.to, n, sizeof(n));
		if (b->t.ifkind != IF_NONE) {
			if (metric_of(&b->t, &r.to) == r.metric)
				FAIL(cf, c, "route %s with metric %u belongs "
				    "to tunnel \"%s\" (%s:%u) too; write "
				    "another metric, or: backup for \"%s\"", n,
				    r.metric, b->t.name, b->at.file,
				    b->at.line, b->t.name);
			continue;
		}
		sel_from_net(&r.to, 0, 0, UINT16_MAX, &s);
		for (k = 0; k < b->t.npair && !c->bad; k++)
			if (!is_wide(&b->t.pair[k].remote) &&
			    s.af == b->t.pair[k].remote.af &&
			    memcmp(s.lo, b->t.pair[k].remote.hi, 16) <= 0 &&
			    memcmp(b->t.pair[k].remote.lo, s.hi, 16) <= 0)
				FAIL(cf, c, "route %s belongs to tunnel \"%s\" "
				    "(%s:%u) too, which has no interface; give "
				    "it one, or write networks that do not "
				    "overlap", n, b->t.name, b->at.file,
				    b->at.line);
	}
}

void
cf_check_if_all(struct cf *cf)
{
	struct cf_tunnel	*c, *b;
	size_t			 i, k;

	for (i = 0; i < cf->r->n; i++)
		if (!cf->r->t[i]->bad && cf->r->t[i]->backup != NULL)
			backup(cf, cf->r->t[i]);
	for (i = 0; i < cf->r->n; i++) {
		c = cf->r->t[i];
		if (c->bad || c->t.ifkind == IF_NONE)
			continue;
		for (k = 0; k < cf->r->n && !c->bad; k++) {
			b = cf->r->t[k];
			if (b->bad || k == i || (k > i &&
			    b->t.ifkind != IF_NONE))
				continue;
			if (b->t.ifunit == c->t.ifunit)
				FAIL(cf, c, "interface number %u belongs to "
				    "tunnel \"%s\" (%s:%u) too; write another "
				    "number", c->t.ifunit, b->t.name,
				    b->at.file, b->at.line);
			else
				clash(cf, c, b);
		}
	}
}
