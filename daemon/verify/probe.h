/* SPDX-License-Identifier: ISC */

/*
 * probe.h: what happens to a packet in this kernel, asked of the kernel.
 *
 * A probe is put in as if it came in on a device (or from this machine),
 * traced through nf_tables by a table of our own, looked at behind the last
 * rule and dropped there: nothing leaves the machine, no connection is
 * tracked (conntrack confirms later than our last hook).  Its mark is the
 * IPv4 identification, or the IPv6 flow label, and its hop count.
 */

#ifndef PROBE_H
#define PROBE_H

#include "addr.h"

enum { PR_MARK = 0x5332, PR_HOPS = 3, PR_SPORT = 40000, PR_PORT = 9,
    PR_FRAME = 160, PR_TEXT = 400, PR_EVENTS = 256, PR_NAME = 64 };

#define PR_TABLE	"s2sd-verify"

/* One probe: addresses with ports (ICMP: dst.port is ignored). */
struct pr_flow {
	struct addr	 src, dst;
	uint8_t		 ipproto;	/* IPPROTO_UDP, _TCP, _ICMP, _ESP */
};

/* ---- packet.c: pure ---- */

/* The IP packet into PR_FRAME octets: its length. */
size_t	 pr_packet(const struct pr_flow *, uint8_t *);
/* The flow of an IP packet: 0, or -1.  Ports only where it has some. */
int	 pr_flow_get(struct rd ip, struct pr_flow *) WUR;
/* "udp 10.1.3.2 -> 10.1.4.2:53" */
const char *pr_flow_str(const struct pr_flow *, char *, size_t);

/* ---- trace.c: pure ---- */

enum pr_what { PW_RULE, PW_POLICY, PW_RETURN };

struct pr_event {
	uint8_t		 family;	/* NFPROTO_ of the table */
	char		 table[PR_NAME], chain[PR_NAME];
	enum pr_what	 what;
	uint64_t	 handle;	/* of the rule */
	uint32_t	 id;
	int32_t		 verdict;	/* NF_*, NFT_*, or the policy */
	uint32_t	 iif, oif;	/* index, 0: none */
	uint32_t	 mark;
	int		 have_flow;
	struct pr_flow	 flow;		/* as it was when this rule saw it */
};

/* The body of an NFT_MSG_TRACE (behind nfgenmsg): 0, or -1. */
int	 pr_event_get(uint8_t family, struct rd attrs, struct pr_event *) WUR;

/* ---- text.c: what a listing says; pure ---- */

struct pr_rule {
	unsigned int	 num;		/* in its chain, from 1 */
	char		 text[PR_TEXT];
	char		 type[16];	/* of the chain: nat, filter, route */
	char		 hook[16];
};
/*
 * The rule with that handle in the output of `nft -a list ruleset': 0, or
 * -1.  family is NFPROTO_.
 */
int	 pr_rule_find(const char *listing, uint8_t family, const char *table,
	    const char *chain, uint64_t handle, struct pr_rule *) WUR;
/* What the chain is, whatever the rule: type and hook; num and text empty. */
int	 pr_chain_find(const char *listing, uint8_t family,
	    const char *table, const char *chain, struct pr_rule *) WUR;
/* Does this rule's text rewrite addresses or ports? */
int	 pr_rewrites(const char *text);

/* Classes of addresses: every prefix, range and address that a listing
 * names cuts [lo, hi]; one address for each piece, at most max.  1: there
 * were more. */
int	 pr_classes(const char *listing, const struct sel *,
	    const struct addr *avoid, size_t navoid, struct addr *out,
	    size_t max, size_t *n);
/* Destination ports that a listing names, at most max: how many. */
size_t	 pr_ports(const char *listing, uint16_t *out, size_t max);

/* One counter of iptables-legacy-save -c. */
struct pr_count {
	char		 table[16], rule[PR_TEXT];
	unsigned int	 num;		/* in its chain; 0: the policy */
	unsigned long long packets;
};
/* Parse; at most max: how many. */
size_t	 pr_counts(const char *save, struct pr_count *, size_t max);

/* ---- judge.c: pure ---- */

enum pr_verdict {
	PV_OK, PV_REWRITTEN, PV_DROPPED, PV_CLEAR, PV_ELSEWHERE, PV_LOST
};

/* Where it should come out. */
struct pr_want {
	int		 input;		/* to ourselves */
	uint32_t	 oif;		/* 0: any */
	int		 ipsec;		/* through an XFRM policy */
	int		 decrypted;	/* as if an SA of the kernel's had
					   decrypted it */
	struct addr	 src, dst;	/* translated to these; af 0: as sent */
};

struct pr_result {
	enum pr_verdict	 verdict;
	struct pr_flow	 sent, got;	/* got: as it arrived, src.af 0: not */
	uint32_t	 oif;
	char		 culprit[PR_TEXT + 200];	/* "" if not known */
	/* where it stands, for a command that mends it */
	uint8_t		 legacy;	/* iptables-legacy */
	uint8_t		 family;	/* NFPROTO_ */
	char		 table[PR_NAME], chain[PR_NAME];
	const char	*tool;		/* whose chains stand beside it, or NULL */
};

struct pr_seen {
	const struct pr_event *e;
	size_t		 n;
	const char	*listing;	/* nft -a list ruleset */
	const struct pr_count *before, *after;	/* legacy; same rules */
	size_t		 ncount;
};
void	 pr_judge(const struct pr_flow *sent, const struct pr_want *,
	    const struct pr_seen *, struct pr_result *);

/* ---- probe_linux.c, inject_linux.c ---- */

struct probe;

/* NULL and why: not possible here. */
struct probe *pr_open(char *why, size_t);
void	 pr_close(struct probe *);
/* The rules as they stand, our own tables included. */
const char *pr_listing(struct probe *);
/* One probe; iif 0: from this machine itself. */
void	 pr_run(struct probe *, const struct pr_flow *, uint32_t iif,
	    const struct pr_want *, struct pr_result *);
/* The events of the last run, for a picture. */
const struct pr_event *pr_events(const struct probe *, size_t *n);
/* Was the way in not seen for lack of injection?  why: in words. */
int	 pr_reduced(const struct probe *, char *why, size_t);
/* Do rules ask whether a packet came by IPsec?  No probe can. */
int	 pr_asks_ipsec(const char *listing);
/* "live frames", "a temporary device", "raw socket" */
const char *pr_method(const struct probe *);

/*
 * Policies of two seconds that let what has this source by, as if it came
 * out of an SA; gone with add 0.
 */
struct nlsock;
int	 pr_pass(struct nlsock *, const struct addr *src, int add) WUR;

/* Put a packet onto the path: 0, or -1 and errno. */
struct inject;
struct inject *inj_open(void);
void	 inj_close(struct inject *);
int	 inj_in(struct inject *, uint32_t iif, const uint8_t *ip, size_t n) WUR;
int	 inj_out(struct inject *, const struct pr_flow *, const uint8_t *ip,
	    size_t n) WUR;

#endif /* PROBE_H */
