/* SPDX-License-Identifier: ISC */

/*
 * u.h: s2sctl without its socket: the frames of an answer become a model,
 * the model becomes text or JSON.  The clocks are handed in.
 */

#ifndef U_H
#define U_H

#include <stdio.h>

#include "reason.h"
#include "tunnel.h"
#include "umsg.h"

/* --- u_model.c --- */

enum { U_TUNNELS_MAX = 100000, U_CHILDREN_MAX = 256 };

struct u_child {
	struct m_u_child m;
	struct selpair	 pair[SELPAIR_MAX];
	size_t		 npair;
};
struct u_tunnel {
	struct m_u_tunnel m;
	char		*offered;
	struct selpair	*pair;		/* as configured */
	size_t		 npair;
	struct selpair	*map;		/* local on the wire, remote here */
	size_t		 nmap;
	struct u_child	*child;
	size_t		 nchild;
};
struct u_status {
	struct m_u_head	 head;
	int		 have_head;
	struct m_c_proc	 proc[PROC_MAX];
	size_t		 nproc;
	struct u_tunnel	*t;
	size_t		 n, room;
	struct m_u_done	 done;
	int64_t		 wall;		/* seconds since 1970 at head.now */
};
/* Take one frame of the answer: 0 more to come, 1 complete, -1 nonsense. */
int	 u_take(struct u_status *, struct rd frame) WUR;
void	 u_status_clear(struct u_status *);

/* A local network in words, with what it is here: "172.30.1.0/24 (10.0.5.0/24)". */
enum { U_LOCAL_LEN = 2 * SEL_STRLEN + 4 };
const char *u_local(const struct u_tunnel *, const struct sel *, char *, size_t);

/* How a tunnel is, for order, summary and exit status. */
enum u_class { U_DOWN, U_CONNECTING, U_ATTENTION, U_UP, U_WAITING, U_OFF };
enum u_class u_class(const struct u_tunnel *);
/* Down ones first, else as configured. */
void	 u_sort(struct u_status *);
/* 0 all up, 1 something down. */
int	 u_exit(const struct u_status *);

/* --- u_time.c: what people read --- */

enum { U_WORD = 48 };
/* "4 min", "2 days"; two: "2 days 3 h". */
const char *u_span(uint64_t ms, int two, char b[U_WORD]);
/* "now", "1 s ago"; at 0: "never". */
const char *u_ago(uint64_t at, uint64_t now, char b[U_WORD]);
/* "820 MB", "4.2 MB", "0 B". */
const char *u_bytes(uint64_t, char b[U_WORD]);
/* RFC 3339 in UTC. */
const char *u_rfc3339(int64_t, char b[U_WORD]);
/* Seconds since 1970 of a time of the daemon's clock. */
int64_t	 u_wall(const struct u_status *, uint64_t at);

/* --- u_words.c --- */

/* What installs the keys, by the name of the SA backend. */
const char *u_backend(const char *);
const char *u_state_word(const struct u_tunnel *);
const char *u_mode_word(uint32_t flags);
/* Why a tunnel had to be made again, in few words; "": it had not. */
const char *u_after(uint16_t reason);
const char *u_nat_word(const struct u_tunnel *);
/* "AES-256-GCM" of "aes-256-gcm". */
const char *u_alg_word(uint16_t num, char b[U_WORD]);
/* The sentence, and what to do about it; "" if all is well. */
const char *u_why(const struct u_tunnel *, char *, size_t);
const char *u_do(const struct u_tunnel *, char *, size_t);
/* The accepted word that is nearest, or NULL if none is near. */
const char *u_nearest(const char *word, const char *const *words);

/* --- u_fields.c: the one table behind -v and -j --- */

enum u_kind { UF_TEXT, UF_TEXT0, UF_STATE, UF_TIME, UF_IN, UF_MODE, UF_IKE,
    UF_BOOL, UF_ADDR, UF_PORT, UF_NAT, UF_PSK, UF_ALG, UF_CPU, UF_U16, UF_U32, UF_U64,
    UF_SPI32, UF_SPI64, UF_TUNNEL, UF_PROTO };

struct u_field {
	const char	*group, *name;	/* group NULL: top */
	enum u_kind	 kind;
	size_t		 off;		/* in m_u_tunnel, or m_u_child */
	int		 always;	/* 0: only of an IKE SA that is up */
};
extern const struct u_field u_tunnel_fields[], u_child_fields[];
extern const size_t u_ntunnel_fields, u_nchild_fields;

/* A value in neutral form. */
struct u_value {
	enum { UV_NULL, UV_TEXT, UV_INT, UV_BOOL } kind;
	char		 text[TEXT_MAX];
	int64_t		 i;
};
void	 u_value(const struct u_status *, const struct u_tunnel *,
	    const struct u_field *, const void *base, struct u_value *);

/* --- u_text.c --- */

struct u_style {
	int		 colour, verbose;
};
void	 u_print(FILE *, struct u_status *, const struct u_style *);
/* s->t has one tunnel. */
void	 u_print_one(FILE *, const struct u_status *, const struct u_style *);
void	 u_print_line(FILE *, const struct m_u_line *, int64_t wall);

/* --- u_explain.c: what is wrong, and what to write --- */

enum { U_LINES = 6, U_LINE = 320, U_ALGS = 48, U_EVENTS = 5 };
/* Lines of s2sd.conf to change, or what the other end should have. */
struct u_advice {
	char		 here[U_LINES][U_LINE], there[U_LINES][U_LINE];
	size_t		 nhere, nthere;
};
/* 1, or 0 if nothing is wrong with the tunnel. */
int	 u_advice(const struct u_tunnel *, struct u_advice *);
/* Algorithms of the last failed negotiation, side by side. */
struct u_offer {
	struct {
		const struct alg *a;
		uint8_t	 here, there;
	}		 v[U_ALGS];
	size_t		 n;
	int		 known;		/* the peer said what it wants */
};
void	 u_offer(const struct u_tunnel *, struct u_offer *);
/* The last log lines of a tunnel that have a reason. */
struct u_event {
	uint64_t	 ago;		/* ms */
	uint16_t	 reason;
	char		 text[TEXT_MAX];
};
struct u_events {
	struct u_event	 e[U_EVENTS];
	size_t		 n;
};
void	 u_event(struct u_events *, const struct m_u_line *);
/* All that is wrong in s, or that the one tunnel is well; ev: may be NULL. */
void	 u_explain(FILE *, const struct u_status *, const struct u_events *);

/* --- u_json.c: text of the JSON, to be freed; NULL: no memory --- */

char	*u_json(const struct u_status *);
char	*u_json_down(void);		/* the daemon does not run */
char	*u_json_explain(const struct u_status *, const struct u_events *);
char	*u_json_line(const struct m_u_line *, int64_t wall);

#endif /* U_H */
