/* SPDX-License-Identifier: ISC */

/* test_esp.c: s2sd-esp, sending: round trips, look-up, limits, answers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "espkit.h"
#include "reason.h"

struct two {
	struct kit	 a, b;
	struct tunnel	 ta, tb;
	struct m_e_pair	 pa, pb;
};

static void
two_tunnels(struct two *w, const char *a, const char *b, const char *anet,
    const char *bnet)
{
	memset(w, 0, sizeof(*w));
	kit_new(&w->a, &role_esp);
	kit_new(&w->b, &role_esp);
	kit_tunnel(&w->ta, 7, "berlin", a, b, anet, bnet);
	kit_tunnel(&w->tb, 9, "paris", b, a, bnet, anet);
	kit_conf(&w->a, &w->ta, 1);
	kit_conf(&w->b, &w->tb, 1);
}

static void
install(struct kit *k, uint32_t tunnel, const struct m_e_pair *m, int want)
{
	struct ipc_hdr	 h;
	struct m_e_done	 d;

	assert_int_equal(kit_send(k, PROC_SAD, M_E_PAIR, 55, tunnel, m), 0);
	assert_int_equal(kit_take(k, M_E_DONE, &h, &d), 1);
	assert_int_equal(h.req, 55);
	assert_int_equal(h.tunnel, tunnel);
	assert_int_equal(d.child, m->child);
	assert_int_equal(d.err, want);
}

static void
two_up(struct two *w, uint32_t child, const char *encr, const char *integ,
    int esn)
{
	static uint8_t	 ba[5000], bb[5000];

	kit_e_pair(&w->pa, &w->ta, child, encr, integ, 0, ba, sizeof(ba));
	kit_e_pair(&w->pb, &w->tb, child, encr, integ, 1, bb, sizeof(bb));
	w->pa.esn = w->pb.esn = (uint8_t)esn;
	install(&w->a, 7, &w->pa, SERR_OK);
	install(&w->b, 9, &w->pb, SERR_OK);
}

static void
two_free(struct two *w)
{
	kit_free(&w->a);
	kit_free(&w->b);
}

/* Carry k from one to the other; it must arrive as it was. */
static void
carry(struct kit *from, struct kit *to, struct kit_pkt *k)
{
	static uint8_t		 was[KIT_ROOM];
	static struct kit_pkt	 in;
	size_t			 n = k->p.len;

	memcpy(was, k->room + k->p.off, n);
	esp_out(from->self, &k->p, 1, from->now);
	assert_int_equal(k->p.verdict, ESP_WIRE);
	kit_dgram(&in, k->room + k->p.off, k->p.len, &k->p.remote,
	    &k->p.local);
	esp_in(to->self, &in.p, 1, to->now);
	assert_int_equal(in.p.verdict, ESP_TUN);
	assert_int_equal(in.p.len, n);
	assert_memory_equal(in.room + in.p.off, was, n);
}

static void
trips(const char *encr, const char *integ, int esn, int v6, int outer6)
{
	struct two	 w;
	struct kit_pkt	 k;
	size_t		 n, i;

	two_tunnels(&w, outer6 ? "2001:db8::3" : "192.168.1.3",
	    outer6 ? "2001:db8::4" : "192.168.1.4",
	    v6 ? "fd01::/64" : "10.1.3.0/24", v6 ? "fd02::/64" : "10.1.4.0/24");
	two_up(&w, 1, encr, integ, esn);
	for (i = 0; i < 40; i++) {
		n = 44 + i * 7;
		kit_ip(&k, v6 ? "fd01::2" : "10.1.3.2",
		    v6 ? "fd02::2" : "10.1.4.2", 17, 1000, 2000, n);
		carry(&w.a, &w.b, &k);
		kit_ip(&k, v6 ? "fd02::2" : "10.1.4.2",
		    v6 ? "fd01::2" : "10.1.3.2", 6, 1000, 2000, n);
		carry(&w.b, &w.a, &k);
	}
	assert_int_equal(esp_count(w.a.self, EC_OUT), 40);
	assert_int_equal(esp_count(w.a.self, EC_IN), 40);
	two_free(&w);
}

