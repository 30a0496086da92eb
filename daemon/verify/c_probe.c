/* SPDX-License-Identifier: ISC */

/*
 * c_probe.c: do the packets of the tunnels pass this host unchanged?  Which
 * probes are sent: for each pair of networks one address of each class that
 * the rules distinguish, in TCP, UDP and ICMP and for the ports that they
 * name, out of the LAN, out of the tunnel, and from this host; and between
 * the gateways what IKE and ESP need.
 */

#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>

#include "c_probe.h"
#include "../../backends/fw/fw.h"

/* ---- one probe and its outcome ---- */

static int
same(const struct vp_kind *k, const struct pr_result *r)
{
	return (k->r.verdict == r->verdict &&
	    strcmp(k->r.culprit, r->culprit) == 0 &&
	    (r->culprit[0] != '\0' || k->r.oif == r->oif));
}

/* `nat-exempt no': a NAT that leads into the tunnel is what was asked for. */
static int
wanted_nat(const struct vp_run *v, const struct pr_result *r)
{
	const struct sel	*from, *to;

	if (!v->keep || v->pair == NULL || r->verdict != PV_REWRITTEN)
		return (0);
	from = v->reverse ? &v->pair->remote : &v->pair->local;
	to = v->reverse ? &v->pair->local : &v->pair->remote;
	return (sel_match(from, &r->got.src, r->got.ipproto,
	    r->got.src.port) && sel_match(to, &r->got.dst, r->got.ipproto,
	    r->got.dst.port));
}

static void
send_one(struct vp_run *v, const struct pr_flow *f, uint32_t iif)
{
	struct pr_result	 r;
	size_t			 i;

	if (*v->budget == 0) {
		v->more = 1;
		return;
	}
	(*v->budget)--;
	pr_run(v->p, f, iif, &v->want, &r);
	v->sent++;
	if (r.verdict == PV_OK) {
		v->good++;
		return;
	}
	for (i = 0; i < v->nkind; i++)
		if (same(&v->kind[i], &r))
			break;
	if (i == v->nkind) {
		if (i == VP_KINDS)
			return;
		v->kind[v->nkind++].r = r;
		v->kind[i].n = 0;
		v->kind[i].meant = wanted_nat(v, &r);
	}
	v->kind[i].n++;
}

static void
ports(struct vp_run *v, struct pr_flow *f, uint32_t iif,
    const struct sel *dst)
{
	static const uint8_t	 protos[] = { IPPROTO_UDP, IPPROTO_TCP };
	uint16_t		 port[VP_PORTS];
	size_t			 i, k, n;

	if (dst->ipproto != 0 && dst->ipproto != IPPROTO_UDP &&
	    dst->ipproto != IPPROTO_TCP)
		return;
	n = pr_ports(pr_listing(v->p), port, nitems(port));
	for (i = 0; i < nitems(protos); i++) {
		if (dst->ipproto != 0 && dst->ipproto != protos[i])
			continue;
		f->ipproto = protos[i];
		f->dst.port = dst->port_lo == 0 ? 0 : dst->port_lo;
		send_one(v, f, iif);
		for (k = 0; k < n; k++) {
			if (port[k] < dst->port_lo || port[k] > dst->port_hi)
				continue;
			f->dst.port = port[k];
			send_one(v, f, iif);
		}
	}
}

static void
protocols(struct vp_run *v, const struct addr *src, const struct addr *dst,
    uint32_t iif, const struct sel *to)
{
	struct pr_flow	 f;

	memset(&f, 0, sizeof(f));
	f.src = *src;
	f.dst = *dst;
	ports(v, &f, iif, to);
	if (to->ipproto != 0 && to->ipproto != IPPROTO_ICMP &&
	    to->ipproto != IPPROTO_ICMPV6)
		return;
	f.ipproto = IPPROTO_ICMP;
	f.dst.port = 0;
	send_one(v, &f, iif);
}

/* ---- the lines ---- */

