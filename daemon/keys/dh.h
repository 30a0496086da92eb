/* SPDX-License-Identifier: ISC */

/*
 * dh.h: key pairs.  Each exchange has a fresh one, which is wiped when its
 * shared secret was made (or the exchange given up).
 */

#ifndef KEYS_DH_H
#define KEYS_DH_H

#include "crypt_dh.h"
#include "role.h"

struct keys_pair {
	const struct alg	*dh;		/* NULL: no exchange */
	uint8_t			 priv[DH_PRIVMAX];
	uint8_t			 ke[ALG_DHMAX];	/* dh->keylen octets */
};

/* A fresh pair of that group (NULL: none): 0 or -1. */
int	 keys_pair_new(struct keys_pair *, const struct alg *dh,
	    const struct role_io *) WUR;
struct rd keys_pair_ke(const struct keys_pair *);
/*
 * The shared secret with the peer's KE data into gir (ALG_DHMAX octets) and
 * *n its length; -1 if the peer's value is none (R15).  Without a group the
 * peer must have sent nothing, and *n is 0.
 */
int	 keys_pair_shared(const struct keys_pair *, struct rd ke, uint8_t *gir,
	    size_t *n) WUR;

#endif /* KEYS_DH_H */
