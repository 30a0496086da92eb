/* SPDX-License-Identifier: ISC */

/* keys_self.h: the state of s2sd-keys, shared by its handlers. */

#ifndef KEYS_SELF_H
#define KEYS_SELF_H

#include "handle.h"
#include "keys.h"
#include "secrets.h"

struct keys {
	const struct role_io	*io;
	const struct conf	*conf;	/* NULL before the first commit */
	struct secrets		 secrets;
	struct khandles		 handles;
	/* what failed, by enum kerr; and what succeeded */
	uint64_t		 refused[KERR_CRYPTO + 1];
	uint64_t		 proved, children, rekeyed;
};

/* Handlers (role_rule.fn). */
int	 keys_start(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_start_r(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_keyed(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_auth(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_cstart(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_rstart(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_new_child(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys_rekey(void *, const struct ipc_msg *, void *, uint64_t);

/* IKEv1: sa1.c and exch1.c, or v1_off.c. */
int	 keys1_keyed(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys1_start_r(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys1_auth(void *, const struct ipc_msg *, void *, uint64_t);
int	 keys1_new_child(void *, const struct ipc_msg *, void *, uint64_t);

/*
 * keys_tunnel: the tunnel of a request, or NULL and why in *err: unknown,
 * disabled, or with two equal identities (an AUTH of ours could be
 * reflected, so none is made).
 */
const struct tunnel *keys_tunnel(const struct keys *, uint32_t id, int *err);
/* The same for a request of one version of IKE: another one's is unknown. */
const struct tunnel *keys_tunnel_of(const struct keys *, uint32_t id,
	    int version, int *err);
int	 keys_version(const struct tunnel *);	/* 1 or 2 */
/*
 * The algorithms of a request: rows of the right kind, able, complete.
 * prf and dh may be 0 where `need' has not their bit.  KERR_OK or KERR_ALG.
 */
enum { NEED_PRF = 1, NEED_DH = 2, NEED_NONE = 4 /* AH: no cipher */ };
int	 keys_algs(uint16_t encr, uint16_t integ, uint16_t prf, uint16_t dh,
	    int need, struct algs *);
/* Do the tunnel's own proposals hold this choice?  any_dh: the group does
 * not matter (the first child has none). */
int	 keys_allowed_ike(const struct tunnel *, const struct algs *);
int	 keys_allowed_child(const struct tunnel *, const struct algs *,
	    int any_dh);
/* Has one of these proposals that group (NULL: none)? */
int	 keys_allowed_dh(const struct prop *, uint8_t n, const struct alg *dh);
/* Answer to s2sd-ike, and count and log if err is not KERR_OK. */
void	 keys_answer(struct keys *, const struct ipc_msg *, uint32_t type,
	    int err, const void *body);
/* The body of STARTED_R and REKEYED, for a handle that is keyed. */
void	 keys_started(struct m_k_started_r *, const struct khandle *,
	    const struct keys_sk *);
/* The proved IKE SA of that version (0: of its tunnel's) and the tunnel of a
 * request: KERR_OK or why not. */
int	 keys_proved(struct keys *, const struct ipc_msg *, uint32_t id,
	    int version, struct khandle **, const struct tunnel **);
/* The exchange that we began earlier on that IKE SA, with that group. */
struct khandle *keys_waiting(struct keys *, const struct khandle *,
	    uint32_t id, enum kh_kind kind, uint16_t dh);
/* Algorithms of a child, allowed to that tunnel: KERR_OK or KERR_ALG. */
int	 keys_child_algs(const struct tunnel *, uint16_t encr, uint16_t integ,
	    uint16_t dh, struct algs *);
/* The peer's nonce and KE data are kept for AUTH: 0, or -1 if too long. */
int	 keys_peer_set(struct khalf *, struct rd nonce, struct rd ke) WUR;
/* A pair whose keys are made, to s2sd-sad: KERR_OK or KERR_LIMIT. */
int	 keys_send_pair(struct keys *, const struct ipc_msg *,
	    const struct khandle *, const struct algs *, struct rd sa,
	    struct m_s_pair *);
/* Child keys, straight to s2sd-sad: KERR_OK or why not. */
int	 keys_send_child(struct keys *, const struct ipc_msg *,
	    const struct khandle *, struct rd gir, struct rd ni, struct rd nr,
	    const struct algs *, int first, struct rd sa);
/* A nonce of ours and a key pair (dh NULL: none): KERR_OK or KERR_CRYPTO. */
int	 keys_fresh(struct keys *, struct khalf *, const struct alg *dh);
/* 16..256 octets, RFC 7296 section 3.9 (IKEv1: 8.., RFC 2409 section 5), and
 * not our own come back. */
int	 keys_nonce_good(struct rd nonce, const struct khalf *, size_t min);
enum { NONCE_MIN = 16, NONCE1_MIN = 8 };

#endif /* KEYS_SELF_H */
