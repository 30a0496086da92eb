/* SPDX-License-Identifier: ISC */

/*
 * parse.y: the grammar of s2sd.conf(5).  It fills scopes with options and
 * knows no meaning: build.c does.  After an error it goes on at the next
 * keyword that can begin an option, or at the closing brace.
 */

%{
#include "cf_local.h"

static struct cf_opt	*opt(struct cf *, enum cf_key, const struct cf_word *,
			    struct cf_word *, struct cf_word *, int);
static void		 later(struct cf *, const struct cf_word *);
static void		 pair(struct cf *, enum cf_key, const struct cf_word *,
			    struct cf_word *, struct cf_end *, struct cf_word *,
			    struct cf_end *);
static struct cf_end	*end(struct cf *, struct cf_word *, struct cf_word *,
			    int);
static struct cf_word	*join(struct cf_word *, struct cf_word *);
static struct cf_word	*xf(struct cf_word *, enum cf_xf);
static void		 scope(struct cf *, enum cf_scope_kind,
			    const struct cf_word *, const struct cf_word *);
static void		 scope_end(struct cf *, enum cf_scope_kind);
static void		 scope_open(struct cf *);
static void		 stmt_end(struct cf *);
%}

%pure-parser
%parse-param { struct cf *cf }
%lex-param { struct cf *cf }

%union {
	struct cf_word	*w;
	struct cf_end	*e;
	int		 n;
}

%{
static int		 recover(struct cf *);
static int		 yylex(YYSTYPE *, struct cf *);
static void		 yyerror(struct cf *, const char *);

/* yyerrok and yyclearin work in an action only. */
#define RECOVER(cf) do {						\
	int how_ = recover(cf);						\
	if (how_ == 2)							\
		yyclearin;						\
	if (how_ != 0)							\
		yyerrok;						\
} while (0)
%}

%token <w> STRING
%token <w> ACTIVE ADDRESS AH ALLOW ANY AUTH AUTO BACKEND BACKUP BLOCK BYPASS
%token <w> BYTES CA CERT CHILDSA COMBINED CONTROL CRL DECOUPLE DESCR DISABLED
%token <w> DOWN DPD DPDINT DSTID ENC ENFORCE ESN ESP EXEC FILE_ FIREWALL FOR
%token <w> FORWARDING FROM GATEWAY GROUP HIDDEN_ IKELIFE IKESA IKEV1 INET
%token <w> INET6 INTERFACE KEY KEYID LEAK LIFETIME LISTEN LOCAL LOG MAXMSS
%token <w> METRIC MOBIKE MSS MTU NATEXEMPT NATT NO NOESN NONE ON ONDEMAND OCSP
%token <w> PARTIAL PASSIVE PEER PERCPU PEERTYPE PORT PRF PROTO PSK PUBKEY REDIRECTS
%token <w> REPLAY ROUTE RPFILTER SELECTORS SEPARATE SET SOURCE SRCID STRICT TO
%token <w> TRANSPORT TUNNEL UP WEAK YES
%token BAD

%type <w> host list words port name time xfs xform proto optfile
%type <e> sel to
%type <n> yesno gwopts gwopt gwword
%nonassoc NOTO
%nonassoc TO

%%

conf	: /* empty */
	| conf set
	| conf group
	| conf tunnel
	| conf BYPASS FROM sel TO sel	{ pair(cf, K_BYPASS, $2, NULL, $4, NULL,
					    $6); }
	| conf BLOCK FROM sel TO sel	{ pair(cf, K_BLOCK, $2, NULL, $4, NULL,
					    $6); }
	| conf error		{ RECOVER(cf); }
	;

