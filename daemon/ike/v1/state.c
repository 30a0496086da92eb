/* SPDX-License-Identifier: ISC */

/*
 * state.c: what an IKE SA of version 1 has of its own: quick modes, and the
 * message IDs that were used, each of which is good once.
 */

#include <stdlib.h>

#include "v1.h"

struct ike1 *
ike1_new(struct ike *ike, struct sa *sa)
{
	if (ike_timer_more(ike, 1))
		return (NULL);
	if ((sa->v1 = calloc(1, sizeof(*sa->v1))) == NULL) {
		ike_timer_less(ike, 1);
		return (NULL);
	}
	ike_timer_init(&sa->v1->t_old, ike1_old, sa);
	return (sa->v1);
}

static void
qm_wipe(struct qm *q)
{
	ike_buf_free(&q->ni);
	ike_buf_free(&q->nr);
	ike_buf_free(&q->ke);
	ike_buf_free(&q->idi);
	ike_buf_free(&q->idr);
	ike_buf_free(&q->attrs);
	ike_buf_free(&q->out);
	explicit_bzero(q, sizeof(*q));
	free(q);
}

void
ike1_qm_free(struct ike *ike, struct qm *q)
{
	struct qm	**p;

	ike_timer_off(ike, &q->t);
	ike_close_handle(ike, q->sa->tun, q->chandle);
	for (p = &q->sa->v1->qms; *p != q; p = &(*p)->next)
		;
	*p = q->next;
	if (q->sa->v1->cur == q)
		q->sa->v1->cur = NULL;
	qm_wipe(q);
	ike_timer_less(ike, 1);
}

void
ike1_stop(struct ike *ike, struct sa *sa)
{
	struct ike1	*v = sa->v1;
	struct qm	*q;

	if (v == NULL)
		return;
	ike_timer_off(ike, &v->t_old);
	for (q = v->qms; q != NULL; q = q->next)
		ike_timer_off(ike, &q->t);
}

void
ike1_wipe(struct ike *ike, struct sa *sa)
{
	struct ike1	*v = sa->v1;
	struct qm	*q;

	if (v == NULL)
		return;
	while ((q = v->qms) != NULL) {
		v->qms = q->next;
		qm_wipe(q);
		ike_timer_less(ike, 1);
	}
	ike_buf_free(&v->sai);
	ike_buf_free(&v->kei);
	ike_buf_free(&v->ker);
	ike_buf_free(&v->nonce);
	ike_buf_free(&v->ack);
	while (v->nheld > 0)
		ike_buf_free(&v->held[--v->nheld].b);
	ike1_frags_free(v);
	free(v->mid);
	explicit_bzero(v, sizeof(*v));
	free(v);
	sa->v1 = NULL;
	ike_timer_less(ike, 1);
}

struct qm *
ike1_qm_new(struct ike *ike, struct sa *sa, int init, uint32_t mid)
{
	struct qm	*q;

	if (ike1_mid_use(sa, mid) || ike_timer_more(ike, 1))
		return (NULL);
	if ((q = calloc(1, sizeof(*q))) == NULL) {
		ike_timer_less(ike, 1);
		return (NULL);
	}
	q->sa = sa;
	q->mid = mid;
	q->init = (uint8_t)init;
	q->st = ST1_Q0;
	ike_timer_init(&q->t, ike1_qm_timer, q);
	q->next = sa->v1->qms;
	sa->v1->qms = q;
	return (q);
}

struct qm *
ike1_qm_find(const struct sa *sa, uint32_t mid)
{
	struct qm	*q;

	for (q = sa->v1->qms; q != NULL; q = q->next)
		if (q->mid == mid)
			return (q);
	return (NULL);
}

int
ike1_mid_used(const struct sa *sa, uint32_t mid)
{
	size_t	 i;

	for (i = 0; i < sa->v1->nmid; i++)
		if (sa->v1->mid[i] == mid)
			return (1);
	return (0);
}

/* Whose room is used up gets no further quick mode; a new IKE SA does. */
int
ike1_mid_use(struct sa *sa, uint32_t mid)
{
	struct ike1	*v = sa->v1;
	uint32_t	*p;

	if (v->nmid % 64 == 0) {
		if (v->nmid >= MID1_MAX || (p = reallocarray(v->mid,
		    v->nmid + 64, sizeof(*p))) == NULL) {
			sa->want |= WANT_IKE;
			return (-1);
		}
		v->mid = p;
	}
	v->mid[v->nmid++] = mid;
	return (0);
}

/* Nothing came of the exchange by our fault: it may be tried again. */
void
ike1_mid_again(struct sa *sa, uint32_t mid)
{
	struct ike1	*v = sa->v1;

	if (v->nmid > 0 && v->mid[v->nmid - 1] == mid)
		v->nmid--;
}

int
ike1_info_used(const struct sa *sa, uint32_t mid)
{
	size_t	 i;

	for (i = 0; i < INFO1_MAX; i++)
		if (sa->v1->info[i] == mid)
			return (1);
	return (0);
}

void
ike1_info_use(struct sa *sa, uint32_t mid)
{
	sa->v1->info[sa->v1->ninfo++ % INFO1_MAX] = mid;
}

/* Random, not 0, not used (R28, RFC 2408 section 3.1). */
uint32_t
ike1_mid_draw(struct ike *ike, const struct sa *sa)
{
	uint32_t	 mid;

	do
		mid = (uint32_t)(ike_random64(ike) >> 16);
	while (mid == 0 || ike1_mid_used(sa, mid) || ike1_info_used(sa, mid));
	return (mid);
}
