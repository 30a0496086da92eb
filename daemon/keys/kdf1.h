/* SPDX-License-Identifier: ISC */

/*
 * kdf1.h: the key schedule of IKEv1 with a pre-shared key, RFC 2409 sections
 * 5 and 5.5 and appendix B.  Pure functions of their arguments; the caller
 * wipes what comes out.  `prf' is the HMAC of the negotiated hash.
 */

#ifndef KEYS_KDF1_H
#define KEYS_KDF1_H

#include "crypt.h"
#include "msg.h"

/* prf->outlen octets of each are used. */
struct keys1_sk {
	uint8_t	 d[ALG_KEYMAX], a[ALG_KEYMAX], e[ALG_KEYMAX];
};

/* SKEYID = prf(pre-shared-key, Ni_b | Nr_b), prf->outlen octets: 0 or -1. */
int	 keys1_skeyid(const struct alg *prf, struct rd psk, struct rd ni,
	    struct rd nr, uint8_t *out) WUR;

/*
 *	SKEYID_d = prf(SKEYID, g^xy | CKY-I | CKY-R | 0)
 *	SKEYID_a = prf(SKEYID, SKEYID_d | g^xy | CKY-I | CKY-R | 1)
 *	SKEYID_e = prf(SKEYID, SKEYID_a | g^xy | CKY-I | CKY-R | 2)
 *
 * cky_*: 8 octets.  0, or -1 and sk zero.
 */
int	 keys1_sk(const struct alg *prf, const uint8_t *skeyid, struct rd gxy,
	    const uint8_t *cky_i, const uint8_t *cky_r,
	    struct keys1_sk *sk) WUR;

/*
 * The key of the cipher that protects IKE messages, encr->keylen octets:
 * SKEYID_e or, where that is too short, K1 | K2 | ... with K1 =
 * prf(SKEYID_e, 0), Kn = prf(SKEYID_e, Kn-1).  Appendix B.
 */
int	 keys1_cipher_key(const struct alg *prf, const uint8_t *e,
	    const struct alg *encr, struct keyoct *key) WUR;

/* What one side's HASH covers; named from the side that makes it. */
struct keys1_hash {
	const struct alg *prf;
	const uint8_t	 *skeyid;
	struct rd	  gx, gx_peer;		/* KE data: its own, the other's */
	const uint8_t	 *cky, *cky_peer;
	struct rd	  sai;			/* SAi_b, always the initiator's */
	struct rd	  id;			/* its own ID payload body */
};
/*
 *	HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b)
 *	HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b)
 */
int	 keys1_hash(const struct keys1_hash *, uint8_t *out) WUR;

/* What KEYMAT of the two SAs of a quick mode is made of. */
struct keys1_qm {
	const struct alg *prf;
	const uint8_t	 *d;		/* SKEYID_d */
	struct rd	  gqm;		/* g(qm)^xy; n is 0 without PFS */
	uint8_t		  proto;
	struct rd	  ni, nr;	/* of the exchange */
};
/*
 *	K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b)
 *	Kn = prf(SKEYID_d, Kn-1 | [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b)
 *
 * n octets of K1 | K2 | ... for the SA with that SPI, section 5.5.
 */
int	 keys1_keymat(const struct keys1_qm *, uint32_t spi, uint8_t *out,
	    size_t n) WUR;
/* Both SAs: encryption key (salt last, RFC 4106 section 8.1), then integrity
 * key, each from the KEYMAT of its own SPI. */
int	 keys1_child(const struct keys1_qm *, uint32_t spi_in,
	    uint32_t spi_out, const struct algs *child,
	    struct m_s_pair *p) WUR;

#endif /* KEYS_KDF1_H */
