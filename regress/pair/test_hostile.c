/* SPDX-License-Identifier: ISC */

/*
 * test_hostile.c: somebody on the wire, and broken processes behind the
 * borders.  Numbers are the rows of the bad-input matrix.
 */

#include "pair.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

enum { TAPE = 256, LONGEST = 2048 };

struct tape {
	struct world	*w;
	struct pkt {
		struct addr	 src, dst;
		uint8_t		 d[LONGEST];
		size_t		 n;
	} p[TAPE];
	size_t		 n;
	int		 flip;		/* forward a forged copy first */
};

static int
record(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	struct tape	*t = arg;

	(void)from;
	if (t->n < TAPE && n <= LONGEST) {
		t->p[t->n].src = *src;
		t->p[t->n].dst = *dst;
		memcpy(t->p[t->n].d, p, n);
		t->p[t->n++].n = n;
	}
	return (1);
}

/* Everything that ever was on the wire, again: N009, N012, N077. */
static void
test_replayed(void **state)
{
	static struct tape tape;
	struct two	 t;
	uint32_t	 number = 0;
	unsigned int	 spi;
	size_t		 i, n;

	(void)state;
	memset(&tape, 0, sizeof(tape));
	pair_new(&t, &calm);
	world_set_tap(t.w, record, &tape);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	pair_expect_traffic(&t, &number);
	pair_order(t.a, M_C_REKEY, 0);
	world_run(t.w, 1000);
	pair_order(t.b, M_C_REKEY, 1);
	world_run(t.w, 1000);
	pair_expect_traffic(&t, &number);
	world_run(t.w, 70000);
	n = tape.n;
	spi = world_seen(t.a, "vpn")->spi_in[0];
	t.a->delivered = t.b->delivered = 0;
	for (i = 0; i < n; i++) {
		world_inject(t.w, &tape.p[i].src, &tape.p[i].dst, tape.p[i].d,
		    tape.p[i].n);
		/* and to where it came from */
		world_inject(t.w, &tape.p[i].dst, &tape.p[i].src, tape.p[i].d,
		    tape.p[i].n);
		world_run(t.w, 20);
	}
	world_run(t.w, 150000);
	assert_int_equal(t.a->delivered + t.b->delivered, 0);
	assert_int_equal(t.a->duplicates + t.b->duplicates, 0);
	assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
	assert_int_equal(world_seen(t.b, "vpn")->downs, 0);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	number = 3000;
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* Each datagram of a session with each octet changed once, in passing: the
 * attacker's copy comes first, the true one behind it. */
static int
forge(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	struct tape	*t = arg;
	uint8_t		 d[LONGEST];
	size_t		 at;

	(void)from;
	if (n > LONGEST || n == 0)
		return (1);
	at = (size_t)(world_random(t->w) >> 20) % n;
	memcpy(d, p, n);
	d[at] ^= (uint8_t)(1 << world_random(t->w) % 8);
	world_inject(t->w, src, dst, d, n);
	d[at] ^= 0xff;
	world_inject(t->w, src, dst, d, n > 30 ? n - 1 : n);
	return (1);
}

static void
test_forged(void **state)
{
	struct world_opt o = { .delay = 5 };
	static struct tape tape;
	struct two	 t;
	uint32_t	 number;
	unsigned int	 i;

	(void)state;
	for (i = 0; i < 200; i++) {
		o.seed = pair_seed() * 501 + i;
		pair_new(&t, &o);
		tape.w = t.w;
		world_set_tap(t.w, forge, &tape);
		pair_load(&t, 0);
		pair_expect_up(&t, 150000);
		world_run(t.w, 500);
		number = 0;
		pair_expect_traffic(&t, &number);
		pair_order(t.a, M_C_REKEY, (int)(i % 2));
		world_run(t.w, 3000);
		assert_int_equal(world_seen(t.a, "vpn")->downs, 0);
		pair_expect_traffic(&t, &number);
		pair_free(&t);
	}
}

/* N044: refusals in clear, from somebody who sees the request. */
struct liar {
	struct world	*w;
	uint16_t	 type;
	unsigned int	 told;
};

static int
lie(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	struct liar	*l = arg;
	uint8_t		 d[64];
	struct wr	 w = wr_of(d, sizeof(d));

	(void)from;
	if (n < 28 || src->port != 500 || p[18] != 34 || p[19] & 0x20)
		return (1);
	wr_put(&w, p, 8);
	wr_zero(&w, 8);
	wr_u8(&w, 41);			/* Notify */
	wr_u8(&w, 0x20);
	wr_u8(&w, 34);			/* IKE_SA_INIT */
	wr_u8(&w, 0x20);		/* response */
	wr_u32(&w, 0);
	wr_u32(&w, 28 + 8 + (l->type == 17 ? 2 : 0));
	wr_u8(&w, 0);
	wr_u8(&w, 0);
	wr_u16(&w, (uint16_t)(8 + (l->type == 17 ? 2 : 0)));
	wr_u8(&w, 0);
	wr_u8(&w, 0);
	wr_u16(&w, l->type);
	if (l->type == 17)
		wr_u16(&w, 14);
	world_inject(l->w, dst, src, d, w.n);
	l->told++;
	return (1);
}

static void
test_lies(void **state)
{
	static const uint16_t	 types[] = { 7, 14, 24, 38, 17, 5 };
	struct liar		 l;
	struct two		 t;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(types); i++) {
		pair_new(&t, &calm);
		/* the lie is there well before the truth */
		memset(&l, 0, sizeof(l));
		l.w = t.w;
		l.type = types[i];
		world_set_tap(t.w, lie, &l);
		pair_load(&t, 0);
		pair_expect_up(&t, 60000);
		assert_true(l.told > 0);
		pair_free(&t);
	}
}

