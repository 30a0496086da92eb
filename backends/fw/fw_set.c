/* SPDX-License-Identifier: ISC */

/* fw_set.c: sets of pairs of address ranges: made disjoint, compared, asked. */

#include <stdlib.h>

#include "fw.h"

static struct fw_rule *
rule_of(struct fw_rules *rs, enum fw_verdict v, uint8_t af)
{
	return (&rs->r[v][af == 6]);
}

static int
cmp16(const uint8_t *a, const uint8_t *b)
{
	return (memcmp(a, b, 16));
}

/* Next and previous address; the caller knows that there is one. */
static void
next_addr(uint8_t *a, size_t len)
{
	while (len-- > 0 && ++a[len] == 0)
		;
}

static void
prev_addr(uint8_t *a, size_t len)
{
	while (len-- > 0 && a[len]-- == 0)
		;
}

void
fw_rules_init(struct fw_rules *rs)
{
	size_t	 v;

	memset(rs, 0, sizeof(*rs));
	for (v = 0; v < FW_NVERDICT; v++) {
		rs->r[v][0].af = 4;
		rs->r[v][1].af = 6;
	}
}

void
fw_rules_free(struct fw_rules *rs)
{
	size_t	 v, f;

	for (v = 0; v < FW_NVERDICT; v++)
		for (f = 0; f < 2; f++) {
			free(rs->r[v][f].p);
			free(rs->r[v][f].max);
		}
	fw_rules_init(rs);
}

static int
push(struct fw_rule *r, const struct fw_pair *p)
{
	struct fw_pair	*n;
	size_t		 room;

	if (r->n == r->room) {
		room = r->room == 0 ? 16 : r->room * 2;
		if ((n = realloc(r->p, room * sizeof(*n))) == NULL)
			return (-1);
		r->p = n;
		r->room = room;
	}
	r->p[r->n++] = *p;
	return (0);
}

static int
pair_of(const struct sel *l, const struct sel *r, uint16_t val,
    struct fw_pair *p)
{
	if (l->af != r->af || addr_len(l->af) == 0)
		return (-1);
	memset(p, 0, sizeof(*p));
	memcpy(p->llo, l->lo, addr_len(l->af));
	memcpy(p->lhi, l->hi, addr_len(l->af));
	memcpy(p->rlo, r->lo, addr_len(l->af));
	memcpy(p->rhi, r->hi, addr_len(l->af));
	p->val = val;
	return (0);
}

int
fw_add(struct fw_rules *rs, enum fw_verdict v, const struct sel *l,
    const struct sel *r, uint16_t val)
{
	struct fw_pair	 p;

	if (pair_of(l, r, val, &p) == -1)
		return (0);
	return (push(rule_of(rs, v, l->af), &p));
}

/* The host bits of a, the network bits of to. */
static void
host_of(const uint8_t *a, const uint8_t *to, unsigned int plen, uint8_t *out)
{
	uint8_t	 keep;
	size_t	 i;

	for (i = 0; i < 16; i++) {
		keep = plen >= 8 * (i + 1) ? 0xff : plen <= 8 * i ? 0 :
		    (uint8_t)(0xff << (8 * (i + 1) - plen));
		out[i] = (uint8_t)((to[i] & keep) | (a[i] & ~keep));
	}
}

int
fw_add_map(struct fw_rules *rs, const struct sel *l, const struct sel *r,
    const struct net *to)
{
	struct fw_pair	 p;

	if (pair_of(l, r, to->plen, &p) == -1 || to->a.af != l->af)
		return (0);
	memcpy(p.to, to->a.a, addr_len(l->af));
	return (push(rule_of(rs, FW_MAP, l->af), &p));
}

struct fw_pair
fw_wire(const struct fw_pair *p)
{
	static const uint8_t	 zero[16];
	struct fw_pair		 w = *p;

	host_of(p->llo, p->to, p->val, w.llo);
	host_of(p->lhi, p->to, p->val, w.lhi);
	host_of(zero, p->llo, p->val, w.to);
	return (w);
}

static int
overlap(const struct fw_pair *a, const struct fw_pair *b)
{
	return (cmp16(a->rlo, b->rhi) <= 0 && cmp16(b->rlo, a->rhi) <= 0 &&
	    cmp16(a->llo, b->lhi) <= 0 && cmp16(b->llo, a->lhi) <= 0);
}

