/* SPDX-License-Identifier: ISC */

/*
 * test_net.c: what s2sd-net does with datagrams.  Nxxx are the rows of the
 * bad input matrix.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <syslog.h>
#include <cmocka.h>

#include "net_int.h"

static struct {
	struct role_io	 io;
	void		*self;
	struct conf	 conf;
	uint64_t	 now;
	size_t		 waiting;
	/* what came out */
	unsigned int	 to_ike, sent, errors, logs;
	struct m_net_dgram ike;
	uint8_t		 ike_msg[NET_DGRAM_MAX];
	struct m_net_error error;
	struct addr	 out_local, out_remote;
	uint8_t		 out[NET_DGRAM_MAX + 4];
	size_t		 out_n;
	int		 out_err, reason;
	uint8_t		 seed;
} t;

static struct addr	 here, there, here4500, other;

static int
f_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	(void)arg;
	assert_int_equal(to, PROC_IKE);
	if (h->type == M_NET_ERROR) {
		t.errors++;
		assert_int_equal(msg_get(msg_desc(h->type), rd_of(b, n),
		    &t.error), 0);
		return (0);
	}
	assert_int_equal(h->type, M_NET_RECV);
	t.to_ike++;
	assert_int_equal(msg_get(msg_desc(h->type), rd_of(b, n), &t.ike), 0);
	assert_true(t.ike.rest.n <= sizeof(t.ike_msg));
	memcpy(t.ike_msg, t.ike.rest.p, t.ike.rest.n);
	t.ike.rest.p = t.ike_msg;
	return (0);
}

static void
f_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	(void)arg;
	(void)level;
	(void)tunnel;
	(void)text;
	t.logs++;
	t.reason = reason;
}

static void
f_random(void *arg, void *buf, size_t n)
{
	uint8_t	*p = buf;

	(void)arg;
	while (n-- > 0)
		*p++ = t.seed = (uint8_t)(t.seed * 5 + 113);
}

static size_t
f_waiting(void *arg, enum proc to)
{
	(void)arg;
	(void)to;
	return (t.waiting);
}

static int
f_out(void *arg, const struct addr *local, const struct addr *remote,
    const uint8_t *p, size_t n)
{
	(void)arg;
	if (t.out_err != 0)
		return (t.out_err);
	t.sent++;
	t.out_local = *local;
	t.out_remote = *remote;
	assert_true(n <= sizeof(t.out));
	memcpy(t.out, p, n);
	t.out_n = n;
	return (0);
}

/* One tunnel, whose peer is `there'. */
static void
conf_load(void)
{
	struct tunnel	*tn = calloc(1, sizeof(*tn));
	struct global	 g;

	memset(&g, 0, sizeof(g));
	assert_non_null(tn);
	tn->id = 7;
	strcpy(tn->name, "bonn");
	tn->npeer = 1;
	tn->peer[0] = there;
	tn->peer[0].port = 500;
	assert_int_equal(conf_begin(&t.conf, 1, &g), 0);
	assert_int_equal(conf_add(&t.conf, tn), 0);
	free(tn);
	conf_commit_new(&t.conf);
	role_net.added(t.self, &t.conf, t.now);
	role_net.removed(t.self, &t.conf, t.now);
	conf_commit_gone(&t.conf);
}

static int
up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.now = 1000000;
	t.io.send = f_send;
	t.io.log = f_log;
	t.io.random = f_random;
	t.io.waiting = f_waiting;
	if (addr_parse("192.0.2.1", &here) || addr_parse("192.0.2.9", &there) ||
	    addr_parse("198.51.100.77", &other))
		return (-1);
	here4500 = here;
	here.port = 500;
	here4500.port = 4500;
	there.port = 500;
	other.port = 500;
	if ((t.self = role_net.new(&t.io)) == NULL || conf_init(&t.conf))
		return (-1);
	net_set_output(t.self, f_out, NULL);
	return (0);
}

static int
down(void **state)
{
	(void)state;
	role_net.free(t.self);
	conf_clear(&t.conf);
	return (0);
}

