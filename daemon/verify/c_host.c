/* SPDX-License-Identifier: ISC */

/* c_host.c: is this host set as a gateway needs it? */

#include <net/if.h>

#include <stdio.h>

#include "verify.h"

enum { MTU_LEAST = 1280 + 90 };

/* ---- addresses and routes ---- */

static void
local_address(const struct v_facts *f, const struct cf_tunnel *t,
    struct v_list *l)
{
	const struct v_dev	*d;
	char			 a[ADDR_STRLEN], fix[160];

	if (t->t.local.af == 0)
		return;
	(void)addr_str(&t->t.local, 0, a, sizeof(a));
	if ((d = v_dev_of(&f->h, &t->t.local)) == NULL) {
		(void)snprintf(fix, sizeof(fix), "ip addr add %s/%d dev "
		    "DEVICE, or change `local' in s2sd.conf", a,
		    t->t.local.af == 4 ? 24 : 64);
		v_add(l, V_FAIL, VG_HOST, "local-address", t->t.name, fix,
		    "ip addr", "%s is not an address of this host", a);
	} else if (!d->up)
		v_add(l, V_FAIL, VG_HOST, "local-address", t->t.name, NULL,
		    "ip link", "%s is on %s, which is down", a, d->name);
	else
		v_add(l, V_OK, VG_HOST, "local-address", t->t.name, NULL,
		    "ip addr", "%s is on %s", a, d->name);
}

/*
 * Strict reverse path filtering of what is outside: a packet of the peer
 * that comes in by another device than the way back is dropped.
 */
static void
asymmetric(const struct v_facts *f, const struct cf_tunnel *t,
    const struct addr *peer, const struct v_dev *out, struct v_list *l)
{
	const struct v_dev	*d = v_dev_of(&f->h, &t->t.local);
	char			 fix[96], a[ADDR_STRLEN];

	if (peer->af != 4 || d == NULL || out == NULL || d == out ||
	    strcmp(d->name, "lo") == 0 || v_rp(&f->h, d) != 1)
		return;
	(void)snprintf(fix, sizeof(fix), "sysctl -w net.ipv4.conf.%s."
	    "rp_filter=2", d->name);
	v_add(l, V_WARN, VG_HOST, "rp-filter", t->t.name, fix,
	    "rp_filter of all and of the device", "answers to %s go out by %s: strict "
	    "reverse path filtering on %s drops what the peer sends in there",
	    addr_str(peer, 0, a, sizeof(a)), out->name, d->name);
}

static void
peer_route(const struct v_facts *f, const struct cf_tunnel *t,
    const struct addr *peer, struct v_list *l)
{
	const struct v_dev	*d;
	struct v_route		 r;
	char			 a[ADDR_STRLEN], seen[ADDR_STRLEN + 16];

	(void)addr_str(peer, 0, a, sizeof(a));
	(void)snprintf(seen, sizeof(seen), "ip route get %s", a);
	f->route(peer, t->t.local.af == peer->af ? &t->t.local : NULL, 0, &r);
	d = v_dev(&f->h, r.oif);
	if (r.err != 0)
		v_add(l, V_FAIL, VG_HOST, "peer-route", t->t.name,
		    "add a route (often: a default gateway)", seen,
		    "there is no route to the peer %s: %s", a,
		    strerror(r.err));
	else if (r.local)
		v_add(l, V_FAIL, VG_HOST, "peer-route", t->t.name,
		    "exchange `local' and `peer' in s2sd.conf", seen,
		    "the peer %s is this host itself", a);
	else if (d != NULL && d->tun)
		v_add(l, V_FAIL, VG_HOST, "peer-route", t->t.name,
		    "a host route to the peer by its gateway, in table main",
		    seen, "the way to the peer %s goes into the tunnel", a);
	else
		v_add(l, V_OK, VG_HOST, "peer-route", t->t.name, NULL, seen,
		    "the way to the peer %s is %s", a,
		    d == NULL ? "known" : d->name);
	if (r.err == 0 && !r.local)
		asymmetric(f, t, peer, d, l);
	if (r.err == 0 && d != NULL && !d->tun && !r.local &&
	    (r.mtu != 0 ? r.mtu : d->mtu) < MTU_LEAST)
		v_add(l, V_WARN, VG_HOST, "mtu", t->t.name,
		    "a path with an MTU of 1400 or more, or IPv4 alone "
		    "inside the tunnel", seen, "%s takes packets of %u octets "
		    "only: IPv6 inside the tunnel needs %d", d->name,
		    r.mtu != 0 ? r.mtu : d->mtu, MTU_LEAST);
}

