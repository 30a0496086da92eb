/* SPDX-License-Identifier: ISC */

/* test_join.c: two gateways come together, or say why not. */

#include "pair.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

static void
test_plain(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 1000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0],
	    world_seen(t.b, "vpn")->spi_out[0]);
	assert_int_equal(world_seen(t.a, "vpn")->st.initiator, 1);
	assert_int_equal(t.a->host_up, 1);
	assert_int_equal(t.b->host_up, 1);
	/* both want UDP in any case; there is no NAT, and status says so */
	assert_int_equal(world_seen(t.a, "vpn")->st.nat_there, 0);
	assert_int_equal(world_seen(t.b, "vpn")->st.nat_here, 0);
	assert_int_equal(world_seen(t.b, "vpn")->st.nat_there, 0);
	pair_free(&t);
}

/* The frames of DESIGN.md section 2: 13 for the responder in userland, 15
 * for the initiator; what goes to s2sd-ctl does not count. */
static unsigned int
frames(const struct gw *g)
{
	unsigned int	 n = 0;
	int		 i, j;

	for (i = PROC_NET; i < PROC_CTL; i++)
		for (j = PROC_NET; j < PROC_CTL; j++)
			n += (unsigned int)g->frames[i][j];
	return (n);
}

static void
frames_of(int kernel, unsigned int initiator, unsigned int responder)
{
	struct two	 t;
	unsigned int	 a, b;

	pair_new(&t, &calm);
	t.a->decouple = t.b->decouple = kernel;
	t.ta.flags &= ~(uint32_t)TUN_ACTIVE;
	pair_load(&t, 0);
	world_run(t.w, 2000);
	a = frames(t.a);
	b = frames(t.b);
	pair_order(t.a, M_C_UP, 0);
	pair_expect_up(&t, 1000);
	world_run(t.w, 100);
	print_message("frames: initiator %u, responder %u\n",
	    frames(t.a) - a, frames(t.b) - b);
	assert_int_equal(frames(t.b) - b, responder);
	assert_int_equal(frames(t.a) - a, initiator);
	pair_free(&t);
}

/* And with an SA backend that answers at once, as a kernel does: 11, 13. */
static void
test_frames(void **state)
{
	(void)state;
	frames_of(0, 15, 13);
	frames_of(1, 13, 11);
}

/* Both dial at once, with every offset: one IKE SA and one pair remain. */
static void
test_both(void **state)
{
	struct two	 t;
	uint32_t	 number;
	uint64_t	 offset;

	(void)state;
	for (offset = 0; offset <= 40; offset += 2) {
		pair_new(&t, &calm);
		t.tb.flags |= TUN_ACTIVE;
		pair_load(&t, offset);
		pair_expect_up(&t, 5000);
		number = 0;
		world_run(t.w, 10000);
		assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
		assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
		assert_int_equal(world_seen(t.a, "vpn")->spi_in[0],
		    world_seen(t.b, "vpn")->spi_out[0]);
		pair_expect_traffic(&t, &number);
		pair_free(&t);
	}
}

static int
by_number(const void *a, const void *b)
{
	uint64_t	 x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y ? -1 : x > y);
}

/* S1: 30 % loss each way; refs: median at most 2 s, all within 100 s. */
static void
test_loss(void **state)
{
	struct world_opt o = { .delay = 10, .jitter = 40, .dup = 5, .loss = 30 };
	struct two	 t;
	uint64_t	 took[100], start;
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(took); i++) {
		o.seed = pair_seed() * 1000 + i;
		pair_new(&t, &o);
		pair_load(&t, 0);
		start = world_now(t.w);
		pair_expect_up(&t, 100000);
		took[i] = world_now(t.w) - start;
		pair_free(&t);
	}
	qsort(took, nitems(took), sizeof(took[0]), by_number);
	print_message("30 %% loss: up after %llu ms (median), %llu (95 %%), "
	    "%llu (worst of %zu)\n", (unsigned long long)took[50],
	    (unsigned long long)took[95], (unsigned long long)took[99],
	    nitems(took));
	assert_true(took[50] <= 2500);
}

/* S5, S4: everything twice and out of order. */
static void
test_dup(void **state)
{
	struct world_opt o = { .seed = 5, .delay = 5, .jitter = 50, .dup = 100 };
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &o);
	pair_load(&t, 0);
	pair_expect_up(&t, 5000);
	(void)pair_traffic(&t, &number, 50, 3);
	world_run(t.w, 500);
	assert_int_equal(t.a->delivered + t.b->delivered, 100);
	assert_int_equal(t.a->duplicates + t.b->duplicates, 0);
	pair_free(&t);
}

