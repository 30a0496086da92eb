/* SPDX-License-Identifier: ISC */

/*
 * test_ike_percpu.c: two engines and children of single CPUs (RFC 9611): who
 * has which CPU, what is refused, what renewals, deletions and losses leave.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ike_rig.h"
#include "reason.h"

enum { X_CHILD = 36, CPUS = 4 };

static struct rig	r;
static struct tunnel	t[2];
static const char	psk[] = "a very long secret that nobody knows";

/* With that many CPUs each; 0: a kernel that has nothing like that. */
static void
up(uint32_t seed, uint16_t a, uint16_t b)
{
	rig_init(&r, seed);
	rig_tunnel_of(&r, 0, &t[0]);
	rig_tunnel_of(&r, 1, &t[1]);
	t[0].flags |= TUN_PERCPU;
	t[1].flags = TUN_PERCPU;
	r.gw[0].cpus = a;
	r.gw[1].cpus = b;
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	rig_go(&r, 1);
	rig_go(&r, 0);
	assert_true(rig_until_up(&r, 5000));
}

/* The live pair of that CPU; there is one at most. */
static const struct rig_pair *
of(int gw, uint16_t cpu)
{
	const struct rig_pair	*p = NULL;
	const struct rig_gw	*g = &r.gw[gw];
	size_t			 i;

	for (i = 0; i < g->np; i++)
		if (g->p[i].live && g->p[i].sa.cpu == cpu) {
			assert_null(p);
			p = &g->p[i];
		}
	return (p);
}

/* n live pairs each, as at the other end, beside the one of all. */
static void
sound(size_t n)
{
	const struct rig_gw	*g;
	size_t			 i;
	int			 gw;

	assert_false(r.bad);
	assert_true(rig_match(&r));
	for (gw = 0; gw < 2; gw++) {
		g = &r.gw[gw];
		assert_int_equal(rig_live(g), n);
		assert_non_null(of(gw, 0));
		for (i = 0; i < g->np; i++)
			if (g->p[i].live && g->p[i].sa.cpu == 0)
				assert_int_equal(g->p[i].sa.beside,
				    g->p[i].sa.child);
	}
}

/* Each CPU gets one, of the end that has more of them, too. */
static void
test_each(void **state)
{
	static const uint16_t	 v[][2] = { { 4, 4 }, { 2, 4 }, { 4, 2 },
				    { 1, 1 } };
	size_t			 i, n;
	uint16_t		 cpu;

	(void)state;
	for (i = 0; i < 4; i++) {
		up((uint32_t)(1 + i), v[i][0], v[i][1]);
		n = v[i][0] < v[i][1] ? v[i][0] : v[i][1];
		rig_run(&r, 3000);
		sound(1 + n);
		rig_run(&r, 60000);
		sound(1 + n);
		for (cpu = 1; cpu <= n; cpu++) {
			assert_int_equal(of(0, cpu)->sa.beside,
			    of(0, 0)->sa.child);
			assert_int_equal(of(1, cpu)->sa.beside,
			    of(1, 0)->sa.child);
		}
		assert_int_equal(rig_logged(&r, "notify 48"),
		    v[i][0] != v[i][1]);
		rig_clear(&r);
	}
}

/* Without the word, or a kernel for it, at either end: one child, no more. */
static void
test_without(void **state)
{
	static const struct { uint32_t flags[2]; uint16_t cpus[2]; } v[] = {
		{ { TUN_ACTIVE | TUN_PERCPU, 0 }, { CPUS, CPUS } },
		{ { TUN_ACTIVE, TUN_PERCPU }, { CPUS, CPUS } },
		{ { TUN_ACTIVE | TUN_PERCPU, TUN_PERCPU }, { CPUS, 0 } },
		{ { TUN_ACTIVE | TUN_PERCPU, TUN_PERCPU }, { 0, CPUS } },
	};
	size_t	 i;
	int	 gw;

	(void)state;
	for (i = 0; i < 4; i++) {
		rig_init(&r, (uint32_t)(10 + i));
		for (gw = 0; gw < 2; gw++) {
			rig_tunnel_of(&r, gw, &t[gw]);
			t[gw].flags = v[i].flags[gw];
			r.gw[gw].cpus = v[i].cpus[gw];
			rig_load(&r, gw, &t[gw], 1, psk);
		}
		rig_go(&r, 1);
		rig_go(&r, 0);
		assert_true(rig_until_up(&r, 5000));
		rig_run(&r, 60000);
		assert_int_equal(rig_live(&r.gw[0]), 1);
		assert_true(rig_match(&r));
		for (gw = 0; gw < 2; gw++)
			assert_int_equal(of(gw, 0)->sa.beside, 0);
		assert_int_equal(rig_sent(&r, 0, X_CHILD, 0), 0);
		rig_clear(&r);
	}
}

