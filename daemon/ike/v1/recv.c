/* SPDX-License-Identifier: ISC */

/*
 * recv.c: whose message it is, is it a repeated one, opening it, and for
 * phase 2 its HASH, before a single payload is looked at (R18).
 */

#include "v1.h"

/*
 * Whose is it?  One of the cookies is ours, the other must agree; until
 * message 2 has come we do not know the peer's.
 */
static struct sa *
find(struct ike *ike, const struct m_net_dgram *d, const struct ike_hdr *h)
{
	struct node	*n;
	struct sa	*sa;
	int		 init = 1;

	if ((n = ike_map_get(&ike->by_spi, h->spi_i)) == NULL) {
		init = 0;
		if (h->spi_r == 0 ||
		    (n = ike_map_get(&ike->by_spi, h->spi_r)) == NULL) {
			ike->count[CNT_BAD_SPI]++;
			return (NULL);
		}
	}
	sa = n->obj;
	if (sa->proto != &ike_v1 || sa->v1 == NULL) {
		ike_other_answer(ike, sa, &d->remote, 1);
		return (NULL);
	}
	if (sa->init != init || sa->spi_i != h->spi_i) {
		ike->count[CNT_BAD_SPI]++;
		return (NULL);
	}
	if (h->spi_r == 0 && h->exch == X1_MAIN) {
		ike->count[CNT_REFLECTED]++;	/* our own message 1 */
		return (NULL);
	}
	if (ike1_second(ike, sa, d, h))
		return (NULL);
	if (sa->spi_r != 0 && sa->spi_r != h->spi_r) {
		ike->count[CNT_BAD_SPI]++;
		return (NULL);
	}
	return (sa);
}

/* Message 1 of somebody new. */
static void
first(struct ike *ike, const struct m_net_dgram *d, const struct ike_hdr *h)
{
	struct msg1	 m;
	struct rd	 r = d->rest;
	const char	*why;

	if (h->mid != 0 || h->flags & HDR1_E || h->spi_i == 0 ||
	    r.n > INIT_MAX) {
		ike->count[CNT_BAD_HEADER]++;
		return;
	}
	memset(&m, 0, sizeof(m));
	m.h = *h;
	m.d = d;
	if (sha1(&d->rest, 1, m.digest) || rd_skip(&r, HDR_LEN) ||
	    pld1_walk(r, h->np, 0, &m.p, &why) || m.p.twice != 0) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike_noise(ike, &d->remote, "malformed message 1 of IKEv1");
		return;
	}
	(void)ike1_step(ike, NULL, &m, 0);
}

static void
hold(struct ike *ike, struct sa *sa, const struct m_net_dgram *d)
{
	struct ike1	*v = sa->v1;
	struct held1	*h = &v->held[v->nheld];

	if (v->nheld == HELD1_MAX) {
		ike->count[CNT_HELD_FULL]++;
		return;
	}
	ike->count[CNT_HELD]++;
	if (ike_buf_set(&h->b, d->rest))
		return;
	h->d = *d;
	v->nheld++;
}

/* What came while the IKE SA waited. */
void
ike1_held(struct ike *ike, struct sa *sa)
{
	struct held1	 h;
	struct ike_hdr	 hdr;
	struct rd	 r;
	const char	*why;
	size_t		 n;

	for (n = sa->v1->nheld; n > 0 && sa->state != S_DEAD &&
	    sa->wait == W_NONE && sa->v1->nheld > 0; n--) {
		h = sa->v1->held[0];
		memmove(&sa->v1->held[0], &sa->v1->held[1],
		    --sa->v1->nheld * sizeof(h));
		memset(&sa->v1->held[sa->v1->nheld], 0, sizeof(h));
		h.d.rest = r = BUF_RD(&h.b);
		if (pld_hdr(&r, &hdr, &why) == 0)
			ike1_recv(ike, &h.d, &hdr);
		ike_buf_free(&h.b);
	}
}

static int
same(const uint8_t *a, const uint8_t *b)
{
	return (memcmp(a, b, 20) == 0);
}

/* The same again, octet by octet: so is the answer.  1: all is done. */
static int
repeated(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct ike1	*v = sa->v1;
	const struct buf *answer = NULL;

	switch (m->h.exch) {
	case X1_MAIN:
		if (!same(m->digest, sa->digest))
			return (0);
		if (!sa->init)
			answer = &sa->reply;
		break;
	case X1_QUICK:
		if (m->q == NULL || !same(m->digest, m->q->digest))
			return (0);
		answer = &m->q->out;
		break;
	default:
		if (!same(m->digest, v->ack_digest))
			return (0);
		answer = &v->ack;
	}
	ike->count[CNT_REPLAYED]++;
	if (answer != NULL && answer->n > 0 && sa->wait == W_NONE)
		ike1_send_to(ike, sa, m->d, BUF_RD(answer));
	return (1);
}

