/* SPDX-License-Identifier: ISC */

/*
 * pfkey.h: PF_KEYv2 (RFC 2367 and what grew on it) among its files.
 *
 * A dialect is what one kernel family speaks: numbers, extensions, sizes,
 * rules.  pfkey_kame.c has FreeBSD, NetBSD and Linux af_key, pfkey_openbsd.c
 * OpenBSD; both turn the neutral structs below into messages and back,
 * without any header of a system.  pfkey.c and pfkey_*.c above them know no
 * dialect.
 *
 * Lengths in messages count 64 bit words.  Numbers are in host order but
 * for SPIs and ports, which are in network order; here all are host order.
 */

#ifndef PFKEY_H
#define PFKEY_H

#include <sys/types.h>

#include "pfkey_alg.h"
#include "sa.h"

enum { PK_HDR = 16, PK_MSG_MAX = 4096, PK_TEXT = 64, PK_GROUPS = 4 };

/* Message types, neutral; the first eleven are RFC 2367's. */
enum pk_type {
	PK_GETSPI = 1, PK_UPDATE, PK_ADD, PK_DELETE, PK_GET, PK_ACQUIRE,
	PK_REGISTER, PK_EXPIRE, PK_FLUSH, PK_DUMP, PK_PROMISC,
	PK_POLPUT, PK_POLDEL, PK_POLDUMP, PK_POLFLUSH, PK_MAPPING, PK_OTHER
};

enum pk_dir { PK_IN = 1, PK_OUT, PK_FWD };	/* as PF_KEY numbers them */
enum pk_action { PK_DISCARD, PK_PASS, PK_PROTECT };

/* One SA, one direction. */
struct pk_sa {
	uint32_t	 spi;
	struct addr	 src, dst;	/* outer; ports count only with udp */
	uint32_t	 reqid;		/* what binds it to its policies */
	uint32_t	 tunnel, child;
	uint32_t	 ifunit;	/* of the device that it belongs to, or 0 */
	uint8_t		 in, udp, esn, ah;
	uint32_t	 replay;	/* packets */
	uint64_t	 life, softbytes, hardbytes;	/* 0: none */
	const struct alg *encr, *integ;	/* integ NULL with an AEAD, encr
					   with AH */
	const struct keyoct *ek, *ak;	/* NULL: octets of zero (pk_move) */
};

/* One policy, one direction. */
struct pk_pol {
	struct net	 src, dst;	/* as packets carry them */
	uint8_t		 ipproto;	/* 0: any */
	uint16_t	 sport, dport;	/* 0: any */
	uint8_t		 dir;		/* enum pk_dir */
	uint8_t		 action;	/* enum pk_action */
	uint8_t		 ah;		/* PK_PROTECT: by AH, else by ESP */
	struct addr	 gsrc, gdst;	/* PK_PROTECT: outer addresses of its
					   packets; af 0: any */
	uint32_t	 reqid, tunnel;
};

/* What a message says; have: which fields are set. */
enum pk_field {
	PKH_SA = 1, PKH_SRC = 2, PKH_DST = 4, PKH_HARD = 8, PKH_SOFT = 16,
	PKH_CURRENT = 32, PKH_REQID = 64, PKH_POLICY = 128, PKH_MARK = 256,
	PKH_CHILD = 512, PKH_NATT = 1024, PKH_LASTUSE = 2048, PKH_COUNT = 4096
};
struct pk_msg {
	enum pk_type	 type;
	uint8_t		 err;		/* the kernel's errno */
	uint8_t		 satype;	/* the dialect's number */
	uint32_t	 seq, pid;
	uint32_t	 have;
	uint32_t	 spi;
	struct addr	 src, dst;	/* ports: from NAT-T extensions */
	uint32_t	 reqid;
	uint16_t	 life;		/* PKH_MARK: the daemon's */
	uint32_t	 tunnel, child;
	uint64_t	 bytes, packets, used;	/* used: 0 never */
	uint32_t	 polid;		/* the kernel's number */
	struct pk_pol	 pol;		/* PKH_POLICY */
	uint8_t		 hard;		/* PK_EXPIRE: which of both fired */
	uint8_t		 out;		/* PKH_CHILD: our outbound SA */
};

struct pk_hdr { uint32_t seq, pid; uint16_t life; };

