/* SPDX-License-Identifier: ISC */

/*
 * test_ike_edges.c: the two tables of the IKEv2 machine: no row that can
 * never match, no handler that can see what it does not need, nothing that
 * installs before authentication (R6).
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "v2/v2.h"

static int
same_event(const struct ike2_edge *a, const struct ike2_edge *b)
{
	return (a->from == b->from && a->exch == b->exch &&
	    a->resp == b->resp && a->sealed == b->sealed);
}

/* A row is dead if an earlier one of the same event needs no more. */
static void
test_reachable(void **state)
{
	size_t	 i, j;

	(void)state;
	for (i = 0; i < ike2_nedges; i++)
		for (j = 0; j < i; j++)
			if (same_event(&ike2_edges[i], &ike2_edges[j]))
				assert_int_not_equal(ike2_edges[j].need &
				    ~ike2_edges[i].need, 0);
}

static void
test_rows(void **state)
{
	const struct ike2_edge	*e;

	(void)state;
	for (e = ike2_edges; e < ike2_edges + ike2_nedges; e++) {
		assert_non_null(e->fn);
		assert_true(e->from < S_MAX && e->to < S_MAX);
		assert_true(e->resp <= 1 && e->sealed <= 1);
		/* only IKE_SA_INIT goes in clear, and always does */
		assert_int_equal(e->sealed, e->exch != X_INIT);
		/* before authentication: INIT and AUTH only */
		if (e->from != S_UP && e->from != S_CLOSING)
			assert_true(e->exch == X_INIT || e->exch == X_AUTH);
		else
			assert_true(e->exch == X_CHILD || e->exch == X_INFO);
		/* no row sees SK itself, EAP or configuration */
		assert_int_equal((e->need | e->may) & (PLDBIT(PLD_SK) |
		    PLDBIT(PLD_EAP) | PLDBIT(PLD_CP)), 0);
		assert_int_equal(e->need & e->may, 0);
		/* a request or an answer, never the same handler for both */
		assert_true(e->from != S_LINGER && e->from != S_DEAD &&
		    e->from != S_NEXT);
	}
}

/* Each wait has its answers, each of them once, and each way ends. */
static void
test_answers(void **state)
{
	const struct ike2_answer	*a, *b;
	int				 w, n, steps;

	(void)state;
	for (a = ike2_answers; a < ike2_answers + ike2_nanswers; a++) {
		assert_non_null(a->fn);
		assert_non_null(a->done);
		assert_true(a->from != W_NONE && a->from < W_MAX);
		for (b = ike2_answers; b < a; b++)
			assert_false(a->from == b->from &&
			    a->type == b->type);
		/* a half-answered wait leads to the same end */
		for (b = ike2_answers; b < ike2_answers + ike2_nanswers; b++)
			if (a->to != W_NONE && b->from == a->to)
				assert_true(a->done == b->done &&
				    b->to == W_NONE);
	}
	for (w = W_NONE + 1; w < W_MAX; w++) {
		for (n = 0, a = ike2_answers;
		    a < ike2_answers + ike2_nanswers; a++)
			n += a->from == w;
		steps = w == W_AUTH_I || w == W_AUTH_R || w == W_CHILD_I ||
		    w == W_CHILD_R ? 2 : 1;
		assert_int_equal(n, steps);
	}
}

/* Narrowing never gives more than either side has (R19). */
static uint32_t	seed = 1;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return ((seed >> 8) % n);
}

static void
some_sel(struct sel *s)
{
	memset(s, 0, sizeof(*s));
	s->af = 4;
	s->lo[0] = s->hi[0] = 10;
	s->lo[3] = (uint8_t)rnd(200);
	s->hi[3] = (uint8_t)(s->lo[3] + rnd(56));
	s->ipproto = rnd(4) == 0 ? 6 : 0;
	s->port_hi = 65535;
}

