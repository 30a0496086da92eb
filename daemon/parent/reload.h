/* SPDX-License-Identifier: ISC */

/*
 * reload.h: the configuration on its way from s2sd-conf to every process, in
 * two rounds, as a machine without I/O: frames, deaths and time go in.
 *
 *	IDLE --reload_start--> PARSE	s2sd-conf runs, s2sd-keys collects
 *	PARSE --all here--> PREPARE	every process checks the new set
 *	PREPARE --all READY--> NEW	one after the other, host first
 *	NEW --all DONE--> GONE		one after the other, ike first
 *	GONE --all DONE--> IDLE
 *
 * One "no" in PARSE or PREPARE is ABORT, and the old set stands.  After
 * that nothing can fail any more: a process that dies gets the new set when
 * it comes back.  A process that starts while the machine is idle gets the
 * set in force by the same frames, by itself (`sync').
 *
 * A new s2sd-keys needs its secrets again, and only s2sd-conf may read them.
 * If the file has become bad meanwhile, those are given that can be had: the
 * tunnels of the others keep their SAs, and cannot start or renew the IKE SA
 * until a good file is reloaded.
 */

#ifndef RELOAD_H
#define RELOAD_H

#include "ipc.h"
#include "msg.h"
#include "tunnel.h"

enum { RELOAD_TUNNEL_MAX = 20000, RELOAD_ORDER = 8 };

/* In which order processes take up what is new, and begin. */
extern const enum proc reload_order[RELOAD_ORDER];

struct reload_io {
	void	*arg;
	/* A frame to a process; it cannot wait, see room. */
	void	(*send)(void *arg, enum proc to, const struct ipc_hdr *,
		    const void *body, size_t len);
	/* 1: nothing is queued to that process; else reload_room() is called
	 * when it is so again. */
	int	(*room)(void *arg, enum proc to);
	/* Run s2sd-conf: 0 or -1.  Later: reload_conf_exit(). */
	int	(*conf_start)(void *arg, const char *mode, uint32_t gen);
	void	(*conf_stop)(void *arg);
	/* End that process; later: reload_down(). */
	void	(*fail)(void *arg, enum proc, const char *why);
	/* That process has the set in force. */
	void	(*ready)(void *arg, enum proc);
	/* What reload_start or reload_drain began is over: err 0, or 1 and
	 * text says why the old set stands.  Lines; after the first of a
	 * success come the warnings. */
	void	(*done)(void *arg, int err, const char *text);
	/* s2sd-conf found something wrong, or strange: one line */
	void	(*error)(void *arg, const char *line);
	void	(*warn)(void *arg, const char *line);
	/* s2sd-keys runs without some of the secrets, or no longer */
	void	(*lacks)(void *arg, int on);
	/* Look at, and change, what the file says of the daemon as a whole. */
	void	(*global)(void *arg, struct global *);
};

struct reload;

/*
 * mode of s2sd-conf, proc.h: "run", or one without secrets; s2sd-keys then
 * is not waited for.
 */
struct reload *reload_new(const struct reload_io *, const char *mode);
void	 reload_free(struct reload *);

/* Begin, or begin again after the present one. */
void	 reload_start(struct reload *, uint64_t now);
/* Give these processes (PB() mask) an empty set: they let go of everything.
 * -1: not now. */
int	 reload_drain(struct reload *, uint32_t who, uint64_t now);
/* A process said HELLO; a process is gone. */
void	 reload_up(struct reload *, enum proc, uint64_t now);
void	 reload_down(struct reload *, enum proc, uint64_t now);
void	 reload_room(struct reload *, enum proc);
/* s2sd-conf ended; all its frames have been given to reload_frame before. */
void	 reload_conf_exit(struct reload *, int ok, uint64_t now);
/*
 * One frame, body decoded by msg_get: CONF_READY, CONF_REFUSED, CONF_DONE,
 * CF_*, K_SECRETS.  0, or -1: impossible from an honest sender.
 */
int	 reload_frame(struct reload *, const struct ipc_msg *,
	    const void *body, uint64_t now) WUR;
/* Returns when to be called next, or UINT64_MAX. */
uint64_t reload_tick(struct reload *, uint64_t now);

/* Has that process the set in force; its number, 0: none; is a reload going
 * on, or to come? */
int	 reload_is_ready(const struct reload *, enum proc);
uint32_t reload_gen(const struct reload *);
int	 reload_running(const struct reload *);
int	 reload_busy(const struct reload *);
/* The id of the tunnel of that name in force, 0: none (for the tests). */
uint32_t reload_id(const struct reload *, const char *name);

#endif /* RELOAD_H */
