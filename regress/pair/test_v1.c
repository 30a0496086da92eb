/* SPDX-License-Identifier: ISC */

/* test_v1.c: two gateways come together by IKEv1, or say why not. */

#include "v1.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

static void
test_v1_plain(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	v1_new(&t, &calm);
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
	assert_int_equal(world_seen(t.a, "vpn")->st.nat_there, 0);
	assert_int_equal(world_seen(t.b, "vpn")->st.nat_there, 0);
	pair_free(&t);
}

/* Both dial at once, with every offset: one IKE SA and one pair remain. */
static void
test_v1_both(void **state)
{
	struct two	 t;
	uint32_t	 number;
	uint64_t	 offset;

	(void)state;
	for (offset = 0; offset <= 60; offset += 2) {
		v1_new(&t, &calm);
		t.tb.flags |= TUN_ACTIVE;
		pair_load(&t, offset);
		pair_expect_up(&t, 5000);
		number = 0;
		world_run(t.w, 45000);
		v1_expect_one(&t);
		assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
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

/* S1: 30 % loss each way; 95 % in 40 s, all in 120 s. */
static void
test_v1_loss(void **state)
{
	struct world_opt o = { .delay = 10, .jitter = 40, .dup = 5, .loss = 30 };
	struct two	 t;
	uint64_t	 took[100], start;
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(took); i++) {
		o.seed = pair_seed() * 1000 + i;
		v1_new(&t, &o);
		pair_load(&t, 0);
		start = world_now(t.w);
		pair_expect_up(&t, 120000);
		took[i] = world_now(t.w) - start;
		pair_free(&t);
	}
	qsort(took, nitems(took), sizeof(took[0]), by_number);
	print_message("30 %% loss: up after %llu ms (median), %llu (95 %%), "
	    "%llu (worst of %zu)\n", (unsigned long long)took[50],
	    (unsigned long long)took[95], (unsigned long long)took[99],
	    nitems(took));
	assert_true(took[95] <= 40000);
}

/* S5, S4: everything twice and out of order. */
static void
test_v1_dup(void **state)
{
	struct world_opt o = { .seed = 5, .delay = 5, .jitter = 50, .dup = 100 };
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	v1_new(&t, &o);
	pair_load(&t, 0);
	pair_expect_up(&t, 5000);
	(void)pair_traffic(&t, &number, 50, 3);
	world_run(t.w, 500);
	assert_int_equal(t.a->delivered + t.b->delivered, 100);
	assert_int_equal(t.a->duplicates + t.b->duplicates, 0);
	v1_expect_one(&t);
	pair_free(&t);
}

/* Frames late, out of step between processes, some dropped. */
static void
test_v1_ipc(void **state)
{
	struct world_opt o = { .delay = 5, .ipc_delay = 60, .ipc_drop = 20 };
	struct two	 t;
	uint32_t	 number;
	unsigned int	 i;

	(void)state;
	for (i = 0; i < 40; i++) {
		o.seed = pair_seed() * 77 + i;
		v1_new(&t, &o);
		t.tb.flags |= i % 2 ? TUN_ACTIVE : 0;
		pair_load(&t, 0);
		pair_expect_up(&t, 200000);
		number = 0;
		world_run(t.w, 60000);
		pair_expect_traffic(&t, &number);
		v1_expect_one(&t);
		pair_free(&t);
	}
}

/* S6: the n-th datagram lost, for each n. */
static void
test_v1_one_lost(void **state)
{
	struct two	 t;
	uint32_t	 number;
	uint64_t	 n;

	(void)state;
	for (n = 1; n <= 12; n++) {
		v1_new(&t, &calm);
		world_drop_nth(t.w, n);
		pair_load(&t, 0);
		pair_expect_up(&t, 10000);
		number = 0;
		world_run(t.w, 3000);
		world_drop_nth(t.w, 0);
		pair_expect_traffic(&t, &number);
		v1_expect_one(&t);
		pair_free(&t);
	}
}

static void
expect_reason(struct two *t, struct gw *g, int reason, uint64_t ms)
{
	uint64_t	 until = world_now(t->w) + ms;
	struct seen	*s;

	do {
		s = world_seen(g, "vpn");
		if (s != NULL && s->st.reason == reason)
			return;
		assert_int_equal(pair_up(t->w, t), 0);
	} while (world_step(t->w, until));
	print_error("reason is %d, not %d; %s\n",
	    s == NULL ? -1 : (int)s->st.reason, reason, g->last_log);
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
test_v1_wrong_psk(void **state)
{
	struct two	 t;

	(void)state;
	v1_new(&t, &calm);
	pair_load_psk(&t, "one secret of twenty octets", "another secret of twenty");
	expect_reason(&t, t.b, R_AUTH_PSK, 2000);
	expect_reason(&t, t.a, R_AUTH_PSK, 20000);
	nothing_up(&t);
	pair_free(&t);
}

/* N058: a peer known by its address sends a name. */
static void
test_v1_wrong_id(void **state)
{
	struct two	 t;

	(void)state;
	v1_new(&t, &calm);
	t.ta.srcid.type = IDT_FQDN;
	t.ta.srcid.len = 4;
	memcpy(t.ta.srcid.d, "gw.a", 4);
	pair_load(&t, 0);
	expect_reason(&t, t.b, R_WRONG_ID, 2000);
	nothing_up(&t);
	pair_free(&t);
	v1_new(&t, &calm);
	t.tb.srcid.type = IDT_FQDN;
	t.tb.srcid.len = 4;
	memcpy(t.tb.srcid.d, "gw.b", 4);
	pair_load(&t, 0);
	expect_reason(&t, t.a, R_WRONG_ID, 2000);
	nothing_up(&t);
	pair_free(&t);
	v1_new(&t, &calm);		/* unless it is the configured one */
	t.ta.srcid.type = t.tb.dstid.type = IDT_FQDN;
	t.ta.srcid.len = t.tb.dstid.len = 4;
	memcpy(t.ta.srcid.d, "gw.a", 4);
	memcpy(t.tb.dstid.d, "gw.a", 4);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	pair_free(&t);
}

/* Until that end can tell what the other one offers. */
static void
expect_offer(struct two *t, struct gw *g, const char *text, uint64_t ms)
{
	uint64_t	 until = world_now(t->w) + ms;
	struct seen	*s;

	do {
		s = world_seen(g, "vpn");
		if (s != NULL && s->st.reason == R_NO_PROPOSAL &&
		    strcmp(s->st.detail, text) == 0)
			return;
	} while (world_step(t->w, until));
	fail_msg("detail is \"%s\"", s == NULL ? "" : s->st.detail);
}

static void
test_v1_no_proposal(void **state)
{
	static const char	 offer[] =
	    "aes-256 / hmac-sha2-256, hmac-sha1 / ecp256, ecp384";
	struct two	 t;

	(void)state;
	v1_new(&t, &calm);
	t.ta.ike[0].nencr = 1;
	t.tb.ike[0].nencr = 1;
	t.tb.ike[0].encr[0] = 5;
	pair_load(&t, 0);
	expect_reason(&t, t.a, R_NO_PROPOSAL, 120000);
	expect_offer(&t, t.b, offer, 120000);
	nothing_up(&t);
	expect_offer(&t, t.b, offer, 1000);	/* and it is not forgotten */
	pair_free(&t);
	v1_new(&t, &calm);		/* phase 2; PFS at one end only */
	t.tb.child[0].ndh = 0;
	pair_load(&t, 0);
	expect_reason(&t, t.a, R_NO_PROPOSAL, 5000);
	expect_reason(&t, t.b, R_NO_PROPOSAL, 5000);
	nothing_up(&t);
	pair_free(&t);
	v1_new(&t, &calm);
	t.ta.child[0].ndh = 0;
	pair_load(&t, 0);
	expect_reason(&t, t.a, R_NO_PROPOSAL, 5000);
	nothing_up(&t);
	pair_free(&t);
}

/* No narrowing: a part of the network is another network. */
static void
test_v1_selectors(void **state)
{
	static const char	*const net[] = { "10.1.5.0/24", "10.1.0.0/16",
	    "10.1.4.0/25" };
	struct two	 t;
	struct tunnel	 x;
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(net); i++) {
		v1_new(&t, &calm);
		world_tunnel(&x, "vpn", t.b, t.a, net[i], "10.1.3.0/24");
		t.tb.pair[0] = x.pair[0];
		pair_load(&t, 0);
		expect_reason(&t, t.a, R_SELECTORS, 5000);
		expect_reason(&t, t.b, R_SELECTORS, 5000);
		nothing_up(&t);
		pair_free(&t);
	}
}

/* Nobody there: no-answer, and for ever again. */
static void
test_v1_no_answer(void **state)
{
	const char	*psk = "a secret of more than twenty octets";
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	v1_new(&t, &calm);
	world_conf(t.a, &t.ta, &psk, 1);
	expect_reason(&t, t.a, R_NO_ANSWER, 130000);
	world_run(t.w, 3600000);
	world_conf(t.b, &t.tb, &psk, 1);
	pair_expect_up(&t, 75000);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

static void
two_pairs(struct two *t)
{
	struct tunnel	 x;

	world_tunnel(&x, "x", t->a, t->b, "10.2.3.0/24", "10.2.4.0/24");
	t->ta.pair[1] = x.pair[0];
	t->tb.pair[1].local = x.pair[0].remote;
	t->tb.pair[1].remote = x.pair[0].local;
	t->ta.npair = t->tb.npair = 2;
}

/* One phase 2 for each pair. */
static void
test_v1_pairs(void **state)
{
	struct two	 t;

	(void)state;
	v1_new(&t, &calm);
	two_pairs(&t);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 2000);
	assert_int_equal(world_seen(t.a, "vpn")->nchild, 2);
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 2);
	assert_int_equal(world_probe(t.a, "10.1.3.2", "10.1.4.2", 1), 0);
	assert_int_equal(world_probe(t.a, "10.2.3.2", "10.2.4.2", 2), 0);
	assert_int_equal(world_probe(t.b, "10.2.4.2", "10.2.3.2", 3), 0);
	world_run(t.w, 100);
	assert_int_equal(t.b->delivered, 2);
	assert_int_equal(t.a->delivered, 1);
	pair_free(&t);
	/* one of the two is not known there: the other one works */
	v1_new(&t, &calm);
	two_pairs(&t);
	t.tb.npair = 1;
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	world_run(t.w, 60000);
	v1_expect_one(&t);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	pair_free(&t);
}

