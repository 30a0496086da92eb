/* SPDX-License-Identifier: ISC */

/* ctl_int.h: the parts of libctl among themselves. */

#ifndef CTL_INT_H
#define CTL_INT_H

#include "ctl.h"

/* --- ctl_log.c --- */

struct line {
	uint64_t	 seq, at;	/* seq counts from 1; at: ms */
	uint8_t		 level, proc;
	uint16_t	 reason;
	char		 tunnel[NAME_MAX_];
	char		*text;		/* vis'd; NULL: no line yet */
	size_t		 n;
};
struct ring {
	struct line	 v[CTL_LINES];
	uint64_t	 next;		/* seq of the next line, from 1 */
};
/* 0, or -1: no memory, the line is lost. */
int	 ring_add(struct ring *, const struct line *, const char *text) WUR;
/* The line with that seq, or the oldest one after it; NULL: none yet. */
const struct line *ring_get(const struct ring *, uint64_t seq);
void	 ring_clear(struct ring *);

/* --- ctl_snap.c --- */

enum { SNAP_CHILDREN = 256 };	/* of a tunnel */

struct sc_child {
	struct m_c_child c;		/* c.pairs points to `pairs' */
	uint8_t		*pairs;
	struct sa_count	 n;
	uint64_t	 in_last, out_last;	/* ms, 0: never */
	uint64_t	 counted;	/* ms, 0: never */
	struct sc_child	*next;
};
struct sc_tunnel {
	uint32_t	 id;
	struct m_c_state s;
	uint64_t	 base[4];	/* in octets, packets, out ... of the
					   children that are gone, since up */
	uint64_t	 in_last, out_last;	/* likewise */
	uint64_t	 rewritten;	/* ms: s2sd-esp or s2sd-host saw a NAT; 0: never */
	struct sc_child	*child;
	size_t		 nchild;
};
struct snap {
	struct sc_tunnel **v;		/* by id */
	size_t		 n, room;
	struct m_c_proc	 proc[PROC_MAX];
	struct m_s_caps	 caps;
	struct m_c_file	 file;
};
struct sc_tunnel *snap_find(const struct snap *, uint32_t id);
/* The tunnel with the least id above this one, or NULL. */
struct sc_tunnel *snap_next(const struct snap *, uint32_t id);
int	 snap_add(struct snap *, uint32_t id, uint64_t now) WUR;
void	 snap_del(struct snap *, uint32_t id);
void	 snap_clear(struct snap *);
void	 snap_state(struct sc_tunnel *, const struct m_c_state *);
/* -1: not what s2sd-ike writes. */
/* s2sd-ike ended: what it said of children is of the past. */
void	 snap_orphans(struct snap *);
int	 snap_child(struct sc_tunnel *, const struct m_c_child *) WUR;
int	 snap_counters(struct snap *, struct rd, uint64_t now) WUR;
/* Has every child been counted at that time or later? */
int	 snap_counted(const struct snap *, uint64_t since);
/* The parts of a status; `b' has room for the views of the tunnel. */
void	 snap_head(const struct snap *, const struct conf *, uint64_t now,
	    struct m_u_head *);
enum { SNAP_VIEWS = 10240 };
void	 snap_tunnel(const struct sc_tunnel *, const struct tunnel *,
	    uint64_t now, struct m_u_tunnel *, uint8_t *b);
void	 snap_child_part(const struct sc_child *, struct m_u_child *);

/* --- ctl_client.c --- */

enum cl_state {
	CL_FREE, CL_IDLE,
	CL_COUNTERS,			/* waits for s2sd-sad's counters */
	CL_STATS,			/* waits for everybody's counters */
	CL_DONE,			/* waits for M_C_DONE */
	CL_HEAD, CL_PROCS, CL_TUNNELS, CL_CHILDREN,	/* parts of a status */
	CL_COUNTS,			/* parts of the statistics */
	CL_LINES, CL_FOLLOW,		/* parts of the log */
	CL_END				/* M_U_DONE, then idle */
};

struct client {
	enum cl_state	 state;
	int		 root, last;	/* last: close after the answer */
	uint64_t	 due;		/* ms; DUE_NEVER */
	uint64_t	 asked;		/* ms */
	uint32_t	 ureq;		/* the client's request id */
	uint32_t	 req;		/* ours */
	/* where the answer is */
	uint32_t	 one;		/* the one tunnel, or 0: all */
	uint32_t	 tunnel;	/* id of the last one sent */
	size_t		 k;		/* child, process or counter */
	uint8_t		 proc;
	uint64_t	 seq;
	uint32_t	 follow;
	struct m_u_done	 done;
	/* the frame that found no room */
	uint8_t		 out[IPC_FRAME_MAX];
	size_t		 nout;
};

struct stats {
	uint8_t		*d;		/* as in M_STATS */
	size_t		 n;
	uint32_t	 req;
};

struct ctl_state {
	const struct role_io	*io;
	const struct conf	*conf;	/* NULL before the first */
	struct ctl_out		 out;
	struct snap		 snap;
	struct ring		 ring;
	struct client		 cl[CTL_CLIENTS];
	struct stats		 stats[PROC_MAX];
	uint32_t		 req;	/* the last one used */
	uint64_t		 counters_at;	/* last asked of s2sd-sad */
	uint64_t		 lost;	/* log lines without memory */
	uint64_t		 refused;
};

/* What waits for counters, statistics or lines: look again. */
void	 client_wake(struct ctl_state *, enum cl_state, uint64_t now);
/* The end of a request that another process was asked for. */
void	 client_done(struct ctl_state *, uint32_t req, int err,
	    const char *text, uint64_t now);
/* That process will not answer any more. */
void	 client_fail(struct ctl_state *, enum proc, uint64_t now);
uint64_t client_tick(struct ctl_state *, uint64_t now);

#endif /* CTL_INT_H */
