/* SPDX-License-Identifier: ISC */

/*
 * test_crypt.c: known answers for every cipher, hash and PRF of the table,
 * and what must be refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypt.h"
#include "vec.h"

static const struct rd	none = { NULL, 0 };

static void
eq(const struct vec *v, const char *name, const uint8_t *got, size_t n)
{
	struct rd	 want = vec_get(v, name);

	if (want.n != n || memcmp(want.p, got, n) != 0)
		fail_msg("%s: record %zu: %s differs", v->file, v->record,
		    name);
}

/* The AEAD row of that name's kind with that key, or NULL. */
static const struct alg *
aead(uint16_t id, size_t keylen)
{
	return (id == 28 ? alg_wire(ALG_ENCR, 28, 0) :
	    alg_wire(ALG_ENCR, id, (uint16_t)(keylen * 8)));
}

static void
test_warmup(void **state)
{
	const struct alg	*rows;
	size_t			 i, n;

	(void)state;
	rows = alg_rows(&n);
	assert_int_equal(crypt_warmup(), (int)n);
	for (i = 0; i < n; i++)
		assert_true(alg_usable(&rows[i]));
	assert_false(alg_usable(NULL));
	assert_int_equal(crypt_warmup(), (int)n);	/* and again */
}

/* One record under a row: as a packet is sealed, and as bare blocks. */
static void
cbc_record(const struct vec *v, const struct alg *a)
{
	static const uint8_t	 ik[64] = { 1, 2, 3 };
	const struct alg	*integ = alg_wire(ALG_INTEG, 12, 0);
	struct crypt		*s, *o;
	struct rd		 key = vec_get(v, "key"), iv, p;
	uint8_t			 buf[256], icv[64];

	assert_non_null(a);
	s = crypt_new(a, integ, key.p, ik, 1);
	o = crypt_new(a, integ, key.p, ik, 0);
	assert_non_null(s);
	assert_non_null(o);
	iv = vec_get(v, "iv");
	p = vec_get(v, "plain");
	assert_int_equal(key.n, a->keylen);
	assert_int_equal(iv.n, a->ivlen);
	memcpy(buf, p.p, p.n);
	assert_int_equal(crypt_seal(s, none, iv.p, buf, p.n, none, icv), 0);
	eq(v, "cipher", buf, p.n);
	assert_int_equal(crypt_open(o, none, iv.p, buf, p.n, none, icv), 0);
	eq(v, "plain", buf, p.n);
	assert_int_equal(crypt_cbc(a, key.p, iv.p, buf, p.n, 1), 0);
	eq(v, "cipher", buf, p.n);
	assert_int_equal(crypt_cbc(a, key.p, iv.p, buf, p.n, 0), 0);
	eq(v, "plain", buf, p.n);
	/* whole blocks only, and none is as good as any */
	assert_int_equal(crypt_cbc(a, key.p, iv.p, buf, p.n - 1, 1), -1);
	assert_int_equal(crypt_cbc(a, key.p, iv.p, buf, 0, 1), 0);
	eq(v, "plain", buf, p.n);
	crypt_free(s);
	crypt_free(o);
}

static void
test_cbc(void **state)
{
	struct vec	 v;
	size_t		 done = 0;

	(void)state;
	vec_open(&v, "aes_cbc.txt");
	while (vec_next(&v)) {
		cbc_record(&v, alg_wire(ALG_ENCR, 12,
		    (uint16_t)(vec_get(&v, "key").n * 8)));
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 6);
	vec_open(&v, "tdes_cbc.txt");
	while (vec_next(&v)) {
		cbc_record(&v, alg_wire(ALG_ENCR, 3, 0));
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 10);
}

/*
 * A message in two calls, the last block of the first as the next IV, is
 * that message in one call: what IKEv1 does from message to message.
 */
