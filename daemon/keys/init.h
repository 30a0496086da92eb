/* SPDX-License-Identifier: ISC */

/*
 * init.h: the one look that s2sd-keys takes at network octets: where the
 * nonce and the KE data are in an IKE_SA_INIT message.  It reads nothing
 * else of the payloads.
 */

#ifndef KEYS_INIT_H
#define KEYS_INIT_H

#include "msg.h"

enum { INIT_PAYLOADS = 64 };	/* more are refused */

/* Views into the message. */
struct keys_init {
	struct rd	 spi_i, spi_r;	/* 8 octets each */
	struct rd	 nonce;		/* 16..256 octets, RFC 7296 3.9 */
	struct rd	 ke;		/* without group and reserved */
	uint16_t	 group;		/* transform ID */
};

/*
 * keys_init_parse: 0 if m is exactly one IKE_SA_INIT message (a request or,
 * with `response', a response) with one KE and one Nonce payload; else -1.
 * RFC 7296 sections 1.2, 3.1, 3.2, 3.4, 3.9.
 */
int	 keys_init_parse(struct rd m, int response, struct keys_init *) WUR;

#endif /* KEYS_INIT_H */
