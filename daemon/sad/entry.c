/* SPDX-License-Identifier: ISC */

/* entry.c: the pairs that are installed, by child, SPI and tunnel. */

#include <stdlib.h>

#include "local.h"

static size_t
slot(uint32_t key)
{
	return ((key * 2654435761u) >> 22);	/* 1,024 = 2^10 */
}

struct sad_entry *
sad_entry_child(const struct sad *s, uint32_t child)
{
	struct sad_entry	*e = s->by_child[slot(child)];

	while (e != NULL && e->child != child)
		e = e->next_child;
	return (e);
}

struct sad_entry *
sad_entry_spi(const struct sad *s, uint32_t spi_in)
{
	struct sad_entry	*e = s->by_spi[slot(spi_in)];

	while (e != NULL && e->spi_in != spi_in)
		e = e->next_spi;
	return (e);
}

static struct sad_entry *
of_tun(struct sad_entry *e, uint32_t tunnel)
{
	while (e != NULL && e->tunnel != tunnel)
		e = e->next_tun;
	return (e);
}

struct sad_entry *
sad_entry_tun(const struct sad *s, uint32_t tunnel)
{
	return (of_tun(s->by_tun[slot(tunnel)], tunnel));
}

struct sad_entry *
sad_entry_next(const struct sad_entry *e)
{
	return (of_tun(e->next_tun, e->tunnel));
}

struct sad_entry *
sad_entry_new(struct sad *s, uint32_t tunnel, uint32_t child, uint32_t spi_in)
{
	struct sad_entry	*e, **b;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (NULL);
	e->tunnel = tunnel;
	e->child = child;
	e->expires = DUE_NEVER;
	b = &s->by_child[slot(child)];
	e->next_child = *b;
	*b = e;
	b = &s->by_tun[slot(tunnel)];
	e->next_tun = *b;
	*b = e;
	s->nentry++;
	if (spi_in != 0)
		sad_entry_set_spi(s, e, spi_in);
	return (e);
}

static void
spi_unlink(struct sad *s, struct sad_entry *e)
{
	struct sad_entry	**p;

	if (e->spi_in == 0)
		return;
	for (p = &s->by_spi[slot(e->spi_in)]; *p != e; )
		p = &(*p)->next_spi;
	*p = e->next_spi;
}

void
sad_entry_set_spi(struct sad *s, struct sad_entry *e, uint32_t spi_in)
{
	struct sad_entry	**b;

	spi_unlink(s, e);
	e->spi_in = spi_in;
	b = &s->by_spi[slot(spi_in)];
	e->next_spi = *b;
	*b = e;
}

int
sad_entry_fill(struct sad *s, struct sad_entry *e, const struct m_sa *sa,
    const struct selpair *p, size_t n, uint64_t life_ms)
{
	struct selpair	*copy;

	if ((copy = calloc(n, sizeof(*copy))) == NULL)
		return (-1);
	memcpy(copy, p, n * sizeof(*copy));
	free(e->pair);
	e->pair = copy;
	e->npair = n;
	e->replaces = sa->replaces;
	e->spi_out = sa->spi_out;
	e->local = sa->local;
	e->remote = sa->remote;
	e->expires = s->now + life_ms;
	if (e->expires < s->due)
		s->due = e->expires;
	return (0);
}

static int
updown(struct sad *s, const struct sad_entry *e, uint32_t type)
{
	struct m_h_updown	 m;
	uint8_t			 buf[5000];
	struct wr		 w;

	memset(&m, 0, sizeof(m));
	w = wr_of(buf, sizeof(buf));
	if (e->npair > 0)
		selpairs_put(&w, e->pair, e->npair);
	m.child = e->child;
	m.mtu = e->mtu;
	m.local = e->local;
	m.remote = e->remote;
	m.pairs = rd_of(buf, w.n);
	return (role_send(s->io, PROC_HOST, type, 0, 0, e->tunnel, &m));
}

void
sad_entry_say_up(struct sad *s, struct sad_entry *e)
{
	/* a pair that was only listed: host has it from the one before us */
	if (e->npair > 0)
		(void)updown(s, e, M_H_UP);
	e->said_up = 1;
}

void
sad_entry_drop(struct sad *s, struct sad_entry *e)
{
	struct sad_entry	**p, *o;

	spi_unlink(s, e);
	for (p = &s->by_child[slot(e->child)]; *p != e; )
		p = &(*p)->next_child;
	*p = e->next_child;
	for (p = &s->by_tun[slot(e->tunnel)]; *p != e; )
		p = &(*p)->next_tun;
	*p = e->next_tun;
	s->nentry--;
	for (o = sad_entry_tun(s, e->tunnel); o != NULL; o = sad_entry_next(o))
		if (o->said_up)
			break;
	if (e->said_up && o == NULL)
		(void)updown(s, e, M_H_DOWN);
	free(e->pair);
	free(e);
}

void
sad_entry_each(struct sad *s, void (*fn)(struct sad *, struct sad_entry *))
{
	struct sad_entry	*e, *next;
	size_t			 i;

	for (i = 0; i < SAD_BUCKETS; i++)
		for (e = s->by_child[i]; e != NULL; e = next) {
			next = e->next_child;
			fn(s, e);
		}
}

void
sad_entry_due(struct sad *s)
{
	struct sad_entry	*e;
	size_t			 i;

	s->due = DUE_NEVER;
	for (i = 0; i < SAD_BUCKETS; i++)
		for (e = s->by_child[i]; e != NULL; e = e->next_child)
			if (e->expires < s->due)
				s->due = e->expires;
}