static void
test_round_trips(void **state)
{
	const struct alg	*a, *b;
	size_t			 i, j, n;
	int			 v;

	(void)state;
	a = alg_rows(&n);
	for (i = 0; i < n; i++) {
		if (a[i].type != ALG_ENCR)
			continue;
		for (v = 0; v < 8; v++) {
			if (a[i].flags & ALG_AEAD) {
				trips(a[i].name, NULL, v & 1, v & 2, v & 4);
				continue;
			}
			for (j = 0, b = a; j < n; j++, b++)
				if (b->type == ALG_INTEG)
					trips(a[i].name, b->name, v & 1,
					    v & 2, v & 4);
		}
	}
}

/* The longest packet the tunnel's MTU lets through fills 1,500 or less. */
static void
test_mtu(void **state)
{
	struct two	 w;
	struct kit_pkt	 k;
	const uint8_t	*d;
	size_t		 n;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	two_up(&w, 1, "aes-256-gcm", NULL, 0);
	assert_int_equal(w.pa.mtu, 1438);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 1438);
	carry(&w.a, &w.b, &k);
	assert_int_equal(k.p.len + 28, 1500);
	/* N084: one more draws the ICMP, from the inner packet */
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 1439);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_TUN);
	d = k.room + k.p.off;
	assert_int_equal(k.p.len, 576);
	assert_int_equal(esp_cksum(d, 20, 0), 0);
	assert_int_equal(esp_cksum(d + 20, 556, 0), 0);
	assert_memory_equal(d + 12, "\x0a\x01\x04\x02\x0a\x01\x03\x02", 8);
	assert_int_equal(d[9], 1);
	assert_memory_equal(d + 20, "\x03\x04", 2);
	assert_memory_equal(d + 26, "\x05\x9e", 2);	/* 1438 */
	assert_memory_equal(d + 28, "\x45\x00\x05\x9f", 4);
	assert_int_equal(esp_count(w.a.self, EC_OUT_TOOBIG), 1);
	/* without DF it may be cut outside */
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 1439);
	k.room[ESP_HEADROOM + 6] = 0;
	kit_fixsum(k.room + ESP_HEADROOM);
	carry(&w.a, &w.b, &k);
	/* rate limited: never more than the burst at one moment */
	for (n = 0; n < 1000; n++) {
		kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 1439);
		esp_out(w.a.self, &k.p, 1, 1000);
	}
	assert_in_range(esp_count(w.a.self, EC_ICMP), 2, 101);
	assert_in_range(esp_count(w.a.self, EC_ICMP_RATE), 899, 1000);
	/* and no answer to an ICMP error */
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 1, 0x0304, 0, 1439);
	esp_out(w.a.self, &k.p, 1, 9000);
	assert_int_equal(k.p.verdict, ESP_DROP);
	two_free(&w);
}

static void
test_mtu6(void **state)
{
	struct two	 w;
	struct kit_pkt	 k;
	const uint8_t	*d;
	uint8_t		 pseudo[40];

	(void)state;
	two_tunnels(&w, "2001:db8::3", "2001:db8::4", "fd01::/64",
	    "fd02::/64");
	two_up(&w, 1, "aes-256-gcm", NULL, 1);
	assert_int_equal(w.pa.mtu, 1418);
	kit_ip(&k, "fd01::2", "fd02::2", 17, 1, 2, 1418);
	carry(&w.a, &w.b, &k);
	assert_int_equal(k.p.len + 48, 1500);
	kit_ip(&k, "fd01::2", "fd02::2", 17, 1, 2, 1419);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_TUN);
	d = k.room + k.p.off;
	assert_int_equal(k.p.len, 1280);
	assert_memory_equal(d + 40, "\x02\x00", 2);
	assert_memory_equal(d + 44, "\x00\x00\x05\x8a", 4);
	memset(pseudo, 0, sizeof(pseudo));
	memcpy(pseudo, d + 8, 32);
	pseudo[34] = (uint8_t)(1240 >> 8);
	pseudo[35] = (uint8_t)1240;
	pseudo[39] = 58;
	assert_int_equal(esp_cksum(d + 40, 1240,
	    (uint16_t)~esp_cksum(pseudo, 40, 0)), 0);
	two_free(&w);
}

