/* SPDX-License-Identifier: ISC */

/* linux.c: the host backend of Linux: opens everything as root, then acts. */

#include <sys/socket.h>

#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include "linux.h"
#include "linux_rt.h"
#include "proc.h"
#include "tunnel.h"

static void
lx_close(void *v)
{
	struct lx	*x = v;
	size_t		 i;

	nl_close(&x->rt);
	nl_close(&x->rtev);
	nl_close(&x->xfrm);
	nl_close(&x->ct);
	if (x->xstat != -1)
		close(x->xstat);
	for (i = 0; i < LX_SYSCTLS; i++)
		if (x->sysctl[i] != -1)
			close(x->sysctl[i]);
	if (x->rp_default != -1)
		close(x->rp_default);
	if (x->saved != -1)
		close(x->saved);
	free(x->ifc);
	free(x);
}

static int
ignore(void *arg, const struct nlmsg *m)
{
	(void)arg; (void)m;
	return (0);
}

static int
xfrm_answers(struct lx *x)
{
	struct xfrm_userpolicy_id	 u;
	struct nlbuf			 b = { 0 };
	int				 rv;

	if (nl_open(&x->xfrm, NETLINK_XFRM, 0) == -1)
		return (0);
	memset(&u, 0, sizeof(u));
	nl_msg(&b, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &u, sizeof(u));
	nl_end(&b);
	rv = nl_dump(&x->xfrm, &b, ignore, NULL);
	nl_clear(&b);
	return (rv == 0);
}

/*
 * Of the events of routes only those of ours: where a routing daemon works
 * there are a million others.  The type of a message is in host order at
 * octet 4, rtm_protocol behind the header of 16 and five octets.
 */
static int
only_our_routes(int fd)
{
	struct sock_filter	 f[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 21),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LX_PROTO, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog	 p = { nitems(f), f };

	return (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p)));
}

static void *
lx_open(const struct host_env *env, char *why, size_t len)
{
	struct lx_saved	 s;
	struct lx	*x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (NULL);
	x->env = *env;
	x->mark = S2SD_MARK;
	x->rt.fd = x->rtev.fd = x->xfrm.fd = x->ct.fd = x->xstat = -1;
	lx_sysctl_open(x);
	if (nl_open(&x->rt, NETLINK_ROUTE, 0) == -1 ||
	    nl_open(&x->rtev, NETLINK_ROUTE,
	    RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_LINK |
	    RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE |
	    1u << (RTNLGRP_IPV6_RULE - 1)) == -1 ||
	    only_our_routes(x->rtev.fd) == -1) {
		snprintf(why, len, "routing socket: %s", strerror(errno));
		lx_close(x);
		return (NULL);
	}
	/* Without nf_conntrack there is nothing to forget. */
	if (nl_open(&x->ct, NETLINK_NETFILTER, 0) == -1)
		x->ct.fd = -1;
	x->have_xfrm = xfrm_answers(x);
	lx_stray_open(x);
	(void)lx_saved_load(x, &s);
	x->ipt = s.ipt;
	return (x);
}

/*
 * Without policies the routes do what they can, and what leaks behind them
 * is caught by the firewall's drop by output device.
 */
static int
lx_block(void *v, const struct host_want *w, char *why, size_t len)
{
	if (lx_ifcs_look(v) == -1) {
		snprintf(why, len, "devices: %s", strerror(errno));
		return (-1);
	}
	return (lx_pols(v, w, why, len));
}

/*
 * What is wrong with one device is said once, and no reason to leave the
 * others without routes: its own have `unreachable' alone.
 */
static void
ifcs(struct lx *x, const struct host_want *w)
{
	char	 why[FW_WHYLEN];

	if (lx_ifcs(x, w, why, sizeof(why)) == 0)
		x->ifc_told = 0;
	else if (!x->ifc_told) {
		x->ifc_told = 1;
		x->env.log(x->env.arg, LOG_ERR, why);
	}
}

static int
lx_apply(void *v, const struct host_want *w, char *why, size_t len)
{
	struct lx	*x = v;
	uint32_t	 gw = w->gateway & GW_ON ? w->gateway : 0;

	x->kernel = w->kernel;
	if (lx_link(x, w->mtu, (w->gateway & GW_RPFILTER) != 0) == -1) {
		snprintf(why, len, FW_TUN ": %s", strerror(errno));
		return (-1);
	}
	ifcs(x, w);
	if (w->routes_only)
		return (lx_routes(x, w, why, len));
	if (lx_pols(x, w, why, len) == -1 ||
	    lx_routes(x, w, why, len) == -1)
		return (-1);
	if (gw != 0)
		return (lx_sysctls(x, gw | (w->ipv6 ? LX_V6 : 0), why, len));
	if (lx_sysctls_restore(x) == -1) {
		snprintf(why, len, "the sysctls cannot be put back");
		return (-1);
	}
	return (0);
}

