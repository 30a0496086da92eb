/* SPDX-License-Identifier: ISC */

/*
 * judge.c: what a trace says about a probe: did it come out as it was sent,
 * and if not, whose rule was it?
 */

#include <netinet/in.h>

#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "probe.h"

static int
is_mine(const struct pr_event *e)
{
	return (strcmp(e->table, PR_TABLE) == 0);
}

/*
 * Our last chains: z behind postrouting, y behind input.  What an XFRM
 * policy had taken goes on to chain x.
 */
static const struct pr_event *
arrival(const struct pr_seen *s, int *ipsec)
{
	const struct pr_event	*e, *got = NULL;

	*ipsec = 0;
	for (e = s->e; e < s->e + s->n; e++) {
		if (!is_mine(e))
			continue;
		if (got == NULL && e->have_flow &&
		    (strcmp(e->chain, "z") == 0 || strcmp(e->chain, "y") == 0))
			got = e;
		if (strcmp(e->chain, "x") == 0)
			*ipsec = 1;
	}
	return (got);
}

static void
name_rule(const struct pr_event *e, const struct pr_seen *s,
    struct pr_result *res)
{
	struct pr_rule	 r;
	char		*to = res->culprit;
	size_t		 size = sizeof(res->culprit);
	const char	*fam = e->family == NFPROTO_IPV4 ? "ip" :
	    e->family == NFPROTO_IPV6 ? "ip6" : e->family == NFPROTO_INET ?
	    "inet" : e->family == NFPROTO_NETDEV ? "netdev" : "bridge";

	res->family = e->family;
	(void)strlcpy(res->table, e->table, sizeof(res->table));
	(void)strlcpy(res->chain, e->chain, sizeof(res->chain));
	if (e->what == PW_POLICY) {
		(void)snprintf(to, size, "the policy \"drop\" of nftables "
		    "chain \"%s %s %s\"", fam, e->table, e->chain);
		return;
	}
	if (pr_rule_find(s->listing, e->family, e->table, e->chain, e->handle,
	    &r) == -1) {
		(void)snprintf(to, size, "a rule of nftables chain "
		    "\"%s %s %s\" (handle %llu)", fam, e->table, e->chain,
		    (unsigned long long)e->handle);
		return;
	}
	(void)snprintf(to, size, "nftables \"%s %s %s\" rule %u: %s", fam,
	    e->table, e->chain, r.num, r.text);
}

/* The last rule that rewrites something and was passed with accept. */
static const struct pr_event *
rewriter(const struct pr_seen *s)
{
	struct pr_rule	 r;
	size_t		 i;

	for (i = s->n; i-- > 0;) {
		if (is_mine(&s->e[i]) || s->e[i].what != PW_RULE ||
		    strcmp(s->e[i].table, "s2sd") == 0)
			continue;
		if (pr_rule_find(s->listing, s->e[i].family, s->e[i].table,
		    s->e[i].chain, s->e[i].handle, &r) == 0 &&
		    pr_rewrites(r.text))
			return (&s->e[i]);
	}
	return (NULL);
}

/* A rule of iptables-legacy whose counter moved and whose target is one of
 * these. */
static int
legacy(const struct pr_seen *s, const char *const *targets,
    struct pr_result *r)
{
	char	*to = r->culprit;
	size_t	 i, k, size = sizeof(r->culprit);

	for (i = 0; i < s->ncount; i++) {
		if (s->after[i].packets <= s->before[i].packets ||
		    strcmp(s->after[i].rule, s->before[i].rule) != 0)
			continue;
		for (k = 0; targets[k] != NULL; k++)
			if (strstr(s->after[i].rule, targets[k]) != NULL)
				break;
		if (targets[k] == NULL)
			continue;
		r->legacy = 1;
		r->family = r->sent.src.af == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		(void)strlcpy(r->table, s->after[i].table, sizeof(r->table));
		if (sscanf(s->after[i].rule, s->after[i].num == 0 ?
		    "policy %*s of chain %63s" : "-A %63s", r->chain) != 1)
			r->chain[0] = '\0';
		if (s->after[i].num == 0)
			(void)snprintf(to, size, "iptables-legacy -t %s: the "
			    "%s", s->after[i].table, s->after[i].rule);
		else
			(void)snprintf(to, size, "iptables-legacy -t %s rule "
			    "%u: %s", s->after[i].table, s->after[i].num,
			    s->after[i].rule);
		return (0);
	}
	return (-1);
}

