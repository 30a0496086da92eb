/* SPDX-License-Identifier: ISC */

/*
 * nl.h: netlink without a library: a growing buffer that builds messages, a
 * bounded reader of what the kernel answers, and the talk itself.  Numbers
 * in netlink are in host order unless a function says `be'.  The kernel
 * answers while the request is being sent, so nothing here ever waits.
 */

#ifndef NL_H
#define NL_H

#include "wire.h"

struct nlbuf {
	uint8_t		*d;
	size_t		 n, room;
	size_t		 open;		/* start of the open message */
	uint32_t	 seq;		/* of the last message */
	size_t		 nmsg;
	int		 bad;		/* out of memory, attribute too long */
};

void	 nl_clear(struct nlbuf *);		/* frees, keeps seq */
/* A new message; hdr is the family's fixed header. */
void	 nl_msg(struct nlbuf *, uint16_t type, uint16_t flags,
	    const void *hdr, size_t hlen);
void	 nl_end(struct nlbuf *);		/* closes it: sets its length */
void	 nl_put(struct nlbuf *, uint16_t type, const void *, size_t);
void	 nl_u8(struct nlbuf *, uint16_t type, uint8_t);
void	 nl_u32(struct nlbuf *, uint16_t type, uint32_t);
void	 nl_be16(struct nlbuf *, uint16_t type, uint16_t);
void	 nl_be32(struct nlbuf *, uint16_t type, uint32_t);
void	 nl_be64(struct nlbuf *, uint16_t type, uint64_t);
void	 nl_str(struct nlbuf *, uint16_t type, const char *);	/* with NUL */
size_t	 nl_nest(struct nlbuf *, uint16_t type);
void	 nl_unnest(struct nlbuf *, size_t at);

/* One message out of a datagram, one attribute out of a body. */
struct nlmsg {
	uint16_t	 type, flags;
	uint32_t	 seq, pid;
	struct rd	 body;
};
int	 nl_next(struct rd *, struct nlmsg *) WUR;	/* 1, 0: end, -1 */
int	 nl_attr(struct rd *, uint16_t *type, struct rd *) WUR;	/* likewise */
/* The first attribute of that type, or an empty view. */
struct rd nl_find(struct rd attrs, uint16_t type);
int	 nl_get8(struct rd, uint8_t *) WUR;		/* exact size: 0 or -1 */
int	 nl_get32(struct rd, uint32_t *) WUR;
int	 nl_getbe32(struct rd, uint32_t *) WUR;
/* Of an NLMSG_ERROR: its errno (0: an ack). */
int	 nl_geterr(const struct nlmsg *, int *err) WUR;

struct nlsock {
	int		 fd;		/* -1: not open */
	uint32_t	 portid;	/* whom the kernel thinks we are */
};

/* Open (groups: a mask of the first 32) or adopt: 0, or -1 and errno. */
int	 nl_open(struct nlsock *, int proto, uint32_t groups) WUR;
int	 nl_adopt(struct nlsock *, int fd) WUR;
void	 nl_close(struct nlsock *);

/* A reply: 0 to go on, else nl_dump stops with -1. */
typedef int nl_cb(void *arg, const struct nlmsg *);
/* One request that answers with a dump (or one message and an ack). */
int	 nl_dump(struct nlsock *, struct nlbuf *, nl_cb *, void *) WUR;
/*
 * Many requests, each with NLM_F_ACK.  ok: up to two errnos that count as
 * success.  All are tried; 0, or -1 and the first errno.
 */
int	 nl_many(struct nlsock *, struct nlbuf *, int ok1, int ok2) WUR;
/*
 * One nfnetlink batch: all or nothing.  0, or -1 and errno; *seq is the
 * message that was refused.
 */
int	 nl_batch(struct nlsock *, struct nlbuf *, uint32_t *seq) WUR;
/* What the groups told us: 1 handled some, 0 nothing, -1 events were lost. */
int	 nl_events(struct nlsock *, nl_cb *, void *) WUR;

#endif /* NL_H */
