/* SPDX-License-Identifier: ISC */

/*
 * c_iface.c: tunnels with an interface: is their device there, up and
 * addressed, and does what is routed to it go there and come back?
 */

#include <stdio.h>

#include "verify.h"

static const struct v_dev *
by_name(const struct v_host *h, const char *name)
{
	size_t	 i;

	for (i = 0; i < h->ndev; i++)
		if (strcmp(h->dev[i].name, name) == 0)
			return (&h->dev[i]);
	return (NULL);
}

/* A backup of it may be in its place. */
static int
some_device(const struct v_facts *f, uint32_t index)
{
	const struct v_dev	*d = v_dev(&f->h, index);
	uint32_t		 unit;
	uint8_t			 kind;

	return (d != NULL && if_parse(d->name, &kind, &unit) == 0);
}

static void
address(const struct v_facts *f, const struct tunnel *t,
    const struct v_dev *d, struct v_list *l)
{
	const struct v_dev	*has;
	struct addr		 a = t->ifaddr.a;
	char			 s[ADDR_STRLEN], fix[128];

	if (a.af == 0)
		return;
	addr_str(&a, 0, s, sizeof(s));
	(void)snprintf(fix, sizeof(fix), "ip addr add %s/%u dev %s", s,
	    (unsigned int)t->ifaddr.plen, d->name);
	if ((has = v_dev_of(&f->h, &a)) == d)
		v_add(l, V_OK, VG_TUNNEL, "interface-address", t->name, NULL,
		    NULL, "%s has the address %s", d->name, s);
	else if (has == NULL)
		v_add(l, V_FAIL, VG_TUNNEL, "interface-address", t->name, fix,
		    NULL, "%s has not got the address %s", d->name, s);
	else
		v_add(l, V_FAIL, VG_TUNNEL, "interface-address", t->name, fix,
		    NULL, "%s, the address of %s, stands on %s", s, d->name,
		    has->name);
}

/* Strict: what comes in by a device must go back by it. */
static void
strict(const struct v_facts *f, const struct tunnel *t,
    const struct v_dev *d, const struct v_route *r, const char *net,
    struct v_list *l)
{
	char	 fix[64];

	if (v_rp(&f->h, d) != 1 || r->oif == d->index)
		return;
	(void)snprintf(fix, sizeof(fix), "sysctl -w net.ipv4.conf.%s."
	    "rp_filter=2", d->name);
	v_add(l, V_FAIL, VG_TUNNEL, "interface-rp-filter", t->name, fix,
	    "rp_filter of all and of the device", "strict reverse path "
	    "filtering on %s drops what comes out of the tunnel: %s goes to "
	    "another device", d->name, net);
}

static void
one_route(const struct v_facts *f, const struct tunnel *t,
    const struct v_dev *d, const struct tunroute *tr, struct v_list *l)
{
	const char	*name = d->name;
	struct v_route	 r;
	struct addr	 a = tr->to.a;
	char		 net[ADDR_STRLEN];

	net_str(&tr->to, net, sizeof(net));
	/* the first host there, so that no broadcast is asked for */
	if (tr->to.plen < 8 * addr_len(a.af) - 1)
		a.a[addr_len(a.af) - 1] |= 1;
	f->route(&a, NULL, 0, &r);
	if (r.err != 0)
		v_add(l, V_FAIL, VG_TUNNEL, "interface-route", t->name,
		    "s2sctl log", NULL, "the tunnel is up, but nothing goes "
		    "to %s: %s", net, strerror(r.err));
	else if (!some_device(f, r.oif))
		v_add(l, V_FAIL, VG_TUNNEL, "interface-route", t->name,
		    "ip rule", NULL, "%s goes to %s, not to %s", net,
		    v_dev(&f->h, r.oif) != NULL ? v_dev(&f->h, r.oif)->name :
		    "another device", name);
	else
		v_add(l, V_OK, VG_TUNNEL, "interface-route", t->name, NULL,
		    NULL, "%s goes to %s", net, v_dev(&f->h, r.oif)->name);
	if (r.err == 0 && a.af == 4)
		strict(f, t, d, &r, net, l);
}

static void
one(const struct v_facts *f, const struct tunnel *t, struct v_list *l)
{
	const struct u_tunnel	*s = v_state(f, t->name);
	const struct v_dev	*d;
	struct tunroute		 tr;
	char			 name[IF_STRLEN], fix[64];
	uint8_t			 i;

	tunnel_ifname(t, name, sizeof(name));
	(void)snprintf(fix, sizeof(fix), "ip link set %s up", name);
	if ((d = by_name(&f->h, name)) == NULL)
		v_add(l, V_FAIL, VG_TUNNEL, "interface", t->name, "s2sctl log",
		    NULL, "there is no device %s", name);
	else if (!d->up)
		v_add(l, V_FAIL, VG_TUNNEL, "interface", t->name, fix, NULL,
		    "%s is down", name);
	else
		v_add(l, V_OK, VG_TUNNEL, "interface", t->name, NULL, NULL,
		    "%s is up, packets up to %u octets", name, d->mtu);
	if (d == NULL || !d->up)
		return;
	address(f, t, d, l);
	if (s == NULL || u_class(s) != U_UP)
		return;
	for (i = 0; i < t->nroute; i++) {
		tunnel_route(t, i, &tr);
		one_route(f, t, d, &tr, l);
	}
}

/* Without the daemon there are no devices of its own. */
void
v_check_interfaces(const struct v_facts *f, struct v_list *l)
{
	size_t	 i;

	for (i = 0; f->d.running && i < f->conf.n; i++)
		if (f->conf.t[i]->t.ifkind != IF_NONE &&
		    !(f->conf.t[i]->t.flags & TUN_DISABLED) &&
		    v_wanted(f, f->conf.t[i]))
			one(f, &f->conf.t[i]->t, l);
}
