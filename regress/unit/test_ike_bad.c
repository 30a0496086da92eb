/* SPDX-License-Identifier: ISC */

/*
 * test_ike_bad.c: what must not work: strangers on the wire, forged answers,
 * floods, and a peer that is authenticated but hostile.  The numbers are
 * those of the bad-input matrix.  After each attack an SA that was up is
 * still the same, and nothing was installed.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypt.h"
#include "ike_rig.h"
#include "reason.h"
#include "v2/v2.h"

static struct rig	r;
static struct tunnel	t[2];
static const char	psk[] = "a very long secret that nobody knows";
static struct addr	stranger;

static void
prepare(uint32_t seed)
{
	rig_init(&r, seed);
	rig_tunnel_of(&r, 0, &t[0]);
	rig_tunnel_of(&r, 1, &t[1]);
	t[1].flags = 0;
	assert_int_equal(addr_parse("198.51.100.66", &stranger), 0);
	stranger.port = 500;
}

static void
go(void)
{
	rig_load(&r, 0, &t[0], 1, psk);
	rig_load(&r, 1, &t[1], 1, psk);
	rig_go(&r, 1);
	rig_go(&r, 0);
}

static void
up(uint32_t seed)
{
	prepare(seed);
	go();
	assert_true(rig_until_up(&r, 5000));
}

/* As it was after up(): the same pair, and the peer still answers. */
static void
assert_unharmed(void)
{
	assert_true(rig_match(&r));
	assert_int_equal(rig_live(&r.gw[0]), 1);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 2);
	assert_int_equal(r.gw[0].st[1].state, TS_UP);
	assert_int_equal(r.gw[1].st[1].state, TS_UP);
	assert_false(r.bad);
}

static struct sa *
sa_of(int gw)
{
	struct ike	*ike = r.gw[gw].ike;
	uint32_t	 i;

	for (i = 0; i < ike->nslot; i++)
		if (ike->slot[i] != NULL)
			return (ike->slot[i]);
	return (NULL);
}

static void
put_hdr(uint8_t *b, uint64_t si, uint64_t sr, uint8_t np, uint8_t version,
    uint8_t exch, uint8_t flags, uint32_t mid, uint32_t len)
{
	struct wr	 w = wr_of(b, HDR_LEN);

	wr_u64(&w, si);
	wr_u64(&w, sr);
	wr_u8(&w, np);
	wr_u8(&w, version);
	wr_u8(&w, exch);
	wr_u8(&w, flags);
	wr_u32(&w, mid);
	wr_u32(&w, len);
}

/* The last IKE_SA_INIT request that A sent, caught on the wire. */
static uint8_t	caught[4096];
static size_t	ncaught;

static int
catch_init(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)nth;
	if (from == 0 && d[18] == X_INIT) {
		memcpy(caught, d, *n);
		ncaught = *n;
	}
	return (0);
}

/* ---- headers: N001, N004 to N008, N013, N015 ---- */

