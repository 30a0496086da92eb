/* SPDX-License-Identifier: ISC */

/*
 * build.c: options to records.  A tunnel's option wins over its group's,
 * the group's over the default.  Every setter reports what is wrong with
 * its own words; what concerns several options is in check.c.
 */

#include <stdlib.h>

#include "cf_local.h"

enum {
	IKELIFE = 8 * 3600, LIFE = 3600, DPD = 30, REPLAY = 4096,
	LIFE_MIN = 10, LIFE_MAX = 30 * 86400, PSK_MIN = 8, PSK_GOOD = 20
};

/* For texts: how the option is written; NULL may stand several times. */
static const char *const key_names[K_MAX] = {
	[K_START] = "active, passive or ondemand", [K_DISABLED] = "disabled",
	[K_PROTO] = "esp or ah", [K_NATT] = "natt",
	[K_TRANSPORT] = "transport", [K_AF] = "inet or inet6", [K_LOCAL] = "local",
	[K_PEER] = "peer", [K_SRCID] = "srcid", [K_DSTID] = "dstid",
	[K_PSK] = "psk", [K_WEAK] = "allow weak",
	[K_IKELIFE] = "ikelifetime", [K_LIFE] = "lifetime", [K_DPD] = "dpd",
	[K_SOURCE] = "source", [K_MTU] = "mtu", [K_MAXMSS] = "max-mss",
	[K_REPLAY] = "replay", [K_NATEXEMPT] = "nat-exempt",
	[K_LEAK] = "leak", [K_DESCR] = "descr", [K_SELECTORS] = "selectors",
	[K_IKEV1] = "ikev1", [K_PERCPU] = "per-cpu", [K_V1SET] = "set ikev1",
	[K_INTERFACE] = "interface", [K_BACKUP] = "backup",
	[K_GATEWAY] = "set gateway", [K_LISTEN] = "set listen",
	[K_PASSIVE] = "set passive", [K_DECOUPLE] = "set decouple",
	[K_BACKEND] = "set backend", [K_FIREWALL] = "set firewall",
	[K_GROUP] = "set control group", [K_LOG] = "set log"
};

/* What is understood but not built, and what to write in its place. */
static const struct { const char *word, *instead; } laters[] = {
	{ "cert", "use psk" }, { "key", "use psk" }, { "ca", "use psk" },
	{ "pubkey", "use psk" },
	{ "on", "watch s2sctl status -w" },
	{ "crl", "remove it" }, { "ocsp", "remove it" },
	{ "cert_partial_chain", "remove it" }, { "mobike", "remove it" },
	{ "exec", "remove it" }, { "peer-type", "remove it" },
	{ "enforcesingleikesa", "remove it: a tunnel has one IKE SA" },
};

const struct cf_opt *
cf_find(const struct cf_scope *s, enum cf_key key)
{
	const struct cf_opt	*o;

	for (; s != NULL; s = s->up)
		for (o = s->opts; o != NULL; o = o->next)
			if (o->key == key)
				return (o);
	return (NULL);
}

/* Once each; and nothing that is not built.  0 if the scope is clean. */
static int
scope_check(struct cf *cf, const struct cf_scope *s)
{
	const struct cf_opt	*o, *seen[K_MAX];
	const char		*fix;
	char			 who[CF_WHO];
	size_t			 i;
	int			 rv = 0;

	memset(seen, 0, sizeof(seen));
	(void)cf_who(s, who, sizeof(who));
	for (o = s->opts; o != NULL; o = o->next) {
		if (o->key == K_LATER && o->w != NULL) {
			fix = "remove it";
			for (i = 0; i < nitems(laters); i++)
				if (strcmp(laters[i].word, o->w->s) == 0)
					fix = laters[i].instead;
			cf_error(cf, o->at, "%s%s: not built in yet; %s", who,
			    o->w->s, fix);
			rv = -1;
		} else if (key_names[o->key] != NULL &&
		    seen[o->key] != NULL) {
			cf_error(cf, o->at, "%s%s: already set at %s:%u; keep "
			    "one", who, key_names[o->key],
			    seen[o->key]->at.file, seen[o->key]->at.line);
			rv = -1;
		}
		seen[o->key] = o;
	}
	return (rv);
}

