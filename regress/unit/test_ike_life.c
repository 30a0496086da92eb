/* SPDX-License-Identifier: ISC */

/*
 * test_ike_life.c: what becomes of IKE SAs and children that are up: renewed
 * from either side or both at once, deleted, found dead, moved, and carried
 * over the death of the other processes and over a reload.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypt.h"
#include "ike.h"
#include "ike_rig.h"
#include "reason.h"

enum { X_INIT = 34, X_AUTH = 35, X_CHILD = 36, X_INFO = 37 };

static struct rig	r;
static struct tunnel	t[2];
static const char	psk[] = "a very long secret that nobody knows";

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
	assert_true(rig_until_up(&r, 5000));
}

static void
up(uint32_t seed)
{
	prepare(seed);
	go();
}

/* One pair, the same at both ends, with other keys than at first. */
static void
assert_one_pair(void)
{
	assert_true(rig_match(&r));
	assert_int_equal(rig_live(&r.gw[0]), 1);
	assert_int_equal(r.gw[0].st[1].state, TS_UP);
	assert_int_equal(r.gw[1].st[1].state, TS_UP);
	assert_int_equal(r.gw[0].st[1].spi_i, r.gw[1].st[1].spi_i);
	assert_int_equal(r.gw[0].st[1].spi_r, r.gw[1].st[1].spi_r);
	assert_false(r.bad);
}

/* ---- children ---- */

static void
test_rekey_child(void **state)
{
	int	 who, pfs;

	(void)state;
	for (who = 0; who < 2; who++)
		for (pfs = 0; pfs < 2; pfs++) {
			prepare(10 + (uint32_t)who);
			if (!pfs)
				t[0].child[0].ndh = t[1].child[0].ndh = 0;
			go();
			rig_rekey(&r, who, 0);
			rig_run(&r, 1000);
			assert_one_pair();
			assert_int_equal(r.gw[0].np, 2);
			assert_int_equal(r.gw[0].p[1].sa.replaces,
			    r.gw[0].p[0].sa.child);
			/* who answers sends with the old until it goes */
			assert_int_equal(r.gw[who].p[1].sa.inactive, 0);
			assert_int_equal(r.gw[!who].p[1].sa.inactive, 1);
			assert_memory_not_equal(r.gw[0].p[0].keys.ein.d,
			    r.gw[0].p[1].keys.ein.d, 32);
			rig_clear(&r);
		}
}

/* Each message of a rekey lost once. */
static void
test_rekey_loss(void **state)
{
	uint8_t	 what;
	size_t	 i;
	int	 who;

	(void)state;
	for (what = 0; what < 2; what++)
		for (who = 0; who < 2; who++)
			for (i = 1; i <= 6; i++) {
				up((uint32_t)(30 + i));
				r.lose[0] = r.nseen + i;
				rig_rekey(&r, who, what);
				rig_run(&r, 20000);
				assert_one_pair();
				assert_int_equal(r.gw[0].np, what ? 1 : 2);
				rig_clear(&r);
			}
}

/* 2.8.1: both renew the same child at the same moment. */
static void
test_collide_child(void **state)
{
	uint32_t	 seed, after;
	size_t		 lose;

	(void)state;
	for (seed = 1; seed <= 12; seed++)
		for (lose = 0; lose <= 8; lose++)
			for (after = 0; after <= 45; after += 5) {
				up(1000 + seed);
				if (lose > 0)
					r.lose[0] = r.nseen + lose;
				rig_rekey(&r, 0, 0);
				rig_run(&r, after);
				rig_rekey(&r, 1, 0);
				rig_run(&r, 40000);
				assert_one_pair();
				rig_clear(&r);
			}
}

/* By the clock: several lives of a child and of the IKE SA. */
static void
test_lifetimes(void **state)
{
	(void)state;
	prepare(50);
	t[0].life = t[1].life = 600;
	t[0].ikelife = t[1].ikelife = 1500;
	go();
	rig_run(&r, 6000 * 1000);
	assert_one_pair();
	assert_true(r.gw[0].np >= 10);
	assert_true(rig_logged(&r, "IKE SA renewed"));
	assert_false(rig_logged(&r, "without being renewed"));
	assert_false(rig_logged(&r, "down:"));
	/* never more than one IKE_SA_INIT: all of it were renewals */
	assert_int_equal(rig_sent(&r, 0, X_INIT, 0), 1);
	rig_clear(&r);
}