/* Longest prefixes first, both sides; then protocol and ports. */
static void
test_lookup(void **state)
{
	static const struct { const char *src, *dst; uint8_t proto;
	    uint16_t port; uint32_t tunnel; } q[] = {
		{ "10.1.3.2", "10.2.0.1", 17, 9, 1 },
		{ "10.1.3.2", "10.2.5.1", 17, 9, 2 },
		{ "10.1.3.200", "10.2.5.1", 17, 9, 3 },
		{ "10.1.3.200", "10.2.5.1", 6, 25, 4 },
		{ "10.1.3.200", "10.2.5.1", 6, 26, 3 },
		{ "10.9.3.2", "10.2.5.1", 17, 9, 0 },
		{ "10.1.3.2", "172.16.0.1", 17, 9, 5 },
		{ "fd01::1", "fd02::1", 17, 9, 6 },
		{ "fd01::1", "fd03::1", 17, 9, 0 },
	};
	struct tunnel	 t[6];
	struct kit	 k;
	struct kit_pkt	 p;
	struct esp_flow	 f;
	struct esp_tun	*e;
	size_t		 i;

	(void)state;
	kit_new(&k, &role_esp);
	kit_tunnel(&t[0], 1, "a", "192.0.2.1", "192.0.2.11", "10.1.3.0/24",
	    "10.2.0.0/16");
	kit_tunnel(&t[1], 2, "b", "192.0.2.1", "192.0.2.12", "10.1.3.0/24",
	    "10.2.5.0/24");
	kit_tunnel(&t[2], 3, "c", "192.0.2.1", "192.0.2.13", "10.1.3.128/25",
	    "10.2.5.0/24");
	kit_tunnel(&t[3], 4, "d", "192.0.2.1", "192.0.2.14", "10.1.3.128/25",
	    "10.2.5.0/24");
	t[3].pair[0].local.ipproto = t[3].pair[0].remote.ipproto = 6;
	t[3].pair[0].remote.port_lo = t[3].pair[0].remote.port_hi = 25;
	kit_tunnel(&t[4], 5, "e", "192.0.2.1", "192.0.2.15", "10.1.3.0/24",
	    "0.0.0.0/0");
	kit_tunnel(&t[5], 6, "f", "192.0.2.1", "192.0.2.16", "fd01::/16",
	    "fd02::/64");
	kit_conf(&k, t, nitems(t));
	for (i = 0; i < nitems(q); i++) {
		kit_ip(&p, q[i].src, q[i].dst, q[i].proto, 1, q[i].port, 60);
		assert_int_equal(esp_inner(rd_of(p.room + p.p.off, p.p.len),
		    &f), 0);
		e = esp_policy_find(&((struct esp *)k.self)->pol, &f);
		assert_int_equal(e == NULL ? 0 : e->id, q[i].tunnel);
	}
	/* a reload without them */
	kit_conf(&k, t, 1);
	kit_ip(&p, "10.1.3.2", "172.16.0.1", 17, 1, 9, 60);
	assert_int_equal(esp_inner(rd_of(p.room + p.p.off, p.p.len), &f), 0);
	assert_null(esp_policy_find(&((struct esp *)k.self)->pol, &f));
	kit_free(&k);
}

/* N087: before it is up, and after it went: nothing on the wire. */
static void
test_down(void **state)
{
	struct m_s_delete	 d = { 1, 0 };
	struct m_s_acquire	 a;
	struct ipc_hdr		 h;
	struct two		 w;
	struct kit_pkt		 k;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_DROP);
	assert_int_equal(esp_count(w.a.self, EC_OUT_DOWN), 1);
	assert_int_equal(kit_take(&w.a, M_E_ACQUIRE, &h, &a), 1);
	assert_int_equal(h.tunnel, 7);
	assert_memory_equal(a.dst.a, "\x0a\x01\x04\x02", 4);
	/* once a second */
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 1999);
	assert_int_equal(kit_count(&w.a, M_E_ACQUIRE), 0);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 2000);
	assert_int_equal(kit_take(&w.a, M_E_ACQUIRE, NULL, NULL), 1);
	two_up(&w, 1, "aes-256-gcm", NULL, 0);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	carry(&w.a, &w.b, &k);
	assert_int_equal(kit_send(&w.a, PROC_SAD, M_E_DELETE, 0, 7, &d), 0);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 3000);
	assert_int_equal(k.p.verdict, ESP_DROP);
	assert_int_equal(esp_count(w.a.self, EC_OUT_DOWN), 4);
	two_free(&w);
}

