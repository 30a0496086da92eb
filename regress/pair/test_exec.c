/* SPDX-License-Identifier: ISC */

/* test_exec.c: s2sd-host and s2sd-exec under a pair of gateways. */

#include <stdio.h>

#include "pair.h"

static const struct world_opt	pf = { .seed = 1, .delay = 5, .exec = 1 };

static void
test_anchors(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &pf);
	pair_load(&t, 0);
	pair_expect_up(&t, 5000);
	pair_expect_traffic(&t, &number);
	assert_non_null(strstr(t.a->anchor[1], "block drop out quick on ! "
	    "tun0 inet from 10.1.3.0/24 to 10.1.4.0/24"));
	assert_non_null(strstr(t.a->anchor[0], "pass out quick inet proto udp "
	    "from 198.18.0.0/32 port { 500, 4500 } to 198.18.0.1/32"));
	assert_non_null(strstr(t.b->anchor[1], "from 10.1.4.0/24 to "
	    "10.1.3.0/24"));
	/* somebody empties ours: loaded again */
	t.a->anchor[0][0] = '\0';
	world_run(t.w, 20000);
	assert_non_null(strstr(t.a->anchor[0], "pass out quick"));
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* pfctl fails: said, tried again; the block that stands stands. */
static void
test_broken(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &pf);
	t.a->pf_broken = 1;
	pair_load(&t, 0);
	world_run(t.w, 15000);
	assert_true(t.a->pfctl > 0);
	assert_string_equal(t.a->anchor[0], "");
	t.a->pf_broken = 0;
	world_run(t.w, 40000);
	assert_non_null(strstr(t.a->anchor[0], "pass out quick"));
	assert_non_null(strstr(t.a->anchor[1], "block drop"));
	pair_expect_up(&t, 1000);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* Either ends under traffic; what it held is there again. */
static void
test_ends(void **state)
{
	static const enum proc	 who[] = { PROC_EXEC, PROC_HOST };
	struct two		 t;
	uint32_t		 number = 0;
	size_t			 i;

	(void)state;
	pair_new(&t, &pf);
	pair_load(&t, 0);
	pair_expect_up(&t, 5000);
	for (i = 0; i < nitems(who); i++) {
		world_kill(t.a, who[i], 100);
		pair_expect_traffic(&t, &number);
		t.a->anchor[0][0] = '\0';
		world_run(t.w, 30000);
		assert_non_null(strstr(t.a->anchor[0], "pass out quick"));
		assert_non_null(strstr(t.a->anchor[1], "block drop"));
		pair_expect_traffic(&t, &number);
	}
	pair_free(&t);
}

const struct CMUnitTest	tests_exec[] = {
	cmocka_unit_test(test_anchors),
	cmocka_unit_test(test_broken),
	cmocka_unit_test(test_ends),
};
const size_t	tests_exec_n = nitems(tests_exec);