/* A header, then zeros up to n octets. */
static size_t
ike(uint8_t *p, uint64_t spi_i, uint64_t spi_r, uint8_t version, uint8_t exch,
    uint8_t flags, uint32_t id, size_t n)
{
	struct wr	 w = wr_of(p, n);

	memset(p, 0, n);
	wr_u64(&w, spi_i);
	wr_u64(&w, spi_r);
	wr_u8(&w, 33);
	wr_u8(&w, version);
	wr_u8(&w, exch);
	wr_u8(&w, flags);
	wr_u32(&w, id);
	wr_u32(&w, (uint32_t)n);
	assert_int_equal(wr_end(&w), 0);
	return (n);
}

/* Exact-size copies, so that the sanitizer sees one octet too far. */
static void
in(const struct addr *local, const struct addr *from, const uint8_t *p,
    size_t n)
{
	uint8_t	*copy = malloc(n > 0 ? n : 1);

	assert_non_null(copy);
	memcpy(copy, p, n);
	net_input(t.self, local, from, copy, n, t.now);
	free(copy);
}

/* That counter rose by n since the last call with it, nothing went out. */
static uint64_t	 seen[NC_MAX];

static void
dropped(enum net_count c, uint64_t n)
{
	assert_int_equal(net_counter(t.self, c), seen[c] + n);
	seen[c] += n;
	assert_int_equal(t.sent, 0);
	assert_int_equal(t.to_ike, 0);
}

static int
up_seen(void **state)
{
	memset(seen, 0, sizeof(seen));
	return (up(state));
}

static void
frame(enum proc from, uint32_t type, const void *body)
{
	uint8_t		 buf[IPC_BODY_MAX];
	struct wr	 w = wr_of(buf, sizeof(buf));
	struct ipc_msg	 m;

	memset(&m, 0, sizeof(m));
	assert_int_equal(msg_put(msg_desc(type), &w, body), 0);
	m.h.type = type;
	m.h.len = (uint32_t)w.n;
	m.from = from;
	m.d = buf;
	m.fd = -1;
	assert_int_equal(role_dispatch(&role_net, t.self, &t.conf, &t.io, &m,
	    t.now), 0);
}

static void
announce(uint64_t spi, uint8_t add)
{
	struct m_net_spi m = { spi, add };

	frame(PROC_IKE, M_NET_SPI, &m);
}

static void
cookies(uint8_t on)
{
	struct m_net_cookie m = { on };

	frame(PROC_IKE, M_NET_COOKIE, &m);
}

/* N001: 0 to 27 octets on 500, 0 to 31 on 4500, of 00 and of FF. */
static void
test_short(void **state)
{
	uint8_t	 b[32];
	size_t	 n;

	(void)state;
	memset(b, 0, sizeof(b));
	for (n = 0; n < 28; n++)
		in(&here, &other, b, n);
	dropped(NC_SHORT, 28);
	for (n = 0; n < 32; n++)
		in(&here4500, &other, b, n);
	dropped(NC_SHORT, 32);
	memset(b, 0xff, sizeof(b));
	for (n = 0; n < 28; n++)
		in(&here, &other, b, n);
	dropped(NC_SHORT, 28);
}

/* N002: a keepalive is counted; what only resembles one is dropped. */
static void
test_keepalive(void **state)
{
	(void)state;
	in(&here4500, &other, (const uint8_t *)"\xff", 1);
	dropped(NC_KEEPALIVE, 1);
	in(&here4500, &other, (const uint8_t *)"\xff\xff", 2);
	in(&here4500, &other, (const uint8_t *)"\0", 1);
	dropped(NC_SHORT, 2);
	dropped(NC_KEEPALIVE, 0);
	in(&here, &other, (const uint8_t *)"\xff", 1);	/* not on 500 */
	dropped(NC_SHORT, 1);
	dropped(NC_KEEPALIVE, 0);
}

/* N003: without the marker it is ESP; with it an ESP SPI is no header. */
static void
test_marker(void **state)
{
	uint8_t	 b[104];

	(void)state;
	ike(b + 4, 0x1122334455667788, 0, 0x20, 34, 8, 0,
	    100);
	memcpy(b, "\0\0\0\1", 4);
	in(&here4500, &other, b, sizeof(b));
	in(&here4500, &other, b + 4, 100);
	dropped(NC_NOT_IKE, 2);
	memset(b, 0, 4);
	memset(b + 4, 0xab, 100);
	in(&here4500, &other, b, sizeof(b));
	dropped(NC_BAD_LEN, 1);
	ike(b + 4, 0x1122334455667788, 0, 0x20, 34, 8, 0,
	    100);
	in(&here4500, &other, b, sizeof(b));
	assert_int_equal(t.to_ike, 1);
	assert_int_equal(t.ike.flags, NETF_4500);
	assert_int_equal(t.ike.rest.n, 100);
	assert_memory_equal(t.ike.rest.p, b + 4, 100);
}

