/* SPDX-License-Identifier: ISC */

/*
 * test_keys.c: two s2sd-keys against each other: handshakes, children and
 * rekeys that must work, and everything that must not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../daemon/keys/init.h"
#include "crypt.h"
#include "keys_hs.h"

static const char	secret[] = "correct horse battery staple";

static struct rig	a, b;

static int
setup(void **state)
{
	(void)state;
	hs_two(&a, &b, secret, secret);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	rig_free(&a);
	rig_free(&b);
	return (0);
}

static int
key_eq(const struct keyoct *x, const struct keyoct *y)
{
	return (x->len == y->len && memcmp(x->d, y->d, x->len) == 0);
}

/* --- what must work --- */

static void
one(uint16_t dh, uint16_t prf, uint16_t encr, uint16_t integ, uint16_t cencr,
    uint16_t cinteg)
{
	struct hs	 h;

	hs_new(&h, &a, &b);
	h.dh = dh;
	h.prf = prf;
	h.encr = encr;
	h.integ = integ;
	h.cencr = cencr;
	h.cinteg = cinteg;
	hs_whole(&h);
	assert_int_equal(h.ni.n, NONCE_LEN);
	assert_int_equal(h.nr.n, NONCE_LEN);
	assert_int_equal(h.kei.n, alg_num(dh)->keylen);
	assert_true(key_eq(&h.ki.ai, &h.kr.ai));
	assert_true(key_eq(&h.ki.ar, &h.kr.ar));
	assert_true(key_eq(&h.ki.ei, &h.kr.ei));
	assert_true(key_eq(&h.ki.er, &h.kr.er));
	assert_false(key_eq(&h.ki.ei, &h.ki.er));
	assert_int_equal(h.ki.ei.len,
	    alg_num(encr)->keylen + alg_num(encr)->saltlen);
	assert_int_equal(h.ki.ai.len, integ != 0 ? alg_num(integ)->keylen : 0);
	/* our configured identities, whatever s2sd-ike wishes */
	assert_int_equal(h.idi.n, 13);
	assert_memory_equal(h.idi.d, "\2\0\0\0a.example", 13);
	assert_memory_equal(h.idr.d, "\2\0\0\0b.example", 13);
	assert_int_equal(h.ki.method, 2);
	assert_int_equal(h.authi.n, alg_num(prf)->outlen);
	assert_int_equal(h.authr.n, alg_num(prf)->outlen);
	if (cencr != 0)
		assert_true(hs_pairs_match(&h.pi, &h.pr));
}

static void
test_handshake(void **state)
{
	(void)state;
	one(A_X25519, A_PRF, A_GCM, 0, A_GCM, 0);
	one(A_P256, A_PRF, A_GCM, 0, A_CBC, A_INTEG);
	one(A_X25519, A_PRF512, A_CBC, A_INTEG, A_CBC, A_INTEG);
	one(A_X25519, A_PRF, A_GCM, 0, 0, 0);
	assert_int_equal(a.pairs, 3);
	assert_int_equal(b.pairs, 3);
	assert_int_equal(a.logs + b.logs, 0);
}

/* No two handshakes share a nonce, a public value or a key. */
static void
test_fresh(void **state)
{
	struct hs	 x, y;

	(void)state;
	hs_new(&x, &a, &b);
	hs_new(&y, &a, &b);
	hs_whole(&x);
	hs_whole(&y);
	assert_false(oct_eq(&x.ni, &y.ni));
	assert_false(oct_eq(&x.nr, &y.nr));
	assert_false(oct_eq(&x.kei, &y.kei));
	assert_false(oct_eq(&x.ker, &y.ker));
	assert_false(oct_eq(&x.authi, &y.authi));
	assert_int_not_equal(x.hi, y.hi);
	assert_false(key_eq(&x.pi.ein, &y.pi.ein));
}

