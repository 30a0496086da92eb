/* SPDX-License-Identifier: ISC */

/*
 * next.c: what an IKE SA of version 1 does as soon as it may, and what
 * becomes of it when nobody answers.
 */

#include <syslog.h>

#include "v1.h"

enum { AGAIN_MS = 50 };

/* Before children go by our will: the peer cannot guess it. */
void
ike1_bye(struct ike *ike, struct sa *sa)
{
	struct child	*c;

	if (sa->v1 == NULL || sa->state != S_UP)
		return;
	for (c = sa->children; c != NULL; c = c->next)
		if (c->state != C_NEW)
			ike1_send_delete(ike, sa, c);
}

static void
drop_wanted(struct ike *ike, struct sa *sa)
{
	struct child	*c, *next;

	for (c = sa->children; c != NULL; c = next) {
		next = c->next;
		if (!c->want_del)
			continue;
		ike1_send_delete(ike, sa, c);
		ike_child_free(ike, c);
	}
}

static struct child *
to_renew(const struct sa *sa)
{
	struct child	*c;

	for (c = sa->children; c != NULL; c = c->next)
		if (c->want_rekey && c->state == C_UP)
			return (c);
	return (NULL);
}

/* Phase 1 is renewed by another main mode; this one goes when that is up. */
static void
renew(struct ike *ike, struct sa *sa)
{
	sa->want &= (uint8_t)~WANT_IKE;
	sa->doomed = 1;
	ike_tun_dial(ike, sa->tun, ike->now);
}

void
ike1_next(struct ike *ike, struct sa *sa)
{
	struct child	*old;

	if (sa->state != S_UP || sa->wait != W_NONE || sa->stuck)
		return;
	if (sa->want & WANT_DELETE) {
		ike1_delete_ike(ike, sa);
		return;
	}
	drop_wanted(ike, sa);
	if (sa->replaced || sa->tun->t == NULL)
		return;
	if (sa->want & WANT_IKE)
		renew(ike, sa);
	if (sa->want & WANT_LIVE)
		ike1_live(ike, sa);
	if (sa->handle == 0 && to_renew(sa) != NULL)
		ike_sa_doom(ike, sa, ike->now + 1);
	while (sa->handle != 0 && sa->wait == W_NONE && sa->t_next.pos == 0 &&
	    ((old = to_renew(sa)) != NULL || sa->want & WANT_NEW)) {
		if (ike->open_keys >= OPEN_MAX) {
			ike_sa_again(ike, sa, AGAIN_MS);
			return;
		}
		ike1_quick_start(ike, sa, old);
	}
}

/* Nobody answers main mode or R-U-THERE. */
void
ike1_timeout(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;
	int		 reason = sa->reason;

	if (sa->own.kind == O_INIT) {
		if (sa->ncand > 0) {
			ike1_candidate(ike, sa);
			return;
		}
		if (reason == R_NONE)
			reason = sa->v1->st == ST1_MM5 ? R_AUTH_PSK :
			    R_NO_ANSWER;
		ike_tun_failed(ike, sa, reason, sa->detail);
		return;
	}
	(void)ike1_hand_over(ike, sa, 0);
	ike_sa_free(ike, sa);
	ike_tun_lost(ike, t, R_DIED, NULL);
}

static void
quick_lost(struct ike *ike, struct sa *sa)
{
	struct qm	*q = sa->v1->cur;
	struct child	*c;

	sa->v1->cur = NULL;
	if (q == NULL)
		return;
	if (q->init) {
		ike1_quick_fail(ike, q, R_KERNEL,
		    "an own process did not answer");
		return;
	}
	if ((c = ike_child_find(ike, q->child)) != NULL)
		ike_child_free(ike, c);
	ike1_mid_again(sa, q->mid);	/* the peer will ask again */
	ike1_qm_free(ike, q);
}

/* s2sd-keys or s2sd-sad was started anew, or does not answer. */
void
ike1_lost(struct ike *ike, struct sa *sa)
{
	ike_sa_wait(ike, sa, W_NONE);
	switch (sa->state) {
	case S_INIT_I:
	case S_AUTH_I:
		ike_tun_failed(ike, sa, R_KERNEL,
		    "an own process did not answer");
		return;
	case S_INIT_R:
		ike_sa_free(ike, sa);
		return;
	default:
		break;
	}
	quick_lost(ike, sa);
	ike1_held(ike, sa);
	ike1_next(ike, sa);
}