/* A NAT box in front of the initiator, or of the responder's address. */
static void
test_v1_nat(void **state)
{
	struct two	 t;
	uint32_t	 number = 0;

	(void)state;
	v1_new(&t, &calm);
	t.a->public = t.a->outer;
	t.a->public.a[1] = 19;
	t.tb.peer[0] = t.a->public;
	t.tb.peer[0].port = 500;
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_seen(t.a, "vpn")->st.nat_here, 1);
	assert_int_equal(world_seen(t.b, "vpn")->st.nat_there, 1);
	pair_order(t.b, M_C_REKEY, 0);
	world_run(t.w, 6000);
	pair_order(t.b, M_C_REKEY, 1);
	world_run(t.w, 6000);
	pair_expect_traffic(&t, &number);
	v1_expect_one(&t);
	pair_free(&t);
}

/*
 * A peer that knows a draft only: the vendor IDs of what is newer are spoilt
 * in message 1, which nothing covers.  seen: number of the NAT-D payloads.
 */
struct older {
	struct world	*w;
	unsigned int	 spoil;		/* how many of the four */
	uint8_t		 seen;
};

static int
only_older(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	static const uint8_t	 newer[][4] = { { 0x4a, 0x13, 0x1c, 0x81 },
	    { 0x7d, 0x94, 0x19, 0xa6 }, { 0x90, 0xcb, 0x80, 0x91 } };
	struct older		*o = arg;
	uint8_t			 d[2000], np;
	size_t			 i, at;
	int			 spoilt = 0;

	(void)from;
	if (n < 32 || n > sizeof(d) || p[17] != 0x10 || p[18] != 2 ||
	    p[19] & 1)
		return (1);			/* not main mode in clear */
	for (np = p[16], at = 28; np != 0 && at + 4 <= n; np = p[at],
	    at += i) {
		if (np == 20 || np == 130)
			o->seen = np;
		if ((i = (size_t)(p[at + 2] << 8 | p[at + 3])) < 4)
			break;
	}
	memcpy(d, p, n);
	for (i = 0; i < o->spoil; i++)
		for (at = 28; at + 16 <= n; at++)
			if (memcmp(d + at, newer[i], 4) == 0) {
				d[at] ^= 0xff;
				spoilt = 1;
			}
	if (spoilt)
		world_inject(o->w, src, dst, d, n);
	return (!spoilt);
}

