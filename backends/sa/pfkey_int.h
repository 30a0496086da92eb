/* SPDX-License-Identifier: ISC */

/*
 * pfkey_int.h: the PF_KEY backend among pfkey.c (requests), pfkey_io.c (one
 * message at a time, and what the kernel says by itself) and pfkey_pol.c
 * (policies).
 *
 * Numbers that bind: all inbound SAs of a chain of rekeys have one number
 * (`reqin'), which the policies in ask for, so that packets in flight still
 * fit.  Each outbound SA has one of its own (`reqout'), and the policy out
 * names the one in use: a new SA is there before it is used, without a key
 * being kept, whether the kernel prefers the oldest or the newest.
 */

#ifndef PFKEY_INT_H
#define PFKEY_INT_H

#include "pfkey.h"

enum { PK_REQID_MIN = 0x1000, PK_REQID_MAX = 0x3fff,
    PK_POL_MAX = 1024 /* of a tunnel */, PK_ANSWER_MS = 1000,
    PK_SWEEP_MAX = 100000 };

struct pk_pair {
	struct pk_pair	*next;
	uint32_t	 tunnel, child, replaces, spi_in, spi_out;
	uint32_t	 reqin, reqout;
	uint32_t	 ifunit;	/* of its tunnel's device, or 0 */
	struct addr	 local, remote;
	struct selpair	*pair;		/* npair; NULL: found, not known */
	size_t		 npair;
	uint8_t		 udp, esn, ah;
	uint8_t		 have_in, have_out;	/* the kernel has it */
	uint8_t		 up;		/* both, and answered */
	uint8_t		 idle;		/* its outbound SA is not in use yet */
	uint8_t		 soft;		/* soft expiry was reported */
	uint32_t	 replay;
	uint64_t	 life, softbytes, hardbytes;
	const struct alg *encr, *integ;
	uint64_t	 bytes[2], since[2];	/* in, out: at the last query;
						   when they last grew, ms */
};

/* A policy that the kernel has. */
struct pk_have {
	struct pk_have	*next;
	struct pk_pol	 p;
	uint32_t	 polid;
};

struct pk_tun {
	struct pk_tun	*next;
	uint32_t	 id;
	uint8_t		 known;		/* policy_replace spoke of it */
	uint8_t		 block, ondemand, ah;
	struct addr	 local, peer;	/* ondemand: of the policies out */
	uint32_t	 reqid;		/* ondemand: no SA has it */
	uint32_t	 ifunit;	/* what is routed there decides: no policies */
	struct selpair	*pair;
	size_t		 npair;
	struct pk_have	*have;
};

enum pk_jobkind { PKJ_REGISTER, PKJ_REGISTER_AH, PKJ_DUMP, PKJ_POLDUMP, PKJ_INSTALL,
    PKJ_DELETE, PKJ_MOVE, PKJ_QUERY, PKJ_POLICY, PKJ_SYNC, PKJ_FLUSH,
    PKJ_LIST };

enum { PK_PHASE_FAILED = -1 };	/* INSTALL: it never began */

/* A request; done one after the other, each by messages one at a time. */
struct pk_job {
	struct pk_job	*next;
	enum pk_jobkind	 kind;
	uint32_t	 id;		/* of s2sd-sad; 0: our own */
	uint32_t	 tunnel, child, spi_in;
	int		 phase, err;
	uint8_t		*key[2];	/* INSTALL: UPDATE and ADD, built when
					   asked; wiped when sent */
	size_t		 keylen[2];
	struct addr	 local, remote;	/* MOVE */
	struct sa_count	 count;		/* QUERY: the one at work */
	struct pk_have	 pol;		/* the policy at work */
};

