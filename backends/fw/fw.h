/* SPDX-License-Identifier: ISC */

/*
 * fw.h: the packet filter, declaratively.  daemon/host/rules.c computes what
 * shall hold as a list of rules; a rule is a verdict for a *set* of pairs of
 * networks, so that ten thousand pairs are one lookup and a change of one
 * tunnel changes elements of a set and no rule.  A backend makes the
 * system's filter say exactly this.
 */

#ifndef FW_H
#define FW_H

#include "addr.h"

/*
 * One element: from [llo, lhi] (ours) to [rlo, rhi] (theirs), inclusive, in
 * network order; IPv4 uses the first four octets, the rest is zero.
 */
struct fw_pair {
	uint8_t		 llo[16], lhi[16], rlo[16], rhi[16];
	uint8_t		 to[16];	/* FW_MAP: the network that ours are
					   on the wire; else 0 */
	uint16_t	 val;		/* FW_MSS: the value; FW_MAP: the
					   prefix length of `to'; else 0 */
};

enum fw_verdict {
	FW_EXEMPT,	/* addresses inside the tunnel are never rewritten */
	FW_OUTER,	/* nor IKE and ESP between (me, peer) */
	FW_MSS,		/* TCP SYN, both ways: at most `val' */
	FW_BLOCK,	/* theirs to ours: only from our TUN */
	FW_DENY,	/* never, either way (`block from A to B') */
	FW_MAP,		/* ours are on the wire what `to' says, host by host,
			   whoever began; addresses only, no port */
	FW_PLAIN,	/* kernel ESP: never as they are here, behind every
			   NAT; what FW_MAP would have changed */
	FW_FORWARD,	/* accepted when forwarded, through a tunnel */
	FW_INPUT,	/* accepted from (me, peer): IKE, ESP, AH */
	FW_NVERDICT
};

struct fw_rule {
	uint8_t		 af;		/* 4 or 6 */
	struct fw_pair	*p;		/* after fw_rule_close: disjoint, sorted */
	uint8_t		 (*max)[16];	/* greatest rhi of p[0..i]; for fw_has */
	size_t		 n, room;
};

struct fw_rules {
	struct fw_rule	 r[FW_NVERDICT][2];	/* [..][0] IPv4, [1] IPv6 */
};

enum { FW_WHYLEN = 256 };
#define FW_TUN		"s2s0"
#define FW_TABLE	"s2sd"
#define FW_TABLE_BLOCK	"s2sd-block"

/* --- fw_set.c: sets of pairs, pure --- */

void	 fw_rules_init(struct fw_rules *);
void	 fw_rules_free(struct fw_rules *);
/* Both networks must have one family (else ignored); val as above. */
int	 fw_add(struct fw_rules *, enum fw_verdict, const struct sel *l,
	    const struct sel *r, uint16_t val) WUR;
/* FW_MAP: hosts of l are those of the network `to', of plen bits, on the wire. */
int	 fw_add_map(struct fw_rules *, const struct sel *l,
	    const struct sel *r, const struct net *to) WUR;
/* Take (l, r) out of what was added so far. */
int	 fw_cut(struct fw_rules *, enum fw_verdict, const struct sel *l,
	    const struct sel *r) WUR;
/* Make every set disjoint (the least val wins) and sorted. */
int	 fw_rules_close(struct fw_rules *) WUR;
/* Is (l, r) in that closed set?  l and r are addr_len(af) octets. */
int	 fw_has(const struct fw_rule *, const uint8_t *l, const uint8_t *r);
/* That element as the other end sees it: ours are the wire's, `to' is ours. */
struct fw_pair fw_wire(const struct fw_pair *);
/*
 * What becomes of address l towards r by the closed set FW_MAP, or, with
 * `back', of r's packet to the wire's l: 1 and `to' (addr_len(af) octets), or
 * 0: not in the set.
 */
