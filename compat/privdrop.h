/* SPDX-License-Identifier: ISC */

/* privdrop.h: what differs between systems when a process gives up rights. */

#ifndef PRIVDROP_H
#define PRIVDROP_H

#include <sys/types.h>

#include <stdint.h>

/*
 * In this order: priv_before (as root), priv_setids, priv_after, priv_lock.
 * caps: Linux capabilities to keep, by bit number; ignored elsewhere.
 * All return 0, or -1 and errno.
 */
int	 priv_before(uint32_t caps);
/* Real, effective and saved ids; then nobody can go back. */
int	 priv_setids(uid_t, gid_t);
int	 priv_after(uint32_t caps);
/* Not traceable, no core dump, no set-uid programs. */
int	 priv_lock(void);

#endif /* PRIVDROP_H */
