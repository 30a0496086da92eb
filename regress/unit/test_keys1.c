/* SPDX-License-Identifier: ISC */

/*
 * test_keys1.c: two s2sd-keys against each other in IKEv1: main modes and
 * quick modes that must work, and everything that must not, the requests of
 * the one version on the other's handles among it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypt.h"
#include "keys_hs1.h"

static const char	secret[] = "correct horse battery staple";

static struct rig	a, b;

static int
setup(void **state)
{
	(void)state;
	hs1_two(&a, &b, secret, secret);
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
one(uint16_t dh, uint16_t prf, uint16_t encr)
{
	struct hs1	 h;

	hs1_new(&h, &a, &b);
	h.dh = dh;
	h.prf = prf;
	h.encr = encr;
	hs1_whole(&h);
	assert_int_equal(h.ni.n, NONCE_LEN);
	assert_int_equal(h.kei.n, alg_num(dh)->keylen);
	assert_true(key_eq(&h.ki.a, &h.kr.a));
	assert_true(key_eq(&h.ki.e, &h.kr.e));
	assert_int_equal(h.ki.a.len, alg_num(prf)->outlen);
	assert_int_equal(h.ki.e.len, alg_num(encr)->keylen);
	/* our configured identities, port and protocol zero */
	assert_int_equal(h.idi.n, 13);
	assert_memory_equal(h.idi.d, "\2\0\0\0a.example", 13);
	assert_memory_equal(h.idr.d, "\2\0\0\0b.example", 13);
	assert_int_equal(h.hashi.n, alg_num(prf)->outlen);
	assert_int_equal(h.hashr.n, alg_num(prf)->outlen);
	assert_false(oct_eq(&h.hashi, &h.hashr));
}

static void
test_main_mode(void **state)
{
	(void)state;
	one(A_P256, A_SHA1, A_CBC);
	one(A_MODP1024, A_MD5, A_3DES);
	one(A_MODP2048, A_PRF, A_CBC);
	assert_int_equal(a.pairs + b.pairs, 0);	/* no child before its time */
	assert_int_equal(a.logs + b.logs, 0);
}

static void
test_quick_mode(void **state)
{
	static const uint16_t	 rows[][3] = {
		{ A_CBC, A_ISHA1, 0 }, { A_3DES, A_INTEG, A_MODP1024 },
		{ A_GCM, 0, A_P256 }, { A_CBC, A_INTEG, A_MODP2048 } };
	struct keyoct		 last;
	struct hs1		 h;
	struct qm1		 q, back;
	size_t			 i;

	(void)state;
	memset(&last, 0, sizeof(last));
	hs1_new(&h, &a, &b);
	hs1_whole(&h);
	for (i = 0; i < 8; i++) {
		qm1_new(&q, &h);
		q.encr = rows[i % 4][0];
		q.integ = rows[i % 4][1];
		q.dh = rows[i % 4][2];
		if (i >= 4) {		/* the responder may begin one too */
			back = q;
			q.x = back.y;
			q.y = back.x;
			q.tx = back.ty;
			q.ty = back.tx;
			q.hx = back.hy;
			q.hy = back.hx;
		}
		assert_int_equal(qm1_whole(&q), KERR_OK);
		assert_true(hs_pairs_match(&q.px, &q.py));
		assert_false(key_eq(&q.px.ein, &last));
		last = q.px.ein;
		assert_int_equal(q.px.ein.len, alg_num(q.encr)->keylen +
		    alg_num(q.encr)->saltlen);
		/* a waiting exchange serves once */
		assert_int_equal(qm1_child_x(&q), KERR_STATE);
	}
	assert_int_equal(a.pairs, 8);
	assert_int_equal(b.pairs, 8);
}

/* --- what must not --- */

/* Up to KEYED, spoil, then AUTH at the responder: that error, no proof. */
#define SPOIL_R(what, error) do {					\
	struct hs1 h_;							\
	struct hs1 *h = &h_;						\
	hs1_new(h, &a, &b);						\
	hs1_to_keyed(h);						\
	what;								\
	assert_int_equal(hs1_auth_r(h), (error));			\
	assert_int_equal(h->hashr.n, 0);				\
	assert_int_equal(hs1_auth_r(h), KERR_NOHANDLE);			\
	} while (0)
