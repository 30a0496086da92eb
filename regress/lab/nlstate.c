/* SPDX-License-Identifier: ISC */

/* nlstate.c: what s2sd-host could have changed here, as sorted lines. */

#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/fib_rules.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include "addr.h"
#include "nlfail.h"
#include "../../backends/host/nl.h"

enum { LINES = 1024, LINE = 200 };

struct lines {
	char	 l[LINES][LINE];
	size_t	 n;
};

static char *
more(struct lines *s)
{
	if (s->n == LINES)
		errx(1, "too much to see");
	return (s->l[s->n++]);
}

static const char *
net_text(int family, const void *a, size_t n, unsigned int plen, char *b)
{
	struct addr	 x;
	char		 t[ADDR_STRLEN];

	memset(&x, 0, sizeof(x));
	x.af = family == AF_INET6 ? 6 : 4;
	if (n == addr_len(x.af))
		memcpy(x.a, a, n);
	(void)snprintf(b, 80, "%s/%u", addr_str(&x, 0, t, sizeof(t)), plen);
	return (b);
}

static int
route(void *arg, const struct nlmsg *m)
{
	struct rd	 r = m->body, d, p;
	struct rtmsg	 t;
	uint32_t	 table = 0, oif = 0, metric = 0;
	char		 b[80], c[80];

	if (m->type != RTM_NEWROUTE || rd_copy(&r, &t, sizeof(t)))
		return (0);
	d = nl_find(r, RTA_DST);
	p = nl_find(r, RTA_PREFSRC);
	if (nl_get32(nl_find(r, RTA_TABLE), &table) == -1 ||
	    (nl_find(r, RTA_OIF).n == 4 &&
	    nl_get32(nl_find(r, RTA_OIF), &oif) == -1) ||
	    (nl_find(r, RTA_PRIORITY).n == 4 &&
	    nl_get32(nl_find(r, RTA_PRIORITY), &metric) == -1) ||
	    table == RT_TABLE_LOCAL || t.rtm_family == AF_INET6)
		return (0);
	(void)snprintf(more(arg), LINE, "route table %u %s dev %u metric %u "
	    "proto %u type %u src %s", table, net_text(t.rtm_family, d.p, d.n,
	    t.rtm_dst_len, b), oif, metric, t.rtm_protocol, t.rtm_type,
	    net_text(t.rtm_family, p.p, p.n, 32, c));
	return (0);
}

static int
rule(void *arg, const struct nlmsg *m)
{
	struct rd		 r = m->body, s;
	struct fib_rule_hdr	 h;
	uint32_t		 pref = 0, table = 0, mark = 0;
	char			 b[80];

	if (m->type != RTM_NEWRULE || rd_copy(&r, &h, sizeof(h)))
		return (0);
	s = nl_find(r, FRA_SRC);
	(void)!nl_get32(nl_find(r, FRA_PRIORITY), &pref);
	(void)!nl_get32(nl_find(r, FRA_TABLE), &table);
	(void)!nl_get32(nl_find(r, FRA_FWMARK), &mark);
	(void)snprintf(more(arg), LINE, "rule %u family %u from %s table %u "
	    "mark 0x%x flags %u", pref, h.family, net_text(h.family, s.p, s.n,
	    h.src_len, b), table, mark, h.flags);
	return (0);
}

static int
policy(void *arg, const struct nlmsg *m)
{
	struct rd			 r = m->body;
	struct xfrm_userpolicy_info	 u;
	size_t				 n;
	char				 b[80], c[80];

	if (m->type != XFRM_MSG_NEWPOLICY || rd_copy(&r, &u, sizeof(u)))
		return (0);
	n = u.sel.family == AF_INET6 ? 16 : 4;
	(void)snprintf(more(arg), LINE, "policy %s dir %u priority 0x%x from "
	    "%s to %s dev %d", u.action == XFRM_POLICY_BLOCK ? "block" :
	    "allow", u.dir, u.priority, net_text(u.sel.family, &u.sel.saddr, n,
	    u.sel.prefixlen_s, b), net_text(u.sel.family, &u.sel.daddr, n,
	    u.sel.prefixlen_d, c), u.sel.ifindex);
	return (0);
}

