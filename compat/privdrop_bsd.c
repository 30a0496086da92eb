/* SPDX-License-Identifier: ISC */

/* privdrop_bsd.c: OpenBSD and FreeBSD have ids but no capabilities. */

#include "config.h"

#include <unistd.h>

#include "privdrop.h"

int
priv_before(uint32_t caps)
{
	(void)caps;
	return (0);
}

int
priv_setids(uid_t uid, gid_t gid)
{
	if (setresgid(gid, gid, gid) == -1)
		return (-1);
	return (setresuid(uid, uid, uid));
}

int
priv_after(uint32_t caps)
{
	(void)caps;
	return (0);
}

/* A process that changed its ids is neither traced nor dumped there. */
int
priv_lock(void)
{
	return (0);
}
