/* SPDX-License-Identifier: ISC */

/* want.c: the orders in which the wanted policies and routes are sorted. */

#include "host_be.h"

static int
net_cmp(const struct net *a, const struct net *b)
{
	int	 c = addr_cmp(&a->a, &b->a, 0);

	return (c != 0 ? c : (int)a->plen - (int)b->plen);
}

static int
if_cmp(const struct host_if *a, const struct host_if *b)
{
	if (a->unit != b->unit)
		return (a->unit < b->unit ? -1 : 1);
	return ((int)a->kind - (int)b->kind);
}

/* By kind first, so that what allows is installed before what blocks. */
int
host_pol_cmp(const void *a, const void *b)
{
	const struct host_pol	*x = a, *y = b;
	int			 c;

	if (x->kind != y->kind)
		return ((int)x->kind - (int)y->kind);
	if ((c = net_cmp(&x->src, &y->src)) != 0)
		return (c);
	if ((c = net_cmp(&x->dst, &y->dst)) != 0)
		return (c);
	return (if_cmp(&x->dev, &y->dev));
}

int
host_route_cmp(const void *a, const void *b)
{
	const struct host_route	*x = a, *y = b;
	int			 c;

	if ((c = net_cmp(&x->dst, &y->dst)) != 0)
		return (c);
	if (x->metric != y->metric)
		return (x->metric < y->metric ? -1 : 1);
	return (if_cmp(&x->dev, &y->dev));
}
