/* SPDX-License-Identifier: ISC */

/*
 * tun_up.c: a tunnel that is coming up: which of two IKE SAs stays, what a
 * fresh one replaces, which pairs no child covers yet.
 */

#include <stdlib.h>
#include <syslog.h>

#include "engine.h"

enum { DOUBLE_OURS = 3000, DOUBLE_THEIRS = 15000, DOUBLE_AGAIN = 5000 };

/* Two IKE SAs of one tunnel: who of them has to go?  Both ends say the same:
 * the one with the higher initiator's SPI. */
static struct sa *
loser(struct tun *t)
{
	struct sa	*sa, *worst = NULL;
	int		 n = 0;

	for (sa = t->sas; sa != NULL; sa = sa->next) {
		if (sa->state != S_UP || sa->replaced || sa->doomed ||
		    sa->want & WANT_DELETE)
			continue;
		n++;
		if (worst == NULL || sa->spi_i > worst->spi_i)
			worst = sa;
	}
	return (n > 1 ? worst : NULL);
}

void
ike_tun_double(struct ike *ike, void *arg, uint64_t now)
{
	struct tun	*t = arg;
	struct sa	*sa, *out;

	if ((out = loser(t)) == NULL)
		return;
	/* only when all are alive, and its initiator first */
	for (sa = t->sas; sa != NULL; sa = sa->next)
		if (sa->state == S_UP && sa->own.sent) {
			ike_timer_set(ike, &t->t_double, now + DOUBLE_AGAIN);
			return;
		}
	if (!out->init && now < out->born + DOUBLE_THEIRS) {
		ike_timer_set(ike, &t->t_double, out->born + DOUBLE_THEIRS);
		return;
	}
	out->want |= WANT_DELETE;
	out->proto->next(ike, out);
	ike_timer_set(ike, &t->t_double, now + DOUBLE_AGAIN);
}

static void
others(struct ike *ike, struct tun *t, struct sa *sa)
{
	struct sa	*s, *next;
	int		 two = 0;

	for (s = t->sas; s != NULL; s = next) {
		next = s->next;
		if (s == sa || s->state == S_NEXT)
			continue;
		if (sa->peer_ic && s->born <= sa->begun &&
		    (s->state == S_UP || s->state == S_CLOSING)) {
			/* RFC 7296 section 2.4; what came up after this one
			 * was begun, the peer has in the same life */
			if (t->reason == R_NONE && t->was_up) {
				t->after = R_RESTARTED;
				t->since = ike->now;
			}
			ike_sa_free(ike, s);
			next = t->sas;
		} else if (s == t->dial && s->state == S_INIT_I) {
			ike_sa_free(ike, s);	/* nothing at the peer yet */
			next = t->sas;
		} else if (s->state == S_UP && !s->replaced && !s->doomed) {
			s->want |= WANT_LIVE;
			two = 1;
		}
	}
	if (!two)
		return;
	if (!sa->init)
		sa->want |= WANT_LIVE;	/* has our answer come through? */
	for (s = t->sas; s != NULL; s = s->next)
		if (s->want & WANT_LIVE)
			s->proto->next(ike, s);
	ike_timer_set(ike, &t->t_double, ike->now + DOUBLE_OURS);
}

void
ike_tun_sa_up(struct ike *ike, struct tun *t, struct sa *sa)
{
	struct node	*n;
	uint64_t	 key = ike_ident_key(ike, t->t);
	char		 a[ADDR_STRLEN];
	int		 rekeyed = sa->low.n != 0;

	if (t->dial == sa)
		t->dial = NULL;
	if (t->dial == NULL)
		ike_timer_off(ike, &t->t_dial);
	t->no_next = R_NONE;
	t->tries = 0;
	t->backoff = 0;
	t->orphan = 0;
	if (ike_map_get(&ike->contact, key) == NULL &&
	    (n = calloc(1, sizeof(*n))) != NULL)
		ike_map_put(&ike->contact, n, key, n);
	if (!rekeyed)
		others(ike, t, sa);
	role_log(ike->io, LOG_INFO, t->id, 0, "%s: IKE SA %s with %s: %s",
	    t->t->name, rekeyed ? "renewed" : "made",
	    addr_str(&sa->remote, 1, a, sizeof(a)), sa->a.encr->name);
	ike_report(ike, t);
}