set	: SET GATEWAY			{ opt(cf, K_GATEWAY, $2, NULL, NULL,
					    0); }
	| SET GATEWAY '{' gwopts '}'	{ opt(cf, K_GATEWAY, $2, NULL, NULL,
					    $4); }
	| SET LISTEN ON STRING		{ opt(cf, K_LISTEN, $2, $4, NULL, 0); }
	| SET PASSIVE			{ opt(cf, K_PASSIVE, $2, NULL, NULL,
					    0); }
	| SET DECOUPLE			{ opt(cf, K_DECOUPLE, $2, NULL, NULL,
					    0); }
	| SET DPDINT time		{ opt(cf, K_DPD, $2, $3, NULL, 0); }
	| SET ENFORCE			{ later(cf, $2); }
	| SET CRL STRICT		{ later(cf, $2); }
	| SET OCSP STRING		{ later(cf, $2); }
	| SET PARTIAL			{ later(cf, $2); }
	| SET IKEV1 yesno		{ opt(cf, K_V1SET, $2, NULL, NULL,
					    $3); }
	| SET EXEC yesno		{ if ($3) later(cf, $2); }
	| SET SELECTORS SEPARATE	{ opt(cf, K_SELECTORS, $2, NULL, NULL,
					    1); }
	| SET SELECTORS COMBINED	{ opt(cf, K_SELECTORS, $2, NULL, NULL,
					    0); }
	| SET BACKEND name		{ opt(cf, K_BACKEND, $2, $3, NULL,
					    0); }
	| SET FIREWALL name		{ opt(cf, K_FIREWALL, $2, $3, NULL,
					    0); }
	| SET CONTROL GROUP STRING	{ opt(cf, K_GROUP, $2, $4, NULL, 0); }
	| SET LOG STRING		{ opt(cf, K_LOG, $2, $3, NULL, 0); }
	;

/* What is not as `set gateway' alone has it: bits to turn round. */
gwopts	: /* empty */			{ $$ = 0; }
	| gwopts gwopt			{ $$ = $1 | $2; }
	| gwopts NO FIREWALL		{ $$ = $1 & ~GW_FIREWALL; }
	| gwopts ','
	;

gwopt	: gwword			{ $$ = 0; }
	| NO gwword			{ $$ = $2; }
	| FIREWALL			{ $$ = GW_FIREWALL; }
	;

gwword	: FORWARDING			{ $$ = GW_FORWARDING; }
	| REDIRECTS			{ $$ = GW_REDIRECTS; }
	| NATEXEMPT			{ $$ = GW_NATEXEMPT; }
	| MSS				{ $$ = GW_MSS; }
	| RPFILTER			{ $$ = GW_RPFILTER; }
	;

yesno	: YES				{ $$ = 1; }
	| NO				{ $$ = 0; }
	;

group	: GROUP STRING			{ scope(cf, SC_GROUP, $1, $2); }
	  '{'				{ scope_open(cf); }
	  gropts '}'			{ scope_end(cf, SC_GROUP); }
	;

gropts	: /* empty */
	| gropts option
	| gropts flag
	| gropts tunnel
	| gropts ','
	| gropts error		{ RECOVER(cf); }
	;

tunnel	: TUNNEL STRING			{ scope(cf, SC_TUNNEL, $1, $2); }
	  flags '{'			{ scope_open(cf); }
	  opts '}'			{ scope_end(cf, SC_TUNNEL); }
	;

flags	: /* empty */
	| flags flag
	| flags error		{ RECOVER(cf); }
	;

opts	: /* empty */
	| opts option
	| opts flag
	| opts ','
	| opts error		{ RECOVER(cf); }
	;

flag	: ACTIVE	{ opt(cf, K_START, $1, NULL, NULL, START_ACTIVE); }
	| PASSIVE	{ opt(cf, K_START, $1, NULL, NULL, START_PASSIVE); }
	| ONDEMAND	{ opt(cf, K_START, $1, NULL, NULL, START_ONDEMAND); }
	| DISABLED	{ opt(cf, K_DISABLED, $1, NULL, NULL, 1); }
	| NATT		{ opt(cf, K_NATT, $1, NULL, NULL, 1); }
	| INET		{ opt(cf, K_AF, $1, NULL, NULL, 4); }
	| INET6		{ opt(cf, K_AF, $1, NULL, NULL, 6); }
	| ESP		{ opt(cf, K_PROTO, $1, NULL, NULL, 0); }
	| AH		{ opt(cf, K_PROTO, $1, NULL, NULL, 1); }
	| IKEV1		{ opt(cf, K_IKEV1, $1, NULL, NULL, 1); }
	| PERCPU	{ opt(cf, K_PERCPU, $1, NULL, NULL, 1); }
	| TRANSPORT	{ opt(cf, K_TRANSPORT, $1, NULL, NULL, 1); }
	;

