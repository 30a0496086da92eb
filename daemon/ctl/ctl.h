/* SPDX-License-Identifier: ISC */

/*
 * ctl.h: s2sd-ctl as a library: the log ring, a snapshot of how everything
 * is, and the clients of the control socket.  It owns no socket: main.c and
 * sock.c move the frames of umsg.h.
 */

#ifndef CTL_H
#define CTL_H

#include "reason.h"
#include "role.h"
#include "umsg.h"

extern const struct role role_ctl;

enum {
	CTL_CLIENTS = 16,
	CTL_ROOT = 4,		/* of them for root alone */
	CTL_PATIENCE = 5000,		/* ms for a request, and for a reader
					   that takes nothing */
	CTL_LINES = 4096		/* of the log ring */
};

struct ctl_out {
	void	*arg;
	/* One frame to a client: 1 sent, 0 no room now, -1 gone. */
	int	(*send)(void *arg, int client, const uint8_t *p, size_t n);
	/* We are done with it; not called for ctl_client_gone. */
	void	(*close)(void *arg, int client);
	/* A log line for the log of the system, vis'd. */
	void	(*line)(void *arg, int level, const char *text);
};
void	 ctl_set_output(void *self, const struct ctl_out *);

/*
 * A client connected, as this user.  Returns its number (0..CTL_CLIENTS-1),
 * or -1: then send it the *n octets in `no' (room for an M_U_DONE) and close.
 * Root may do everything.  Others come only if the configuration names a
 * control group (the mode of the socket lets nobody else in), and may look.
 */
int	 ctl_client_open(void *self, uint32_t uid, uint64_t now, uint8_t *no,
	    size_t *n) WUR;
enum { CTL_NO_MAX = 1024 };
/* A message from it, whole, or longer than CTL_REQUEST_MAX (cut). */
void	 ctl_client_input(void *self, int client, const uint8_t *p, size_t n,
	    uint64_t now);
/* There is room again. */
void	 ctl_client_writable(void *self, int client, uint64_t now);
/* Does it wait for room? */
int	 ctl_client_waits(const void *self, int client);
/* It hung up. */
void	 ctl_client_gone(void *self, int client);

/* A log line of a process, or of our own. */
void	 ctl_log(void *self, enum proc from, int level, uint32_t tunnel,
	    int reason, const char *text, uint64_t now);
/*
 * Make text harmless: everything but printable ASCII and blanks becomes
 * \ooo.  Returns the length; 4 n + 1 octets are always enough.
 */
size_t	 ctl_vis(const char *text, char *out, size_t max);

#endif /* CTL_H */