static void
test_expire(void **state)
{
	struct m_s_expire	 e;

	(void)state;
	up(51);
	e.child = r.gw[1].p[0].sa.child;
	e.hard = 0;
	rig_frame(&r, 1, PROC_SAD, PROC_IKE, M_S_EXPIRE, 0, 1, &e);
	rig_run(&r, 1000);
	assert_one_pair();
	assert_int_equal(r.gw[0].np, 2);
	e.child = r.gw[1].p[1].sa.child;
	e.hard = 1;
	rig_frame(&r, 1, PROC_SAD, PROC_IKE, M_S_EXPIRE, 0, 1, &e);
	rig_run(&r, 10000);
	assert_one_pair();		/* A dials: it makes a new one */
	assert_int_equal(r.gw[0].np, 3);
	rig_clear(&r);
}

/* PFS here only: the first renewal shows it, and the reason says so. */
static void
test_rekey_group(void **state)
{
	(void)state;
	prepare(52);
	t[1].child[0].ndh = 1;
	t[1].child[0].dh[0] = 0;
	go();
	rig_rekey(&r, 0, 0);
	rig_run(&r, 1000);
	assert_int_equal(r.gw[0].st[1].state, TS_UP);
	assert_int_equal(r.gw[0].st[1].reason, R_REKEY_GROUP);
	assert_true(rig_match(&r));
	rig_clear(&r);
}

static void
test_child_invalid_ke(void **state)
{
	(void)state;
	prepare(53);
	t[1].child[0].ndh = 1;
	t[1].child[0].dh[0] = t[0].child[0].dh[1];
	go();
	rig_rekey(&r, 0, 0);
	rig_run(&r, 1000);
	assert_one_pair();
	assert_int_equal(r.gw[0].np, 2);
	rig_clear(&r);
	/* and the same for the IKE SA */
	prepare(54);
	t[1].ike[0].ndh = 1;
	t[1].ike[0].dh[0] = t[0].ike[0].dh[1];
	go();
	rig_rekey(&r, 0, 1);
	rig_run(&r, 1000);
	assert_one_pair();
	assert_int_equal(rig_sent(&r, 0, X_CHILD, 0), 2);
	rig_clear(&r);
}

/* ---- the IKE SA ---- */

static void
test_rekey_ike(void **state)
{
	uint64_t	 spi;
	int		 who;

	(void)state;
	for (who = 0; who < 2; who++) {
		up(60);
		spi = r.gw[0].st[1].spi_i;
		rig_rekey(&r, who, 1);
		rig_run(&r, 1000);
		assert_one_pair();
		assert_int_equal(r.gw[0].np, 1);	/* inherited */
		assert_true(spi != r.gw[0].st[1].spi_i);
		assert_int_equal(r.gw[who].st[1].initiator, 1);
		assert_int_equal(r.gw[!who].st[1].initiator, 0);
		/* and it works: a child renewed in it, from both ends */
		rig_rekey(&r, 0, 0);
		rig_run(&r, 1000);
		rig_rekey(&r, 1, 0);
		rig_run(&r, 1000);
		assert_one_pair();
		assert_int_equal(r.gw[0].np, 3);
		rig_clear(&r);
	}
}

static void
test_collide_ike(void **state)
{
	uint32_t	 seed, after;
	size_t		 lose;

	(void)state;
	for (seed = 1; seed <= 12; seed++)
		for (lose = 0; lose <= 8; lose++)
			for (after = 0; after <= 45; after += 5) {
				up(2000 + seed);
				if (lose > 0)
					r.lose[0] = r.nseen + lose;
				rig_rekey(&r, 0, 1);
				rig_run(&r, after);
				rig_rekey(&r, 1, 1);
				rig_run(&r, 120000);
				assert_one_pair();
				rig_rekey(&r, 0, 0);
				rig_run(&r, 1000);
				assert_one_pair();
				rig_clear(&r);
			}
}

/* 2.25: an IKE SA renewed here and a child there at the same moment. */
static void
test_cross(void **state)
{
	uint32_t	 after;
	size_t		 lose;

	(void)state;
	for (lose = 0; lose <= 8; lose++)
		for (after = 0; after <= 45; after += 5) {
			up(3000 + after);
			if (lose > 0)
				r.lose[0] = r.nseen + lose;
			rig_rekey(&r, 0, 1);
			rig_run(&r, after);
			rig_rekey(&r, 1, 0);
			rig_run(&r, 120000);
			assert_one_pair();
			rig_clear(&r);
		}
}

