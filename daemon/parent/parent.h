/* SPDX-License-Identifier: ISC */

/* parent.h: s2sd itself: what its files share. */

#ifndef PARENT_H
#define PARENT_H

#include <sys/types.h>

#include "ipc.h"
#include "reload.h"
#include "restart.h"

struct event;
struct event_base;

enum run_mode {
	RUN_DAEMON,
	RUN_TEST,		/* -n: s2sd-conf alone */
	RUN_PRINT,		/* -nv */
	RUN_BLOCK, RUN_UNBLOCK	/* -b, -u: s2sd-host alone */
};

struct child {
	pid_t		 pid;		/* 0: does not run */
	int		 wanted;	/* to be started (again) */
	int		 up;		/* said HELLO */
	int		 gone;		/* told to GO */
	uint64_t	 since;		/* ms: start of this life, or of its absence */
	uint64_t	 start_at;	/* ms; UINT64_MAX: not waiting */
	uint64_t	 hello_by;	/* ms; UINT64_MAX: has said it */
	struct restart	 life;
	struct ipc_chan	*chan;
	struct event	*rd, *wr;
	char		 why[128];	/* we ended it, and why */
};

enum { REQ_MAX = 64 };

/* Requests of s2sctl that wait for the end of a reload. */
struct reqs {
	uint32_t	 id[REQ_MAX];
	size_t		 n;
};

struct parent {
	/* --- command line --- */
	enum run_mode	 mode;
	int		 debug;		/* -d */
	int		 verbose;
	const char	*file;		/* -f */
	const char	*sock;		/* -s */
	char		*libexec;

	/* --- what is made once and kept for life; -1: absent --- */
	int		 ends[PROC_MAX][PROC_MAX];	/* [a][b]: a's end to b */
	int		 udp[4];	/* s2sd-net's, from FD_UDP500_4 */
	int		 esp[2];	/* s2sd-esp's port 4500 */
	int		 tun, owner, ctlsock, syslog, confdir;
	int		 words[2];	/* pipe: the children's stderr */
	int		 lock, alive;	/* fds_lock */
	char		 group[NAME_MAX_];	/* may use the control socket */
	char		 planes[TEXT_MAX];	/* backends that work here, as
						   s2sd-sad says: best first */
	uint8_t		 plane;		/* enum be_choice, once it is known */

	/* --- running --- */
	struct event_base *base;
	struct event	*timer;
	struct event	*ev[8];		/* signals, words; NULL: none */
	struct child	 child[PROC_MAX];
	struct reload_io rio;
	struct reload	*reload;
	struct reqs	 reqs, reqs_next;
	int		 lacks;		/* s2sd-keys has not all secrets */
	int		 started;	/* the first configuration is in force */
	int		 going;		/* and everybody was told to GO */
	int		 stopping, unblock;
	uint64_t	 stop_at;	/* ms: patience ends */
	uint64_t	 n_reload, n_refused, n_accused;	/* counters */
	int		 ready_fd;	/* who started us waits here; or -1 */
	int		 exit_code;
};

/* main.c */
void	 parent_log(struct parent *, int level, const char *fmt, ...)
	    __attribute__((__format__(printf, 3, 4)));
/* One line of a child's stderr. */
void	 parent_say(struct parent *, const char *line);
/* It runs: let go of the terminal. */
void	 parent_detach(struct parent *);

/* run.c */
int	 run(struct parent *);
uint64_t run_now(void);
void	 run_timer(struct parent *);
void	 run_hello(struct parent *, enum proc, const char *note);
/* `set backend auto' becomes what it means here. */
void	 run_plane(struct parent *, struct global *);
void	 run_stop(struct parent *, int unblock);
void	 run_reload(struct parent *, uint32_t req);
void	 run_exec(struct parent *);
void	 run_reload_done(struct parent *, int err, const char *text);

/* rio.c: fill p->rio */
void	 rio_fill(struct parent *);

/* end.c */
void	 end_all(struct parent *);

/* spawn.c */
/* All channels; then a frame of the greatest length through one: 0 or -1. */
int	 spawn_channels(struct parent *);
/* Start it with what its row says; extra: further arguments or NULL. */
int	 spawn(struct parent *, enum proc, const char *mode,
	    const char *const *extra);
/* Its life is over: its channels are emptied, the others told. */
void	 spawn_buried(struct parent *, enum proc);
void	 spawn_tell(struct parent *, enum proc);
void	 spawn_end(struct parent *, enum proc, const char *why);
/* A descriptor above those that children get, close-on-exec; closes fd. */
int	 spawn_keep(int fd);

/* frames.c */
int	 frames_open(struct parent *, enum proc);
void	 frames_close(struct parent *, enum proc);
void	 frames_drain(struct parent *, enum proc);
void	 frames_send(struct parent *, enum proc, const struct ipc_hdr *,
	    const void *, size_t);
void	 frames_body(struct parent *, enum proc, uint32_t type, uint32_t req,
	    const void *body);
/* Tell s2sd-ctl how that process fares. */
void	 frames_proc(struct parent *, enum proc);

/* fds.c: messages go to stderr; 0, or -1 */
int	 fds_lock(struct parent *);	/* 1: -b, and s2sd runs */
int	 fds_alive(const struct parent *, int fd);
void	 fds_unlock(struct parent *);
void	 fds_unpid(const struct parent *);
int	 fds_control(struct parent *);
int	 fds_confdir(struct parent *);
void	 fds_group(struct parent *);
int	 fds_words(struct parent *);
int	 fds_syslog(struct parent *);
int	 fds_empty(void);

/* sys_*.c: what differs between systems; messages go to stderr; 0, or -1 */
void	 sys_entropy(void);		/* waits for good random numbers */
int	 sys_probe(void);		/* are the ports free, may we? */
/* shared: port 4500 with s2sd-esp; encap: ESP there is the kernel's */
int	 sys_udp(struct parent *, int shared, int encap);
int	 sys_tun(struct parent *);
int	 sys_owner(struct parent *);
/* What is queued in a descriptor that a next life inherits goes. */
void	 sys_drain_tun(int fd);
int	 sys_close_from(int fd);

#endif /* PARENT_H */
