/* SPDX-License-Identifier: ISC */

/* test_host.c: sets of pairs, the plan, requests to s2sd-exec. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "exec.h"
#include "host.h"
#include "host_rig.h"
#include "reason.h"

static void
add(struct fw_rules *rs, enum fw_verdict v, const char *l, const char *r,
    uint16_t val)
{
	struct sel	 a = sel(l), b = sel(r);

	assert_int_equal(fw_add(rs, v, &a, &b, val), 0);
}

/* --- sets --- */

static int
disjoint(const struct fw_rule *r)
{
	size_t	 i, k;

	for (i = 0; i < r->n; i++)
		for (k = 0; k < i; k++)
			if (memcmp(r->p[i].llo, r->p[k].lhi, 16) <= 0 &&
			    memcmp(r->p[k].llo, r->p[i].lhi, 16) <= 0 &&
			    memcmp(r->p[i].rlo, r->p[k].rhi, 16) <= 0 &&
			    memcmp(r->p[k].rlo, r->p[i].rhi, 16) <= 0)
				return (0);
	return (1);
}

static void
test_set_overlap(void **state)
{
	struct fw_rules	 rs;

	(void)state;
	fw_rules_init(&rs);
	/* crosswise: neither lies in the other */
	add(&rs, FW_EXEMPT, "10.1.3.0/24", "10.0.0.0/8", 0);
	add(&rs, FW_EXEMPT, "10.1.0.0/16", "10.9.9.0/24", 0);
	add(&rs, FW_EXEMPT, "10.1.3.0/24", "10.0.0.0/8", 0);
	add(&rs, FW_EXEMPT, "fd00:3::/64", "fd00:4::/64", 0);
	assert_int_equal(fw_rules_close(&rs), 0);
	assert_true(disjoint(&rs.r[FW_EXEMPT][0]));
	assert_int_equal(rs.r[FW_EXEMPT][1].n, 1);
	assert_true(has(&rs, FW_EXEMPT, "10.1.3.7", "10.200.0.1"));
	assert_true(has(&rs, FW_EXEMPT, "10.1.3.7", "10.9.9.1"));
	assert_true(has(&rs, FW_EXEMPT, "10.1.200.7", "10.9.9.255"));
	assert_false(has(&rs, FW_EXEMPT, "10.1.200.7", "10.9.8.255"));
	assert_false(has(&rs, FW_EXEMPT, "10.2.0.0", "10.9.9.1"));
	assert_true(has(&rs, FW_EXEMPT, "fd00:3::1", "fd00:4::ffff"));
	assert_false(has(&rs, FW_EXEMPT, "fd00:3::1", "fd00:5::"));
	fw_rules_free(&rs);
}

/* Against the plain meaning, address by address, on a small square. */
static void
test_set_random(void **state)
{
	struct fw_rules	 rs;
	struct sel	 l, r;
	uint16_t	 want[32][32];
	uint32_t	 x = 12345;
	uint8_t		 a[4] = { 10, 0, 0, 0 }, b[4] = { 11, 0, 0, 0 };
	int		 round, i, u, v, e[4];

	(void)state;
	for (round = 0; round < 300; round++) {
		fw_rules_init(&rs);
		memset(want, 0, sizeof(want));
		for (i = 0; i < 7; i++) {
			for (u = 0; u < 4; u++) {
				x = x * 1103515245 + 12345;
				e[u] = (int)(x >> 16) % 32;
			}
			l = sel("10.0.0.0");
			r = sel("11.0.0.0");
			l.lo[3] = (uint8_t)(e[0] < e[1] ? e[0] : e[1]);
			l.hi[3] = (uint8_t)(e[0] < e[1] ? e[1] : e[0]);
			r.lo[3] = (uint8_t)(e[2] < e[3] ? e[2] : e[3]);
			r.hi[3] = (uint8_t)(e[2] < e[3] ? e[3] : e[2]);
			if (i == 5)
				assert_int_equal(fw_cut(&rs, FW_MSS, &l, &r),
				    0);
			else
				assert_int_equal(fw_add(&rs, FW_MSS, &l, &r,
				    (uint16_t)(1000 + e[0])), 0);
			for (u = l.lo[3]; u <= l.hi[3]; u++)
				for (v = r.lo[3]; v <= r.hi[3]; v++)
					if (i == 5)
						want[u][v] = 0;
					else if (want[u][v] == 0 ||
					    want[u][v] > 1000 + e[0])
						want[u][v] = (uint16_t)(1000 +
						    e[0]);
		}
		assert_int_equal(fw_rules_close(&rs), 0);
		assert_true(disjoint(&rs.r[FW_MSS][0]));
		for (u = 0; u < 32; u++)
			for (v = 0; v < 32; v++) {
				size_t	 k;
				uint16_t got = 0;

				a[3] = (uint8_t)u;
				b[3] = (uint8_t)v;
				assert_int_equal(fw_has(&rs.r[FW_MSS][0], a,
				    b), want[u][v] != 0);
				for (k = 0; k < rs.r[FW_MSS][0].n; k++)
					if (rs.r[FW_MSS][0].p[k].llo[3] <= u &&
					    u <= rs.r[FW_MSS][0].p[k].lhi[3] &&
					    rs.r[FW_MSS][0].p[k].rlo[3] <= v &&
					    v <= rs.r[FW_MSS][0].p[k].rhi[3])
						got = rs.r[FW_MSS][0].p[k].val;
				assert_int_equal(got, want[u][v]);
			}
		fw_rules_free(&rs);
	}
}

