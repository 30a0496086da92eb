/* SPDX-License-Identifier: ISC */

/*
 * v1.h: IKEv1 messages as octets, RFC 2408 section 3 and RFC 2407.  As in
 * payload.h everything is a pure function on views.  Types of payloads have
 * an enum of their own, and so have the structs, so that nothing of one
 * version can be handed to code of the other.
 *
 * Getters return 0, or -1 and a static string that names the fault in *why.
 * Views in the results point into the message.
 */

#ifndef PAYLOAD_V1_H
#define PAYLOAD_V1_H

#include "alg.h"
#include "payload.h"		/* the header is the same in both versions */

/* Exchange types, RFC 2408 section 3.1, RFC 2409 appendix A. */
enum { X1_MAIN = 2, X1_INFO = 5, X1_QUICK = 32 };

/* Flags of the header. */
enum { HDR1_E = 0x01, HDR1_C = 0x02, HDR1_A = 0x04 };

/*
 * Payloads as we know them; the numbers of the network (RFC 2408 3.1, RFC
 * 3947, the drafts and the vendors) are in v1_hdr.c alone.
 */
enum pld1_type {
	PLD1_OTHER, PLD1_SA, PLD1_KE, PLD1_ID, PLD1_HASH, PLD1_NONCE,
	PLD1_NOTIFY, PLD1_DELETE, PLD1_VID, PLD1_NATD, PLD1_NATOA, PLD1_CERT,
	PLD1_CERTREQ, PLD1_SIG, PLD1_FRAG, PLD1_MAX
};
#define PLD1BIT(t)	(1u << (t))

/* Notify types, RFC 2408 3.14.1, RFC 2407 4.6.3, RFC 3706. */
enum notify1 {
	N1_INVALID_COOKIE = 4, N1_INVALID_MAJOR = 5, N1_NO_PROPOSAL = 14,
	N1_INVALID_ID = 18, N1_AUTH_FAILED = 24, N1_ERROR_MAX = 8191,
	N1_RESPONDER_LIFETIME = 24576, N1_INITIAL_CONTACT = 24578,
	N1_R_U_THERE = 36136, N1_R_U_THERE_ACK = 36137
};

/* Protocols in proposals, RFC 2407 4.4.1. */
enum { PROTO1_ISAKMP = 1, PROTO1_AH = 2, PROTO1_ESP = 3 };

/* Authentication methods, RFC 2409 appendix A: the one that we have. */
enum { AUTH1_PSK = 1 };

/* Encapsulation modes, RFC 2407 4.5, RFC 3947 5.1, the drafts. */
enum { MODE1_TUNNEL = 1, MODE1_UDP = 3, MODE1_UDP_DRAFT = 61443 };

enum {
	PLD1_PROPS = 32, PLD1_TRANS = 128,	/* R8; transforms of all */
	PLD1_OFFER = 32,	/* transforms that we offer at most */
	NONCE1_MIN = 8, COOKIES1 = 16, FRAG1_HEAD = 4
};

/* ---- chain (v1_hdr.c) ---- */

struct pld1 {
	uint8_t		 type;		/* enum pld1_type */
	struct rd	 b;		/* body, generic header removed */
};

struct plds1 {
	struct pld1	 p[PLD_MAX];
	size_t		 n;
	uint32_t	 have;		/* PLD1BIT() */
	uint8_t		 twice;		/* came again and may not, or 0 */
	struct rd	 rest;		/* all octets behind the first payload,
					   to the end of the last one */
};

/*
 * Walk the chain; padded: it was encrypted, so that octets may follow the
 * last payload.  Unknown types are skipped by their length.
 */
int	 pld1_walk(struct rd, uint8_t first, int padded, struct plds1 *,
	    const char **why) WUR;
const struct pld1 *pld1_find(const struct plds1 *, uint8_t type);
/* The n-th of that type, from 0; or NULL. */
const struct pld1 *pld1_nth(const struct plds1 *, uint8_t type, size_t n);

struct pld1_out {
	struct wr	 w;
	size_t		 np;		/* where the next payload's type goes */
	size_t		 len;		/* length field of the open payload */
	size_t		 body;		/* the first payload's end, after HASH */
};

void	 pld1_start(struct pld1_out *, uint8_t *buf, size_t max,
	    const struct ike_hdr *);
/* draft: the numbers that the NAT-T drafts use. */
void	 pld1_begin(struct pld1_out *, uint8_t type, int draft);
void	 pld1_end(struct pld1_out *);
void	 pld1_raw_put(struct pld1_out *, uint8_t type, struct rd body);
/* Set the length in the header: 0, or -1 if something did not fit. */
int	 pld1_done(struct pld1_out *) WUR;

/* ---- Security Association (v1_sa.c), RFC 2408 3.4 to 3.6 ---- */

