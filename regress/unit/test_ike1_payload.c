/* SPDX-License-Identifier: ISC */

/*
 * test_ike1_payload.c: the IKEv1 parsers of daemon/ike/payload one by one:
 * fields, every truncation in a heap copy of exact size, every flipped bit,
 * an octet too many; what is offered, chosen and accepted; and the table of
 * the machine.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "v1/v1.h"

typedef int	parse_fn(struct rd);

static int
p_sa1(struct rd b)
{
	struct pld1_sa	 sa;
	const char	*why;

	return (pld1_sa(b, 1, &sa, &why));
}

static int
p_sa2(struct rd b)
{
	struct pld1_sa	 sa;
	const char	*why;

	return (pld1_sa(b, 2, &sa, &why));
}

static int
p_id(struct rd b)
{
	struct ident	 id;
	const char	*why;

	return (pld1_id(b, &id, &why));
}

static int
p_sel(struct rd b)
{
	struct sel	 s;
	const char	*why;

	return (pld1_sel(b, &s, &why));
}

static int
p_notify(struct rd b)
{
	struct pld1_notify	 n;
	const char		*why;

	return (pld1_notify(b, &n, &why));
}

static int
p_delete(struct rd b)
{
	struct pld1_delete	 d;
	const char		*why;

	return (pld1_delete(b, &d, &why));
}

static int
p_frag(struct rd b)
{
	struct pld1_frag	 f;
	const char		*why;

	return (pld1_frag(b, &f, &why));
}

static int
p_chain(struct rd b)
{
	struct plds1	 ps;
	const char	*why;

	return (pld1_walk(b, 1, 0, &ps, &why));
}

static int
p_life(struct rd b)
{
	uint32_t	 s, k;

	return (pld1_life(b, &s, &k));
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

enum { CUT_ALL = 1, LONG_BAD = 2 };

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
	assert_int_equal(copied(fn, bad, n + 1), what & LONG_BAD ? -1 : 0);
	for (i = 0; i < n * 8; i++) {
		bad[i / 8] ^= (uint8_t)(1 << i % 8);
		(void)copied(fn, bad, n);
		bad[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	free(bad);
}

static struct rd
body(const struct pld1_out *o)
{
	assert_false(o->w.bad);
	return (rd_of(o->w.p + HDR_LEN + GEN_LEN,
	    o->w.n - HDR_LEN - GEN_LEN));
}

static void
begin(struct pld1_out *o, uint8_t *buf, size_t n)
{
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	pld1_start(o, buf, n, &h);
}

/* ---- chain ---- */

/* SA, NAT-D by the RFC, NAT-D by the drafts, unknown 15, KE, KE again */
static const uint8_t chain[] = {
	20, 0, 0, 5, 1,		130, 0, 0, 5, 2,	15, 0, 0, 5, 3,
	4, 0, 0, 8, 1, 2, 3, 4,	4, 0x80, 0, 5, 9,	0, 0, 0, 4 };

static void
test_chain(void **state)
{
	struct plds1	 ps;
	const char	*why;
	uint8_t		 b[70 * 4], len;
	size_t		 i;

	(void)state;
	assert_int_equal(pld1_walk(rd_of(chain, sizeof(chain)), 1, 0, &ps,
	    &why), 0);
	assert_int_equal(ps.n, 6);
	assert_int_equal(ps.have, PLD1BIT(PLD1_SA) | PLD1BIT(PLD1_NATD) |
	    PLD1BIT(PLD1_OTHER) | PLD1BIT(PLD1_KE));
	assert_int_equal(ps.twice, PLD1_KE);	/* N019 */
	assert_int_equal(pld1_nth(&ps, PLD1_NATD, 1)->b.p[0], 3);
	assert_null(pld1_nth(&ps, PLD1_NATD, 2));
	assert_int_equal(ps.rest.n, sizeof(chain) - 5);
	abuse(p_chain, chain, sizeof(chain), CUT_ALL | LONG_BAD);
	for (len = 0; len < 4; len++) {			/* N016, CVE-2004-0392 */
		memcpy(b, chain, sizeof(chain));
		b[3] = len;
		assert_int_equal(copied(p_chain, b, sizeof(chain)), -1);
	}
	for (i = 0; i < 70; i++)
		memcpy(b + 4 * i, "\15\0\0\4", 4);
	b[4 * 63] = 0;
	assert_int_equal(pld1_walk(rd_of(b, 4 * 64), 13, 0, &ps, &why), 0);
	b[4 * 63] = 13;
	b[4 * 64] = 0;
	assert_int_equal(pld1_walk(rd_of(b, 4 * 65), 13, 0, &ps, &why), -1);
	/* padding: only where it was encrypted */
	memcpy(b, "\0\0\0\4\0\0\0\0\0\0", 10);
	assert_int_equal(pld1_walk(rd_of(b, 10), 13, 1, &ps, &why), 0);
	assert_int_equal(ps.rest.n, 0);
	assert_int_equal(pld1_walk(rd_of(b, 10), 13, 0, &ps, &why), -1);
}

