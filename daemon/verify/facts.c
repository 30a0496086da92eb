/* SPDX-License-Identifier: ISC */

/* facts.c: looking things up in the facts. */

#include <string.h>

#include "verify.h"

int
v_wanted(const struct v_facts *f, const struct cf_tunnel *t)
{
	if (t->t.flags & TUN_DISABLED)
		return (0);
	return (f->only == NULL || strcmp(f->only, t->t.name) == 0);
}

const struct v_dev *
v_dev(const struct v_host *h, uint32_t index)
{
	size_t	 i;

	for (i = 0; i < h->ndev; i++)
		if (h->dev[i].index == index)
			return (&h->dev[i]);
	return (NULL);
}

const struct v_dev *
v_dev_of(const struct v_host *h, const struct addr *a)
{
	size_t	 i;

	for (i = 0; i < h->nmine; i++)
		if (addr_cmp(&h->mine[i], a, 0) == 0)
			return (v_dev(h, h->mine_if[i]));
	return (NULL);
}

uint32_t
v_plane(const struct v_host *h)
{
	size_t	 i;

	for (i = 0; i < h->ndev; i++)
		if (h->dev[i].tun)
			return (h->dev[i].index);
	return (0);
}

int
v_rp(const struct v_host *h, const struct v_dev *d)
{
	return (h->rp_all > d->rp_filter ? h->rp_all : d->rp_filter);
}

int
v_xfrm(const struct v_facts *f)
{
	return (f->d.running && strcmp(f->d.st.head.backend, "xfrm") == 0);
}

const struct u_tunnel *
v_state(const struct v_facts *f, const char *name)
{
	size_t	 i;

	for (i = 0; f->d.running && i < f->d.st.n; i++)
		if (strcmp(f->d.st.t[i].m.name, name) == 0)
			return (&f->d.st.t[i]);
	return (NULL);
}

struct selpair
v_pair(const struct tunnel *t, size_t k)
{
	struct selpair	 p;

	p.local = tunnel_here(t, &t->pair[k]);
	p.remote = t->pair[k].remote;
	return (p);
}

struct addr
v_translated(const struct addr *a, const struct sel *to)
{
	struct addr	 r = *a;
	size_t		 i;

	for (i = 0; i < addr_len(a->af); i++)
		r.a[i] = to->lo[i] | (a->a[i] & (to->lo[i] ^ to->hi[i]));
	return (r);
}
