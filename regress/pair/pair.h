/* SPDX-License-Identifier: ISC */

/* pair.h: what the pair tests share: two gateways and what one asks of them. */

#ifndef PAIR_H
#define PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

struct two {
	struct world	*w;
	struct gw	*a, *b;
	struct tunnel	 ta, tb;
};

/* Seeds of a run: SEED in the environment adds to the fixed ones. */
uint64_t pair_seed(void);
/* Two gateways, not configured yet; ta and tb may be changed before load. */
void	 pair_new(struct two *, const struct world_opt *);
/* AH in place of ESP: by bit, 1 a, 2 b; on a plane that only remembers. */
void	 pair_ah(struct two *, int who);
/* Configure both; b `after' ms later. */
void	 pair_load(struct two *, uint64_t after);
void	 pair_load_psk(struct two *, const char *psk_a, const char *psk_b);
void	 pair_free(struct two *);
int	 pair_up(struct world *, void *two);
/* Up within ms, or the test fails and says the seed. */
void	 pair_expect_up(struct two *, uint64_t ms);
/* n probes each way, `gap' ms apart; numbers start at *number.  Returns how
 * many arrived. */
unsigned int pair_traffic(struct two *, uint32_t *number, unsigned int n,
	    uint64_t gap);
/* All of it must arrive, once. */
void	 pair_expect_traffic(struct two *, uint32_t *number);
/* An M_C_UP, M_C_DOWN or M_C_REKEY as from s2sd-ctl. */
void	 pair_order(struct gw *, uint32_t type, int what);

#define TESTS_OF(f)	extern const struct CMUnitTest f[]; extern const size_t f##_n
TESTS_OF(tests_exec);
TESTS_OF(tests_file);
TESTS_OF(tests_join);
TESTS_OF(tests_rekey);
TESTS_OF(tests_death);
TESTS_OF(tests_hostile);
TESTS_OF(tests_many);
TESTS_OF(tests_ah);

#endif /* PAIR_H */
