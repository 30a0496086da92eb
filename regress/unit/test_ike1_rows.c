/* SPDX-License-Identifier: ISC */

/*
 * test_ike1_rows.c: rows of the bad-input matrix that concern IKEv1, under
 * their numbers: strangers, a peer that knows the keys and breaks the rules,
 * floods; and stored packets that crashed others.  After each the SA that
 * was up is still the same, and nothing else was installed.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ike_rig.h"
#include "reason.h"
#include "v1/v1.h"

static struct rig	r;
static struct tunnel	t[2];
static struct addr	stranger;

static void
old_way(struct tunnel *x)
{
	struct prop	*p;

	x->flags |= TUN_IKEV1 | TUN_SEPARATE;
	p = &x->ike[0];
	memset(p, 0, sizeof(*p));
	p->nencr = p->nprf = p->ndh = 1;
	p->encr[0] = alg_name(ALG_ENCR, "aes-128")->num;
	p->prf[0] = alg_name(ALG_PRF, "hmac-sha1")->num;
	p->dh[0] = alg_name(ALG_DH, "ecp256")->num;
	p = &x->child[0];
	memset(p, 0, sizeof(*p));
	p->nencr = p->ninteg = 1;
	p->encr[0] = alg_name(ALG_ENCR, "aes-128")->num;
	p->integ[0] = alg_name(ALG_INTEG, "hmac-sha1")->num;
	p->nesn = 1;
}

static void
prepare(uint32_t seed)
{
	int	 i;

	rig_init(&r, seed);
	for (i = 0; i < 2; i++) {
		rig_tunnel_of(&r, i, &t[i]);
		old_way(&t[i]);
	}
	t[1].flags &= ~(uint32_t)TUN_ACTIVE;
	assert_int_equal(addr_parse("198.51.100.66", &stranger), 0);
	stranger.port = 500;
}

static void
go(void)
{
	int	 i;

	for (i = 1; i >= 0; i--) {
		rig_load(&r, i, &t[i], 1, "a secret that nobody knows");
		rig_go(&r, i);
	}
}

static void
up(uint32_t seed)
{
	prepare(seed);
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_run(&r, 1000);
}

static struct sa *
sa_of(int gw)
{
	struct ike	*ike = r.gw[gw].ike;
	uint32_t	 i;

	for (i = 0; i < ike->nslot; i++)
		if (ike->slot[i] != NULL)
			return (ike->slot[i]);
	return (NULL);
}

static void
assert_unharmed(void)
{
	assert_true(rig_match(&r));
	assert_int_equal(rig_live(&r.gw[0]), 1);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 2);
	assert_int_equal(r.gw[0].st[1].state, TS_UP);
	assert_int_equal(r.gw[1].st[1].state, TS_UP);
	assert_false(r.bad);
}

/* How many datagrams that gateway sent so far. */
static size_t
sent(int gw)
{
	size_t	 i, n = 0;

	for (i = 0; i < r.nseen; i++)
		n += r.seen[i].from == gw;
	return (n);
}

/* To gateway `to', from the address that the other one has now. */
static void
from_peer(int to, const void *p, size_t n)
{
	struct sa	*sa = sa_of(to);
	struct addr	 a = r.addr[!to];

	a.port = sa != NULL && sa->float_ ? 4500 : 500;
	rig_datagram(&r, to, &a, a.port == 4500 ? NETF_4500 : 0, p, n);
	rig_run(&r, 50);
}

static void
hdr(struct pld1_out *o, uint8_t *b, size_t n, const struct sa *sa,
    uint8_t exch, uint32_t mid)
{
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.spi_i = sa != NULL ? sa->spi_i : 0x0102030405060708;
	h.spi_r = sa != NULL ? sa->spi_r : 0;
	h.exch = exch;
	h.mid = mid;
	pld1_start(o, b, n, &h);
}

/* ---- who gets an answer at all ---- */

static size_t
mm1(uint8_t *b, size_t max, uint64_t spi)
{
	struct pld1_out	 o;
	struct wr	 w;

	hdr(&o, b, max, NULL, X1_MAIN, 0);
	(void)pld1_offer1(&o, t[0].ike, 1, 28800);
	assert_int_equal(pld1_done(&o), 0);
	w = wr_of(b, 8);
	wr_u64(&w, spi);
	return (o.w.n);
}

