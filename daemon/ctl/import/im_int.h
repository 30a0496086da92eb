/* SPDX-License-Identifier: ISC */

/*
 * im_int.h: what the parts of libimport share.  The way of a file: lines to
 * sections of parameters (im_lex.c), which flavour it is (im_flavour.c),
 * also= and %default resolved into one value a keyword (im_conn.c), a conn to
 * a tunnel (im_map.c and its helpers), tunnels compared with each other
 * (im_merge.c), text (im_print.c).
 */

#ifndef IM_INT_H
#define IM_INT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "im.h"
#include "tunnel.h"

/* --- keywords: im_key.c --- */

enum im_side { SIDE_NONE = 0, SIDE_LEFT = 0, SIDE_RIGHT = 1 };

/* What the code looks at itself; K_OTHER is settled by the table alone. */
enum im_id {
	K_OTHER, K_HOST, K_SUBNET, K_SUBNETS, K_SOURCEIP, K_ID, K_CERT, K_AUTH,
	K_PROTOPORT, K_ALSO, K_ALSOFLIP, K_AUTO, K_TYPE, K_AUTHBY, K_IKE,
	K_ESP, K_AH, K_PHASE2, K_KEYEXCHANGE, K_IKEV2, K_PFS, K_PFSGROUP, K_AGGR,
	K_IKELIFE, K_LIFE, K_LIFEBYTES, K_DPDDELAY, K_DPDTIMEOUT, K_DPDACTION,
	K_REKEY, K_ENCAPS, K_MARK, K_UPDOWN, K_KEYINGTRIES, K_REPLAY, K_MTU,
	K_INSTALLPOLICY, K_FAILURESHUNT, K_FIREWALL, K_NEXTHOP, K_RSAKEY,
	K_NARROWING, K_ALLOWANY, K_REAUTH, K_COMPRESS, K_MOBIKE,
	K_IPSECIF, K_IFIDIN, K_IFIDOUT, K_IFIP,
	/* config setup */
	K_VIRTUAL, K_SECRETSFILE, K_LISTEN, K_IKEV1POLICY,
	K_MAX
};

enum im_action { A_MAP, A_SILENT, A_NOTE, A_WARN, A_REFUSE };

enum { OW = 1 << IM_OPENSWAN, LS = 1 << IM_LIBRESWAN, SS = 1 << IM_STRONGSWAN,
	ALL = OW | LS | SS };

struct im_key {
	const char	*name;		/* without left or right */
	uint8_t		 sided, setup;
	uint8_t		 flavours;	/* who knows it */
	uint8_t		 weight;	/* for telling flavours apart */
	enum im_id	 id;
	enum im_action	 action;
	const char	*harmless;	/* values that need no remark: "no,off" */
	const char	*kind;		/* of a refusal, in a word or two */
	const char	*text;
};

/*
 * The row of a word as written (case and hyphens do not matter); *side is
 * set.  NULL: nobody knows it.
 */
const struct im_key *im_key(const char *word, int setup, enum im_side *side);
/* A known word near to it into buf, or NULL. */
const char *im_key_near(const char *word, int setup, char *buf, size_t len);

/* --- the file: im_lex.c --- */

struct im_param {
	struct im_param	*next;
	const struct im_key *key;	/* or NULL */
	enum im_side	 side;
	const char	*word, *val;
	struct im_at	 at;
};

enum im_kind { S_SETUP, S_CONN, S_CA };

struct im_sect {
	struct im_sect	*next;
	enum im_kind	 kind;
	const char	*name;
	struct im_at	 at;
	struct im_param	*params, **tail;
	int		 used;		/* named by an also= */
	int		 seen;		/* during one resolution */
	int		 twice;		/* of its name, not the first */
};

struct im_slot {
	const char	*val;		/* NULL: not set */
	const struct im_key *key;
	const char	*word;
	struct im_at	 at;
	const struct im_sect *from;
};

/* Values of a conn.  Keywords of the table alone are in `rest'. */
struct im_conn {
	struct im_conn	*next;
	struct im_sect	*sect;
	const char	*name;
	struct im_at	 at;
	struct im_slot	 v[K_MAX][2];
	struct im_rest {
		struct im_rest	*next;
		struct im_slot	 s;
		enum im_side	 side;
	}		*rest;
	int		 me;		/* the side that is this host */
	int		 refused;
	int		 off;		/* never started by the old daemon */
	int		 v1, transport, ah;
};

