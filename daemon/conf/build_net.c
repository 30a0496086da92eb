/* SPDX-License-Identifier: ISC */

/*
 * build_net.c: from, to, proto and port to pairs of selectors.  Lists
 * multiply; families never mix; a loose `from' pairs with every loose `to'.
 */

#include "cf_local.h"

struct half {
	struct sel	 s, wide;	/* wide: the network alone */
	struct cf_place	 at;
	int		 used;
};

/* Where pairs go, and what they share. */
struct expand {
	const char	*who;
	struct tunnel	*t;		/* or NULL: no translations */
	uint8_t		 af;		/* inet, inet6, or 0 */
	uint8_t		 proto;
	struct half	 h[2][SELPAIR_MAX];
	size_t		 n[2];
	int		 any[2];
};

static int
half_add(struct cf *cf, struct expand *x, int side, const struct net *n,
    struct cf_place at, uint16_t lo, uint16_t hi)
{
	struct half	*h;

	if (x->n[side] == SELPAIR_MAX) {
		cf_error(cf, at, "%smore than %d networks in a list", x->who,
		    (int)SELPAIR_MAX);
		return (-1);
	}
	h = &x->h[side][x->n[side]++];
	sel_from_net(n, x->proto, lo, hi, &h->s);
	sel_from_net(n, 0, 0, UINT16_MAX, &h->wide);
	h->at = at;
	h->used = 0;
	return (0);
}

static int
halves(struct cf *cf, struct expand *x, int side, const struct cf_end *e,
    struct cf_place at)
{
	const struct cf_word	*w;
	struct net		 n;
	uint16_t		 lo = 0, hi = 65535;
	uint8_t			 af;

	x->n[side] = 0;
	x->any[side] = e->nets == NULL;
	if (e->port != NULL) {
		if (cf_ports(cf, e->port, x->who, &lo, &hi) == -1)
			return (-1);
		if (x->proto != 6 && x->proto != 17) {
			cf_error(cf, e->port->at, "%sport needs a protocol "
			    "that has ports; write: proto tcp from ... or "
			    "proto udp from ...", x->who);
			return (-1);
		}
	}
	for (w = e->nets; w != NULL; w = w->next) {
		if (cf_net(cf, w, x->who, &n) == -1)
			return (-1);
		if (x->af != 0 && x->af != n.a.af) {
			cf_error(cf, w->at, "%s%.64s: not of the family that "
			    "inet%s allows; remove one of them", x->who, w->s,
			    x->af == 6 ? "6" : "");
			return (-1);
		}
		if (half_add(cf, x, side, &n, w->at, lo, hi) == -1)
			return (-1);
	}
	if (e->nets == NULL)		/* any: one of each family */
		for (af = 4; af <= 6; af += 2) {
			memset(&n, 0, sizeof(n));
			n.a.af = af;
			if ((x->af == 0 || x->af == af) &&
			    half_add(cf, x, side, &n, at, lo, hi) == -1)
				return (-1);
		}
	return (0);
}

static int
add(struct cf *cf, struct expand *x, const struct half *a,
    const struct half *b, struct selpair *p, uint8_t *np, size_t max)
{
	size_t	 i;

	for (i = 0; i < *np; i++)
		if (sel_eq(&p[i].local, &a->s) && sel_eq(&p[i].remote, &b->s)) {
			cf_error(cf, b->at, "%sthis pair of networks stands "
			    "there twice; remove one", x->who);
			return (-1);
		}
	if (*np >= max) {
		cf_error(cf, b->at, "%smore than %zu pairs of networks; write "
		    "fewer, larger ones", x->who, max);
		return (-1);
	}
	p[*np].local = a->s;
	p[*np].remote = b->s;
	(*np)++;
	return (0);
}

/* Every left one with every right one of the same family. */
static int
multiply(struct cf *cf, struct expand *x, struct selpair *p, uint8_t *np,
    size_t max)
{
	struct half	*a, *b;
	int		 side;

	for (a = x->h[0]; a < x->h[0] + x->n[0]; a++)
		for (b = x->h[1]; b < x->h[1] + x->n[1]; b++) {
			if (a->s.af != b->s.af)
				continue;
			a->used = b->used = 1;
			if (add(cf, x, a, b, p, np, max) == -1)
				return (-1);
		}
	for (side = 0; side < 2; side++)
		for (a = x->h[side]; a < x->h[side] + x->n[side]; a++)
			if (!a->used && !x->any[side]) {
				cf_error(cf, a->at, "%sthis network has no "
				    "partner of its own family (IPv%u)",
				    x->who, (unsigned int)a->s.af);
				return (-1);
			}
	return (0);
}

