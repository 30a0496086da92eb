/* SPDX-License-Identifier: ISC */

/* test_rekey.c: keys renewed, tunnels closed, peers that stop answering. */

#include "pair.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

/* Traffic every 10 ms over a renewal: nothing lost, the old pair goes. */
static void
renew(struct gw *(*who)(struct two *), int what)
{
	struct two	 t;
	uint32_t	 number = 0, spi;
	unsigned int	 got;

	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 1000);
	spi = world_seen(t.a, "vpn")->spi_in[0];
	pair_order(who(&t), M_C_REKEY, what);
	got = pair_traffic(&t, &number, 200, 10);
	world_run(t.w, 5000);
	assert_int_equal(got, 400);
	assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
	if (what == 0)
		assert_int_not_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	else
		assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

static struct gw *
gw_a(struct two *t)
{
	return (t->a);
}

static struct gw *
gw_b(struct two *t)
{
	return (t->b);
}

static void
test_child(void **state)
{
	(void)state;
	renew(gw_a, 0);
	renew(gw_b, 0);
}

static void
test_ike(void **state)
{
	(void)state;
	renew(gw_a, 1);
	renew(gw_b, 1);
}

/* S9, S10: both ends at once, for each offset, calm and with a lost packet. */
static void
collide(int what_a, int what_b)
{
	struct two	 t;
	uint32_t	 number;
	uint64_t	 offset, lost;

	for (offset = 0; offset <= 12; offset += 2)
		for (lost = 0; lost <= 6; lost++) {
			pair_new(&t, &calm);
			pair_load(&t, 0);
			pair_expect_up(&t, 2000);
			world_run(t.w, 1000);
			world_drop_nth(t.w, lost);
			pair_order(t.a, M_C_REKEY, what_a);
			world_run(t.w, offset);
			pair_order(t.b, M_C_REKEY, what_b);
			world_run(t.w, 45000);
			world_drop_nth(t.w, 0);
			assert_int_equal(pair_up(t.w, &t), 1);
			assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
			assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
			assert_int_equal(world_seen(t.a, "vpn")->spi_in[0],
			    world_seen(t.b, "vpn")->spi_out[0]);
			assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
			number = 0;
			pair_expect_traffic(&t, &number);
			pair_free(&t);
		}
}

static void
test_collide_child(void **state)
{
	(void)state;
	collide(0, 0);
}

static void
test_collide_ike(void **state)
{
	(void)state;
	collide(1, 1);
}

static void
test_collide_mixed(void **state)
{
	(void)state;
	collide(0, 1);
	collide(1, 0);
}

/* One hour with short lives and one probe a second each way. */
static void
test_hour(void **state)
{
	struct world_opt o = { .seed = 3, .delay = 5 };
	struct two	 t;
	uint32_t	 number = 0;
	unsigned int	 i, got = 0, sent = 0;

	(void)state;
	pair_new(&t, &o);
	t.tb.flags |= TUN_ACTIVE;
	t.ta.life = t.tb.life = 180;
	t.ta.ikelife = t.tb.ikelife = 900;
	pair_load(&t, 0);
	pair_expect_up(&t, 5000);
	world_run(t.w, 2000);
	for (i = 0; i < 1800; i++) {
		got += pair_traffic(&t, &number, 1, 2000);
		sent += 2;
		assert_true(world_seen(t.a, "vpn")->nchild <= 2);
	}
	print_message("one hour: %u of %u packets\n", got, sent);
	assert_int_equal(got, sent);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	pair_free(&t);
}

static void
test_down_up(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	pair_order(t.a, M_C_DOWN, 0);
	world_run(t.w, 3000);
	assert_int_equal(world_is_up(t.a, "vpn"), 0);
	assert_int_equal(world_is_up(t.b, "vpn"), 0);
	assert_int_equal(world_seen(t.a, "vpn")->st.state, TS_OFF);
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 0);
	assert_int_equal(world_probe(t.a, "10.1.3.2", "10.1.4.2", 4000), -1);
	world_run(t.w, 120000);
	assert_int_equal(world_is_up(t.a, "vpn"), 0);
	pair_order(t.a, M_C_UP, 0);
	pair_expect_up(&t, 2000);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* S3: nothing passes for so long; the tunnel ends, and comes back. */
static void
test_dead_peer(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_link(t.w, 0);
	world_run(t.w, 20000);
	world_link(t.w, 1);
	world_run(t.w, 10000);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	world_link(t.w, 0);
	world_run(t.w, 200000);
	assert_int_equal(world_is_up(t.a, "vpn"), 0);
	assert_int_equal(world_seen(t.a, "vpn")->st.reason == R_DIED ||
	    world_seen(t.a, "vpn")->st.reason == R_NO_ANSWER, 1);
	world_link(t.w, 1);
	pair_expect_up(&t, 75000);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* Nobody is given up sooner, but a person is told. */
static void
test_silent(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	t.ta.dpd = 5;
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 30000);
	assert_true(world_seen(t.a, "vpn")->st.silent == 0);
	world_link(t.w, 0);
	world_run(t.w, 20000);
	assert_int_equal(world_seen(t.a, "vpn")->st.state, TS_UP);
	assert_true(world_seen(t.a, "vpn")->st.silent + 21000 >
	    world_now(t.w));
	assert_true(world_seen(t.a, "vpn")->st.silent + 9000 <
	    world_now(t.w));
	world_link(t.w, 1);
	world_run(t.w, 10000);
	assert_true(world_seen(t.a, "vpn")->st.silent == 0);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* A reload keeps what did not change, and lets go of what went. */
static void
test_reload(void **state)
{
	const char	*psk[2] = { "a secret of more than twenty octets",
	    "another secret of twenty octets!" };
	struct two	 t;
	struct tunnel	 two_a[2];
	uint32_t	 number = 0, spi;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	spi = world_seen(t.a, "vpn")->spi_in[0];
	two_a[0] = t.ta;
	world_tunnel(&two_a[1], "new", t.a, t.b, "10.9.3.0/24", "10.9.4.0/24");
	two_a[1].dstid.type = IDT_FQDN;
	memcpy(two_a[1].dstid.d, "gw.b", 4);
	world_conf(t.a, two_a, psk, 2);
	world_run(t.w, 2000);
	assert_int_equal(t.a->refused, 0);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	pair_expect_traffic(&t, &number);
	two_a[0].flags |= TUN_NATT;		/* changed: a new one */
	world_conf(t.a, two_a, psk, 1);
	world_run(t.w, 5000);
	assert_int_equal(pair_up(t.w, &t), 1);
	assert_int_not_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	pair_expect_traffic(&t, &number);
	world_conf(t.a, two_a, psk, 0);
	world_run(t.w, 5000);
	assert_int_equal(world_is_up(t.b, "vpn"), 0);
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 0);
	pair_free(&t);
}

