/* SPDX-License-Identifier: ISC */

/* c_probe.h: from probes to results; what its files share. */

#ifndef C_PROBE_H
#define C_PROBE_H

#include "probe.h"
#include "verify.h"

/*
 * A command that lets it through, in the words of the tool whose chain it
 * is; NULL if none is known.  pair NULL: to this host itself.  reverse: it
 * went from the remote network to ours.
 */
const char *v_fix(const struct pr_result *, const struct selpair *pair,
	    int reverse, char *, size_t);

/* What happened, in words: "source becomes 192.168.1.3 by ...". */
const char *v_what(const struct v_facts *, const struct pr_result *,
	    const struct pr_want *, char *, size_t);

enum { VP_CLASSES = 6, VP_PORTS = 4, VP_PAIRS = 16, VP_PROBES = 600,
    VP_KINDS = 12 };

/* Probes of one kind and one outcome are one line. */
struct vp_kind {
	struct pr_result r;
	size_t		 n;
	int		 meant;		/* a NAT that `nat-exempt no' lets be */
};

/* The probes of one direction of one pair, or between the gateways. */
struct vp_run {
	const struct v_facts	*f;
	struct probe		*p;
	struct v_list		*l;
	const char		*tunnel;
	const struct selpair	*pair;	/* as it is here; NULL: between the
					   gateways */
	const struct selpair	*map;	/* it is translated: tunnel.h */
	int			 reverse;
	int			 keep;	/* `nat-exempt no' */
	int			 down;	/* the kernel's ESP, and no SA */
	size_t			*budget;
	size_t			 good, sent;
	int			 more;	/* classes or probes were left out */
	struct pr_want		 want;
	struct vp_kind		 kind[VP_KINDS];
	size_t			 nkind;
};

#endif /* C_PROBE_H */
