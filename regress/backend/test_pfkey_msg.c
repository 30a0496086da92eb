/* SPDX-License-Identifier: ISC */

/*
 * test_pfkey_msg.c: messages of PF_KEY by their sizes, as the kernels' headers
 * and sources give them, in words of 64 bits; and their readers on everything
 * that is cut short or has a bit wrong.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../unit/espkit.h"
#include "pfkey_rig.h"

static const struct pk_hdr	 hdr = { 9, 777, 0x1f3a };
static struct keyoct		 k36, k32, k20, k64;
static uint8_t			 room[PK_MSG_MAX];

static void
sa(struct pk_sa *s, const char *encr, const char *integ, int v6)
{
	memset(s, 0, sizeof(*s));
	s->spi = 0xc0ffee01;
	s->src = kit_addr(v6 ? "2001:db8::4" : "192.168.1.4", 4500);
	s->dst = kit_addr(v6 ? "2001:db8::3" : "192.168.1.3", 4500);
	s->reqid = 0x1001;
	s->tunnel = 7;
	s->child = 44;
	s->in = 1;
	s->replay = 64;
	s->life = 3600;
	s->encr = alg_name(ALG_ENCR, encr);
	s->integ = integ == NULL ? NULL : alg_name(ALG_INTEG, integ);
	s->ek = s->encr->saltlen != 0 ? &k36 : &k32;
	if (integ != NULL)
		s->ak = s->integ->keylen == 20 ? &k20 :
		    s->integ->keylen == 64 ? &k64 : &k32;
}

static void
pol(struct pk_pol *p, int protect, int v6)
{
	memset(p, 0, sizeof(*p));
	assert_int_equal(net_parse("10.1.3.0/24", &p->src), 0);
	assert_int_equal(net_parse("10.1.4.0/24", &p->dst), 0);
	p->dir = PK_OUT;
	p->action = protect ? PK_PROTECT : PK_DISCARD;
	p->gsrc = kit_addr(v6 ? "2001:db8::3" : "192.168.1.3", 0);
	p->gdst = kit_addr(v6 ? "2001:db8::4" : "192.168.1.4", 0);
	p->reqid = 0x1001;
	p->tunnel = 7;
}

static size_t
words(const struct wr *w)
{
	uint16_t	 n;

	assert_int_equal(wr_end(w), 0);
	assert_int_equal(w->n % 8, 0);
	memcpy(&n, w->p + 4, 2);
	assert_int_equal(n, w->n / 8);
	return (n);
}

static size_t
put(const struct pk_dialect *d, enum pk_type type, const struct pk_sa *s)
{
	struct wr	 w = wr_of(room, sizeof(room));

	d->put(d, &w, &hdr, type, s);
	return (words(&w));
}

static size_t
say_pol(const struct pk_dialect *d, enum pk_type type, const struct pk_pol *p)
{
	struct wr	 w = wr_of(room, sizeof(room));

	d->pol(d, &w, &hdr, type, p);
	return (words(&w));
}

/* OpenBSD's names, "s2sd:1f3a:7:4097" and a NUL: 2 + 3 words each; the tag,
 * "s2sd:1f3a:7:44": 1 + 2. */
enum { NAMES = 10, TAG = 3, MARK = 4 /* HARD of a policy, KAME */ };

