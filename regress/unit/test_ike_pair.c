/* SPDX-License-Identifier: ISC */

/*
 * test_ike_pair.c: two engines, each with its s2sd-keys, joined end to end:
 * how an IKE SA and its first child come about, or do not.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypt.h"
#include "ike_rig.h"
#include "reason.h"

enum { X_INIT = 34, X_AUTH = 35, X_CHILD = 36, X_INFO = 37 };

static struct rig	r;
static struct tunnel	t[2];
static const char	psk[] = "a very long secret that nobody knows";

/* A dials, B waits; t[] may be changed before go(). */
static void
prepare(uint32_t seed)
{
	rig_init(&r, seed);
	rig_tunnel_of(&r, 0, &t[0]);
	rig_tunnel_of(&r, 1, &t[1]);
	t[1].flags = 0;
}

static void
go(void)
{
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	rig_go(&r, 1);
	rig_go(&r, 0);
}

static uint16_t
num(uint8_t type, const char *name)
{
	const struct alg	*a = alg_name(type, name);

	assert_non_null(a);
	return (a->num);
}

static void
range(struct sel *s, const char *text)
{
	struct net	 n;

	assert_int_equal(net_parse(text, &n), 0);
	sel_from_net(&n, 0, 0, 65535, s);
}

static void
test_up(void **state)
{
	(void)state;
	prepare(7);
	go();
	assert_true(rig_until_up(&r, 5000));
	assert_true(rig_match(&r));
	assert_false(r.bad);
	assert_int_equal(r.nseen, 4);
	assert_int_equal(r.gw[0].st[1].initiator, 1);
	assert_int_equal(r.gw[1].st[1].initiator, 0);
	assert_string_equal(r.gw[1].st[1].vendor, "s2sd");
	assert_int_equal(r.gw[0].p[0].sa.udp, 0);
	assert_int_equal(r.gw[0].p[0].sa.esn, 1);
	assert_true(r.gw[0].p[0].sa.spi_in >= 256);
	rig_clear(&r);
}

/* DESIGN.md section 5: eleven frames with s2sd-host's, the initiator two
 * more. */
static void
test_frames(void **state)
{
	(void)state;
	prepare(8);
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	r.gw[0].between = r.gw[1].between = 0;
	rig_go(&r, 1);
	rig_go(&r, 0);
	assert_true(rig_until_up(&r, 5000));
	assert_int_equal(r.gw[1].between + 1, 11);
	assert_int_equal(r.gw[0].between + 1, 13);
	rig_clear(&r);
}

/* Every single message lost, and every two of the first eight. */
static void
test_loss(void **state)
{
	size_t	 i, j;

	(void)state;
	for (i = 1; i <= 8; i++)
		for (j = i; j <= 8; j++) {
			prepare((uint32_t)(i * 16 + j));
			r.lose[0] = i;
			r.lose[1] = j;
			go();
			assert_true(rig_until_up(&r, 10000));
			assert_true(rig_match(&r));
			assert_int_equal(rig_live(&r.gw[0]), 1);
			assert_int_equal(r.gw[0].np, 1);
			rig_clear(&r);
		}
}

static int
drop_third(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)from;
	(void)d;
	(void)n;
	(void)nth;
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 17;
	g->seed ^= g->seed << 5;
	return (g->seed % 10 < 3);
}

/* 30 % loss both ways, many seeds: all come up, all agree. */
static void
test_lossy(void **state)
{
	uint32_t	 seed;

	(void)state;
	for (seed = 1; seed <= 60; seed++) {
		prepare(seed * 7919);
		r.drop = drop_third;
		go();
		if (!rig_until_up(&r, 200000) || !rig_match(&r))
			fail_msg("seed %u", seed * 7919);
		rig_clear(&r);
	}
}