struct counts {
	int	 add, del;
};

static void
counted(void *arg, int adding, const struct fw_pair *p)
{
	struct counts	*c = arg;

	assert_non_null(p);
	if (adding)
		c->add++;
	else
		c->del++;
}

static void
test_set_diff(void **state)
{
	struct fw_rules	 a, b;
	struct counts	 c = { 0, 0 };
	char		 s[32];
	int		 i;

	(void)state;
	fw_rules_init(&a);
	for (i = 0; i < 1000; i++) {
		snprintf(s, sizeof(s), "11.%d.%d.0/24", i / 256, i % 256);
		add(&a, FW_EXEMPT, "10.1.3.0/24", s, 0);
	}
	assert_int_equal(fw_rules_close(&a), 0);
	assert_int_equal(fw_rules_copy(&b, &a), 0);
	fw_diff(&a.r[FW_EXEMPT][0], &b.r[FW_EXEMPT][0], counted, &c);
	assert_int_equal(c.add + c.del, 0);
	add(&b, FW_EXEMPT, "10.1.3.0/24", "11.200.0.0/24", 0);
	assert_int_equal(fw_rules_close(&b), 0);
	fw_diff(&a.r[FW_EXEMPT][0], &b.r[FW_EXEMPT][0], counted, &c);
	assert_int_equal(c.add, 1);
	assert_int_equal(c.del, 0);
	fw_diff(&b.r[FW_EXEMPT][0], &a.r[FW_EXEMPT][0], counted, &c);
	assert_int_equal(c.del, 1);
	fw_rules_free(&a);
	fw_rules_free(&b);
}

static void
test_prefixes(void **state)
{
	struct net	 n[256];
	struct sel	 s = sel("10.0.0.0/8");
	char		 t[ADDR_STRLEN];

	(void)state;
	assert_int_equal(sel_prefixes(&s, n, 256), 1);
	assert_int_equal(n[0].plen, 8);
	s = sel("0.0.0.0/0");
	assert_int_equal(sel_prefixes(&s, n, 256), 1);
	assert_int_equal(n[0].plen, 0);
	s = sel("10.0.0.1");
	s.hi[3] = 6;			/* .1, .2/31, .4/31, .6 */
	assert_int_equal(sel_prefixes(&s, n, 256), 4);
	assert_string_equal(net_str(&n[1], t, sizeof(t)), "10.0.0.2/31");
	s = sel("0.0.0.1");
	memset(s.hi, 255, 4);
	assert_int_equal(sel_prefixes(&s, n, 256), 32);
	s = sel("::/0");
	assert_int_equal(sel_prefixes(&s, n, 256), 1);
	s = sel("::1");
	memset(s.hi, 255, 16);
	assert_int_equal(sel_prefixes(&s, n, 256), 128);
}

/* --- the plan --- */

static size_t
pols(const struct setup *s, enum host_polkind k)
{
	size_t	 i, n = 0;

	for (i = 0; i < s->p.want.npol; i++)
		n += s->p.want.pol[i].kind == k;
	return (n);
}

static void
test_plan_plain(void **state)
{
	struct setup	 s;
	char		 t[ADDR_STRLEN];

	(void)state;
	begin(&s);
	plan(&s);
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.4.9"));
	assert_true(has(&s.p.fw, FW_BLOCK, "10.1.3.9", "10.1.4.9"));
	assert_true(has(&s.p.fw, FW_MSS, "10.1.3.9", "10.1.4.9"));
	/* no `local': each address of ours is one end */
	assert_true(has(&s.p.fw, FW_OUTER, "192.168.1.3", "192.168.1.4"));
	assert_true(has(&s.p.fw, FW_OUTER, "10.1.3.1", "192.168.1.4"));
	assert_false(has(&s.p.fw, FW_OUTER, "192.168.1.9", "192.168.1.4"));
	assert_int_equal(s.p.want.nroute, 1);
	assert_string_equal(addr_str(&s.p.want.route[0].src, 0, t, sizeof(t)),
	    "10.1.3.1");
	assert_int_equal(s.p.want.route[0].mtu, rules_mtu(&s.t, 1));
	assert_int_equal(s.p.fw.r[FW_MSS][0].p[0].val, rules_mtu(&s.t, 1) - 40);
	assert_true(rules_mtu(&s.t, 1) > 1400 && rules_mtu(&s.t, 1) < 1460);
	assert_int_equal(pols(&s, HOST_BLOCK), 1);
	assert_int_equal(pols(&s, HOST_TUN), 1);
	assert_int_equal(pols(&s, HOST_PASS), 0);
	assert_int_equal(s.p.want.mtu, 1500);
	end(&s);
}

/* ESP of the kernel: no TUN, the policies block both ways, and what a NAT
 * has changed does not leave in the clear. */
