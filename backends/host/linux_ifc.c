/* SPDX-License-Identifier: ISC */

/*
 * linux_ifc.c: devices of tunnels with `interface': made, addressed, kept as
 * they shall be, and removed.  Ours are known by their group (LX_IF_GROUP),
 * which they have from the moment they exist; a device of that name without
 * it is somebody else's and left alone.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "linux_rt.h"

enum { LOOPBACK = 1 };		/* index of lo in every network namespace */

static const char	 kind_xfrm[] = "xfrm";

/* --- reading --- */

/* One RTM_NEWLINK: 0 or -1. */
int
lx_link_get(struct rd r, struct lx_link *l)
{
	struct ifinfomsg i;
	struct rd	 v, info, data;

	memset(l, 0, sizeof(*l));
	if (rd_copy(&r, &i, sizeof(i)) || i.ifi_index <= 0)
		return (-1);
	l->ifindex = (uint32_t)i.ifi_index;
	l->up = (i.ifi_flags & IFF_UP) != 0;
	v = nl_find(r, IFLA_IFNAME);
	if (v.n == 0 || v.n > sizeof(l->name) || v.p[v.n - 1] != '\0')
		return (-1);
	memcpy(l->name, v.p, v.n);
	if (nl_get32(nl_find(r, IFLA_GROUP), &l->group) == -1)
		l->group = 0;
	if (nl_get32(nl_find(r, IFLA_MTU), &l->mtu) == -1)
		l->mtu = 0;
	info = nl_find(r, IFLA_LINKINFO);
	v = nl_find(info, IFLA_INFO_KIND);
	l->xfrm = v.n >= sizeof(kind_xfrm) - 1 && memcmp(v.p, kind_xfrm,
	    sizeof(kind_xfrm) - 1) == 0 && (v.n == sizeof(kind_xfrm) - 1 ||
	    v.p[sizeof(kind_xfrm) - 1] == '\0');
	data = nl_find(info, IFLA_INFO_DATA);
	if (!l->xfrm || nl_get32(nl_find(data, IFLA_XFRM_IF_ID),
	    &l->if_id) == -1)
		l->if_id = 0;
	return (0);
}

/* Every device that is ours, or that has a name that might be wanted. */
static int
link_got(void *arg, const struct nlmsg *m)
{
	struct rt_list	*all = arg;
	struct lx_link	 l, *p;
	uint32_t	 unit;
	uint8_t		 kind;

	if (m->type != RTM_NEWLINK || lx_link_get(m->body, &l) == -1 ||
	    (if_parse(l.name, &kind, &unit) == -1 && l.group != LX_IF_GROUP))
		return (0);
	if ((p = rt_more(all, sizeof(*p))) == NULL)
		return (-1);
	*p = l;
	return (0);
}

static int
links_read(struct lx *x, struct rt_list *all)
{
	struct nlbuf	 b = { 0 };
	struct ifinfomsg i;
	int		 rv;

	memset(&i, 0, sizeof(i));
	nl_msg(&b, RTM_GETLINK, NLM_F_DUMP, &i, sizeof(i));
	nl_end(&b);
	rv = nl_dump(&x->rt, &b, link_got, all);
	nl_clear(&b);
	return (rv);
}

static const struct lx_link *
by_name(const struct rt_list *all, const char *name)
{
	const struct lx_link	*l = all->p;
	size_t			 i;

	for (i = 0; i < all->n; i++)
		if (strcmp(l[i].name, name) == 0)
			return (&l[i]);
	return (NULL);
}

static int
ours(const struct lx_link *l)
{
	return (l->xfrm && l->group == LX_IF_GROUP);
}

uint32_t
lx_ifc_index(const struct lx *x, const struct host_if *i)
{
	size_t	 k;

	for (k = 0; i->kind != IF_NONE && k < x->nifc; k++)
		if (x->ifc[k].i.kind == i->kind && x->ifc[k].i.unit == i->unit)
			return (x->ifc[k].ifindex);
	return (0);
}

int
lx_ifc_of(const struct lx *x, uint32_t ifindex, struct host_if *i)
{
	size_t	 k;

	for (k = 0; k < x->nifc; k++)
		if (x->ifc[k].ifindex == ifindex) {
			*i = x->ifc[k].i;
			return (0);
		}
	return (-1);
}