option	: LOCAL host port	{ opt(cf, K_LOCAL, $1, $2, $3, 0); }
	| LOCAL ANY		{ opt(cf, K_LOCAL, $1, NULL, NULL, 0); }
	| PEER host port	{ opt(cf, K_PEER, $1, $2, $3, 0); }
	| PEER '{' list '}' port { opt(cf, K_PEER, $1, $3, $5, 0); }
	| PEER ANY		{ opt(cf, K_PEER, $1, NULL, NULL, 0); }
	| FROM sel to		{ pair(cf, K_PAIR, $1, NULL, $2, NULL, $3); }
	| FROM sel '(' STRING ')' to {
		pair(cf, K_PAIR, $1, NULL, $2, $4, $6);
	}
	| PROTO proto FROM sel to {
		pair(cf, K_PAIR, $1, $2, $4, NULL, $5);
	}
	| PROTO proto FROM sel '(' STRING ')' to {
		pair(cf, K_PAIR, $1, $2, $4, $6, $8);
	}
	| TO sel		{ pair(cf, K_PAIR, $1, NULL, NULL, NULL, $2); }
	| SRCID STRING		{ opt(cf, K_SRCID, $1, $2, NULL, 0); }
	| SRCID KEYID STRING	{ opt(cf, K_SRCID, $1, $3, NULL, 1); }
	| DSTID STRING		{ opt(cf, K_DSTID, $1, $2, NULL, 0); }
	| DSTID KEYID STRING	{ opt(cf, K_DSTID, $1, $3, NULL, 1); }
	| PSK STRING		{ opt(cf, K_PSK, $1, $2, NULL, PSK_TEXT); }
	| PSK FILE_ STRING	{ opt(cf, K_PSK, $1, $3, NULL, PSK_FILE); }
	| PSK HIDDEN_		{ opt(cf, K_PSK, $1, NULL, NULL,
				    PSK_HIDDEN); }
	| IKESA xfs		{ opt(cf, K_IKESA, $1, $2, NULL, 0); }
	| CHILDSA xfs		{ opt(cf, K_CHILDSA, $1, $2, NULL, 0); }
	| ALLOW WEAK		{ opt(cf, K_WEAK, $1, NULL, NULL, 1); }
	| IKELIFE time		{ opt(cf, K_IKELIFE, $1, $2, NULL, 0); }
	| LIFETIME time		{ opt(cf, K_LIFE, $1, $2, NULL, 0); }
	| LIFETIME time BYTES STRING { opt(cf, K_LIFE, $1, $2, $4, 0); }
	| DPD time		{ opt(cf, K_DPD, $1, $2, NULL, 1); }
	| DPD NO		{ opt(cf, K_DPD, $1, NULL, NULL, 0); }
	| SOURCE STRING		{ opt(cf, K_SOURCE, $1, $2, NULL, 0); }
	| MTU STRING		{ opt(cf, K_MTU, $1, $2, NULL, 0); }
	| MAXMSS AUTO		{ opt(cf, K_MAXMSS, $1, NULL, NULL,
				    MSS_AUTO); }
	| MAXMSS NO		{ opt(cf, K_MAXMSS, $1, NULL, NULL, MSS_NO); }
	| MAXMSS STRING		{ opt(cf, K_MAXMSS, $1, $2, NULL, 0); }
	| REPLAY STRING		{ opt(cf, K_REPLAY, $1, $2, NULL, 0); }
	| NATEXEMPT yesno	{ opt(cf, K_NATEXEMPT, $1, NULL, NULL, $2); }
	| LEAK yesno		{ opt(cf, K_LEAK, $1, NULL, NULL, $2); }
	| SELECTORS SEPARATE	{ opt(cf, K_SELECTORS, $1, NULL, NULL, 1); }
	| SELECTORS COMBINED	{ opt(cf, K_SELECTORS, $1, NULL, NULL, 0); }
	| DESCR STRING		{ opt(cf, K_DESCR, $1, $2, NULL, 0); }
	| INTERFACE STRING	{ opt(cf, K_INTERFACE, $1, $2, NULL, 0); }
	| INTERFACE STRING ADDRESS STRING {
		opt(cf, K_INTERFACE, $1, $2, $4, 0);
	}
	| ROUTE STRING		{ opt(cf, K_ROUTE, $1, $2, NULL, 0); }
	| ROUTE STRING METRIC STRING { opt(cf, K_ROUTE, $1, $2, $4, 0); }
	| BACKUP FOR STRING	{ opt(cf, K_BACKUP, $1, $3, NULL, 0); }
	| future
	;

