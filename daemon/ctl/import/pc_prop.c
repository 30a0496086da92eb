/* SPDX-License-Identifier: ISC */

/*
 * pc_prop.c: proposals of s2sd in the words of another daemon.  Where it
 * takes one algorithm of a kind in a proposal (IKEv1, and openswan always),
 * a line is multiplied out.
 */

#include <stdlib.h>
#include <string.h>

#include "pc.h"

enum { ALT_LIMIT = 24 };

/* NULL: not known there. */
static const struct name {
	const char	*ours;
	uint8_t		 type;
	const char	*ow, *ls, *ss;
} names[] = {
	{ "aes-256-gcm", ALG_ENCR, "aes_gcm_c-288-null", "aes_gcm256",
	    "aes256gcm16" },
	{ "aes-128-gcm", ALG_ENCR, "aes_gcm_c-160-null", "aes_gcm128",
	    "aes128gcm16" },
	{ "chacha20-poly1305", ALG_ENCR, NULL, "chacha20_poly1305",
	    "chacha20poly1305" },
	{ "aes-256", ALG_ENCR, "aes256", "aes256", "aes256" },
	{ "aes-192", ALG_ENCR, "aes192", "aes192", "aes192" },
	{ "aes-128", ALG_ENCR, "aes128", "aes128", "aes128" },
	{ "3des", ALG_ENCR, "3des", "3des", "3des" },
	{ "hmac-sha2-256", ALG_INTEG, "sha2_256", "sha2_256", "sha256" },
	{ "hmac-sha2-384", ALG_INTEG, NULL, "sha2_384", "sha384" },
	{ "hmac-sha2-512", ALG_INTEG, "sha2_512", "sha2_512", "sha512" },
	{ "hmac-sha1", ALG_INTEG, "sha1", "sha1", "sha1" },
	{ "hmac-md5", ALG_INTEG, "md5", "md5", "md5" },
	{ "hmac-sha2-256", ALG_PRF, "sha2_256", "sha2_256", "prfsha256" },
	{ "hmac-sha2-384", ALG_PRF, NULL, "sha2_384", "prfsha384" },
	{ "hmac-sha2-512", ALG_PRF, "sha2_512", "sha2_512", "prfsha512" },
	{ "hmac-sha1", ALG_PRF, "sha1", "sha1", "prfsha1" },
	{ "hmac-md5", ALG_PRF, "md5", "md5", "prfmd5" },
	{ "curve25519", ALG_DH, NULL, "dh31", "curve25519" },
	{ "ecp256", ALG_DH, NULL, "dh19", "ecp256" },
	{ "ecp384", ALG_DH, NULL, "dh20", "ecp384" },
	{ "ecp521", ALG_DH, NULL, "dh21", "ecp521" },
	{ "modp1024", ALG_DH, "modp1024", NULL, "modp1024" },
	{ "modp1536", ALG_DH, "modp1536", "modp1536", "modp1536" },
	{ "modp2048", ALG_DH, "modp2048", "modp2048", "modp2048" },
	{ "modp3072", ALG_DH, "modp3072", "modp3072", "modp3072" },
	{ "modp4096", ALG_DH, "modp4096", "modp4096", "modp4096" },
	{ "modp6144", ALG_DH, "modp6144", "modp6144", "modp6144" },
	{ "modp8192", ALG_DH, "modp8192", "modp8192", "modp8192" },
};

static const char *
theirs(const struct pc *c, uint8_t type, uint16_t num)
{
	const struct alg	*a = alg_num(num);
	size_t			 i;

	for (i = 0; a != NULL && i < nitems(names); i++)
		if (names[i].type == type && strcmp(names[i].ours, a->name) ==
		    0)
			return (c->fl == IM_OPENSWAN ? names[i].ow :
			    c->fl == IM_LIBRESWAN ? names[i].ls : names[i].ss);
	return (NULL);
}

/* One kind of a proposal in their words. */
struct words {
	const char	*w[PROP_ALGMAX];
	uint8_t		 n;
	int		 none;		/* `group none' was among them */
};

static void
translate(const struct pc *c, uint8_t type, const uint16_t *l, uint8_t n,
    struct words *out, int *lost)
{
	const char	*s;
	uint8_t		 i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < n; i++) {
		if (l[i] == 0)
			out->none = 1;
		else if ((s = theirs(c, type, l[i])) == NULL)
			*lost = 1;
		else
			out->w[out->n++] = s;
	}
}

struct line {
	char	*buf;
	size_t	 len;
	int	 n;			/* alternatives so far */
	int	 full;
};

static void
add(struct line *l, const char *s)
{
	if (strlcat(l->buf, s, l->len) >= l->len)
		l->full = 1;
}

static void
list(struct line *l, const struct words *w, const char *first,
    const char *sep)
{
	uint8_t	 i;

	for (i = 0; i < w->n; i++) {
		add(l, i == 0 ? first : sep);
		add(l, w->w[i]);
	}
}

