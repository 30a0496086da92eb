/* SPDX-License-Identifier: ISC */

/*
 * crypt.c: seal, open, prf and the few hashes, on libcrypto's EVP.
 *
 * A key is prepared once: the fetch, the key schedule and the HMAC pads are
 * all done in crypt_new, a packet only sets its IV.  A struct crypt keeps
 * the state of the packet at hand, so two threads must not share one.
 */

#include <limits.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "crypt.h"

enum { NONCE_MAX = 16, ICV_MAX = 32, MAC_MAX = 64 };

struct crypt {
	const struct alg	*encr, *integ;	/* integ: NULL with an AEAD */
	EVP_CIPHER_CTX		*c;
	EVP_MAC_CTX		*m;		/* NULL with an AEAD */
	int			 seal;
	uint8_t			 nonce[NONCE_MAX];	/* salt, then IV */
};

/* An HMAC that has its key; EVP_MAC_init(m, NULL, 0, NULL) starts it again. */
static EVP_MAC_CTX *
hmac_new(const char *digest, const uint8_t *key, size_t n)
{
	OSSL_PARAM	 par[2];
	EVP_MAC_CTX	*m;
	EVP_MAC		*mac;
	char		 name[32];

	(void)strncpy(name, digest, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	par[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name,
	    0);
	par[1] = OSSL_PARAM_construct_end();
	if ((mac = EVP_MAC_fetch(NULL, "HMAC", NULL)) == NULL)
		return (NULL);
	m = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);		/* the context holds its own count */
	/* a NULL key would mean "the same as before": give an empty one */
	if (m != NULL && EVP_MAC_init(m, n > 0 ? key : (const uint8_t *)"", n,
	    par) != 1) {
		EVP_MAC_CTX_free(m);
		return (NULL);
	}
	return (m);
}

static int WUR
hmac_add(EVP_MAC_CTX *m, const struct rd *in, size_t nin)
{
	size_t	 i;

	for (i = 0; i < nin; i++)
		if (in[i].n > 0 && EVP_MAC_update(m, in[i].p, in[i].n) != 1)
			return (-1);
	return (0);
}

/* The whole MAC over all views: outlen octets into out, which has room for. */
static int WUR
hmac_all(EVP_MAC_CTX *m, const struct rd *in, size_t nin, uint8_t *out,
    size_t outlen)
{
	uint8_t	 mac[MAC_MAX];
	size_t	 n = 0;
	int	 rv = -1;

	if (EVP_MAC_init(m, NULL, 0, NULL) == 1 &&
	    hmac_add(m, in, nin) == 0 &&
	    EVP_MAC_final(m, mac, &n, sizeof(mac)) == 1 && n >= outlen) {
		memcpy(out, mac, outlen);
		rv = 0;
	}
	OPENSSL_cleanse(mac, sizeof(mac));
	return (rv);
}

