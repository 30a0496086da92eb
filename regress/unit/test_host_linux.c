/* SPDX-License-Identifier: ISC */

/* test_host_linux.c: netlink built and read, the file of old sysctls. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>

#include <linux/fib_rules.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <cmocka.h>

#include "host.h"
#include "sel.h"
#include "../../backends/fw/ipt.h"
#include "../../backends/fw/nft_msg.h"
#include "../../backends/host/linux_rt.h"

static void
add(struct fw_rules *rs, enum fw_verdict v, const char *l, const char *r,
    uint16_t val)
{
	struct sel	 a = sel(l), b = sel(r);

	assert_int_equal(fw_add(rs, v, &a, &b, val), 0);
}

/* --- reading --- */

static void
test_nl_read(void **state)
{
	struct nlbuf	 b = { 0 };
	struct nlmsg	 m;
	struct rd	 r, v;
	uint32_t	 u;
	uint16_t	 t;
	uint8_t		*exact;
	size_t		 at, n;
	int		 rv;

	(void)state;
	nl_msg(&b, 0x1234, NLM_F_ACK, "head", 4);
	nl_u8(&b, 1, 7);
	nl_str(&b, 2, "name");
	at = nl_nest(&b, 3);
	nl_be32(&b, 4, 0x01020304);
	nl_unnest(&b, at);
	nl_end(&b);
	nl_msg(&b, 0x1235, 0, NULL, 0);
	nl_end(&b);
	assert_int_equal(b.bad, 0);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(m.type, 0x1234);
	assert_int_equal(rd_skip(&m.body, 4), 0);
	v = nl_find(nl_find(m.body, 3), 4);
	assert_int_equal(nl_getbe32(v, &u), 0);
	assert_int_equal(u, 0x01020304);
	v = nl_find(m.body, 2);
	assert_int_equal(v.n, 5);
	assert_int_equal(nl_find(m.body, 9).n, 0);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(nl_next(&r, &m), 0);
	for (n = 1; n < b.n; n++) {	/* each truncation ends, in order */
		exact = malloc(n);
		memcpy(exact, b.d, n);
		r = rd_of(exact, n);
		while ((rv = nl_next(&r, &m)) == 1)
			while (nl_attr(&m.body, &t, &v) == 1)
				;
		assert_true(rv == -1 || n == NLMSG_ALIGN(n));
		free(exact);
	}
	nl_clear(&b);
}

/* --- nftables --- */

static size_t
of_type(const struct nlbuf *b, uint16_t type)
{
	struct rd	 r = rd_of(b->d, b->n);
	struct nlmsg	 m;
	size_t		 n = 0;
	int		 rv;

	while ((rv = nl_next(&r, &m)) == 1)
		n += m.type == (NFNL_SUBSYS_NFTABLES << 8 | type);
	assert_int_equal(rv, 0);
	return (n);
}

