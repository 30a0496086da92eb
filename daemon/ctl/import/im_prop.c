/* SPDX-License-Identifier: ISC */

/*
 * im_prop.c: ike= and esp= (ah=) lines to ikesa and childsa lines.  Alternatives
 * that differ in one kind only become one line, which says exactly the same;
 * weak ones are dropped where there is a better one (RFC 8247, RFC 8221).
 */

#include <strings.h>

#include "im_int.h"

enum { ALT_MAX = 64, WORD_MAX = 24 };

struct plist {
	struct im	*im;
	struct im_conn	*c;
	struct im_at	 at;
	const char	*key;		/* "ike" */
	int		 ike, v1, ah, quiet;
	struct im_alt	 alt[ALT_MAX];
	size_t		 n;
	const char	*aged;		/* a word to have a note about */
};

/* What each offers where nothing is written, as far as s2sd has it. */
static const struct {
	enum im_flavour	 fl;
	int		 ike, v1;
	const char	*text;
} defaults[] = {
	{ IM_OPENSWAN, 1, -1, "aes128-sha1-modp2048" },
	{ IM_OPENSWAN, 0, -1, "aes128-sha1" },
	{ IM_LIBRESWAN, 1, 0, "aes256gcm16-aes128gcm16-chacha20poly1305-"
	    "prfsha512-prfsha256-ecp256-ecp384-ecp521-curve25519-modp4096-"
	    "modp3072-modp2048-modp8192,aes256-aes128-sha512-sha256-ecp256-"
	    "ecp384-ecp521-curve25519-modp4096-modp3072-modp2048-modp8192" },
	{ IM_LIBRESWAN, 1, 1, "aes256-aes128-sha256-sha512-sha1-modp2048" },
	{ IM_LIBRESWAN, 0, 0, "aes256gcm16-aes128gcm16-chacha20poly1305,"
	    "aes256-aes128-sha512-sha256" },
	{ IM_LIBRESWAN, 0, 1, "aes256-aes128-sha1-sha512-sha256" },
	{ IM_STRONGSWAN, 1, 0, "aes256-aes192-aes128-sha256-sha384-sha512-"
	    "ecp256-ecp384-ecp521-curve25519-modp3072-modp4096-modp2048,"
	    "aes256gcm16-aes128gcm16-chacha20poly1305-prfsha256-prfsha384-"
	    "prfsha512-ecp256-ecp384-ecp521-curve25519-modp3072-modp4096-"
	    "modp2048" },
	{ IM_STRONGSWAN, 1, 1, "aes256-aes128-sha256-sha384-sha512-modp3072-"
	    "modp4096-modp2048" },
	{ IM_STRONGSWAN, 0, 0, "aes128-aes192-aes256-sha256-sha384-sha512,"
	    "aes128gcm16-aes256gcm16-chacha20poly1305" },
	{ IM_STRONGSWAN, 0, 1, "aes128-aes192-aes256-sha256-sha384-sha512" },
};

/* Likewise of AH, which has a hash alone. */
static const struct { enum im_flavour fl; int v1; const char *text; }
    defaults_ah[] = {
	{ IM_OPENSWAN, -1, "sha1" },
	{ IM_LIBRESWAN, 0, "sha512-sha256" },
	{ IM_LIBRESWAN, 1, "sha1-sha512-sha256" },
	{ IM_STRONGSWAN, -1, "sha256-sha384-sha512-sha1" },
};

static void
push(struct im_alt *a, uint8_t kind, const char *name)
{
	uint8_t	 i;

	for (i = 0; i < a->n[kind]; i++)
		if (strcmp(a->w[kind][i], name) == 0)
			return;
	if (a->n[kind] < PROP_ALGMAX)
		a->w[kind][a->n[kind]++] = name;
}

static int
is_aead(const char *enc)
{
	return (strstr(enc, "gcm") != NULL || strstr(enc, "poly1305") != NULL);
}

static int
is_weak(const char *name)
{
	return (strcmp(name, "3des") == 0 || strcmp(name, "hmac-md5") == 0 ||
	    strcmp(name, "modp1024") == 0 || strcmp(name, "modp1536") == 0);
}