struct pk_dialect {
	const char	*name;		/* as people and tests call it */
	enum pk_system	 sys;		/* its row in pfkey_alg.c */
	uint8_t		 satype[2];	/* ESP, AH */
	uint8_t		 fwd;		/* has a forward direction */
	uint8_t		 natt6;		/* ESP in UDP over IPv6 */
	uint8_t		 oneaf;		/* inside as outside: IPv4 or IPv6 */
	uint8_t		 prio;		/* the specific policy can come first */
	uint8_t		 snap;		/* what is there cannot be asked for
					   later: pk_start.snap */
	/* The kernel's numbers of a cipher and a hash: 0, or -1: has none. */
	int	 (*algs)(const struct pk_dialect *, const struct alg *encr,
		    const struct alg *integ, uint8_t *e, uint8_t *a);
	/* Builders; overflow shows in wr_end. */
	void	 (*bare)(const struct pk_dialect *, struct wr *,
		    const struct pk_hdr *, enum pk_type, int ah);
	void	 (*getspi)(const struct pk_dialect *, struct wr *,
		    const struct pk_hdr *, const struct pk_sa *);
	/* UPDATE makes a reserved one whole, ADD a new one. */
	void	 (*put)(const struct pk_dialect *, struct wr *,
		    const struct pk_hdr *, enum pk_type, const struct pk_sa *);
	/* New addresses for what has `old'; keys are not part of it. */
	int	 (*move)(const struct pk_dialect *, struct wr *,
		    const struct pk_hdr *, const struct pk_sa *old,
		    const struct addr *src, const struct addr *dst);
	/* DELETE or GET */
	void	 (*name_sa)(const struct pk_dialect *, struct wr *,
		    const struct pk_hdr *, enum pk_type, const struct pk_sa *);
	/* POLPUT: there or not, it is so afterwards; or POLDEL */
	void	 (*pol)(const struct pk_dialect *, struct wr *,
		    const struct pk_hdr *, enum pk_type,
		    const struct pk_pol *);
	/* One whole message: 0, or -1 if it is malformed. */
	int	 (*get)(const struct pk_dialect *, struct rd, struct pk_msg *);
};

extern const struct pk_dialect pk_openbsd, pk_freebsd, pk_netbsd, pk_linux;
/* All four, then NULL. */
extern const struct pk_dialect *const pk_dialects[];

/* --- pfkey_msg.c: framing that all share --- */

static inline void
wr_h16(struct wr *w, uint16_t v)
{
	wr_put(w, &v, sizeof(v));
}

static inline void
wr_h32(struct wr *w, uint32_t v)
{
	wr_put(w, &v, sizeof(v));
}

static inline void
wr_h64(struct wr *w, uint64_t v)
{
	wr_put(w, &v, sizeof(v));
}

static inline int WUR
rd_h16(struct rd *r, uint16_t *v)
{
	return (rd_copy(r, v, sizeof(*v)));
}

static inline int WUR
rd_h32(struct rd *r, uint32_t *v)
{
	return (rd_copy(r, v, sizeof(*v)));
}

static inline int WUR
rd_h64(struct rd *r, uint64_t *v)
{
	return (rd_copy(r, v, sizeof(*v)));
}

/* The base header; its length is written by pk_end. */
void	 pk_begin(struct wr *, const struct pk_hdr *, uint8_t type,
	    uint8_t satype);
void	 pk_end(struct wr *);
/* An extension: where it begins; pk_ext_end pads and writes its length. */
size_t	 pk_ext(struct wr *, uint16_t type);
void	 pk_ext_end(struct wr *, size_t at);
/* A sockaddr, padded to 8; bsd: with its length octet. */
enum { PK_BSD = 1, PK_AF6_LINUX = 10, PK_AF6_OPENBSD = 24,
    PK_AF6_FREEBSD = 28, PK_AF6_NETBSD = 24 };
struct pk_family { uint8_t bsd, af6; };
void	 pk_sockaddr(struct wr *, struct pk_family, const struct addr *,
	    uint16_t port);
int	 pk_sockaddr_get(struct rd *, struct pk_family, struct addr *) WUR;
void	 pk_lifetime(struct wr *, uint16_t type, uint64_t bytes,
	    uint64_t addtime, uint64_t usetime);
