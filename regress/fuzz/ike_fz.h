/* SPDX-License-Identifier: ISC */

/*
 * ike_fz.h: one engine with a tunnel of each kind, whose s2sd-keys and
 * s2sd-sad say yes to everything, so that a fuzzer gets behind
 * authentication without breaking a cipher.
 */

#ifndef IKE_FZ_H
#define IKE_FZ_H

#include "v2/v2.h"

struct fz {
	struct role_io	 io;
	struct conf	 conf;
	struct ike	*ike;
	uint64_t	 now, due;
	uint32_t	 seed;
	uint32_t	 handle;
	uint8_t		 no;		/* what s2sd-keys says: enum kerr */
	struct addr	 us, peer, other, old;	/* old: tunnel 3, IKEv1 */
	struct {
		enum proc	 from;
		struct ipc_hdr	 h;
		size_t		 n;
		uint8_t		 d[6000];
	} q[64];
	size_t		 head, tail;
};

void	 fz_init(struct fz *);
void	 fz_free(struct fz *);
/* Answers of the other processes, until none is left. */
void	 fz_answers(struct fz *);
void	 fz_later(struct fz *, uint64_t ms);
void	 fz_datagram(struct fz *, const struct addr *from, uint8_t flags,
	    const void *, size_t);
/* Payloads as if they had come inside SK, with a right header. */
void	 fz_inner(struct fz *, struct sa *, uint8_t exch, int resp,
	    uint8_t first, const void *, size_t);
/* The IKE SA that the engine has with that role, newest first, or NULL. */
struct sa *fz_sa(struct fz *, int init);
/* A frame of a neighbour, and what follows from it. */
void	 fz_frame(struct fz *, enum proc from, const struct ipc_hdr *,
	    const void *, size_t);
/* Bring it so far. */
struct sa *fz_reach(struct fz *, enum state);

#endif /* IKE_FZ_H */
