/* SPDX-License-Identifier: ISC */

/* kdf1.c: SKEYID, HASH and KEYMAT of RFC 2409, in the order of the text. */

#include "kdf1.h"

int
keys1_skeyid(const struct alg *a, struct rd psk, struct rd ni, struct rd nr,
    uint8_t *out)
{
	struct rd	 in[2];

	in[0] = ni;
	in[1] = nr;
	return (prf(a, psk, in, nitems(in), out));
}

int
keys1_sk(const struct alg *a, const uint8_t *skeyid, struct rd gxy,
    const uint8_t *cky_i, const uint8_t *cky_r, struct keys1_sk *sk)
{
	struct rd	 in[5], key = rd_of(skeyid, a->outlen);
	uint8_t		*out[3], n;

	memset(sk, 0, sizeof(*sk));
	out[0] = sk->d;
	out[1] = sk->a;
	out[2] = sk->e;
	in[0] = rd_of(NULL, 0);
	in[1] = gxy;
	in[2] = rd_of(cky_i, 8);
	in[3] = rd_of(cky_r, 8);
	in[4] = rd_of(&n, 1);
	for (n = 0; n < nitems(out); n++) {
		if (prf(a, key, in, nitems(in), out[n])) {
			explicit_bzero(sk, sizeof(*sk));
			return (-1);
		}
		in[0] = rd_of(out[n], a->outlen);
	}
	return (0);
}

int
keys1_cipher_key(const struct alg *a, const uint8_t *e, const struct alg *encr,
    struct keyoct *key)
{
	static const uint8_t	 zero;
	struct rd		 k = rd_of(e, a->outlen), in = rd_of(&zero, 1);
	uint8_t			 t[ALG_KEYMAX];
	size_t			 n, at = 0;
	int			 rv = -1;

	memset(key, 0, sizeof(*key));
	key->len = encr->keylen;
	if (encr->keylen > sizeof(key->d))
		return (-1);
	if (encr->keylen <= a->outlen) {
		memcpy(key->d, e, encr->keylen);
		return (0);
	}
	for (; at < encr->keylen; at += n) {
		if (prf(a, k, &in, 1, t))
			goto out;
		in = rd_of(t, a->outlen);
		n = encr->keylen - at < a->outlen ? encr->keylen - at :
		    a->outlen;
		memcpy(key->d + at, t, n);
	}
	rv = 0;
 out:
	explicit_bzero(t, sizeof(t));
	return (rv);
}

int
keys1_hash(const struct keys1_hash *h, uint8_t *out)
{
	struct rd	 in[6];

	in[0] = h->gx;
	in[1] = h->gx_peer;
	in[2] = rd_of(h->cky, 8);
	in[3] = rd_of(h->cky_peer, 8);
	in[4] = h->sai;
	in[5] = h->id;
	return (prf(h->prf, rd_of(h->skeyid, h->prf->outlen), in, nitems(in),
	    out));
}

int
keys1_keymat(const struct keys1_qm *q, uint32_t spi, uint8_t *out, size_t n)
{
	struct rd	 in[5], key = rd_of(q->d, q->prf->outlen);
	struct wr	 w;
	uint8_t		 t[ALG_KEYMAX], head[5];
	size_t		 len;

	w = wr_of(head, sizeof(head));
	wr_u8(&w, q->proto);
	wr_u32(&w, spi);
	in[0] = rd_of(NULL, 0);
	in[1] = q->gqm;
	in[2] = rd_of(head, sizeof(head));
	in[3] = q->ni;
	in[4] = q->nr;
	for (; n > 0; n -= len, out += len) {
		if (prf(q->prf, key, in, nitems(in), t))
			break;
		in[0] = rd_of(t, q->prf->outlen);
		len = n < q->prf->outlen ? n : q->prf->outlen;
		memcpy(out, t, len);
	}
	explicit_bzero(t, sizeof(t));
	return (n == 0 ? 0 : -1);
}

/* The keys of one SA. */
static int
one(const struct keys1_qm *q, uint32_t spi, const struct algs *child,
    struct keyoct *e, struct keyoct *i)
{
	struct rd	 r;
	uint8_t		 t[2 * KEYOCT_MAX];
	size_t		 n;
	int		 rv = -1;

	e->len = child->encr == NULL ? 0 :
	    (uint16_t)(child->encr->keylen + child->encr->saltlen);
	i->len = child->integ != NULL ? child->integ->keylen : 0;
	if (e->len > sizeof(e->d) || i->len > sizeof(i->d))
		return (-1);
	n = (size_t)e->len + i->len;
	r = rd_of(t, n);
	if (keys1_keymat(q, spi, t, n) == 0 && rd_copy(&r, e->d, e->len) == 0 &&
	    rd_copy(&r, i->d, i->len) == 0 && rd_end(&r) == 0)
		rv = 0;
	explicit_bzero(t, sizeof(t));
	return (rv);
}

int
keys1_child(const struct keys1_qm *q, uint32_t spi_in, uint32_t spi_out,
    const struct algs *child, struct m_s_pair *p)
{
	return (one(q, spi_in, child, &p->ein, &p->ain) ||
	    one(q, spi_out, child, &p->eout, &p->aout) ? -1 : 0);
}
