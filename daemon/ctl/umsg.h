/* SPDX-License-Identifier: ISC */

/*
 * umsg.h: the control protocol between s2sctl and s2sd-ctl: the frames of
 * ipc.h with bodies of their own, written and read by the codec of msg.h.
 * One request at a time on a connection; its answer is any number of parts
 * and one M_U_DONE.  hdr.epoch is CTL_VERSION, hdr.req is repeated.
 */

#ifndef UMSG_H
#define UMSG_H

#include "ipc.h"
#include "msg.h"
#include "tunnel.h"

enum { CTL_VERSION = 1, CTL_REQUEST_MAX = 4096 };

enum umsg_type {
	M_U_STATUS = M_U_FIRST,	/* s2sctl -> ctl: one tunnel, or "": all */
	M_U_UP, M_U_DOWN,	/* s2sctl -> ctl: name */
	M_U_REKEY,		/* s2sctl -> ctl: name, child or ike */
	M_U_RELOAD, M_U_STOP,	/* s2sctl -> ctl: no body */
	M_U_LOG,		/* s2sctl -> ctl: so many lines; follow? */
	M_U_STATS,		/* s2sctl -> ctl: counters of every role */
	M_U_HEAD = M_U_FIRST + 0x80,	/* ctl -> s2sctl: first part of a status */
	M_U_PROC,		/* ctl -> s2sctl: one for each process */
	M_U_TUNNEL,		/* ctl -> s2sctl: one for each tunnel */
	M_U_CHILD,		/* ctl -> s2sctl: children of the last tunnel */
	M_U_LINE,		/* ctl -> s2sctl: one log line */
	M_U_COUNT,		/* ctl -> s2sctl: one counter */
	M_U_DONE		/* ctl -> s2sctl: the end, and how it went */
};

struct m_u_name { char name[64]; };	/* U_STATUS U_UP U_DOWN */
struct m_u_rekey { char name[64]; uint8_t what; /* 0 child, 1 ike */ };
struct m_u_log { uint32_t lines; uint8_t follow; };
struct m_u_head {
	uint64_t now, since;		/* ms of CLOCK_BOOTTIME */
	uint32_t pid;			/* of the parent, 0: not known */
	uint32_t ntunnel;		/* tunnels that follow */
	uint32_t gen;			/* of the configuration */
	char software[64];
	char backend[32], why[TEXT_MAX];	/* the SA backend, and why it */
	char file[256];		/* its configuration, absolute */
};
/* U_PROC: struct m_c_proc */
struct m_u_tunnel {
	struct m_c_state s;		/* from ike; s.reason may be ctl's own */
	char name[64];
	uint32_t id, flags;		/* enum tun_flag */
	uint32_t nchild;		/* U_CHILD that follow */
	uint64_t in_bytes, in_packets, out_bytes, out_packets;	/* since up */
	uint64_t in_last, out_last;	/* ms of CLOCK_BOOTTIME, 0: never */
	struct addr cpeer;		/* as configured, af 0: any */
	char srcid[160], dstid[160];	/* vis'd, cut */
	char ifname[IF_STRLEN];		/* `interface', or "" */
	struct rd offered;		/* text: our IKE proposals */
	struct rd pairs;		/* configured, selpairs_put; then, if
					   there are any, the translations */
};
struct m_u_child {
	struct m_c_child c;		/* from ike */
	uint64_t in_bytes, in_packets, out_bytes, out_packets;
	uint64_t in_last, out_last;	/* ms, 0: never */
	uint64_t bad_auth, bad_replay, bad_policy;
};
struct m_u_line {
	uint64_t seq, at;		/* at: ms of CLOCK_BOOTTIME */
	uint64_t now;			/* the same clock, when sent */
	uint8_t level, proc; uint16_t reason;
	char tunnel[64];
	struct rd text;			/* vis'd */
};
struct m_u_count { uint8_t proc; char name[64]; uint64_t value; };
/* What became of a request; text for people. */
enum uerr { UERR_OK, UERR_UNKNOWN, UERR_NOTUNNEL, UERR_PERM, UERR_BUSY,
    UERR_REFUSED, UERR_TIMEOUT, UERR_VERSION, UERR_SYNTAX };
struct m_u_done { uint8_t err; char text[TEXT_MAX]; };

/* Of the types above only. */
const struct msg_desc *u_descs(size_t *n);
const struct msg_desc *u_desc(uint32_t type);
/* A whole frame: 0, or -1 if it does not fit. */
int	 u_put(struct wr *, uint32_t type, uint32_t req, const void *body) WUR;
/*
 * Read a whole frame: 0 and the header and the body (room for any struct);
 * -1 if it is none: wrong length, version or content.
 */
int	 u_get(struct rd, struct ipc_hdr *, void *body) WUR;

#endif /* UMSG_H */