struct pk {
	const struct pk_dialect *d;
	const struct role_io *io;
	const struct sa_events *ev;
	int		 fd;
	ssize_t		(*send)(void *arg, const void *, size_t);
	void		*arg;		/* of send */
	uint32_t	 pid, seq;
	uint16_t	 life;
	uint64_t	 now;		/* of the last tick */
	struct pk_pair	*pairs;		/* oldest first */
	struct pk_tun	*tuns;
	struct pk_pair	*stale;		/* SAs of a dead daemon */
	struct pk_have	*stalepol;
	uint32_t	 next_reqid;
	uint32_t	*seen;		/* DUMP: SPIs */
	size_t		 nseen, roomseen;
	struct pk_job	*jobs;
	int		 running;	/* in pk_run */
	/* the message that waits for its answer */
	int		 waiting, answering;	/* answering: b->error is news */
	enum pk_type	 type;
	uint32_t	 wseq;
	uint64_t	 deadline;	/* 0: from the next tick on */
	int		 error;		/* of the last answer */
	struct pk_msg	 answer;
	uint8_t		 buf[PK_MSG_MAX];	/* out */
	uint8_t		 in[2 * PK_MSG_MAX];
};

/* --- pfkey_io.c --- */

struct pk_hdr pk_hdr(struct pk *);		/* with the next number */
/* Write it; the answer, or the error of the write, comes to pk_run. */
void	 pk_submit(struct pk *, enum pk_type, const uint8_t *, size_t);
/* Build into b->buf, then: */
void	 pk_submit_wr(struct pk *, enum pk_type, const struct wr *);
/* One message from the kernel; then pk_run. */
void	 pk_message(struct pk *, struct rd);
/* An errno as an enum serr. */
int	 pk_serr(enum pk_type, int err);

/* --- pfkey.c --- */

/* At the end of the queue; NULL: no memory, and the request is answered. */
struct pk_job *pk_job(struct pk *, enum pk_jobkind, uint32_t id);
void	 pk_job_free(struct pk_job *);
void	 pk_key_wipe(struct pk_job *, int i);
/* The job in front is over. */
void	 pk_finish(struct pk *, int err, uint32_t spi);
struct pk_pair *pk_pair_spi(const struct pk *, uint32_t spi, int *out);
struct pk_pair *pk_pair_child(const struct pk *, uint32_t tunnel,
	    uint32_t child);
void	 pk_append(struct pk_pair **list, struct pk_pair *);
void	 pk_drop(struct pk_pair **list, struct pk_pair *);	/* and free */
/* One half of a pair as a dialect wants it, without key. */
void	 pk_half(const struct pk_pair *, int out, struct pk_sa *);

/* --- pfkey_job.c --- */

void	 pk_run(struct pk *);			/* what can go on, goes on */
void	 pk_say_half(struct pk *, const struct pk_pair *, int out,
	    enum pk_type);
void	 pk_say_pol(struct pk *, enum pk_type, const struct pk_pol *);

/* --- pfkey_found.c --- */

void	 pk_take_found(struct pk *, const struct pk_msg *);	/* of a dump */
void	 pk_found_end(struct pk *);
void	 pk_lost(struct pk *);		/* somebody flushed the SAs */
void	 pk_flushed(struct pk *);	/* or the policies */

/* --- pfkey_pol.c --- */

struct pk_tun *pk_tun(struct pk *, uint32_t id);	/* or NULL */
struct pk_tun *pk_tun_make(struct pk *, uint32_t id);	/* or NULL: memory */
void	 pk_tun_free(struct pk *, struct pk_tun *);
int	 pk_tun_set(struct pk *, const struct tunnel *, int block);
/*
 * The next message that brings the policies of a tunnel closer to what they
 * must be: 1 and what to do, 0 if they are right, -1 and an enum serr.
 */
int	 pk_pol_next(struct pk *, struct pk_tun *, struct pk_have *,
	    enum pk_type *, int *err);
/* It was done. */
void	 pk_pol_done(struct pk *, struct pk_tun *, enum pk_type,
	    const struct pk_have *);
/* Somebody else took it away: 1 if it was one of ours. */
int	 pk_pol_lost(struct pk *, const struct pk_msg *);
void	 pk_pol_found(struct pk *, const struct pk_msg *);
int	 pk_pol_same(const struct pk_pol *, const struct pk_pol *);
uint32_t pk_pol_tunnel(const struct pk *, uint32_t polid);	/* or 0 */
/* A binding number that nothing uses, or 0. */
uint32_t pk_reqid(struct pk *);

#endif /* PFKEY_INT_H */