/* Does the network of that address, on its device, hold all of s? */
static int
around(const struct v_host *h, size_t k, const struct sel *s)
{
	struct net	 n = { .a = h->mine[k], .plen = h->mine_plen[k] };
	struct addr	 lo, hi;

	if (n.a.af != s->af || n.plen == 0)
		return (0);
	memset(&lo, 0, sizeof(lo));
	lo.af = s->af;
	hi = lo;
	memcpy(lo.a, s->lo, addr_len(s->af));
	memcpy(hi.a, s->hi, addr_len(s->af));
	return (net_has(&n, &lo) && net_has(&n, &hi));
}

/* What of this host lies across a remote network; 1: said so. */
static int
across(const struct v_facts *f, const struct cf_tunnel *t,
    const struct selpair *p, struct v_list *l)
{
	const struct v_dev	*d;
	char			 a[ADDR_STRLEN], s[SEL_STRLEN];
	size_t			 k;
	int			 in;

	(void)sel_str(&p->remote, s, sizeof(s));
	for (k = 0; k < f->h.nmine; k++) {
		d = v_dev(&f->h, f->h.mine_if[k]);
		in = sel_match(&p->remote, &f->h.mine[k], p->remote.ipproto,
		    p->remote.port_lo);
		if (d == NULL || d->tun || (!in &&
		    !around(&f->h, k, &p->remote)) || (in &&
		    sel_match(&p->local, &f->h.mine[k], p->local.ipproto,
		    p->local.port_lo)))
			continue;
		(void)addr_str(&f->h.mine[k], 0, a, sizeof(a));
		v_add(l, V_WARN, VG_HOST, "overlap", t->t.name,
		    "give each side another name: `from OTHER (OURS) to THEIRS' "
		    "at both ends, see s2sd.conf(5); or name smaller networks "
		    "in `to'",
		    "ip addr", in ? "%s of %s lies in the remote network %s: "
		    "hosts there cannot be told from ours" : "the network of "
		    "%s on %s holds the remote network %s: hosts here look "
		    "for it on their own wire", a, d->name, s);
		return (1);
	}
	return (0);
}

/* Two offices with the same addresses cannot be joined like that. */
static void
overlap(const struct v_facts *f, const struct cf_tunnel *t,
    struct v_list *l)
{
	const struct selpair	*m = NULL;
	struct selpair		 p;
	char			 a[SEL_STRLEN], b[SEL_STRLEN];
	size_t			 i;

	for (i = 0; i < t->t.npair; i++) {
		p = v_pair(&t->t, i);
		if (across(f, t, &p, l))
			return;
	}
	if (t->t.npair == 0)
		return;
	for (i = 0; i < t->t.npair; i++)
		if ((m = tunnel_map(&t->t, &t->t.pair[i].local)) != NULL)
			break;
	if (m == NULL)
		v_add(l, V_OK, VG_HOST, "overlap", t->t.name, NULL, "ip addr",
		    "no network of this host overlaps a remote one");
	else
		v_add(l, V_OK, VG_HOST, "overlap", t->t.name, NULL, "ip addr",
		    "no network of this host overlaps a remote one; the other "
		    "end knows %s as %s", sel_str(&m->remote, b, sizeof(b)),
		    sel_str(&m->local, a, sizeof(a)));
}

/* ---- settings ---- */

/* Does somebody else than this host use a tunnel of that family? */
static int
forwards(const struct v_facts *f, uint8_t af)
{
	const struct selpair	*p;
	size_t			 i, k;

	for (i = 0; i < f->conf.n; i++) {
		if (!v_wanted(f, f->conf.t[i]))
			continue;
		for (k = 0; k < f->conf.t[i]->t.npair; k++) {
			p = &f->conf.t[i]->t.pair[k];
			if (p->local.af == af && memcmp(p->local.lo,
			    p->local.hi, addr_len(af)) != 0)
				return (1);
		}
	}
	return (0);
}

