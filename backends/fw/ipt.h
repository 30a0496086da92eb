/* SPDX-License-Identifier: ISC */

/*
 * ipt.h: the firewall by iptables.  s2sd-host sends records (an enum,
 * addresses, numbers); s2sd-exec makes the text for iptables-restore out of
 * them and runs it.  Both sides of that are here, and both are pure.
 */

#ifndef IPT_H
#define IPT_H

#include "fw.h"

enum ipt_what {			/* m_x_run.what */
	IPT_BEGIN = 1,		/* forget the records; no body */
	IPT_ADD,		/* records; both have no answer */
	IPT_LOAD,		/* make our chains say what the records say */
	IPT_CLEAR,		/* remove our chains */
	IPT_CHECK		/* are they there, and first? */
};
enum ipt_kind {			/* which of our chains */
	IPT_NAT, IPT_BLOCK, IPT_FILTER, IPT_NKINDS
};
enum ipt_variant { IPT_LEGACY = 1, IPT_NFT = 2 };

struct ipt_op {			/* body of LOAD, CLEAR, CHECK */
	uint8_t	 variant;	/* one of enum ipt_variant */
	uint8_t	 af;		/* 4 or 6 */
	uint8_t	 block;		/* enum ipt_kind */
	uint8_t	 outdrop;
	uint8_t	 tun;		/* IPT_FILTER: packets come by our TUN */
};

/* m_x_done.err */
enum ipt_err {
	IPT_OK, IPT_EPROGRAM,	/* not installed */
	IPT_EFAILED,		/* it said no: text */
	IPT_ETIME, IPT_EMISSING, /* CHECK: gone, or no longer first */
	IPT_EFRONT,		/* the filter is that of another tool: text */
	IPT_ECALL		/* pf.conf does not call ours: text */
};

enum { IPT_RECS = 65536, IPT_ADD_MAX = 16000 };

void	 ipt_op_put(struct wr *, const struct ipt_op *);
int	 ipt_op_get(struct rd, struct ipt_op *) WUR;
/* Records from p on that fit into one body: how many were written. */
size_t	 ipt_add_put(struct wr *, enum fw_verdict, uint8_t af,
	    const struct fw_pair *p, size_t n);
/* The whole of rs as BEGIN and ADD requests: 0, or -1. */
int	 ipt_records(const struct fw_env *, const struct fw_rules *) WUR;
/* All of them to rs, unsorted: 0, or -1: malformed or too many. */
int	 ipt_add_get(struct rd, struct fw_rules *) WUR;

/* --- what a saved ruleset has brought back (Linux, as root) --- */

/* Variants with chains of our names, shifted by 2 for each enum ipt_kind. */
uint32_t ipt_left(void);
/* The same from the kernel's form of a table of iptables-legacy. */
uint32_t ipt_left_names(const uint8_t *, size_t);

/* --- text --- */

enum { IPT_NROWS = 9 };
struct ipt_row {
	const char	*table, *hook, *chain;
	uint8_t		 block;		/* enum ipt_kind */
	uint8_t		 outdrop;	/* only without XFRM */
};
extern const struct ipt_row ipt_rows[IPT_NROWS];

/* What iptables-save says about us. */
struct ipt_state {
	uint16_t njump[IPT_NROWS];	/* jumps to our chain */
	uint8_t	 first[IPT_NROWS];	/* and the first rule is one */
	uint8_t	 chain[IPT_NROWS];	/* the chain exists */
	uint32_t rules[IPT_NROWS];	/* and has so many */
	const char *front;		/* tool that owns the filter, or NULL */
};
/* Lines that are not ours are skipped, however they look. */
void	 ipt_state_parse(struct rd text, struct ipt_state *);
/* Is everything of that kind in place? */
int	 ipt_state_ok(const struct ipt_state *, const struct ipt_op *);
/*
 * Text for `iptables-restore --noflush': atomic for each table.  rs NULL:
 * away with it.  *text is malloc'd, "" if there is nothing to do.
 */
int	 ipt_text(const struct fw_rules *rs, const struct ipt_op *,
	    const struct ipt_state *, char **text, size_t *n) WUR;

#endif /* IPT_H */