/* Which of the words it is; -1 after an error, which offers all but `not',
 * a word that this system would refuse (or NULL). */
static int
one_of(struct cf *cf, const struct cf_word *w, const char *what,
    const char *const *words, size_t n, const char *not)
{
	char	 all[128] = "";
	size_t	 i, left = n;

	for (i = 0; i < n; i++) {
		if (strcmp(w->s, words[i]) == 0)
			return ((int)i);
		left -= not != NULL && strcmp(not, words[i]) == 0;
	}
	for (i = 0; i < n; i++) {
		if (not != NULL && strcmp(not, words[i]) == 0)
			continue;
		(void)snprintf(all + strlen(all), sizeof(all) - strlen(all),
		    "%s%s", words[i], --left > 1 ? ", " : left == 1 ? " or " :
		    "");
	}
	cf_error(cf, w->at, "%s %.40s: not known; write %s", what, w->s, all);
	return (-1);
}

static void
set_backend(struct cf *cf, const struct cf_opt *o, struct global *g)
{
	static const char *const names[] = {
		[BE_AUTO] = "auto", [BE_XFRM] = "xfrm", [BE_PFKEY] = "pfkey",
		[BE_USERLAND] = "userland"
	};
	int	 i;

	i = one_of(cf, o->w, "set backend", names, nitems(names),
	    "pfkey");
	if (i != -1)
		g->backend = (uint8_t)i;
}

static void
set_firewall(struct cf *cf, const struct cf_opt *o, struct global *g)
{
	static const char *const names[] = {
		[FW_AUTO] = "auto", [FW_NFT] = "nft",
		[FW_IPTABLES] = "iptables", [FW_PF] = "pf", [FW_NONE] = "none"
	};
	int	 i;

	i = one_of(cf, o->w, "set firewall", names, nitems(names),
	    "pf");
	if (i == FW_PF)
		cf_error(cf, o->at, "set firewall pf: not built in yet; write "
		    "auto, nft, iptables or none");
	else if (i != -1)
		g->firewall = (uint8_t)i;
}

static void
set_log(struct cf *cf, const struct cf_opt *o, struct global *g)
{
	static const char *const names[] = { "brief", "verbose" };
	int	 i;

	if (strcmp(o->w->s, "daemon") == 0 ||
	    strncmp(o->w->s, "local", 5) == 0) {
		cf_error(cf, o->at, "set log %.40s: facilities are not built "
		    "in yet; write brief or verbose", o->w->s);
		return;
	}
	i = one_of(cf, o->w, "set log", names, nitems(names), NULL);
	if (i != -1)
		g->verbose = (uint8_t)i;
}

static void
set_group(struct cf *cf, const struct cf_opt *o, struct global *g)
{
	if (strlen(o->w->s) >= sizeof(g->group) ||
	    !cf->io->group(cf->io->arg, o->w->s))
		cf_error(cf, o->at, "set control group %.63s: this host has "
		    "no such group; add it or name another", o->w->s);
	else
		(void)snprintf(g->group, sizeof(g->group), "%s", o->w->s);
}

void
cf_build_global(struct cf *cf)
{
	struct global		*g = &cf->r->g;
	const struct cf_opt	*o;
	uint32_t		 always = GW_NATEXEMPT | GW_MSS | GW_RPFILTER;

	(void)scope_check(cf, &cf->top);
	g->gateway = always;
	for (o = cf->top.opts; o != NULL; o = o->next)
		switch (o->key) {
		case K_GATEWAY:
			g->gateway = (GW_ON | GW_FORWARDING | GW_REDIRECTS |
			    always) ^ (uint32_t)o->n;
			break;
		case K_LISTEN:
			(void)cf_addr(cf, o->w, "", "set listen on",
			    &g->listen);
			break;
		case K_DECOUPLE:
			g->decouple = 1;
			break;
		case K_BACKEND:
			set_backend(cf, o, g);
			break;
		case K_FIREWALL:
			set_firewall(cf, o, g);
			break;
		case K_GROUP:
			set_group(cf, o, g);
			break;
		case K_LOG:
			set_log(cf, o, g);
			break;
		case K_BYPASS:
			cf_netpairs(cf, o, g->bypass, g->bypass_to,
			    &g->nbypass, nitems(g->bypass));
			break;
		case K_BLOCK:
			cf_netpairs(cf, o, g->block, g->block_to, &g->nblock,
			    nitems(g->block));
			break;
		default:
			break;
		}
}

