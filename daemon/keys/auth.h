/* SPDX-License-Identifier: ISC */

/*
 * auth.h: the AUTH payload of a shared secret, RFC 7296 section 2.15.
 */

#ifndef KEYS_AUTH_H
#define KEYS_AUTH_H

#include "crypt.h"
#include "tunnel.h"

enum { AUTH_PSK = 2 };		/* Shared Key Message Integrity Code */

/* What one side's AUTH covers; named from the side that makes it. */
struct keys_auth {
	const struct alg	*prf;
	struct rd		 psk;
	struct rd		 init;	/* its IKE_SA_INIT message, whole */
	struct rd		 nonce;	/* the other side's nonce data */
	const uint8_t		*skp;	/* its SK_p, prf->outlen octets */
	struct rd		 id;	/* its ID payload body, as on the wire */
};

/*
 *	AUTH = prf(prf(Shared Secret, "Key Pad for IKEv2"),
 *	    message | nonce of the other | prf(SK_p, ID body))
 *
 * prf->outlen octets into out: 0 or -1.
 */
int	 keys_auth_psk(const struct keys_auth *, uint8_t *out) WUR;

/* The body of our ID payload: type, three zero octets, data. */
void	 keys_id_put(struct wr *, const struct ident *);
/* Is this ID payload body that identity? 1 or 0. */
int	 keys_id_is(struct rd body, const struct ident *);

#endif /* KEYS_AUTH_H */
