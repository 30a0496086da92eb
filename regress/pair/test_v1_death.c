/* SPDX-License-Identifier: ISC */

/*
 * test_v1_death.c: IKEv1: a role ends at any event of a handshake, a rekey, or in
 * quiet times, and the tunnel comes back by the table of DESIGN.md section 2.
 */

#include "v1.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };
static const enum proc		all[] = { PROC_NET, PROC_IKE, PROC_KEYS,
    PROC_SAD, PROC_ESP, PROC_HOST, PROC_CTL };

static void
expect_back(struct two *t, uint64_t ms)
{
	uint32_t	 number = 0;

	world_run(t->w, ms);
	if (!pair_up(t->w, t))
		print_error("not back; a: %s; b: %s\n", t->a->last_log,
		    t->b->last_log);
	assert_int_equal(pair_up(t->w, t), 1);
	pair_expect_traffic(t, &number);
}

/*
 * s2sd-keys ends while the file is bad, so that it gets no secret: the SAs
 * stay for as long as they live, and a good file cures it.
 */
static void
test_v1_bad_file(void **state)
{
	const char	*psk = "a secret of more than twenty octets";
	struct two	 t;
	uint32_t	 number = 0, spi;

	(void)state;
	v1_new(&t, &calm);
	t.ta.life = t.tb.life = 3600;
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	spi = world_seen(t.a, "vpn")->spi_in[0];
	t.a->bad_file = 1;
	world_kill(t.a, PROC_KEYS, 20);
	world_run(t.w, 1000);
	assert_int_equal(t.a->lacks, 1);
	/* it runs: nobody starts it again and again */
	assert_int_equal(t.a->epoch[PROC_KEYS], 2);
	assert_int_equal(pair_traffic(&t, &number, 1500, 1000), 3000);
	assert_int_equal(t.a->epoch[PROC_KEYS], 2);
	assert_int_equal(pair_up(t.w, &t), 1);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	t.a->bad_file = 0;
	world_conf(t.a, &t.ta, &psk, 1);
	assert_int_equal(pair_traffic(&t, &number, 120, 1000), 240);
	assert_int_equal(t.a->lacks, 0);
	/* new keys can be had again */
	pair_order(t.a, M_C_REKEY, 0);
	world_run(t.w, 12000);
	assert_int_not_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* From the first frame on, one event further each time. */
static void
at_any_event(int both_dial)
{
	struct two	 t;
	uint64_t	 n, first;
	size_t		 r;
	unsigned int	 side;

	for (r = 0; r < nitems(all); r++)
		for (side = 0; side < 2; side++)
			for (n = 0; n < 130; n += 3) {
				v1_new(&t, &calm);
				if (both_dial)
					t.tb.flags |= TUN_ACTIVE;
				pair_load(&t, 0);
				first = world_events(t.w);
				while (world_events(t.w) < first + n &&
				    world_step(t.w, world_now(t.w) + 500))
					;
				world_kill(side ? t.b : t.a, all[r], 20);
				expect_back(&t, 130000);
				pair_free(&t);
			}
}

static void
test_v1_handshake(void **state)
{
	(void)state;
	at_any_event(0);
}

static void
test_v1_handshake_both(void **state)
{
	(void)state;
	at_any_event(1);
}

static void
test_v1_during_rekey(void **state)
{
	struct two	 t;
	uint64_t	 n, first;
	size_t		 r;
	int		 what;

	(void)state;
	for (what = 0; what < 2; what++)
		for (r = 0; r < nitems(all); r++)
			for (n = 0; n < 40; n += 2) {
				v1_new(&t, &calm);
				pair_load(&t, 0);
				pair_expect_up(&t, 2000);
				world_run(t.w, 1000);
				pair_order(t.a, M_C_REKEY, what);
				first = world_events(t.w);
				while (world_events(t.w) < first + n &&
				    world_step(t.w, world_now(t.w) + 500))
					;
				world_kill(n % 4 ? t.a : t.b, all[r], 20);
				expect_back(&t, 260000);
				pair_free(&t);
			}
}

/*
 * In quiet times: how long is there no traffic?  net, keys and sad: not at
 * all; ike: not at all; esp: until the new pair is up.
 */
static void
test_v1_quiet(void **state)
{
	struct two	 t;
	uint32_t	 number;
	unsigned int	 i, lost;
	size_t		 r;

	(void)state;
	for (r = 0; r < nitems(all); r++) {
		v1_new(&t, &calm);
		pair_load(&t, 0);
		pair_expect_up(&t, 2000);
		world_run(t.w, 5000);
		number = 0;
		world_kill(t.a, all[r], 10);
		for (i = lost = 0; i < 1000; i++)
			lost += 2 - pair_traffic(&t, &number, 1, 20);
		print_message("%s killed: %u of 2000 packets lost\n",
		    proc_name(all[r]), lost);
		assert_true(all[r] == PROC_ESP ? lost < 100 : lost == 0);
		assert_int_equal(t.a->duplicates + t.b->duplicates, 0);
		world_run(t.w, 60000);
		assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
		assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
		pair_free(&t);
	}
}

/* After any death the tunnel still renews its keys for an hour. */
static void
test_v1_then_an_hour(void **state)
{
	struct two	 t;
	uint32_t	 number;
	unsigned int	 i, got, sent;
	size_t		 r;

	(void)state;
	for (r = 0; r < nitems(all); r++) {
		v1_new(&t, &calm);
		t.ta.life = t.tb.life = 300;
		t.ta.ikelife = t.tb.ikelife = 900;
		pair_load(&t, 0);
		pair_expect_up(&t, 2000);
		world_run(t.w, 1000);
		world_kill(t.a, all[r], 10);
		world_run(t.w, 10000);
		for (i = number = got = sent = 0; i < 1000; i++) {
			got += pair_traffic(&t, &number, 1, 3600);
			sent += 2;
		}
		print_message("%s killed, then an hour: %u of %u\n",
		    proc_name(all[r]), got, sent);
		assert_int_equal(got, sent);
		pair_free(&t);
	}
}

/* Any two at once: the tunnel carries packets again within three seconds. */
static void
test_v1_two(void **state)
{
	struct two	 t;
	uint32_t	 number;
	size_t		 r, q;

	(void)state;
	for (r = 0; r < nitems(all); r++)
		for (q = 0; q < r; q++) {
			v1_new(&t, &calm);
			pair_load(&t, 0);
			pair_expect_up(&t, 2000);
			world_run(t.w, 5000);
			world_kill(t.a, all[r], 10);
			world_run(t.w, 5);
			world_kill(t.a, all[q], 10);
			world_run(t.w, 3000);
			number = 0;
			pair_expect_traffic(&t, &number);
			pair_free(&t);
		}
}

/* N125: everything of one end at once, under traffic. */
static void
test_v1_everything(void **state)
{
	struct two	 t;
	uint64_t	 start;
	size_t		 r;

	(void)state;
	v1_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	for (r = 0; r < nitems(all); r++)
		world_kill(t.a, all[r], 500);
	start = world_now(t.w);
	world_run(t.w, 1000);
	expect_back(&t, 5000);
	print_message("all of one end killed: looked at after %llu ms\n",
	    (unsigned long long)(world_now(t.w) - start));
	pair_free(&t);
}

/* The end that only waits is started anew: the other one notices, dials. */
static void
test_v1_passive_reboot(void **state)
{
	struct two	 t;
	size_t		 r;

	(void)state;
	v1_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	for (r = 0; r < nitems(all); r++)
		world_kill(t.b, all[r], 500);
	world_run(t.w, 130000);
	expect_back(&t, 100000);
	pair_free(&t);
}

/* By seed: a role of either end every few seconds, loss and late frames. */
static void
test_v1_chaos(void **state)
{
	struct world_opt o = { .delay = 5, .jitter = 20, .loss = 5, .dup = 5,
	    .ipc_delay = 10, .ipc_drop = 2 };
	static const struct world_opt good = { .delay = 5 };
	struct two	 t;
	unsigned int	 i, run;

	(void)state;
	for (run = 0; run < 30; run++) {
		o.seed = pair_seed() * 31 + run;
		v1_new(&t, &o);
		t.tb.flags |= run % 2 ? TUN_ACTIVE : 0;
		pair_load(&t, 0);
		for (i = 0; i < 20; i++) {
			world_run(t.w, world_random(t.w) % 4000);
			world_kill(world_random(t.w) % 2 ? t.a : t.b,
			    all[world_random(t.w) % nitems(all)],
			    world_random(t.w) % 300);
		}
		world_run(t.w, 1000);
		world_opt_set(t.w, &good);
		world_run(t.w, 200000);
		if (!pair_up(t.w, &t))
			print_error("seed %llu\n", (unsigned long long)o.seed);
		expect_back(&t, 60000);
		v1_expect_one(&t);
		pair_free(&t);
	}
}

/* An informational message of long ago, come again from elsewhere. */
struct stale {
	const struct gw	*from;
	struct addr	 dst, thief;
	uint8_t		 d[512];
	size_t		 n;
	unsigned int	 infos;
};

static int
keep_info(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	struct stale	*s = arg;
	size_t		 at = src->port == 500 ? 0 : 4;	/* marker of 4500 */

	if (n < at + 28 || n > sizeof(s->d) || p[at + 17] != 0x10 ||
	    p[at + 18] != 5)
		return (1);
	s->infos++;
	if (from == s->from && s->n == 0) {
		s->dst = *dst;
		memcpy(s->d, p, n);
		s->n = n;
	}
	return (1);
}

/*
 * More of them have come since than are remembered: what cannot be told
 * from a replay is no sign of life, and moves nothing.
 */
static void
test_v1_stale_info(void **state)
{
	struct stale	 s;
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	memset(&s, 0, sizeof(s));
	v1_new(&t, &calm);
	t.a->public = t.a->outer;
	t.a->public.a[1] = 19;
	t.tb.peer[0] = t.a->public;
	t.tb.peer[0].port = 500;
	t.ta.dpd = t.tb.dpd = 1;
	s.from = t.a;
	s.thief = t.a->public;
	s.thief.a[1] = 66;
	s.thief.port = 4500;
	world_set_tap(t.w, keep_info, &s);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 400000);
	assert_true(s.n != 0);
	assert_true(s.infos > 300);
	world_inject(t.w, &s.thief, &s.dst, s.d, s.n);
	world_run(t.w, 20);
	assert_int_equal(addr_cmp(&world_seen(t.b, "vpn")->st.peer,
	    &t.a->public, 0), 0);
	world_run(t.w, 5000);
	pair_expect_traffic(&t, &number);
	v1_expect_one(&t);
	pair_free(&t);
}

const struct CMUnitTest tests_v1_death[] = {
	cmocka_unit_test(test_v1_bad_file),
	cmocka_unit_test(test_v1_quiet), cmocka_unit_test(test_v1_handshake),
	cmocka_unit_test(test_v1_handshake_both),
	cmocka_unit_test(test_v1_during_rekey),
	cmocka_unit_test(test_v1_then_an_hour), cmocka_unit_test(test_v1_two),
	cmocka_unit_test(test_v1_everything),
	cmocka_unit_test(test_v1_passive_reboot), cmocka_unit_test(test_v1_chaos),
	cmocka_unit_test(test_v1_stale_info),
};
const size_t tests_v1_death_n = nitems(tests_v1_death);
