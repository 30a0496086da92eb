/* SPDX-License-Identifier: ISC */

/*
 * policy.c: from a flow to the tunnel it belongs to, by longest prefix on
 * both addresses, then protocol and ports.
 *
 * All pairs of networks of one shape (family, two prefix lengths) share a
 * tuple; there are few shapes, however many tunnels.  A look-up takes one
 * hash probe for each tuple, from the longest prefixes down.  A second kind
 * of entry (lplen LOCAL_ANY) knows only the remote side.
 */

#include <stdlib.h>

#include "local.h"

enum { LOCAL_ANY = 0xff };

struct pol_key {
	uint8_t	 v, rplen, lplen;
	uint8_t	 r[16], l[16];		/* network order, host bits zero */
};

struct pol_entry {
	struct pol_key	 k;
	struct esp_tun	*tun;
	struct selpair	 pair;
	int32_t		 next;
};

static uint64_t
load64(const uint8_t *p)
{
	uint64_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

static size_t
key_hash(const struct pol_key *k)
{
	uint64_t	 h;

	h = (uint64_t)k->v << 16 | (uint64_t)k->rplen << 8 | k->lplen;
	h = (h ^ load64(k->r)) * 0x9e3779b97f4a7c15ULL;
	h = (h ^ h >> 29 ^ load64(k->r + 8)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ h >> 32 ^ load64(k->l)) * 0x94d049bb133111ebULL;
	h = (h ^ h >> 31 ^ load64(k->l + 8)) * 0x9e3779b97f4a7c15ULL;
	return ((size_t)(h ^ h >> 30));
}

static void
mask_to(uint8_t *to, const uint8_t *from, unsigned int plen)
{
	memset(to, 0, 16);
	memcpy(to, from, plen / 8);
	if (plen % 8)
		to[plen / 8] = (uint8_t)(from[plen / 8] & 0xff00 >> plen % 8);
}

/* The longest prefix that covers the whole range of a selector. */
static uint8_t
sel_plen(const struct sel *s)
{
	uint8_t	 i, bits = s->af == 4 ? 32 : 128;

	for (i = 0; i < bits; i++)
		if ((s->lo[i / 8] ^ s->hi[i / 8]) & 0x80 >> i % 8)
			break;
	return (i);
}

static void
key_make(struct pol_key *k, uint8_t v, uint8_t rplen, uint8_t lplen,
    const uint8_t *r, const uint8_t *l)
{
	memset(k, 0, sizeof(*k));
	k->v = v;
	k->rplen = rplen;
	k->lplen = lplen;
	mask_to(k->r, r, rplen);
	if (lplen != LOCAL_ANY)
		mask_to(k->l, l, lplen);
}

static void
entry_make(struct pol_entry *e, struct esp_tun *tun, const struct selpair *p,
    int remote_only)
{
	key_make(&e->k, p->remote.af, sel_plen(&p->remote),
	    remote_only ? LOCAL_ANY : sel_plen(&p->local), p->remote.lo,
	    p->local.lo);
	e->tun = tun;
	e->pair = *p;
}

/* Longest remote prefix first, then local; those without a local one last. */
static int
tuple_cmp(const void *va, const void *vb)
{
	const struct pol_tuple	*a = va, *b = vb;

	if ((a->lplen == LOCAL_ANY) != (b->lplen == LOCAL_ANY))
		return (a->lplen == LOCAL_ANY ? 1 : -1);
	if (a->rplen != b->rplen)
		return (b->rplen - a->rplen);
	if (a->lplen != b->lplen)
		return (b->lplen - a->lplen);
	return (a->v - b->v);
}

static int
tuples_make(struct esp_policy *p)
{
	struct pol_tuple	 t;
	size_t			 i, j;

	if ((p->tuple = calloc(p->n + 1, sizeof(*p->tuple))) == NULL)
		return (-1);
	for (i = 0; i < p->n; i++) {
		t.v = p->e[i].k.v;
		t.rplen = p->e[i].k.rplen;
		t.lplen = p->e[i].k.lplen;
		for (j = 0; j < p->ntuple; j++)
			if (tuple_cmp(&p->tuple[j], &t) == 0)
				break;
		if (j == p->ntuple)
			p->tuple[p->ntuple++] = t;
	}
	qsort(p->tuple, p->ntuple, sizeof(*p->tuple), tuple_cmp);
	return (0);
}

static int
buckets_make(struct esp_policy *p)
{
	size_t	 i, h, room = 16;

	while (room < p->n * 2)
		room *= 2;
	if ((p->bucket = calloc(room, sizeof(*p->bucket))) == NULL)
		return (-1);
	p->mask = room - 1;
	for (i = 0; i < room; i++)
		p->bucket[i] = -1;
	for (i = 0; i < p->n; i++) {
		h = key_hash(&p->e[i].k) & p->mask;
		p->e[i].next = p->bucket[h];
		p->bucket[h] = (int32_t)i;
	}
	return (0);
}

int
esp_policy_build(struct esp_policy *p, struct esp_tun **tun, size_t n)
{
	struct esp_policy	 q;
	const struct tunnel	*t;
	size_t			 i, j, room = 0;

	memset(&q, 0, sizeof(q));
	for (i = 0; i < n; i++)
		room += (size_t)tun[i]->t->npair * 2;
	if ((q.e = calloc(room + 1, sizeof(*q.e))) == NULL)
		return (-1);
	for (i = 0; i < n; i++) {
		t = tun[i]->t;
		for (j = 0; j < t->npair; j++) {
			entry_make(&q.e[q.n++], tun[i], &t->pair[j], 0);
			entry_make(&q.e[q.n++], tun[i], &t->pair[j], 1);
		}
	}
	if (tuples_make(&q) || buckets_make(&q)) {
		esp_policy_clear(&q);
		return (-1);
	}
	esp_policy_clear(p);
	*p = q;
	return (0);
}

void
esp_policy_clear(struct esp_policy *p)
{
	free(p->e);
	free(p->bucket);
	free(p->tuple);
	memset(p, 0, sizeof(*p));
}

/* How narrow an entry is beyond its networks; more is narrower. */
static uint32_t
narrowness(const struct selpair *p)
{
	uint32_t	 s;

	s = 2 * 65535 - (uint32_t)(p->local.port_hi - p->local.port_lo) -
	    (uint32_t)(p->remote.port_hi - p->remote.port_lo);
	return (s + (p->local.ipproto != 0 ? 1u << 20 : 0));
}

static struct esp_tun *
probe(const struct esp_policy *p, const struct pol_tuple *t,
    const struct esp_flow *f)
{
	const struct pol_entry	*e, *best = NULL;
	struct pol_key		 k;
	int32_t			 i;

	key_make(&k, t->v, t->rplen, t->lplen, f->dst.a, f->src.a);
	for (i = p->bucket[key_hash(&k) & p->mask]; i >= 0; i = e->next) {
		e = &p->e[i];
		if (memcmp(&e->k, &k, sizeof(k)) != 0)
			continue;
		if (t->lplen == LOCAL_ANY) {
			if (sel_match(&e->pair.remote, &f->dst,
			    e->pair.remote.ipproto, e->pair.remote.port_lo))
				return (e->tun);
			continue;
		}
		if (esp_flow_in(&e->pair, f, 1) && (best == NULL ||
		    narrowness(&e->pair) > narrowness(&best->pair)))
			best = e;
	}
	return (best == NULL ? NULL : best->tun);
}

static struct esp_tun *
find(const struct esp_policy *p, const struct esp_flow *f, int remote_only)
{
	struct esp_tun	*t;
	size_t		 i;

	for (i = 0; i < p->ntuple; i++) {
		if (p->tuple[i].v != f->v ||
		    (p->tuple[i].lplen == LOCAL_ANY) != remote_only)
			continue;
		if ((t = probe(p, &p->tuple[i], f)) != NULL)
			return (t);
	}
	return (NULL);
}

struct esp_tun *
esp_policy_find(const struct esp_policy *p, const struct esp_flow *f)
{
	return (find(p, f, 0));
}

struct esp_tun *
esp_policy_remote(const struct esp_policy *p, const struct esp_flow *f)
{
	return (find(p, f, 1));
}
