/* SPDX-License-Identifier: ISC */

/* test_esp_in.c: s2sd-esp, receiving: rows N074 to N083, published packets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "espkit.h"

/* b receives; sa is a's pair, which seals what b must judge. */
struct scene {
	struct kit	 a, b;
	struct tunnel	 ta, tb;
	struct esp_sa	*sa;
	uint64_t	 seq;
};

static void
scene_new(struct scene *s, const char *encr, const char *integ, int esn)
{
	struct m_e_pair	 m;
	uint8_t		 buf[5000];

	memset(s, 0, sizeof(*s));
	kit_new(&s->a, &role_esp);
	kit_new(&s->b, &role_esp);
	kit_tunnel(&s->ta, 7, "berlin", "192.168.1.3", "192.168.1.4",
	    "10.1.3.0/24", "10.1.4.0/24");
	kit_tunnel(&s->tb, 9, "paris", "192.168.1.4", "192.168.1.3",
	    "10.1.4.0/24", "10.1.3.0/24");
	kit_pair_add(&s->ta, "fd01::/64", "fd02::/64");
	kit_pair_add(&s->tb, "fd02::/64", "fd01::/64");
	/* the outer addresses may be inside, too: host to network */
	kit_pair_add(&s->ta, "192.168.1.0/24", "192.168.1.0/24");
	kit_pair_add(&s->tb, "192.168.1.0/24", "192.168.1.0/24");
	/* and one service */
	kit_pair_add(&s->ta, "10.9.3.0/24", "10.9.4.0/24");
	kit_pair_add(&s->tb, "10.9.4.0/24", "10.9.3.0/24");
	s->ta.pair[3].remote.ipproto = s->ta.pair[3].local.ipproto = 6;
	s->tb.pair[3].remote.ipproto = s->tb.pair[3].local.ipproto = 6;
	s->ta.pair[3].remote.port_lo = s->ta.pair[3].remote.port_hi = 22;
	s->tb.pair[3].local.port_lo = s->tb.pair[3].local.port_hi = 22;
	kit_conf(&s->a, &s->ta, 1);
	kit_conf(&s->b, &s->tb, 1);
	kit_e_pair(&m, &s->ta, 1, encr, integ, 0, buf, sizeof(buf));
	m.esn = (uint8_t)esn;
	assert_int_equal(kit_send(&s->a, PROC_SAD, M_E_PAIR, 1, 7, &m), 0);
	kit_e_pair(&m, &s->tb, 1, encr, integ, 1, buf, sizeof(buf));
	m.esn = (uint8_t)esn;
	assert_int_equal(kit_send(&s->b, PROC_SAD, M_E_PAIR, 1, 9, &m), 0);
	assert_non_null(s->sa = esp_sa_child(s->a.self, 1));
	assert_non_null(esp_sa_child(s->b.self, 1));
	kit_forget(&s->a);
	kit_forget(&s->b);
	s->seq = 1;
}

static void
scene_free(struct scene *s)
{
	kit_free(&s->a);
	kit_free(&s->b);
}

/* b gets it; it must end in exactly that counter. */
static void
judge(struct scene *s, struct kit_pkt *k, enum esp_count want)
{
	uint64_t	 before[EC_MAX];
	size_t		 i;

	for (i = 0; i < EC_MAX; i++)
		before[i] = esp_count(s->b.self, (enum esp_count)i);
	esp_in(s->b.self, &k->p, 1, s->b.now);
	for (i = 0; i < EC_MAX; i++)
		if (esp_count(s->b.self, (enum esp_count)i) !=
		    before[i] + (i == want))
			fail_msg("counted as %s, wanted %s",
			    esp_count_name((enum esp_count)i),
			    esp_count_name(want));
	assert_int_equal(k->p.verdict, want == EC_IN ? ESP_TUN :
	    want == EC_IN_IKE ? ESP_IKE : ESP_DROP);
}

/* The inner packet of k, with trailer, sealed under the next number. */
static void
wrapped(struct scene *s, struct kit_pkt *k, uint8_t next, enum esp_count want)
{
	struct kit_pkt	 out;
	uint8_t		 plain[KIT_ROOM];
	size_t		 n;

	memcpy(plain, k->room + ESP_HEADROOM, k->p.len);
	n = kit_trailer(plain, k->p.len, s->sa->blocklen, next);
	kit_seal(&out, s->sa, s->seq++, plain, n);
	judge(s, &out, want);
}

