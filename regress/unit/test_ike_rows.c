/* SPDX-License-Identifier: ISC */

/*
 * test_ike_rows.c: rows of the bad-input matrix that need somebody who
 * knows the keys: messages of one side are opened on the wire, rewritten
 * and sealed again.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ike_rig.h"
#include "v2/v2.h"

enum { N_REDIRECT = 16407, N_SIG_HASH = 16431, N_INTERMEDIATE = 16438,
    X_INTERMEDIATE = 43, ROOM = 4096 };

static struct rig	r;
static struct tunnel	t[2];

/* What becomes of the messages of gateway `from' in one exchange. */
struct edit {
	uint8_t		 exch;		/* 0: nothing */
	int		 from;
	uint8_t		 reverse, critical;
	uint8_t		 skip;		/* type that is left out, or 0 */
	int		 method;	/* AUTH method, or -1 */
	uint8_t		 mirror;	/* the other side's AUTH; 2: and ID; 3, 4:
					   the same of another IKE SA */
	struct pld	 extra[20];	/* stand in front */
	size_t		 nextra;
	unsigned int	 done;
};
static struct edit	edit[2];

/* The payloads of the last IKE_AUTH of each, before the edit. */
static struct plds	auth[2];
static uint8_t		authroom[2][ROOM];
/* AUTH and ID of a gateway, of an IKE SA that went before. */
static struct buf	old_auth, old_id;

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
put(struct pld_out *o, const struct edit *e, const struct pld *p)
{
	struct rd	 b = p->b;

	if (e->mirror && p->type == PLD_AUTH)
		b = e->mirror > 2 ? BUF_RD(&old_auth) :
		    pld_find(&auth[!e->from], PLD_AUTH)->b;
	if (e->mirror == 2 && p->type == PLD_IDR)
		b = pld_find(&auth[!e->from], PLD_IDI)->b;
	if (e->mirror == 4 && p->type == PLD_IDI)
		b = BUF_RD(&old_id);
	pld_raw_put(o, p->type, b);
	if (e->critical)
		o->w.p[o->np + 1] |= 0x80;
	if (e->method >= 0 && p->type == PLD_AUTH)
		o->w.p[o->np + GEN_LEN] = (uint8_t)e->method;
}

static void
compose(struct pld_out *o, const struct edit *e, const struct plds *p)
{
	const struct pld	*q;
	size_t			 i;

	for (i = 0; i < e->nextra; i++)
		put(o, e, &e->extra[i]);
	for (i = 0; i < p->n; i++) {
		q = &p->p[e->reverse ? p->n - 1 - i : i];
		if (e->skip == 0 || q->type != e->skip)
			put(o, e, q);
	}
}

static void
deliver(int from, uint8_t flags, const struct pld_out *o)
{
	struct addr	 a = r.addr[from];

	a.port = flags & NETF_4500 ? 4500 : 500;
	rig_datagram(&r, !from, &a, flags, o->w.p, o->w.n);
}

/* IKE_SA_INIT: its maker signs what it became. */
static void
edit_clear(struct edit *e, const struct ike_hdr *h, const struct plds *p)
{
	struct sa	*sa = sa_of(e->from);
	uint8_t		 b[ROOM];
	struct pld_out	 o;

	pld_start(&o, b, sizeof(b), h);
	compose(&o, e, p);
	assert_int_equal(pld_done(&o), 0);
	assert_int_equal(ike_buf_set(e->from == 0 ? &sa->init_i : &sa->init_r,
	    rd_of(o.w.p, o.w.n)), 0);
	deliver(e->from, sa->float_ ? NETF_4500 : 0, &o);
}

static void
edit_sealed(struct edit *e, const struct ike_hdr *h, const struct plds *p,
    const struct pld *sk)
{
	struct sa	*sa = sa_of(e->from);
	uint8_t		 b[ROOM];
	struct pld_out	 o;

	pld_start(&o, b, sizeof(b), h);
	pld_sk_begin(&o, &sa->a, sk->b.p);	/* the IV that it had */
	compose(&o, e, p);
	assert_int_equal(pld_sk_end(&o, &sa->a, sa->seal), 0);
	deliver(e->from, sa->float_ ? NETF_4500 : 0, &o);
}

