/* SPDX-License-Identifier: ISC */

/*
 * pf.h: the firewall by pf.  As with iptables, s2sd-host sends records,
 * s2sd-exec makes the text for pfctl out of them; both sides are here, and
 * both are pure.  Ours are two anchors, which the admin's pf.conf has to
 * call (pf_calls says which line it lacks):
 *
 *	s2sd/block	what stays after our end
 *	s2sd/rules	exemption and MSS
 */

#ifndef PF_H
#define PF_H

#include "fw.h"

enum pf_what {			/* m_x_run.what; begins behind enum ipt_what */
	PF_LOAD = 16,		/* make that anchor say what the records say */
	PF_CLEAR,		/* empty it */
	PF_CHECK		/* is it as we left it, and called? */
};

/* Who reads the text: new is OpenBSD's (FreeBSD 15 takes it, too), old has a
 * translation section. */
enum pf_dialect { PF_NEW = 1, PF_OLD = 2 };

enum { PF_ENC = 0xffff };	/* pf_op.tun: enc0, ESP is the kernel's */

struct pf_op {			/* body of LOAD, CLEAR, CHECK */
	uint8_t	 dialect;
	uint8_t	 block;		/* the anchor of the block, else the other */
	uint16_t tun;		/* number of our tun device, or PF_ENC */
};

void	 pf_op_put(struct wr *, const struct pf_op *);
int	 pf_op_get(struct rd, struct pf_op *) WUR;
const char *pf_anchor(const struct pf_op *);

/*
 * Text for `pfctl -a ANCHOR -f -'; pfctl loads it whole or not at all.
 * *text is malloc'd.
 */
int	 pf_text(const struct fw_rules *, const struct pf_op *, char **text,
	    size_t *n) WUR;

/* Which calls a main ruleset must have, and has. */
enum pf_call { PF_CALL_FILTER = 1, PF_CALL_NAT = 2, PF_CALL_RDR = 4,
    PF_CALL_SCRUB = 8 };
unsigned int pf_calls_needed(enum pf_dialect);
/* From the output of `pfctl -s rules' and `pfctl -s nat', one after the
 * other. */
unsigned int pf_calls(struct rd text);
/* The lines that pf.conf lacks, each with its newline; "" if none. */
const char *pf_missing(enum pf_dialect, unsigned int has, char *, size_t);

#endif /* PF_H */