static void
good(struct kit_pkt *k)
{
	kit_ip(k, "10.1.3.2", "10.1.4.2", 17, 1000, 2000, 100);
}

/* N074: every length from 0 to where it is whole. */
static void
test_n074(void **state)
{
	static const char *const combo[][2] = {
		{ "aes-256-gcm", NULL }, { "aes-256", "hmac-sha2-512" }
	};
	uint8_t		 zero = 0;
	struct scene	 s;
	struct kit_pkt	 k, cut, g;
	uint8_t		 plain[200];
	size_t		 i, n, c, over;

	(void)state;
	for (c = 0; c < nitems(combo); c++) {
		scene_new(&s, combo[c][0], combo[c][1], 0);
		good(&g);
		memcpy(plain, g.room + ESP_HEADROOM, 100);
		n = kit_trailer(plain, 100, s.sa->blocklen, 4);
		kit_seal(&k, s.sa, 1, plain, n);
		over = 8 + (size_t)s.sa->ivlen + s.sa->icvlen;
		for (i = 0; i < k.p.len; i++) {
			kit_dgram(&cut, k.room + k.p.off, i, &k.p.local,
			    &k.p.remote);
			judge(&s, &cut, i < over + 2 ||
			    (i - over) % s.sa->blocklen != 0 ? EC_IN_SHORT :
			    EC_IN_AUTH);
		}
		/* an empty body with a right ICV is still too short */
		kit_seal(&cut, s.sa, 1, &zero, 0);
		judge(&s, &cut, EC_IN_SHORT);
		judge(&s, &k, EC_IN);
		scene_free(&s);
	}
}

/* N075: SPIs that are not ours to receive; a peer somewhere else. */
static void
test_n075(void **state)
{
	struct m_s_move	 mv;
	struct scene	 s;
	struct kit_pkt	 k;
	uint8_t		 d[60];
	uint32_t	 spi[] = { 1, 2, 255, 256, 0xdeadbeef, 0xa0000001 };
	struct wr	 w;
	size_t		 i;

	(void)state;
	scene_new(&s, "aes-256-gcm", NULL, 1);
	for (i = 0; i < nitems(spi); i++) {
		memset(d, 0x55, sizeof(d));
		w = wr_of(d, sizeof(d));
		wr_u32(&w, spi[i]);
		kit_dgram(&k, d, sizeof(d), &s.tb.local, &s.tb.peer[0]);
		judge(&s, &k, EC_IN_SPI);
	}
	memset(d, 0, 4);			/* SPI 0 is the mark of IKE */
	kit_dgram(&k, d, sizeof(d), &s.tb.local, &s.tb.peer[0]);
	judge(&s, &k, EC_IN_IKE);
	assert_int_equal(k.p.len, sizeof(d) - 4);
	d[0] = 0xff;
	kit_dgram(&k, d, 1, &s.tb.local, &s.tb.peer[0]);
	judge(&s, &k, EC_IN_KEEPALIVE);
	/* elsewhere, authentic and newest: reported, once a second */
	good(&k);
	kit_seal(&k, s.sa, 5, k.room + ESP_HEADROOM,
	    kit_trailer(k.room + ESP_HEADROOM, 100, 4, 4));
	k.p.remote = kit_addr("203.0.113.9", 1024);
	judge(&s, &k, EC_IN);
	assert_int_equal(kit_take(&s.b, M_E_MOVED, NULL, &mv), 1);
	assert_int_equal(mv.child, 1);
	assert_int_equal(mv.remote.port, 1024);
	/* older, or forged: never */
	s.b.now += 5000;
	good(&k);
	kit_seal(&k, s.sa, 4, k.room + ESP_HEADROOM,
	    kit_trailer(k.room + ESP_HEADROOM, 100, 4, 4));
	k.p.remote = kit_addr("203.0.113.66", 1024);
	judge(&s, &k, EC_IN);
	good(&k);
	kit_seal(&k, s.sa, 9, k.room + ESP_HEADROOM,
	    kit_trailer(k.room + ESP_HEADROOM, 100, 4, 4));
	k.p.remote = kit_addr("203.0.113.66", 1024);
	k.room[k.p.off + 40] ^= 1;
	judge(&s, &k, EC_IN_AUTH);
	assert_int_equal(kit_count(&s.b, M_E_MOVED), 0);
	/* and nothing moves by itself */
	good(&k);
	memset(&mv, 0, sizeof(mv));
	assert_int_equal(addr_cmp(&esp_sa_child(s.b.self, 1)->remote,
	    &s.tb.peer[0], 0), 0);
	mv.child = 1;
	mv.local = kit_addr("192.168.1.4", 4500);
	mv.remote = kit_addr("203.0.113.9", 1024);
	assert_int_equal(kit_send(&s.b, PROC_SAD, M_E_MOVE, 3, 9, &mv), 0);
	kit_ip(&k, "10.1.4.2", "10.1.3.2", 17, 1, 2, 60);
	esp_out(s.b.self, &k.p, 1, s.b.now);
	assert_int_equal(k.p.remote.port, 1024);
	scene_free(&s);
}