/* --- one tunnel --- */

struct build {
	struct cf	*cf;
	struct cf_scope	*s;
	struct cf_tunnel *c;
	struct tunnel	*t;
	const char	*who;
};

static const struct cf_opt *
find(struct build *b, enum cf_key key)
{
	return (cf_find(b->s, key));
}

static void
bad(struct build *b)
{
	b->c->bad = 1;
}

static void
put_port(struct build *b, const struct cf_word *w, struct addr *a, int local)
{
	uint64_t	 v = 500;

	if (w != NULL && cf_num(b->cf, w, b->who, local ? "local port" :
	    "peer port", 1, 65535, &v) == -1)
		bad(b);
	else if (local && v != 500 && v != 4500) {
		cf_error(b->cf, w->at, "%slocal port %s: other ports than 500 "
		    "and 4500 are not built in yet; remove it", b->who, w->s);
		bad(b);
	}
	a->port = (uint16_t)v;
}

static void
set_local(struct build *b)
{
	const struct cf_opt	*o = find(b, K_LOCAL);

	if (o == NULL || o->w == NULL)
		return;
	if (cf_addr(b->cf, o->w, b->who, "local", &b->t->local) == -1)
		bad(b);
	put_port(b, o->v, &b->t->local, 1);
}

/* Is it meant as something that only a later version takes? */
static int
peer_later(struct build *b, const struct cf_word *w)
{
	const char	*what = NULL;
	struct addr	 a;

	if (strchr(w->s, '/') != NULL)
		what = "a network as peer is not built in yet; write an "
		    "address or any";
	else if (strpbrk(w->s, "%:") == NULL && addr_parse(w->s, &a) == -1 &&
	    w->s[strspn(w->s, "0123456789.")] != '\0')
		what = "a name as peer is not built in yet; write an address";
	if (what == NULL)
		return (0);
	cf_error(b->cf, w->at, "%speer %.64s: %s", b->who, w->s, what);
	return (1);
}

static void
set_peer(struct build *b)
{
	const struct cf_opt	*o = find(b, K_PEER);
	const struct cf_word	*w;
	struct tunnel		*t = b->t;
	uint8_t			 i;

	if (o == NULL)
		return;
	if (o->w == NULL) {
		t->flags |= TUN_PEERANY;
		return;
	}
	for (w = o->w; w != NULL; w = w->next) {
		if (t->npeer == PEER_MAX) {
			cf_error(b->cf, w->at, "%speer: more than %d "
			    "addresses; remove some", b->who, (int)PEER_MAX);
			bad(b);
			return;
		}
		if (peer_later(b, w) || cf_addr(b->cf, w, b->who, "peer",
		    &t->peer[t->npeer]) == -1) {
			bad(b);
			continue;
		}
		for (i = 0; i < t->npeer; i++)
			if (addr_cmp(&t->peer[i], &t->peer[t->npeer], 0) == 0) {
				cf_error(b->cf, w->at, "%speer %s stands "
				    "there twice", b->who, w->s);
				bad(b);
			}
		put_port(b, o->v, &t->peer[t->npeer++], 0);
	}
}

static void
set_ids(struct build *b)
{
	const struct cf_opt	*o;
	struct tunnel		*t = b->t;

	if ((o = find(b, K_SRCID)) != NULL) {
		if (cf_ident(b->cf, o->w, b->who, "srcid", o->n,
		    &t->srcid) == -1)
			bad(b);
	} else if (t->local.af != 0)
		ident_addr(&t->local, &t->srcid);
	if ((o = find(b, K_DSTID)) != NULL) {
		if (cf_ident(b->cf, o->w, b->who, "dstid", o->n,
		    &t->dstid) == -1)
			bad(b);
	} else if (t->npeer == 1)
		ident_addr(&t->peer[0], &t->dstid);
}

static int
psk_error(struct build *b, const struct cf_opt *o, const char *what)
{
	cf_error(b->cf, o->at, "%spsk: %s", b->who, what);
	bad(b);
	return (-1);
}

