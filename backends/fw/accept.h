/* SPDX-License-Identifier: ISC */

/*
 * accept.h: `set gateway { firewall }': the tunnels' networks (FW_FORWARD),
 * and IKE, ESP and AH of the peers (FW_INPUT), accepted where one chain of
 * somebody else decides.  An accept in a table of our own would not count:
 * each base chain of nf_tables at a hook must accept, as must iptables'.
 *
 *	iptables, both variants: chains S2SD-FORWARD and S2SD-INPUT, jumped to
 *		first, by s2sd-exec
 *	nf_tables: chains s2sd-forward and s2sd-input in the table whose base
 *		chain decides, and one rule `jump ... comment "s2sd"' at its
 *		head, if there is exactly one such chain
 *	ufw, firewalld, or several chains: nothing; what is to be done is said
 */

#ifndef FW_ACCEPT_H
#define FW_ACCEPT_H

#include "fw.h"
#include "../host/nl.h"

enum { ACC_NAME = 64, ACC_COUNT = 2048, ACC_FORWARD = 0, ACC_INPUT = 1,
    ACC_NHOOKS };

struct acc_chain {
	uint8_t		 fam;		/* NFPROTO_*, as nf_tables has it */
	uint8_t		 base;		/* it is at one of our hooks: */
	uint8_t		 hook;		/* ACC_FORWARD or ACC_INPUT */
	uint8_t		 policy_drop;
	uint8_t		 iptables;	/* made by iptables */
	uint8_t		 drops, jumps;	/* rules that drop, that go elsewhere */
	char		 table[ACC_NAME], name[ACC_NAME];
	uint32_t	 rules;		/* but our jump */
	uint64_t	 jump;		/* handle of our first jump, or 0 */
	uint32_t	 njump;
	uint8_t		 first;		/* our jump is its first rule */
};

/* What nf_tables holds, as far as it matters here. */
struct acc_state {
	struct acc_chain	*c;
	size_t			 n, room;
	const char		*front;	/* tool that owns a filter, or NULL */
	int			 bad;	/* too much, or out of memory */
};

/* Where they go: index of a chain, -1: nowhere needed, -2: not possible. */
struct acc_plan {
	int	 at[ACC_NHOOKS][2];	/* [hook][family: 0 IPv4] */
	uint32_t ipt[2];		/* family: iptables-nft decides, too */
	char	 why[FW_WHYLEN];	/* of a -2 */
};

extern const char *const acc_own[ACC_NHOOKS];	/* our chains' names */

/* --- accept_read.c, pure --- */
void	 acc_state_free(struct acc_state *);
/* One NEWCHAIN, one NEWRULE of a dump; chains first. */
void	 acc_chain_got(struct acc_state *, struct rd body);
void	 acc_rule_got(struct acc_state *, struct rd body);
void	 acc_decide(const struct acc_state *, const struct fw_rules *,
	    struct acc_plan *);
/* Is there what the plan wants, and nothing else of ours? */
int	 acc_holds(const struct acc_state *, const struct acc_plan *);
/* Is that chain one of ours in the table of another? */
int	 acc_ours(const struct acc_chain *);

/* --- accept_msg.c, pure --- */
enum { ACC_RULES_FORWARD = 2, ACC_RULES_INPUT = 4 };	/* for each family */
/* From what is there to what the plan wants: 0, or 1: only a jump that was
 * there twice is taken away, so look again. */
int	 acc_batch(struct nlbuf *, const struct acc_state *,
	    const struct acc_plan *, const struct fw_rules *, int tun);

/* --- accept.c --- */
enum { FW_ACCEPT_REQ = 0x40000000 };	/* least number of its requests */
extern const struct fw_accept_be fw_accept_linux;

#endif /* FW_ACCEPT_H */