static int
editor(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	struct edit	*e = &edit[0];
	struct plds	 outer, *in = &auth[from];
	struct ike_hdr	 h;
	struct rd	 v, inner;
	const char	*why;

	(void)g;
	(void)nth;
	v = rd_of(d, *n);
	assert_int_equal(pld_hdr(&v, &h, &why), 0);
	if (e->exch != h.exch || e->from != from)
		e = edit[1].exch == h.exch && edit[1].from == from ?
		    &edit[1] : NULL;
	if ((e == NULL || h.exch != X_INIT) && h.exch != X_AUTH)
		return (0);
	assert_int_equal(pld_walk(v, h.np, &outer, &why), 0);
	if (h.exch == X_INIT) {
		edit_clear(e, &h, &outer);
		e->done++;
		return (1);
	}
	assert_true(*n <= ROOM);
	memcpy(authroom[from], d, *n);
	assert_int_equal(pld_walk(rd_of(authroom[from] + HDR_LEN,
	    *n - HDR_LEN), h.np, &outer, &why), 0);
	assert_int_equal(pld_sk_open(authroom[from], *n, &outer.p[0],
	    &sa_of(from)->a, sa_of(!from)->open, &inner), 0);
	assert_int_equal(pld_walk(inner, outer.inner, in, &why), 0);
	if (e == NULL)
		return (0);
	edit_sealed(e, &h, in, &outer.p[0]);
	e->done++;
	return (1);
}

static void
prepare(uint32_t seed)
{
	memset(edit, 0, sizeof(edit));
	edit[0].method = edit[1].method = -1;
	memset(auth, 0, sizeof(auth));
	rig_init(&r, seed);
	rig_tunnel_of(&r, 0, &t[0]);
	rig_tunnel_of(&r, 1, &t[1]);
	t[1].flags = 0;
	r.drop = editor;
}

static void
go(void)
{
	static const char	 psk[] = "a very long secret that nobody knows";

	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	rig_go(&r, 1);
	rig_go(&r, 0);
}

/* The messages of that side in that exchange. */
static struct edit *
of(struct edit *e, int from, uint8_t exch)
{
	e->from = from;
	e->exch = exch;
	return (e);
}

static void
extra(struct edit *e, uint8_t type, const void *body, size_t n)
{
	assert_true(e->nextra < nitems(e->extra));
	e->extra[e->nextra].type = type;
	e->extra[e->nextra++].b = rd_of(body, n);
}

/* A Notify payload of that type with n octets of data, body in b. */
static void
extra_notify(struct edit *e, uint16_t type, uint8_t *b, size_t n)
{
	memset(b, 0, 4);
	b[2] = (uint8_t)(type >> 8);
	b[3] = (uint8_t)type;
	extra(e, PLD_NOTIFY, b, 4 + n);
}

/* It came up in spite of it, at once and as always; the edits were made. */
static void
assert_up(void)
{
	assert_true(rig_until_up(&r, 300));
	assert_true(rig_match(&r));
	assert_int_equal(r.gw[0].np + r.gw[1].np, 2);
	assert_true(edit[0].done > 0 && (edit[1].exch == 0 ||
	    edit[1].done > 0));
	assert_false(r.bad);
}

static int
auth_notify(int from, uint16_t type)
{
	struct pld_notify	 n;
	struct msg2		 m;

	memset(&m, 0, sizeof(m));
	m.p = auth[from];
	m.see = UINT32_MAX;
	return (ike2_has_notify(&m, type, &n));
}

