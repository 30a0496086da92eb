/* SPDX-License-Identifier: ISC */

/*
 * half.c: how many half-open IKE SAs we answer (DESIGN.md section 8).  Only
 * those of sources that proved nothing count against the limits; all count
 * towards asking for cookies.
 */

#include <stdlib.h>

#include "engine.h"

/* IPv4 whole, IPv6 by /64: what one host can have at will. */
static struct addr
source(const struct addr *a)
{
	struct addr	 s = *a;

	s.port = 0;
	if (s.af == 6)
		memset(s.a + 8, 0, 8);
	return (s);
}

static struct half *
find(struct ike *ike, const struct addr *a, uint64_t *key)
{
	struct node	*n;
	struct half	*h;

	*key = ike_hash(ike->seed, a->a, sizeof(a->a));
	for (n = ike_map_get(&ike->by_src, *key); n != NULL;
	    n = ike_map_next(n)) {
		h = n->obj;
		if (addr_cmp(&h->a, a, 0) == 0)
			return (h);
	}
	return (NULL);
}

static void
cookies(struct ike *ike, int on)
{
	struct m_net_cookie	 m;

	ike->cookies = (uint8_t)on;
	m.on = (uint8_t)on;
	(void)role_send(ike->io, PROC_NET, M_NET_COOKIE, ike_gen(ike), 0, 0,
	    &m);
}

int
ike_half_room(struct ike *ike, const struct addr *from, int proven)
{
	struct addr	 a = source(from);
	struct half	*h;
	uint64_t	 key;

	if (proven)
		return (1);
	if (ike->halfsrc >= HALF_ALL)
		return (0);
	h = find(ike, &a, &key);
	return (h == NULL || h->count < HALF_SRC);
}

void
ike_half_add(struct ike *ike, struct sa *sa, int proven)
{
	struct addr	 a = source(&sa->remote);
	struct half	*h;
	uint64_t	 key;

	sa->half = 1;
	ike->half++;
	if (!proven) {
		if ((h = find(ike, &a, &key)) == NULL &&
		    (h = calloc(1, sizeof(*h))) != NULL) {
			h->a = a;
			ike_map_put(&ike->by_src, &h->n, key, h);
		}
		if (h != NULL && h->n.obj != NULL) {
			h->count++;
			ike->halfsrc++;
			sa->half = 2;
		} else
			free(h);
	}
	if (!ike->cookies && ike->half >= COOKIE_ON)
		cookies(ike, 1);
	ike->cookie_low = 0;
}

void
ike_half_del(struct ike *ike, struct sa *sa)
{
	struct addr	 a = source(&sa->remote);
	struct half	*h;
	uint64_t	 key;

	if (sa->half == 0)
		return;
	if (sa->half == HALF_V1) {
		ike->half1--;
		sa->half = 0;
		return;
	}
	if (sa->half == 2 && (h = find(ike, &a, &key)) != NULL) {
		ike->halfsrc--;
		if (--h->count == 0) {
			ike_map_del(&ike->by_src, &h->n);
			free(h);
		}
	}
	sa->half = 0;
	ike->half--;
	if (ike->cookies && ike->half <= COOKIE_OFF && ike->cookie_low == 0) {
		ike->cookie_low = ike->now + COOKIE_MS;
		ike_timer_set(ike, &ike->t_half, ike->cookie_low);
	}
}

/* COOKIE_MS after the number fell below COOKIE_OFF and stayed there. */
void
ike_half_tick(struct ike *ike, void *arg, uint64_t now)
{
	(void)arg;
	if (!ike->cookies)
		return;
	if (ike->half > COOKIE_OFF) {
		ike->cookie_low = 0;
		return;
	}
	if (ike->cookie_low == 0)
		ike->cookie_low = now + COOKIE_MS;
	if (now >= ike->cookie_low)
		cookies(ike, 0);
	else
		ike_timer_set(ike, &ike->t_half, ike->cookie_low);
}