future	: CERT STRING			{ later(cf, $1); }
	| KEY STRING			{ later(cf, $1); }
	| CA STRING			{ later(cf, $1); }
	| PUBKEY optfile		{ later(cf, $1); }
	| MOBIKE			{ later(cf, $1); }
	| ON UP EXEC STRING		{ later(cf, $1); }
	| ON DOWN EXEC STRING		{ later(cf, $1); }
	| PEERTYPE STRING		{ later(cf, $1); }
	;

optfile	: STRING
	| FILE_ STRING			{ $$ = $2; }
	;

host	: STRING ;

proto	: STRING
	| ESP
	| AH
	| ANY
	;

time	: STRING ;

name	: STRING
	| AUTO
	| NONE
	;

port	: /* empty */			{ $$ = NULL; }
	| PORT STRING			{ $$ = $2; }
	;

list	: commas words commas		{ $$ = $2; }
	;

words	: STRING
	| words commas STRING		{ $$ = join($1, $3); }
	;

commas	: /* empty */
	| commas ','
	;

sel	: ANY port			{ $$ = end(cf, NULL, $2, 0); }
	| STRING port			{ $$ = end(cf, $1, $2, 0); }
	| '{' list '}' port		{ $$ = end(cf, $2, $4, 1); }
	;

to	: %prec NOTO			{ $$ = NULL; }
	| TO sel			{ $$ = $2; }
	;

xfs	: xform
	| xfs xform			{ $$ = join($1, $2); }
	;

xform	: AUTH STRING			{ $$ = xf($2, XF_AUTH); }
	| ENC STRING			{ $$ = xf($2, XF_ENC); }
	| PRF STRING			{ $$ = xf($2, XF_PRF); }
	| GROUP STRING			{ $$ = xf($2, XF_GROUP); }
	| GROUP NONE			{ $$ = xf($2, XF_GROUP); }
	| ESN				{ $$ = xf($1, XF_ESN); }
	| NOESN				{ $$ = xf($1, XF_NOESN); }
	;

%%

/*
 * Every keyword: its token, what it can begin and where, and how the
 * statement that it begins is written.
 */
enum { AT_TOP = 1, AT_GROUP = 2, AT_OPT = 4, AT_FLAG = 8 };

