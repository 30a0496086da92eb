/* SPDX-License-Identifier: ISC */

/*
 * msg.h: every message between the processes: its type, its body as a
 * struct, who sends it to whom.  One codec (msg.c) driven by a table of
 * fields reads and writes them all; the same table gives the least and the
 * greatest length, the truncation tests and the fuzz targets.
 *
 * Kinds of field
 *	u8 u16 u32 u64		numbers
 *	uint8_t x[n]		n octets
 *	struct addr		family, address, port
 *	struct keyoct		key octets, at most KEYOCT_MAX
 *	char x[n]		text, NUL-terminated here, no NUL on the wire
 *	struct rd		a view: reading, it points into the frame;
 *				writing, at the caller's octets
 *	struct rd rest		(last field) all that is left
 * Algorithms are alg.num of common/alg.h, 0 for none.
 */

#ifndef MSG_H
#define MSG_H

#include "addr.h"
#include "alg.h"
#include "wire.h"

enum { KEYOCT_MAX = 80, TEXT_MAX = 512, IKEID_MAX = 264, NONCE_LEN = 32,
    INIT_MAX = 4096 /* longest IKE_SA_INIT message that we take */ };

struct keyoct {
	uint16_t len;
	uint8_t	 d[KEYOCT_MAX];
};

enum msg_type {
	/* --- parent and everybody --- */
	M_HELLO = 0x101,	/* role -> parent: I am up, sandbox closed */
	M_GO,			/* parent -> role: all are ready, begin */
	M_CONF_BEGIN,		/* parent -> role: hdr.gen; global record */
	M_CONF_TUNNEL,		/* parent -> role: hdr.tunnel; tunnel record */
	M_CONF_END,		/* parent -> role: answer READY or REFUSED */
	M_CONF_READY,		/* role -> parent */
	M_CONF_REFUSED,		/* role -> parent: why */
	M_CONF_NEW,		/* parent -> role: round 1; answer DONE */
	M_CONF_GONE,		/* parent -> role: round 2; answer DONE */
	M_CONF_DONE,		/* role -> parent */
	M_CONF_ABORT,		/* parent -> role: forget hdr.gen */
	M_DIED,			/* parent -> role: that one was started anew */
	M_ACCUSE,		/* role -> parent: that one sent nonsense */
	M_FD,			/* parent -> role: a later descriptor;
				   ctl -> parent: a new one, please */
	M_LOG,			/* anybody -> ctl: a log line */
	M_STATS_Q,		/* ctl -> anybody: counters, please */
	M_STATS,		/* anybody -> ctl */

	/* --- s2sd-conf --- */
	M_CF_GLOBAL = 0x201,	/* conf -> parent: global record */
	M_CF_TUNNEL,		/* conf -> parent: tunnel record */
	M_CF_ERROR,		/* conf -> parent: file:line: what, why, fix */
	M_CF_WARN,		/* conf -> parent: likewise, but it may stay */
	M_CF_END,		/* conf -> parent: complete; number of tunnels */
	M_CF_SECRET,		/* conf -> keys: tunnel's name, PSK */
	M_CF_SECRET_END,	/* conf -> keys */
	M_CF_SECRET_PART,	/* conf -> keys: likewise, but the file is bad
				   now, so that some may be missing */
	M_K_SECRETS,		/* keys -> parent: all of hdr.gen are here */

	/* --- s2sd-net and s2sd-ike --- */
	M_NET_RECV = 0x301,	/* net -> ike: one IKE datagram */
	M_NET_SEND,		/* ike -> net: one IKE datagram */
	M_NET_SPI,		/* ike -> net: an SPI of ours begins or ends */
	M_NET_COOKIE,		/* ike -> net: demand cookies, or no longer */
	M_NET_ERROR,		/* net -> ike: the system refused to send */
	M_EN_IKE,		/* esp -> net: an IKE datagram that came to us */

	/* --- s2sd-ike and s2sd-keys (hdr.req: ike's, answers repeat it) --- */
	M_K_START = 0x401, M_K_STARTED,		/* initiator: KE pair and nonce */
	M_K_START_R, M_K_STARTED_R,		/* responder: and keyed at once */
	M_K_KEYED, M_K_KEYED_R,			/* initiator: keyed, our AUTH */
	M_K_AUTH, M_K_AUTH_R,			/* check peer's AUTH (+ our AUTH, child) */
	M_K_CSTART, M_K_CSTARTED,		/* CREATE_CHILD_SA initiator */
	M_K_CHILD, M_K_CHILD_R,			/* child keys to sad */
	M_K_RSTART, M_K_RSTARTED,		/* IKE SA rekey initiator */
	M_K_REKEY, M_K_REKEYED,
	M_K_CLOSE,
	M_K_GONE,	/* keys -> ike: hdr.tunnel has another secret, its
			   handles are closed */
	/* IKEv1; START, CSTART, CHILD_R and CLOSE are shared */
	M_K1_KEYED, M_K1_KEYED_R,		/* initiator: keyed, HASH_I */
	M_K1_START_R, M_K1_STARTED_R,		/* responder: keyed at once */
	M_K1_AUTH, M_K1_AUTH_R,			/* check the peer's HASH (+ ours) */
	M_K1_CHILD,				/* quick mode; answer K_CHILD_R */