static void
test_headers(void **state)
{
	uint8_t		 b[6000];
	struct sa	*sa;
	size_t		 n, sent;
	unsigned int	 announced;
	int		 v;

	(void)state;
	up(1);
	sent = r.nseen;
	memset(b, 0xff, sizeof(b));
	for (n = 0; n < HDR_LEN; n++)
		rig_datagram(&r, 1, &stranger, 0, b, n);
	memset(b, 0, sizeof(b));
	for (n = 0; n < HDR_LEN; n++)
		rig_datagram(&r, 1, &stranger, 0, b, n);
	for (n = 0; n < 200; n++)	/* N004, N005 */
		if (n != 100) {
			put_hdr(b, 1, 0, 0, 0x20, X_INIT, HDR_I, 0, (uint32_t)n);
			rig_datagram(&r, 1, &stranger, 0, b, 100);
		}
	rig_run(&r, 10);
	assert_int_equal(rig_count(&r, 1, "bad-header"), 28 + 28 + 199);
	/* N006: one answer a second, no longer than what came, and s2sd-net
	 * learns none of the stranger's SPIs by it */
	announced = r.gw[1].announced;
	assert_true(announced > 0);
	sa = sa_of(1);
	for (v = 3; v < 16; v++) {
		put_hdr(b, 0x4711, 0x4712, 0, (uint8_t)(v << 4), X_INIT,
		    HDR_I, 0, 100);
		rig_datagram(&r, 1, &stranger, 0, b, 100);
	}
	put_hdr(b, sa->spi_i, sa->spi_r, 0, 0, X_INIT, HDR_I, 0, 100);
	rig_datagram(&r, 1, &stranger, 0, b, 100);
	rig_run(&r, 10);
	assert_int_equal(r.nseen, sent + 1);
	assert_true(r.seen[sent].n <= 100);
	assert_int_equal(r.gw[1].announced, announced);
	/* N008 */
	put_hdr(b, 0, 0, 0, 0x20, X_INIT, HDR_I, 0, 100);
	rig_datagram(&r, 1, &stranger, 0, b, 100);
	put_hdr(b, 5, 6, 0, 0x20, X_INIT, HDR_I, 0, 100);
	rig_datagram(&r, 1, &stranger, 0, b, 100);
	/* N013: every exchange, with and without good SPIs */
	for (v = 0; v < 256; v++) {
		put_hdr(b, sa->spi_i, sa->spi_r, PLD_SK, 0x20, (uint8_t)v,
		    HDR_I, sa->mid_in, 100);
		b[HDR_LEN + 3] = 72;
		rig_datagram(&r, 1, &stranger, 0, b, 100);
	}
	rig_run(&r, 10);
	assert_int_equal(r.nseen, sent + 1);
	assert_unharmed();
	rig_clear(&r);
}

/* N007, N010: minor versions, reserved bits: ignored. */
static int
decorate(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)from;
	(void)n;
	(void)nth;
	if (d[18] == X_INIT) {
		d[17] = 0x2f;
		d[19] |= 0xc7;
		d[29] |= 0x7f;
	}
	return (0);
}

static void
test_reserved(void **state)
{
	(void)state;
	/* AUTH covers what each side sent, so the handshake fails in the end,
	 * but IKE_SA_INIT is understood */
	prepare(2);
	r.drop = decorate;
	go();
	rig_run(&r, 100);
	assert_true(rig_sent(&r, 0, X_AUTH, 0) > 0);
	assert_true(rig_sent(&r, 1, X_AUTH, 1) > 0);
	assert_int_equal(rig_count(&r, 1, "bad-header"), 0);
	rig_clear(&r);
}

/* N009: our own packets come back. */
static void
test_reflected(void **state)
{
	struct addr	 b;

	(void)state;
	prepare(3);
	r.drop = catch_init;
	r.silent = 2;
	go();
	rig_run(&r, 100);
	b = r.addr[1];
	b.port = 500;
	rig_datagram(&r, 0, &b, 0, caught, ncaught);
	rig_run(&r, 10);
	assert_int_equal(rig_count(&r, 0, "reflected"), 1);
	assert_int_equal(rig_sent(&r, 0, X_INIT, 1), 0);
	r.silent = 0;
	assert_true(rig_until_up(&r, 5000));
	rig_clear(&r);
}

/* ---- message IDs, repeats: N011, N012, N038 ---- */

static uint8_t	lastreq[2][4096];
static size_t	nlastreq[2];
static uint8_t	lastrsp[2][4096];
static size_t	nlastrsp[2];

static int
tap(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)nth;
	if (*n > sizeof(lastreq[0]))
		return (0);
	if (d[19] & HDR_R) {
		memcpy(lastrsp[from], d, *n);
		nlastrsp[from] = *n;
	} else {
		memcpy(lastreq[from], d, *n);
		nlastreq[from] = *n;
	}
	return (0);
}