static const struct kw {
	const char	*name;
	int		 token;
	int		 starts;
	const char	*usage;
} kws[] = {
	{ "active",	ACTIVE,	AT_FLAG,		NULL },
	{ "address",	ADDRESS,	0,	NULL },
	{ "ah",		AH,	AT_FLAG,		NULL },
	{ "allow",	ALLOW,	AT_OPT,		"allow weak" },
	{ "any",	ANY,	0,		NULL },
	{ "auth",	AUTH,	0,		NULL },
	{ "auto",	AUTO,	0,		NULL },
	{ "backend",	BACKEND,	0,	NULL },
	{ "backup",	BACKUP,	AT_OPT,		"backup for \"tunnel\"" },
	{ "block",	BLOCK,	AT_TOP,		"block from NETWORK to NETWORK" },
	{ "bypass",	BYPASS,	AT_TOP,		"bypass from NETWORK to NETWORK" },
	{ "bytes",	BYTES,	0,		NULL },
	{ "ca",		CA,	AT_OPT,		"ca \"file\"" },
	{ "cert",	CERT,	AT_OPT,		"cert \"file\"" },
	{ "cert_partial_chain", PARTIAL,	0, NULL },
	{ "childsa",	CHILDSA,	AT_OPT,	"childsa enc CIPHER [auth HMAC] "
	    "[group GROUP|none] [esn|noesn]" },
	{ "combined",	COMBINED,	0,	NULL },
	{ "control",	CONTROL,	0,	NULL },
	{ "crl",	CRL,	0,		NULL },
	{ "decouple",	DECOUPLE,	0,	NULL },
	{ "descr",	DESCR,	AT_OPT,		"descr \"text\"" },
	{ "disabled",	DISABLED,	AT_FLAG,	NULL },
	{ "down",	DOWN,	0,		NULL },
	{ "dpd",	DPD,	AT_OPT,		"dpd 30s, or dpd no" },
	{ "dpd_check_interval", DPDINT,	0,	NULL },
	{ "dstid",	DSTID,	AT_OPT,		"dstid IDENTITY" },
	{ "enc",	ENC,	0,		NULL },
	{ "enforcesingleikesa", ENFORCE,	0, NULL },
	{ "esn",	ESN,	0,		NULL },
	{ "esp",	ESP,	AT_FLAG,		NULL },
	{ "exec",	EXEC,	0,		NULL },
	{ "file",	FILE_,	0,		NULL },
	{ "firewall",	FIREWALL,	0,	NULL },
	{ "for",	FOR,	0,		NULL },
	{ "forwarding",	FORWARDING,	0,	NULL },
	{ "from",	FROM,	AT_OPT,		"from NETWORK to NETWORK" },
	{ "gateway",	GATEWAY,	0,	NULL },
	{ "group",	GROUP,	AT_TOP,		"group \"name\" { options and tunnels }" },
	{ "hidden",	HIDDEN_,	0,	NULL },
	{ "ikelifetime", IKELIFE,	AT_OPT,	"ikelifetime 8h" },
	{ "ikesa",	IKESA,	AT_OPT,		"ikesa enc CIPHER [auth HMAC] "
	    "[prf HMAC] [group GROUP]" },
	{ "ikev1",	IKEV1,	AT_FLAG,		NULL },
	{ "inet",	INET,	AT_FLAG,		NULL },
	{ "inet6",	INET6,	AT_FLAG,		NULL },
	{ "interface",	INTERFACE,	AT_OPT,	"interface NAME [address ADDRESS/LENGTH]" },
	{ "key",	KEY,	AT_OPT,		"key \"file\"" },
	{ "keyid",	KEYID,	0,		NULL },
	{ "leak",	LEAK,	AT_OPT,		"leak yes or leak no" },
	{ "lifetime",	LIFETIME,	AT_OPT,	"lifetime 1h [bytes 4G]" },
	{ "listen",	LISTEN,	0,		NULL },
	{ "local",	LOCAL,	AT_OPT,		"local ADDRESS" },
	{ "log",	LOG,	0,		NULL },
	{ "max-mss",	MAXMSS,	AT_OPT,		"max-mss auto, max-mss no or "
	    "max-mss NUMBER" },
	{ "metric",	METRIC,	0,		NULL },
	{ "mobike",	MOBIKE,	AT_OPT,		NULL },
	{ "mss",	MSS,	0,		NULL },
	{ "mtu",	MTU,	AT_OPT,		"mtu NUMBER" },
	{ "nat-exempt",	NATEXEMPT,	AT_OPT,	"nat-exempt yes or nat-exempt no" },
	{ "natt",	NATT,	AT_FLAG,		NULL },
	{ "no",		NO,	0,		NULL },
	{ "noesn",	NOESN,	0,		NULL },
	{ "none",	NONE,	0,		NULL },
	{ "ocsp",	OCSP,	0,		NULL },
	{ "on",		ON,	AT_OPT,		"on up exec \"command\"" },
	{ "ondemand",	ONDEMAND,	AT_FLAG,	NULL },
	{ "passive",	PASSIVE,	AT_FLAG,	NULL },
	{ "peer",	PEER,	AT_OPT,		"peer ADDRESS [port N], "
	    "peer { ADDRESS, ADDRESS } or peer any" },
	{ "peer-type",	PEERTYPE,	AT_OPT,	"peer-type NAME" },
	{ "per-cpu",	PERCPU,	AT_FLAG,	NULL },
	{ "port",	PORT,	0,		NULL },
	{ "prf",	PRF,	0,		NULL },
	{ "proto",	PROTO,	AT_OPT,		"proto tcp from NETWORK port N to "
	    "NETWORK port N" },
	{ "psk",	PSK,	AT_OPT,		"psk \"secret\", psk 0xhex or "
	    "psk file \"file\"" },
	{ "pubkey",	PUBKEY,	AT_OPT,		"pubkey file \"file\"" },
	{ "redirects",	REDIRECTS,	0,	NULL },
	{ "replay",	REPLAY,	AT_OPT,		"replay NUMBER" },
	{ "route",	ROUTE,	AT_OPT,		"route NETWORK [metric N]" },
	{ "rp_filter",	RPFILTER,	0,	NULL },
	{ "selectors",	SELECTORS,	AT_OPT,	"selectors combined or "
	    "selectors separate" },
	{ "separate",	SEPARATE,	0,	NULL },
	{ "set",	SET,	AT_TOP,		"set gateway|listen on ADDRESS|passive|"
	    "dpd_check_interval 30s|selectors separate|backend NAME|"
	    "firewall NAME|control group NAME|log verbose" },
	{ "source",	SOURCE,	AT_OPT,		"source ADDRESS" },
	{ "srcid",	SRCID,	AT_OPT,		"srcid IDENTITY" },
	{ "strict",	STRICT,	0,		NULL },
	{ "to",		TO,	AT_OPT,		"from NETWORK to NETWORK" },
	{ "transport",	TRANSPORT,	AT_FLAG,	NULL },
	{ "tunnel",	TUNNEL,	AT_TOP | AT_GROUP,		"tunnel \"name\" { options }" },
	{ "up",		UP,	0,		NULL },
	{ "weak",	WEAK,	0,		NULL },
	{ "yes",	YES,	0,		NULL },
};

