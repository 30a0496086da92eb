/* SPDX-License-Identifier: ISC */

/*
 * handle.h: one handle for each IKE SA, and one for each exchange of ours
 * that waits for its answer.
 *
 *	started		key pair and nonce made
 *	keyed		SK_* derived; nobody has proved anything
 *	proved		the peer's AUTH (IKEv1: HASH) verified, or rekeyed
 *			from a proved one
 *
 * Only khandle_prove() and khandle_inherit() lead to `proved', and only a
 * proved handle has an SK_d (IKEv1: SKEYID_d) that child keys are made of.  A
 * handle is of one version of IKE for life.
 */

#ifndef KEYS_HANDLE_H
#define KEYS_HANDLE_H

#include <sys/queue.h>

#include "dh.h"
#include "kdf.h"

enum {
	KH_HALF_MAX = 4096,	/* not proved, and waiting exchanges */
	KH_TUNNEL_MAX = 64,	/* of one tunnel, of all kinds */
	KH_MAX = 65535,		/* of all kinds */
	KH_LIFE = 60000,	/* ms, until proved or used */
	KH_KEYED_MAX = 4	/* KEYED of one handle: another answer to our
				   IKE_SA_INIT may be the real one */
};

enum kh_kind { KH_IKE, KH_CHILD, KH_REKEY };
enum kh_state { KH_STARTED, KH_KEYED, KH_PROVED };

/* What is needed only until the handle is proved or used. */
struct khalf {
	struct keys_pair pair;
	uint8_t		 nonce[NONCE_LEN];		/* ours */
	uint8_t		 peer_nonce[256];
	uint8_t		 peer_ke[ALG_DHMAX];
	size_t		 npeer_nonce, npeer_ke;
	uint8_t		 spi_i[8], spi_r[8];	/* IKEv1: cookies */
	uint8_t		 pi[ALG_KEYMAX], pr[ALG_KEYMAX];	/* SK_p */
	uint8_t		 skeyid[ALG_KEYMAX];	/* IKEv1 */
	uint8_t		*sai;			/* IKEv1: SAi_b, malloc'd */
	size_t		 nsai;
	int		 tries;				/* KEYED so far */
};

struct khandle {
	TAILQ_ENTRY(khandle)	 byage;		/* while half is there */
	LIST_ENTRY(khandle)	 bytunnel;	/* while tunnel is not 0 */
	uint32_t		 id;		/* generation << 16 | slot */
	uint32_t		 tunnel;	/* 0: responder, not known yet */
	uint32_t		 parent;	/* CHILD, REKEY: of that IKE SA */
	enum kh_kind		 kind;
	enum kh_state		 state;
	int			 version;	/* of IKE: 1 or 2 */
	int			 initiator;	/* of the IKE SA or exchange */
	struct algs		 a;
	uint8_t			 d[ALG_KEYMAX];	/* SK_d, SKEYID_d */
	uint64_t		 expires;
	struct khalf		*half;		/* NULL once settled */
};

enum { KH_BUCKETS = 1024 };
LIST_HEAD(kh_list, khandle);
TAILQ_HEAD(kh_queue, khandle);

struct khandles {
	struct khandle	**slot;		/* n pointers */
	uint16_t	 *gen;		/* of each slot's last handle */
	size_t		  n, live, half, next;
	struct kh_queue	  age;		/* oldest first: one life for all */
	struct kh_list	  bucket[KH_BUCKETS];
};

void	 khandles_init(struct khandles *);
void	 khandles_clear(struct khandles *);

/*
 * khandle_new: a started handle.  *err is KERR_LIMIT or KERR_CRYPTO (no
 * memory) on failure.  tunnel may be 0 (responder).
 */
struct khandle *khandle_new(struct khandles *, enum kh_kind, int version,
	    uint32_t tunnel, uint64_t now, int *err) WUR;
struct khandle *khandle_find(struct khandles *, uint32_t id);
/* Wipe it, and the exchanges that wait on it. */
void	 khandle_close(struct khandles *, struct khandle *);
/* All of a tunnel; all there are. */
void	 khandles_close_tunnel(struct khandles *, uint32_t tunnel);
void	 khandles_close_all(struct khandles *);
/* Is there room for one more of that tunnel?  For handles not bound yet. */
int	 khandle_room(struct khandles *, uint32_t tunnel);
/* A responder's handle learns its tunnel, or a better one. */
void	 khandle_bind(struct khandles *, struct khandle *, uint32_t tunnel);

/*
 * khandle_prove: the peer's AUTH or HASH is `got', it must be `want'.  The compare
 * is made here and nowhere else: 1 and the handle is proved, or 0.  The
 * caller settles it when it has used what lies in half.
 */
int	 khandle_prove(struct khandle *, struct rd want, struct rd got) WUR;
/* A rekeyed handle takes over the proof of the old one: 1, or 0 if the old
 * one has none. */
int	 khandle_inherit(struct khandle *, const struct khandle *old) WUR;
/* A proved handle lives until it is closed; half of it is wiped. */
void	 khandle_settle(struct khandles *, struct khandle *);

/* Close what is too old; when to come again, or DUE_NEVER. */
uint64_t khandles_tick(struct khandles *, uint64_t now);

#endif /* KEYS_HANDLE_H */