/* Octets of a secret's file: its one line, or 0x... on it. */
static int
psk_line(struct build *b, const struct cf_opt *o, const char *p, size_t n)
{
	char	 hex[2 * CF_PSK_MAX + 3];
	size_t	 len;
	int	 rv = 0;

	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	if (n == 0)
		return (psk_error(b, o, "the file is empty; write one with: "
		    "s2sctl genpsk"));
	if (memchr(p, '\n', n) != NULL || memchr(p, '\0', n) != NULL)
		return (psk_error(b, o, "the file holds more than one line "
		    "of text"));
	if (n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x' && n < sizeof(hex)) {
		memcpy(hex, p, n);
		hex[n] = '\0';
		rv = cf_hex(hex, b->c->psk, CF_PSK_MAX, &len);
		explicit_bzero(hex, sizeof(hex));
		if (rv == -1)
			return (psk_error(b, o, "behind 0x stands no even "
			    "number of hexadecimal digits"));
		b->c->npsk = (uint16_t)len;
		return (0);
	}
	if (n > CF_PSK_MAX)
		return (psk_error(b, o, "longer than 1024 octets"));
	memcpy(b->c->psk, p, n);
	b->c->npsk = (uint16_t)n;
	return (0);
}

static int
psk_file(struct build *b, const struct cf_opt *o)
{
	struct cf_data	 d;
	char		 path[1024], why[256];
	int		 rv;

	memset(&d, 0, sizeof(d));
	if (cf_path(b->cf, o->w, path, sizeof(path)) == -1) {
		bad(b);
		return (-1);
	}
	b->c->pskfile = cf_strndup(b->cf, path, strlen(path));
	if (b->cf->io->read(b->cf->io->arg, path, CF_FILE_SECRET, &d, why,
	    sizeof(why)) == -1) {
		cf_error(b->cf, o->at, "%spsk file \"%.128s\": %s", b->who,
		    path, why);
		bad(b);
		return (-1);
	}
	rv = psk_line(b, o, (const char *)d.p, d.n);
	if (d.n > 0)
		explicit_bzero(d.p, d.n);
	free(d.p);
	return (rv);
}

/* A secret in s2sd.conf itself. */
static int
psk_inline(struct build *b, const struct cf_opt *o)
{
	size_t	 n;

	if (o->w->at.open)
		return (psk_error(b, o, "with a secret in it this file must "
		    "belong to root and be readable by nobody else; chown "
		    "root and chmod 600 it, or use psk file"));
	if (o->w->quoted) {
		if ((n = strlen(o->w->s)) > CF_PSK_MAX)
			return (psk_error(b, o, "longer than 1024 octets"));
		memcpy(b->c->psk, o->w->s, n);
	} else if (o->w->s[0] != '0' || (o->w->s[1] | 0x20) != 'x')
		return (psk_error(b, o, "a secret without quotes may be cut "
		    "short by # or a blank; put it into \"quotes\""));
	else if (cf_hex(o->w->s, b->c->psk, CF_PSK_MAX, &n) == -1)
		return (psk_error(b, o, "behind 0x stands no even number of "
		    "hexadecimal digits, or more than 1024 octets"));
	b->c->npsk = (uint16_t)n;
	return (0);
}

static void
set_psk(struct build *b)
{
	const struct cf_opt	*o = find(b, K_PSK);
	int			 rv;

	if (o == NULL)
		return;
	if (o->n == PSK_HIDDEN) {
		b->c->hidden = 1;
		if (b->cf->mode != CF_PRINT)
			(void)psk_error(b, o, "hidden stands for a secret that "
			    "s2sd -nv does not show; write psk \"secret\" or "
			    "psk file \"file\"");
		return;
	}
	rv = o->n == PSK_FILE ? psk_file(b, o) : psk_inline(b, o);
	if (rv == 0 && b->c->npsk < PSK_MIN)
		(void)psk_error(b, o, "fewer than 8 octets are guessed in no "
		    "time; make one with: s2sctl genpsk");
	else if (rv == 0 && b->c->npsk < PSK_GOOD)
		cf_warn(b->cf, o->at, "%spsk: the secret has %u octets; use 20 "
		    "or more: s2sctl genpsk", b->who,
		    (unsigned int)b->c->npsk);
}

