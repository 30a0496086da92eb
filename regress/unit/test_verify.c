/* SPDX-License-Identifier: ISC */

/* test_verify.c: the pure parts of s2sd-verify. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>

#include <errno.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "path.h"
#include "sel.h"
#include "../../backends/host/nl.h"

static struct addr
ip(const char *s)
{
	struct addr	 a;

	assert_int_equal(addr_parse(s, &a), 0);
	return (a);
}

/* ---- packets ---- */

static uint16_t
inet_sum(uint32_t s, const uint8_t *p, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		s += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ((uint16_t)s);
}

static void
check_packet(const char *src, const char *dst, uint8_t proto)
{
	struct pr_flow	 f, g;
	uint8_t		 p[PR_FRAME], *q;
	size_t		 n, k, h;
	uint32_t	 ps;
	char		 a[200];

	memset(&f, 0, sizeof(f));
	f.src = ip(src);
	f.dst = ip(dst);
	f.src.port = 40001;
	f.dst.port = 53;
	f.ipproto = proto;
	n = pr_packet(&f, p);
	h = f.src.af == 4 ? 20 : 40;
	if (f.src.af == 4)
		assert_int_equal(inet_sum(0, p, 20), 0xffff);
	ps = f.src.af == 4 && proto == IPPROTO_ICMP ? 0 : (uint32_t)(n - h) +
	    (f.src.af == 6 && proto == IPPROTO_ICMP ? 58u : proto);
	for (k = 0; ps != 0 && k < addr_len(f.src.af); k += 2)
		ps += (uint32_t)(f.src.a[k] << 8 | f.src.a[k + 1]) +
		    (uint32_t)(f.dst.a[k] << 8 | f.dst.a[k + 1]);
	if (proto != IPPROTO_ESP)
		assert_int_equal(inet_sum(ps, p + h, n - h), 0xffff);
	assert_int_equal(pr_flow_get(rd_of(p, n), &g), 0);
	assert_int_equal(addr_cmp(&f.src, &g.src, 0), 0);
	assert_int_equal(addr_cmp(&f.dst, &g.dst, 0), 0);
	assert_int_equal(g.ipproto, proto);
	if (proto == IPPROTO_UDP || proto == IPPROTO_TCP)
		assert_int_equal(g.dst.port, 53);
	assert_non_null(pr_flow_str(&f, a, sizeof(a)));
	for (k = 0; k < n; k++) {	/* every length, in room of its own */
		assert_non_null(q = malloc(k == 0 ? 1 : k));
		memcpy(q, p, k);
		if (k < h)
			assert_int_equal(pr_flow_get(rd_of(q, k), &g), -1);
		else
			(void)!pr_flow_get(rd_of(q, k), &g);
		free(q);
	}
}

static void
test_packets(void **state)
{
	static const uint8_t protos[] = { IPPROTO_UDP, IPPROTO_TCP,
	    IPPROTO_ICMP, IPPROTO_ESP };
	size_t	 i;

	(void)state;
	for (i = 0; i < nitems(protos); i++) {
		check_packet("10.1.3.2", "10.1.4.2", protos[i]);
		check_packet("fd00:3::2", "fd00:4::2", protos[i]);
	}
}

/* ---- what listings say ---- */

static const char	listing[] =
"table ip nat { # handle 1\n"
"\tset lans { # handle 2\n"
"\t\ttype ipv4_addr\n"
"\t\tflags interval\n"
"\t\telements = { 10.1.3.0/25, 10.9.0.0/16 }\n"
"\t}\n\n"
"\tchain post { # handle 3\n"
"\t\ttype nat hook postrouting priority 100; policy accept;\n"
"\t\tip daddr 10.9.0.0/16 accept # handle 4\n"
"\t\tip saddr @lans counter packets 12 bytes 800 masquerade # handle 5\n"
"\t\ttcp dport { 80, 443 } ip daddr 10.1.4.7-10.1.4.9 drop # handle 6\n"
"\t}\n"
"}\n"
"table inet filter { # handle 2\n"
"\tchain post { # handle 3\n"
"\t\ttype filter hook forward priority 0; policy drop;\n"
"\t\tct state established accept # handle 5\n"
"\t}\n"
"}\n";