/* Weak ones of a kind go where there is a better one beside them. */
static void
strengthen(struct im_alt *a)
{
	uint8_t	 i, k, n, good;

	a->weak = 0;
	for (k = 0; k < ALT_KINDS; k++) {
		for (good = 0, i = 0; i < a->n[k]; i++)
			good |= !is_weak(a->w[k][i]);
		if (a->n[k] > 0 && !good)
			a->weak = 1;
		for (n = 0, i = 0; good && i < a->n[k]; i++)
			if (!is_weak(a->w[k][i]))
				a->w[k][n++] = a->w[k][i];
		if (good)
			a->n[k] = n;
	}
}

static void
fill(struct plist *p, struct im_alt *a)
{
	enum im_flavour	 fl = p->im->fl;

	if (a->n[ALT_ENC] == 0 && !p->ah)
		push(a, ALT_ENC, fl == IM_OPENSWAN ? "3des" : "aes-128");
	if ((p->ah || !is_aead(a->w[ALT_ENC][0])) && a->n[ALT_AUTH] == 0) {
		if (fl == IM_LIBRESWAN && !p->v1)
			push(a, ALT_AUTH, "hmac-sha2-512");
		if (fl != IM_OPENSWAN)
			push(a, ALT_AUTH, "hmac-sha2-256");
		if (fl == IM_OPENSWAN || p->v1)
			push(a, ALT_AUTH, "hmac-sha1");
	}
	if (!p->ike || a->n[ALT_GROUP] > 0)
		return;
	if (fl == IM_OPENSWAN) {	/* a written list, but no group in it */
		push(a, ALT_GROUP, "modp1536");
		push(a, ALT_GROUP, "modp1024");
		return;
	}
	if (fl == IM_LIBRESWAN && !p->v1) {
		push(a, ALT_GROUP, "ecp256");
		push(a, ALT_GROUP, "ecp384");
		push(a, ALT_GROUP, "ecp521");
		push(a, ALT_GROUP, "curve25519");
		push(a, ALT_GROUP, "modp4096");
		push(a, ALT_GROUP, "modp3072");
	}
	push(a, ALT_GROUP, "modp2048");
}

/* A list of ciphers with and without their own integrity: two lines. */
static void
store(struct plist *p, const struct im_alt *a)
{
	struct im_alt	*b;
	uint8_t		 aead, i;

	for (aead = 0; aead < (p->ah ? 1 : 2); aead++) {
		if (p->n == ALT_MAX)
			return;
		b = &p->alt[p->n];
		*b = *a;
		b->n[ALT_ENC] = 0;
		for (i = 0; i < a->n[ALT_ENC]; i++)
			if (is_aead(a->w[ALT_ENC][i]) == aead)
				push(b, ALT_ENC, a->w[ALT_ENC][i]);
		if (b->n[ALT_ENC] == 0 && !p->ah)
			continue;
		/* a hash beside an AEAD cipher names the PRF */
		for (i = 0; aead && p->ike && a->n[ALT_PRF] == 0 &&
		    i < a->n[ALT_AUTH]; i++)
			push(b, ALT_PRF, a->w[ALT_AUTH][i]);
		if (aead)
			b->n[ALT_AUTH] = 0;
		if (!p->ike)
			b->n[ALT_PRF] = 0;
		strengthen(b);
		p->n++;
	}
}

/* Has IKEv1 a number for it, where it stands? (alg.h) */
static int
in_v1(const struct plist *p, uint8_t kind, const char *name)
{
	static const uint8_t	 types[] = { ALG_ENCR, ALG_INTEG, ALG_PRF,
	    ALG_DH };
	const struct alg	*a;

	if (kind == ALT_GROUP && strcmp(name, "none") == 0)
		return (1);
	a = alg_name(p->ike && kind == ALT_AUTH ? ALG_PRF : types[kind], name);
	if (a == NULL || kind == ALT_PRF)
		return (0);
	return ((p->ike || kind == ALT_GROUP ? a->p1 : a->p2) != 0);
}

/* What is an algorithm, but not for this version of IKE. */
static void
by_version(const struct plist *p, struct im_word *w)
{
	if (w->name == NULL || w->class > C_WEAK)
		return;
	if (!p->v1) {
		/* as hash of IKEv1 it stands behind `allow weak' */
		if (strcmp(w->name, "hmac-md5") == 0 && w->kind == ALT_AUTH) {
			w->class = C_BROKEN;
			w->why = "MD5 is broken";
		}
		return;
	}
	if (w->kind == ALT_PRF)
		w->class = C_SKIP;	/* the hash is all there is */
	else if (!in_v1(p, w->kind, w->name))
		w->class = C_UNBUILT;
}

