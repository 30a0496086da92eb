/* SPDX-License-Identifier: ISC */

/*
 * crypt.h: what seals and opens.  The only users of libcrypto's ciphers
 * and MACs are behind these calls; s2sd-ike uses them for the Encrypted
 * payload, s2sd-esp for packets, s2sd-net for cookies, s2sd-keys for the
 * key schedule.
 */

#ifndef CRYPT_H
#define CRYPT_H

#include "alg.h"

struct crypt;			/* one key, one direction */

/*
 * crypt_new: prepare a key once; packets then cost no set-up.
 *
 *	encr	row of type ALG_ENCR
 *	integ	row of type ALG_INTEG, or NULL with an AEAD
 *	ek	encr->keylen + encr->saltlen octets, salt last
 *	ik	integ->keylen octets (NULL with an AEAD)
 *	seal	1: for sealing, 0: for opening
 *
 * Returns NULL if libcrypto refuses.  Keeps its own copies; crypt_free wipes.
 */
struct crypt *crypt_new(const struct alg *encr, const struct alg *integ,
	    const uint8_t *ek, const uint8_t *ik, int seal) WUR;
void	 crypt_free(struct crypt *);

/*
 * crypt_seal: encrypt in place and compute the ICV.
 *
 *	aad	associated data.  With encrypt-then-MAC the MAC covers
 *		aad | iv | ciphertext | tail
 *	iv	encr->ivlen octets; read.  GCM and ChaCha: a value never used
 *		before under this key; CBC: unpredictable
 *	p, n	plaintext, padded to encr->blocklen by the caller
 *	tail	further octets for the MAC only (the upper half of an ESN,
 *		RFC 4303 section 2.2.1); with an AEAD it must be empty and
 *		the caller puts the ESN into aad (RFC 4106 section 5)
 *	icv	out: icvlen octets of encr (AEAD) or integ
 *
 * Returns 0, or -1 if libcrypto failed (the packet must then be dropped).
 */
int	 crypt_seal(struct crypt *, struct rd aad, const uint8_t *iv,
	    uint8_t *p, size_t n, struct rd tail, uint8_t *icv) WUR;
/* The reverse; -1 if the ICV does not match (compared in constant time);
 * p is then undefined and must not be used. */
int	 crypt_open(struct crypt *, struct rd aad, const uint8_t *iv,
	    uint8_t *p, size_t n, struct rd tail, const uint8_t *icv) WUR;

/*
 * crypt_cbc: whole blocks of a cipher that is no AEAD, in place, neither
 * padded nor authenticated: the body of an IKEv1 message (RFC 2409 appendix
 * B).  key: encr->keylen octets; iv: encr->ivlen octets, read; the caller
 * keeps the last block of the ciphertext as the next IV.  0 or -1.
 */
int	 crypt_cbc(const struct alg *encr, const uint8_t *key,
	    const uint8_t *iv, uint8_t *p, size_t n, int seal) WUR;

/*
 * prf: HMAC with the hash of a row of type ALG_PRF (RFC 7296 section 2.13)
 * over up to 8 views one after the other; out receives prf->outlen octets.
 */
int	 prf(const struct alg *, struct rd key, const struct rd *in, size_t nin,
	    uint8_t *out) WUR;
/* prf+ of RFC 7296 section 2.13 into out[0..n); n <= 255 * outlen. */
int	 prf_plus(const struct alg *, struct rd key, const struct rd *in,
	    size_t nin, uint8_t *out, size_t n) WUR;

/* The hash of a row of type ALG_PRF, without a key: prf->outlen octets (IKEv1:
 * IVs, NAT detection). */
int	 hash(const struct alg *prf, const struct rd *in, size_t nin,
	    uint8_t *out) WUR;
/* SHA-1 of the views, 20 octets: NAT detection only (RFC 7296 2.23). */
int	 sha1(const struct rd *in, size_t nin, uint8_t *out) WUR;
/* HMAC-SHA-256, 32 octets. */
int	 hmac256(struct rd key, const struct rd *in, size_t nin, uint8_t *out) WUR;
/* Equal in constant time? 1 or 0; unequal lengths are unequal. */
int	 ct_equal(struct rd, struct rd);

/*
 * crypt_warmup: use every algorithm of the table once, and fail once, so
 * that libcrypto opens nothing after the sandbox is closed; rows that the
 * library cannot do are switched off (alg_usable then says 0).  Returns the
 * number of rows that work, or -1 if a known answer came out wrong.
 */
int	 crypt_warmup(void) WUR;
int	 alg_usable(const struct alg *);
/* Random octets of libcrypto's generator; aborts nothing: 0 or -1. */
int	 crypt_random(void *, size_t) WUR;

#endif /* CRYPT_H */
