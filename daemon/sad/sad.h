/* SPDX-License-Identifier: ISC */

/*
 * sad.h: s2sd-sad, the only one who installs keys.  It takes them from
 * s2sd-keys alone, checks everything around them against its own copy of
 * the configuration, and keeps none.
 *
 * M_S_COUNTERS comes in parts of SAD_COUNT_PART elements; the first part
 * with fewer (perhaps none) is the last.
 */

#ifndef SAD_H
#define SAD_H

#include "role.h"

struct sa_backend;

enum { SAD_COUNT_PART = 200 };

extern const struct role role_sad;

/* One backend and what its open said, as root. */
struct sad_choice {
	const struct sa_backend	*be;
	void			*sys;	/* what it left, for its start */
	int			 no;	/* not usable, why says why */
	char			 why[256];
};

/*
 * The backends to choose from, in order; before the first configuration.
 * Copied.  Without this call: userland.  At most SAD_CHOICE_MAX.
 */
enum { SAD_CHOICE_MAX = 8 };
void	 sad_backends(void *self, const struct sad_choice *, size_t n);
/*
 * When a backend with a socket was started, watch is called with it, once;
 * from then on sad_readable is to be called when it is readable, and the
 * role to tick afterwards.
 */
void	 sad_watch(void *self, void (*watch)(void *self, int fd));
void	 sad_readable(void *self, uint64_t now);
/* The process ends in good order. */
void	 sad_leave(void *self);

#endif /* SAD_H */