/* N076: every bit of a packet. */
static void
test_n076(void **state)
{
	static const char *const combo[][2] = {
		{ "aes-256-gcm", NULL }, { "chacha20-poly1305", NULL },
		{ "aes-128", "hmac-sha1" }, { "aes-256", "hmac-sha2-256" }
	};
	struct scene	 s;
	struct kit_pkt	 k, bad, g;
	size_t		 i, c;
	int		 esn;

	(void)state;
	for (c = 0; c < nitems(combo) * 2; c++) {
		esn = c & 1;
		scene_new(&s, combo[c / 2][0], combo[c / 2][1], esn);
		good(&g);
		kit_seal(&k, s.sa, 1, g.room + ESP_HEADROOM, kit_trailer(
		    g.room + ESP_HEADROOM, 100, s.sa->blocklen, 4));
		for (i = 0; i < k.p.len * 8; i++) {
			kit_dgram(&bad, k.room + k.p.off, k.p.len,
			    &k.p.local, &k.p.remote);
			bad.room[bad.p.off + i / 8] ^= (uint8_t)(1 << i % 8);
			esp_in(s.b.self, &bad.p, 1, 1000);
			assert_int_equal(bad.p.verdict, ESP_DROP);
		}
		assert_int_equal(esp_count(s.b.self, EC_IN), 0);
		assert_int_equal(esp_sa_child(s.b.self, 1)->rp.top, 0);
		assert_int_equal(esp_count(s.b.self, EC_IN_SPI), 32);
		/* high bits of the number are outside the window with ESN */
		assert_int_equal(esp_count(s.b.self, EC_IN_AUTH) +
		    esp_count(s.b.self, EC_IN_REPLAY), (k.p.len - 4) * 8);
		judge(&s, &k, EC_IN);
		scene_free(&s);
	}
}

static void
numbered(struct scene *s, uint64_t seq, enum esp_count want)
{
	struct kit_pkt	 k;

	s->seq = seq;
	good(&k);
	wrapped(s, &k, 4, want);
}

/* N077: delivered exactly once. */
static void
test_n077(void **state)
{
	struct scene	 s;
	uint64_t	 i;

	(void)state;
	scene_new(&s, "aes-128-gcm", NULL, 0);
	numbered(&s, 1, EC_IN);
	numbered(&s, 1, EC_IN_REPLAY);
	for (i = 2; i < 12; i++)
		numbered(&s, i, EC_IN);
	numbered(&s, 1, EC_IN_REPLAY);
	numbered(&s, 5000, EC_IN);
	numbered(&s, 5000 - 4095, EC_IN);
	numbered(&s, 5000 - 4095, EC_IN_REPLAY);
	numbered(&s, 5000 - 4096, EC_IN_REPLAY);
	numbered(&s, 5000 + (1 << 20), EC_IN);
	numbered(&s, 5000, EC_IN_REPLAY);
	assert_int_equal(esp_sa_child(s.b.self, 1)->c.bad_replay, 5);
	scene_free(&s);
}