static void
set_times(struct build *b)
{
	const struct cf_opt	*o;
	struct tunnel		*t = b->t;

	t->ikelife = IKELIFE;
	t->life = LIFE;
	t->dpd = DPD;
	if ((o = find(b, K_IKELIFE)) != NULL && cf_time(b->cf, o->w, b->who,
	    "ikelifetime", LIFE_MIN, LIFE_MAX, &t->ikelife) == -1)
		bad(b);
	if ((o = find(b, K_LIFE)) != NULL) {
		if (cf_time(b->cf, o->w, b->who, "lifetime", LIFE_MIN,
		    LIFE_MAX, &t->life) == -1)
			bad(b);
		if (o->v != NULL && cf_octets(b->cf, o->v, b->who,
		    &t->lifebytes) == -1)
			bad(b);
	}
	if ((o = find(b, K_DPD)) == NULL)
		o = cf_find(&b->cf->top, K_DPD);
	if (o != NULL && o->w == NULL)
		t->dpd = 0;
	else if (o != NULL && cf_time(b->cf, o->w, b->who, "dpd", 1, 86400,
	    &t->dpd) == -1)
		bad(b);
}

static void
set_sizes(struct build *b)
{
	const struct cf_opt	*o;
	struct tunnel		*t = b->t;
	uint64_t		 v;

	t->replay = REPLAY;
	if ((o = find(b, K_MTU)) != NULL) {
		if (cf_num(b->cf, o->w, b->who, "mtu", 576, 65535, &v) == -1)
			bad(b);
		else
			t->mtu = (uint16_t)v;
	}
	if ((o = find(b, K_MAXMSS)) != NULL) {
		v = (uint64_t)o->n;
		if (o->w != NULL && cf_num(b->cf, o->w, b->who, "max-mss", 88,
		    65495, &v) == -1)
			bad(b);
		else
			t->maxmss = (uint16_t)v;
	}
	if ((o = find(b, K_REPLAY)) != NULL) {
		if (cf_num(b->cf, o->w, b->who, "replay", 64, 4096, &v) == -1)
			bad(b);
		else
			t->replay = (uint32_t)v;
	}
	if ((o = find(b, K_SOURCE)) != NULL && cf_addr(b->cf, o->w, b->who,
	    "source", &t->source) == -1)
		bad(b);
}

static int
is_set(struct build *b, enum cf_key key, int n)
{
	const struct cf_opt	*o = find(b, key);

	return (o != NULL && o->n == n);
}

static void
set_flags(struct build *b)
{
	const struct cf_opt	*o, *sep;
	struct tunnel		*t = b->t;
	int			 start = START_ACTIVE;

	if (t->flags & TUN_PEERANY ||
	    cf_find(&b->cf->top, K_PASSIVE) != NULL)
		start = START_PASSIVE;
	if ((o = find(b, K_START)) != NULL)
		start = o->n;
	if (t->flags & TUN_PEERANY && start != START_PASSIVE) {
		cf_error(b->cf, o->at, "%speer any cannot be called; write "
		    "passive, or an address as peer", b->who);
		bad(b);
	}
	t->flags |= start == START_ACTIVE ? TUN_ACTIVE :
	    start == START_ONDEMAND ? TUN_ONDEMAND : 0;
	if ((sep = find(b, K_SELECTORS)) == NULL)
		sep = cf_find(&b->cf->top, K_SELECTORS);
	if (is_set(b, K_IKEV1, 1)) {
		t->flags |= TUN_IKEV1;
		if ((o = find(b, K_SELECTORS)) != NULL && !o->n) {
			cf_error(b->cf, o->at, "%sselectors combined: IKEv1 "
			    "has one child for each pair; remove it", b->who);
			bad(b);
		}
	}
	if (t->flags & TUN_IKEV1 || (sep != NULL && sep->n))
		t->flags |= TUN_SEPARATE;
	if (is_set(b, K_DISABLED, 1))
		t->flags |= TUN_DISABLED;
	if (is_set(b, K_NATT, 1))
		t->flags |= TUN_NATT;
	if (is_set(b, K_PROTO, 1))
		t->flags |= TUN_AH;
	if (is_set(b, K_PERCPU, 1))
		t->flags |= TUN_PERCPU;
	if (is_set(b, K_TRANSPORT, 1))
		t->flags |= TUN_TRANSPORT;
	if (is_set(b, K_WEAK, 1))
		t->flags |= TUN_WEAK;
	if (is_set(b, K_LEAK, 1))
		t->flags |= TUN_LEAK;
	if (is_set(b, K_NATEXEMPT, 0))
		t->flags |= TUN_NATKEEP;
	if ((o = find(b, K_DESCR)) != NULL)
		b->c->descr = o->w->s;
}

