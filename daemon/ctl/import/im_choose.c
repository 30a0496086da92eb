/* SPDX-License-Identifier: ISC */

/*
 * im_choose.c: which secret the old daemon takes for a conn.  An entry with
 * no identities fits everybody, one with one fits if it is ours, one with
 * more if ours and the peer's are among them; %any fits any.  The more exact
 * wins (openswan osw_find_secret_by_id, libreswan and strongSwan likewise).
 */

#include "im_int.h"

static int
is_addr(const struct ident *id, const struct addr *a)
{
	struct ident	 b;

	if (a == NULL || a->af == 0)
		return (0);
	ident_addr(a, &b);
	return (ident_eq(id, &b));
}

/* 2: by name, 1: as one of any, 0: not. */
static int
lists(const struct im_psk *k, const struct ident *id, const struct addr *a)
{
	const struct im_sid	*s;
	int			 best = 0;

	for (s = k->ids; s != NULL; s = s->next) {
		if (s->any && best < 1)
			best = 1;
		else if (!s->any && s->id.type != IDT_NONE &&
		    (ident_eq(&s->id, id) || is_addr(&s->id, a)))
			return (2);
	}
	return (best);
}

/* 0: not at all; greater is better. */
static int
weight(const struct im *im, const struct im_psk *k, const struct ident *me,
    const struct ident *peer, const struct addr *ma, const struct addr *pa)
{
	int	 m, p;

	if (k->nid == 0)
		return (1);
	m = lists(k, me, ma);
	p = lists(k, peer, pa);
	if (k->nid == 1) {
		/* ours; strongSwan takes the peer's alone too */
		if (m == 2)
			return (3);
		if (p == 2 && im->fl == IM_STRONGSWAN)
			return (4);
		return (m == 1 ? 2 : 0);
	}
	if (m == 0 || p == 0)
		return (0);
	return (m == 2 && p == 2 ? 6 : m == 2 || p == 2 ? 5 : 2);
}

static int
same(const struct im_psk *a, const struct im_psk *b)
{
	return (a->n == b->n && memcmp(a->p, b->p, a->n) == 0);
}

/* NULL: none, or two that are equally good and differ (c is refused then). */
const struct im_psk *
im_choose(struct im *im, const struct im_conn *c, const struct ident *me,
    const struct ident *peer, const struct addr *ma, const struct addr *pa)
{
	const struct im_psk	*k, *best = NULL, *other = NULL;
	int			 w, top = 0;

	for (k = im->psks; k != NULL; k = k->next) {
		if ((w = weight(im, k, me, peer, ma, pa)) == 0)
			continue;
		if (w > top) {
			top = w;
			best = k;
			other = NULL;
		} else if (w == top && !same(k, best))
			other = k;
	}
	if (other != NULL) {
		im_refuse(im, (struct im_conn *)(uintptr_t)c, other->at,
		    "secret", "line %u and this line fit it equally well and "
		    "hold different secrets; remove one, or write the "
		    "identities of both ends before the colon", best->at.line);
		return (NULL);
	}
	return (best);
}