static void
test_rules(void **state)
{
	struct pr_rule	 r;

	(void)state;
	assert_int_equal(pr_rule_find(listing, NFPROTO_IPV4, "nat", "post", 5,
	    &r), 0);
	assert_int_equal(r.num, 2);
	assert_string_equal(r.text, "ip saddr @lans masquerade");
	assert_string_equal(r.type, "nat");
	assert_string_equal(r.hook, "postrouting");
	assert_true(pr_rewrites(r.text));
	assert_int_equal(pr_rule_find(listing, NFPROTO_INET, "filter", "post",
	    5, &r), 0);
	assert_string_equal(r.text, "ct state established accept");
	assert_false(pr_rewrites(r.text));
	assert_int_equal(pr_rule_find(listing, NFPROTO_INET, "filter", "post",
	    6, &r), -1);
	assert_int_equal(pr_rule_find(listing, NFPROTO_IPV6, "nat", "post", 5,
	    &r), -1);
	assert_int_equal(pr_chain_find(listing, NFPROTO_INET, "filter",
	    "post", &r), 0);
	assert_string_equal(r.hook, "forward");
}

static void
test_classes(void **state)
{
	struct sel	 s = sel("10.1.3.0/24"), d = sel("10.1.4.0/24");
	struct addr	 out[8], mine = ip("10.1.3.2");
	uint16_t	 port[4];
	size_t		 n;

	(void)state;
	assert_int_equal(pr_classes(listing, &s, &mine, 1, out, 8, &n), 0);
	assert_int_equal(n, 2);		/* cut at 10.1.3.128 */
	assert_int_equal(out[0].a[3], 3);	/* not 2, which is ours */
	assert_true(out[1].a[3] >= 128);
	assert_int_equal(pr_classes(listing, &d, NULL, 0, out, 8, &n), 0);
	assert_int_equal(n, 5);	/* .0-.6, .7, .8, .9, .10- */
	assert_int_equal(pr_classes(listing, &d, NULL, 0, out, 2, &n), 1);
	assert_int_equal(n, 2);
	assert_int_equal(pr_ports(listing, port, 4), 2);
	assert_int_equal(port[0], 80);
	assert_int_equal(port[1], 443);
}

static void
test_counts(void **state)
{
	static const char save[] =
	    "# Generated\n*nat\n:PREROUTING ACCEPT [3:200]\n"
	    ":OUTNET - [0:0]\n[1:60] -A POSTROUTING -j RETURN\n"
	    "[2:120] -A POSTROUTING -s 10.1.3.0/24 -j MASQUERADE\n"
	    "[0:0] -A OUTNET -j ACCEPT\nCOMMIT\n*filter\n"
	    ":FORWARD DROP [7:1]\nCOMMIT\n";
	struct pr_count	 c[8];

	(void)state;
	assert_int_equal(pr_counts(save, c, 8), 5);
	assert_string_equal(c[0].rule, "policy ACCEPT of chain PREROUTING");
	assert_int_equal(c[0].packets, 3);
	assert_int_equal(c[2].num, 2);
	assert_int_equal(c[2].packets, 2);
	assert_int_equal(c[3].num, 1);
	assert_string_equal(c[4].table, "filter");
	assert_int_equal(pr_counts(save, c, 2), 2);
}

/* ---- judging ---- */

static struct pr_flow
flow(const char *src, const char *dst)
{
	struct pr_flow	 f;

	memset(&f, 0, sizeof(f));
	f.src = ip(src);
	f.dst = ip(dst);
	f.ipproto = IPPROTO_UDP;
	f.src.port = 40000;
	f.dst.port = 9;
	return (f);
}

static struct pr_event
ev(uint8_t family, const char *table, const char *chain, enum pr_what what,
    uint64_t handle, int32_t verdict, const struct pr_flow *f)
{
	struct pr_event	 e;

	memset(&e, 0, sizeof(e));
	e.family = family;
	(void)strlcpy(e.table, table, sizeof(e.table));
	(void)strlcpy(e.chain, chain, sizeof(e.chain));
	e.what = what;
	e.handle = handle;
	e.verdict = verdict;
	e.oif = 7;
	if (f != NULL) {
		e.have_flow = 1;
		e.flow = *f;
	}
	return (e);
}