/* R14, N055: addresses of configured peers, and main mode only. */
static void
test_who(void **state)
{
	uint8_t		 b[1000];
	size_t		 n, before;
	unsigned int	 x;

	(void)state;
	up(1);
	n = mm1(b, sizeof(b), 77);
	before = sent(1);
	rig_datagram(&r, 1, &stranger, 0, b, n);
	rig_run(&r, 500);
	assert_int_equal(sent(1), before);
	for (x = 0; x < 256; x++) {
		if (x == X1_MAIN)
			continue;
		b[18] = (uint8_t)x;
		from_peer(1, b, n);
	}
	assert_int_equal(sent(1), before);
	b[18] = X1_MAIN;
	b[19] = HDR1_E;			/* message 1 is never encrypted */
	from_peer(1, b, n);
	b[19] = 0;
	b[23] = 1;			/* and has no message ID */
	from_peer(1, b, n);
	assert_int_equal(sent(1), before);
	assert_unharmed();
	rig_clear(&r);
}

/* Two half-open for a peer; one that got nowhere makes place after 3 s. */
static void
test_half_open(void **state)
{
	uint8_t	 b[1000];
	size_t	 n, before;
	unsigned int i;

	(void)state;
	up(2);
	before = sent(1);
	for (i = 0; i < 50; i++) {
		n = mm1(b, sizeof(b), 1000 + i);
		from_peer(1, b, n);
	}
	assert_int_equal(sent(1), before + 2);
	assert_int_equal(rig_count(&r, 1, "half-open-full"), 48);
	rig_run(&r, 4000);
	n = mm1(b, sizeof(b), 5000);
	from_peer(1, b, n);
	assert_int_equal(sent(1), before + 3);
	from_peer(1, b, n);		/* once more: the same answer */
	assert_int_equal(sent(1), before + 4);
	rig_run(&r, 60000);
	assert_unharmed();
	assert_int_equal(((struct ike *)r.gw[1].ike)->half1, 0);
	rig_clear(&r);
}

/* N014: the other version with the same SPIs. */
static void
test_versions(void **state)
{
	struct sa	*sa;
	uint8_t		 b[200];
	size_t		 before;
	unsigned int	 exch, flags;
	struct wr	 w;

	(void)state;
	up(3);
	sa = sa_of(1);
	before = sent(1);
	memset(b, 0, sizeof(b));
	for (exch = 33; exch < 45; exch++)
		for (flags = 0; flags < 64; flags += 8) {
			w = wr_of(b, sizeof(b));
			wr_u64(&w, sa->spi_i);
			wr_u64(&w, sa->spi_r);
			wr_u32(&w, 46u << 24 | 0x20u << 16 | exch << 8 | flags);
			wr_u32(&w, 1);
			wr_u32(&w, 100);
			wr_u32(&w, 72);
			from_peer(1, b, 100);
		}
	assert_int_equal(sent(1), before);
	assert_unharmed();
	rig_clear(&r);
}

/* ---- main mode ---- */

static uint8_t	caught[16][1000];
static size_t	ncaught, lcaught[16];
static int	stop_after;	/* that many messages pass */

static int
catcher(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)from;
	(void)nth;
	if (ncaught == nitems(caught) || *n > sizeof(caught[0]))
		return (0);
	memcpy(caught[ncaught], d, *n);
	lcaught[ncaught++] = *n;
	return (stop_after > 0 && (int)ncaught > stop_after);
}

/* N056: messages of main mode out of turn, in every state of the responder
 * and of the initiator; the handshake still ends well. */
static void
test_orders(void **state)
{
	size_t	 have, m, before;
	int	 to;

	(void)state;
	for (have = 1; have < 6; have++)
		for (m = 0; m < 6; m++) {
			prepare(4);
			ncaught = 0;
			stop_after = (int)have;
			r.drop = catcher;
			go();
			rig_run(&r, 300);
			to = !(m & 1);		/* 1, 3, 5 go to the responder */
			before = sent(to);
			if (m < ncaught && m != have - 1 && m != have) {
				from_peer(to, caught[m], lcaught[m]);
				/* at most the answer that it had before */
				assert_true(sent(to) <= before + 1);
			}
			r.drop = NULL;
			assert_true(rig_until_up(&r, 20000));
			rig_run(&r, 1000);
			assert_unharmed();
			rig_clear(&r);
		}
}

