/* SPDX-License-Identifier: ISC */

/*
 * im_sel.c: subnets, protocols and ports to pairs of selectors, and the conns
 * that are no tunnel but an exception (type=passthrough) or a block.
 */

#include <strings.h>

#include "im_int.h"

enum { NET_MAX = SELPAIR_MAX };

struct list {
	struct sel	 s[NET_MAX];
	size_t		 n;
	int		 host;		/* the gateway itself: nothing written */
};

static const char *const side_name[2] = { "left", "right" };

static int
proto(const char *s, uint8_t *p)
{
	static const struct { const char *n; uint8_t v; } names[] = {
		{ "icmp", 1 }, { "ipip", 4 }, { "tcp", 6 }, { "udp", 17 },
		{ "gre", 47 }, { "esp", 50 }, { "ah", 51 }, { "icmpv6", 58 },
		{ "ipv6-icmp", 58 }, { "ospf", 89 }, { "sctp", 132 },
		{ "any", 0 }, { "%any", 0 }
	};
	uint64_t	 v;
	size_t		 i;

	for (i = 0; i < nitems(names); i++)
		if (strcasecmp(s, names[i].n) == 0) {
			*p = names[i].v;
			return (0);
		}
	if (im_num(s, &v) == -1 || v > 255)
		return (-1);
	*p = (uint8_t)v;
	return (0);
}

static int
ports(const char *s, uint16_t *lo, uint16_t *hi)
{
	static const struct { const char *n; uint16_t v; } names[] = {
		{ "l2tp", 1701 }, { "l2f", 1701 }, { "http", 80 },
		{ "https", 443 }, { "ssh", 22 }, { "domain", 53 },
		{ "telnet", 23 }, { "smtp", 25 }, { "snmp", 161 }
	};
	char		 buf[8];
	const char	*dash = strchr(s, '-');
	uint64_t	 a, b;
	size_t		 i;

	*lo = 0;
	*hi = 65535;
	if (*s == '\0' || im_in(s, "0,%any,any,%opaque"))
		return (0);
	for (i = 0; i < nitems(names); i++)
		if (strcasecmp(s, names[i].n) == 0) {
			*lo = *hi = names[i].v;
			return (0);
		}
	if (dash != NULL && (size_t)(dash - s) < sizeof(buf)) {
		memcpy(buf, s, (size_t)(dash - s));
		buf[dash - s] = '\0';
		if (im_num(buf, &a) == -1 || im_num(dash + 1, &b) == -1)
			return (-1);
	} else if (im_num(s, &a) == -1)
		return (-1);
	else
		b = a;
	if (a > b || b > 65535 || a == 0)
		return (-1);
	*lo = (uint16_t)a;
	*hi = (uint16_t)b;
	return (0);
}

/* "17/1701", "udp", "47/0", "%any". */
static int
protoport(const char *v, uint8_t *p, uint16_t *lo, uint16_t *hi)
{
	const char	*slash = strchr(v, '/');
	char		 buf[32];
	size_t		 n = slash != NULL ? (size_t)(slash - v) : strlen(v);

	*p = 0;
	*lo = 0;
	*hi = 65535;
	if (n >= sizeof(buf))
		return (-1);
	memcpy(buf, v, n);
	buf[n] = '\0';
	if (proto(buf, p) == -1 || ports(slash != NULL ? slash + 1 : "", lo,
	    hi) == -1)
		return (-1);
	if (*p != 6 && *p != 17 && *lo == 0)
		*hi = 65535;
	return (*lo != 0 && *p != 6 && *p != 17 && *p != 132 ? -1 : 0);
}

/* One network, with strongSwan's [proto/port] or libreswan's /proto/port. */
static int
one(struct im *im, struct im_conn *c, enum im_id id, int side, char *item,
    struct list *l)
{
	struct im_at	 at = im_where(c, id, side);
	struct net	 n;
	uint16_t	 lo = 0, hi = 65535;
	uint8_t		 p = 0;
	char		*x = strchr(item, '[');
	int		 cut;