static void
test_sizes_sa(void **state)
{
	const struct pk_dialect	*d;
	size_t			 i, extra, natt;
	struct pk_sa		 s;
	struct wr		 w;

	(void)state;
	for (i = 0; (d = pk_dialects[i]) != NULL; i++) {
		extra = d == &pk_openbsd ? NAMES + TAG - 2 : 0;
		natt = d == &pk_openbsd ? 1 : 3;
		if (d != &pk_linux) {
			sa(&s, "aes-256-gcm", NULL, 0);
			assert_int_equal(put(d, PK_UPDATE, &s), 26 + extra);
			sa(&s, "aes-256", "hmac-sha2-256", 0);
			assert_int_equal(put(d, PK_ADD, &s), 30 + extra);
		}
		sa(&s, "aes-256", "hmac-sha1", 0);
		assert_int_equal(put(d, PK_ADD, &s), 29 + extra);
		s.udp = 1;
		assert_int_equal(put(d, PK_ADD, &s), 29 + extra + natt);
		sa(&s, "aes-256", "hmac-sha1", 1);	/* 5 for each */
		assert_int_equal(put(d, PK_ADD, &s), 33 + extra);
		sa(&s, "aes-256", "hmac-sha2-512", 0);
		assert_int_equal(put(d, PK_ADD, &s), 34 + extra);
		w = wr_of(room, sizeof(room));
		d->getspi(d, &w, &hdr, &s);
		assert_int_equal(words(&w), d == &pk_openbsd ? 10 : 12);
		w = wr_of(room, sizeof(room));
		d->name_sa(d, &w, &hdr, PK_DELETE, &s);
		assert_int_equal(words(&w), 10);
		w = wr_of(room, sizeof(room));
		d->bare(d, &w, &hdr, PK_REGISTER, 0);
		assert_int_equal(words(&w), 2);
	}
	sa(&s, "aes-256-gcm", NULL, 0);
	s.replay = 4096;		/* FreeBSD: SA_REPLAY */
	assert_int_equal(put(&pk_freebsd, PK_ADD, &s), 27);
	assert_int_equal(put(&pk_netbsd, PK_ADD, &s), 26);
}

static void
test_sizes_policy(void **state)
{
	struct pk_pol	 p;

	(void)state;
	pol(&p, 1, 0);
	assert_int_equal(say_pol(&pk_openbsd, PK_POLPUT, &p), 22 + NAMES);
	assert_int_equal(say_pol(&pk_freebsd, PK_POLPUT, &p), 15 + MARK);
	assert_int_equal(say_pol(&pk_netbsd, PK_POLPUT, &p), 15 + MARK);
	assert_int_equal(say_pol(&pk_linux, PK_POLPUT, &p), 16 + MARK);
	assert_int_equal(say_pol(&pk_openbsd, PK_POLDEL, &p), 16);
	assert_int_equal(say_pol(&pk_freebsd, PK_POLDEL, &p), 10);
	assert_int_equal(say_pol(&pk_linux, PK_POLDEL, &p), 10);
	memset(&p.gsrc, 0, sizeof(p.gsrc));	/* whichever of ours */
	assert_int_equal(say_pol(&pk_openbsd, PK_POLPUT, &p), 19 + NAMES);
	assert_int_equal(say_pol(&pk_linux, PK_POLPUT, &p), 16 + MARK);
	pol(&p, 1, 1);			/* policy: 10 and 11 */
	assert_int_equal(say_pol(&pk_freebsd, PK_POLPUT, &p), 18 + MARK);
	assert_int_equal(say_pol(&pk_linux, PK_POLPUT, &p), 19 + MARK);
	pol(&p, 0, 0);
	assert_int_equal(say_pol(&pk_openbsd, PK_POLPUT, &p), 16 + NAMES);
	assert_int_equal(say_pol(&pk_freebsd, PK_POLPUT, &p), 10 + MARK);
	assert_int_equal(say_pol(&pk_linux, PK_POLPUT, &p), 10 + MARK);
}

