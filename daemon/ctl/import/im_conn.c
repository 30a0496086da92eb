/* SPDX-License-Identifier: ISC */

/*
 * im_conn.c: also=, %default and doubled keywords, by the rules of the
 * flavour, until each keyword of a conn has one value.
 *
 *			openswan	libreswan	strongSwan
 *	twice in a conn	error if other	the first	the last
 *	own, also=	own		own		own
 *	several also=	first listed	first listed	last listed
 *	%default	last section	last section	last section
 */

#include "im_int.h"

/* One resolution. */
struct res {
	struct im	*im;
	struct im_conn	*c;
	int		 deep;		/* also= in also= */
};

enum { ALSO_DEEP = 32 };

const char *
im_get(const struct im_conn *c, enum im_id id, enum im_side side)
{
	const char	*v = c->v[id][side].val;

	return (v != NULL && *v != '\0' ? v : NULL);
}

struct im_at
im_where(const struct im_conn *c, enum im_id id, enum im_side side)
{
	return (c->v[id][side].val != NULL ? c->v[id][side].at : c->at);
}

static struct im_slot *
slot(struct res *r, const struct im_param *p, enum im_side side)
{
	struct im_rest	*e, **tail;

	if (p->key->id != K_OTHER)
		return (&r->c->v[p->key->id][p->key->sided ? side : 0]);
	for (tail = &r->c->rest; (e = *tail) != NULL; tail = &e->next)
		if (e->s.key == p->key && e->side == side)
			return (&e->s);
	if ((e = im_alloc(r->im, sizeof(*e))) == NULL)
		return (NULL);
	e->side = side;
	*tail = e;
	return (&e->s);
}

/* A second line of the same keyword in the same section. */
static int
twice(struct res *r, const struct im_slot *s, const struct im_param *p)
{
	struct im	*im = r->im;
	int		 same = strcmp(s->val, p->val) == 0;

	if (same) {
		im_note(im, p->at, "%s stands there twice, also in line %u",
		    p->word, s->at.line);
		return (0);
	}
	switch (im->fl) {
	case IM_STRONGSWAN:
		im_warn(im, p->at, "%s: already in line %u with another value; "
		    "strongSwan takes the last one, and so does this", p->word,
		    s->at.line);
		return (1);
	case IM_LIBRESWAN:
		im_warn(im, p->at, "%s: already in line %u with another value; "
		    "libreswan takes the first one, and so does this", p->word,
		    s->at.line);
		return (0);
	default:
		im_refuse(im, r->c, p->at, "keyword twice", "%s: already in "
		    "line %u with another value; openswan does not load such a "
		    "conn: keep one of them", p->word, s->at.line);
		return (0);
	}
}

static void
append(struct res *r, struct im_slot *s, const struct im_param *p)
{
	size_t	 n = strlen(s->val), k = strlen(p->val);
	char	*v = im_alloc(r->im, n + k + 2);

	if (v == NULL)
		return;
	memcpy(v, s->val, n);
	v[n] = ' ';
	memcpy(v + n + 1, p->val, k);
	s->val = v;
}

/* A value settled before stays, unless it is of this very section. */
static void
take(struct res *r, const struct im_sect *sect, const struct im_param *p,
    int flip)
{
	struct im_slot	*s;
	enum im_side	 side = p->side;

	if (p->key == NULL || p->key->id == K_ALSO ||
	    p->key->id == K_ALSOFLIP)
		return;
	if (flip && p->key->sided)
		side = side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
	if ((s = slot(r, p, side)) == NULL)
		return;
	if (s->val != NULL && s->from != sect)
		return;
	if (s->val != NULL && p->key->id == K_SUBNETS) {
		append(r, s, p);
		return;
	}
	/* one meaning, two words: ike_frag and ike-frag, salifetime, keylife */
	if (s->val != NULL && !twice(r, s, p))
		return;
	s->val = p->val;
	s->key = p->key;
	s->word = p->word;
	s->at = p->at;
	s->from = sect;
}

static void unite(struct res *, struct im_sect *, int);

static struct im_sect *
named(struct im *im, const char *name)
{
	struct im_sect	*s;

	for (s = im->sects; s != NULL; s = s->next)
		if (s->kind == S_CONN && !s->twice &&
		    strcmp(s->name, name) == 0)
			return (s);
	return (NULL);
}

static void
inherit(struct res *r, const struct im_param *p, const char *name, int flip)
{
	struct im_sect	*s = named(r->im, name);

	if (s == NULL) {
		if (r->im->fl == IM_STRONGSWAN)
			im_warn(r->im, p->at, "also=%s: there is no such conn; "
			    "left out", name);
		else
			im_refuse(r->im, r->c, p->at, "also", "also=%s: there "
			    "is no such conn", name);
		return;
	}
	s->used = 1;
	if (s->seen) {
		/* openswan and libreswan visit each once; a circle is an error
		 * to nobody, but it is never meant */
		if (s->seen == 2)
			im_warn(r->im, p->at, "also=%s goes in a circle; read "
			    "once", name);
		return;
	}
	if (r->deep >= ALSO_DEEP) {
		im_refuse(r->im, r->c, p->at, "also", "also=%s: nested more "
		    "than %d deep", name, (int)ALSO_DEEP);
		return;
	}
	r->deep++;
	unite(r, s, flip);
	r->deep--;
}

