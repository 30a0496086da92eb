/* SPDX-License-Identifier: ISC */

/* linux_link.c: the TUN as a device, and the addresses of this machine. */

#include <errno.h>
#include <syslog.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "linux_rt.h"

/* --- the device --- */

static int
link_got(void *arg, const struct nlmsg *m)
{
	struct rd	 r = m->body;
	struct ifinfomsg i;

	if (m->type == RTM_NEWLINK && rd_copy(&r, &i, sizeof(i)) == 0)
		*(uint32_t *)arg = (uint32_t)i.ifi_index;
	return (0);
}

static void
link_msg(struct lx *x, struct nlbuf *b, unsigned int up)
{
	struct ifinfomsg	 i;

	memset(&i, 0, sizeof(i));
	i.ifi_family = AF_UNSPEC;
	i.ifi_index = (int)x->ifindex;
	i.ifi_flags = i.ifi_change = up;
	nl_msg(b, RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
}

/*
 * Loose reverse path filtering: the kernel takes the greater value of `all'
 * and the device, and 2 is loose, so that a strict `all' does not matter.
 * Back: what a new device gets.
 */
static void
reverse_path(struct lx *x, struct nlbuf *b, int loose)
{
	size_t	 spec, fam, conf;

	if (!loose && !x->rp_ours)
		return;
	spec = nl_nest(b, IFLA_AF_SPEC);
	fam = nl_nest(b, AF_INET);
	conf = nl_nest(b, IFLA_INET_CONF);
	nl_u32(b, LX_RP_FILTER, loose ? 2 : lx_rp_default(x));
	nl_unnest(b, conf);
	nl_unnest(b, fam);
	nl_unnest(b, spec);
	x->rp_ours = loose;
}

/* No address, no router solicitations, reverse path; then up. */
static int
link_set(struct lx *x, uint16_t mtu, int loose)
{
	struct nlbuf	 b = { 0 };
	size_t		 spec, fam;
	int		 rv;

	link_msg(x, &b, 0);
	spec = nl_nest(&b, IFLA_AF_SPEC);
	fam = nl_nest(&b, AF_INET6);
	nl_u8(&b, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_unnest(&b, fam);
	nl_unnest(&b, spec);
	nl_end(&b);
	if (nl_many(&x->rt, &b, EAFNOSUPPORT, EINVAL) == -1)
		x->env.log(x->env.arg, LOG_INFO,
		    FW_TUN ": IPv6 addresses cannot be switched off");
	nl_clear(&b);
	link_msg(x, &b, 0);
	if (mtu != 0)
		nl_u32(&b, IFLA_MTU, mtu);
	reverse_path(x, &b, loose);
	nl_end(&b);
	link_msg(x, &b, IFF_UP);
	nl_end(&b);
	rv = nl_many(&x->rt, &b, 0, 0);
	nl_clear(&b);
	return (rv);
}

int
lx_link(struct lx *x, uint16_t mtu, int loose)
{
	struct nlbuf	 b = { 0 };
	struct ifinfomsg i;
	int		 rv, e;

	memset(&i, 0, sizeof(i));
	x->ifindex = 0;
	nl_msg(&b, RTM_GETLINK, NLM_F_ACK, &i, sizeof(i));
	nl_str(&b, IFLA_IFNAME, FW_TUN);
	nl_end(&b);
	rv = nl_dump(&x->rt, &b, link_got, &x->ifindex);
	e = errno;
	nl_clear(&b);
	if (rv == 0 && x->ifindex != 0)
		return (link_set(x, mtu, loose));
	if (rv == -1 && e != ENODEV) {
		x->ifindex = 0;
		errno = e;
		return (-1);
	}
	x->ifindex = 0;			/* there is none, */
	x->rp_ours = 0;			/* this went with it */
	return (0);
}

/* --- addresses --- */

int
lx_addr_get(struct rd r, struct addr *a)
{
	struct ifaddrmsg i;
	struct rd	 v;

	if (rd_copy(&r, &i, sizeof(i)))
		return (-1);
	if ((i.ifa_family != AF_INET && i.ifa_family != AF_INET6) ||
	    i.ifa_scope >= RT_SCOPE_LINK)
		return (0);
	v = nl_find(r, IFA_LOCAL);
	if (v.n == 0)
		v = nl_find(r, IFA_ADDRESS);
	if (v.n == 0 || rt_attr_addr(i.ifa_family == AF_INET ? 4 : 6, v, a) == -1)
		return (-1);
	return (1);
}

struct addrs {
	struct addr	*a;
	size_t		 n, max;
};

static int
addr_got(void *arg, const struct nlmsg *m)
{
	struct addrs	*l = arg;

	if (m->type == RTM_NEWADDR && l->n < l->max &&
	    lx_addr_get(m->body, &l->a[l->n]) == 1)
		l->n++;
	return (0);
}

size_t
lx_addrs(struct lx *x, struct addr *a, size_t max)
{
	struct addrs	 l = { .a = a, .max = max };
	struct nlbuf	 b = { 0 };
	struct ifaddrmsg i;

	memset(&i, 0, sizeof(i));
	nl_msg(&b, RTM_GETADDR, NLM_F_DUMP, &i, sizeof(i));
	nl_end(&b);
	if (nl_dump(&x->rt, &b, addr_got, &l) == -1)
		l.n = HOST_ADDRS_BAD;
	nl_clear(&b);
	return (l.n);
}
