/* SPDX-License-Identifier: ISC */

/*
 * contract.h: what every SA backend must do, the same test for each.  The
 * fixture brings the backend to life and lets its other end, if it has one,
 * work until nothing is open (pump).
 */

#ifndef CONTRACT_H
#define CONTRACT_H

#include "../../backends/sa/sa.h"

struct contract {
	const struct sa_backend *be;
	void	*(*start)(struct contract *, const struct tunnel *, size_t n,
		    const struct sa_events *);
	void	 (*pump)(struct contract *);
	/* the other end dies and comes back; NULL: there is none */
	void	 (*kill)(struct contract *);
	void	 (*stop)(struct contract *);
	void	*arg;
	void	*sys;		/* for sa_events */
};

/* Runs all of it; fails through cmocka. */
void	 contract_run(struct contract *);

#endif /* CONTRACT_H */