/* N057: messages 5 and 6 in the clear, or with the bit cleared. */
static void
test_clear5(void **state)
{
	struct pld1_out	 o;
	struct sa	*sa;
	uint8_t		 b[500];
	size_t		 m;

	(void)state;
	for (m = 4; m < 6; m++) {
		prepare(5);
		ncaught = 0;
		stop_after = (int)m;
		r.drop = catcher;
		go();
		rig_run(&r, 300);
		assert_true(ncaught > m);
		caught[m][19] &= (uint8_t)~HDR1_E;
		from_peer(m == 4, caught[m], lcaught[m]);
		sa = sa_of(m == 4);
		hdr(&o, b, sizeof(b), sa, X1_MAIN, 0);
		pld1_raw_put(&o, PLD1_ID, rd_of("\2\0\0\0a.example", 13));
		pld1_raw_put(&o, PLD1_HASH, rd_of(b, 20));
		assert_int_equal(pld1_done(&o), 0);
		from_peer(m == 4, o.w.p, o.w.n);
		assert_int_equal(sa->v1->st, m == 4 ? ST1_MM4 : ST1_MM5);
		r.drop = NULL;
		assert_true(rig_until_up(&r, 20000));
		rig_clear(&r);
	}
}

/* N019, N025, N029: message 3 with two KE, nonces of every length; our own
 * message 3 comes back. */
static void
test_message3(void **state)
{
	static const size_t	 len[] = { 0, 7, 257, 8, 256 };
	static uint8_t		 zero[300], ke[64] = { 1 };
	struct pld1_out		 o;
	uint8_t			 b[1000];
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(len) + 2; i++) {
		prepare(6);
		ncaught = 0;
		stop_after = 2;
		r.drop = catcher;
		go();
		rig_run(&r, 300);
		hdr(&o, b, sizeof(b), sa_of(1), X1_MAIN, 0);
		pld1_raw_put(&o, PLD1_KE, rd_of(ke, 64));
		if (i == nitems(len))
			pld1_raw_put(&o, PLD1_KE, rd_of(ke, 64));
		pld1_raw_put(&o, PLD1_NONCE, rd_of(zero, i < nitems(len) ?
		    len[i] : 16));
		assert_int_equal(pld1_done(&o), 0);
		if (i <= nitems(len)) {
			/* 8 and 256 reach s2sd-keys, which refuses that KE */
			from_peer(1, o.w.p, o.w.n);
			if (i == 3 || i == 4)
				assert_null(sa_of(1));
			else
				assert_int_equal(sa_of(1)->v1->st, ST1_MM2);
		} else {
			assert_true(ncaught > 2);
			from_peer(0, caught[2], lcaught[2]);
			assert_true(rig_count(&r, 0, "reflected") > 0);
		}
		r.drop = NULL;
		assert_true(rig_until_up(&r, 200000));
		rig_clear(&r);
	}
}

/* N043: somebody who saw our message 1 answers before the peer does. */
static int
forger(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	struct pld1_choice	 c;
	struct pld1_sa		 offer;
	struct pld1_out		 o;
	struct addr		 a = g->addr[1];
	struct plds1		 p;
	const char		*why;
	uint8_t			 b[500];

	(void)nth;
	if (from != 0 || d[18] != X1_MAIN || ncaught > 0 || *n < 40)
		return (0);
	ncaught = 1;
	if (pld1_walk(rd_of(d + HDR_LEN, *n - HDR_LEN), d[16], 0, &p, &why) ||
	    pld1_sa(p.p[0].b, 1, &offer, &why) ||
	    pld1_choose1(&offer, t[0].ike, 1, &c))
		return (0);
	hdr(&o, b, sizeof(b), sa_of(0), X1_MAIN, 0);
	b[15] = 99;			/* a cookie of his */
	pld1_answer(&o, PROTO1_ISAKMP, 0, &c);
	assert_int_equal(pld1_done(&o), 0);
	a.port = 500;
	rig_datagram(g, 0, &a, 0, o.w.p, o.w.n);
	return (0);
}