/* Row 29: types of IKEv2 mean nothing here. */
static void
test_types_v2(void **state)
{
	struct plds1	 ps;
	const char	*why;
	uint8_t		 type, b[5] = { 0, 0x80, 0, 5, 1 };

	(void)state;
	for (type = 33; type <= 54; type++) {
		assert_int_equal(pld1_walk(rd_of(b, 5), type, 0, &ps, &why), 0);
		assert_int_equal(ps.have, PLD1BIT(PLD1_OTHER));
	}
}

/* ---- proposals ---- */

static uint16_t
num(uint8_t type, const char *name)
{
	return (alg_name(type, name)->num);
}

static void
props(struct prop *ike, struct prop *child)
{
	memset(ike, 0, sizeof(*ike));
	memset(child, 0, sizeof(*child));
	ike->nencr = ike->nprf = ike->ndh = 2;
	ike->encr[0] = num(ALG_ENCR, "aes-256");
	ike->encr[1] = num(ALG_ENCR, "aes-128");
	ike->prf[0] = num(ALG_PRF, "hmac-sha2-256");
	ike->prf[1] = num(ALG_PRF, "hmac-sha1");
	ike->dh[0] = num(ALG_DH, "modp2048");
	ike->dh[1] = num(ALG_DH, "modp1536");
	*child = *ike;
	child->nprf = 0;
	child->ninteg = 2;
	child->integ[0] = num(ALG_INTEG, "hmac-sha2-256");
	child->integ[1] = num(ALG_INTEG, "hmac-sha1");
	child->encr[child->nencr++] = num(ALG_ENCR, "aes-256-gcm");
}

static void
test_phase1(void **state)
{
	struct pld1_choice	 c;
	struct pld1_sa		 sa;
	struct prop		 ike, child, one;
	struct pld1_out		 o;
	const char		*why;
	uint8_t			 b[2000], two[500];
	struct rd		 r;

	(void)state;
	props(&ike, &child);
	begin(&o, b, sizeof(b));
	assert_int_equal(pld1_offer1(&o, &ike, 1, 28800), 8);
	r = body(&o);
	abuse(p_sa1, r.p, r.n, CUT_ALL | LONG_BAD);
	assert_int_equal(pld1_sa(r, 1, &sa, &why), 0);
	assert_int_equal(sa.np, 1);
	assert_int_equal(sa.nt, 8);
	assert_int_equal(sa.t[0].secs, 28800);
	assert_int_equal(sa.t[0].auth, AUTH1_PSK);
	assert_int_equal(pld1_choose1(&sa, &ike, 1, &c), 0);
	assert_string_equal(c.a.encr->name, "aes-256");
	assert_string_equal(c.a.dh->name, "modp2048");
	/* what we like less, if the peer has nothing else */
	one = ike;
	one.encr[0] = one.encr[1];
	one.prf[0] = one.prf[1];
	one.nencr = one.nprf = 1;
	assert_int_equal(pld1_choose1(&sa, &one, 1, &c), 0);
	assert_string_equal(c.a.encr->name, "aes-128");
	assert_string_equal(c.a.prf->name, "hmac-sha1");
	/* the answer is the transform as it came; only exactly one is taken */
	begin(&o, two, sizeof(two));
	pld1_answer(&o, PROTO1_ISAKMP, 0, &c);
	assert_int_equal(pld1_sa(body(&o), 1, &sa, &why), 0);
	assert_int_equal(pld1_accept1(&sa, &ike, 1, &c), 0);
	assert_int_equal(c.a.encr->bits, 128);
	one.encr[0] = num(ALG_ENCR, "aes-256");
	assert_int_equal(pld1_accept1(&sa, &one, 1, &c), -1);
	assert_int_equal(pld1_sa(r, 1, &sa, &why), 0);
	assert_int_equal(pld1_accept1(&sa, &ike, 1, &c), -1);
}