/* The pairs of this tunnel so far whose local network is that one? */
static int
local_used(const struct tunnel *t, const struct sel *a)
{
	uint8_t	 i;

	for (i = 0; i < t->npair; i++)
		if (t->pair[i].local.af == a->af &&
		    memcmp(t->pair[i].local.lo, a->lo, 16) == 0 &&
		    memcmp(t->pair[i].local.hi, a->hi, 16) == 0)
			return (1);
	return (0);
}

/* `from A (B)', A being the only left half: are A and B fit for it? */
static int
map_net(struct cf *cf, struct expand *x, const struct cf_opt *from,
    struct selpair *m)
{
	const struct cf_word	*w = from->v;
	struct net		 a, b;
	char			 s[ADDR_STRLEN];

	if (from->from->nets == NULL || x->n[0] != 1) {
		cf_error(cf, w->at, "%s(%.64s): one network stands for one of "
		    "the same length; write a from NETWORK (NETWORK) for each",
		    x->who, w->s);
		return (-1);
	}
	if (cf_net(cf, w, x->who, &b) == -1 ||
	    sel_to_net(&x->h[0][0].s, &a) == -1)
		return (-1);
	if (a.a.af != b.a.af || a.plen != b.plen || a.plen == 0) {
		cf_error(cf, w->at, "%sfrom %s (%.64s): each address stands "
		    "for one, so both must be of one family and length; write "
		    "prefixes of the same length", x->who,
		    net_str(&a, s, sizeof(s)), w->s);
		return (-1);
	}
	if (addr_cmp(&a.a, &b.a, 0) == 0) {
		cf_error(cf, w->at, "%sfrom %s (%.64s): it stands for itself; "
		    "leave (%.64s) out", x->who, net_str(&a, s, sizeof(s)),
		    w->s, w->s);
		return (-1);
	}
	sel_from_net(&a, 0, 0, UINT16_MAX, &m->local);
	sel_from_net(&b, 0, 0, UINT16_MAX, &m->remote);
	return (0);
}

/*
 * A network has one translation in a tunnel, or none.  The translations wait
 * at the end of the array until all pairs are there (maps_close).
 */
static int
translate(struct cf *cf, struct expand *x, const struct cf_opt *from)
{
	struct tunnel		*t = x->t;
	struct cf_place		 at = from->v != NULL ? from->v->at : from->at;
	struct selpair		 m;
	const struct selpair	*h;
	char			 s[SEL_STRLEN];
	size_t			 i, k;

	memset(&m, 0, sizeof(m));
	if (from->v != NULL && map_net(cf, x, from, &m) == -1)
		return (-1);
	for (i = 0; t != NULL && i < x->n[0]; i++) {
		h = NULL;
		for (k = 0; k < t->nmap; k++)
			if (sel_eq(&t->pair[SELPAIR_MAX + k].local,
			    &x->h[0][i].wide))
				h = &t->pair[SELPAIR_MAX + k];
		if (h != NULL && from->v != NULL &&
		    sel_eq(&h->remote, &m.remote))
			return (0);
		if (h != NULL || (from->v != NULL && local_used(t, &m.local))) {
			cf_error(cf, at, "%s%s stands here with a translation "
			    "and with another or none; write the same (NETWORK) "
			    "each time", x->who, sel_str(&x->h[0][i].wide, s,
			    sizeof(s)));
			return (-1);
		}
	}
	if (from->v == NULL)
		return (0);
	if (t->nmap == MAP_MAX) {
		cf_error(cf, at, "%smore than %d translations; write fewer, "
		    "larger networks", x->who, (int)MAP_MAX);
		return (-1);
	}
	t->pair[SELPAIR_MAX + t->nmap++] = m;
	return (0);
}

/* Behind the pairs, where a record has them; those of no pair are left out. */
static void
maps_close(struct tunnel *t)
{
	uint8_t	 i, n = t->nmap;

	t->nmap = 0;
	for (i = 0; i < n; i++)
		if (local_used(t, &t->pair[SELPAIR_MAX + i].local))
			t->pair[t->npair + t->nmap++] =
			    t->pair[SELPAIR_MAX + i];
}

static int
expand(struct cf *cf, struct expand *x, const struct cf_opt *from,
    const struct cf_opt *to, struct selpair *p, uint8_t *np, size_t max)
{
	x->proto = 0;
	if (from->w != NULL && cf_proto(cf, from->w, x->who, &x->proto) == -1)
		return (-1);
	if (halves(cf, x, 0, from->from, from->at) == -1 ||
	    halves(cf, x, 1, to->to, to->at) == -1 ||
	    translate(cf, x, from) == -1)
		return (-1);
	return (multiply(cf, x, p, np, max));
}

