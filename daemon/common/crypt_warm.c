/* SPDX-License-Identifier: ISC */

/*
 * crypt_warm.c: the self-test at start.  Each row of the algorithm table
 * has a known answer here; a row that libcrypto cannot do (a restricted
 * provider) is switched off, a wrong answer is fatal to the caller.  As a
 * side effect everything that libcrypto loads on first use is loaded before
 * the sandbox closes.
 */

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "crypt.h"
#include "crypt_dh.h"

enum { KAT_LEN = 16, ROWS_MAX = 64 };

/* Rows that failed; written once at start, read only from then on. */
static uint8_t	off[ROWS_MAX];

/*
 * First octets of an answer, by IKEv2 transform.
 *
 * ENCR: key and salt are 0, 1, 2 ...; iv zero; aad "aad" with an AEAD;
 * plaintext 0 .. 31.  The tag, or the last 16 octets (made with libgcrypt).
 * INTEG, PRF: RFC 4231 section 4.2 and RFC 2202 section 3, test case 1.
 * DH: ECP: x of 2G; X25519: RFC 7748 section 5.2, first iteration (private
 * and public value are 9); MODP of n bits: 2^n mod p, which begins alike
 * for all primes of RFC 2409 and 3526 (2^n - p; their upper half is pi).
 */
static const struct kat {
	uint8_t		 type;
	uint16_t	 id, bits;
	uint8_t		 out[KAT_LEN];
} kats[] = {
 { ALG_ENCR, 20, 256, { 0x3d, 0x31, 0xe3, 0x75, 0xda, 0x64, 0xf4, 0x6e,
	0xf4, 0x3b, 0x26, 0xf5, 0xe6, 0x30, 0x1c, 0x9e } },
 { ALG_ENCR, 20, 128, { 0xc1, 0xa0, 0x35, 0x6c, 0x6e, 0x6f, 0x18, 0x06,
	0x63, 0x92, 0x2d, 0xd4, 0x8f, 0x80, 0x9d, 0x5d } },
 { ALG_ENCR, 28, 0, { 0x9a, 0x13, 0xf4, 0x24, 0x6c, 0xa8, 0xeb, 0x36,
	0x91, 0xcf, 0xd1, 0x53, 0x09, 0xeb, 0xbe, 0xd4 } },
 { ALG_ENCR, 12, 256, { 0xc7, 0x71, 0x47, 0xeb, 0xd5, 0x12, 0x1d, 0xe8,
	0xd0, 0xfa, 0xe7, 0x76, 0x24, 0x23, 0xb6, 0xbf } },
 { ALG_ENCR, 12, 192, { 0xb9, 0x77, 0x00, 0x09, 0xa0, 0x6c, 0xb2, 0xd7,
	0xf6, 0xf2, 0x96, 0xbe, 0x87, 0x8b, 0xb3, 0x27 } },
 { ALG_ENCR, 12, 128, { 0x3c, 0xf4, 0x56, 0xb4, 0xca, 0x48, 0x8a, 0xa3,
	0x83, 0xc7, 0x9c, 0x98, 0xb3, 0x47, 0x97, 0xcb } },
 { ALG_ENCR, 3, 0, { 0x06, 0x76, 0x64, 0xa7, 0xf6, 0x26, 0x2d, 0x60,
	0xed, 0xb2, 0xc9, 0xb0, 0x43, 0xc9, 0xec, 0xce } },

#define HMAC_SHA1	{ 0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, \
	0xe2, 0x8b, 0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e }
#define HMAC_SHA256	{ 0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, \
	0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1, 0x2b }
#define HMAC_SHA384	{ 0xaf, 0xd0, 0x39, 0x44, 0xd8, 0x48, 0x95, 0x62, \
	0x6b, 0x08, 0x25, 0xf4, 0xab, 0x46, 0x90, 0x7f }