static void
test_judge(void **state)
{
	struct pr_flow	 f = flow("10.1.3.2", "10.1.4.2");
	struct pr_flow	 g = flow("192.168.1.3", "10.1.4.2");
	struct pr_event	 e[3];
	struct pr_want	 w;
	struct pr_seen	 s;
	struct pr_result r;
	struct selpair	 pair;
	char		 fix[400];

	(void)state;
	memset(&w, 0, sizeof(w));
	memset(&s, 0, sizeof(s));
	pair.local = sel("10.1.3.0/24");
	pair.remote = sel("10.1.4.0/24");
	s.e = e;
	s.listing = listing;
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_LOST);

	e[0] = ev(NFPROTO_INET, PR_TABLE, "z", PW_RULE, 1, NFT_JUMP, &f);
	e[1] = ev(NFPROTO_INET, PR_TABLE, "d", PW_RULE, 1, NF_DROP, NULL);
	s.n = 2;
	w.oif = 7;
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_OK);
	w.oif = 8;
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_ELSEWHERE);
	w.oif = 0;
	w.ipsec = 1;
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_CLEAR);
	e[1] = ev(NFPROTO_INET, PR_TABLE, "x", PW_RULE, 1, NF_DROP, NULL);
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_OK);

	e[0] = ev(NFPROTO_IPV4, "nat", "post", PW_RULE, 5, NF_ACCEPT, &f);
	e[1] = ev(NFPROTO_INET, PR_TABLE, "z", PW_RULE, 1, NFT_JUMP, &g);
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_REWRITTEN);
	assert_string_equal(r.culprit, "nftables \"ip nat post\" rule 2: "
	    "ip saddr @lans masquerade");
	assert_string_equal(v_fix(&r, &pair, 0, fix, sizeof(fix)),
	    "nft insert rule ip nat post ip saddr 10.1.3.0/24 ip daddr "
	    "10.1.4.0/24 accept");

	s.n = 1;		/* with the kernel's ESP: then it is blocked */
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_REWRITTEN);
	assert_int_equal(r.got.src.af, 0);
	assert_non_null(strstr(r.culprit, "masquerade"));
	e[0] = ev(NFPROTO_INET, "filter", "post", PW_POLICY, 0, NF_DROP, &f);
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_DROPPED);
	assert_non_null(strstr(r.culprit, "inet filter post"));
}

static void
test_judge_legacy(void **state)
{
	static struct pr_count	 b[2], a[2];
	struct pr_flow	 f = flow("10.1.3.2", "10.1.4.2");
	struct pr_event	 e[1];
	struct pr_want	 w;
	struct pr_seen	 s;
	struct pr_result r;
	struct selpair	 pair;
	char		 fix[400];

	(void)state;
	memset(&w, 0, sizeof(w));
	memset(&s, 0, sizeof(s));
	pair.local = sel("10.1.3.0/24");
	pair.remote = sel("10.1.4.0/24");
	assert_int_equal(pr_counts("*filter\n:FORWARD DROP [4:0]\n"
	    "[0:0] -A FORWARD -j LOG\n", b, 2), 2);
	memcpy(a, b, sizeof(a));
	a[0].packets++;
	e[0] = ev(NFPROTO_INET, PR_TABLE, "p", PW_RULE, 1, NFT_CONTINUE, &f);
	s.e = e;
	s.n = 1;
	s.listing = "";
	s.before = b;
	s.after = a;
	s.ncount = 2;
	pr_judge(&f, &w, &s, &r);
	assert_int_equal(r.verdict, PV_DROPPED);
	assert_string_equal(r.culprit, "iptables-legacy -t filter: the policy "
	    "DROP of chain FORWARD");
	assert_string_equal(v_fix(&r, &pair, 0, fix, sizeof(fix)),
	    "iptables-legacy -t filter -I FORWARD 1 -s 10.1.3.0/24 "
	    "-d 10.1.4.0/24 -j ACCEPT\n"
	    "iptables-legacy -t filter -I FORWARD 1 -s 10.1.4.0/24 "
	    "-d 10.1.3.0/24 -j ACCEPT");
	(void)strlcpy(r.chain, "ufw-user-forward", sizeof(r.chain));
	assert_non_null(strstr(v_fix(&r, &pair, 0, fix, sizeof(fix)),
	    "ufw route allow from 10.1.3.0/24 to 10.1.4.0/24"));
	(void)strlcpy(r.chain, "DOCKER-FORWARD", sizeof(r.chain));
	assert_non_null(strstr(v_fix(&r, &pair, 0, fix, sizeof(fix)),
	    "DOCKER-USER"));
}

/* ---- trace events ---- */

