/* SPDX-License-Identifier: ISC */

/* host_rig.h: one tunnel and one host, and the plan for them, for the tests. */

#ifndef HOST_RIG_H
#define HOST_RIG_H

#include "host.h"
#include "sel.h"

struct setup {
	struct conf		 c;
	struct host_facts	 f;
	struct addr		 mine[2];
	struct host_up		 up;
	struct host_plan	 p;
	struct tunnel		 t;
	struct global		 g;
};

/* Is that pair of addresses in the set? */
int	 has(const struct fw_rules *, enum fw_verdict, const char *,
	    const char *);

/* 192.168.1.3 and 10.1.3.1 with 10.1.3.0/24, to 192.168.1.4 with 10.1.4.0/24 */
void	 begin(struct setup *);
/* Of what stands in it now; may be called again. */
void	 plan(struct setup *);
void	 end(struct setup *);

#endif /* HOST_RIG_H */