static const struct kw *
kw_find(const char *s)
{
	size_t	 lo = 0, hi = nitems(kws), mid;
	int	 d;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if ((d = strcmp(s, kws[mid].name)) == 0)
			return (&kws[mid]);
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (NULL);
}

static int
is(const struct cf_word *w, char c)
{
	return (!w->quoted && w->s[0] == c && w->s[1] == '\0');
}

/* Can the grammar go on with this word, after an error in this scope? */
static int
restarts(const struct cf *cf, const struct cf_word *w)
{
	int	 d = w->depth - cf->scope->depth;

	if (!cf->scope->open)
		return (is(w, '{') || w->starts & AT_FLAG);
	if (d != 0)
		return (0);		/* within inner braces */
	switch (cf->scope->kind) {
	case SC_TOP:
		return ((w->starts & AT_TOP) != 0);
	case SC_GROUP:
		return (is(w, '}') || w->starts & (AT_GROUP | AT_OPT | AT_FLAG));
	default:
		return (is(w, '}') || w->starts & (AT_OPT | AT_FLAG));
	}
}

/*
 * After `error' was shifted: 0, leave it (the end); 1, the word that was not
 * understood begins a statement; 2, drop it, yylex goes on to one that does.
 */
static int
recover(struct cf *cf)
{
	if (cf->stop || cf->nsrc == 0)
		return (0);
	/* what failed twice would fail for ever */
	cf->skip = !restarts(cf, cf->last) || cf->last == cf->failed;
	cf->failed = cf->last;
	cf->stmt = cf->last->starts != 0 && !cf->skip ? cf->last : NULL;
	return (cf->skip ? 2 : 1);
}

