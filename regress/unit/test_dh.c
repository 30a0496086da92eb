/* SPDX-License-Identifier: ISC */

/*
 * test_dh.c: every group of the table: known answers, agreement of two
 * sides, and public values that must be refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypt_dh.h"
#include "vec.h"

/*
 * A published private value in the form that crypt_dh takes: ECP scalars
 * are one more than the octets say.
 */
static void
private(const struct alg *dh, struct rd d, uint8_t *priv)
{
	size_t	 i, n = crypt_dh_privlen(dh);

	memset(priv, 0, DH_PRIVMAX);
	assert_true(d.n <= n);
	memcpy(priv + n - d.n, d.p, d.n);
	if (dh->dh == DH_EC)
		for (i = n; i > 0 && priv[i - 1]-- == 0; i--)
			;
}

static void
test_rfc(void **state)
{
	const struct alg	*dh;
	struct vec		 v;
	uint8_t			 pi[DH_PRIVMAX], pr[DH_PRIVMAX],
				 out[ALG_DHMAX];
	size_t			 done = 0;

	(void)state;
	vec_open(&v, "dh.txt");
	while (vec_next(&v)) {
		dh = alg_wire(ALG_DH, (uint16_t)vec_num(&v, "group"), 0);
		assert_non_null(dh);
		private(dh, vec_get(&v, "i"), pi);
		private(dh, vec_get(&v, "r"), pr);
		assert_int_equal(vec_get(&v, "ke_i").n, dh->keylen);
		assert_int_equal(vec_get(&v, "shared").n, dh->outlen);
		assert_int_equal(crypt_dh_public(dh, pi, out), 0);
		assert_memory_equal(out, vec_get(&v, "ke_i").p, dh->keylen);
		assert_int_equal(crypt_dh_public(dh, pr, out), 0);
		assert_memory_equal(out, vec_get(&v, "ke_r").p, dh->keylen);
		assert_int_equal(crypt_dh_shared(dh, pi, vec_get(&v, "ke_r"),
		    out), 0);
		assert_memory_equal(out, vec_get(&v, "shared").p, dh->outlen);
		assert_int_equal(crypt_dh_shared(dh, pr, vec_get(&v, "ke_i"),
		    out), 0);
		assert_memory_equal(out, vec_get(&v, "shared").p, dh->outlen);
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 5);
}

static size_t
wycheproof(const char *file, const struct alg *dh)
{
	struct vec	 v;
	struct rd	 pub;
	uint8_t		 priv[DH_PRIVMAX], out[ALG_DHMAX], zero[64] = { 0 };
	size_t		 done = 0;
	int		 rv;

	vec_open(&v, file);
	while (vec_next(&v)) {
		pub = vec_get(&v, "public");
		/* KE data have no octet 04 in front, RFC 5903 section 7 */
		if (dh->dh == DH_EC && pub.n == 65 && pub.p[0] == 4)
			assert_int_equal(rd_skip(&pub, 1), 0);
		private(dh, vec_get(&v, "private"), priv);
		memset(out, 0xee, sizeof(out));
		rv = crypt_dh_shared(dh, priv, pub, out);
		if (rv != (vec_num(&v, "result") ? 0 : -1))
			fail_msg("%s: tc %u", file, vec_num(&v, "tc"));
		if (rv == 0)
			assert_memory_equal(out, vec_get(&v, "shared").p,
			    dh->outlen);
		else
			assert_memory_equal(out, zero, dh->outlen);
		done++;
	}
	vec_close(&v);
	return (done);
}

static void
test_wycheproof(void **state)
{
	(void)state;
	assert_int_equal(wycheproof("wycheproof_p256.txt",
	    alg_wire(ALG_DH, 19, 0)), 355);
	assert_int_equal(wycheproof("wycheproof_x25519.txt",
	    alg_wire(ALG_DH, 31, 0)), 518);
}

/* Repeatable octets for private values. */
static void
octets(uint32_t seed, uint8_t *p, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(seed >> 24);
	}
}

static void
test_agree(void **state)
{
	const struct alg	*rows, *dh;
	uint8_t			 a[DH_PRIVMAX], b[DH_PRIVMAX], ka[ALG_DHMAX],
				 kb[ALG_DHMAX], x[ALG_DHMAX], y[ALG_DHMAX];
	size_t			 n, groups = 0;

	(void)state;
	rows = alg_rows(&n);
	for (dh = rows; dh < rows + n; dh++) {
		if (dh->type != ALG_DH)
			continue;
		octets(dh->num, a, sizeof(a));
		octets(dh->num + 1000u, b, sizeof(b));
		assert_in_range(crypt_dh_privlen(dh), 32, DH_PRIVMAX);
		assert_int_equal(crypt_dh_public(dh, a, ka), 0);
		assert_int_equal(crypt_dh_public(dh, b, kb), 0);
		assert_memory_not_equal(ka, kb, dh->keylen);
		assert_int_equal(crypt_dh_shared(dh, a,
		    rd_of(kb, dh->keylen), x), 0);
		assert_int_equal(crypt_dh_shared(dh, b,
		    rd_of(ka, dh->keylen), y), 0);
		assert_memory_equal(x, y, dh->outlen);
		groups++;
	}
	assert_int_equal(groups, 11);
}