/* N099: for each message and each sender that the table does not know. */
static void
test_wrong_senders(void **state)
{
	static uint64_t		 body[MSG_STRUCT_MAX / 8];
	const struct msg_desc	*d;
	struct two		 t;
	uint32_t		 number = 0;
	unsigned int		 expect = 0;
	size_t			 i, n;
	int			 from, to;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	d = msg_descs(&n);
	for (i = 0; i < n; i++)
		for (from = PROC_NET; from < PROC_CTL; from++)
			for (to = PROC_NET; to <= PROC_CTL; to++) {
				if (from == to || !(W_ROLES & PB(to)) || (d[i].from & PB(from) &&
				    d[i].to & PB(to)))
					continue;
				memset(body, 0, sizeof(body));
				(void)world_frame(t.a, (enum proc)from,
				    (enum proc)to, d[i].type, 1,
				    world_id(t.a, "vpn"), body);
				expect++;
			}
	world_run(t.w, 1000);
	assert_int_equal(t.a->accused, expect);
	assert_int_equal(pair_up(t.w, &t), 1);
	pair_expect_traffic(&t, &number);
	t.a->accused = 0;
	pair_free(&t);
}

/*
 * A broken s2sd-ike asks for child keys without proof, for another tunnel,
 * with selectors and peers that are not configured: nothing is installed.
 */