/* RFC 3947, its draft 03, and draft 02 in both spellings of its name. */
static void
test_v1_nat_drafts(void **state)
{
	struct two	 t;
	struct older	 o;
	uint32_t	 number;

	(void)state;
	for (o.spoil = 0; o.spoil <= 3; o.spoil++) {
		number = 0;
		v1_new(&t, &calm);
		t.a->public = t.a->outer;
		t.a->public.a[1] = 19;
		t.tb.peer[0] = t.a->public;
		t.tb.peer[0].port = 500;
		o.w = t.w;
		o.seen = 0;
		world_set_tap(t.w, only_older, &o);
		pair_load(&t, 0);
		pair_expect_up(&t, 2000);
		pair_expect_traffic(&t, &number);
		assert_int_equal(o.seen, o.spoil == 0 ? 20 : 130);
		assert_int_equal(world_seen(t.a, "vpn")->st.nat_here, 1);
		assert_int_equal(world_seen(t.b, "vpn")->st.nat_there, 1);
		pair_order(t.a, M_C_REKEY, 0);
		world_run(t.w, 12000);
		pair_expect_traffic(&t, &number);
		v1_expect_one(&t);
		pair_free(&t);
	}
}

static void
test_v1_ondemand(void **state)
{
	struct two	 t;

	(void)state;
	v1_new(&t, &calm);
	t.ta.flags = (t.ta.flags & ~(uint32_t)TUN_ACTIVE) | TUN_ONDEMAND;
	pair_load(&t, 0);
	world_run(t.w, 5000);
	assert_int_equal(pair_up(t.w, &t), 0);
	(void)world_probe(t.a, "10.1.3.2", "10.1.4.2", 1);
	pair_expect_up(&t, 2000);
	world_run(t.w, 100);
	assert_int_equal(t.b->delivered, 1);	/* the one that waited */
	pair_free(&t);
}

