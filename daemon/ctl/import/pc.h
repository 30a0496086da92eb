/* SPDX-License-Identifier: ISC */

/*
 * pc.h: the other way round: one tunnel of s2sd as the ipsec.conf and
 * ipsec.secrets of the other end.
 */

#ifndef PC_H
#define PC_H

#include <stdio.h>

#include "im.h"
#include "tunnel.h"

struct pc {
	const struct tunnel	*t;
	const uint8_t		*psk;	/* to be shown, or NULL: a placeholder */
	size_t			 npsk;
	enum im_flavour		 fl;
};

/*
 * Both files to out, one behind the other, each behind a line that begins
 * with "### ".  What does not go into them is said on `err'; -1: nothing
 * useful is left, and nothing was printed.
 */
int	 pc_print(const struct pc *, FILE *out, FILE *err) WUR;

/* pc_prop.c: ike= or esp= of these proposals into buf: 0, or -1: nothing of
 * it is known there. *lost: something is left out. */
enum { PC_LINE = 2048 };
int	 pc_props(const struct pc *, int ike, char *buf, size_t len, int *lost)
	    WUR;
/* Has each proposal of the child no, or some group of its own? */
int	 pc_pfs(const struct pc *);

#endif /* PC_H */