/* What a fresh IKE SA replaced can go, now that traffic has a way. */
static void
drop_doomed(struct ike *ike, struct tun *t, struct sa *keep)
{
	struct sa	*sa, *next;

	for (sa = t->sas; sa != NULL; sa = next) {
		next = sa->next;
		if (sa == keep || sa->state != S_UP ||
		    !(sa->doomed || sa->stuck))
			continue;
		if (sa->stuck) {
			ike_sa_free(ike, sa);
			next = t->sas;
			continue;
		}
		sa->want |= WANT_DELETE;
		sa->proto->next(ike, sa);
	}
}

void
ike_tun_child_up(struct ike *ike, struct tun *t, struct child *c)
{
	if (!t->was_up || t->reason != R_NONE)
		role_log(ike->io, LOG_NOTICE, t->id, 0, "%s: up",
		    t->t->name);
	t->was_up = 1;
	t->asked = 0;
	t->cback = 0;
	t->reason = R_NONE;
	t->detail[0] = '\0';
	drop_doomed(ike, t, c->sa);
	if ((c->init || t->t->flags & TUN_ACTIVE) && t->t_child.pos == 0 &&
	    ike_tun_uncovered(t, NULL) > 0)
		ike_timer_set(ike, &t->t_child, ike->now +
		    (c->init ? 0 : 1000));
	ike_report(ike, t);
}

/* The IKE SA is there, the peer does not want the child. */
void
ike_tun_child_failed(struct ike *ike, struct tun *t, int reason,
    const char *detail)
{
	if (t->t == NULL)
		return;
	if (ike_child_count(t) == 0)
		ike_reason(ike, t, reason, detail);
	else
		role_log(ike->io, LOG_WARNING, t->id, reason,
		    "%s: a further child SA failed: %s%s%s", t->t->name,
		    reason_row(reason)->id, detail[0] != '\0' ? ": " : "",
		    detail);
	if (ike_tun_ours(t) || t->asked || ike_tun_doomed(t) != NULL)
		ike_timer_set(ike, &t->t_child, ike_tun_backoff(ike, &t->cback));
	ike_report(ike, t);
}

static int
meets(const struct selpair *a, const struct selpair *b)
{
	struct sel	 x;

	return (sel_cut(&a->local, &b->local, &x) &&
	    sel_cut(&a->remote, &b->remote, &x));
}

/* Its children go with it, and another IKE SA is there to make new ones. */
static int
old(const struct sa *sa, const struct sa *fresh)
{
	return ((sa->doomed || sa->stuck) && fresh != NULL && fresh != sa &&
	    !fresh->doomed);
}

static int
covered(const struct tun *t, const struct selpair *p)
{
	const struct sa		*sa, *fresh = ike_tun_sa(t);
	const struct child	*c;
	size_t			 i;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL && !old(sa, fresh);
		    c = c->next)
			for (i = 0; i < c->npair && c->cpu == 0; i++)
				if ((c->state == C_UP || c->state == C_NEW) &&
				    meets(&c->pair[i], p))
					return (1);
	return (0);
}

size_t
ike_tun_uncovered(const struct tun *t, struct selpair *out)
{
	size_t	 i, n = 0;

	if (t->t == NULL)
		return (0);
	for (i = 0; i < t->t->npair; i++) {
		if (covered(t, &t->t->pair[i]))
			continue;
		if (out != NULL)
			out[n] = t->t->pair[i];
		n++;
	}
	return (n);
}

void
ike_tun_child_due(struct ike *ike, void *arg, uint64_t now)
{
	struct tun	*t = arg;
	struct sa	*sa = ike_tun_sa(t);

	(void)now;
	if (sa == NULL || ike_tun_uncovered(t, NULL) == 0)
		return;
	sa->want |= WANT_NEW;
	sa->proto->next(ike, sa);
}
