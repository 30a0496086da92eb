/* SPDX-License-Identifier: ISC */

/*
 * test_kdf1.c: the key schedule of IKEv1: NIST's records (CAVP, IKE v1 with a
 * pre-shared key); the expansions, which have no published values, against
 * their formulas written out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../daemon/keys/kdf1.h"
#include "vec.h"

static void
eq(const struct vec *v, const char *name, const uint8_t *got, size_t n)
{
	struct rd	 want = vec_get(v, name);

	if (want.n != n || memcmp(want.p, got, n) != 0)
		fail_msg("%s: record %zu: %s differs", v->file, v->record,
		    name);
}

static void
test_nist(void **state)
{
	static const uint16_t	 prfs[4][2] = {
		{ 1, 2 }, { 256, 5 }, { 384, 6 }, { 512, 7 } };
	const struct alg	*a = NULL;
	struct keys1_sk		 sk;
	struct vec		 v;
	uint8_t			 skeyid[ALG_KEYMAX];
	size_t			 i, done = 0;

	(void)state;
	vec_open(&v, "ikev1_psk.txt");
	while (vec_next(&v)) {
		for (i = 0; i < 4; i++)
			if (prfs[i][0] == vec_num(&v, "hash"))
				a = alg_wire(ALG_PRF, prfs[i][1], 0);
		assert_non_null(a);
		assert_int_equal(keys1_skeyid(a, vec_get(&v, "psk"),
		    vec_get(&v, "ni"), vec_get(&v, "nr"), skeyid), 0);
		eq(&v, "skeyid", skeyid, a->outlen);
		assert_int_equal(keys1_sk(a, skeyid, vec_get(&v, "gxy"),
		    vec_get(&v, "cky_i").p, vec_get(&v, "cky_r").p, &sk), 0);
		eq(&v, "d", sk.d, a->outlen);
		eq(&v, "a", sk.a, a->outlen);
		eq(&v, "e", sk.e, a->outlen);
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 26);
}

/* Appendix B: cut where SKEYID_e is long enough, else K1 | K2 | ... */
static void
test_cipher_key(void **state)
{
	const struct alg	*rows, *p, *c;
	struct keyoct		 key;
	struct rd		 k, in;
	uint8_t			 e[ALG_KEYMAX], want[4 * ALG_KEYMAX];
	size_t			 i, n, cut = 0, grown = 0;

	(void)state;
	for (i = 0; i < sizeof(e); i++)
		e[i] = (uint8_t)(3 * i + 1);
	rows = alg_rows(&n);
	for (p = rows; p < rows + n; p++)
		for (c = rows; c < rows + n; c++) {
			if (p->type != ALG_PRF || p->p1 == 0 ||
			    c->type != ALG_ENCR || c->p1 == 0)
				continue;
			assert_int_equal(keys1_cipher_key(p, e, c, &key), 0);
			assert_int_equal(key.len, c->keylen);
			k = rd_of(e, p->outlen);
			if (c->keylen <= p->outlen) {
				assert_memory_equal(key.d, e, c->keylen);
				cut++;
				continue;
			}
			in = rd_of("\0", 1);
			assert_int_equal(prf(p, k, &in, 1, want), 0);
			in = rd_of(want, p->outlen);
			assert_int_equal(prf(p, k, &in, 1, want + p->outlen),
			    0);
			assert_memory_equal(key.d, want, c->keylen);
			grown++;
		}
	assert_true(cut >= 10);
	assert_true(grown >= 4);	/* 3des and AES-256 with MD5, SHA-1 */
}