/* What is ours among them becomes known. */
static int
note(struct lx *x, const struct rt_list *all)
{
	const struct lx_link	*l = all->p;
	struct lx_ifc		*p;
	size_t			 i, n = 0;

	if ((p = calloc(all->n + 1, sizeof(*p))) == NULL)
		return (-1);
	for (i = 0; i < all->n; i++)
		if (ours(&l[i]) && if_parse(l[i].name, &p[n].i.kind,
		    &p[n].i.unit) == 0 && p[n].i.unit == l[i].if_id)
			p[n++].ifindex = l[i].ifindex;
	free(x->ifc);
	x->ifc = p;
	x->nifc = n;
	return (0);
}

int
lx_ifcs_look(struct lx *x)
{
	struct rt_list	 all = { 0 };
	int		 rv;

	if ((rv = links_read(x, &all)) == 0)
		rv = note(x, &all);
	free(all.p);
	return (rv);
}

/* --- writing --- */

void
lx_link_new(struct nlbuf *b, const char *name, uint32_t if_id, uint16_t mtu)
{
	struct ifinfomsg	 i;
	size_t			 info, data, spec, fam, conf;

	memset(&i, 0, sizeof(i));
	nl_msg(b, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &i,
	    sizeof(i));
	nl_str(b, IFLA_IFNAME, name);
	nl_u32(b, IFLA_GROUP, LX_IF_GROUP);
	if (mtu != 0)
		nl_u32(b, IFLA_MTU, mtu);
	info = nl_nest(b, IFLA_LINKINFO);
	nl_put(b, IFLA_INFO_KIND, kind_xfrm, sizeof(kind_xfrm) - 1);
	data = nl_nest(b, IFLA_INFO_DATA);
	/* the kernels that want a device below do not use it */
	nl_u32(b, IFLA_XFRM_LINK, LOOPBACK);
	nl_u32(b, IFLA_XFRM_IF_ID, if_id);
	nl_unnest(b, data);
	nl_unnest(b, info);
	nl_end(b);
	/* loose reverse path: the greater value of `all' and the device's is
	 * the one that counts, and 2 is the greatest */
	memset(&i, 0, sizeof(i));
	nl_msg(b, RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	nl_str(b, IFLA_IFNAME, name);
	spec = nl_nest(b, IFLA_AF_SPEC);
	fam = nl_nest(b, AF_INET);
	conf = nl_nest(b, IFLA_INET_CONF);
	nl_u32(b, LX_RP_FILTER, 2);
	nl_unnest(b, conf);
	nl_unnest(b, fam);
	nl_unnest(b, spec);
	nl_end(b);
}

static void
link_del(struct nlbuf *b, uint32_t ifindex)
{
	struct ifinfomsg	 i;

	memset(&i, 0, sizeof(i));
	i.ifi_index = (int)ifindex;
	nl_msg(b, RTM_DELLINK, NLM_F_ACK, &i, sizeof(i));
	nl_end(b);
}

/* MTU and up, where they are not so already: each change is an event. */
static void
link_fit(struct nlbuf *b, const struct lx_link *l, uint16_t mtu)
{
	struct ifinfomsg	 i;

	if (l->up && (mtu == 0 || l->mtu == mtu))
		return;
	memset(&i, 0, sizeof(i));
	i.ifi_index = (int)l->ifindex;
	i.ifi_flags = i.ifi_change = IFF_UP;
	nl_msg(b, RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	if (mtu != 0)
		nl_u32(b, IFLA_MTU, mtu);
	nl_end(b);
}

/* Link-local addresses of its own it needs none. */
static int
no_autoconf(struct lx *x, uint32_t ifindex)
{
	struct nlbuf		 b = { 0 };
	struct ifinfomsg	 i;
	size_t			 spec, fam;
	int			 rv;

	memset(&i, 0, sizeof(i));
	i.ifi_index = (int)ifindex;
	nl_msg(&b, RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	spec = nl_nest(&b, IFLA_AF_SPEC);
	fam = nl_nest(&b, AF_INET6);
	nl_u8(&b, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_unnest(&b, fam);
	nl_unnest(&b, spec);
	nl_end(&b);
	rv = nl_many(&x->rt, &b, EAFNOSUPPORT, EINVAL);
	nl_clear(&b);
	return (rv);
}

/* --- addresses --- */

struct ifaddrs_ {
	struct lx		*x;
	const struct host_want	*w;
	struct nlbuf		 del;
	uint8_t			*there;		/* one for each wanted device */
};

static void
addr_msg(struct nlbuf *b, uint16_t type, uint32_t ifindex, const struct net *n)
{
	struct ifaddrmsg i;

	memset(&i, 0, sizeof(i));
	i.ifa_family = n->a.af == 4 ? AF_INET : AF_INET6;
	i.ifa_prefixlen = n->plen;
	i.ifa_index = ifindex;
	if (n->a.af == 6)
		i.ifa_flags = IFA_F_NODAD;
	nl_msg(b, type, NLM_F_ACK | (type == RTM_NEWADDR ?
	    NLM_F_CREATE | NLM_F_REPLACE : 0), &i, sizeof(i));
	nl_put(b, IFA_LOCAL, n->a.a, addr_len(n->a.af));
	nl_put(b, IFA_ADDRESS, n->a.a, addr_len(n->a.af));
	nl_end(b);
}

/* An address on a device of ours: a wanted one, or one that goes. */
static int
addr_got(void *arg, const struct nlmsg *m)
{
	struct ifaddrs_		*l = arg;
	struct rd		 r = m->body;
	struct ifaddrmsg	 i;
	struct host_if		 dev;
	struct net		 n;
	struct addr		 a;
	size_t			 k;

	if (m->type != RTM_NEWADDR || rd_copy(&r, &i, sizeof(i)) ||
	    lx_ifc_of(l->x, i.ifa_index, &dev) == -1 ||
	    lx_addr_get(m->body, &a) != 1)
		return (0);
	memset(&n, 0, sizeof(n));
	n.a = a;
	n.plen = i.ifa_prefixlen;
	for (k = 0; k < l->w->nifc; k++)
		if (l->w->ifc[k].i.unit == dev.unit &&
		    net_eq(&l->w->ifc[k].addr, &n)) {
			l->there[k] = 1;
			return (0);
		}
	addr_msg(&l->del, RTM_DELADDR, i.ifa_index, &n);
	return (0);
}

static int
addresses(struct lx *x, const struct host_want *w)
{
	struct ifaddrs_	 l = { .x = x, .w = w };
	struct nlbuf	 b = { 0 };
	struct ifaddrmsg i;
	uint32_t	 ifindex;
	size_t		 k;
	int		 rv;

	if ((l.there = calloc(w->nifc + 1, 1)) == NULL)
		return (-1);
	memset(&i, 0, sizeof(i));
	nl_msg(&b, RTM_GETADDR, NLM_F_DUMP, &i, sizeof(i));
	nl_end(&b);
	rv = nl_dump(&x->rt, &b, addr_got, &l);
	nl_clear(&b);
	for (k = 0; rv == 0 && k < w->nifc; k++)
		if (!l.there[k] && w->ifc[k].addr.a.af != 0 &&
		    (ifindex = lx_ifc_index(x, &w->ifc[k].i)) != 0)
			addr_msg(&b, RTM_NEWADDR, ifindex, &w->ifc[k].addr);
	if (rv == 0 && l.del.n > 0)
		rv = nl_many(&x->rt, &l.del, EADDRNOTAVAIL, ENODEV);
	if (b.n > 0 && nl_many(&x->rt, &b, EEXIST, 0) == -1)
		rv = -1;
	nl_clear(&b);
	nl_clear(&l.del);
	free(l.there);
	return (rv);
}

/* --- making it so --- */

static int
wanted(const struct host_want *w, const struct lx_link *l)
{
	char	 name[IF_STRLEN];
	size_t	 k;

	for (k = 0; k < w->nifc; k++)
		if (l->if_id == w->ifc[k].i.unit && strcmp(l->name,
		    if_str(w->ifc[k].i.kind, w->ifc[k].i.unit, name,
		    sizeof(name))) == 0)
			return (1);
	return (0);
}

/* Ours that nobody wants; also one that was renamed. */
static int
remove_rest(struct lx *x, const struct host_want *w,
    const struct rt_list *all)
{
	const struct lx_link	*l = all->p;
	struct nlbuf		 b = { 0 };
	size_t			 i;
	int			 rv = 0;

	for (i = 0; i < all->n; i++)
		if (ours(&l[i]) && !wanted(w, &l[i]))
			link_del(&b, l[i].ifindex);
	if (b.n > 0)
		rv = nl_many(&x->rt, &b, ENODEV, 0);
	nl_clear(&b);
	return (rv);
}

static void
foreign(const struct lx_link *l, char *why, size_t len)
{
	if (l->xfrm)
		snprintf(why, len, "interface %s: there is one that is not "
		    "ours (xfrm, if_id %u); remove it with ip link del %s, or "
		    "write another number", l->name, l->if_id, l->name);
	else
		snprintf(why, len, "interface %s: there is a device of that "
		    "name that is not ours; rename it, or write another "
		    "number", l->name);
}

/* The one that is missing: 0, or -1 and why. */
static int
make(struct lx *x, const struct host_ifc *c, const char *name, char *why,
    size_t len)
{
	struct nlbuf	 b = { 0 };
	int		 rv;

	lx_link_new(&b, name, c->i.unit, c->mtu);
	if ((rv = nl_many(&x->rt, &b, 0, 0)) == -1)
		snprintf(why, len, errno == EEXIST ? "interface %s: another "
		    "xfrm interface has the if_id %u; remove it, or write "
		    "another number" : errno == EOPNOTSUPP ?
		    "interface %s (if_id %u): this kernel has no xfrm "
		    "interfaces; write from ... to ... without interface" :
		    "interface %s (if_id %u): it cannot be made", name,
		    c->i.unit);
	nl_clear(&b);
	return (rv);
}

/* All that can be done is done; -1 and the first reason. */
static int
all_made(struct lx *x, const struct host_want *w, const struct rt_list *all,
    char *why, size_t len)
{
	const struct lx_link	*l;
	char			 name[IF_STRLEN], text[FW_WHYLEN];
	size_t			 k;
	int			 rv = 0;

	for (k = 0; k < w->nifc; k++) {
		if_str(w->ifc[k].i.kind, w->ifc[k].i.unit, name,
		    sizeof(name));
		text[0] = '\0';
		if ((l = by_name(all, name)) == NULL)
			(void)make(x, &w->ifc[k], name, text, sizeof(text));
		else if (!ours(l) || l->if_id != w->ifc[k].i.unit)
			foreign(l, text, sizeof(text));
		if (text[0] != '\0' && rv == 0) {
			snprintf(why, len, "%s", text);
			rv = -1;
		}
	}
	return (rv);
}

static int
all_fit(struct lx *x, const struct host_want *w, const struct rt_list *all)
{
	const struct lx_link	*l;
	struct nlbuf		 b = { 0 };
	char			 name[IF_STRLEN];
	size_t			 k;
	int			 rv = 0;

	for (k = 0; k < w->nifc; k++) {
		l = by_name(all, if_str(w->ifc[k].i.kind, w->ifc[k].i.unit,
		    name, sizeof(name)));
		if (l == NULL || !ours(l))
			continue;
		if (!l->up && no_autoconf(x, l->ifindex) == -1)
			x->env.log(x->env.arg, LOG_INFO, "interface: IPv6 "
			    "addresses of its own cannot be switched off");
		link_fit(&b, l, w->ifc[k].mtu);
	}
	if (b.n > 0)
		rv = nl_many(&x->rt, &b, 0, 0);
	nl_clear(&b);
	return (rv);
}

int
lx_ifcs(struct lx *x, const struct host_want *w, char *why, size_t len)
{
	struct rt_list	 before = { 0 }, after = { 0 };
	int		 rv = -1, made;

	snprintf(why, len, "%s", "");
	if (links_read(x, &before) == -1 || remove_rest(x, w, &before) == -1)
		goto out;
	made = all_made(x, w, &before, why, len);
	if (links_read(x, &after) == -1 || note(x, &after) == -1 ||
	    all_fit(x, w, &after) == -1 || addresses(x, w) == -1)
		goto out;
	rv = made;
 out:
	if (rv == -1 && why[0] == '\0')
		snprintf(why, len, "interface: %s", strerror(errno));
	free(before.p);
	free(after.p);
	return (rv);
}
