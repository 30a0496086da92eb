/* SPDX-License-Identifier: ISC */

/* test_msg.c: every message and both records: there and back, truncated,
 * one octet too many, every bit flipped. */

#include "test_common.h"

#include "ipc.h"
#include "msg.h"
#include "tunnel.h"

union body {
	uint64_t	 align;
	uint8_t		 room[MSG_STRUCT_MAX];
};

static const uint8_t	octets[300] = { 1, 2, 3 };

/* Something in every field, different from zero. */
static void
fill(const struct msg_desc *d, uint8_t *b)
{
	const struct msg_field	*f;
	struct addr		 a;
	struct keyoct		 k;
	struct rd		 v;

	memset(b, 0, d->size);
	assert_int_equal(addr_parse("192.0.2.1", &a), 0);
	a.port = 500;
	memset(&k, 0, sizeof(k));
	k.len = 36;
	memset(k.d, 7, k.len);
	for (f = d->f; f < d->f + d->nf; f++) {
		switch (f->kind) {
		case MF_ADDR:
			memcpy(b + f->off, &a, sizeof(a));
			break;
		case MF_KEY:
			memcpy(b + f->off, &k, sizeof(k));
			break;
		case MF_TEXT:
			memcpy(b + f->off, "text", 5);
			break;
		case MF_VIEW:
		case MF_REST:
			v = rd_of(octets, f->size < sizeof(octets) ? f->size :
			    sizeof(octets));
			memcpy(b + f->off, &v, sizeof(v));
			break;
		default:
			memset(b + f->off, 0x5a, f->size);
		}
	}
}

static int
decode(const struct msg_desc *d, const uint8_t *p, size_t n)
{
	union body	 out;
	uint8_t		*copy;
	int		 rv;

	assert_non_null(copy = malloc(n > 0 ? n : 1));
	if (n > 0)
		memcpy(copy, p, n);
	rv = msg_get(d, rd_of(copy, n), out.room);
	free(copy);
	return (rv);
}

static int
has_rest(const struct msg_desc *d)
{
	return (d->nf > 0 && d->f[d->nf - 1].kind == MF_REST);
}