/* a less b, which overlap: at most four pieces, pushed to out. */
static int
subtract(const struct fw_pair *a, const struct fw_pair *b, size_t alen,
    struct fw_rule *out)
{
	struct fw_pair	 rest = *a, p;

	if (cmp16(rest.rlo, b->rlo) < 0) {
		p = rest;
		memcpy(p.rhi, b->rlo, 16);
		prev_addr(p.rhi, alen);
		memcpy(rest.rlo, b->rlo, 16);
		if (push(out, &p) == -1)
			return (-1);
	}
	if (cmp16(rest.rhi, b->rhi) > 0) {
		p = rest;
		memcpy(p.rlo, b->rhi, 16);
		next_addr(p.rlo, alen);
		memcpy(rest.rhi, b->rhi, 16);
		if (push(out, &p) == -1)
			return (-1);
	}
	if (cmp16(rest.llo, b->llo) < 0) {
		p = rest;
		memcpy(p.lhi, b->llo, 16);
		prev_addr(p.lhi, alen);
		if (push(out, &p) == -1)
			return (-1);
	}
	if (cmp16(rest.lhi, b->lhi) > 0) {
		p = rest;
		memcpy(p.llo, b->lhi, 16);
		next_addr(p.llo, alen);
		if (push(out, &p) == -1)
			return (-1);
	}
	return (0);
}

/* r becomes r less b. */
static int
cut(struct fw_rule *r, const struct fw_pair *b)
{
	struct fw_rule	 out = { .af = r->af };
	size_t		 i;

	for (i = 0; i < r->n; i++)
		if ((overlap(&r->p[i], b) ? subtract(&r->p[i], b,
		    addr_len(r->af), &out) : push(&out, &r->p[i])) == -1) {
			free(out.p);
			return (-1);
		}
	free(r->p);
	r->p = out.p;
	r->n = out.n;
	r->room = out.room;
	return (0);
}

int
fw_cut(struct fw_rules *rs, enum fw_verdict v, const struct sel *l,
    const struct sel *r)
{
	struct fw_pair	 p;

	if (pair_of(l, r, 0, &p) == -1)
		return (0);
	return (cut(rule_of(rs, v, l->af), &p));
}

/* By remote range, then by local range. */
static int
by_remote(const void *a, const void *b)
{
	const struct fw_pair	*x = a, *y = b;
	int			 c;

	if ((c = cmp16(x->rlo, y->rlo)) != 0 ||
	    (c = cmp16(x->rhi, y->rhi)) != 0 ||
	    (c = cmp16(x->llo, y->llo)) != 0 ||
	    (c = cmp16(x->lhi, y->lhi)) != 0 ||
	    (c = cmp16(x->to, y->to)) != 0)
		return (c);
	return ((int)x->val - (int)y->val);
}

/* Least value first; then what is wide, so that few pieces come out. */
static int
by_value(const void *a, const void *b)
{
	const struct fw_pair	*x = a, *y = b;
	int			 c;

	if (x->val != y->val)
		return ((int)x->val - (int)y->val);
	if ((c = cmp16(x->rlo, y->rlo)) != 0 ||
	    (c = cmp16(y->rhi, x->rhi)) != 0 ||
	    (c = cmp16(x->llo, y->llo)) != 0)
		return (c);
	return (cmp16(y->lhi, x->lhi));
}

/* The usual case, seen in one pass over what is sorted by_remote. */
static int
disjoint(const struct fw_rule *r)
{
	const struct fw_pair	*a, *b;
	size_t			 i;

	for (i = 1; i < r->n; i++) {
		a = &r->p[i - 1];
		b = &r->p[i];
		if (cmp16(b->rlo, a->rhi) > 0)
			continue;
		if (cmp16(a->rlo, b->rlo) != 0 || cmp16(a->rhi, b->rhi) != 0 ||
		    cmp16(b->llo, a->lhi) <= 0)
			return (0);
	}
	return (1);
}

/* p, less everything in `have', to the end of `have'. */
static int
merge(struct fw_rule *have, const struct fw_pair *p)
{
	struct fw_rule	 todo = { .af = have->af };
	size_t		 i, n = have->n;
	int		 rv;

	rv = push(&todo, p);
	for (i = 0; i < n && rv == 0 && todo.n > 0; i++)
		if (overlap(p, &have->p[i]))
			rv = cut(&todo, &have->p[i]);
	for (i = 0; i < todo.n && rv == 0; i++)
		rv = push(have, &todo.p[i]);
	free(todo.p);
	return (rv);
}