/* Up to the responder's AUTH, spoil, then AUTH at the initiator. */
#define SPOIL_I(what, error) do {					\
	struct hs1 h_, good_;						\
	struct hs1 *h = &h_;						\
	struct qm1 q_;							\
	hs1_new(h, &a, &b);						\
	hs1_to_keyed(h);						\
	assert_int_equal(hs1_auth_r(h), KERR_OK);			\
	good_ = *h;							\
	what;								\
	assert_int_equal(hs1_auth_i(h), (error));			\
	*h = good_;							\
	qm1_new(&q_, h);						\
	assert_int_equal(qm1_cstart(&q_), KERR_STATE);			\
	if (hs1_keyed(h) == KERR_OK) /* the true answer still counts */	\
		assert_int_equal(hs1_auth_i(h), KERR_OK);		\
	else								\
		fail_msg("KEYED again");				\
	} while (0)

static void
test_hash_refused(void **state)
{
	(void)state;
	SPOIL_R(h->hashi.d[0] ^= 1, KERR_AUTH);
	SPOIL_R(h->hashi.d[19] ^= 0x80, KERR_AUTH);
	SPOIL_R(h->hashi.n = 0, KERR_AUTH);
	SPOIL_R(h->hashi.n = 19, KERR_AUTH);
	SPOIL_R((h->hashi.n = 21, h->hashi.d[20] = 0), KERR_AUTH);
	SPOIL_R(memset(h->hashi.d, 0, 20), KERR_AUTH);
	SPOIL_R(h->idi.d[4] = 'c', KERR_ID);
	SPOIL_R(h->idi.d[0] = 3, KERR_ID);		/* user, same text */
	SPOIL_R(h->idi.n--, KERR_ID);
	SPOIL_R(h->idi.n = 4, KERR_ID);
	SPOIL_R(h->idi.n = 0, KERR_ID);
	SPOIL_R(oct_set(&h->idi, rd_of("\2\0\0\0b.example", 13)), KERR_ID);
	/* protocol and port are not ours to judge, but HASH covers them */
	SPOIL_R(h->idi.d[1] = 17, KERR_AUTH);
	SPOIL_R(h->tr = 8, KERR_NOTUNNEL);
	SPOIL_R(h->tr = 0, KERR_NOTUNNEL);
	SPOIL_R(h->tr = 19, KERR_NOTUNNEL);		/* of IKEv2 */

	SPOIL_I(h->hashr.d[7] ^= 4, KERR_AUTH);
	SPOIL_I(h->hashr.n = 0, KERR_AUTH);
	SPOIL_I(h->idr.d[5] ^= 1, KERR_ID);
	SPOIL_I(h->ti = 9, KERR_NOTUNNEL);
	SPOIL_I(h->ti = 17, KERR_NOTUNNEL);
	assert_int_equal(a.pairs + b.pairs, 0);
}

/* What the HASH covers besides: SAi, cookies, KE, nonces. */
static void
test_covered(void **state)
{
	struct hs1	 h;
	size_t		 i;

	(void)state;
	for (i = 0; i < 5; i++) {
		hs1_new(&h, &a, &b);
		assert_int_equal(hs1_start(&h), KERR_OK);
		assert_int_equal(hs1_start_r(&h), KERR_OK);
		switch (i) {
		case 0: h.sai.d[0] ^= 1; break;
		case 1: h.cky_i[3] ^= 1; break;
		case 2: h.cky_r[7] ^= 1; break;
		case 3: h.nr.d[9] ^= 1; break;
		case 4: h.sai.n--; break;
		}
		assert_int_equal(hs1_keyed(&h), KERR_OK);
		assert_int_equal(hs1_auth_r(&h), KERR_AUTH);
	}
}