#define HMAC_SHA512	{ 0x87, 0xaa, 0x7c, 0xde, 0xa5, 0xef, 0x61, 0x9d, \
	0x4f, 0xf0, 0xb4, 0x24, 0x1a, 0x1d, 0x6c, 0xb0 }
 { ALG_PRF, 1, 0, { 0x92, 0x94, 0x72, 0x7a, 0x36, 0x38, 0xbb, 0x1c,
	0x13, 0xf4, 0x8e, 0xf8, 0x15, 0x8b, 0xfc, 0x9d } },
 { ALG_PRF, 2, 0, HMAC_SHA1 },
 { ALG_PRF, 5, 0, HMAC_SHA256 },
 { ALG_PRF, 6, 0, HMAC_SHA384 },
 { ALG_PRF, 7, 0, HMAC_SHA512 },
 { ALG_INTEG, 2, 0, HMAC_SHA1 },
 { ALG_INTEG, 12, 0, HMAC_SHA256 },
 { ALG_INTEG, 13, 0, HMAC_SHA384 },
 { ALG_INTEG, 14, 0, HMAC_SHA512 },

 { ALG_DH, 31, 0, { 0x42, 0x2c, 0x8e, 0x7a, 0x62, 0x27, 0xd7, 0xbc,
	0xa1, 0x35, 0x0b, 0x3e, 0x2b, 0xb7, 0x27, 0x9f } },
 { ALG_DH, 19, 0, { 0x7c, 0xf2, 0x7b, 0x18, 0x8d, 0x03, 0x4f, 0x7e,
	0x8a, 0x52, 0x38, 0x03, 0x04, 0xb5, 0x1a, 0xc3 } },
 { ALG_DH, 20, 0, { 0x08, 0xd9, 0x99, 0x05, 0x7b, 0xa3, 0xd2, 0xd9,
	0x69, 0x26, 0x00, 0x45, 0xc5, 0x5b, 0x97, 0xf0 } },
 { ALG_DH, 21, 0, { 0x00, 0x43, 0x3c, 0x21, 0x90, 0x24, 0x27, 0x7e,
	0x7e, 0x68, 0x2f, 0xcb, 0x28, 0x81, 0x48, 0xc2 } },
#define TWO_POW_N	{ 0, 0, 0, 0, 0, 0, 0, 0, \
	0x36, 0xf0, 0x25, 0x5d, 0xde, 0x97, 0x3d, 0xcb }
 { ALG_DH, 2, 0, TWO_POW_N },
 { ALG_DH, 5, 0, TWO_POW_N },
 { ALG_DH, 14, 0, TWO_POW_N },
 { ALG_DH, 15, 0, TWO_POW_N },
 { ALG_DH, 16, 0, TWO_POW_N },
 { ALG_DH, 17, 0, TWO_POW_N },
 { ALG_DH, 18, 0, TWO_POW_N },
};

int
alg_usable(const struct alg *a)
{
	const struct alg	*rows;
	size_t			 n;

	rows = alg_rows(&n);
	return (a >= rows && a < rows + n && a < rows + ROWS_MAX &&
	    !off[a - rows]);
}

/* The answer of a cipher; and a forged packet must not open. */
static int
answer_encr(const struct alg *a, uint8_t *out)
{
	static const uint8_t	 iv[16], ik[ALG_KEYMAX] = { 1 };
	const struct alg	*integ = NULL;
	struct crypt		*s, *o;
	struct rd		 aad = rd_of("aad", 3), none = rd_of(NULL, 0);
	uint8_t			 ek[ALG_KEYMAX], p[32], icv[32];
	size_t			 i;
	int			 rv = -1;

	for (i = 0; i < sizeof(ek); i++)
		ek[i] = (uint8_t)i;
	for (i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)i;
	if (!(a->flags & ALG_AEAD))
		integ = alg_wire(ALG_INTEG, 12, 0);
	s = crypt_new(a, integ, ek, ik, 1);
	o = crypt_new(a, integ, ek, ik, 0);
	if (s == NULL || o == NULL ||
	    crypt_seal(s, aad, iv, p, sizeof(p), none, icv))
		goto out;
	memcpy(out, integ == NULL ? icv : p + 16, KAT_LEN);
	icv[0] ^= 1;
	if (crypt_open(o, aad, iv, p, sizeof(p), none, icv) == 0)
		memset(out, 0, KAT_LEN);	/* a wrong answer */
	if (integ != NULL && (crypt_cbc(a, ek, iv, p, sizeof(p), 0) ||
	    p[0] != 0 || p[31] != 31))
		memset(out, 0, KAT_LEN);
	rv = 0;
 out:
	crypt_free(s);
	crypt_free(o);
	return (rv);
}