/* N050: renewals are not answered: packets pass until a new IKE SA is there
 * or nothing is. */
static int	block_child;

static int
no_child(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)n;
	(void)nth;
	return (block_child && from == 1 && d[18] == X_CHILD);
}

static void
test_rekey_unanswered(void **state)
{
	(void)state;
	prepare(61);
	r.drop = no_child;
	go();
	block_child = 1;
	rig_rekey(&r, 0, 0);
	rig_run(&r, 90000);
	assert_int_equal(rig_live(&r.gw[0]), 1);
	block_child = 0;
	rig_run(&r, 30000);
	assert_int_equal(rig_live(&r.gw[0]), 1);
	assert_int_equal(r.gw[0].st[1].state, TS_UP);
	/* the other end finds its part of the old one dead by itself */
	rig_run(&r, 120000);
	assert_one_pair();
	assert_int_equal(rig_sent(&r, 0, X_INIT, 0), 2);
	rig_clear(&r);
}

/* ---- delete ---- */

static void
test_down_up(void **state)
{
	(void)state;
	up(70);
	rig_frame(&r, 0, PROC_CTL, PROC_IKE, M_C_DOWN, 4, 1, NULL);
	rig_run(&r, 1000);
	assert_int_equal(r.gw[0].done, 1);
	assert_int_equal(r.gw[0].done_err, 0);
	assert_int_equal(rig_live(&r.gw[0]) + rig_live(&r.gw[1]), 0);
	assert_int_equal(r.gw[0].st[1].state, TS_OFF);
	assert_int_equal(r.gw[0].st[1].reason, R_BY_HAND);
	assert_int_equal(r.gw[1].st[1].reason, R_DELETED);
	rig_run(&r, 200000);
	assert_int_equal(rig_live(&r.gw[0]), 0);
	rig_frame(&r, 0, PROC_CTL, PROC_IKE, M_C_UP, 5, 1, NULL);
	assert_true(rig_until_up(&r, 5000));
	assert_one_pair();
	/* nobody to call: said so */
	rig_frame(&r, 1, PROC_CTL, PROC_IKE, M_C_UP, 5, 77, NULL);
	rig_run(&r, 10);
	assert_int_equal(r.gw[1].done_err, 1);
	rig_clear(&r);
}

/* The peer closes it: we dial again. */
static void
test_peer_deletes(void **state)
{
	(void)state;
	up(71);
	rig_frame(&r, 1, PROC_CTL, PROC_IKE, M_C_DOWN, 4, 1, NULL);
	rig_run(&r, 200);
	assert_int_equal(r.gw[0].st[1].reason, R_DELETED);
	assert_int_equal(rig_live(&r.gw[0]) + rig_live(&r.gw[1]), 0);
	rig_frame(&r, 1, PROC_CTL, PROC_IKE, M_C_UP, 4, 1, NULL);
	assert_true(rig_until_up(&r, 70000));
	assert_one_pair();
	rig_clear(&r);
}

/* Both close it in the same moment. */
static void
test_delete_both(void **state)
{
	(void)state;
	up(72);
	rig_frame(&r, 0, PROC_CTL, PROC_IKE, M_C_DOWN, 4, 1, NULL);
	rig_frame(&r, 1, PROC_CTL, PROC_IKE, M_C_DOWN, 4, 1, NULL);
	rig_run(&r, 120000);
	assert_int_equal(rig_live(&r.gw[0]) + rig_live(&r.gw[1]), 0);
	assert_int_equal(r.gw[0].st[1].state, TS_OFF);
	assert_int_equal(r.gw[1].st[1].state, TS_OFF);
	rig_clear(&r);
}

/* ---- liveness ---- */