static void
test_replay(void **state)
{
	uint8_t		 first[4096];
	struct addr	 a = r.addr[0];
	size_t		 n, sent;
	int		 i;

	(void)state;
	prepare(4);
	r.drop = tap;
	go();
	assert_true(rig_until_up(&r, 5000));
	a = r.addr[0];
	a.port = 500;
	/* the same request: the same answer, octet by octet */
	memcpy(first, lastrsp[1], n = nlastrsp[1]);
	for (i = 0; i < 5; i++) {
		memset(lastrsp[1], 0, sizeof(lastrsp[1]));
		rig_datagram(&r, 1, &a, 0, lastreq[0], nlastreq[0]);
		rig_run(&r, 5);
		assert_int_equal(nlastrsp[1], n);
		assert_memory_equal(lastrsp[1], first, n);
	}
	assert_int_equal(rig_count(&r, 1, "replayed"), 5);
	rig_run(&r, 100);
	/* another one with that number, or another number: nothing */
	sent = r.nseen;
	lastreq[0][60] ^= 1;
	rig_datagram(&r, 1, &a, 0, lastreq[0], nlastreq[0]);
	lastreq[0][60] ^= 1;
	for (i = 0; i < 32; i++) {
		put_hdr(lastreq[0], sa_of(1)->spi_i, sa_of(1)->spi_r, PLD_SK,
		    0x20, X_AUTH, HDR_I, 3u << i, (uint32_t)nlastreq[0]);
		rig_datagram(&r, 1, &a, 0, lastreq[0], nlastreq[0]);
	}
	/* N011: an answer that nobody asked for; the initiator flag wrong */
	rig_datagram(&r, 0, &r.addr[1], 0, lastrsp[1], nlastrsp[1]);
	lastrsp[1][19] ^= HDR_I;
	rig_datagram(&r, 0, &r.addr[1], 0, lastrsp[1], nlastrsp[1]);
	rig_run(&r, 10);
	assert_int_equal(r.nseen, sent);
	assert_unharmed();
	rig_clear(&r);
}

/* N024: each flipped bit of IKE_AUTH: nothing happens, no sign of life. */
static size_t	flip;

static int
flipper(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)nth;
	if (from == 0 && d[18] == X_AUTH && flip / 8 < *n && flip > 0) {
		d[flip / 8] ^= (uint8_t)(1 << flip % 8);
		flip = 0;
	}
	return (0);
}

static void
test_flip(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 8; i < 28 * 8; i += 5) {
		prepare(5);
		flip = i;
		r.drop = flipper;
		go();
		assert_true(rig_until_up(&r, 8000));
		assert_int_equal(r.gw[0].np + r.gw[1].np, 2);
		rig_clear(&r);
	}
	for (i = 28 * 8; i < 1000 * 8; i += 61) {
		prepare(5);
		flip = i;
		r.drop = flipper;
		go();
		rig_run(&r, 200);
		if (flip != 0) {		/* behind its end */
			rig_clear(&r);
			break;
		}
		assert_int_equal(rig_live(&r.gw[1]), 0);
		assert_int_equal(rig_sent(&r, 1, X_AUTH, 1), 0);
		assert_true(rig_until_up(&r, 8000));
		rig_clear(&r);
	}
}

/* ---- forged answers: N042 to N044 ---- */

/* A's first request is answered by somebody else too, and faster. */
static int	forge_from_peer, forge_bad_ke;

static int
forger(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	uint8_t		 a[2000];
	struct addr	 b = g->addr[1];

	(void)nth;
	if (from != 1 || d[18] != X_INIT || *n > sizeof(a))
		return (0);
	memcpy(a, d, *n);
	memset(a + 8, 0x77, 8);		/* another responder's SPI */
	a[*n - 1] ^= 1;
	if (forge_bad_ke)		/* group 31: a point of low order */
		memset(a + 28 + 36 + 12 + 8, 0, 32);
	if (!forge_from_peer)
		b.a[3] ^= 1;
	b.port = 500;
	rig_datagram(g, 0, &b, 0, a, *n);
	return (0);
}

