/* SPDX-License-Identifier: ISC */

/*
 * test_keys_broken.c: s2sd-keys with a compare and a PRF that misbehave.
 * Linked with --wrap, so that the role's own calls are ours: where the
 * verification fails, whatever way, no handle may become proved; and all
 * refusals of an AUTH cost the same.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypt.h"
#include "keys_hs1.h"

int	 __real_prf(const struct alg *, struct rd, const struct rd *, size_t,
	    uint8_t *);
int	 __wrap_prf(const struct alg *, struct rd, const struct rd *, size_t,
	    uint8_t *);
int	 __real_ct_equal(struct rd, struct rd);
int	 __wrap_ct_equal(struct rd, struct rd);

static const char	 secret[] = "correct horse battery staple";
static struct rig	 a, b;

static int		 lie;		/* ct_equal says `says' */
static int		 says;
static unsigned int	 compares, prfs;
static size_t		 prf_octets;
static unsigned int	 fail_at;	/* this call of prf fails; 0: none */

int
__wrap_ct_equal(struct rd x, struct rd y)
{
	compares++;
	return (lie ? says : __real_ct_equal(x, y));
}

int
__wrap_prf(const struct alg *p, struct rd key, const struct rd *in,
    size_t nin, uint8_t *out)
{
	size_t	 i;

	prfs++;
	for (i = 0; i < nin; i++)
		prf_octets += in[i].n;
	if (fail_at != 0 && prfs == fail_at)
		return (-1);
	return (__real_prf(p, key, in, nin, out));
}

static int
setup(void **state)
{
	(void)state;
	lie = says = 0;
	fail_at = 0;
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

/* Only 1 means equal: 0 and the codes of a broken library do not. */
static void
test_compare(void **state)
{
	static const int	 codes[] = { 0, -1, 2, -2, 256 };
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;
	struct hs		 h;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(codes); i++) {
		hs_new(&h, &a, &b);
		hs_to_keyed(&h);
		lie = 1;
		says = codes[i];
		assert_int_equal(hs_auth_r(&h), KERR_AUTH);
		lie = 0;
		hs_new(&h, &a, &b);
		hs_to_keyed(&h);
		assert_int_equal(hs_auth_r(&h), KERR_OK);
		lie = 1;
		assert_int_equal(hs_auth_i(&h), KERR_AUTH);
		lie = 0;
		cs.handle = h.hi;
		cs.dh = 0;
		assert_int_equal(rig_send(&a, PROC_IKE, M_K_CSTART, 7, &cs),
		    0);
		assert_true(rig_answer(&a, M_K_CSTARTED, &cd));
		assert_int_equal(cd.err, KERR_STATE);
	}
	assert_int_equal(a.pairs, 0);
	/* the wrapper is what the role calls */
	lie = says = 1;
	compares = 0;
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	h.authi.d[0] ^= 1;
	assert_int_equal(hs_auth_r(&h), KERR_OK);
	assert_int_equal(compares, 1);
}

/* Each call of the PRF fails once: never a proof, never a pair. */
static void
test_prf_fails(void **state)
{
	struct hs	 h;
	unsigned int	 calls, i, pairs;

	(void)state;
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	prfs = 0;
	assert_int_equal(hs_auth_r(&h), KERR_OK);
	calls = prfs;
	assert_in_range(calls, 6, 8);	/* two AUTH */
	pairs = b.pairs;
	for (i = 1; i <= calls; i++) {
		hs_new(&h, &a, &b);
		hs_to_keyed(&h);
		prfs = 0;
		fail_at = i;
		assert_int_equal(hs_auth_r(&h), KERR_CRYPTO);
		fail_at = 0;
		assert_int_equal(h.authr.n, 0);
		assert_int_equal(hs_auth_r(&h), KERR_NOHANDLE);
	}
	assert_int_equal(b.pairs, pairs);
	/* and in the key schedule */
	hs_new(&h, &a, &b);
	assert_int_equal(hs_start(&h), KERR_OK);
	prfs = 0;
	fail_at = 1;
	assert_int_equal(hs_start_r(&h), KERR_CRYPTO);
	assert_int_equal(h.kr.ei.len, 0);
}

