/* SPDX-License-Identifier: ISC */

/*
 * keys_hs1.h: main mode and quick mode of two s2sd-keys, step by step, with
 * every value in reach of a test that wants to spoil it.
 */

#ifndef KEYS_HS1_H
#define KEYS_HS1_H

#include "keys_hs.h"

enum { A_3DES = 7, A_SHA1 = 23, A_MD5 = 24, A_ISHA1 = 33, A_P384 = 42 };

struct hs1 {
	struct rig	*i, *r;			/* initiator, responder */
	uint32_t	 ti, tr;		/* tunnel, each one's number */
	uint16_t	 dh, prf, encr;
	uint32_t	 hi, hr;		/* handles */
	uint8_t		 cky_i[8], cky_r[8];
	struct oct	 ni, kei, nr, ker, sai;
	struct oct	 idi, hashi, idr, hashr;
	struct m_k1_keyed_r	ki;		/* keys, initiator's */
	struct m_k1_started_r	kr;		/* keys, responder's */
};

void	 hs1_new(struct hs1 *, struct rig *i, struct rig *r);
/* Each step returns the enum kerr of the answer. */
int	 hs1_start(struct hs1 *);	/* START */
int	 hs1_start_r(struct hs1 *);	/* START_R */
int	 hs1_keyed(struct hs1 *);	/* KEYED */
int	 hs1_auth_r(struct hs1 *);	/* AUTH at the responder */
int	 hs1_auth_i(struct hs1 *);	/* AUTH at the initiator */
/* All steps up to KEYED; then to the end; any failure ends the test. */
void	 hs1_to_keyed(struct hs1 *);
void	 hs1_whole(struct hs1 *);

/* A quick mode from x to y. */
struct qm1 {
	struct rig	*x, *y;
	uint32_t	 tx, ty, hx, hy;	/* tunnels, handles */
	uint16_t	 dh, encr, integ;
	uint8_t		 proto;
	uint32_t	 spi_x, spi_y;		/* inbound of x, of y */
	uint32_t	 chandle;
	struct oct	 nx, kex, ny, key;
	struct m_s_pair	 px, py;		/* views are gone */
};
void	 qm1_new(struct qm1 *, const struct hs1 *);
int	 qm1_cstart(struct qm1 *);	/* CSTART at x */
int	 qm1_child_y(struct qm1 *);	/* CHILD at y */
int	 qm1_child_x(struct qm1 *);	/* CHILD at x */
int	 qm1_whole(struct qm1 *);	/* the first error, or KERR_OK */

/* A tunnel of IKEv1 as rig_tunnel makes one of IKEv2. */
void	 rig_tunnel1(struct tunnel *, uint32_t id, const char *name,
	    const char *srcid, const char *dstid);
/*
 * Two rigs, each with a tunnel of IKEv1 to the other: numbers 7 and 9; and
 * each with one of IKEv2 to the other, numbers 17 and 19, under other names.
 * The secrets are those of IKEv1.
 */
void	 hs1_two(struct rig *a, struct rig *b, const char *secret_a,
	    const char *secret_b);

#endif /* KEYS_HS1_H */