static void
test_forged(void **state)
{
	(void)state;
	/* N042: from another address: not even looked at */
	prepare(6);
	r.drop = forger;
	forge_from_peer = forge_bad_ke = 0;
	go();
	assert_true(rig_until_up(&r, 300));
	assert_int_equal(rig_count(&r, 0, "bad-address"), 1);
	rig_clear(&r);
	/* N043: with the peer's address and first: the attempt goes on with
	 * the peer's own answer */
	prepare(7);
	r.drop = forger;
	forge_from_peer = 1;
	go();
	assert_true(rig_until_up(&r, 8000));
	assert_int_equal(rig_count(&r, 0, "second-answer"), 1);
	assert_int_equal(rig_count(&r, 0, "ike-sa-initiated"), 1);
	assert_true(rig_match(&r));
	rig_clear(&r);
}

static int
errors(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	static const uint16_t	 type[] = { 7, 14, 24, 1, 4, 5, 9, 11, 34, 43,
	    16383, 0 };
	uint8_t			 a[36];
	struct wr		 w;
	struct addr		 b = g->addr[1];
	size_t			 i;

	(void)n;
	(void)nth;
	if (from != 0 || d[18] != X_INIT)
		return (0);
	b.port = 500;
	for (i = 0; i < nitems(type); i++) {
		put_hdr(a, 0, 0, PLD_NOTIFY, 0x20, X_INIT, HDR_R, 0, 36);
		memcpy(a, d, 8);
		w = wr_of(a + 28, 8);
		wr_u32(&w, 8);
		wr_u16(&w, 0);
		wr_u16(&w, type[i]);
		rig_datagram(g, 0, &b, 0, a, sizeof(a));
	}
	return (0);
}

static void
test_unprotected(void **state)
{
	(void)state;
	prepare(8);
	r.drop = errors;
	go();
	assert_true(rig_until_up(&r, 300));
	assert_int_equal(rig_count(&r, 0, "ike-sa-initiated"), 1);
	rig_clear(&r);
}

/* ---- IKE_SA_INIT as responder: N019, N025, N026, N031, N032, N041 ---- */

static void
init_with(uint64_t spi, const uint8_t *extra, size_t nextra, size_t nonce,
    size_t nke, uint8_t first)
{
	const struct prop	*p = &t[0].ike[0];
	struct pld_out		 o;
	struct ike_hdr		 h;
	struct addr		 a = r.addr[0];
	uint8_t			 b[5000], v[1500];
	struct algs		 al;

	memset(&h, 0, sizeof(h));
	memset(&al, 0, sizeof(al));
	memset(v, 5, sizeof(v));
	h.spi_i = spi;
	h.exch = X_INIT;
	h.flags = HDR_I;
	al.encr = alg_num(p->encr[0]);
	al.prf = alg_num(p->prf[0]);
	al.dh = alg_num(p->dh[0]);
	pld_start(&o, b, sizeof(b), &h);
	if (first != 0)
		pld_raw_put(&o, first, rd_of(extra, nextra));
	pld_sa_answer(&o, SA_IKE, 1, &al, 0, 0);
	pld_ke_put(&o, al.dh, rd_of(v, nke));
	pld_raw_put(&o, PLD_NONCE, rd_of(v, nonce));
	assert_int_equal(pld_done(&o), 0);
	a.port = 500;
	rig_datagram(&r, 1, &a, 0, o.w.p, o.w.n);
	rig_run(&r, 5);
}

static void
test_init(void **state)
{
	static const uint8_t	 long_vid[3000];
	size_t			 n, sent;
	uint8_t			 ke[36] = { 0, 31 };

	(void)state;
	prepare(9);
	t[0].flags = 0;
	go();
	for (n = 0; n < 300; n++) {		/* N025 */
		sent = r.nseen;
		init_with(1000 + n, NULL, 0, n, 32, 0);
		assert_int_equal(r.nseen - sent, n >= 16 && n <= 256);
	}
	for (n = 0; n < 70; n++) {		/* KE of the wrong length */
		sent = r.nseen;
		init_with(2000 + n, NULL, 0, 32, n, 0);
		assert_int_equal(r.nseen - sent, n == 32);
	}
	sent = r.nseen;
	init_with(3000, long_vid, sizeof(long_vid), 32, 32, PLD_VID);
	assert_int_equal(r.nseen, sent + 1);	/* N032 */
	init_with(3001, long_vid, 777, 32, 32, PLD_CERTREQ);
	init_with(3002, long_vid, 33, 32, 32, 200);	/* N017 */
	assert_int_equal(r.nseen, sent + 3);
	sent = r.nseen;
	init_with(3003, ke, sizeof(ke), 32, 32, PLD_KE);	/* N019 */
	init_with(3004, ke, sizeof(ke), 32, 32, PLD_NONCE);
	assert_int_equal(r.nseen, sent);
	assert_int_equal(r.gw[0].np + r.gw[1].np, 0);
	/* O6: everything is given back */
	rig_run(&r, HALF_TOTAL_MS + 5000);
	assert_null(sa_of(1));
	rig_clear(&r);
}