enum { FULL, FROM, TO };

static int
shape(const struct cf_opt *o)
{
	return (o->from == NULL ? TO : o->to == NULL ? FROM : FULL);
}

static int
has(const struct cf_scope *s, int what)
{
	const struct cf_opt	*o;

	for (o = s != NULL ? s->opts : NULL; o != NULL; o = o->next)
		if (o->key == K_PAIR && shape(o) == what)
			return (1);
	return (0);
}

/* Which scope's options of a shape count for this tunnel. */
static const struct cf_scope *
scope_of(const struct cf_scope *s, int what)
{
	if (has(s, what) || s->up == NULL)
		return (s);
	if (what == FULL && (has(s, FROM) || has(s, TO)))
		return (s);
	return (s->up);
}

static int
chained(struct cf *cf, const struct cf_scope *s, const char *who)
{
	const struct cf_opt	*o;

	for (o = s->opts; o != NULL && o->next != NULL; o = o->next)
		if (o->key == K_PAIR && shape(o) == FULL &&
		    o->next->key == K_PAIR && shape(o->next) == TO) {
			cf_error(cf, o->next->at, "%sfrom A to B to C: which "
			    "is meant? write: from A to { B, C }", who);
			return (1);
		}
	return (0);
}

/* The loose ones; each must find a partner. */
static void
loose(struct cf *cf, struct expand *x, const struct cf_scope *s,
    struct cf_tunnel *t)
{
	const struct cf_scope	*sf = scope_of(s, FROM), *st = scope_of(s, TO);
	const struct cf_opt	*f, *o;
	int			 nf = 0, nt = 0;

	nt = has(st, TO);
	for (f = sf->opts; f != NULL; f = f->next) {
		if (f->key != K_PAIR || shape(f) != FROM)
			continue;
		nf++;
		if (!nt && sf == s) {
			cf_error(cf, f->at, "%sthis from has no to; write: "
			    "from NETWORK to NETWORK", x->who);
			t->bad = 1;
		}
		for (o = st->opts; o != NULL; o = o->next)
			if (o->key == K_PAIR && shape(o) == TO && !t->bad &&
			    expand(cf, x, f, o, t->t.pair, &t->t.npair,
			    SELPAIR_MAX) == -1)
				t->bad = 1;
	}
	for (o = st->opts; nf == 0 && st == s && o != NULL; o = o->next)
		if (o->key == K_PAIR && shape(o) == TO) {
			cf_error(cf, o->at, "%sthis to has no from; write: "
			    "from NETWORK to NETWORK", x->who);
			t->bad = 1;
		}
}

void
cf_pairs(struct cf *cf, struct cf_scope *s, struct cf_tunnel *t)
{
	const struct cf_opt	*o;
	struct expand		 x;
	char			 who[CF_WHO];

	memset(&x, 0, sizeof(x));
	x.who = cf_who(s, who, sizeof(who));
	x.t = &t->t;
	if ((o = cf_find(s, K_AF)) != NULL)
		x.af = (uint8_t)o->n;
	if (chained(cf, s, who)) {
		t->bad = 1;
		return;
	}
	for (o = scope_of(s, FULL)->opts; o != NULL; o = o->next)
		if (o->key == K_PAIR && shape(o) == FULL &&
		    expand(cf, &x, o, o, t->t.pair, &t->t.npair,
		    SELPAIR_MAX) == -1) {
			t->bad = 1;
			return;
		}
	if (!s->bad)			/* else half of it may be missing */
		loose(cf, &x, s, t);
	maps_close(&t->t);
}

/* `bypass' and `block': networks only. */
void
cf_netpairs(struct cf *cf, const struct cf_opt *o, struct net *a,
    struct net *b, uint8_t *n, size_t max)
{
	struct selpair	 p[SELPAIR_MAX];
	struct expand	 x;
	uint8_t		 i, np = 0;

	memset(&x, 0, sizeof(x));
	x.who = o->key == K_BYPASS ? "bypass: " : "block: ";
	if (o->from->port != NULL || o->to->port != NULL) {
		cf_error(cf, o->at, "%sports are not built in yet; write "
		    "networks only", x.who);
		return;
	}
	if (expand(cf, &x, o, o, p, &np, SELPAIR_MAX) == -1)
		return;
	for (i = 0; i < np; i++) {
		if (*n >= max) {
			cf_error(cf, o->at, "%smore than %zu pairs of "
			    "networks; write fewer, larger ones", x.who, max);
			return;
		}
		if (sel_to_net(&p[i].local, &a[*n]) == -1 ||
		    sel_to_net(&p[i].remote, &b[*n]) == -1)
			return;
		(*n)++;
	}
}