static int
rule_close(struct fw_rule *r)
{
	struct fw_rule	 out = { .af = r->af };
	size_t		 i, k = 0;

	free(r->max);
	r->max = NULL;
	if (r->n == 0)
		return (0);
	qsort(r->p, r->n, sizeof(*r->p), by_remote);
	for (i = 1; i < r->n; i++)
		if (by_remote(&r->p[k], &r->p[i]) != 0)
			r->p[++k] = r->p[i];
	r->n = k + 1;
	if (!disjoint(r)) {
		qsort(r->p, r->n, sizeof(*r->p), by_value);
		for (i = 0; i < r->n; i++)
			if (merge(&out, &r->p[i]) == -1) {
				free(out.p);
				return (-1);
			}
		free(r->p);
		*r = out;
		qsort(r->p, r->n, sizeof(*r->p), by_remote);
	}
	if ((r->max = calloc(r->n, sizeof(*r->max))) == NULL)
		return (-1);
	for (i = 0; i < r->n; i++)
		memcpy(r->max[i], i > 0 && cmp16(r->max[i - 1],
		    r->p[i].rhi) > 0 ? r->max[i - 1] : r->p[i].rhi, 16);
	return (0);
}

int
fw_rules_close(struct fw_rules *rs)
{
	size_t	 v, f;

	for (v = 0; v < FW_NVERDICT; v++)
		for (f = 0; f < 2; f++)
			if (rule_close(&rs->r[v][f]) == -1)
				return (-1);
	return (0);
}

int
fw_has(const struct fw_rule *r, const uint8_t *l, const uint8_t *rem)
{
	uint8_t	 a[16] = { 0 }, b[16] = { 0 };
	size_t	 lo = 0, hi = r->n, mid;

	memcpy(a, l, addr_len(r->af));
	memcpy(b, rem, addr_len(r->af));
	while (lo < hi) {		/* the first whose rlo is behind b */
		mid = lo + (hi - lo) / 2;
		if (cmp16(r->p[mid].rlo, b) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo-- > 0 && cmp16(r->max[lo], b) >= 0)
		if (cmp16(b, r->p[lo].rhi) <= 0 &&
		    cmp16(r->p[lo].llo, a) <= 0 && cmp16(a, r->p[lo].lhi) <= 0)
			return (1);
	return (0);
}

int
fw_mapped(const struct fw_rule *r, int back, const uint8_t *l,
    const uint8_t *rem, uint8_t *to)
{
	uint8_t		 a[16] = { 0 }, b[16] = { 0 }, out[16];
	struct fw_pair	 p;
	size_t		 i;

	memcpy(a, l, addr_len(r->af));
	memcpy(b, rem, addr_len(r->af));
	for (i = 0; i < r->n; i++) {	/* there are few */
		p = back ? fw_wire(&r->p[i]) : r->p[i];
		if (cmp16(p.rlo, b) > 0)
			break;
		if (cmp16(b, p.rhi) > 0 || cmp16(a, p.llo) < 0 ||
		    cmp16(a, p.lhi) > 0)
			continue;
		host_of(a, p.to, p.val, out);
		memcpy(to, out, addr_len(r->af));
		return (1);
	}
	return (0);
}

void
fw_diff(const struct fw_rule *old, const struct fw_rule *new,
    void (*fn)(void *, int, const struct fw_pair *), void *arg)
{
	size_t	 i = 0, k = 0;
	int	 c;

	while (i < old->n || k < new->n) {
		if (i == old->n)
			c = 1;
		else if (k == new->n)
			c = -1;
		else
			c = by_remote(&old->p[i], &new->p[k]);
		if (c < 0)
			fn(arg, 0, &old->p[i++]);
		else if (c > 0)
			fn(arg, 1, &new->p[k++]);
		else {
			i++;
			k++;
		}
	}
}

int
fw_rules_copy(struct fw_rules *to, const struct fw_rules *from)
{
	size_t	 v, f, i;

	fw_rules_init(to);
	for (v = 0; v < FW_NVERDICT; v++)
		for (f = 0; f < 2; f++)
			for (i = 0; i < from->r[v][f].n; i++)
				if (push(&to->r[v][f],
				    &from->r[v][f].p[i]) == -1) {
					fw_rules_free(to);
					return (-1);
				}
	return (fw_rules_close(to));
}
