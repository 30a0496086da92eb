/* SPDX-License-Identifier: ISC */

/*
 * text.c: what is needed of the text that nft(8) and iptables-save(8)
 * print: the rule behind a handle, the addresses and ports that are named,
 * counters.  The text comes from root's own tools, in the form they have
 * kept for years; what is not understood is left out.
 */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netfilter.h>

#include "probe.h"

int
pr_asks_ipsec(const char *listing)
{
	static const char *const words[] = { "ipsec exists", "ipsec missing",
	    "ipsec in ", "xt match \"policy\"", "-m policy " };
	size_t	 i;

	for (i = 0; i < nitems(words); i++)
		if (strstr(listing, words[i]) != NULL)
			return (1);
	return (0);
}

enum { LINE = 2048 };

/* The next line without its blanks in front and its end; 0: no more. */
static int
line_next(const char **p, char line[LINE])
{
	size_t	 n;

	while (**p == '\n')
		(*p)++;
	if (**p == '\0')
		return (0);
	while (**p == '\t' || **p == ' ')
		(*p)++;
	n = strcspn(*p, "\n");
	(void)snprintf(line, LINE, "%.*s", (int)(n < LINE - 1 ? n : LINE - 1),
	    *p);
	*p += n;
	return (1);
}

static const char *
family_word(uint8_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return ("ip");
	case NFPROTO_IPV6:
		return ("ip6");
	case NFPROTO_INET:
		return ("inet");
	case NFPROTO_NETDEV:
		return ("netdev");
	case NFPROTO_BRIDGE:
		return ("bridge");
	case NFPROTO_ARP:
		return ("arp");
	default:
		return ("?");
	}
}

/* Cut " # handle 7" (and " { # handle 7") off; the number, or 0. */
static uint64_t
handle_cut(char *line)
{
	char	*h = NULL, *p = line;

	while ((p = strstr(p, "# handle ")) != NULL)
		h = p++;
	if (h == NULL)
		return (0);
	p = h;
	while (p > line && (p[-1] == ' ' || p[-1] == '{'))
		p--;
	*p = '\0';
	return (strtoull(h + 9, NULL, 10));
}

/* "type nat hook postrouting priority ...": into type and hook. */
static void
chain_kind(const char *line, struct pr_rule *r)
{
	if (sscanf(line, "type %15s hook %15s", r->type, r->hook) != 2)
		r->type[0] = r->hook[0] = '\0';
}

/* Where the body of a chain begins in a listing, or NULL. */
static const char *
chain_body(const char *p, uint8_t family, const char *table,
    const char *chain)
{
	char	 line[LINE], want[LINE], wantc[LINE];
	int	 in = 0;

	(void)snprintf(want, sizeof(want), "table %s %s", family_word(family),
	    table);
	(void)snprintf(wantc, sizeof(wantc), "chain %s", chain);
	while (line_next(&p, line)) {
		if (strncmp(line, "table ", 6) == 0) {
			(void)handle_cut(line);
			line[strcspn(line, "{")] = '\0';
			while (line[0] != '\0' &&
			    line[strlen(line) - 1] == ' ')
				line[strlen(line) - 1] = '\0';
			in = strcmp(line, want) == 0;
		} else if (in && strncmp(line, "chain ", 6) == 0) {
			(void)handle_cut(line);
			if (strcmp(line, wantc) == 0)
				return (p);
		}
	}
	return (NULL);
}

/* Counters say nothing about a rule. */
static void
no_counters(char *s)
{
	unsigned long long	 a, b;
	char			*p, *end;
	int			 n;

	while ((p = strstr(s, "counter packets ")) != NULL) {
		n = 0;
		if (sscanf(p, "counter packets %llu bytes %llu%n", &a, &b,
		    &n) != 2 || n == 0)
			return;
		end = p + n;
		if (*end == ' ')
			end++;
		memmove(p, end, strlen(end) + 1);
	}
}