static void
test_dpd(void **state)
{
	uint64_t	 t0;

	(void)state;
	/* packets come: no probe (N053) */
	up(80);
	r.gw[0].in_age = r.gw[1].in_age = 100;
	rig_run(&r, 300000);
	assert_true(r.gw[0].queries > 3);
	assert_int_equal(rig_sent(&r, 0, X_INFO, 0), 0);
	/* none come, the peer answers: probes and nothing else */
	r.gw[0].in_age = r.gw[1].in_age = UINT64_MAX;
	rig_run(&r, 300000);
	assert_true(rig_sent(&r, 0, X_INFO, 0) >= 2);
	assert_one_pair();
	assert_int_equal(r.gw[0].np, 1);
	/* s2sd-sad does not answer: probed all the same */
	r.gw[0].answer_queries = 0;
	rig_run(&r, 100000);
	assert_one_pair();
	/* dead: down within dpd + schedule, then again for ever */
	r.silent = 3;
	t0 = r.now;
	while (r.gw[0].st[1].reason != R_DIED && r.now < t0 + 200000)
		rig_run(&r, 500);
	assert_in_range(r.now - t0, 86000, 30000 + 107000 + 2000);
	assert_int_equal(rig_live(&r.gw[0]), 0);
	rig_run(&r, 600000);
	r.silent = 0;
	assert_true(rig_until_up(&r, 160000));
	rig_clear(&r);
}

/* ---- NAT ---- */

static void
test_move(void **state)
{
	struct m_s_move	 m;
	struct addr	 was;

	(void)state;
	/* a fixed peer without NAT is never followed */
	up(90);
	was = r.gw[1].st[1].peer;
	memset(&m, 0, sizeof(m));
	m.child = r.gw[1].p[0].sa.child;
	m.local = r.addr[1];
	m.remote = r.addr[0];
	m.remote.a[3] = 99;
	m.remote.port = 4500;
	rig_frame(&r, 1, PROC_SAD, PROC_IKE, M_S_MOVED, 0, 1, &m);
	rig_run(&r, 10);
	assert_int_equal(r.gw[1].moves, 0);
	assert_int_equal(addr_cmp(&was, &r.gw[1].st[1].peer, 1), 0);
	rig_clear(&r);
	/* behind a NAT it is */
	prepare(91);
	assert_int_equal(addr_parse("203.0.113.7", &r.nat), 0);
	t[1].flags = TUN_PEERANY;
	t[1].npeer = 0;
	go();
	m.child = r.gw[1].p[0].sa.child;
	rig_frame(&r, 1, PROC_SAD, PROC_IKE, M_S_MOVED, 0, 1, &m);
	rig_run(&r, 10);
	assert_int_equal(r.gw[1].moves, 1);
	assert_int_equal(r.gw[1].st[1].peer.port, 4500);
	/* an authentic request from elsewhere too */
	assert_int_equal(addr_parse("203.0.113.8", &r.nat), 0);
	rig_rekey(&r, 0, 0);
	rig_run(&r, 1000);
	assert_true(r.gw[1].moves >= 2);
	assert_int_equal(addr_cmp(&r.gw[1].st[1].peer, &r.nat, 0), 0);
	rig_clear(&r);
}

/* ---- deaths ---- */

static void
test_net_dies(void **state)
{
	unsigned int	 n;

	(void)state;
	up(100);
	n = r.gw[0].spis;
	rig_died(&r, 0, PROC_NET);
	rig_run(&r, 1000);
	assert_int_equal(r.gw[0].spis, n + 1);
	assert_one_pair();
	rig_clear(&r);
}

static void
test_ctl_dies(void **state)
{
	unsigned int	 n;

	(void)state;
	up(101);
	n = r.gw[0].state_frames;
	rig_died(&r, 0, PROC_CTL);
	rig_run(&r, 1000);
	assert_int_equal(r.gw[0].state_frames, n + 1);
	rig_clear(&r);
}

/* A fresh IKE SA takes the place of the old one, with no gap. */
static void
test_keys_die(void **state)
{
	int	 who;

	(void)state;
	for (who = 0; who < 2; who++) {
		up(102);
		rig_died(&r, who, PROC_KEYS);
		rig_run(&r, 3);
		while (rig_sent(&r, 0, X_INIT, 0) +
		    rig_sent(&r, 1, X_INIT, 0) < 2) {
			assert_int_equal(rig_live(&r.gw[0]), 1);
			rig_run(&r, 10);
		}
		rig_run(&r, 20000);
		assert_one_pair();
		assert_int_equal(r.gw[0].np, 2);
		assert_int_equal(r.gw[who].p[1].sa.replaces,
		    r.gw[who].p[0].sa.child);
		assert_false(rig_logged(&r, "down:"));
		rig_clear(&r);
	}
}