/* What was written is read again. */
static void
test_back(void **state)
{
	const struct pk_dialect	*d;
	struct pk_msg		 m;
	struct pk_pol		 p;
	struct pk_sa		 s;
	size_t			 i;
	int			 v6;

	(void)state;
	for (i = 0; (d = pk_dialects[i]) != NULL; i++)
		for (v6 = 0; v6 < 2; v6++) {
			sa(&s, "aes-256", "hmac-sha1", v6);
			assert_int_equal(d->get(d, rd_of(room, 8 * put(d,
			    PK_UPDATE, &s)), &m), 0);
			assert_int_equal(m.type, PK_UPDATE);
			assert_int_equal(m.spi, s.spi);
			assert_int_equal(addr_cmp(&m.src, &s.src, 0), 0);
			assert_int_equal(addr_cmp(&m.dst, &s.dst, 0), 0);
			assert_int_equal(m.reqid, s.reqid);
			assert_true(m.have & PKH_MARK && m.have & PKH_CHILD);
			assert_int_equal(m.life, hdr.life);
			assert_int_equal(m.tunnel, 7);
			assert_int_equal(m.child, 44);
			assert_int_equal(m.out, 0);
			pol(&p, 1, v6);
			assert_int_equal(d->get(d, rd_of(room, 8 * say_pol(d,
			    PK_POLPUT, &p)), &m), 0);
			assert_true(m.have & PKH_MARK && m.have & PKH_POLICY);
			assert_int_equal(m.tunnel, 7);
			assert_true(pk_pol_same(&m.pol, &p));
			assert_int_equal(m.pol.action, PK_PROTECT);
			assert_int_equal(m.pol.reqid, p.reqid);
			assert_int_equal(addr_cmp(&m.pol.gdst, &p.gdst, 0),
			    0);
		}
}

/* The header's length made right for n octets, to reach what is behind it. */
static void
relength(uint8_t *d, size_t n)
{
	uint16_t	 w = (uint16_t)(n / 8);

	memcpy(d + 4, &w, 2);
}

static void
mangle(const struct pk_dialect *d, const uint8_t *msg, size_t n)
{
	struct pk_msg	 m;
	uint8_t		*c;
	size_t		 i;

	for (i = 0; i < n; i++) {	/* a heap copy of exact size */
		assert_non_null(c = malloc(i + 1));
		memcpy(c, msg, i);
		assert_int_equal(d->get(d, rd_of(c, i), &m), -1);
		if (i >= 16 && i % 8 == 0) {
			relength(c, i);
			(void)d->get(d, rd_of(c, i), &m);
		}
		free(c);
	}
	assert_non_null(c = malloc(n));
	for (i = 0; i < 8 * n; i++) {
		memcpy(c, msg, n);
		c[i / 8] ^= (uint8_t)(1 << i % 8);
		(void)d->get(d, rd_of(c, n), &m);
	}
	free(c);
}

static void
test_cut(void **state)
{
	const struct pk_dialect	*d;
	uint8_t			 copy[PK_MSG_MAX];
	struct pk_pol		 p;
	struct pk_sa		 s;
	size_t			 i, n;

	(void)state;
	for (i = 0; (d = pk_dialects[i]) != NULL; i++) {
		sa(&s, "aes-256", "hmac-sha1", 0);
		s.udp = 1;
		n = 8 * put(d, PK_ADD, &s);
		memcpy(copy, room, n);
		mangle(d, copy, n);
		pol(&p, 1, 1);
		n = 8 * say_pol(d, PK_POLPUT, &p);
		memcpy(copy, room, n);
		mangle(d, copy, n);
	}
}

/* Too small a room, and a key of a wrong length: no message. */
static void
test_no_room(void **state)
{
	const struct pk_dialect	*d;
	struct pk_sa		 s;
	struct wr		 w;
	size_t			 i, n;

	(void)state;
	for (i = 0; (d = pk_dialects[i]) != NULL; i++) {
		sa(&s, "aes-256", "hmac-sha1", 0);
		for (n = 0; n < 200; n += 7) {
			w = wr_of(room, n);
			d->put(d, &w, &hdr, PK_ADD, &s);
			assert_int_equal(wr_end(&w), -1);
		}
		s.ek = &k36;
		w = wr_of(room, sizeof(room));
		d->put(d, &w, &hdr, PK_ADD, &s);
		assert_int_equal(wr_end(&w), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_sizes_sa),
		cmocka_unit_test(test_sizes_policy),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_no_room),
	};

	kit_key(&k36, 36, 1);
	kit_key(&k32, 32, 2);
	kit_key(&k20, 20, 3);
	kit_key(&k64, 64, 4);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
