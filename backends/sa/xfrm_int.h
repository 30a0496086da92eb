/* SPDX-License-Identifier: ISC */

/* xfrm_int.h: what the files of the XFRM backend share. */

#ifndef XFRM_INT_H
#define XFRM_INT_H

#include <sys/types.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "../host/nl.h"
#include "sa.h"
#include "xfrm_mark.h"

/* Newer than the headers that we are built with. */
#define XA_SET_MARK		29
#define XA_SET_MARK_MASK	30
#define XA_IF_ID		31
#define XA_SA_DIR		33	/* Linux 6.10 */
#define XA_SA_PCPU		35	/* Linux 6.13 */

/*
 * The way to the kernel; made by open, played by the tests.  A netlink
 * kernel has answered when send returns, so recv never waits.
 */
struct xfrm_sys {
	void	*arg;
	/* One datagram of requests: 0, or -1 and errno. */
	int	(*send)(void *arg, const void *, size_t);
	/* One datagram of answers (ev 0) or of events (ev 1): its length; 0:
	 * none; -1 and errno, ENOBUFS if some were lost. */
	ssize_t	(*recv)(void *arg, int ev, void *, size_t);
	uint64_t (*mono)(void *arg);	/* ms */
	uint64_t (*real)(void *arg);	/* s, as the kernel's time of last use */
	int	 evfd;			/* to be watched, -1: none */
	/* The device towards a peer if its card does ESP (and ethtool says that
	 * it may): its index, or 0.  NULL: no such question. */
	uint32_t (*nic)(void *arg, const struct addr *local,
		    const struct addr *remote);
	uint8_t	 dir;			/* the kernel knows XFRMA_SA_DIR */
	uint16_t cpus;			/* that can have SAs of their own */
	uint64_t sent;			/* requests, for the tests and status */
};

/* A pair of SAs.  SPIs in host order. */
struct xsa {
	struct xsa	*next;		/* in its tunnel, newest first */
	struct xtun	*t;
	uint32_t	 child, replaces, spi_in, spi_out;
	uint32_t	 rq_out;	/* reqid outbound; inbound: the tunnel's */
	uint32_t	 rq_set;	/* the one that SAs of all CPUs and of single
					   ones share (RFC 9611), else 0 */
	uint16_t	 cpu;		/* 1 + the CPU that sends by it, 0: all */
	uint32_t	 nic;		/* handed to the card of that device, 0:
					   to none; not known of those found */
	uint8_t		 udp, esn, active, transport, ah;
	uint8_t		 soft, hard;	/* was reported, once */
	uint8_t		 has_in, has_out, spent;	/* while taking stock */
	uint16_t	 encr, integ;	/* alg.num; AH has no encr */
	uint32_t	 replay;
	uint64_t	 softbytes, hardbytes, life;
	struct addr	 local, remote;	/* outer, with ports */
	struct selpair	*pair;
	size_t		 npair;
	/* what was counted last, for a kernel that does not say when */
	uint64_t	 packets[2], changed[2];
};

/* A policy as it is, or shall be, in the kernel. */
struct xpol {
	struct xfrm_selector sel;
	uint8_t		 dir;		/* XFRM_POLICY_IN, OUT, FWD */
	uint8_t		 transport;	/* the template's mode */
	uint8_t		 ah;		/* its protocol, else ESP */
	uint32_t	 prio, reqid;
	uint32_t	 if_id;		/* 0: for what has no xfrm interface */
	struct addr	 src, dst;	/* of the template, ports 0 */
};
struct xpols {
	struct xpol	*p;
	size_t		 n, room;
};

struct xtun {
	struct xtun	*next;
	uint32_t	 id;
	uint64_t	 tag;
	uint32_t	 reqid;		/* of inbound SAs, and of the trap */
	uint32_t	 if_id;		/* `interface': of SAs and policies, or 0 */
	uint32_t	 flags;
	struct addr	 local, peer;	/* for the trap */
	struct selpair	*pair;		/* configured */
	size_t		 npair;
	struct xsa	*sas;
	struct xpols	 pols;		/* what the kernel has */
};

enum { XFRM_BUCKETS = 1024 };
struct xfrm {
	const struct role_io *io;
	const struct sa_events *ev;
	struct xfrm_sys	*sys;
	struct xtun	*tun[XFRM_BUCKETS];
	uint32_t	 next_reqid;
	uint32_t	 seq;
	uint8_t		 stock;		/* taken: what is there is known */
	uint8_t		 nic_said, nic_no;	/* cards, once: used; refused */
};

/* --- xfrm_alg.c --- */

enum xfrm_algkind { XFRM_NONE_, XFRM_AEAD, XFRM_CRYPT, XFRM_AUTH };
/* The kernel's name of a row, or NULL. */
const char *xfrm_alg(const struct alg *, enum xfrm_algkind *);
int	 xfrm_can(const struct alg *encr, const struct alg *integ);

/* --- xfrm_msg.c: requests, pure --- */

struct xfrm_keys { const struct keyoct *e, *a; };	/* a: or NULL */
/* XFRM_MSG_NEWSA or UPDSA of one direction. */
void	 xfrm_put_sa(struct nlbuf *, const struct xsa *, enum xfrm_way,
	    uint16_t type, const struct xfrm_keys *, int dir);
void	 xfrm_put_said(struct nlbuf *, uint16_t type, const struct xsa *,
	    enum xfrm_way);		/* DELSA, GETSA */
