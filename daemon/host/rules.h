/* SPDX-License-Identifier: ISC */

/*
 * rules.h: what the host must look like, computed from the configured
 * tunnels.  Pure: no system is asked, the addresses are handed in.
 */

#ifndef RULES_H
#define RULES_H

#include "conf.h"
#include "../../backends/fw/fw.h"
#include "../../backends/host/host_be.h"

/* A tunnel that is up, and the MTU that its child SA really has. */
struct host_up {
	uint32_t	 tunnel;
	uint16_t	 mtu;
	struct addr	 peer;		/* where it is now */
	uint64_t	 told;		/* ms: when it was told of strays */
};

struct host_facts {
	const struct addr	*mine;		/* our own addresses */
	size_t			 nmine;
	const struct host_up	*up;		/* sorted by tunnel */
	size_t			 nup;
};

struct host_plan {
	struct fw_rules		 fw;
	struct host_want	 want;		/* arrays belong to the plan */
	size_t			 wide;		/* networks of ours that lie inside
						   a remote one: excepted */
};

/*
 * rules_plan: everything for both sets of *c (between the two rounds of a
 * reload the old tunnels still count).  0, or -1: out of memory.
 */
int	 rules_plan(const struct conf *, const struct host_facts *,
	    struct host_plan *) WUR;
void	 rules_plan_free(struct host_plan *);
/*
 * MTU inside the tunnel before a child says it: that of the algorithms we
 * like best.  If the guess is right, as it mostly is, nothing has to change
 * when the tunnel comes up: with a thousand tunnels each change of an element
 * costs the kernel a walk over all of them.
 */
uint16_t rules_mtu(const struct tunnel *, int udp);

#endif /* RULES_H */