static EVP_CIPHER_CTX *
cipher_new(const struct alg *encr, const uint8_t *ek, int seal)
{
	EVP_CIPHER_CTX	*c;
	EVP_CIPHER	*e;
	int		 ok;

	if ((e = EVP_CIPHER_fetch(NULL, encr->ossl, NULL)) == NULL)
		return (NULL);
	c = EVP_CIPHER_CTX_new();
	ok = c != NULL &&
	    EVP_CIPHER_get_key_length(e) == encr->keylen &&
	    EVP_CIPHER_get_iv_length(e) == encr->saltlen + encr->ivlen &&
	    EVP_CipherInit_ex2(c, e, ek, NULL, seal, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(c, 0) == 1;
	EVP_CIPHER_free(e);
	if (ok)
		return (c);
	EVP_CIPHER_CTX_free(c);
	return (NULL);
}

struct crypt *
crypt_new(const struct alg *encr, const struct alg *integ, const uint8_t *ek,
    const uint8_t *ik, int seal)
{
	struct crypt	*k;
	int		 aead = (encr->flags & ALG_AEAD) != 0;

	if (encr->type != ALG_ENCR || aead != (integ == NULL) ||
	    encr->saltlen + encr->ivlen > NONCE_MAX || !alg_usable(encr) ||
	    (integ != NULL && (integ->type != ALG_INTEG ||
	    integ->icvlen > ICV_MAX || !alg_usable(integ))))
		return (NULL);
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (NULL);
	k->encr = encr;
	k->integ = integ;
	k->seal = seal != 0;
	memcpy(k->nonce, ek + encr->keylen, encr->saltlen);
	k->c = cipher_new(encr, ek, k->seal);
	if (integ != NULL)
		k->m = hmac_new(integ->ossl, ik, integ->keylen);
	if (k->c == NULL || (integ != NULL && k->m == NULL)) {
		crypt_free(k);
		return (NULL);
	}
	return (k);
}

void
crypt_free(struct crypt *k)
{
	if (k == NULL)
		return;
	EVP_CIPHER_CTX_free(k->c);	/* both wipe their keys */
	EVP_MAC_CTX_free(k->m);
	OPENSSL_cleanse(k, sizeof(*k));
	free(k);
}

/* Set the IV of this packet; n must be whole blocks. */
static int WUR
packet_begin(struct crypt *k, const uint8_t *iv, size_t n)
{
	if (n > INT_MAX || (k->integ != NULL && n % k->encr->blocklen != 0))
		return (-1);
	memcpy(k->nonce + k->encr->saltlen, iv, k->encr->ivlen);
	return (EVP_CipherInit_ex2(k->c, NULL, NULL, k->nonce, -1, NULL) == 1 ?
	    0 : -1);
}

static int WUR
packet_run(struct crypt *k, struct rd aad, uint8_t *p, size_t n)
{
	int	 len;

	if (aad.n > INT_MAX || (aad.n > 0 &&
	    EVP_CipherUpdate(k->c, NULL, &len, aad.p, (int)aad.n) != 1))
		return (-1);
	if (n > 0 && (EVP_CipherUpdate(k->c, p, &len, p, (int)n) != 1 ||
	    len != (int)n))
		return (-1);
	return (0);
}

/* aad | iv | ciphertext | tail, RFC 4303 section 3.3.2.1, RFC 7296 3.14. */
static int WUR
packet_mac(struct crypt *k, struct rd aad, const uint8_t *iv, const uint8_t *p,
    size_t n, struct rd tail, uint8_t *icv)
{
	struct rd	 in[4];

	in[0] = aad;
	in[1] = rd_of(iv, k->encr->ivlen);
	in[2] = rd_of(p, n);
	in[3] = tail;
	return (hmac_all(k->m, in, nitems(in), icv, k->integ->icvlen));
}

int
crypt_seal(struct crypt *k, struct rd aad, const uint8_t *iv, uint8_t *p,
    size_t n, struct rd tail, uint8_t *icv)
{
	uint8_t	 end[NONCE_MAX];
	int	 len;

	if (!k->seal || packet_begin(k, iv, n))
		return (-1);
	if (k->integ != NULL) {
		if (packet_run(k, rd_of(NULL, 0), p, n))
			return (-1);
		return (packet_mac(k, aad, iv, p, n, tail, icv));
	}
	if (tail.n > 0 || packet_run(k, aad, p, n) ||
	    EVP_CipherFinal_ex(k->c, end, &len) != 1 || len != 0 ||
	    EVP_CIPHER_CTX_ctrl(k->c, EVP_CTRL_AEAD_GET_TAG, k->encr->icvlen,
	    icv) != 1)
		return (-1);
	return (0);
}

int
crypt_open(struct crypt *k, struct rd aad, const uint8_t *iv, uint8_t *p,
    size_t n, struct rd tail, const uint8_t *icv)
{
	uint8_t	 mac[ICV_MAX], end[NONCE_MAX];
	int	 len;

	if (k->seal || packet_begin(k, iv, n))
		return (-1);
	if (k->integ != NULL) {
		if (packet_mac(k, aad, iv, p, n, tail, mac) ||
		    ct_equal(rd_of(mac, k->integ->icvlen),
		    rd_of(icv, k->integ->icvlen)) != 1)
			return (-1);
		return (packet_run(k, rd_of(NULL, 0), p, n));
	}
	if (tail.n > 0 || k->encr->icvlen > sizeof(mac))
		return (-1);
	memcpy(mac, icv, k->encr->icvlen);
	/* EVP compares the tag itself, in constant time: exactly 1 is good */
	if (packet_run(k, aad, p, n) ||
	    EVP_CIPHER_CTX_ctrl(k->c, EVP_CTRL_AEAD_SET_TAG, k->encr->icvlen,
	    mac) != 1 || EVP_CipherFinal_ex(k->c, end, &len) != 1)
		return (-1);
	return (0);
}

int
crypt_cbc(const struct alg *encr, const uint8_t *key, const uint8_t *iv,
    uint8_t *p, size_t n, int seal)
{
	EVP_CIPHER_CTX	*c;
	int		 len, rv = -1;

	if (encr->type != ALG_ENCR || encr->flags & ALG_AEAD ||
	    !alg_usable(encr) || n > INT_MAX || n % encr->blocklen != 0 ||
	    (c = cipher_new(encr, key, seal != 0)) == NULL)
		return (-1);
	if (EVP_CipherInit_ex2(c, NULL, NULL, iv, -1, NULL) == 1 &&
	    (n == 0 || (EVP_CipherUpdate(c, p, &len, p, (int)n) == 1 &&
	    len == (int)n)))
		rv = 0;
	EVP_CIPHER_CTX_free(c);
	return (rv);
}

int
prf(const struct alg *a, struct rd key, const struct rd *in, size_t nin,
    uint8_t *out)
{
	EVP_MAC_CTX	*m;
	int		 rv;

	if (a->type != ALG_PRF || (m = hmac_new(a->ossl, key.p, key.n)) == NULL)
		return (-1);
	rv = hmac_all(m, in, nin, out, a->outlen);
	EVP_MAC_CTX_free(m);
	return (rv);
}

/*
 * T1 = prf(K, S | 0x01), T2 = prf(K, T1 | S | 0x02), ...
 */
int
prf_plus(const struct alg *a, struct rd key, const struct rd *in, size_t nin,
    uint8_t *out, size_t n)
{
	EVP_MAC_CTX	*m;
	struct rd	 v[10];
	uint8_t		 t[MAC_MAX], count = 0;
	size_t		 i, len;
	int		 rv = -1;

	if (a->type != ALG_PRF || a->outlen > sizeof(t) ||
	    n > (size_t)255 * a->outlen || nin > nitems(v) - 2)
		return (-1);
	if ((m = hmac_new(a->ossl, key.p, key.n)) == NULL)
		return (-1);
	v[0] = rd_of(t, 0);			/* T0 is empty */
	for (i = 0; i < nin; i++)
		v[i + 1] = in[i];
	v[nin + 1] = rd_of(&count, 1);
	while (n > 0) {
		count++;
		if (hmac_all(m, v, nin + 2, t, a->outlen))
			goto out;
		v[0].n = a->outlen;
		len = n < a->outlen ? n : a->outlen;
		memcpy(out, t, len);
		out += len;
		n -= len;
	}
	rv = 0;
 out:
	OPENSSL_cleanse(t, sizeof(t));
	EVP_MAC_CTX_free(m);
	return (rv);
}

static int WUR
digest(const char *name, const struct rd *in, size_t nin, uint8_t *out)
{
	EVP_MD_CTX	*c;
	EVP_MD		*md;
	size_t		 i;
	int		 ok;

	md = EVP_MD_fetch(NULL, name, NULL);
	c = EVP_MD_CTX_new();
	ok = md != NULL && c != NULL && EVP_DigestInit_ex2(c, md, NULL) == 1;
	for (i = 0; ok && i < nin; i++)
		ok = in[i].n == 0 || EVP_DigestUpdate(c, in[i].p, in[i].n) == 1;
	ok = ok && EVP_DigestFinal_ex(c, out, NULL) == 1;
	EVP_MD_CTX_free(c);
	EVP_MD_free(md);
	return (ok ? 0 : -1);
}

int
hash(const struct alg *a, const struct rd *in, size_t nin, uint8_t *out)
{
	return (a->type == ALG_PRF ? digest(a->ossl, in, nin, out) : -1);
}

int
sha1(const struct rd *in, size_t nin, uint8_t *out)
{
	return (digest("SHA1", in, nin, out));
}

int
hmac256(struct rd key, const struct rd *in, size_t nin, uint8_t *out)
{
	EVP_MAC_CTX	*m;
	int		 rv;

	if ((m = hmac_new("SHA256", key.p, key.n)) == NULL)
		return (-1);
	rv = hmac_all(m, in, nin, out, 32);
	EVP_MAC_CTX_free(m);
	return (rv);
}

int
ct_equal(struct rd a, struct rd b)
{
	return (a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0));
}

int
crypt_random(void *p, size_t n)
{
	return (n <= INT_MAX && RAND_bytes(p, (int)n) == 1 ? 0 : -1);
}