/* N029, N030, N066 and what no transform may have. */
static void
test_phase1_bad(void **state)
{
	static const uint8_t	 good[] = { 0, 0, 0, 1, 0, 0, 0, 1,
	    0, 0, 0, 44, 1, 1, 0, 1,	0, 0, 0, 36, 1, 1, 0, 0,
	    0x80, 1, 0, 7, 0x80, 14, 1, 0, 0x80, 2, 0, 4, 0x80, 4, 0, 14,
	    0x80, 3, 0, 1, 0x80, 11, 0, 1, 0x80, 12, 0x70, 0x80 };
	static const struct { size_t at; uint8_t v; } bad[] = {
	    { 13, 3 },			/* protocol ESP in phase 1 */
	    { 21, 2 },			/* transform ID */
	    { 27, 1 },			/* DES */
	    { 30, 0 },			/* key length 0x0000 */
	    { 35, 1 },			/* MD5 is not ours */
	    { 39, 1 },			/* MODP 768 */
	    { 43, 3 }, { 43, 4 }, { 43, 5 },	/* signatures, RSA encryption */
	    { 41, 13 },			/* a PRF */
	    { 45, 15 } };		/* field size */
	struct pld1_choice	 c;
	struct pld1_sa		 sa;
	struct prop		 ike, child;
	const char		*why;
	uint8_t			 b[sizeof(good)];
	size_t			 i;

	(void)state;
	props(&ike, &child);
	assert_int_equal(pld1_sa(rd_of(good, sizeof(good)), 1, &sa, &why), 0);
	assert_int_equal(pld1_choose1(&sa, &ike, 1, &c), 0);
	for (i = 0; i < nitems(bad); i++) {
		memcpy(b, good, sizeof(good));
		b[bad[i].at] = bad[i].v;
		assert_int_equal(pld1_sa(rd_of(b, sizeof(b)), 1, &sa, &why),
		    0);
		assert_int_equal(pld1_choose1(&sa, &ike, 1, &c), -1);
	}
	memcpy(b, good, sizeof(good));
	b[3] = 2;			/* another DOI */
	assert_int_equal(pld1_sa(rd_of(b, sizeof(b)), 1, &sa, &why), -1);
	memcpy(b, good, sizeof(good));
	b[15] = 2;			/* N028: two transforms announced */
	assert_int_equal(pld1_sa(rd_of(b, sizeof(b)), 1, &sa, &why), -1);
}