/* One CPU at B: A asks for a second one in vain (TS_MAX_QUEUE), once, and
 * once again when the keys are renewed. */
static void
test_full(void **state)
{
	size_t	 n;

	(void)state;
	up(20, CPUS, 1);
	rig_run(&r, 60000);
	sound(2);
	n = rig_sent(&r, 0, X_CHILD, 0);
	assert_int_equal(n, 2);
	assert_int_equal(rig_sent(&r, 1, X_CHILD, 0), 0);
	rig_rekey(&r, 0, 0);
	rig_run(&r, 60000);
	sound(2);
	assert_int_equal(rig_sent(&r, 0, X_CHILD, 0), n + 3);
	rig_clear(&r);
}

/* Each keeps its CPU and is beside the new one; B's wait until A's go. */
static void
renew(int gw, uint8_t ike)
{
	size_t	 i, n[2] = { r.gw[0].np, r.gw[1].np };

	rig_rekey(&r, gw, ike);
	rig_run(&r, 5000);
	sound(1 + CPUS);
	assert_int_equal(r.gw[0].np, ike ? n[0] : n[0] + 1 + CPUS);
	for (i = n[!gw]; i < r.gw[!gw].np; i++)
		assert_int_equal(r.gw[!gw].p[i].sa.inactive, 1);
	for (i = n[gw]; i < r.gw[gw].np; i++)
		assert_int_equal(r.gw[gw].p[i].sa.inactive, 0);
}

static void
test_renewal(void **state)
{
	(void)state;
	up(30, CPUS, CPUS);
	rig_run(&r, 3000);
	sound(1 + CPUS);
	renew(0, 0);
	renew(1, 0);
	renew(0, 1);
	renew(1, 1);
	renew(1, 0);
	renew(0, 0);
	rig_run(&r, 60000);
	sound(1 + CPUS);
	rig_clear(&r);
}

/* By the clock, for three hours. */
static void
test_hours(void **state)
{
	int	 i;

	(void)state;
	up(40, CPUS, CPUS);
	for (i = 0; i < 180; i++)
		rig_run(&r, 60000);
	rig_run(&r, 10000);
	sound(1 + CPUS);
	rig_clear(&r);
}

/* Both ends renew in the same instant, while some are being made. */
static void
test_crossed(void **state)
{
	uint32_t	 seed;

	(void)state;
	for (seed = 50; seed < 70; seed++) {
		up(seed, CPUS, CPUS);
		rig_run(&r, seed);
		rig_rekey(&r, 1, 0);
		rig_rekey(&r, 0, 0);
		rig_run(&r, 60000);
		assert_false(r.bad);
		assert_true(rig_match(&r));
		assert_non_null(of(0, 0));
		assert_non_null(of(1, 0));
		assert_true(rig_live(&r.gw[0]) > CPUS);
		rig_clear(&r);
	}
}

/* Every message of it lost once. */
static void
test_loss(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 1; i <= 8; i++) {
		up((uint32_t)(70 + i), CPUS, CPUS);
		r.lose[0] = r.nseen + i;
		rig_run(&r, 20000);
		sound(1 + CPUS);
		rig_clear(&r);
	}
}

/* One is lost: it is made anew, with that of all also those beside it. */
static void
lost(uint16_t cpu)
{
	struct m_s_expire	 x;

	memset(&x, 0, sizeof(x));
	x.child = of(0, cpu)->sa.child;
	x.hard = 1;
	rig_frame(&r, 0, PROC_SAD, PROC_IKE, M_S_EXPIRE, 0, 1, &x);
	rig_run(&r, 30000);
	sound(1 + CPUS);
}

static void
test_lost(void **state)
{
	(void)state;
	up(80, CPUS, CPUS);
	rig_run(&r, 3000);
	sound(1 + CPUS);
	lost(2);
	lost(0);
	lost(1);
	rig_clear(&r);
}

/* Our own s2sd-sad says no: quiet, and not tried again and again. */
static void
test_refused(void **state)
{
	size_t	 n;

	(void)state;
	up(90, CPUS, CPUS);
	r.gw[0].sad_refuses = SERR_BACKEND;
	rig_run(&r, 3000);
	sound(1);
	n = rig_sent(&r, 0, X_CHILD, 0);
	rig_run(&r, 300000);
	r.gw[0].sad_refuses = SERR_OK;
	assert_true(rig_sent(&r, 0, X_CHILD, 0) <= n + 1);
	rig_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_hours),
		cmocka_unit_test(test_crossed),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