/* --- secrets: im_secret.c --- */

struct im_sid {
	struct im_sid	*next;
	struct ident	 id;
	int		 any;		/* %any and the like */
};

struct im_psk {
	struct im_psk	*next;
	struct im_sid	*ids;
	unsigned int	 nid;
	uint8_t		*p;		/* a NUL behind it */
	size_t		 n;
	struct im_at	 at;
};

/* --- a tunnel --- */

enum { ALT_ENC, ALT_AUTH, ALT_PRF, ALT_GROUP, ALT_KINDS };

/* One ikesa or childsa line: names as in s2sd.conf. */
struct im_alt {
	const char	*w[ALT_KINDS][PROP_ALGMAX];
	uint8_t		 n[ALT_KINDS];
	uint8_t		 weak;
};

struct im_tun {
	struct im_tun	*next;
	struct im_conn	*c;		/* the first, of several */
	char		 name[NAME_MAX_];
	uint8_t		 v1, off, natt, weak, separate, transport, ah, bad;
	uint8_t		 start;		/* 0 active, 1 passive, 2 ondemand */
	uint8_t		 started;	/* that word must be written */
	struct addr	 local, peer, source;	/* af 0: none, any */
	struct ident	 src, dst;
	uint8_t		 say_src, say_dst;
	struct selpair	 pair[SELPAIR_MAX];
	uint8_t		 npair;
	struct im_alt	 ike[PROP_MAX], child[PROP_MAX];
	uint8_t		 nike, nchild;
	uint32_t	 ikelife, life, mtu, replay;
	uint64_t	 lifebytes;
	int64_t		 dpd;		/* -1: not said */
	const struct im_psk *psk;
	uint8_t		 ifkind;	/* a device of its own, or IF_NONE */
	uint32_t	 ifunit;
	struct net	 ifaddr;	/* with host bits, or af 0 */
	struct addr	 around[2];	/* outer addresses to keep out of it */
};

struct im {
	const struct im_io	*io;
	const struct im_opts	*o;
	struct im_result	*r;
	enum im_flavour		 fl;
	int			 stop;	/* out of memory or beyond a limit */
	/* reading */
	struct im_sect		*sects, **sect_tail, *sect;
	unsigned int		 nfile, nsect, nparam;
	size_t			 bytes, work, npair;
	struct { uint64_t dev, ino; } open[IM_DEPTH + 1];
	int			 nopen;
	int			 score[IM_FLAVOURS];
	struct im_why {
		int		 score;
		const char	*word;
		unsigned int	 line;
	}			 why[IM_FLAVOURS][3];
	unsigned int		 notcol;	/* openbsd style rules */
	/* secrets */
	struct im_psk		*psks, **psk_tail;
	int			 keys_seen, have_secrets;
	const char		*secrets;
	const char		*reason;	/* for this flavour */
	/* result */
	struct im_conn		*conns, **conn_tail, *cur;
	struct im_tun		**tun_tail;
	struct net		 shunt[2][32][2];	/* bypass, block */
	unsigned int		 nshunt[2];
	struct addr		 around[32];
	unsigned int		 naround;
};

/* --- im_mem.c --- */
/* Zeroed, or NULL and im->stop; wiped and freed with the result. */
void	*im_alloc(struct im *, size_t);
char	*im_strndup(struct im *, const char *, size_t);
char	*im_fmt(struct im *, const char *, ...)
	    __attribute__((__format__(printf, 2, 3)));
/* The text with more behind it. */
char	*im_join(struct im *, const char *, const char *, ...)
	    __attribute__((__format__(printf, 3, 4)));
/* Said once, however many conns inherit the line. */
void	 im_note(struct im *, struct im_at, const char *, ...)
	    __attribute__((__format__(printf, 3, 4)));
void	 im_warn(struct im *, struct im_at, const char *, ...)
	    __attribute__((__format__(printf, 3, 4)));
/* The conn is not carried over; kind is a word or two for the statistics. */
void	 im_refuse(struct im *, struct im_conn *, struct im_at,
	    const char *kind, const char *, ...)
	    __attribute__((__format__(printf, 5, 6)));