static void
test_narrow(void **state)
{
	struct selpair	 mine[8], out[SELPAIR_MAX];
	struct sel	 l[8], r[8];
	size_t		 i, j, n;
	int		 round, in;

	(void)state;
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < 8; i++) {
			some_sel(&mine[i].local);
			some_sel(&mine[i].remote);
			some_sel(&l[i]);
			some_sel(&r[i]);
		}
		n = ike2_narrow(mine, 1 + rnd(8), l, 1 + rnd(8), r,
		    1 + rnd(8), out);
		assert_true(n <= SELPAIR_MAX);
		for (i = 0; i < n; i++) {
			for (in = 0, j = 0; j < 8; j++)
				in |= (sel_in(&out[i].local, &mine[j].local) &&
				    sel_in(&out[i].remote, &mine[j].remote));
			assert_true(in);
			for (in = 0, j = 0; j < 8; j++)
				in |= sel_in(&out[i].local, &l[j]);
			assert_true(in);
			for (in = 0, j = 0; j < 8; j++)
				in |= sel_in(&out[i].remote, &r[j]);
			assert_true(in);
		}
	}
}

static void
test_lower(void **state)
{
	(void)state;
	assert_true(ike2_lower(rd_of("abc", 3), rd_of("abd", 3)));
	assert_false(ike2_lower(rd_of("abd", 3), rd_of("abc", 3)));
	assert_false(ike2_lower(rd_of("abc", 3), rd_of("abc", 3)));
	assert_true(ike2_lower(rd_of("ab", 2), rd_of("abc", 3)));
	assert_true(ike2_lower(rd_of("\x01", 1), rd_of("\xff", 1)));
}

/* ---- heap and maps under a random load ---- */

enum { NTIMER = 300 };
static uint64_t	fired[NTIMER], last;
static size_t	nfired;

static void
fire(struct ike *ike, void *arg, uint64_t now)
{
	uint64_t	*due = arg;

	(void)ike;
	assert_true(*due <= now && *due >= last);
	last = *due;
	nfired++;
}

static void
test_timers(void **state)
{
	static struct ike	 ike;
	struct timer		 t[NTIMER];
	size_t			 i, set = 0;
	int			 round;

	(void)state;
	assert_int_equal(ike_timer_more(&ike, NTIMER), 0);
	for (i = 0; i < NTIMER; i++)
		ike_timer_init(&t[i], fire, &fired[i]);
	for (round = 0; round < 5000; round++) {
		i = rnd(NTIMER);
		if (rnd(3) == 0)
			ike_timer_off(&ike, &t[i]);
		else {
			fired[i] = rnd(100000);
			ike_timer_set(&ike, &t[i], fired[i]);
		}
	}
	for (i = 0; i < NTIMER; i++)
		set += t[i].pos != 0;
	assert_int_equal(ike.heap.n, set);
	assert_true(ike_timer_run(&ike, 50000) > 50000);
	assert_int_equal(ike_timer_run(&ike, 100000), DUE_NEVER);
	assert_int_equal(nfired, set);
	free(ike.heap.t);
}

static void
test_maps(void **state)
{
	struct map	 m;
	struct node	 n[500];
	struct node	*x;
	size_t		 i, count;

	(void)state;
	memset(&m, 0, sizeof(m));
	memset(n, 0, sizeof(n));
	for (i = 0; i < 500; i++)
		ike_map_put(&m, &n[i], i / 2, &n[i]);
	assert_int_equal(m.n, 500);
	for (i = 0; i < 500; i += 4)
		ike_map_del(&m, &n[i]);
	for (i = 0; i < 250; i++) {
		count = 0;
		for (x = ike_map_get(&m, i); x != NULL; x = ike_map_next(x)) {
			assert_int_equal(x->key, i);
			count++;
		}
		assert_int_equal(count, i % 2 == 0 ? 1 : 2);
	}
	assert_null(ike_map_get(&m, 1000));
	ike_map_free(&m);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_reachable),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_lower),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_maps),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