static int
yylex(YYSTYPE *lval, struct cf *cf)
{
	const struct kw	*k;
	struct cf_word	*w;
	enum cf_tok	 t;
	int		 token;

	do {
		t = cf_lex(cf, &w);
		if (t == CFT_EOF || cf->stop || w == NULL)
			return (0);
		k = t == CFT_WORD && !w->quoted ? kw_find(w->s) : NULL;
		token = t == CFT_PUNCT ? (unsigned char)w->s[0] :
		    k != NULL ? k->token : STRING;
		w->starts = k != NULL ? k->starts : 0;
	} while (cf->skip && !restarts(cf, w));
	cf->skip = 0;
	lval->w = w;
	cf->last = w;
	if (k != NULL && k->usage != NULL) {
		if (cf->stmt == NULL)
			cf->stmt = w;
		else
			cf->cand = w;
	}
	return (token);
}

static const char *
hint(const struct cf_word *w)
{
	const char	*names[nitems(kws)];
	size_t		 i;

	if (w->quoted || kw_find(w->s) != NULL)
		return (NULL);
	for (i = 0; i < nitems(kws); i++)
		names[i] = kws[i].name;
	return (near_word(w->s, names, nitems(kws)));
}

/*
 * The statement that was being written, if the faulty word is its
 * continuation; the word's own, if it begins one.
 */
static const char *
usage(const struct cf *cf)
{
	const struct kw	*k = NULL;

	if (cf->stmt != NULL && cf->stmt != cf->last)
		k = kw_find(cf->stmt->s);
	if (k != NULL && k->usage != NULL)
		return (k->usage);
	if (!cf->scope->open)
		return (cf->scope->kind == SC_GROUP ?
		    "group \"name\" { options and tunnels }" :
		    "active, passive, ondemand, disabled, natt, inet or inet6, "
		    "then {");
	if (cf->scope->kind != SC_TOP)
		return ("local, peer, from ... to ..., psk and the like; "
		    "} ends it");
	return ("set, tunnel, group, bypass, block, include or name = value");
}

/* How files of other programs begin. */
static int
foreign(const struct cf *cf, const struct cf_word *w)
{
	static const char *const words[] = {
		"conn", "config", "connections", "esp", "flow", "ike",
		"ikev2", "remote", "path", "sainfo"
	};
	size_t	 i;

	for (i = 0; cf->scope->kind == SC_TOP && i < nitems(words); i++)
		if (strcmp(w->s, words[i]) == 0)
			return (1);
	return (0);
}

static void
yyerror(struct cf *cf, const char *msg)
{
	const struct cf_word	*w = cf->last;
	const char		*near;
	struct cf_place		 at = { "", 0, 0, 0 };

	(void)msg;
	if (cf->stop && cf->r->nerr > 0)
		return;			/* its cause has been reported */
	cf->scope->bad = 1;
	if (cf->group != NULL)
		cf->group->bad = 1;
	if (w != NULL)
		at = w->at;
	if (w == NULL || cf->nsrc == 0)
		cf_error(cf, at, "the file ends in the middle of a "
		    "statement; write: %s", usage(cf));
	else if (foreign(cf, w))
		cf_error(cf, at, "\"%s\" belongs to the file of another "
		    "program; write: %s", w->s, usage(cf));
	else if (strcmp(w->s, "ikev2") == 0)
		cf_error(cf, at, "\"ikev2\": that is spoken wherever ikev1 is "
		    "not written; leave the word out");
	else if ((near = hint(w)) != NULL)
		cf_error(cf, at, "\"%.40s\" is not known here; did you mean "
		    "\"%s\"?", w->s, near);
	else
		cf_error(cf, at, "\"%.40s\" is not understood here; write: %s",
		    w->s, usage(cf));
	cf->stmt = cf->cand = NULL;
	if (cf->r->nerr > CF_ERR_MAX)
		cf->stop = 1;
	if (cf->scope->kind == SC_GROUP && !cf->scope->open) {
		cf->group = NULL;	/* no brace: it has not begun */
		cf->scope = &cf->top;
	}
}