/* Frames late, out of step between processes, some dropped. */
static void
test_ipc(void **state)
{
	struct world_opt o = { .delay = 5, .ipc_delay = 60, .ipc_drop = 20 };
	struct two	 t;
	uint32_t	 number;
	unsigned int	 i;

	(void)state;
	for (i = 0; i < 40; i++) {
		o.seed = pair_seed() * 77 + i;
		pair_new(&t, &o);
		t.tb.flags |= i % 2 ? TUN_ACTIVE : 0;
		pair_load(&t, 0);
		pair_expect_up(&t, 200000);
		number = 0;
		world_run(t.w, 20000);
		pair_expect_traffic(&t, &number);
		pair_free(&t);
	}
}

/* S6: the n-th datagram lost, for each n; every pair of them for the first. */
static void
test_one_lost(void **state)
{
	struct two	 t;
	uint32_t	 number;
	uint64_t	 n;

	(void)state;
	for (n = 1; n <= 8; n++) {
		pair_new(&t, &calm);
		world_drop_nth(t.w, n);
		pair_load(&t, 0);
		pair_expect_up(&t, 10000);
		number = 0;
		world_run(t.w, 3000);
		world_drop_nth(t.w, 0);
		pair_expect_traffic(&t, &number);
		assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
		pair_free(&t);
	}
}

static void
expect_reason(struct two *t, int reason, uint64_t ms)
{
	uint64_t	 until = world_now(t->w) + ms;
	struct seen	*s;

	do {
		s = world_seen(t->a, "vpn");
		if (s != NULL && s->st.reason == reason)
			return;
		assert_int_equal(pair_up(t->w, t), 0);
	} while (world_step(t->w, until));
	print_error("reason is %d, not %d; a: %s\n",
	    s == NULL ? -1 : (int)s->st.reason, reason, t->a->last_log);
	fail();
}

static void
nothing_up(struct two *t)
{
	world_run(t->w, 60000);
	assert_int_equal(world_is_up(t->a, "vpn"), 0);
	assert_int_equal(world_is_up(t->b, "vpn"), 0);
	assert_int_equal(t->a->host_up + t->b->host_up, 0);
}

static void
test_wrong_psk(void **state)
{
	struct two	 t;

	(void)state;
	pair_new(&t, &calm);
	pair_load_psk(&t, "one secret of twenty octets", "another secret of twenty");
	expect_reason(&t, R_AUTH_PSK, 120000);
	nothing_up(&t);
	pair_free(&t);
}

static void
test_wrong_id(void **state)
{
	struct two	 t;

	(void)state;
	pair_new(&t, &calm);
	t.tb.srcid.type = IDT_FQDN;
	t.tb.srcid.len = 4;
	memcpy(t.tb.srcid.d, "gw.b", 4);
	pair_load(&t, 0);
	nothing_up(&t);
	pair_free(&t);
}

static void
test_no_proposal(void **state)
{
	struct seen	*s;
	struct two	 t;

	(void)state;
	pair_new(&t, &calm);
	t.ta.ike[0].nencr = 1;
	t.tb.ike[0].nencr = 1;
	t.tb.ike[0].encr[0] = 3;
	pair_load(&t, 0);
	expect_reason(&t, R_NO_PROPOSAL, 120000);
	nothing_up(&t);
	s = world_seen(t.b, "vpn");	/* it was called, and says by what */
	assert_non_null(s);
	assert_int_equal(s->st.reason, R_NO_PROPOSAL);
	assert_string_equal(s->st.detail, "aes-256-gcm / curve25519, ecp256, ecp384");
	pair_free(&t);
}

static void
test_selectors(void **state)
{
	struct two	 t;

	(void)state;
	pair_new(&t, &calm);
	world_tunnel(&t.tb, "vpn", t.b, t.a, "10.1.5.0/24", "10.1.3.0/24");
	t.tb.flags &= ~(uint32_t)TUN_ACTIVE;
	pair_load(&t, 0);
	expect_reason(&t, R_SELECTORS, 120000);
	world_run(t.w, 60000);
	assert_int_equal(t.a->host_up + t.b->host_up, 0);
	pair_free(&t);
}