/* ---- floods ---- */

static void
flood(size_t n, uint8_t flags)
{
	struct addr	 a = stranger;
	uint8_t		 b[4096];
	size_t		 i;

	for (i = 0; i < n; i++) {
		memcpy(b, caught, ncaught);
		b[0] = (uint8_t)(i >> 8), b[1] = (uint8_t)i, b[2] = 0x99;
		a.a[1] = (uint8_t)(i >> 10);
		a.a[2] = (uint8_t)(i >> 2);
		rig_datagram(&r, 1, &a, flags, b, ncaught);
		rig_run(&r, 0);
	}
}

static void
test_half_open(void **state)
{
	struct ike	*ike;
	size_t		 sent;

	(void)state;
	prepare(10);
	r.drop = catch_init;
	go();
	assert_true(rig_until_up(&r, 5000));
	rig_clear(&r);
	prepare(10);
	t[0].flags = 0;
	t[1].flags = TUN_PEERANY;
	t[1].npeer = 0;
	go();
	ike = r.gw[1].ike;
	/* 4 for a source, 8 of one */
	r.silent = 2;
	flood(4, 0);
	memcpy(&stranger.a[0], "\306\63\144\102", 4);
	sent = r.nseen;
	flood(40, 0);
	assert_int_equal(rig_count(&r, 1, "half-open-full"), 0);
	assert_true(r.nseen > sent);
	flood(2000, 0);
	assert_int_equal(r.gw[1].cookie_on, 1);
	assert_true(ike->half <= HALF_ALL);
	assert_true(rig_count(&r, 1, "half-open-full") > 0);
	/* who brings a cookie comes through all the same */
	sent = r.nseen;
	memset(caught + 4, 0x31, 4);
	flood(1, NETF_COOKIE);
	assert_int_equal(r.nseen, sent + 1);
	/* and when it is over, cookies end */
	rig_run(&r, HALF_TOTAL_MS);
	assert_int_equal(ike->half, 0);
	assert_int_equal(ike->nused, 0);
	assert_int_equal(r.gw[1].cookie_on, 0);
	assert_int_equal(r.gw[1].cookies, 2);
	rig_clear(&r);
}

/* ---- an authenticated peer that misbehaves ---- */

/* A request of A's IKE SA with these payloads, in its order. */
static void
hostile(uint8_t exch, uint8_t first, const void *p, size_t n)
{
	struct ike	*ike = r.gw[0].ike;
	struct sa	*sa = sa_of(0);
	struct pld_out	 o;
	struct addr	 a = r.addr[0];

	a.port = 500;
	ike2_begin(ike, sa, &o, exch);
	o.w.p[o.np] = first;
	wr_put(&o.w, p, n);
	assert_int_equal(pld_sk_end(&o, &sa->a, sa->seal), 0);
	sa->mid_out++;
	rig_datagram(&r, 1, &a, 0, o.w.p, o.w.n);
	rig_run(&r, 30);
}