static void
test_trace(void **state)
{
	struct nlbuf	 b = { 0 };
	struct pr_event	 e;
	struct pr_flow	 f = flow("10.1.3.2", "10.1.4.2");
	uint8_t		 p[PR_FRAME], *q;
	size_t		 n = pr_packet(&f, p), v, k;

	(void)state;
	nl_msg(&b, 1, 0, NULL, 0);
	nl_str(&b, NFTA_TRACE_TABLE, "nat");
	nl_str(&b, NFTA_TRACE_CHAIN, "post");
	nl_be32(&b, NFTA_TRACE_TYPE, NFT_TRACETYPE_RULE);
	nl_be32(&b, NFTA_TRACE_ID, 77);
	nl_be64(&b, NFTA_TRACE_RULE_HANDLE, 5);
	v = nl_nest(&b, NFTA_TRACE_VERDICT);
	nl_be32(&b, NFTA_VERDICT_CODE, (uint32_t)NFT_JUMP);
	nl_unnest(&b, v);
	nl_be32(&b, NFTA_TRACE_IIF, 3);
	nl_be32(&b, NFTA_TRACE_OIF, 4);
	nl_put(&b, NFTA_TRACE_NETWORK_HEADER, p, 20);
	nl_put(&b, NFTA_TRACE_TRANSPORT_HEADER, p + 20, n - 20);
	nl_end(&b);
	assert_int_equal(pr_event_get(NFPROTO_IPV4, rd_of(b.d + 16, b.n - 16),
	    &e), 0);
	assert_string_equal(e.table, "nat");
	assert_int_equal(e.what, PW_RULE);
	assert_int_equal(e.handle, 5);
	assert_int_equal(e.verdict, NFT_JUMP);
	assert_int_equal(e.iif, 3);
	assert_int_equal(e.oif, 4);
	assert_int_equal(e.flow.dst.port, 9);
	for (k = 0; k < b.n - 16; k++) {
		assert_non_null(q = malloc(k == 0 ? 1 : k));
		memcpy(q, b.d + 16, k);
		(void)!pr_event_get(NFPROTO_IPV4, rd_of(q, k), &e);
		free(q);
	}
	nl_clear(&b);
}

/* ---- checks ---- */

static int	route_err, route_local;

static void
route(const struct addr *dst, const struct addr *src, uint32_t iif,
    struct v_route *r)
{
	(void)src;
	(void)iif;
	memset(r, 0, sizeof(*r));
	r->err = route_err;
	r->local = (uint8_t)route_local;
	r->oif = dst->a[2] == 4 ? 9 : 2;
}

static void
facts(struct v_facts *f, struct cf_tunnel *t, struct cf_tunnel **tv)
{
	memset(f, 0, sizeof(*f));
	memset(t, 0, sizeof(*t));
	route_err = route_local = 0;
	(void)strlcpy(t->t.name, "a", sizeof(t->t.name));
	t->t.local = ip("192.168.1.3");
	t->t.peer[0] = ip("192.168.1.4");
	t->t.npeer = t->t.npair = 1;
	t->t.pair[0].local = sel("10.1.3.0/24");
	t->t.pair[0].remote = sel("10.1.4.0/24");
	t->npsk = 44;
	memcpy(t->psk, "kjh2387(/&kjhasd98kjh2387(/&kjhasd98kjh2387x", 44);
	*tv = t;
	f->conf.t = tv;
	f->conf.n = 1;
	f->parsed = 1;
	f->path = "/etc/s2sd.conf";
	f->route = route;
	f->h.ndev = 2;
	(void)strlcpy(f->h.dev[0].name, "wan", 16);
	f->h.dev[0].index = 2;
	f->h.dev[0].mtu = 1500;
	f->h.dev[0].up = 1;
	(void)strlcpy(f->h.dev[1].name, "s2s0", 16);
	f->h.dev[1].index = 9;
	f->h.dev[1].up = f->h.dev[1].tun = 1;
	f->h.mine[0] = ip("192.168.1.3");
	f->h.mine_if[0] = 2;
	f->h.nmine = 1;
	f->h.fwd4 = f->h.fwd6 = f->h.synced = 1;
	f->d.running = 1;
}

static const struct v_check *
result_of(struct v_list *l, const char *id)
{
	const struct v_check	*found = NULL;
	size_t			 i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->c[i].id, id) == 0 &&
		    (found == NULL || found->result == V_OK))
			found = &l->c[i];
	return (found);
}

/* Run the host's and the configuration's checks; that one must say so. */
static void
expect(struct v_facts *f, const char *id, int result, const char *part)
{
	const struct v_check	*c;
	struct v_list		 l;

	memset(&l, 0, sizeof(l));
	v_check_conf(f, &l);
	v_check_host(f, &l);
	v_check_kernel(f, &l);
	v_check_interfaces(f, &l);
	c = result_of(&l, id);
	if (result == -1) {
		assert_null(c);
	} else {
		assert_non_null(c);
		assert_int_equal(c->result, result);
		if (part != NULL)
			assert_non_null(strstr(c->text, part));
		if (result == V_FAIL && strcmp(id, "local-address") != 0)
			assert_non_null(c->fix);
	}
	v_clear(&l);
}