/* May a message with this ID come now at all?  1 or 0. */
static int
in_order(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	uint32_t	 mid = m->h.mid;
	int		 sealed = !!(m->h.flags & HDR1_E);

	switch (m->h.exch) {
	case X1_MAIN:
		if (mid == 0)
			return (1);
		break;
	case X1_QUICK:
		if (mid == 0 || !sealed || sa->v1->st != ST1_UP)
			break;
		m->q = ike1_qm_find(sa, mid);
		if (m->q != NULL || (!ike1_mid_used(sa, mid) &&
		    !ike1_info_used(sa, mid)))
			return (1);
		break;
	case X1_INFO:
		if (!sealed)
			return (1);
		if (mid == 0 || sa->v1->st != ST1_UP)
			break;
		if (!ike1_info_used(sa, mid) ||
		    same(m->digest, sa->v1->ack_digest))
			return (1);
		break;
	default:
		ike->count[CNT_BAD_STATE]++;
		return (0);
	}
	ike->count[CNT_BAD_MID]++;
	return (0);
}

/* Decrypt: 0 and the payloads in *r, or -1. */
static int
open1(struct ike *ike, struct sa *sa, struct msg1 *m, struct rd *r)
{
	uint8_t	 iv[IV1_MAX], next[IV1_MAX];
	int	 bad = 0;

	if (m->h.exch == X1_MAIN)
		memcpy(iv, sa->v1->iv, sizeof(iv));
	else if (m->q != NULL)
		memcpy(iv, m->q->iv, sizeof(iv));
	else
		bad = ike1_iv_phase2(sa, m->h.mid, iv);
	if (bad || ike1_open(ike, sa, m->d->rest, iv, next)) {
		ike->count[CNT_BAD_PAYLOAD]++;
		return (-1);
	}
	/* a message that is not good must not move the chain (N063) */
	memcpy(m->q != NULL ? m->q->next_iv : sa->v1->next_iv, next,
	    sizeof(next));
	*r = rd_of(ike->in + HDR_LEN, m->d->rest.n - HDR_LEN);
	return (0);
}

/* Is it from where we sent ours to (N042)?  Later a NAT may move it. */
static int
from_peer(struct ike *ike, const struct sa *sa, const struct m_net_dgram *d)
{
	if (sa->v1->st == ST1_UP || addr_cmp(&d->remote, &sa->remote, 0) == 0)
		return (1);
	ike->count[CNT_BAD_ADDR]++;
	return (0);
}

void
ike1_fresh(struct ike *ike, struct sa *sa, const struct m_net_dgram *d)
{
	ike_sa_lives(ike, sa);
	ike_follow(ike, sa, d);
}

static void
look(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct rd	 r = m->d->rest;
	const char	*why;
	int		 sealed = !!(m->h.flags & HDR1_E);

	if (sealed ? open1(ike, sa, m, &r) : rd_skip(&r, HDR_LEN))
		return;
	if (pld1_walk(r, m->h.np, sealed, &m->p, &why) || m->p.twice != 0) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike_noise(ike, &m->d->remote, why);
		if (sealed && sa->v1->st == ST1_MM4)
			ike1_mm5_junk(ike, sa);
		return;
	}
	if (sealed && m->h.exch != X1_MAIN) {
		if (!ike1_hash_ok(sa, m, m->q != NULL && m->q->init ?
		    BUF_RD(&m->q->ni) : rd_of(NULL, 0))) {
			ike->count[CNT_BAD_ICV]++;
			return;
		}
		sa->v1->heard = ike->now;
		/* of informational ones only the last few are remembered */
		if (m->h.exch == X1_QUICK)
			ike1_fresh(ike, sa, m->d);
	}
	if (ike1_step(ike, sa, m, sealed) == 0 && sa->state != S_DEAD)
		ike1_next(ike, sa);
}

void
ike1_recv(struct ike *ike, const struct m_net_dgram *d,
    const struct ike_hdr *h)
{
	struct buf	 whole = { NULL, 0 };
	struct m_net_dgram dw = *d;
	struct ike_hdr	 hw;
	struct msg1	 m;
	struct sa	*sa;
	struct rd	 r;
	const char	*why;

	if (h->spi_r == 0 && ike_map_get(&ike->by_spi, h->spi_i) == NULL) {
		if (h->exch == X1_MAIN)
			first(ike, d, h);
		else {
			ike->count[CNT_BAD_STATE]++;
			ike_other_version(ike, &d->remote, 1);
		}
		return;
	}
	if ((sa = find(ike, d, h)) == NULL || !from_peer(ike, sa, d))
		return;
	if (sa->state == S_CLOSING) {
		ike->count[CNT_BAD_STATE]++;
		return;
	}
	if (ike1_frag_in(ike, sa, d, &whole)) {
		dw.rest = r = BUF_RD(&whole);
		if (whole.n > 0 && pld_hdr(&r, &hw, &why) == 0 &&
		    hw.spi_i == h->spi_i && hw.spi_r == h->spi_r &&
		    hw.major == 1 && hw.np != h->np)
			ike1_recv(ike, &dw, &hw);
		ike_buf_free(&whole);
		return;
	}
	memset(&m, 0, sizeof(m));
	m.h = *h;
	m.d = d;
	if (sha1(&d->rest, 1, m.digest) || !in_order(ike, sa, &m) ||
	    repeated(ike, sa, &m))
		return;
	if (sa->wait != W_NONE) {
		hold(ike, sa, d);
		return;
	}
	look(ike, sa, &m);
}