int	 fw_mapped(const struct fw_rule *, int back, const uint8_t *l,
	    const uint8_t *r, uint8_t *to);
/* Call for each element that only one of two closed sets has. */
void	 fw_diff(const struct fw_rule *old, const struct fw_rule *new,
	    void (*fn)(void *arg, int add, const struct fw_pair *), void *arg);
/* Copy closed sets. */
int	 fw_rules_copy(struct fw_rules *to, const struct fw_rules *from) WUR;

/* --- backends --- */

/* What a backend may use; all of it stays valid until close. */
struct fw_env {
	int	 owner_fd;	/* nfnetlink socket of the parent's, or -1 */
	int	 outdrop;	/* no XFRM here: drop by output device, too */
	uint32_t leftover;	/* chains of an earlier life, as env.mark said */
	int	 pf_old;	/* pf: the dialect with a translation section */
	uint16_t pf_tun;	/* pf: number of our tun device, or PF_ENC */
	void	*arg;
	/* Hand one request to s2sd-exec; req 0: no answer wanted. */
	int	(*run)(void *arg, uint32_t req, uint8_t what, const void *rest,
		    size_t n);
	void	(*log)(void *arg, int level, const char *text);
	/* iptables: bits for the variants that have chains of ours from now
	 * on (enum ipt_variant), shifted by 2 for those of the block. */
	void	(*mark)(void *arg, uint32_t variants);
	uint32_t variants;	/* of the tests: these, and no look at the
				   machine; 0: look */
};

struct fw_backend {
	const char *name;
	/* NULL and why: not supported here. */
	void	*(*open)(const struct fw_env *, char *why, size_t);
	/* Exactly these: 0 done, 1 asked for (`done' follows), -1 and why:
	 * nothing changed. */
	int	 (*apply)(void *, const struct fw_rules *, char *why, size_t);
	/* The block alone (FW_BLOCK and FW_DENY), likewise. */
	int	 (*block)(void *, const struct fw_rules *, char *why, size_t);
	/* The answer to a request that went through env.run: 0 more to come,
	 * 1 all done, 2 done and to be applied anew, -1 and why: failed and
	 * undone. */
	int	 (*done)(void *, uint32_t req, uint32_t err, const char *text,
		    char *why, size_t);
	/* s2sd-exec was started anew: what was asked is not answered. */
	void	 (*lost)(void *);
	/* Remove the rules; with `block' the block, too. */
	int	 (*clear)(void *, int block);
	/* A descriptor that becomes readable when somebody changed the
	 * filter, or -1; `changed' reads it: 1 if something of ours is
	 * gone (why: who did it), 2 if poll() should look. */
	int	 (*fd)(void *);
	int	 (*changed)(void *, char *why, size_t);
	/* For what no event tells: look now and then; 1: asked for. */
	int	 (*poll)(void *);
	void	 (*close)(void *);
};

/* FW_FORWARD and FW_INPUT in the tables of others: accept.h. */
struct fw_accept_be {
	/* env.leftover and env.mark: iptables variants, one bit each. */
	void	*(*open)(const struct fw_env *);
	/* Exactly these from now on; tun: by our TUN, else by policies. */
	int	 (*set)(void *, const struct fw_rules *, int tun);
	/* Look at what is there and mend it.  1: again soon. */
	int	 (*look)(void *);
	/* An answer of s2sd-exec to a request of its own.  1: look soon. */
	int	 (*done)(void *, uint32_t req, uint32_t err, const char *text);
	void	 (*lost)(void *);	/* s2sd-exec began anew */
	/* Is it to be told of changes (1), and looked after, too (2)? */
	int	 (*busy)(void *);
	/* All away; what is iptables' by s2sd-exec at its end. */
	void	 (*clear)(void *);
	void	 (*close)(void *);
};

extern const struct fw_backend fw_null, fw_nft, fw_iptables, fw_pf;

#endif /* FW_H */