static void
forwarding(const struct v_facts *f, struct v_list *l, uint8_t af)
{
	const char	*name = af == 4 ? "net.ipv4.ip_forward" :
			    "net.ipv6.conf.all.forwarding";
	int		 v = af == 4 ? f->h.fwd4 : f->h.fwd6;
	char		 fix[128];

	if (!forwards(f, af))
		return;
	(void)snprintf(fix, sizeof(fix), "`set gateway' in s2sd.conf, or: "
	    "sysctl -w %s=1", name);
	if (v == -1)
		v_add(l, V_SKIP, VG_HOST, "ip-forward", NULL, NULL, name,
		    "%s cannot be read", name);
	else if (v == 0 && !f->d.running &&
	    f->conf.g.gateway & GW_FORWARDING)
		v_add(l, V_OK, VG_HOST, "ip-forward", NULL, NULL, name,
		    "IPv%u packets will be forwarded once s2sd runs (`set "
		    "gateway')", af);
	else if (v == 0)
		v_add(l, V_FAIL, VG_HOST, "ip-forward", NULL, fix, name,
		    "packets are not forwarded (%s = 0)", name);
	else
		v_add(l, V_OK, VG_HOST, "ip-forward", NULL, NULL, name,
		    "IPv%u packets are forwarded", af);
}

/*
 * Strict reverse path filtering drops what comes out of the tunnel where
 * the way back is another device.
 */
static void
rp_filter(const struct v_facts *f, const struct cf_tunnel *t,
    struct v_list *l)
{
	const struct v_dev	*d;
	struct v_route		 r;
	struct addr		 a;
	char			 fix[160];
	size_t			 i;

	for (i = 0; i < f->h.ndev; i++)
		if (f->h.dev[i].tun)
			break;
	if (i == f->h.ndev || t->t.pair[0].remote.af != 4)
		return;
	d = &f->h.dev[i];
	memset(&a, 0, sizeof(a));
	a.af = 4;
	memcpy(a.a, t->t.pair[0].remote.lo, 4);
	f->route(&a, NULL, 0, &r);
	if (v_rp(&f->h, d) != 1 || r.oif == d->index)
		return;
	(void)snprintf(fix, sizeof(fix), "%ssysctl -w net.ipv4.conf.%s."
	    "rp_filter=2", f->conf.g.gateway & GW_RPFILTER ? "" :
	    "take `no rp_filter' out of s2sd.conf, or: ", d->name);
	v_add(l, V_FAIL, VG_HOST, "rp-filter", t->t.name, fix,
	    "rp_filter of all and of the device", "strict reverse path "
	    "filtering on %s drops what comes out of the tunnel: the way "
	    "back to the remote network is %s", d->name,
	    r.err != 0 || v_dev(&f->h, r.oif) == NULL ? "not there" :
	    v_dev(&f->h, r.oif)->name);
}

static void
devices(const struct v_facts *f, struct v_list *l)
{
	const struct v_dev	*d;
	char			 fix[96];
	size_t			 i;

	for (i = 0; i < f->h.ndev; i++) {
		d = &f->h.dev[i];
		if (!d->up || d->tun || strcmp(d->name, "lo") == 0 ||
		    (d->noxfrm | d->nopolicy) == 0)
			continue;
		(void)snprintf(fix, sizeof(fix), "sysctl -w net.ipv4.conf.%s."
		    "%s=0", d->name, d->noxfrm ? "disable_xfrm" :
		    "disable_policy");
		v_add(l, V_FAIL, VG_HOST, "disable-xfrm", NULL, fix,
		    "/proc/sys/net/ipv4/conf", "%s does not ask for IPsec "
		    "policies (%s = 1): what should be blocked or encrypted "
		    "passes there", d->name, d->noxfrm ? "disable_xfrm" :
		    "disable_policy");
	}
}

/* LAN and peer on one wire: the kernel tells hosts to go past us. */
static void
one_armed(const struct v_facts *f, const struct cf_tunnel *t,
    struct v_list *l)
{
	const struct v_dev	*d;
	struct selpair		 p = v_pair(&t->t, 0);
	struct v_route		 out, lan;
	struct addr		 a;
	char			 fix[160];

	if (t->t.npeer == 0 || t->t.pair[0].local.af != 4)
		return;
	memset(&a, 0, sizeof(a));
	a.af = 4;
	memcpy(a.a, p.local.hi, 4);
	f->route(&t->t.peer[0], NULL, 0, &out);
	f->route(&a, NULL, 0, &lan);
	d = v_dev(&f->h, out.oif);
	if (out.err != 0 || lan.err != 0 || d == NULL || out.oif != lan.oif ||
	    lan.local || (d->send_redirects | f->h.redirects_all) == 0)
		return;
	(void)snprintf(fix, sizeof(fix), "`set gateway' in s2sd.conf, or: "
	    "sysctl -w net.ipv4.conf.all.send_redirects=0 "
	    "net.ipv4.conf.%s.send_redirects=0", d->name);
	v_add(l, V_WARN, VG_HOST, "send-redirects", t->t.name, fix,
	    "net.ipv4.conf.*.send_redirects", "LAN and peer are both on %s: "
	    "hosts will be told by ICMP to send past this gateway", d->name);
}