static void
test_inner(void **state)
{
	static const struct {
		uint8_t		 exch, first;
		const char	*p;
		size_t		 n;
	} bad[] = {
		/* N016: lengths */
		{ X_INFO, PLD_NOTIFY, "\0\0\0\0", 4 },
		{ X_INFO, PLD_NOTIFY, "\0\0\0\3", 4 },
		{ X_INFO, PLD_NOTIFY, "\0\0\0\11\0\0\0\0", 8 },
		{ X_INFO, PLD_NOTIFY, "\51\0\0\4", 4 },
		/* N017: unknown and critical */
		{ X_INFO, 200, "\0\200\0\4", 4 },
		/* N021: SK inside SK */
		{ X_INFO, PLD_SK, "\0\0\0\10abcd", 8 },
		/* row 6: 65,535 SPIs in eight octets */
		{ X_INFO, PLD_DELETE, "\0\0\0\20\3\4\377\377\0\0\0\1\0\0\0\2",
		    16 },
		/* N049: SPIs of nobody */
		{ X_INFO, PLD_DELETE, "\0\0\0\14\3\4\0\1\1\2\3\4", 12 },
		/* N013: exchanges that do not exist or are not agreed */
		{ 0, 0, "", 0 }, { X_AUTH, 0, "", 0 }, { 38, 0, "", 0 },
		{ 43, 0, "", 0 }, { 240, 0, "", 0 },
		/* CREATE_CHILD_SA with nothing in it */
		{ X_CHILD, 0, "", 0 },
		/* N033, N052: notifies of no use here */
		{ X_INFO, PLD_NOTIFY, "\0\0\0\10\0\0\377\377", 8 },
		{ X_INFO, PLD_NOTIFY, "\0\0\0\10\0\0\100\20", 8 },
		{ X_INFO, PLD_NOTIFY, "\0\0\0\10\0\377\100\20", 8 },
		/* N045: INITIAL_CONTACT outside of IKE_AUTH */
		{ X_INFO, PLD_NOTIFY, "\0\0\0\10\0\0\100\0", 8 },
	};
	size_t	 i, sent;

	(void)state;
	up(11);
	for (i = 0; i < nitems(bad); i++) {
		sent = rig_sent(&r, 1, bad[i].exch, 1);
		hostile(bad[i].exch, bad[i].first, bad[i].p, bad[i].n);
		assert_int_equal(rig_sent(&r, 1, bad[i].exch, 1), sent + 1);
		assert_true(rig_match(&r));
		assert_int_equal(r.gw[1].np, 1);
	}
	assert_unharmed();
	rig_clear(&r);
}

/* N048: rekeys that are not. */
static void
child_req(uint32_t rekey, const char *net, int pfs)
{
	struct ike	*ike = r.gw[0].ike;
	struct sa	*sa = sa_of(0);
	struct pld_out	 o;
	struct selpair	 p = t[0].pair[0];
	struct addr	 a = r.addr[0];
	struct net	 n;
	uint8_t		 v[64];

	memset(v, 7, sizeof(v));
	a.port = 500;
	if (net != NULL) {
		assert_int_equal(net_parse(net, &n), 0);
		sel_from_net(&n, 0, 0, 65535, &p.remote);
	}
	ike2_begin(ike, sa, &o, X_CHILD);
	if (rekey != 0)
		pld_notify_put(&o, PROTO_ESP, rekey, N_REKEY_SA,
		    rd_of(NULL, 0));
	pld_sa_offer(&o, pfs ? SA_CHILD_DH : SA_CHILD, t[0].child, 1, 0x4711,
	    4, 1);
	pld_raw_put(&o, PLD_NONCE, rd_of(v, 32));
	if (pfs)
		pld_ke_put(&o, alg_num(t[0].child[0].dh[0]), rd_of(v, 32));
	ike2_ts_put(&o, &p, 1, 1);
	assert_int_equal(pld_sk_end(&o, &sa->a, sa->seal), 0);
	sa->mid_out++;
	rig_datagram(&r, 1, &a, 0, o.w.p, o.w.n);
	rig_run(&r, 30);
}

static void
test_bad_rekey(void **state)
{
	size_t	 i;

	(void)state;
	up(12);
	child_req(0x12345678, NULL, 1);			/* no such child */
	child_req(r.gw[0].p[0].sa.spi_in, "10.1.4.0/25", 1);
	child_req(r.gw[0].p[0].sa.spi_in, "10.9.0.0/16", 1);
	child_req(r.gw[0].p[0].sa.spi_in, NULL, 0);	/* no PFS */
	child_req(0, "10.9.0.0/16", 1);			/* not ours */
	assert_unharmed();
	/* row 65: no more than 3 a pair and a few */
	for (i = 0; i < 40; i++)
		child_req(0, NULL, 1);
	assert_in_range(r.gw[1].np, 2, 3 + 8 + 1);
	rig_clear(&r);
}