	/* --- s2sd-sad --- */
	M_S_PAIR = 0x501,	/* keys -> sad: both SAs; hdr.req is ike's */
	M_S_DONE,		/* sad -> ike: that pair, hdr.req repeated */
	M_S_DELETE,		/* ike -> sad: a pair away (no answer) */
	M_S_MOVE,		/* ike -> sad: the peer's new address */
	M_S_QUERY,		/* ike, ctl -> sad: counters of a tunnel; 0: all */
	M_S_COUNTERS,		/* sad -> ike, ctl: array of struct sa_count */
	M_S_ACQUIRE,		/* sad -> ike: a packet waits for hdr.tunnel */
	M_S_EXPIRE,		/* sad -> ike: soft or hard */
	M_S_MOVED,		/* sad -> ike: authentic packet from elsewhere */
	M_S_LOST,		/* sad -> ike: all SAs are gone (esp died) */
	M_S_CAPS,		/* sad -> ike, ctl: the chosen backend */
	M_S_ORPHAN,		/* sad -> ike: hdr.tunnel has SAs nobody owns */
	M_S_KEEP,		/* ike -> sad (new): this pair is mine */
	M_S_KEEP_END,		/* ike -> sad: those not named may go */

	/* --- s2sd-esp (userland backend) --- */
	M_E_PAIR = 0x601, M_E_DONE, M_E_DELETE, M_E_MOVE, M_E_QUERY,
	M_E_COUNTERS, M_E_ACQUIRE, M_E_EXPIRE, M_E_MOVED,
	M_E_LIST, M_E_LISTED, M_E_LIST_END,

	/* --- s2sd-host, s2sd-exec --- */
	M_H_UP = 0x701,		/* sad -> host: a child is up (conntrack, routes) */
	M_H_DOWN,		/* sad -> host: the last child is down */
	M_X_RUN,		/* host -> exec: one entry of the fixed table */
	M_X_DONE,		/* exec -> host */
	M_H_EXEC,		/* host -> parent: s2sd-exec is needed */

	/* --- s2sd-ctl --- */
	M_C_STATE = 0x801,	/* ike -> ctl: a tunnel's state changed */
	M_C_CHILD,		/* ike -> ctl: a child came, changed or went */
	M_C_UP, M_C_DOWN,	/* ctl -> ike: hdr.tunnel; answer M_C_DONE */
	M_C_REKEY,		/* ctl -> ike */
	M_C_RELOAD, M_C_STOP,	/* ctl -> parent; answer M_C_DONE */
	M_C_DONE,		/* ike, parent -> ctl: hdr.req repeated */
	M_C_PROC,		/* parent -> ctl: how a process fares */
	M_C_FILE,		/* parent -> ctl: struct m_c_file */

	/* --- s2sctl and s2sd-ctl: daemon/ctl/umsg.h --- */
	M_U_FIRST = 0x901
};

/* ---- bodies; one struct a type, named after it ---- */

struct m_hello { char build[64]; char note[TEXT_MAX]; };
struct m_conf { struct rd rest; };	/* CONF_BEGIN CONF_TUNNEL CF_GLOBAL CF_TUNNEL */
struct m_text { char text[TEXT_MAX]; };	/* CONF_REFUSED CF_ERROR CF_WARN */
struct m_died { uint8_t proc; uint32_t epoch; };
struct m_accuse { uint8_t proc; uint32_t type; char why[128]; };
struct m_fd { uint8_t what; };
struct m_log { uint8_t level; uint16_t reason; char text[TEXT_MAX]; };
struct m_stats { struct rd rest; };	/* n x (text16 name, u64 value) */
struct m_cf_end { uint32_t ntunnel; };
struct m_cf_secret { char name[64]; struct rd psk; };	/* psk: 1..1024 octets */