/* One CREATE_CHILD_SA from x to y. */
static int
child(struct rig *x, uint32_t tx, uint32_t hx, struct rig *y, uint32_t ty,
    uint32_t hy, uint16_t dh, struct m_s_pair *px, struct m_s_pair *py)
{
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;
	struct m_k_child	 q;
	struct m_k_child_r	 r;
	struct oct		 n, ke;

	cs.handle = hx;
	cs.dh = dh;
	assert_int_equal(rig_send(x, PROC_IKE, M_K_CSTART, tx, &cs), 0);
	assert_true(rig_answer(x, M_K_CSTARTED, &cd));
	if (cd.err != KERR_OK)
		return (cd.err);
	oct_set(&n, cd.nonce);
	oct_set(&ke, cd.ke);
	memset(&q, 0, sizeof(q));
	q.handle = hy;
	q.dh = dh;
	q.encr = A_GCM;
	q.nonce = oct_rd(&n);
	q.ke = oct_rd(&ke);
	q.sa = rd_of("sa!!", 4);
	assert_int_equal(rig_send(y, PROC_IKE, M_K_CHILD, ty, &q), 0);
	assert_true(rig_answer(y, M_K_CHILD_R, &r));
	assert_int_equal(hs_pair(y, ty, py), r.err == KERR_OK);
	if (r.err != KERR_OK)
		return (r.err);
	oct_set(&n, r.nonce);
	oct_set(&ke, r.ke);
	q.handle = hx;
	q.chandle = cd.chandle;
	q.nonce = oct_rd(&n);
	q.ke = oct_rd(&ke);
	assert_int_equal(rig_send(x, PROC_IKE, M_K_CHILD, tx, &q), 0);
	assert_true(rig_answer(x, M_K_CHILD_R, &r));
	assert_int_equal(r.nonce.n, 0);
	assert_int_equal(hs_pair(x, tx, px), r.err == KERR_OK);
	if (r.err != KERR_OK)
		return (r.err);
	/* a waiting exchange serves once */
	assert_int_equal(rig_send(x, PROC_IKE, M_K_CHILD, tx, &q), 0);
	assert_true(rig_answer(x, M_K_CHILD_R, &r));
	assert_int_equal(r.err, KERR_STATE);
	assert_false(rig_answer(x, M_S_PAIR, NULL));
	return (KERR_OK);
}

static void
test_child(void **state)
{
	struct m_s_pair	 p[2][4];
	struct hs	 h;
	int		 i;

	(void)state;
	hs_new(&h, &a, &b);
	hs_whole(&h);
	for (i = 0; i < 4; i++) {
		if (i % 2 == 0)
			assert_int_equal(child(&a, 7, h.hi, &b, 9, h.hr,
			    i < 2 ? 0 : A_X25519, &p[0][i], &p[1][i]),
			    KERR_OK);
		else
			assert_int_equal(child(&b, 9, h.hr, &a, 7, h.hi,
			    i < 2 ? 0 : A_X25519, &p[1][i], &p[0][i]),
			    KERR_OK);
		assert_true(hs_pairs_match(&p[0][i], &p[1][i]));
		assert_false(key_eq(&p[0][i].ein, &h.pi.ein));
		if (i > 0)
			assert_false(key_eq(&p[0][i].ein, &p[0][i - 1].ein));
	}
	/* a group that only IKE may use, one that nobody may */
	assert_int_equal(child(&a, 7, h.hi, &b, 9, h.hr, A_P256, &p[0][0],
	    &p[1][0]), KERR_ALG);
	assert_int_equal(child(&a, 7, h.hi, &b, 9, h.hr, A_MODP1024,
	    &p[0][0], &p[1][0]), KERR_ALG);
}

