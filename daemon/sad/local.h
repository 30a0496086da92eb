/* SPDX-License-Identifier: ISC */

/* local.h: what the files of s2sd-sad share among themselves. */

#ifndef SAD_LOCAL_H
#define SAD_LOCAL_H

#include "../../backends/sa/sa.h"
#include "sad.h"

enum { TELL_UP = 1, TELL_ORPHAN = 2 };
enum { SAD_BUCKETS = 1024,
    SAD_AGAIN = 1000 /* ms; what failed for want of memory */ };

/* One pair of SAs; no key. */
struct sad_entry {
	struct sad_entry *next_child, *next_spi, *next_tun;	/* chains */
	uint32_t	 tunnel, child, replaces, spi_in, spi_out;
	uint8_t		 up;		/* the backend has it */
	uint8_t		 said_up;	/* host knows */
	uint8_t		 orphan;	/* its s2sd-ike is gone */
	uint8_t		 ours;		/* installed by this s2sd-sad */
	uint8_t		 listed, kept;	/* others: by backend, by ike */
	uint8_t		 tell;		/* TELL_: to be said, not all at once */
	uint8_t		 udp;
	uint16_t	 encr, integ;	/* alg.num; 0: not known (listed) */
	uint16_t	 mtu;
	uint64_t	 expires;	/* ms */
	struct addr	 local, remote;
	struct selpair	*pair;		/* n of them; NULL: not known */
	size_t		 npair;
};

enum sad_opkind { OP_SPI, OP_PAIR, OP_DELETE, OP_MOVE, OP_QUERY, OP_LIST,
    OP_OTHER };

/* A pair on its way: the keys live here until the backend was asked. */
struct sad_pending {
	struct m_s_pair	 m;
	struct m_sa	 sa;
	struct selpair	 pair[SELPAIR_MAX];
	size_t		 npair;
};

/* A request to the backend that is not done. */
struct sad_op {
	struct sad_op	*next;
	uint32_t	 id;
	enum sad_opkind	 kind;
	enum proc	 asker;
	uint32_t	 req, tunnel, child, spi;
	uint32_t	 life;		/* of s2sd-ike when it asked */
	uint32_t	 tries;		/* OP_SPI, OP_DELETE */
	struct sad_pending *pend;	/* OP_SPI */
	struct addr	 local, remote;	/* OP_MOVE */
	uint8_t		*buf;		/* OP_QUERY: elements of a part */
	size_t		 nbuf;
	struct wr	 w;
};

struct sad {
	const struct role_io *io;
	const struct conf *conf;	/* NULL before the first */
	uint64_t	 now;
	struct sad_choice choice[SAD_CHOICE_MAX];
	size_t		 nchoice;
	const struct sa_backend *be;
	void		*bep;
	char		 why[TEXT_MAX];	/* why this backend */
	void		(*watch)(void *self, int fd);
	struct sa_events ev;
	struct sad_entry *by_child[SAD_BUCKETS], *by_spi[SAD_BUCKETS],
			*by_tun[SAD_BUCKETS];
	size_t		 nentry;
	struct sad_op	*ops;
	uint32_t	 next_id, life;
	uint64_t	 due;		/* least expires, or DUE_NEVER */
	uint8_t		 going, list_done, keep_end;
	uint8_t		 list_again;	/* not all of the list was taken */
	uint64_t	 list_at;	/* when to ask for it, or DUE_NEVER */
	struct sad_op	*later;		/* deletions to be tried again */
	uint64_t	 later_at;
	uint64_t	 tell_at;	/* an entry has something in `tell' */
	size_t		 tell_from;	/* first bucket that may have one */
	uint64_t	 claim_by;	/* then unclaimed ones are orphans */
	uint64_t	 n_installed, n_refused, n_expired, n_stale;
};

/* --- check.c: pure --- */

/* An enum serr; why (TEXT_MAX octets) says what is wrong. */
int	 sad_check_sa(const struct tunnel *, const struct m_sa *,
	    const struct selpair *, size_t n, char *why);
int	 sad_check_algs(const struct tunnel *, const struct m_s_pair *,
	    uint8_t esn, char *why);
int	 sad_check_addr(const struct tunnel *, const struct addr *local,
	    const struct addr *remote);

/* --- entry.c --- */

struct sad_entry *sad_entry_new(struct sad *, uint32_t tunnel,
	    uint32_t child, uint32_t spi_in);
struct sad_entry *sad_entry_child(const struct sad *, uint32_t child);
struct sad_entry *sad_entry_spi(const struct sad *, uint32_t spi_in);
/* The first of a tunnel; the next by e = sad_entry_next(e). */
struct sad_entry *sad_entry_tun(const struct sad *, uint32_t tunnel);
struct sad_entry *sad_entry_next(const struct sad_entry *);
/* Off the tables and freed; says M_H_DOWN if it was the tunnel's last. */
void	 sad_entry_drop(struct sad *, struct sad_entry *);
/* It has an SPI now. */
void	 sad_entry_set_spi(struct sad *, struct sad_entry *, uint32_t spi_in);
/* Fill in from a request; 0, or -1 (no memory). */
int	 sad_entry_fill(struct sad *, struct sad_entry *, const struct m_sa *,
	    const struct selpair *, size_t n, uint64_t life_ms) WUR;
/* Call fn for each; fn may drop the entry it was given. */
void	 sad_entry_each(struct sad *, void (*fn)(struct sad *,
	    struct sad_entry *));
void	 sad_entry_say_up(struct sad *, struct sad_entry *);
void	 sad_entry_due(struct sad *);	/* find the least expiry again */

/* --- ops.c: requests to the backend, and what comes back --- */

struct sad_op *sad_op_new(struct sad *, enum sad_opkind, uint32_t tunnel);
void	 sad_ops_clear(struct sad *);
void	 sad_events_init(struct sad *);
/* Begin to install a pair; takes over pend.  `e' is its entry. */
void	 sad_install(struct sad *, struct sad_entry *, struct sad_pending *,
	    uint32_t req);
/* Ask the backend to delete it, and forget it.  -1: no memory to ask; it is
 * tried again in a second. */
int	 sad_remove(struct sad *, struct sad_entry *);
void	 sad_answer(struct sad *, uint32_t req, uint32_t tunnel,
	    uint32_t child, uint32_t spi_in, int err, uint16_t mtu);
/* M_S_ORPHAN for every tunnel that has one, a few at a time. */
void	 sad_say_orphans(struct sad *);
/* M_H_UP for that entry, when its turn comes. */
void	 sad_tell_up(struct sad *, struct sad_entry *);
/* Say what there is to say as far as the queues allow. */
void	 sad_tell(struct sad *);
/* Deletions that failed. */
void	 sad_delete_again(struct sad *);
/* The list and s2sd-ike's claims are both here: settle. */
void	 sad_settle(struct sad *);
const struct tunnel *sad_tunnel(const struct sad *, uint32_t id);

#endif /* SAD_LOCAL_H */