static void
test_forged2(void **state)
{
	(void)state;
	prepare(16);
	ncaught = 0;
	r.drop = forger;
	go();
	assert_true(rig_until_up(&r, 8000));
	assert_int_equal(rig_count(&r, 0, "second-answer"), 1);
	rig_run(&r, 1000);
	assert_unharmed();
	rig_clear(&r);
}

/* ---- behind the keys ---- */

enum { H_GOOD, H_NONE, H_LAST, H_WRONG, H_OTHER };

/* A message of phase 2 as the peer of gateway `to' could make it. */
static void
phase2(int to, uint8_t exch, uint32_t mid, int how, uint8_t flags,
    void (*fill)(struct pld1_out *, void *), void *arg)
{
	struct sa	*sa = sa_of(to);
	struct pld1_out	 o;
	uint8_t		 b[2000], iv[IV1_MAX], was;
	struct qm	*q = ike1_qm_find(sa, mid);

	hdr(&o, b, sizeof(b), sa, exch, mid);
	if (how != H_NONE && how != H_LAST)
		ike1_hash_begin(sa, &o);
	fill(&o, arg);
	if (how == H_GOOD || how == H_OTHER)
		assert_int_equal(ike1_hash_end(sa, &o, how == H_OTHER ?
		    mid + 1 : mid, q != NULL && q->init ? BUF_RD(&q->ni) :
		    rd_of(NULL, 0)), 0);
	if (how == H_LAST)
		pld1_raw_put(&o, PLD1_HASH, rd_of(b, sa->a.prf->outlen));
	if (q != NULL)
		memcpy(iv, q->iv, sizeof(iv));
	else
		assert_int_equal(ike1_iv_phase2(sa, mid, iv), 0);
	if (flags & 0x80)		/* N063: a wrong IV */
		iv[0] ^= 1;
	was = flags & 0x7f;
	assert_int_equal(ike1_seal(sa, &o, iv), 0);
	b[19] |= was;
	from_peer(to, o.w.p, o.w.n);
}

static int	two_sa;

static void
quick1(struct pld1_out *o, void *arg)
{
	struct pld1_qm	 q;
	struct selpair	*p = arg;

	memset(&q, 0, sizeof(q));
	q.mode = MODE1_TUNNEL;
	q.spi = 0x11223344;
	q.secs = 3600;
	(void)pld1_offer2(o, t[0].child, 1, &q);
	if (two_sa)
		(void)pld1_offer2(o, t[0].child, 1, &q);
	pld1_raw_put(o, PLD1_NONCE, rd_of("0123456789abcdef", 16));
	assert_int_equal(pld1_sel_put(o, &p->local), 0);
	assert_int_equal(pld1_sel_put(o, &p->remote), 0);
}

/* N059, N060, N061, N062, N063: quick mode that is none. */
static void
test_quick(void **state)
{
	struct sa	*sa;
	size_t		 before;
	uint64_t	 bad;

	(void)state;
	up(7);
	sa = sa_of(1);
	before = sent(1);
	phase2(1, X1_QUICK, 0, H_GOOD, 0, quick1, &t[0].pair[0]);
	phase2(1, X1_QUICK, sa->v1->mid[0], H_GOOD, 0, quick1, &t[0].pair[0]);
	assert_int_equal(sent(1), before);
	bad = rig_count(&r, 1, "bad-icv");
	phase2(1, X1_QUICK, 1001, H_NONE, 0, quick1, &t[0].pair[0]);
	phase2(1, X1_QUICK, 1002, H_LAST, 0, quick1, &t[0].pair[0]);
	phase2(1, X1_QUICK, 1003, H_WRONG, 0, quick1, &t[0].pair[0]);
	phase2(1, X1_QUICK, 1004, H_OTHER, 0, quick1, &t[0].pair[0]);
	assert_int_equal(rig_count(&r, 1, "bad-icv"), bad + 4);
	phase2(1, X1_QUICK, 1005, H_GOOD, 0x80, quick1, &t[0].pair[0]);
	two_sa = 1;
	phase2(1, X1_QUICK, 1006, H_GOOD, 0, quick1, &t[0].pair[0]);
	two_sa = 0;
	phase2(1, 33, 1007, H_GOOD, 0, quick1, &t[0].pair[0]);	/* new group */
	phase2(1, 6, 1008, H_GOOD, 0, quick1, &t[0].pair[0]);	/* mode cfg */
	assert_int_equal(sent(1), before);
	assert_unharmed();
	/* the same, good, and with the commit bit: answered */
	phase2(1, X1_QUICK, 1009, H_GOOD, HDR1_C, quick1, &t[0].pair[0]);
	assert_true(sent(1) > before);
	rig_clear(&r);
}