/* --- im_lex.c --- */
/* A whole file; from is the include, or NULL. -1: it cannot be read. */
int	 im_read(struct im *, const char *path, const struct im_at *from);
/* Paths of an include, relative to the file in which it stands. */
void	 im_include(struct im *, const char *pattern, struct im_at,
	    int (*)(struct im *, const char *, const struct im_at *));
int	 im_open(struct im *, const char *path, struct im_data *,
	    const struct im_at *from);
void	 im_close(struct im *, struct im_data *);
/* Marks of a template language, or a value that somebody has yet to fill in. */
int	 im_is_template(const char *);

/* --- im_flavour.c --- */
void	 im_score(struct im *, enum im_flavour, int, const char *word,
	    unsigned int line);
void	 im_score_param(struct im *, const struct im_param *);
void	 im_flavour_settle(struct im *, const char *path);
void	 im_head(struct im *, const char *path);

/* --- im_conn.c --- */
void	 im_setup(struct im *);
struct im_conn *im_resolve(struct im *, struct im_sect *);

/* --- im_value.c --- */
int	 im_bool(const char *, int *v) WUR;
/* Seconds, by the units of all three: 0 or -1. */
int	 im_time(const char *, uint32_t *) WUR;
int	 im_num(const char *, uint64_t *) WUR;
/* Is it one of the words of the comma list? Case does not matter. */
int	 im_in(const char *val, const char *list);
/* The next item of a list, split at blanks, commas, { and }; NULL: no more. */
char	*im_item(char **rest);
/* An address, or -1. */
int	 im_addr(const char *, struct addr *) WUR;
/* A network; host bits are cut off, *cut says whether there were any. */
int	 im_net(const char *, struct net *, int *cut) WUR;
/* %any in the spelling of either. */
int	 im_any(const char *);
/*
 * An identity: 0; 1: any; -1: s2sd cannot have it, and why.  fl decides about
 * names without an @.
 */
int	 im_ident(const char *, enum im_flavour, struct ident *,
	    const char **why) WUR;

/* --- im_secret.c, im_choose.c --- */
int	 im_secrets(struct im *, const char *path, const struct im_at *from);
const struct im_psk *im_choose(struct im *, const struct im_conn *,
	    const struct ident *me, const struct ident *peer,
	    const struct addr *ma, const struct addr *pa);

/* --- im_end.c --- */
/* Does that value of left= or right= name this host? */
int	 im_is_host(const struct im *, const char *);
/* Which side is this host: c->me, or a refusal. */
int	 im_orient(struct im *, struct im_conn *) WUR;
int	 im_ends(struct im *, struct im_conn *, struct im_tun *) WUR;

/* --- im_sel.c --- */
/* Its device: 0, or -1 after a remark. */
int	 im_iface(struct im *, struct im_conn *, struct im_tun *);
int	 im_pairs(struct im *, struct im_conn *, struct im_tun *) WUR;
void	 im_shunt(struct im *, struct im_conn *);

/* --- im_alg.c --- */

enum im_class {
	C_GOOD, C_AGEING, C_WEAK,	/* weak: with `allow weak' */
	C_BROKEN, C_UNBUILT, C_UNKNOWN,	/* never, not yet, what is it */
	C_SKIP				/* says nothing */
};

/* One word of a proposal. */
struct im_word {
	uint8_t		 kind;		/* ALT_... */
	uint8_t		 aead;
	enum im_class	 class;
	const char	*name;		/* as in s2sd.conf */
	const char	*also;		/* a second one: aes of libreswan */
	const char	*why;		/* C_BROKEN */
};

/* next: the word behind, which may be a key length; *used: it was. */
void	 im_alg(const char *word, const char *next, enum im_flavour, int ike,
	    struct im_word *, int *used);

/* --- im_prop.c --- */
int	 im_props(struct im *, struct im_conn *, struct im_tun *) WUR;

/* --- im_map.c --- */
void	 im_map(struct im *, struct im_conn *);
/* Value of a keyword or NULL. */
const char *im_get(const struct im_conn *, enum im_id, enum im_side);
struct im_at im_where(const struct im_conn *, enum im_id, enum im_side);

/* --- im_merge.c --- */
void	 im_merge(struct im *);

/* --- im_print.c --- */
void	 im_finish(struct im *);

#endif /* IM_INT_H */