static void
test_plan_kernel(void **state)
{
	struct setup	 s;
	struct host_up	 up = { .tunnel = 1, .mtu = 1400 };
	char		 t[ADDR_STRLEN];

	(void)state;
	begin(&s);
	s.g.backend = BE_XFRM;
	plan(&s);
	assert_true(s.p.want.kernel);
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.4.9"));
	assert_int_equal(s.p.fw.r[FW_BLOCK][0].n, 0);
	assert_int_equal(pols(&s, HOST_BLOCK), 1);
	assert_int_equal(pols(&s, HOST_WIDE), 1);
	assert_int_equal(pols(&s, HOST_TUN), 0);
	assert_int_equal(s.p.want.nroute, 1);
	assert_string_equal(addr_str(&s.p.want.route[0].via, 0, t, sizeof(t)),
	    "192.168.1.4");
	assert_int_equal(addr_parse("192.168.1.99", &up.peer), 0);
	s.f.up = &up;
	s.f.nup = 1;
	s.t.id = 1;
	plan(&s);
	assert_string_equal(addr_str(&s.p.want.route[0].via, 0, t, sizeof(t)),
	    "192.168.1.99");
	/* everything through it: not everything of everybody is blocked */
	s.t.pair[0].remote = sel("0.0.0.0/0");
	plan(&s);
	assert_int_equal(pols(&s, HOST_BLOCK), 1);
	assert_int_equal(pols(&s, HOST_WIDE), 0);
	/* our own network lies inside theirs: anybody may go there */
	s.t.pair[0].remote = sel("10.0.0.0/8");
	plan(&s);
	assert_int_equal(pols(&s, HOST_WIDE), 1);
	assert_int_equal(pols(&s, HOST_PASS), 2);
	s.t.flags = TUN_LEAK;
	plan(&s);
	assert_int_equal(pols(&s, HOST_BLOCK) + pols(&s, HOST_WIDE), 0);
	end(&s);
}

static void
route_to(struct tunnel *t, const char *net, uint32_t metric)
{
	struct tunroute	 r;

	memset(&r, 0, sizeof(r));
	assert_int_equal(net_parse(net, &r.to), 0);
	r.metric = metric;
	assert_int_equal(tunnel_route_add(t, &r), 0);
}

/* The same set without what left it. */
static void
settled(struct setup *s)
{
	conf_commit_gone(&s->c);
	rules_plan_free(&s->p);
	assert_int_equal(rules_plan(&s->c, &s->f, &s->p), 0);
}

/*
 * A tunnel with an interface: what is routed is what counts, not `any'.  Down:
 * the device, and what stops; up: the route by the device, and for our own
 * IPv6 packets a policy for each address of ours.
 */