static void
on_held(void *arg)
{
	(*(int *)arg)++;
}

/* One packet of an `ondemand' tunnel waits, and goes out when it is up. */
static void
test_held(void **state)
{
	struct two	 w;
	struct kit_pkt	 k, in;
	int		 called = 0;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	w.ta.flags = TUN_ONDEMAND;
	kit_conf(&w.a, &w.ta, 1);
	esp_on_held(w.a.self, on_held, &called);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 11, 22, 100);
	esp_out(w.a.self, &k.p, 1, 1000);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 33, 44, 200);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(esp_count(w.a.self, EC_HELD), 1);
	assert_int_equal(esp_held(w.a.self, &k.p, 1, 1000), 0);
	assert_int_equal(called, 0);
	two_up(&w, 1, "aes-256-gcm", NULL, 0);
	assert_int_equal(called, 1);
	kit_ip(&k, "1.1.1.1", "1.1.1.1", 17, 0, 0, 28);	/* room only */
	assert_int_equal(esp_held(w.a.self, &k.p, 1, 1000), 1);
	assert_int_equal(k.p.verdict, ESP_WIRE);
	kit_dgram(&in, k.room + k.p.off, k.p.len, &k.p.remote, &k.p.local);
	esp_in(w.b.self, &in.p, 1, 1000);
	assert_int_equal(in.p.verdict, ESP_TUN);
	assert_int_equal(in.p.len, 100);
	assert_int_equal(esp_held(w.a.self, &k.p, 1, 1000), 0);
	two_free(&w);
}

/* A source that a NAT rule rewrote, and a destination of nobody. */
static void
test_rewritten(void **state)
{
	struct two	 w;
	struct kit_pkt	 k;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	two_up(&w, 1, "aes-256-gcm", NULL, 0);
	kit_ip(&k, "192.168.1.3", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_DROP);
	assert_int_equal(esp_count(w.a.self, EC_OUT_REWRITE), 1);
	assert_int_equal(w.a.reason, R_NAT_REWRITE);
	assert_non_null(strstr(w.a.log, "192.168.1.3"));
	assert_non_null(strstr(w.a.log, "berlin"));
	kit_ip(&k, "192.168.1.3", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 2000);
	assert_int_equal(w.a.nlog, 1);			/* not each time */
	kit_ip(&k, "192.168.1.3", "8.8.8.8", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 2000);
	assert_int_equal(esp_count(w.a.self, EC_OUT_POLICY), 1);
	two_free(&w);
}

/* N085: at 90 % a new one is asked for; the last number is never passed. */
static void
test_sequence_end(void **state)
{
	static const uint64_t	 max[] = { UINT32_MAX, UINT64_MAX };
	struct m_s_expire	 x;
	struct two		 w;
	struct esp_sa		*sa;
	struct kit_pkt		 k;
	int			 esn;

	(void)state;
	for (esn = 0; esn < 2; esn++) {
		two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
		    "10.1.4.0/24");
		two_up(&w, 1, "aes-256-gcm", NULL, esn);
		sa = esp_sa_child(w.a.self, 1);
		sa->seq = max[esn] / 10 * 9 - 1;
		esp_sa_child(w.b.self, 1)->rp.top = sa->seq;
		kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
		carry(&w.a, &w.b, &k);
		assert_int_equal(kit_count(&w.a, M_E_EXPIRE), 0);
		kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
		carry(&w.a, &w.b, &k);
		assert_int_equal(kit_take(&w.a, M_E_EXPIRE, NULL, &x), 1);
		assert_int_equal(x.hard, 0);
		sa->seq = max[esn] - 1;
		esp_sa_child(w.b.self, 1)->rp.top = sa->seq;
		kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
		carry(&w.a, &w.b, &k);
		assert_int_equal(sa->seq, max[esn]);
		kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
		esp_out(w.a.self, &k.p, 1, 1000);
		assert_int_equal(k.p.verdict, ESP_DROP);
		assert_int_equal(sa->seq, max[esn]);
		assert_int_equal(kit_take(&w.a, M_E_EXPIRE, NULL, &x), 1);
		assert_int_equal(x.hard, 1);
		two_free(&w);
	}
}