/* One word into the alternative: 0, or -1 with a remark: it is none. */
static int
word(struct plist *p, const char *s, const struct im_word *w,
    struct im_alt *a, uint8_t *lost)
{
	switch (w->class) {
	case C_SKIP:
		if (strncasecmp(s, "addke", 5) == 0 ||
		    strncasecmp(s, "ke1", 3) == 0)
			im_note(p->im, p->at, "%s=: %.40s: additional key "
			    "exchanges are not built into s2sd; left out",
			    p->key, s);
		return (0);
	case C_UNKNOWN:
		im_warn(p->im, p->at, "%s=: %.40s is no algorithm that this "
		    "program knows; the alternative is left out", p->key, s);
		return (-1);
	case C_BROKEN:
		im_warn(p->im, p->at, "%s=: %.40s is refused: %s", p->key, s,
		    w->why);
		*lost |= (uint8_t)(1 << w->kind);
		return (0);
	case C_UNBUILT:
		im_note(p->im, p->at, "%s=: %.40s is not %s; left out", p->key,
		    s, w->name != NULL && p->v1 ? "in IKEv1" :
		    "built into s2sd");
		*lost |= (uint8_t)(1 << w->kind);
		return (0);
	default:
		if (w->class == C_AGEING && !p->quiet)
			p->aged = w->name;
		push(a, w->kind, w->name);
		if (w->also != NULL)
			push(a, w->kind, w->also);
		return (0);
	}
}

/* "aes256-sha1;modp2048": 0, or -1: nothing of it is left. */
static int
alternative(struct plist *p, char *s)
{
	char		*t[WORD_MAX], *q = s;
	struct im_alt	 a;
	struct im_word	 w;
	size_t		 i, n = 0;
	uint8_t		 k, lost = 0;
	int		 used, hashes = 0;

	memset(&a, 0, sizeof(a));
	while (*q != '\0' && n < WORD_MAX) {
		q += strspn(q, "-;+ ");
		if (*q == '\0')
			break;
		t[n++] = q;
		q += strcspn(q, "-;+ ");
		if (*q != '\0')
			*q++ = '\0';
	}
	for (i = 0; i < n; i++) {
		im_alg(t[i], i + 1 < n ? t[i + 1] : NULL, p->im->fl, p->ike,
		    &w, &used);
		/* "aes-sha2-sha1": the second hash is the PRF, or the reverse */
		hashes += w.kind == ALT_AUTH && w.class <= C_WEAK;
		/* aes_gcm_c-160-null: null is the integrity, not a cipher */
		if (a.n[ALT_ENC] > 0 && strcasecmp(t[i], "null") == 0)
			w.class = C_SKIP;
		if (p->ah && w.kind == ALT_ENC && w.class <= C_UNBUILT) {
			im_note(p->im, p->at, "%s=: %.40s: AH does not "
			    "encrypt; left out", p->key, t[i]);
			i += (size_t)used;
			continue;
		}
		by_version(p, &w);
		if (word(p, t[i], &w, &a, &lost) == -1)
			return (-1);
		i += (size_t)used;
	}
	for (k = 0; k < ALT_KINDS; k++)
		if (lost & 1 << k && a.n[k] == 0)
			return (-1);
	if (n == 0)
		return (-1);
	if (p->im->fl == IM_STRONGSWAN && p->ike && a.n[ALT_GROUP] == 0) {
		im_warn(p->im, p->at, "ike=: strongSwan takes no proposal "
		    "without a group; left out");
		return (-1);
	}
	fill(p, &a);
	store(p, &a);
	return (0);
}

static void
parse(struct plist *p, const char *text)
{
	char	*copy = im_strndup(p->im, text, strlen(text)), *item, *next;
	size_t	 n = copy != NULL ? strlen(copy) : 0;
	int	 i;

	if (n > 0 && copy[n - 1] == '!')
		copy[n - 1] = '\0';
	for (i = 0, item = copy; item != NULL && i < ALT_MAX; i++) {
		if ((next = strchr(item, ',')) != NULL)
			*next++ = '\0';
		item += strspn(item, " \t");
		if (*item != '\0')
			(void)alternative(p, item);
		item = next;
	}
}