enum { NETF_KNOWN = 1,		/* one of our announced SPIs */
       NETF_COOKIE = 2,		/* brought a valid cookie back */
       NETF_4500 = 4,		/* came to (goes from) port 4500 */
       NETF_KEEPALIVE = 8 };	/* NET_SEND with empty rest: net sends one
				   octet FF from port 4500 (RFC 3948 2.3);
				   ike asks every 20 s while we are behind NAT */
enum { NETF_SPI = 16 };		/* NET_SEND: our SPI in it begins, as by NET_SPI */
struct m_net_dgram {		/* NET_RECV, NET_SEND, EN_IKE */
	struct addr	 local, remote;	/* with ports; local af 0: any */
	uint8_t		 flags;
	struct rd	 rest;		/* IKE message, no non-ESP marker */
};
struct m_net_spi { uint64_t spi; uint8_t add; };
struct m_net_cookie { uint8_t on; };
struct m_net_error { struct addr remote; uint32_t err; /* errno */ };

/* Verdicts of s2sd-keys. */
enum kerr {
	KERR_OK, KERR_NOTUNNEL, KERR_NOHANDLE, KERR_STATE, KERR_ALG,
	KERR_KE,		/* invalid public value */
	KERR_MESSAGE,		/* nonce or KE is not in the message */
	KERR_ID,		/* not the configured identity */
	KERR_AUTH,		/* AUTH does not verify */
	KERR_METHOD, KERR_NOSECRET, KERR_LIMIT, KERR_CRYPTO
};

/*
 * What a child SA needs.  keys reads encr and integ (to cut KEYMAT), and
 * hands `sa' on to sad unread: it is a struct m_sa, encoded by ike.
 */
struct m_sa {
	uint32_t	 child;		/* ike's number, reqid to a kernel; > 0 */
	uint32_t	 replaces;	/* child that this one succeeds, or 0 */
	uint32_t	 spi_in;	/* 0: sad draws one */
	uint32_t	 spi_out;	/* peer's */
	uint32_t	 beside;	/* RFC 9611, SAs of single CPUs: the child of
					   all others (which names itself), or 0 */
	uint16_t	 cpu;		/* 1 + the CPU that sends by it, 0: all */
	uint8_t		 esn, udp;
	uint8_t		 transport;	/* mode; else tunnel */
	uint8_t		 inactive;	/* install inbound now, outbound when the
					   old pair goes (responder of a rekey) */
	struct addr	 local, remote;	/* outer, with ports */
	uint32_t	 life;		/* hard expiry, seconds from now */
	uint64_t	 softbytes, hardbytes;	/* 0: none */
	struct rd	 pairs;		/* selpairs_put */
};

struct m_k_start { uint16_t dh; };
struct m_k_started {		/* STARTED, RSTARTED */
	uint32_t handle; uint8_t err; struct rd nonce, ke; };
struct m_k_start_r {
	uint16_t dh, prf, encr, integ;
	uint8_t spi_i[8], spi_r[8];
	struct rd ni, kei;
};
struct m_k_started_r {		/* STARTED_R, REKEYED */
	uint32_t handle; uint8_t err; struct rd nonce, ke;
	struct keyoct ai, ar, ei, er;	/* SK_ai SK_ar SK_ei SK_er */
};
struct m_k_keyed {
	uint32_t handle; uint16_t prf, encr, integ;
	uint8_t spi_i[8], spi_r[8];
	struct rd init_i, init_r;	/* both IKE_SA_INIT messages, whole */
};
struct m_k_keyed_r {
	uint32_t handle; uint8_t err;
	struct keyoct ai, ar, ei, er;
	struct rd id;			/* our ID payload body (type, 0 0 0, data) */
	uint8_t method; struct rd auth;	/* our AUTH */
};
struct m_k_auth {
	uint32_t handle;
	struct rd init_i, init_r;
	struct rd id;			/* peer's ID payload body */
	uint8_t method; struct rd auth;	/* peer's AUTH */
	struct rd further;		/* IntAuth; empty today */
	uint16_t encr, integ;		/* of the child; encr 0: AH, or no child
					   if integ is 0 too */
	struct rd sa;			/* struct m_sa, encoded; may be empty */
};
struct m_k_auth_r {
	uint32_t handle; uint8_t err;
	struct rd id; uint8_t method; struct rd auth; /* responder: ours */
};
struct m_k_cstart { uint32_t handle; uint16_t dh; };	/* CSTART, RSTART */
struct m_k_cstarted { uint32_t handle, chandle; uint8_t err; struct rd nonce, ke; };
struct m_k_child {
	uint32_t handle, chandle;	/* chandle 0: we respond */
	uint16_t dh, encr, integ;
	struct rd nonce, ke;		/* peer's */
	struct rd sa;
};
struct m_k_child_r { uint32_t handle; uint8_t err; struct rd nonce, ke; };
struct m_k_rekey {
	uint32_t handle, newhandle;	/* newhandle 0: we respond */
	uint16_t dh, prf, encr, integ;
	uint8_t spi_i[8], spi_r[8];	/* of the new IKE SA */
	struct rd nonce, ke;		/* peer's */
};
struct m_k_handle { uint32_t handle; };	/* CLOSE */