/* One end has IKEv1, the other IKEv2: both say so, nothing comes up. */
static void
test_v1_version(void **state)
{
	struct two	 t;
	struct tunnel	 v2;

	(void)state;
	v1_new(&t, &calm);
	world_tunnel(&v2, "vpn", t.b, t.a, "10.1.4.0/24", "10.1.3.0/24");
	v2.flags &= ~(uint32_t)TUN_ACTIVE;
	t.tb = v2;
	pair_load(&t, 0);
	expect_reason(&t, t.b, R_IKE_VERSION, 2000);
	nothing_up(&t);
	pair_free(&t);
	v1_new(&t, &calm);
	world_tunnel(&t.ta, "vpn", t.a, t.b, "10.1.3.0/24", "10.1.4.0/24");
	pair_load(&t, 0);
	expect_reason(&t, t.b, R_IKE_VERSION, 2000);
	nothing_up(&t);
	pair_free(&t);
}

/* The same seed gives the same run, event for event. */
static void
test_v1_replay(void **state)
{
	struct world_opt o = { .seed = 9, .delay = 10, .jitter = 40, .dup = 10,
	    .loss = 30, .ipc_delay = 20, .ipc_drop = 10 };
	struct two	 t;
	uint64_t	 trace[2];
	int		 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		v1_new(&t, &o);
		pair_load(&t, 0);
		world_run(t.w, 60000);
		trace[i] = world_trace(t.w);
		pair_free(&t);
	}
	assert_true(trace[0] == trace[1]);
}

const struct CMUnitTest tests_v1[] = {
	cmocka_unit_test(test_v1_plain), cmocka_unit_test(test_v1_both),
	cmocka_unit_test(test_v1_loss), cmocka_unit_test(test_v1_dup),
	cmocka_unit_test(test_v1_ipc), cmocka_unit_test(test_v1_one_lost),
	cmocka_unit_test(test_v1_wrong_psk),
	cmocka_unit_test(test_v1_wrong_id),
	cmocka_unit_test(test_v1_no_proposal),
	cmocka_unit_test(test_v1_selectors),
	cmocka_unit_test(test_v1_no_answer), cmocka_unit_test(test_v1_pairs),
	cmocka_unit_test(test_v1_nat), cmocka_unit_test(test_v1_nat_drafts),
	cmocka_unit_test(test_v1_ondemand),
	cmocka_unit_test(test_v1_version), cmocka_unit_test(test_v1_replay),
};
const size_t tests_v1_n = nitems(tests_v1);