static int
find(const char *p, uint64_t handle, struct pr_rule *r)
{
	char		 line[LINE];
	uint64_t	 h;
	int		 depth = 1;

	for (r->num = 0; depth > 0 && line_next(&p, line);) {
		if (strncmp(line, "type ", 5) == 0) {
			chain_kind(line, r);
			continue;
		}
		if (line[0] == '}') {
			depth--;
			continue;
		}
		if ((h = handle_cut(line)) == 0)
			continue;
		r->num++;
		if (h != handle)
			continue;
		no_counters(line);
		if (strlcpy(r->text, line, sizeof(r->text)) >=
		    sizeof(r->text))
			memcpy(r->text + sizeof(r->text) - 4, "...", 4);
		return (0);
	}
	return (-1);
}

int
pr_rule_find(const char *listing, uint8_t family, const char *table,
    const char *chain, uint64_t handle, struct pr_rule *r)
{
	const char	*p;

	memset(r, 0, sizeof(*r));
	if ((p = chain_body(listing, family, table, chain)) == NULL)
		return (-1);
	return (find(p, handle, r));
}

int
pr_chain_find(const char *listing, uint8_t family, const char *table,
    const char *chain, struct pr_rule *r)
{
	const char	*p;

	memset(r, 0, sizeof(*r));
	if ((p = chain_body(listing, family, table, chain)) == NULL)
		return (-1);
	(void)find(p, UINT64_MAX, r);
	r->num = 0;
	return (0);
}

int
pr_rewrites(const char *text)
{
	static const char *const words[] = { "masquerade", "snat", "dnat",
	    "redirect", "MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP",
	    "xt target", "saddr set", "daddr set", "sport set", "dport set",
	    "TPROXY", "tproxy" };
	size_t	 i;

	for (i = 0; i < nitems(words); i++)
		if (strstr(text, words[i]) != NULL)
			return (1);
	return (0);
}

/* ---- classes ---- */

/* a + 1, or 0: it was the last. */
static int
next_addr(uint8_t *a, size_t n)
{
	while (n-- > 0)
		if (++a[n] != 0)
			return (1);
	return (0);
}

struct cuts {
	uint8_t		 at[512][16];
	size_t		 n;
};

static void
cut(struct cuts *c, const uint8_t *a, const struct sel *s)
{
	size_t	 i, l = addr_len(s->af);

	if (memcmp(a, s->lo, l) <= 0 || memcmp(a, s->hi, l) > 0)
		return;
	for (i = 0; i < c->n; i++)
		if (memcmp(c->at[i], a, l) == 0)
			return;
	if (c->n < nitems(c->at))
		memcpy(c->at[c->n++], a, l);
}

/* A word of a listing: an address, a prefix, or one end of a range. */
static void
word_cut(struct cuts *c, const char *w, size_t n, const struct sel *s)
{
	char		 b[ADDR_STRLEN], *slash;
	struct addr	 a;
	struct sel	 t;
	struct net	 net;
	const char	*why;
	long long	 plen;
	size_t		 l = addr_len(s->af), i;

	if (n >= sizeof(b))
		return;
	memcpy(b, w, n);
	b[n] = '\0';
	if ((slash = strchr(b, '/')) != NULL)
		*slash++ = '\0';
	if (addr_parse(b, &a) == -1 || a.af != s->af)
		return;
	plen = 8 * (long long)l;
	if (slash != NULL) {
		plen = strtonum(slash, 0, plen, &why);
		if (why != NULL)
			return;
	}
	memset(&net, 0, sizeof(net));
	net.plen = (uint8_t)plen;
	for (i = 0; i < l; i++) {	/* host bits may be set in a rule */
		if ((long long)i * 8 + 8 > plen)
			a.a[i] &= (long long)i * 8 >= plen ? 0 :
			    (uint8_t)(0xff << (8 - plen % 8));
	}
	net.a = a;
	sel_from_net(&net, 0, 0, UINT16_MAX, &t);
	cut(c, t.lo, s);
	if (next_addr(t.hi, l))
		cut(c, t.hi, s);
}

static int
by_addr(const void *a, const void *b)
{
	return (memcmp(a, b, 16));
}

static int
avoided(const struct addr *a, const struct addr *avoid, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (addr_cmp(a, &avoid[i], 0) == 0)
			return (1);
	return (0);
}

/* An address of [lo, hi]: the third one if there are so many (the first
 * two are often a network's own and its gateway's), not one to avoid. */