/* Both directions, every pair of rows that a child may have. */
static void
one_child(const struct alg *p, const struct algs *a, struct rd gqm)
{
	static const uint8_t	 d[ALG_KEYMAX] = { 9, 8, 7 };
	struct keys1_qm		 q;
	struct m_s_pair		 i, r;
	struct rd		 v[5], k = rd_of(d, p->outlen);
	uint8_t			 want[512], head[5] = { 3, 1, 2, 3, 4 };
	size_t			 at, le = a->encr->keylen + a->encr->saltlen;
	size_t			 la = a->integ != NULL ? a->integ->keylen : 0;

	q.prf = p;
	q.d = d;
	q.gqm = gqm;
	q.proto = 3;
	q.ni = rd_of("nonce of i", 10);
	q.nr = rd_of("nonce of the responder", 22);
	memset(&i, 0, sizeof(i));
	memset(&r, 0, sizeof(r));
	assert_int_equal(keys1_child(&q, 0x01020304, 0xaabbccdd, a, &i), 0);
	assert_int_equal(keys1_child(&q, 0xaabbccdd, 0x01020304, a, &r), 0);
	assert_memory_equal(&i.ein, &r.eout, sizeof(i.ein));
	assert_memory_equal(&i.ain, &r.aout, sizeof(i.ain));
	assert_memory_equal(&i.eout, &r.ein, sizeof(i.ein));
	assert_memory_equal(&i.aout, &r.ain, sizeof(i.ain));
	assert_memory_not_equal(i.ein.d, i.eout.d, le);
	v[0] = rd_of(NULL, 0);
	v[1] = gqm;
	v[2] = rd_of(head, 5);
	v[3] = q.ni;
	v[4] = q.nr;
	for (at = 0; at < le + la; at += p->outlen) {
		assert_int_equal(prf(p, k, v, 5, want + at), 0);
		v[0] = rd_of(want + at, p->outlen);
	}
	assert_int_equal(i.ein.len, le);
	assert_int_equal(i.ain.len, la);
	assert_memory_equal(i.ein.d, want, le);
	if (la > 0)
		assert_memory_equal(i.ain.d, want + le, la);
}

static void
test_keymat(void **state)
{
	const struct alg	*rows, *p, *e, *i;
	struct algs		 a;
	size_t			 n, done = 0;

	(void)state;
	memset(&a, 0, sizeof(a));
	rows = alg_rows(&n);
	for (p = rows; p < rows + n; p++)
		for (e = rows; e < rows + n; e++)
			for (i = rows; i < rows + n; i++) {
				if (p->type != ALG_PRF || e->type != ALG_ENCR ||
				    i->type != ALG_INTEG)
					continue;
				a.encr = e;
				a.integ = e->flags & ALG_AEAD ? NULL : i;
				one_child(p, &a, rd_of(NULL, 0));
				one_child(p, &a, rd_of("g(qm)^xy", 8));
				done++;
			}
	assert_true(done > 50);
}

/* HASH_I and HASH_R: the order of what they cover. */
static void
test_hash(void **state)
{
	static const char	 all[] = "gxigxrCKYICKYICKYRCKYRsaid";
	const struct alg	*p = alg_wire(ALG_PRF, 2, 0);
	struct keys1_hash	 h;
	struct rd		 in = rd_of(all, sizeof(all) - 1);
	uint8_t			 skeyid[ALG_KEYMAX], got[ALG_KEYMAX],
				 want[ALG_KEYMAX];

	(void)state;
	memset(skeyid, 0x42, sizeof(skeyid));
	h.prf = p;
	h.skeyid = skeyid;
	h.gx = rd_of("gxi", 3);
	h.gx_peer = rd_of("gxr", 3);
	h.cky = (const uint8_t *)"CKYICKYI";
	h.cky_peer = (const uint8_t *)"CKYRCKYR";
	h.sai = rd_of("sa", 2);
	h.id = rd_of("id", 2);
	assert_int_equal(keys1_hash(&h, got), 0);
	assert_int_equal(prf(p, rd_of(skeyid, 20), &in, 1, want), 0);
	assert_memory_equal(got, want, 20);
}

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		cmocka_unit_test(test_nist),
		cmocka_unit_test(test_cipher_key),
		cmocka_unit_test(test_keymat),
		cmocka_unit_test(test_hash),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