	if (x != NULL && x != item && item[strlen(item) - 1] == ']') {
		item[strlen(item) - 1] = '\0';
		*x++ = '\0';
	} else if ((x = strchr(item, '/')) != NULL &&
	    (x = strchr(x + 1, '/')) != NULL)
		*x++ = '\0';
	if (x != NULL && protoport(x, &p, &lo, &hi) == -1) {
		im_refuse(im, c, at, "bad value", "%ssubnet: %.40s is no "
		    "protocol and port", side_name[side], x);
		return (-1);
	}
	if (im_net(item, &n, &cut) == -1) {
		if (im_is_template(item) || strstr(item, "PH_") == item)
			im_refuse(im, c, at, "template", "%ssubnet=%.60s is a "
			    "place to fill in, not a network", side_name[side],
			    item);
		else
			im_refuse(im, c, at, strncasecmp(item, "vhost:", 6) ==
			    0 || strncasecmp(item, "vnet:", 5) == 0 ?
			    "remote access" : "bad value", "%ssubnet=%.60s is "
			    "no network%s", side_name[side], item,
			    item[0] == 'v' ? ", but for users who dial in" :
			    "");
		return (-1);
	}
	if (cut)
		im_note(im, at, "%.60s has bits behind the prefix; they are "
		    "cut off, as the old daemon does", item);
	if (l->n == NET_MAX) {
		im_refuse(im, c, at, "too many networks", "more than %d "
		    "networks on one side", (int)NET_MAX);
		return (-1);
	}
	sel_from_net(&n, p, lo, hi, &l->s[l->n++]);
	return (0);
}

static int
nets(struct im *im, struct im_conn *c, enum im_id id, int side, struct list *l)
{
	const char	*v = im_get(c, id, side);
	char		*copy, *item;

	if (v == NULL || im_in(v, "%dynamic"))
		return (0);
	if (im_is_template(v)) {
		im_refuse(im, c, im_where(c, id, side), "template",
		    "%ssubnet=%.60s is a place to fill in, not a network",
		    side_name[side], v);
		return (-1);
	}
	if ((copy = im_strndup(im, v, strlen(v))) == NULL)
		return (-1);
	while ((item = im_item(&copy)) != NULL)
		if (one(im, c, id, side, item, l) == -1)
			return (-1);
	return (0);
}

/* Nothing written: the gateway itself, or in openswan its source address. */
static int
host(struct im *im, struct im_conn *c, const struct im_tun *t, int side,
    struct list *l)
{
	const struct addr	*a = side == c->me ? &t->local : &t->peer;
	const char		*s = im_get(c, K_SOURCEIP, side);
	struct net		 n;
	struct addr		 w;
	int			 cut;

	if (l->n > 0)
		return (0);
	l->host = 1;
	memset(&n, 0, sizeof(n));
	if (s != NULL && im_net(s, &n, &cut) == 0)
		l->host = 0;
	else if (a->af != 0)
		n.a = *a;
	else if (side == c->me && im_get(c, K_HOST, side) != NULL &&
	    im_addr(im_get(c, K_HOST, side), &w) == 0)
		n.a = w;
	else {
		im_refuse(im, c, c->at, side == c->me ? "orientation" :
		    "remote access", "no %ssubnet=, and %s= is no address: "
		    "which network is behind it?", side_name[side],
		    side_name[side]);
		return (-1);
	}
	n.a.port = 0;
	n.plen = (uint8_t)(addr_len(n.a.af) * 8);
	sel_from_net(&n, 0, 0, 65535, &l->s[l->n++]);
	return (0);
}