static void
ask(struct two *t, uint32_t handle, const char *remote_net,
    const struct addr *peer)
{
	struct m_k_child	 c;
	struct m_sa		 sa;
	struct selpair		 pair;
	struct net		 l, r;
	uint8_t			 p[256], s[1024], nonce[32];
	struct wr		 w = wr_of(p, sizeof(p)), ws;

	assert_int_equal(net_parse("10.1.3.0/24", &l), 0);
	assert_int_equal(net_parse(remote_net, &r), 0);
	sel_from_net(&l, 0, 0, 65535, &pair.local);
	sel_from_net(&r, 0, 0, 65535, &pair.remote);
	selpairs_put(&w, &pair, 1);
	memset(&sa, 0, sizeof(sa));
	sa.child = 4711;
	sa.spi_out = 0x10000;
	sa.udp = 1;
	sa.local = t->a->outer;
	sa.remote = *peer;
	sa.local.port = sa.remote.port = 4500;
	sa.life = 3600;
	sa.pairs = rd_of(p, w.n);
	ws = wr_of(s, sizeof(s));
	assert_int_equal(msg_put(msg_desc_sa(), &ws, &sa), 0);
	memset(&c, 0, sizeof(c));
	memset(nonce, 7, sizeof(nonce));
	c.handle = handle;
	c.encr = 1;
	c.nonce = rd_of(nonce, sizeof(nonce));
	c.sa = rd_of(s, ws.n);
	(void)world_frame(t->a, PROC_IKE, PROC_KEYS, M_K_CHILD, 99,
	    world_id(t->a, "vpn"), &c);
}