/* N014: version 1 with the SPIs of a version 2 SA, from its peer. */
static void
test_other_version(void **state)
{
	static const uint8_t	 exch[] = { 2, 4, 5, 6, 32, 33, 34, 35, 36,
	    37 };
	uint8_t			 b[100];
	struct sa		*sa;
	struct addr		 a;
	struct wr		 w;
	size_t			 sent, i;
	uint32_t		 in, out;
	int			 gw, flags;

	(void)state;
	prepare(1);
	go();
	assert_true(rig_until_up(&r, 300));
	sent = r.nseen;
	for (gw = 0; gw < 2; gw++) {
		sa = sa_of(gw);
		in = sa->mid_in;
		out = sa->mid_out;
		a = r.addr[!gw];
		a.port = 500;
		for (i = 0; i < nitems(exch) * 64; i++) {
			flags = (int)(i / nitems(exch));
			memset(b, 0, sizeof(b));
			w = wr_of(b, sizeof(b));
			wr_u64(&w, sa->spi_i);
			wr_u64(&w, sa->spi_r);
			wr_u8(&w, flags & 1 ? 8 : PLD_SK);
			wr_u8(&w, 0x10);
			wr_u8(&w, exch[i % nitems(exch)]);
			wr_u8(&w, (uint8_t)flags);
			wr_u32(&w, in);
			wr_u32(&w, sizeof(b));
			rig_datagram(&r, gw, &a, 0, b, sizeof(b));
		}
		rig_run(&r, 10);
		assert_ptr_equal(sa, sa_of(gw));
		assert_int_equal(sa->mid_in, in);
		assert_int_equal(sa->mid_out, out);
		assert_int_equal(sa->state, S_UP);
		assert_true(rig_count(&r, gw, "bad-version") >=
		    nitems(exch) * 64);
	}
	assert_int_equal(r.nseen, sent);
	assert_true(rig_match(&r));
	rig_clear(&r);
}

/* N018, N020: critical bit on what is known; the order turned round. */
static void
test_order(void **state)
{
	static const uint8_t	 exch[] = { X_INIT, X_AUTH };
	struct edit		*e;
	int			 i;

	(void)state;
	for (i = 0; i < 12; i++) {
		prepare(20 + (uint32_t)i);
		e = of(&edit[0], i & 1, exch[i >> 1 & 1]);
		e->critical = i >> 2 != 1;
		e->reverse = i >> 2 != 0;
		go();
		assert_up();
		rig_clear(&r);
	}
}

/* n NAT_DETECTION_SOURCE_IP of len octets in front of A's own; alone: and
 * as many for DESTINATION, in place of A's own. */
static void
nat(size_t n, size_t len, int alone)
{
	static uint8_t	 b[20][32];
	size_t		 i;

	prepare(40);
	of(&edit[0], 0, X_INIT);
	if (alone)
		edit[0].skip = PLD_NOTIFY;
	memset(b, 0x5a, sizeof(b));
	for (i = 0; i < n; i++)
		extra_notify(&edit[0], N_NAT_SRC, b[i], len);
	for (i = 0; alone && i < n; i++)
		extra_notify(&edit[0], N_NAT_DST, b[n + i], len);
	go();
	assert_up();
}

/* N035: 20 octets or nothing; the 17th is not looked at. */
static void
test_nat(void **state)
{
	static const size_t	 odd[] = { 0, 19, 21 };
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(odd); i++) {
		nat(3, odd[i], 0);
		assert_int_equal(sa_of(1)->nat_there, 0);
		assert_int_equal(sa_of(1)->nat_known, 1);
		assert_int_equal(r.gw[1].p[0].sa.udp, 0);
		rig_clear(&r);
		nat(2, odd[i], 1);	/* as if there were none */
		assert_int_equal(sa_of(1)->nat_known, 0);
		assert_int_equal(sa_of(0)->nat_known, 0);
		assert_int_equal(r.gw[1].p[0].sa.udp, 0);
		rig_clear(&r);
	}
	nat(14, 20, 0);			/* and A's own two: 16 */
	assert_int_equal(sa_of(1)->nat_there, 0);
	assert_int_equal(sa_of(1)->nat_known, 1);
	rig_clear(&r);
	nat(15, 20, 0);			/* the 17th is A's DESTINATION */
	assert_int_equal(sa_of(1)->nat_known, 0);
	assert_int_equal(r.gw[1].p[0].sa.udp, 0);
	rig_clear(&r);
	nat(17, 20, 0);			/* nor is A's right SOURCE */
	assert_int_equal(sa_of(1)->nat_there, 1);
	assert_int_equal(sa_of(1)->nat_known, 0);
	assert_int_equal(r.gw[1].p[0].sa.udp, 0);
	rig_clear(&r);
}