static void
test_checks(void **state)
{
	static struct v_facts	 f;
	static struct cf_tunnel	 t;
	struct cf_tunnel	*tv;

	(void)state;
	facts(&f, &t, &tv);
	expect(&f, "local-address", V_OK, "wan");
	expect(&f, "peer-route", V_OK, "wan");
	expect(&f, "ip-forward", V_OK, NULL);
	expect(&f, "psk", V_OK, NULL);
	expect(&f, "conntrack", V_OK, NULL);
	expect(&f, "rp-filter", -1, NULL);
	expect(&f, "overlap", V_OK, NULL);
	expect(&f, "ike-daemon", V_OK, NULL);
	expect(&f, "mtu", -1, NULL);
	f.h.nmine = 0;
	expect(&f, "local-address", V_FAIL, "not an address");
	facts(&f, &t, &tv);
	f.h.dev[0].up = 0;
	expect(&f, "local-address", V_FAIL, "down");
	facts(&f, &t, &tv);
	route_err = ENETUNREACH;
	expect(&f, "peer-route", V_FAIL, "no route");
	facts(&f, &t, &tv);
	route_local = 1;
	expect(&f, "peer-route", V_FAIL, "itself");
	facts(&f, &t, &tv);
	t.t.peer[0] = ip("10.1.4.99");
	expect(&f, "peer-route", V_FAIL, "into the tunnel");
	facts(&f, &t, &tv);
	f.h.dev[0].mtu = 1300;
	expect(&f, "mtu", V_WARN, "1300");
	facts(&f, &t, &tv);
	f.h.mine[1] = ip("10.1.4.1");
	f.h.mine_if[1] = 2;
	f.h.nmine = 2;
	expect(&f, "overlap", V_WARN, "10.1.4.1");
	f.h.mine[1] = ip("10.1.3.1");
	expect(&f, "overlap", V_OK, NULL);
	f.h.mine_plen[1] = 24;
	expect(&f, "overlap", V_OK, NULL);
	f.h.mine_plen[1] = 16;
	expect(&f, "overlap", V_WARN, "their own wire");
	facts(&f, &t, &tv);
	f.h.fwd4 = 0;
	expect(&f, "ip-forward", V_FAIL, "not forwarded");
	f.d.running = 0;
	f.conf.g.gateway = GW_ON | GW_FORWARDING;
	expect(&f, "ip-forward", V_OK, "once s2sd runs");
	f.h.fwd4 = -1;
	expect(&f, "ip-forward", V_SKIP, NULL);
}

static void
test_checks_more(void **state)
{
	static struct v_facts	 f;
	static struct cf_tunnel	 t;
	struct cf_tunnel	*tv;

	(void)state;
	facts(&f, &t, &tv);
	t.t.pair[0].remote = sel("10.1.5.0/24");	/* its route is wan */
	f.h.rp_all = 1;
	expect(&f, "rp-filter", V_FAIL, "wan");
	f.h.dev[1].rp_filter = 2;	/* the greater one counts */
	expect(&f, "rp-filter", -1, NULL);
	facts(&f, &t, &tv);
	f.h.ndev = 3;
	(void)strlcpy(f.h.dev[2].name, "wan2", 16);
	f.h.dev[2].index = 3;
	f.h.dev[2].up = 1;
	f.h.mine_if[0] = 3;		/* but the peer is reached by wan */
	expect(&f, "rp-filter", -1, NULL);
	f.h.dev[2].rp_filter = 1;
	expect(&f, "rp-filter", V_WARN, "192.168.1.4 go out by wan");
	f.h.rp_all = 2;
	expect(&f, "rp-filter", -1, NULL);
	facts(&f, &t, &tv);
	f.h.dev[0].noxfrm = 1;
	expect(&f, "disable-xfrm", V_FAIL, "disable_xfrm");
	facts(&f, &t, &tv);
	f.h.dev[0].send_redirects = 1;
	expect(&f, "send-redirects", V_WARN, "wan");
	facts(&f, &t, &tv);
	f.h.nsock = 1;
	f.h.sock[0].local = ip("0.0.0.0");
	f.h.sock[0].local.port = 500;
	f.h.sock[0].pid = 812;
	(void)strlcpy(f.h.sock[0].program, "pluto", V_WORD);
	expect(&f, "other-daemon", V_FAIL, "pluto (pid 812)");
	(void)strlcpy(f.h.sock[0].program, "s2sd-net", V_WORD);
	expect(&f, "other-daemon", V_OK, NULL);
	f.h.nother = 1;
	f.h.other[0].pid = 813;
	(void)strlcpy(f.h.other[0].program, "charon", V_WORD);
	expect(&f, "ike-daemon", V_WARN, "charon (pid 813)");
	f.h.ct_stale = 3;
	expect(&f, "conntrack", V_WARN, "3 tracked connections");
	f.h.ct_stale = -1;
	expect(&f, "conntrack", V_SKIP, NULL);
	f.h.synced = 0;
	expect(&f, "clock", V_WARN, NULL);
	f.h.users = 2;
	expect(&f, "users", V_FAIL, "_s2sdkey");
	memset(t.psk, 'x', 44);
	expect(&f, "psk", V_WARN, "few different");
	t.t.flags = TUN_WEAK | TUN_LEAK;
	expect(&f, "weak", V_WARN, NULL);
	expect(&f, "leak", V_WARN, NULL);
	f.only = "nobody";
	expect(&f, "tunnel", V_FAIL, "no tunnel of that name");
}

