/* SPDX-License-Identifier: ISC */

/*
 * exch1.c: quick mode: the keys of a pair of SAs (RFC 2409 section 5.5).
 * Only on a proved handle of IKEv1; our nonce and key pair come by CSTART
 * (exch.c) or are made here.
 */

#include "kdf1.h"
#include "keys_self.h"

enum { PROTO_AH = 2, PROTO_ESP };	/* RFC 2407 section 4.4.1 */

/* The keys of both SAs, with what is ours of the exchange in f. */
static int
pair(struct keys *k, const struct ipc_msg *m, const struct m_k1_child *b,
    const struct khandle *h, const struct algs *a, const struct khalf *f,
    int first)
{
	struct keys1_qm	 q;
	struct m_s_pair	 p;
	struct rd	 own = keys_pair_ke(&f->pair), ours;
	uint8_t		 gqm[ALG_DHMAX];
	size_t		 n;
	int		 err;

	if (!keys_nonce_good(b->nonce, f, NONCE1_MIN))
		return (KERR_MESSAGE);
	if ((own.n > 0 && b->ke.n == own.n &&
	    memcmp(b->ke.p, own.p, own.n) == 0) ||
	    keys_pair_shared(&f->pair, b->ke, gqm, &n))
		return (KERR_KE);
	ours = rd_of(f->nonce, sizeof(f->nonce));
	memset(&p, 0, sizeof(p));
	q.prf = h->a.prf;
	q.d = h->d;
	q.gqm = rd_of(gqm, n);
	q.proto = b->proto;
	q.ni = first ? ours : b->nonce;
	q.nr = first ? b->nonce : ours;
	err = KERR_CRYPTO;
	if (keys1_child(&q, b->spi_in, b->spi_out, a, &p) == 0)
		err = keys_send_pair(k, m, h, a, b->sa, &p);
	explicit_bzero(&p, sizeof(p));
	explicit_bzero(gqm, sizeof(gqm));
	return (err);
}

/*
 * All that can be said against the request itself.  With one SPI for both
 * directions both SAs would have the same keys.
 */
static int
refuse(const struct tunnel *t, const struct m_k1_child *b, struct algs *a)
{
	int	 err;

	if ((err = keys_child_algs(t, b->encr, b->integ, b->dh, a)) != KERR_OK)
		return (err);
	if (b->proto != (a->encr == NULL ? PROTO_AH : PROTO_ESP) ||
	    (a->encr != NULL && a->encr->p2 == 0) ||
	    (a->integ != NULL && a->integ->p2 == 0) ||
	    (a->dh != NULL && a->dh->p1 == 0))
		return (KERR_ALG);
	if (b->spi_in == 0 || b->spi_out == 0 || b->spi_in == b->spi_out)
		return (KERR_MESSAGE);
	return (KERR_OK);
}

int
keys1_new_child(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k1_child	*b = body;
	struct m_k_child_r	 r;
	const struct tunnel	*t;
	struct khandle		*h, *c;
	struct khalf		 f;
	struct algs		 a;
	int			 err;

	(void)now;
	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	r.handle = b->handle;
	if ((err = keys_proved(k, m, b->handle, 1, &h, &t)) != KERR_OK ||
	    (err = refuse(t, b, &a)) != KERR_OK)
		goto out;
	if (b->chandle != 0) {
		err = KERR_STATE;
		c = keys_waiting(k, h, b->chandle, KH_CHILD, b->dh);
		if (c == NULL)
			goto out;
		err = pair(k, m, b, h, &a, c->half, 1);
		khandle_close(&k->handles, c);	/* used, well or not */
	} else if ((err = keys_fresh(k, &f, a.dh)) == KERR_OK &&
	    (err = pair(k, m, b, h, &a, &f, 0)) == KERR_OK) {
		r.nonce = rd_of(f.nonce, sizeof(f.nonce));
		r.ke = keys_pair_ke(&f.pair);
	}
 out:
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_CHILD_R, err, &r);
	explicit_bzero(&f, sizeof(f));
	return (0);
}
