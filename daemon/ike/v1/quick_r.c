/* SPDX-License-Identifier: ISC */

/*
 * quick_r.c: quick mode as responder, RFC 2409 section 5.5.  The networks
 * must be a configured pair exactly; there is no narrowing in IKEv1.
 */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "v1.h"

/* A child of the tunnel with that pair, in that state; or NULL. */
static struct child *
child_of(const struct tun *t, const struct selpair *p, enum cstate st)
{
	struct sa	*sa;
	struct child	*c;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL; c = c->next)
			if (c->state == st && c->npair == 1 &&
			    sel_eq(&c->pair[0].local, &p->local) &&
			    sel_eq(&c->pair[0].remote, &p->remote))
				return (c);
	return (NULL);
}

/* IDci is the peer's side: the configured pair, or NULL. */
static const struct selpair *
pair_of(const struct tunnel *t, const struct msg1 *m)
{
	const struct pld1	*i = pld1_nth(&m->p, PLD1_ID, 0);
	const struct pld1	*r = pld1_nth(&m->p, PLD1_ID, 1);
	struct sel		 remote, local;
	const char		*why;
	size_t			 k;

	if (i == NULL || r == NULL || pld1_sel(i->b, &remote, &why) ||
	    pld1_sel(r->b, &local, &why))
		return (NULL);
	for (k = 0; k < t->npair; k++)
		if (sel_eq(&t->pair[k].local, &local) &&
		    sel_eq(&t->pair[k].remote, &remote))
			return (&t->pair[k]);
	return (NULL);
}

/* No, by an informational exchange of its own; for a repeated question the
 * same again. */
static void
refuse(struct ike *ike, struct sa *sa, struct msg1 *m, uint16_t type,
    uint32_t spi)
{
	struct qm	*q;
	struct wr	 w;
	uint8_t		 b[4];

	w = wr_of(b, sizeof(b));
	wr_u32(&w, spi);
	if ((q = ike1_qm_new(ike, sa, 0, m->h.mid)) == NULL)
		return;
	memcpy(q->digest, m->digest, sizeof(q->digest));
	ike1_send_notify(ike, sa, sa->tun->t->flags & TUN_AH ? PROTO1_AH :
	    PROTO1_ESP, rd_of(b, spi != 0 ? 4 : 0),
	    type, rd_of(NULL, 0), &q->out);
	ike1_qm_end(ike, q);
}

/* May the peer begin one more?  Those that got no message 3 count. */
static int
room(const struct sa *sa)
{
	const struct qm	*q;
	size_t		 n = 0;

	for (q = sa->v1->qms; q != NULL; q = q->next)
		n += !q->init && q->st != ST1_QEND;
	return (n < 3u * sa->tun->t->npair + QM1_SPARE);
}

/*
 * Both ends began at the same time: the one with the lower message ID stays.
 * 1: it is ours, the peer's is not looked at; it sees the same in ours.
 */
static int
crossed(struct ike *ike, const struct sa *sa, const struct msg1 *m,
    const struct selpair *p)
{
	struct qm	*own = ike1_quick_own(sa->tun, p);
	struct child	*c;

	if (own == NULL)
		return (0);
	/* on its way to the SAD: as good as done */
	if (own->mid < m->h.mid || (own->sa->wait != W_NONE &&
	    own->sa->v1->cur == own && own->st == ST1_Q1))
		return (1);
	if ((c = ike_child_find(ike, own->child)) != NULL)
		ike_child_free(ike, c);
	if (own->sa->wait != W_NONE && own->sa->v1->cur == own) {
		own->child = 0;		/* freed when s2sd-keys answered */
		return (0);
	}
	ike1_qm_free(ike, own);
	return (0);
}

struct ask {
	struct pld1_choice	 ch;
	int			 reason;	/* R_NONE: by the notify */
	const char		*why;
	const struct selpair	*pair;
	struct rd		 ke, nonce;
};

