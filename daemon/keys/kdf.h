/* SPDX-License-Identifier: ISC */

/*
 * kdf.h: the key schedule of IKEv2.  Pure functions of their arguments;
 * the caller wipes what comes out.  HMAC PRFs only: a PRF with a key of
 * fixed size would cut the nonces (RFC 7296 section 2.14).
 */

#ifndef KEYS_KDF_H
#define KEYS_KDF_H

#include "crypt.h"
#include "msg.h"

/* Keys of one IKE SA; d, pi, pr: prf->outlen octets are used. */
struct keys_sk {
	uint8_t		 d[ALG_KEYMAX], pi[ALG_KEYMAX], pr[ALG_KEYMAX];
	struct keyoct	 ai, ar, ei, er;	/* ei, er: salt last */
};

/* SKEYSEED = prf(Ni | Nr, g^ir), RFC 7296 section 2.14; prf->outlen octets. */
int	 keys_skeyseed(const struct alg *prf, struct rd ni, struct rd nr,
	    struct rd gir, uint8_t *out) WUR;
/* SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr) with the PRF of the old
 * SA, RFC 7296 section 2.18. */
int	 keys_skeyseed_rekey(const struct alg *oldprf, const uint8_t *old_d,
	    struct rd gir, struct rd ni, struct rd nr, uint8_t *out) WUR;

/*
 * keys_sk: the seven keys of an IKE SA.
 *
 *	SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr
 *		= prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
 *
 *	a	encr, prf and integ (NULL with an AEAD)
 *	seed	SKEYSEED
 *	spi_i	8 octets each, as on the wire
 *
 * RFC 7296 section 2.14; salt: RFC 5282 section 7.1.  0, or -1 and k zero.
 */
int	 keys_sk(const struct algs *a, struct rd seed, struct rd ni,
	    struct rd nr, const uint8_t *spi_i, const uint8_t *spi_r,
	    struct keys_sk *k) WUR;

/* KEYMAT = prf+(SK_d, [g^ir (new) |] Ni | Nr), RFC 7296 section 2.17;
 * gir.n is 0 without a new exchange. */
int	 keys_keymat(const struct alg *prf, const uint8_t *d, struct rd gir,
	    struct rd ni, struct rd nr, uint8_t *out, size_t n) WUR;

/*
 * keys_child: cut KEYMAT for a pair of ESP SAs: first all keys of the SA
 * from the initiator of the exchange to its responder, encryption before
 * integrity; then the other SA.
 *
 *	first	1: we initiated this exchange
 *	p	out: ein, ain, eout, aout
 *
 * RFC 7296 section 2.17; salt last, RFC 4106 section 8.1, RFC 7634 section 2.
 */
int	 keys_child(const struct alg *prf, const uint8_t *d, struct rd gir,
	    struct rd ni, struct rd nr, const struct algs *child, int first,
	    struct m_s_pair *p) WUR;

#endif /* KEYS_KDF_H */