static void
test_keys_die_early(void **state)
{
	uint64_t	 ms;

	(void)state;
	for (ms = 0; ms < 45; ms += 5) {
		prepare(103);
		rig_load(&r, 0, &t[0], 1, psk);
		rig_load(&r, 1, &t[1], 1, psk);
		rig_go(&r, 1);
		rig_go(&r, 0);
		rig_run(&r, ms);
		rig_died(&r, 0, PROC_KEYS);
		rig_died(&r, 1, PROC_KEYS);
		rig_run(&r, 60000);
		assert_one_pair();
		rig_clear(&r);
	}
}

static void
test_sad_dies(void **state)
{
	(void)state;
	up(104);
	rig_died(&r, 0, PROC_SAD);
	rig_run(&r, 100);
	assert_int_equal(r.gw[0].keeps, 1);
	assert_one_pair();
	/* its esp died: everything is gone, new keys at once */
	rig_frame(&r, 0, PROC_SAD, PROC_IKE, M_S_LOST, 0, 0, NULL);
	rig_run(&r, 1000);
	assert_one_pair();
	assert_int_equal(r.gw[0].np, 2);
	rig_clear(&r);
}

/* An s2sd-sad that never answers does not hang anything. */
static void
test_sad_mute(void **state)
{
	(void)state;
	prepare(105);
	r.gw[0].sad_slow = 1;
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	rig_go(&r, 1);
	rig_go(&r, 0);
	rig_run(&r, 40000);
	assert_int_not_equal(r.gw[0].st[1].state, TS_UP);
	r.gw[0].sad_slow = 0;
	assert_true(rig_until_up(&r, 70000));
	rig_run(&r, 150000);
	assert_one_pair();
	rig_clear(&r);
}

/* ---- reload, contact ---- */

static void
test_reload(void **state)
{
	uint64_t	 spi;

	(void)state;
	up(110);
	spi = r.gw[0].st[1].spi_i;
	rig_load(&r, 0, &t[0], 1, psk);		/* nothing changed */
	rig_run(&r, 2000);
	assert_int_equal(r.gw[0].st[1].spi_i, spi);
	assert_int_equal(r.nseen, 4);
	rig_rekey(&r, 0, 0);			/* the record moved: still good */
	rig_run(&r, 2000);
	assert_one_pair();
	/* gone: the peer is told */
	rig_load(&r, 0, NULL, 0, psk);
	rig_run(&r, 2000);
	assert_int_equal(rig_live(&r.gw[0]) + rig_live(&r.gw[1]), 0);
	/* another id for the same end: up again, with no INITIAL_CONTACT */
	t[0].id = 2;
	rig_load(&r, 0, &t[0], 1, psk);
	rig_run(&r, 2000);
	assert_true(rig_match(&r));
	assert_int_equal(r.gw[0].st[2].state, TS_UP);
	rig_clear(&r);
}

/* Numbers of a live tunnel change: no new keys; lives from the next renewal,
 * the liveness check at once. */
static void
test_reload_soft(void **state)
{
	uint64_t	 spi, before;
	size_t		 seen;

	(void)state;
	up(111);
	spi = r.gw[0].st[1].spi_i;
	before = r.gw[0].st[1].rekey_at;
	seen = r.nseen;
	t[0].dpd = 5;
	t[0].life = 600;
	t[0].ikelife = 1500;
	rig_load(&r, 0, &t[0], 1, psk);
	rig_run(&r, 2000);
	assert_int_equal(r.nseen, seen);
	assert_int_equal(r.gw[0].st[1].spi_i, spi);
	assert_int_equal(r.gw[0].st[1].rekey_at, before);
	assert_one_pair();
	rig_run(&r, 10000);		/* 30 s before */
	assert_true(rig_sent(&r, 0, X_INFO, 0) >= 1);
	rig_rekey(&r, 0, 1);
	rig_run(&r, 2000);
	assert_int_not_equal(r.gw[0].st[1].spi_i, spi);
	assert_true(r.gw[0].st[1].rekey_at < r.now + 1500 * 1000);
	assert_int_equal(r.gw[0].p[0].sa.life, 3600);
	rig_rekey(&r, 0, 0);
	rig_run(&r, 2000);
	assert_one_pair();
	assert_int_equal(r.gw[0].p[r.gw[0].np - 1].sa.life, 600);
	/* switched off, and on again */
	t[0].dpd = 0;
	rig_load(&r, 0, &t[0], 1, psk);
	seen = rig_sent(&r, 0, X_INFO, 0);
	rig_run(&r, 100000);
	assert_int_equal(rig_sent(&r, 0, X_INFO, 0), seen);
	t[0].dpd = 10;
	rig_load(&r, 0, &t[0], 1, psk);
	rig_run(&r, 12000);
	assert_true(rig_sent(&r, 0, X_INFO, 0) > seen);
	assert_int_equal(rig_sent(&r, 0, X_INIT, 0), 1);
	rig_clear(&r);
}