static void
test_phase2(void **state)
{
	struct pld1_choice	 c;
	struct pld1_qm		 q;
	struct pld1_sa		 sa;
	struct prop		 ike, child, none;
	struct pld1_out		 o;
	const char		*why;
	uint8_t			 b[2000], two[500];
	struct rd		 r;

	(void)state;
	props(&ike, &child);
	memset(&q, 0, sizeof(q));
	q.spi = 0x11223344;
	q.mode = MODE1_UDP;
	q.dh = alg_name(ALG_DH, "modp2048");
	q.secs = 100000;
	q.kbytes = 4000000;
	begin(&o, b, sizeof(b));
	assert_int_equal(pld1_offer2(&o, &child, 1, &q), 5);
	r = body(&o);
	abuse(p_sa2, r.p, r.n, CUT_ALL | LONG_BAD);
	assert_int_equal(pld1_sa(r, 2, &sa, &why), 0);
	assert_int_equal(sa.t[0].secs, 100000);
	assert_int_equal(sa.t[0].kbytes, 4000000);
	assert_int_equal(pld1_choose2(&sa, &child, 1, &q, &c), 0);
	assert_int_equal(c.spi, 0x11223344);
	assert_string_equal(c.a.integ->name, "hmac-sha2-256");
	/* N061: PFS at one end only */
	none = child;
	none.ndh = 0;
	assert_int_equal(pld1_choose2(&sa, &none, 1, &q, &c), -1);
	q.dh = NULL;
	assert_int_equal(pld1_choose2(&sa, &child, 1, &q, &c), -1);
	begin(&o, two, sizeof(two));
	(void)pld1_offer2(&o, &child, 1, &q);
	assert_int_equal(pld1_sa(body(&o), 2, &sa, &why), 0);
	assert_int_equal(pld1_choose2(&sa, &child, 1, &q, &c), -1);
	assert_int_equal(pld1_choose2(&sa, &none, 1, &q, &c), 0);
	/* the other UDP mode is the same, tunnel mode is not */
	q.mode = MODE1_UDP_DRAFT;
	assert_int_equal(pld1_choose2(&sa, &none, 1, &q, &c), 0);
	q.mode = MODE1_TUNNEL;
	assert_int_equal(pld1_choose2(&sa, &none, 1, &q, &c), -1);
	/* the AEAD brings no integrity */
	q.mode = MODE1_UDP;
	none.encr[0] = num(ALG_ENCR, "aes-256-gcm");
	none.nencr = 1;
	assert_int_equal(pld1_choose2(&sa, &none, 1, &q, &c), 0);
	assert_null(c.a.integ);
	begin(&o, two, sizeof(two));
	pld1_answer(&o, PROTO1_ESP, 0x55667788, &c);
	assert_int_equal(pld1_sa(body(&o), 2, &sa, &why), 0);
	assert_int_equal(pld1_accept2(&sa, &none, 1, &q, &c), 0);
	assert_int_equal(c.spi, 0x55667788);
}

/* Two proposals of one number are AH and ESP, or a bundle: not for us. */
static void
test_bundle(void **state)
{
	static const uint8_t	 two[] = { 0, 0, 0, 1, 0, 0, 0, 1,
	    2, 0, 0, 32, 1, 3, 4, 1, 1, 2, 3, 4,	0, 0, 0, 20, 1, 12, 0, 0,
	    0x80, 4, 0, 1, 0x80, 5, 0, 2, 0x80, 6, 0, 128,
	    0, 0, 0, 24, 1, 2, 4, 1, 1, 2, 3, 4,	0, 0, 0, 12, 1, 3, 0, 0,
	    0x80, 5, 0, 2 };
	struct pld1_choice	 c;
	struct pld1_qm		 q;
	struct pld1_sa		 sa;
	struct prop		 ike, child;
	const char		*why;
	uint8_t			 b[sizeof(two)];

	(void)state;
	props(&ike, &child);
	child.ndh = 0;
	memset(&q, 0, sizeof(q));
	q.mode = MODE1_TUNNEL;
	assert_int_equal(pld1_sa(rd_of(two, sizeof(two)), 2, &sa, &why), 0);
	assert_int_equal(pld1_choose2(&sa, &child, 1, &q, &c), -1);
	memcpy(b, two, sizeof(two));
	b[44] = 2;			/* a number of its own */
	assert_int_equal(pld1_sa(rd_of(b, sizeof(b)), 2, &sa, &why), 0);
	assert_int_equal(pld1_choose2(&sa, &child, 1, &q, &c), 0);
	assert_int_equal(c.a.encr->bits, 128);
}

