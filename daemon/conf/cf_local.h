/* SPDX-License-Identifier: ISC */

/*
 * cf_local.h: what the parts of libconf share: words with their places, the
 * neutral form that the grammar fills (scopes of options), and the parser's
 * whole state.
 */

#ifndef CF_LOCAL_H
#define CF_LOCAL_H

#include "cf.h"
#include "near.h"

enum {
	CF_DEPTH = 16,		/* files within files, macros within macros */
	CF_LINE_MAX = 16384, CF_WORD_MAX = 4096
};

/* One word of the file, or one element of a list of them. */
struct cf_word {
	struct cf_word	*next;
	struct cf_place	 at;
	const char	*s;		/* NUL-terminated, holds no NUL */
	uint8_t		 quoted;
	uint8_t		 kind;		/* enum cf_xf, in ikesa and childsa */
	int		 depth;		/* braces that were open before it */
	int		 starts;	/* what it can begin: parse.y */
};

struct cf_list {
	struct cf_word	*head, **tail;
};

enum cf_xf { XF_AUTH, XF_ENC, XF_PRF, XF_GROUP, XF_ESN, XF_NOESN };

/* One end of a selector as written: `any' has no words. */
struct cf_end {
	struct cf_word	*nets;		/* list; NULL: any */
	struct cf_word	*port;		/* or NULL */
	uint8_t		 list;		/* stood in braces */
};

enum cf_key {
	/* of a tunnel or a group */
	K_START, K_DISABLED, K_PROTO, K_NATT, K_TRANSPORT, K_AF, K_LOCAL, K_PEER, K_PAIR, K_SRCID,
	K_DSTID, K_PSK, K_IKESA, K_CHILDSA, K_WEAK, K_IKELIFE, K_LIFE, K_DPD,
	K_SOURCE, K_MTU, K_MAXMSS, K_REPLAY, K_NATEXEMPT, K_LEAK, K_DESCR,
	K_SELECTORS, K_IKEV1, K_PERCPU, K_INTERFACE, K_ROUTE, K_BACKUP,
	/* of the whole */
	K_GATEWAY, K_LISTEN, K_PASSIVE, K_DECOUPLE, K_BACKEND, K_FIREWALL,
	K_GROUP, K_LOG, K_BYPASS, K_BLOCK, K_V1SET,
	/* understood, but not built: always an error */
	K_LATER,
	K_MAX
};

enum cf_start { START_ACTIVE, START_PASSIVE, START_ONDEMAND };
enum cf_psk { PSK_TEXT, PSK_HEX, PSK_FILE, PSK_HIDDEN };

/* One option as written. */
struct cf_opt {
	struct cf_opt	*next;
	enum cf_key	 key;
	struct cf_place	 at;
	struct cf_word	*w, *v;		/* first and second argument */
	struct cf_end	*from, *to;	/* K_PAIR, K_BYPASS, K_BLOCK */
	int		 n;		/* an enum, a yes or no, GW bits */
	int		 m;
};

enum cf_scope_kind { SC_TOP, SC_GROUP, SC_TUNNEL };

struct cf_scope {
	struct cf_scope	*next;		/* in the order of the file */
	struct cf_scope	*up;		/* the group, or NULL */
	enum cf_scope_kind kind;
	const char	*name;
	struct cf_place	 at;
	struct cf_opt	*opts, **tail;
	int		 depth;		/* open braces, inside it */
	uint8_t		 open;		/* its brace was read */
	uint8_t		 bad;		/* a syntax error inside */
};

struct cf_macro {
	struct cf_macro	*next;
	const char	*name, *text;
	struct cf_place	 at;
};

/* Where the lexer reads: a file, or the text of a macro. */
struct cf_src {
	const char	*p;
	size_t		 n, i;
	unsigned int	 line;
	const char	*file;
	const struct cf_macro *macro;	/* NULL: a file */
	struct cf_place	 used;		/* of a macro: where its name stood */
	uint64_t	 dev, ino;
	unsigned int	 seq;		/* order of the files */
	int		 open;		/* readable by others */
	/* files of an include that are still to be read, NUL after each */
	const char	*pend;
	size_t		 npend;
	struct cf_place	 pend_at;
};

struct cf_err {
	char		*text;
	struct cf_place	 at;
};

struct cf {
	const struct cf_io *io;
	enum cf_mode	 mode;
	struct cf_result *r;
	const char	*first;		/* the main file */
	/* lexer */
	struct cf_src	 src[2 * CF_DEPTH];
	int		 nsrc;
	unsigned int	 nfile;
	size_t		 bytes;		/* read so far, all files */
	int		 depth;		/* open braces */
	struct cf_place	 brace;		/* the outermost open one */
	struct cf_macro	*macros;
	int		 stop;		/* give up: what follows is no text */
	/* grammar */
	const struct cf_word *last;	/* token before, for error texts */
	const struct cf_word *stmt;	/* keyword that began the statement */
	const struct cf_word *cand;	/* and of the next, if read ahead */
	const struct cf_word *failed;	/* at the last syntax error */
	int		 skip;		/* after an error: to the next statement */
	struct cf_scope	 top, *scopes, **scope_tail;
	struct cf_scope	*group, *scope;
	struct cf_err	 err[CF_ERR_MAX];
};

