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

	/* --- what a fixture can show or do beside; each may be NULL --- */

	/* SPI that a packet of that tunnel would leave with; 0: dropped, 1:
	 * in the clear */
	uint32_t (*out)(struct contract *, const struct tunnel *);
	/* SAs and policies at the other end */
	size_t	 (*stock)(struct contract *);
	/* the nth transaction from now on is refused there; 0: none */
	void	 (*refuse)(struct contract *, int nth);
	/* the SAs of that inbound SPI expire */
	void	 (*expire)(struct contract *, uint32_t spi, int hard);
	/* the instance goes without a word, as by kill -9, and a new one finds
	 * the same other end; life 0: of the same daemon, 1: of another */
	void	*(*again)(struct contract *, const struct sa_events *, int life);
};

/* Runs all of it; fails through cmocka. */
void	 contract_run(struct contract *);

#endif /* CONTRACT_H */