/* It goes into logs, JSON and comments of rules: no surprises. */
static void
set_name(struct build *b)
{
	static const char	 ok[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char		*s = b->s->name;

	if (*s == '\0' || strlen(s) >= sizeof(b->t->name) ||
	    s[strspn(s, ok)] != '\0' || strchr("._-", *s) != NULL) {
		cf_error(b->cf, b->s->at, "tunnel \"%.63s\": a name has 1 to "
		    "63 letters, digits, . _ or -, and begins with one of the "
		    "first two", s);
		bad(b);
	}
	(void)snprintf(b->t->name, sizeof(b->t->name), "%.63s", s);
}

static void
build(struct cf *cf, struct cf_scope *s, struct cf_tunnel *c)
{
	struct build	 b = { cf, s, c, &c->t, NULL };
	char		 who[CF_WHO];

	b.who = cf_who(s, who, sizeof(who));
	c->at = s->at;
	c->bad = s->bad || (s->up != NULL && s->up->bad);
	if (scope_check(cf, s) == -1)
		bad(&b);
	set_name(&b);
	set_local(&b);
	set_peer(&b);
	set_ids(&b);
	set_psk(&b);
	cf_pairs(cf, s, c);
	cf_interface(cf, s, c);
	cf_props(cf, s, c);
	set_times(&b);
	set_sizes(&b);
	set_flags(&b);
}

void
cf_build(struct cf *cf)
{
	struct cf_result	*r = cf->r;
	struct cf_scope		*s;
	size_t			 n = 0;

	for (s = cf->scopes; s != NULL; s = s->next)
		n += s->kind == SC_TUNNEL;
	if (n > CF_TUNNEL_MAX) {
		cf_error(cf, cf->scopes->at, "more than %d tunnels",
		    (int)CF_TUNNEL_MAX);
		return;
	}
	if ((r->t = cf_alloc(cf, (n + 1) * sizeof(*r->t))) == NULL)
		return;
	for (s = cf->scopes; s != NULL && r->nerr < CF_ERR_MAX; s = s->next) {
		if (s->kind == SC_GROUP) {
			if (scope_check(cf, s) == -1)
				s->bad = 1;
			continue;
		}
		if ((r->t[r->n] = cf_alloc(cf, sizeof(**r->t))) == NULL)
			return;
		build(cf, s, r->t[r->n++]);
	}
}

int
cf_parse(const char *path, const struct cf_io *io, enum cf_mode mode,
    struct cf_result *r)
{
	static const struct cf_place	 none = { "s2sd-conf", 0, 0, 0 };
	struct cf			*cf;

	memset(r, 0, sizeof(*r));
	if ((cf = calloc(1, sizeof(*cf))) == NULL)
		return (-1);
	cf->io = io;
	cf->mode = mode;
	cf->first = path;
	cf->r = r;
	cf->scope_tail = &cf->scopes;
	cf->scope = &cf->top;
	cf->top.kind = SC_TOP;
	cf->top.open = 1;
	cf->top.tail = &cf->top.opts;
	if (cf_open(cf, path, NULL) == 0 && cf_yyparse(cf) == 2)
		cf_error(cf, none, "nested too deep, or out of memory");
	if (!cf->stop) {
		cf_build_global(cf);
		cf_build(cf);
		cf_check(cf);
	} else if (r->nerr == 0)
		cf_error(cf, none, "out of memory");
	cf_errors_done(cf);
	explicit_bzero(cf, sizeof(*cf));
	free(cf);
	return (r->nerr == 0 ? 0 : -1);
}
