/* SPDX-License-Identifier: ISC */

/* v1_pair.c: two gateways with IKEv1, for the tests that share them. */

#include "v1.h"

static void
old_prop(struct prop *p)
{
	static const uint16_t	 encr[] = { 4, 6 }, integ[] = { 30, 33 };
	static const uint16_t	 dh[] = { 41, 42 };

	memset(p, 0, sizeof(*p));
	memcpy(p->encr, encr, sizeof(encr));
	memcpy(p->integ, integ, sizeof(integ));
	memcpy(p->dh, dh, sizeof(dh));
	p->nencr = p->ninteg = p->ndh = 2;
}

static void
old_way(struct tunnel *t)
{
	static const uint16_t	 prfs[] = { 20, 23 };

	t->flags |= TUN_IKEV1 | TUN_SEPARATE;
	old_prop(&t->ike[0]);
	memset(t->ike[0].integ, 0, sizeof(t->ike[0].integ));
	t->ike[0].ninteg = 0;
	memcpy(t->ike[0].prf, prfs, sizeof(prfs));
	t->ike[0].nprf = 2;
	old_prop(&t->child[0]);
	t->child[0].nesn = 1;
}

void
v1_new(struct two *t, const struct world_opt *o)
{
	pair_new(t, o);
	old_way(&t->ta);
	old_way(&t->tb);
}

void
v1_expect_one(struct two *t)
{
	struct seen	*a = world_seen(t->a, "vpn");
	struct seen	*b = world_seen(t->b, "vpn");

	if (a->nchild != 1 || b->nchild != 1)
		print_error("children: a %zu, b %zu; a: %s; b: %s\n",
		    a->nchild, b->nchild, t->a->last_log, t->b->last_log);
	assert_int_equal(a->nchild, 1);
	assert_int_equal(b->nchild, 1);
	assert_int_equal(a->spi_in[0], b->spi_out[0]);
	assert_int_equal(a->spi_out[0], b->spi_in[0]);
}