/* N036, EAP: instead of AUTH it is refused, beside AUTH it is nothing. */
static void
test_eap(void **state)
{
	static const char	 eap[] = "\1\1\0\5\1";

	(void)state;
	prepare(50);
	of(&edit[0], 0, X_AUTH)->skip = PLD_AUTH;
	extra(&edit[0], PLD_EAP, eap, 5);
	go();
	rig_run(&r, 300);
	assert_true(edit[0].done > 0);
	assert_true(auth_notify(1, N_AUTH_FAILED));
	assert_int_equal(auth[1].n, 1);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
	rig_clear(&r);
	prepare(51);
	of(&edit[0], 1, X_AUTH)->skip = PLD_AUTH;
	extra(&edit[0], PLD_EAP, eap, 5);
	go();
	rig_run(&r, 1000);
	assert_true(edit[0].done > 0);
	assert_int_equal(r.gw[0].np, 0);
	assert_int_not_equal(r.gw[0].st[1].state, TS_UP);
	assert_true(rig_count(&r, 0, "bad-state") > 0);
	rig_clear(&r);
	prepare(52);
	extra(of(&edit[0], 0, X_AUTH), PLD_EAP, eap, 5);
	extra(of(&edit[1], 1, X_AUTH), PLD_EAP, eap, 5);
	go();
	assert_up();
	assert_null(pld_find(&auth[1], PLD_EAP));
	rig_clear(&r);
}

/* N036: addresses asked for and given, another gateway, another mode. */
static void
test_unasked(void **state)
{
	static const char	 cp_q[] = "\1\0\0\0\0\1\0\0";
	static const char	 cp_r[] = "\2\0\0\0\0\1\0\4\12\1\3\7";
	uint8_t			 b[4][32];
	int			 i;

	(void)state;
	prepare(60);
	extra(of(&edit[0], 0, X_AUTH), PLD_CP, cp_q, 8);
	extra(of(&edit[1], 1, X_AUTH), PLD_CP, cp_r, 12);
	go();
	assert_up();
	assert_null(pld_find(&auth[1], PLD_CP));
	rig_clear(&r);
	for (i = 0; i < 4; i++) {		/* REDIRECT: to 198.51.100.66 */
		prepare(61 + (uint32_t)i);
		memcpy(b[0] + 4, "\1\4\306\63\144\102", 6);
		extra_notify(of(&edit[0], i & 1, i & 2 ? X_AUTH : X_INIT),
		    N_REDIRECT, b[0], 6);
		go();
		assert_up();
		assert_int_equal(addr_cmp(&sa_of(0)->remote, &r.addr[1], 0),
		    0);
		rig_clear(&r);
	}
	prepare(65);
	extra_notify(of(&edit[0], 0, X_AUTH), N_TRANSPORT_MODE, b[0], 0);
	go();
	assert_up();
	assert_false(auth_notify(1, N_TRANSPORT_MODE));
	rig_clear(&r);
	/* That child is refused (the peer would send what we do not take);
	 * the next one, without the word, is in tunnel mode. */
	prepare(66);
	extra_notify(of(&edit[1], 1, X_AUTH), N_TRANSPORT_MODE, b[1], 0);
	go();
	assert_true(rig_until_up(&r, 60000));
	assert_true(edit[1].done > 0);
	assert_true(rig_match(&r));
	rig_clear(&r);
}