/* ---- who else ---- */

static void
sockets(const struct v_facts *f, struct v_list *l)
{
	const struct v_sock	*s;
	char			 a[ADDR_STRLEN], fix[128];
	size_t			 i, others = 0, ours = 0;

	for (i = 0; i < f->h.nsock; i++) {
		s = &f->h.sock[i];
		if (strncmp(s->program, "s2sd", 4) == 0) {
			ours++;
			continue;
		}
		others++;
		(void)snprintf(fix, sizeof(fix), "stop it for good, then: "
		    "s2sd (systemd: systemctl disable --now ipsec "
		    "strongswan-starter)");
		v_add(l, V_FAIL, VG_HOST, "other-daemon", NULL, fix,
		    "/proc/net/udp", "%s (pid %u) has UDP %s",
		    s->pid == 0 ? "another program" : s->program, s->pid,
		    addr_str(&s->local, 1, a, sizeof(a)));
	}
	if (others == 0)
		v_add(l, V_OK, VG_HOST, "other-daemon", NULL, NULL,
		    "/proc/net/udp", "no other program has UDP 500 or "
		    "4500");
	for (i = 0; i < f->h.nother; i++) {
		(void)snprintf(fix, sizeof(fix), "stop it for good: kill %u, "
		    "and take it out of the services that start at boot",
		    f->h.other[i].pid);
		v_add(l, V_WARN, VG_HOST, "ike-daemon", NULL, fix, "/proc",
		    "%s (pid %u) runs, too: it may put policies and SAs of its "
		    "own into the kernel", f->h.other[i].program,
		    f->h.other[i].pid);
	}
	if (f->h.nother == 0)
		v_add(l, V_OK, VG_HOST, "ike-daemon", NULL, NULL, "/proc",
		    "no other IKE daemon runs (pluto, charon, iked, isakmpd, "
		    "racoon)");
	if (f->d.running && ours == 0)
		v_add(l, V_WARN, VG_HOST, "sockets", NULL, NULL,
		    "/proc/net/udp", "s2sd runs, but not in this network "
		    "namespace: what follows is about another machine");
}

static void
stale(const struct v_facts *f, struct v_list *l)
{
	if (f->h.ct_stale == -1)
		v_add(l, V_SKIP, VG_HOST, "conntrack", NULL, NULL, NULL,
		    "tracked connections were not looked at");
	else if (f->h.ct_stale > 0)
		v_add(l, V_WARN, VG_HOST, "conntrack", NULL,
		    "s2sctl reload (s2sd deletes them), or: conntrack -F",
		    "conntrack", "%d tracked connection%s between the "
		    "networks or gateways still carr%s a NAT made earlier",
		    f->h.ct_stale, f->h.ct_stale == 1 ? "" : "s",
		    f->h.ct_stale == 1 ? "ies" : "y");
	else
		v_add(l, V_OK, VG_HOST, "conntrack", NULL, NULL, "conntrack",
		    "no tracked connection carries an old NAT");
}

static void
clock_check(const struct v_facts *f, struct v_list *l)
{
	if (f->h.synced == 1)
		v_add(l, V_OK, VG_HOST, "clock", NULL, NULL, "adjtimex",
		    "the clock is synchronised");
	else if (f->h.synced == 0)
		v_add(l, V_WARN, VG_HOST, "clock", NULL,
		    "install an NTP client (chrony, ntpd, systemd-timesyncd)",
		    "adjtimex", "nobody sets the clock: times in the log of "
		    "both ends will not agree");
}

void
v_check_host(const struct v_facts *f, struct v_list *l)
{
	const struct cf_tunnel	*t;
	size_t			 i, k;

	for (i = 0; i < f->conf.n; i++) {
		t = f->conf.t[i];
		if (!v_wanted(f, t))
			continue;
		local_address(f, t, l);
		for (k = 0; k < t->t.npeer; k++)
			peer_route(f, t, &t->t.peer[k], l);
		overlap(f, t, l);
		if (t->t.npair > 0) {
			rp_filter(f, t, l);
			one_armed(f, t, l);
		}
	}
	forwarding(f, l, 4);
	forwarding(f, l, 6);
	devices(f, l);
	sockets(f, l);
	stale(f, l);
	clock_check(f, l);
}
