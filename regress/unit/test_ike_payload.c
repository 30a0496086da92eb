/* SPDX-License-Identifier: ISC */

/*
 * test_ike_payload.c: the parsers of daemon/ike/payload one by one: fields,
 * every truncation in a heap copy of exact size, every flipped bit, an octet
 * too many; and what they must refuse.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "payload/payload.h"

/* A body parser in one shape: 0 or -1. */
typedef int	parse_fn(struct rd);

static int
p_sa(struct rd b)
{
	static struct pld_sa	 sa;
	const char		*why;

	return (pld_sa(b, &sa, &why));
}

static int
p_ke(struct rd b)
{
	struct rd	 ke;
	const char	*why;
	uint16_t	 g;

	return (pld_ke(b, &g, &ke, &why));
}

static int
p_nonce(struct rd b)
{
	const char	*why;

	return (pld_nonce(b, &why));
}

static int
p_id(struct rd b)
{
	struct ident	 id;
	const char	*why;

	return (pld_id(b, &id, &why));
}

static int
p_auth(struct rd b)
{
	struct rd	 a;
	const char	*why;
	uint8_t		 m;

	return (pld_auth(b, &m, &a, &why));
}

static int
p_notify(struct rd b)
{
	struct pld_notify	 n;
	const char		*why;

	return (pld_notify(b, &n, &why));
}

static int
p_delete(struct rd b)
{
	struct pld_delete	 d;
	const char		*why;

	return (pld_delete(b, &d, &why));
}

static int
p_ts(struct rd b)
{
	struct sel	 s[PLD_TS_MAX];
	const char	*why;
	size_t		 n;

	return (pld_ts(b, s, PLD_TS_MAX, &n, &why));
}

static int
p_hdr(struct rd b)
{
	struct ike_hdr	 h;
	const char	*why;

	return (pld_hdr(&b, &h, &why));
}

static int
p_chain(struct rd b)
{
	struct plds	 ps;
	const char	*why;

	return (pld_walk(b, PLD_SA, &ps, &why));
}

/* Exact-size copies: the address sanitizer sees one octet too far. */
static int
copied(parse_fn *fn, const uint8_t *p, size_t n)
{
	uint8_t	*c = malloc(n > 0 ? n : 1);
	int	 r;

	assert_non_null(c);
	if (n > 0)
		memcpy(c, p, n);
	r = fn(rd_of(c, n));
	free(c);
	return (r);
}

enum { CUT_ALL = 1,	/* every truncation is refused */
    LONG_BAD = 2 };	/* an octet more is refused */