/* N004, N005: the length in the header is that of the datagram, or nothing. */
static void
test_length(void **state)
{
	static const uint32_t	 bad[] = { 0, 1, 27, 28, 99, 101, 103, 104,
				    1100, 65535, 1u << 31, 0xffffffff };
	uint8_t			 b[1200];
	struct wr		 w;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(bad); i++) {
		ike(b, 1, 0, 0x20, 34, 8, 0, 100);
		w = wr_of(b + 24, 4);
		wr_u32(&w, bad[i]);
		in(&here, &other, b, 100);
	}
	dropped(NC_BAD_LEN, nitems(bad));
	ike(b, 1, 0, 0x20, 34, 8, 0, 100);
	for (i = 0; i < 4; i++)
		in(&here, &other, b, 100 + (const size_t[]){ 1, 3, 4, 1000 }[i]);
	dropped(NC_BAD_LEN, 4);
}

/* N006, N007, and IKEv1. */
static void
test_version(void **state)
{
	uint8_t	 b[100], v;

	(void)state;
	in(&here, &other, b, ike(b, 1, 0, 0x00, 34, 8, 0, 100));
	dropped(NC_BAD_VERSION, 1);
	for (v = 3; v < 16; v++)	/* answers are not answered */
		in(&here, &other, b, ike(b, 1, 2, (uint8_t)(v << 4), 34, 0x28,
		    0, 100));
	dropped(NC_BAD_VERSION, 13);
	for (v = 3; v < 16; v++)	/* one a second of a source */
		in(&here, &other, b, ike(b, 1, 0, (uint8_t)(v << 4), 34, 8, 0,
		    100));
	assert_int_equal(t.to_ike, 1);
	t.now += 1000;
	in(&here, &other, b, ike(b, 1, 0, 0x30, 34, 8, 0, 100));
	assert_int_equal(t.to_ike, 2);
	in(&here, &other, b, ike(b, 1, 0, 0x2f, 34, 8, 0, 100));
	assert_int_equal(t.to_ike, 3);
}

static void
test_v1(void **state)
{
	uint8_t	 b[100];
	int	 i;

	(void)state;
	conf_load();
	in(&here, &other, b, ike(b, 1, 0, 0x10, 2, 0, 0, 100));
	dropped(NC_IKEV1, 1);
	/* a peer of an IKEv2 tunnel: one a minute, to be explained */
	for (i = 0; i < 5; i++)
		in(&here, &there, b, ike(b, 1, 0, 0x10, 4, 0, 0, 100));
	assert_int_equal(t.to_ike, 1);
	t.now += 60000;
	in(&here, &there, b, ike(b, 1, 0, 0x10, 2, 0, 0, 100));
	assert_int_equal(t.to_ike, 2);
	assert_int_equal(net_counter(t.self, NC_IKEV1), 7);
}

/* N008, and what no first message may look like. */
static void
test_spi(void **state)
{
	uint8_t	 b[100];

	(void)state;
	in(&here, &other, b, ike(b, 0, 0, 0x20, 34, 8, 0, 100));
	in(&here, &other, b, ike(b, 0, 5, 0x20, 35, 8, 1, 100));
	in(&here, &other, b, ike(b, 1, 2, 0x20, 34, 8, 0, 100));
	in(&here, &other, b, ike(b, 1, 0, 0x20, 35, 8, 1, 100));
	dropped(NC_BAD_SPI, 4);
	in(&here, &other, b, ike(b, 1, 0, 0x20, 34, 0, 0, 100));
	in(&here, &other, b, ike(b, 1, 0, 0x20, 34, 8, 1, 100));
	dropped(NC_BAD_HEADER, 2);
	in(&here, &other, b, ike(b, 1, 2, 0x20, 33, 8, 1, 100));
	in(&here, &other, b, ike(b, 1, 2, 0x20, 0, 8, 1, 100));
	in(&here, &other, b, ike(b, 1, 2, 0x20, 240, 8, 1, 100));
	dropped(NC_BAD_EXCH, 3);
}

