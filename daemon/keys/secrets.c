/* SPDX-License-Identifier: ISC */

/* secrets.c: shared secrets in stage and in force; see secrets.h. */

#include <stdio.h>
#include <stdlib.h>

#include "crypt.h"
#include "secrets.h"

static void
set_clear(struct secret_set *set)
{
	size_t	 i;

	for (i = 0; i < set->n; i++) {
		explicit_bzero(set->s[i].psk, set->s[i].n);
		free(set->s[i].psk);
	}
	free(set->s);
	memset(set, 0, sizeof(*set));
}

void
secrets_clear(struct secrets *x)
{
	set_clear(&x->stage);
	set_clear(&x->now);
	set_clear(&x->old);
}

static int WUR
set_room(struct secret_set *set)
{
	struct secret	*s;
	size_t		 room;

	if (set->n < set->room)
		return (0);
	room = set->room > 0 ? set->room * 2 : 16;
	if (room > SECRETS_MAX)
		room = SECRETS_MAX;
	/* the entries only point to secrets, so realloc leaves no copy */
	if ((s = reallocarray(set->s, room, sizeof(*s))) == NULL)
		return (-1);
	set->s = s;
	set->room = room;
	return (0);
}

int
secrets_add(struct secrets *x, uint32_t gen, const char *name, struct rd psk,
    uint64_t now)
{
	struct secret_set	*set = &x->stage;
	struct secret		*s;

	if (name[0] == '\0' || psk.n == 0 || psk.n > SECRET_MAX)
		return (-1);
	if (set->gen != gen || set->whole)
		set_clear(set);
	set->gen = gen;
	set->at = now;
	if (set->n >= SECRETS_MAX)
		return (-1);
	if (set_room(set)) {
		set->lost = 1;
		return (0);
	}
	s = &set->s[set->n];
	memset(s, 0, sizeof(*s));
	if ((s->psk = malloc(psk.n)) == NULL) {
		set->lost = 1;
		return (0);
	}
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	memcpy(s->psk, psk.p, psk.n);
	s->n = psk.n;
	set->n++;
	return (0);
}

static int
by_name(const void *a, const void *b)
{
	const struct secret	*x = a, *y = b;

	return (strcmp(x->name, y->name));
}

int
secrets_end(struct secrets *x, uint32_t gen, int part, uint64_t now)
{
	struct secret_set	*set = &x->stage;
	size_t			 i;

	if (set->gen != gen)
		set_clear(set);		/* no tunnel has a secret */
	set->gen = gen;
	set->at = now;
	if (set->n > 0)
		qsort(set->s, set->n, sizeof(*set->s), by_name);
	for (i = 1; i < set->n; i++)
		if (by_name(&set->s[i - 1], &set->s[i]) == 0)
			return (-1);
	set->whole = 1;
	set->part = part;
	return (0);
}

static const struct secret *
set_find(const struct secret_set *set, const char *name)
{
	struct secret	 key;

	if (set->n == 0)
		return (NULL);
	memset(&key, 0, sizeof(key));
	(void)snprintf(key.name, sizeof(key.name), "%s", name);
	return (bsearch(&key, set->s, set->n, sizeof(key), by_name));
}

int
secrets_check(const struct secrets *x, const struct conf_set *next, char *why,
    size_t size)
{
	size_t	 i;

	if (!x->stage.whole || x->stage.gen != next->gen) {
		(void)snprintf(why, size,
		    "the secrets of this configuration have not arrived");
		return (-1);
	}
	if (x->stage.lost) {
		(void)snprintf(why, size, "out of memory for the secrets");
		return (-1);
	}
	for (i = 0; i < next->n; i++) {
		if (x->stage.part || next->t[i]->flags & TUN_DISABLED ||
		    set_find(&x->stage, next->t[i]->name) != NULL)
			continue;
		(void)snprintf(why, size, "tunnel \"%s\" has no secret: "
		    "write `psk' into it or disable it", next->t[i]->name);
		return (-1);
	}
	return (0);
}

void
secrets_commit(struct secrets *x, uint32_t gen)
{
	if (!x->stage.whole || x->stage.gen != gen)
		return;		/* secrets_check did not let that through */
	set_clear(&x->old);
	x->old = x->now;
	x->now = x->stage;
	memset(&x->stage, 0, sizeof(x->stage));
}

void
secrets_drop_old(struct secrets *x)
{
	set_clear(&x->old);
}

int
secrets_changed(const struct secrets *x, const char *name)
{
	const struct secret	*a = set_find(&x->old, name);
	const struct secret	*b = set_find(&x->now, name);

	return (a != NULL && b != NULL &&
	    !ct_equal(rd_of(a->psk, a->n), rd_of(b->psk, b->n)));
}

struct rd
secrets_find(const struct secrets *x, const char *name)
{
	const struct secret	*s;

	if ((s = set_find(&x->now, name)) == NULL)
		s = set_find(&x->old, name);
	return (s != NULL ? rd_of(s->psk, s->n) : rd_of(NULL, 0));
}

uint64_t
secrets_tick(struct secrets *x, uint64_t now)
{
	if (x->stage.n == 0 && !x->stage.whole)
		return (UINT64_MAX);
	if (now - x->stage.at < STAGE_LIFE)
		return (x->stage.at + STAGE_LIFE);
	set_clear(&x->stage);
	return (UINT64_MAX);
}
