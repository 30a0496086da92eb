/* SPDX-License-Identifier: ISC */

/* pair.c: two gateways for the pair tests. */

#include "pair.h"

uint64_t
pair_seed(void)
{
	const char	*s = getenv("SEED");

	return (s == NULL ? 1 : strtoull(s, NULL, 10));
}

void
pair_new(struct two *t, const struct world_opt *o)
{
	memset(t, 0, sizeof(*t));
	t->w = world_new(o, 2);
	t->a = world_gw(t->w, 0);
	t->b = world_gw(t->w, 1);
	world_tunnel(&t->ta, "vpn", t->a, t->b, "10.1.3.0/24", "10.1.4.0/24");
	world_tunnel(&t->tb, "vpn", t->b, t->a, "10.1.4.0/24", "10.1.3.0/24");
	t->tb.flags &= ~(uint32_t)TUN_ACTIVE;
}

static void
ah(struct tunnel *t)
{
	static const uint16_t	 integ[] = { 30, 33 };

	t->flags |= TUN_AH;
	t->nchild = 1;
	t->child[0].nencr = 0;
	memset(t->child[0].encr, 0, sizeof(t->child[0].encr));
	memcpy(t->child[0].integ, integ, sizeof(integ));
	t->child[0].ninteg = nitems(integ);
}

void
pair_ah(struct two *t, int who)
{
	t->a->decouple = t->b->decouple = 1;
	if (who & 1)
		ah(&t->ta);
	if (who & 2)
		ah(&t->tb);
}

void
pair_load_psk(struct two *t, const char *psk_a, const char *psk_b)
{
	world_conf(t->a, &t->ta, &psk_a, 1);
	world_conf(t->b, &t->tb, &psk_b, 1);
}

void
pair_load(struct two *t, uint64_t after)
{
	const char	*psk = "a secret of more than twenty octets";

	world_conf(t->a, &t->ta, &psk, 1);
	if (after > 0)
		world_run(t->w, after);
	world_conf(t->b, &t->tb, &psk, 1);
}

void
pair_free(struct two *t)
{
	if (t->a->accused + t->b->accused > 0)
		print_error("a: %s; b: %s\n", t->a->last_accused,
		    t->b->last_accused);
	assert_int_equal(t->a->accused + t->b->accused, 0);
	assert_int_equal(t->a->foreign + t->b->foreign, 0);
	world_free(t->w);
}

int
pair_up(struct world *w, void *arg)
{
	struct two	*t = arg;

	(void)w;
	return (world_is_up(t->a, "vpn") && world_is_up(t->b, "vpn"));
}

void
pair_expect_up(struct two *t, uint64_t ms)
{
	if (world_until(t->w, pair_up, t, ms))
		return;
	print_error("not up after %llu ms, event %llu; a: %s; b: %s\n",
	    (unsigned long long)ms, (unsigned long long)world_events(t->w),
	    t->a->last_log, t->b->last_log);
	fail();
}

unsigned int
pair_traffic(struct two *t, uint32_t *number, unsigned int n, uint64_t gap)
{
	unsigned int	 i, before;

	before = t->a->delivered + t->b->delivered;
	for (i = 0; i < n; i++) {
		(void)world_probe(t->a, "10.1.3.2", "10.1.4.2", (*number)++);
		(void)world_probe(t->b, "10.1.4.2", "10.1.3.2", (*number)++);
		world_run(t->w, gap);
	}
	return (t->a->delivered + t->b->delivered - before);
}

void
pair_expect_traffic(struct two *t, uint32_t *number)
{
	unsigned int	 got;

	got = pair_traffic(t, number, 5, 10);
	world_run(t->w, 200);
	if (got != 10)
		print_error("a: %s; b: %s\n", t->a->last_log, t->b->last_log);
	assert_int_equal(got, 10);
	assert_int_equal(t->a->duplicates + t->b->duplicates, 0);
}

void
pair_order(struct gw *g, uint32_t type, int what)
{
	struct m_c_rekey	 r;

	memset(&r, 0, sizeof(r));
	r.what = (uint8_t)what;
	(void)world_frame(g, PROC_CTL, PROC_IKE, type, 7, world_id(g, "vpn"), &r);
}