/* N059: quick mode before phase 1 is done. */
static void
test_quick_early(void **state)
{
	struct sa	*sa;
	uint8_t		 b[100];
	size_t		 before;
	struct wr	 w;

	(void)state;
	prepare(8);
	ncaught = 0;
	stop_after = 4;
	r.drop = catcher;
	go();
	rig_run(&r, 300);
	sa = sa_of(1);
	assert_int_equal(sa->v1->st, ST1_MM4);
	before = sent(1);
	memset(b, 0, sizeof(b));
	w = wr_of(b, sizeof(b));
	wr_u64(&w, sa->spi_i);
	wr_u64(&w, sa->spi_r);
	wr_u32(&w, 8u << 24 | 0x10u << 16 | X1_QUICK << 8 | HDR1_E);
	wr_u32(&w, 55);
	wr_u32(&w, 92);
	from_peer(1, b, 92);
	b[18] = X1_INFO;
	from_peer(1, b, 92);
	assert_int_equal(sent(1), before);
	assert_int_equal(sa->v1->st, ST1_MM4);
	r.drop = NULL;
	assert_true(rig_until_up(&r, 20000));
	rig_clear(&r);
}

struct note {
	uint16_t	 type;
	uint32_t	 seq;
	uint8_t		 cookies[COOKIES1];
	uint8_t		 proto;
	uint32_t	 spi;		/* delete this one */
};

static void
notify(struct pld1_out *o, void *arg)
{
	struct note	*n = arg;
	struct wr	 w;
	uint8_t		 d[4];

	w = wr_of(d, sizeof(d));
	wr_u32(&w, n->proto == PROTO1_ESP ? n->spi : n->seq);
	if (n->type != 0)
		pld1_notify_put(o, PROTO1_ISAKMP, rd_of(n->cookies, COOKIES1),
		    n->type, rd_of(d, sizeof(d)));
	else if (n->proto == PROTO1_ESP)
		pld1_delete_put(o, PROTO1_ESP, rd_of(d, sizeof(d)));
	else
		pld1_delete_put(o, PROTO1_ISAKMP, rd_of(n->cookies, COOKIES1));
}

/* N064: each R-U-THERE is answered once; nobody asked for an ACK. */
static void
test_dpd(void **state)
{
	static const struct { uint32_t seq; int answer; } row[] = {
	    { 100, 1 }, { 100, 0 }, { 99, 0 }, { 0, 0 }, { 101, 1 },
	    { 0x80000000, 0 }, { 0xffffffff, 0 }, { 105, 1 } };
	struct note	 n;
	size_t		 i, before;
	uint32_t	 mid = 2000;

	(void)state;
	up(9);
	memset(&n, 0, sizeof(n));
	ike1_cookies(sa_of(1), n.cookies);
	n.type = N1_R_U_THERE;
	for (i = 0; i < nitems(row); i++) {
		n.seq = row[i].seq;
		before = sent(1);
		phase2(1, X1_INFO, mid++, H_GOOD, 0, notify, &n);
		assert_int_equal(sent(1), before + (size_t)row[i].answer);
	}
	/* the same datagram again: the same answer again */
	before = sent(1);
	phase2(1, X1_INFO, mid - 1, H_GOOD, 0, notify, &n);
	assert_int_equal(sent(1), before + 1);
	n.seq = 106;			/* cookies of another SA */
	n.cookies[3] ^= 1;
	phase2(1, X1_INFO, mid++, H_GOOD, 0, notify, &n);
	assert_int_equal(sent(1), before + 1);
	n.cookies[3] ^= 1;
	n.type = N1_R_U_THERE_ACK;
	phase2(1, X1_INFO, mid++, H_GOOD, 0, notify, &n);
	assert_int_equal(sent(1), before + 1);
	assert_unharmed();
	rig_clear(&r);
}