/* The keys of an SA that the kernel gave back (NEWSA): 0 or -1. */
int	 xfrm_get_keys(struct rd, struct keyoct *e, struct keyoct *a) WUR;
void	 xfrm_put_pol(struct nlbuf *, const struct xpol *);
void	 xfrm_put_poldel(struct nlbuf *, const struct xpol *);
/* The pair moves: state and template of this policy. */
void	 xfrm_put_migrate(struct nlbuf *, const struct xpol *,
	    const struct xsa *, const struct addr *local,
	    const struct addr *remote);
void	 xfrm_put_dump(struct nlbuf *, uint16_t type);
/* All policies for one pair of selectors: 0, or -1 (no memory, too many). */
int	 xfrm_pols_of(struct xpols *, const struct selpair *, int ways);
struct xpol *xfrm_pol_more(struct xpols *);
uint64_t xfrm_tag(const struct tunnel *);

/* --- xfrm_read.c: answers, pure; 1 ours, 0 another's, -1 malformed --- */

struct xfrm_sa_got {
	struct xfrm_note note;
	uint32_t	 spi, reqid;
	uint8_t		 udp, esn, proto, transport;
	uint16_t	 cpu;		/* 1 + its CPU, or 0 */
	struct addr	 src, dst;	/* with the ports of UDP, or 500 */
	uint32_t	 replay;
	uint64_t	 softbytes, hardbytes, life;
	uint64_t	 bytes, packets, bad_auth, bad_replay;
	uint64_t	 lastused;	/* s; 0: not said */
};
int	 xfrm_get_sa(struct rd, struct xfrm_sa_got *);
int	 xfrm_get_pol(struct rd, struct xpol *);
/* Events: 1, or 0: not of ours, -1 */
struct xfrm_event {
	uint32_t	 spi, reqid;
	uint8_t		 hard, ipproto;
	struct addr	 src, dst;
};
int	 xfrm_get_expire(struct rd, struct xfrm_event *);
int	 xfrm_get_acquire(struct rd, struct xfrm_event *);
int	 xfrm_get_mapping(struct rd, struct xfrm_event *);

/* --- xfrm_talk.c --- */

/* All requests of b, each with an ack; err (or NULL): one errno each.
 * 0, or -1 and errno: no talk with the kernel.  Wipes and clears b. */
int	 xfrm_batch(struct xfrm *, struct nlbuf *b, int *err, size_t nerr);
/* One request that answers with messages. */
int	 xfrm_dump(struct xfrm *, struct nlbuf *b, nl_cb *, void *);
/* A first message of a new batch. */
struct nlbuf xfrm_buf(struct xfrm *);

/* --- xfrm_pol.c --- */

/* Make the kernel's policies of a tunnel what its SAs need: 0 or -1. */
int	 xfrm_sync(struct xfrm *, struct xtun *);

/* --- xfrm_cpu.c: SAs of single CPUs (RFC 9611) --- */

/* The reqid that a new pair shares with others, or 0. */
uint32_t xfrm_cpu_set(struct xfrm *, struct xtun *, const struct sa_pair *);
/* It sends from now on: its outbound SA gets the shared reqid. */
void	 xfrm_cpu_activate(struct xfrm *, struct xsa *);

/* --- xfrm_stock.c --- */

/* What an earlier life left: taken over or taken away. */
int	 xfrm_stock(struct xfrm *);
/* All SAs of ours, also those that we do not know. */
int	 xfrm_wipe(struct xfrm *);

/* --- xfrm_event.c --- */

void	 xfrm_readable(void *);
/* SAs that the kernel does not have any more are reported. */
void	 xfrm_look(struct xfrm *);

/* --- xfrm_move.c --- */

void	 xfrm_move(void *, uint32_t id, uint32_t tunnel, uint32_t child,
	    const struct addr *local, const struct addr *remote);

/* --- xfrm_query.c --- */

void	 xfrm_query(void *, uint32_t id, uint32_t tunnel);

/* --- xfrm_nic.c --- */

struct xfrm_nic {
	struct nlsock	 route, genl;
	uint16_t	 family;	/* ethtool's, 0: not there */
};
void	 xfrm_nic_open(struct xfrm_nic *);
void	 xfrm_nic_close(struct xfrm_nic *);
uint32_t xfrm_nic_to(struct xfrm_nic *, const struct addr *local,
	    const struct addr *remote);
/* Answers, pure: a number, or 0 for none, and for what is malformed. */
uint16_t xfrm_nic_family(struct rd);
uint32_t xfrm_nic_oif(struct rd);
int	 xfrm_nic_esp(struct rd);

/* --- xfrm_open.c --- */

int	 xfrm_open(void **sys, char *why, size_t);

/* --- xfrm.c --- */

struct xtun *xfrm_tun(struct xfrm *, uint32_t id);
struct xtun *xfrm_tun_tag(struct xfrm *, uint64_t tag);
struct xsa *xfrm_sa_new(struct xtun *, uint32_t child);
void	 xfrm_sa_free(struct xsa *);		/* off its list, too */
struct xsa *xfrm_sa_find(struct xtun *, uint32_t child);
void	 xfrm_each(struct xfrm *, void (*)(struct xfrm *, struct xsa *,
	    void *), void *);
uint32_t xfrm_reqid(struct xfrm *);

#endif /* XFRM_INT_H */