/* leftprotoport= and rightprotoport= hold for every network. */
static int
narrow(struct im *im, struct im_conn *c, struct list *l)
{
	const char	*v[2];
	uint16_t	 lo[2] = { 0, 0 }, hi[2] = { 65535, 65535 };
	uint8_t		 p[2] = { 0, 0 };
	size_t		 i;
	int		 s;

	for (s = 0; s < 2; s++) {
		v[s] = im_get(c, K_PROTOPORT, s);
		if (v[s] != NULL && protoport(v[s], &p[s], &lo[s],
		    &hi[s]) == -1) {
			im_refuse(im, c, im_where(c, K_PROTOPORT, s),
			    im_is_template(v[s]) ? "template" : "bad value",
			    "%sprotoport=%.40s is no protocol and port",
			    side_name[s], v[s]);
			return (-1);
		}
	}
	if (p[0] != p[1] && p[0] != 0 && p[1] != 0) {
		im_refuse(im, c, im_where(c, K_PROTOPORT, 0), "bad value",
		    "leftprotoport= and rightprotoport= name different "
		    "protocols");
		return (-1);
	}
	if ((p[0] | p[1]) == 17 && (lo[0] == 1701 || lo[1] == 1701)) {
		im_refuse(im, c, im_where(c, K_PROTOPORT, lo[0] == 1701 ? 0 :
		    1), "L2TP", "port 1701 is L2TP, for users who dial in; "
		    "s2sd joins networks");
		return (-1);
	}
	for (s = 0; s < 2; s++)
		for (i = 0; i < l[s].n && (v[0] != NULL || v[1] != NULL); i++) {
			l[s].s[i].ipproto = p[0] | p[1];
			l[s].s[i].port_lo = lo[s];
			l[s].s[i].port_hi = hi[s];
		}
	return (0);
}

static int
is_zero(const struct sel *s)
{
	struct net	 n;

	return (sel_to_net(s, &n) == 0 && n.plen == 0);
}

static int
add(struct im *im, struct im_conn *c, struct im_tun *t, const struct sel *a,
    const struct sel *b)
{
	uint8_t	 i;

	for (i = 0; i < t->npair; i++)
		if (sel_eq(&t->pair[i].local, a) && sel_eq(&t->pair[i].remote,
		    b))
			return (0);
	if (t->npair == SELPAIR_MAX) {
		im_refuse(im, c, c->at, "too many networks", "more than %d "
		    "pairs of networks", (int)SELPAIR_MAX);
		return (-1);
	}
	t->pair[t->npair].local = *a;
	t->pair[t->npair++].remote = *b;
	return (0);
}

/* What s2sd refuses, said in the words of the old file. */
static int
sane(struct im *im, struct im_conn *c, const struct im_tun *t,
    const struct sel *a, const struct sel *b)
{
	char		 s[SEL_STRLEN];
	struct im_at	 at = im_where(c, K_SUBNET, SIDE_LEFT);
	const struct sel *x;
	int		 i;

	if (is_zero(a) && is_zero(b) && t->ifkind != IF_NONE)
		return (0);
	if (is_zero(a) && is_zero(b)) {
		im_refuse(im, c, at, "route based", "%s on both sides is a "
		    "tunnel with a device and routes, which is not "
		    "carried over: add interface and route by hand "
		    "(s2sd.conf(5)), or write the networks into "
		    "leftsubnet= and rightsubnet=",
		    a->af == 6 ? "::/0" : "0.0.0.0/0");
		return (-1);
	}
	if (memcmp(a->lo, b->lo, 16) == 0 && memcmp(a->hi, b->hi, 16) == 0) {
		im_refuse(im, c, at, "overlap", "%s is on both sides",
		    sel_str(a, s, sizeof(s)));
		return (-1);
	}
	for (i = 0; i < 2; i++) {
		x = i == 0 ? a : b;
		if (x->af == 4 ? x->lo[0] >= 224 || (x->lo[0] == 127 &&
		    x->hi[0] == 127) : x->lo[0] == 0xff) {
			im_refuse(im, c, at, "bad value", "%s is never "
			    "forwarded", sel_str(x, s, sizeof(s)));
			return (-1);
		}
	}
	return (0);
}

static int
multiply(struct im *im, struct im_conn *c, struct im_tun *t, struct list *me,
    struct list *peer)
{
	size_t	 i, j, used = 0;

	for (i = 0; i < me->n; i++)
		for (j = 0; j < peer->n; j++) {
			struct sel	 a = me->s[i], b = peer->s[j];

			if (a.af != b.af)
				continue;
			/* a protocol of one side narrows the other */
			if (a.ipproto == 0)
				a.ipproto = b.ipproto;
			if (b.ipproto == 0)
				b.ipproto = a.ipproto;
			if (a.ipproto != b.ipproto)
				continue;
			if (sane(im, c, t, &a, &b) == -1 ||
			    add(im, c, t, &a, &b) == -1)
				return (-1);
			used++;
		}
	if (used == 0) {
		im_refuse(im, c, im_where(c, K_SUBNET, SIDE_LEFT), "bad value",
		    "no network of one side fits to one of the other: IPv4 and "
		    "IPv6");
		return (-1);
	}
	return (0);
}

