/* SPDX-License-Identifier: ISC */

/*
 * crypt_dh.h: Diffie-Hellman over the groups of the table, as two pure
 * functions of a private value.  Only s2sd-keys makes private values; the
 * start-up test uses fixed ones.
 */

#ifndef CRYPT_DH_H
#define CRYPT_DH_H

#include "alg.h"

enum { DH_PRIVMAX = 80 };

/*
 * How many random octets make a private value: an exponent of twice the
 * strength of the group or more (MODP), the order of the curve and 64 bits
 * more (ECP), 32 (X25519).  0: no such group.
 */
size_t	 crypt_dh_privlen(const struct alg *);
/*
 * crypt_dh_public: KE data (dh->keylen octets) of that private value.
 * MODP: padded to the prime, RFC 7296 3.4; ECP: x | y, RFC 5903 section 7;
 * X25519: RFC 8031 section 3.1.  0 or -1.
 */
int	 crypt_dh_public(const struct alg *dh, const uint8_t *priv,
	    uint8_t *ke) WUR;
/*
 * crypt_dh_shared: the shared secret, dh->outlen octets; ECP: x alone.
 * -1 if the peer's value has not the exact length, is not in 2..p-2, is not
 * on the curve, is the point at infinity, or gives an all-zero secret
 * (RFC 6989 section 2, RFC 7748 section 6.1); out is then zero.
 */
int	 crypt_dh_shared(const struct alg *dh, const uint8_t *priv,
	    struct rd ke, uint8_t *gir) WUR;

#endif /* CRYPT_DH_H */
