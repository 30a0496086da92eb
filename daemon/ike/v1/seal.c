/* SPDX-License-Identifier: ISC */

/*
 * seal.c: messages encrypted and hashed, RFC 2409 section 5.5 and appendix
 * B.  Encryption proves nothing; of quick mode and informational exchanges
 * the HASH does, and it is looked at before anything else.
 *
 *	first IV of main mode		hash(g^xi | g^xr)
 *	first IV of a later exchange	hash(last block of phase 1 | M-ID)
 */

#include "v1.h"

int
ike1_iv_main(struct sa *sa)
{
	struct rd	 in[2];
	uint8_t		 h[HASH1_MAX];

	in[0] = BUF_RD(&sa->v1->kei);
	in[1] = BUF_RD(&sa->v1->ker);
	if (hash(sa->a.prf, in, 2, h))
		return (-1);
	memcpy(sa->v1->iv, h, sa->a.encr->ivlen);
	return (0);
}

static struct rd
mid_view(uint32_t mid, uint8_t *b)
{
	struct wr	 w = wr_of(b, 4);

	wr_u32(&w, mid);
	return (rd_of(b, 4));
}

int
ike1_iv_phase2(const struct sa *sa, uint32_t mid, uint8_t *iv)
{
	struct rd	 in[2];
	uint8_t		 h[HASH1_MAX], m[4];

	in[0] = rd_of(sa->v1->iv, sa->a.encr->ivlen);
	in[1] = mid_view(mid, m);
	if (hash(sa->a.prf, in, 2, h))
		return (-1);
	memcpy(iv, h, sa->a.encr->ivlen);
	return (0);
}

int
ike1_prf_a(const struct sa *sa, const struct rd *in, size_t n, uint8_t *out)
{
	const struct keyoct	*a = &sa->v1->a;

	if (a->len == 0)
		return (-1);
	return (prf(sa->a.prf, rd_of(a->d, a->len), in, n, out));
}

/* ---- out ---- */

void
ike1_begin(struct ike *ike, const struct sa *sa, struct pld1_out *o,
    uint8_t exch, uint32_t mid)
{
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.spi_i = sa->spi_i;
	h.spi_r = sa->spi_r;
	h.exch = exch;
	h.mid = mid;
	pld1_start(o, ike->out, MSG_MAX, &h);
}

void
ike1_hash_begin(const struct sa *sa, struct pld1_out *o)
{
	pld1_begin(o, PLD1_HASH, 0);
	wr_zero(&o->w, sa->a.prf->outlen);
	pld1_end(o);
}

/* HASH(1), HASH(2): prf(SKEYID_a, M-ID [| Ni_b] | rest). */
static int
hash12(const struct sa *sa, uint32_t mid, struct rd nonce, struct rd rest,
    uint8_t *out)
{
	struct rd	 in[3];
	uint8_t		 m[4];

	in[0] = mid_view(mid, m);
	in[1] = nonce;
	in[2] = rest;
	return (ike1_prf_a(sa, in, 3, out));
}

int
ike1_hash_end(const struct sa *sa, struct pld1_out *o, uint32_t mid,
    struct rd nonce)
{
	uint8_t	 h[HASH1_MAX];

	if (wr_end(&o->w) || hash12(sa, mid, nonce,
	    rd_of(o->w.p + o->body, o->w.n - o->body), h))
		return (-1);
	memcpy(o->w.p + o->body - sa->a.prf->outlen, h, sa->a.prf->outlen);
	return (0);
}

/* HASH(3): prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b). */
int
ike1_hash3(const struct sa *sa, const struct qm *q, uint8_t *out)
{
	struct rd	 in[4];
	uint8_t		 m[4], zero = 0;

	in[0] = rd_of(&zero, 1);
	in[1] = mid_view(q->mid, m);
	in[2] = BUF_RD(&q->ni);
	in[3] = BUF_RD(&q->nr);
	return (ike1_prf_a(sa, in, 4, out));
}

int
ike1_seal(const struct sa *sa, struct pld1_out *o, uint8_t *iv)
{
	size_t	 block = sa->a.encr->blocklen, n;

	n = o->w.n - HDR_LEN;
	wr_zero(&o->w, (block - n % block) % block);
	if (pld1_done(o) || sa->v1->e.len != sa->a.encr->keylen)
		return (-1);
	n = o->w.n - HDR_LEN;
	o->w.p[19] |= HDR1_E;
	if (crypt_cbc(sa->a.encr, sa->v1->e.d, iv, o->w.p + HDR_LEN, n, 1))
		return (-1);
	memcpy(iv, o->w.p + o->w.n - sa->a.encr->ivlen, sa->a.encr->ivlen);
	return (0);
}

/* ---- in ---- */

int
ike1_open(struct ike *ike, const struct sa *sa, struct rd msg,
    const uint8_t *iv, uint8_t *next)
{
	const struct alg	*e = sa->a.encr;
	size_t			 n;

	if (msg.n > MSG_MAX || msg.n <= HDR_LEN || e == NULL ||
	    sa->v1->e.len != e->keylen)
		return (-1);
	n = msg.n - HDR_LEN;
	if (n % e->blocklen != 0)
		return (-1);
	memcpy(ike->in, msg.p, msg.n);
	memcpy(next, msg.p + msg.n - e->ivlen, e->ivlen);
	return (crypt_cbc(e, sa->v1->e.d, iv, ike->in + HDR_LEN, n, 0));
}

int
ike1_hash_ok(const struct sa *sa, const struct msg1 *m, struct rd nonce)
{
	uint8_t	 h[HASH1_MAX];

	if (m->p.n == 0 || m->p.p[0].type != PLD1_HASH)
		return (0);
	if (m->q != NULL && m->q->st == ST1_Q2) {
		if (ike1_hash3(sa, m->q, h))
			return (0);
	} else if (hash12(sa, m->h.mid, nonce, m->p.rest, h))
		return (0);
	return (ct_equal(m->p.p[0].b, rd_of(h, sa->a.prf->outlen)));
}