static void
test_algorithms(void **state)
{
	static const struct {
		const char	*encr, *integ, *prf, *dh;
	} suite[] = {
		{ "aes-128", "hmac-sha2-256", "hmac-sha2-256", "ecp256" },
		{ "aes-192", "hmac-sha2-384", "hmac-sha2-384", "ecp384" },
		{ "aes-256", "hmac-sha2-512", "hmac-sha2-512", "ecp521" },
		{ "aes-256", "hmac-sha1", "hmac-sha1", "modp2048" },
		{ "aes-128-gcm", NULL, "hmac-sha2-256", "modp3072" },
		{ "chacha20-poly1305", NULL, "hmac-sha2-512", "curve25519" },
	};
	struct prop	*p;
	size_t		 i;
	int		 k;

	(void)state;
	for (i = 0; i < nitems(suite); i++) {
		prepare(100 + (uint32_t)i);
		for (k = 0; k < 2; k++) {
			p = &t[k].ike[0];
			p->encr[0] = num(ALG_ENCR, suite[i].encr);
			p->prf[0] = num(ALG_PRF, suite[i].prf);
			p->ndh = 1;
			p->dh[0] = num(ALG_DH, suite[i].dh);
			p->ninteg = suite[i].integ != NULL;
			if (p->ninteg)
				p->integ[0] = num(ALG_INTEG, suite[i].integ);
			t[k].child[0].encr[0] = p->encr[0];
			t[k].child[0].ninteg = p->ninteg;
			t[k].child[0].integ[0] = p->integ[0];
		}
		go();
		assert_true(rig_until_up(&r, 5000));
		assert_true(rig_match(&r));
		rig_clear(&r);
	}
}

/* ---- COOKIE ---- */

static uint8_t	cookie[64];
static size_t	cookie_n, cookie_asked;
static int	cookie_seen;

/* A's requests without a cookie are answered with one. */
static int
demand(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	uint8_t		 a[28 + 8 + 64];
	struct wr	 w;
	struct addr	 b = g->addr[1];

	(void)nth;
	if (from != 0 || d[18] != X_INIT)
		return (0);
	if (d[16] == 41 && *n > 36 + cookie_n && memcmp(d + 36, cookie,
	    cookie_n) == 0 && d[34] == 0x40 && d[35] == 0x06) {
		cookie_seen = 1;
		if (cookie_asked-- <= 1)
			return (0);
	}
	w = wr_of(a, sizeof(a));
	wr_put(&w, d, 8);
	wr_u64(&w, 0);
	wr_put(&w, "\x29\x20\x22\x20\0\0\0\0", 8);
	wr_u32(&w, (uint32_t)(36 + cookie_n));
	wr_put(&w, "\0\0", 2);
	wr_u16(&w, (uint16_t)(8 + cookie_n));
	wr_put(&w, "\0\0\x40\x06", 4);
	wr_put(&w, cookie, cookie_n);
	b.port = 500;
	rig_datagram(g, 0, &b, 0, a, w.n);
	return (1);
}

static void
test_cookie(void **state)
{
	static const size_t	 len[] = { 1, 20, 64 };
	size_t			 i;

	(void)state;
	memset(cookie, 0x5a, sizeof(cookie));
	for (i = 0; i < nitems(len); i++) {
		prepare(200);
		cookie_n = len[i];
		cookie_asked = 1;
		cookie_seen = 0;
		r.drop = demand;
		go();
		assert_true(rig_until_up(&r, 5000));
		assert_true(cookie_seen);
		assert_true(rig_match(&r));
		rig_clear(&r);
	}
	/* N034: an empty one is no cookie; asking for ever does not loop */
	prepare(201);
	cookie_n = 0;
	r.drop = demand;
	go();
	rig_run(&r, 20000);
	assert_int_equal(rig_live(&r.gw[0]), 0);
	rig_clear(&r);
	prepare(202);
	cookie_n = 8;
	cookie_asked = 1000000;
	r.drop = demand;
	go();
	rig_run(&r, 5000);
	assert_true(r.nseen <= 4 + 3);
	rig_clear(&r);
}

/* ---- groups ---- */

static void
test_invalid_ke(void **state)
{
	(void)state;
	prepare(300);
	t[1].ike[0].ndh = 1;
	t[1].ike[0].dh[0] = num(ALG_DH, "ecp256");
	go();
	assert_true(rig_until_up(&r, 5000));
	assert_true(rig_match(&r));
	assert_int_equal(r.nseen, 6);
	assert_int_equal(r.gw[0].st[1].dh, num(ALG_DH, "ecp256"));
	rig_clear(&r);
}