enum cf_tok { CFT_EOF, CFT_WORD, CFT_PUNCT, CFT_BAD };

/* --- mem.c --- */
/* Zeroed, or NULL; freed and wiped with the result. */
void	*cf_alloc(struct cf *, size_t);
char	*cf_strndup(struct cf *, const char *, size_t);
void	 cf_mem_clear(struct cf_mem *);

/* --- error.c --- */
/* "file:line: text"; counts beyond CF_ERR_MAX are only counted. */
void	 cf_error(struct cf *, struct cf_place, const char *, ...)
	    __attribute__((__format__(printf, 3, 4)));
void	 cf_warn(struct cf *, struct cf_place, const char *, ...)
	    __attribute__((__format__(printf, 3, 4)));
void	 cf_errors_done(struct cf *);

/* --- lexer.c --- */
int	 cf_open(struct cf *, const char *path, const struct cf_place *from);
enum cf_tok cf_lex(struct cf *, struct cf_word **);
int	 cf_path(struct cf *, const struct cf_word *, char *, size_t);

/* --- parse.y --- */
int	 cf_yyparse(struct cf *);

/* --- build.c, build_net.c, build_prop.c, interface.c, value.c, check.c --- */
void	 cf_build(struct cf *);
void	 cf_build_global(struct cf *);
const struct cf_opt *cf_find(const struct cf_scope *, enum cf_key);
void	 cf_pairs(struct cf *, struct cf_scope *, struct cf_tunnel *);
void	 cf_netpairs(struct cf *, const struct cf_opt *, struct net *,
	    struct net *, uint8_t *, size_t max);
void	 cf_props(struct cf *, struct cf_scope *, struct cf_tunnel *);
void	 cf_check(struct cf *);
/* An error at the tunnel itself, which is then checked no further. */
void	 cf_fail(struct cf *, struct cf_tunnel *, const char *, ...)
	    __attribute__((__format__(printf, 3, 4)));
#define FAIL(cf, c, fmt, ...) cf_fail(cf, c, "tunnel \"%s\": " fmt, \
    (c)->t.name, ##__VA_ARGS__)
/* Have the two an address of a peer in common?  So have two `peer any'. */
int	 cf_share_peer(const struct tunnel *, const struct tunnel *);
/* The same ends by address: a peer in common, and perhaps our address. */
int	 cf_share_ends(const struct tunnel *, const struct tunnel *);
void	 cf_check_v1(struct cf *, struct cf_tunnel *);
void	 cf_check_v1_all(struct cf *);
void	 cf_interface(struct cf *, struct cf_scope *, struct cf_tunnel *);
void	 cf_check_if(struct cf *, struct cf_tunnel *);
void	 cf_check_if_all(struct cf *);
void	 cf_check_backend(struct cf *, struct cf_tunnel *);
void	 cf_check_ah(struct cf *, struct cf_tunnel *);

/*
 * Words to values; each reports its error itself and returns 0 or -1.
 * `who' is "tunnel "x": " or "".
 */
int	 cf_num(struct cf *, const struct cf_word *, const char *who,
	    const char *what, uint64_t min, uint64_t max, uint64_t *);
int	 cf_time(struct cf *, const struct cf_word *, const char *who,
	    const char *what, uint32_t min, uint32_t max, uint32_t *);
int	 cf_octets(struct cf *, const struct cf_word *, const char *who,
	    uint64_t *);
int	 cf_addr(struct cf *, const struct cf_word *, const char *who,
	    const char *what, struct addr *);
int	 cf_net(struct cf *, const struct cf_word *, const char *who,
	    struct net *);
int	 cf_ports(struct cf *, const struct cf_word *, const char *who,
	    uint16_t *lo, uint16_t *hi);
int	 cf_proto(struct cf *, const struct cf_word *, const char *who,
	    uint8_t *);
int	 cf_ident(struct cf *, const struct cf_word *, const char *who,
	    const char *what, int keyid, struct ident *);
int	 cf_hex(const char *, uint8_t *, size_t max, size_t *n);
/* `tunnel "x": ' for texts; the buffer is the caller's. */
const char *cf_who(const struct cf_scope *, char *, size_t);
const char *cf_proto_name(uint8_t);
enum { CF_WHO = NAME_MAX_ + 16 };

#endif /* CF_LOCAL_H */