/* Weak alternatives go where there is a better one. */
static int
better_only(struct plist *p)
{
	size_t	 i, n = 0, good = 0;

	for (i = 0; i < p->n; i++)
		good += !p->alt[i].weak;
	if (good == 0 || good == p->n)
		return (p->n > 0 && good == 0);
	for (i = 0; i < p->n; i++)
		if (!p->alt[i].weak)
			p->alt[n++] = p->alt[i];
	p->n = n;
	if (!p->quiet)
		im_note(p->im, p->at, "%s=: the weak ones of these proposals "
		    "are left out, the others stay", p->key);
	return (0);
}

static int
same_kind(const struct im_alt *a, const struct im_alt *b, uint8_t k)
{
	uint8_t	 i, j;

	if (a->n[k] != b->n[k])
		return (0);
	for (i = 0; i < a->n[k]; i++) {
		for (j = 0; j < b->n[k]; j++)
			if (strcmp(a->w[k][i], b->w[k][j]) == 0)
				break;
		if (j == b->n[k])
			return (0);
	}
	return (1);
}

/* Two that differ in one kind only are one with both of that kind. */
static int
join(struct im_alt *a, const struct im_alt *b)
{
	uint8_t	 differs = ALT_KINDS, i, k;

	for (k = 0; k < ALT_KINDS; k++)
		if (!same_kind(a, b, k)) {
			if (differs != ALT_KINDS)
				return (0);
			differs = k;
		}
	if (differs == ALT_KINDS)
		return (1);
	if (a->n[differs] == 0 || b->n[differs] == 0 ||
	    a->n[differs] + b->n[differs] > PROP_ALGMAX ||
	    (differs == ALT_ENC && is_aead(a->w[ALT_ENC][0]) !=
	    is_aead(b->w[ALT_ENC][0])))
		return (0);
	for (i = 0; i < b->n[differs]; i++)
		push(a, differs, b->w[differs][i]);
	a->weak |= b->weak;
	return (1);
}

static void
compress(struct plist *p)
{
	size_t	 i, j, again = 1;

	while (again) {
		again = 0;
		for (i = 0; i < p->n; i++)
			for (j = i + 1; j < p->n; j++) {
				if (!join(&p->alt[i], &p->alt[j]))
					continue;
				memmove(&p->alt[j], &p->alt[j + 1],
				    (p->n - j - 1) * sizeof(p->alt[0]));
				p->n--;
				j--;
				again = 1;
			}
	}
	if (p->n > PROP_MAX) {
		im_warn(p->im, p->at, "%s=: more than %d different kinds of "
		    "proposals; the last %zu are left out", p->key,
		    (int)PROP_MAX, p->n - PROP_MAX);
		p->n = PROP_MAX;
	}
}

/* PFS of the child: by pfs=, pfsgroup=, or the group of the proposal. */
static void
pfs(struct plist *p)
{
	struct im_conn	*c = p->c;
	const char	*v = im_get(c, K_PFS, 0), *g = im_get(c, K_PFSGROUP, 0);
	struct im_word	 w;
	size_t		 i;
	int		 on = 1, used;

	if (v != NULL && p->im->fl != IM_STRONGSWAN) {
		if (im_bool(v, &on) == -1)
			im_warn(p->im, im_where(c, K_PFS, 0), "pfs=%.20s is "
			    "neither yes nor no; taken as yes", v);
		if (!on)
			im_note(p->im, im_where(c, K_PFS, 0), "pfs=no: who "
			    "gets the keys of the IKE SA can read the traffic; "
			    "yes at both ends is better");
	}
	memset(&w, 0, sizeof(w));
	if (g != NULL && on)
		im_alg(g, NULL, p->im->fl, 0, &w, &used);
	for (i = 0; i < p->n; i++) {
		if (!on)
			p->alt[i].n[ALT_GROUP] = 0;
		else if (p->alt[i].n[ALT_GROUP] == 0 && w.name != NULL &&
		    w.kind == ALT_GROUP)
			push(&p->alt[i], ALT_GROUP, w.name);
		if (p->alt[i].n[ALT_GROUP] == 0 && (!on ||
		    p->im->fl == IM_STRONGSWAN))
			push(&p->alt[i], ALT_GROUP, "none");
	}
}

