/* SPDX-License-Identifier: ISC */

/*
 * quick_i.c: quick mode as initiator, RFC 2409 section 5.5: one pair of
 * networks each, new or in place of a child that has them.
 *
 *	1* HASH(1), SA, Ni, [KE], IDci, IDcr
 *	2* HASH(2), SA, Nr, [KE], IDci, IDcr
 *	3* HASH(3)
 */

#include <stdio.h>
#include <syslog.h>

#include "v1.h"

enum { LATER_MS = 10000, KERNEL_MS = 500 };

/*
 * The group for PFS: that of phase 1 if the child may have it, as old peers
 * expect, else the first of ours that works here; NULL: none.
 */
static const struct alg *
group(const struct sa *sa, const struct prop *p)
{
	const struct alg	*a;
	size_t			 i;

	for (i = 0; i < p->ndh && p->dh[0] != 0; i++)
		if (sa->a.dh != NULL && p->dh[i] == sa->a.dh->num)
			return (sa->a.dh);
	for (i = 0; i < p->ndh; i++) {
		if (p->dh[i] == 0)
			return (NULL);
		if ((a = alg_num(p->dh[i])) != NULL && alg_usable(a) &&
		    a->p1 != 0)
			return (a);
	}
	return (NULL);
}

static int
pair_eq(const struct selpair *a, const struct selpair *b)
{
	return (sel_eq(&a->local, &b->local) && sel_eq(&a->remote, &b->remote));
}

struct qm *
ike1_quick_own(const struct tun *t, const struct selpair *p)
{
	const struct child	*c;
	struct sa		*sa;
	struct qm		*q;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (q = sa->v1 != NULL ? sa->v1->qms : NULL; q != NULL;
		    q = q->next) {
			if (!q->init || q->st > ST1_Q1)
				continue;
			for (c = sa->children; c != NULL; c = c->next)
				if (c->num == q->child && c->npair == 1 &&
				    pair_eq(&c->pair[0], p))
					return (q);
		}
	return (NULL);
}

/* Is that child being replaced already, by either end? */
static int
replacing(const struct tun *t, const struct child *old)
{
	const struct sa		*sa;
	const struct child	*c;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL; c = c->next)
			if (c->state == C_NEW && c->replaces == old->num)
				return (1);
	return (0);
}

static size_t
own_open(const struct sa *sa)
{
	const struct qm	*q;
	size_t		 n = 0;

	for (q = sa->v1->qms; q != NULL; q = q->next)
		n += q->init && q->st <= ST1_Q1;
	return (n);
}

/* No memory: in a moment. */
static void
try_again(struct ike *ike, struct sa *sa, struct child *old)
{
	if (old != NULL)
		old->want_rekey = 1;
	else
		sa->want |= WANT_NEW;
	ike_sa_again(ike, sa, KERNEL_MS);
}

