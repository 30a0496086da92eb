/* SPDX-License-Identifier: ISC */

/*
 * mock_pfkey.h: a kernel behind PF_KEY, one of four, that is as strict as the
 * real ones: which extensions a message must and may have, their sizes, what
 * is answered to whom and with what, which errors come from write(2) alone.
 * It reads messages by itself and shares nothing with the backend but wire.h.
 */

#ifndef MOCK_PFKEY_H
#define MOCK_PFKEY_H

#include <sys/types.h>

#include "addr.h"

enum mock_os { MOCK_OPENBSD, MOCK_FREEBSD, MOCK_NETBSD, MOCK_LINUX };
enum { MOCK_EXT = 41, MOCK_MSG = 2048, MOCK_SAS = 64, MOCK_POLS = 512,
    MOCK_HIST = 128 };

/* A message taken apart: where each extension's octets are. */
struct mock_msg {
	uint8_t		 type, satype;
	uint32_t	 seq, pid;
	struct rd	 ext[MOCK_EXT];	/* whole, with its header; p NULL: none */
	struct rd	 all;
};

struct mock_sa {
	uint32_t	 spi;
	struct addr	 src, dst;
	uint32_t	 reqid, pid;
	uint8_t		 satype;	/* this kernel's number */
	uint8_t		 larval;
	char		 ids[128];	/* OpenBSD: ours, theirs */
	uint64_t	 bytes, packets;
	uint8_t		 msg[MOCK_MSG];	/* of its ADD or UPDATE */
	size_t		 n;
};

struct mock_pol {
	struct net	 src, dst;
	uint8_t		 proto, dir;
	uint16_t	 sport, dport;
	uint8_t		 action;	/* 0 drop, 1 pass, 2 IPsec */
	uint8_t		 satype;	/* of IPsec: by ESP or AH */
	uint32_t	 reqid, id, prio;
	struct addr	 gsrc, gdst;
	char		 ids[128];
	uint8_t		 msg[MOCK_MSG];
	size_t		 n;
};

struct mock {
	enum mock_os	 os;
	int		 fd;		/* its end; the backend has the other */
	uint32_t	 pid;		/* the real one of who writes */
	struct mock_sa	 sa[MOCK_SAS];	/* oldest first */
	size_t		 nsa;
	struct mock_pol	 pol[MOCK_POLS];	/* as they were added */
	size_t		 npol;
	uint32_t	 nextid;
	int		 registered;
	struct { uint8_t d[MOCK_MSG]; size_t n; } hist[MOCK_HIST];
	size_t		 nhist;		/* messages that came, the last ones */
	int		 oldest;	/* of SAs that fit, the oldest is used */
	const char	*why;		/* the rule that the last one broke */
	/* mischief, counted down with each message; 0: none */
	int		 fail_in, fail_with;	/* answer this errno */
	int		 mute_in;	/* do it and say nothing */
};

/* Both ends; returns the backend's descriptor. */
int	 mock_new(struct mock *, enum mock_os, uint32_t pid);
void	 mock_free(struct mock *);
/* write(2) into the socket: n, or -1 and errno. */
ssize_t	 mock_write(void *mock, const void *, size_t n);
/* The SPI that a packet would leave with; 0: dropped, 1: in the clear. */
uint32_t mock_out(const struct mock *, const struct addr *src,
	    const struct addr *dst);
/* May a packet with these inner addresses come in by that SA? */
int	 mock_in(const struct mock *, uint32_t spi, const struct addr *src,
	    const struct addr *dst);
/* OpenBSD: the SPI of what is routed to sec(4) device `unit', 0: dropped; and
 * the device that packets of that SA come out of, 0: none. */
uint32_t mock_sec_out(const struct mock *, uint32_t unit);
uint32_t mock_sec_in(const struct mock *, uint32_t spi);
struct mock_sa *mock_sa(struct mock *, uint32_t spi);
/* What kernels say by themselves. */
void	 mock_expire(struct mock *, uint32_t spi, int hard);
void	 mock_acquire(struct mock *, const struct addr *src,
	    const struct addr *dst);
void	 mock_mapping(struct mock *, uint32_t spi, const struct addr *to);
/* Another daemon: pid 4242 deletes, flushes; `type' in the dialect's number. */
void	 mock_other(struct mock *, uint8_t type, uint8_t satype, uint32_t spi);
/* All that is there, as OpenBSD's sysctl gives it: octets. */
size_t	 mock_snap(struct mock *, uint8_t *, size_t max);
/* Take a message apart as that kernel does: 0 or -1. */
int	 mock_parse(const struct mock *, const uint8_t *, size_t,
	    struct mock_msg *);
uint8_t	 mock_esp(const struct mock *);
uint8_t	 mock_ah(const struct mock *);

#endif /* MOCK_PFKEY_H */