static void
test_plan_interface(void **state)
{
	struct setup		 s;
	const struct host_pol	*o;
	struct host_up		 up = { .tunnel = 1, .mtu = 1400 };
	char			 t[ADDR_STRLEN];
	size_t			 i;

	(void)state;
	begin(&s);
	s.g.backend = BE_XFRM;
	s.t.pair[0].local = s.t.pair[0].remote = sel("0.0.0.0/0");
	s.t.pair[1].local = s.t.pair[1].remote = sel("::/0");
	s.t.npair = 2;
	s.t.ifkind = IF_XFRM;
	s.t.ifunit = 7;
	assert_int_equal(addr_parse("169.254.10.2", &s.t.ifaddr.a), 0);
	s.t.ifaddr.plen = 30;
	route_to(&s.t, "10.1.4.0/24", 100);
	route_to(&s.t, "fd00:4::/64", 200);
	assert_int_equal(addr_parse("fd00:3::1", &s.mine[1]), 0);
	plan(&s);
	assert_int_equal(s.p.want.nifc, 1);
	assert_int_equal(s.p.want.ifc[0].i.unit, 7);
	assert_int_equal(s.p.want.ifc[0].mtu, rules_mtu(&s.t, 0));
	assert_int_equal(s.p.want.nroute, 2);
	assert_int_equal(s.p.want.route[0].down, 1);
	assert_int_equal(s.p.want.route[0].leak, 0);
	assert_int_equal(s.p.want.route[0].dev.unit, 7);
	assert_int_equal(s.p.want.route[0].metric, 100);
	assert_string_equal(addr_str(&s.p.want.route[0].src, 0, t, sizeof(t)),
	    "169.254.10.2");
	assert_int_equal(s.p.want.route[1].src.af, 0);
	assert_int_equal(pols(&s, HOST_BLOCK), 2);
	assert_int_equal(pols(&s, HOST_VIA), 2);
	assert_int_equal(pols(&s, HOST_WIDE) + pols(&s, HOST_TUN) +
	    pols(&s, HOST_PASS) + pols(&s, HOST_SELF), 0);
	for (i = 0; i < s.p.want.npol; i++) {
		o = &s.p.want.pol[i];
		assert_int_equal(o->src.plen, 0);
		assert_int_equal(o->dev.unit, o->kind == HOST_VIA ? 7 : 0);
	}
	/* whatever has left the way into the device keeps its address */
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.4.9"));
	assert_false(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.5.9"));
	assert_int_equal(s.p.fw.r[FW_MSS][0].n, 1);
	s.f.up = &up;
	s.f.nup = 1;
	plan(&s);
	settled(&s);
	assert_int_equal(s.p.want.ifc[0].mtu, 1400);
	assert_int_equal(s.p.want.route[0].down, 0);
	assert_int_equal(pols(&s, HOST_SELF), 1);
	/* without XFRM (s2sd -b) the firewall blocks the way in */
	s.g.backend = BE_AUTO;
	plan(&s);
	settled(&s);
	assert_int_equal(pols(&s, HOST_VIA) + pols(&s, HOST_SELF), 0);
	assert_int_equal(pols(&s, HOST_BLOCK), 2);
	assert_true(has(&s.p.fw, FW_BLOCK, "10.1.3.9", "10.1.4.9"));
	end(&s);
}

/* leak, ondemand, and a reload that changes the address on the device. */
static void
test_plan_interface_flags(void **state)
{
	struct setup	 s;

	(void)state;
	begin(&s);
	s.g.backend = BE_XFRM;
	s.t.ifkind = IF_XFRM;
	s.t.ifunit = 7;
	route_to(&s.t, "10.1.4.0/24", 100);
	s.t.flags = TUN_LEAK;
	plan(&s);
	assert_int_equal(s.p.want.nroute, 0);
	assert_int_equal(s.p.want.npol, 0);
	assert_int_equal(s.p.want.nifc, 1);
	s.t.flags = TUN_ONDEMAND;
	s.t.id = 2;
	plan(&s);
	settled(&s);
	assert_int_equal(s.p.want.nroute, 1);
	assert_int_equal(s.p.want.route[0].down, 0);
	s.t.id = 3;
	s.t.flags = TUN_NATKEEP;
	assert_int_equal(addr_parse("169.254.10.2", &s.t.ifaddr.a), 0);
	plan(&s);			/* old and new */
	assert_int_equal(s.p.want.nifc, 1);
	assert_int_equal(s.p.want.ifc[0].addr.a.af, 4);
	assert_int_equal(s.p.want.nroute, 1);
	settled(&s);
	assert_int_equal(s.p.fw.r[FW_EXEMPT][0].n, 0);
	assert_int_equal(s.p.want.route[0].down, 1);
	end(&s);
}

/* Two with one network: two routes, told apart by the metric. */
static void
test_plan_interface_two(void **state)
{
	struct setup	 s;
	struct tunnel	 u;

	(void)state;
	begin(&s);
	s.g.backend = BE_XFRM;
	s.t.ifkind = IF_XFRM;
	s.t.ifunit = 8;
	u = s.t;
	u.id = 9;
	u.ifunit = 7;
	route_to(&s.t, "10.1.4.0/24", 200);
	route_to(&u, "10.1.4.0/24", 100);
	assert_int_equal(conf_begin(&s.c, s.c.now->gen + 1, &s.g), 0);
	assert_int_equal(conf_add(&s.c, &s.t), 0);
	assert_int_equal(conf_add(&s.c, &u), 0);
	conf_commit_new(&s.c);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_int_equal(s.p.want.nifc, 2);
	assert_int_equal(s.p.want.nroute, 2);
	assert_int_equal(s.p.want.route[0].dev.unit, 7);
	assert_int_equal(s.p.want.route[1].dev.unit, 8);
	assert_int_equal(pols(&s, HOST_BLOCK), 1);
	assert_int_equal(pols(&s, HOST_VIA), 2);
	end(&s);
}

static void
test_plan_flags(void **state)
{
	struct setup	 s;

	(void)state;
	begin(&s);
	s.t.flags = TUN_NATKEEP;
	s.t.maxmss = MSS_NO;
	plan(&s);
	assert_int_equal(s.p.fw.r[FW_EXEMPT][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_MSS][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_BLOCK][0].n, 1);
	s.t.id = 2;
	s.t.flags = TUN_LEAK;
	s.t.maxmss = 1200;
	conf_commit_gone(&s.c);
	plan(&s);
	conf_commit_gone(&s.c);
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_int_equal(s.p.fw.r[FW_BLOCK][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_MSS][0].n, 1);
	assert_int_equal(s.p.fw.r[FW_EXEMPT][0].n, 1);
	assert_int_equal(s.p.want.npol, 0);
	assert_int_equal(s.p.want.nroute, 0);	/* down: the usual way */
	s.up.tunnel = 2;
	s.up.mtu = 1300;
	s.f.up = &s.up;
	s.f.nup = 1;
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_int_equal(s.p.want.nroute, 1);
	assert_int_equal(s.p.want.route[0].leak, 1);
	assert_int_equal(s.p.want.route[0].mtu, 1300);
	assert_int_equal(s.p.fw.r[FW_MSS][0].p[0].val, 1200);
	s.t.id = 3;
	s.t.flags = TUN_DISABLED;
	plan(&s);
	conf_commit_gone(&s.c);
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_int_equal(s.p.want.nroute + s.p.want.npol +
	    s.p.fw.r[FW_EXEMPT][0].n + s.p.fw.r[FW_OUTER][0].n, 0);
	end(&s);
}

/* `set gateway { no nat-exempt }' and `no mss': for every tunnel. */
static void
test_plan_gateway(void **state)
{
	struct setup	 s;

	(void)state;
	begin(&s);
	s.g.gateway = GW_ON | GW_MSS;
	plan(&s);
	assert_int_equal(s.p.fw.r[FW_EXEMPT][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_MSS][0].n, 1);
	conf_commit_gone(&s.c);
	s.g.gateway = GW_ON | GW_NATEXEMPT;
	plan(&s);
	assert_int_equal(s.p.fw.r[FW_EXEMPT][0].n, 1);
	assert_int_equal(s.p.fw.r[FW_MSS][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_BLOCK][0].n, 1);
	assert_int_equal(s.p.fw.r[FW_FORWARD][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_INPUT][0].n, 0);
	conf_commit_gone(&s.c);
	s.g.gateway = GW_ON | GW_FIREWALL;
	plan(&s);
	assert_int_equal(s.p.fw.r[FW_FORWARD][0].n, 1);
	assert_int_equal(s.p.fw.r[FW_INPUT][0].n, s.p.fw.r[FW_OUTER][0].n);
	end(&s);
}

/* Our own IPv6 packets: from each address inside, and from no other. */
static void
test_plan_own6(void **state)
{
	struct setup	 s;
	struct host_pol	*o;
	char		 t[ADDR_STRLEN];

	(void)state;
	begin(&s);
	s.t.pair[0].local = sel("fd00:3::/64");
	s.t.pair[0].remote = sel("fd00:4::/64");
	plan(&s);
	assert_int_equal(pols(&s, HOST_OWN), 0);	/* no address inside */
	conf_commit_gone(&s.c);
	assert_int_equal(addr_parse("fd00:3::1", &s.mine[1]), 0);
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_int_equal(pols(&s, HOST_OWN), 1);
	o = &s.p.want.pol[0];			/* before what blocks */
	assert_int_equal(o->kind, HOST_OWN);
	assert_int_equal(o->src.plen, 128);
	assert_string_equal(addr_str(&o->src.a, 0, t, sizeof(t)), "fd00:3::1");
	assert_int_equal(o->dst.plen, 64);
	assert_int_equal(pols(&s, HOST_TUN), 1);
	assert_int_equal(pols(&s, HOST_BLOCK), 1);
	assert_int_equal(s.p.want.own, 0);	/* for who made the block */
	assert_int_equal(addr_parse("fd00:9::1", &s.mine[1]), 0);
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_int_equal(pols(&s, HOST_OWN), 0);
	end(&s);
}

/* A spoke of 10.0.0.0/8 whose own network and peer lie in it. */
static void
test_plan_inside(void **state)
{
	struct setup	 s;

	(void)state;
	begin(&s);
	s.t.pair[0].remote = sel("0.0.0.0/0");
	plan(&s);
	assert_int_equal(s.p.wide, 1);
	assert_false(has(&s.p.fw, FW_BLOCK, "10.1.3.1", "10.1.3.2"));
	assert_false(has(&s.p.fw, FW_EXEMPT, "10.1.3.1", "10.1.3.2"));
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.1.3.1", "10.1.4.2"));
	assert_int_equal(s.p.want.nbypass, 1);
	assert_int_equal(s.p.want.npeer, 1);	/* needs a route of its own */
	assert_true(pols(&s, HOST_PASS) >= 2);
	end(&s);
}

static void
test_plan_words(void **state)
{
	struct setup	 s;
	struct net	 n;

	(void)state;
	begin(&s);
	s.g.nbypass = s.g.nblock = 1;
	assert_int_equal(net_parse("10.1.3.128/25", &n), 0);
	s.g.bypass[0] = n;
	assert_int_equal(net_parse("10.1.4.64/26", &n), 0);
	s.g.bypass_to[0] = n;
	assert_int_equal(net_parse("10.7.0.0/16", &n), 0);
	s.g.block[0] = n;
	assert_int_equal(net_parse("10.8.0.0/16", &n), 0);
	s.g.block_to[0] = n;
	plan(&s);
	assert_false(has(&s.p.fw, FW_BLOCK, "10.1.3.200", "10.1.4.70"));
	assert_false(has(&s.p.fw, FW_EXEMPT, "10.1.3.200", "10.1.4.70"));
	assert_true(has(&s.p.fw, FW_BLOCK, "10.1.3.100", "10.1.4.70"));
	assert_true(has(&s.p.fw, FW_BLOCK, "10.1.3.200", "10.1.4.170"));
	assert_true(has(&s.p.fw, FW_DENY, "10.7.1.1", "10.8.1.1"));
	assert_int_equal(pols(&s, HOST_DENY), 2);
	assert_int_equal(pols(&s, HOST_PASS), 1);
	s.g.decouple = 1;
	plan(&s);
	assert_int_equal(s.p.want.npol + s.p.want.nroute, 0);
	end(&s);
}

/* Between the rounds of a reload the old tunnel still counts. */
static void
test_plan_reload(void **state)
{
	struct setup	 s;

	(void)state;
	begin(&s);
	plan(&s);
	conf_commit_gone(&s.c);
	s.t.id = 2;
	s.t.pair[0].remote = sel("10.1.5.0/24");
	plan(&s);
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.4.9"));
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.5.9"));
	conf_commit_gone(&s.c);
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_false(has(&s.p.fw, FW_EXEMPT, "10.1.3.9", "10.1.4.9"));
	end(&s);
}

/* What cannot be is refused before anything changes, with what to write. */
static void
test_check(void **state)
{
	static const struct fw_env	 env = { .owner_fd = -1 };
	struct role_io			 io = { .arg = NULL };
	struct host_os			 os;
	struct setup			 s;
	char				 why[FW_WHYLEN];
	void				*h;

	(void)state;
	begin(&s);
	h = role_host.new(&io);
	assert_non_null(h);
	memset(&os, 0, sizeof(os));
	os.nft.be = os.iptables.be = &fw_null;
	os.nft.ctx = fw_null.open(&env, why, sizeof(why));
	os.iptables.ctx = fw_null.open(&env, why, sizeof(why));
	os.be = &host_null;
	os.ctx = host_null.open(NULL, why, sizeof(why));
	host_use(h, &os);
	s.c.now->g.firewall = FW_AUTO;
	assert_int_equal(role_host.check(h, s.c.now, why, sizeof(why)), 0);
	s.c.now->g.firewall = FW_PF;
	assert_int_equal(role_host.check(h, s.c.now, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "pf is not"));
	s.c.now->g.firewall = FW_IPTABLES;
	assert_int_equal(role_host.check(h, s.c.now, why, sizeof(why)), 0);
	role_host.free(h);
	end(&s);
}

/* A kernel whose block has just stopped something on its way to 10.1.4.0/24. */
static int
fake_stray(void *ctx, void (*fn)(void *, const struct net *), void *arg)
{
	struct net	 n;

	(void)ctx;
	assert_int_equal(net_parse("10.1.99.0/24", &n), 0);
	fn(arg, &n);
	assert_int_equal(net_parse("10.1.4.0/24", &n), 0);
	fn(arg, &n);
	return (2);
}

struct told {
	size_t	 n;
	uint32_t tunnel;
	char	 text[512];
};

static void
told_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	struct told	*t = arg;

	(void)level;
	if (reason != R_NAT_REWRITE)
		return;
	t->n++;
	t->tunnel = tunnel;
	(void)snprintf(t->text, sizeof(t->text), "%s", text);
}