/* N078: 0, far jumps, the upper half; forged far ahead moves nothing. */
static void
test_n078(void **state)
{
	struct scene	 s;
	struct kit_pkt	 k;

	(void)state;
	scene_new(&s, "aes-128-gcm", NULL, 0);
	numbered(&s, 0, EC_IN_REPLAY);
	numbered(&s, 3, EC_IN);
	good(&k);
	kit_seal(&k, s.sa, 0xf0000000, k.room + ESP_HEADROOM,
	    kit_trailer(k.room + ESP_HEADROOM, 100, 4, 4));
	k.room[k.p.off + k.p.len - 1] ^= 1;
	judge(&s, &k, EC_IN_AUTH);
	numbered(&s, 2, EC_IN);			/* the window is where it was */
	numbered(&s, 3 + (1u << 31), EC_IN);
	numbered(&s, 4, EC_IN_REPLAY);
	scene_free(&s);
	scene_new(&s, "aes-128-gcm", NULL, 1);
	numbered(&s, 0xfffffff0ULL, EC_IN_REPLAY);	/* before the first */
	numbered(&s, 0x7fffffffULL, EC_IN);
	numbered(&s, 0xffffffffULL, EC_IN);
	numbered(&s, 0x100000000ULL, EC_IN);	/* low half 0, high half 1 */
	numbered(&s, 0xfffffffeULL, EC_IN);	/* back over the edge */
	numbered(&s, 0x100000001ULL, EC_IN);
	numbered(&s, 0x100000000ULL, EC_IN_REPLAY);
	numbered(&s, 0x180000000ULL, EC_IN);
	/* the same low half of a time before: the ICV says no */
	numbered(&s, 0x200ULL, EC_IN_AUTH);
	scene_free(&s);
	scene_new(&s, "aes-256", "hmac-sha2-256", 1);
	numbered(&s, 0xffffff00ULL - 0x80000000ULL, EC_IN);
	numbered(&s, 0xffffff00ULL, EC_IN);
	numbered(&s, 0x100000005ULL, EC_IN);
	numbered(&s, 0x200000005ULL, EC_IN_REPLAY);	/* taken for the last */
	numbered(&s, 0x300000007ULL, EC_IN_AUTH);
	scene_free(&s);
}

/* The IV continues the padding downwards: still longer than the payload. */
static void
padding_in_iv(void)
{
	const uint64_t	 seq = 0x0807060504030201ULL;	/* and so the IV */
	struct scene	 e;
	struct kit_pkt	 out;

	scene_new(&e, "aes-256-gcm", NULL, 1);
	esp_sa_child(e.b.self, 1)->rp.top = seq - 1;
	kit_seal(&out, e.sa, seq, (const uint8_t *)"\11\12\12\4", 4);
	judge(&e, &out, EC_IN_PAD);
	scene_free(&e);
}

/* N079: padding and next header. */
static void
test_n079(void **state)
{
	/* trailer octets behind a 100 octet packet, pad length in front of NH */
	static const struct { uint8_t t[8]; size_t n; enum esp_count want; }
	    trailer[] = {
		{ { 1, 2, 2, 4 }, 4, EC_IN },
		{ { 1, 3, 2, 4 }, 4, EC_IN_PAD },
		{ { 0, 0, 2, 4 }, 4, EC_IN_PAD },
		{ { 2, 1, 2, 4 }, 4, EC_IN_PAD },
		{ { 1, 2, 255, 4 }, 4, EC_IN_PAD },
		{ { 1, 2, 102, 4 }, 4, EC_IN_PAD },
		{ { 1, 2, 103, 4 }, 4, EC_IN_PAD },
		{ { 1, 2, 3, 4, 5, 6, 6, 4 }, 8, EC_IN },
		{ { 1, 2, 2, 0 }, 4, EC_IN_NEXT },
		{ { 1, 2, 2, 59 }, 4, EC_IN_DUMMY },
		{ { 1, 2, 2, 41 }, 4, EC_IN_NEXT },
		{ { 1, 2, 2, 50 }, 4, EC_IN_NEXT },
		{ { 1, 2, 2, 51 }, 4, EC_IN_NEXT },
		{ { 1, 2, 2, 17 }, 4, EC_IN_NEXT },
		{ { 1, 2, 2, 6 }, 4, EC_IN_NEXT },
	};
	struct scene	 s;
	struct kit_pkt	 k, out;
	uint8_t		 plain[256];
	size_t		 i;

	(void)state;
	scene_new(&s, "aes-256-gcm", NULL, 0);
	for (i = 0; i < nitems(trailer); i++) {
		good(&k);
		memcpy(plain, k.room + ESP_HEADROOM, 100);
		memcpy(plain + 100, trailer[i].t, trailer[i].n);
		kit_seal(&out, s.sa, s.seq++, plain, 100 + trailer[i].n);
		judge(&s, &out, trailer[i].want);
	}
	/* a dummy has no inner packet at all */
	plain[0] = 1;
	plain[1] = 2;
	plain[2] = 2;
	plain[3] = 59;
	kit_seal(&out, s.sa, s.seq++, plain, 4);
	judge(&s, &out, EC_IN_DUMMY);
	plain[3] = 4;
	kit_seal(&out, s.sa, s.seq++, plain, 4);
	judge(&s, &out, EC_IN_INNER);
	kit_ip(&k, "fd01::1", "fd02::1", 17, 1, 2, 100);
	wrapped(&s, &k, 4, EC_IN_NEXT);
	padding_in_iv();
	kit_ip(&k, "fd01::1", "fd02::1", 17, 1, 2, 100);
	wrapped(&s, &k, 41, EC_IN);
	scene_free(&s);
}