/* What the peer asks for: 0, or a notify. */
static uint16_t
judge(const struct sa *sa, const struct msg1 *m, struct ask *a)
{
	const struct tunnel	*t = sa->tun->t;
	struct pld1_sa		*offer;
	struct pld1_qm		 terms;
	const struct alg	*dh;
	const char		*why;
	size_t			 i;
	uint8_t			 proto = 0;
	int			 bad = 1;

	a->ch.spi = 0;
	a->ke = ike1_body(m, PLD1_KE);
	a->nonce = ike1_body(m, PLD1_NONCE);
	if ((offer = calloc(1, sizeof(*offer))) == NULL)
		return (N1_NO_PROPOSAL);
	ike1_qm_terms(sa, &terms);
	if (pld1_nonce(a->nonce, &why) == 0 &&
	    pld1_sa(ike1_body(m, PLD1_SA), 2, offer, &why) == 0) {
		proto = pld1_proto(offer);
		for (i = 0; bad && i < offer->nt; i++) {
			/* the group of the KE payload is that of SA */
			dh = alg_v1(ALG_DH, 2, offer->t[i].group, 0);
			if (a->ke.n != (dh != NULL ? dh->keylen : 0))
				continue;
			terms.dh = dh;
			bad = pld1_choose2(offer, t->child, t->nchild,
			    &terms, &a->ch);
		}
	}
	free(offer);
	if ((a->why = ike_ah_nat(sa, t)) != NULL)
		a->reason = R_AH_NAT;
	else if ((a->why = ike_esp_ah(t, proto)) != NULL)
		a->reason = R_ESP_AH;
	if (a->why != NULL)
		return (N1_NO_PROPOSAL);
	if (bad || a->ch.spi < 256)
		return (N1_NO_PROPOSAL);
	return (a->pair == NULL ? N1_INVALID_ID : 0);
}

/* A child for it, and the request to s2sd-keys: 0 or -1. */
static int
begin(struct ike *ike, struct sa *sa, struct msg1 *m, const struct ask *a)
{
	const struct pld1	*i = pld1_nth(&m->p, PLD1_ID, 0);
	const struct pld1	*r = pld1_nth(&m->p, PLD1_ID, 1);
	struct child		*c, *old;
	struct qm		*q;

	if ((old = child_of(sa->tun, a->pair, C_NEW)) != NULL && !old->init)
		ike_child_free(ike, old);	/* the peer began again */
	old = child_of(sa->tun, a->pair, C_UP);
	if ((c = ike_child_new(ike, sa, 0)) == NULL)
		return (-1);
	while (c->spi_in < 256)
		c->spi_in = (uint32_t)ike_random64(ike);
	c->a = a->ch.a;
	c->replaces = old != NULL ? old->num : 0;
	if (ike_child_pairs(c, a->pair, 1) ||
	    (q = ike1_qm_new(ike, sa, 0, m->h.mid)) == NULL) {
		ike_child_free(ike, c);
		return (-1);
	}
	c->spi_out = a->ch.spi;
	q->child = c->num;
	q->c = a->ch;
	memcpy(q->digest, m->digest, sizeof(q->digest));
	memcpy(q->iv, sa->v1->next_iv, sizeof(q->iv));
	if (ike_buf_set(&q->attrs, a->ch.attrs) ||
	    ike_buf_set(&q->ni, a->nonce) || ike_buf_set(&q->idi, i->b) ||
	    ike_buf_set(&q->idr, r->b)) {
		c->spi_out = 0;
		ike_child_free(ike, c);
		ike1_qm_free(ike, q);
		return (-1);
	}
	q->c.attrs = BUF_RD(&q->attrs);
	q->say_life = (uint8_t)ike1_life(&a->ch, c);
	ike1_ask_child(ike, sa, q, c, a->nonce, a->ke, W_CHILD_R);
	return (0);
}

enum step1
ike1_qm1(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct ask	 a;
	char		 nets[2 * SEL_STRLEN + 8];
	uint16_t	 no;
	int		 reason;

	if (sa->tun->t == NULL || sa->handle == 0 || sa->replaced ||
	    sa->want & WANT_DELETE || !room(sa)) {
		ike->count[CNT_BAD_STATE]++;
		return (STEP1_DROP);	/* the peer asks again */
	}
	if (ike->open_keys >= OPEN_MAX) {
		ike->count[CNT_KEYS_BUSY]++;
		return (STEP1_DROP);
	}
	memset(&a, 0, sizeof(a));
	a.pair = pair_of(sa->tun->t, m);
	if ((no = judge(sa, m, &a)) != 0) {
		reason = a.reason != R_NONE ? a.reason :
		    no == N1_INVALID_ID ? R_SELECTORS : R_NO_PROPOSAL;
		nets[0] = '\0';
		if (reason == R_SELECTORS)
			ike1_nets_text(m, 0, nets, sizeof(nets));
		else if (a.why != NULL)
			(void)snprintf(nets, sizeof(nets), "%s", a.why);
		role_log(ike->io, LOG_WARNING, sa->tun->id, reason,
		    "%s: quick mode of the peer refused: %s%s",
		    sa->tun->t->name, reason == R_NO_PROPOSAL ?
		    "none of its proposals is acceptable" :
		    reason == R_SELECTORS ?
		    "these networks are no pair of this tunnel: " : "", nets);
		if (ike_child_count(sa->tun) == 0)
			ike_reason(ike, sa->tun, reason, nets);
		refuse(ike, sa, m, no, a.ch.spi);
		return (STEP1_WAIT);
	}
	if (crossed(ike, sa, m, a.pair))
		return (STEP1_DROP);
	(void)begin(ike, sa, m, &a);
	return (STEP1_WAIT);
}