/* AH: the transform and its attribute name the same hash (RFC 2407 4.5). */
static void
test_phase2_ah(void **state)
{
	static const struct { const char *name; uint8_t id; uint16_t attr; }
	    rows[] = {
		{ "hmac-sha1", 3, 2 }, { "hmac-sha2-256", 5, 5 },
		{ "hmac-sha2-384", 6, 6 }, { "hmac-sha2-512", 7, 7 },
	};
	struct pld1_choice	 c;
	struct pld1_out		 o;
	struct pld1_qm		 q;
	struct pld1_sa		 sa;
	struct prop		 ike, esp, ah;
	const char		*why;
	uint8_t			 b[500], two[500];
	size_t			 i;
	struct rd		 r;

	(void)state;
	props(&ike, &esp);
	esp.ndh = 0;
	memset(&q, 0, sizeof(q));
	q.spi = 0x11223344;
	q.mode = MODE1_TUNNEL;
	q.secs = 3600;
	for (i = 0; i < nitems(rows); i++) {
		ah = esp;
		ah.nencr = 0;
		ah.ninteg = 1;
		ah.integ[0] = num(ALG_INTEG, rows[i].name);
		begin(&o, b, sizeof(b));
		assert_int_equal(pld1_offer2(&o, &ah, 1, &q), 1);
		r = body(&o);
		abuse(p_sa2, r.p, r.n, CUT_ALL | LONG_BAD);
		assert_int_equal(pld1_sa(r, 2, &sa, &why), 0);
		assert_int_equal(sa.p[0].proto, PROTO1_AH);
		assert_int_equal(pld1_proto(&sa), PROTO1_AH);
		assert_int_equal(sa.t[0].id, rows[i].id);
		assert_int_equal(sa.t[0].integ, rows[i].attr);
		assert_int_equal(pld1_choose2(&sa, &ah, 1, &q, &c), 0);
		assert_null(c.a.encr);
		assert_string_equal(c.a.integ->name, rows[i].name);
		assert_int_equal(pld1_choose2(&sa, &esp, 1, &q, &c), -1);
		begin(&o, two, sizeof(two));
		assert_int_equal(pld1_choose2(&sa, &ah, 1, &q, &c), 0);
		pld1_answer(&o, PROTO1_AH, 0x55667788, &c);
		assert_int_equal(pld1_sa(body(&o), 2, &sa, &why), 0);
		assert_int_equal(pld1_accept2(&sa, &ah, 1, &q, &c), 0);
		assert_int_equal(c.spi, 0x55667788);
		sa.t[0].id = rows[i].id == 7 ? 6 : 7;	/* says another */
		assert_int_equal(pld1_choose2(&sa, &ah, 1, &q, &c), -1);
		sa.t[0].id = rows[i].id;
		sa.t[0].bits = 128;			/* of a cipher */
		assert_int_equal(pld1_choose2(&sa, &ah, 1, &q, &c), -1);
	}
}

/* ---- the small ones ---- */

static void
test_life(void **state)
{
	static const uint8_t	 l[] = { 0x80, 1, 0, 1, 0, 2, 0, 8,
	    0xff, 0, 0, 0, 0, 0, 0, 1, 0x80, 1, 0, 2, 0x80, 2, 1, 0 };
	uint32_t		 s, k;
	struct wr		 w;
	uint8_t			 b[40];

	(void)state;
	/* N066: eight octets, more than 32 bits: as long as can be */
	assert_int_equal(pld1_life(rd_of(l, sizeof(l)), &s, &k), 0);
	assert_int_equal(s, UINT32_MAX);
	assert_int_equal(k, 256);
	abuse(p_life, l, sizeof(l), LONG_BAD);
	w = wr_of(b, sizeof(b));
	pld1_life_put(&w, 70000, 3);
	assert_int_equal(pld1_life(rd_of(b, w.n), &s, &k), 0);
	assert_int_equal(s, 70000);
	assert_int_equal(k, 3);
	/* a duration without a type, a type that there is not */
	assert_int_equal(pld1_life(rd_of("\200\2\0\11", 4), &s, &k), -1);
	assert_int_equal(pld1_life(rd_of("\200\1\0\3\200\2\0\11", 8), &s, &k),
	    -1);
}

