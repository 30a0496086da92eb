/* SPDX-License-Identifier: ISC */

/*
 * timer.c: timers on a binary heap; setting and unsetting is O(log n).  Who
 * makes an object with timers reserves room for them all, so that setting
 * one never fails.
 */

#include <stdlib.h>

#include "engine.h"

void
ike_timer_init(struct timer *t, void (*fn)(struct ike *, void *, uint64_t),
    void *arg)
{
	memset(t, 0, sizeof(*t));
	t->fn = fn;
	t->arg = arg;
}

int
ike_timer_more(struct ike *ike, size_t n)
{
	struct heap	*h = &ike->heap;
	struct timer	**p;
	size_t		 room = h->room == 0 ? 64 : h->room;

	while (room < h->made + n)
		room *= 2;
	if (room != h->room) {
		if ((p = reallocarray(h->t, room, sizeof(*p))) == NULL)
			return (-1);
		h->t = p;
		h->room = room;
	}
	h->made += n;
	return (0);
}

void
ike_timer_less(struct ike *ike, size_t n)
{
	ike->heap.made -= n;
}

static void
put(struct heap *h, size_t i, struct timer *t)
{
	h->t[i] = t;
	t->pos = i + 1;
}

static void
rise(struct heap *h, size_t i)
{
	struct timer	*t = h->t[i];

	for (; i > 0 && h->t[(i - 1) / 2]->due > t->due; i = (i - 1) / 2)
		put(h, i, h->t[(i - 1) / 2]);
	put(h, i, t);
}

static void
sink(struct heap *h, size_t i)
{
	struct timer	*t = h->t[i];
	size_t		 c;

	for (; (c = 2 * i + 1) < h->n; i = c) {
		if (c + 1 < h->n && h->t[c + 1]->due < h->t[c]->due)
			c++;
		if (h->t[c]->due >= t->due)
			break;
		put(h, i, h->t[c]);
	}
	put(h, i, t);
}

void
ike_timer_off(struct ike *ike, struct timer *t)
{
	struct heap	*h = &ike->heap;
	size_t		 i;

	if (t->pos == 0)
		return;
	i = t->pos - 1;
	t->pos = 0;
	h->n--;
	if (i == h->n)
		return;
	put(h, i, h->t[h->n]);
	rise(h, i);
	sink(h, h->t[i]->pos - 1);
}

void
ike_timer_set(struct ike *ike, struct timer *t, uint64_t due)
{
	struct heap	*h = &ike->heap;

	ike_timer_off(ike, t);
	t->due = due;
	h->n++;
	put(h, h->n - 1, t);
	rise(h, h->n - 1);
}

uint64_t
ike_timer_run(struct ike *ike, uint64_t now)
{
	struct heap	*h = &ike->heap;
	struct timer	*t;

	while (h->n > 0 && h->t[0]->due <= now) {
		t = h->t[0];
		ike_timer_off(ike, t);
		t->fn(ike, t->arg, now);
	}
	return (h->n > 0 ? h->t[0]->due : DUE_NEVER);
}