/* A tunnel cannot carry its own outer packets: exceptions, or a refusal. */
static int
around(struct im *im, struct im_conn *c, struct im_tun *t, const struct list *l)
{
	const struct addr	*out[2] = { &t->peer, &t->local };
	const struct selpair	*p;
	int			 i;

	for (p = t->pair; p < t->pair + t->npair; p++)
		for (i = 0; i < 2; i++) {
			/* what is not routed there does not go there */
			if (t->ifkind != IF_NONE && is_zero(&p->remote))
				continue;
			if (out[i]->af == 0 || p->remote.ipproto != 0 ||
			    !sel_match(&p->remote, out[i], 0,
			    p->remote.port_lo) || (i == 1 && sel_match(
			    &p->local, out[i], p->local.ipproto,
			    p->local.port_lo)))
				continue;
			if (l[!c->me].host) {
				im_refuse(im, c, c->at, "gateway alone",
				    "no %ssubnet=: the tunnel would be for the "
				    "peer itself, whose address IKE and ESP "
				    "need; write the network behind it",
				    side_name[!c->me]);
				return (-1);
			}
			t->around[i] = *out[i];
		}
	return (0);
}

static int
is_host(const struct sel *s, const struct addr *a)
{
	return (s->af == a->af && memcmp(s->lo, a->a, 16) == 0 &&
	    memcmp(s->hi, a->a, 16) == 0);
}

/* Transport mode is for the two gateways alone, RFC 4301 section 4.1. */
static int
transport(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const struct selpair	*p;

	if (t->local.af == 0 || t->peer.af == 0) {
		im_refuse(im, c, im_where(c, K_TYPE, 0), "transport",
		    "type=transport needs the addresses of both ends: is it "
		    "the right --host?");
		return (-1);
	}
	for (p = t->pair; p < t->pair + t->npair; p++)
		if (!is_host(&p->local, &t->local) ||
		    !is_host(&p->remote, &t->peer)) {
			im_refuse(im, c, im_where(c, K_SUBNET, SIDE_LEFT),
			    "transport", "type=transport carries only what "
			    "goes from left= to right=: remove leftsubnet= and "
			    "rightsubnet=, or write type=tunnel");
			return (-1);
		}
	return (0);
}

static int
source(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v = im_get(c, K_SOURCEIP, c->me);
	const char	*r = im_get(c, K_SOURCEIP, !c->me);
	struct im_at	 at = im_where(c, K_SOURCEIP, c->me);
	struct net	 n;
	uint8_t		 i;
	int		 cut;

	if (im->fl == IM_STRONGSWAN && r != NULL) {
		im_refuse(im, c, im_where(c, K_SOURCEIP, !c->me),
		    "remote access", "%ssourceip=%.40s gives addresses to "
		    "users who dial in; s2sd joins networks",
		    side_name[!c->me], r);
		return (-1);
	}
	if (v == NULL)
		return (0);
	if (v[0] == '%') {
		im_refuse(im, c, at, "remote access", "%ssourceip=%.40s asks "
		    "the other end for an address, as a user who dials in; "
		    "s2sd joins networks", side_name[c->me], v);
		return (-1);
	}
	if (im_net(v, &n, &cut) == -1) {
		im_refuse(im, c, at, im_is_template(v) ? "template" :
		    "bad value", "%ssourceip=%.40s is no address",
		    side_name[c->me], v);
		return (-1);
	}
	for (i = 0; i < t->npair; i++)
		if (sel_match(&t->pair[i].local, &n.a,
		    t->pair[i].local.ipproto, t->pair[i].local.port_lo)) {
			t->source = n.a;
			if (im->fl == IM_STRONGSWAN)
				im_warn(im, at, "strongSwan asks the peer for "
				    "this address; s2sd just uses it");
			return (0);
		}
	im_warn(im, at, "%ssourceip=%.40s lies in no network of the tunnel; "
	    "left out", side_name[c->me], v);
	return (0);
}

