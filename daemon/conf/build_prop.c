/* SPDX-License-Identifier: ISC */

/*
 * build_prop.c: ikesa and childsa to proposals.  What a line leaves out is
 * filled with the defaults; AEAD ciphers and others go into two proposals
 * (RFC 7296 section 3.3).  Those of a child by AH have no cipher at all.  With IKEv1, `auth' of an ikesa is the hash of phase
 * 1, which is a PRF of the table.
 */

#include "cf_local.h"

struct line {
	const char	*who, *what;	/* "ikesa" or "childsa" */
	int		 ike, weak, v1, ah;
	struct prop	 p;
};

/* Names that other programs use for the same thing. */
static const struct { uint8_t type; const char *alias, *name; } aliases[] = {
	{ ALG_ENCR, "aes128", "aes-128" }, { ALG_ENCR, "aes192", "aes-192" },
	{ ALG_ENCR, "aes256", "aes-256" },
	{ ALG_ENCR, "aes-128-cbc", "aes-128" },
	{ ALG_ENCR, "aes-192-cbc", "aes-192" },
	{ ALG_ENCR, "aes-256-cbc", "aes-256" },
	{ ALG_ENCR, "aes128gcm16", "aes-128-gcm" },
	{ ALG_ENCR, "aes256gcm16", "aes-256-gcm" },
	{ ALG_ENCR, "aes-128-gcm-16", "aes-128-gcm" },
	{ ALG_ENCR, "aes-256-gcm-16", "aes-256-gcm" },
	{ ALG_ENCR, "chacha20poly1305", "chacha20-poly1305" },
	{ ALG_DH, "grp2", "modp1024" }, { ALG_DH, "grp5", "modp1536" },
	{ ALG_DH, "grp14", "modp2048" }, { ALG_DH, "grp15", "modp3072" },
	{ ALG_DH, "grp16", "modp4096" }, { ALG_DH, "grp17", "modp6144" },
	{ ALG_DH, "grp18", "modp8192" }, { ALG_DH, "grp19", "ecp256" },
	{ ALG_DH, "grp20", "ecp384" }, { ALG_DH, "grp21", "ecp521" },
	{ ALG_DH, "grp31", "curve25519" }, { ALG_DH, "x25519", "curve25519" },
	{ ALG_INTEG, "sha1", "hmac-sha1" }, { ALG_PRF, "sha1", "hmac-sha1" },
	{ ALG_PRF, "md5", "hmac-md5" },
	{ ALG_INTEG, "sha2-256", "hmac-sha2-256" },
	{ ALG_INTEG, "sha2-384", "hmac-sha2-384" },
	{ ALG_INTEG, "sha2-512", "hmac-sha2-512" },
	{ ALG_PRF, "sha2-256", "hmac-sha2-256" },
	{ ALG_PRF, "sha2-384", "hmac-sha2-384" },
	{ ALG_PRF, "sha2-512", "hmac-sha2-512" },
};

/* Known, and never taken. */
static const struct { uint8_t type; const char *name, *why; } refused[] = {
	{ ALG_ENCR, "des", "a key of 56 bits is found in a day" },
	{ ALG_ENCR, "blowfish", "its 64 bit blocks leak after 32 GiB" },
	{ ALG_ENCR, "cast", "its 64 bit blocks leak after 32 GiB" },
	{ ALG_ENCR, "cast128", "its 64 bit blocks leak after 32 GiB" },
	{ ALG_ENCR, "null", "it does not encrypt" },
	{ ALG_INTEG, "hmac-md5", "MD5 is broken" },
	{ ALG_INTEG, "md5", "MD5 is broken" },
	{ ALG_DH, "modp768", "it is broken in practice" },
	{ ALG_DH, "grp1", "it is broken in practice" },
};

/*
 * Offered and accepted in IKEv1 when nothing is written, in that order: what
 * peers of that age have (openswan, racoon, isakmpd, routers).  Each
 * combination is a transform of its own in the first message, so there are
 * few.  Rows that are weak only with `allow weak'.
 */
static const struct { uint8_t type; const char *name; } v1_rows[] = {
	{ ALG_ENCR, "aes-256" }, { ALG_ENCR, "aes-128" }, { ALG_ENCR, "3des" },
	{ ALG_PRF, "hmac-sha2-256" }, { ALG_PRF, "hmac-sha1" },
	{ ALG_INTEG, "hmac-sha2-256" }, { ALG_INTEG, "hmac-sha1" },
	{ ALG_DH, "modp2048" }, { ALG_DH, "modp4096" }, { ALG_DH, "ecp256" },
	{ ALG_DH, "modp1536" }, { ALG_DH, "modp1024" },
};

