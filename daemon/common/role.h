/* SPDX-License-Identifier: ISC */

/*
 * role.h: the shape of every role.  A role is a library of decisions: frames
 * and time go in, frames and log lines come out.  role_main() runs one as a
 * process (libevent, sandbox); regress/pair runs all of two gateways in one
 * process on a virtual clock.
 */

#ifndef ROLE_H
#define ROLE_H

#include "conf.h"
#include "ipc.h"
#include "msg.h"
#include "tunnel.h"

struct event_base;

/* Everything a role may do to the world; handed in, never global. */
struct role_io {
	void	*arg;
	/* Send a frame: 0, or -1 if it could not even be queued.  Types,
	 * struct and length by msg.h: use role_send() below. */
	int	(*send)(void *arg, enum proc to, const struct ipc_hdr *,
		    const void *body, size_t len);
	/* level as in syslog(3); tunnel 0: none; reason: enum reason or 0. */
	void	(*log)(void *arg, int level, uint32_t tunnel, int reason,
		    const char *text);
	void	(*random)(void *arg, void *buf, size_t n);
	/* Frames queued towards that process; NULL: none ever. */
	size_t	(*waiting)(void *arg, enum proc to);
};

#define DUE_NEVER	UINT64_MAX

/*
 * A handler gets the decoded body (the struct that msg.h names for the
 * type; views point into the frame and die when the handler returns) and
 * the time.  Returns 0, or -1 if the content is impossible from an honest
 * sender: the dispatcher then names the sender to the parent, who ends it.
 * A request that is merely refused (unknown tunnel, old generation, no
 * such handle) is answered and logged, and is not -1.
 */
struct role_rule {
	uint32_t	 type;
	uint32_t	 from;		/* PB() of everybody who may send it */
	int		(*fn)(void *self, const struct ipc_msg *m, void *body,
			    uint64_t now);
};

/* A counter as status -v shows it: a name of [a-z-] and a number. */
struct role_counter {
	const char	*name;
	uint64_t	 value;
};
enum { ROLE_COUNTERS_MAX = 128 };

struct role {
	enum proc		 id;
	const struct role_rule	*rules;
	size_t			 nrules;
	/* A new instance; io stays valid until free. NULL: out of memory. */
	void		*(*new)(const struct role_io *io);
	void		 (*free)(void *self);
	/* Do what is due at `now' (milliseconds, CLOCK_BOOTTIME); returns when
	 * to be called next, or DUE_NEVER.  Also called after every frame. */
	uint64_t	 (*tick)(void *self, uint64_t now);
	/* That process was started anew: open requests to it have failed. */
	void		 (*died)(void *self, enum proc who, uint64_t now);
	/* The configuration (conf.h).  check: 0, or -1 and a reason; changes
	 * nothing.  added: take up what is in c->now and was not before;
	 * removed: let go of what c->old still has.  Any may be NULL.  c is the
	 * same pointer for the whole life: a role may keep it from `added' on.
	 * added and removed: 0, or -1 if there is no memory for it: the role
	 * says REFUSED in place of DONE, and the parent starts it anew. */
	int		 (*check)(void *self, const struct conf_set *next,
			    char *why, size_t);
	int		 (*added)(void *self, const struct conf *c, uint64_t now);
	int		 (*removed)(void *self, const struct conf *c, uint64_t now);
	/* All roles are ready: begin (dial, listen). */
	void		 (*go)(void *self, uint64_t now);
	/* Fill at most max counters (answers M_STATS_Q); or NULL.  A name is
	 * 1 to 63 octets of [!-~]: s2sd-ctl accuses who sends another. */
	size_t		 (*counters)(void *self, struct role_counter *, size_t max);
};

/*
 * role_send: encode `body' (the struct of that type, or NULL for a type
 * without body) and send it.  0, or -1 if it could not be queued.
 */
int	 role_send(const struct role_io *, enum proc to, uint32_t type,
	    uint32_t gen, uint32_t req, uint32_t tunnel, const void *body);
/* printf into role_io.log; text cut at 512 octets. */
void	 role_log(const struct role_io *, int level, uint32_t tunnel,
	    int reason, const char *fmt, ...)
	    __attribute__((__format__(printf, 5, 6)));

/*
 * role_dispatch: one frame to one role.  Handles the configuration frames
 * itself (into *c, through the role's hooks) and all others by the role's
 * rules: sender, length and content are checked here.  The body is wiped.
 * Returns 0, or -1 if the sender must be ended.
 */
int	 role_dispatch(const struct role *, void *self, struct conf *c,
	    const struct role_io *, struct ipc_msg *, uint64_t now);

/* --- running one as a process (role_main.c) --- */

struct role_proc {
	const struct role	*role;
	/* as root, before anything is dropped; or NULL */
	void			(*open_root)(void);
	/* after start, before the sandbox: set up own events; or NULL */
	void			(*setup)(struct event_base *, void *self,
				    const struct role_io *);
	/* before the sandbox: crypt_warmup, for who links libcrypt; or NULL.
	 * -1: a known answer came out wrong, the process ends */
	int			(*warmup)(void);
	/* M_FD of the parent: takes fd over; or NULL: closed */
	void			(*got_fd)(int what, int fd);
};

/* Never returns.  argv[1] is the epoch, argv[2] the build id. */
void	 role_main(const struct role_proc *, int argc, char **argv)
	    __attribute__((__noreturn__));
/* The time that role_main hands to its role, milliseconds of CLOCK_BOOTTIME. */
uint64_t now_ms(void);
/* After an own event of a process (a packet, a client): let its role tick. */
void	 role_kick(void);
/* SIGTERM or EOF of the parent: called before exit, or NULL; in the second
 * case role_orphaned is set. */
extern void (*role_exit_hook)(void);
extern int role_orphaned;
/* What open_root or setup found out, for HELLO: s2sd-sad "userland", s2sd-host
 * "exec: why"; static, or NULL. */
extern const char *role_note;
/* s2sd-ctl: takes the process's own log lines instead of a frame; else NULL. */
extern void (*role_log_hook)(int level, uint32_t tunnel, int reason,
	    const char *text);
/* "run", or argv[3]. */
extern const char *role_mode;

#endif /* ROLE_H */
