/* SPDX-License-Identifier: ISC */

/*
 * set.h: a configuration as the parent keeps it: octets to hand on.  Two
 * records are the same tunnel if and only if their octets are equal but for
 * the last TUNNEL_SOFT (tunnel.h).
 */

#ifndef SET_H
#define SET_H

#include "tunnel.h"

struct set_rec {
	uint32_t	 id;
	size_t		 n;
	uint8_t		 d[];		/* as s2sd-conf wrote it: name first */
};

struct set {
	uint32_t	 gen;
	uint8_t		*global;	/* NULL: not there yet */
	size_t		 nglobal;
	struct set_rec	**r;		/* set_number sorts them by name */
	size_t		 n, room;
};

enum { SET_NOMEM = -2 };	/* not the fault of who sent it */

struct set *set_new(uint32_t gen);
void	 set_free(struct set *);
/* 0, -1 or SET_NOMEM. */
int	 set_global(struct set *, struct rd) WUR;
int	 set_global_of(struct set *, const struct global *) WUR;
/* Copies: 0; -1: no record of a tunnel; SET_NOMEM. */
int	 set_add(struct set *, struct rd) WUR;
/*
 * Give every tunnel its id: that of the same tunnel in `old' (or NULL), else
 * the next new one.  -1: the same tunnel twice, or the numbers are used up.
 */
int	 set_number(struct set *, const struct set *old, uint32_t *next) WUR;
/* By name: the id, or 0. */
uint32_t set_id(const struct set *, const char *name);

#endif /* SET_H */