#define UNSURE	"; the tunnel is not up, so this says nothing about the rules"

/*
 * The kernel's own policies take what has no SA before the rules see it, and
 * that is what they are for.
 */
static int
unsure(const struct vp_run *v, const struct vp_kind *k)
{
	return (v->down && k->r.verdict == PV_DROPPED &&
	    k->r.culprit[0] == '\0');
}

static void
report(struct vp_run *v, const char *id, const char *what_passes)
{
	char			 flow[200], what[800], fix[800], seen[128];
	const struct vp_kind	*k;
	size_t			 i;

	(void)snprintf(seen, sizeof(seen), "%zu probes through the kernel, %s",
	    v->sent, pr_method(v->p));
	for (i = 0; i < v->nkind; i++) {
		k = &v->kind[i];
		(void)pr_flow_str(&k->r.sent, flow, sizeof(flow));
		(void)v_what(v->f, &k->r, &v->want, what, sizeof(what));
		if (k->n > 1)
			(void)snprintf(flow + strlen(flow),
			    sizeof(flow) - strlen(flow), " (+%zu more)",
			    k->n - 1);
		v_add(v->l, k->r.verdict == PV_LOST || unsure(v, k) ? V_SKIP :
		    v->f->d.running && !k->meant ? V_FAIL : V_WARN,
		    VG_TUNNEL, id, v->tunnel, v->keep && k->r.verdict ==
		    PV_REWRITTEN ? "remove `nat-exempt no' from the tunnel" :
		    v_fix(&k->r, v->pair, v->reverse, fix, sizeof(fix)),
		    seen, "%s: %s%s", flow, what, unsure(v, k) ? UNSURE : "");
	}
	if (v->nkind == 0 && v->sent > 0)
		v_add(v->l, V_OK, VG_TUNNEL, id, v->tunnel, NULL, seen,
		    "%s passes unchanged (%zu probes%s)", what_passes,
		    v->sent, v->more ? ", a choice of what the rules "
		    "distinguish" : "");
}

/* ---- which probes ---- */

static uint32_t
device(const struct vp_run *v, const struct addr *to)
{
	struct v_route	 r;

	v->f->route(to, NULL, 0, &r);
	return (r.err != 0 || r.local ? 0 : r.oif);
}

/*
 * What a host of ours is called in the tunnel; a probe is then expected to
 * come out under that name, or from that name under its own.
 */
static struct addr
on_wire(struct vp_run *v, const struct addr *a)
{
	struct addr	 w;

	if (v->map == NULL || !v->f->d.running)
		return (*a);
	w = v_translated(a, &v->map->local);
	if (v->reverse)
		v->want.dst = *a;
	else
		v->want.src = w;
	return (w);
}

/* Both ways for hosts behind us, and out for this host. */
static void
cross(struct vp_run *v, const struct addr *ls, size_t nl,
    const struct addr *rs, size_t nr, uint32_t plane)
{
	const struct selpair	*p = v->pair;
	struct addr		 wire;
	size_t			 i, k;
	uint32_t		 lan;

	for (i = 0; i < nl; i++) {
		if ((lan = device(v, &ls[i])) == 0)
			continue;
		wire = on_wire(v, &ls[i]);
		for (k = 0; k < nr; k++) {
			if (v->reverse) {
				v->want.oif = lan;
				protocols(v, &rs[k], &wire, plane,
				    &p->local);
			} else {
				protocols(v, &ls[i], &rs[k], lan, &p->remote);
			}
		}
	}
}

/* An address of this host inside the local network. */
static const struct addr *
inside(const struct v_facts *f, const struct sel *s)
{
	size_t	 i;

	for (i = 0; i < f->h.nmine; i++)
		if (f->h.mine[i].af == s->af &&
		    sel_match(s, &f->h.mine[i], s->ipproto, s->port_lo))
			return (&f->h.mine[i]);
	return (NULL);
}

