/* SPDX-License-Identifier: ISC */

/*
 * alg.h: the one table of algorithms.  A cipher, hash, PRF or group is one
 * row; nothing else in the tree knows an algorithm by its number.
 */

#ifndef ALG_H
#define ALG_H

#include "wire.h"

/* Transform types, RFC 7296 section 3.3.2. */
enum alg_type {
	ALG_ENCR = 1, ALG_PRF = 2, ALG_INTEG = 3, ALG_DH = 4, ALG_ESN = 5
};

enum alg_flag {
	ALG_AEAD	= 1 << 0,	/* brings its own integrity */
	ALG_WEAK	= 1 << 1,	/* only with `allow weak' */
	ALG_IKE		= 1 << 2,	/* may protect IKE */
	ALG_ESP		= 1 << 3,	/* may protect ESP */
	ALG_DEFAULT	= 1 << 4	/* offered when nothing is written */
};

enum alg_dh { DH_NONE, DH_MODP, DH_EC, DH_X25519 };

/*
 * ENCR:  keylen, saltlen (RFC 4106 section 4, RFC 7634 section 2), ivlen as
 *        on the wire, blocklen (padding unit), icvlen (AEAD)
 * INTEG: keylen, icvlen (the truncated length), outlen
 * PRF:   keylen (preferred key), outlen
 * DH:    outlen = octets of the shared secret, keylen = octets of the KE data
 */
struct alg {
	uint16_t	 num;	/* our own number, never on the network;
				   the IPC and the tables use it; > 0 */
	uint8_t		 type;	/* enum alg_type */
	uint16_t	 id;	/* IKEv2 transform ID */
	uint16_t	 bits;	/* Key Length attribute, 0: none */
	const char	*name;	/* as in s2sd.conf */
	const char	*ossl;	/* libcrypto's name (cipher, digest, group) */
	uint16_t	 keylen, saltlen, ivlen, blocklen, icvlen, outlen;
	uint8_t		 dh;	/* enum alg_dh */
	uint16_t	 flags;
	/*
	 * IKEv1, 0: not there.  p1: the attribute's value in phase 1 (ENCR
	 * Encryption, PRF Hash, DH Group, RFC 2409 appendix A); p2: in phase
	 * 2 (ENCR ESP transform ID, INTEG Authentication Algorithm, RFC 2407
	 * sections 4.4.4 and 4.5; DH is p1's).
	 */
	uint16_t	 p1, p2;
};

/* All rows; n out.  Order within a type is the order of preference. */
const struct alg *alg_rows(size_t *n);
/* By our number, or NULL. */
const struct alg *alg_num(uint16_t);
/* By what the network says, or NULL: key bits must agree exactly. */
const struct alg *alg_wire(uint8_t type, uint16_t id, uint16_t bits);
/* By what an IKEv1 peer says, phase 1 or 2, or NULL: key bits must agree
 * exactly; 0 where no Key Length attribute came. */
const struct alg *alg_v1(uint8_t type, int phase, uint16_t value,
	    uint16_t bits);
/* By name as in s2sd.conf, or NULL. */
const struct alg *alg_name(uint8_t type, const char *);
/* The row of that type whose name is nearest to a mistyped one. */
const struct alg *alg_nearest(uint8_t type, const char *);
/* The PRF that goes with an integrity algorithm (same hash), or NULL. */
const struct alg *alg_prf_of(const struct alg *integ);

enum { ALG_KEYMAX = 64, ALG_DHMAX = 1024 };	/* largest key; largest KE */

/*
 * One proposal in neutral form: what we offer or accept, in order of
 * preference within each type.  Numbers are alg.num; a 0 in `dh' is
 * "none" (no PFS).  An AEAD proposal has no integ; one without encr is for
 * AH (RFC 4302), which has integ alone.  Lists of different kind (AEAD and not) must be different proposals, RFC 7296 3.3.
 */
enum { PROP_ALGMAX = 12, PROP_MAX = 8 };

struct prop {
	uint8_t		 nencr, nprf, ninteg, ndh, nesn;
	uint16_t	 encr[PROP_ALGMAX], prf[PROP_ALGMAX];
	uint16_t	 integ[PROP_ALGMAX], dh[PROP_ALGMAX];
	uint8_t		 esn[2];	/* 1: extended, 0: not */
};

/* The outcome of a negotiation; NULL where nothing of that type applies: a
 * child without encr is one of AH. */
struct algs {
	const struct alg *encr, *prf, *integ, *dh;
	uint8_t		  esn;
};

void	 prop_put(struct wr *, const struct prop *);
int	 prop_get(struct rd *, struct prop *) WUR;

#endif /* ALG_H */