/* N037: whatever hashes it can sign with, the shared secret it is. */
static void
test_sig_hash(void **state)
{
	static const struct {
		const char	*d;
		size_t		 n;
	} hash[] = { { "", 0 }, { "\0", 1 }, { "\0\2\0", 3 }, { "\0\5", 2 },
	    { "\0\1", 2 } };
	uint8_t	 b[32];
	size_t	 i;

	(void)state;
	for (i = 0; i < nitems(hash) * 2; i++) {
		prepare(70 + (uint32_t)i);
		memcpy(b + 4, hash[i / 2].d, hash[i / 2].n);
		extra_notify(of(&edit[0], i & 1, X_INIT), N_SIG_HASH, b,
		    hash[i / 2].n);
		go();
		assert_up();
		assert_int_equal(pld_find(&auth[0], PLD_AUTH)->b.p[0],
		    AUTH_PSK);
		assert_int_equal(pld_find(&auth[1], PLD_AUTH)->b.p[0],
		    AUTH_PSK);
		rig_clear(&r);
	}
}

static int	late;

/* Keep IKE_AUTH back for a while. */
static int
later(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	if (late && d[18] == X_AUTH)
		return (1);
	return (editor(g, from, d, n, nth));
}

/* N040: IKE_INTERMEDIATE, offered but not agreed, eight of them. */
static void
test_intermediate(void **state)
{
	struct pld_out	 o;
	struct sa	*sa;
	uint8_t		 b[8];
	size_t		 sent, i;

	(void)state;
	prepare(80);
	late = 1;
	r.drop = later;
	extra_notify(of(&edit[0], 0, X_INIT), N_INTERMEDIATE, b, 0);
	go();
	rig_run(&r, 100);
	sa = sa_of(0);
	sent = r.nseen;
	for (i = 1; i <= 8; i++) {
		ike2_begin(r.gw[0].ike, sa, &o, X_INTERMEDIATE);
		o.w.p[23] = (uint8_t)i;
		pld_raw_put(&o, PLD_NONCE, rd_of(b, 4));
		assert_int_equal(pld_sk_end(&o, &sa->a, sa->seal), 0);
		deliver(0, 0, &o);
		rig_run(&r, 5);
	}
	assert_int_equal(r.nseen, sent);
	assert_int_equal(rig_count(&r, 1, "bad-state"), 1);
	assert_int_equal(rig_count(&r, 1, "bad-message-id"), 7);
	assert_int_equal(sa_of(1)->state, S_INIT_R);
	assert_int_equal(sa_of(1)->mid_in, 1);
	late = 0;
	assert_true(rig_until_up(&r, 5000));
	assert_true(rig_match(&r));
	rig_clear(&r);
}

/* A refuses B's IKE_AUTH: B is told so and keeps nothing. */
static void
assert_refused_by_a(int reason)
{
	go();
	rig_run(&r, 400);
	assert_true(edit[0].done > 0);
	assert_int_equal(r.gw[0].np, 0);
	assert_int_not_equal(r.gw[0].st[1].state, TS_UP);
	assert_int_equal(r.gw[0].st[1].reason, reason);
	assert_int_equal(rig_sent(&r, 0, X_INFO, 0), 1);
	assert_int_equal(rig_live(&r.gw[1]), 0);
	assert_false(r.bad);
	rig_clear(&r);
}

/* N046: another method with the right data. */
static void
test_method(void **state)
{
	static const uint8_t	 method[] = { 0, 1, 3, 9, 12, 13, 14, 201,
	    255 };
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(method); i++) {
		prepare(90 + (uint32_t)i);
		of(&edit[0], 0, X_AUTH)->method = method[i];
		go();
		rig_run(&r, 300);
		assert_true(edit[0].done > 0);
		assert_int_equal(auth[1].n, 1);
		assert_true(auth_notify(1, N_AUTH_FAILED));
		assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
		rig_clear(&r);
		prepare(90 + (uint32_t)i);
		of(&edit[0], 1, X_AUTH)->method = method[i];
		assert_refused_by_a(R_AUTH_PSK);
	}
	prepare(110);			/* the edit alone does no harm */
	of(&edit[0], 1, X_AUTH)->method = AUTH_PSK;
	go();
	assert_up();
	rig_clear(&r);
}