/* A refused value leaves nothing in out. */
static void
refused(const struct alg *dh, const uint8_t *ke, size_t n)
{
	static const uint8_t	 zero[ALG_DHMAX];
	uint8_t			 priv[DH_PRIVMAX], out[ALG_DHMAX], *copy;

	octets(dh->num, priv, sizeof(priv));
	copy = malloc(n > 0 ? n : 1);
	assert_non_null(copy);
	memcpy(copy, ke, n);
	memset(out, 0xee, sizeof(out));
	assert_int_equal(crypt_dh_shared(dh, priv, rd_of(copy, n), out), -1);
	assert_memory_equal(out, zero, dh->outlen);
	free(copy);
}

static void
lengths(const struct alg *dh, const uint8_t *good)
{
	uint8_t	 more[ALG_DHMAX + 1];

	memcpy(more, good, dh->keylen);
	more[dh->keylen] = 0;
	refused(dh, more, (size_t)dh->keylen + 1);
	refused(dh, good, (size_t)dh->keylen - 1);
	refused(dh, good, dh->keylen / 2);
	refused(dh, good, 1);
	refused(dh, good, 0);
}

/*
 * The prime of each group is the published one: p + 1 and above, p, p - 1,
 * 1, 0 are refused, p - 2 and 2 are not; and (p - 2)^x = -2^x tells p.
 */
static void
test_modp_bounds(void **state)
{
	const struct alg	*dh;
	struct vec		 v;
	struct rd		 p;
	uint8_t			 y[ALG_DHMAX], two[ALG_DHMAX],
				 out[ALG_DHMAX], neg[ALG_DHMAX],
				 priv[DH_PRIVMAX];
	size_t			 i, done = 0;
	int			 borrow, d;

	(void)state;
	vec_open(&v, "modp.txt");
	while (vec_next(&v)) {
		dh = alg_wire(ALG_DH, (uint16_t)vec_num(&v, "group"), 0);
		assert_non_null(dh);
		p = vec_get(&v, "prime");
		assert_int_equal(p.n, dh->outlen);
		assert_int_equal(p.n, dh->keylen);
		memset(y, 0, sizeof(y));
		refused(dh, y, p.n);				/* 0 */
		y[p.n - 1] = 1;
		refused(dh, y, p.n);				/* 1 */
		memset(y, 0xff, p.n);
		refused(dh, y, p.n);				/* all ones */
		memcpy(y, p.p, p.n);
		refused(dh, y, p.n);				/* p */
		lengths(dh, y);
		y[p.n - 1]--;
		refused(dh, y, p.n);				/* p - 1 */
		y[p.n - 1]--;					/* p - 2 */
		memset(two, 0, sizeof(two));
		two[p.n - 1] = 2;
		lengths(dh, two);
		octets(dh->num, priv, sizeof(priv));
		priv[crypt_dh_privlen(dh) - 1] |= 1;		/* odd */
		assert_int_equal(crypt_dh_shared(dh, priv,
		    rd_of(two, p.n), out), 0);
		for (i = p.n, borrow = 0; i > 0; i--) {		/* p - out */
			d = p.p[i - 1] - out[i - 1] - borrow;
			borrow = d < 0;
			neg[i - 1] = (uint8_t)d;
		}
		assert_int_equal(crypt_dh_shared(dh, priv, rd_of(y, p.n),
		    out), 0);
		assert_memory_equal(out, neg, p.n);
		/* p + 1: the last octets of all primes are ff */
		memcpy(y, p.p, p.n);
		for (i = p.n; i > 0 && ++y[i - 1] == 0; i--)
			;
		refused(dh, y, p.n);
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 7);
}

/* Off the curve, beyond the field, the other curve's, (0, 0), wrong length. */
static void
test_ecp_bad(void **state)
{
	static const uint16_t	 id[] = { 19, 20, 21 };
	const struct alg	*dh;
	uint8_t			 priv[DH_PRIVMAX], ke[ALG_DHMAX],
				 bad[ALG_DHMAX];
	size_t			 i, bit;

	(void)state;
	for (i = 0; i < nitems(id); i++) {
		dh = alg_wire(ALG_DH, id[i], 0);
		octets(id[i], priv, sizeof(priv));
		assert_int_equal(crypt_dh_public(dh, priv, ke), 0);
		lengths(dh, ke);
		memset(bad, 0, sizeof(bad));
		refused(dh, bad, dh->keylen);
		memset(bad, 0xff, sizeof(bad));
		refused(dh, bad, dh->keylen);
		for (bit = 0; bit < (size_t)dh->keylen * 8; bit += 13) {
			memcpy(bad, ke, dh->keylen);
			bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			refused(dh, bad, dh->keylen);
		}
		/* the uncompressed form with 04 in front is not KE data */
		bad[0] = 4;
		memcpy(bad + 1, ke, dh->keylen);
		refused(dh, bad, (size_t)dh->keylen + 1);
	}
}

static void
test_x25519_low(void **state)
{
	const struct alg	*dh = alg_wire(ALG_DH, 31, 0);
	struct vec		 v;
	uint8_t			 p[32];
	size_t			 done = 0;

	(void)state;
	vec_open(&v, "x25519_low.txt");
	while (vec_next(&v)) {
		memcpy(p, vec_get(&v, "public").p, sizeof(p));
		refused(dh, p, sizeof(p));
		p[31] ^= 0x80;		/* the highest bit is ignored */
		refused(dh, p, sizeof(p));
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 7);
	memset(p, 9, sizeof(p));
	lengths(dh, p);
}

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		cmocka_unit_test(test_rfc),
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_agree),
		cmocka_unit_test(test_modp_bounds),
		cmocka_unit_test(test_ecp_bad),
		cmocka_unit_test(test_x25519_low),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
