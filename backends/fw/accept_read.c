/* SPDX-License-Identifier: ISC */

/* accept_read.c: the chains that decide about a packet, out of a dump. */

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "accept.h"

const char *const acc_own[ACC_NHOOKS] = { "s2sd-forward", "s2sd-input" };

void
acc_state_free(struct acc_state *s)
{
	free(s->c);
	memset(s, 0, sizeof(*s));
}

/* A string attribute: 0, or -1: none, too long, not terminated. */
static int
name_get(struct rd attrs, uint16_t type, char to[ACC_NAME])
{
	struct rd	 v = nl_find(attrs, type);

	if (v.n == 0 || v.n > ACC_NAME || memchr(v.p, '\0', v.n) !=
	    v.p + v.n - 1)
		return (-1);
	memcpy(to, v.p, v.n);
	return (0);
}

static int
begins(const char *s, const char *with)
{
	return (strncmp(s, with, strlen(with)) == 0);
}

/* One of iptables' own tables, and a chain named as only it does. */
static int
is_iptables(uint8_t fam, const char *table, const char *chain)
{
	return ((fam == NFPROTO_IPV4 || fam == NFPROTO_IPV6) &&
	    strcmp(table, "filter") == 0 && (strcmp(chain, "FORWARD") == 0 ||
	    strcmp(chain, "INPUT") == 0));
}

static struct acc_chain *
chain_add(struct acc_state *s)
{
	struct acc_chain	*p;
	size_t			 room;

	if (s->n == s->room) {
		room = s->room == 0 ? 32 : 2 * s->room;
		if (room > ACC_COUNT ||
		    (p = realloc(s->c, room * sizeof(*p))) == NULL) {
			s->bad = 1;
			return (NULL);
		}
		s->c = p;
		s->room = room;
	}
	memset(&s->c[s->n], 0, sizeof(*s->c));
	return (&s->c[s->n++]);
}

/* Hook and type: a base chain of forward or input that filters. */
static void
base_get(struct rd r, struct acc_chain *c)
{
	struct rd	 hook = nl_find(r, NFTA_CHAIN_HOOK);
	char		 type[ACC_NAME];
	uint32_t	 num, policy;

	if (hook.n == 0 || name_get(r, NFTA_CHAIN_TYPE, type) == -1 ||
	    strcmp(type, "filter") != 0 ||
	    nl_getbe32(nl_find(hook, NFTA_HOOK_HOOKNUM), &num) == -1 ||
	    (num != NF_INET_FORWARD && num != NF_INET_LOCAL_IN))
		return;
	c->base = 1;
	c->hook = num == NF_INET_FORWARD ? ACC_FORWARD : ACC_INPUT;
	c->policy_drop = nl_getbe32(nl_find(r, NFTA_CHAIN_POLICY),
	    &policy) == 0 && policy == NF_DROP;
}

void
acc_chain_got(struct acc_state *s, struct rd r)
{
	struct acc_chain	*c, got;
	struct nfgenmsg		 g;

	memset(&got, 0, sizeof(got));
	if (rd_copy(&r, &g, sizeof(g)) || (g.nfgen_family != NFPROTO_IPV4 &&
	    g.nfgen_family != NFPROTO_IPV6 && g.nfgen_family != NFPROTO_INET))
		return;
	if (name_get(r, NFTA_CHAIN_TABLE, got.table) == -1 ||
	    name_get(r, NFTA_CHAIN_NAME, got.name) == -1) {
		s->bad = 1;
		return;
	}
	if (begins(got.table, FW_TABLE))	/* s2sd, s2sd-block, s2sd-verify */
		return;
	got.fam = g.nfgen_family;
	base_get(r, &got);
	got.iptables = got.base && is_iptables(got.fam, got.table, got.name);
	if (strcmp(got.table, "firewalld") == 0 ||
	    (strcmp(got.table, "filter") == 0 &&
	    strcmp(got.name, "FORWARD_direct") == 0))
		s->front = "firewalld";
	else if (strcmp(got.table, "filter") == 0 &&
	    (begins(got.name, "ufw-") || begins(got.name, "ufw6-")))
		s->front = "ufw";
	if ((c = chain_add(s)) != NULL)
		*c = got;
}