/* Reflection: what we sent comes back to us. */
static void
test_reflected(void **state)
{
	struct hs1	 x;
	struct keyoct	 zero;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	SPOIL_I((h->idr = h->idi, h->hashr = h->hashi), KERR_ID);
	SPOIL_I(h->hashr = h->hashi, KERR_AUTH);

	hs1_new(&x, &a, &b);
	assert_int_equal(hs1_start(&x), KERR_OK);
	assert_int_equal(hs1_start_r(&x), KERR_OK);
	x.nr = x.ni;				/* our nonce */
	assert_int_equal(hs1_keyed(&x), KERR_MESSAGE);
	hs1_new(&x, &a, &b);
	assert_int_equal(hs1_start(&x), KERR_OK);
	assert_int_equal(hs1_start_r(&x), KERR_OK);
	x.ker = x.kei;				/* our public value */
	assert_int_equal(hs1_keyed(&x), KERR_KE);
	assert_memory_equal(&x.ki.e, &zero, sizeof(zero));
	hs1_new(&x, &a, &b);
	memcpy(x.cky_r, x.cky_i, 8);		/* our cookie */
	assert_int_equal(hs1_start(&x), KERR_OK);
	assert_int_equal(hs1_start_r(&x), KERR_MESSAGE);

	/* a gateway that is made to talk to itself: both ends are `a' */
	hs1_new(&x, &a, &a);
	x.tr = 7;
	hs1_to_keyed(&x);
	assert_int_equal(hs1_auth_r(&x), KERR_ID);

	/* quick mode: our own nonce and value come back */
	hs1_new(&x, &a, &b);
	hs1_whole(&x);
	{
		struct qm1	 q;

		qm1_new(&q, &x);
		q.dh = A_P256;
		assert_int_equal(qm1_cstart(&q), KERR_OK);
		q.ny = q.nx;
		q.key = q.kex;
		assert_int_equal(qm1_child_x(&q), KERR_MESSAGE);
		assert_int_equal(qm1_cstart(&q), KERR_OK);
		q.ny.d[0] ^= 1;
		q.key = q.kex;
		assert_int_equal(qm1_child_x(&q), KERR_KE);
	}
	assert_int_equal(a.pairs + b.pairs, 0);
}

/* START_R and KEYED: limits of nonces, cookies, KE, algorithms. */
static void
test_phase1_refused(void **state)
{
	struct hs1	 h;

	(void)state;
#define R(what, error) do {						\
	hs1_new(&h, &a, &b);						\
	assert_int_equal(hs1_start(&h), KERR_OK);			\
	what;								\
	assert_int_equal(hs1_start_r(&h), (error));			\
	assert_int_equal(h.kr.e.len, (error) == KERR_OK ? 32 : 0);	\
	} while (0)
	R((void)0, KERR_OK);
	R(h.ni.n = 8, KERR_OK);
	R(h.ni.n = 256, KERR_OK);
	R(h.ni.n = 7, KERR_MESSAGE);
	R(h.ni.n = 0, KERR_MESSAGE);
	R(h.kei.n--, KERR_KE);
	R(h.kei.n = 0, KERR_KE);
	R(h.kei.d[5] ^= 1, KERR_KE);		/* not on the curve */
	R(memset(h.kei.d, 0, h.kei.n), KERR_KE);
	R(memset(h.cky_i, 0, 8), KERR_MESSAGE);
	R(memset(h.cky_r, 0, 8), KERR_MESSAGE);
	R(h.sai.n = 0, KERR_MESSAGE);
	R(h.encr = A_GCM, KERR_ALG);
	R(h.encr = A_PRF, KERR_ALG);
	R(h.encr = 5, KERR_ALG);		/* AES-192: not of this tunnel */
	R(h.prf = A_PRF512, KERR_ALG);
	R(h.prf = A_CBC, KERR_ALG);
	R(h.dh = A_P384, KERR_ALG);
	R(h.dh = 0, KERR_ALG);
	R(h.tr = 0, KERR_NOTUNNEL);
	R(h.tr = 19, KERR_NOTUNNEL);
	R(h.tr = 1234, KERR_NOTUNNEL);
#undef R
	/* four answers are tried, not five */
	hs1_new(&h, &a, &b);
	hs1_to_keyed(&h);
	assert_int_equal(hs1_keyed(&h), KERR_OK);
	h.prf = A_PRF512;
	assert_int_equal(hs1_keyed(&h), KERR_ALG);
	h.prf = A_SHA1;
	assert_int_equal(hs1_keyed(&h), KERR_OK);
	assert_int_equal(hs1_keyed(&h), KERR_LIMIT);
	/* the group is that of START */
	hs1_new(&h, &a, &b);
	h.dh = A_MODP1024;
	assert_int_equal(hs1_start(&h), KERR_OK);
	assert_int_equal(hs1_start_r(&h), KERR_OK);
	h.ker.n = 64;
	assert_int_equal(hs1_keyed(&h), KERR_KE);
}