/* N086: octets. */
static void
test_byte_limits(void **state)
{
	struct m_s_expire	 x;
	struct two		 w;
	struct kit_pkt		 k;
	uint8_t			 ba[5000];
	int			 i;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	kit_e_pair(&w.pa, &w.ta, 1, "aes-256-gcm", NULL, 0, ba, sizeof(ba));
	w.pa.softbytes = 500;
	w.pa.hardbytes = 1000;
	install(&w.a, 7, &w.pa, SERR_OK);
	for (i = 1; i <= 10; i++) {
		kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
		esp_out(w.a.self, &k.p, 1, 1000);
		assert_int_equal(k.p.verdict, ESP_WIRE);
		assert_int_equal(kit_count(&w.a, M_E_EXPIRE), i > 5);
	}
	assert_int_equal(kit_take(&w.a, M_E_EXPIRE, NULL, &x), 1);
	assert_int_equal(x.hard, 0);
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_DROP);
	assert_int_equal(esp_count(w.a.self, EC_OUT_LIMIT), 1);
	assert_int_equal(kit_take(&w.a, M_E_EXPIRE, NULL, &x), 1);
	assert_int_equal(x.hard, 1);
	/* from now on the tunnel counts as down: a new one is asked for */
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(w.a.self, &k.p, 1, 1000);
	assert_int_equal(esp_count(w.a.self, EC_OUT_DOWN), 1);
	assert_int_equal(kit_count(&w.a, M_E_ACQUIRE), 1);
	two_free(&w);
}

/* DSCP and ECN go outside; CE comes in by RFC 6040 figure 4. */
static void
test_ecn(void **state)
{
	/* inner, outer as it arrives, wanted; -1: dropped */
	static const int	 t[][3] = {
		{ 0, 0, 0 }, { 0, 1, 0 }, { 0, 2, 0 }, { 0, 3, -1 },
		{ 2, 0, 2 }, { 2, 1, 1 }, { 2, 2, 2 }, { 2, 3, 3 },
		{ 1, 0, 1 }, { 1, 1, 1 }, { 1, 2, 1 }, { 1, 3, 3 },
		{ 3, 0, 3 }, { 3, 1, 3 }, { 3, 2, 3 }, { 3, 3, 3 },
	};
	struct esp_flow	 f;
	struct two	 w;
	struct kit_pkt	 k, in;
	size_t		 i;
	int		 v6;

	(void)state;
	for (v6 = 0; v6 < 2; v6++) {
		two_tunnels(&w, "192.168.1.3", "192.168.1.4",
		    v6 ? "fd01::/64" : "10.1.3.0/24",
		    v6 ? "fd02::/64" : "10.1.4.0/24");
		two_up(&w, 1, "aes-256-gcm", NULL, 0);
		for (i = 0; i < nitems(t); i++) {
			kit_ip(&k, v6 ? "fd01::2" : "10.1.3.2",
			    v6 ? "fd02::2" : "10.1.4.2", 17, 1, 2, 100);
			if (v6) {
				k.room[ESP_HEADROOM] |= 0x0b;
				k.room[ESP_HEADROOM + 1] = (uint8_t)(0x80 |
				    t[i][0] << 4);
			} else {
				k.room[ESP_HEADROOM + 1] = (uint8_t)(0xb8 |
				    t[i][0]);
				kit_fixsum(k.room + ESP_HEADROOM);
			}
			esp_out(w.a.self, &k.p, 1, 1000);
			assert_int_equal(k.p.verdict, ESP_WIRE);
			assert_int_equal(k.p.tos, 0xb8 | t[i][0]);
			kit_dgram(&in, k.room + k.p.off, k.p.len,
			    &k.p.remote, &k.p.local);
			in.p.tos = (uint8_t)t[i][1];
			esp_in(w.b.self, &in.p, 1, 1000);
			assert_int_equal(in.p.verdict, t[i][2] == -1 ?
			    ESP_DROP : ESP_TUN);
			if (t[i][2] == -1)
				continue;
			/* the checksum is looked at here, too */
			assert_int_equal(esp_inner(rd_of(in.room + in.p.off,
			    in.p.len), &f), 0);
			assert_int_equal(f.tos, 0xb8 | t[i][2]);
		}
		two_free(&w);
	}
}