static void
abuse(parse_fn *fn, const uint8_t *p, size_t n, int what)
{
	uint8_t	*bad = malloc(n + 1);
	size_t	 i;

	assert_non_null(bad);
	assert_int_equal(copied(fn, p, n), 0);
	for (i = 0; i < n; i++)
		if (copied(fn, p, i) == 0)
			assert_false(what & CUT_ALL);
	memcpy(bad, p, n);
	bad[n] = 0;
	assert_int_equal(copied(fn, bad, n + 1),
	    what & LONG_BAD ? -1 : 0);
	for (i = 0; i < n * 8; i++) {
		bad[i / 8] ^= (uint8_t)(1 << i % 8);
		(void)copied(fn, bad, n);
		bad[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	free(bad);
}

/* ---- header and chain ---- */

static const uint8_t hdr[] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	33, 0x20, 34, 0x08, 0, 0, 0, 9, 0, 0, 0, 32, 0xaa, 0xbb, 0xcc, 0xdd };

static void
test_hdr(void **state)
{
	struct ike_hdr	 h;
	struct rd	 b = rd_of(hdr, sizeof(hdr));
	const char	*why;
	uint8_t		 bad[sizeof(hdr)];
	size_t		 i;
	static const uint32_t	 len[] = { 0, 1, 27, 28, 31, 33, 65535,
	    0x80000000, 0xffffffff };

	(void)state;
	assert_int_equal(pld_hdr(&b, &h, &why), 0);
	assert_int_equal(h.spi_i, 0x0102030405060708);
	assert_int_equal(h.spi_r, 0x090a0b0c0d0e0f10);
	assert_int_equal(h.np, 33);
	assert_int_equal(h.major, 2);
	assert_int_equal(h.minor, 0);
	assert_int_equal(h.exch, X_INIT);
	assert_int_equal(h.flags, HDR_I);
	assert_int_equal(h.mid, 9);
	assert_int_equal(b.n, 4);
	abuse(p_hdr, hdr, sizeof(hdr), CUT_ALL | LONG_BAD);
	for (i = 0; i < nitems(len); i++) {		/* N004 */
		memcpy(bad, hdr, sizeof(bad));
		bad[24] = (uint8_t)(len[i] >> 24);
		bad[25] = (uint8_t)(len[i] >> 16);
		bad[26] = (uint8_t)(len[i] >> 8);
		bad[27] = (uint8_t)len[i];
		assert_int_equal(copied(p_hdr, bad, sizeof(bad)), -1);
	}
}

/* SA(4), unknown 200 critical, KE(2), KE again, end */
static const uint8_t chain[] = {
	200, 0, 0, 8, 1, 2, 3, 4,	34, 0x80, 0, 5, 9,
	34, 0, 0, 6, 5, 6,		0, 0, 0, 4 };

static void
test_chain(void **state)
{
	struct plds	 ps;
	const char	*why;
	uint8_t		 b[70 * 4];
	size_t		 i;

	(void)state;
	assert_int_equal(pld_walk(rd_of(chain, sizeof(chain)), PLD_SA, &ps,
	    &why), 0);
	assert_int_equal(ps.n, 4);
	assert_int_equal(ps.critical, 200);
	assert_int_equal(ps.twice, PLD_KE);
	assert_int_equal(ps.have, PLDBIT(PLD_SA) | PLDBIT(PLD_KE));
	assert_int_equal(pld_find(&ps, PLD_KE)->b.n, 2);
	assert_null(pld_find(&ps, PLD_NONCE));
	abuse(p_chain, chain, sizeof(chain), CUT_ALL | LONG_BAD);
	/* N016: length 0 to 3 */
	for (i = 0; i < 4; i++) {
		memcpy(b, chain, sizeof(chain));
		b[3] = (uint8_t)i;
		assert_int_equal(copied(p_chain, b, sizeof(chain)), -1);
	}
	/* at most PLD_MAX payloads; a chain may not name itself for ever */
	for (i = 0; i < 70; i++)
		memcpy(b + 4 * i, "\x2b\0\0\4", 4);
	b[4 * 63] = 0;
	assert_int_equal(copied(p_chain, b, 4 * 64), 0);
	b[4 * 63] = 43;
	b[4 * 64] = 0;
	assert_int_equal(copied(p_chain, b, 4 * 65), -1);
	/* N021: nothing behind SK, whatever its next payload says */
	memcpy(b, "\x21\0\0\6\1\2", 6);
	assert_int_equal(pld_walk(rd_of(b, 6), PLD_SK, &ps, &why), 0);
	assert_int_equal(ps.inner, PLD_SA);
	assert_int_equal(pld_walk(rd_of(b, 7), PLD_SK, &ps, &why), -1);
	/* an empty chain */
	assert_int_equal(pld_walk(rd_of(b, 0), 0, &ps, &why), 0);
	assert_int_equal(pld_walk(rd_of(b, 1), 0, &ps, &why), -1);
}

/* ---- SA ---- */

static uint16_t
num(uint8_t type, const char *name)
{
	return (alg_name(type, name)->num);
}

static void
props(struct prop *p)
{
	memset(p, 0, 2 * sizeof(*p));
	p[0].nencr = 2;
	p[0].encr[0] = num(ALG_ENCR, "aes-256-gcm");
	p[0].encr[1] = num(ALG_ENCR, "chacha20-poly1305");
	p[1].nencr = p[1].ninteg = 1;
	p[1].encr[0] = num(ALG_ENCR, "aes-128");
	p[1].integ[0] = num(ALG_INTEG, "hmac-sha2-256");
	p[0].nprf = p[1].nprf = 1;
	p[0].prf[0] = p[1].prf[0] = num(ALG_PRF, "hmac-sha2-256");
	p[0].ndh = p[1].ndh = 2;
	p[0].dh[0] = p[1].dh[0] = num(ALG_DH, "curve25519");
	p[0].dh[1] = p[1].dh[1] = num(ALG_DH, "ecp256");
	p[0].nesn = p[1].nesn = 2;
	p[0].esn[0] = p[1].esn[0] = 1;
}

/* The body of the one payload in o. */
static struct rd
body(const struct pld_out *o)
{
	assert_false(o->w.bad);
	return (rd_of(o->w.p + HDR_LEN + GEN_LEN,
	    o->w.n - HDR_LEN - GEN_LEN));
}

static void
begin(struct pld_out *o, uint8_t *buf, size_t n)
{
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	pld_start(o, buf, n, &h);
}

static void
test_sa(void **state)
{
	static struct pld_sa	 sa;
	struct pld_choice	 c;
	struct prop		 p[2];
	struct pld_out		 o;
	const char		*why;
	uint8_t			 b[1024], two[1024];
	struct rd		 r;

	(void)state;
	props(p);
	begin(&o, b, sizeof(b));
	pld_sa_offer(&o, SA_CHILD_DH, p, 2, 0x11223344, 4, 1);
	r = body(&o);
	abuse(p_sa, r.p, r.n, CUT_ALL | LONG_BAD);
	assert_int_equal(pld_sa(r, &sa, &why), 0);
	assert_int_equal(sa.n, 2);
	assert_int_equal(sa.p[0].num, 1);
	assert_int_equal(sa.p[0].proto, PROTO_ESP);
	assert_int_equal(sa.p[0].nt, 6);
	assert_int_equal(sa.p[0].t[0].bits, 256);
	assert_int_equal(sa.p[1].num, 2);
	assert_int_equal(sa.p[1].nt, 6);
	/* choose; the KE payload's group wins over preference */
	assert_int_equal(pld_choose(&sa, SA_CHILD_DH, p, 2, 19, 1, &c), 0);
	assert_string_equal(c.a.encr->name, "aes-256-gcm");
	assert_string_equal(c.a.dh->name, "ecp256");
	assert_null(c.a.integ);
	assert_int_equal(c.a.esn, 1);
	assert_int_equal(c.spi, 0x11223344);
	assert_int_equal(pld_choose(&sa, SA_CHILD_DH, p + 1, 1, 0, 0, &c), 0);
	assert_string_equal(c.a.integ->name, "hmac-sha2-256");
	assert_string_equal(c.a.dh->name, "curve25519");
	assert_int_equal(c.a.esn, 0);
	assert_int_equal(c.num, 2);
	/* its answer is accepted, and only exactly */
	begin(&o, two, sizeof(two));
	pld_sa_answer(&o, SA_CHILD_DH, 2, &c.a, 0x55667788, 4);
	r = body(&o);
	assert_int_equal(pld_sa(r, &sa, &why), 0);
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), 0);
	assert_int_equal(c.spi, 0x55667788);
	sa.p[0].t[0].bits = 256;			/* other key length */
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), -1);
	sa.p[0].t[0].bits = 128;
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), 0);
	sa.p[0].num = 1;				/* other proposal */
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), -1);
	sa.p[0].num = 3;
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), -1);
	sa.p[0].num = 2;
	sa.p[0].t[sa.p[0].nt++] = sa.p[0].t[0];		/* two of a type */
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), -1);
	sa.p[0].nt--;
	sa.p[0].t[0].odd = 1;				/* odd attribute */
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p, 2, 1, &c), -1);
}