static void
test_wrong_secret(void **state)
{
	struct rig	 c, d;
	struct hs1	 h;

	(void)state;
	hs1_two(&c, &d, "another secret of thirty octets", "and one more");
	hs1_new(&h, &a, &d);
	hs1_to_keyed(&h);
	assert_false(key_eq(&h.ki.e, &h.kr.e));
	assert_false(key_eq(&h.ki.a, &h.kr.a));
	assert_int_equal(hs1_auth_r(&h), KERR_AUTH);
	assert_int_equal(h.hashr.n, 0);
	hs1_new(&h, &a, &d);
	hs1_to_keyed(&h);
	h.idr = h.idi;
	oct_set(&h.idr, rd_of("\2\0\0\0b.example", 13));
	h.hashr = h.hashi;
	assert_int_equal(hs1_auth_i(&h), KERR_AUTH);
	rig_free(&c);
	rig_free(&d);
}

/* Quick mode: what the tunnel does not allow, and SPIs. */
static void
test_child_refused(void **state)
{
	struct hs1	 h;
	struct qm1	 q;

	(void)state;
	hs1_new(&h, &a, &b);
	hs1_whole(&h);
#define R(what, error) do {						\
	qm1_new(&q, &h);						\
	assert_int_equal(qm1_cstart(&q), KERR_OK);			\
	what;								\
	assert_int_equal(qm1_child_y(&q), (error));			\
	assert_int_equal(q.ny.n, (error) == KERR_OK ? 32 : 0);		\
	} while (0)
	R((void)0, KERR_OK);
	R(q.spi_x = q.spi_y, KERR_MESSAGE);	/* both SAs had one key */
	R(q.spi_x = 0, KERR_MESSAGE);
	R(q.spi_y = 0, KERR_MESSAGE);
	R(q.proto = 2, KERR_ALG);		/* AH */
	R(q.proto = 0, KERR_ALG);
	R(q.integ = 0, KERR_ALG);
	R(q.encr = A_GCM, KERR_ALG);		/* AEAD and integrity */
	R(q.integ = A_MD5, KERR_ALG);
	R((q.encr = 3, q.integ = 0), KERR_ALG);	/* ChaCha20 */
	R(q.nx.n = 7, KERR_MESSAGE);
	R(q.nx.n = 8, KERR_OK);
	R((q.kex = q.nx, q.kex.n = 32), KERR_KE);	/* KE without a group */
	R(q.dh = A_P256, KERR_KE);		/* a group without KE */
	R(q.dh = A_P384, KERR_ALG);
	R(q.ty = 19, KERR_NOTUNNEL);
	R(q.hy ^= 0x10000, KERR_NOHANDLE);
#undef R
	qm1_new(&q, &h);
	q.dh = A_P384;
	assert_int_equal(qm1_cstart(&q), KERR_ALG);
}

/* Is every request refused that would make a key? */
static void
not_proved(struct rig *r, uint32_t tunnel, uint32_t handle, int want)
{
	struct m_k1_child	 q;
	struct m_k_child_r	 a1;
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;

	memset(&q, 0, sizeof(q));
	q.handle = handle;
	q.encr = A_CBC;
	q.integ = A_ISHA1;
	q.proto = 3;
	q.spi_in = 1000;
	q.spi_out = 2000;
	q.nonce = rd_of("nonce of the peer", 17);
	q.sa = rd_of("sa!!", 4);
	assert_int_equal(rig_send(r, PROC_IKE, M_K1_CHILD, tunnel, &q), 0);
	assert_true(rig_answer(r, M_K_CHILD_R, &a1));
	assert_int_equal(a1.err, want);
	assert_false(rig_answer(r, M_S_PAIR, NULL));
	cs.handle = handle;
	cs.dh = 0;
	assert_int_equal(rig_send(r, PROC_IKE, M_K_CSTART, tunnel, &cs), 0);
	assert_true(rig_answer(r, M_K_CSTARTED, &cd));
	assert_int_equal(cd.err, want);
	assert_int_equal(cd.nonce.n, 0);
}