/* A statement is complete; the keyword of the next may have been read. */
static void
stmt_end(struct cf *cf)
{
	cf->stmt = cf->cand != NULL && cf->cand == cf->last ? cf->cand : NULL;
	cf->cand = NULL;
}

static struct cf_opt *
opt(struct cf *cf, enum cf_key key, const struct cf_word *kw,
    struct cf_word *w, struct cf_word *v, int n)
{
	struct cf_scope	*s;
	struct cf_opt	*o;

	stmt_end(cf);
	if ((o = cf_alloc(cf, sizeof(*o))) == NULL)
		return (NULL);
	o->key = key;
	o->at = kw->at;
	o->w = w;
	o->v = v;
	o->n = n;
	s = cf->scope;
	*s->tail = o;
	s->tail = &o->next;
	return (o);
}

static void
later(struct cf *cf, const struct cf_word *kw)
{
	struct cf_opt	*o;

	if ((o = opt(cf, K_LATER, kw, NULL, NULL, 0)) != NULL)
		o->w = cf_alloc(cf, sizeof(*o->w));
	if (o != NULL && o->w != NULL)
		*o->w = *kw;
}

static void
pair(struct cf *cf, enum cf_key key, const struct cf_word *kw,
    struct cf_word *proto, struct cf_end *from, struct cf_word *map,
    struct cf_end *to)
{
	struct cf_opt	*o;

	if ((o = opt(cf, key, kw, proto, map, 0)) == NULL)
		return;
	o->from = from;
	o->to = to;
}

static struct cf_end *
end(struct cf *cf, struct cf_word *nets, struct cf_word *port, int list)
{
	struct cf_end	*e;

	if ((e = cf_alloc(cf, sizeof(*e))) == NULL)
		return (NULL);
	e->nets = nets;
	e->port = port;
	e->list = (uint8_t)list;
	return (e);
}

/* Append to a list; words are kept in a ring-free, singly linked order. */
static struct cf_word *
join(struct cf_word *list, struct cf_word *w)
{
	struct cf_word	*l;

	for (l = list; l->next != NULL; l = l->next)
		;
	l->next = w;
	return (list);
}

static struct cf_word *
xf(struct cf_word *w, enum cf_xf kind)
{
	w->kind = (uint8_t)kind;
	return (w);
}

static void
scope(struct cf *cf, enum cf_scope_kind kind, const struct cf_word *kw,
    const struct cf_word *name)
{
	struct cf_scope	*s;

	stmt_end(cf);
	if ((s = cf_alloc(cf, sizeof(*s))) == NULL)
		return;
	s->kind = kind;
	s->name = name->s;
	s->at = kw->at;
	s->tail = &s->opts;
	if (kind == SC_GROUP)
		cf->group = s;
	else
		s->up = cf->group;
	*cf->scope_tail = s;
	cf->scope_tail = &s->next;
	cf->scope = s;
}

/* Its brace was read; perhaps the word behind it too. */
static void
scope_open(struct cf *cf)
{
	cf->scope->open = 1;
	cf->scope->depth = cf->last->depth + is(cf->last, '{');
}

static void
scope_end(struct cf *cf, enum cf_scope_kind kind)
{
	if (kind == SC_GROUP)
		cf->group = NULL;
	cf->scope = cf->group != NULL ? cf->group : &cf->top;
}