/* AH (RFC 7296 section 3.3.3): integrity and ESN, never a cipher. */
static void
test_sa_ah(void **state)
{
	static struct pld_sa	 sa;
	struct pld_choice	 c;
	struct prop		 p[2];
	struct pld_out		 o;
	const char		*why;
	uint8_t			 b[512];
	struct rd		 r;

	(void)state;
	props(p);
	p[1].nencr = 0;
	begin(&o, b, sizeof(b));
	pld_sa_offer(&o, SA_CHILD_DH, p + 1, 1, 0x11223344, 4, 1);
	r = body(&o);
	abuse(p_sa, r.p, r.n, CUT_ALL | LONG_BAD);
	assert_int_equal(pld_sa(r, &sa, &why), 0);
	assert_int_equal(sa.p[0].proto, PROTO_AH);
	assert_int_equal(pld_proto(&sa), PROTO_AH);
	assert_int_equal(pld_choose(&sa, SA_CHILD_DH, p + 1, 1, 19, 1, &c),
	    0);
	assert_null(c.a.encr);
	assert_string_equal(c.a.integ->name, "hmac-sha2-256");
	assert_int_equal(c.spi, 0x11223344);
	/* ESP is another protocol, in either direction */
	assert_int_equal(pld_choose(&sa, SA_CHILD_DH, p, 1, 19, 1, &c), -1);
	sa.p[0].proto = PROTO_ESP;
	assert_int_equal(pld_choose(&sa, SA_CHILD_DH, p + 1, 1, 19, 1, &c),
	    -1);
	/* the answer, and what it must not have */
	assert_int_equal(pld_sa(r, &sa, &why), 0);
	assert_int_equal(pld_choose(&sa, SA_CHILD_DH, p + 1, 1, 19, 1, &c),
	    0);
	begin(&o, b, sizeof(b));
	pld_sa_answer(&o, SA_CHILD_DH, 1, &c.a, 0x55667788, 4);
	assert_int_equal(pld_sa(body(&o), &sa, &why), 0);
	assert_int_equal(sa.p[0].nt, 3);
	assert_int_equal(pld_accept(&sa, SA_CHILD_DH, p + 1, 1, 1, &c), 0);
	assert_string_equal(c.a.dh->name, "ecp256");
	memset(&c.a, 0, sizeof(c.a));
	c.a.integ = alg_name(ALG_INTEG, "hmac-sha2-256");
	c.a.esn = 1;
	begin(&o, b, sizeof(b));
	pld_sa_answer(&o, SA_CHILD, 1, &c.a, 0x55667788, 4);
	assert_int_equal(pld_sa(body(&o), &sa, &why), 0);
	assert_int_equal(sa.p[0].nt, 2);
	assert_int_equal(pld_accept(&sa, SA_CHILD, p + 1, 1, 1, &c), 0);
	assert_null(c.a.encr);
	assert_int_equal(c.spi, 0x55667788);
	assert_int_equal(pld_accept(&sa, SA_CHILD, p, 1, 1, &c), -1);
	sa.p[0].t[sa.p[0].nt].type = ALG_ENCR;
	sa.p[0].t[sa.p[0].nt++].id = 12;
	assert_int_equal(pld_accept(&sa, SA_CHILD, p + 1, 1, 1, &c), -1);
}