/* What a verdict does; to: the chain of a jump. */
static void
verdict(struct rd data, struct acc_chain *c, char to[ACC_NAME])
{
	struct rd	 v = nl_find(data, NFTA_DATA_VERDICT);
	uint32_t	 code;

	if (nl_getbe32(nl_find(v, NFTA_VERDICT_CODE), &code) == -1)
		return;
	if ((code & NF_VERDICT_MASK) == NF_DROP ||
	    (code & NF_VERDICT_MASK) == NF_QUEUE)
		c->drops = 1;
	if ((int32_t)code == NFT_JUMP || (int32_t)code == NFT_GOTO) {
		c->jumps = 1;
		if (name_get(v, NFTA_VERDICT_CHAIN, to) == -1)
			to[0] = '\0';
	}
}

static void
expression(struct rd e, struct acc_chain *c, char to[ACC_NAME])
{
	struct rd	 data = nl_find(e, NFTA_EXPR_DATA);
	char		 name[ACC_NAME];
	uint32_t	 reg;

	if (name_get(e, NFTA_EXPR_NAME, name) == -1)
		return;
	if (strcmp(name, "immediate") == 0)
		verdict(nl_find(data, NFTA_IMMEDIATE_DATA), c, to);
	else if (strcmp(name, "reject") == 0 || strcmp(name, "queue") == 0)
		c->drops = 1;
	else if (strcmp(name, "lookup") == 0 && nl_getbe32(nl_find(data,
	    NFTA_LOOKUP_DREG), &reg) == 0 && reg == NFT_REG_VERDICT)
		c->drops = 1;		/* a map of verdicts may hold any */
}

/* nft(8) keeps a comment as type 0, length, text. */
static int
is_marked(struct rd r)
{
	static const uint8_t	 mark[] = { 0, 5, 's', '2', 's', 'd', 0 };
	struct rd		 v = nl_find(r, NFTA_RULE_USERDATA);

	return (v.n == sizeof(mark) && memcmp(v.p, mark, v.n) == 0);
}

static struct acc_chain *
chain_find(const struct acc_state *s, uint8_t fam, const char *table,
    const char *name)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (s->c[i].fam == fam && strcmp(s->c[i].name, name) == 0 &&
		    strcmp(s->c[i].table, table) == 0)
			return (&s->c[i]);
	return (NULL);
}

static uint64_t
handle_get(struct rd r)
{
	struct rd	 v = nl_find(r, NFTA_RULE_HANDLE);
	uint64_t	 h;

	return (rd_u64(&v, &h) == 0 && v.n == 0 ? h : 0);
}

void
acc_rule_got(struct acc_state *s, struct rd r)
{
	struct nfgenmsg	 g;
	struct acc_chain *c, seen;
	struct rd	 list, e;
	char		 table[ACC_NAME], name[ACC_NAME], to[ACC_NAME] = "";
	uint16_t	 type;

	if (rd_copy(&r, &g, sizeof(g)) ||
	    name_get(r, NFTA_RULE_TABLE, table) == -1 ||
	    name_get(r, NFTA_RULE_CHAIN, name) == -1 ||
	    (c = chain_find(s, g.nfgen_family, table, name)) == NULL)
		return;
	memset(&seen, 0, sizeof(seen));
	list = nl_find(r, NFTA_RULE_EXPRESSIONS);
	while (nl_attr(&list, &type, &e) == 1)
		expression(e, &seen, to);
	if (is_marked(r) && (strcmp(to, acc_own[ACC_FORWARD]) == 0 ||
	    strcmp(to, acc_own[ACC_INPUT]) == 0)) {
		if (c->jump == 0)
			c->jump = handle_get(r);
		c->first |= c->rules == 0 && c->njump == 0;
		c->njump++;
		return;
	}
	c->rules++;
	c->drops |= seen.drops;
	c->jumps |= seen.jumps;
}

int
acc_ours(const struct acc_chain *c)
{
	return (!c->base && (strcmp(c->name, acc_own[ACC_FORWARD]) == 0 ||
	    strcmp(c->name, acc_own[ACC_INPUT]) == 0));
}