static const char *
default_text(const struct plist *p)
{
	size_t	 i;

	for (i = 0; p->ah && i < nitems(defaults_ah); i++)
		if (defaults_ah[i].fl == p->im->fl && (defaults_ah[i].v1 ==
		    -1 || defaults_ah[i].v1 == p->v1))
			return (defaults_ah[i].text);
	for (i = 0; i < nitems(defaults); i++)
		if (defaults[i].fl == p->im->fl && defaults[i].ike == p->ike &&
		    (defaults[i].v1 == -1 || defaults[i].v1 == p->v1))
			return (defaults[i].text);
	return ("aes256-sha256-modp2048");
}

static int
strict(const struct im *im, const char *v)
{
	size_t	 n = strlen(v);

	return (im->fl != IM_STRONGSWAN || (n > 0 && v[n - 1] == '!'));
}

static int
one(struct plist *p, const char *v, struct im_alt *out, uint8_t *n)
{
	size_t	 written;
	int	 weak;

	if (v != NULL && im_is_template(v)) {
		im_refuse(p->im, p->c, p->at, "template", "%s=%.60s is a place "
		    "to fill in", p->key, v);
		return (-1);
	}
	if (v != NULL)
		parse(p, v);
	if (v != NULL && p->n == 0) {
		im_refuse(p->im, p->c, p->at, "algorithms", "%s=%.80s: nothing "
		    "of it is safe and built into s2sd: agree on %ssha256-"
		    "modp2048 with the other end", p->key, v, p->ah ? "" :
		    "aes256-");
		return (-1);
	}
	weak = better_only(p);
	written = p->n;
	p->quiet = 1;
	if (v == NULL || !strict(p->im, v))
		parse(p, default_text(p));
	if (!p->ike)
		pfs(p);
	compress(p);
	if (v != NULL && p->n > 0 && !strict(p->im, v))
		im_note(p->im, p->at, "%s=: without ! at its end strongSwan "
		    "offers its own list too, and so does this", p->key);
	if (weak && written > 0)
		im_warn(p->im, p->at, "%s=%.60s: weak, and all there is: "
		    "`allow weak' is written; agree on something better with "
		    "the other end", p->key, v != NULL ? v : "");
	memcpy(out, p->alt, p->n * sizeof(*out));
	*n = (uint8_t)p->n;
	return (0);
}

/* Both lines of a conn; *aged: what to have a note about, and where. */
static int
line(struct im *im, struct im_conn *c, struct im_tun *t, int ike,
    const char **aged, struct im_at *at)
{
	enum im_id	 id = ike ? K_IKE : c->ah && im_get(c, K_AH, 0) !=
			    NULL ? K_AH : K_ESP;
	const char	*v = im_get(c, id, 0);
	struct plist	*p = calloc(1, sizeof(*p));
	int		 rv;

	if (p == NULL) {
		im->stop = 1;
		return (-1);
	}
	p->im = im;
	p->c = c;
	p->ike = ike;
	p->v1 = c->v1;
	p->ah = !ike && c->ah;
	p->key = ike ? "ike" : v != NULL ? c->v[id][0].word : "esp";
	p->at = im_where(c, id, 0);
	rv = one(p, v, ike ? t->ike : t->child, ike ? &t->nike : &t->nchild);
	if (p->aged != NULL && *aged == NULL) {
		*aged = p->aged;
		*at = p->at;
	}
	free(p);
	return (rv);
}

int
im_props(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*aged = NULL;
	struct im_at	 at = c->at;
	uint8_t		 i;

	if (line(im, c, t, 1, &aged, &at) == -1 ||
	    line(im, c, t, 0, &aged, &at) == -1)
		return (-1);
	for (i = 0; i < t->nike; i++)
		t->weak |= t->ike[i].weak;
	for (i = 0; i < t->nchild; i++) {
		strengthen(&t->child[i]);
		t->weak |= t->child[i].weak;
	}
	if (aged != NULL)
		im_note(im, at, "%s works but is ageing; sha2-256 when both "
		    "ends can", aged);
	if (im->fl == IM_OPENSWAN && im_get(c, K_IKE, 0) == NULL)
		im_note(im, c->at, "no ike= line: of what openswan offers then, "
		    "aes128-sha1-modp2048 is kept; 3des, md5 and smaller "
		    "groups are not");
	return (0);
}