/* N080: padding against traffic analysis, behind the packet. */
static void
test_n080(void **state)
{
	struct scene	 s;
	struct kit_pkt	 k, out;
	uint8_t		 plain[2048];
	size_t		 i, n;

	(void)state;
	scene_new(&s, "aes-256-gcm", NULL, 0);
	for (i = 0; i <= 1400; i++) {
		good(&k);
		memset(plain, 0xab, sizeof(plain));
		memcpy(plain, k.room + ESP_HEADROOM, 100);
		n = kit_trailer(plain, 100 + i, 4, 4);
		kit_seal(&out, s.sa, s.seq++, plain, n);
		judge(&s, &out, EC_IN);
		assert_int_equal(out.p.len, 100);
	}
	scene_free(&s);
}

static void
flow(struct scene *s, const char *src, const char *dst, uint8_t proto,
    uint16_t sport, uint16_t dport, enum esp_count want)
{
	struct kit_pkt	 k;

	kit_ip(&k, src, dst, proto, sport, dport, 80);
	wrapped(s, &k, strchr(src, ':') != NULL ? 41 : 4, want);
}

static void
chain6(struct kit_pkt *k, size_t links, uint8_t kind)
{
	uint8_t	*p = k->room + ESP_HEADROOM + 40;
	size_t	 i;

	kit_ip(k, "fd01::1", "fd02::1", kind, 0, 0, 40 + links * 8 + 16);
	for (i = 0; i < links; i++, p += 8) {
		memset(p, 0, 8);
		p[0] = i + 1 < links ? 60 : 17;
	}
}

/* N081: what is inside must be what the SA is for, both ways. */
static void
test_n081(void **state)
{
	struct scene	 s;
	struct kit_pkt	 k;

	(void)state;
	scene_new(&s, "aes-256-gcm", NULL, 0);
	flow(&s, "10.1.3.2", "10.1.4.2", 17, 1, 2, EC_IN);
	flow(&s, "10.1.5.2", "10.1.4.2", 17, 1, 2, EC_IN_POLICY);
	flow(&s, "10.1.3.2", "10.1.5.2", 17, 1, 2, EC_IN_POLICY);
	flow(&s, "10.1.4.2", "10.1.3.2", 17, 1, 2, EC_IN_POLICY);
	flow(&s, "10.1.3.2", "10.9.4.2", 17, 1, 2, EC_IN_POLICY);
	flow(&s, "fd01::1", "fd02::1", 17, 1, 2, EC_IN);
	flow(&s, "fd01::1", "fd03::1", 17, 1, 2, EC_IN_POLICY);
	flow(&s, "10.9.3.2", "10.9.4.2", 6, 40000, 22, EC_IN);
	flow(&s, "10.9.3.2", "10.9.4.2", 6, 22, 40000, EC_IN_POLICY);
	flow(&s, "10.9.3.2", "10.9.4.2", 17, 40000, 22, EC_IN_POLICY);
	/* a fragment that has no ports: only where all ports may pass */
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 6, 40000, 22, 80);
	k.room[ESP_HEADROOM + 7] = 9;
	kit_fixsum(k.room + ESP_HEADROOM);
	wrapped(&s, &k, 4, EC_IN);
	kit_ip(&k, "10.9.3.2", "10.9.4.2", 6, 40000, 22, 80);
	k.room[ESP_HEADROOM + 7] = 9;
	kit_fixsum(k.room + ESP_HEADROOM);
	wrapped(&s, &k, 4, EC_IN_POLICY);
	/* a first part too short to show its ports */
	kit_ip(&k, "10.9.3.2", "10.9.4.2", 6, 40000, 22, 80);
	k.room[ESP_HEADROOM + 3] = 23;
	k.room[ESP_HEADROOM + 6] = 0x20;
	kit_fixsum(k.room + ESP_HEADROOM);
	wrapped(&s, &k, 4, EC_IN_INNER);
	assert_int_equal(esp_sa_child(s.b.self, 1)->c.bad_policy, 8);
	scene_free(&s);
}

