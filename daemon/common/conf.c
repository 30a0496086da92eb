/* SPDX-License-Identifier: ISC */

/* conf.c: a role's copy of the configuration; see conf.h. */

#include <stdlib.h>

#include "conf.h"

static struct conf_set *
set_new(uint32_t gen)
{
	struct conf_set	*s;

	if ((s = calloc(1, sizeof(*s))) != NULL)
		s->gen = gen;
	return (s);
}

static void
set_free(struct conf_set *s)
{
	size_t	 i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		free(s->t[i]);
	free(s->t);
	free(s);
}

int
conf_init(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	return ((c->now = set_new(0)) == NULL ? -1 : 0);
}

void
conf_clear(struct conf *c)
{
	set_free(c->now);
	set_free(c->old);
	set_free(c->next);
	memset(c, 0, sizeof(*c));
}

/*
 * Where id is, or where it belongs: sets are kept in the order of ids, so
 * that ten thousand tunnels are found in fourteen steps.
 */
static size_t
set_place(const struct conf_set *s, uint32_t id)
{
	size_t	 lo = 0, hi = s->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->t[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

const struct tunnel *
conf_set_find(const struct conf_set *s, uint32_t id)
{
	size_t	 i;

	if (s == NULL || (i = set_place(s, id)) >= s->n || s->t[i]->id != id)
		return (NULL);
	return (s->t[i]);
}

const struct tunnel *
conf_find(const struct conf *c, uint32_t id)
{
	const struct tunnel	*t;

	if ((t = conf_set_find(c->now, id)) == NULL)
		t = conf_set_find(c->old, id);
	return (t);
}

const struct tunnel *
conf_find_name(const struct conf *c, const char *name)
{
	size_t	 i;

	for (i = 0; i < c->now->n; i++)
		if (strcmp(c->now->t[i]->name, name) == 0)
			return (c->now->t[i]);
	return (NULL);
}

int
conf_is_new(const struct conf *c, uint32_t id)
{
	return (conf_set_find(c->now, id) != NULL &&
	    conf_set_find(c->old, id) == NULL);
}

int
conf_is_gone(const struct conf *c, uint32_t id)
{
	return (conf_set_find(c->now, id) == NULL &&
	    conf_set_find(c->old, id) != NULL);
}

const struct tunnel *
conf_was(const struct conf *c, uint32_t id)
{
	const struct tunnel	*t = conf_set_find(c->now, id);
	const struct tunnel	*o = conf_set_find(c->old, id);

	return (t != NULL && o != NULL && !tunnel_soft_eq(t, o) ? o : NULL);
}

int
conf_begin(struct conf *c, uint32_t gen, const struct global *g)
{
	conf_abort(c);
	if ((c->next = set_new(gen)) == NULL)
		return (-1);
	c->next->g = *g;
	return (0);
}

int
conf_add(struct conf *c, const struct tunnel *t)
{
	struct conf_set	 *s = c->next;
	struct tunnel	**grown, *copy;
	size_t		  i, room;

	if (s == NULL || conf_set_find(s, t->id) != NULL)
		return (-1);
	if (s->n == s->room) {
		room = s->room == 0 ? 16 : s->room * 2;
		if ((grown = reallocarray(s->t, room, sizeof(*grown))) == NULL)
			return (-1);
		s->t = grown;
		s->room = room;
	}
	if ((copy = malloc(tunnel_size(t))) == NULL)
		return (-1);
	memcpy(copy, t, tunnel_size(t));
	i = set_place(s, t->id);
	memmove(&s->t[i + 1], &s->t[i], (s->n - i) * sizeof(*s->t));
	s->t[i] = copy;
	s->n++;
	return (0);
}

void
conf_abort(struct conf *c)
{
	set_free(c->next);
	c->next = NULL;
}

void
conf_commit_new(struct conf *c)
{
	if (c->next == NULL)
		return;
	set_free(c->old);
	c->old = c->now;
	c->now = c->next;
	c->next = NULL;
}

void
conf_commit_gone(struct conf *c)
{
	set_free(c->old);
	c->old = NULL;
}