/* N051: nine requests at once: one at a time, in order. */
static void
test_window(void **state)
{
	struct ike	*ike = r.gw[0].ike;
	struct sa	*sa;
	struct pld_out	 o;
	struct addr	 a;
	size_t		 sent;
	int		 i;

	(void)state;
	up(13);
	ike = r.gw[0].ike;
	sa = sa_of(0);
	a = r.addr[0];
	a.port = 500;
	sent = rig_sent(&r, 1, X_INFO, 1);
	for (i = 8; i >= 0; i--) {
		ike2_begin(ike, sa, &o, X_INFO);
		/* out of order: the last number first */
		o.w.p[23] = (uint8_t)(sa->mid_out + (uint32_t)i);
		assert_int_equal(pld_sk_end(&o, &sa->a, sa->seal), 0);
		rig_datagram(&r, 1, &a, 0, o.w.p, o.w.n);
	}
	rig_run(&r, 30);
	assert_int_equal(rig_sent(&r, 1, X_INFO, 1), sent + 1);
	assert_unharmed();
	rig_clear(&r);
}

/* N039: exchanges of an IKE SA that is not yet authenticated. */
static int	early;

static int
no_auth(struct rig *g, int from, uint8_t *d, size_t *n, size_t nth)
{
	(void)g;
	(void)n;
	(void)nth;
	return (early && from == 0 && d[18] == X_AUTH);
}

static void
test_early(void **state)
{
	static const uint8_t	 exch[] = { X_CHILD, X_INFO, 43, 44, 34 };
	struct ike		*ike;
	struct sa		*sa;
	struct pld_out		 o;
	struct addr		 a;
	size_t			 i, sent;

	(void)state;
	prepare(14);
	early = 1;
	r.drop = no_auth;
	go();
	rig_run(&r, 100);
	sa = sa_of(0);
	ike = r.gw[0].ike;
	a = r.addr[0];
	a.port = 500;
	sent = r.nseen;
	for (i = 0; i < nitems(exch); i++) {
		ike2_begin(ike, sa, &o, exch[i]);
		o.w.p[23] = 1;
		pld_delete_put(&o, PROTO_IKE, NULL, 0);
		assert_int_equal(pld_sk_end(&o, &sa->a, sa->seal), 0);
		rig_datagram(&r, 1, &a, 0, o.w.p, o.w.n);
		rig_run(&r, 10);
	}
	assert_int_equal(r.nseen, sent);		/* O4 */
	assert_int_equal(r.gw[1].np, 0);		/* O5 */
	early = 0;
	assert_true(rig_until_up(&r, 5000));
	assert_unharmed();
	rig_clear(&r);
}

/* Stale and foreign answers of the other processes are counted, no more. */
static void
test_stale(void **state)
{
	struct m_k_auth_r	 k;
	struct m_s_done		 d;
	uint64_t		 n;
	uint32_t		 i;

	(void)state;
	up(15);
	memset(&k, 0, sizeof(k));
	memset(&d, 0, sizeof(d));
	n = rig_count(&r, 0, "stale-answer");
	for (i = 0; i < 40; i++)
		rig_frame(&r, 0, PROC_KEYS, PROC_IKE, M_K_AUTH_R,
		    i << 16 | (i * 7919 & 0xffff), 1, &k);
	d.child = 4711;
	d.spi_in = 0x1234;
	rig_frame(&r, 0, PROC_SAD, PROC_IKE, M_S_DONE, 0x10001, 1, &d);
	rig_run(&r, 10);
	assert_true(rig_count(&r, 0, "stale-answer") >= n + 41);
	assert_int_equal(r.gw[0].deletes, 1);	/* a pair of nobody goes */
	assert_unharmed();
	rig_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_reflected),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_flip),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_unprotected),
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_inner),
		cmocka_unit_test(test_bad_rekey),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_stale),
	};

	if (crypt_warmup() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
