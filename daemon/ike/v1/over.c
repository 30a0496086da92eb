/* SPDX-License-Identifier: ISC */

/*
 * over.c: who looks after which child.  In IKEv1 children outlive phase 1:
 * when another main mode is done, the IKE SA that it made takes over what
 * its tunnel has, and the old one goes.  A child that was replaced goes a
 * moment after the new one came, so that no packet on its way is lost.
 */

#include <syslog.h>

#include "v1.h"

enum {
	OLD_MS = 3000,		/* DELETE of an old IKE SA after that */
	THEIR_OLD_MS = 10000,	/* if the peer began the new one, who should */

	OURS_SAY = 1000, OURS_END = 10000,	/* old child, we renewed it */
	THEIRS_END = 4000,			/* the peer did */
	DYING_MS = 30000,	/* children of a peer that has forgotten them */
	FIRST_MS = 5000,	/* the peer's own quick modes come before ours */
	BYES = 3, BYE_MS = 1500, LIFE_MIN = 120
};

/* An IKE SA of the tunnel that is up and can look after children. */
static struct sa *
other(const struct sa *sa)
{
	struct sa	*s, *best = NULL;

	for (s = sa->tun->sas; s != NULL; s = s->next)
		if (s != sa && s->proto == &ike_v1 && s->state == S_UP &&
		    !s->replaced && !s->stuck && !(s->want & WANT_DELETE) &&
		    (best == NULL || best->doomed))
			best = s;
	return (best);
}

static void
arm_old(struct ike *ike, struct sa *sa)
{
	struct child	*c;
	uint64_t	 due = UINT64_MAX, at;

	for (c = sa->children; c != NULL; c = c->next) {
		if (c->state != C_OLD || c->want_del)
			continue;
		at = c->rekey_at != 0 ? c->rekey_at : c->dies_at;
		if (at < due)
			due = at;
	}
	if (due != UINT64_MAX)
		ike_timer_set(ike, &sa->v1->t_old, due > ike->now ? due :
		    ike->now + 1);
}

/* Quick modes of ours that it has no answer to begin again in another. */
static void
restart(struct ike *ike, struct sa *sa, struct sa *to)
{
	struct qm	*q, *next;
	struct child	*c, *old;

	for (q = sa->v1->qms; q != NULL; q = next) {
		next = q->next;
		if (!q->init || q->st > ST1_Q1)
			continue;
		if ((c = ike_child_find(ike, q->child)) != NULL) {
			if ((old = ike_child_find(ike, c->replaces)) != NULL)
				old->want_rekey = 1;
			ike_child_free(ike, c);
		}
		ike1_qm_free(ike, q);
		to->want |= WANT_NEW;
	}
}

int
ike1_hand_over(struct ike *ike, struct sa *sa, int anew)
{
	struct sa	*to;
	struct child	*c;

	if (sa->tun == NULL || (to = other(sa)) == NULL)
		return (0);
	for (c = sa->children; anew && c != NULL; c = c->next)
		if (c->state == C_UP)
			c->want_rekey = 1;
	restart(ike, sa, to);
	ike_child_move(sa, to);
	arm_old(ike, to);
	ike1_next(ike, to);
	return (1);
}

/* The peer knows nothing of what was before: what is not made anew in a
 * while goes. */
static void
die(struct ike *ike, struct child *c)
{
	if (c->state != C_UP || c->dying)
		return;
	c->dying = 1;
	c->want_rekey = 0;
	if (c->dies_at > ike->now + DYING_MS)
		c->dies_at = ike->now + DYING_MS;
	ike_timer_set(ike, &c->timer, c->dies_at);
}

/*
 * The peer began another main mode long after this one was up: for it the
 * newer one is the renewal, and it may look at the older one no more.  Those
 * that crossed are settled by ike_tun_double().
 */
static int
theirs(const struct sa *s, const struct sa *sa)
{
	return (!sa->init && s->born < sa->begun);
}

/*
 * What the IKE SAs of before had.  One that cannot be used any more may have
 * lost the peer: its children are made anew.
 */
