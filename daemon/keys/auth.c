/* SPDX-License-Identifier: ISC */

/* auth.c: AUTH by a shared secret, and the ID payload that it covers. */

#include "auth.h"

static const char	pad[] = "Key Pad for IKEv2";	/* 17 octets, no NUL */

int
keys_auth_psk(const struct keys_auth *a, uint8_t *out)
{
	struct rd	 in[3], p;
	uint8_t		 maced[ALG_KEYMAX], key[ALG_KEYMAX];
	int		 rv = -1;

	p = rd_of(pad, sizeof(pad) - 1);
	if (prf(a->prf, a->psk, &p, 1, key) ||
	    prf(a->prf, rd_of(a->skp, a->prf->outlen), &a->id, 1, maced))
		goto out;
	in[0] = a->init;
	in[1] = a->nonce;
	in[2] = rd_of(maced, a->prf->outlen);
	rv = prf(a->prf, rd_of(key, a->prf->outlen), in, nitems(in), out);
 out:
	explicit_bzero(key, sizeof(key));
	explicit_bzero(maced, sizeof(maced));
	return (rv);
}

void
keys_id_put(struct wr *w, const struct ident *id)
{
	wr_u8(w, id->type);
	wr_zero(w, 3);
	wr_put(w, id->d, id->len);
}

int
keys_id_is(struct rd body, const struct ident *id)
{
	uint8_t	 type;

	/* the reserved octets are ignored, RFC 7296 section 3.5; AUTH covers
	 * them as they came */
	if (rd_u8(&body, &type) || rd_skip(&body, 3))
		return (0);
	return (type == id->type && body.n == id->len && body.n > 0 &&
	    memcmp(body.p, id->d, id->len) == 0);
}