static void
test_states(void **state)
{
	struct hs1	 h, good;

	(void)state;
	hs1_new(&h, &a, &b);
	not_proved(&a, 7, 0, KERR_NOHANDLE);
	not_proved(&a, 7, 0xffffffff, KERR_NOHANDLE);
	assert_int_equal(hs1_start(&h), KERR_OK);
	not_proved(&a, 7, h.hi, KERR_STATE);
	oct_set(&h.idr, rd_of("\2\0\0\0b.example", 13));
	h.hashr.n = 20;
	assert_int_equal(hs1_auth_i(&h), KERR_STATE);
	assert_int_equal(hs1_start_r(&h), KERR_OK);
	not_proved(&b, 9, h.hr, KERR_STATE);
	assert_int_equal(hs1_keyed(&h), KERR_OK);
	not_proved(&a, 7, h.hi, KERR_STATE);
	assert_int_equal(hs1_auth_r(&h), KERR_OK);
	not_proved(&a, 7, h.hi, KERR_STATE);
	not_proved(&b, 19, h.hr, KERR_NOTUNNEL);
	good = h;
	assert_int_equal(hs1_auth_r(&h), KERR_STATE);	/* once only */
	h = good;
	assert_int_equal(hs1_auth_i(&h), KERR_OK);
	assert_int_equal(hs1_auth_i(&h), KERR_STATE);
	assert_int_equal(hs1_keyed(&h), KERR_STATE);
}

/* Every request of IKEv2 about a handle or tunnel of IKEv1. */
static void
v2_about_v1(struct rig *r, uint32_t tunnel, uint32_t handle)
{
	struct m_k_keyed	 ke;
	struct m_k_keyed_r	 kr;
	struct m_k_auth		 au;
	struct m_k_auth_r	 ar;
	struct m_k_cstart	 cs;
	struct m_k_started	 rs;
	struct m_k_child	 ch;
	struct m_k_child_r	 cr;
	struct m_k_rekey	 rk;
	struct m_k_started_r	 rr;

	memset(&ke, 0, sizeof(ke));
	ke.handle = handle;
	ke.prf = A_PRF;
	ke.encr = A_GCM;
	assert_int_equal(rig_send(r, PROC_IKE, M_K_KEYED, tunnel, &ke), 0);
	assert_true(rig_answer(r, M_K_KEYED_R, &kr));
	assert_int_equal(kr.err, KERR_STATE);
	memset(&au, 0, sizeof(au));
	au.handle = handle;
	au.method = 2;
	au.encr = A_GCM;
	assert_int_equal(rig_send(r, PROC_IKE, M_K_AUTH, tunnel, &au), 0);
	assert_true(rig_answer(r, M_K_AUTH_R, &ar));
	assert_int_equal(ar.err, KERR_STATE);
	cs.handle = handle;
	cs.dh = A_P256;
	assert_int_equal(rig_send(r, PROC_IKE, M_K_RSTART, tunnel, &cs), 0);
	assert_true(rig_answer(r, M_K_RSTARTED, &rs));
	assert_int_equal(rs.err, KERR_STATE);
	memset(&ch, 0, sizeof(ch));
	ch.handle = handle;
	ch.encr = A_GCM;
	ch.nonce = rd_of("a nonce of sixteen", 18);
	assert_int_equal(rig_send(r, PROC_IKE, M_K_CHILD, tunnel, &ch), 0);
	assert_true(rig_answer(r, M_K_CHILD_R, &cr));
	assert_int_equal(cr.err, KERR_STATE);
	memset(&rk, 0, sizeof(rk));
	rk.handle = handle;
	rk.dh = A_P256;
	rk.prf = A_PRF;
	rk.encr = A_GCM;
	memset(rk.spi_i, 1, 8);
	memset(rk.spi_r, 2, 8);
	assert_int_equal(rig_send(r, PROC_IKE, M_K_REKEY, tunnel, &rk), 0);
	assert_true(rig_answer(r, M_K_REKEYED, &rr));
	assert_int_equal(rr.err, KERR_STATE);
	assert_int_equal(rr.ei.len, 0);
	assert_false(rig_answer(r, M_S_PAIR, NULL));
}