/* Begin: old is the child to be replaced, or NULL for what none covers. */
void
ike1_quick_start(struct ike *ike, struct sa *sa, struct child *old)
{
	struct selpair		 open[SELPAIR_MAX];
	struct m_k_cstart	 k;
	struct child		*c;
	struct qm		*q;
	size_t			 n = 0;

	if (old != NULL)
		old->want_rekey = 0;
	else if ((n = ike_tun_uncovered(sa->tun, open)) <= 1)
		sa->want &= (uint8_t)~WANT_NEW;
	if (old != NULL ? replacing(sa->tun, old) : n == 0)
		return;
	if (own_open(sa) >= QM1_OWN) {
		sa->want &= (uint8_t)~WANT_NEW;	/* when those are up */
		return;
	}
	if ((c = ike_child_new(ike, sa, 1)) == NULL) {
		try_again(ike, sa, old);
		return;
	}
	c->replaces = old != NULL ? old->num : 0;
	if (ike_child_pairs(c, old != NULL ? old->pair : open, 1) ||
	    (q = ike1_qm_new(ike, sa, 1, ike1_mid_draw(ike, sa))) == NULL) {
		ike_child_free(ike, c);
		try_again(ike, sa, old);
		return;
	}
	q->child = c->num;
	q->dh = group(sa, &sa->tun->t->child[0]);
	k.handle = sa->handle;
	k.dh = q->dh != NULL ? q->dh->num : 0;
	sa->v1->cur = q;
	ike_sa_wait(ike, sa, W_CSTART);
	if (role_send(ike->io, PROC_KEYS, M_K_CSTART, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike1_lost(ike, sa);
}

int
ike1_cstarted(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_cstarted	*b = body;
	struct qm			*q = sa->v1->cur;

	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	if (q == NULL) {
		ike_close_handle(ike, sa->tun, b->chandle);
		return (0);
	}
	q->chandle = b->chandle;
	if (ike_buf_set(&q->ni, b->nonce) || ike_buf_set(&q->ke, b->ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

void
ike1_quick_fail(struct ike *ike, struct qm *q, int reason,
    const char *detail)
{
	struct sa	*sa = q->sa;
	struct tun	*t = sa->tun;
	struct child	*c = ike_child_find(ike, q->child), *old = NULL;
	int		 rekey = c != NULL && c->replaces != 0;

	if (rekey)
		old = ike_child_find(ike, c->replaces);
	if (c != NULL)
		ike_child_free(ike, c);
	ike1_qm_free(ike, q);
	if (t == NULL || t->t == NULL)
		return;
	if (!rekey) {
		ike_tun_child_failed(ike, t, reason, detail);
		return;
	}
	if (reason == R_KERNEL)
		ike_sa_again(ike, sa, KERNEL_MS);
	role_log(ike->io, LOG_WARNING, t->id, reason,
	    "%s: the traffic keys could not be renewed: %s%s%s", t->t->name,
	    reason_row(reason)->id, detail[0] != '\0' ? ": " : "", detail);
	if (old != NULL && old->state == C_UP && reason == R_KERNEL)
		old->want_rekey = 1;	/* as soon as it can be */
	else if (old != NULL && old->state == C_UP &&
	    ike->now + LATER_MS < old->dies_at)
		ike_timer_set(ike, &old->timer, ike->now + LATER_MS +
		    ike_random_below(ike, LATER_MS));
	ike_report(ike, t);
}

static void
no_handle(struct ike *ike, struct sa *sa)
{
	if (sa->ans.kerr != KERR_NOHANDLE)
		return;
	sa->handle = 0;
	ike_sa_doom(ike, sa, ike->now + 1);
}

/* HASH(1), SA, Ni, [KE], IDci, IDcr */
static int
build(struct ike *ike, struct sa *sa, struct qm *q, struct child *c,
    struct pld1_out *o)
{
	const struct tunnel	*t = sa->tun->t;
	struct pld1_qm		 terms;

	ike1_qm_terms(sa, &terms);
	terms.spi = c->spi_in;
	terms.dh = q->dh;
	ike1_begin(ike, sa, o, X1_QUICK, q->mid);
	ike1_hash_begin(sa, o);
	if (pld1_offer2(o, t->child, t->nchild, &terms) == 0)
		return (-1);
	pld1_raw_put(o, PLD1_NONCE, BUF_RD(&q->ni));
	if (q->dh != NULL)
		pld1_raw_put(o, PLD1_KE, BUF_RD(&q->ke));
	return (pld1_sel_put(o, &c->pair[0].local) ||
	    pld1_sel_put(o, &c->pair[0].remote) ||
	    ike1_hash_end(sa, o, q->mid, rd_of(NULL, 0)) ||
	    ike1_iv_phase2(sa, q->mid, q->iv) || ike1_seal(sa, o, q->iv));
}

void
ike1_cstarted_done(struct ike *ike, struct sa *sa)
{
	struct qm	*q = sa->v1->cur;
	struct child	*c, *old;
	struct pld1_out	 o;
	const char	*no;

	sa->v1->cur = NULL;
	if (q == NULL)
		return;
	c = ike_child_find(ike, q->child);
	old = c != NULL ? ike_child_find(ike, c->replaces) : NULL;
	if ((no = ike_ah_nat(sa, sa->tun->t)) != NULL) {
		ike1_quick_fail(ike, q, R_AH_NAT, no);
		return;
	}
	if (sa->ans.kerr != KERR_OK) {
		no_handle(ike, sa);
		ike1_quick_fail(ike, q, ike_reason_of(sa->ans.kerr), "");
		return;
	}
	if (c == NULL || sa->tun->t == NULL || (c->replaces != 0 &&
	    (old == NULL || old->state != C_UP))) {
		if (c != NULL)		/* it went, or the peer was faster */
			ike_child_free(ike, c);
		ike1_qm_free(ike, q);
		return;
	}
	if (build(ike, sa, q, c, &o)) {
		ike1_quick_fail(ike, q, R_NO_PROPOSAL,
		    "nothing of `childsa' can be had with IKEv1 here");
		return;
	}
	q->st = ST1_Q1;
	ike1_qm_sent(ike, q, rd_of(o.w.p, o.w.n), 1);
}

/* Both IDs as we sent them? */
static int
same_ids(const struct msg1 *m, const struct child *c)
{
	const struct pld1	*i = pld1_nth(&m->p, PLD1_ID, 0);
	const struct pld1	*r = pld1_nth(&m->p, PLD1_ID, 1);
	struct sel		 s;
	const char		*why;

	return (i != NULL && r != NULL &&
	    pld1_sel(i->b, &s, &why) == 0 && sel_eq(&s, &c->pair[0].local) &&
	    pld1_sel(r->b, &s, &why) == 0 && sel_eq(&s, &c->pair[0].remote));
}

/* N(RESPONDER-LIFETIME): the peer's is shorter (RFC 2407 4.6.3.1). */
static void
their_life(const struct msg1 *m, struct pld1_choice *ch)
{
	struct pld1_notify	 n;
	size_t			 i = 0;
	uint32_t		 secs, kbytes;

	while (ike1_notify(m, &i, &n)) {
		if (n.type != N1_RESPONDER_LIFETIME ||
		    pld1_life(n.data, &secs, &kbytes))
			continue;
		if (secs != 0 && (ch->secs == 0 || secs < ch->secs))
			ch->secs = secs;
		if (kbytes != 0 && (ch->kbytes == 0 || kbytes < ch->kbytes))
			ch->kbytes = kbytes;
	}
}

enum step1
ike1_qm2(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	const struct tunnel	*t = sa->tun->t;
	struct qm		*q = m->q;
	struct child		*c = ike_child_find(ike, q->child);
	struct rd		 ke = ike1_body(m, PLD1_KE);
	struct rd		 nonce = ike1_body(m, PLD1_NONCE);
	struct pld1_choice	 ch;
	struct pld1_qm		 terms;
	struct pld1_sa		 sas;
	const char		*why;
	char			 nets[2 * SEL_STRLEN + 8];

	memcpy(q->digest, m->digest, sizeof(q->digest));
	memcpy(q->iv, q->next_iv, sizeof(q->iv));
	ike_timer_off(ike, &q->t);
	ike_buf_free(&q->out);
	if (c == NULL || t == NULL) {
		ike1_qm_free(ike, q);
		return (STEP1_WAIT);
	}
	ike1_qm_terms(sa, &terms);
	terms.dh = q->dh;
	if (pld1_sa(ike1_body(m, PLD1_SA), 2, &sas, &why) ||
	    pld1_accept2(&sas, t->child, t->nchild, &terms, &ch) ||
	    ch.spi < 256 || pld1_nonce(nonce, &why) ||
	    (q->dh != NULL ? ke.n != q->dh->keylen : ke.n != 0)) {
		ike1_quick_fail(ike, q, R_SYNTAX,
		    "the peer chose what we did not offer");
		return (STEP1_WAIT);
	}
	if (!same_ids(m, c)) {	/* it made them smaller: RFC 2409 has no such
				 * thing, its other end would not know */
		ike1_nets_text(m, 1, nets, sizeof(nets));
		ike1_quick_fail(ike, q, R_SELECTORS, nets);
		return (STEP1_WAIT);
	}
	if (q->repeats == 0)
		sa->rtt = (uint32_t)(ike->now - q->at);
	their_life(m, &ch);
	(void)ike1_life(&ch, c);
	c->a = ch.a;
	c->spi_out = ch.spi;
	if (ike_buf_set(&q->nr, nonce)) {
		ike1_quick_fail(ike, q, R_KERNEL, "no memory");
		return (STEP1_WAIT);
	}
	ike1_ask_child(ike, sa, q, c, nonce, ke, W_CHILD_I);
	return (STEP1_WAIT);
}

/* HASH(3), and the child is there. */
void
ike1_child_i_done(struct ike *ike, struct sa *sa)
{
	struct qm	*q = sa->v1->cur;
	struct child	*c;
	struct pld1_out	 o;

	sa->v1->cur = NULL;
	if (q == NULL)
		return;
	c = ike_child_find(ike, q->child);
	q->chandle = 0;			/* used up */
	if (sa->ans.kerr != KERR_OK || sa->ans.serr != SERR_OK) {
		no_handle(ike, sa);
		ike1_quick_fail(ike, q, sa->ans.kerr != KERR_OK ?
		    ike_reason_of(sa->ans.kerr) : R_KERNEL,
		    sa->ans.kerr == KERR_OK ? ike_serr(sa->ans.serr) : "");
		return;
	}
	if (c == NULL || sa->tun->t == NULL) {
		ike1_qm_free(ike, q);
		return;
	}
	c->mtu = sa->ans.mtu;
	ike1_begin(ike, sa, &o, X1_QUICK, q->mid);
	ike1_hash_begin(sa, &o);
	if (wr_end(&o.w) || ike1_hash3(sa, q, o.w.p + HDR_LEN + GEN_LEN) ||
	    ike1_seal(sa, &o, q->iv)) {
		ike1_quick_fail(ike, q, R_KERNEL, "cannot build a message");
		return;
	}
	ike1_qm_sent(ike, q, rd_of(o.w.p, o.w.n), 0);
	ike1_child_up(ike, q, c);
}

void
ike1_quick_refused(struct ike *ike, struct sa *sa,
    const struct pld1_notify *n)
{
	struct qm	*q, *hit = NULL;
	struct child	*c;
	struct rd	 r;
	uint32_t	 spi = 0;
	size_t		 open = 0;
	char		 detail[32];

	r = n->spi;
	if (n->spi.n == 4 && rd_u32(&r, &spi))
		return;
	for (q = sa->v1->qms; q != NULL; q = q->next) {
		if (!q->init || q->st != ST1_Q1)
			continue;
		open++;
		c = ike_child_find(ike, q->child);
		if (hit == NULL || (c != NULL && c->spi_in == spi))
			hit = q;
	}
	/* whose it is must be plain: by its SPI, or there is only one */
	if (hit == NULL || ((c = ike_child_find(ike, hit->child)) != NULL &&
	    c->spi_in != spi && open > 1) || sa->wait != W_NONE)
		return;
	(void)snprintf(detail, sizeof(detail), "notify %u", n->type);
	if (n->type == N1_NO_PROPOSAL)
		ike1_quick_fail(ike, hit, R_NO_PROPOSAL, "");
	else if (n->type == N1_INVALID_ID)
		ike1_quick_fail(ike, hit, R_SELECTORS, "");
	else
		ike1_quick_fail(ike, hit, R_DELETED, detail);
}