static void
pick(const struct sel *s, const uint8_t *lo, const uint8_t *end,
    const struct addr *avoid, size_t navoid, struct addr *out)
{
	size_t		 l = addr_len(s->af), i;
	struct addr	 a;

	memset(out, 0, sizeof(*out));
	out->af = s->af;
	memcpy(out->a, lo, l);
	a = *out;
	for (i = 0; i < 64; i++) {
		if (memcmp(a.a, end, l) > 0)
			return;
		if (!avoided(&a, avoid, navoid)) {
			*out = a;
			if (i >= 2)
				return;
		}
		if (!next_addr(a.a, l))
			return;
	}
}

int
pr_classes(const char *p, const struct sel *s, const struct addr *avoid,
    size_t navoid, struct addr *out, size_t max, size_t *n)
{
	struct cuts	 c;
	uint8_t		 lo[16], end[16];
	size_t		 i, k, l = addr_len(s->af);

	memset(&c, 0, sizeof(c));
	while (*p != '\0') {
		k = strspn(p, "0123456789abcdefABCDEF.:/");
		if (k > 2)
			word_cut(&c, p, k, s);
		p += k > 0 ? k : 1;
	}
	qsort(c.at, c.n, sizeof(c.at[0]), by_addr);
	*n = 0;
	memcpy(lo, s->lo, 16);
	for (i = 0; i <= c.n && *n < max; i++) {
		memcpy(end, i < c.n ? c.at[i] : s->hi, 16);
		for (k = l; i < c.n && k-- > 0;)	/* end - 1 */
			if (end[k]-- != 0)
				break;
		pick(s, lo, end, avoid, navoid, &out[(*n)++]);
		if (i < c.n)
			memcpy(lo, c.at[i], 16);
	}
	return (i <= c.n);
}

/* ---- ports ---- */

size_t
pr_ports(const char *p, uint16_t *out, size_t max)
{
	unsigned long	 v;
	size_t		 i, n = 0;
	char		*end;

	while (n < max && (p = strstr(p, "dport")) != NULL) {
		p += 5;
		p += *p == 's';
		p += strspn(p, " !={");
		while (isdigit((unsigned char)*p) && n < max) {
			v = strtoul(p, &end, 10);
			for (i = 0; i < n; i++)
				if (out[i] == v)
					break;
			if (i == n && v > 0 && v <= UINT16_MAX)
				out[n++] = (uint16_t)v;
			p = end + strspn(end, ", :-");
		}
	}
	return (n);
}

/* ---- counters of iptables-legacy-save -c ---- */

static int
policy_line(const char *line, struct pr_count *c)
{
	char	 chain[64], policy[32];

	if (sscanf(line, ":%63s %31s [%llu:", chain, policy, &c->packets) !=
	    3 || policy[0] == '-')
		return (-1);
	(void)snprintf(c->rule, sizeof(c->rule), "policy %s of chain %s",
	    policy, chain);
	return (0);
}

/* Rules are numbered in their chain. */
static unsigned int
number(const struct pr_count *c, size_t n, const struct pr_count *me)
{
	char		 chain[64], other[64];
	unsigned int	 num = 1;

	if (sscanf(me->rule, "-A %63s", chain) != 1)
		return (1);
	while (n-- > 0)
		if (strcmp(c[n].table, me->table) == 0 &&
		    sscanf(c[n].rule, "-A %63s", other) == 1 &&
		    strcmp(chain, other) == 0)
			num++;
	return (num);
}

size_t
pr_counts(const char *p, struct pr_count *c, size_t max)
{
	char	 line[LINE], table[16] = "";
	char	*rule;
	size_t	 n = 0;

	while (n < max && line_next(&p, line)) {
		memset(&c[n], 0, sizeof(c[n]));
		(void)strlcpy(c[n].table, table, sizeof(c[n].table));
		if (line[0] == '*')
			(void)strlcpy(table, line + 1, sizeof(table));
		else if (line[0] == ':' && policy_line(line, &c[n]) == 0)
			n++;
		else if (line[0] == '[' && (rule = strstr(line, "] ")) !=
		    NULL && sscanf(line, "[%llu:", &c[n].packets) == 1) {
			(void)strlcpy(c[n].rule, rule + 2,
			    sizeof(c[n].rule));
			c[n].num = number(c, n, &c[n]);
			n++;
		}
	}
	return (n);
}
