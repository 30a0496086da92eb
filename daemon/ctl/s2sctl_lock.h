/* SPDX-License-Identifier: ISC */

/* s2sctl_lock.h: a child of s2sctl that parses files of others. */

#ifndef S2SCTL_LOCK_H
#define S2SCTL_LOCK_H

/*
 * Give up what the process has: as root the user and the file system, and
 * for everybody the system calls that a parser does not need.  cpu: seconds
 * that it may take.  Exits on failure.
 */
void	 ctl_lock(unsigned int cpu);

#endif /* S2SCTL_LOCK_H */