/* Port 0 in the range does not let in what has no ports. */
static void
test_no_ports(void **state)
{
	struct selpair	 p;
	struct esp_flow	 f;
	struct tunnel	 t;
	struct kit_pkt	 k;

	(void)state;
	kit_tunnel(&t, 1, "t", "192.0.2.1", "192.0.2.2", "10.1.4.0/24",
	    "10.1.3.0/24");
	p = t.pair[0];
	p.local.port_hi = 1023;
	good(&k);
	k.room[ESP_HEADROOM + 22] = k.room[ESP_HEADROOM + 23] = 0;
	assert_int_equal(esp_inner(rd_of(k.room + ESP_HEADROOM, 100), &f), 0);
	assert_int_equal(esp_flow_in(&p, &f, 0), 1);
	k.room[ESP_HEADROOM + 7] = 9;
	kit_fixsum(k.room + ESP_HEADROOM);
	assert_int_equal(esp_inner(rd_of(k.room + ESP_HEADROOM, 100), &f), 0);
	assert_int_equal(esp_flow_in(&p, &f, 0), 0);
	assert_int_equal(esp_flow_in(&t.pair[0], &f, 0), 1);
}

/* Every length of every inner header, in a copy of exactly that size. */
static void
test_truncated(void **state)
{
	struct kit_pkt	 k[4];
	struct esp_flow	 f;
	uint8_t		*copy;
	size_t		 i, n;

	(void)state;
	good(&k[0]);
	kit_ip(&k[1], "10.1.3.2", "10.1.4.2", 1, 0x0304, 0, 60);
	kit_ip(&k[2], "fd01::1", "fd02::1", 6, 1, 2, 80);
	chain6(&k[3], 6, 60);
	for (i = 0; i < nitems(k); i++)
		for (n = 0; n <= k[i].p.len; n++) {
			assert_non_null(copy = malloc(n + (n == 0)));
			memcpy(copy, k[i].room + ESP_HEADROOM, n);
			assert_int_equal(esp_inner(rd_of(copy, n), &f),
			    n == k[i].p.len ? 0 : -1);
			free(copy);
		}
}

/* N082: never back into IKE or ESP. */
static void
test_n082(void **state)
{
	struct scene	 s;
	struct kit_pkt	 k;

	(void)state;
	scene_new(&s, "aes-256-gcm", NULL, 0);
	flow(&s, "192.168.1.7", "192.168.1.8", 17, 500, 500, EC_IN);
	flow(&s, "192.168.1.7", "192.168.1.4", 17, 500, 500, EC_IN_LOOP);
	flow(&s, "192.168.1.7", "192.168.1.4", 17, 9, 4500, EC_IN_LOOP);
	flow(&s, "192.168.1.7", "192.168.1.4", 50, 9, 9, EC_IN_LOOP);
	flow(&s, "192.168.1.7", "192.168.1.4", 17, 9, 53, EC_IN);
	flow(&s, "192.168.1.7", "192.168.1.3", 6, 9, 53, EC_IN_LOOP);
	/* a later fragment could be any of it */
	kit_ip(&k, "192.168.1.7", "192.168.1.4", 17, 9, 9, 80);
	k.room[ESP_HEADROOM + 7] = 9;
	kit_fixsum(k.room + ESP_HEADROOM);
	wrapped(&s, &k, 4, EC_IN_LOOP);
	/* and outwards: our own ESP routed into its tunnel */
	kit_ip(&k, "192.168.1.3", "192.168.1.4", 17, 4500, 4500, 80);
	esp_out(s.a.self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_DROP);
	assert_int_equal(esp_count(s.a.self, EC_OUT_LOOP), 1);
	scene_free(&s);
}