/*
 * A reload that changes numbers alone, and a role of either end that dies at
 * any moment of it: the SAs stay (but for the end of s2sd-esp, and for the
 * IKE SA with those who have it), and no packet is lost without a death.
 */
static void
test_soft(void **state)
{
	static const enum proc	 who_dies[] = { PROC_PARENT, PROC_CTL,
	    PROC_HOST, PROC_SAD, PROC_KEYS, PROC_NET, PROC_IKE, PROC_ESP };
	const char		*psk = "a secret of more than twenty octets";
	struct two		 t;
	uint32_t		 number, spi;
	uint64_t		 n, first;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(who_dies); i++)
		for (n = 0; n < (i == 0 ? 1 : 80); n += 5) {
			number = 0;
			pair_new(&t, &calm);
			pair_load(&t, 0);
			pair_expect_up(&t, 2000);
			spi = world_seen(t.a, "vpn")->spi_in[0];
			t.ta.life = 1800;
			t.ta.ikelife = 7200;
			t.ta.dpd = 10;
			t.ta.mtu = 1400;
			t.ta.maxmss = 1200;
			t.ta.replay = 64;
			first = world_events(t.w);
			world_conf(t.a, &t.ta, &psk, 1);
			while (i > 0 && world_events(t.w) < first + n &&
			    world_step(t.w, world_now(t.w) + 500))
				;
			if (i == 0)
				assert_int_equal(pair_traffic(&t, &number,
				    50, 20), 100);
			else
				world_kill(t.a, who_dies[i], 20);
			world_run(t.w, i == 0 ? 1000 : 20000);
			assert_int_equal(pair_up(t.w, &t), 1);
			if (who_dies[i] < PROC_IKE || who_dies[i] > PROC_ESP)
				assert_int_equal(world_seen(t.a,
				    "vpn")->spi_in[0], spi);
			if (i == 0)
				assert_int_equal(t.a->refused +
				    world_seen(t.a, "vpn")->downs, 0);
			pair_expect_traffic(&t, &number);
			pair_free(&t);
		}
}

/* Datagrams of one gateway. */
struct sent {
	const struct gw	*gw;
	unsigned int	 n;
};

static int
count_sent(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	struct sent	*s = arg;

	(void)src;
	(void)dst;
	(void)p;
	(void)n;
	s->n += from == s->gw;
	return (1);
}

/*
 * N119: one end sleeps for an hour, longer than the child SA lives, or for
 * five minutes.  SAs go by the boot clock, which went on: no storm, and the
 * tunnel is back.
 */
static void
test_sleep(void **state)
{
	static const uint64_t	 hours[] = { 300000, 3600000, 36000000 };
	struct sent		 s;
	struct two		 t;
	uint32_t		 number;
	unsigned int		 i, side;

	(void)state;
	for (i = 0; i < nitems(hours); i++)
		for (side = 0; side < 2; side++) {
			pair_new(&t, &calm);
			t.ta.life = t.tb.life = 1800;
			pair_load(&t, 0);
			pair_expect_up(&t, 3000);
			world_run(t.w, 5000);
			s.gw = side ? t.b : t.a;
			world_sleep(side ? t.b : t.a, hours[i]);
			world_run(t.w, hours[i]);
			s.n = 0;
			world_set_tap(t.w, count_sent, &s);
			world_run(t.w, 10000);
			if (s.n > 40)
				print_error("%u datagrams in 10 s\n", s.n);
			assert_true(s.n <= 40);
			world_set_tap(t.w, NULL, NULL);
			world_run(t.w, 120000);
			assert_int_equal(pair_up(t.w, &t), 1);
			number = 0;
			pair_expect_traffic(&t, &number);
			world_run(t.w, 60000);
			assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
			assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
			pair_free(&t);
		}
}

const struct CMUnitTest tests_rekey[] = {
	cmocka_unit_test(test_sleep),
	cmocka_unit_test(test_soft),
	cmocka_unit_test(test_child), cmocka_unit_test(test_ike),
	cmocka_unit_test(test_collide_child),
	cmocka_unit_test(test_collide_ike),
	cmocka_unit_test(test_collide_mixed), cmocka_unit_test(test_hour),
	cmocka_unit_test(test_down_up), cmocka_unit_test(test_dead_peer),
	cmocka_unit_test(test_silent),
	cmocka_unit_test(test_reload),
};
const size_t tests_rekey_n = nitems(tests_rekey);
