/* SPDX-License-Identifier: ISC */

/*
 * xfrm_kernel.h: a kernel for the XFRM backend, in the same process: it keeps
 * SAs and policies, answers as Linux does, and refuses what Linux refuses.
 */

#ifndef XFRM_KERNEL_H
#define XFRM_KERNEL_H

#include "../../backends/sa/xfrm_int.h"

enum { XK_MAX = 512, XK_ANSWERS = 1024 };

struct xk_sa {
	struct xfrm_usersa_info	 u;
	struct xfrm_encap_tmpl	 encap;
	struct xfrm_replay_state_esn esn;
	uint8_t			 has_encap, has_esn, dir, nic;
	uint32_t		 mark, if_id;
	uint16_t		 cpu;	/* 1 + XFRMA_SA_PCPU, or 0 */
	struct { uint16_t n; uint8_t d[192]; } raw[3];	/* as asked for */
	uint64_t		 lastused;
	uint8_t			 key[KEYOCT_MAX];	/* of the cipher */
	char			 alg[64], auth[64];
	uint32_t		 icv;
};
struct xk_pol {
	struct xfrm_userpolicy_info u;
	struct xfrm_user_tmpl	 t;
	uint32_t		 if_id;
};
struct xk {
	struct xfrm_sys	 sys;
	struct xk_sa	 sa[XK_MAX];
	struct xk_pol	 pol[XK_MAX];
	size_t		 nsa, npol;
	struct { uint8_t *d; size_t n; int err; } q[2][XK_ANSWERS];
	size_t		 nq[2], atq[2];
	uint64_t	 mono, real;
	int		 fail;		/* errno for the fail_at-th request */
	size_t		 fail_at, nreq;
	uint32_t	 nic;		/* index of the card that does ESP */
	int		 nic_err;	/* what it says to a new SA */
	size_t		 nic_asked;
	int		 deaf;		/* requests get no answer */
	size_t		 nmsg[64];	/* requests by type - XFRM_MSG_BASE */
};

void	 xk_init(struct xk *);
void	 xk_clear(struct xk *);
struct xk_sa *xk_find(struct xk *, uint32_t spi);	/* host order */
/* Events: one datagram each. */
void	 xk_expire(struct xk *, uint32_t spi, int hard);
void	 xk_acquire(struct xk *, const struct xk_pol *, uint32_t src,
	    uint32_t dst);
/* The SPI that a packet of that CPU goes out by under this policy, or 0. */
uint32_t xk_out(struct xk *, const struct xk_pol *, uint16_t cpu);
void	 xk_mapping(struct xk *, uint32_t spi, uint32_t src, uint16_t port);
void	 xk_lost(struct xk *);		/* ENOBUFS */
void	 xk_raw(struct xk *, const void *, size_t);

#endif /* XFRM_KERNEL_H */