static void
test_cbc_chain(void **state)
{
	const struct alg	*rows, *a;
	uint8_t			 key[32], iv[16], one[96], two[96];
	size_t			 n;

	(void)state;
	memset(key, 0x5a, sizeof(key));
	memset(iv, 0x11, sizeof(iv));
	for (rows = alg_rows(&n), a = rows; a < rows + n; a++) {
		if (a->type != ALG_ENCR)
			continue;
		memset(one, 7, sizeof(one));
		memset(two, 7, sizeof(two));
		if (a->flags & ALG_AEAD) {
			assert_int_equal(crypt_cbc(a, key, iv, one,
			    sizeof(one), 1), -1);
			continue;
		}
		assert_int_equal(crypt_cbc(a, key, iv, one, 96, 1), 0);
		assert_int_equal(crypt_cbc(a, key, iv, two, 32, 1), 0);
		assert_int_equal(crypt_cbc(a, key, two + 32 - a->ivlen,
		    two + 32, 64, 1), 0);
		assert_memory_equal(one, two, sizeof(one));
	}
	assert_int_equal(crypt_cbc(alg_wire(ALG_INTEG, 12, 0), key, iv, one,
	    32, 1), -1);
}

/* FIPS 180-2 and RFC 1321 A.5: "abc". */
static void
test_hash(void **state)
{
	static const struct { uint16_t id; uint8_t out[8]; } t[] = {
		{ 1, { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0 } },
		{ 2, { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a } },
		{ 5, { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea } },
		{ 6, { 0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b } },
		{ 7, { 0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba } },
	};
	struct rd	 in[3];
	uint8_t		 out[65];
	size_t		 i;

	(void)state;
	in[0] = rd_of("a", 1);
	in[1] = none;
	in[2] = rd_of("bc", 2);
	for (i = 0; i < nitems(t); i++) {
		memset(out, 0xee, sizeof(out));
		assert_int_equal(hash(alg_wire(ALG_PRF, t[i].id, 0), in, 3,
		    out), 0);
		assert_memory_equal(out, t[i].out, 8);
		assert_int_equal(out[alg_wire(ALG_PRF, t[i].id, 0)->outlen],
		    0xee);
	}
	assert_int_equal(hash(alg_wire(ALG_INTEG, 12, 0), in, 3, out), -1);
}

/* An AEAD record with salt and iv apart: seal and open. */
static void
aead_record(const struct vec *v, const struct alg *a, const uint8_t *ek,
    struct rd iv, const char *plain, const char *cipher, const char *tag)
{
	struct crypt	*s, *o;
	struct rd	 p = vec_get(v, plain), aad = vec_get(v, "aad");
	uint8_t		*buf, icv[16];

	s = crypt_new(a, NULL, ek, NULL, 1);
	o = crypt_new(a, NULL, ek, NULL, 0);
	assert_non_null(s);
	assert_non_null(o);
	buf = malloc(p.n > 0 ? p.n : 1);
	assert_non_null(buf);
	if (p.n > 0)
		memcpy(buf, p.p, p.n);
	assert_int_equal(crypt_seal(s, aad, iv.p, buf, p.n, none, icv), 0);
	eq(v, cipher, buf, p.n);
	eq(v, tag, icv, sizeof(icv));
	assert_int_equal(crypt_open(o, aad, iv.p, buf, p.n, none, icv), 0);
	eq(v, plain, buf, p.n);
	free(buf);
	crypt_free(s);
	crypt_free(o);
}

static size_t
esp_file(const char *file, uint16_t id)
{
	const struct alg	*a;
	struct vec		 v;
	struct wr		 w;
	uint8_t			 ek[ALG_KEYMAX];
	size_t			 done = 0;

	vec_open(&v, file);
	while (vec_next(&v)) {
		/* AES-192-GCM is not a row of the table */
		if ((a = aead(id, vec_get(&v, "key").n)) == NULL)
			continue;
		w = wr_of(ek, sizeof(ek));
		wr_put(&w, vec_get(&v, "key").p, vec_get(&v, "key").n);
		wr_put(&w, vec_get(&v, "salt").p, vec_get(&v, "salt").n);
		assert_int_equal(wr_end(&w), 0);
		assert_int_equal(w.n, a->keylen + a->saltlen);
		aead_record(&v, a, ek, vec_get(&v, "iv"), "plain", "cipher",
		    "icv");
		done++;
	}
	vec_close(&v);
	return (done);
}

static void
test_esp_records(void **state)
{
	(void)state;
	assert_int_equal(esp_file("aes_gcm_esp.txt", 20), 13);
	assert_int_equal(esp_file("chacha_rfc7634.txt", 28), 2);
}

