/* SPDX-License-Identifier: ISC */

/* set.c: a configuration as the parent keeps it; see set.h. */

#include <stdlib.h>
#include <string.h>

#include "set.h"

struct set *
set_new(uint32_t gen)
{
	struct set	*s;

	if ((s = calloc(1, sizeof(*s))) != NULL)
		s->gen = gen;
	return (s);
}

void
set_free(struct set *s)
{
	size_t	 i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		free(s->r[i]);
	free(s->r);
	free(s->global);
	free(s);
}

int
set_global(struct set *s, struct rd r)
{
	if ((s->global = malloc(r.n > 0 ? r.n : 1)) == NULL)
		return (SET_NOMEM);
	memcpy(s->global, r.p, r.n);
	s->nglobal = r.n;
	return (0);
}

int
set_global_of(struct set *s, const struct global *g)
{
	struct wr	 w;
	uint8_t		 buf[4096];

	w = wr_of(buf, sizeof(buf));
	global_put(&w, g);
	if (wr_end(&w) == -1)
		return (-1);
	return (set_global(s, rd_of(buf, w.n)));
}

static int
grow(struct set *s)
{
	struct set_rec	**r;
	size_t		  room = s->room == 0 ? 16 : s->room * 2;

	if (s->n < s->room)
		return (0);
	if ((r = reallocarray(s->r, room, sizeof(struct set_rec *))) == NULL)
		return (-1);
	s->r = r;
	s->room = room;
	return (0);
}

int
set_add(struct set *s, struct rd rec)
{
	struct set_rec	*r;
	struct tunnel	*t;
	int		 bad;

	/* a record that a process would not take must not get that far */
	if (rec.n > TUNNEL_WIRE_MAX)
		return (-1);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (SET_NOMEM);
	bad = tunnel_get(rec, t) == -1;
	free(t);
	if (bad)
		return (-1);
	if (grow(s) == -1 || (r = malloc(sizeof(*r) + rec.n)) == NULL)
		return (SET_NOMEM);
	r->id = 0;
	r->n = rec.n;
	memcpy(r->d, rec.p, rec.n);
	s->r[s->n++] = r;
	return (0);
}

/*
 * The name comes first in the octets: this is an order by name.  What may
 * change without a new negotiation comes last, and does not count.
 */
static int
cmp(const void *a, const void *b)
{
	const struct set_rec	*x = *(const struct set_rec *const *)a;
	const struct set_rec	*y = *(const struct set_rec *const *)b;
	size_t			 n = x->n < y->n ? x->n : y->n;
	int			 rv;

	if ((rv = memcmp(x->d, y->d, n - TUNNEL_SOFT)) != 0)
		return (rv);
	return (x->n < y->n ? -1 : x->n > y->n);
}

int
set_number(struct set *s, const struct set *old, uint32_t *next)
{
	struct set_rec	**same;
	size_t		  i;

	if (s->n == 0)
		return (0);
	qsort(s->r, s->n, sizeof(s->r[0]), cmp);
	for (i = 0; i < s->n; i++) {
		if (i > 0 && memcmp(s->r[i]->d, s->r[i - 1]->d,
		    NAME_MAX_) == 0)
			return (-1);
		same = old == NULL || old->n == 0 ? NULL : bsearch(&s->r[i],
		    old->r, old->n, sizeof(old->r[0]), cmp);
		if (same != NULL)
			s->r[i]->id = (*same)->id;
		else if (*next == 0)
			return (-1);
		else
			s->r[i]->id = (*next)++;
	}
	return (0);
}

uint32_t
set_id(const struct set *s, const char *name)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (strncmp((const char *)s->r[i]->d, name, NAME_MAX_) == 0)
			return (s->r[i]->id);
	return (0);
}
