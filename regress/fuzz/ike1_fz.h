/* SPDX-License-Identifier: ISC */

/*
 * ike1_fz.h: the engine of ike_fz.h as an IKEv1 peer sees it: all keys are
 * zero, so that the fuzzer can write messages that are encrypted and hashed
 * as they must be.
 */

#ifndef IKE1_FZ_H
#define IKE1_FZ_H

#include "ike_fz.h"
#include "v1/v1.h"

/* How far. */
enum fz1 { FZ1_NONE, FZ1_MM1, FZ1_MM2, FZ1_MM3, FZ1_MM4, FZ1_MM5, FZ1_UP_R,
    FZ1_UP_I, FZ1_MAX };

/* A copy of the IKEv1 tunnel's record, whole. */
void	 fz1_tunnel(const struct fz *, struct tunnel *);

/* The IKEv1 SA with that role that is up, else any of it, else NULL. */
struct sa *fz1_sa(struct fz *, int init);
struct sa *fz1_reach(struct fz *, enum fz1);
/*
 * Payloads of that exchange, the first of type `first' (a number of the
 * network), encrypted; of phase 2 a right HASH stands in front unless raw.
 */
void	 fz1_inner(struct fz *, struct sa *, uint8_t exch, uint32_t mid,
	    int raw, uint8_t first, const void *, size_t);
/* The quick mode that waits for the peer, or NULL. */
struct qm *fz1_quick(struct sa *);

#endif /* IKE1_FZ_H */