/* N065, R18: deletes that are not for us, or not protected. */
static void
test_delete(void **state)
{
	struct note	 n;
	struct pld1_out	 o;
	uint8_t		 b[500];
	uint32_t	 spi;

	(void)state;
	up(10);
	memset(&n, 0, sizeof(n));
	ike1_cookies(sa_of(1), n.cookies);
	n.cookies[0] ^= 1;
	phase2(1, X1_INFO, 3000, H_GOOD, 0, notify, &n);
	assert_unharmed();
	n.cookies[0] ^= 1;
	phase2(1, X1_INFO, 3001, H_WRONG, 0, notify, &n);
	phase2(1, X1_INFO, 3002, H_NONE, 0, notify, &n);
	hdr(&o, b, sizeof(b), sa_of(1), X1_INFO, 3003);
	notify(&o, &n);			/* in the clear */
	assert_int_equal(pld1_done(&o), 0);
	from_peer(1, b, o.w.n);
	hdr(&o, b, sizeof(b), sa_of(1), X1_INFO, 3004);
	n.type = N1_INITIAL_CONTACT;
	notify(&o, &n);
	assert_int_equal(pld1_done(&o), 0);
	from_peer(1, b, o.w.n);
	n.type = 0;
	n.proto = PROTO1_ESP;
	n.spi = sa_of(1)->children->spi_in;	/* ours, not the peer's */
	phase2(1, X1_INFO, 3005, H_GOOD, 0, notify, &n);
	n.spi = 0x12345678;
	phase2(1, X1_INFO, 3006, H_GOOD, 0, notify, &n);
	assert_unharmed();
	spi = sa_of(1)->children->spi_out;
	n.spi = spi;				/* that is it */
	phase2(1, X1_INFO, 3007, H_GOOD, 0, notify, &n);
	assert_int_equal(rig_live(&r.gw[1]), 0);
	rig_clear(&r);
}

/* Our own messages come back: deletes and acknowledgements of ours are no
 * word of the peer. */
static void
test_reflected(void **state)
{
	size_t	 i, before;

	(void)state;
	prepare(11);
	ncaught = 0;
	stop_after = 0;
	r.drop = catcher;
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_run(&r, 40000);		/* with R-U-THERE of either end */
	r.drop = NULL;
	for (i = 0; i < ncaught; i++) {
		before = sent(0) + sent(1);
		from_peer(0, caught[i], lcaught[i]);
		from_peer(1, caught[i], lcaught[i]);
		/* of either end at most a repeated answer */
		assert_true(sent(0) + sent(1) <= before + 2);
	}
	assert_unharmed();
	rig_clear(&r);
}

/* ---- fragments: row 1, 18, 62, N067 ---- */

static void
frag(const struct sa *sa, uint16_t id, uint8_t num, uint8_t last,
    const void *p, size_t n)
{
	struct pld1_out	 o;
	uint8_t		 b[2000];

	hdr(&o, b, sizeof(b), sa, X1_INFO, 0);
	pld1_begin(&o, PLD1_FRAG, 0);
	wr_u16(&o.w, id);
	wr_u8(&o.w, num);
	wr_u8(&o.w, last);
	wr_put(&o.w, p, n);
	pld1_end(&o);
	assert_int_equal(pld1_done(&o), 0);
	from_peer(1, o.w.p, o.w.n);
}