static void
test_versions(void **state)
{
	struct hs1	 h1;
	struct hs	 h2;

	(void)state;
	/* proved handles of both */
	hs1_new(&h1, &a, &b);
	hs1_whole(&h1);
	hs_new(&h2, &a, &b);
	h2.ti = 17;
	h2.tr = 19;
	hs_whole(&h2);
	v2_about_v1(&a, 7, h1.hi);
	v2_about_v1(&b, 9, h1.hr);
	not_proved(&a, 17, h1.hi, KERR_NOTUNNEL);
	{
		struct m_k1_child	 b1;
		struct m_k_child_r	 r1;
		struct m_k1_keyed	 k1;
		struct m_k1_keyed_r	 kr;
		struct m_k1_auth	 a1;
		struct m_k1_auth_r	 ar;

		memset(&b1, 0, sizeof(b1));
		b1.handle = h2.hi;
		b1.encr = A_GCM;
		b1.proto = 3;
		b1.spi_in = 1;
		b1.spi_out = 2;
		b1.nonce = rd_of("nonce of the peer", 17);
		assert_int_equal(rig_send(&a, PROC_IKE, M_K1_CHILD, 17, &b1),
		    0);
		assert_true(rig_answer(&a, M_K_CHILD_R, &r1));
		assert_int_equal(r1.err, KERR_STATE);
		assert_false(rig_answer(&a, M_S_PAIR, NULL));
		hs_new(&h2, &a, &b);
		h2.ti = 17;
		h2.tr = 19;
		hs_to_keyed(&h2);
		memset(&k1, 0, sizeof(k1));
		k1.handle = h2.hi;
		k1.prf = A_SHA1;
		k1.encr = A_CBC;
		assert_int_equal(rig_send(&a, PROC_IKE, M_K1_KEYED, 17, &k1),
		    0);
		assert_true(rig_answer(&a, M_K1_KEYED_R, &kr));
		assert_int_equal(kr.err, KERR_STATE);
		memset(&a1, 0, sizeof(a1));
		a1.handle = h2.hr;
		a1.id = oct_rd(&h2.idi);
		a1.hash = oct_rd(&h2.authi);
		assert_int_equal(rig_send(&b, PROC_IKE, M_K1_AUTH, 19, &a1),
		    0);
		assert_true(rig_answer(&b, M_K1_AUTH_R, &ar));
		assert_int_equal(ar.err, KERR_STATE);
	}
	/* a responder of IKEv2 with the number of a tunnel of IKEv1 */
	hs_new(&h2, &a, &b);
	h2.ti = 17;
	assert_int_equal(hs_start(&h2), KERR_OK);
	assert_int_equal(hs_start_r(&h2), KERR_OK);	/* no tunnel yet */
	hs_messages(&h2);
	assert_int_equal(hs_keyed(&h2), KERR_OK);
	h2.tr = 9;
	assert_int_equal(hs_auth_r(&h2), KERR_NOTUNNEL);
}

/* Two tunnels to one address: the identity says which one it is. */
static void
test_other_tunnel(void **state)
{
	struct tunnel	 t[4];
	const char	*s[4] = { secret, secret, "a secret of another tunnel",
			    secret };
	struct rig	 c;
	struct hs1	 h;
	struct qm1	 q;
	int		 i;

	(void)state;
	rig_new(&c, 3);
	rig_tunnel1(&t[0], 21, "one", "b.example", "x.example");
	rig_tunnel1(&t[1], 22, "two", "b.example", "a.example");
	rig_tunnel1(&t[2], 23, "three", "b.example", "a.example");
	rig_tunnel1(&t[3], 24, "four", "b.example", "a.example");
	t[3].ike[0].nencr = 1;
	t[3].ike[0].encr[0] = A_3DES;
	assert_int_equal(rig_conf(&c, 1, t, s, 4), 0);
	for (i = 0; i < 3; i++) {
		hs1_new(&h, &a, &c);
		h.tr = 21;
		hs1_to_keyed(&h);
		h.tr = 22 + (uint32_t)i;
		assert_int_equal(hs1_auth_r(&h), i == 0 ? KERR_OK : i == 1 ?
		    KERR_NOSECRET : KERR_ALG);
		if (i > 0)
			continue;
		assert_int_equal(hs1_auth_i(&h), KERR_OK);
		qm1_new(&q, &h);	/* it is tunnel 22 from here on */
		assert_int_equal(qm1_whole(&q), KERR_OK);
		assert_true(hs_pairs_match(&q.px, &q.py));
		q.ty = 21;
		assert_int_equal(qm1_child_y(&q), KERR_NOTUNNEL);
	}
	/* an initiator knows whom it called */
	hs1_new(&h, &c, &a);
	h.ti = 22;
	h.tr = 7;
	assert_int_equal(hs1_start(&h), KERR_OK);
	rig_free(&c);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		T(test_main_mode), T(test_quick_mode), T(test_hash_refused),
		T(test_covered), T(test_reflected), T(test_phase1_refused),
		T(test_wrong_secret), T(test_child_refused), T(test_states),
		T(test_versions), T(test_other_tunnel),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