/* R17: a group that we never offered, or the same again, changes nothing. */
static int
wrong_group(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	uint8_t		 a[38];
	struct wr	 w;
	struct addr	 b = g->addr[1];

	(void)n;
	(void)nth;
	if (from != 0 || d[18] != X_INIT)
		return (0);
	w = wr_of(a, sizeof(a));
	wr_put(&w, d, 8);
	wr_u64(&w, 0);
	wr_put(&w, "\x29\x20\x22\x20\0\0\0\0", 8);
	wr_u32(&w, 38);
	wr_put(&w, "\0\0\0\x0a\0\0\0\x11\0\x0e", 10);	/* modp2048 */
	b.port = 500;
	rig_datagram(g, 0, &b, 0, a, w.n);
	return (1);
}

static void
test_wrong_group(void **state)
{
	(void)state;
	prepare(301);
	r.drop = wrong_group;
	go();
	rig_run(&r, 4000);
	/* 0, 0.5, 1.5, 3.5 s: the schedule, and not one more */
	assert_in_range(r.nseen, 3, 4);
	assert_true(rig_count(&r, 0, "unprotected-error") >= 3);
	r.drop = NULL;
	assert_true(rig_until_up(&r, 10000));
	rig_clear(&r);
}

static void
test_no_proposal(void **state)
{
	(void)state;
	prepare(302);
	t[1].ike[0].encr[0] = num(ALG_ENCR, "chacha20-poly1305");
	go();
	rig_run(&r, 3000);
	assert_int_equal(r.gw[0].st[1].reason, R_NO_PROPOSAL);
	assert_int_equal(r.gw[0].st[1].of_child, 0);
	assert_int_equal(r.gw[0].st[1].state, TS_DOWN);
	/* N044: still the same attempt, until the schedule ends */
	assert_int_equal(rig_count(&r, 0, "ike-sa-initiated"), 1);
	rig_run(&r, 120000);
	assert_true(rig_count(&r, 0, "ike-sa-initiated") >= 2);
	rig_clear(&r);
}

static void
test_child_no_proposal(void **state)
{
	(void)state;
	prepare(303);
	t[1].child[0].encr[0] = num(ALG_ENCR, "chacha20-poly1305");
	go();
	rig_run(&r, 3000);
	assert_int_equal(r.gw[0].st[1].reason, R_NO_PROPOSAL);
	assert_int_equal(r.gw[0].st[1].of_child, 1);
	assert_int_equal(r.gw[0].st[1].state, TS_DOWN);
	assert_int_not_equal(r.gw[0].st[1].established, 0);
	assert_int_not_equal(r.gw[0].st[1].retry_at, 0);
	assert_int_equal(rig_live(&r.gw[0]) + rig_live(&r.gw[1]), 0);
	rig_clear(&r);
}

/* ---- who ---- */

static void
test_wrong_psk(void **state)
{
	(void)state;
	prepare(400);
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, "a very long secret that is another one");
	rig_go(&r, 1);
	rig_go(&r, 0);
	rig_run(&r, 3000);
	assert_int_equal(r.gw[0].st[1].reason, R_AUTH_PSK);
	assert_int_equal(r.gw[1].st[1].reason, R_AUTH_PSK);
	assert_int_equal(r.gw[0].st[1].state, TS_DOWN);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
	/* back-off: 1, 2, 4 ... 60 s, for ever */
	rig_run(&r, 600000);
	assert_in_range(r.gw[0].st[1].tries, 12, 20);
	rig_clear(&r);
}

static void
rename_id(struct ident *id, const char *text)
{
	memset(id, 0, sizeof(*id));
	id->type = IDT_FQDN;
	id->len = (uint16_t)strlen(text);
	memcpy(id->d, text, id->len);
}