static void
test_id(void **state)
{
	static const uint8_t	 ip[] = { 1, 17, 1, 244, 192, 0, 2, 1 };
	struct ident		 id;
	const char		*why;

	(void)state;
	assert_int_equal(pld1_id(rd_of(ip, sizeof(ip)), &id, &why), 0);
	assert_int_equal(id.type, IDT_IPV4);
	assert_int_equal(id.len, 4);
	abuse(p_id, ip, sizeof(ip), CUT_ALL | LONG_BAD);
	assert_int_equal(pld1_id(rd_of("\1\21\0\33\300\0\2\1", 8), &id, &why),
	    -1);				/* port 27 */
	assert_int_equal(pld1_id(rd_of("\11\0\0\0abc", 7), &id, &why), -1);
	assert_int_equal(pld1_id(rd_of("\2\0\0\0gw.a", 8), &id, &why), 0);
	assert_memory_equal(id.d, "gw.a", 4);
	assert_int_equal(pld1_id(rd_of("\2\0\0\0", 4), &id, &why), -1);
}

static void
one_sel(const char *net, int ok)
{
	struct pld1_out	 o;
	struct net	 n;
	struct sel	 s, back;
	const char	*why;
	uint8_t		 b[200];
	struct rd	 r;

	assert_int_equal(net_parse(net, &n), 0);
	sel_from_net(&n, 0, 0, 65535, &s);
	begin(&o, b, sizeof(b));
	assert_int_equal(pld1_sel_put(&o, &s), ok ? 0 : -1);
	r = body(&o);
	abuse(p_sel, r.p, r.n, CUT_ALL | LONG_BAD);
	assert_int_equal(pld1_sel(r, &back, &why), 0);
	assert_true(sel_eq(&s, &back));
}

static void
test_sel(void **state)
{
	struct pld1_out	 o;
	struct net	 n;
	struct sel	 s, back;
	const char	*why;
	uint8_t		 b[200];

	(void)state;
	one_sel("10.1.3.0/24", 1);
	one_sel("192.0.2.7/32", 1);
	one_sel("0.0.0.0/0", 1);
	one_sel("2001:db8::/33", 1);
	one_sel("2001:db8::7/128", 1);
	/* one port, one protocol */
	assert_int_equal(net_parse("10.1.3.0/24", &n), 0);
	sel_from_net(&n, 6, 443, 443, &s);
	begin(&o, b, sizeof(b));
	assert_int_equal(pld1_sel_put(&o, &s), 0);
	assert_int_equal(pld1_sel(body(&o), &back, &why), 0);
	assert_true(sel_eq(&s, &back));
	sel_from_net(&n, 6, 1, 443, &s);	/* a range of ports */
	begin(&o, b, sizeof(b));
	assert_int_equal(pld1_sel_put(&o, &s), -1);
	/* a range that is no network */
	sel_from_net(&n, 0, 0, 65535, &s);
	s.hi[3] = 99;
	begin(&o, b, sizeof(b));
	assert_int_equal(pld1_sel_put(&o, &s), 0);
	assert_int_equal(pld1_sel(body(&o), &back, &why), 0);
	assert_true(sel_eq(&s, &back));
	/* a mask with a hole; a range that is empty; FQDN */
	assert_int_equal(pld1_sel(rd_of("\4\0\0\0\12\0\0\0\377\0\377\0", 12),
	    &s, &why), -1);
	assert_int_equal(pld1_sel(rd_of("\7\0\0\0\12\0\0\2\12\0\0\1", 12),
	    &s, &why), -1);
	assert_int_equal(pld1_sel(rd_of("\2\0\0\0abcd", 8), &s, &why), -1);
}