static int
told_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t n)
{
	(void)arg; (void)to; (void)h; (void)body; (void)n;
	return (0);
}

static void
test_stray(void **state)
{
	struct host_backend	 be = host_null;
	struct told		 told = { 0 };
	struct role_io		 io = { .arg = &told, .log = told_log,
				    .send = told_send };
	struct m_h_updown	 up;
	struct ipc_msg		 m;
	struct host_os		 os;
	struct setup		 s;
	uint64_t		 now = 1000, due;
	char			 why[FW_WHYLEN];
	size_t			 i;
	void			*h;

	(void)state;
	begin(&s);
	plan(&s);
	s.c.now->g.firewall = FW_NONE;
	be.stray = fake_stray;
	assert_non_null(h = role_host.new(&io));
	memset(&os, 0, sizeof(os));
	os.be = &be;
	os.ctx = host_null.open(NULL, why, sizeof(why));
	host_use(h, &os);
	assert_int_equal(role_host.added(h, &s.c, now), 0);
	/* down: nobody looks */
	for (i = 0; i < 100; i++)
		(void)role_host.tick(h, now += 1000);
	assert_int_equal(told.n, 0);
	memset(&up, 0, sizeof(up));
	memset(&m, 0, sizeof(m));
	m.h.tunnel = s.c.now->t[0]->id;
	assert_int_equal(role_host.rules[0].type, M_H_UP);
	assert_int_equal(role_host.rules[0].fn(h, &m, &up, now), 0);
	for (i = 0; i < 59; i++) {
		due = role_host.tick(h, now += 1000);
		assert_true(due <= now + 10000);
	}
	assert_int_equal(told.n, 1);
	assert_int_equal(told.tunnel, s.c.now->t[0]->id);
	assert_non_null(strstr(told.text, "10.1.4.0/24"));
	assert_non_null(strstr(told.text, "a NAT rule rewrote"));
	/* once a minute */
	for (i = 0; i < 60; i++)
		(void)role_host.tick(h, now += 1000);
	assert_int_equal(told.n, 2);
	role_host.free(h);
	end(&s);
}

