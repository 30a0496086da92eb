/* SPDX-License-Identifier: ISC */

/*
 * index.c: hash maps from 64 bit keys to objects.  The nodes live inside the
 * objects, so that nothing can fail but growing, and then chains get longer.
 */

#include <stdlib.h>

#include "engine.h"

static size_t
place(const struct map *m, uint64_t key)
{
	key ^= key >> 33;
	key *= 0xff51afd7ed558ccdULL;
	key ^= key >> 29;
	return ((size_t)key & (m->nb - 1));
}

static void
grow(struct map *m)
{
	struct node	**old = m->b, **b, *n;
	size_t		 i, nold = m->nb, nb = nold == 0 ? 64 : nold * 2;

	if ((b = calloc(nb, sizeof(*b))) == NULL)
		return;
	m->b = b;
	m->nb = nb;
	for (i = 0; i < nold; i++)
		while ((n = old[i]) != NULL) {
			old[i] = n->next;
			n->next = b[place(m, n->key)];
			b[place(m, n->key)] = n;
		}
	free(old);
}

int
ike_map_init(struct map *m)
{
	grow(m);
	return (m->nb == 0 ? -1 : 0);
}

void
ike_map_put(struct map *m, struct node *n, uint64_t key, void *obj)
{
	size_t	 i;

	if (n->obj != NULL)
		ike_map_del(m, n);
	if (m->n >= m->nb)
		grow(m);
	n->key = key;
	n->obj = obj;
	i = place(m, key);
	n->next = m->b[i];
	m->b[i] = n;
	m->n++;
}

void
ike_map_del(struct map *m, struct node *n)
{
	struct node	**p;

	if (n->obj == NULL)
		return;
	for (p = &m->b[place(m, n->key)]; *p != n; p = &(*p)->next)
		;
	*p = n->next;
	n->next = NULL;
	n->obj = NULL;
	m->n--;
}

struct node *
ike_map_get(const struct map *m, uint64_t key)
{
	struct node	*n;

	if (m->nb == 0)
		return (NULL);
	for (n = m->b[place(m, key)]; n != NULL; n = n->next)
		if (n->key == key)
			return (n);
	return (NULL);
}

struct node *
ike_map_next(const struct node *from)
{
	struct node	*n;

	for (n = from->next; n != NULL; n = n->next)
		if (n->key == from->key)
			return (n);
	return (NULL);
}

void
ike_map_free(struct map *m)
{
	free(m->b);
	memset(m, 0, sizeof(*m));
}

/* FNV-1a with a secret start: keys are addresses and identities. */
uint64_t
ike_hash(uint64_t seed, const void *p, size_t n)
{
	const uint8_t	*d = p;
	uint64_t	 h = seed ^ 0xcbf29ce484222325ULL;

	while (n-- > 0) {
		h ^= *d++;
		h *= 0x100000001b3ULL;
		h ^= h >> 32;
	}
	return (h);
}
