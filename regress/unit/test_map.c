/* SPDX-License-Identifier: ISC */

/* test_map.c: translated networks, `from A (B)': the plan, sets, requests. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_rig.h"
#include "../../backends/fw/ipt.h"

static void
begin_mapped(struct setup *s)
{
	begin(s);
	assert_int_equal(addr_parse("10.0.5.1", &s->mine[0]), 0);
	s->f.nmine = 1;
	s->t.nmap = 1;
	s->t.pair[0].local = s->t.pair[1].local = sel("172.30.1.0/24");
	s->t.pair[0].remote = sel("172.30.2.0/24");
	s->t.pair[1].remote = sel("10.0.5.0/24");
}

static size_t
pols(const struct setup *s, enum host_polkind k, const char *src)
{
	char	 b[ADDR_STRLEN];
	size_t	 i, n = 0;

	for (i = 0; i < s->p.want.npol; i++)
		n += s->p.want.pol[i].kind == k && strcmp(src,
		    net_str(&s->p.want.pol[i].src, b, sizeof(b))) == 0;
	return (n);
}

/* What it becomes, or "" */
static const char *
becomes(const struct fw_rules *rs, int back, const char *l, const char *r)
{
	static char	 b[ADDR_STRLEN];
	struct addr	 x, y, to;

	assert_int_equal(addr_parse(l, &x), 0);
	assert_int_equal(addr_parse(r, &y), 0);
	to = x;
	if (!fw_mapped(&rs->r[FW_MAP][x.af == 6], back, x.a, y.a, to.a))
		return ("");
	return (addr_str(&to, 0, b, sizeof(b)));
}

/* Both names of the network are blocked and kept from other NAT. */
static void
test_plan(void **state)
{
	struct setup	 s;
	char		 b[ADDR_STRLEN];

	(void)state;
	begin_mapped(&s);
	plan(&s);
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.7", "172.30.2.9"),
	    "172.30.1.7");
	assert_string_equal(becomes(&s.p.fw, 1, "172.30.1.7", "172.30.2.9"),
	    "10.0.5.7");
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.7", "172.30.3.9"), "");
	assert_string_equal(becomes(&s.p.fw, 1, "10.0.5.7", "172.30.2.9"), "");
	assert_true(has(&s.p.fw, FW_BLOCK, "10.0.5.7", "172.30.2.9"));
	assert_true(has(&s.p.fw, FW_BLOCK, "172.30.1.7", "172.30.2.9"));
	assert_true(has(&s.p.fw, FW_EXEMPT, "10.0.5.7", "172.30.2.9"));
	assert_true(has(&s.p.fw, FW_MSS, "10.0.5.7", "172.30.2.9"));
	assert_int_equal(s.p.fw.r[FW_PLAIN][0].n, 0);
	assert_int_equal(pols(&s, HOST_TUN, "10.0.5.0/24"), 1);
	assert_int_equal(pols(&s, HOST_BLOCK, "10.0.5.0/24"), 1);
	assert_int_equal(pols(&s, HOST_BLOCK, "172.30.1.0/24"), 1);
	assert_int_equal(pols(&s, HOST_VIA, "10.0.5.0/24"), 0);
	assert_int_equal(s.p.want.nifc, 0);
	/* to the other office, and to our own name: a dead end */
	assert_int_equal(s.p.want.nroute, 2);
	assert_int_equal(s.p.want.route[0].down, 1);
	assert_string_equal(addr_str(&s.p.want.route[0].dst.a, 0, b,
	    sizeof(b)), "172.30.1.0");
	assert_string_equal(addr_str(&s.p.want.route[1].src, 0, b, sizeof(b)),
	    "10.0.5.1");
	/* `nat-exempt no' is about others' NAT */
	s.t.flags |= TUN_NATKEEP;
	plan(&s);
	assert_int_equal(s.p.fw.r[FW_EXEMPT][0].n, 0);
	assert_int_equal(s.p.fw.r[FW_MAP][0].n, 1);
	end(&s);
}

/* The first look passes by our device alone, where B's packets end. */
static void
test_kernel(void **state)
{
	struct setup	 s;

	(void)state;
	begin_mapped(&s);
	s.g.backend = BE_XFRM;
	plan(&s);
	assert_int_equal(pols(&s, HOST_VIA, "10.0.5.0/24"), 1);
	assert_int_equal(s.p.want.nifc, 1);
	assert_int_equal(s.p.want.ifc[0].i.unit, IF_UNIT_MAP);
	assert_int_equal(s.p.want.nroute, 2);
	assert_int_equal(s.p.want.route[1].dev.unit, IF_UNIT_MAP);
	assert_int_equal(pols(&s, HOST_BLOCK, "10.0.5.0/24"), 1);
	assert_int_equal(pols(&s, HOST_BLOCK, "172.30.1.0/24"), 1);
	assert_int_equal(pols(&s, HOST_WIDE, "0.0.0.0/0"), 1);
	assert_true(has(&s.p.fw, FW_PLAIN, "10.0.5.7", "172.30.2.9"));
	assert_false(has(&s.p.fw, FW_PLAIN, "172.30.1.7", "172.30.2.9"));
	assert_int_equal(s.p.fw.r[FW_BLOCK][0].n, 0);
	end(&s);
}