static void
test_wrong_id(void **state)
{
	(void)state;
	/* B knows A by another name: refused like a wrong secret (R13) */
	prepare(401);
	rename_id(&t[1].dstid, "other.example");
	go();
	rig_run(&r, 3000);
	assert_int_equal(r.gw[0].st[1].reason, R_AUTH_PSK);
	assert_int_equal(r.gw[1].np, 0);
	rig_clear(&r);
	/* N047: B is not who A asks for */
	prepare(402);
	rename_id(&t[1].srcid, "c.example");
	go();
	rig_run(&r, 3000);
	assert_int_equal(r.gw[0].st[1].reason, R_AUTH_PSK);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
	rig_clear(&r);
}

static void
test_no_tunnel(void **state)
{
	(void)state;
	prepare(403);
	assert_int_equal(addr_parse("192.0.2.99", &t[1].peer[0]), 0);
	go();
	rig_run(&r, 100000);
	assert_int_equal(r.gw[0].st[1].reason, R_NO_ANSWER);
	assert_true(rig_count(&r, 1, "no-tunnel") >= 15);
	assert_int_equal(rig_sent(&r, 1, X_INIT, 1), 0);
	rig_clear(&r);
}

/* ---- what ---- */

static void
test_narrow(void **state)
{
	(void)state;
	prepare(500);
	range(&t[0].pair[0].remote, "10.0.0.0/8");
	go();
	assert_true(rig_until_up(&r, 5000));
	assert_true(rig_match(&r));
	assert_true(sel_eq(&r.gw[0].p[0].pair[0].remote,
	    &t[1].pair[0].local));
	rig_run(&r, 30000);
	assert_int_equal(r.gw[0].np, 1);	/* and asks for no more */
	rig_clear(&r);
}

static void
test_selectors(void **state)
{
	(void)state;
	prepare(501);
	range(&t[1].pair[0].local, "10.9.0.0/24");
	go();
	rig_run(&r, 5000);
	assert_int_equal(r.gw[0].st[1].reason, R_SELECTORS);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
	rig_clear(&r);
}

static void
more_pairs(uint32_t flags)
{
	int	 i;

	for (i = 0; i < 2; i++) {
		t[i].npair = 3;
		t[i].pair[1] = t[i].pair[2] = t[i].pair[0];
		range(i == 0 ? &t[i].pair[1].local : &t[i].pair[1].remote,
		    "10.2.3.0/24");
		range(i == 0 ? &t[i].pair[2].remote : &t[i].pair[2].local,
		    "10.2.4.0/24");
		t[i].flags |= flags;
	}
}

static void
test_several(void **state)
{
	(void)state;
	prepare(502);
	more_pairs(0);
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_run(&r, 5000);
	assert_true(rig_match(&r));
	assert_int_equal(rig_live(&r.gw[0]), 1);
	assert_int_equal(r.gw[0].p[0].npair, 3);
	rig_clear(&r);
}

static void
test_separate(void **state)
{
	(void)state;
	prepare(503);
	more_pairs(TUN_SEPARATE);
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_run(&r, 5000);
	assert_true(rig_match(&r));
	assert_int_equal(rig_live(&r.gw[0]), 3);
	assert_int_equal(r.gw[0].p[2].npair, 1);
	rig_clear(&r);
	/* only the responder wants them separate: the rest is asked for */
	prepare(504);
	more_pairs(0);
	t[1].flags |= TUN_SEPARATE;
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_run(&r, 5000);
	assert_true(rig_match(&r));
	assert_int_equal(rig_live(&r.gw[0]), 3);
	rig_clear(&r);
}

static void
test_sad_refuses(void **state)
{
	int	 who;

	(void)state;
	for (who = 0; who < 2; who++) {
		prepare(505);
		r.gw[who].sad_refuses = SERR_BACKEND;
		go();
		rig_run(&r, 500);
		assert_int_equal(rig_live(&r.gw[0]) + rig_live(&r.gw[1]), 0);
		if (who == 0)
			assert_int_equal(r.gw[0].st[1].reason, R_KERNEL);
		assert_int_not_equal(r.gw[0].st[1].reason, R_NONE);
		r.gw[who].sad_refuses = SERR_OK;
		assert_true(rig_until_up(&r, 30000));
		assert_true(rig_match(&r));
		rig_clear(&r);
	}
}

