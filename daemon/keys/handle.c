/* SPDX-License-Identifier: ISC */

/* handle.c: handles, their limits, and the two ways to `proved'. */

#include <stdlib.h>

#include "handle.h"

void
khandles_init(struct khandles *hs)
{
	size_t	 i;

	memset(hs, 0, sizeof(*hs));
	TAILQ_INIT(&hs->age);
	for (i = 0; i < KH_BUCKETS; i++)
		LIST_INIT(&hs->bucket[i]);
}

void
khandles_clear(struct khandles *hs)
{
	khandles_close_all(hs);
	free(hs->slot);
	free(hs->gen);
	khandles_init(hs);
}

static struct kh_list *
bucket(struct khandles *hs, uint32_t tunnel)
{
	return (&hs->bucket[tunnel % KH_BUCKETS]);
}

int
khandle_room(struct khandles *hs, uint32_t tunnel)
{
	struct khandle	*h;
	int		 n = 0;

	if (tunnel == 0)
		return (1);
	LIST_FOREACH(h, bucket(hs, tunnel), bytunnel)
		n += h->tunnel == tunnel;
	return (n < KH_TUNNEL_MAX);
}

void
khandle_bind(struct khandles *hs, struct khandle *h, uint32_t tunnel)
{
	if (h->tunnel != 0)
		LIST_REMOVE(h, bytunnel);
	h->tunnel = tunnel;
	if (tunnel != 0)
		LIST_INSERT_HEAD(bucket(hs, tunnel), h, bytunnel);
}

/* Twice as many slots: 0 or -1. */
static int WUR
grow(struct khandles *hs)
{
	struct khandle	**slot;
	uint16_t	 *gen;
	size_t		  n;

	n = hs->n > 0 ? hs->n * 2 : 64;
	if (n > KH_MAX)
		n = KH_MAX;
	if (n == hs->n)
		return (-1);
	if ((slot = calloc(n, sizeof(*slot))) == NULL)
		return (-1);
	if ((gen = calloc(n, sizeof(*gen))) == NULL) {
		free(slot);
		return (-1);
	}
	if (hs->n > 0) {
		memcpy(slot, hs->slot, hs->n * sizeof(*slot));
		memcpy(gen, hs->gen, hs->n * sizeof(*gen));
	}
	free(hs->slot);
	free(hs->gen);
	hs->slot = slot;
	hs->gen = gen;
	hs->next = hs->n;
	hs->n = n;
	return (0);
}

/*
 * A free slot, taken in turn, so that a handle of long ago is not soon
 * another's.
 */
static int WUR
free_slot(struct khandles *hs, size_t *at)
{
	size_t	 i;

	if (hs->live >= hs->n && grow(hs))
		return (-1);
	for (i = 0; i < hs->n; i++) {
		*at = (hs->next + i) % hs->n;
		if (hs->slot[*at] == NULL) {
			hs->next = *at + 1;
			return (0);
		}
	}
	return (-1);
}

struct khandle *
khandle_new(struct khandles *hs, enum kh_kind kind, int version,
    uint32_t tunnel, uint64_t now, int *err)
{
	struct khandle	*h;
	size_t		 at;

	*err = KERR_LIMIT;
	if (hs->half >= KH_HALF_MAX || !khandle_room(hs, tunnel) ||
	    free_slot(hs, &at))
		return (NULL);
	*err = KERR_CRYPTO;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (NULL);
	if ((h->half = calloc(1, sizeof(*h->half))) == NULL) {
		free(h);
		return (NULL);
	}
	if (++hs->gen[at] == 0)
		hs->gen[at] = 1;	/* a handle is never 0 */
	h->id = (uint32_t)hs->gen[at] << 16 | (uint32_t)at;
	h->kind = kind;
	h->version = version;
	h->state = KH_STARTED;
	h->expires = now + KH_LIFE;
	khandle_bind(hs, h, tunnel);
	TAILQ_INSERT_TAIL(&hs->age, h, byage);
	hs->slot[at] = h;
	hs->live++;
	hs->half++;
	*err = KERR_OK;
	return (h);
}

struct khandle *
khandle_find(struct khandles *hs, uint32_t id)
{
	size_t	 at = id & 0xffff;

	if (at >= hs->n || hs->slot[at] == NULL || hs->slot[at]->id != id)
		return (NULL);
	return (hs->slot[at]);
}

/* What was needed to get there is wiped. */
static void
half_free(struct khandles *hs, struct khandle *h)
{
	if (h->half == NULL)
		return;
	TAILQ_REMOVE(&hs->age, h, byage);
	hs->half--;
	free(h->half->sai);		/* it was on the wire */
	explicit_bzero(h->half, sizeof(*h->half));
	free(h->half);
	h->half = NULL;
}

static void
close_one(struct khandles *hs, struct khandle *h)
{
	half_free(hs, h);
	if (h->tunnel != 0)
		LIST_REMOVE(h, bytunnel);
	hs->slot[h->id & 0xffff] = NULL;
	hs->live--;
	explicit_bzero(h, sizeof(*h));
	free(h);
}

void
khandle_close(struct khandles *hs, struct khandle *h)
{
	struct khandle	*c, *next;
	uint32_t	 id = h->id, tunnel = h->tunnel;

	close_one(hs, h);
	if (tunnel == 0)
		return;		/* was never proved: has no exchanges */
	for (c = LIST_FIRST(bucket(hs, tunnel)); c != NULL; c = next) {
		next = LIST_NEXT(c, bytunnel);
		if (c->parent == id)
			close_one(hs, c);
	}
}

void
khandles_close_tunnel(struct khandles *hs, uint32_t tunnel)
{
	struct khandle	*h, *next;

	for (h = LIST_FIRST(bucket(hs, tunnel)); h != NULL; h = next) {
		next = LIST_NEXT(h, bytunnel);
		if (h->tunnel == tunnel)
			close_one(hs, h);
	}
}

void
khandles_close_all(struct khandles *hs)
{
	size_t	 i;

	for (i = 0; i < hs->n; i++)
		if (hs->slot[i] != NULL)
			close_one(hs, hs->slot[i]);
}

int
khandle_prove(struct khandle *h, struct rd want, struct rd got)
{
	if (h->kind != KH_IKE || h->state != KH_KEYED || h->tunnel == 0 ||
	    want.n == 0 || ct_equal(want, got) != 1)
		return (0);
	h->state = KH_PROVED;
	return (1);
}

int
khandle_inherit(struct khandle *h, const struct khandle *old)
{
	if (old->state != KH_PROVED || h->tunnel != old->tunnel ||
	    h->version != 2 || old->version != 2 ||
	    h->parent != old->id)
		return (0);
	h->kind = KH_IKE;
	h->parent = 0;
	h->state = KH_PROVED;
	return (1);
}

void
khandle_settle(struct khandles *hs, struct khandle *h)
{
	if (h->state == KH_PROVED)
		half_free(hs, h);
}

uint64_t
khandles_tick(struct khandles *hs, uint64_t now)
{
	struct khandle	*h;

	while ((h = TAILQ_FIRST(&hs->age)) != NULL) {
		if (h->expires > now)
			return (h->expires);
		khandle_close(hs, h);
	}
	return (DUE_NEVER);
}
