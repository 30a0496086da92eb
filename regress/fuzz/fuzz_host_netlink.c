/* SPDX-License-Identifier: ISC */

/* fuzz_host_netlink.c: what the kernel answers: every reader of s2sd-host. */

#include <stdlib.h>

#include "host.h"
#include "../../backends/fw/accept.h"
#include "../../backends/host/linux_rt.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* 10.0.0.0/8 to 10.0.0.0/8 and the like, so that something matches. */
static void
sets(struct fw_rules *rs)
{
	struct net	 n;
	struct sel	 s;

	fw_rules_init(rs);
	if (net_parse("10.0.0.0/8", &n) == -1)
		abort();
	sel_from_net(&n, 0, 0, UINT16_MAX, &s);
	if (fw_add(rs, FW_EXEMPT, &s, &s, 0) == -1)
		abort();
	if (net_parse("0.0.0.0/0", &n) == -1)
		abort();
	sel_from_net(&n, 0, 0, UINT16_MAX, &s);
	if (fw_add(rs, FW_OUTER, &s, &s, 0) == -1 ||
	    fw_add(rs, FW_FORWARD, &s, &s, 0) == -1 ||
	    fw_add(rs, FW_INPUT, &s, &s, 0) == -1 || fw_rules_close(rs) == -1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct acc_state acc = { 0 };
	struct acc_plan	 plan;
	struct nlbuf	 b = { 0 };
	struct fw_rules	 rs;
	struct nlmsg	 m;
	struct rd	 r = rd_of(p, n);
	struct rt_rec	 rec;
	struct rt_rule	 rule;
	struct host_pol	 pol;
	struct lx_link	 l;
	struct addr	 a;
	uint32_t	 ifindex;
	uint8_t		 proto;
	int		 err;

	sets(&rs);
	while (nl_next(&r, &m) == 1) {
		if (rt_rec_get(m.body, &rec, &proto) == 0 &&
		    addr_len(rec.dst.a.af) == 0)
			abort();
		if (rt_rule_get(m.body, &rule) == 1 &&
		    addr_len(rule.af) == 0)
			abort();
		if (lx_pol_get(m.body, &pol, &ifindex, &proto) == 1 &&
		    pol.src.plen > 8 * addr_len(pol.src.a.af))
			abort();
		if (lx_addr_get(m.body, &a) == 1 && addr_len(a.af) == 0)
			abort();
		if (lx_link_get(m.body, &l) == 0 &&
		    memchr(l.name, '\0', sizeof(l.name)) == NULL)
			abort();
		(void)lx_ct_match(m.body, &rs);
		acc_chain_got(&acc, m.body);
		acc_rule_got(&acc, m.body);
		if (nl_geterr(&m, &err) == 0 && err < 0)
			abort();
	}
	acc_decide(&acc, &rs, &plan);
	(void)acc_holds(&acc, &plan);
	(void)acc_batch(&b, &acc, &plan, &rs, 1);
	nl_clear(&b);
	acc_state_free(&acc);
	fw_rules_free(&rs);
	return (0);
}
