/* SPDX-License-Identifier: ISC */

/*
 * ipc.h: frames between the processes, DESIGN.md section 5.
 *
 * A frame is one SOCK_SEQPACKET message: 24 octets of header, then a body
 * of at most IPC_BODY_MAX.  Nobody waits: sockets are non-blocking, what
 * does not fit into the socket is queued, what does not fit into the queue
 * is dropped if it is a datagram or an event and is an error if it is an
 * answer (there is always room for as many answers as open requests).
 */

#ifndef IPC_H
#define IPC_H

#include "proc.h"
#include "wire.h"

enum {
	IPC_HDR = 24, IPC_FRAME_MAX = 16384,
	IPC_BODY_MAX = IPC_FRAME_MAX - IPC_HDR,
	IPC_OPEN_MAX = 64,	/* open requests for each pair */
	IPC_QUEUE_MAX = 256,	/* frames waiting for a full socket */
	IPC_BURST = 32		/* frames read in one wake-up */
};

struct ipc_hdr {
	uint32_t	 type;		/* enum msg_type */
	uint32_t	 len;		/* octets of the body */
	uint32_t	 epoch;		/* which life of the sender */
	uint32_t	 gen;		/* generation of the configuration */
	uint32_t	 req;		/* request id; an answer repeats it; 0: none */
	uint32_t	 tunnel;	/* tunnel id; 0: none */
};

struct ipc_msg {
	struct ipc_hdr	 h;
	enum proc	 from;
	uint8_t		*d;		/* body; the dispatcher wipes it after
					   the handler returned */
	int		 fd;		/* descriptor that came along, or -1 */
};

void	 ipc_hdr_put(struct wr *, const struct ipc_hdr *);
int	 ipc_hdr_get(struct rd *, struct ipc_hdr *) WUR;

struct ipc_chan;

/* Counters of a channel, for status and for the tests that count frames. */
struct ipc_count {
	uint64_t	 sent, received, queued, dropped, stale;
};

/*
 * ipc_chan_new: adopt one end of a channel (non-blocking from here on).
 * Keeps fd until ipc_chan_free, which closes it.
 */
struct ipc_chan *ipc_chan_new(int fd, enum proc self, enum proc peer) WUR;
void	 ipc_chan_free(struct ipc_chan *);
int	 ipc_chan_fd(const struct ipc_chan *);
/*
 * ipc_chan_send: send or queue one frame; h->len is taken from len, the
 * epoch is the channel's.  fd >= 0 goes along (only the parent may).
 * Returns 0, or -1 if the queue is full (counted) or the other end is gone.
 */
int	 ipc_chan_send(struct ipc_chan *, const struct ipc_hdr *h,
	    const void *body, size_t len, int fd) WUR;
/*
 * ipc_chan_recv: read one frame into buf (IPC_FRAME_MAX octets).
 * Returns 1 and fills m (m->d points into buf); 0 if there is none; -1 if
 * the other end is gone; -2 if what came is no frame (the sender is broken).
 */
int	 ipc_chan_recv(struct ipc_chan *, uint8_t *buf, struct ipc_msg *m) WUR;
/* Write what is queued: 1 if something is still waiting, 0, or -1. */
int	 ipc_chan_flush(struct ipc_chan *) WUR;
/* Frames that wait for room in the socket. */
int	 ipc_chan_waiting(const struct ipc_chan *);
/* Our epoch in what we send; the least epoch we accept from the other end. */
void	 ipc_chan_epoch(struct ipc_chan *, uint32_t ours, uint32_t theirs);
void	 ipc_chan_counters(const struct ipc_chan *, struct ipc_count *);
/* Both ends of a new channel, buffers of 1 MiB, close-on-exec: 0 or -1. */
int	 ipc_pair(int fds[2]) WUR;

#endif /* IPC_H */
