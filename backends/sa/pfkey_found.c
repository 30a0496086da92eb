/* SPDX-License-Identifier: ISC */

/*
 * pfkey_found.c: what the kernel has: at start, from an earlier life of ours
 * or of a dead daemon; and when somebody else threw it away.
 */

#include <stdlib.h>

#include "pfkey_int.h"

static void
seen(struct pk *b, uint32_t spi)
{
	uint32_t	*n;
	size_t		 room;

	if (b->nseen == b->roomseen) {
		room = b->roomseen == 0 ? 64 : 2 * b->roomseen;
		if ((n = reallocarray(b->seen, room, sizeof(*n))) == NULL)
			return;
		b->seen = n;
		b->roomseen = room;
	}
	b->seen[b->nseen++] = spi;
}

static void
found_half(const struct pk *b, struct pk_pair *p, const struct pk_msg *m)
{
	p->ah = m->satype == b->d->satype[1];
	if (m->out) {
		p->spi_out = m->spi;
		p->reqout = m->reqid;
		p->have_out = 1;
	} else {
		p->spi_in = m->spi;
		p->reqin = m->reqid;
		p->have_in = 1;
	}
	p->local = m->out ? m->src : m->dst;
	p->remote = m->out ? m->dst : m->src;
	p->udp = (m->have & PKH_NATT) != 0;
	p->up = p->have_in && p->have_out;
}

/* An SA of a dump.  Without our mark it is nobody's business. */
void
pk_take_found(struct pk *b, const struct pk_msg *m)
{
	struct pk_pair	*p;
	int		 out;

	if (!(m->have & PKH_SA))
		return;
	seen(b, m->spi);
	if (!(m->have & PKH_MARK) || !(m->have & PKH_CHILD) ||
	    !(m->have & PKH_SRC) || !(m->have & PKH_DST) ||
	    pk_pair_spi(b, m->spi, &out) != NULL)
		return;
	p = m->life == b->life ? pk_pair_child(b, m->tunnel, m->child) : NULL;
	if (p == NULL) {
		if ((p = calloc(1, sizeof(*p))) == NULL)
			return;
		p->tunnel = m->tunnel;
		p->child = m->child;
		pk_append(m->life == b->life ? &b->pairs : &b->stale, p);
	}
	found_half(b, p, m);
}

static int
was_seen(const struct pk *b, uint32_t spi)
{
	size_t	 i;

	for (i = 0; i < b->nseen; i++)
		if (b->seen[i] == spi)
			return (1);
	return (0);
}

/*
 * The dump is complete.  What we thought was there and is not, expired while
 * nobody listened; half a pair is no pair.
 */
void
pk_found_end(struct pk *b)
{
	struct pk_pair	*p, *next;

	for (p = b->pairs; p != NULL; p = next) {
		next = p->next;
		if (p->pair == NULL && !p->up) {
			struct pk_pair	**l = &b->pairs;

			while (*l != p)
				l = &(*l)->next;
			*l = p->next;
			pk_append(&b->stale, p);
		} else if (p->pair != NULL && p->up &&
		    (!was_seen(b, p->spi_in) || !was_seen(b, p->spi_out)))
			b->ev->expire(b->ev->arg, p->tunnel, p->child, 1);
	}
	b->nseen = 0;
}

void
pk_flushed(struct pk *b)
{
	struct pk_have	*h;
	struct pk_tun	*t;

	for (t = b->tuns; t != NULL; t = t->next)
		while ((h = t->have) != NULL) {
			t->have = h->next;
			free(h);
		}
	(void)pk_job(b, PKJ_SYNC, 0);
}

void
pk_lost(struct pk *b)
{
	struct pk_job	*j, *old = b->jobs;
	struct pk_pair	*p;

	while ((p = b->pairs) != NULL)
		pk_drop(&b->pairs, p);
	b->jobs = NULL;
	b->waiting = 0;
	b->ev->lost(b->ev->arg);
	while ((j = old) != NULL) {
		old = j->next;
		if (j->id != 0)
			b->ev->done(b->ev->arg, j->id, SERR_BACKEND, 0);
		pk_job_free(j);
	}
	pk_flushed(b);		/* OpenBSD's FLUSH takes the flows, too */
}

