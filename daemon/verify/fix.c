/* SPDX-License-Identifier: ISC */

/*
 * fix.c: what a person types to let a probe through: the command of the
 * tool that made the rule, as far as its chains tell whose it is.  A drop
 * elsewhere is final, no rule of ours can undo it.
 */

#include <netinet/in.h>

#include <stdio.h>

#include <linux/netfilter.h>

#include "c_probe.h"

/* A protocol without ports: its name, or NULL. */
static const char *
portless(const struct pr_flow *f)
{
	return (f->ipproto == IPPROTO_ESP ? "esp" : f->ipproto == IPPROTO_AH ?
	    "ah" : NULL);
}

/* "-p udp --dport 500", "udp dport 500" */
static const char *
proto_words(const struct pr_flow *f, int nft, int any, char b[48])
{
	const char	*p = f->ipproto == IPPROTO_UDP ? "udp" :
			    "tcp", *no = portless(f);

	if (any)
		b[0] = '\0';
	else if (no != NULL)
		(void)snprintf(b, 48, nft ? "meta l4proto %s " : "-p %s ",
		    no);
	else
		(void)snprintf(b, 48, nft ? "%s dport %u " :
		    "-p %s --dport %u ", p, f->dst.port);
	return (b);
}

static void
by_tool(const struct pr_result *r, const char *src, const char *dst,
    int input, char *b, size_t n)
{
	int	 ufw = strncmp(r->chain, "ufw", 3) == 0 ||
		    (r->tool != NULL && strcmp(r->tool, "ufw") == 0);
	int	 docker = strncmp(r->chain, "DOCKER", 6) == 0 ||
		    (r->tool != NULL && strcmp(r->tool, "docker") == 0);

	if (ufw && input)
		(void)snprintf(b, n, "ufw allow proto %s from %s%s",
		    portless(&r->sent) != NULL ? portless(&r->sent) : "udp",
		    src, portless(&r->sent) != NULL ? "" :
		    " to any port 500,4500");
	else if (ufw)
		(void)snprintf(b, n, "ufw route allow from %s to %s\n"
		    "ufw route allow from %s to %s", src, dst, dst, src);
	else if (strcmp(r->table, "firewalld") == 0 && input)
		(void)snprintf(b, n, "firewall-cmd --permanent "
		    "--add-service=ipsec && firewall-cmd --reload");
	else if (strcmp(r->table, "firewalld") == 0)
		(void)snprintf(b, n, "firewall-cmd --permanent --zone=trusted "
		    "--add-source=%s --add-source=%s && firewall-cmd "
		    "--reload", src, dst);
	else if (docker && !input && r->sent.src.af == 4)
		(void)snprintf(b, n, "iptables -I DOCKER-USER -s %s -d %s "
		    "-j ACCEPT\niptables -I DOCKER-USER -s %s -d %s "
		    "-j ACCEPT", src, dst, dst, src);
	else
		b[0] = '\0';
}

/* Is that a chain of iptables' own, made through nf_tables? */
static int
is_iptables(const struct pr_result *r)
{
	static const char *const tables[] = { "filter", "nat", "mangle",
	    "raw", "security" };
	size_t	 i;

	if (r->legacy)
		return (1);
	for (i = 0; i < nitems(tables); i++)
		if (strcmp(r->table, tables[i]) == 0 &&
		    r->chain[0] >= 'A' && r->chain[0] <= 'Z')
			return (1);
	return (0);
}

static void
by_rule(const struct pr_result *r, const char *src, const char *dst,
    int input, char *b, size_t n)
{
	const char	*fam = r->family == NFPROTO_IPV6 ? "ip6" :
			    r->family == NFPROTO_INET ? "inet" : "ip";
	const char	*ip = r->sent.src.af == 6 ? "ip6" : "ip";
	char		 p[48];
	int		 one;

	if (is_iptables(r)) {
		(void)proto_words(&r->sent, 0, !input, p);
		one = snprintf(b, n, "%s%s -t %s -I %s 1 -s %s -d %s %s"
		    "-j ACCEPT", ip[2] == '6' ? "ip6tables" : "iptables",
		    r->legacy ? "-legacy" : "", r->table, r->chain, src, dst,
		    p);
		if (!input && strcmp(r->table, "nat") != 0 && one > 0 &&
		    (size_t)one < n)
			(void)snprintf(b + one, n - (size_t)one, "\n%s%s -t %s "
			    "-I %s 1 -s %s -d %s -j ACCEPT", ip[2] == '6' ?
			    "ip6tables" : "iptables", r->legacy ? "-legacy" :
			    "", r->table, r->chain, dst, src);
		return;
	}
	(void)proto_words(&r->sent, 1, !input, p);
	(void)snprintf(b, n, "nft insert rule %s %s %s %s saddr %s %s daddr "
	    "%s %saccept", fam, r->table, r->chain, ip, src, ip, dst, p);
}

const char *
v_fix(const struct pr_result *r, const struct selpair *pair, int reverse,
    char *b, size_t n)
{
	char		 s[SEL_STRLEN], d[SEL_STRLEN];
	struct net	 net;
	int		 input = pair == NULL;

	b[0] = '\0';
	if (r->culprit[0] == '\0' || r->chain[0] == '\0')
		return (NULL);
	if (input) {
		(void)addr_str(&r->sent.src, 0, s, sizeof(s));
		(void)addr_str(&r->sent.dst, 0, d, sizeof(d));
	} else {
		const struct sel *from = reverse ? &pair->remote :
		    &pair->local;
		const struct sel *to = reverse ? &pair->local : &pair->remote;

		if (sel_to_net(from, &net) == -1)
			return (NULL);
		(void)net_str(&net, s, sizeof(s));
		if (sel_to_net(to, &net) == -1)
			return (NULL);
		(void)net_str(&net, d, sizeof(d));
	}
	by_tool(r, s, d, input, b, n);
	if (b[0] == '\0')
		by_rule(r, s, d, input, b, n);
	return (b);
}
