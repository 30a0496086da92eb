/* SPDX-License-Identifier: ISC */

/* net_peer.c: which addresses are those of configured peers, found fast. */

#include <stdlib.h>

#include "net_int.h"

static int
row_cmp(const void *a, const void *b)
{
	const struct peer_row	*x = a, *y = b;

	return (addr_cmp(&x->a, &y->a, 0));
}

static size_t
rows_of(const struct conf_set *s, struct peer_row *v)
{
	size_t	 i, k, n = 0;

	for (i = 0; s != NULL && i < s->n; i++)
		for (k = 0; k < s->t[i]->npeer; k++, n++)
			if (v != NULL) {
				v[n].a = s->t[i]->peer[k];
				v[n].tunnel = s->t[i]->id;
				v[n].v1 = !!(s->t[i]->flags & TUN_IKEV1);
			}
	return (n);
}

int
peer_load(struct peer_tab *t, const struct conf *c)
{
	struct peer_row	*v;
	size_t		 n = rows_of(c->now, NULL) + rows_of(c->old, NULL);

	if ((v = calloc(n + 1, sizeof(*v))) == NULL)
		return (-1);
	n = rows_of(c->now, v);
	n += rows_of(c->old, v + n);
	qsort(v, n, sizeof(*v), row_cmp);
	free(t->v);
	t->v = v;
	t->n = n;
	return (0);
}

static struct peer_row *
find(const struct peer_tab *t, const struct addr *a)
{
	struct peer_row	 key;

	key.a = *a;
	return (t->n == 0 ? NULL : bsearch(&key, t->v, t->n, sizeof(*t->v),
	    row_cmp));
}

uint32_t
peer_tunnel(const struct peer_tab *t, const struct addr *a)
{
	const struct peer_row	*r = find(t, a);

	return (r != NULL ? r->tunnel : 0);
}

int
peer_v1(const struct peer_tab *t, const struct addr *a)
{
	const struct peer_row	*r = find(t, a);

	if (r == NULL)
		return (0);
	while (r > t->v && addr_cmp(&r[-1].a, a, 0) == 0)
		r--;
	for (; r < t->v + t->n && addr_cmp(&r->a, a, 0) == 0; r++)
		if (r->v1)
			return (1);
	return (0);
}