/* One transform; values are those of its phase, 0: attribute absent. */
struct pld1_trans {
	uint8_t		 prop;		/* which of the proposals */
	uint8_t		 num, id;
	uint8_t		 odd;		/* an attribute that we do not know */
	uint16_t	 encr, hash, auth, group, bits, mode, integ;
	uint32_t	 secs, kbytes;	/* life; 0: none said */
	struct rd	 attrs;		/* as they came, for the answer */
};

struct pld1_prop {
	uint8_t		 num, proto, spilen;
	uint8_t		 spi[COOKIES1];
};

struct pld1_sa {
	size_t		 np, nt;
	struct pld1_prop p[PLD1_PROPS];
	struct pld1_trans t[PLD1_TRANS];
};

int	 pld1_sa(struct rd, int phase, struct pld1_sa *, const char **why) WUR;
/* Attributes of a phase 2 life time, as in RESPONDER-LIFETIME. */
int	 pld1_life(struct rd, uint32_t *secs, uint32_t *kbytes) WUR;

/* ---- offer and choice (v1_prop.c) ---- */

struct pld1_choice {
	struct algs	 a;		/* encr, prf, dh; or encr, integ, dh;
					   or integ, dh: AH */
	uint8_t		 prop;		/* number of the proposal */
	uint8_t		 num, id;	/* of the transform */
	struct rd	 attrs;		/* as they came */
	uint32_t	 spi;		/* phase 2: the peer's */
	uint32_t	 secs, kbytes;	/* what the peer wants; 0: nothing */
};

/* What of phase 2 does not depend on the tunnel alone. */
struct pld1_qm {
	uint32_t	 spi;
	uint16_t	 mode;		/* MODE1_ */
	const struct alg *dh;		/* group of the KE payload, or NULL */
	uint32_t	 secs;
	uint64_t	 kbytes;	/* 0: no limit */
};

/* The number of transforms; 0: nothing that works here. */
size_t	 pld1_offer1(struct pld1_out *, const struct prop *, size_t n,
	    uint32_t secs);
size_t	 pld1_offer2(struct pld1_out *, const struct prop *, size_t n,
	    const struct pld1_qm *);
/* Responder: the first of ours that the offer can satisfy.  0 or -1. */
int	 pld1_choose1(const struct pld1_sa *, const struct prop *, size_t n,
	    struct pld1_choice *) WUR;
int	 pld1_choose2(const struct pld1_sa *, const struct prop *, size_t n,
	    const struct pld1_qm *, struct pld1_choice *) WUR;
/* Initiator: exactly one, and out of what we offered?  0 or -1. */
int	 pld1_accept1(const struct pld1_sa *, const struct prop *, size_t n,
	    struct pld1_choice *) WUR;
int	 pld1_accept2(const struct pld1_sa *, const struct prop *, size_t n,
	    const struct pld1_qm *, struct pld1_choice *) WUR;
/* The protocol that all proposals have, or 0. */
uint8_t	 pld1_proto(const struct pld1_sa *);
/* The answer is the transform as it came, RFC 2408 section 4.2. */
void	 pld1_answer(struct pld1_out *, uint8_t proto, uint32_t spi,
	    const struct pld1_choice *);

/* ---- the small ones (v1_small.c) ---- */

struct pld1_notify {
	uint8_t		 proto;
	uint16_t	 type;
	struct rd	 spi, data;
};

struct pld1_delete {
	uint8_t		 proto, spilen;
	uint16_t	 n;
	struct rd	 spis;
};

struct pld1_frag {
	uint16_t	 id;
	uint8_t		 num, last;
	struct rd	 data;
};

/* Identification of phase 1, RFC 2407 4.6.2: who. */
int	 pld1_id(struct rd, struct ident *, const char **why) WUR;
/* Of phase 2: which network. */
int	 pld1_sel(struct rd, struct sel *, const char **why) WUR;
int	 pld1_nonce(struct rd, const char **why) WUR;
int	 pld1_notify(struct rd, struct pld1_notify *, const char **why) WUR;
int	 pld1_delete(struct rd, struct pld1_delete *, const char **why) WUR;
int	 pld1_frag(struct rd, struct pld1_frag *, const char **why) WUR;

/* 0, or -1 if that selector is no network, address or range. */
int	 pld1_sel_put(struct pld1_out *, const struct sel *) WUR;
void	 pld1_notify_put(struct pld1_out *, uint8_t proto, struct rd spi,
	    uint16_t type, struct rd data);
void	 pld1_delete_put(struct pld1_out *, uint8_t proto, struct rd spi);
/* Life attributes of phase 2 into a writer. */
void	 pld1_life_put(struct wr *, uint32_t secs, uint64_t kbytes);

#endif /* PAYLOAD_V1_H */
