/* SPDX-License-Identifier: ISC */

/* facts_linux.c: what this Linux says of itself: devices, addresses, routes
 * (rtnetlink), settings (/proc/sys), tracked connections, users, clock. */

#include <sys/timex.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "verify.h"
#include "probe.h"
#include "../../backends/host/linux_rt.h"

/* ---- /proc/sys ---- */

/* A small number, or -1. */
static int
sysctl_get(const char *fmt, const char *dev)
{
	char	 path[160], b[16];
	ssize_t	 n;
	int	 f;

	(void)snprintf(path, sizeof(path), fmt, dev);
	if ((f = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (-1);
	n = read(f, b, sizeof(b) - 1);
	(void)close(f);
	if (n <= 0)
		return (-1);
	b[n] = '\0';
	return ((int)strtol(b, NULL, 10));
}

static uint8_t
flag(const char *fmt, const char *dev)
{
	int	 v = sysctl_get(fmt, dev);

	return (v < 0 ? 0 : (uint8_t)v);
}

static void
settings(struct v_host *h)
{
	size_t	 i;

	h->fwd4 = sysctl_get("/proc/sys/net/ipv4/ip_forward", "");
	h->fwd6 = sysctl_get("/proc/sys/net/ipv6/conf/all/forwarding", "");
	h->rp_all = flag("/proc/sys/net/ipv4/conf/all/rp_filter", "");
	h->redirects_all =
	    flag("/proc/sys/net/ipv4/conf/all/send_redirects", "");
	for (i = 0; i < h->ndev; i++) {
		h->dev[i].rp_filter = flag(
		    "/proc/sys/net/ipv4/conf/%s/rp_filter", h->dev[i].name);
		h->dev[i].send_redirects = flag(
		    "/proc/sys/net/ipv4/conf/%s/send_redirects",
		    h->dev[i].name);
		h->dev[i].noxfrm = flag(
		    "/proc/sys/net/ipv4/conf/%s/disable_xfrm",
		    h->dev[i].name);
		h->dev[i].nopolicy = flag(
		    "/proc/sys/net/ipv4/conf/%s/disable_policy",
		    h->dev[i].name);
	}
}

/* ---- devices and addresses ---- */

static int
link_got(void *arg, const struct nlmsg *m)
{
	struct v_host	*h = arg;
	struct v_dev	*d = &h->dev[h->ndev];
	struct rd	 r = m->body, name;
	struct ifinfomsg i;

	if (m->type != RTM_NEWLINK || h->ndev == V_DEVS ||
	    rd_copy(&r, &i, sizeof(i)))
		return (0);
	name = nl_find(r, IFLA_IFNAME);
	if (name.n < 2 || name.n > sizeof(d->name) ||
	    name.p[name.n - 1] != '\0' || memchr(name.p, '/', name.n) != NULL)
		return (0);
	memset(d, 0, sizeof(*d));
	memcpy(d->name, name.p, name.n);
	d->index = (uint32_t)i.ifi_index;
	d->up = (i.ifi_flags & IFF_UP) != 0;
	d->tun = strcmp(d->name, FW_TUN) == 0;
	if (nl_get32(nl_find(r, IFLA_MTU), &d->mtu) == -1)
		d->mtu = 0;
	h->ndev++;
	return (0);
}

static int
addr_got(void *arg, const struct nlmsg *m)
{
	struct v_host	*h = arg;
	struct rd	 r = m->body;
	struct ifaddrmsg i;

	if (m->type == RTM_NEWADDR && h->nmine < V_ADDRS &&
	    rd_copy(&r, &i, sizeof(i)) == 0 &&
	    lx_addr_get(m->body, &h->mine[h->nmine]) == 1) {
		h->mine_plen[h->nmine] = i.ifa_prefixlen;
		h->mine_if[h->nmine++] = i.ifa_index;
	}
	return (0);
}

static void
dump(int proto, uint16_t type, const void *hdr, size_t n, nl_cb *fn,
    void *arg)
{
	struct nlsock	 s;
	struct nlbuf	 b = { 0 };

	if (nl_open(&s, proto, 0) == -1)
		return;
	nl_msg(&b, type, NLM_F_DUMP, hdr, n);
	nl_end(&b);
	(void)!nl_dump(&s, &b, fn, arg);	/* then nothing was found */
	nl_clear(&b);
	nl_close(&s);
}

/* ---- a route ---- */

static int
route_got(void *arg, const struct nlmsg *m)
{
	struct v_route	*v = arg;
	struct rd	 r = m->body, x;
	struct rtmsg	 t;
	uint8_t		 af;

	if (m->type != RTM_NEWROUTE || rd_copy(&r, &t, sizeof(t)))
		return (0);
	af = t.rtm_family == AF_INET6 ? 6 : 4;
	v->local = t.rtm_type == RTN_LOCAL;
	if (t.rtm_type != RTN_UNICAST && t.rtm_type != RTN_LOCAL)
		v->err = EHOSTUNREACH;
	if (nl_get32(nl_find(r, RTA_OIF), &v->oif) == -1)
		v->oif = 0;
	x = nl_find(r, RTA_GATEWAY);
	if (x.n != 0 && rt_attr_addr(af, x, &v->gateway) == -1)
		v->gateway.af = 0;
	x = nl_find(r, RTA_PREFSRC);
	if (x.n != 0 && rt_attr_addr(af, x, &v->src) == -1)
		v->src.af = 0;
	x = nl_find(nl_find(r, RTA_METRICS), RTAX_MTU);
	if (nl_get32(x, &v->mtu) == -1)
		v->mtu = 0;
	return (0);
}

void
v_route(const struct addr *dst, const struct addr *src, uint32_t iif,
    struct v_route *v)
{
	struct nlsock	 s;
	struct nlbuf	 b = { 0 };
	struct rtmsg	 t;

	memset(v, 0, sizeof(*v));
	memset(&t, 0, sizeof(t));
	t.rtm_family = dst->af == 6 ? AF_INET6 : AF_INET;
	t.rtm_dst_len = (uint8_t)(8 * addr_len(dst->af));
	t.rtm_src_len = src == NULL ? 0 : t.rtm_dst_len;
	if (nl_open(&s, NETLINK_ROUTE, 0) == -1) {
		v->err = errno;
		return;
	}
	nl_msg(&b, RTM_GETROUTE, NLM_F_ACK, &t, sizeof(t));
	nl_put(&b, RTA_DST, dst->a, addr_len(dst->af));
	if (src != NULL)
		nl_put(&b, RTA_SRC, src->a, addr_len(src->af));
	if (iif != 0)
		nl_u32(&b, RTA_IIF, iif);
	nl_end(&b);
	if (nl_dump(&s, &b, route_got, v) == -1)
		v->err = errno;
	nl_clear(&b);
	nl_close(&s);
}

/* ---- tracked connections ---- */

struct stale {
	struct fw_rules	 rs;
	int		 n;
};

static int
ct_got(void *arg, const struct nlmsg *m)
{
	struct stale	*s = arg;

	s->n += lx_ct_match(m->body, &s->rs) == 1;
	return (0);
}

/* What may not carry a NAT: between the networks, between the gateways. */
static int
pairs(const struct v_facts *f, struct fw_rules *rs)
{
	const struct tunnel	*t;
	const struct selpair	*m;
	struct selpair		 p;
	struct sel		 l, r;
	struct net		 to;
	size_t			 i, k;
	int			 rv = 0;

	for (i = 0; i < f->conf.n && rv == 0; i++) {
		t = &f->conf.t[i]->t;
		for (k = 0; k < t->npair && rv == 0; k++) {
			p = v_pair(t, k);
			m = tunnel_map(t, &t->pair[k].local);
			if (m != NULL && sel_to_net(&m->local, &to) == 0)
				rv = fw_add_map(rs, &p.local, &p.remote, &to);
			else
				rv = fw_add(rs, FW_EXEMPT, &p.local,
				    &p.remote, 0);
		}
		for (k = 0; k < t->npeer && rv == 0; k++) {
			if (t->local.af != t->peer[k].af)
				continue;
			sel_from_addr(&t->local, &l);
			sel_from_addr(&t->peer[k], &r);
			rv = fw_add(rs, FW_OUTER, &l, &r, 0);
		}
	}
	return (rv == 0 ? fw_rules_close(rs) : -1);
}

static void
conntrack(struct v_facts *f)
{
	struct stale	 s = { .n = 0 };
	struct nfgenmsg	 g;

	f->h.ct_stale = -1;
	fw_rules_init(&s.rs);
	if (f->parsed && pairs(f, &s.rs) == 0) {
		memset(&g, 0, sizeof(g));
		g.nfgen_family = AF_UNSPEC;
		dump(NETLINK_NETFILTER, NFNL_SUBSYS_CTNETLINK << 8 |
		    IPCTNL_MSG_CT_GET, &g, sizeof(g), ct_got, &s);
		f->h.ct_stale = s.n;
	}
	fw_rules_free(&s.rs);
}

/* ---- the rest ---- */

static void
users(struct v_host *h)
{
	static const char *const names[] = { "_s2sd", "_s2sdkey", "_s2sdesp",
	    "_s2sdsys" };
	size_t	 i;

	for (i = 0; i < nitems(names); i++)
		if (getpwnam(names[i]) == NULL)
			h->users |= (uint8_t)(1 << i);
}

static void
clock_read(struct v_host *h)
{
	struct timex	 t;

	memset(&t, 0, sizeof(t));
	h->synced = adjtimex(&t) == -1 ? -1 : (t.status & STA_UNSYNC) == 0;
}

void
v_host_read(struct v_facts *f)
{
	struct ifinfomsg	 i;
	struct ifaddrmsg	 a;

	memset(&i, 0, sizeof(i));
	memset(&a, 0, sizeof(a));
	dump(NETLINK_ROUTE, RTM_GETLINK, &i, sizeof(i), link_got, &f->h);
	dump(NETLINK_ROUTE, RTM_GETADDR, &a, sizeof(a), addr_got, &f->h);
	settings(&f->h);
	conntrack(f);
	users(&f->h);
	clock_read(&f->h);
	v_socks_read(&f->h);
	v_kernel_read(&f->h.k);
}
