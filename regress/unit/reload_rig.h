/* SPDX-License-Identifier: ISC */

/* reload_rig.h: the reload machine between recorded children. */

#ifndef RELOAD_RIG_H
#define RELOAD_RIG_H

#include "reload.h"

enum { RIG_LOG = 8192 };

struct rig_sent {
	enum proc	 to;
	uint32_t	 type, gen, tunnel;
};

struct rig {
	struct reload_io io;
	struct reload	*r;
	uint64_t	 now;
	struct rig_sent	 log[RIG_LOG];
	size_t		 n;
	int		 room;		/* frames until the channels are full */
	char		 mode[16];	/* of the last s2sd-conf */
	uint32_t	 gen;		/* that it was told */
	unsigned int	 runs, stops, errors, warnings, ndone;
	int		 lacks;
	int		 natt;		/* tunnels differ by TUN_NATT too */
	int		 norun;		/* s2sd-conf cannot be started */
	uint32_t	 failed, ready;	/* PB() masks */
	int		 err;		/* of the last done() */
	char		 text[TEXT_MAX];
};

void	 rig_open(struct rig *, const char *mode);
void	 rig_close(struct rig *);
/* PB() mask: they say HELLO. */
void	 rig_up(struct rig *, uint32_t who);
/* A frame without body, or with a text; what reload_frame returned. */
int	 rig_say(struct rig *, enum proc from, uint32_t type, uint32_t gen,
	    const char *text);
/* What s2sd-conf writes; record: octets. */
int	 rig_global(struct rig *);
int	 rig_record(struct rig *, struct rd);
/* A tunnel of that name that differs by `life'. */
int	 rig_tunnel(struct rig *, const char *name, uint32_t life);
int	 rig_end(struct rig *, uint32_t n);
/* s2sd-conf and s2sd-keys do all that is right with these names (NULL last;
 * life from 1000 upwards by `life'). */
void	 rig_parse(struct rig *, uint32_t life, const char *const *names);
/* Everybody who was asked answers READY or DONE, until nobody is asked. */
void	 rig_agree(struct rig *);
/* How many frames of that type went to whom since n was set to 0. */
size_t	 rig_count(const struct rig *, enum proc to, uint32_t type);
/* Place of the first such frame in the log, or n. */
size_t	 rig_where(const struct rig *, enum proc to, uint32_t type);

#endif /* RELOAD_RIG_H */