/* N046: A's own AUTH comes back to it, with B's identity and with A's. */
static void
test_mirror(void **state)
{
	(void)state;
	prepare(120);
	of(&edit[0], 1, X_AUTH)->mirror = 1;
	assert_refused_by_a(R_AUTH_PSK);
	prepare(121);
	of(&edit[0], 1, X_AUTH)->mirror = 2;
	assert_refused_by_a(R_WRONG_ID);
}

/* What B said of itself in another IKE SA, as initiator or responder. */
static void
record_b(uint32_t seed, int initiates)
{
	uint8_t	 id = initiates ? PLD_IDI : PLD_IDR;

	prepare(seed);
	t[0].flags = initiates ? 0 : TUN_ACTIVE;
	t[1].flags = initiates ? TUN_ACTIVE : 0;
	go();
	assert_true(rig_until_up(&r, 1000));
	assert_int_equal(ike_buf_set(&old_auth,
	    pld_find(&auth[1], PLD_AUTH)->b), 0);
	assert_int_equal(ike_buf_set(&old_id, pld_find(&auth[1], id)->b), 0);
	rig_clear(&r);
}

/*
 * N046, the other direction: B is asked with its own AUTH of another IKE SA,
 * made as initiator or as responder, with A's identity and with its own.
 */
static void
test_mirror_request(void **state)
{
	uint32_t	 seed = 130;
	int		 initiates, mirror;

	(void)state;
	for (initiates = 0; initiates < 2; initiates++)
		for (mirror = 3; mirror <= 4; mirror++) {
			record_b(seed, initiates);
			/* the same nonces and SPIs even: the same seed */
			prepare(seed++);
			of(&edit[0], 0, X_AUTH)->mirror = (uint8_t)mirror;
			go();
			rig_run(&r, 300);
			assert_true(edit[0].done > 0);
			assert_true(auth_notify(1, N_AUTH_FAILED));
			assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
			assert_int_equal(rig_live(&r.gw[1]), 0);
			assert_false(r.bad);
			rig_clear(&r);
		}
	ike_buf_free(&old_auth);
	ike_buf_free(&old_id);
}

/* --- N051, and where RFC 7296 section 2.25 wants TEMPORARY_FAILURE --- */

static struct pld_out	ask_out;

/* A sends a request by hand, B's answer is opened: its error notify. */
static uint16_t
answer_of(uint8_t exch)
{
	struct sa		*sa = sa_of(0);
	struct plds		 outer, in;
	struct rd		 inner;
	struct msg2		 m;
	const struct buf	*reply = &sa_of(1)->reply;
	const char		*why;
	uint8_t			 b[ROOM];

	assert_int_equal(pld_sk_end(&ask_out, &sa->a, sa->seal), 0);
	sa->mid_out++;
	deliver(0, 0, &ask_out);
	rig_run(&r, 5);
	assert_true(reply->n > HDR_LEN && reply->n <= sizeof(b));
	assert_int_equal(reply->p[18], exch);
	memcpy(b, reply->p, reply->n);
	assert_int_equal(pld_walk(rd_of(b + HDR_LEN, reply->n - HDR_LEN),
	    PLD_SK, &outer, &why), 0);
	assert_int_equal(pld_sk_open(b, reply->n, &outer.p[0], &sa->a,
	    sa->open, &inner), 0);
	assert_int_equal(pld_walk(inner, outer.inner, &in, &why), 0);
	memset(&m, 0, sizeof(m));
	m.p = in;
	m.see = UINT32_MAX;
	return (ike2_error(&m));
}

static void
ask_begin(uint8_t exch)
{
	ike2_begin(r.gw[0].ike, sa_of(0), &ask_out, exch);
}

