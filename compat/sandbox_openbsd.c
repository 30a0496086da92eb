/* SPDX-License-Identifier: ISC */

/* sandbox_openbsd.c: pledge(2), one row of promises a role. */

#include "config.h"

#include <err.h>
#include <stddef.h>
#include <unistd.h>

#include "proc.h"

/* NULL: starts programs, or keeps what root must do; not pledged. */
static const char *const promises[PROC_MAX] = {
	[PROC_CONF]	= "stdio",
	[PROC_NET]	= "stdio inet",		/* send with an address */
	[PROC_IKE]	= "stdio",
	[PROC_KEYS]	= "stdio",
	[PROC_SAD]	= "stdio",		/* its PF_KEY socket is open */
	[PROC_ESP]	= "stdio inet",
	[PROC_HOST]	= "stdio route",	/* getifaddrs(3) */
	[PROC_CTL]	= "stdio unix recvfd",	/* accept; a new log socket */
};

void
sandbox_early(enum proc p)
{
	(void)p;
}

void
sandbox(enum proc p)
{
	if (promises[p] != NULL && pledge(promises[p], NULL) == -1)
		err(1, "pledge %s", promises[p]);
}

const char *
sandbox_missing(void)
{
	return ("");
}