/* IKEv1 in strongSwan has the first network of each side, no more. */
static void
first_only(struct im *im, struct im_conn *c, struct list *l)
{
	int	 s;

	if (im->fl != IM_STRONGSWAN || !c->v1)
		return;
	for (s = 0; s < 2; s++)
		if (l[s].n > 1) {
			im_warn(im, im_where(c, K_SUBNET, s), "with IKEv1 "
			    "strongSwan uses the first of these networks only, "
			    "and so does this");
			l[s].n = 1;
		}
}

/* ID payloads of quick mode hold one port or all, RFC 2407 section 4.6.2. */
static int
one_port(struct im *im, struct im_conn *c, const struct im_tun *t)
{
	const struct sel	*s;
	uint8_t			 i;

	for (i = 0; c->v1 && i < 2 * t->npair; i++) {
		s = i % 2 ? &t->pair[i / 2].remote : &t->pair[i / 2].local;
		if (s->port_lo == s->port_hi || (s->port_lo == 0 &&
		    s->port_hi == 65535))
			continue;
		im_refuse(im, c, im_where(c, K_PROTOPORT, 0), "bad value",
		    "IKEv1 cannot say a range of ports");
		return (-1);
	}
	return (0);
}

/* A device to which nothing is routed by itself. */
static void
unrouted(struct im *im, struct im_conn *c, const struct im_tun *t)
{
	uint8_t	 i;

	for (i = 0; i < t->npair && is_zero(&t->pair[i].remote); i++)
		;
	if (t->ifkind != IF_NONE && i == t->npair)
		im_note(im, c->at, "what goes into the tunnel is what is "
		    "routed to its device: add route NETWORK for each network "
		    "behind the peer (s2sd.conf(5)), or go on setting the "
		    "routes yourself");
}

int
im_pairs(struct im *im, struct im_conn *c, struct im_tun *t)
{
	struct list	 l[2];
	int		 s;

	memset(l, 0, sizeof(l));
	for (s = 0; s < 2; s++) {
		if (nets(im, c, K_SUBNET, s, &l[s]) == -1 ||
		    nets(im, c, K_SUBNETS, s, &l[s]) == -1 ||
		    host(im, c, t, s, &l[s]) == -1)
			return (-1);
		if (im_get(c, K_SUBNETS, s) != NULL)
			t->separate = 1;
	}
	first_only(im, c, l);
	if (narrow(im, c, l) == -1 ||
	    multiply(im, c, t, &l[c->me], &l[!c->me]) == -1 ||
	    one_port(im, c, t) == -1 || source(im, c, t) == -1)
		return (-1);
	unrouted(im, c, t);
	t->transport = (uint8_t)c->transport;
	t->ah = (uint8_t)c->ah;
	return (c->transport ? transport(im, c, t) : around(im, c, t, l));
}

/* --- type=passthrough, drop, reject --- */

void
im_shunt(struct im *im, struct im_conn *c)
{
	int		 block = im_in(im_get(c, K_TYPE, 0), "drop,reject");
	struct list	 l[2];
	struct net	 a, b;
	size_t		 i, j;
	int		 s;

	memset(l, 0, sizeof(l));
	c->me = SIDE_LEFT;
	if (im_is_host(im, im_get(c, K_HOST, SIDE_RIGHT)) &&
	    !im_is_host(im, im_get(c, K_HOST, SIDE_LEFT)))
		c->me = SIDE_RIGHT;
	for (s = 0; s < 2; s++) {
		if (nets(im, c, K_SUBNET, s, &l[s]) == -1)
			return;
		if (l[s].n == 0) {
			im_refuse(im, c, c->at, "bad value", "type=%.20s needs "
			    "leftsubnet= and rightsubnet=", im_get(c, K_TYPE,
			    0));
			return;
		}
	}
	for (i = 0; i < l[c->me].n; i++)
		for (j = 0; j < l[!c->me].n; j++) {
			if (sel_to_net(&l[c->me].s[i], &a) == -1 ||
			    sel_to_net(&l[!c->me].s[j], &b) == -1 ||
			    a.a.af != b.a.af)
				continue;
			if (im->nshunt[block] == 32) {
				im_refuse(im, c, c->at, "too many networks",
				    "more than 32 exceptions");
				return;
			}
			im->shunt[block][im->nshunt[block]][0] = a;
			im->shunt[block][im->nshunt[block]++][1] = b;
		}
	im->r->nshunt++;
}
