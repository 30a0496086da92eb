/* SPDX-License-Identifier: ISC */

/*
 * im_merge.c: the tunnels beside each other.  Conns of the same ends and
 * identities shared one IKE SA and are one tunnel here; what s2sd does not
 * take beside each other (one packet, two ways; one secret, two peers) is
 * refused with the line of the other.
 */

#include "im_int.h"

/* The same two addresses, as far as is said. */
static int
share_ends(const struct im_tun *a, const struct im_tun *b)
{
	return (addr_cmp(&a->peer, &b->peer, 0) == 0 && (a->local.af == 0 ||
	    b->local.af == 0 || addr_cmp(&a->local, &b->local, 0) == 0));
}

static int
same_ends(const struct im_tun *a, const struct im_tun *b)
{
	return (ident_eq(&a->src, &b->src) && ident_eq(&a->dst, &b->dst) &&
	    share_ends(a, b));
}

static void
fail(struct im *im, struct im_tun *t, const char *kind, const char *text,
    const struct im_tun *other)
{
	t->bad = 1;
	im_refuse(im, t->c, t->c->at, kind, "%s conn %.60s (line %u)%s", text,
	    other->c->name, other->c->at.line, t->off ? "; it was not loaded "
	    "by itself either" : "");
}

static int
same_alts(const struct im_alt *a, uint8_t n, const struct im_alt *b,
    uint8_t m)
{
	uint8_t	 i, j, k;

	if (n != m)
		return (0);
	for (i = 0; i < n; i++)
		for (k = 0; k < ALT_KINDS; k++) {
			if (a[i].n[k] != b[i].n[k])
				return (0);
			for (j = 0; j < a[i].n[k]; j++)
				if (strcmp(a[i].w[k][j], b[i].w[k][j]) != 0)
					return (0);
		}
	return (1);
}

static int
crosses(const struct selpair *a, const struct selpair *b)
{
	struct sel	 s;

	return (sel_cut(&a->local, &b->local, &s) &&
	    sel_cut(&a->remote, &b->remote, &s));
}

/* What b says differently and one tunnel cannot. */
static void
differences(struct im *im, const struct im_tun *a, const struct im_tun *b)
{
	struct im_at	 at = b->c->at;

	im->cur = a->c;
	if (!same_alts(a->ike, a->nike, b->ike, b->nike))
		im_warn(im, at, "conn %.60s has other ike= algorithms than "
		    "conn %.60s of the same ends; those of the first are kept",
		    b->c->name, a->c->name);
	if (!same_alts(a->child, a->nchild, b->child, b->nchild))
		im_warn(im, at, "conn %.60s has other esp= algorithms than "
		    "conn %.60s of the same ends; one tunnel has one list, "
		    "that of the first", b->c->name, a->c->name);
	if (a->ikelife != b->ikelife || a->life != b->life ||
	    a->dpd != b->dpd || a->lifebytes != b->lifebytes)
		im_note(im, at, "conn %.60s has other times than conn %.60s "
		    "of the same ends; those of the first are kept",
		    b->c->name, a->c->name);
	if (a->start != b->start)
		im_note(im, at, "auto= of conn %.60s and conn %.60s differ; "
		    "the tunnel of both %s", a->c->name, b->c->name,
		    a->start == 0 || b->start == 0 ? "is started" :
		    "is started by the first packet");
	im->cur = NULL;
}

static void
unite(struct im *im, struct im_tun *a, struct im_tun *b)
{
	uint8_t	 i, j;

	for (i = 0; i < b->npair; i++)
		for (j = 0; j < a->npair; j++)
			if (crosses(&a->pair[j], &b->pair[i])) {
				fail(im, b, "overlap", "its networks are, or "
				    "overlap, those of", a);
				return;
			}
	if (a->npair + b->npair > SELPAIR_MAX) {
		fail(im, b, "too many networks", "more than 64 pairs of "
		    "networks together with", a);
		return;
	}
	differences(im, a, b);
	for (i = 0; i < b->npair; i++)
		a->pair[a->npair++] = b->pair[i];
	if (a->start != b->start) {
		a->start = a->start == 0 || b->start == 0 ? 0 : 2;
		a->started = a->start != 0;
	}
	a->separate = 1;
	a->natt |= b->natt;
	if (a->source.af == 0)
		a->source = b->source;
	for (i = 0; i < 2; i++)
		if (a->around[i].af == 0)
			a->around[i] = b->around[i];
	im->cur = a->c;
	im_note(im, b->c->at, "conn %.60s has the ends of conn %.60s: one "
	    "tunnel with the networks of both", b->c->name, a->c->name);
	im->cur = NULL;
	b->bad = 2;			/* carried over, in another */
}