static void
blame_rewrite(const struct pr_seen *s, struct pr_result *r)
{
	static const char *const targets[] = { "-j MASQUERADE", "-j SNAT",
	    "-j DNAT", "-j NETMAP", "-j REDIRECT", NULL };
	const struct pr_event	*e;

	if (legacy(s, targets, r) == 0)
		return;
	if ((e = rewriter(s)) != NULL)
		name_rule(e, s, r);
}

static void
blame_drop(const struct pr_seen *s, struct pr_result *r)
{
	static const char *const targets[] = { "-j DROP", "-j REJECT",
	    "policy DROP", "-j TPROXY", "-j NFQUEUE", NULL };
	const struct pr_event	*e = NULL;
	size_t			 i;

	for (i = s->n; i-- > 0 && e == NULL;)
		if (!is_mine(&s->e[i]) && (s->e[i].verdict == NF_DROP ||
		    (s->e[i].verdict & NF_VERDICT_MASK) == NF_QUEUE ||
		    s->e[i].verdict == NF_STOLEN) &&
		    s->e[i].what != PW_RETURN)
			e = &s->e[i];
	if (e != NULL)
		name_rule(e, s, r);
	else if (legacy(s, targets, r) == -1)
		r->culprit[0] = '\0';
}

static int
changed(const struct pr_flow *a, const struct pr_flow *b)
{
	if (addr_cmp(&a->src, &b->src, 0) != 0 ||
	    addr_cmp(&a->dst, &b->dst, 0) != 0)
		return (1);
	if (a->ipproto != IPPROTO_UDP && a->ipproto != IPPROTO_TCP)
		return (0);
	return ((b->src.port != 0 && a->src.port != b->src.port) ||
	    (b->dst.port != 0 && a->dst.port != b->dst.port));
}

/* Whose filter is it, where a chain of iptables' own dropped it? */
static void
tool_of(const struct pr_seen *s, struct pr_result *r)
{
	static const struct { const char *chain, *tool; } tools[] = {
		{ "ufw-before-forward", "ufw" }, { "DOCKER-USER", "docker" }
	};
	size_t	 i, k;

	if ((strcmp(r->chain, "FORWARD") != 0 && strcmp(r->chain,
	    "INPUT") != 0) || strcmp(r->table, "filter") != 0)
		return;
	for (i = 0; i < nitems(tools) && r->tool == NULL; i++) {
		if (!r->legacy && s->listing != NULL &&
		    strstr(s->listing, tools[i].chain) != NULL)
			r->tool = tools[i].tool;
		for (k = 0; k < s->ncount && r->legacy; k++)
			if (strstr(s->before[k].rule, tools[i].chain) != NULL)
				r->tool = tools[i].tool;
	}
}

void
pr_judge(const struct pr_flow *sent, const struct pr_want *want,
    const struct pr_seen *s, struct pr_result *r)
{
	const struct pr_event	*e;
	struct pr_flow		 right = *sent;
	int			 ipsec;

	memset(r, 0, sizeof(*r));
	r->sent = *sent;
	if (want->src.af != 0)
		memcpy(right.src.a, want->src.a, sizeof(right.src.a));
	if (want->dst.af != 0)
		memcpy(right.dst.a, want->dst.a, sizeof(right.dst.a));
	if ((e = arrival(s, &ipsec)) == NULL) {
		r->verdict = PV_DROPPED;
		blame_drop(s, r);
		tool_of(s, r);
		/* what was rewritten misses the policy that would have taken
		 * it and meets the one that blocks the rest */
		if (r->culprit[0] == '\0') {
			blame_rewrite(s, r);
			if (r->culprit[0] != '\0')
				r->verdict = PV_REWRITTEN;
		}
		if (s->n == 0 && r->culprit[0] == '\0')
			r->verdict = PV_LOST;
		return;
	}
	r->got = e->flow;
	r->oif = e->oif;
	if (changed(&right, &e->flow)) {
		r->verdict = PV_REWRITTEN;
		blame_rewrite(s, r);
	} else if (want->ipsec && !ipsec)
		r->verdict = PV_CLEAR;
	else if (want->input != (strcmp(e->chain, "y") == 0) ||
	    (want->oif != 0 && e->oif != want->oif))
		r->verdict = PV_ELSEWHERE;
	else
		r->verdict = PV_OK;
}