static void
begin(struct line *l)
{
	if (l->n++ > 0)
		add(l, ",");
}

/* Several of a kind: with - in strongSwan, with + in libreswan. */
static void
joined(const struct pc *c, struct line *l, const struct words *e,
    const struct words *a, const struct words *p, const struct words *g)
{
	const char	*sep = c->fl == IM_STRONGSWAN ? "-" : "+";

	begin(l);
	list(l, e, "", sep);
	list(l, a, e->n > 0 ? "-" : "", sep);	/* AH has no e */
	list(l, p, "-", sep);
	list(l, g, "-", sep);
}

/* One of each kind in every alternative. */
static void
multiplied(const struct pc *c, struct line *l, const struct words *e,
    const struct words *a, const struct words *g, int *lost)
{
	uint8_t		 i, j, k;

	for (i = 0; i < (e->n > 0 ? e->n : 1); i++)
		for (j = 0; j < (a->n > 0 ? a->n : 1); j++)
			for (k = 0; k < (g->n > 0 ? g->n : 1); k++) {
				if (l->n == ALT_LIMIT) {
					*lost = 1;
					return;
				}
				begin(l);
				if (e->n > 0)
					add(l, e->w[i]);
				if (a->n > 0) {
					add(l, e->n > 0 ? "-" : "");
					add(l, a->w[j]);
				}
				if (g->n > 0) {
					add(l, c->fl == IM_OPENSWAN ? ";" :
					    "-");
					add(l, g->w[k]);
				}
			}
}

/* Does the PRF say more than the hash of the integrity says? */
static int
prf_follows(const struct prop *p)
{
	uint8_t			 i;
	const struct alg	*a;

	if (p->nprf != p->ninteg)
		return (p->ninteg == 0 && p->nprf == 0);
	for (i = 0; i < p->nprf; i++)
		if ((a = alg_prf_of(alg_num(p->integ[i]))) == NULL ||
		    a->num != p->prf[i])
			return (0);
	return (1);
}

static void
one(const struct pc *c, const struct prop *p, int ike, struct line *l,
    int *lost)
{
	int		 v1 = (c->t->flags & TUN_IKEV1) != 0;
	int		 ah = p->nencr == 0;
	int		 aead = !ah && alg_num(p->encr[0])->flags & ALG_AEAD;
	struct words	 e, a, f, g;

	/* openswan: no AEAD for IKE itself */
	if (c->fl == IM_OPENSWAN && aead && ike) {
		*lost = 1;
		return;
	}
	translate(c, ALG_ENCR, p->encr, p->nencr, &e, lost);
	/* the hash of IKEv1 is in the list of PRFs */
	if (ike && v1)
		translate(c, ALG_INTEG, p->prf, p->nprf, &a, lost);
	else
		translate(c, ALG_INTEG, p->integ, p->ninteg, &a, lost);
	translate(c, ALG_DH, p->dh, p->ndh, &g, lost);
	memset(&f, 0, sizeof(f));
	if (ike && !v1 && (aead || !prf_follows(p)))
		translate(c, ALG_PRF, p->prf, p->nprf, &f, lost);
	if ((e.n == 0 && !ah) || (p->ninteg > 0 && a.n == 0) || (p->ndh > 0 &&
	    g.n == 0 && !g.none) || (ike && v1 && a.n == 0)) {
		*lost = 1;
		return;
	}
	if (v1 || c->fl == IM_OPENSWAN)
		multiplied(c, l, &e, &a, &g, lost);
	else if (c->fl == IM_LIBRESWAN && f.n > 0 && a.n > 0) {
		*lost = 1;		/* its hash is both */
		memset(&f, 0, sizeof(f));
		joined(c, l, &e, &a, &f, &g);
	} else
		joined(c, l, &e, &a, &f, &g);
}

int
pc_props(const struct pc *c, int ike, char *buf, size_t len, int *lost)
{
	const struct prop	*p = ike ? c->t->ike : c->t->child;
	uint8_t			 i, n = ike ? c->t->nike : c->t->nchild;
	struct line		 l = { buf, len, 0, 0 };
	size_t			 keep;
	int			 was;

	buf[0] = '\0';
	for (i = 0; i < n; i++) {
		keep = strlen(buf);
		was = l.n;
		one(c, &p[i], ike, &l, lost);
		if (l.full) {		/* no room for this one */
			buf[keep] = '\0';
			l.n = was;
			l.full = 0;
			*lost = 1;
		}
	}
	if (l.n == 0)
		return (-1);
	if (c->fl == IM_STRONGSWAN)
		(void)strlcat(buf, "!", len);
	return (0);
}

int
pc_pfs(const struct pc *c)
{
	uint8_t	 i, j;

	for (i = 0; i < c->t->nchild; i++)
		for (j = 0; j < c->t->child[i].ndh; j++)
			if (c->t->child[i].dh[j] != 0)
				return (1);
	return (0);
}