static void
start(struct vp_run *v, int reverse)
{
	v->reverse = reverse;
	v->sent = v->good = v->nkind = 0;
	memset(&v->want, 0, sizeof(v->want));
}

/*
 * With the kernel's ESP, what comes out of a tunnel is received once more on
 * the device it came in by.  0: that cannot be tried.
 */
static int
decrypted(struct vp_run *v, const struct addr *rs, size_t nr,
    uint32_t *iif)
{
	if (!v_xfrm(v->f) || nr == 0 || (*iif = device(v, &rs[0])) == 0)
		return (0);
	if (!pr_asks_ipsec(pr_listing(v->p)))
		return (1);
	v_add(v->l, V_SKIP, VG_TUNNEL, "nat-in", v->tunnel, "ping through the "
	    "tunnel from the other end", NULL, "what comes out of the tunnel: "
	    "rules ask whether a packet was encrypted, and no probe is");
	return (0);
}

static void
pair(struct vp_run *v)
{
	const struct sel	*lo = &v->pair->local, *re = &v->pair->remote;
	struct addr		 ls[VP_CLASSES], rs[VP_CLASSES];
	const struct addr	*own;
	size_t			 nl, nr, k;
	uint32_t		 plane = v_plane(&v->f->h);
	int			 run = v->f->d.running;

	v->more = pr_classes(pr_listing(v->p), lo, v->f->h.mine,
	    v->f->h.nmine, ls, nitems(ls), &nl);
	v->more |= pr_classes(pr_listing(v->p), re, v->f->h.mine,
	    v->f->h.nmine, rs, nitems(rs), &nr);
	start(v, 0);
	v->want.ipsec = plane == 0 && run;
	v->want.oif = plane;
	cross(v, ls, nl, rs, nr, plane);
	report(v, "nat-out", "what comes from the LAN for the tunnel");
	start(v, 0);
	v->want.ipsec = plane == 0 && run;
	v->want.oif = plane;
	if ((own = inside(v->f, lo)) != NULL)
		(void)on_wire(v, own);
	if (own != NULL)
		for (k = 0; k < nr; k++)
			protocols(v, own, &rs[k], 0, re);
	report(v, "nat-own", "what this host sends into the tunnel");
	if (plane == 0 && !decrypted(v, rs, nr, &plane))
		return;
	start(v, 1);
	v->want.decrypted = plane != v_plane(&v->f->h);
	cross(v, ls, nl, rs, nr, plane);
	report(v, "nat-in", "what comes out of the tunnel for the LAN");
}

/* IKE, and ESP or AH, in both directions. */
static void
outer(struct vp_run *v, const struct tunnel *t)
{
	static const struct { uint8_t ipproto; uint16_t port; } k[] = {
		{ IPPROTO_UDP, 500 }, { IPPROTO_UDP, 4500 },
		{ IPPROTO_ESP, 0 }, { IPPROTO_AH, 0 } };
	struct pr_flow	 f;
	struct v_route	 r;
	size_t		 i, p;
	int		 in;

	for (in = 0; in < 2; in++) {
		start(v, in);
		v->want.input = in;
		for (p = 0; p < t->npeer; p++) {
			v->f->route(&t->peer[p], NULL, 0, &r);
			if (r.err != 0 || r.local)
				continue;
			for (i = 0; i < nitems(k); i++) {
				if (k[i].ipproto == (t->flags & TUN_AH ?
				    IPPROTO_ESP : IPPROTO_AH) ||
				    (k[i].ipproto == IPPROTO_ESP &&
				    v_plane(&v->f->h) != 0))
					continue;
				memset(&f, 0, sizeof(f));
				f.ipproto = k[i].ipproto;
				f.src = in ? t->peer[p] : t->local.af != 0 ?
				    t->local : r.src;
				f.dst = in ? t->local.af != 0 ? t->local :
				    r.src : t->peer[p];
				if (f.src.af == 0 || f.dst.af == 0)
					continue;
				f.src.port = f.dst.port = k[i].port;
				send_one(v, &f, in ? r.oif : 0);
			}
		}
		report(v, in ? "ike-in" : "ike-out", in ?
		    "IKE from the peer" : "IKE to the peer");
	}
}

