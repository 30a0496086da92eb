/* SPDX-License-Identifier: ISC */

/* test_kdf.c: the key schedule against NIST's records (CAVP, IKE v2). */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../daemon/keys/kdf.h"
#include "vec.h"

static size_t	whole;		/* records that reached SK_pr */

static void
eq(const struct vec *v, const char *name, const uint8_t *got, size_t n)
{
	struct rd	 want = vec_get(v, name);

	if (want.n < n || memcmp(want.p, got, n) != 0)
		fail_msg("%s: record %zu: %s differs", v->file, v->record,
		    name);
}

/* The next n octets of DKM are that key. */
static void
next(struct rd *dkm, const uint8_t *k, size_t n)
{
	const uint8_t	*p;

	assert_int_equal(rd_take(dkm, n, &p), 0);
	if (n > 0)
		assert_memory_equal(k, p, n);
}

static void
next_key(struct rd *dkm, const struct keyoct *k, size_t n)
{
	assert_int_equal(k->len, n);
	next(dkm, k->d, n);
}

/* SK_d, SK_ai .. SK_pr lie in DKM one after the other. */
static void
sk_record(const struct vec *v, struct algs *a, struct keys_sk *sk)
{
	struct rd	 dkm = vec_get(v, "dkm");
	size_t		 lp = a->prf->outlen, la, le;

	la = a->integ != NULL ? a->integ->keylen : 0;
	le = (size_t)a->encr->keylen + a->encr->saltlen;
	assert_int_equal(keys_sk(a, vec_get(v, "skeyseed"), vec_get(v, "ni"),
	    vec_get(v, "nr"), vec_get(v, "spi_i").p, vec_get(v, "spi_r").p,
	    sk), 0);
	next(&dkm, sk->d, lp);
	next_key(&dkm, &sk->ai, la);
	next_key(&dkm, &sk->ar, la);
	if (dkm.n < 2 * le)
		return;		/* a short record: no longer stream */
	next_key(&dkm, &sk->ei, le);
	next_key(&dkm, &sk->er, le);
	if (dkm.n < 2 * lp)
		return;
	next(&dkm, sk->pi, lp);
	next(&dkm, sk->pr, lp);
	whole++;
}

/* The keys of a child lie in KEYMAT, initiator to responder first. */
static void
child_record(const struct vec *v, const struct algs *a, const uint8_t *d,
    const char *name, struct rd gir)
{
	struct m_s_pair	 i, r;
	struct rd	 km = vec_get(v, name);
	struct rd	 ni = vec_get(v, "ni"), nr = vec_get(v, "nr");
	uint8_t		 out[1024];
	size_t		 le = (size_t)a->encr->keylen + a->encr->saltlen;
	size_t		 la = a->integ != NULL ? a->integ->keylen : 0;

	assert_true(km.n <= sizeof(out));
	assert_int_equal(keys_keymat(a->prf, d, gir, ni, nr, out, km.n), 0);
	eq(v, name, out, km.n);
	memset(&i, 0, sizeof(i));
	memset(&r, 0, sizeof(r));
	assert_int_equal(keys_child(a->prf, d, gir, ni, nr, a, 1, &i), 0);
	assert_int_equal(keys_child(a->prf, d, gir, ni, nr, a, 0, &r), 0);
	assert_int_equal(i.eout.len, le);
	assert_int_equal(i.aout.len, la);
	assert_memory_equal(i.eout.d, km.p, le);
	if (la > 0)
		assert_memory_equal(i.aout.d, km.p + le, la);
	assert_memory_equal(i.ein.d, km.p + le + la, le);
	if (la > 0)
		assert_memory_equal(i.ain.d, km.p + 2 * le + la, la);
	assert_memory_equal(&r.ein, &i.eout, sizeof(r.ein));
	assert_memory_equal(&r.ain, &i.aout, sizeof(r.ain));
	assert_memory_equal(&r.eout, &i.ein, sizeof(r.eout));
	assert_memory_equal(&r.aout, &i.ain, sizeof(r.aout));
}

static void
record(const struct vec *v, struct algs *a)
{
	struct keys_sk	 sk;
	struct rd	 ni = vec_get(v, "ni"), nr = vec_get(v, "nr");
	uint8_t		 seed[64];

	assert_int_equal(keys_skeyseed(a->prf, ni, nr, vec_get(v, "gir"),
	    seed), 0);
	eq(v, "skeyseed", seed, a->prf->outlen);
	sk_record(v, a, &sk);
	child_record(v, a, sk.d, "child", rd_of(NULL, 0));
	child_record(v, a, sk.d, "child_dh", vec_get(v, "gir_new"));
	assert_int_equal(keys_skeyseed_rekey(a->prf, sk.d,
	    vec_get(v, "gir_new"), ni, nr, seed), 0);
	eq(v, "skeyseed_rekey", seed, a->prf->outlen);
}

static void
test_nist(void **state)
{
	static const uint16_t	 prfs[4][2] = {
		{ 1, 2 }, { 256, 5 }, { 384, 6 }, { 512, 7 } };
	struct algs	 a;
	struct vec	 v;
	size_t		 i, done = 0;

	(void)state;
	memset(&a, 0, sizeof(a));
	vec_open(&v, "ikev2_kdf.txt");
	while (vec_next(&v)) {
		for (i = 0; i < 4; i++)
			if (prfs[i][0] == vec_num(&v, "hash"))
				a.prf = alg_wire(ALG_PRF, prfs[i][1], 0);
		a.encr = alg_wire(ALG_ENCR, 20, 128);
		a.integ = NULL;
		record(&v, &a);
		a.encr = alg_wire(ALG_ENCR, 28, 0);
		record(&v, &a);
		/* the records hold 132 octets or more: enough for this one */
		a.encr = alg_wire(ALG_ENCR, 12, 128);
		a.integ = alg_wire(ALG_INTEG, 2, 0);
		record(&v, &a);
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 17);
	assert_true(whole >= 17);
}

/* The largest choice fits; both nonces at their longest as well. */
static void
test_bounds(void **state)
{
	static const uint8_t	 n[256], spi[8] = { 1 };
	struct keys_sk		 sk;
	struct m_s_pair		 p;
	struct algs		 a;
	uint8_t			 seed[64];

	(void)state;
	memset(&a, 0, sizeof(a));
	a.prf = alg_wire(ALG_PRF, 7, 0);
	a.encr = alg_wire(ALG_ENCR, 12, 256);
	a.integ = alg_wire(ALG_INTEG, 14, 0);
	assert_int_equal(keys_skeyseed(a.prf, rd_of(n, 256), rd_of(n, 256),
	    rd_of(n, 32), seed), 0);
	assert_int_equal(keys_skeyseed(a.prf, rd_of(n, 256), rd_of(seed, 64),
	    rd_of(n, 32), seed), 0);
	assert_int_equal(keys_sk(&a, rd_of(seed, 64), rd_of(n, 256),
	    rd_of(n, 256), spi, spi, &sk), 0);
	memset(&p, 0, sizeof(p));
	assert_int_equal(keys_child(a.prf, sk.d, rd_of(NULL, 0),
	    rd_of(n, 256), rd_of(n, 256), &a, 1, &p), 0);
	assert_int_equal(p.aout.len, 64);
	assert_int_equal(p.eout.len, 32);
}

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		cmocka_unit_test(test_nist),
		cmocka_unit_test(test_bounds),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
