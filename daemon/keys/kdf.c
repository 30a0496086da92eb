/* SPDX-License-Identifier: ISC */

/* kdf.c: SKEYSEED, SK_* and KEYMAT of RFC 7296, in the order of the text. */

#include "kdf.h"

int
keys_skeyseed(const struct alg *a, struct rd ni, struct rd nr, struct rd gir,
    uint8_t *out)
{
	struct wr	 w;
	uint8_t		 key[512];
	int		 rv;

	w = wr_of(key, sizeof(key));
	wr_put(&w, ni.p, ni.n);
	wr_put(&w, nr.p, nr.n);
	if (wr_end(&w))
		return (-1);
	rv = prf(a, rd_of(key, w.n), &gir, 1, out);
	explicit_bzero(key, sizeof(key));
	return (rv);
}

int
keys_skeyseed_rekey(const struct alg *oldprf, const uint8_t *old_d,
    struct rd gir, struct rd ni, struct rd nr, uint8_t *out)
{
	struct rd	 in[3];

	in[0] = gir;
	in[1] = ni;
	in[2] = nr;
	return (prf(oldprf, rd_of(old_d, oldprf->outlen), in, nitems(in), out));
}

static size_t
encr_len(const struct alg *encr)
{
	return (encr == NULL ? 0 : (size_t)encr->keylen + encr->saltlen);
}

/* The next n octets of the key stream. */
static int WUR
cut(struct rd *r, size_t n, uint8_t *to, size_t max)
{
	return (n > max ? -1 : rd_copy(r, to, n));
}

static int WUR
cut_key(struct rd *r, size_t n, struct keyoct *k)
{
	k->len = (uint16_t)n;
	return (cut(r, n, k->d, sizeof(k->d)));
}

int
keys_sk(const struct algs *a, struct rd seed, struct rd ni, struct rd nr,
    const uint8_t *spi_i, const uint8_t *spi_r, struct keys_sk *k)
{
	struct rd	 in[4], r;
	uint8_t		 t[3 * ALG_KEYMAX + 4 * KEYOCT_MAX];
	size_t		 n, lp, la, le;
	int		 rv = -1;

	memset(k, 0, sizeof(*k));
	lp = a->prf->outlen;
	la = a->integ != NULL ? a->integ->keylen : 0;
	le = encr_len(a->encr);
	if ((n = 3 * lp + 2 * la + 2 * le) > sizeof(t))
		return (-1);
	in[0] = ni;
	in[1] = nr;
	in[2] = rd_of(spi_i, 8);
	in[3] = rd_of(spi_r, 8);
	if (prf_plus(a->prf, seed, in, nitems(in), t, n))
		goto out;
	r = rd_of(t, n);
	if (cut(&r, lp, k->d, sizeof(k->d)) || cut_key(&r, la, &k->ai) ||
	    cut_key(&r, la, &k->ar) || cut_key(&r, le, &k->ei) ||
	    cut_key(&r, le, &k->er) || cut(&r, lp, k->pi, sizeof(k->pi)) ||
	    cut(&r, lp, k->pr, sizeof(k->pr)) || rd_end(&r))
		goto out;
	rv = 0;
 out:
	explicit_bzero(t, sizeof(t));
	if (rv == -1)
		explicit_bzero(k, sizeof(*k));
	return (rv);
}

int
keys_keymat(const struct alg *a, const uint8_t *d, struct rd gir, struct rd ni,
    struct rd nr, uint8_t *out, size_t n)
{
	struct rd	 in[3];

	in[0] = gir;
	in[1] = ni;
	in[2] = nr;
	return (prf_plus(a, rd_of(d, a->outlen), in, nitems(in), out, n));
}

int
keys_child(const struct alg *a, const uint8_t *d, struct rd gir, struct rd ni,
    struct rd nr, const struct algs *child, int first, struct m_s_pair *p)
{
	struct keyoct	*e[2], *i[2];
	struct rd	 r;
	uint8_t		 t[4 * KEYOCT_MAX];
	size_t		 n, la, le;
	int		 x, rv = -1;

	la = child->integ != NULL ? child->integ->keylen : 0;
	le = encr_len(child->encr);
	if ((n = 2 * (le + la)) > sizeof(t))
		return (-1);
	e[0] = first ? &p->eout : &p->ein;
	i[0] = first ? &p->aout : &p->ain;
	e[1] = first ? &p->ein : &p->eout;
	i[1] = first ? &p->ain : &p->aout;
	if (keys_keymat(a, d, gir, ni, nr, t, n))
		goto out;
	r = rd_of(t, n);
	for (x = 0; x < 2; x++)
		if (cut_key(&r, le, e[x]) || cut_key(&r, la, i[x]))
			goto out;
	rv = 0;
 out:
	explicit_bzero(t, sizeof(t));
	return (rv);
}