/* A tunnel with a device: it is there, it is up, its routes go there. */
static void
test_checks_interface(void **state)
{
	static struct v_facts	 f;
	static struct cf_tunnel	 t;
	static struct u_tunnel	 u;
	struct cf_tunnel	*tv;
	struct tunroute		 r;

	(void)state;
	facts(&f, &t, &tv);
	expect(&f, "interface", -1, NULL);
	t.t.ifkind = IF_XFRM;
	t.t.ifunit = 7;
	memset(&r, 0, sizeof(r));
	r.to.a = ip("10.1.4.0");
	r.to.plen = 24;
	r.metric = 1;
	assert_int_equal(tunnel_route_add(&t.t, &r), 0);
	expect(&f, "interface", V_FAIL, "no device xfrm7");
	(void)strlcpy(f.h.dev[1].name, "xfrm7", 16);
	f.h.dev[1].tun = f.h.dev[1].up = 0;
	expect(&f, "interface", V_FAIL, "is down");
	f.h.dev[1].up = 1;
	expect(&f, "interface", V_OK, "xfrm7 is up");
	expect(&f, "interface-address", -1, NULL);	/* none is wanted */
	t.t.ifaddr.a = ip("169.254.10.1");
	t.t.ifaddr.plen = 30;
	expect(&f, "interface-address", V_FAIL, "xfrm7 has not got");
	f.h.mine[f.h.nmine] = t.t.ifaddr.a;
	f.h.mine_if[f.h.nmine++] = f.h.dev[0].index;
	expect(&f, "interface-address", V_FAIL, "stands on");
	f.h.mine_if[f.h.nmine - 1] = f.h.dev[1].index;
	expect(&f, "interface-address", V_OK, "169.254.10.1");
	expect(&f, "interface-route", -1, NULL);	/* the tunnel is not up */
	memset(&u, 0, sizeof(u));
	(void)strlcpy(u.m.name, "a", sizeof(u.m.name));
	u.m.s.state = TS_UP;
	f.d.st.t = &u;
	f.d.st.n = 1;
	expect(&f, "interface-route", V_OK, "10.1.4.0/24 goes to xfrm7");
	f.h.rp_all = 1;				/* goes back as it came */
	expect(&f, "interface-rp-filter", -1, NULL);
	(void)strlcpy(f.h.dev[1].name, "eth1", 16);
	f.h.dev[0].index = 9;
	(void)strlcpy(f.h.dev[0].name, "xfrm7", 16);
	f.h.dev[1].index = 2;
	r.to.a = ip("10.1.5.0");
	t.t.nroute = 0;
	assert_int_equal(tunnel_route_add(&t.t, &r), 0);
	expect(&f, "interface-route", V_FAIL, "goes to eth1, not to xfrm7");
	f.h.rp_all = 0;
	f.h.dev[0].rp_filter = 2;
	expect(&f, "interface-rp-filter", -1, NULL);
	f.h.dev[0].rp_filter = 1;
	expect(&f, "interface-rp-filter", V_FAIL, "strict");
	f.h.dev[1].rp_filter = 2;		/* another device's is not asked */
	expect(&f, "interface-rp-filter", V_FAIL, "strict");
	f.h.dev[0].rp_filter = 0;
	expect(&f, "interface-rp-filter", -1, NULL);
	route_err = ENETUNREACH;
	expect(&f, "interface-route", V_FAIL, "nothing goes");
	f.d.running = 0;
	expect(&f, "interface", -1, NULL);
}