/* Keep the blocking policies, or with `block' nothing at all. */
static int
lx_clear(void *v, int block)
{
	struct lx		*x = v;
	struct host_want	 none;
	char			 why[FW_WHYLEN];
	int			 rv = 0;

	memset(&none, 0, sizeof(none));
	if (block && lx_pols(x, &none, why, sizeof(why)) == -1) {
		x->env.log(x->env.arg, LOG_ERR, why);
		rv = -1;
	}
	/* what an s2sd-sad that was killed has left */
	if (block && x->have_xfrm && lx_sad_clear(x) == -1)
		rv = -1;
	if (!block && lx_pols_end(x) == -1)
		rv = -1;
	if (lx_ifcs(x, &none, why, sizeof(why)) == -1) {
		x->env.log(x->env.arg, LOG_ERR, why);
		rv = -1;
	}
	/* Unreachable routes are the block where there are no policies. */
	if ((block || x->have_xfrm) && lx_routes_clear(x) == -1)
		rv = -1;
	if (lx_sysctls_restore(x) == -1)
		rv = -1;
	return (rv);
}

static int
lx_outdrop(void *v)
{
	return (!((struct lx *)v)->have_xfrm);
}

static size_t
lx_addrs_(void *v, struct addr *a, size_t max)
{
	return (lx_addrs(v, a, max));
}

static int
lx_purge_(void *v, const struct fw_rules *rs)
{
	struct lx	*x = v;

	return (x->ct.fd == -1 ? 0 : lx_purge(x, rs));
}

static int
lx_stray_(void *v, void (*fn)(void *, const struct net *), void *arg)
{
	struct lx	*x = v;

	return (x->kernel && x->have_xfrm ? lx_stray(x, fn, arg) : 0);
}

static int
lx_fd(void *v)
{
	return (((struct lx *)v)->rtev.fd);
}

/* Somebody switched our TUN off and on again: its routes went meanwhile. */
static int
tun_back(struct lx *x, const struct nlmsg *m)
{
	struct rd	 r = m->body;
	struct ifinfomsg i;
	int		 was = x->tun_down;

	if (m->type != RTM_NEWLINK || rd_copy(&r, &i, sizeof(i)) ||
	    x->ifindex == 0 || (uint32_t)i.ifi_index != x->ifindex)
		return (0);
	x->tun_down = !(i.ifi_flags & IFF_UP);
	return (was && !x->tun_down);
}

/* A route or rule of ours that somebody else has taken away.  (What we do
 * ourselves bears the number of the socket that asked.) */
static int
took_ours(const struct lx *x, const struct nlmsg *m)
{
	struct rt_rule	 u;

	if (m->pid == x->rt.portid)
		return (0);
	return (m->type == RTM_DELROUTE || (m->type == RTM_DELRULE &&
	    rt_rule_get(m->body, &u) == 1 && u.ours));
}

/* An address, our TUN, a route or rule of ours, or, where routes go by the
 * peers' devices, a device. */
static int
change(void *arg, const struct nlmsg *m)
{
	struct lx	*x = arg;

	switch (m->type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
		x->change |= took_ours(x, m);
		return (0);
	}
	if (x->kernel || (m->type != RTM_NEWLINK && m->type != RTM_DELLINK) ||
	    tun_back(x, m))
		x->change = 1;
	return (0);
}

static int
lx_changed(void *v)
{
	struct lx	*x = v;

	x->change = 0;
	return (nl_events(&x->rtev, change, x) == -1 || x->change);
}

static void
lx_mark(void *v, uint32_t variants)
{
	struct lx	*x = v;
	struct lx_saved	 s;

	if (x->ipt == variants)
		return;
	(void)lx_saved_load(x, &s);
	s.ipt = x->ipt = variants;
	if (lx_saved_store(x, &s) == -1)
		x->env.log(x->env.arg, LOG_WARNING, "iptables: the file that "
		    "remembers our chains cannot be written");
}

static uint32_t
lx_marked(void *v)
{
	return (((struct lx *)v)->ipt);
}

const struct host_backend host_linux = {
	.name = "linux", .open = lx_open, .block = lx_block,
	.apply = lx_apply, .clear = lx_clear, .outdrop = lx_outdrop,
	.addrs = lx_addrs_, .purge = lx_purge_, .stray = lx_stray_, .fd = lx_fd,
	.changed = lx_changed, .mark = lx_mark, .marked = lx_marked,
	.close = lx_close
};