/* N(RESPONDER-LIFETIME), RFC 2407 section 4.6.3.1 */
static void
life_put(struct pld1_out *o, const struct child *c)
{
	struct wr	 w, s;
	uint8_t		 b[32], spi[4];

	w = wr_of(b, sizeof(b));
	pld1_life_put(&w, c->life, 0);
	s = wr_of(spi, sizeof(spi));
	wr_u32(&s, c->spi_in);
	pld1_notify_put(o, ike1_proto(c), rd_of(spi, sizeof(spi)),
	    N1_RESPONDER_LIFETIME, rd_of(b, w.n));
}

/* HASH(2), SA, Nr, [KE], IDci, IDcr, [N(RESPONDER-LIFETIME)] */
static int
build(struct ike *ike, struct sa *sa, struct qm *q, struct child *c,
    struct pld1_out *o)
{
	ike1_begin(ike, sa, o, X1_QUICK, q->mid);
	ike1_hash_begin(sa, o);
	pld1_answer(o, ike1_proto(c), c->spi_in, &q->c);
	pld1_raw_put(o, PLD1_NONCE, BUF_RD(&q->nr));
	if (c->a.dh != NULL)
		pld1_raw_put(o, PLD1_KE, BUF_RD(&sa->ans.ke));
	pld1_raw_put(o, PLD1_ID, BUF_RD(&q->idi));
	pld1_raw_put(o, PLD1_ID, BUF_RD(&q->idr));
	if (q->say_life)
		life_put(o, c);
	return (ike1_hash_end(sa, o, q->mid, BUF_RD(&q->ni)) ||
	    ike1_seal(sa, o, q->iv));
}

void
ike1_child_r_done(struct ike *ike, struct sa *sa)
{
	struct qm	*q = sa->v1->cur;
	struct child	*c;
	struct pld1_out	 o;

	sa->v1->cur = NULL;
	if (q == NULL)
		return;
	c = ike_child_find(ike, q->child);
	if (c == NULL || sa->tun->t == NULL || sa->ans.kerr != KERR_OK ||
	    sa->ans.serr != SERR_OK || ike_buf_set(&q->nr,
	    BUF_RD(&sa->ans.nonce)) || build(ike, sa, q, c, &o)) {
		role_log(ike->io, LOG_WARNING, sa->tun->id, R_KERNEL,
		    "quick mode of the peer failed: %s", sa->ans.serr !=
		    SERR_OK ? ike_serr(sa->ans.serr) :
		    reason_row(ike_reason_of(sa->ans.kerr))->id);
		if (c != NULL)
			ike_child_free(ike, c);
		if (sa->ans.kerr == KERR_NOHANDLE) {
			sa->handle = 0;
			ike_sa_doom(ike, sa, ike->now + 1);
		}
		ike1_qm_end(ike, q);	/* silent: it asks with a new one */
		return;
	}
	c->mtu = sa->ans.mtu;
	c->ready = 1;
	q->st = ST1_Q2;
	ike1_qm_sent(ike, q, rd_of(o.w.p, o.w.n), 1);
}

enum step1
ike1_qm3(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct qm	*q = m->q;
	struct child	*c = ike_child_find(ike, q->child);

	memcpy(q->digest, m->digest, sizeof(q->digest));
	ike_buf_free(&q->out);
	if (c == NULL || sa->tun->t == NULL) {
		ike1_qm_end(ike, q);
		return (STEP1_WAIT);
	}
	ike1_child_up(ike, q, c);
	return (STEP1_WAIT);
}

void
ike1_quick_implied(struct ike *ike, const struct child *old)
{
	struct sa	*sa;
	struct child	*c;
	struct qm	*q;

	for (sa = old->tun->sas; sa != NULL; sa = sa->next)
		for (q = sa->v1 != NULL ? sa->v1->qms : NULL; q != NULL;
		    q = q->next) {
			if (q->init || q->st != ST1_Q2 ||
			    (c = ike_child_find(ike, q->child)) == NULL ||
			    c->replaces != old->num)
				continue;
			ike_buf_free(&q->out);
			ike1_child_up(ike, q, c);
			return;
		}
}