static void
test_frags_bad(void **state)
{
	struct sa	*sa;
	struct ike1	*v;
	static uint8_t	 junk[1900];
	uint8_t		 b[64], len;
	unsigned int	 i;
	size_t		 before;
	struct wr	 w;

	(void)state;
	up(12);
	sa = sa_of(1);
	v = sa->v1;
	before = sent(1);
	/* lengths below the header of a fragment; no data */
	for (len = 0; len < 9; len++) {
		w = wr_of(b, sizeof(b));
		wr_u64(&w, sa->spi_i);
		wr_u64(&w, sa->spi_r);
		wr_u32(&w, 132u << 24 | 0x10u << 16 | X1_INFO << 8);
		wr_u32(&w, 0);
		wr_u32(&w, 28 + 8);
		wr_u32(&w, len);
		wr_u32(&w, 0x00010101);
		from_peer(1, b, 36);
		assert_null(v->frags);
	}
	frag(sa, 1, 0, 0, junk, 10);
	assert_null(v->frags);
	frag(sa, 1, 255, 1, junk, 10);
	assert_null(v->frags);
	frag(sa, 2, 1, 0, junk, 10);		/* 1 twice: the first counts */
	frag(sa, 2, 1, 0, junk, 20);
	assert_int_equal(v->frags->octets, 10);
	frag(sa, 2, 3, 1, junk, 10);
	frag(sa, 2, 2, 1, junk, 10);		/* two last ones */
	frag(sa, 2, 4, 0, junk, 10);		/* behind the last */
	assert_int_equal(v->frags->have, 2);
	frag(sa, 3, 7, 0, junk, 10);		/* another message: one set */
	assert_int_equal(v->frags->have, 1);
	for (i = 64; i > 0; i--)		/* worst order, and too much */
		frag(sa, 4, (uint8_t)i, 0, junk, 1900);
	assert_true(v->frags == NULL || v->frags->octets <= MSG_MAX);
	rig_run(&r, 61000);
	frag(sa, 4, 9, 0, junk, 10);		/* an old set is begun anew */
	assert_int_equal(v->frags->have, 1);
	frag(sa, 5, 1, 1, junk, 10);		/* whole, and no message */
	assert_null(v->frags);
	(void)before;
	assert_unharmed();
	rig_clear(&r);
}

/* A whole handshake in which one end gets only fragments. */
static int
cutter(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	struct pld1_out	 o;
	struct ike_hdr	 h;
	struct addr	 a;
	struct rd	 whole = rd_of(d, *n), hr = whole, part;
	const char	*why;
	uint8_t		 b[400], num = 0, flags;
	struct sa	*sa = sa_of(!from);

	(void)nth;
	if (from != 0 || sa == NULL || pld_hdr(&hr, &h, &why) ||
	    h.np == 132 || h.spi_r == 0)
		return (0);
	flags = sa->float_ || h.exch != X1_MAIN ? NETF_4500 : 0;
	h.flags = 0;
	a = g->addr[from];
	a.port = flags ? 4500 : 500;
	while (whole.n > 0 && rd_sub(&whole, whole.n < 50 ? whole.n : 50,
	    &part) == 0) {
		pld1_start(&o, b, sizeof(b), &h);
		pld1_begin(&o, PLD1_FRAG, 0);
		wr_u16(&o.w, (uint16_t)nth);
		wr_u8(&o.w, ++num);
		wr_u8(&o.w, whole.n == 0);
		wr_put(&o.w, part.p, part.n);
		pld1_end(&o);
		assert_int_equal(pld1_done(&o), 0);
		rig_datagram(g, !from, &a, flags, o.w.p, o.w.n);
	}
	return (1);
}

static void
test_frags(void **state)
{
	(void)state;
	prepare(13);
	r.drop = cutter;
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_run(&r, 1000);
	assert_unharmed();
	rig_clear(&r);
}

/* ---- lives ---- */

/* N066: what the peer says of lives, clamped; a shorter one is honoured. */
static void
test_lives(void **state)
{
	static const uint32_t	 theirs[] = { 300, 7200 };
	struct child		*a, *b;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(theirs); i++) {
		prepare(14);
		t[1].life = theirs[i];	/* the responder's */
		go();
		assert_true(rig_until_up(&r, 5000));
		a = sa_of(0)->children;
		b = sa_of(1)->children;
		/* by RESPONDER-LIFETIME, or by the offer */
		assert_int_equal(a->life, theirs[i] < 3600 ? theirs[i] : 3600);
		assert_int_equal(b->life, a->life);
		assert_true(a->rekey_at < b->rekey_at);
		rig_clear(&r);
	}
}

/* ---- stored packets ---- */

#define VECTORS	SRCDIR "/../shared/vectors/"

static unsigned int	replayed;

static void
both(const uint8_t *p, size_t n)
{
	struct addr	 a = r.addr[0];
	uint8_t		*copy;
	int		 port;

	if (n > 15000)			/* no frame takes it */
		return;
	copy = malloc(n > 0 ? n : 1);
	assert_non_null(copy);
	if (n > 0)
		memcpy(copy, p, n);
	for (port = 0; port < 2; port++) {
		a.port = stranger.port = port ? 4500 : 500;
		rig_datagram(&r, 1, &a, port ? NETF_4500 : 0, copy, n);
		rig_datagram(&r, 1, &stranger, port ? NETF_4500 : 0, copy, n);
		rig_run(&r, 20);
	}
	free(copy);
	replayed++;
}

