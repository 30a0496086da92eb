/* SPDX-License-Identifier: ISC */

/* test_accept.c: which chain decides, and what is sent for it. */

#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "../../backends/fw/accept.h"
#include "../../backends/fw/nft_msg.h"

/* A ruleset as the kernel would dump it. */
static struct nlbuf	 chains, rules;
static uint64_t		 handle;

static void
head(struct nlbuf *b, uint16_t type, uint8_t fam)
{
	struct nfgenmsg	 g;

	memset(&g, 0, sizeof(g));
	g.nfgen_family = fam;
	nl_msg(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), 0, &g,
	    sizeof(g));
}

/* hook -1: no base chain. */
static void
chain(uint8_t fam, const char *table, const char *name, int hook, int drop)
{
	size_t	 at;

	head(&chains, NFT_MSG_NEWCHAIN, fam);
	nl_str(&chains, NFTA_CHAIN_TABLE, table);
	nl_str(&chains, NFTA_CHAIN_NAME, name);
	if (hook != -1) {
		at = nl_nest(&chains, NFTA_CHAIN_HOOK);
		nl_be32(&chains, NFTA_HOOK_HOOKNUM, (uint32_t)hook);
		nl_be32(&chains, NFTA_HOOK_PRIORITY, 0);
		nl_unnest(&chains, at);
		nl_be32(&chains, NFTA_CHAIN_POLICY, drop ? NF_DROP :
		    NF_ACCEPT);
		nl_str(&chains, NFTA_CHAIN_TYPE, "filter");
	}
	nl_end(&chains);
}

static void
rule(uint8_t fam, const char *table, const char *name, uint32_t code,
    const char *to, int marked)
{
	static const uint8_t	 mark[] = { 0, 5, 's', '2', 's', 'd', 0 };
	size_t			 list, e, d, i, v;

	head(&rules, NFT_MSG_NEWRULE, fam);
	nl_str(&rules, NFTA_RULE_TABLE, table);
	nl_str(&rules, NFTA_RULE_CHAIN, name);
	nl_be64(&rules, NFTA_RULE_HANDLE, ++handle);
	list = nl_nest(&rules, NFTA_RULE_EXPRESSIONS);
	e = nl_nest(&rules, NFTA_LIST_ELEM);
	nl_str(&rules, NFTA_EXPR_NAME, "immediate");
	d = nl_nest(&rules, NFTA_EXPR_DATA);
	i = nl_nest(&rules, NFTA_IMMEDIATE_DATA);
	v = nl_nest(&rules, NFTA_DATA_VERDICT);
	nl_be32(&rules, NFTA_VERDICT_CODE, code);
	if (to != NULL)
		nl_str(&rules, NFTA_VERDICT_CHAIN, to);
	nl_unnest(&rules, v);
	nl_unnest(&rules, i);
	nl_unnest(&rules, d);
	nl_unnest(&rules, e);
	nl_unnest(&rules, list);
	if (marked)
		nl_put(&rules, NFTA_RULE_USERDATA, mark, sizeof(mark));
	nl_end(&rules);
}

static void
read_all(const struct nlbuf *b, struct acc_state *s,
    void (*got)(struct acc_state *, struct rd))
{
	struct rd	 r = rd_of(b->d, b->n);
	struct nlmsg	 m;

	while (nl_next(&r, &m) == 1)
		got(s, m.body);
}

static void
decide(struct acc_state *s, const struct fw_rules *rs, struct acc_plan *p)
{
	acc_state_free(s);
	read_all(&chains, s, acc_chain_got);
	read_all(&rules, s, acc_rule_got);
	acc_decide(s, rs, p);
}

static void
fresh(struct acc_state *s)
{
	nl_clear(&chains);
	nl_clear(&rules);
	acc_state_free(s);
}

static void
pairs(struct fw_rules *rs)
{
	struct sel	 l, r;
	struct addr	 a;

	fw_rules_init(rs);
	assert_int_equal(addr_parse("10.1.3.0", &a), 0);
	sel_from_addr(&a, &l);
	assert_int_equal(addr_parse("10.1.4.0", &a), 0);
	sel_from_addr(&a, &r);
	assert_int_equal(fw_add(rs, FW_FORWARD, &l, &r, 0), 0);
	assert_int_equal(fw_add(rs, FW_INPUT, &l, &r, 0), 0);
	assert_int_equal(fw_rules_close(rs), 0);
}