static void
test_sa_bad(void **state)
{
	static struct pld_sa	 sa, good;
	struct pld_choice	 c;
	struct prop		 p[2];
	struct pld_out		 o;
	const char		*why;
	uint8_t			 b[1024], many[34 * 8];
	size_t			 i;

	(void)state;
	props(p);
	begin(&o, b, sizeof(b));
	pld_sa_offer(&o, SA_IKE, p, 2, 0, 0, 1);
	assert_int_equal(pld_sa(body(&o), &good, &why), 0);
	assert_int_equal(pld_choose(&good, SA_IKE, p, 2, 31, 0, &c), 0);
	sa = good;
	sa.p[0].num = 2, sa.p[1].num = 1;		/* N027 */
	assert_int_equal(pld_choose(&sa, SA_IKE, p, 2, 31, 0, &c), -1);
	sa = good;
	for (i = 0; i < 256; i++) {			/* N029 */
		sa.p[0].proto = sa.p[1].proto = (uint8_t)i;
		assert_int_equal(pld_choose(&sa, SA_IKE, p, 2, 31, 0, &c),
		    i == PROTO_IKE ? 0 : -1);
	}
	sa = good;
	for (i = 0; i < 256; i++) {
		sa.p[0].spilen = sa.p[1].spilen = (uint8_t)i;
		if (i != 0 && i != 8)
			assert_int_equal(pld_choose(&sa, SA_IKE, p, 2, 31, 0,
			    &c), -1);
	}
	sa = good;
	sa.p[0].t[0].type = sa.p[1].t[0].type = 241;	/* unknown type */
	assert_int_equal(pld_choose(&sa, SA_IKE, p, 2, 31, 0, &c), -1);
	sa = good;
	sa.p[0].nt--, sa.p[1].nt -= 2;			/* no group (R16) */
	sa.p[0].nt--;
	assert_int_equal(pld_choose(&sa, SA_IKE, p, 2, 31, 0, &c), -1);
	/* an AEAD with integrity, and CBC without */
	sa = good;
	sa.p[0].t[sa.p[0].nt].type = ALG_INTEG;
	sa.p[0].t[sa.p[0].nt++].id = 12;
	assert_int_equal(pld_choose(&sa, SA_IKE, p, 1, 31, 0, &c), -1);
	sa.p[0].t[sa.p[0].nt - 1].id = 0;		/* NONE is allowed */
	assert_int_equal(pld_choose(&sa, SA_IKE, p, 1, 31, 0, &c), 0);
	sa = good;
	for (i = 0; i < sa.p[1].nt; i++)
		if (sa.p[1].t[i].type == ALG_INTEG)
			sa.p[1].t[i].id = 0;
	assert_int_equal(pld_choose(&sa, SA_IKE, p + 1, 1, 31, 0, &c), -1);
	/* 32 proposals, and one more (N027); none */
	for (i = 0; i < 34; i++)
		memcpy(many + 8 * i, "\2\0\0\10\1\1\0\0", 8);
	many[8 * 31] = 0;
	assert_int_equal(copied(p_sa, many, 8 * 32), 0);
	many[8 * 31] = 2;
	many[8 * 32] = 0;
	assert_int_equal(copied(p_sa, many, 8 * 33), -1);
	assert_int_equal(copied(p_sa, many, 0), -1);
	/* N028: more or fewer transforms than said */
	memcpy(many, "\0\0\0\20\1\1\0\2\0\0\0\10\1\0\0\24", 16);
	assert_int_equal(copied(p_sa, many, 16), -1);
	many[7] = 0;
	assert_int_equal(copied(p_sa, many, 16), -1);
	many[7] = 1;
	assert_int_equal(copied(p_sa, many, 16), 0);
	/* SPI size 255 in a short proposal (row 5) */
	many[6] = 255;
	assert_int_equal(copied(p_sa, many, 16), -1);
}

