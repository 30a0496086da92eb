/* SPDX-License-Identifier: ISC */

/* world_int.h: the insides of a world. */

#ifndef WORLD_INT_H
#define WORLD_INT_H

#include "world.h"

struct event {
	uint64_t	 at, seq;
	int		 kind;
	struct gw	*gw;
	enum proc	 from, to;
	struct ipc_hdr	 h;
	struct addr	 src, dst;
	size_t		 n;
	uint8_t		 d[];
};

struct world {
	struct world_opt opt;
	uint64_t	 rng, now, seq, events, trace;
	struct gw	*gw;
	size_t		 ngw;
	struct event	**heap;
	size_t		 nheap, room;
	int		 link;
	uint64_t	 drop_nth;
	world_tap	*tap;
	void		*tap_arg;
	int		 inside;	/* WORLD_AT of the running role, or -1 */
	uint32_t	 got[4096];	/* inner packets seen, by number */
};

/* world_pf.c */
void	 world_host_pf(struct gw *);	/* s2sd-host has pf, and nothing else */
void	 world_exec_pf(struct gw *);	/* s2sd-exec runs a pfctl of ours */

#endif /* WORLD_INT_H */