/* What an AUTH costs, in PRF calls and octets, does not tell why it failed. */
static void
test_same_work(void **state)
{
	struct tunnel	 t;
	struct hs	 h;
	unsigned int	 calls[6], i;
	size_t		 octets[6];
	const char	*s = secret;

	(void)state;
	for (i = 0; i < nitems(calls); i++) {
		if (i == 5) {		/* the tunnel is disabled now */
			rig_tunnel(&t, 9, "to-a", "b.example", "a.example");
			t.flags = TUN_DISABLED;
			assert_int_equal(rig_conf(&b, 2, &t, &s, 1), 0);
		}
		hs_new(&h, &a, &b);
		hs_to_keyed(&h);
		switch (i) {
		case 0: h.authi.d[3] ^= 1; break;	/* wrong secret */
		case 1: h.idi.d[6] ^= 1; break;		/* unknown name */
		case 2: h.tr = 1234; break;		/* no tunnel */
		case 3: h.tr = 0; break;
		case 4: h.authi.n = 3; break;
		}
		prfs = 0;
		prf_octets = 0;
		assert_int_not_equal(hs_auth_r(&h), KERR_OK);
		calls[i] = prfs;
		octets[i] = prf_octets;
		assert_int_equal(calls[i], calls[0]);
		assert_int_equal(octets[i], octets[0]);
	}
	assert_int_equal(calls[0], 3);
}

/* Both of it for HASH_I and HASH_R, and for the keys of a quick mode. */
static void
test_ikev1(void **state)
{
	static const int	 codes[] = { 0, -1, 2, -2, 256 };
	struct rig		 x, y;
	struct hs1		 h;
	struct qm1		 q;
	unsigned int		 calls, i, pairs;

	(void)state;
	if (!WITH_IKEV1)
		skip();
	hs1_two(&x, &y, secret, secret);
	for (i = 0; i < nitems(codes); i++) {
		hs1_new(&h, &x, &y);
		hs1_to_keyed(&h);
		lie = 1;
		says = codes[i];
		assert_int_equal(hs1_auth_r(&h), KERR_AUTH);
		lie = 0;
		hs1_new(&h, &x, &y);
		hs1_to_keyed(&h);
		assert_int_equal(hs1_auth_r(&h), KERR_OK);
		lie = 1;
		assert_int_equal(hs1_auth_i(&h), KERR_AUTH);
		lie = 0;
		qm1_new(&q, &h);
		assert_int_equal(qm1_cstart(&q), KERR_STATE);
	}
	hs1_new(&h, &x, &y);
	hs1_to_keyed(&h);
	prfs = 0;
	assert_int_equal(hs1_auth_r(&h), KERR_OK);
	calls = prfs;
	assert_int_equal(calls, 2);
	for (i = 1; i <= calls; i++) {
		hs1_new(&h, &x, &y);
		hs1_to_keyed(&h);
		prfs = 0;
		fail_at = i;
		assert_int_equal(hs1_auth_r(&h), KERR_CRYPTO);
		fail_at = 0;
		assert_int_equal(h.hashr.n, 0);
		assert_int_equal(hs1_auth_r(&h), KERR_NOHANDLE);
	}
	hs1_new(&h, &x, &y);
	hs1_whole(&h);
	qm1_new(&q, &h);
	prfs = 0;
	assert_int_equal(qm1_whole(&q), KERR_OK);
	calls = prfs / 2;		/* of one end */
	assert_true(calls >= 4);
	pairs = y.pairs;
	for (i = 1; i <= calls; i++) {
		qm1_new(&q, &h);
		assert_int_equal(qm1_cstart(&q), KERR_OK);
		prfs = 0;
		fail_at = i;
		assert_int_equal(qm1_child_y(&q), KERR_CRYPTO);
		fail_at = 0;
	}
	assert_int_equal(y.pairs, pairs);
	/* and in the key schedule */
	for (i = 1; i <= 5; i++) {
		hs1_new(&h, &x, &y);
		assert_int_equal(hs1_start(&h), KERR_OK);
		prfs = 0;
		fail_at = i;
		assert_int_equal(hs1_start_r(&h), KERR_CRYPTO);
		fail_at = 0;
		assert_int_equal(h.kr.a.len, 0);
		assert_int_equal(h.kr.e.len, 0);
	}
	rig_free(&x);
	rig_free(&y);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		T(test_compare), T(test_prf_fails), T(test_same_work),
		T(test_ikev1),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
