/* SPDX-License-Identifier: ISC */

/* v1.h: what the pair tests of IKEv1 share. */

#ifndef PAIR_V1_H
#define PAIR_V1_H

#include "pair.h"

/* As pair_new, with IKEv1: what old peers have, but a fast group. */
void	 v1_new(struct two *, const struct world_opt *);
/* Exactly one child at each end, the same one, nothing else installed. */
void	 v1_expect_one(struct two *);

TESTS_OF(tests_v1);
TESTS_OF(tests_v1_rekey);
TESTS_OF(tests_v1_death);
TESTS_OF(tests_v1_ah);

#endif /* PAIR_V1_H */
