/* SPDX-License-Identifier: ISC */

/* restart.h: when a process that died is started again; lives and epochs. */

#ifndef RESTART_H
#define RESTART_H

#include <stdint.h>

struct restart {
	uint32_t	 epoch;		/* of the present or next life; from 1 */
	uint32_t	 count;		/* lives that ended */
	uint64_t	 born;		/* ms, start of the present life */
	uint32_t	 wait;		/* seconds to wait after the next death */
};

void	 restart_init(struct restart *);
void	 restart_born(struct restart *, uint64_t now);
/* It died: a new epoch begins.  Returns when to start it, ms. */
uint64_t restart_died(struct restart *, uint64_t now);

#endif /* RESTART_H */
