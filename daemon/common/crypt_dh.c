/* SPDX-License-Identifier: ISC */

/*
 * crypt_dh.c: Diffie-Hellman: MODP (RFC 2409, 3526), ECP (RFC 5903),
 * X25519 (RFC 8031).
 *
 * Private values are handed in, so that a replay of a handshake needs no
 * more than its random octets.  All operations on them are libcrypto's
 * constant-time ones.
 */

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "crypt_dh.h"

/* --- MODP --- */

static const struct modp {
	uint16_t	 len;		/* octets of the prime */
	uint16_t	 privlen;	/* octets of an exponent */
	BIGNUM		*(*prime)(BIGNUM *);
} modps[] = {
	{ 128,	32,	BN_get_rfc2409_prime_1024 },
	{ 192,	32,	BN_get_rfc3526_prime_1536 },
	{ 256,	32,	BN_get_rfc3526_prime_2048 },
	{ 384,	40,	BN_get_rfc3526_prime_3072 },
	{ 512,	48,	BN_get_rfc3526_prime_4096 },
	{ 768,	48,	BN_get_rfc3526_prime_6144 },
	{ 1024,	56,	BN_get_rfc3526_prime_8192 },
};

static const struct modp *
modp_of(const struct alg *dh)
{
	size_t	 i;

	for (i = 0; i < nitems(modps); i++)
		if (modps[i].len == dh->outlen)
			return (&modps[i]);
	return (NULL);
}

/* out = base ^ priv mod p, padded to the length of p. */
static int
modp_power(const struct modp *g, const BIGNUM *p, const BIGNUM *base,
    const uint8_t *priv, uint8_t *out, BN_CTX *ctx)
{
	BIGNUM	*x, *y;
	int	 rv = -1;

	x = BN_bin2bn(priv, g->privlen, NULL);
	y = BN_new();
	if (x == NULL || y == NULL)
		goto out;
	BN_set_flags(x, BN_FLG_CONSTTIME);
	if (BN_mod_exp_mont_consttime(y, base, x, p, ctx, NULL) == 1 &&
	    BN_bn2binpad(y, out, g->len) == g->len)
		rv = 0;
 out:
	BN_clear_free(x);
	BN_clear_free(y);
	return (rv);
}

/* ke NULL: the public value, base 2; else the shared secret with ke. */
static int
modp_run(const struct alg *dh, const uint8_t *priv, const struct rd *ke,
    uint8_t *out)
{
	const struct modp	*g;
	BN_CTX			*ctx;
	BIGNUM			*p = NULL, *base = NULL, *top = NULL;
	int			 rv = -1;

	if ((g = modp_of(dh)) == NULL || (ke != NULL && ke->n != g->len))
		return (-1);
	ctx = BN_CTX_new();
	p = g->prime(NULL);
	top = BN_dup(p);
	base = ke != NULL ? BN_bin2bn(ke->p, (int)ke->n, NULL) : BN_new();
	if (ctx == NULL || p == NULL || top == NULL || base == NULL)
		goto out;
	if (ke == NULL && BN_set_word(base, 2) != 1)
		goto out;
	/* 2 <= y <= p - 2: RFC 6989 section 2.1 */
	if (BN_sub_word(top, 1) != 1 || BN_is_zero(base) || BN_is_one(base) ||
	    BN_cmp(base, top) >= 0)
		goto out;
	rv = modp_power(g, p, base, priv, out, ctx);
 out:
	BN_free(base);
	BN_free(top);
	BN_free(p);
	BN_CTX_free(ctx);
	return (rv);
}

/* --- ECP --- */