static int
one(struct kit *from, struct kit *to)
{
	struct kit_pkt	 k, in;

	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 1, 2, 100);
	esp_out(from->self, &k.p, 1, 1000);
	assert_int_equal(k.p.verdict, ESP_WIRE);
	kit_dgram(&in, k.room + k.p.off, k.p.len, &k.p.remote, &k.p.local);
	esp_in(to->self, &in.p, 1, 1000);
	assert_int_equal(in.p.verdict, ESP_TUN);
	return (k.room[k.p.off + 3]);		/* last octet of the SPI */
}

/* A rekey: initiator switches at once, responder when it hears or deletes. */
static void
test_rekey(void **state)
{
	struct m_s_delete	 d = { 1, 0 };
	struct two		 w;
	uint8_t			 b[5000];
	struct m_e_pair		 m;
	struct kit_pkt		 k, in;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	two_up(&w, 1, "aes-256-gcm", NULL, 1);
	assert_int_equal(one(&w.a, &w.b), 1);
	/* b responds: inbound only */
	kit_e_pair(&m, &w.tb, 2, "aes-256-gcm", NULL, 1, b, sizeof(b));
	m.replaces = 1;
	m.inactive = 1;
	m.esn = 1;
	install(&w.b, 9, &m, SERR_OK);
	assert_int_equal(esp_sa_child(w.b.self, 2)->active, 0);
	kit_ip(&k, "10.1.4.2", "10.1.3.2", 17, 1, 2, 100);
	esp_out(w.b.self, &k.p, 1, 1000);
	assert_int_equal(k.room[k.p.off + 3], 1);
	/* a has both: sends on the new one, still hears the old one */
	kit_e_pair(&m, &w.ta, 2, "aes-256-gcm", NULL, 0, b, sizeof(b));
	m.replaces = 1;
	m.esn = 1;
	install(&w.a, 7, &m, SERR_OK);
	kit_dgram(&in, k.room + k.p.off, k.p.len, &k.p.remote, &k.p.local);
	esp_in(w.a.self, &in.p, 1, 1000);
	assert_int_equal(in.p.verdict, ESP_TUN);
	assert_int_equal(esp_sa_child(w.b.self, 2)->active, 0);
	assert_int_equal(one(&w.a, &w.b), 2);
	assert_int_equal(esp_sa_child(w.b.self, 2)->active, 1);
	assert_int_equal(kit_send(&w.b, PROC_SAD, M_E_DELETE, 0, 9, &d), 0);
	assert_int_equal(kit_send(&w.a, PROC_SAD, M_E_DELETE, 0, 7, &d), 0);
	assert_int_equal(one(&w.a, &w.b), 2);
	/* without a packet, the delete is what switches */
	kit_e_pair(&m, &w.tb, 3, "aes-256-gcm", NULL, 1, b, sizeof(b));
	m.replaces = 2;
	m.inactive = 1;
	install(&w.b, 9, &m, SERR_OK);
	assert_int_equal(esp_sa_child(w.b.self, 3)->active, 0);
	d.child = 2;
	assert_int_equal(kit_send(&w.b, PROC_SAD, M_E_DELETE, 0, 9, &d), 0);
	assert_int_equal(esp_sa_child(w.b.self, 3)->active, 1);
	two_free(&w);
}