/* Rekey the IKE SA from x to y; the new handles into *nx, *ny. */
static int
rekey(struct rig *x, uint32_t tx, uint32_t hx, struct rig *y, uint32_t ty,
    uint32_t hy, uint16_t prf, uint32_t *nx, uint32_t *ny)
{
	struct m_k_cstart	 cs;
	struct m_k_started	 cd;
	struct m_k_rekey	 q;
	struct m_k_started_r	 ry, rx;
	struct oct		 n, ke;

	cs.handle = hx;
	cs.dh = A_X25519;
	assert_int_equal(rig_send(x, PROC_IKE, M_K_RSTART, tx, &cs), 0);
	assert_true(rig_answer(x, M_K_RSTARTED, &cd));
	if (cd.err != KERR_OK)
		return (cd.err);
	oct_set(&n, cd.nonce);
	oct_set(&ke, cd.ke);
	memset(&q, 0, sizeof(q));
	q.handle = hy;
	q.dh = A_X25519;
	q.prf = prf;
	q.encr = prf == A_PRF ? A_GCM : A_CBC;
	q.integ = prf == A_PRF ? 0 : A_INTEG;
	memset(q.spi_i, 0x33, 8);
	memset(q.spi_r, 0x44, 8);
	q.nonce = oct_rd(&n);
	q.ke = oct_rd(&ke);
	assert_int_equal(rig_send(y, PROC_IKE, M_K_REKEY, ty, &q), 0);
	assert_true(rig_answer(y, M_K_REKEYED, &ry));
	if (ry.err != KERR_OK)
		return (ry.err);
	oct_set(&n, ry.nonce);
	oct_set(&ke, ry.ke);
	q.handle = hx;
	q.newhandle = cd.handle;
	q.nonce = oct_rd(&n);
	q.ke = oct_rd(&ke);
	assert_int_equal(rig_send(x, PROC_IKE, M_K_REKEY, tx, &q), 0);
	assert_true(rig_answer(x, M_K_REKEYED, &rx));
	if (rx.err != KERR_OK)
		return (rx.err);
	assert_true(key_eq(&rx.ei, &ry.ei));
	assert_true(key_eq(&rx.er, &ry.er));
	assert_true(key_eq(&rx.ai, &ry.ai));
	assert_true(key_eq(&rx.ar, &ry.ar));
	assert_true(rx.ei.len > 0);
	*nx = rx.handle;
	*ny = ry.handle;
	return (KERR_OK);
}

static void
close_handle(struct rig *r, uint32_t handle)
{
	struct m_k_handle	 q;

	q.handle = handle;
	assert_int_equal(rig_send(r, PROC_IKE, M_K_CLOSE, 0, &q), 0);
	assert_int_equal(r->nout, 0);
}

static void
test_rekey(void **state)
{
	struct m_s_pair	 p, q;
	struct hs	 h;
	uint32_t	 nx, ny, mx, my;

	(void)state;
	hs_new(&h, &a, &b);
	hs_whole(&h);
	/* from the initiator, to another PRF; then from the responder, back */
	assert_int_equal(rekey(&a, 7, h.hi, &b, 9, h.hr, A_PRF512, &nx, &ny),
	    KERR_OK);
	assert_int_equal(child(&b, 9, ny, &a, 7, nx, 0, &p, &q), KERR_OK);
	assert_true(hs_pairs_match(&p, &q));
	/* the old one stands until it is closed, and then not */
	assert_int_equal(child(&a, 7, h.hi, &b, 9, h.hr, 0, &p, &q), KERR_OK);
	close_handle(&a, h.hi);
	close_handle(&b, h.hr);
	assert_int_equal(child(&a, 7, h.hi, &b, 9, h.hr, 0, &p, &q),
	    KERR_NOHANDLE);
	assert_int_equal(rekey(&b, 9, ny, &a, 7, nx, A_PRF, &my, &mx),
	    KERR_OK);
	assert_int_equal(child(&a, 7, mx, &b, 9, my, A_X25519, &p, &q),
	    KERR_OK);
	assert_true(hs_pairs_match(&p, &q));
	close_handle(&a, mx);
	close_handle(&a, mx);		/* twice is no mistake */
}