/* ---- NAT ---- */

static void
test_nat(void **state)
{
	(void)state;
	prepare(600);
	assert_int_equal(addr_parse("203.0.113.7", &r.nat), 0);
	t[1].flags = TUN_PEERANY;
	t[1].npeer = 0;
	go();
	assert_true(rig_until_up(&r, 5000));
	assert_true(rig_match(&r));
	assert_int_equal(r.gw[0].st[1].nat_here, 1);
	assert_int_equal(r.gw[0].st[1].nat_there, 0);
	assert_int_equal(r.gw[1].st[1].nat_here, 0);
	assert_int_equal(r.gw[1].st[1].nat_there, 1);
	assert_int_equal(r.gw[0].p[0].sa.udp, 1);
	assert_int_equal(r.gw[0].p[0].sa.local.port, 4500);
	assert_int_equal(r.gw[1].p[0].sa.remote.port, 1025);
	assert_int_equal(addr_cmp(&r.gw[1].p[0].sa.remote, &r.nat, 0), 0);
	/* IKE_AUTH went from 4500 to 4500 */
	assert_int_equal(r.seen[2].sport, 4500);
	assert_int_equal(r.seen[2].dport, 4500);
	rig_clear(&r);
}

static void
test_forced(void **state)
{
	int	 who;

	(void)state;
	for (who = 0; who < 2; who++) {
		prepare(601);
		t[who].flags |= TUN_NATT;
		go();
		assert_true(rig_until_up(&r, 5000));
		assert_true(rig_match(&r));
		assert_int_equal(r.gw[0].p[0].sa.udp, 1);
		assert_int_equal(r.gw[1].p[0].sa.udp, 1);
		assert_int_equal(r.gw[0].p[0].sa.remote.port, 4500);
		assert_int_equal(r.gw[1].p[0].sa.remote.port, 4500);
		rig_clear(&r);
	}
	/* `local' not written: its address shows with the first answer */
	prepare(602);
	memset(&t[0].local, 0, sizeof(t[0].local));
	go();
	assert_true(rig_until_up(&r, 5000));
	assert_int_equal(addr_cmp(&r.gw[0].p[0].sa.local, &r.addr[0], 0), 0);
	assert_true(rig_match(&r));
	rig_clear(&r);
}

/*
 * Transport mode: both, for the first child and for a renewed one; with one
 * alone there is no child, whichever it is (RFC 7296 section 1.3.1).
 */
static void
test_transport(void **state)
{
	size_t			 n;
	int			 who;

	(void)state;
	prepare(610);
	t[0].flags |= TUN_TRANSPORT;
	t[1].flags |= TUN_TRANSPORT;
	go();
	assert_true(rig_until_up(&r, 5000));
	assert_int_equal(r.gw[0].p[0].sa.transport, 1);
	assert_int_equal(r.gw[1].p[0].sa.transport, 1);
	n = r.gw[1].np;
	rig_rekey(&r, 0, 0);
	rig_run(&r, 2000);
	assert_int_equal(r.gw[1].np, n + 1);
	assert_int_equal(r.gw[1].p[n].sa.transport, 1);
	assert_int_equal(r.gw[0].p[n].sa.transport, 1);
	assert_true(rig_match(&r));
	rig_clear(&r);
	for (who = 0; who < 2; who++) {
		prepare(611);
		t[who].flags |= TUN_TRANSPORT;
		go();
		rig_run(&r, 3000);
		assert_int_equal(rig_live(&r.gw[0]), 0);
		assert_int_equal(r.gw[0].st[1].reason, R_NO_PROPOSAL);
		assert_int_equal(r.gw[0].st[1].state, TS_DOWN);
		rig_clear(&r);
	}
}

/* ---- nobody there ---- */