/* HMAC by hash() alone (RFC 2104): has it the same answer? */
static int
hash_agrees(const struct alg *a, struct rd key, struct rd in,
    const uint8_t *mac)
{
	struct rd	 v[2];
	uint8_t		 pad[2][128], x[ALG_KEYMAX];
	size_t		 i, block = a->outlen > 32 ? 128 : 64;

	memset(pad[0], 0x36, sizeof(pad[0]));
	memset(pad[1], 0x5c, sizeof(pad[1]));
	for (i = 0; i < key.n; i++) {
		pad[0][i] ^= key.p[i];
		pad[1][i] ^= key.p[i];
	}
	v[0] = rd_of(pad[0], block);
	v[1] = in;
	if (hash(a, v, 2, x))
		return (0);
	v[0] = rd_of(pad[1], block);
	v[1] = rd_of(x, a->outlen);
	return (hash(a, v, 2, x) == 0 && memcmp(x, mac, a->outlen) == 0);
}

/* An integrity row is only seen through the prf of the same hash. */
static int
answer_prf(const struct alg *a, uint8_t *out)
{
	struct rd	 in = rd_of("Hi There", 8), k;
	uint8_t		 key[20], mac[ALG_KEYMAX];

	if (a->type == ALG_INTEG && (a = alg_prf_of(a)) == NULL)
		return (-1);
	memset(key, 0x0b, sizeof(key));
	k = rd_of(key, a->outlen < sizeof(key) ? a->outlen : sizeof(key));
	if (prf(a, k, &in, 1, mac))
		return (-1);
	if (hash_agrees(a, k, in, mac))
		memcpy(out, mac, KAT_LEN);	/* else a wrong answer */
	return (0);
}

static int
answer_dh(const struct alg *a, uint8_t *out)
{
	uint8_t	 priv[DH_PRIVMAX], ke[ALG_DHMAX], z[ALG_DHMAX];
	size_t	 n;

	memset(priv, 0, sizeof(priv));
	if ((n = crypt_dh_privlen(a)) < 2 || n > sizeof(priv))
		return (-1);
	if (a->dh == DH_X25519) {
		priv[0] = 9;		/* little-endian */
		if (crypt_dh_public(a, priv, ke) ||
		    crypt_dh_shared(a, priv, rd_of(priv, n), z))
			return (-1);
		memcpy(out, z, KAT_LEN);
		return (0);
	}
	if (a->dh == DH_EC)
		priv[n - 1] = 1;	/* the scalar is one more */
	else {
		priv[n - 2] = (uint8_t)(a->outlen * 8 >> 8);
		priv[n - 1] = (uint8_t)(a->outlen * 8);
	}
	if (crypt_dh_public(a, priv, ke))
		return (-1);
	memcpy(out, ke, KAT_LEN);
	/* and once the other way, with what is a good public value */
	return (crypt_dh_shared(a, priv, rd_of(ke, a->keylen), z));
}

static const struct kat *
kat_of(const struct alg *a)
{
	size_t	 i;

	for (i = 0; i < nitems(kats); i++)
		if (kats[i].type == a->type && kats[i].id == a->id &&
		    kats[i].bits == a->bits)
			return (&kats[i]);
	return (NULL);
}

/* 1: works; 0: libcrypto cannot do it; -1: a wrong answer. */
static int
row_test(const struct alg *a)
{
	const struct kat	*k;
	uint8_t			 out[KAT_LEN];
	int			 rv;

	if ((k = kat_of(a)) == NULL)
		return (0);		/* not tested is not used */
	memset(out, 0, sizeof(out));
	if (a->type == ALG_ENCR)
		rv = answer_encr(a, out);
	else if (a->type == ALG_DH)
		rv = answer_dh(a, out);
	else
		rv = answer_prf(a, out);
	if (rv == -1)
		return (0);
	return (memcmp(out, k->out, KAT_LEN) == 0 ? 1 : -1);
}

int
crypt_warmup(void)
{
	const struct alg	*rows;
	struct rd		 in = rd_of("abc", 3);
	uint8_t			 b[32];
	size_t			 i, n;
	int			 r, good = 0, wrong = 0;

	/* no openssl.cnf: what it may load was never part of our tests */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return (-1);
	if (crypt_random(b, sizeof(b)) || sha1(&in, 1, b) ||
	    memcmp(b, "\xa9\x99\x3e\x36", 4) != 0)
		return (-1);
	rows = alg_rows(&n);
	for (i = 0; i < n && i < ROWS_MAX; i++) {
		r = row_test(&rows[i]);
		off[i] = r != 1;
		good += r == 1;
		wrong += r == -1;
	}
	ERR_clear_error();
	return (wrong ? -1 : good);
}
