/* SPDX-License-Identifier: ISC */

/*
 * bsd_saved.h: what s2sd-exec on the BSDs made and what stood there before,
 * as the text of a file: a next life goes on from there, also after kill -9.
 * Pure.
 */

#ifndef BSD_SAVED_H
#define BSD_SAVED_H

#include "bsd_req.h"

enum { BSD_ROUTES_MAX = 4096, BSD_DEVICES_MAX = 1024,
    BSD_SAVED_MAX = BSD_ROUTES_MAX * 128 + BSD_DEVICES_MAX * 32 + 1024 };

struct bsd_saved {
	struct bsd_route	*r;		/* n; no src, mtu 0 */
	size_t			 n;
	struct bsd_device	*d;		/* nd; no address */
	size_t			 nd;
	int			 old[BSD_NCTL];	/* before us; -1: untouched */
};

/* 0, or -1 and nothing in it: not a file of ours.  bsd_saved_free it. */
int	 bsd_saved_parse(struct rd, struct bsd_saved *) WUR;
int	 bsd_saved_write(struct wr *, const struct bsd_saved *) WUR;
void	 bsd_saved_free(struct bsd_saved *);
/* Again none of it. */
void	 bsd_saved_init(struct bsd_saved *);
int	 bsd_saved_add(struct bsd_saved *, const struct bsd_route *) WUR;
int	 bsd_saved_device(struct bsd_saved *, const struct bsd_device *) WUR;

#endif /* BSD_SAVED_H */