/* Of two with devices: the same network, other than any, routed to both? */
static int
same_routes(const struct im_tun *a, const struct im_tun *b)
{
	struct net	 n;
	uint8_t		 i, j;

	for (i = 0; i < a->npair; i++)
		for (j = 0; j < b->npair; j++)
			if (sel_eq(&a->pair[i].remote, &b->pair[j].remote) &&
			    sel_to_net(&a->pair[i].remote, &n) == 0 &&
			    n.plen > 0)
				return (1);
	return (0);
}

static int
overlap(const struct im_tun *a, const struct im_tun *b)
{
	uint8_t	 i, j;

	if (a->ifkind != IF_NONE && b->ifkind != IF_NONE)
		return (same_routes(a, b));

	for (i = 0; i < a->npair; i++)
		for (j = 0; j < b->npair; j++)
			if (crosses(&a->pair[i], &b->pair[j]))
				return (1);
	return (0);
}

static int
same_secret(const struct im_tun *a, const struct im_tun *b)
{
	return (a->psk->n == b->psk->n && memcmp(a->psk->p, b->psk->p,
	    a->psk->n) == 0);
}

/* b beside an earlier, good a. */
static void
compare(struct im *im, struct im_tun *a, struct im_tun *b)
{
	if (same_ends(a, b)) {
		if (a->v1 != b->v1)
			fail(im, b, "two versions", "another IKE version for "
			    "the ends and identities of", a);
		else if (a->transport != b->transport)
			fail(im, b, "two modes", "tunnel and transport mode "
			    "for the ends and identities of", a);
		else if (a->ah != b->ah)
			fail(im, b, "two protocols", "ESP and AH for the "
			    "ends and identities of", a);
		else if (a->ifkind != b->ifkind || a->ifunit != b->ifunit)
			fail(im, b, "two devices", "another device, or none, "
			    "for the ends and identities of", a);
		else if (a->off != b->off)
			fail(im, b, "not loaded", "a second set for the ends "
			    "and identities of", a);
		else
			unite(im, a, b);
	} else if (!ident_eq(&a->dst, &b->dst) && same_secret(a, b) &&
	    !(a->v1 && b->v1 && share_ends(a, b)))
		fail(im, b, "shared secret", "each peer could pass for the "
		    "other: give each its own secret (s2sctl genpsk). It has "
		    "that of", a);
	else if (a->v1 && b->v1 && !same_secret(a, b) &&
	    share_ends(a, b))
		fail(im, b, "two secrets", "in IKEv1 the address of the peer "
		    "names the secret, and another one belongs to", a);
	else if (a->ifkind != IF_NONE && a->ifunit == b->ifunit)
		fail(im, b, "shared device", "s2sd has one device for each "
		    "tunnel; write another number. It has that of", a);
	else if (overlap(a, b))
		fail(im, b, "overlap", "a packet must have one way, and its "
		    "networks overlap those of", a);
}

/* --- exceptions for the tunnels' own packets --- */

static int
has_shunt(const struct im *im, const struct addr *a)
{
	unsigned int	 i;

	for (i = 0; i < im->nshunt[0]; i++)
		if (net_has(&im->shunt[0][i][1], a))
			return (1);
	for (i = 0; i < im->naround; i++)
		if (addr_cmp(&im->around[i], a, 0) == 0)
			return (1);
	return (0);
}

static void
exceptions(struct im *im, struct im_tun *t)
{
	char	 s[ADDR_STRLEN];
	int	 i;

	for (i = 0; i < 2; i++) {
		if (t->around[i].af == 0 || has_shunt(im, &t->around[i]))
			continue;
		if (im->naround + im->nshunt[0] >= 24) {
			t->bad = 1;
			im_refuse(im, t->c, t->c->at, "too many networks",
			    "more than 24 exceptions");
			return;
		}
		im->cur = t->c;
		im_note(im, t->c->at, "its networks hold %s, the outside of "
		    "the tunnel itself: `bypass from any to %s' is written",
		    addr_str(&t->around[i], 0, s, sizeof(s)), s);
		im->cur = NULL;
		im->around[im->naround++] = t->around[i];
	}
}

void
im_merge(struct im *im)
{
	struct im_tun	*a, *b, **p;

	for (b = im->r->tuns; b != NULL; b = b->next)
		for (a = im->r->tuns; a != b && !b->bad; a = a->next)
			if (!a->bad)
				compare(im, a, b);
	for (b = im->r->tuns; b != NULL; b = b->next)
		if (!b->bad)
			exceptions(im, b);
	for (p = &im->r->tuns; (b = *p) != NULL;) {
		if (b->bad != 1)
			im->r->ntun++;
		if (b->bad)
			*p = b->next;
		else
			p = &b->next;
	}
}