/* Closing an IKE SA closes the exchanges that wait on it. */
static void
test_close_waiting(void **state)
{
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;
	struct m_k_child	 q;
	struct m_k_child_r	 r;
	struct hs		 h, h2;

	(void)state;
	hs_new(&h, &a, &b);
	hs_new(&h2, &a, &b);
	hs_whole(&h);
	hs_whole(&h2);
	cs.handle = h.hi;
	cs.dh = 0;
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CSTART, 7, &cs), 0);
	assert_true(rig_answer(&a, M_K_CSTARTED, &cd));
	assert_int_equal(cd.err, KERR_OK);
	memset(&q, 0, sizeof(q));
	q.chandle = cd.chandle;
	q.encr = A_GCM;
	q.nonce = oct_rd(&h.nr);
	q.sa = rd_of("sa!!", 4);
	/* it belongs to its own IKE SA */
	q.handle = h2.hi;
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CHILD, 7, &q), 0);
	assert_true(rig_answer(&a, M_K_CHILD_R, &r));
	assert_int_equal(r.err, KERR_STATE);
	/* and it is no IKE SA itself */
	q.handle = cd.chandle;
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CHILD, 7, &q), 0);
	assert_true(rig_answer(&a, M_K_CHILD_R, &r));
	assert_int_equal(r.err, KERR_STATE);
	close_handle(&a, h.hi);
	q.handle = h2.hi;
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CHILD, 7, &q), 0);
	assert_true(rig_answer(&a, M_K_CHILD_R, &r));
	assert_int_equal(r.err, KERR_STATE);
	assert_int_equal(a.pairs, 2);
}

/* --- what must not --- */

/* Up to KEYED, spoil, then AUTH at the responder: that error, no proof. */
#define SPOIL_R(what, error) do {					\
	struct hs h_;							\
	struct hs *h = &h_;						\
	unsigned int p_ = b.pairs;					\
	hs_new(h, &a, &b);						\
	hs_to_keyed(h);							\
	what;								\
	assert_int_equal(hs_auth_r(h), (error));			\
	assert_int_equal(h->authr.n, 0);				\
	assert_int_equal(b.pairs, p_);					\
	assert_int_equal(hs_auth_r(h), KERR_NOHANDLE);			\
	} while (0)
/* Up to the responder's AUTH, spoil, then AUTH at the initiator. */
#define SPOIL_I(what, error) do {					\
	struct hs h_, good_;						\
	struct hs *h = &h_;						\
	unsigned int p_ = a.pairs;					\
	hs_new(h, &a, &b);						\
	hs_to_keyed(h);							\
	assert_int_equal(hs_auth_r(h), KERR_OK);			\
	good_ = *h;							\
	what;								\
	assert_int_equal(hs_auth_i(h), (error));			\
	assert_int_equal(a.pairs, p_);					\
	*h = good_;		/* the true answer still counts */	\
	if (hs_keyed(h) == KERR_OK)					\
		assert_int_equal(hs_auth_i(h), KERR_OK);		\
	else								\
		fail_msg("KEYED again");				\
	} while (0)

static void
test_auth_refused(void **state)
{
	(void)state;
	SPOIL_R(h->authi.d[0] ^= 1, KERR_AUTH);
	SPOIL_R(h->authi.d[31] ^= 0x80, KERR_AUTH);
	SPOIL_R(h->authi.n = 0, KERR_AUTH);
	SPOIL_R(h->authi.n = 31, KERR_AUTH);
	SPOIL_R((h->authi.n = 33, h->authi.d[32] = 0), KERR_AUTH);
	SPOIL_R(memset(h->authi.d, 0, 32), KERR_AUTH);
	SPOIL_R(h->idi.d[4] = 'c', KERR_ID);
	SPOIL_R(h->idi.d[0] = 3, KERR_ID);		/* user, same text */
	SPOIL_R(h->idi.n--, KERR_ID);			/* a prefix */
	SPOIL_R((h->idi.n++, h->idi.d[13] = 0), KERR_ID);
	SPOIL_R(h->idi.n = 4, KERR_ID);
	SPOIL_R(h->idi.n = 0, KERR_ID);
	SPOIL_R(oct_set(&h->idi, rd_of("\2\0\0\0b.example", 13)), KERR_ID);
	SPOIL_R(h->idi.d[1] = 1, KERR_AUTH);	/* reserved, but MACed */
	SPOIL_R(h->tr = 8, KERR_NOTUNNEL);
	SPOIL_R(h->tr = 0, KERR_NOTUNNEL);
	SPOIL_R(h->cencr = A_PRF, KERR_ALG);
	SPOIL_R(h->cencr = 3, KERR_ALG);		/* not of this tunnel */
	SPOIL_R(h->cinteg = A_INTEG, KERR_ALG);	/* AEAD and integrity */
	SPOIL_R(h->cencr = A_CBC, KERR_ALG);		/* none at all */

	SPOIL_I(h->authr.d[7] ^= 4, KERR_AUTH);
	SPOIL_I(h->authr.n = 0, KERR_AUTH);
	SPOIL_I(h->idr.d[5] ^= 1, KERR_ID);
	SPOIL_I(h->ti = 9, KERR_NOTUNNEL);
}