static int
table(void *arg, const struct nlmsg *m)
{
	struct rd	 r = m->body, n;
	struct nfgenmsg	 g;

	if (m->type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE) ||
	    rd_copy(&r, &g, sizeof(g)))
		return (0);
	n = nl_find(r, NFTA_TABLE_NAME);
	(void)snprintf(more(arg), LINE, "table %u %.*s end", g.nfgen_family,
	    (int)n.n, (const char *)n.p);
	return (0);
}

static int
chain_rule(void *arg, const struct nlmsg *m)
{
	struct rd	 r = m->body, n, c;
	struct nfgenmsg	 g;

	if (m->type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE) ||
	    rd_copy(&r, &g, sizeof(g)))
		return (0);
	n = nl_find(r, NFTA_RULE_TABLE);
	c = nl_find(r, NFTA_RULE_CHAIN);
	(void)snprintf(more(arg), LINE, "nft rule %u %.*s %.*s of %zu octets",
	    g.nfgen_family, (int)n.n, (const char *)n.p, (int)c.n,
	    (const char *)c.p, nl_find(r, NFTA_RULE_EXPRESSIONS).n);
	return (0);
}

static void
ask(int proto, uint16_t type, const void *hdr, size_t n, nl_cb *cb,
    struct lines *to)
{
	struct nlsock	 s;
	struct nlbuf	 b = { 0 };

	if (nl_open(&s, proto, 0) == -1)
		err(1, "netlink");
	nl_msg(&b, type, NLM_F_DUMP, hdr, n);
	nl_end(&b);
	if (nl_dump(&s, &b, cb, to) == -1)
		err(1, "looking at %d 0x%x", proto, type);
	nl_clear(&b);
	nl_close(&s);
}

static void
settings(struct lines *s)
{
	static const char *const names[] = { "ip_forward",
	    "conf/all/send_redirects", "conf/default/send_redirects",
	    "conf/all/accept_redirects", "conf/default/accept_redirects" };
	char	 path[100], v[8];
	size_t	 i;
	ssize_t	 n;
	int	 fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s",
		    names[i]);
		if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
		    (n = read(fd, v, sizeof(v) - 1)) <= 0)
			err(1, "%s", path);
		(void)close(fd);
		v[n] = '\0';
		(void)snprintf(more(s), LINE, "%s %s", names[i], v);
		s->l[s->n - 1][strcspn(s->l[s->n - 1], "\n")] = '\0';
	}
}

static int
cmp(const void *a, const void *b)
{
	return (strcmp(a, b));
}

char *
nlstate(void)
{
	static struct lines		 s;
	struct rtmsg			 rt;
	struct fib_rule_hdr		 fr;
	struct xfrm_userpolicy_id	 xp;
	struct nfgenmsg			 nf;
	char				*text;
	size_t				 i;

	s.n = 0;
	memset(&rt, 0, sizeof(rt));
	memset(&fr, 0, sizeof(fr));
	memset(&xp, 0, sizeof(xp));
	memset(&nf, 0, sizeof(nf));
	ask(NETLINK_ROUTE, RTM_GETROUTE, &rt, sizeof(rt), route, &s);
	ask(NETLINK_ROUTE, RTM_GETRULE, &fr, sizeof(fr), rule, &s);
	ask(NETLINK_XFRM, XFRM_MSG_GETPOLICY, &xp, sizeof(xp), policy, &s);
	ask(NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE,
	    &nf, sizeof(nf), table, &s);
	ask(NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE,
	    &nf, sizeof(nf), chain_rule, &s);
	settings(&s);
	qsort(s.l, s.n, LINE, cmp);
	if ((text = malloc(s.n * (LINE + 1) + 1)) == NULL)
		err(1, NULL);
	text[0] = '\0';
	for (i = 0; i < s.n; i++)
		(void)sprintf(text + strlen(text), "%s\n", s.l[i]);
	return (text);
}