/* What to write in the place of a weak row. */
static const char *const better[] = {
	[ALG_ENCR] = "aes-256", [ALG_PRF] = "hmac-sha2-256",
	[ALG_INTEG] = "hmac-sha2-256", [ALG_DH] = "modp2048"
};

static const char *
alias(uint8_t type, const char *s)
{
	size_t	 i;

	for (i = 0; i < nitems(aliases); i++)
		if (aliases[i].type == type &&
		    strcmp(aliases[i].alias, s) == 0)
			return (aliases[i].name);
	return (s);
}

/* Has IKEv1 a number for it, where it stands? */
static int
v1_has(const struct line *l, const struct alg *a)
{
	return ((l->ike || a->type == ALG_DH ? a->p1 : a->p2) != 0);
}

/* "sha256" of "hmac-sha2-256": the same letters, with some left out. */
static int
abbreviates(const char *s, const char *name)
{
	for (; *s != '\0' && *name != '\0'; name++)
		s += *s == *name;
	return (*s == '\0');
}

static const struct alg *
alg_word(struct cf *cf, const struct line *l, const struct cf_word *w,
    uint8_t type)
{
	static const char	*words[] = { "", "enc", "prf", "auth", "group" };
	const struct alg	*a, *near;
	size_t			 i;

	near = alg_nearest(type, w->s);
	for (i = 0; i < nitems(refused); i++)
		if (refused[i].type == type &&
		    strcmp(refused[i].name, w->s) == 0) {
			cf_error(cf, w->at, "%s%s: %s %s: refused, %s; write "
			    "%s", l->who, l->what, words[type], w->s,
			    refused[i].why, l->v1 ? better[type] :
			    type == ALG_ENCR ? "aes-256-gcm" :
			    type == ALG_DH ? "curve25519" : "hmac-sha2-256");
			return (NULL);
		}
	if ((a = alg_name(type, alias(type, w->s))) == NULL) {
		if (near != NULL && !abbreviates(w->s, near->name) &&
		    near_word(w->s, &near->name, 1) == NULL)
			near = NULL;	/* another word altogether */
		cf_error(cf, w->at, "%s%s: %s %.40s: not known; %s%s", l->who,
		    l->what, words[type], w->s, near != NULL ?
		    "the nearest is " : "s2sd.conf(5) lists them, for example ",
		    near != NULL ? near->name : type == ALG_ENCR ?
		    "aes-256-gcm" : type == ALG_DH ? "curve25519" :
		    "hmac-sha2-256");
		return (NULL);
	}
	if (a->flags & ALG_WEAK && !l->weak) {
		cf_error(cf, w->at, "%s%s: %s %s: too weak; write %s or "
		    "better, or add \"allow weak\" to the tunnel", l->who,
		    l->what, w->kind == XF_AUTH ? "auth" : words[type],
		    a->name, better[type]);
		return (NULL);
	}
	if (l->v1 && !v1_has(l, a)) {
		cf_error(cf, w->at, "%s%s: %s %s: not in IKEv1%s; write %s",
		    l->who, l->what, words[type], a->name, l->ike ?
		    " itself, only in its childsa" : "", better[type]);
		return (NULL);
	}
	return (a);
}

static int
push(struct cf *cf, const struct line *l, const struct cf_word *w,
    uint16_t *list, uint8_t *n, uint16_t num)
{
	uint8_t	 i;

	for (i = 0; i < *n; i++)
		if (list[i] == num) {
			cf_error(cf, w->at, "%s%s: %.40s stands there twice",
			    l->who, l->what, w->s);
			return (-1);
		}
	if (*n >= PROP_ALGMAX) {
		cf_error(cf, w->at, "%s%s: more than %d algorithms of a kind; "
		    "use a second line", l->who, l->what, (int)PROP_ALGMAX);
		return (-1);
	}
	list[(*n)++] = num;
	return (0);
}

static int
wrong(struct cf *cf, const struct line *l, const struct cf_word *w,
    const char *word, const char *why)
{
	cf_error(cf, w->at, "%s%s: %s: %s", l->who, l->what, word, why);
	return (-1);
}