/* Reflection: what we sent comes back to us. */
static void
test_reflected(void **state)
{
	struct hs	 x;

	(void)state;
	/* our own AUTH and ID as the peer's; then under the peer's ID */
	SPOIL_I((h->idr = h->idi, h->authr = h->authi), KERR_ID);
	SPOIL_I(h->authr = h->authi, KERR_AUTH);

	/* our own IKE_SA_INIT as the answer to it: our nonce and KE */
	hs_new(&x, &a, &b);
	assert_int_equal(hs_start(&x), KERR_OK);
	x.nr = x.ni;
	x.ker = x.kei;
	hs_messages(&x);
	assert_int_equal(hs_keyed(&x), KERR_MESSAGE);

	/* a gateway that is made to talk to itself: both ends are `a' */
	hs_new(&x, &a, &a);
	x.tr = 7;
	hs_to_keyed(&x);
	assert_int_equal(hs_auth_r(&x), KERR_ID);
	assert_int_equal(a.pairs, 2);	/* SPOIL_I's good ends */
}

/* Octets of the messages that AUTH covers but does not hold. */
static void
test_messages(void **state)
{
	struct oct	 other;

	(void)state;
	memset(&other, 0x77, sizeof(other));
	other.n = 32;
	/* nonce, KE data, SPIs, group that are not those used */
	SPOIL_R((h->ni.d[0] ^= 1, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->nr.d[31] ^= 1, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->kei = other, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->ker = other, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->kei.n--, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->spi_i[0] ^= 1, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->spi_r[7] ^= 1, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((h->dh = A_P256, hs_messages(h)), KERR_MESSAGE);
	SPOIL_R((other = h->init_i, h->init_i = h->init_r, h->init_r = other),
	    KERR_MESSAGE);
	SPOIL_R(h->init_r = h->init_i, KERR_MESSAGE);
	SPOIL_R(h->init_i.n--, KERR_MESSAGE);
	SPOIL_R(h->init_r.n = 0, KERR_MESSAGE);
	/* what keys does not look at is covered by AUTH: the SA payload */
	SPOIL_R(h->init_i.d[32] ^= 1, KERR_AUTH);
	other.n = 32;
	SPOIL_I((h->nr = other, hs_messages(h)), KERR_MESSAGE);
	SPOIL_I((h->ker = other, hs_messages(h)), KERR_MESSAGE);
	SPOIL_I((h->ni.d[9] ^= 1, hs_messages(h)), KERR_MESSAGE);
	SPOIL_I(h->init_r.d[32] ^= 1, KERR_AUTH);
}

/* The same at KEYED: without the right messages there are no keys. */
static void
test_keyed_refused(void **state)
{
	struct hs	 h, good;
	struct keyoct	 zero;
	size_t		 i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < 9; i++) {
		hs_new(&h, &a, &b);
		assert_int_equal(hs_start(&h), KERR_OK);
		assert_int_equal(hs_start_r(&h), KERR_OK);
		hs_messages(&h);
		good = h;
		switch (i) {
		case 0: h.ni.d[0] ^= 1; hs_messages(&h); break;
		case 1: h.kei.d[0] ^= 1; hs_messages(&h); break;
		case 2: h.nr.n = 15; hs_messages(&h); break;
		case 3: h.ker.n = 31; hs_messages(&h); break;
		case 4: memset(h.ker.d, 0, 32); hs_messages(&h); break;
		case 5: memset(h.spi_r, 0, 8); hs_messages(&h); break;
		case 6: h.init_r = h.init_i; break;
		case 7: h.integ = A_INTEG; break;
		case 8: h.prf = A_PRF512; break;	/* not with GCM here */
		}
		assert_int_equal(hs_keyed(&h), i == 3 || i == 4 ? KERR_KE :
		    i >= 7 ? KERR_ALG : KERR_MESSAGE);
		assert_memory_equal(&h.ki.ei, &zero, sizeof(zero));
		assert_int_equal(h.authi.n, 0);
		h = good;
		assert_int_equal(hs_auth_i(&h), KERR_STATE);
		assert_int_equal(hs_keyed(&h), KERR_OK);	/* again */
	}
	/* four answers to one request are tried, not five */
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	for (i = 0; i < 3; i++)
		assert_int_equal(hs_keyed(&h), KERR_OK);
	assert_int_equal(hs_keyed(&h), KERR_LIMIT);
}

static void
test_wrong_secret(void **state)
{
	struct rig	 c;
	struct tunnel	 t;
	const char	*s = "another secret of thirty octets";
	struct hs	 h;

	(void)state;
	rig_new(&c, 99);
	rig_tunnel(&t, 9, "to-a", "b.example", "a.example");
	assert_int_equal(rig_conf(&c, 1, &t, &s, 1), 0);
	hs_new(&h, &a, &c);		/* a calls c */
	hs_to_keyed(&h);
	assert_int_equal(hs_auth_r(&h), KERR_AUTH);
	assert_int_equal(h.authr.n, 0);
	hs_new(&h, &c, &a);		/* c calls a */
	h.ti = 9;
	h.tr = 7;
	hs_to_keyed(&h);
	assert_int_equal(hs_auth_r(&h), KERR_AUTH);
	assert_int_equal(a.pairs + c.pairs, 0);
	rig_free(&c);
}

/* CHILD, CSTART, RSTART, REKEY of what is started, keyed or nothing. */
static void
not_proved(struct rig *r, uint32_t tunnel, uint32_t handle, int want)
{
	static const uint8_t	 nonce[32] = { 1 };
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;
	struct m_k_started	 rd;
	struct m_k_child	 ch;
	struct m_k_child_r	 cr;
	struct m_k_rekey	 rk;
	struct m_k_started_r	 rr;

	cs.handle = handle;
	cs.dh = A_X25519;
	assert_int_equal(rig_send(r, PROC_IKE, M_K_CSTART, tunnel, &cs), 0);
	assert_true(rig_answer(r, M_K_CSTARTED, &cd));
	assert_int_equal(cd.err, want);
	assert_int_equal(cd.nonce.n, 0);
	assert_int_equal(rig_send(r, PROC_IKE, M_K_RSTART, tunnel, &cs), 0);
	assert_true(rig_answer(r, M_K_RSTARTED, &rd));
	assert_int_equal(rd.err, want);
	memset(&ch, 0, sizeof(ch));
	ch.handle = handle;
	ch.encr = A_GCM;
	ch.nonce = rd_of(nonce, sizeof(nonce));
	assert_int_equal(rig_send(r, PROC_IKE, M_K_CHILD, tunnel, &ch), 0);
	assert_true(rig_answer(r, M_K_CHILD_R, &cr));
	assert_int_equal(cr.err, want);
	assert_false(rig_answer(r, M_S_PAIR, NULL));
	memset(&rk, 0, sizeof(rk));
	rk.handle = handle;
	rk.dh = A_X25519;
	rk.prf = A_PRF;
	rk.encr = A_GCM;
	memset(rk.spi_i, 1, 8);
	memset(rk.spi_r, 2, 8);
	rk.nonce = rd_of(nonce, sizeof(nonce));
	rk.ke = rd_of(nonce, sizeof(nonce));
	assert_int_equal(rig_send(r, PROC_IKE, M_K_REKEY, tunnel, &rk), 0);
	assert_true(rig_answer(r, M_K_REKEYED, &rr));
	assert_int_equal(rr.err, want);
	assert_int_equal(rr.ei.len, 0);
}

static void
test_states(void **state)
{
	struct hs	 h, good;

	(void)state;
	hs_new(&h, &a, &b);
	not_proved(&a, 7, 0, KERR_NOHANDLE);
	not_proved(&a, 7, 0x10000, KERR_NOHANDLE);
	not_proved(&a, 7, 0xffffffff, KERR_NOHANDLE);
	assert_int_equal(hs_start(&h), KERR_OK);
	not_proved(&a, 7, h.hi, KERR_STATE);
	assert_int_equal(hs_start_r(&h), KERR_OK);
	not_proved(&b, 9, h.hr, KERR_STATE);
	hs_messages(&h);
	assert_int_equal(hs_keyed(&h), KERR_OK);
	not_proved(&a, 7, h.hi, KERR_STATE);
	assert_int_equal(hs_auth_r(&h), KERR_OK);
	not_proved(&a, 7, h.hi, KERR_STATE);
	not_proved(&b, 7, h.hr, KERR_NOTUNNEL);
	good = h;
	assert_int_equal(hs_auth_r(&h), KERR_STATE);	/* once only */
	h = good;
	assert_int_equal(hs_auth_i(&h), KERR_OK);
	assert_int_equal(hs_auth_i(&h), KERR_STATE);
	assert_int_equal(hs_keyed(&h), KERR_STATE);
	h.hi = h.hr;				/* of the other gateway */
	not_proved(&a, 9, h.hr, KERR_NOTUNNEL);
}

/* Choices of s2sd-ike that the tunnel or the table does not allow. */
static void
test_algs(void **state)
{
	struct hs	 h;

	(void)state;
	hs_new(&h, &a, &b);
	h.dh = A_MODP2048;			/* not of this tunnel */
	assert_int_equal(hs_start(&h), KERR_ALG);
	h.dh = A_MODP1024;
	assert_int_equal(hs_start(&h), KERR_ALG);
	h.dh = 0;
	assert_int_equal(hs_start(&h), KERR_ALG);
	h.dh = A_GCM;
	assert_int_equal(hs_start(&h), KERR_ALG);
	h.dh = A_X25519;
	assert_int_equal(hs_start(&h), KERR_OK);
	h.encr = A_CBC;
	assert_int_equal(hs_start_r(&h), KERR_ALG);	/* no integrity */
	h.encr = 999;
	assert_int_equal(hs_start_r(&h), KERR_ALG);
	h.encr = A_GCM;
	h.prf = 0;
	assert_int_equal(hs_start_r(&h), KERR_ALG);
	h.prf = A_PRF;
	h.dh = A_MODP1024;			/* weak: no tunnel has it */
	h.kei.n = 128;
	assert_int_equal(hs_start_r(&h), KERR_ALG);
	h.dh = A_X25519;
	assert_int_equal(hs_start_r(&h), KERR_KE);
	h.kei.n = 32;
	h.ni.n = 15;
	assert_int_equal(hs_start_r(&h), KERR_MESSAGE);
	h.ni.n = 256;
	assert_int_equal(hs_start_r(&h), KERR_OK);
	h.ni.n = 16;
	assert_int_equal(hs_start_r(&h), KERR_OK);
	memset(h.spi_r, 0, 8);
	assert_int_equal(hs_start_r(&h), KERR_MESSAGE);
	memset(h.spi_r, 1, 8);
	memset(h.kei.d, 0, 32);
	assert_int_equal(hs_start_r(&h), KERR_KE);

	/* started without a tunnel by what another tunnel would allow */
	hs_new(&h, &a, &b);
	h.dh = A_MODP2048;
	h.kei.n = 256;
	h.ni.n = 32;
	memset(h.kei.d, 5, 256);
	memset(h.ni.d, 5, 32);
	assert_int_equal(hs_start_r(&h), KERR_OK);
	hs_messages(&h);
	oct_set(&h.idi, rd_of("\2\0\0\0a.example", 13));
	h.authi.n = 32;
	assert_int_equal(hs_auth_r(&h), KERR_ALG);
}

/* --- the walker --- */

/* The message with one more Nonce or KE payload, good in itself. */
static void
twice(const struct oct *m, uint8_t type, size_t len)
{
	struct keys_init	 v;
	struct oct		 x = *m;
	uint8_t			*last = x.d + x.n - 36;	/* Nonce payload */

	memset(x.d + x.n, 0x5a, len);
	last[0] = type;
	x.d[x.n] = x.d[x.n + 1] = x.d[x.n + 2] = 0;
	x.d[x.n + 3] = (uint8_t)len;
	x.n += len;
	x.d[26] = (uint8_t)(x.n >> 8);
	x.d[27] = (uint8_t)x.n;
	assert_int_equal(keys_init_parse(oct_rd(&x), 0, &v), -1);
	last[0] = 43;			/* as a Vendor ID it does no harm */
	assert_int_equal(keys_init_parse(oct_rd(&x), 0, &v), 0);
}

static void
test_init_walk(void **state)
{
	struct keys_init	 v;
	struct hs		 h;
	uint8_t			*cut;
	size_t			 n;
	unsigned int		 i, good = 0;

	(void)state;
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), 0);
	assert_int_equal(v.group, 31);
	assert_int_equal(v.nonce.n, 32);
	assert_memory_equal(v.nonce.p, h.ni.d, 32);
	assert_memory_equal(v.ke.p, h.kei.d, 32);
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 1, &v), -1);
	assert_int_equal(keys_init_parse(oct_rd(&h.init_r), 0, &v), -1);
	assert_int_equal(keys_init_parse(oct_rd(&h.init_r), 1, &v), 0);
	for (n = 0; n < h.init_i.n; n++) {
		cut = malloc(n > 0 ? n : 1);
		assert_non_null(cut);
		memcpy(cut, h.init_i.d, n);
		assert_int_equal(keys_init_parse(rd_of(cut, n), 0, &v), -1);
		if (n >= 28) {		/* and with the length made right */
			cut[26] = (uint8_t)(n >> 8);
			cut[27] = (uint8_t)n;
			assert_int_equal(keys_init_parse(rd_of(cut, n), 0, &v),
			    -1);
		}
		free(cut);
	}
	h.init_i.d[h.init_i.n] = 0;
	h.init_i.d[27]++;
	h.init_i.n++;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), -1);
	h.init_i.d[27]--;
	h.init_i.n--;
	/* the header's length is the datagram's */
	h.init_i.d[27]++;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), -1);
	h.init_i.d[27]--;
	twice(&h.init_i, 40, 36);
	twice(&h.init_i, 34, 40);
	/* every flipped bit: parsed or not, never beyond */
	for (i = 0; i < h.init_i.n * 8; i++) {
		h.init_i.d[i / 8] ^= (uint8_t)(1 << i % 8);
		good += keys_init_parse(oct_rd(&h.init_i), 0, &v) == 0;
		h.init_i.d[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(good > 0 && good < h.init_i.n * 8);
	/* two nonces, two KE: turn the SA payload into one; version, exchange */
	h.init_i.d[16] = 40;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), -1);
	h.init_i.d[16] = 34;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), -1);
	h.init_i.d[16] = 33;
	h.init_i.d[17] = 0x10;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), -1);
	h.init_i.d[17] = 0x20;
	h.init_i.d[18] = 35;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), -1);
	h.init_i.d[18] = 34;
	assert_int_equal(keys_init_parse(oct_rd(&h.init_i), 0, &v), 0);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		T(test_handshake), T(test_fresh), T(test_child),
		T(test_rekey), T(test_close_waiting), T(test_auth_refused),
		T(test_reflected), T(test_messages), T(test_keyed_refused),
		T(test_wrong_secret), T(test_states), T(test_algs),
		T(test_init_walk),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
