/* SPDX-License-Identifier: ISC */

/* exec_bsd.h: s2sd-exec on the BSDs: routes and switches of the system. */

#ifndef EXEC_BSD_H
#define EXEC_BSD_H

#include "../../backends/host/bsd_req.h"
#include "exec.h"

extern const struct role role_exec_bsd;
/* What really does it; without, every request fails.  Reads what the last
 * life left. */
void	 exec_bsd_use(void *self, const struct bsd_os *);
/* Its role_exec, for exec_set_runner. */
void	*exec_bsd_programs(void *self);
/* `s2sd -b': no switch changes. */
void	 exec_bsd_block_only(void *self);
/* At the end: the switches are put back, what went into the TUN is refused. */
void	 exec_bsd_hold(void *self);
/* `s2sd -u': the routes go, too. */
void	 exec_bsd_clear(void *self);

#endif /* EXEC_BSD_H */