static void
test_small(void **state)
{
	static const uint8_t	 frag[] = { 0, 7, 2, 1, 9, 9, 9 };
	struct pld1_notify	 n;
	struct pld1_delete	 d;
	struct pld1_frag	 f;
	struct pld1_out		 o;
	const char		*why;
	uint8_t			 b[200], spi[COOKIES1] = { 1 };
	struct rd		 r;

	(void)state;
	begin(&o, b, sizeof(b));
	pld1_notify_put(&o, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)),
	    N1_R_U_THERE, rd_of("\0\0\0\5", 4));
	r = body(&o);
	assert_int_equal(pld1_notify(r, &n, &why), 0);
	assert_int_equal(n.type, N1_R_U_THERE);
	assert_int_equal(n.spi.n, COOKIES1);
	assert_int_equal(n.data.n, 4);
	abuse(p_notify, r.p, r.n, 0);
	begin(&o, b, sizeof(b));
	pld1_delete_put(&o, PROTO1_ESP, rd_of(spi, 4));
	r = body(&o);
	assert_int_equal(pld1_delete(r, &d, &why), 0);
	assert_int_equal(d.n, 1);
	abuse(p_delete, r.p, r.n, CUT_ALL | LONG_BAD);
	/* CVE-2004-0221: more SPIs than there are; sizes that are none */
	assert_int_equal(pld1_delete(rd_of("\0\0\0\1\3\4\377\377abcdefgh", 16),
	    &d, &why), -1);
	assert_int_equal(pld1_delete(rd_of("\0\0\0\1\3\10\0\1abcdefgh", 16),
	    &d, &why), -1);
	assert_int_equal(pld1_delete(rd_of("\0\0\0\1\1\4\0\1abcd", 12), &d,
	    &why), -1);
	/* N025 */
	assert_int_equal(pld1_nonce(rd_of(b, 7), &why), -1);
	assert_int_equal(pld1_nonce(rd_of(b, 8), &why), 0);
	assert_int_equal(pld1_nonce(rd_of(b, 256), &why), 0);
	assert_int_equal(pld1_nonce(rd_of(b, 257), &why), -1);
	/* row 1, N067: a fragment needs data and a number */
	assert_int_equal(pld1_frag(rd_of(frag, sizeof(frag)), &f, &why), 0);
	assert_int_equal(f.id, 7);
	assert_int_equal(f.num, 2);
	assert_int_equal(f.last, 1);
	assert_int_equal(f.data.n, 3);
	abuse(p_frag, frag, sizeof(frag), 0);
	assert_int_equal(pld1_frag(rd_of(frag, 4), &f, &why), -1);
	assert_int_equal(pld1_frag(rd_of("\0\7\0\1x", 5), &f, &why), -1);
}

/* ---- the tables ---- */

/* No row that can never match, no handler that sees what it needs twice. */
static void
test_edges(void **state)
{
	const struct ike1_edge	*e, *f;

	(void)state;
	for (e = ike1_edges; e < ike1_edges + ike1_nedges; e++) {
		assert_int_equal(e->need & e->may, 0);
		assert_true(e->exch == X1_MAIN || e->exch == X1_QUICK ||
		    e->exch == X1_INFO);
		for (f = ike1_edges; f < e; f++)
			assert_false(f->from == e->from &&
			    f->exch == e->exch && f->sealed == e->sealed &&
			    (f->need & e->need) == f->need &&
			    f->need != (PLD1BIT(PLD1_HASH) |
			    PLD1BIT(PLD1_NOTIFY)));
		/* R18: what is not protected changes no state */
		if (e->exch == X1_INFO && !e->sealed)
			assert_int_equal(e->from, e->to);
		/* messages 5 and 6, and all of phase 2, are encrypted */
		assert_int_equal(e->sealed, e->exch == X1_QUICK ||
		    e->from == ST1_MM4 || (e->from == ST1_MM5 &&
		    e->exch == X1_MAIN) || e->from == ST1_UP);
	}
}

static void
test_answers(void **state)
{
	const struct ike1_answer *a, *b;

	(void)state;
	for (a = ike1_answers; a < ike1_answers + ike1_nanswers; a++) {
		assert_non_null(a->fn);
		assert_non_null(a->done);
		for (b = ike1_answers; b < a; b++)
			assert_false(a->from == b->from && a->type == b->type);
		if (a->to == W_NONE)
			continue;
		for (b = ike1_answers; b < ike1_answers + ike1_nanswers; b++)
			if (b->from == a->to && b->done == a->done)
				break;
		assert_true(b < ike1_answers + ike1_nanswers);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_chain), cmocka_unit_test(test_types_v2),
		cmocka_unit_test(test_phase1),
		cmocka_unit_test(test_phase1_bad),
		cmocka_unit_test(test_phase2), cmocka_unit_test(test_bundle),
		cmocka_unit_test(test_phase2_ah),
		cmocka_unit_test(test_life), cmocka_unit_test(test_id),
		cmocka_unit_test(test_sel), cmocka_unit_test(test_small),
		cmocka_unit_test(test_edges), cmocka_unit_test(test_answers),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