static void
try_desc(const struct msg_desc *d)
{
	union body	 in, out;
	uint8_t		 a[IPC_BODY_MAX], b[IPC_BODY_MAX];
	struct wr	 wa = wr_of(a, sizeof(a)), wb = wr_of(b, sizeof(b));
	size_t		 i, len, min, max;

	assert_true(d->size <= MSG_STRUCT_MAX);
	msg_bounds(d, &min, &max);
	fill(d, in.room);
	assert_int_equal(msg_put(d, &wa, in.room), 0);
	assert_true(wa.n >= min && wa.n <= max && max <= IPC_BODY_MAX);
	assert_int_equal(msg_get(d, rd_of(a, wa.n), out.room), 0);
	assert_int_equal(msg_put(d, &wb, out.room), 0);
	assert_int_equal(wa.n, wb.n);
	assert_memory_equal(a, b, wa.n);
	for (len = 0; len < wa.n; len++)
		if (!has_rest(d) || len < min)
			assert_int_equal(decode(d, a, len), -1);
	if (!has_rest(d)) {
		a[wa.n] = 0;
		assert_int_equal(decode(d, a, wa.n + 1), -1);
	}
	for (i = 0; i < wa.n * 8; i++) {
		a[i / 8] ^= (uint8_t)(1 << i % 8);
		(void)decode(d, a, wa.n);
		a[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
test_all(void **state)
{
	const struct msg_desc	*d;
	size_t			 i, j, n;

	(void)state;
	d = msg_descs(&n);
	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++)
			assert_int_not_equal(d[i].type, d[j].type);
		assert_ptr_equal(msg_desc(d[i].type), &d[i]);
		assert_int_not_equal(d[i].from, 0);
		assert_int_not_equal(d[i].to, 0);
		try_desc(&d[i]);
	}
	try_desc(msg_desc_sa());
	assert_null(msg_desc(0));
}

static void
test_text(void **state)
{
	const struct msg_desc	*d = msg_desc(M_CONF_REFUSED);
	struct m_text		 t;
	const uint8_t		 nul[] = { 0, 3, 'a', 0, 'b' };

	(void)state;
	assert_int_equal(msg_get(d, rd_of(nul, sizeof(nul)), &t), -1);
}

void
sample_tunnel(struct tunnel *t)
{
	struct net	 l, r;

	memset(t, 0, sizeof(*t));
	memcpy(t->name, "secgw-vpn", 10);
	t->flags = TUN_ACTIVE;
	assert_int_equal(addr_parse("192.168.1.3", &t->local), 0);
	assert_int_equal(addr_parse("192.168.1.4", &t->peer[0]), 0);
	t->local.port = t->peer[0].port = 500;
	t->npeer = 1;
	ident_addr(&t->local, &t->srcid);
	ident_addr(&t->peer[0], &t->dstid);
	assert_int_equal(net_parse("10.1.3.0/24", &l), 0);
	assert_int_equal(net_parse("10.1.4.0/24", &r), 0);
	sel_from_net(&l, 0, 0, 65535, &t->pair[0].local);
	sel_from_net(&r, 0, 0, 65535, &t->pair[0].remote);
	t->npair = 1;
	t->nike = t->nchild = 1;
	t->ike[0].nencr = t->child[0].nencr = 1;
	t->ike[0].encr[0] = t->child[0].encr[0] = 1;
	t->ike[0].nprf = 1;
	t->ike[0].prf[0] = 20;
	t->ike[0].ndh = t->child[0].ndh = 1;
	t->ike[0].dh[0] = t->child[0].dh[0] = 40;
	t->child[0].nesn = 1;
	t->child[0].esn[0] = 1;
	t->ikelife = 28800;
	t->life = 3600;
	t->dpd = 30;
	t->replay = 4096;
}

/* An interface, its address and two routes. */
static void
sample_interface(struct tunnel *t)
{
	struct tunroute	 r;

	t->ifkind = IF_XFRM;
	t->ifunit = 7;
	assert_int_equal(addr_parse("169.254.10.2", &t->ifaddr.a), 0);
	t->ifaddr.plen = 30;
	memset(&r, 0, sizeof(r));
	r.metric = 100;
	assert_int_equal(net_parse("10.20.0.0/16", &r.to), 0);
	assert_int_equal(tunnel_route_add(t, &r), 0);
	r.metric = 200;
	assert_int_equal(net_parse("2001:db8:20::/48", &r.to), 0);
	assert_int_equal(tunnel_route_add(t, &r), 0);
}

static void
tunnel_codec(int interface)
{
	struct tunnel	 t, u, flipped;
	uint8_t		 a[TUNNEL_WIRE_MAX], b[TUNNEL_WIRE_MAX], *copy;
	struct wr	 wa = wr_of(a, sizeof(a)), wb = wr_of(b, sizeof(b));
	size_t		 i, len;

	sample_tunnel(&t);
	if (interface)
		sample_interface(&t);
	tunnel_put(&wa, &t);
	assert_int_equal(wr_end(&wa), 0);
	assert_int_equal(tunnel_get(rd_of(a, wa.n), &u), 0);
	tunnel_put(&wb, &u);
	assert_int_equal(wa.n, wb.n);
	assert_memory_equal(a, b, wa.n);
	assert_memory_equal(&t, &u, sizeof(t));
	for (len = 0; len < wa.n; len++) {
		assert_non_null(copy = malloc(len > 0 ? len : 1));
		memcpy(copy, a, len);
		assert_int_equal(tunnel_get(rd_of(copy, len), &u), -1);
		free(copy);
	}
	a[wa.n] = 0;
	assert_int_equal(tunnel_get(rd_of(a, wa.n + 1), &u), -1);
	/* A flipped bit is refused or is another configuration, in full. */
	for (i = 0; i < wa.n * 8; i++) {
		a[i / 8] ^= (uint8_t)(1 << i % 8);
		wb = wr_of(b, sizeof(b));
		if (tunnel_get(rd_of(a, wa.n), &flipped) == 0) {
			tunnel_put(&wb, &flipped);
			assert_int_equal(wb.n, wa.n);
			assert_memory_equal(a, b, wa.n);
		}
		a[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	t.dstid = t.srcid;
	wa = wr_of(a, sizeof(a));
	tunnel_put(&wa, &t);
	assert_int_equal(tunnel_get(rd_of(a, wa.n), &u), -1);
}

static void
test_tunnel(void **state)
{
	(void)state;
	tunnel_codec(0);
	tunnel_codec(1);
}

/* Names of interfaces, and the copy of a record that ends with its routes. */
static void
test_tunnel_interface(void **state)
{
	static const char *const bad[] = { "", "xfrm", "xfrm0", "xfrm01",
	    "xfrm-1", "xfrm1x", "xfrm2147483648", "xfrm99999999999999999999",
	    "tun1", "Xfrm1", "xfrm 1" };
	struct tunnel	 t, *copy;
	struct tunroute	 r;
	char		 name[IF_STRLEN];
	uint8_t		 kind;
	uint32_t	 unit;
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		assert_int_equal(if_parse(bad[i], &kind, &unit), -1);
	assert_int_equal(if_parse("xfrm2147483647", &kind, &unit), 0);
	assert_int_equal(unit, 2147483647);
	assert_string_equal(if_str(kind, unit, name, sizeof(name)),
	    "xfrm2147483647");
	assert_int_equal(if_parse("ipsec1", &kind, &unit), 0);
	assert_int_equal(kind, IF_IPSEC);
	sample_tunnel(&t);
	assert_string_equal(tunnel_ifname(&t, name, sizeof(name)), "");
	sample_interface(&t);
	assert_string_equal(tunnel_ifname(&t, name, sizeof(name)), "xfrm7");
	assert_non_null(copy = malloc(tunnel_size(&t)));
	memcpy(copy, &t, tunnel_size(&t));
	tunnel_route(copy, 1, &r);
	assert_int_equal(r.metric, 200);
	assert_int_equal(r.to.plen, 48);
	free(copy);
	while (t.nroute < ROUTE_MAX)
		assert_int_equal(tunnel_route_add(&t, &r), 0);
	assert_int_equal(tunnel_route_add(&t, &r), -1);
}

/* What is soft stands in the last octets, all of it, and nothing else does. */
static void
test_tunnel_soft(void **state)
{
	struct tunnel	 t, u;
	uint8_t		 a[TUNNEL_WIRE_MAX], b[TUNNEL_WIRE_MAX];
	struct wr	 wa = wr_of(a, sizeof(a)), wb;
	size_t		 i, hard;
	int		 soft;

	(void)state;
	sample_tunnel(&t);
	sample_interface(&t);
	tunnel_put(&wa, &t);
	assert_int_equal(wr_end(&wa), 0);
	hard = wa.n - TUNNEL_SOFT;
	for (i = 0; i < 12; i++) {
		u = t;
		switch (i) {
		case 0: u.ikelife++; break;
		case 1: u.life++; break;
		case 2: u.lifebytes++; break;
		case 3: u.dpd++; break;
		case 4: u.mtu = 1400; break;
		case 5: u.maxmss = 1300; break;
		case 6: u.replay = 128; break;
		case 7: u.flags ^= TUN_NATT; break;
		case 8: u.peer[0].port++; break;
		case 9: u.ifunit++; break;
		case 10: u.ifaddr.a.a[3]++; break;
		default: u.child[0].encr[0]++;
		}
		soft = i < 7;
		wb = wr_of(b, sizeof(b));
		tunnel_put(&wb, &u);
		assert_int_equal(wr_end(&wb), 0);
		assert_int_equal(wa.n, wb.n);
		assert_int_equal(memcmp(a, b, hard) == 0, soft);
		assert_int_equal(memcmp(a + hard, b + hard, TUNNEL_SOFT) == 0,
		    !soft);
		assert_int_equal(tunnel_soft_eq(&t, &u), !soft);
	}
}

static size_t
map_put(const struct tunnel *t, uint8_t *b, size_t max)
{
	struct wr	 w = wr_of(b, max);

	tunnel_put(&w, t);
	assert_int_equal(wr_end(&w), 0);
	return (w.n);
}

static void
map_add(struct tunnel *t, const char *wire, const char *here)
{
	struct selpair	*m = &t->pair[t->npair + t->nmap++];
	struct net	 n;

	assert_int_equal(net_parse(wire, &n), 0);
	sel_from_net(&n, 0, 0, 65535, &m->local);
	assert_int_equal(net_parse(here, &n), 0);
	sel_from_net(&n, 0, 0, 65535, &m->remote);
}

/* `from A (B)': kept whole, cut nowhere, and what cannot be is refused. */
static void
test_tunnel_map(void **state)
{
	static const char *const bad[][2] = {
		{ "10.1.9.0/24", "10.0.5.0/24" },	/* of no pair */
		{ "10.1.3.0/24", "10.0.5.0/25" },	/* not of one length */
		{ "10.1.3.0/24", "10.1.3.0/24" },	/* itself */
		{ "10.1.3.0/24", "fd00::/24" },		/* another family */
	};
	struct tunnel	 t, u;
	struct sel	 here;
	uint8_t		 b[TUNNEL_WIRE_MAX], *copy;
	char		 s[SEL_STRLEN];
	size_t		 n, len, i;

	(void)state;
	sample_tunnel(&t);
	n = map_put(&t, b, sizeof(b));
	map_add(&t, "10.1.3.0/24", "10.0.5.0/24");
	/* 20 octets a network */
	assert_int_equal(map_put(&t, b, sizeof(b)), n + 2 * 20);
	n += 2 * 20;
	assert_int_equal(tunnel_get(rd_of(b, n), &u), 0);
	assert_int_equal(u.nmap, 1);
	assert_int_equal(tunnel_size(&u), offsetof(struct tunnel, pair) +
	    2 * sizeof(u.pair[0]));
	assert_memory_equal(&t, &u, tunnel_size(&u));
	assert_ptr_equal(tunnel_map(&u, &u.pair[0].local), &u.pair[1]);
	assert_null(tunnel_map(&u, &u.pair[0].remote));
	u.pair[0].local.ipproto = 6;
	here = tunnel_here(&u, &u.pair[0]);
	assert_string_equal(sel_str(&here, s, sizeof(s)), "10.0.5.0/24 proto 6");
	for (len = 0; len < n; len++) {
		assert_non_null(copy = malloc(len > 0 ? len : 1));
		memcpy(copy, b, len);
		assert_int_equal(tunnel_get(rd_of(copy, len), &u), -1);
		free(copy);
	}
	map_add(&t, "10.1.3.0/24", "10.0.6.0/24");	/* twice */
	n = map_put(&t, b, sizeof(b));
	assert_int_equal(tunnel_get(rd_of(b, n), &u), -1);
	for (i = 0; i < nitems(bad); i++) {
		t.nmap = 0;
		map_add(&t, bad[i][0], bad[i][1]);
		n = map_put(&t, b, sizeof(b));
		assert_int_equal(tunnel_get(rd_of(b, n), &u), -1);
	}
}

/* The largest tunnel fits into one frame. */
static void
test_tunnel_max(void **state)
{
	struct tunnel	 t, u;
	struct tunroute	 r;
	uint8_t		 a[IPC_BODY_MAX];
	struct wr	 w = wr_of(a, sizeof(a));
	size_t		 i;

	(void)state;
	sample_tunnel(&t);
	t.npeer = PEER_MAX;
	for (i = 1; i < PEER_MAX; i++)
		t.peer[i] = t.peer[0];
	t.npair = SELPAIR_MAX;
	for (i = 1; i < SELPAIR_MAX; i++)
		t.pair[i] = t.pair[0];
	t.nike = t.nchild = PROP_MAX;
	for (i = 0; i < PROP_ALGMAX; i++) {
		t.ike[0].encr[i] = 1;
		t.ike[0].prf[i] = 20;
		t.ike[0].dh[i] = 40;
	}
	t.ike[0].nencr = t.ike[0].nprf = t.ike[0].ndh = PROP_ALGMAX;
	for (i = 0; i < PROP_MAX; i++)
		t.ike[i] = t.child[i] = t.ike[0];
	t.srcid.type = t.dstid.type = IDT_KEYID;
	t.srcid.len = t.dstid.len = ID_MAX;
	t.srcid.d[0] = 1;
	for (i = 0; i < MAP_MAX; i++) {		/* IPv6, the longest */
		char	 net[32], here[32];

		(void)snprintf(net, sizeof(net), "fd00:1:%zx::/48", i);
		(void)snprintf(here, sizeof(here), "fd00:2:%zx::/48", i);
		map_add(&t, net, here);
	}
	for (i = 0; i < SELPAIR_MAX; i++)
		t.pair[i] = t.pair[SELPAIR_MAX + i % MAP_MAX];
	tunnel_put(&w, &t);
	assert_int_equal(wr_end(&w), 0);
	assert_true(w.n <= TUNNEL_WIRE_MAX);
	assert_int_equal(tunnel_get(rd_of(a, w.n), &u), 0);
	assert_int_equal(u.nmap, MAP_MAX);
	/* with an interface nothing is translated */
	t.nmap = 0;
	sample_interface(&t);
	tunnel_route(&t, 1, &r);
	while (t.nroute < ROUTE_MAX)
		assert_int_equal(tunnel_route_add(&t, &r), 0);
	w = wr_of(a, sizeof(a));
	tunnel_put(&w, &t);
	assert_int_equal(wr_end(&w), 0);
	assert_true(w.n <= TUNNEL_WIRE_MAX);
	assert_int_equal(tunnel_get(rd_of(a, w.n), &u), 0);
	assert_int_equal(u.nroute, ROUTE_MAX);
}

static void
test_global(void **state)
{
	struct global	 g, h;
	uint8_t		 a[8192], *copy;
	struct wr	 w = wr_of(a, sizeof(a));
	size_t		 len;

	(void)state;
	memset(&g, 0, sizeof(g));
	g.gateway = GW_ON | GW_FORWARDING;
	g.nbypass = 1;
	assert_int_equal(net_parse("10.0.0.0/8", &g.bypass[0]), 0);
	assert_int_equal(net_parse("10.1.0.0/16", &g.bypass_to[0]), 0);
	global_put(&w, &g);
	assert_int_equal(wr_end(&w), 0);
	assert_int_equal(global_get(rd_of(a, w.n), &h), 0);
	assert_memory_equal(&g, &h, sizeof(g));
	for (len = 0; len < w.n; len++) {
		assert_non_null(copy = malloc(len > 0 ? len : 1));
		memcpy(copy, a, len);
		assert_int_equal(global_get(rd_of(copy, len), &h), -1);
		free(copy);
	}
}

const struct CMUnitTest tests_msg[] = {
	cmocka_unit_test(test_all), cmocka_unit_test(test_text),
	cmocka_unit_test(test_tunnel), cmocka_unit_test(test_tunnel_max),
	cmocka_unit_test(test_tunnel_map),
	cmocka_unit_test(test_tunnel_soft),
	cmocka_unit_test(test_tunnel_interface),
	cmocka_unit_test(test_global),
};
const size_t tests_msg_n = nitems(tests_msg);