/* --- iptables --- */

static void
golden(const char *name, const char *text, size_t n)
{
	char	 path[512], want[8192];
	size_t	 got;
	FILE	*f;

	snprintf(path, sizeof(path), "%s/regress/unit/golden/%s", SRCDIR,
	    name);
	f = fopen(path, "r");
	if (f == NULL)
		print_error("no %s; the text is:\n%.*s", path, (int)n, text);
	assert_non_null(f);
	got = fread(want, 1, sizeof(want), f);
	fclose(f);
	if (got != n || memcmp(want, text, n) != 0)
		print_error("%s differs:\n%.*s", path, (int)n, text);
	assert_int_equal(got, n);
	assert_memory_equal(want, text, n);
}

static void
sample(struct fw_rules *rs)
{
	struct sel	 l = sel("10.1.3.0/24"), r = sel("10.1.4.1");

	fw_rules_init(rs);
	add(rs, FW_EXEMPT, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(rs, FW_OUTER, "192.168.1.3", "192.168.1.4", 0);
	add(rs, FW_MSS, "10.1.3.0/24", "10.1.4.0/24", 1348);
	add(rs, FW_BLOCK, "10.1.3.0/24", "10.1.4.0/24", 0);
	r.hi[3] = 6;
	assert_int_equal(fw_add(rs, FW_BLOCK, &l, &r, 0), 0);
	add(rs, FW_DENY, "10.7.0.0/16", "10.8.0.0/16", 0);
	add(rs, FW_EXEMPT, "fd00:3::/64", "fd00:4::/64", 0);
	add(rs, FW_MSS, "fd00:3::/64", "fd00:4::/64", 1328);
	add(rs, FW_FORWARD, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(rs, FW_INPUT, "192.168.1.3", "192.168.1.4", 0);
}

static void
test_ipt_text(void **state)
{
	static const char	 save[] =
	    "# comment\n*nat\n:POSTROUTING ACCEPT [0:0]\n:S2SD - [0:0]\n"
	    "-A POSTROUTING -o eth0 -j MASQUERADE\n"
	    "-A POSTROUTING -j S2SD\n-A POSTROUTING -j S2SD\n"
	    "-A INPUT -j S2SDX\n-A S2SD -j ACCEPT\nCOMMIT\n";
	struct ipt_op		 o = { .variant = IPT_LEGACY, .af = 4 };
	struct ipt_state	 s;
	struct fw_rules		 rs;
	char			*text;
	size_t			 n;

	(void)state;
	sample(&rs);
	memset(&s, 0, sizeof(s));
	assert_int_equal(ipt_text(&rs, &o, &s, &text, &n), 0);
	golden("iptables-4", text, n);
	free(text);
	o.af = 6;
	assert_int_equal(ipt_text(&rs, &o, &s, &text, &n), 0);
	golden("iptables-6", text, n);
	free(text);
	o.af = 4;
	o.block = o.outdrop = 1;
	assert_int_equal(ipt_text(&rs, &o, &s, &text, &n), 0);
	golden("iptables-block", text, n);
	free(text);
	o.block = o.outdrop = 0;
	ipt_state_parse(rd_of(save, sizeof(save) - 1), &s);
	assert_int_equal(s.njump[0], 2);
	assert_int_equal(s.first[0], 0);
	assert_int_equal(s.chain[0], 1);
	assert_int_equal(s.njump[1], 0);
	assert_false(ipt_state_ok(&s, &o));
	assert_int_equal(ipt_text(NULL, &o, &s, &text, &n), 0);
	golden("iptables-clear", text, n);
	free(text);
	memset(&s, 0, sizeof(s));
	assert_int_equal(ipt_text(NULL, &o, &s, &text, &n), 0);
	assert_int_equal(n, 0);
	free(text);
	fw_rules_free(&rs);
}

/* Accepts in the filter, by our TUN or by the kernel's ESP. */
static void
test_ipt_filter(void **state)
{
	static const char	 save[] =
	    "*filter\n:FORWARD DROP [0:0]\n:S2SD-FORWARD - [0:0]\n"
	    "-A FORWARD -j S2SD-FORWARD\nCOMMIT\n",
	    ufw[] = "*nat\n:ufw-x - [0:0]\nCOMMIT\n*filter\n"
	    ":ufw-before-input - [0:0]\nCOMMIT\n",
	    other[] = "*nat\n:ufw-x - [0:0]\nCOMMIT\n*filter\n"
	    ":INPUT ACCEPT [0:0]\nCOMMIT\n",
	    fwd[] = "*filter\n:FORWARD_direct - [0:0]\nCOMMIT\n";
	struct ipt_op		 o = { IPT_LEGACY, 4, IPT_FILTER, 0, 1 };
	struct ipt_state	 s;
	struct fw_rules		 rs;
	char			*text;
	size_t			 n;

	(void)state;
	sample(&rs);
	memset(&s, 0, sizeof(s));
	assert_int_equal(ipt_text(&rs, &o, &s, &text, &n), 0);
	golden("iptables-filter", text, n);
	free(text);
	o.tun = 0;
	assert_int_equal(ipt_text(&rs, &o, &s, &text, &n), 0);
	golden("iptables-filter-esp", text, n);
	free(text);
	ipt_state_parse(rd_of(save, sizeof(save) - 1), &s);
	assert_false(ipt_state_ok(&s, &o));	/* INPUT has none */
	assert_null(s.front);
	assert_int_equal(ipt_text(NULL, &o, &s, &text, &n), 0);
	assert_string_equal(text, "*filter\n:S2SD-FORWARD - [0:0]\n"
	    "-D FORWARD -j S2SD-FORWARD\n-X S2SD-FORWARD\nCOMMIT\n");
	free(text);
	ipt_state_parse(rd_of(ufw, sizeof(ufw) - 1), &s);
	assert_string_equal(s.front, "ufw");
	ipt_state_parse(rd_of(other, sizeof(other) - 1), &s);
	assert_null(s.front);
	ipt_state_parse(rd_of(fwd, sizeof(fwd) - 1), &s);
	assert_string_equal(s.front, "firewalld");
	fw_rules_free(&rs);
}

static void
test_ipt_records(void **state)
{
	struct fw_rules	 rs, got;
	struct ipt_op	 o = { IPT_NFT, 6, IPT_FILTER, 0, 1 }, o2;
	struct wr	 w;
	uint8_t		 buf[256], *exact;
	size_t		 n, len;

	(void)state;
	w = wr_of(buf, sizeof(buf));
	ipt_op_put(&w, &o);
	assert_int_equal(ipt_op_get(rd_of(buf, w.n), &o2), 0);
	assert_memory_equal(&o, &o2, sizeof(o));
	for (n = 0; n < w.n; n++)
		assert_int_equal(ipt_op_get(rd_of(buf, n), &o2), -1);
	buf[0] = 3;
	assert_int_equal(ipt_op_get(rd_of(buf, w.n), &o2), -1);

	sample(&rs);
	w = wr_of(buf, sizeof(buf));
	n = ipt_add_put(&w, FW_BLOCK, 4, rs.r[FW_BLOCK][0].p, 2);
	assert_int_equal(n, 2);
	len = w.n;
	for (n = 0; n <= len; n++) {
		exact = malloc(n > 0 ? n : 1);
		memcpy(exact, buf, n);
		fw_rules_init(&got);
		/* whole records are whole: 2 octets and 18 for each */
		assert_int_equal(ipt_add_get(rd_of(exact, n), &got),
		    n >= 2 && (n - 2) % 18 == 0 ? 0 : -1);
		fw_rules_free(&got);
		free(exact);
	}
	fw_rules_init(&got);
	buf[0] = FW_NVERDICT;
	assert_int_equal(ipt_add_get(rd_of(buf, len), &got), -1);
	buf[0] = FW_BLOCK;
	buf[1] = 5;
	assert_int_equal(ipt_add_get(rd_of(buf, len), &got), -1);
	buf[1] = 4;
	buf[2] = 11;			/* lo behind hi */
	assert_int_equal(ipt_add_get(rd_of(buf, len), &got), -1);
	fw_rules_free(&got);
	fw_rules_free(&rs);
}

/* --- s2sd-exec as a role --- */

struct fake {
	int		 saves, restores;
	uint32_t	 fail;
	char		 in[4096];
	struct m_x_done	 done;
	int		 answers;
};

static uint32_t
fake_run(void *arg, enum exec_prog what, uint8_t variant, uint8_t af,
    const char *in, size_t nin, char **out, size_t *nout)
{
	struct fake	*f = arg;

	assert_true(variant == IPT_LEGACY && af == 4);
	*out = strdup(f->fail ? "it said no\nand more" : "");
	*nout = strlen(*out);
	if (what == EXEC_SAVE) {
		f->saves++;
		return (IPT_OK);
	}
	f->restores++;
	assert_true(nin < sizeof(f->in));
	memcpy(f->in, in, nin);
	f->in[nin] = '\0';
	return (f->fail);
}

static int
fake_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct fake	*f = arg;

	assert_int_equal(to, PROC_HOST);
	assert_int_equal(h->type, M_X_DONE);
	assert_int_equal(h->req, 7);
	assert_int_equal(msg_get(msg_desc(M_X_DONE), rd_of(body, len),
	    &f->done), 0);
	f->answers++;
	return (0);
}

static int
ask(void *e, struct conf *c, const struct role_io *io, uint8_t what,
    const void *rest, size_t n)
{
	struct m_x_run	 m = { .what = what, .rest = rd_of(rest, n) };
	uint8_t		 buf[IPC_BODY_MAX];
	struct wr	 w = wr_of(buf, sizeof(buf));
	struct ipc_msg	 im;

	assert_int_equal(msg_put(msg_desc(M_X_RUN), &w, &m), 0);
	memset(&im, 0, sizeof(im));
	im.h.type = M_X_RUN;
	im.h.len = (uint32_t)w.n;
	im.h.req = 7;
	im.from = PROC_HOST;
	im.d = buf;
	im.fd = -1;
	return (role_dispatch(&role_exec, e, c, io, &im, 1));
}

static void
test_exec(void **state)
{
	struct fake		 f;
	struct role_io		 io = { .arg = &f, .send = fake_send };
	struct exec_runner	 run = { &f, fake_run };
	struct fw_rules		 rs;
	struct conf		 c;
	struct wr		 w;
	uint8_t			 buf[256], op[5] = { IPT_LEGACY, 4 };
	void			*e;

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(conf_init(&c), 0);
	e = role_exec.new(&io);
	assert_non_null(e);
	/* nothing to run with: said, not hidden */
	assert_int_equal(ask(e, &c, &io, IPT_LOAD, op, 5), 0);
	assert_int_equal(f.done.err, IPT_EPROGRAM);
	exec_set_runner(e, &run);
	sample(&rs);
	assert_int_equal(ask(e, &c, &io, IPT_BEGIN, NULL, 0), 0);
	w = wr_of(buf, sizeof(buf));
	assert_int_equal(ipt_add_put(&w, FW_EXEMPT, 4,
	    rs.r[FW_EXEMPT][0].p, 1), 1);
	assert_int_equal(ask(e, &c, &io, IPT_ADD, buf, w.n), 0);
	assert_int_equal(ask(e, &c, &io, IPT_LOAD, op, 5), 0);
	assert_int_equal(f.done.err, IPT_OK);
	assert_non_null(strstr(f.in,
	    "-A S2SD -s 10.1.3.0/24 -d 10.1.4.0/24 -j ACCEPT\n"));
	f.fail = IPT_EFAILED;
	assert_int_equal(ask(e, &c, &io, IPT_LOAD, op, 5), 0);
	assert_int_equal(f.done.err, IPT_EFAILED);
	assert_string_equal(f.done.text, "it said no");
	assert_int_equal(f.answers, 3);
	/* what no honest s2sd-host sends ends it */
	assert_int_equal(ask(e, &c, &io, 99, op, 5), -1);
	assert_int_equal(ask(e, &c, &io, IPT_LOAD, op, 4), -1);
	assert_int_equal(ask(e, &c, &io, IPT_BEGIN, op, 1), -1);
	assert_int_equal(ask(e, &c, &io, IPT_ADD, buf, 5), -1);
	fw_rules_free(&rs);
	role_exec.free(e);
	conf_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_set_overlap),
		cmocka_unit_test(test_set_random),
		cmocka_unit_test(test_set_diff),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_plan_plain),
		cmocka_unit_test(test_plan_kernel),
		cmocka_unit_test(test_plan_interface),
		cmocka_unit_test(test_plan_interface_flags),
		cmocka_unit_test(test_plan_interface_two),
		cmocka_unit_test(test_plan_flags),
		cmocka_unit_test(test_plan_gateway),
		cmocka_unit_test(test_plan_own6),
		cmocka_unit_test(test_plan_inside),
		cmocka_unit_test(test_plan_words),
		cmocka_unit_test(test_plan_reload),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_stray),
		cmocka_unit_test(test_ipt_text),
		cmocka_unit_test(test_ipt_filter),
		cmocka_unit_test(test_ipt_records),
		cmocka_unit_test(test_exec),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