/* Nobody there: no-answer, and for ever again. */
static void
test_no_answer(void **state)
{
	const char	*psk = "a secret of more than twenty octets";
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	world_conf(t.a, &t.ta, &psk, 1);
	expect_reason(&t, R_NO_ANSWER, 130000);
	world_run(t.w, 3600000);
	world_conf(t.b, &t.tb, &psk, 1);
	pair_expect_up(&t, 75000);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* R19: the responder narrows to what its own tunnel allows. */
static void
test_narrow(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	world_tunnel(&t.ta, "vpn", t.a, t.b, "10.1.0.0/16", "10.1.4.0/24");
	world_tunnel(&t.tb, "vpn", t.b, t.a, "10.1.4.0/24", "10.1.3.0/24");
	t.tb.flags &= ~(uint32_t)TUN_ACTIVE;
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_probe(t.a, "10.1.9.2", "10.1.4.2", 4000), -1);
	pair_free(&t);
}

/* Two pairs: one child; with `selectors separate' two. */
static void
test_pairs(void **state)
{
	struct two	 t;
	struct tunnel	 x;
	unsigned int	 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		pair_new(&t, &calm);
		world_tunnel(&x, "x", t.a, t.b, "10.2.3.0/24", "10.2.4.0/24");
		t.ta.pair[1] = x.pair[0];
		t.tb.pair[1].local = x.pair[0].remote;
		t.tb.pair[1].remote = x.pair[0].local;
		t.ta.npair = t.tb.npair = 2;
		if (i == 1) {
			t.ta.flags |= TUN_SEPARATE;
			t.tb.flags |= TUN_SEPARATE;
		}
		pair_load(&t, 0);
		pair_expect_up(&t, 2000);
		world_run(t.w, 2000);
		assert_int_equal(world_seen(t.a, "vpn")->nchild, i + 1);
		assert_int_equal(world_probe(t.a, "10.1.3.2", "10.1.4.2", 1), 0);
		assert_int_equal(world_probe(t.a, "10.2.3.2", "10.2.4.2", 2), 0);
		world_run(t.w, 100);
		assert_int_equal(t.b->delivered, 2);
		pair_free(&t);
	}
}

/* A NAT box in front of the initiator; the address is what it shows. */
static void
test_nat(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	t.a->public = t.a->outer;
	t.a->public.a[1] = 19;
	t.tb.peer[0] = t.a->public;
	t.tb.peer[0].port = 500;
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_seen(t.a, "vpn")->st.nat_here, 1);
	assert_int_equal(world_seen(t.b, "vpn")->st.nat_there, 1);
	pair_free(&t);
}

static void
test_ondemand(void **state)
{
	struct two	 t;

	(void)state;
	pair_new(&t, &calm);
	t.ta.flags = TUN_ONDEMAND;
	pair_load(&t, 0);
	world_run(t.w, 5000);
	assert_int_equal(pair_up(t.w, &t), 0);
	(void)world_probe(t.a, "10.1.3.2", "10.1.4.2", 1);
	pair_expect_up(&t, 2000);
	world_run(t.w, 100);
	assert_int_equal(t.b->delivered, 1);	/* the one that waited */
	pair_free(&t);
}

/* The same seed gives the same run, event for event. */
static void
test_replay(void **state)
{
	struct world_opt o = { .seed = 9, .delay = 10, .jitter = 40, .dup = 10,
	    .loss = 30, .ipc_delay = 20, .ipc_drop = 10 };
	struct two	 t;
	uint64_t	 trace[2];
	int		 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		pair_new(&t, &o);
		pair_load(&t, 0);
		world_run(t.w, 60000);
		trace[i] = world_trace(t.w);
		pair_free(&t);
	}
	assert_true(trace[0] == trace[1]);
}

const struct CMUnitTest tests_join[] = {
	cmocka_unit_test(test_plain), cmocka_unit_test(test_frames),
	cmocka_unit_test(test_both), cmocka_unit_test(test_loss),
	cmocka_unit_test(test_dup), cmocka_unit_test(test_ipc),
	cmocka_unit_test(test_one_lost), cmocka_unit_test(test_wrong_psk),
	cmocka_unit_test(test_wrong_id), cmocka_unit_test(test_no_proposal),
	cmocka_unit_test(test_selectors), cmocka_unit_test(test_no_answer),
	cmocka_unit_test(test_narrow), cmocka_unit_test(test_pairs),
	cmocka_unit_test(test_nat), cmocka_unit_test(test_ondemand),
	cmocka_unit_test(test_replay),
};
const size_t tests_join_n = nitems(tests_join);
