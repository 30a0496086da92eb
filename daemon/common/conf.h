/* SPDX-License-Identifier: ISC */

/*
 * conf.h: a role's copy of the configuration, and the two rounds of a
 * reload.  Between the rounds both sets are live: a tunnel is looked up in
 * the new one first.
 */

#ifndef CONF_H
#define CONF_H

#include "tunnel.h"

struct conf_set {
	uint32_t	 gen;
	struct global	 g;
	struct tunnel	**t;		/* n pointers, each a record of tunnel_size */
	size_t		 n, room;
};

struct conf {
	struct conf_set	*now;		/* in force; never NULL after conf_init */
	struct conf_set	*old;		/* between the rounds, else NULL */
	struct conf_set	*next;		/* being received, else NULL */
};

int	 conf_init(struct conf *) WUR;
void	 conf_clear(struct conf *);
/* In force (or, between the rounds, still in force), or NULL. */
const struct tunnel *conf_find(const struct conf *, uint32_t id);
const struct tunnel *conf_find_name(const struct conf *, const char *);
const struct tunnel *conf_set_find(const struct conf_set *, uint32_t id);
/* Is the id in `now' but not in `old' / in `old' but not in `now'? */
int	 conf_is_new(const struct conf *, uint32_t id);
int	 conf_is_gone(const struct conf *, uint32_t id);
/*
 * Between the rounds: the old record of a tunnel that stays and whose soft
 * fields (tunnel.h) were changed, else NULL.
 */
const struct tunnel *conf_was(const struct conf *, uint32_t id);

/* The frames of a reload, in order; used by role_dispatch and the tests. */
int	 conf_begin(struct conf *, uint32_t gen, const struct global *) WUR;
int	 conf_add(struct conf *, const struct tunnel *) WUR;	/* copies */
void	 conf_abort(struct conf *);
void	 conf_commit_new(struct conf *);	/* next -> now, now -> old */
void	 conf_commit_gone(struct conf *);	/* old away */

#endif /* CONF_H */
