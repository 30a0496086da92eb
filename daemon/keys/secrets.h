/* SPDX-License-Identifier: ISC */

/*
 * secrets.h: the shared secrets.  s2sd-conf sends them by name of the
 * tunnel; they wait as a stage of their generation until the configuration
 * of the same generation comes into force.  Each is kept once.
 */

#ifndef KEYS_SECRETS_H
#define KEYS_SECRETS_H

#include "conf.h"

enum { SECRET_MAX = 1024, SECRETS_MAX = 65536,
    STAGE_LIFE = 120000 /* ms that a stage waits for its configuration */ };

struct secret {
	char		 name[NAME_MAX_];
	size_t		 n;		/* octets of psk */
	uint8_t		*psk;
};

struct secret_set {
	uint32_t	 gen;
	int		 whole;		/* SECRET_END or _PART was here */
	int		 part;		/* it was _PART: some may be missing */
	int		 lost;		/* no memory for one of them */
	struct secret	*s;		/* by name, once it is whole */
	size_t		 n, room;
	uint64_t	 at;		/* ms, when the last one came */
};

struct secrets {
	struct secret_set	 stage, now, old;	/* n == 0: nothing */
};

void	 secrets_clear(struct secrets *);
/* One more for the stage of that generation; another generation's stage is
 * wiped.  -1: impossible.  Without memory the stage is spoilt, and
 * secrets_check says so. */
int	 secrets_add(struct secrets *, uint32_t gen, const char *name,
	    struct rd psk, uint64_t now) WUR;
/* The stage is whole, or all that can be had: 0; -1 if a name came twice. */
int	 secrets_end(struct secrets *, uint32_t gen, int part, uint64_t now) WUR;
/* Has the stage of that generation a secret for every enabled tunnel, unless
 * it is known to lack some?  0, or -1 and why. */
int	 secrets_check(const struct secrets *, const struct conf_set *next,
	    char *why, size_t size) WUR;
/* The stage comes into force if it is of that generation; then the old go. */
void	 secrets_commit(struct secrets *, uint32_t gen);
void	 secrets_drop_old(struct secrets *);
/* The PSK of a tunnel, the newer first; n is 0 if there is none. */
struct rd secrets_find(const struct secrets *, const char *name);
/* Between secrets_commit and secrets_drop_old: has that tunnel another secret
 * than before? */
int	 secrets_changed(const struct secrets *, const char *name);
/* Wipe a stage that nobody took; when to come again, or UINT64_MAX. */
uint64_t secrets_tick(struct secrets *, uint64_t now);

#endif /* KEYS_SECRETS_H */