/* Must this tag be refused? */
static void
wyche_forged(const struct vec *v, const struct alg *a, const uint8_t *ek,
    struct rd iv)
{
	struct crypt	*o;
	struct rd	 ct = vec_get(v, "ct");
	uint8_t		*buf;

	o = crypt_new(a, NULL, ek, NULL, 0);
	assert_non_null(o);
	assert_int_equal(vec_get(v, "tag").n, a->icvlen);
	buf = malloc(ct.n > 0 ? ct.n : 1);
	assert_non_null(buf);
	if (ct.n > 0)
		memcpy(buf, ct.p, ct.n);
	assert_int_equal(crypt_open(o, vec_get(v, "aad"), iv.p, buf, ct.n,
	    none, vec_get(v, "tag").p), -1);
	free(buf);
	crypt_free(o);
}

static size_t
wyche_aead(const char *file, uint16_t id)
{
	const struct alg	*a;
	struct vec		 v;
	struct rd		 key, nonce, iv;
	uint8_t			 ek[ALG_KEYMAX];
	size_t			 done = 0;

	vec_open(&v, file);
	while (vec_next(&v)) {
		key = vec_get(&v, "key");
		nonce = vec_get(&v, "iv");
		a = aead(id, key.n);
		assert_non_null(a);
		memcpy(ek, key.p, key.n);
		memcpy(ek + key.n, nonce.p, a->saltlen);
		iv = rd_of(nonce.p + a->saltlen, a->ivlen);
		if (vec_num(&v, "result"))
			aead_record(&v, a, ek, iv, "msg", "ct", "tag");
		else
			wyche_forged(&v, a, ek, iv);
		done++;
	}
	vec_close(&v);
	return (done);
}

static void
test_wycheproof_aead(void **state)
{
	(void)state;
	assert_int_equal(wyche_aead("wycheproof_gcm.txt", 20), 133);
	assert_int_equal(wyche_aead("wycheproof_chacha.txt", 28), 316);
}

static const struct alg *
prf_of(unsigned int bits)
{
	return (alg_wire(ALG_PRF, bits == 5 ? 1 : bits == 1 ? 2 :
	    bits == 256 ? 5 : bits == 384 ? 6 : 7, 0));
}

static void
test_prf(void **state)
{
	const struct alg	*a;
	struct vec		 v;
	struct rd		 msg, in[3];
	uint8_t			 mac[64];
	size_t			 done = 0;

	(void)state;
	vec_open(&v, "hmac_rfc.txt");
	while (vec_next(&v)) {
		a = prf_of(vec_num(&v, "hash"));
		msg = vec_get(&v, "msg");
		assert_int_equal(prf(a, vec_get(&v, "key"), &msg, 1, mac), 0);
		eq(&v, "mac", mac, a->outlen);
		/* in pieces, one of them empty */
		in[0] = rd_of(msg.p, 3);
		in[1] = none;
		in[2] = rd_of(msg.p + 3, msg.n - 3);
		memset(mac, 0, sizeof(mac));
		assert_int_equal(prf(a, vec_get(&v, "key"), in, 3, mac), 0);
		eq(&v, "mac", mac, a->outlen);
		if (a->id == 5) {
			assert_int_equal(hmac256(vec_get(&v, "key"), in, 3,
			    mac), 0);
			eq(&v, "mac", mac, 32);
		}
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 25);
}

static void
test_wycheproof_hmac(void **state)
{
	const struct alg	*a;
	struct vec		 v;
	struct rd		 msg, tag;
	uint8_t			 mac[64];
	size_t			 done = 0;

	(void)state;
	vec_open(&v, "wycheproof_hmac.txt");
	while (vec_next(&v)) {
		a = prf_of(vec_num(&v, "hash"));
		msg = vec_get(&v, "msg");
		tag = vec_get(&v, "tag");
		assert_true(tag.n <= a->outlen);
		assert_int_equal(prf(a, vec_get(&v, "key"), &msg, 1, mac), 0);
		assert_int_equal(ct_equal(rd_of(mac, tag.n), tag),
		    vec_num(&v, "result"));
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 522);
}