static void
test_choice(void **state)
{
	struct acc_state s = { 0 };
	struct acc_plan	 p;
	struct fw_rules	 rs;

	(void)state;
	pairs(&rs);
	/* nobody drops: nothing is needed */
	chain(NFPROTO_INET, "f", "fwd", NF_INET_FORWARD, 0);
	rule(NFPROTO_INET, "f", "fwd", NF_ACCEPT, NULL, 0);
	decide(&s, &rs, &p);
	assert_int_equal(p.at[ACC_FORWARD][0], -1);
	assert_string_equal(p.why, "");
	/* a chain that it goes to drops */
	chain(NFPROTO_INET, "f", "sub", -1, 0);
	rule(NFPROTO_INET, "f", "fwd", (uint32_t)NFT_JUMP, "sub", 0);
	rule(NFPROTO_INET, "f", "sub", NF_DROP, NULL, 0);
	decide(&s, &rs, &p);
	assert_int_equal(p.at[ACC_FORWARD][0], 0);
	assert_int_equal(p.at[ACC_FORWARD][1], -1);	/* no pair of IPv6 */
	/* our own tables, IPv6 and what iptables made do not count */
	chain(NFPROTO_IPV4, "s2sd-block", "in", NF_INET_FORWARD, 1);
	chain(NFPROTO_IPV6, "six", "fwd", NF_INET_FORWARD, 1);
	chain(NFPROTO_IPV4, "filter", "FORWARD", NF_INET_FORWARD, 1);
	decide(&s, &rs, &p);
	assert_int_equal(p.at[ACC_FORWARD][0], 0);
	assert_int_equal(p.ipt[0], 1);
	/* a second one */
	chain(NFPROTO_IPV4, "g", "fwd", NF_INET_FORWARD, 1);
	decide(&s, &rs, &p);
	assert_int_equal(p.at[ACC_FORWARD][0], -2);
	assert_non_null(strstr(p.why, "inet f fwd"));
	assert_non_null(strstr(p.why, "ip g fwd"));
	fresh(&s);
	chain(NFPROTO_INET, "firewalld", "filter_FORWARD", NF_INET_FORWARD, 0);
	decide(&s, &rs, &p);
	assert_int_equal(p.at[ACC_FORWARD][0], -2);
	assert_non_null(strstr(p.why, "firewalld"));
	fresh(&s);
	chain(NFPROTO_IPV4, "filter", "FORWARD", NF_INET_FORWARD, 1);
	chain(NFPROTO_IPV4, "filter", "ufw-before-forward", -1, 0);
	decide(&s, &rs, &p);
	assert_non_null(strstr(p.why, "ufw"));
	assert_int_equal(p.ipt[0], 0);
	fresh(&s);
	fw_rules_free(&rs);
}

/* How many messages of that type are in the batch? */
static size_t
count(const struct nlbuf *b, uint16_t type)
{
	struct rd	 r = rd_of(b->d, b->n);
	struct nlmsg	 m;
	size_t		 n = 0;

	while (nl_next(&r, &m) == 1)
		n += m.type == (NFNL_SUBSYS_NFTABLES << 8 | type);
	return (n);
}