/* SA extension; the SPI in network order. */
void	 pk_sa_ext(struct wr *, uint32_t spi, uint8_t replay, uint8_t auth,
	    uint8_t encr, uint32_t flags);
/* k NULL: n octets of zero. */
void	 pk_key(struct wr *, uint16_t type, const struct keyoct *k, size_t n);

/*
 * The base header of a message that must be all of `r', and what is behind
 * it; then its extensions one after the other: 1 and the type and what is
 * behind its header, 0 at the end, -1 if it is malformed.
 */
int	 pk_base(struct rd *r, struct pk_msg *, uint8_t *type) WUR;
int	 pk_next(struct rd *r, uint16_t *type, struct rd *body) WUR;

/*
 * Our mark is a number that no limit ever reaches: "S2" (or "S3": out), which
 * daemon, which tunnel or child.
 */
uint64_t pk_mark(uint16_t life, uint32_t v, int out);
int	 pk_mark_get(uint64_t, uint16_t *life, uint32_t *v, int *out);

/* Prefixes that together are the range of a selector: how many, or -1 if
 * there are max or more or it has a range of ports. */
int	 pk_nets(const struct sel *, struct net *, size_t max);

/* --- pfkey.c --- */

struct pk_start {
	const struct pk_dialect *d;
	int		 fd;		/* kept, closed at the end */
	uint32_t	 pid;		/* of who writes into it */
	uint16_t	 life;		/* tells our daemon from a dead one */
	/* in place of send(2) to fd, for tests; or NULL */
	ssize_t		(*send)(void *arg, const void *, size_t);
	void		*arg;
	struct rd	 snap;		/* what was there, as messages one after
					   another; only read by pk_new */
};
void	*pk_new(const struct pk_start *, const struct role_io *,
	    const struct sa_events *);
/*
 * Without a daemon: every SA and policy that carries our mark goes.  Waits for
 * the kernel; closes the socket.  0, or -1.
 */
int	 pk_sweep(const struct pk_start *);
/* And the other way: the block of n tunnels, but for those that may leak. */
int	 pk_hold(const struct pk_start *, struct tunnel *const *, size_t n);
/* The backend of a dialect without a start: pk_new makes its instances. */
const struct sa_backend *pk_backend(const struct pk_dialect *);

/* What a struct sa_backend is made of, beside name, choice, caps, can, open
 * and start. */
void	 pk_stop(void *);
void	 pk_spi_alloc(void *, uint32_t id, uint32_t wish);
void	 pk_install(void *, uint32_t id, const struct sa_pair *);
void	 pk_move(void *, uint32_t id, uint32_t tunnel, uint32_t child,
	    const struct addr *local, const struct addr *remote);
void	 pk_delete(void *, uint32_t id, uint32_t tunnel, uint32_t child,
	    uint32_t spi_in);
void	 pk_query(void *, uint32_t id, uint32_t tunnel);
void	 pk_policy_replace(void *, uint32_t id, const struct tunnel *,
	    int block);
void	 pk_policy_delete(void *, uint32_t id, uint32_t tunnel);
void	 pk_flush_own(void *, uint32_t id);
void	 pk_list(void *, uint32_t id);
int	 pk_fd(void *);
void	 pk_readable(void *);
uint64_t pk_tick(void *, uint64_t now);
void	 pk_leave(void *);
int	 pk_can_here(const struct alg *, const struct alg *);
int	 pk_can_openbsd(const struct alg *, const struct alg *);
int	 pk_can_freebsd(const struct alg *, const struct alg *);
int	 pk_can_netbsd(const struct alg *, const struct alg *);
int	 pk_can_linux(const struct alg *, const struct alg *);
#define PK_OPS	.stop = pk_stop, .spi_alloc = pk_spi_alloc, \
	.sa_install = pk_install, .sa_add = pk_install, .sa_move = pk_move, \
	.sa_delete = pk_delete, .sa_query = pk_query, \
	.policy_replace = pk_policy_replace, \
	.policy_delete = pk_policy_delete, .flush_own = pk_flush_own, \
	.list = pk_list, .fd = pk_fd, .readable = pk_readable, .tick = pk_tick, \
	.leave = pk_leave

#endif /* PFKEY_H */