/* Kernel ESP: what is missing is named, and whether it matters. */
static void
test_checks_kernel(void **state)
{
	static struct v_facts	 f;
	static struct cf_tunnel	 t;
	struct cf_tunnel	*tv;

	(void)state;
	facts(&f, &t, &tv);
	expect(&f, "kernel-esp", V_OK, "has XFRM and ESP");
	f.h.k.xfrm = EPROTONOSUPPORT;
	expect(&f, "kernel-esp", V_OK, "xfrm_user");
	f.h.k.xfrm = 0;
	f.h.k.esp4 = EPROTONOSUPPORT;
	expect(&f, "kernel-esp", V_OK, "module esp4");
	f.conf.g.backend = BE_XFRM;
	expect(&f, "kernel-esp", V_FAIL, "module esp4");
	f.h.k.esp4 = ENOSYS;
	expect(&f, "kernel-esp", V_FAIL, "esp4, gcm");
	f.h.k.esp4 = EPERM;
	expect(&f, "kernel-esp", V_SKIP, NULL);
	f.conf.g.backend = BE_USERLAND;
	expect(&f, "kernel-esp", -1, NULL);
	facts(&f, &t, &tv);
	(void)strlcpy(f.d.st.head.backend, "userland",
	    sizeof(f.d.st.head.backend));
	expect(&f, "kernel-esp", V_WARN, "had none");
	facts(&f, &t, &tv);
	expect(&f, "kernel-algorithms", -1, NULL);	/* nobody asked */
	f.h.k.asked = 1;
	t.t.nchild = 1;
	t.t.child[0].nencr = 2;
	t.t.child[0].encr[0] = alg_name(ALG_ENCR, "aes-256-gcm")->num;
	t.t.child[0].encr[1] = alg_name(ALG_ENCR, "chacha20-poly1305")->num;
	expect(&f, "kernel-algorithms", V_OK, NULL);
	f.h.k.alg[t.t.child[0].encr[1]] = V_ALG_NOT;
	expect(&f, "kernel-algorithms", V_WARN, "lacks chacha20-poly1305: if");
	f.h.k.alg[t.t.child[0].encr[0]] = V_ALG_NOT;
	expect(&f, "kernel-algorithms", V_FAIL,
	    "lacks aes-256-gcm, chacha20-poly1305: no SA");
	f.h.k.esp6 = EPROTONOSUPPORT;
	expect(&f, "kernel-esp", V_OK, NULL);
	t.t.peer[0] = ip("fd00:1::4");
	expect(&f, "kernel-esp", V_FAIL, "module esp6");
}

/* ---- the list ---- */

static void
test_list(void **state)
{
	struct v_list	 l;
	char		*s, *text = NULL;
	size_t		 n;
	FILE		*fp;

	(void)state;
	memset(&l, 0, sizeof(l));
	assert_int_equal(v_exit(&l), 0);
	v_add(&l, V_OK, VG_HOST, "a", NULL, NULL, "x", "fine");
	assert_int_equal(v_exit(&l), 0);
	v_add(&l, V_WARN, VG_HOST, "b", "t", "one\ntwo", NULL, "so \"so\"");
	assert_int_equal(v_exit(&l), 1);
	v_add(&l, V_FAIL, VG_CONF, "c", "t", NULL, "seen", "bad %d", 3);
	v_add(&l, V_SKIP, VG_TUNNEL, "d", NULL, NULL, NULL, "not tried");
	assert_int_equal(v_exit(&l), 2);
	assert_non_null(fp = open_memstream(&text, &n));
	v_print(fp, &l, 0);
	assert_int_equal(fclose(fp), 0);
	assert_string_equal(text,
	    "Configuration\n"
	    "  FAIL   t: bad 3\n"
	    "           seen: seen\n\n"
	    "This host\n"
	    "  ok     fine\n"
	    "  WARN   t: so \"so\"\n"
	    "           fix:  one\n"
	    "                 two\n\n"
	    "Tunnels\n"
	    "  --     not tried\n\n"
	    "1 failure, 1 warning, 1 not tested\n");
	free(text);
	assert_non_null(s = v_json(&l));
	assert_non_null(strstr(s, "\"failures\": 1"));
	assert_non_null(strstr(s, "so \\\"so\\\""));
	assert_non_null(strstr(s, "not-tested"));
	free(s);
	v_clear(&l);
}

/* ---- the picture, and the mask ---- */

static char *
drawn(const struct v_path *p, void (*draw)(FILE *, const struct v_path *))
{
	char	*text = NULL;
	size_t	 n;
	FILE	*fp;

	assert_non_null(fp = open_memstream(&text, &n));
	draw(fp, p);
	assert_int_equal(fclose(fp), 0);
	return (text);
}

