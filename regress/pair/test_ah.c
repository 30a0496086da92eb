/* SPDX-License-Identifier: ISC */

/*
 * test_ah.c: two gateways with AH.  Their plane is the one that only
 * remembers: what is looked at are the children, the reasons, and what goes
 * over the wire in the clear.
 */

#include "pair.h"

#include "reason.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

static void
ah_new(struct two *t)
{
	pair_new(t, &calm);
	pair_ah(t, 3);
}

static void
expect_reason(const struct gw *g, int reason)
{
	const struct m_c_state	*st = &world_seen((struct gw *)(uintptr_t)g,
				    "vpn")->st;

	if (st->reason != reason)
		print_error("reason %s: %s\n", reason_row(st->reason)->id,
		    st->detail);
	assert_int_equal(st->reason, reason);
}

static void
expect_one(struct two *t)
{
	struct seen	*a = world_seen(t->a, "vpn");
	struct seen	*b = world_seen(t->b, "vpn");

	assert_int_equal(a->nchild, 1);
	assert_int_equal(b->nchild, 1);
	assert_int_equal(a->spi_in[0], b->spi_out[0]);
	assert_int_equal(a->spi_out[0], b->spi_in[0]);
	assert_int_equal(a->downs + b->downs, 0);
}

static void
test_ah_up(void **state)
{
	struct two	 t;

	(void)state;
	ah_new(&t);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	expect_one(&t);
	world_run(t.w, 60000);
	expect_one(&t);
	pair_free(&t);
}

/* Child and IKE SA, by either end: the old ones are deleted as AH. */
static void
test_ah_renewed(void **state)
{
	struct two	 t;
	uint32_t	 spi;
	int		 i;

	(void)state;
	ah_new(&t);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 1000);
	for (i = 0; i < 4; i++) {
		spi = world_seen(t.a, "vpn")->spi_in[0];
		pair_order(i % 2 == 0 ? t.a : t.b, M_C_REKEY, i / 2);
		world_run(t.w, 20000);
		expect_one(&t);
		if (i / 2 == 0)
			assert_int_not_equal(world_seen(t.a,
			    "vpn")->spi_in[0], spi);
		else
			assert_int_equal(world_seen(t.a, "vpn")->spi_in[0],
			    spi);
	}
	pair_free(&t);
}

/* It never comes up through a NAT, and both ends know why. */
static void
test_ah_nat(void **state)
{
	struct two	 t;

	(void)state;
	ah_new(&t);
	t.a->public = t.a->outer;
	t.a->public.a[1] = 19;
	t.tb.peer[0] = t.a->public;
	t.tb.peer[0].port = 500;
	pair_load(&t, 0);
	world_run(t.w, 3000);
	assert_int_equal(world_seen(t.a, "vpn")->nchild, 0);
	expect_reason(t.a, R_AH_NAT);
	assert_non_null(strstr(world_seen(t.a, "vpn")->st.detail, "our"));
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 0);
	expect_reason(t.b, R_AH_NAT);
	world_run(t.w, 120000);
	expect_reason(t.a, R_AH_NAT);
	assert_int_equal(world_seen(t.a, "vpn")->ups, 0);
	assert_int_equal(world_seen(t.b, "vpn")->ups, 0);
	pair_free(&t);
}

/* One of them has ESP: whoever answers says which end wants what. */
static void
test_ah_esp(void **state)
{
	struct two	 t;
	int		 who;

	(void)state;
	for (who = 1; who <= 2; who++) {
		pair_new(&t, &calm);
		pair_ah(&t, who);
		pair_load(&t, 0);
		world_run(t.w, 5000);
		assert_int_equal(world_seen(t.a, "vpn")->ups, 0);
		expect_reason(t.a, R_NO_PROPOSAL);
		expect_reason(t.b, R_ESP_AH);
		assert_non_null(strstr(world_seen(t.b, "vpn")->st.detail,
		    who == 1 ? "offers AH" : "offers ESP"));
		pair_free(&t);
	}
}

/* The plane of ours has no AH: the whole configuration is refused. */
static void
test_ah_userland(void **state)
{
	struct two	 t;

	(void)state;
	ah_new(&t);
	t.a->decouple = t.b->decouple = 0;
	pair_load(&t, 0);
	world_run(t.w, 2000);
	assert_true(t.a->refused > 0);
	assert_true(t.b->refused > 0);
	pair_free(&t);
}

const struct CMUnitTest	tests_ah[] = {
	cmocka_unit_test(test_ah_up), cmocka_unit_test(test_ah_renewed),
	cmocka_unit_test(test_ah_nat), cmocka_unit_test(test_ah_esp),
	cmocka_unit_test(test_ah_userland),
};
const size_t	tests_ah_n = nitems(tests_ah);