static uint32_t
le32(const uint8_t *p, int swap)
{
	return (swap ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3] : (uint32_t)p[3] << 24 |
	    (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]);
}

/* UDP in a frame, wherever its IP header stands; the rest is not looked at. */
static void
frame(const uint8_t *p, size_t n)
{
	size_t	 i, ihl;

	for (i = 0; i + 28 < n && i < 20; i++) {
		ihl = (size_t)(p[i] & 15) * 4;
		if (p[i] >> 4 != 4 || ihl < 20 || p[i + 9] != 17 ||
		    i + ihl + 8 > n)
			continue;
		both(p + i + ihl + 8, n - i - ihl - 8);
		if (n - i - ihl > 12)		/* behind a non-ESP marker */
			both(p + i + ihl + 12, n - i - ihl - 12);
		return;
	}
	both(p, n);
}

static void
pcap(const uint8_t *p, size_t n)
{
	size_t	 at = 24, len;
	int	 swap;

	if (n < 24 || (le32(p, 0) != 0xa1b2c3d4 && le32(p, 1) != 0xa1b2c3d4)) {
		both(p, n);
		return;
	}
	swap = le32(p, 1) == 0xa1b2c3d4;
	while (at + 16 <= n) {
		len = le32(p + at + 8, swap);
		at += 16;
		if (len > n - at)
			len = n - at;
		frame(p + at, len);
		at += len;
	}
}

static void
hex_lines(char *text)
{
	uint8_t	 b[4096];
	char	*line, *tab;
	size_t	 n;
	unsigned int x;

	for (line = strtok(text, "\n"); line != NULL;
	    line = strtok(NULL, "\n")) {
		if (line[0] == '#' || (tab = strchr(line, '\t')) == NULL)
			continue;
		for (n = 0, tab++; n < sizeof(b) &&
		    sscanf(tab + 2 * n, "%2x", &x) == 1; n++)
			b[n] = (uint8_t)x;
		both(b, n);
	}
}

static void
replay(const char *folder)
{
	char	 cmd[512], path[512], *nl;
	uint8_t	*p;
	FILE	*ls, *f;
	size_t	 n;

	(void)snprintf(cmd, sizeof(cmd), "ls -d %s%s/* 2>/dev/null", VECTORS,
	    folder);
	assert_non_null(ls = popen(cmd, "r"));
	p = calloc(1, 1 << 20);
	assert_non_null(p);
	while (fgets(path, sizeof(path), ls) != NULL) {
		if ((nl = strchr(path, '\n')) != NULL)
			*nl = '\0';
		if ((f = fopen(path, "r")) == NULL)
			continue;
		memset(p, 0, 1 << 20);
		n = fread(p, 1, (1 << 20) - 1, f);
		(void)fclose(f);
		if (strstr(path, ".txt") != NULL)
			hex_lines((char *)p);
		else if (strstr(path, "README") == NULL)
			pcap(p, n);
	}
	(void)pclose(ls);
	free(p);
}

/* Every stored packet, with all that is logged of it, to an IKEv1 gateway. */
static void
test_vectors(void **state)
{
	(void)state;
	up(15);
	replay("libreswan");
	replay("openswan");
	replay("tcpdump");
	replay("ike-scan");
	if (replayed == 0) {
		print_message("no " VECTORS ": skipped\n");
		rig_clear(&r);
		skip();
	}
	print_message("%u stored packets\n", replayed);
	rig_run(&r, 130000);
	assert_unharmed();
	rig_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_who), cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_orders), cmocka_unit_test(test_clear5),
		cmocka_unit_test(test_message3),
		cmocka_unit_test(test_forged2), cmocka_unit_test(test_quick),
		cmocka_unit_test(test_quick_early), cmocka_unit_test(test_dpd),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_reflected),
		cmocka_unit_test(test_frags_bad), cmocka_unit_test(test_frags),
		cmocka_unit_test(test_lives), cmocka_unit_test(test_vectors),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