static void
plain(FILE *f, const struct v_path *p)
{
	v_path_text(f, p, 0);
}

static void
test_path(void **state)
{
	static struct v_facts	 f;
	static struct cf_tunnel	 t;
	static struct v_path	 p;
	struct cf_tunnel	*tv;
	struct pr_flow		 a = flow("10.1.3.2", "10.1.4.2");
	struct pr_flow		 b = flow("192.168.1.3", "10.1.4.2");
	struct pr_event		 e[2];
	struct pr_want		 w;
	struct pr_seen		 s;
	struct pr_result	 r;
	char			*x;

	(void)state;
	facts(&f, &t, &tv);
	memset(&w, 0, sizeof(w));
	memset(&s, 0, sizeof(s));
	s.e = e;
	s.listing = listing;
	s.n = 2;
	e[0] = ev(NFPROTO_IPV4, "nat", "post", PW_RULE, 5, NF_ACCEPT, &a);
	e[1] = ev(NFPROTO_INET, PR_TABLE, "z", PW_RULE, 1, NFT_JUMP, &b);
	e[0].oif = e[1].oif = 9;
	pr_judge(&a, &w, &s, &r);
	v_path_make(&f, &r, e, 2, listing, 2, &t, &p);
	assert_false(p.good);
	x = drawn(&p, plain);
	assert_non_null(strstr(x, "X  postrouting  nat post rule 2: ip saddr "
	    "@lans masquerade"));
	assert_non_null(strstr(x, "source becomes 192.168.1.3"));
	assert_non_null(strstr(x, "   wire         not reached"));
	free(x);
	x = drawn(&p, v_path_svg);
	assert_non_null(strstr(x, "#c01818"));
	assert_non_null(strstr(x, "10.1.3.2 -&gt; 10.1.4.2"));
	assert_null(strstr(x, "-> "));
	free(x);
	e[1].flow = a;
	pr_judge(&a, &w, &s, &r);
	v_path_make(&f, &r, e, 2, listing, 2, &t, &p);
	assert_true(p.good);
	x = drawn(&p, v_path_svg);
	assert_null(strstr(x, "#c01818"));
	free(x);
	v_path_make(&f, &r, e, 2, listing, 9, &t, &p);
	assert_non_null(strstr(p.s[0].text, "out of the tunnel a"));
	s.n = 0;	/* dropped before anybody saw it */
	pr_judge(&a, &w, &s, &r);
	v_path_make(&f, &r, e, 0, listing, 2, NULL, &p);
	assert_false(p.good);
}

static void
test_mask(void **state)
{
	char	*s;

	(void)state;
	assert_non_null(s = v_mask("10.1.3.2 to 10.1.4.2:500, fd00:3::1 and "
	    "[fd00:3::1]:4500; 10.1.3.2. 10.1.3.0/24 at 10:20:30 v1.2 "
	    "abcdef add 1.2.3"));
	assert_string_equal(s, "ip1 to ip2:500, ip3 and [ip3]:4500; ip1. "
	    "ip4/24 at 10:20:30 v1.2 abcdef add 1.2.3");
	free(s);
}

/* Only what goes with s2sd is a surprise without it, the block is not. */
static void
test_saved(void **state)
{
	static const struct { const char *text; int rules, any; } is[] = {
		{ "table ip s2sd { # progname s2sd\n}\n", 1, 1 },
		{ "table ip6 s2sd {\n}\n", 1, 1 },
		{ "table ip s2sd-block {\n}\n", 0, 1 },
		{ "table ip s2sd-foreign {\n}\n", 0, 0 },
		{ "table inet filter {\n\tchain s2sd-forward {\n", 1, 1 },
		{ "*nat\n:S2SD - [0:0]\n", 1, 1 },
		{ "*raw\n:S2SD-BLOCK - [0:0]\n", 0, 1 },
		{ "table ip raw {\n\tchain S2SD-BLOCK {\n", 0, 1 },
		{ "table ip nat {\n\tchain S2SD {\n", 1, 1 },
		{ "table ip raw {\n\tchain S2SD-BLOCK {\n\tchain S2SD-DNAT {",
		    1, 1 },
		{ "", 0, 0 }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < nitems(is); i++) {
		assert_int_equal(v_saved_has(is[i].text, 0), is[i].rules);
		assert_int_equal(v_saved_has(is[i].text, 1), is[i].any);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_legacy),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_checks_more),
		cmocka_unit_test(test_checks_interface),
		cmocka_unit_test(test_checks_kernel),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_saved),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
