/* SPDX-License-Identifier: ISC */

/* restart.c: at once, then after 1, 2, 4 ... 30 s; see restart.h. */

#include "restart.h"

enum {
	WAIT_MAX = 30,		/* seconds */
	GOOD_LIFE = 60000	/* ms after which a death is a first one again */
};

void
restart_init(struct restart *r)
{
	r->epoch = 1;
	r->count = 0;
	r->born = 0;
	r->wait = 0;
}

void
restart_born(struct restart *r, uint64_t now)
{
	r->born = now;
}

uint64_t
restart_died(struct restart *r, uint64_t now)
{
	uint64_t	 at;

	if (now - r->born >= GOOD_LIFE)
		r->wait = 0;
	at = now + (uint64_t)r->wait * 1000;
	r->wait = r->wait == 0 ? 1 : r->wait * 2;
	if (r->wait > WAIT_MAX)
		r->wait = WAIT_MAX;
	r->epoch++;
	r->count++;
	return (at);
}