/*
 * IKEv1 with a shared secret, RFC 2409.  hdr.tunnel must be a tunnel with
 * TUN_IKEV1 in all of them (and in the shared ones that go with them).  The
 * hash of phase 1 is a PRF row; g^xi, g^xr and the nonces in a HASH are what
 * s2sd-keys itself made and was handed at START_R or KEYED, never taken from
 * AUTH.  The initiator's IDii and the responder's IDir are inserted by
 * s2sd-keys.
 *
 *	a	SKEYID_a, whole
 *	e	the cipher key made of SKEYID_e, appendix B, encr->keylen
 */
struct m_k1_keyed {		/* after message 4; handle by K_START */
	uint32_t handle; uint16_t prf, encr;
	uint8_t cky_i[8], cky_r[8];
	struct rd nonce, ke;		/* Nr_b, g^xr */
	struct rd sai;			/* SAi_b */
};
struct m_k1_keyed_r {
	uint32_t handle; uint8_t err;
	struct keyoct a, e;
	struct rd id;			/* our IDii_b */
	struct rd hash;			/* HASH_I */
};
struct m_k1_start_r {		/* after message 3 */
	uint16_t dh, prf, encr;
	uint8_t cky_i[8], cky_r[8];
	struct rd nonce, ke;		/* Ni_b, g^xi */
	struct rd sai;			/* SAi_b */
};
struct m_k1_started_r {
	uint32_t handle; uint8_t err;
	struct rd nonce, ke;		/* ours */
	struct keyoct a, e;
};
/* hdr.tunnel may differ from START_R's, now that the identity is known, if
 * its secret is the same; it must be that identity's. */
struct m_k1_auth { uint32_t handle; struct rd id, hash; };	/* peer's */
struct m_k1_auth_r {		/* id, hash: responder only, ours */
	uint32_t handle; uint8_t err; struct rd id, hash;
};
/*
 * KEYMAT = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b), so both
 * SPIs must be known before: the inbound one is drawn by s2sd-ike and stands
 * in `sa' too.  chandle by K_CSTART, 0: we respond (the answer then has our
 * nonce and KE).
 */
struct m_k1_child {
	uint32_t handle, chandle;
	uint16_t dh, encr, integ;
	uint8_t proto;			/* 3 ESP, 2 AH: PROTO_IPSEC_*, RFC 2407 */
	uint32_t spi_in, spi_out;
	struct rd nonce, ke;		/* peer's */
	struct rd sa;			/* struct m_sa */
};

struct m_s_pair {
	uint16_t encr, integ;
	struct keyoct ein, ain, eout, aout;
	struct rd sa;
};
enum serr { SERR_OK, SERR_TUNNEL, SERR_SELECTOR, SERR_SPI, SERR_ADDRESS,
    SERR_ALG, SERR_BACKEND, SERR_CONTENT, SERR_NOAH };
struct m_s_done { uint32_t child, spi_in; uint8_t err; uint16_t mtu; };
struct m_s_delete { uint32_t child, spi_in; };	/* also E_DELETE */
struct m_s_move { uint32_t child; struct addr local, remote; };
						/* MOVE MOVED E_MOVE E_MOVED */
struct m_s_counters { struct rd rest; };	/* n x sa_count; also E_ */
struct m_s_acquire { struct addr src, dst; uint8_t ipproto; };
struct m_s_expire { uint32_t child; uint8_t hard; };
struct m_s_caps { char name[32]; uint8_t udp_only, esn, transport; uint32_t replay_max;
    uint16_t cpus;	/* that can have SAs of their own, 0: none */
    char why[TEXT_MAX]; };

/* One element of S_COUNTERS; ages in milliseconds, UINT64_MAX: never. */
struct sa_count {
	uint32_t tunnel, child;
	uint64_t in_bytes, in_packets, out_bytes, out_packets;
	uint64_t in_age, out_age;
	uint64_t bad_auth, bad_replay, bad_policy;
};
void	 sa_count_put(struct wr *, const struct sa_count *);
int	 sa_count_get(struct rd *, struct sa_count *) WUR;