/* Elements in all NEWSETELEM of a set; *first is the first one's key. */
static size_t
elements(const struct nlbuf *b, const char *set, struct rd *first)
{
	struct rd	 r = rd_of(b->d, b->n), list, e, name;
	struct nlmsg	 m;
	uint16_t	 t;
	size_t		 n = 0;

	while (nl_next(&r, &m) == 1) {
		if (m.type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
			continue;
		assert_int_equal(rd_skip(&m.body, 4), 0);
		name = nl_find(m.body, NFTA_SET_ELEM_LIST_SET);
		if (name.n != strlen(set) + 1 ||
		    memcmp(name.p, set, name.n) != 0)
			continue;
		list = nl_find(m.body, NFTA_SET_ELEM_LIST_ELEMENTS);
		while (nl_attr(&list, &t, &e) == 1) {
			assert_int_equal(t, NFTA_LIST_ELEM);
			if (n++ == 0)
				*first = nl_find(nl_find(e,
				    NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);
			assert_int_equal(nl_find(nl_find(e,
			    NFTA_SET_ELEM_KEY_END), NFTA_DATA_VALUE).n,
			    first->n);
		}
	}
	return (n);
}

static void
test_nft_table(void **state)
{
	static const uint8_t	 key[] = { 10, 1, 3, 0, 11, 0, 0, 0 };
	struct fw_rules		 rs;
	struct nlbuf		 b = { 0 };
	struct rd		 first = { NULL, 0 };
	char			 s[32];
	int			 i;

	(void)state;
	fw_rules_init(&rs);
	for (i = 0; i < 1001; i++) {
		snprintf(s, sizeof(s), "11.%d.%d.0/24", i / 256, i % 256);
		add(&rs, FW_EXEMPT, "10.1.3.0/24", s, 0);
	}
	add(&rs, FW_MSS, "10.1.3.0/24", "11.0.0.0/24", 1348);
	assert_int_equal(fw_rules_close(&rs), 0);
	nftm_begin(&b);
	nftm_table(&b, 4, 1, &rs);
	nftm_end(&b);
	assert_int_equal(b.bad, 0);
	/* a thousand pairs, and not one rule more than for one */
	assert_int_equal(of_type(&b, NFT_MSG_NEWRULE), 20);
	assert_int_equal(of_type(&b, NFT_MSG_NEWCHAIN), 6);
	assert_int_equal(of_type(&b, NFT_MSG_NEWSET), 4);
	assert_int_equal(elements(&b, "pairs", &first), 1001);
	assert_int_equal(first.n, sizeof(key));
	assert_memory_equal(first.p, key, sizeof(key));
	assert_int_equal(elements(&b, "mss1348", &first), 1);
	assert_int_equal(elements(&b, "gateways", &first), 0);
	nl_clear(&b);
	nftm_elems(&b, FW_EXEMPT, 4, 0, rs.r[FW_EXEMPT][0].p, 3);
	assert_int_equal(of_type(&b, NFT_MSG_DELSETELEM), 1);
	assert_int_equal(b.nmsg, 1);
	nl_clear(&b);
	nftm_block(&b, 4, 0, &rs);	/* nothing to block: only removed */
	assert_int_equal(of_type(&b, NFT_MSG_NEWRULE), 0);
	assert_int_equal(of_type(&b, NFT_MSG_DELTABLE), 1);
	nl_clear(&b);
	add(&rs, FW_BLOCK, "10.1.3.0/24", "11.0.0.0/24", 0);
	assert_int_equal(fw_rules_close(&rs), 0);
	nftm_block(&b, 4, 1, &rs);
	assert_int_equal(of_type(&b, NFT_MSG_NEWRULE), 4);
	assert_int_equal(elements(&b, "pairs", &first), 1);
	nl_clear(&b);
	/* of IPv6, also by output device: HOST_OWN allows any */
	add(&rs, FW_BLOCK, "fd00:3::/64", "fd00:4::/64", 0);
	assert_int_equal(fw_rules_close(&rs), 0);
	nftm_block(&b, 4, 0, &rs);
	assert_int_equal(of_type(&b, NFT_MSG_NEWCHAIN), 1);
	nl_clear(&b);
	nftm_block(&b, 6, 0, &rs);
	assert_int_equal(of_type(&b, NFT_MSG_NEWCHAIN), 3);
	assert_int_equal(of_type(&b, NFT_MSG_NEWRULE), 5);
	nl_clear(&b);
	fw_rules_free(&rs);
}

/* Every value of the MSS has a set and two rules, and only its own pairs. */
static void
test_nft_mss(void **state)
{
	struct fw_rules	 rs;
	struct nlbuf	 b = { 0 };
	struct rd	 first = { NULL, 0 };
	uint16_t	 val = 0;
	char		 s[32];
	int		 i;

	(void)state;
	fw_rules_init(&rs);
	for (i = 0; i < 900; i++) {
		snprintf(s, sizeof(s), "11.%d.%d.0/24", i / 256, i % 256);
		add(&rs, FW_MSS, "10.1.3.0/24", s, i % 3 == 0 ? 1200 : 1400);
	}
	add(&rs, FW_MSS, "10.1.3.0/24", "12.0.0.0/24", 536);
	assert_int_equal(fw_rules_close(&rs), 0);
	nftm_table(&b, 4, 1, &rs);
	assert_int_equal(b.bad, 0);
	assert_int_equal(of_type(&b, NFT_MSG_NEWSET), 6);
	assert_int_equal(of_type(&b, NFT_MSG_NEWRULE), 18 + 2 * 3);
	assert_int_equal(elements(&b, "mss1200", &first), 300);
	assert_int_equal(elements(&b, "mss1400", &first), 600);
	assert_int_equal(elements(&b, "mss536", &first), 1);
	nl_clear(&b);
	nftm_elems(&b, FW_MSS, 4, 0, rs.r[FW_MSS][0].p, 3);
	assert_int_equal(of_type(&b, NFT_MSG_DELSETELEM), 2);
	nl_clear(&b);
	for (i = 0; nftm_mss(rs.r[FW_MSS][0].p, rs.r[FW_MSS][0].n, &val); i++)
		assert_int_equal(val, i == 0 ? 536 : i == 1 ? 1200 : 1400);
	assert_int_equal(i, 3);
	fw_rules_free(&rs);
	/* none: no empty chain that nothing jumps to */
	fw_rules_init(&rs);
	add(&rs, FW_EXEMPT, "10.1.3.0/24", "11.0.0.0/24", 0);
	assert_int_equal(fw_rules_close(&rs), 0);
	nftm_table(&b, 4, 1, &rs);
	assert_int_equal(of_type(&b, NFT_MSG_NEWCHAIN), 5);
	assert_int_equal(of_type(&b, NFT_MSG_NEWRULE), 17);
	nl_clear(&b);
	fw_rules_free(&rs);
}

/* Names in the kernel's form of a table, whole ones with their zero. */
static void
test_left(void **state)
{
	static const uint8_t	 nat[] = "xxS2SD\0\0\1S2SD-DNAT\0";
	static const uint8_t	 raw[] = "S2SD-BLOCK\0";
	static const uint8_t	 filter[] = "..S2SD-INPUT\0";
	static const uint8_t	 other[] = "S2SDX\0S2SD-FORWAR\0";
	uint8_t			*exact;
	size_t			 n;

	(void)state;
	assert_int_equal(ipt_left_names(nat, sizeof(nat)), IPT_LEGACY);
	assert_int_equal(ipt_left_names(raw, sizeof(raw)), IPT_LEGACY << 2);
	assert_int_equal(ipt_left_names(filter, sizeof(filter)),
	    IPT_LEGACY << 4);
	assert_int_equal(ipt_left_names(other, sizeof(other)), 0);
	for (n = 0; n < sizeof(raw) - 1; n++) {
		exact = malloc(n > 0 ? n : 1);
		memcpy(exact, raw, n);
		assert_int_equal(ipt_left_names(exact, n), n < 11 ? 0 :
		    IPT_LEGACY << 2);
		free(exact);
	}
}

/* --- connections --- */

static void
tuple(struct nlbuf *b, uint16_t type, const char *s, const char *d,
    uint8_t proto, uint16_t sport, uint16_t dport)
{
	struct addr	 x;
	size_t		 at = nl_nest(b, type), k;

	k = nl_nest(b, CTA_TUPLE_IP);
	assert_int_equal(addr_parse(s, &x), 0);
	nl_put(b, CTA_IP_V4_SRC, x.a, 4);
	assert_int_equal(addr_parse(d, &x), 0);
	nl_put(b, CTA_IP_V4_DST, x.a, 4);
	nl_unnest(b, k);
	k = nl_nest(b, CTA_TUPLE_PROTO);
	nl_u8(b, CTA_PROTO_NUM, proto);
	nl_be16(b, CTA_PROTO_SRC_PORT, sport);
	nl_be16(b, CTA_PROTO_DST_PORT, dport);
	nl_unnest(b, k);
	nl_unnest(b, at);
}

static int
matches(const struct fw_rules *rs, const char *s, const char *d,
    const char *masq, uint8_t proto, uint16_t dport, uint32_t status)
{
	struct nfgenmsg	 g = { AF_INET, 0, 0 };
	struct nlbuf	 b = { 0 };
	struct nlmsg	 m;
	struct rd	 r;
	uint8_t		*exact;
	size_t		 n;
	int		 rv;

	nl_msg(&b, 1, 0, &g, sizeof(g));
	tuple(&b, CTA_TUPLE_ORIG, s, d, proto, 40000, dport);
	tuple(&b, CTA_TUPLE_REPLY, d, masq, proto, dport, 40000);
	nl_be32(&b, CTA_STATUS, status);
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	rv = lx_ct_match(m.body, rs);
	for (n = 0; n < m.body.n; n++) {
		exact = malloc(n > 0 ? n : 1);
		memcpy(exact, m.body.p, n);
		assert_true(lx_ct_match(rd_of(exact, n), rs) < 1);
		free(exact);
	}
	nl_clear(&b);
	return (rv);
}

static void
test_ct(void **state)
{
	struct fw_rules	 rs;
	struct sel	 here, there;
	struct net	 n;

	(void)state;
	fw_rules_init(&rs);
	add(&rs, FW_EXEMPT, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(&rs, FW_OUTER, "192.168.1.3", "192.168.1.4", 0);
	assert_int_equal(net_parse("10.0.5.0/24", &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &here);
	assert_int_equal(net_parse("172.30.2.0/24", &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &there);
	assert_int_equal(net_parse("172.30.1.0/24", &n), 0);
	assert_int_equal(fw_add_map(&rs, &here, &there, &n), 0);
	assert_int_equal(fw_rules_close(&rs), 0);
	/* translated as it should be; as another would; not at all */
	assert_int_equal(matches(&rs, "10.0.5.7", "172.30.2.9", "172.30.1.7",
	    6, 80, IPS_SRC_NAT), 0);
	assert_int_equal(matches(&rs, "10.0.5.7", "172.30.2.9", "172.30.1.8",
	    6, 80, IPS_SRC_NAT), 1);
	assert_int_equal(matches(&rs, "10.0.5.7", "172.30.2.9", "192.168.1.3",
	    6, 80, IPS_SRC_NAT), 1);
	assert_int_equal(matches(&rs, "10.0.5.7", "172.30.2.9", "10.0.5.7",
	    6, 80, IPS_SRC_NAT_DONE), 1);
	/* begun there, without its DNAT; elsewhere */
	assert_int_equal(matches(&rs, "172.30.2.9", "172.30.1.7", "172.30.2.9",
	    6, 80, IPS_DST_NAT_DONE), 1);
	assert_int_equal(matches(&rs, "10.0.5.7", "172.30.3.9", "10.0.5.7",
	    6, 80, IPS_SRC_NAT_DONE), 0);
	assert_int_equal(matches(&rs, "10.1.3.2", "10.1.4.2", "192.168.1.3",
	    6, 80, IPS_SRC_NAT), 1);
	assert_int_equal(matches(&rs, "10.1.4.2", "10.1.3.2", "10.1.4.2",
	    6, 80, IPS_DST_NAT), 1);
	/* no NAT, another network, another port between the gateways */
	assert_int_equal(matches(&rs, "10.1.3.2", "10.1.4.2", "10.1.3.2",
	    6, 80, IPS_SRC_NAT_DONE), 0);
	assert_int_equal(matches(&rs, "10.1.3.2", "10.1.5.2", "192.168.1.3",
	    6, 80, IPS_SRC_NAT), 0);
	assert_int_equal(matches(&rs, "192.168.1.4", "192.168.1.3",
	    "192.168.1.4", 17, 4500, IPS_DST_NAT), 1);
	assert_int_equal(matches(&rs, "192.168.1.4", "192.168.1.3",
	    "192.168.1.4", 17, 53, IPS_DST_NAT), 0);
	fw_rules_free(&rs);
}

/* --- routes, rules, policies as the kernel tells them --- */

static int
pol_get(const void *u, size_t n, struct host_pol *p)
{
	uint32_t	 ifindex;
	uint8_t		 dir;

	return (lx_pol_get(rd_of(u, n), p, &ifindex, &dir));
}

static void
test_replies(void **state)
{
	struct xfrm_userpolicy_info	 u;
	struct fib_rule_hdr		 h;
	struct rtmsg			 rm;
	struct nlbuf			 b = { 0 };
	struct nlmsg			 m;
	struct rd			 r;
	struct rt_rule			 rule;
	struct rt_rec			 rec;
	struct host_pol			 p;
	uint8_t				 proto, ten[4] = { 10, 1, 4, 0 };
	size_t				 n;

	(void)state;
	memset(&h, 0, sizeof(h));
	h.family = AF_INET;
	h.flags = FIB_RULE_INVERT;
	nl_msg(&b, RTM_NEWRULE, 0, &h, sizeof(h));
	nl_u32(&b, FRA_TABLE, 21037);
	nl_u8(&b, FRA_PROTOCOL, LX_PROTO);
	nl_u32(&b, FRA_FWMARK, 0x532d);
	nl_u32(&b, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX);	/* none */
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(rt_rule_get(m.body, &rule), 1);
	assert_true(rule.ours && rule.invert && rule.table == 21037 &&
	    rule.mark == 0x532d && rule.from.a.af == 0 &&
	    rule.suppress == 0 && !rule.unreachable);
	for (n = 0; n < sizeof(h); n++)
		assert_int_equal(rt_rule_get(rd_of(m.body.p, n), &rule), -1);
	nl_clear(&b);
	h.flags = 0;
	h.action = FR_ACT_UNREACHABLE;
	h.dst_len = 24;
	nl_msg(&b, RTM_NEWRULE, 0, &h, sizeof(h));
	nl_put(&b, FRA_DST, ten, 4);
	nl_u32(&b, FRA_SUPPRESS_PREFIXLEN, 0);
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(rt_rule_get(m.body, &rule), 1);
	assert_true(rule.unreachable && rule.suppress == 1 &&
	    rule.to.plen == 24 && !rule.ours);
	nl_clear(&b);
	memset(&rm, 0, sizeof(rm));
	rm.rtm_family = AF_INET;
	rm.rtm_dst_len = 24;
	nl_msg(&b, RTM_NEWROUTE, 0, &rm, sizeof(rm));
	nl_put(&b, RTA_DST, ten, 4);
	nl_put(&b, RTA_PREFSRC, ten, 3);	/* too short */
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(rt_rec_get(m.body, &rec, &proto), -1);
	assert_int_equal(rt_rec_get(rd_of(m.body.p, m.body.n - 8), &rec,
	    &proto), 0);
	assert_int_equal(rec.dst.plen, 24);
	nl_clear(&b);
	memset(&u, 0, sizeof(u));
	u.priority = LX_POL_BLOCK;
	u.dir = XFRM_POLICY_OUT;
	u.sel.family = AF_INET;
	u.sel.prefixlen_d = 33;
	u.sel.user = LX_POL_USER;
	assert_int_equal(pol_get(&u, sizeof(u), &p), -1);
	u.sel.prefixlen_d = 24;
	assert_int_equal(pol_get(&u, sizeof(u), &p), 1);
	assert_int_equal(p.kind, HOST_BLOCK);
	assert_int_equal(pol_get(&u, sizeof(u) - 1, &p), -1);
	u.curlft.use_time = 1795507200;
	assert_int_equal(lx_pol_used(rd_of((uint8_t *)&u, sizeof(u))),
	    1795507200);
	assert_int_equal(lx_pol_used(rd_of((uint8_t *)&u, sizeof(u) - 1)), 0);
	assert_int_equal(lx_stray_count("XfrmInError\t7\n"
	    "XfrmOutPolBlock         \t42\nXfrmOutPolDead\t9\n"), 42);
	assert_int_equal(lx_stray_count("XfrmInError\t7\n"), 0);
	/* the way in: as its mate on the way out */
	u.dir = XFRM_POLICY_FWD;
	assert_int_equal(pol_get(&u, sizeof(u), &p), 1);
	assert_int_equal(p.src.plen, 24);
	assert_int_equal(p.dst.plen, 0);
	u.dir = XFRM_POLICY_MAX;
	assert_int_equal(pol_get(&u, sizeof(u), &p), 0);
	u.dir = XFRM_POLICY_OUT;
	u.priority = LX_POL_OWN;	/* has a number of its own as user */
	assert_int_equal(pol_get(&u, sizeof(u), &p), 0);
	u.sel.user = LX_POL_USER_OWN;
	assert_int_equal(pol_get(&u, sizeof(u), &p), 1);
	assert_int_equal(p.kind, HOST_OWN);
	u.priority++;			/* somebody else's */
	assert_int_equal(pol_get(&u, sizeof(u), &p), 0);
}

/* --- devices --- */

/* What we ask for is what we know as ours, at every length and cut. */
static void
test_links(void **state)
{
	struct nlbuf	 b = { 0 };
	struct nlmsg	 m;
	struct rd	 r;
	struct lx_link	 l;
	struct lx	 x = { .nifc = 0 };
	struct lx_ifc	 c = { { IF_XFRM, 7 }, 12 };
	struct host_if	 i = { IF_XFRM, 7 }, got;
	uint8_t		*copy;
	int32_t		 ifindex = 12;
	size_t		 n;

	(void)state;
	lx_link_new(&b, "xfrm7", 7, 1400);
	assert_false(b.bad);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(m.type, RTM_NEWLINK);
	assert_true(m.flags & NLM_F_EXCL && m.flags & NLM_F_CREATE);
	assert_int_equal(lx_link_get(m.body, &l), -1);	/* no index yet */
	assert_non_null(copy = malloc(m.body.n));
	memcpy(copy, m.body.p, m.body.n);
	memcpy(copy + 4, &ifindex, 4);			/* ifi_index */
	assert_int_equal(lx_link_get(rd_of(copy, m.body.n), &l), 0);
	assert_string_equal(l.name, "xfrm7");
	assert_int_equal(l.ifindex, 12);
	assert_int_equal(l.group, LX_IF_GROUP);
	assert_int_equal(l.mtu, 1400);
	assert_true(l.xfrm);
	assert_int_equal(l.if_id, 7);
	for (n = 0; n < m.body.n; n++) {
		uint8_t	*cut;

		assert_non_null(cut = malloc(n > 0 ? n : 1));
		memcpy(cut, copy, n);
		if (lx_link_get(rd_of(cut, n), &l) == 0)
			assert_true(l.if_id == 0 || l.if_id == 7);
		free(cut);
	}
	free(copy);
	nl_clear(&b);
	x.ifc = &c;
	x.nifc = 1;
	assert_int_equal(lx_ifc_index(&x, &i), 12);
	i.kind = IF_IPSEC;
	assert_int_equal(lx_ifc_index(&x, &i), 0);
	i.kind = IF_NONE;
	assert_int_equal(lx_ifc_index(&x, &i), 0);
	assert_int_equal(lx_ifc_of(&x, 12, &got), 0);
	assert_int_equal(got.unit, 7);
	assert_int_equal(lx_ifc_of(&x, 13, &got), -1);
}

/* --- the file of old values --- */

static int
parse(const char *s, struct lx_saved *v)
{
	return (lx_saved_parse(rd_of(s, strlen(s)), v));
}

static void
test_saved(void **state)
{
	static const char *const bad[] = {
		"sysctl", "sysctl net/ipv4/ip_forward", "iptables x\n",
		"sysctl net/ipv4/ip_forward 0", "sysctl kernel/core_pattern 1\n",
		"sysctl net/ipv4/ip_forward |sh\n", "sysctl  0\n", "x 1\n",
		"sysctl ../../etc/passwd 0\n", "iptables 12345678901\n",
	};
	static const char	 good[] =
	    "sysctl net/ipv4/ip_forward 0\niptables 3\n\n\n";
	struct lx_saved		 v, w;
	struct wr		 out;
	uint8_t			 buf[LX_SAVED_MAX];
	size_t			 i;

	(void)state;
	assert_int_equal(parse(good, &v), 0);
	assert_string_equal(v.val[0], "0");
	assert_int_equal(v.ipt, 3);
	out = wr_of(buf, sizeof(buf));
	assert_int_equal(lx_saved_write(&out, &v), 0);
	assert_int_equal(lx_saved_parse(rd_of(buf, out.n), &w), 0);
	assert_memory_equal(&v, &w, sizeof(v));
	assert_int_equal(parse("", &v), 0);
	for (i = 0; i < nitems(bad); i++)
		if (parse(bad[i], &v) != -1)
			fail_msg("taken: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_nl_read),
		cmocka_unit_test(test_nft_table),
		cmocka_unit_test(test_nft_mss),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_ct),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_saved),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