static void
take_over(struct ike *ike, struct sa *sa)
{
	struct sa	*s, *next;
	struct child	*c;
	int		 first;

	for (s = sa->tun->sas; s != NULL; s = next) {
		next = s->next;
		if (s == sa || s->proto != &ike_v1 || s->state != S_UP)
			continue;
		first = sa->peer_ic && s->born <= sa->begun;
		for (c = s->children; c != NULL; c = c->next) {
			if (first)
				die(ike, c);
			else if (s->stuck && c->state == C_UP)
				c->want_rekey = 1;
		}
		if (s->stuck || first)
			restart(ike, s, sa);
		ike_child_move(s, sa);
		if (s->stuck || first) {
			ike_sa_free(ike, s);
			next = sa->tun->sas;
		} else if ((s->doomed && sa->init) || theirs(s, sa)) {
			s->replaced = 1;
			ike_timer_set(ike, &s->v1->t_old, ike->now +
			    (sa->init ? OLD_MS : THEIR_OLD_MS));
		}
	}
	arm_old(ike, sa);
}

/* INITIAL-CONTACT came in a message of its own, after message 6. */
void
ike1_contact(struct ike *ike, struct sa *sa)
{
	struct child	*c;

	if (sa->peer_ic)
		return;
	sa->peer_ic = 1;
	take_over(ike, sa);
	for (c = sa->children; c != NULL; c = c->next)
		if (c->born < sa->begun)
			die(ike, c);
}

static void
lives(struct ike *ike, struct sa *sa)
{
	uint64_t	 life = sa->tun->t->ikelife, margin;

	if (sa->v1->secs != 0 && sa->v1->secs < life)
		life = sa->v1->secs < LIFE_MIN ? LIFE_MIN : sa->v1->secs;
	life *= 1000;
	margin = ike_margin(ike, life);
	sa->dies_at = ike->now + life;
	/* both ends renew, but not at the same time */
	sa->rekey_at = sa->dies_at - (sa->init ? margin : margin / 2);
	ike_timer_set(ike, &sa->t_life, sa->rekey_at);
}

void
ike1_up(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;

	sa->v1->st = ST1_UP;
	sa->v1->heard = ike->now;
	ike_buf_free(&sa->v1->sai);
	ike_buf_free(&sa->v1->kei);
	ike_buf_free(&sa->v1->ker);
	ike_buf_free(&sa->v1->nonce);
	ike1_frags_free(sa->v1);
	sa->state = S_UP;		/* so that nobody frees it */
	take_over(ike, sa);
	ike_sa_up(ike, sa);
	lives(ike, sa);
	if (ike_tun_uncovered(t, NULL) == 0)
		t->asked = 0;
	else if (sa->init)
		sa->want |= WANT_NEW;
	else if (ike_tun_ours(t) && t->t_child.pos == 0)
		ike_timer_set(ike, &t->t_child, ike->now + FIRST_MS);
	ike1_next(ike, sa);
}

void
ike1_retire_child(struct ike *ike, struct child *old, int ours)
{
	struct sa	*sa = old->sa;

	if (old->dying && !ours) {
		ike_child_free(ike, old);	/* it is not used at the peer */
		return;
	}
	old->state = C_OLD;
	old->want_rekey = 0;
	ike_timer_off(ike, &old->timer);
	old->rekey_at = ike->now + (ours ? OURS_SAY : THEIRS_END);
	old->dies_at = ike->now + (ours ? OURS_END : THEIRS_END);
	arm_old(ike, sa);
}

/* What has been replaced: say so, later let go. */
static void
sweep(struct ike *ike, struct sa *sa, uint64_t now)
{
	struct child	*c, *next;

	for (c = sa->children; c != NULL; c = next) {
		next = c->next;
		if (c->state != C_OLD || c->want_del)
			continue;
		if (c->rekey_at != 0 && now >= c->rekey_at) {
			c->rekey_at = 0;
			ike1_send_delete(ike, sa, c);
		}
		if (now >= c->dies_at)
			ike_child_free(ike, c);
	}
	arm_old(ike, sa);
}

void
ike1_old(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;
	struct tun	*t = sa->tun;

	if (sa->state == S_CLOSING) {
		if (++sa->v1->byes < BYES) {
			ike1_send(ike, sa, BUF_RD(&sa->reply));
			ike_timer_set(ike, &sa->v1->t_old, now + BYE_MS);
			return;
		}
		ike_sa_free(ike, sa);
		ike_tun_lost(ike, t, R_NONE, NULL);
		return;
	}
	if (sa->state != S_UP)
		return;
	sweep(ike, sa, now);
	if (sa->replaced) {
		sa->want |= WANT_DELETE;
		ike1_next(ike, sa);
		if (sa->state == S_UP)	/* it waits for an answer */
			ike_timer_set(ike, &sa->v1->t_old, now + OLD_MS);
	}
}
