/* SPDX-License-Identifier: ISC */

/* pfkey_rig.h: the PF_KEY backend of one dialect on the mock kernel. */

#ifndef PFKEY_RIG_H
#define PFKEY_RIG_H

#include "../../backends/sa/pfkey_int.h"
#include "contract.h"
#include "mock_pfkey.h"

enum { RIG_PID = 777 };

struct rig {
	const struct pk_dialect *d;
	struct mock	 k;
	void		*be;
	struct role_io	 io;
	uint64_t	 now;
	uint8_t		 snap[64 * 1024];
};

struct rig *rig_new(const struct pk_dialect *);
/* A kernel and an instance; or another instance on the same kernel. */
void	 rig_start(struct rig *, const struct sa_events *, uint16_t life);
void	 rig_again(struct rig *, const struct sa_events *, uint16_t life);
/* Until nothing is open, also by the clock. */
void	 rig_pump(struct rig *);
void	 rig_end(struct rig *);
uint32_t rig_out(const struct rig *, const struct tunnel *);
/* May a packet of that tunnel come in by that SA? */
int	 rig_in(const struct rig *, const struct tunnel *, uint32_t spi);

#endif /* PFKEY_RIG_H */