/* N102, N103: what may not be installed, whoever asks. */
static void
test_refused(void **state)
{
	struct tunnel	 other;
	struct two	 w;
	uint8_t		 b[5000];
	struct m_e_pair	 ok, m;

	(void)state;
	two_tunnels(&w, "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	kit_e_pair(&ok, &w.ta, 1, "aes-256-gcm", NULL, 0, b, sizeof(b));
#define REFUSED(change, err) do { m = ok; change; install(&w.a, 7, &m, err); \
	} while (0)
	REFUSED(m.child = 0, SERR_CONTENT);
	REFUSED(m.spi_in = 255, SERR_SPI);
	REFUSED(m.spi_out = 0, SERR_SPI);
	REFUSED(m.local.af = 0, SERR_ADDRESS);
	REFUSED(m.remote.port = 0, SERR_ADDRESS);
	REFUSED(m.remote = kit_addr("2001:db8::1", 4500), SERR_ADDRESS);
	REFUSED(m.encr = 0, SERR_ALG);
	REFUSED(m.encr = 30, SERR_ALG);
	REFUSED(m.integ = 30, SERR_ALG);
	REFUSED(m.ein.len--, SERR_ALG);
	REFUSED(m.aout.len = 20, SERR_ALG);
	/* CBC without integrity */
	REFUSED((m.encr = 4, m.ein.len = m.eout.len = 32), SERR_ALG);
	install(&w.a, 8, &ok, SERR_TUNNEL);
	kit_tunnel(&other, 7, "x", "192.168.1.3", "192.168.1.4",
	    "10.1.0.0/16", "10.1.4.0/24");
	kit_e_pair(&m, &other, 1, "aes-256-gcm", NULL, 0, b, sizeof(b));
	install(&w.a, 7, &m, SERR_SELECTOR);
	kit_e_pair(&ok, &w.ta, 1, "aes-256-gcm", NULL, 0, b, sizeof(b));
	install(&w.a, 7, &ok, SERR_OK);
	REFUSED(m.spi_in++, SERR_CONTENT);	/* child in use */
	REFUSED(m.child++, SERR_SPI);		/* SPI in use */
	assert_int_equal(((struct esp *)w.a.self)->nsa, 1);
	/* from anybody else, or broken: the sender is ended */
	assert_int_equal(kit_send(&w.a, PROC_IKE, M_E_PAIR, 1, 7, &ok), -1);
	assert_int_equal(kit_send(&w.a, PROC_KEYS, M_E_PAIR, 1, 7, &ok), -1);
	m = ok;
	m.pairs.n--;
	assert_int_equal(kit_send(&w.a, PROC_SAD, M_E_PAIR, 1, 7, &m), -1);
	two_free(&w);
}

/* Counters of one, of all, in parts; the list for a new s2sd-sad. */
static void
test_query(void **state)
{
	enum { N = 401 };
	struct m_s_counters	 c;
	struct m_e_listed	 l;
	struct m_e_list_end	 end;
	struct sa_listed	 pair;
	struct sa_count		 one_c;
	struct kit		 k;
	struct tunnel		*t;
	struct m_e_pair		 m;
	uint8_t			 b[5000];
	char			 net[32];
	size_t			 i, n = 0, parts = 0;

	(void)state;
	kit_new(&k, &role_esp);
	assert_non_null(t = calloc(N, sizeof(*t)));
	for (i = 0; i < N; i++) {
		(void)snprintf(net, sizeof(net), "10.%zu.%zu.0/24",
		    100 + i / 250, i % 250);
		kit_tunnel(&t[i], (uint32_t)i + 1, "t", "192.0.2.1",
		    "192.0.2.2", "10.1.3.0/24", net);
	}
	kit_conf(&k, t, N);
	for (i = 0; i < N; i++) {
		kit_e_pair(&m, &t[i], (uint32_t)i + 1, "aes-128-gcm", NULL, 0,
		    b, sizeof(b));
		install(&k, (uint32_t)i + 1, &m, SERR_OK);
	}
	kit_send(&k, PROC_SAD, M_E_QUERY, 5, 0, NULL);
	while (kit_take(&k, M_E_COUNTERS, NULL, &c)) {
		parts++;
		for (i = 0; c.rest.n > 0; i++) {
			assert_int_equal(sa_count_get(&c.rest, &one_c), 0);
			assert_int_equal(one_c.in_age, UINT64_MAX);
			n++;
		}
		if (i < 200)
			break;
	}
	assert_int_equal(n, N);
	assert_int_equal(parts, 3);
	kit_send(&k, PROC_SAD, M_E_LIST, 6, 0, NULL);
	for (n = parts = 0; kit_take(&k, M_E_LISTED, NULL, &l); parts++) {
		assert_int_equal(l.part, parts);
		for (; l.rest.n > 0; n++) {
			assert_int_equal(sa_listed_get(&l.rest, &pair), 0);
			assert_int_equal(pair.spi_in, 0xa0000000 + pair.child);
			assert_int_equal(pair.tunnel, pair.child);
		}
	}
	assert_int_equal(n, N);
	assert_int_equal(kit_take(&k, M_E_LIST_END, NULL, &end), 1);
	assert_int_equal(end.parts, parts);
	kit_free(&k);
	free(t);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_mtu6),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_rewritten),
		cmocka_unit_test(test_sequence_end),
		cmocka_unit_test(test_byte_limits),
		cmocka_unit_test(test_ecn),
		cmocka_unit_test(test_rekey),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_query),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
