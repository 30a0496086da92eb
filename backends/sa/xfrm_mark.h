/* SPDX-License-Identifier: ISC */

/*
 * xfrm_mark.h: by what our objects in the kernel are known (Linux XFRM), and
 * by nothing else: never touch one that does not carry all of it.
 *
 * Policies and SAs carry `user' in their selector, a field that the kernel
 * keeps and compares but never matches a packet against, and a reqid of ours.
 * An SA's selector matches everything (all prefix lengths 0), so its two
 * addresses are free for a note that a later life reads, see xfrm_note.
 */

#ifndef XFRM_MARK_H
#define XFRM_MARK_H

#include <stdint.h>

#define XM_USER		0x5334u		/* policies and SAs of s2sd-sad */
#define XM_REQID	0x53000000u	/* with 24 bits of our own */
#define XM_REQID_MASK	0xff000000u
/* Priorities of s2sd-sad's policies, the more specific the less; those of
 * s2sd-host (backends/host/linux.h) stand around them. */
#define XM_PRIO_LEAST	0x53320281u
#define XM_PRIO_MOST	0x533203ffu

/* In the selector of an SA, host order: saddr, then daddr. */
struct xfrm_note {
	uint32_t	 tag[2];	/* of the tunnel's record */
	uint32_t	 child;
	uint32_t	 spi_other;	/* of the SA of the other direction */
	uint32_t	 magic;
	uint32_t	 way;		/* enum xfrm_way */
	uint32_t	 algs;		/* alg.num: encr << 16 | integ */
	uint32_t	 flags;		/* enum xfrm_flag */
};
enum xfrm_flag { XF_SET = 1 /* shares its reqid: SAs of single CPUs */ };
#define XM_MAGIC	0x53325344u

enum xfrm_way { XW_IN = 1, XW_OUT = 2 };

#endif /* XFRM_MARK_H */