static int
word(struct cf *cf, struct line *l, const struct cf_word *w)
{
	const struct alg	*a;
	struct prop		*p = &l->p;

	switch (w->kind) {
	case XF_ENC:
		if (l->ah && !l->ike)
			return (wrong(cf, l, w, "enc", "AH does not encrypt; "
			    "write auth alone, for example auth "
			    "hmac-sha2-256, or esp in the place of ah"));
		a = alg_word(cf, l, w, ALG_ENCR);
		return (a == NULL ? -1 :
		    push(cf, l, w, p->encr, &p->nencr, a->num));
	case XF_AUTH:
		if (l->v1 && l->ike) {
			a = alg_word(cf, l, w, ALG_PRF);
			return (a == NULL ? -1 :
			    push(cf, l, w, p->prf, &p->nprf, a->num));
		}
		a = alg_word(cf, l, w, ALG_INTEG);
		return (a == NULL ? -1 :
		    push(cf, l, w, p->integ, &p->ninteg, a->num));
	case XF_PRF:
		if (!l->ike)
			return (wrong(cf, l, w, "prf", "only an ikesa has one; "
			    "remove it"));
		if (l->v1)
			return (wrong(cf, l, w, "prf", "IKEv1 has one hash for "
			    "all; write auth"));
		a = alg_word(cf, l, w, ALG_PRF);
		return (a == NULL ? -1 :
		    push(cf, l, w, p->prf, &p->nprf, a->num));
	case XF_GROUP:
		if (!w->quoted && strcmp(w->s, "none") == 0) {
			if (l->ike)
				return (wrong(cf, l, w, "group none",
				    "an ikesa needs a group; name one"));
			return (push(cf, l, w, p->dh, &p->ndh, 0));
		}
		a = alg_word(cf, l, w, ALG_DH);
		return (a == NULL ? -1 :
		    push(cf, l, w, p->dh, &p->ndh, a->num));
	default:
		if (l->ike)
			return (wrong(cf, l, w, w->s, "only a childsa has "
			    "sequence numbers; remove it"));
		if (l->v1 && w->kind == XF_ESN)
			return (wrong(cf, l, w, "esn", "not in IKEv1; remove "
			    "it"));
		if (p->nesn == 2 || (p->nesn == 1 &&
		    p->esn[0] == (w->kind == XF_ESN)))
			return (wrong(cf, l, w, w->s, "stands there twice"));
		p->esn[p->nesn++] = w->kind == XF_ESN;
		return (0);
	}
}

static void
v1_defaults(const struct line *l, uint8_t type, uint16_t *list, uint8_t *n)
{
	const struct alg	*a;
	size_t			 i;

	for (i = 0; i < nitems(v1_rows); i++)
		if (v1_rows[i].type == type && *n < PROP_ALGMAX &&
		    (a = alg_name(type, v1_rows[i].name)) != NULL &&
		    (l->weak || !(a->flags & ALG_WEAK)))
			list[(*n)++] = a->num;
}

static void
defaults(const struct line *l, uint8_t type, int aead, uint16_t *list,
    uint8_t *n)
{
	const struct alg	*a;
	uint16_t		 flag = l->ike ? ALG_IKE : ALG_ESP;
	size_t			 i, rows;

	if (l->v1) {
		if (aead != 1)
			v1_defaults(l, type, list, n);
		return;
	}
	for (a = alg_rows(&rows), i = 0; i < rows; i++)
		if (a[i].type == type && a[i].flags & ALG_DEFAULT &&
		    a[i].flags & flag && *n < PROP_ALGMAX && (aead == -1 ||
		    aead == ((a[i].flags & ALG_AEAD) != 0)))
			list[(*n)++] = a[i].num;
}

/* The ciphers of that kind; 0 if the line has none of it. */
static int
ciphers(const struct line *l, int aead, struct prop *p)
{
	uint8_t	 i;

	if (l->ah && !l->ike)
		return (!aead);
	for (i = 0; i < l->p.nencr; i++)
		if (((alg_num(l->p.encr[i])->flags & ALG_AEAD) != 0) == aead)
			p->encr[p->nencr++] = l->p.encr[i];
	if (l->p.nencr == 0 && (!aead || l->p.ninteg == 0))
		defaults(l, ALG_ENCR, aead, p->encr, &p->nencr);
	return (p->nencr > 0);
}