static void
test_batch(void **state)
{
	struct acc_state s = { 0 };
	struct acc_plan	 p;
	struct fw_rules	 rs, none;
	struct nlbuf	 b = { 0 };
	int		 i;

	(void)state;
	pairs(&rs);
	fw_rules_init(&none);
	chain(NFPROTO_INET, "f", "fwd", NF_INET_FORWARD, 1);
	rule(NFPROTO_INET, "f", "fwd", NF_ACCEPT, NULL, 0);
	decide(&s, &rs, &p);
	assert_int_equal(acc_holds(&s, &p), 0);
	assert_int_equal(acc_batch(&b, &s, &p, &rs, 1), 0);
	assert_int_equal(count(&b, NFT_MSG_NEWCHAIN), 1);
	assert_int_equal(count(&b, NFT_MSG_NEWRULE), 1 + ACC_RULES_FORWARD);
	assert_int_equal(count(&b, NFT_MSG_NEWSET), ACC_RULES_FORWARD);
	assert_int_equal(count(&b, NFT_MSG_DELRULE), 0);
	nl_clear(&b);
	/* behind their rule: not first */
	chain(NFPROTO_INET, "f", "s2sd-forward", -1, 0);
	rule(NFPROTO_INET, "f", "fwd", (uint32_t)NFT_JUMP, "s2sd-forward", 1);
	for (i = 0; i < ACC_RULES_FORWARD; i++)
		rule(NFPROTO_INET, "f", "s2sd-forward", NF_ACCEPT, NULL, 0);
	decide(&s, &rs, &p);
	assert_int_equal(acc_holds(&s, &p), 0);
	assert_int_equal(acc_batch(&b, &s, &p, &rs, 1), 0);
	assert_int_equal(count(&b, NFT_MSG_DELRULE), 2);
	assert_int_equal(count(&b, NFT_MSG_DELCHAIN), 1);
	nl_clear(&b);
	/* first, and whole */
	nl_clear(&rules);
	rule(NFPROTO_INET, "f", "fwd", (uint32_t)NFT_JUMP, "s2sd-forward", 1);
	rule(NFPROTO_INET, "f", "fwd", NF_ACCEPT, NULL, 0);
	for (i = 0; i < ACC_RULES_FORWARD; i++)
		rule(NFPROTO_INET, "f", "s2sd-forward", NF_ACCEPT, NULL, 0);
	decide(&s, &rs, &p);
	assert_int_equal(acc_holds(&s, &p), 1);
	/* nothing is wanted any more: it goes, and theirs stays */
	acc_decide(&s, &none, &p);
	assert_int_equal(acc_holds(&s, &p), 0);
	assert_int_equal(acc_batch(&b, &s, &p, &none, 1), 0);
	assert_int_equal(count(&b, NFT_MSG_DELRULE), 2);
	assert_int_equal(count(&b, NFT_MSG_DELCHAIN), 1);
	assert_int_equal(count(&b, NFT_MSG_NEWRULE), 0);
	nl_clear(&b);
	/* a jump that is there twice goes first */
	rule(NFPROTO_INET, "f", "fwd", (uint32_t)NFT_JUMP, "s2sd-forward", 1);
	decide(&s, &rs, &p);
	assert_int_equal(acc_batch(&b, &s, &p, &rs, 1), 1);
	assert_int_equal(count(&b, NFT_MSG_DELCHAIN), 0);
	nl_clear(&b);
	/* a rule of theirs without the mark is not ours */
	fresh(&s);
	chain(NFPROTO_INET, "f", "fwd", NF_INET_FORWARD, 1);
	rule(NFPROTO_INET, "f", "fwd", (uint32_t)NFT_JUMP, "s2sd-forward", 0);
	decide(&s, &none, &p);
	assert_int_equal(acc_holds(&s, &p), 1);
	fresh(&s);
	fw_rules_free(&rs);
}

/* Every length of every message: refused or taken, never read beyond. */
static void
cut_one(struct rd body, void (*got)(struct acc_state *, struct rd),
    struct acc_state *s)
{
	size_t	 len;
	uint8_t	*p;

	for (len = 0; len < body.n; len++) {
		p = malloc(len > 0 ? len : 1);
		assert_non_null(p);
		memcpy(p, body.p, len);
		got(s, rd_of(p, len));
		free(p);
	}
}

static void
test_cut(void **state)
{
	struct acc_state s = { 0 };
	struct nlmsg	 m;
	struct rd	 r;

	(void)state;
	chain(NFPROTO_INET, "f", "fwd", NF_INET_FORWARD, 1);
	rule(NFPROTO_INET, "f", "fwd", (uint32_t)NFT_JUMP, "s2sd-forward", 1);
	read_all(&chains, &s, acc_chain_got);
	r = rd_of(chains.d, chains.n);
	while (nl_next(&r, &m) == 1)
		cut_one(m.body, acc_chain_got, &s);
	r = rd_of(rules.d, rules.n);
	while (nl_next(&r, &m) == 1)
		cut_one(m.body, acc_rule_got, &s);
	assert_true(s.n >= 1);
	fresh(&s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_choice), cmocka_unit_test(test_batch),
		cmocka_unit_test(test_cut)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
