/* SPDX-License-Identifier: ISC */

/*
 * keys_hs.h: a whole IKEv2 handshake of two s2sd-keys, step by step, with
 * every value in reach of a test that wants to spoil it.
 */

#ifndef KEYS_HS_H
#define KEYS_HS_H

#include "keys_rig.h"

/* A view that owns its octets. */
struct oct {
	size_t	 n;
	uint8_t	 d[RIG_INIT];
};
void	 oct_set(struct oct *, struct rd);
struct rd oct_rd(const struct oct *);
int	 oct_eq(const struct oct *, const struct oct *);

struct hs {
	struct rig	*i, *r;			/* initiator, responder */
	uint32_t	 ti, tr;		/* tunnel, each one's number */
	uint16_t	 dh, prf, encr, integ;	/* of the IKE SA */
	uint16_t	 cencr, cinteg;		/* of the child; 0: none */
	uint32_t	 hi, hr;		/* handles */
	uint8_t		 spi_i[8], spi_r[8];
	struct oct	 ni, kei, nr, ker;
	struct oct	 init_i, init_r;	/* the two messages */
	struct oct	 idi, authi, idr, authr;
	struct m_k_keyed_r	ki;		/* keys, initiator's */
	struct m_k_started_r	kr;		/* keys, responder's */
	struct m_s_pair	 pi, pr;		/* child keys, views are gone */
};

void	 hs_new(struct hs *, struct rig *i, struct rig *r);
/* Make init_i, init_r of what is in the struct. */
void	 hs_messages(struct hs *);
/* Each step returns the enum kerr of the answer. */
int	 hs_start(struct hs *);		/* START */
int	 hs_start_r(struct hs *);	/* START_R */
int	 hs_keyed(struct hs *);		/* KEYED */
int	 hs_auth_r(struct hs *);	/* AUTH at the responder */
int	 hs_auth_i(struct hs *);	/* AUTH at the initiator */
/* All steps up to KEYED; then to the end; any failure ends the test. */
void	 hs_to_keyed(struct hs *);
void	 hs_whole(struct hs *);
/* What one sends is what the other receives? 1 or 0. */
int	 hs_pairs_match(const struct m_s_pair *, const struct m_s_pair *);
/* The PAIR among a rig's answers: 1 or 0; checks its header. */
int	 hs_pair(struct rig *, uint32_t tunnel, struct m_s_pair *);

/* Two rigs, each with the tunnel to the other: numbers 7 and 9. */
void	 hs_two(struct rig *a, struct rig *b, const char *secret_a,
	    const char *secret_b);

#endif /* KEYS_HS_H */
