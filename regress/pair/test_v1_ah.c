/* SPDX-License-Identifier: ISC */

/* test_v1_ah.c: AH by quick mode. */

#include "v1.h"

#include "reason.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

static void
test_v1_ah(void **state)
{
	struct two	 t;
	uint32_t	 spi;
	int		 i;

	(void)state;
	v1_new(&t, &calm);
	pair_ah(&t, 3);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 1000);
	v1_expect_one(&t);
	for (i = 0; i < 2; i++) {
		spi = world_seen(t.a, "vpn")->spi_in[0];
		pair_order(i == 0 ? t.a : t.b, M_C_REKEY, 0);
		world_run(t.w, 30000);
		v1_expect_one(&t);
		assert_int_not_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	}
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	pair_free(&t);
}

static void
test_v1_ah_nat(void **state)
{
	struct two	 t;

	(void)state;
	v1_new(&t, &calm);
	pair_ah(&t, 3);
	t.a->public = t.a->outer;
	t.a->public.a[1] = 19;
	t.tb.peer[0] = t.a->public;
	t.tb.peer[0].port = 500;
	pair_load(&t, 0);
	world_run(t.w, 5000);
	assert_int_equal(world_seen(t.a, "vpn")->ups, 0);
	assert_int_equal(world_seen(t.b, "vpn")->ups, 0);
	assert_int_equal(world_seen(t.a, "vpn")->st.reason, R_AH_NAT);
	pair_free(&t);
}

static void
test_v1_ah_esp(void **state)
{
	struct two	 t;
	int		 who;

	(void)state;
	for (who = 1; who <= 2; who++) {
		v1_new(&t, &calm);
		pair_ah(&t, who);
		pair_load(&t, 0);
		world_run(t.w, 5000);
		assert_int_equal(world_seen(t.a, "vpn")->ups, 0);
		assert_int_equal(world_seen(t.a, "vpn")->st.reason,
		    R_NO_PROPOSAL);
		assert_int_equal(world_seen(t.b, "vpn")->st.reason, R_ESP_AH);
		pair_free(&t);
	}
}

const struct CMUnitTest	tests_v1_ah[] = {
	cmocka_unit_test(test_v1_ah), cmocka_unit_test(test_v1_ah_nat),
	cmocka_unit_test(test_v1_ah_esp),
};
const size_t	tests_v1_ah_n = nitems(tests_v1_ah);