/* The names of one also= line, and the lines, in the order that wins. */
static void
inherit_line(struct res *r, const struct im_param *p, int flip)
{
	char	*list = im_strndup(r->im, p->val, strlen(p->val)), *name;
	char	*names[64];
	int	 i, n = 0;

	if (list == NULL)
		return;
	while (n < (int)nitems(names) && (name = im_item(&list)) != NULL)
		names[n++] = name;
	flip ^= p->key->id == K_ALSOFLIP;
	if (r->im->fl == IM_STRONGSWAN)
		for (i = n - 1; i >= 0; i--)
			inherit(r, p, names[i], flip);
	else
		for (i = 0; i < n; i++)
			inherit(r, p, names[i], flip);
}

static void
also_lines(struct res *r, struct im_sect *sect, int flip)
{
	struct im_param	*p, *lines[64];
	int		 i, n = 0;

	for (p = sect->params; p != NULL && n < (int)nitems(lines);
	    p = p->next)
		if (p->key != NULL && (p->key->id == K_ALSO ||
		    p->key->id == K_ALSOFLIP))
			lines[n++] = p;
	if (r->im->fl == IM_STRONGSWAN)
		for (i = n - 1; i >= 0; i--)
			inherit_line(r, lines[i], flip);
	else
		for (i = 0; i < n; i++)
			inherit_line(r, lines[i], flip);
}

/* A section's own lines, then what it inherits; seen: 2 while inside it. */
static void
unite(struct res *r, struct im_sect *sect, int flip)
{
	struct im_param	*p;

	sect->seen = 2;
	for (p = sect->params; p != NULL && !r->im->stop; p = p->next) {
		take(r, sect, p, flip);
		if (++r->im->work > IM_WORK_MAX) {
			im_warn(r->im, p->at, "also= multiplies this file "
			    "beyond %d lines; given up", (int)IM_WORK_MAX);
			r->im->stop = 1;
		}
	}
	also_lines(r, sect, flip);
	sect->seen = 1;
}

static int
is_default(const struct im_sect *s)
{
	return (s->kind == S_CONN && strcmp(s->name, "%default") == 0);
}

/* The last %default section wins, wherever it stands. */
static void
defaults(struct res *r)
{
	struct im_sect	*s, *v[64];
	struct im_param	*p;
	int		 n = 0;

	for (s = r->im->sects; s != NULL; s = s->next)
		if (is_default(s) && n < (int)nitems(v))
			v[n++] = s;
	while (n-- > 0)
		for (p = v[n]->params; p != NULL; p = p->next)
			take(r, v[n], p, 0);
}

/* The same name again: strongSwan reads on in the first one. */
static void
again(struct res *r, const struct im_sect *sect)
{
	struct im_sect	*s;
	struct im_param	*p;

	for (s = sect->next; s != NULL; s = s->next) {
		if (s->kind != S_CONN || strcmp(s->name, sect->name) != 0)
			continue;
		if (r->im->fl == IM_STRONGSWAN) {
			for (p = s->params; p != NULL; p = p->next)
				take(r, sect, p, 0);
			also_lines(r, s, 0);
		}
	}
}

struct im_conn *
im_resolve(struct im *im, struct im_sect *sect)
{
	struct res	 r = { im, NULL, 0 };
	struct im_sect	*s;

	if ((r.c = im_alloc(im, sizeof(*r.c))) == NULL)
		return (NULL);
	r.c->sect = sect;
	r.c->name = sect->name;
	r.c->at = sect->at;
	im->cur = r.c;
	for (s = im->sects; s != NULL; s = s->next)
		s->seen = 0;
	sect->seen = 2;
	if (im->fl == IM_STRONGSWAN)
		again(&r, sect);
	unite(&r, sect, 0);
	defaults(&r);
	im->cur = NULL;
	return (r.c);
}

/* --- config setup --- */

static void
setup_line(struct im *im, const struct im_param *p)
{
	char	 near[64];

	if (p->key == NULL) {
		if (strncmp(p->word, "x-", 2) == 0 ||
		    strncmp(p->word, "x_", 2) == 0)
			return;
		im->r->nlost++;
		if (im_key_near(p->word, 1, near, sizeof(near)) != NULL)
			im_warn(im, p->at, "%.40s is known to none of the "
			    "three; is it %s? Left out", p->word, near);
		else
			im_warn(im, p->at, "%.40s is known to none of the "
			    "three; left out", p->word);
		return;
	}
	if (p->key->id == K_LISTEN && *p->val != '\0')
		im_note(im, p->at, "s2sd listens on all addresses; for this "
		    "one write: set listen on %.60s", p->val);
	if (p->key->id == K_IKEV1POLICY && im_in(p->val, "drop,reject"))
		im_note(im, p->at, "s2sd answers IKEv1 only to peers of "
		    "tunnels with the word ikev1");
	if (p->key->text == NULL || p->key->action == A_SILENT ||
	    (p->key->harmless != NULL && (*p->val == '\0' ||
	    im_in(p->val, p->key->harmless))))
		return;
	if (p->key->action == A_WARN)
		im_warn(im, p->at, "%s: %s", p->word, p->key->text);
	else
		im_note(im, p->at, "%s: %s", p->word, p->key->text);
}

void
im_setup(struct im *im)
{
	struct im_sect	*s;
	struct im_param	*p;

	for (s = im->sects; s != NULL; s = s->next) {
		if (s->kind == S_CA)
			im_note(im, s->at, "ca %.60s: certificates are not "
			    "built into s2sd yet; left out", s->name);
		if (s->kind != S_SETUP)
			continue;
		for (p = s->params; p != NULL; p = p->next)
			setup_line(im, p);
	}
}