/*
 * The truncated MACs of RFC 4868 and 2404 in their place: without plaintext
 * the MAC of a packet covers aad | iv | tail, so that a published message
 * fits in.  A key shorter than the row's is the same key with zeros behind.
 */
static void
test_integ(void **state)
{
	static const uint8_t	 ek[32];
	const struct alg	*rows, *a, *cbc;
	struct crypt		*s;
	struct vec		 v;
	struct rd		 key, msg;
	uint8_t			 ik[ALG_KEYMAX], icv[64];
	size_t			 i, n, done = 0;

	(void)state;
	rows = alg_rows(&n);
	cbc = alg_wire(ALG_ENCR, 12, 256);
	vec_open(&v, "hmac_rfc.txt");
	while (vec_next(&v)) {
		for (i = 0, a = NULL; i < n; i++)
			if (rows[i].type == ALG_INTEG &&
			    alg_prf_of(&rows[i]) ==
			    prf_of(vec_num(&v, "hash")))
				a = &rows[i];
		if (vec_num(&v, "hash") == 5) {
			assert_null(a);	/* MD5 never protects a packet */
			continue;
		}
		assert_non_null(a);
		key = vec_get(&v, "key");
		msg = vec_get(&v, "msg");
		if (key.n > a->keylen || msg.n < 20)
			continue;
		memset(ik, 0, sizeof(ik));
		memcpy(ik, key.p, key.n);
		s = crypt_new(cbc, a, ek, ik, 1);
		assert_non_null(s);
		memset(icv, 0xee, sizeof(icv));
		assert_int_equal(crypt_seal(s, rd_of(msg.p, 2), msg.p + 2,
		    NULL, 0, rd_of(msg.p + 18, msg.n - 18), icv), 0);
		assert_memory_equal(icv, vec_get(&v, "mac").p, a->icvlen);
		assert_int_equal(icv[a->icvlen], 0xee);	/* and no more */
		crypt_free(s);
		done++;
	}
	vec_close(&v);
	assert_int_equal(done, 11);
}

/* One pair of keys of a row: what was sealed opens, what was changed not. */
static void
tamper(const struct alg *a, const struct alg *integ)
{
	struct crypt	*s, *o;
	struct rd	 aad, tail;
	uint8_t		 ek[ALG_KEYMAX], ik[ALG_KEYMAX], iv[16], p[64],
			 q[64], icv[32], hdr[12], hi[4] = { 0, 0, 0, 1 };
	size_t		 i, icvlen;

	icvlen = integ != NULL ? integ->icvlen : a->icvlen;
	for (i = 0; i < sizeof(ek); i++)
		ek[i] = ik[i] = (uint8_t)(7 * i);
	memset(iv, 3, sizeof(iv));
	memset(hdr, 4, sizeof(hdr));
	aad = rd_of(hdr, sizeof(hdr));
	tail = integ != NULL ? rd_of(hi, sizeof(hi)) : none;
	s = crypt_new(a, integ, ek, ik, 1);
	o = crypt_new(a, integ, ek, ik, 0);
	assert_non_null(s);
	assert_non_null(o);
	memset(p, 5, sizeof(p));
	assert_int_equal(crypt_seal(s, aad, iv, p, sizeof(p), tail, icv), 0);
#define OPEN	(memcpy(q, p, sizeof(q)), \
	crypt_open(o, aad, iv, q, sizeof(q), tail, icv))
#define FLIP(x, bits)	do {						\
	for (i = 0; i < (bits); i++) {					\
		(x)[i / 8] ^= (uint8_t)(1 << i % 8);			\
		assert_int_equal(OPEN, -1);				\
		(x)[i / 8] ^= (uint8_t)(1 << i % 8);			\
	} } while (0)
	assert_int_equal(OPEN, 0);
	FLIP(icv, icvlen * 8);
	FLIP(p, sizeof(p) * 8);
	FLIP(hdr, sizeof(hdr) * 8);
	FLIP(iv, (size_t)a->ivlen * 8);
	if (integ != NULL)
		FLIP(hi, sizeof(hi) * 8);
	assert_int_equal(OPEN, 0);
	assert_int_equal(q[0], 5);
	assert_int_equal(q[63], 5);
	/* a key has one direction */
	assert_int_equal(crypt_seal(o, aad, iv, q, sizeof(q), tail, icv), -1);
	assert_int_equal(crypt_open(s, aad, iv, q, sizeof(q), tail, icv), -1);
	if (integ != NULL)		/* whole blocks only */
		assert_int_equal(crypt_seal(s, aad, iv, q, 17, tail, icv), -1);
	else				/* an AEAD has no tail */
		assert_int_equal(crypt_seal(s, aad, iv, q, sizeof(q),
		    rd_of(hi, 4), icv), -1);
	crypt_free(s);
	crypt_free(o);
}