/* A is started anew without having said good-bye (S7, N045). */
static void
test_contact(void **state)
{
	struct rig_gw	*g = &r.gw[0];

	(void)state;
	up(111);
	role_ike.free(g->ike);
	conf_clear(&g->c_ike);
	assert_int_equal(conf_init(&g->c_ike), 0);
	g->ike = role_ike.new(&g->io_ike);
	assert_non_null(g->ike);
	g->p[0].live = 0;
	memset(g->st, 0, sizeof(g->st));
	rig_died(&r, 0, PROC_KEYS);
	rig_load(&r, 0, &t[0], 1, psk);
	rig_go(&r, 0);
	assert_true(rig_until_up(&r, 5000));
	assert_one_pair();
	/* B was up all the time, and says why it had to begin again */
	assert_int_equal(r.gw[1].st[1].after, R_RESTARTED);
	assert_int_equal(r.gw[1].st[1].since, r.gw[1].st[1].established);
	assert_int_equal(r.gw[0].st[1].after, R_NONE);
	rig_clear(&r);
}

/* SAs of a former life: called at once, though it is passive. */
static void
test_orphan(void **state)
{
	(void)state;
	prepare(112);
	t[0].flags = 0;
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	rig_go(&r, 1);
	rig_go(&r, 0);
	rig_run(&r, 5000);
	assert_int_equal(r.nseen, 0);
	rig_frame(&r, 0, PROC_SAD, PROC_IKE, M_S_ORPHAN, 0, 1, NULL);
	assert_true(rig_until_up(&r, 12000));
	assert_one_pair();
	rig_clear(&r);
}

/* Days of everything at once, with 10 % loss: never more than a renewal's
 * worth of pairs, and in the end one. */
static int
drop_tenth(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)from;
	(void)d;
	(void)n;
	(void)nth;
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 17;
	g->seed ^= g->seed << 5;
	return (g->seed % 10 == 0);
}

static void
test_soak(void **state)
{
	uint32_t	 seed;
	int		 i;

	(void)state;
	for (seed = 1; seed <= 8; seed++) {
		up(5000 + seed);
		r.drop = drop_tenth;
		for (i = 0; i < 25; i++) {
			rig_rekey(&r, (int)(r.seed >> 3 & 1), r.seed >> 5 & 1);
			rig_rekey(&r, (int)(r.seed >> 7 & 1), r.seed >> 9 & 1);
			rig_run(&r, 20000 + (r.seed >> 8 & 0x3fff));
			assert_in_range(rig_live(&r.gw[0]), 1, 4);
		}
		r.drop = NULL;
		rig_run(&r, 200000);
		assert_one_pair();
		rig_clear(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_rekey_child),
		cmocka_unit_test(test_rekey_loss),
		cmocka_unit_test(test_collide_child),
		cmocka_unit_test(test_lifetimes),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_rekey_group),
		cmocka_unit_test(test_child_invalid_ke),
		cmocka_unit_test(test_rekey_ike),
		cmocka_unit_test(test_collide_ike),
		cmocka_unit_test(test_cross),
		cmocka_unit_test(test_rekey_unanswered),
		cmocka_unit_test(test_down_up),
		cmocka_unit_test(test_peer_deletes),
		cmocka_unit_test(test_delete_both),
		cmocka_unit_test(test_dpd),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_net_dies),
		cmocka_unit_test(test_ctl_dies),
		cmocka_unit_test(test_keys_die),
		cmocka_unit_test(test_keys_die_early),
		cmocka_unit_test(test_sad_dies),
		cmocka_unit_test(test_sad_mute),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_reload_soft),
		cmocka_unit_test(test_contact),
		cmocka_unit_test(test_orphan),
		cmocka_unit_test(test_soak),
	};

	if (crypt_warmup() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