/* N083: inner headers that are not what they say. */
static void
test_n083(void **state)
{
	struct scene	 s;
	struct kit_pkt	 k;
	uint8_t		*ip = k.room + ESP_HEADROOM;
	size_t		 i;

	(void)state;
	scene_new(&s, "aes-256-gcm", NULL, 0);
#define BAD(change, sum, want) do {		\
		good(&k);			\
		change;				\
		if (sum)			\
			kit_fixsum(ip);		\
		wrapped(&s, &k, 4, want);	\
	} while (0)
	BAD(ip[10] ^= 1, 0, EC_IN_INNER);		/* checksum */
	BAD(ip[0] = 0x44, 1, EC_IN_INNER);		/* IHL 4 */
	BAD(ip[0] = 0x4f, 1, EC_IN);			/* options */
	BAD((ip[0] = 0x4f, ip[3] = 59), 1, EC_IN_INNER);
	BAD((ip[2] = 0, ip[3] = 0), 1, EC_IN_INNER);	/* total length */
	BAD((ip[2] = 0, ip[3] = 19), 1, EC_IN_INNER);
	BAD(ip[3] = 120, 1, EC_IN_INNER);
	BAD(ip[3] = 90, 1, EC_IN);			/* rest is padding */
	BAD(ip[0] = 0x55, 1, EC_IN_INNER);
	BAD(ip[0] = 0x05, 1, EC_IN_INNER);
	for (i = 0; i < 28; i++) {
		good(&k);
		k.p.len = i;
		wrapped(&s, &k, 4, EC_IN_INNER);
	}
	kit_ip(&k, "fd01::1", "fd02::1", 17, 1, 2, 80);
	ip[4] = ip[5] = 0;				/* jumbo */
	wrapped(&s, &k, 41, EC_IN_INNER);
	kit_ip(&k, "fd01::1", "fd02::1", 99, 1, 2, 80);
	ip[4] = ip[5] = 0;			/* without ports to miss */
	wrapped(&s, &k, 41, EC_IN_INNER);
	chain6(&k, 1, 0);
	wrapped(&s, &k, 41, EC_IN);
	chain6(&k, 7, 60);
	wrapped(&s, &k, 41, EC_IN);
	chain6(&k, 8, 60);
	wrapped(&s, &k, 41, EC_IN_INNER);
	chain6(&k, 100, 0);
	wrapped(&s, &k, 41, EC_IN_INNER);
	chain6(&k, 2, 60);
	ip[40] = 0;				/* hop-by-hop not first */
	wrapped(&s, &k, 41, EC_IN_INNER);
	chain6(&k, 1, 60);
	ip[41] = 200;				/* longer than the packet */
	wrapped(&s, &k, 41, EC_IN_INNER);
	scene_free(&s);
}

/* --- published packets --- */

static size_t
field(const char *line, const char *name, uint8_t *out, size_t max)
{
	size_t		 n = 0, k = strlen(name);
	unsigned int	 v;

	if (strncmp(line, name, k) != 0 || strncmp(line + k, " = ", 3) != 0)
		return (0);
	for (line += k + 3; n < max && sscanf(line, "%2x", &v) == 1; line += 2)
		out[n++] = (uint8_t)v;
	return (n);
}

struct vector { uint8_t key[64], iv[16], aad[64], plain[512], cipher[512],
    icv[16]; size_t nkey, nsalt, niv, naad, nplain, ncipher, nicv; };

