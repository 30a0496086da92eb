/* SPDX-License-Identifier: ISC */

/*
 * sa.h: what installs SAs, behind one interface (DESIGN.md section 5).
 *
 * A backend turns one request into one transaction of its kernel, or of
 * s2sd-esp, and reports events.  It knows nothing of IKE, keeps no key,
 * logs nothing, never retries.  Every request carries an id > 0 and ends
 * in exactly one done(): before the call returns, or later.  A pair is one
 * request and is undone as a whole when a part of it fails.
 */

#ifndef SA_H
#define SA_H

#include "role.h"

struct sa_caps {
	uint8_t		 esn, udp, udp_only, ipv6, transport, aead, chacha, ah,
			 acquire, move, interface;
				/* move: 1 addresses, 2 ports alone;
				   interface: SAs of one device (ifunit) */
	uint32_t	 reqid_max;	/* greatest child number, 0: any */
	uint32_t	 replay_max;	/* packets */
};

/* One request to install; all pointers are the caller's and die with it. */
struct sa_pair {
	uint32_t	 tunnel, child, replaces;
	uint32_t	 spi_in, spi_out;
	uint32_t	 replay;
	const struct alg *encr, *integ;	/* integ NULL with an AEAD; encr NULL:
					   AH (RFC 4302), not in UDP */
	uint16_t	 mtu;		/* inner; 0: do not check */
	uint8_t		 esn, udp, inactive, transport;
	uint16_t	 cpu;		/* see struct m_sa */
	uint32_t	 beside;
	uint64_t	 softbytes, hardbytes;	/* 0: none */
	uint64_t	 life;		/* seconds; a kernel's own hard expiry */
	struct addr	 local, remote;	/* outer, with ports */
	const struct keyoct *ein, *ain, *eout, *aout;
	const struct selpair *pair;
	size_t		 npair;
};

/* What a backend reports; err is an enum serr. */
struct sa_events {
	void	*arg;
	void	*sys;		/* what the backend's open left, or NULL */
	void	(*done)(void *arg, uint32_t id, int err, uint32_t spi);
	/* answer to query, in parts, then done() */
	void	(*counters)(void *arg, uint32_t id, const struct sa_count *,
		    size_t n);
	/* answer to list, once for each pair of ours, then done() */
	void	(*listed)(void *arg, uint32_t id, uint32_t tunnel,
		    uint32_t child, uint32_t spi_in, uint32_t spi_out);
	void	(*acquire)(void *arg, uint32_t tunnel, const struct addr *src,
		    const struct addr *dst, uint8_t ipproto);
	void	(*expire)(void *arg, uint32_t tunnel, uint32_t child, int hard);
	/* an authentic, newest packet of child came from `remote' */
	void	(*moved)(void *arg, uint32_t tunnel, uint32_t child,
		    const struct addr *local, const struct addr *remote);
	/* all SAs are gone, open requests were answered with SERR_BACKEND */
	void	(*lost)(void *arg);
	/* what a person wants to know, and is told once; NULL: nobody */
	void	(*note)(void *arg, uint32_t tunnel, const char *text);
};

struct sa_backend {
	enum be_choice	 choice;
	const char	*name;
	struct sa_caps	 caps;
	/* As root, before anything is dropped: 0, or -1 and why not.  *sys
	 * is what start finds in sa_events.sys; it lives as long as the
	 * process.  NULL: needs nothing. */
	int		 (*open)(void **sys, char *why, size_t);
	/* An instance; NULL: out of memory.  Both arguments stay valid. */
	void		*(*start)(const struct role_io *,
			    const struct sa_events *);
	void		 (*stop)(void *);
	/* Reserve an inbound SPI: done(SERR_OK, spi), or SERR_SPI if `wish'
	 * is taken. */
	void		 (*spi_alloc)(void *, uint32_t id, uint32_t wish);
	void		 (*sa_install)(void *, uint32_t id,
			    const struct sa_pair *);
	/* The same, for an SPI whose reservation ran out. */
	void		 (*sa_add)(void *, uint32_t id, const struct sa_pair *);
	void		 (*sa_move)(void *, uint32_t id, uint32_t tunnel,
			    uint32_t child, const struct addr *local,
			    const struct addr *remote);
	/* Both directions; unknown is success. */
	void		 (*sa_delete)(void *, uint32_t id, uint32_t tunnel,
			    uint32_t child, uint32_t spi_in);
	void		 (*sa_query)(void *, uint32_t id, uint32_t tunnel);
	/* block 1: nothing may pass; 0: only through SAs. */
	void		 (*policy_replace)(void *, uint32_t id,
			    const struct tunnel *, int block);
	void		 (*policy_delete)(void *, uint32_t id, uint32_t tunnel);
	/* Every SA and policy that carries our mark. */
	void		 (*flush_own)(void *, uint32_t id);
	void		 (*list)(void *, uint32_t id);
	/* A frame of s2sd-esp: 0, or -1 if it is nonsense.  NULL: none. */
	int		 (*frame)(void *, const struct ipc_msg *, void *body);
	/* That process was started anew.  NULL: does not matter. */
	void		 (*died)(void *, enum proc);
	/* May a pair have these (integ NULL with an AEAD, encr NULL: AH)?
	 * NULL: any row. */
	int		 (*can)(const struct alg *encr, const struct alg *integ);
	/* How many CPUs can have SAs of their own (at most CPUS_MAX).  NULL:
	 * there is nothing like that. */
	uint16_t	 (*cpus)(void *);
	/* The socket to its kernel, for the life of the instance; readable is
	 * called whenever something is there.  NULL: there is none. */
	int		 (*fd)(void *);
	void		 (*readable)(void *);
	/* What is due at `now' (ms, as role.h): when to be called next, or
	 * DUE_NEVER.  NULL: never waits. */
	uint64_t	 (*tick)(void *, uint64_t now);
	/* The process ends in good order: all SAs and policies of ours go, at
	 * once.  NULL: they go by themselves. */
	void		 (*leave)(void *);
};

extern const struct sa_backend sa_null, sa_userland, sa_xfrm, sa_pfkey;

#endif /* SA_H */