static void
test_schedule(void **state)
{
	uint64_t	 want = 500, at[16], gap;
	size_t		 i, n = 0;

	(void)state;
	prepare(700);
	r.silent = 2;
	go();
	rig_run(&r, 120000);
	for (i = 0; i < r.nseen && n < nitems(at); i++)
		if (r.seen[i].from == 0)
			at[n++] = r.seen[i].at;
	assert_int_equal(n, 16);
	for (i = 0; i < 14; i++) {
		gap = at[i + 1] - at[i];
		assert_in_range(gap, want * 9 / 10, want * 11 / 10);
		want = want < 8000 ? want * 2 : 8000;
	}
	/* 15 sent, 95.5 s with 10 % jitter, then a fresh start */
	assert_in_range(at[15] - at[0], 86000, 107000);
	assert_int_equal(r.gw[0].st[1].reason, R_NO_ANSWER);
	r.silent = 0;
	assert_true(rig_until_up(&r, 200000));
	rig_clear(&r);
}

static void
test_failover(void **state)
{
	(void)state;
	prepare(701);
	t[0].npeer = 2;
	t[0].peer[1] = t[0].peer[0];
	assert_int_equal(addr_parse("192.0.2.77", &t[0].peer[0]), 0);
	t[0].peer[0].port = 500;
	go();
	/* the first is never there; B answers for its own address only */
	r.silent = 2;
	rig_run(&r, 90000);
	r.silent = 0;
	assert_true(rig_until_up(&r, 120000));
	assert_int_equal(addr_cmp(&r.gw[0].st[1].peer, &r.addr[1], 0), 0);
	rig_clear(&r);
}

static void
test_ondemand(void **state)
{
	struct m_s_acquire	 a;

	(void)state;
	prepare(702);
	t[0].flags = TUN_ONDEMAND;
	go();
	rig_run(&r, 5000);
	assert_int_equal(r.nseen, 0);
	assert_int_equal(r.gw[0].st[1].state, TS_WAITING);
	memset(&a, 0, sizeof(a));
	rig_frame(&r, 0, PROC_SAD, PROC_IKE, M_S_ACQUIRE, 0, 1, &a);
	assert_true(rig_until_up(&r, 5000));
	rig_clear(&r);
}

/* A packet is no reason for a passive tunnel; `s2sctl up' is one. */
static void
test_passive(void **state)
{
	struct m_s_acquire	 a;

	(void)state;
	prepare(703);
	t[0].flags = 0;
	go();
	memset(&a, 0, sizeof(a));
	rig_frame(&r, 0, PROC_SAD, PROC_IKE, M_S_ACQUIRE, 0, 1, &a);
	rig_run(&r, 5000);
	assert_int_equal(r.nseen, 0);
	assert_int_equal(r.gw[0].st[1].state, TS_WAITING);
	rig_frame(&r, 0, PROC_CTL, PROC_IKE, M_C_UP, 1, 1, NULL);
	assert_true(rig_until_up(&r, 5000));
	rig_clear(&r);
}

/* Both dial at the same moment: both up, and after a while one IKE SA. */
static void
test_both_dial(void **state)
{
	uint32_t	 seed;

	(void)state;
	for (seed = 1; seed < 30; seed++) {
		prepare(800 + seed);
		t[1].flags = TUN_ACTIVE;
		go();
		assert_true(rig_until_up(&r, 5000));
		rig_run(&r, 40000);
		assert_true(rig_match(&r));
		assert_int_equal(rig_live(&r.gw[0]), 1);
		assert_int_equal(r.gw[0].st[1].spi_i, r.gw[1].st[1].spi_i);
		rig_clear(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_up),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_lossy),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_invalid_ke),
		cmocka_unit_test(test_wrong_group),
		cmocka_unit_test(test_no_proposal),
		cmocka_unit_test(test_child_no_proposal),
		cmocka_unit_test(test_wrong_psk),
		cmocka_unit_test(test_wrong_id),
		cmocka_unit_test(test_no_tunnel),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_separate),
		cmocka_unit_test(test_sad_refuses),
		cmocka_unit_test(test_nat),
		cmocka_unit_test(test_forced),
		cmocka_unit_test(test_transport),
		cmocka_unit_test(test_schedule),
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_ondemand),
		cmocka_unit_test(test_passive),
		cmocka_unit_test(test_both_dial),
	};

	if (crypt_warmup() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