static void
test_broken_ike(void **state)
{
	struct two	 t;
	struct addr	 other;
	uint32_t	 handle, number = 0;
	unsigned int	 up;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	up = t.a->host_up;
	assert_int_equal(addr_parse("203.0.113.66", &other), 0);
	for (handle = 0; handle < 2048; handle++) {
		ask(&t, handle, "10.66.0.0/16", &t.b->outer);
		ask(&t, handle, "10.1.4.0/24", &other);
		ask(&t, handle << 16 | 1, "10.66.0.0/16", &t.b->outer);
		ask(&t, handle << 16 | 1, "10.1.4.0/24", &other);
	}
	world_run(t.w, 2000);
	assert_int_equal(t.a->host_up, up);
	assert_int_equal(world_probe(t.a, "10.1.3.2", "10.66.0.1", 4000), -1);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

/* N002, N003: what is neither IKE nor ESP on port 4500, from a stranger and
 * from the peer's own address: counted where it belongs, and nothing more. */
static void
test_port_4500(void **state)
{
	static const struct odd {
		size_t		 n;
		uint8_t		 d[40];
		enum net_count	 net;		/* NC_MAX: not for s2sd-net */
		enum esp_count	 esp;
	} odd[] = {
		{ 1, { 0xff }, NC_KEEPALIVE, EC_MAX },
		{ 2, { 0xff, 0xff }, NC_SHORT, EC_MAX },
		{ 1, { 0 }, NC_SHORT, EC_MAX },
		{ 3, { 0 }, NC_SHORT, EC_MAX },
		{ 4, { 0 }, NC_SHORT, EC_MAX },		/* the marker alone */
		{ 4, { 0, 0, 0, 1 }, NC_NOT_IKE, EC_MAX },
		/* three zeros: an SPI, if a reserved one */
		{ 40, { 0, 0, 0, 1, 9, 9, 9 }, NC_MAX, EC_IN_SPI },
		{ 40, { 0x12, 0x34, 0x56, 0x78 }, NC_MAX, EC_IN_SPI },
		/* the marker, then an ESP packet */
		{ 12, { 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78 }, NC_SHORT,
		    EC_MAX },
		{ 40, { 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78 }, NC_BAD_LEN,
		    EC_MAX },
	};
	const struct odd	*o;
	struct two		 t;
	struct addr		 from, to;
	uint64_t		 net, esp;
	uint32_t		 number = 0;
	int			 peer;

	(void)state;
	pair_new(&t, &calm);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	to = t.b->outer;
	to.port = 4500;
	for (peer = 0; peer < 2; peer++)
		for (o = odd; o < odd + nitems(odd); o++) {
			assert_int_equal(addr_parse(peer ? "198.18.0.0" :
			    "203.0.113.5", &from), 0);
			from.port = 4500;
			net = o->net < NC_MAX ? net_counter(
			    t.b->self[PROC_NET], o->net) : 0;
			esp = o->esp < EC_MAX ? esp_count(
			    t.b->self[PROC_ESP], o->esp) : 0;
			world_inject(t.w, &from, &to, o->d, o->n);
			world_run(t.w, 10);
			if (o->net < NC_MAX)
				assert_int_equal(net_counter(
				    t.b->self[PROC_NET], o->net), net + 1);
			if (o->esp < EC_MAX)
				assert_int_equal(esp_count(
				    t.b->self[PROC_ESP], o->esp), esp + 1);
		}
	assert_int_equal(world_seen(t.b, "vpn")->downs, 0);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

struct echo {
	struct world	*w;
	unsigned int	 done, answers, cookies;	/* to the stranger */
};

enum { ECHOES = 8 };

/* The first IKE_SA_INIT, before it arrives, from elsewhere. */
static int
echo(void *arg, const struct gw *from, const struct addr *src,
    const struct addr *dst, const uint8_t *p, size_t n)
{
	struct echo	*e = arg;
	struct addr	 a = *src, other;
	unsigned int	 i;

	if (from->n == 1 && dst->a[0] == 203 && n > 100)
		e->answers++;
	else if (from->n == 1 && dst->a[0] == 203)
		e->cookies++;
	if (n < 28 || p[18] != 34 || p[19] & 0x20 || e->done++ > 0)
		return (1);
	a.port = 40000;			/* the peer's address, another port */
	world_inject(e->w, &a, dst, p, n);
	if (addr_parse("203.0.113.9", &other) == -1)
		abort();
	for (i = 0; i < ECHOES; i++) {
		other.port = (uint16_t)(1000 + i);
		world_inject(e->w, &other, dst, p, n);
	}
	return (1);
}

static uint64_t
ike_counter(struct gw *g, const char *name)
{
	struct role_counter	 c[ROLE_COUNTERS_MAX];
	size_t			 i, n;

	n = world_role(PROC_IKE)->counters(g->self[PROC_IKE], c, nitems(c));
	for (i = 0; i < n; i++)
		if (strcmp(c[i].name, name) == 0)
			return (c[i].value);
	abort();
}

/*
 * N041: the same request from another port and another address, each faster
 * than the true one.  Each is half-open by itself, four for an address that
 * proved nothing, and then it is asked for a cookie; none of them draws the
 * true one to itself.
 */
static void
test_init_elsewhere(void **state)
{
	struct two	 t;
	struct echo	 e;
	uint32_t	 number = 0;

	(void)state;
	pair_new(&t, &calm);
	/* a stranger's request must be one that somebody may make */
	t.tb.flags |= TUN_PEERANY;
	t.tb.npeer = 0;
	memset(&e, 0, sizeof(e));
	e.w = t.w;
	world_set_tap(t.w, echo, &e);
	pair_load(&t, 0);
	pair_expect_up(&t, 2000);
	assert_int_equal(addr_cmp(&world_seen(t.b, "vpn")->st.peer,
	    &t.a->outer, 0), 0);
	/* five pass s2sd-net at once, four of them s2sd-ike; then cookies */
	assert_int_equal(e.answers, 4);
	assert_int_equal(ike_counter(t.b, "half-open-full"), 1);
	assert_int_equal(e.cookies, ECHOES - 5);
	pair_expect_traffic(&t, &number);
	world_run(t.w, 60000);
	assert_int_equal(world_seen(t.b, "vpn")->downs, 0);
	pair_expect_traffic(&t, &number);
	pair_free(&t);
}

const struct CMUnitTest tests_hostile[] = {
	cmocka_unit_test(test_init_elsewhere),
	cmocka_unit_test(test_port_4500),
	cmocka_unit_test(test_replayed), cmocka_unit_test(test_forged),
	cmocka_unit_test(test_lies), cmocka_unit_test(test_wrong_senders),
	cmocka_unit_test(test_broken_ike),
};
const size_t tests_hostile_n = nitems(tests_hostile);