/* A hub's network holds ours: what stays here is not translated. */
static void
test_hub(void **state)
{
	struct setup	 s;

	(void)state;
	begin_mapped(&s);
	s.t.pair[0].remote = sel("10.0.0.0/8");
	plan(&s);
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.7", "10.9.9.9"),
	    "172.30.1.7");
	assert_string_equal(becomes(&s.p.fw, 1, "172.30.1.7", "10.9.9.9"),
	    "10.0.5.7");
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.7", "10.0.5.8"), "");
	assert_false(has(&s.p.fw, FW_BLOCK, "10.0.5.7", "10.0.5.8"));
	assert_int_equal(pols(&s, HOST_PASS, "10.0.5.0/24"), 1);
	/* a host's own exception leaves the others their places */
	s.g.nbypass = 1;
	assert_int_equal(net_parse("10.0.5.64/26", &s.g.bypass[0]), 0);
	assert_int_equal(net_parse("10.0.0.0/8", &s.g.bypass_to[0]), 0);
	plan(&s);
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.65", "10.9.9.9"), "");
	assert_string_equal(becomes(&s.p.fw, 1, "172.30.1.65", "10.9.9.9"), "");
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.130", "10.9.9.9"),
	    "172.30.1.130");
	assert_string_equal(becomes(&s.p.fw, 1, "172.30.1.130", "10.9.9.9"),
	    "10.0.5.130");
	end(&s);
}

/* Between the rounds the newer tunnel translates; both are blocked. */
static void
test_reload(void **state)
{
	struct setup	 s;

	(void)state;
	begin_mapped(&s);
	plan(&s);
	conf_commit_gone(&s.c);
	s.t.id = 2;
	s.t.pair[0].local = s.t.pair[1].local = sel("172.30.9.0/24");
	plan(&s);
	assert_string_equal(becomes(&s.p.fw, 0, "10.0.5.7", "172.30.2.9"),
	    "172.30.9.7");
	assert_int_equal(s.p.fw.r[FW_MAP][0].n, 1);
	assert_true(has(&s.p.fw, FW_BLOCK, "172.30.1.7", "172.30.2.9"));
	conf_commit_gone(&s.c);
	rules_plan_free(&s.p);
	assert_int_equal(rules_plan(&s.c, &s.f, &s.p), 0);
	assert_false(has(&s.p.fw, FW_BLOCK, "172.30.1.7", "172.30.2.9"));
	end(&s);
}

/* Another target is another element. */
static void
differs(void *arg, int add, const struct fw_pair *p)
{
	(void)p;
	((int *)arg)[add]++;
}

static void
test_diff(void **state)
{
	struct fw_rules	 a, b;
	struct sel	 l = sel("10.0.5.0/24"), r = sel("172.30.2.0/24");
	struct net	 n;
	int		 d[2] = { 0, 0 };

	(void)state;
	fw_rules_init(&a);
	fw_rules_init(&b);
	assert_int_equal(net_parse("172.30.1.0/24", &n), 0);
	assert_int_equal(fw_add_map(&a, &l, &r, &n), 0);
	assert_int_equal(net_parse("172.30.9.0/24", &n), 0);
	assert_int_equal(fw_add_map(&b, &l, &r, &n), 0);
	assert_int_equal(fw_rules_close(&a), 0);
	assert_int_equal(fw_rules_close(&b), 0);
	fw_diff(&a.r[FW_MAP][0], &a.r[FW_MAP][0], differs, d);
	assert_int_equal(d[0] + d[1], 0);
	fw_diff(&a.r[FW_MAP][0], &b.r[FW_MAP][0], differs, d);
	assert_int_equal(d[0], 1);
	assert_int_equal(d[1], 1);
	fw_rules_free(&a);
	fw_rules_free(&b);
}

/* To s2sd-exec and there as text; cut short nowhere. */
static void
test_iptables(void **state)
{
	static const struct ipt_state	 none;
	struct ipt_op			 o = { .variant = IPT_NFT, .af = 4 };
	struct setup			 s;
	struct fw_rules			 got;
	struct wr			 w;
	uint8_t				 buf[256], *exact;
	char				*text;
	size_t				 n;

	(void)state;
	begin_mapped(&s);
	plan(&s);
	w = wr_of(buf, sizeof(buf));
	assert_int_equal(ipt_add_put(&w, FW_MAP, 4, s.p.fw.r[FW_MAP][0].p, 1),
	    1);
	assert_int_equal(w.n, 2 + 5 * 4 + 2);
	for (n = 3; n < w.n; n++) {
		exact = malloc(n);
		memcpy(exact, buf, n);
		fw_rules_init(&got);
		assert_int_equal(ipt_add_get(rd_of(exact, n), &got), -1);
		fw_rules_free(&got);
		free(exact);
	}
	fw_rules_init(&got);
	assert_int_equal(ipt_add_get(rd_of(buf, w.n), &got), 0);
	assert_int_equal(fw_rules_close(&got), 0);
	assert_memory_equal(&got.r[FW_MAP][0].p[0], &s.p.fw.r[FW_MAP][0].p[0],
	    sizeof(struct fw_pair));
	assert_int_equal(ipt_text(&got, &o, &none, &text, &n), 0);
	assert_non_null(strstr(text, "\n-A S2SD -s 10.0.5.0/24 "
	    "-d 172.30.2.0/24 -j NETMAP --to 172.30.1.0/24\n"));
	assert_non_null(strstr(text, "\n-A S2SD-DNAT -s 172.30.2.0/24 "
	    "-d 172.30.1.0/24 -j NETMAP --to 10.0.5.0/24\n"));
	free(text);
	fw_rules_free(&got);
	fw_rules_init(&got);
	buf[w.n - 1] = 1;			/* a host, no network */
	assert_int_equal(ipt_add_get(rd_of(buf, w.n), &got), -1);
	buf[w.n - 1] = 0;
	buf[w.n - 5] = 33;			/* no such prefix */
	assert_int_equal(ipt_add_get(rd_of(buf, w.n), &got), -1);
	fw_rules_free(&got);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_plan), cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_hub), cmocka_unit_test(test_reload),
		cmocka_unit_test(test_diff), cmocka_unit_test(test_iptables),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
