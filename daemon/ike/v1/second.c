/* SPDX-License-Identifier: ISC */

/*
 * second.c: several answers to message 1.  Who was first need not have been
 * the peer (N043): the others are kept, and tried one after the other when
 * the exchange with the first one goes no further.
 */

#include "v1.h"

/* Another message 2: 1 if it was one, whatever became of it. */
int
ike1_second(struct ike *ike, struct sa *sa, const struct m_net_dgram *d,
    const struct ike_hdr *h)
{
	size_t	 i;

	if (!sa->init || sa->spi_r == 0 || h->spi_r == sa->spi_r ||
	    h->spi_r == 0 || h->exch != X1_MAIN || h->flags & HDR1_E ||
	    sa->v1->st > ST1_MM5)
		return (0);
	if (addr_cmp(&d->remote, &sa->remote, 0) != 0 ||
	    sa->ncand == CAND_MAX || d->rest.n > INIT_MAX) {
		ike->count[CNT_BAD_SPI]++;
		return (1);
	}
	for (i = 0; i < sa->ncand; i++)
		if (ct_equal(BUF_RD(&sa->cand[i]), d->rest))
			return (1);
	ike->count[CNT_SECOND]++;
	sa->doubt = 1;
	if (ike_buf_set(&sa->cand[sa->ncand], d->rest) == 0) {
		sa->cand_from = *d;
		sa->ncand++;
	}
	return (1);
}

/* Back to where message 1 had just been sent, and there it is answered. */
void
ike1_candidate(struct ike *ike, struct sa *sa)
{
	struct m_net_dgram	 d = sa->cand_from;
	struct buf		 b = sa->cand[--sa->ncand];
	struct ike1		*v = sa->v1;
	struct ike_hdr		 h;
	struct rd		 r;
	const char		*why;

	memset(&sa->cand[sa->ncand], 0, sizeof(sa->cand[0]));
	ike_close_handle(ike, sa->tun, sa->handle);
	sa->handle = 0;
	ike1_frags_free(v);
	explicit_bzero(&v->a, sizeof(v->a));
	explicit_bzero(&v->e, sizeof(v->e));
	v->natt = v->dpd = v->frag = 0;
	v->st = ST1_MM1;
	sa->state = S_INIT_I;
	sa->spi_r = 0;
	memset(sa->digest, 0, sizeof(sa->digest));
	ike_timer_off(ike, &sa->t_own);
	sa->own.sent = 1;
	sa->remote = d.remote;
	sa->float_ = !!(d.flags & NETF_4500);
	d.rest = r = BUF_RD(&b);
	if (pld_hdr(&r, &h, &why) == 0)
		ike1_recv(ike, &d, &h);
	ike_buf_free(&b);
	if (v->st == ST1_MM1 && sa->wait == W_NONE && sa->state == S_INIT_I)
		ike_tun_failed(ike, sa, R_NO_ANSWER, "");
}