static void
test_tamper(void **state)
{
	const struct alg	*rows, *e, *i;
	size_t			 n;

	(void)state;
	rows = alg_rows(&n);
	for (e = rows; e < rows + n; e++) {
		if (e->type != ALG_ENCR)
			continue;
		if (e->flags & ALG_AEAD)
			tamper(e, NULL);
		else
			for (i = rows; i < rows + n; i++)
				if (i->type == ALG_INTEG)
					tamper(e, i);
	}
}

/* Row 35 of the bad inputs: incomplete or surplus choices make no key. */
static void
test_no_key(void **state)
{
	static const uint8_t	 k[ALG_KEYMAX];
	const struct alg	*gcm, *cbc, *integ, *p;

	(void)state;
	gcm = alg_wire(ALG_ENCR, 20, 256);
	cbc = alg_wire(ALG_ENCR, 12, 256);
	integ = alg_wire(ALG_INTEG, 12, 0);
	p = alg_wire(ALG_PRF, 5, 0);
	assert_null(crypt_new(gcm, integ, k, k, 1));
	assert_null(crypt_new(cbc, NULL, k, NULL, 1));
	assert_null(crypt_new(integ, integ, k, k, 1));
	assert_null(crypt_new(cbc, p, k, k, 1));
	crypt_free(NULL);
}

static void
test_small(void **state)
{
	/* FIPS 180-2 appendix A.1, A.2 */
	static const uint8_t	 abc[20] = {
		0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
		0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
	const struct alg	*p = alg_wire(ALG_PRF, 5, 0);
	struct rd		 in[2], key = rd_of("key", 3);
	uint8_t			 out[20], a[64], b[64], big[255 * 32 + 1];

	(void)state;
	in[0] = rd_of("a", 1);
	in[1] = rd_of("bc", 2);
	assert_int_equal(sha1(in, 2, out), 0);
	assert_memory_equal(out, abc, sizeof(abc));

	assert_int_equal(ct_equal(rd_of("abc", 3), rd_of("abc", 3)), 1);
	assert_int_equal(ct_equal(rd_of("abc", 3), rd_of("abd", 3)), 0);
	assert_int_equal(ct_equal(rd_of("abc", 3), rd_of("abc", 2)), 0);
	assert_int_equal(ct_equal(none, rd_of("a", 1)), 0);

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	assert_int_equal(crypt_random(a, sizeof(a)), 0);
	assert_int_equal(crypt_random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));

	/* prf+ ends at 255 rounds; the first round is prf(K, S | 1) */
	assert_int_equal(prf_plus(p, key, in, 2, big, 255 * 32), 0);
	assert_int_equal(prf_plus(p, key, in, 2, big, 255 * 32 + 1), -1);
	in[0] = rd_of("abc\x01", 4);
	assert_int_equal(prf(p, key, in, 1, a), 0);
	assert_int_equal(prf_plus(p, key, &(struct rd){ .p =
	    (const uint8_t *)"abc", .n = 3 }, 1, b, 32), 0);
	assert_memory_equal(a, b, 32);
	assert_int_equal(prf(alg_wire(ALG_INTEG, 12, 0), key, in, 1, a), -1);
}

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		cmocka_unit_test(test_warmup),
		cmocka_unit_test(test_cbc),
		cmocka_unit_test(test_cbc_chain),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_esp_records),
		cmocka_unit_test(test_wycheproof_aead),
		cmocka_unit_test(test_prf),
		cmocka_unit_test(test_wycheproof_hmac),
		cmocka_unit_test(test_integ),
		cmocka_unit_test(test_tamper),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_small),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}
