/* SPDX-License-Identifier: ISC */

/*
 * nft_msg.h: the batches that make our tables, as netlink messages.  Pure:
 * they are built, sent by nft.c, and decoded again by the unit test.
 *
 *	table ip|ip6 s2sd (flag owner)	exemption and MSS, nat.md 9.A and 11
 *	table ip|ip6 s2sd-block		what stays after our end
 */

#ifndef NFT_MSG_H
#define NFT_MSG_H

#include "fw.h"
#include "../host/nl.h"

void	 nftm_begin(struct nlbuf *);
void	 nftm_end(struct nlbuf *);
/* The whole table anew (what was there goes in the same batch). */
void	 nftm_table(struct nlbuf *, uint8_t af, int owner,
	    const struct fw_rules *);
void	 nftm_block(struct nlbuf *, uint8_t af, int outdrop,
	    const struct fw_rules *);
/* The table away; it need not be there, but if it is, owner must be true. */
void	 nftm_remove(struct nlbuf *, uint8_t af, const char *table, int owner);
/* A table with all that we need, made and taken away in the same batch. */
void	 nftm_probe(struct nlbuf *, int owner);
/* Elements in or out of the set of that verdict. */
void	 nftm_elems(struct nlbuf *, enum fw_verdict, uint8_t af, int add,
	    const struct fw_pair *, size_t n);
/* The least value above *val among these pairs of FW_MSS; 0: none. */
int	 nftm_mss(const struct fw_pair *, size_t n, uint16_t *val);

#endif /* NFT_MSG_H */
