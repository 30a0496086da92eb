/* SPDX-License-Identifier: ISC */

/*
 * payload.h: IKEv2 messages as octets, RFC 7296 section 3.  Everything here
 * is a pure function on views (wire.h): no state, no log, no memory.
 *
 * Getters return 0, or -1 and a static string that names the fault in *why.
 * Views in the results point into the message.
 */

#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "alg.h"
#include "crypt.h"
#include "tunnel.h"
#include "wire.h"

/* Exchange types, RFC 7296 section 3.1. */
enum { X_INIT = 34, X_AUTH = 35, X_CHILD = 36, X_INFO = 37 };

/* Flags of the header. */
enum { HDR_I = 0x08, HDR_V = 0x10, HDR_R = 0x20 };

enum { HDR_LEN = 28, GEN_LEN = 4 };

/* Payload types, section 3.2. */
enum pld_type {
	PLD_NONE = 0, PLD_SA = 33, PLD_KE, PLD_IDI, PLD_IDR, PLD_CERT,
	PLD_CERTREQ, PLD_AUTH, PLD_NONCE, PLD_NOTIFY, PLD_DELETE, PLD_VID,
	PLD_TSI, PLD_TSR, PLD_SK, PLD_CP, PLD_EAP, PLD_END_
};
#define PLDBIT(t)	(1u << ((t) - PLD_SA))

/* Notify types, section 3.10.1. */
enum notify {
	N_UNSUPPORTED_CRITICAL = 1, N_INVALID_MAJOR = 5, N_INVALID_SYNTAX = 7,
	N_NO_PROPOSAL = 14, N_INVALID_KE = 17, N_AUTH_FAILED = 24,
	N_SINGLE_PAIR = 34, N_NO_ADDITIONAL_SAS = 35, N_FAILED_CP = 37,
	N_TS_UNACCEPTABLE = 38, N_TEMPORARY_FAILURE = 43,
	N_CHILD_NOT_FOUND = 44, N_TS_MAX_QUEUE = 48, N_ERROR_MAX = 16383,
	N_INITIAL_CONTACT = 16384, N_ADDITIONAL_TS = 16386,
	N_NAT_SRC = 16388, N_NAT_DST = 16389, N_COOKIE = 16390,
	N_TRANSPORT_MODE = 16391, N_REKEY_SA = 16393,
	N_SA_RESOURCE_INFO = 16444	/* RFC 9611, as N_TS_MAX_QUEUE */
};

/* Protocol identifiers, section 3.3.1. */
enum { PROTO_NONE = 0, PROTO_IKE = 1, PROTO_AH = 2, PROTO_ESP = 3 };

enum { AUTH_PSK = 2 };			/* section 3.8 */

/* Limits for what a peer may send (R8). */
enum {
	PLD_MAX = 64, PLD_PROPS = 32, PLD_TRANSFORMS = 64, PLD_TS_MAX = 64,
	NONCE_MIN = 16, NONCE_MAX_ = 256, COOKIE_MAX = 64,
	MSG_MAX = 16000		/* longest IKE message that we take or send */
};

/* ---- header and chain (hdr.c) ---- */

struct ike_hdr {
	uint64_t	 spi_i, spi_r;
	uint8_t		 np;		/* type of the first payload */
	uint8_t		 major, minor;
	uint8_t		 exch;
	uint8_t		 flags;
	uint32_t	 mid;
	uint32_t	 len;		/* header included */
};

struct pld {
	uint8_t		 type;
	struct rd	 b;		/* body, generic header removed */
};

struct plds {
	struct pld	 p[PLD_MAX];
	size_t		 n;
	uint32_t	 have;		/* PLDBIT() of the types known here */
	uint8_t		 critical;	/* unknown type with the critical bit */
	uint8_t		 twice;		/* a type that may come once only came
					   again, or 0 */
	uint8_t		 inner;		/* first type inside SK */
};

/* Consume the header; what is left must be len - 28 octets exactly. */
int	 pld_hdr(struct rd *, struct ike_hdr *, const char **why) WUR;
/*
 * Walk the chain that begins with type `first' and fill *out: bounds of
 * every payload, at most PLD_MAX of them, nothing behind the last.  Unknown
 * types are skipped by their length.  SK must be the last one.
 */
int	 pld_walk(struct rd, uint8_t first, struct plds *out,
	    const char **why) WUR;
/* The first payload of that type, or NULL. */
const struct pld *pld_find(const struct plds *, uint8_t type);

/* ---- writing (hdr.c) ---- */

struct pld_out {
	struct wr	 w;
	size_t		 np;		/* where the next payload's type goes */
	size_t		 len;		/* length field of the open payload */
	size_t		 sk;		/* SK payload starts here; 0: clear */
};

void	 pld_start(struct pld_out *, uint8_t *buf, size_t max,
	    const struct ike_hdr *);
void	 pld_begin(struct pld_out *, uint8_t type);
void	 pld_end(struct pld_out *);
/* Set the length in the header: 0, or -1 if something did not fit. */
int	 pld_done(struct pld_out *) WUR;