/* Open the packet of the vector with our own input path. */
static void
vector_run(const struct vector *v, uint16_t encr)
{
	struct scene	 s;
	struct kit_pkt	 k;
	struct esp_sa	*sa;
	uint8_t		 d[1024], *p;
	size_t		 n = 0, esn = v->naad == 12;

	scene_new(&s, "aes-256-gcm", NULL, (int)esn);
	sa = esp_sa_child(s.b.self, 1);
	crypt_free(sa->in);
	sa->encr = alg_num(encr);
	assert_int_equal(v->nkey + v->nsalt,
	    (size_t)sa->encr->keylen + sa->encr->saltlen);
	assert_non_null(sa->in = crypt_new(sa->encr, NULL, v->key, NULL, 0));
	memcpy(d, v->aad, 4);
	memcpy(d + 4, v->aad + v->naad - 4, 4);
	n = 8;
	memcpy(d + n, v->iv, v->niv);
	n += v->niv;
	memcpy(d + n, v->cipher, v->ncipher);
	n += v->ncipher;
	memcpy(d + n, v->icv, v->nicv);
	n += v->nicv;
	/* under its own SPI, which may be one of the reserved */
	kit_dgram(&k, d, n, &sa->local, &sa->remote);
	p = k.room + k.p.off;
	/* the window lies just before it */
	if (esn)
		sa->rp.top = ((uint64_t)v->aad[4] << 56 |
		    (uint64_t)v->aad[5] << 48 | (uint64_t)v->aad[6] << 40 |
		    (uint64_t)v->aad[7] << 32 | (uint64_t)v->aad[8] << 24 |
		    (uint64_t)v->aad[9] << 16 | (uint64_t)v->aad[10] << 8 |
		    v->aad[11]) - 1;
	{
		/* move the SA to that bucket: by hand, tests only */
		struct esp	*e = s.b.self;
		uint32_t	 spi = (uint32_t)p[0] << 24 |
				    (uint32_t)p[1] << 16 |
				    (uint32_t)p[2] << 8 | p[3];

		e->by_spi[(sa->spi_in * 2654435761u) >> 20] = NULL;
		sa->spi_in = spi;
		e->by_spi[(spi * 2654435761u) >> 20] = sa;
	}
	if (memcmp(p, "\0\0\0\0", 4) == 0) {
		judge(&s, &k, EC_IN_IKE);	/* can not travel in UDP */
		scene_free(&s);
		return;
	}
	esp_in(s.b.self, &k.p, 1, 1000);
	/* opened: what follows judges the selectors, which are not ours */
	assert_int_equal(esp_count(s.b.self, EC_IN_AUTH), 0);
	assert_int_equal(esp_count(s.b.self, EC_IN_SHORT), 0);
	assert_int_equal(esp_count(s.b.self, EC_IN_REPLAY), 0);
	assert_memory_equal(k.room + ESP_HEADROOM + 8 + v->niv, v->plain,
	    v->nplain);
	/* and with one bit changed it does not */
	kit_dgram(&k, d, n, &sa->local, &sa->remote);
	k.room[k.p.off + n - 20] ^= 1;
	memset(sa->rp.bits, 0, sizeof(sa->rp.bits));
	judge(&s, &k, EC_IN_AUTH);
	scene_free(&s);
}

static size_t
vectors(const char *path, uint16_t (*encr)(size_t keylen))
{
	char		 line[4096];
	struct vector	 v;
	FILE		*f;
	size_t		 n, done = 0;

	assert_non_null(f = fopen(path, "r"));
	memset(&v, 0, sizeof(v));
	while (fgets(line, sizeof(line), f) != NULL) {
		if ((n = field(line, "key", v.key, 60)) != 0)
			v.nkey = n;
		if ((n = field(line, "salt", v.key + v.nkey, 4)) != 0)
			v.nsalt = n;
		if ((n = field(line, "iv", v.iv, 16)) != 0)
			v.niv = n;
		if ((n = field(line, "aad", v.aad, 64)) != 0)
			v.naad = n;
		if ((n = field(line, "plain", v.plain, 512)) != 0)
			v.nplain = n;
		if ((n = field(line, "cipher", v.cipher, 512)) != 0)
			v.ncipher = n;
		if ((n = field(line, "icv", v.icv, 16)) == 0)
			continue;
		v.nicv = n;
		if ((v.naad == 8 || v.naad == 12) && v.nplain % 4 == 0 &&
		    encr(v.nkey) != 0) {
			vector_run(&v, encr(v.nkey));
			done++;
		}
		memset(&v, 0, sizeof(v));
	}
	fclose(f);
	return (done);
}

static uint16_t
gcm(size_t keylen)
{
	return (keylen == 32 ? 1 : keylen == 16 ? 2 : 0);
}

static uint16_t
chacha(size_t keylen)
{
	return (keylen == 32 ? 3 : 0);
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_in_range(vectors(SRCDIR "/regress/vectors/aes_gcm_esp.txt",
	    gcm), 6, 100);
	assert_int_equal(vectors(SRCDIR
	    "/regress/vectors/chacha_rfc7634.txt", chacha), 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_n074),
		cmocka_unit_test(test_n075),
		cmocka_unit_test(test_n076),
		cmocka_unit_test(test_n077),
		cmocka_unit_test(test_n078),
		cmocka_unit_test(test_n079),
		cmocka_unit_test(test_n080),
		cmocka_unit_test(test_n081),
		cmocka_unit_test(test_no_ports),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_n082),
		cmocka_unit_test(test_n083),
		cmocka_unit_test(test_vectors),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