/* Can a packet end in this base chain, or in one that it goes to? */
static int
may_drop(const struct acc_state *s, const struct acc_chain *c)
{
	size_t	 i;

	if (c->policy_drop || c->drops)
		return (1);
	for (i = 0; i < s->n && c->jumps; i++)
		if (!s->c[i].base && s->c[i].drops && s->c[i].fam == c->fam &&
		    strcmp(s->c[i].table, c->table) == 0)
			return (1);
	return (0);
}

static int
concerns(const struct acc_chain *c, int hook, int f)
{
	return (c->base && c->hook == hook && (c->fam == NFPROTO_INET ||
	    c->fam == (f ? NFPROTO_IPV6 : NFPROTO_IPV4)));
}

static const char *
fam_name(uint8_t fam)
{
	return (fam == NFPROTO_INET ? "inet" : fam == NFPROTO_IPV6 ? "ip6" :
	    "ip");
}

/* The one chain of nf_tables for that hook and family, -1: none, -2: more. */
static int
choose(const struct acc_state *s, int hook, int f, char *why, size_t len)
{
	const struct acc_chain	*c, *o;
	size_t			 i;
	int			 one = -1;

	for (i = 0; i < s->n; i++) {
		c = &s->c[i];
		if (c->iptables || !concerns(c, hook, f) || !may_drop(s, c))
			continue;
		if (one != -1) {
			o = &s->c[one];
			snprintf(why, len, "more than one chain decides about "
			    "%s packets (%s %.32s %.32s, %s %.32s "
			    "%.32s)", hook ==
			    ACC_FORWARD ? "forwarded" : "arriving",
			    fam_name(o->fam), o->table, o->name,
			    fam_name(c->fam), c->table, c->name);
			return (-2);
		}
		one = (int)i;
	}
	return (one);
}

void
acc_decide(const struct acc_state *s, const struct fw_rules *rs,
    struct acc_plan *p)
{
	static const enum fw_verdict	 of[] = { FW_FORWARD, FW_INPUT };
	const struct acc_chain		*c;
	size_t				 i;
	int				 h, f;

	memset(p, 0, sizeof(*p));
	for (h = 0; h < ACC_NHOOKS; h++)
		for (f = 0; f < 2; f++) {
			p->at[h][f] = -1;
			if (rs->r[of[h]][f].n == 0)
				continue;
			if (s->front != NULL) {
				snprintf(p->why, sizeof(p->why), "the filter "
				    "is that of %s", s->front);
				p->at[h][f] = -2;
				continue;
			}
			p->at[h][f] = choose(s, h, f, p->why, sizeof(p->why));
			for (i = 0; i < s->n; i++) {
				c = &s->c[i];
				if (c->iptables && concerns(c, h, f) &&
				    (c->policy_drop || c->rules > 0))
					p->ipt[f] = 1;
			}
		}
}

/* Rules of ours that belong into the table of that chain, for that hook. */
static uint32_t
expected(const struct acc_state *s, const struct acc_plan *p, int h,
    const struct acc_chain *own)
{
	const struct acc_chain	*c;
	uint32_t		 n = 0;
	int			 f;

	for (f = 0; f < 2; f++) {
		if (p->at[h][f] < 0)
			continue;
		c = &s->c[p->at[h][f]];
		if (c->fam == own->fam && strcmp(c->table, own->table) == 0)
			n += h == ACC_FORWARD ? ACC_RULES_FORWARD :
			    ACC_RULES_INPUT;
	}
	return (n);
}

int
acc_holds(const struct acc_state *s, const struct acc_plan *p)
{
	const struct acc_chain	*c;
	size_t			 i;
	int			 h, f, here;

	for (i = 0; i < s->n; i++) {
		c = &s->c[i];
		if (acc_ours(c)) {
			h = strcmp(c->name, acc_own[ACC_INPUT]) == 0;
			if (c->rules == 0 || c->rules != expected(s, p, h, c))
				return (0);
			continue;
		}
		here = 0;
		for (h = 0; h < ACC_NHOOKS; h++)
			for (f = 0; f < 2; f++)
				here |= p->at[h][f] == (int)i;
		if (here != (c->njump == 1) || (here && (!c->first ||
		    chain_find(s, c->fam, c->table, acc_own[c->hook]) ==
		    NULL)) || c->njump > 1)
			return (0);
	}
	return (1);
}
