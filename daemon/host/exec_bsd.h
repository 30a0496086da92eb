/* SPDX-License-Identifier: ISC */

/* exec_bsd.h: s2sd-exec on the BSDs: routes and switches of the system. */

#ifndef EXEC_BSD_H
#define EXEC_BSD_H

#include "../../backends/host/bsd_req.h"
#include "exec.h"

extern const struct role role_exec_bsd;
/* What really does it; without, every request fails. */
void	 exec_bsd_use(void *self, const struct bsd_os *);
/* Its role_exec, for exec_set_runner. */
void	*exec_bsd_programs(void *self);
/* At the end: the routes go, the switches are put back. */
void	 exec_bsd_clear(void *self);

#endif /* EXEC_BSD_H */