static void
tunnel(struct vp_run *v, const struct cf_tunnel *t)
{
	const struct u_tunnel	*u;
	struct selpair		 here;
	size_t			 k;

	v->tunnel = t->t.name;
	v->keep = (t->t.flags & TUN_NATKEEP) != 0;
	v->more = 0;
	v->pair = v->map = NULL;
	v->down = v_xfrm(v->f) && ((u = v_state(v->f, v->tunnel)) == NULL ||
	    u_class(u) != U_UP);
	if (v->f->d.running)
		outer(v, &t->t);
	for (k = 0; k < t->t.npair && k < VP_PAIRS; k++) {
		here = v_pair(&t->t, k);
		v->pair = &here;
		v->map = tunnel_map(&t->t, &t->t.pair[k].local);
		pair(v);
	}
	if (k < t->t.npair)
		v_add(v->l, V_SKIP, VG_TUNNEL, "packets", v->tunnel, NULL,
		    NULL, "%u more pairs of networks", t->t.npair - VP_PAIRS);
}

/*
 * Without the daemon only what the rules do with packets of the LAN can be
 * seen; where its block stands not even that.
 */
static int
stopped(const struct v_facts *f, struct probe *p, struct v_list *l)
{
	int	 block;

	block = f->h.k.block > 0 ||
	    strstr(pr_listing(p), " " FW_TABLE_BLOCK " ") != NULL;
	v_add(l, V_SKIP, VG_TUNNEL, "packets", NULL, block ? "start s2sd, "
	    "then s2sctl verify\nor let them leave in the clear: s2sd -u" :
	    "start s2sd, then s2sctl verify", NULL, block ? "the way of packets through the "
	    "tunnels: s2sd does not run and its block stands, which keeps "
	    "them from leaving (s2sd -u lifts it)" : "the way of packets "
	    "through the tunnels: s2sd does not run; below is what the "
	    "rules would do with them");
	return (block);
}

static void
try_tunnel(struct vp_run *v, const struct cf_tunnel *c)
{
	if (c->t.ifkind == IF_NONE)
		tunnel(v, c);
	else
		v_add(v->l, V_SKIP, VG_TUNNEL, "packets", c->t.name, NULL,
		    NULL, "packets are not tried: what goes into a tunnel "
		    "with an interface is what is routed there");
}

void
v_check_packets(const struct v_facts *f, struct v_list *l)
{
	struct vp_run	 v;
	char		 why[200];
	size_t		 i, budget = VP_PROBES;

	memset(&v, 0, sizeof(v));
	v.f = f;
	v.l = l;
	v.budget = &budget;
	if ((v.p = pr_open(why, sizeof(why))) == NULL) {
		v_add(l, V_SKIP, VG_TUNNEL, "packets", NULL, NULL, NULL,
		    "the way of packets through this host: %s", why);
		return;
	}
	v_check_saved(f, pr_listing(v.p), l);
	if (f->d.running || !stopped(f, v.p, l))
		for (i = 0; i < f->conf.n; i++)
			if (v_wanted(f, f->conf.t[i]))
				try_tunnel(&v, f->conf.t[i]);
	if (budget == 0)
		v_add(l, V_SKIP, VG_TUNNEL, "packets", NULL, "s2sctl verify "
		    "TUNNEL", NULL, "after %d probes the rest was left out",
		    VP_PROBES);
	if (pr_reduced(v.p, why, sizeof(why)))
		v_add(l, V_SKIP, VG_TUNNEL, "reduced", NULL, NULL, NULL,
		    "rules of the way in (PREROUTING, FORWARD): the kernel "
		    "does not take probes as if received (%s), they were sent "
		    "from this host instead", why);
	pr_close(v.p);
}