/* One of the two kinds of ciphers of a line, completed; 0 if it has none. */
static int
split(const struct line *l, const struct tunnel *t, int aead, struct prop *p)
{
	uint8_t		 i, j, k;

	memset(p, 0, sizeof(*p));
	if (!ciphers(l, aead, p))
		return (0);
	if (!aead && !(l->v1 && l->ike)) {
		memcpy(p->integ, l->p.integ, sizeof(p->integ));
		p->ninteg = l->p.ninteg;
		if (p->ninteg == 0)
			defaults(l, ALG_INTEG, -1, p->integ, &p->ninteg);
	}
	memcpy(p->prf, l->p.prf, sizeof(p->prf));
	p->nprf = l->p.nprf;
	for (i = 0; l->ike && l->p.nprf == 0 && i < p->ninteg; i++)
		p->prf[p->nprf++] = alg_prf_of(alg_num(p->integ[i]))->num;
	if (l->ike && p->nprf == 0)
		defaults(l, ALG_PRF, -1, p->prf, &p->nprf);
	memcpy(p->dh, l->p.dh, sizeof(p->dh));
	p->ndh = l->p.ndh;
	for (i = 0; !l->ike && l->p.ndh == 0 && i < t->nike; i++)
		for (j = 0; j < t->ike[i].ndh; j++) {	/* as the IKE SA */
			for (k = 0; k < p->ndh; k++)
				if (p->dh[k] == t->ike[i].dh[j])
					break;
			if (k == p->ndh && k < PROP_ALGMAX)
				p->dh[p->ndh++] = t->ike[i].dh[j];
		}
	if (p->ndh == 0)
		defaults(l, ALG_DH, -1, p->dh, &p->ndh);
	memcpy(p->esn, l->p.esn, sizeof(p->esn));
	p->nesn = l->p.nesn;
	if (!l->ike && p->nesn == 0) {
		if (!l->v1)
			p->esn[p->nesn++] = 1;
		p->esn[p->nesn++] = 0;
	}
	return (1);
}

static int
line_done(struct cf *cf, const struct line *l, struct tunnel *t,
    struct cf_place at)
{
	struct prop	*list = l->ike ? t->ike : t->child, p;
	uint8_t		*n = l->ike ? &t->nike : &t->nchild;
	int		 aead, any = 0;

	for (aead = 1; aead >= 0; aead--) {
		if (!split(l, t, aead, &p))
			continue;
		any |= !aead;
		if (*n >= PROP_MAX) {
			cf_error(cf, at, "%s%s: more than %d proposals; write "
			    "fewer", l->who, l->what, (int)PROP_MAX);
			return (-1);
		}
		list[(*n)++] = p;
	}
	if (l->p.ninteg > 0 && !any) {
		cf_error(cf, at, "%s%s: auth does not go with %s, which brings "
		    "its own; write %s", l->who, l->what,
		    alg_num(l->p.encr[0])->name, l->ike ?
		    "prf instead of auth" : "enc alone");
		return (-1);
	}
	return (0);
}

static int
lines(struct cf *cf, const struct cf_scope *s, enum cf_key key,
    struct line *l, struct tunnel *t)
{
	const struct cf_opt	*o;
	const struct cf_word	*w;
	int			 any = 0;

	for (o = cf_find(s, key); o != NULL; o = o->next) {
		if (o->key != key)
			continue;
		memset(&l->p, 0, sizeof(l->p));
		for (w = o->w; w != NULL; w = w->next)
			if (word(cf, l, w) == -1)
				return (-1);
		if (line_done(cf, l, t, o->at) == -1)
			return (-1);
		any = 1;
	}
	memset(&l->p, 0, sizeof(l->p));
	return (any ? 0 : line_done(cf, l, t, s->at));
}

void
cf_props(struct cf *cf, struct cf_scope *s, struct cf_tunnel *t)
{
	const struct cf_opt	*o;
	struct line		 l;
	char			 who[CF_WHO];

	memset(&l, 0, sizeof(l));
	l.who = cf_who(s, who, sizeof(who));
	l.weak = cf_find(s, K_WEAK) != NULL;
	l.v1 = cf_find(s, K_IKEV1) != NULL;
	o = cf_find(s, K_PROTO);
	l.ah = o != NULL && o->n;
	l.what = "ikesa";
	l.ike = 1;
	if (lines(cf, s, K_IKESA, &l, &t->t) == -1)
		t->bad = 1;
	l.what = "childsa";
	l.ike = 0;
	t->childdef = cf_find(s, K_CHILDSA) == NULL;
	if (lines(cf, s, K_CHILDSA, &l, &t->t) == -1)
		t->bad = 1;
}
