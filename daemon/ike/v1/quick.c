/* SPDX-License-Identifier: ISC */

/*
 * quick.c: what both roles of quick mode share, RFC 2409 section 5.5:
 * repetition, the request to s2sd-keys, a child that is up.
 */

#include <stdio.h>
#include <syslog.h>

#include "v1.h"

enum { LIFE_MIN = 60 };		/* seconds; less is taken for a mistake */

void
ike1_qm_terms(const struct sa *sa, struct pld1_qm *q)
{
	const struct tunnel	*t = sa->tun->t;

	memset(q, 0, sizeof(*q));
	q->mode = !sa->udp ? MODE1_TUNNEL : sa->v1->natt == NATT1_RFC ?
	    MODE1_UDP : MODE1_UDP_DRAFT;
	q->secs = t->life;
	q->kbytes = t->lifebytes / 1024;
}

uint8_t
ike1_proto(const struct child *c)
{
	return (ike_child_ah(c) ? PROTO1_AH : PROTO1_ESP);
}

/* The shorter life counts (N066).  Is ours the shorter one? */
int
ike1_life(const struct pld1_choice *ch, struct child *c)
{
	const struct tunnel	*t = c->tun->t;
	uint32_t		 secs = ch->secs;
	int			 ours = ch->secs == 0 || ch->secs > t->life;

	if (secs != 0 && secs < LIFE_MIN)
		secs = LIFE_MIN;
	c->life = secs != 0 && secs < t->life ? secs : t->life;
	c->kbytes = ch->kbytes;
	return (ours);
}

void
ike1_qm_sent(struct ike *ike, struct qm *q, struct rd msg, int repeat)
{
	/* no memory for it: sent once, and given up at the first repeat */
	q->repeats = ike_buf_set(&q->out, msg) ? RETX_MAX : 0;
	q->at = ike->now;
	if (repeat)
		ike_timer_set(ike, &q->t, ike->now + ike_retx_wait(ike, 0));
	ike1_send(ike, q->sa, msg);
}

/* Over: its last message may be asked for again for a while. */
void
ike1_qm_end(struct ike *ike, struct qm *q)
{
	q->st = ST1_QEND;
	q->chandle = 0;
	ike_timer_set(ike, &q->t, ike->now + QM1_LINGER);
}

void
ike1_nets_text(const struct msg1 *m, int init, char *b, size_t n)
{
	const struct pld1	*from = pld1_nth(&m->p, PLD1_ID, init != 0);
	const struct pld1	*to = pld1_nth(&m->p, PLD1_ID, init == 0);
	struct sel		 l, r;
	char			 sl[SEL_STRLEN], sr[SEL_STRLEN];
	const char		*why;

	b[0] = '\0';
	if (from != NULL && to != NULL && pld1_sel(from->b, &l, &why) == 0 &&
	    pld1_sel(to->b, &r, &why) == 0)
		(void)snprintf(b, n, "%s to %s", sel_str(&l, sl, sizeof(sl)),
		    sel_str(&r, sr, sizeof(sr)));
}

/* Nobody answers: is it this quick mode, or is the peer gone? */
static void
no_answer(struct ike *ike, struct qm *q)
{
	struct sa	*sa = q->sa;
	struct tun	*t = sa->tun;
	struct child	*c = ike_child_find(ike, q->child);

	if (!q->init) {		/* message 3 never came */
		if (c != NULL)
			ike_child_free(ike, c);
		ike1_qm_free(ike, q);
		return;
	}
	if (sa->v1->heard > q->at) {
		ike1_quick_fail(ike, q, R_SELECTORS,
		    "it does not answer for these networks");
		ike1_next(ike, sa);
		return;
	}
	if (c != NULL) {
		if (c->replaces != 0 &&
		    ike_child_find(ike, c->replaces) != NULL)
			ike_child_find(ike, c->replaces)->want_rekey = 1;
		ike_child_free(ike, c);
	}
	ike1_qm_free(ike, q);
	if (sa->stuck || t == NULL || t->t == NULL)
		return;
	role_log(ike->io, LOG_WARNING, t->id, R_DIED,
	    "%s: the peer does not answer quick mode, trying a new IKE SA",
	    t->t->name);
	sa->stuck = 1;
	ike_tun_dial(ike, t, ike->now);
	ike_report(ike, t);
}

void
ike1_qm_timer(struct ike *ike, void *arg, uint64_t now)
{
	struct qm	*q = arg;

	if (q->st != ST1_Q1 && q->st != ST1_Q2) {
		ike1_qm_free(ike, q);
		return;
	}
	if (q->repeats >= RETX_MAX) {
		no_answer(ike, q);
		return;
	}
	q->repeats++;
	q->sa->repeats++;
	ike->count[CNT_RETRANSMIT]++;
	ike_timer_set(ike, &q->t, now + ike_retx_wait(ike, q->repeats));
	ike1_send(ike, q->sa, BUF_RD(&q->out));
}

/* ---- s2sd-keys, s2sd-sad ---- */

void
ike1_ask_child(struct ike *ike, struct sa *sa, struct qm *q, struct child *c,
    struct rd nonce, struct rd ke, enum wait w)
{
	struct m_k1_child	 k;
	uint8_t			 room[5400];

	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.chandle = q->chandle;
	k.dh = c->a.dh != NULL ? c->a.dh->num : 0;
	k.encr = c->a.encr != NULL ? c->a.encr->num : 0;
	k.integ = c->a.integ != NULL ? c->a.integ->num : 0;
	k.proto = ike1_proto(c);
	k.spi_in = c->spi_in;
	k.spi_out = c->spi_out;
	k.nonce = nonce;
	k.ke = ke;
	/* the responder sends with it from message 3 on */
	k.sa = ike_child_msa(ike, c, !q->init && c->replaces != 0, room,
	    sizeof(room));
	sa->ans.kerr = KERR_OK;
	sa->ans.serr = SERR_OK;
	sa->v1->cur = q;
	ike_sa_wait(ike, sa, w);
	if (role_send(ike->io, PROC_KEYS, M_K1_CHILD, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike1_lost(ike, sa);
}

int
ike1_child_k(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_child_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (1);
	if (ike_buf_set(&sa->ans.nonce, b->nonce) ||
	    ike_buf_set(&sa->ans.ke, b->ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

int
ike1_child_s(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_s_done	*b = body;

	(void)ike;
	sa->ans.serr = b->err;
	sa->ans.mtu = b->mtu;
	return (0);
}

/*
 * Both ends renew, but not at the same time: who made the child begins, the
 * other one only if nothing came of that.
 */
static uint64_t
renew_at(struct ike *ike, const struct child *c)
{
	uint64_t	 margin = ike_margin(ike, c->dies_at - c->born);

	return (c->dies_at - (c->init ? margin : margin / 2));
}

void
ike1_child_up(struct ike *ike, struct qm *q, struct child *c)
{
	struct child	*old = ike_child_find(ike, c->replaces);

	ike1_qm_end(ike, q);
	c->ready = 0;
	ike_child_up(ike, c);
	c->rekey_at = renew_at(ike, c);
	ike_timer_set(ike, &c->timer, c->rekey_at);
	if (old != NULL && old->tun == c->tun)
		ike1_retire_child(ike, old, q->init);
}