struct m_e_pair {
	uint32_t child, spi_in, spi_out, replay;
	uint16_t encr, integ, mtu;
	uint8_t esn, inactive;
	uint32_t replaces;
	uint64_t softbytes, hardbytes;
	struct addr local, remote;
	struct keyoct ein, ain, eout, aout;
	struct rd pairs;
};
struct m_e_done { uint32_t child; uint8_t err; };
/* Parts are numbered from 0; the end says how many there were. */
struct m_e_listed { uint16_t part; struct rd rest; };	/* n x sa_listed */
struct m_e_list_end { uint16_t parts; };

struct sa_listed { uint32_t tunnel, child, spi_in, spi_out; };
enum { SA_LISTED_WIRE = 16, SA_LISTED_PART = 1000 };
void	 sa_listed_put(struct wr *, const struct sa_listed *);
int	 sa_listed_get(struct rd *, struct sa_listed *) WUR;

struct m_h_updown { uint32_t child; uint16_t mtu; struct addr local, remote; struct rd pairs; };
struct m_x_run { uint8_t what; struct rd rest; };
struct m_x_done { uint32_t err; char text[TEXT_MAX]; };

enum tstate { TS_DOWN, TS_CONNECTING, TS_UP, TS_REKEYING, TS_WAITING, TS_OFF };
struct m_c_state {
	uint8_t state;			/* enum tstate */
	uint16_t reason;		/* enum reason, 0: none */
	uint8_t of_child;		/* what the reason is about was the
					   child's, not the IKE SA's */
	uint16_t after;			/* enum reason: why it had to be made
					   again, last time; 0: the first */
	uint64_t since;			/* ms of CLOCK_BOOTTIME */
	uint16_t next;			/* enum reason: why the IKE SA that is to
					   replace one that is up is refused */
	uint64_t silent;		/* ms: our request of then has been said
					   some times and has no answer; or 0 */
	uint32_t tries; uint64_t retry_at;	/* ms, 0: not trying */
	struct addr local, peer;	/* in use, with ports */
	uint8_t initiator, nat_here, nat_there;
	uint16_t encr, prf, integ, dh;	/* of the IKE SA */
	uint64_t established, rekey_at;	/* ms; 0: no IKE SA */
	uint64_t spi_i, spi_r;
	uint32_t rtt_ms;
	uint32_t retransmits;
	char vendor[64];		/* what the peer calls itself, vis'd */
	char detail[TEXT_MAX];		/* what belongs to the reason, vis'd */
};
struct m_c_child {
	uint32_t child; uint8_t up, esn, udp;
	uint16_t encr, integ, dh, mtu;
	uint32_t spi_in, spi_out;
	uint16_t cpu;		/* 1 + the one that sends by it, 0: all */
	uint64_t established, rekey_at, expires_at;	/* ms */
	struct rd pairs;
};
struct m_c_rekey { uint8_t what; /* 0 child, 1 ike */ };
struct m_c_done { uint8_t err; char text[TEXT_MAX]; };
struct m_c_proc {
	uint8_t proc, up;
	uint8_t lacks;	/* s2sd-keys: runs without some of the secrets */
	uint32_t pid, restarts; uint64_t since;
};
struct m_c_file { char path[256]; };	/* of s2sd.conf, absolute */

/* ---- the codec ---- */

enum msg_kind { MF_U8, MF_U16, MF_U32, MF_U64, MF_OCTETS, MF_ADDR, MF_KEY,
    MF_TEXT, MF_VIEW, MF_REST };

struct msg_field {
	uint8_t		 kind;		/* enum msg_kind */
	uint16_t	 off;		/* in the struct */
	uint16_t	 size;		/* OCTETS, TEXT: octets in the struct;
					   VIEW, REST: greatest length */
};

struct msg_desc {
	uint32_t	 type;
	const char	*name;
	uint32_t	 from, to;	/* PB() masks: who may send, who gets it */
	size_t		 size;		/* of the struct */
	const struct msg_field *f;
	size_t		 nf;
};

const struct msg_desc *msg_descs(size_t *n);
const struct msg_desc *msg_desc(uint32_t type);
/* The descriptor of struct m_sa, which travels inside other messages. */
const struct msg_desc *msg_desc_sa(void);
/* Least and greatest length of a body of that type. */
void	 msg_bounds(const struct msg_desc *, size_t *min, size_t *max);
/* Encode *body: 0, or -1 if it does not fit or a view is too long. */
int	 msg_put(const struct msg_desc *, struct wr *, const void *body) WUR;
/* Decode; body has room for any MSG_BODY; every octet must be used: 0 or -1. */
int	 msg_get(const struct msg_desc *, struct rd, void *body) WUR;
enum { MSG_STRUCT_MAX = 2048 };	/* the largest struct above is smaller */

#endif /* MSG_H */