/* N009: our own packets come back. */
static void
test_reflected(void **state)
{
	uint8_t	 b[100];

	(void)state;
	announce(0x1111, 1);		/* we began this one */
	announce(0x2222, 1);		/* and answer that one */
	in(&here, &there, b, ike(b, 0x1111, 0, 0x20, 34, 8, 0, 100));
	in(&here, &there, b, ike(b, 0x1111, 9, 0x20, 35, 8, 1, 100));
	in(&here, &there, b, ike(b, 9, 0x2222, 0x20, 35, 0x20, 1, 100));
	dropped(NC_REFLECTED, 3);
	in(&here, &there, b, ike(b, 0x1111, 9, 0x20, 34, 0x20, 0, 100));
	in(&here, &there, b, ike(b, 9, 0x2222, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.to_ike, 2);
	assert_int_equal(t.ike.flags, NETF_KNOWN);
	announce(0x2222, 0);
	in(&here, &there, b, ike(b, 9, 0x2222, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.to_ike, 3);	/* as one of an SA not known */
	assert_int_equal(t.ike.flags, 0);
}

/* N015: too long is dropped; how much is too long depends on who. */
static void
test_long(void **state)
{
	static uint8_t	 b[65507];

	(void)state;
	in(&here, &other, b, ike(b, 1, 0, 0x20, 34, 8, 0, sizeof(b)));
	in(&here, &other, b, ike(b, 1, 0, 0x20, 34, 8, 0, NET_NEW_MAX + 1));
	net_input_long(t.self);
	dropped(NC_LONG, 3);
	in(&here, &other, b, ike(b, 1, 0, 0x20, 34, 8, 0, NET_NEW_MAX));
	assert_int_equal(t.to_ike, 1);
	announce(5, 1);
	in(&here, &other, b, ike(b, 1, 5, 0x20, 35, 8, 1, NET_DGRAM_MAX));
	assert_int_equal(t.to_ike, 2);
	assert_int_equal(t.ike.rest.n, NET_DGRAM_MAX);
	in(&here, &other, b, ike(b, 1, 5, 0x20, 35, 8, 1, NET_DGRAM_MAX + 1));
	assert_int_equal(t.to_ike, 2);
}

/* The two lanes: what is new may not take the second half of the queue. */
static void
test_lanes(void **state)
{
	uint8_t	 b[100];

	(void)state;
	announce(5, 1);
	t.waiting = IPC_QUEUE_MAX / 2;
	in(&here, &there, b, ike(b, 1, 0, 0x20, 34, 8, 0, 100));
	dropped(NC_QUEUE_FULL, 1);
	in(&here, &there, b, ike(b, 1, 5, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.to_ike, 1);
	t.waiting--;
	in(&here, &there, b, ike(b, 1, 0, 0x20, 34, 8, 0, 100));
	assert_int_equal(t.to_ike, 2);
}

/* An IKE_SA_INIT with the cookie that was sent last put in its place. */
static size_t
with_cookie(uint8_t *b, uint64_t spi_i)
{
	size_t	 n = ike(b, spi_i, 0, 0x20, 34, 8, 0, 300);

	b[16] = 41;
	memcpy(b + 28, t.out + 28, 8 + COOKIE_LEN);
	b[28] = 33;
	return (n);
}

static void
test_cookie(void **state)
{
	uint8_t		 b[300], reply[COOKIE_REPLY];
	struct addr	 port;
	size_t		 i;

	(void)state;
	cookies(1);
	in(&here, &there, b, ike(b, 0xabc, 0, 0x20, 34, 8, 0, 300));
	assert_int_equal(t.to_ike, 0);
	assert_int_equal(t.sent, 1);
	assert_int_equal(t.out_n, COOKIE_REPLY);
	assert_int_equal(addr_cmp(&t.out_remote, &there, 1), 0);
	assert_int_equal(addr_cmp(&t.out_local, &here, 1), 0);
	/* SPIi back, SPIr 0, N(COOKIE) alone, an answer, message id 0 */
	assert_memory_equal(t.out, b, 8);
	assert_memory_equal(t.out + 8, "\0\0\0\0\0\0\0\0\x29\x20\x22\x20"
	    "\0\0\0\0\0\0\0\x45\0\0\0\x29\0\0\x40\x06", 28);
	memcpy(reply, t.out, sizeof(reply));

	in(&here, &there, b, with_cookie(b, 0xabc));
	assert_int_equal(t.to_ike, 1);
	assert_int_equal(t.ike.flags, NETF_COOKIE);
	assert_int_equal(t.ike.rest.n, 300);	/* AUTH covers the cookie too */
	assert_memory_equal(t.ike_msg, b, 300);

	/* of another SPI, address or port: no */
	in(&here, &there, b, with_cookie(b, 0xabd));
	memcpy(t.out, reply, sizeof(reply));
	in(&here, &other, b, with_cookie(b, 0xabc));
	memcpy(t.out, reply, sizeof(reply));
	port = there;
	port.port = 501;
	in(&here, &port, b, with_cookie(b, 0xabc));
	assert_int_equal(net_counter(t.self, NC_COOKIE_BAD), 3);
	assert_int_equal(t.to_ike, 1);
	assert_int_equal(t.sent, 4);
	/* every bit of the cookie counts */
	for (i = 0; i < COOKIE_LEN * 8; i++) {
		memcpy(t.out, reply, sizeof(reply));
		t.out[36 + i / 8] ^= (uint8_t)(1 << i % 8);
		in(&here, &there, b, with_cookie(b, 0xabc));
	}
	assert_int_equal(t.to_ike, 1);
}

/* Good in its minute and the next; secrets change; ours are not repeated. */
static void
test_cookie_age(void **state)
{
	uint8_t	 b[300], reply[COOKIE_REPLY], first[COOKIE_REPLY];
	int	 m;

	(void)state;
	cookies(1);
	memset(first, 0, sizeof(first));
	for (m = 0; m < 6; m++) {
		t.now = 6000000 + (uint64_t)m * 60000;
		in(&here, &there, b, ike(b, 7, 0, 0x20, 34, 8, 0, 300));
		memcpy(reply, t.out, sizeof(reply));
		assert_memory_not_equal(reply, first, sizeof(reply));
		memcpy(first, reply, sizeof(first));
		t.now += 59999;
		t.to_ike = 0;
		in(&here, &there, b, with_cookie(b, 7));
		assert_int_equal(t.to_ike, 1);
		t.now += 60000;
		in(&here, &there, b, with_cookie(b, 7));
		assert_int_equal(t.to_ike, 2);
		t.now += 1;
		in(&here, &there, b, with_cookie(b, 7));
		assert_int_equal(t.to_ike, 2);
	}
	/* 256 minutes later the low octet is the same again, the secret not */
	memcpy(t.out, reply, sizeof(reply));
	t.now = 6000000 + (uint64_t)(5 + 256) * 60000;
	in(&here, &there, b, with_cookie(b, 7));
	assert_int_equal(t.to_ike, 2);
}

/* R9: never more out than in, whatever comes. */
static void
test_amplification(void **state)
{
	uint8_t	 b[NET_MARKER + 300];
	size_t	 n, in_octets;

	(void)state;
	cookies(1);
	for (n = 28; n <= 300; n++) {
		t.sent = 0;
		in(&here, &other, b, ike(b, n, 0, 0x20, 34, 8, 0, n));
		assert_true(t.sent <= 1);
		if (t.sent)
			assert_true(t.out_n <= n);
		assert_int_equal(t.sent, n >= COOKIE_REPLY);
		t.sent = 0;
		memset(b, 0, NET_MARKER);
		ike(b + NET_MARKER, n, 0, 0x20, 34, 8, 0, n);
		in_octets = n + NET_MARKER;
		in(&here4500, &other, b, in_octets);
		assert_true(t.sent <= 1);
		if (t.sent)
			assert_true(t.out_n <= in_octets &&
			    memcmp(t.out, "\0\0\0\0", 4) == 0);
	}
	assert_int_equal(t.to_ike, 0);
}

/*
 * A source over its limit is asked for a cookie, not dropped; whoever brings
 * one is in at once, however much came in his name; a configured peer's
 * address has no limit.
 */
static void
test_limit(void **state)
{
	uint8_t		 b[300];
	unsigned int	 i;

	(void)state;
	conf_load();
	for (i = 0; i < 40; i++)
		in(&here, &other, b, ike(b, 100 + i, 0, 0x20, 34, 8, 0, 300));
	assert_int_equal(t.to_ike, SRC_BURST);
	assert_int_equal(t.sent, 40 - SRC_BURST);
	in(&here, &other, b, with_cookie(b, 139));
	assert_int_equal(t.to_ike, SRC_BURST + 1);
	assert_int_equal(t.ike.flags, NETF_COOKIE);
	t.to_ike = 0;
	for (i = 0; i < 1000; i++, t.now++)	/* a second of a flood */
		in(&here, &other, b, ike(b, 1000 + i, 0, 0x20, 34, 8, 0, 300));
	assert_in_range(t.to_ike, SRC_RATE - 1, SRC_RATE + 1);
	t.to_ike = 0;
	for (i = 0; i < 100; i++)
		in(&here, &there, b, ike(b, 1000 + i, 0, 0x20, 34, 8, 0, 300));
	assert_int_equal(t.to_ike, 100);
	t.now += 250;			/* the burst is there again */
	t.to_ike = 0;
	for (i = 0; i < 40; i++)
		in(&here, &other, b, ike(b, 100 + i, 0, 0x20, 34, 8, 0, 300));
	assert_int_equal(t.to_ike, SRC_BURST);
}

/* IPv6 counts by /64; 100,000 sources need no more memory than one. */
static void
test_sources(void **state)
{
	struct addr	 a;
	uint8_t		 b[300];
	unsigned int	 i;

	(void)state;
	assert_int_equal(addr_parse("2001:db8::1", &a), 0);
	a.port = 500;
	for (i = 0; i < 40; i++) {
		a.a[15] = (uint8_t)i;
		in(&here, &a, b, ike(b, 100 + i, 0, 0x20, 34, 8, 0, 300));
	}
	assert_int_equal(t.to_ike, SRC_BURST);
	a.a[7] = 1;
	in(&here, &a, b, ike(b, 1, 0, 0x20, 34, 8, 0, 300));
	assert_int_equal(t.to_ike, SRC_BURST + 1);
	for (i = 0; i < 100000; i++) {
		memcpy(a.a, &i, sizeof(i));
		in(&here, &a, b, ike(b, 100 + i, 0, 0x20, 34, 8, 0, 300));
	}
	assert_int_equal(t.to_ike, SRC_BURST + 1 + 100000);
}

static void
test_unknown(void **state)
{
	uint8_t		 b[100];
	unsigned int	 i;

	(void)state;
	for (i = 0; i < 100; i++)
		in(&here, &other, b, ike(b, 1, 100 + i, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.to_ike, SRC_OTHER_BURST);
	assert_int_equal(net_counter(t.self, NC_UNKNOWN), 100);
	cookies(1);
	t.now += 10000;
	in(&here, &other, b, ike(b, 1, 100, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.to_ike, SRC_OTHER_BURST);
}

/* The set of SPIs against a plain array. */
static void
test_spi_set(void **state)
{
	enum { N = 3000 };
	static uint64_t	 v[N];
	static uint8_t	 has[N];
	struct spi_set	 s;
	unsigned int	 i, k, x = 12345;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(spi_has(&s, 5), 0);
	spi_del(&s, 5);
	assert_int_equal(spi_add(&s, 0), -1);
	for (i = 0; i < N; i++)		/* many fall on one place */
		v[i] = (uint64_t)(i / 3) << 20 | (uint64_t)(i % 3) << 54 | 1;
	for (k = 0; k < 30000; k++) {
		x = x * 1103515245 + 12345;
		i = x / 7 % N;
		if (has[i])
			spi_del(&s, v[i]);
		else
			assert_int_equal(spi_add(&s, v[i]), 0);
		has[i] = !has[i];
	}
	for (i = 0; i < N; i++)
		assert_int_equal(spi_has(&s, v[i]), has[i]);
	spi_clear(&s);
	assert_int_equal(spi_has(&s, v[0]), 0);
}

/* N115: what the system says of a packet that we send. */
static void
test_send(void **state)
{
	struct m_net_dgram	 m;
	uint8_t			 b[100];
	int			 i;

	(void)state;
	memset(&m, 0, sizeof(m));
	m.local = here;
	m.remote = there;
	m.rest = rd_of(b, ike(b, 1, 0, 0x20, 34, 8, 0, 100));
	frame(PROC_IKE, M_NET_SEND, &m);
	assert_int_equal(t.out_n, 100);
	assert_int_equal(t.out_local.port, 500);
	m.flags = NETF_4500;
	m.remote.port = 4500;
	frame(PROC_IKE, M_NET_SEND, &m);
	assert_int_equal(t.out_n, 104);
	assert_int_equal(t.out_local.port, 4500);
	assert_memory_equal(t.out, "\0\0\0\0", 4);
	assert_memory_equal(t.out + 4, b, 100);
	m.flags = NETF_KEEPALIVE;
	m.rest.n = 0;
	frame(PROC_IKE, M_NET_SEND, &m);
	assert_int_equal(t.out_n, 1);
	assert_int_equal(t.out[0], 0xff);
	m.flags = 0;
	m.rest.n = 100;
	for (i = 0; i < 3; i++) {
		t.out_err = (const int[]){ EAGAIN, ENOBUFS, EAGAIN }[i];
		frame(PROC_IKE, M_NET_SEND, &m);
	}
	assert_int_equal(t.errors, 0);
	assert_int_equal(net_counter(t.self, NC_SEND_BUSY), 3);
	t.out_err = ENETUNREACH;
	frame(PROC_IKE, M_NET_SEND, &m);
	assert_int_equal(t.errors, 1);
	assert_int_equal(t.error.err, ENETUNREACH);
	assert_int_equal(addr_cmp(&t.error.remote, &m.remote, 1), 0);
	for (i = 0; i < 1000; i++)	/* forged ICMP does not flood ike */
		net_unreachable(t.self, &there, ECONNREFUSED, t.now);
	assert_in_range(t.errors, 40, 60);
}

/* From s2sd-esp: as if it had come to port 4500 itself. */
static void
test_from_esp(void **state)
{
	struct m_net_dgram	 m;
	uint8_t			 b[100];

	(void)state;
	memset(&m, 0, sizeof(m));
	m.local = here4500;
	m.remote = there;
	m.rest = rd_of(b, ike(b, 1, 0, 0x20, 34, 8, 0, 100));
	frame(PROC_ESP, M_EN_IKE, &m);
	assert_int_equal(t.to_ike, 1);
	assert_int_equal(t.ike.flags, NETF_4500);
	m.rest.n = 27;
	frame(PROC_ESP, M_EN_IKE, &m);
	assert_int_equal(net_counter(t.self, NC_SHORT), 1);
}

/* A new s2sd-ike: nothing of the old one's is known, no cookies asked. */
static void
test_died(void **state)
{
	uint8_t	 b[100];

	(void)state;
	announce(5, 1);
	cookies(1);
	role_net.died(t.self, PROC_KEYS, t.now);
	in(&here, &there, b, ike(b, 1, 5, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.ike.flags, NETF_KNOWN);
	role_net.died(t.self, PROC_IKE, t.now);
	in(&here, &there, b, ike(b, 1, 5, 0x20, 35, 8, 1, 100));
	assert_int_equal(t.ike.flags, 0);
	in(&here, &there, b, ike(b, 1, 0, 0x20, 34, 8, 0, 100));
	assert_int_equal(t.to_ike, 3);
}

/* Every length and every flipped bit of an IKE_SA_INIT with a cookie. */
static void
test_mangled(void **state)
{
	uint8_t	 b[300];
	size_t	 i, n;

	(void)state;
	cookies(1);
	in(&here, &there, b, ike(b, 7, 0, 0x20, 34, 8, 0, 300));
	n = with_cookie(b, 7);
	for (i = 0; i < n; i++)
		in(&here, &there, b, i);
	for (i = 0; i < n * 8; i++) {
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		in(&here, &there, b, n);
		b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 28; i < n; i++) {	/* header agrees, payload is cut */
		b[26] = (uint8_t)(i >> 8);
		b[27] = (uint8_t)i;
		in(&here, &there, b, i);
	}
	assert_int_equal(net_counter(t.self, NC_RECEIVED), 1 + n + n * 8 +
	    n - 28);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, up_seen, down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_short), T(test_keepalive), T(test_marker),
		T(test_length), T(test_version), T(test_v1), T(test_spi),
		T(test_reflected), T(test_long), T(test_lanes),
		T(test_cookie), T(test_cookie_age), T(test_amplification),
		T(test_limit), T(test_sources), T(test_unknown),
		T(test_spi_set), T(test_send), T(test_from_esp),
		T(test_died), T(test_mangled),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
