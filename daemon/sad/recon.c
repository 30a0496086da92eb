/* SPDX-License-Identifier: ISC */

/*
 * recon.c: what was there before us: the backend's list against the claims of
 * s2sd-ike, orphans, and saying so at the pace of those who are told.
 */

#include "local.h"

enum { TELL_BURST = 64, TELL_QUEUE = 64, TELL_EVERY = 10 };

/* s2sd-ike named it, the backend does not have it. */
static void
settle_kept(struct sad *s, struct sad_entry *e)
{
	struct m_s_expire	 m;
	uint32_t		 tunnel = e->tunnel;

	if (!e->kept || e->listed)
		return;
	memset(&m, 0, sizeof(m));
	m.child = e->child;
	m.hard = 1;
	sad_entry_drop(s, e);
	(void)role_send(s->io, PROC_IKE, M_S_EXPIRE, 0, 0, tunnel, &m);
}

/* The backend has it, s2sd-ike did not name it. */
static void
settle_listed(struct sad *s, struct sad_entry *e)
{
	if (e->listed && !e->kept && !e->orphan)
		(void)sad_remove(s, e);
}

static void
settle_up(struct sad *s, struct sad_entry *e)
{
	if (e->listed && e->kept && e->npair > 0)
		sad_tell_up(s, e);
	e->listed = e->kept = 0;
}

void
sad_settle(struct sad *s)
{
	if (!s->list_done)
		return;
	sad_entry_each(s, settle_kept);
	if (!s->keep_end)
		return;
	sad_entry_each(s, settle_listed);
	sad_entry_each(s, settle_up);
	s->claim_by = DUE_NEVER;
	sad_entry_due(s);
}

static void
tell_later(struct sad *s, struct sad_entry *e, uint8_t what)
{
	e->tell |= what;
	s->tell_from = 0;
	s->tell_at = s->now;
}

void
sad_say_orphans(struct sad *s)
{
	struct sad_entry	*e, *first;
	size_t			 i;

	for (i = 0; i < SAD_BUCKETS; i++)
		for (e = s->by_tun[i]; e != NULL; e = e->next_tun) {
			if (!e->orphan)
				continue;
			for (first = sad_entry_tun(s, e->tunnel);
			    !first->orphan; )
				first = sad_entry_next(first);
			if (first == e)		/* once for a tunnel */
				tell_later(s, e, TELL_ORPHAN);
		}
}

void
sad_tell_up(struct sad *s, struct sad_entry *e)
{
	e->said_up = 1;
	tell_later(s, e, TELL_UP);
}

static int
full(const struct sad *s, enum proc to)
{
	return (s->io->waiting != NULL &&
	    s->io->waiting(s->io->arg, to) > TELL_QUEUE);
}

/* Says what there is to say of that entry; 0: somebody's queue is full. */
static int
tell_one(struct sad *s, struct sad_entry *e)
{
	if (e->tell & TELL_UP) {
		if (full(s, PROC_HOST))
			return (0);
		sad_entry_say_up(s, e);
		e->tell &= (uint8_t)~TELL_UP;
	}
	if (e->tell & TELL_ORPHAN) {
		if (full(s, PROC_IKE))
			return (0);
		if (e->orphan)
			(void)role_send(s->io, PROC_IKE, M_S_ORPHAN, 0, 0,
			    e->tunnel, NULL);
		e->tell = 0;
	}
	return (1);
}

void
sad_tell(struct sad *s)
{
	struct sad_entry	*e;
	int			 n = 0;

	s->tell_at = DUE_NEVER;
	for (; s->tell_from < SAD_BUCKETS; s->tell_from++)
		for (e = s->by_child[s->tell_from]; e != NULL;
		    e = e->next_child) {
			if (e->tell == 0)
				continue;
			if (n++ == TELL_BURST || !tell_one(s, e)) {
				s->tell_at = s->now + TELL_EVERY;
				return;
			}
		}
}
