/* SPDX-License-Identifier: ISC */

/* notify.h: tell a service manager how we are, if it asked. */

#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * Send "READY=1" or the like to the unix socket that the environment names
 * (sd_notify(3)); without one nothing happens.  Errors are of no interest:
 * the manager then waits and says so.
 */
void	 notify_manager(const char *state);

#endif /* NOTIFY_H */