static uint8_t	blob[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

/* A new child, or one in place of that SPI of A's. */
static uint16_t
ask_child(uint32_t rekey)
{
	const struct tunnel	*tt = &t[0];

	ask_begin(X_CHILD);
	if (rekey != 0)
		pld_notify_put(&ask_out, PROTO_ESP, rekey, N_REKEY_SA,
		    rd_of(NULL, 0));
	pld_sa_offer(&ask_out, SA_CHILD_DH, tt->child, tt->nchild, 0x4711000,
	    4, 0);
	pld_raw_put(&ask_out, PLD_NONCE, rd_of(blob, sizeof(blob)));
	pld_ke_put(&ask_out, alg_num(tt->child[0].dh[0]), rd_of(blob,
	    sizeof(blob)));
	ike2_ts_put(&ask_out, tt->pair, tt->npair, 1);
	return (answer_of(X_CHILD));
}

static uint16_t
ask_ike(void)
{
	const struct tunnel	*tt = &t[0];

	ask_begin(X_CHILD);
	pld_sa_offer(&ask_out, SA_IKE, tt->ike, tt->nike, 0x4711, 8, 0);
	pld_raw_put(&ask_out, PLD_NONCE, rd_of(blob, sizeof(blob)));
	pld_ke_put(&ask_out, alg_num(tt->ike[0].dh[0]), rd_of(blob,
	    sizeof(blob)));
	return (answer_of(X_CHILD));
}

/* What B begins is never answered, so it stays in the middle of it. */
static int
deaf_a(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)n;
	(void)nth;
	return (from == 1 && !(d[19] & HDR_R));
}

static void
busy_b(uint32_t seed)
{
	prepare(seed);
	go();
	assert_true(rig_until_up(&r, 1000));
	rig_run(&r, 100);
	r.drop = deaf_a;
}

static void
order_b(uint32_t type, uint8_t what)
{
	struct m_c_rekey	 k = { what };

	rig_frame(&r, 1, PROC_CTL, PROC_IKE, type, 5, 1,
	    type == M_C_REKEY ? &k : NULL);
	rig_run(&r, 10);
}

static void
test_busy(void **state)
{
	struct child	*c;

	(void)state;
	/* rekeying the IKE SA: no child, but its deletion (2.25.2) */
	busy_b(140);
	c = sa_of(0)->children;
	order_b(M_C_REKEY, 1);
	assert_int_equal(sa_of(1)->own.kind, O_IKE);
	assert_int_equal(ask_child(0), N_TEMPORARY_FAILURE);
	assert_int_equal(ask_child(c->spi_in), N_TEMPORARY_FAILURE);
	ask_begin(X_INFO);
	pld_delete_put(&ask_out, PROTO_ESP, &c->spi_in, 1);
	assert_int_equal(answer_of(X_INFO), 0);
	assert_int_equal(rig_live(&r.gw[1]), 0);
	rig_clear(&r);
	/* rekeying a child: no rekey of the IKE SA, but of the same child */
	busy_b(141);
	c = sa_of(0)->children;
	order_b(M_C_REKEY, 0);
	assert_int_equal(sa_of(1)->own.kind, O_REKEY);
	assert_int_equal(ask_ike(), N_TEMPORARY_FAILURE);
	assert_int_equal(ask_child(c->spi_in), 0);
	rig_clear(&r);
	/* a child that never was (2.25.1) */
	busy_b(142);
	assert_int_equal(ask_child(0x99999), N_CHILD_NOT_FOUND);
	/* closing the IKE SA: neither; a Delete as usual */
	order_b(M_C_DOWN, 0);
	assert_int_equal(sa_of(1)->state, S_CLOSING);
	assert_int_equal(ask_child(0), N_TEMPORARY_FAILURE);
	assert_int_equal(ask_ike(), N_TEMPORARY_FAILURE);
	ask_begin(X_INFO);
	pld_delete_put(&ask_out, PROTO_IKE, NULL, 0);
	assert_int_equal(answer_of(X_INFO), 0);
	rig_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_mirror_request),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_nat),
		cmocka_unit_test(test_eap),
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_sig_hash),
		cmocka_unit_test(test_intermediate),
		cmocka_unit_test(test_method),
		cmocka_unit_test(test_mirror),
	};

	if (crypt_warmup() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