static EC_GROUP *
ec_group(const struct alg *dh)
{
	switch (dh->outlen) {
	case 32:
		return (EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
	case 48:
		return (EC_GROUP_new_by_curve_name(NID_secp384r1));
	case 66:
		return (EC_GROUP_new_by_curve_name(NID_secp521r1));
	}
	return (NULL);
}

/*
 * d = (priv mod (n - 1)) + 1, FIPS 186-5 A.2.1: 64 bits more than the order
 * make the bias negligible.
 */
static BIGNUM *
ec_scalar(const EC_GROUP *g, const uint8_t *priv, size_t n, BN_CTX *ctx)
{
	BIGNUM	*d, *m;

	d = BN_bin2bn(priv, (int)n, NULL);
	m = BN_dup(EC_GROUP_get0_order(g));
	if (d == NULL || m == NULL)
		goto bad;
	BN_set_flags(d, BN_FLG_CONSTTIME);
	if (BN_sub_word(m, 1) != 1 || BN_mod(d, d, m, ctx) != 1 ||
	    BN_add_word(d, 1) != 1)
		goto bad;
	BN_free(m);
	return (d);
 bad:
	BN_clear_free(d);
	BN_free(m);
	return (NULL);
}

/* The peer's point from x | y; NULL if it is not one of the curve. */
static EC_POINT *
ec_point(const EC_GROUP *g, struct rd ke, size_t flen, BN_CTX *ctx)
{
	EC_POINT	*q;
	BIGNUM		*x, *y;

	if (ke.n != 2 * flen)
		return (NULL);
	x = BN_bin2bn(ke.p, (int)flen, NULL);
	y = BN_bin2bn(ke.p + flen, (int)flen, NULL);
	q = EC_POINT_new(g);
	/* refuses coordinates beyond the field and points off the curve; the
	 * cofactor is 1, so nothing else is left to check (RFC 6989 2.3) */
	if (x == NULL || y == NULL || q == NULL ||
	    EC_POINT_set_affine_coordinates(g, q, x, y, ctx) != 1 ||
	    EC_POINT_is_on_curve(g, q, ctx) != 1 ||
	    EC_POINT_is_at_infinity(g, q)) {
		EC_POINT_free(q);
		q = NULL;
	}
	BN_free(x);
	BN_free(y);
	return (q);
}

/* Coordinates of q, padded to the field; y is left out if yes is 0. */
static int
ec_write(const EC_GROUP *g, const EC_POINT *q, size_t flen, int yes,
    uint8_t *out, BN_CTX *ctx)
{
	BIGNUM	*x, *y;
	int	 rv = -1;

	x = BN_new();
	y = BN_new();
	if (x != NULL && y != NULL &&
	    EC_POINT_get_affine_coordinates(g, q, x, y, ctx) == 1 &&
	    BN_bn2binpad(x, out, (int)flen) == (int)flen &&
	    (!yes || BN_bn2binpad(y, out + flen, (int)flen) == (int)flen))
		rv = 0;
	BN_clear_free(x);
	BN_clear_free(y);
	return (rv);
}

static int
ec_run(const struct alg *dh, const uint8_t *priv, const struct rd *ke,
    uint8_t *out)
{
	EC_POINT	*q = NULL, *r = NULL;
	EC_GROUP	*g;
	BN_CTX		*ctx;
	BIGNUM		*d = NULL;
	int		 ok, rv = -1;

	g = ec_group(dh);
	ctx = BN_CTX_new();
	if (g == NULL || ctx == NULL)
		goto out;
	d = ec_scalar(g, priv, dh->outlen + 8, ctx);
	r = EC_POINT_new(g);
	if (d == NULL || r == NULL)
		goto out;
	if (ke != NULL && (q = ec_point(g, *ke, dh->outlen, ctx)) == NULL)
		goto out;
	if (ke != NULL)
		ok = EC_POINT_mul(g, r, NULL, q, d, ctx) == 1;
	else
		ok = EC_POINT_mul(g, r, d, NULL, NULL, ctx) == 1;
	if (ok && !EC_POINT_is_at_infinity(g, r))
		rv = ec_write(g, r, dh->outlen, ke == NULL, out, ctx);
 out:
	BN_clear_free(d);
	EC_POINT_clear_free(r);
	EC_POINT_free(q);
	BN_CTX_free(ctx);
	EC_GROUP_free(g);
	return (rv);
}

/* --- X25519 --- */

enum { X25519_LEN = 32 };

static int
x25519_public(const uint8_t *priv, uint8_t *out)
{
	EVP_PKEY	*k;
	size_t		 n = X25519_LEN;
	int		 rv = -1;

	k = EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, priv,
	    X25519_LEN);
	if (k != NULL && EVP_PKEY_get_raw_public_key(k, out, &n) == 1 &&
	    n == X25519_LEN)
		rv = 0;
	EVP_PKEY_free(k);
	return (rv);
}

static int
x25519_shared(const uint8_t *priv, struct rd ke, uint8_t *out)
{
	static const uint8_t	 zero[X25519_LEN];
	EVP_PKEY_CTX		*c = NULL;
	EVP_PKEY		*k, *peer = NULL;
	size_t			 n = X25519_LEN;
	int			 rv = -1;

	if (ke.n != X25519_LEN)
		return (-1);
	k = EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, priv,
	    X25519_LEN);
	peer = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, ke.p, ke.n);
	if (k == NULL || peer == NULL)
		goto out;
	c = EVP_PKEY_CTX_new_from_pkey(NULL, k, NULL);
	if (c != NULL && EVP_PKEY_derive_init(c) == 1 &&
	    EVP_PKEY_derive_set_peer(c, peer) == 1 &&
	    EVP_PKEY_derive(c, out, &n) == 1 && n == X25519_LEN &&
	    CRYPTO_memcmp(out, zero, sizeof(zero)) != 0)
		rv = 0;
 out:
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(k);
	return (rv);
}

/* --- all of them --- */

size_t
crypt_dh_privlen(const struct alg *dh)
{
	const struct modp	*g;

	switch (dh->dh) {
	case DH_MODP:
		return ((g = modp_of(dh)) != NULL ? g->privlen : 0);
	case DH_EC:
		return (dh->outlen + 8);
	case DH_X25519:
		return (X25519_LEN);
	}
	return (0);
}

int
crypt_dh_public(const struct alg *dh, const uint8_t *priv, uint8_t *ke)
{
	switch (dh->dh) {
	case DH_MODP:
		return (modp_run(dh, priv, NULL, ke));
	case DH_EC:
		return (ec_run(dh, priv, NULL, ke));
	case DH_X25519:
		return (x25519_public(priv, ke));
	}
	return (-1);
}

int
crypt_dh_shared(const struct alg *dh, const uint8_t *priv, struct rd ke,
    uint8_t *gir)
{
	int	 rv = -1;

	switch (dh->dh) {
	case DH_MODP:
		rv = modp_run(dh, priv, &ke, gir);
		break;
	case DH_EC:
		rv = ec_run(dh, priv, &ke, gir);
		break;
	case DH_X25519:
		rv = x25519_shared(priv, ke, gir);
		break;
	}
	if (rv == -1)
		OPENSSL_cleanse(gir, dh->outlen);
	return (rv);
}
