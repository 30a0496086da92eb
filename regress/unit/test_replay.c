/* SPDX-License-Identifier: ISC */

/* test_replay.c: the replay window against a model that remembers all. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../daemon/esp/local.h"

static uint64_t	seed = 1;

static uint64_t
rnd(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 20);
}

/* What RFC 4303 section 3.4.3 says, in the slowest way. */
struct model {
	uint64_t	 top, win, base;
	uint8_t		*seen;		/* numbers from base on */
};

static int
model_check(const struct model *m, uint64_t seq)
{
	if (seq == 0 || (seq <= m->top && m->top - seq >= m->win))
		return (-1);
	return (m->seen[seq - m->base] ? -1 : 0);
}

static void
against_model(uint32_t win, int esn, uint64_t start, uint64_t spread)
{
	enum { ROUNDS = 40000 };
	struct esp_replay	 r;
	struct model		 m;
	uint64_t		 seq, guess, room = spread * 2 + ROUNDS * 80ULL;
	int			 i, want, jump;

	esp_replay_init(&r, win, esn);
	m.win = win;
	m.top = r.top = start;
	m.base = start > spread ? start - spread : 0;
	assert_non_null(m.seen = calloc(room, 1));
	for (i = 0; i < ROUNDS; i++) {
		jump = rnd() % 16 == 0;
		seq = m.top + (jump ? rnd() % 100 : 2);
		seq -= rnd() % (spread < seq - m.base ? spread : 2);
		if (!esn && seq > UINT32_MAX)
			break;
		want = model_check(&m, seq);
		if (esp_replay_guess(&r, (uint32_t)seq, &guess) == -1)
			guess = 0;
		if (seq > m.top || m.top - seq < m.win)
			assert_int_equal(guess, seq);
		else if (guess == seq)
			assert_int_equal(esp_replay_check(&r, guess), -1);
		else
			continue;	/* taken for a later one: the ICV */
		assert_int_equal(esp_replay_check(&r, seq), want);
		if (want == 0) {
			esp_replay_mark(&r, seq);
			m.seen[seq - m.base] = 1;
			if (seq > m.top)
				m.top = seq;
			assert_int_equal(esp_replay_check(&r, seq), -1);
		}
		assert_int_equal(r.top, m.top);
	}
	free(m.seen);
}

static void
test_random(void **state)
{
	static const uint32_t	 wins[] = { 1, 32, 63, 64, 65, 1000, 4096 };
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(wins); i++) {
		against_model(wins[i], 0, 0, 6000);
		against_model(wins[i], 1, 0, 6000);
		against_model(wins[i], 1, 0xfffff000ULL, 6000);
		against_model(wins[i], 1, 0x1ffffff00ULL, 6000);
		against_model(wins[i], 1, 0x7fffffff00001000ULL, 6000);
	}
}

/* N077: at once, after 10, at the edge, behind it, after 2^20. */
static void
test_edges(void **state)
{
	struct esp_replay	 r;
	uint64_t		 s;

	(void)state;
	esp_replay_init(&r, 4096, 1);
	assert_int_equal(esp_replay_check(&r, 0), -1);
	assert_int_equal(esp_replay_check(&r, 1), 0);
	for (s = 1; s <= 5000; s++) {
		assert_int_equal(esp_replay_check(&r, s), 0);
		if (s % 2 == 0)
			esp_replay_mark(&r, s);
	}
	esp_replay_mark(&r, 5001);
	assert_int_equal(esp_replay_check(&r, 5001), -1);
	assert_int_equal(esp_replay_check(&r, 5001 - 10), 0);
	assert_int_equal(esp_replay_check(&r, 5001 - 11), -1);
	assert_int_equal(esp_replay_check(&r, 5001 - 4095), -1); /* even */
	assert_int_equal(esp_replay_check(&r, 5001 - 4094), 0);
	assert_int_equal(esp_replay_check(&r, 5001 - 4096), -1); /* behind */
	esp_replay_mark(&r, 5001 + (1 << 20));
	assert_int_equal(esp_replay_check(&r, 5001), -1);
	for (s = 5001 + (1 << 20) - 4095; s < 5001 + (1 << 20); s++)
		assert_int_equal(esp_replay_check(&r, s), 0);
}

/* N078: the upper half, RFC 4303 appendix A2.1. */
static void
test_guess(void **state)
{
	static const struct {
		uint64_t	 top;
		uint32_t	 low;
		uint64_t	 seq;		/* 0: refused */
	} t[] = {
		{ 0, 1, 1 },
		{ 0, 0x80000000u, 0x80000000u },
		{ 0, 0xfffff001u, 0 },		/* before the first */
		{ 5000, 905, 905 },		/* bottom of the window */
		{ 5000, 904, 0x100000000ULL + 904 },
		{ 0xffffffff, 0, 0x100000000ULL },
		{ 0x100000000ULL, 0xffffffffu, 0xffffffffu },
		{ 0x100000000ULL, 0xfffff001u, 0xfffff001u },
		{ 0x100000000ULL, 0xfffff000u, 0x1fffff000ULL },
		{ 0xffffffffffffffffULL, 0, 0 },	/* would cycle */
		{ 0xffffffffffffffffULL, 0xffffffffu, 0xffffffffffffffffULL },
	};
	struct esp_replay	 r;
	uint64_t		 seq;
	size_t			 i;

	(void)state;
	esp_replay_init(&r, 4096, 1);
	for (i = 0; i < nitems(t); i++) {
		r.top = t[i].top;
		if (esp_replay_guess(&r, t[i].low, &seq) == -1)
			seq = 0;
		assert_int_equal(seq, t[i].seq);
	}
	esp_replay_init(&r, 4096, 0);
	r.top = 0xffffffff;
	assert_int_equal(esp_replay_guess(&r, 5, &seq), 0);
	assert_int_equal(seq, 5);
	assert_int_equal(esp_replay_check(&r, seq), -1);
	/* a window of nothing is not accepted: the default holds */
	esp_replay_init(&r, 0, 0);
	assert_int_equal(r.win, 4096);
	esp_replay_init(&r, 99999, 0);
	assert_int_equal(r.win, 4096);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_guess),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