/* ---- the small ones ---- */

static void
test_small(void **state)
{
	struct pld_notify	 n;
	struct pld_delete	 d;
	struct ident		 id;
	struct rd		 x;
	const char		*why;
	uint8_t			 b[400], m;
	uint16_t		 g;
	size_t			 i;

	(void)state;
	/* KE */
	memset(b, 7, sizeof(b));
	memcpy(b, "\0\37\0\0", 4);
	assert_int_equal(pld_ke(rd_of(b, 36), &g, &x, &why), 0);
	assert_int_equal(g, 31);
	assert_int_equal(x.n, 32);
	abuse(p_ke, b, 36, 0);
	for (i = 0; i <= 4; i++)
		assert_int_equal(copied(p_ke, b, i), -1);
	/* Nonce (N025) */
	for (i = 0; i < 300; i++)
		assert_int_equal(copied(p_nonce, b, i),
		    i >= 16 && i <= 256 ? 0 : -1);
	/* ID: 1 to 256 octets of data */
	memcpy(b, "\2\0\0\0gw.example", 14);
	assert_int_equal(pld_id(rd_of(b, 14), &id, &why), 0);
	assert_int_equal(id.type, IDT_FQDN);
	assert_int_equal(id.len, 10);
	assert_memory_equal(id.d, "gw.example", 10);
	abuse(p_id, b, 14, 0);
	for (i = 0; i < 300; i++)
		assert_int_equal(copied(p_id, b, i),
		    i >= 5 && i <= 260 ? 0 : -1);
	/* AUTH */
	memcpy(b, "\2\0\0\0abcd", 8);
	assert_int_equal(pld_auth(rd_of(b, 8), &m, &x, &why), 0);
	assert_int_equal(m, AUTH_PSK);
	assert_int_equal(x.n, 4);
	abuse(p_auth, b, 8, 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(copied(p_auth, b, i), -1);
	/* Notify (N033) */
	memcpy(b, "\3\4\100\11\1\2\3\4xyz", 11);
	assert_int_equal(pld_notify(rd_of(b, 11), &n, &why), 0);
	assert_int_equal(n.type, N_REKEY_SA);
	assert_int_equal(n.spi.n, 4);
	assert_int_equal(n.data.n, 3);
	abuse(p_notify, b, 11, 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(copied(p_notify, b, i), -1);
	b[1] = 255;
	assert_int_equal(copied(p_notify, b, 11), -1);
	/* Delete (row 6) */
	memcpy(b, "\3\4\0\2\1\2\3\4\5\6\7\10", 12);
	assert_int_equal(pld_delete(rd_of(b, 12), &d, &why), 0);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.spis.n, 8);
	abuse(p_delete, b, 12, CUT_ALL | LONG_BAD);
	memcpy(b, "\3\4\377\377", 4);
	assert_int_equal(copied(p_delete, b, 12), -1);
	for (i = 0; i < 256; i++) {
		b[2] = b[3] = 0;
		b[1] = (uint8_t)i;
		assert_int_equal(copied(p_delete, b, 4), i == 4 ? 0 : -1);
	}
}

/* One IPv4 selector, TCP, port 80; one IPv6; an unknown type. */
static const uint8_t ts[] = {
	3, 0, 0, 0,
	7, 6, 0, 16, 0, 80, 0, 80, 192, 0, 2, 0, 192, 0, 2, 255,
	8, 0, 0, 40, 0, 0, 255, 255,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
	9, 0, 0, 5, 1 };

static void
test_ts(void **state)
{
	struct sel	 s[PLD_TS_MAX];
	struct pld_out	 o;
	const char	*why;
	uint8_t		 bad[sizeof(ts)], b[4000];
	size_t		 n, i;

	(void)state;
	assert_int_equal(pld_ts(rd_of(ts, sizeof(ts)), s, PLD_TS_MAX, &n,
	    &why), 0);
	assert_int_equal(n, 2);
	assert_int_equal(s[0].ipproto, 6);
	assert_int_equal(s[0].port_hi, 80);
	assert_memory_equal(s[0].hi, "\xc0\0\2\xff", 4);
	assert_int_equal(s[1].af, 6);
	assert_int_equal(s[1].port_hi, 65535);
	abuse(p_ts, ts, sizeof(ts), CUT_ALL | LONG_BAD);
	memcpy(bad, ts, sizeof(ts));		/* start above end */
	bad[15] = 255, bad[19] = 0;
	assert_int_equal(copied(p_ts, bad, sizeof(bad)), -1);
	memcpy(bad, ts, sizeof(ts));		/* ports likewise */
	bad[9] = 81;
	assert_int_equal(copied(p_ts, bad, sizeof(bad)), -1);
	memcpy(bad, ts, sizeof(ts));		/* OPAQUE: passed over */
	bad[8] = bad[9] = 255;
	bad[10] = bad[11] = 0;
	assert_int_equal(pld_ts(rd_of(bad, sizeof(bad)), s, PLD_TS_MAX, &n,
	    &why), 0);
	assert_int_equal(n, 1);
	for (i = 0; i < 256; i++) {		/* count */
		memcpy(bad, ts, sizeof(ts));
		bad[0] = (uint8_t)i;
		assert_int_equal(copied(p_ts, bad, sizeof(bad)),
		    i == 3 ? 0 : -1);
	}
	for (i = 0; i < 41; i++) {		/* selector length (row 14) */
		memcpy(bad, ts, sizeof(ts));
		bad[7] = (uint8_t)i;
		if (i != 16)
			assert_int_equal(copied(p_ts, bad, sizeof(bad)), -1);
	}
	/* 64 selectors are taken, 65 are not; what we write we read */
	for (i = 0; i < PLD_TS_MAX; i++)
		s[i] = s[0];
	begin(&o, b, sizeof(b));
	pld_ts_put(&o, PLD_TSI, s, PLD_TS_MAX);
	assert_int_equal(pld_ts(body(&o), s, PLD_TS_MAX, &n, &why), 0);
	assert_int_equal(n, PLD_TS_MAX);
	assert_int_equal(pld_ts(body(&o), s, PLD_TS_MAX - 1, &n, &why), -1);
}

/* ---- SK ---- */

static size_t
seal(uint8_t *b, size_t max, const struct algs *a, struct crypt *c)
{
	static const uint8_t	 iv[16] = { 1 };
	struct pld_out		 o;
	struct ike_hdr		 h;

	memset(&h, 0, sizeof(h));
	h.spi_i = 1;
	h.spi_r = 2;
	h.exch = X_INFO;
	pld_start(&o, b, max, &h);
	pld_sk_begin(&o, a, iv);
	pld_notify_put(&o, 0, 0, N_INITIAL_CONTACT, rd_of("abc", 3));
	assert_int_equal(pld_sk_end(&o, a, c), 0);
	return (o.w.n);
}

static int
unseal(const uint8_t *b, size_t n, const struct algs *a, struct crypt *c,
    struct rd *in, uint8_t *room)
{
	struct plds	 ps;
	const struct pld *sk;
	const char	*why;

	memcpy(room, b, n);
	if (n < HDR_LEN || pld_walk(rd_of(room + HDR_LEN, n - HDR_LEN),
	    PLD_SK, &ps, &why) || (sk = pld_find(&ps, PLD_SK)) == NULL)
		return (-1);
	return (pld_sk_open(room, n, sk, a, c, in));
}

static void
test_sk(void **state)
{
	static const char *const	 names[][2] = {
	    { "aes-256-gcm", NULL }, { "chacha20-poly1305", NULL },
	    { "aes-128", "hmac-sha2-256" }, { "aes-256", "hmac-sha1" } };
	struct algs	 a;
	struct crypt	*s, *o;
	struct rd	 in;
	uint8_t		 key[64], b[512], bad[512], room[512];
	size_t		 n, i, k, len;

	(void)state;
	memset(key, 9, sizeof(key));
	for (k = 0; k < nitems(names); k++) {
		memset(&a, 0, sizeof(a));
		a.encr = alg_name(ALG_ENCR, names[k][0]);
		if (names[k][1] != NULL)
			a.integ = alg_name(ALG_INTEG, names[k][1]);
		s = crypt_new(a.encr, a.integ, key, a.integ ? key : NULL, 1);
		o = crypt_new(a.encr, a.integ, key, a.integ ? key : NULL, 0);
		assert_non_null(s);
		assert_non_null(o);
		n = seal(b, sizeof(b), &a, s);
		assert_int_equal(unseal(b, n, &a, o, &in, room), 0);
		assert_int_equal(in.n, 11);
		assert_memory_equal(in.p + 8, "abc", 3);
		/* N024: every bit matters, header and ICV too */
		for (i = 0; i < n * 8; i++) {
			memcpy(bad, b, n);
			bad[i / 8] ^= (uint8_t)(1 << i % 8);
			assert_int_equal(unseal(bad, n, &a, o, &in, room),
			    -1);
		}
		/* N022: cut anywhere, with the lengths set right */
		for (len = HDR_LEN + GEN_LEN; len < n; len++) {
			memcpy(bad, b, n);
			bad[HDR_LEN + 3] = (uint8_t)(len - HDR_LEN);
			bad[HDR_LEN + 2] = 0;
			bad[27] = (uint8_t)len;
			assert_int_equal(unseal(bad, len, &a, o, &in, room),
			    -1);
		}
		crypt_free(s);
		crypt_free(o);
	}
}

/* N023: a padding length beyond the plaintext, under a right ICV. */
static void
test_sk_pad(void **state)
{
	struct algs	 a;
	struct crypt	*s, *o;
	struct rd	 in;
	uint8_t		 key[64], b[128], room[128], icv[16];
	size_t		 n = 28 + 4 + 8 + 16 + 16;
	int		 pad;

	(void)state;
	memset(key, 9, sizeof(key));
	memset(&a, 0, sizeof(a));
	a.encr = alg_name(ALG_ENCR, "aes-256-gcm");
	for (pad = 0; pad < 256; pad++) {
		s = crypt_new(a.encr, NULL, key, NULL, 1);
		o = crypt_new(a.encr, NULL, key, NULL, 0);
		memset(b, 0, sizeof(b));
		b[27] = (uint8_t)n;
		b[31] = (uint8_t)(n - 28);
		b[28 + 4 + 8 + 15] = (uint8_t)pad;
		assert_int_equal(crypt_seal(s, rd_of(b, 32), b + 32, b + 40,
		    16, rd_of(NULL, 0), icv), 0);
		memcpy(b + 56, icv, 16);
		assert_int_equal(unseal(b, n, &a, o, &in, room),
		    pad <= 15 ? 0 : -2);
		if (pad <= 15)
			assert_int_equal(in.n, 15 - pad);
		crypt_free(s);
		crypt_free(o);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_hdr),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_sa), cmocka_unit_test(test_sa_ah),
		cmocka_unit_test(test_sa_bad),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_ts),
		cmocka_unit_test(test_sk),
		cmocka_unit_test(test_sk_pad),
	};

	if (crypt_warmup() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
