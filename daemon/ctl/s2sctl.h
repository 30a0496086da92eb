/* SPDX-License-Identifier: ISC */

/* s2sctl.h: s2sctl's way to the daemon. */

#ifndef S2SCTL_H
#define S2SCTL_H

#include "u.h"

#define S2SCTL_SOCKET	RUNDIR "/s2sd.sock"

enum { EXIT_WELL = 0, EXIT_BAD = 1, EXIT_NOT_RUNNING = 2 };

/* Connect: a descriptor, or -1 and errno. */
int	 io_open(const char *path) WUR;
/* Why it did not work, on stderr; returns the exit status. */
int	 io_failed(const char *path, int error);
/* Send a request: 0 or -1. */
int	 io_ask(int fd, uint32_t type, const void *body) WUR;
/*
 * The next frame into buf (IPC_FRAME_MAX octets): 1 and *r, 0 if the daemon
 * hung up, -1 if nothing came in that time (-1: wait for ever).
 */
int	 io_next(int fd, uint8_t *buf, struct rd *r, int ms) WUR;
/* The frame as that type of body: 0, or -1 if it is something else. */
int	 io_body(struct rd r, uint32_t type, void *body) WUR;

/* --- s2sctl_end.c --- */

/* The process id of the daemon behind that socket; 0: not known. */
pid_t	 end_pid(const char *sock);
/* Wait until it is through, with what `stop' undoes: 0; -1: not in time. */
int	 end_wait(const char *sock, pid_t, int ms);
/* io_next said 0 or -1: say what has become of s2sd; the exit status. */
int	 end_lost(const char *sock, int rv);

#endif /* S2SCTL_H */