/* ---- Encrypted payload (sk.c), section 3.14, RFC 5282 ---- */

void	 pld_sk_begin(struct pld_out *, const struct algs *, const uint8_t *iv);
/* Pad, seal, set all lengths.  The result is out->w.p, out->w.n octets. */
int	 pld_sk_end(struct pld_out *, const struct algs *, struct crypt *) WUR;
/*
 * Open SK in place.  msg is the whole message, sk its SK payload (a view
 * into msg).  *inner becomes the payloads inside, without the padding.
 * Returns 0; -1 before the ICV was right (drop); -2 if the padding is
 * impossible although it was.
 */
int	 pld_sk_open(uint8_t *msg, size_t len, const struct pld *sk,
	    const struct algs *, struct crypt *, struct rd *inner) WUR;

/* ---- Security Association (sa.c), section 3.3 ---- */

struct pld_transform {
	uint8_t		 type;
	uint16_t	 id, bits;	/* bits 0: no Key Length attribute */
	uint8_t		 odd;		/* an attribute that we do not know */
};

struct pld_prop {
	uint8_t		 num, proto, spilen;
	uint8_t		 spi[8];
	uint8_t		 nt;
	struct pld_transform t[PLD_TRANSFORMS];
};

struct pld_sa {
	size_t		 n;
	struct pld_prop	 p[PLD_PROPS];
};

int	 pld_sa(struct rd, struct pld_sa *, const char **why) WUR;
/* Offer: `use' says which of IKE's or a child's types are written. */
enum { SA_IKE = 1, SA_CHILD = 2, SA_CHILD_DH = 3 };
void	 pld_sa_offer(struct pld_out *, int use, const struct prop *, size_t n,
	    uint64_t spi, size_t spilen, int esn);
/* Answer: the one proposal that was chosen. */
void	 pld_sa_answer(struct pld_out *, int use, uint8_t num,
	    const struct algs *, uint64_t spi, size_t spilen);

/* The outcome. */
struct pld_choice {
	struct algs	 a;		/* without encr: AH */
	uint8_t		 num;		/* proposal number */
	uint64_t	 spi;		/* peer's, 0 if none */
};

/* ---- choice (choose.c) ---- */

/*
 * Responder: the first of our proposals that the offer can satisfy, within
 * it our preference; `ke' is the group of the peer's KE payload (transform
 * ID, 0: none), which wins over preference if it is acceptable.  0 or -1.
 */
int	 pld_choose(const struct pld_sa *, int use, const struct prop *,
	    size_t n, uint16_t ke, int esn, struct pld_choice *) WUR;
/*
 * Initiator: is this answer exactly one complete choice out of what we
 * offered?  0 or -1.  (section 3.3.6; R16)
 */
int	 pld_accept(const struct pld_sa *, int use, const struct prop *,
	    size_t n, int esn, struct pld_choice *) WUR;
/* The protocol that all proposals have, or PROTO_NONE. */
uint8_t	 pld_proto(const struct pld_sa *);

/* ---- the small ones (small.c) ---- */

struct pld_notify {
	uint8_t		 proto;
	uint16_t	 type;
	struct rd	 spi, data;
};

struct pld_delete {
	uint8_t		 proto, spilen;
	uint16_t	 n;
	struct rd	 spis;		/* n * spilen octets */
};

/* Key Exchange, 3.4: group and public value (length not checked here). */
int	 pld_ke(struct rd, uint16_t *group, struct rd *ke,
	    const char **why) WUR;
/* Nonce, 3.9: 16 to 256 octets. */
int	 pld_nonce(struct rd, const char **why) WUR;
/* Identification, 3.5. */
int	 pld_id(struct rd, struct ident *, const char **why) WUR;
/* Authentication, 3.8. */
int	 pld_auth(struct rd, uint8_t *method, struct rd *auth,
	    const char **why) WUR;
int	 pld_notify(struct rd, struct pld_notify *, const char **why) WUR;
int	 pld_delete(struct rd, struct pld_delete *, const char **why) WUR;

void	 pld_ke_put(struct pld_out *, const struct alg *dh, struct rd ke);
void	 pld_raw_put(struct pld_out *, uint8_t type, struct rd body);
void	 pld_auth_put(struct pld_out *, uint8_t method, struct rd auth);
void	 pld_id_put(struct pld_out *, uint8_t type, const struct ident *);
void	 pld_notify_put(struct pld_out *, uint8_t proto, uint32_t spi,
	    uint16_t type, struct rd data);
/* n 0: the IKE SA itself, else SPIs of that protocol (ESP or AH). */
void	 pld_delete_put(struct pld_out *, uint8_t proto, const uint32_t *spi,
	    size_t n);

/* ---- Traffic Selectors (ts.c), section 3.13 ---- */

/* Selectors that we know; others (and OPAQUE ports) are passed over, so
 * that *n may be 0. */
int	 pld_ts(struct rd, struct sel *, size_t max, size_t *n,
	    const char **why) WUR;
void	 pld_ts_put(struct pld_out *, uint8_t type, const struct sel *, size_t);

#endif /* PAYLOAD_H */
