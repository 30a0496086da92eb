/* SPDX-License-Identifier: ISC */

/* test_addr.c: addresses, networks, selectors, algorithms, the MTU sum. */

#include "test_common.h"

#include "alg.h"
#include "addr.h"
#include "tunnel.h"

static struct net
net(const char *s)
{
	struct net	 n;

	assert_int_equal(net_parse(s, &n), 0);
	return (n);
}

static struct sel
sel(const char *s)
{
	struct net	 n = net(s);
	struct sel	 r;

	sel_from_net(&n, 0, 0, 65535, &r);
	return (r);
}

static void
test_parse(void **state)
{
	static const char *const bad[] = { "", "256.1.1.1", "10.0.0.0/33",
	    "10.0.0.1/24", "::1/129", "::1%eth0", "10.0.0.0/", "10.0.0.0/ 8",
	    "10.0.0.0/-1", "10.0.0.0/8x", "gw.example", "1.2.3" };
	struct net	 n;
	char		 buf[ADDR_STRLEN];
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		assert_int_equal(net_parse(bad[i], &n), -1);
	n = net("10.1.3.0/24");
	assert_string_equal(net_str(&n, buf, sizeof(buf)), "10.1.3.0/24");
	n = net("2001:db8::1");
	assert_int_equal(n.plen, 128);
	assert_string_equal(net_str(&n, buf, sizeof(buf)), "2001:db8::1");
	n = net("0.0.0.0/0");
	assert_string_equal(net_str(&n, buf, sizeof(buf)), "0.0.0.0/0");
}

static void
test_sel(void **state)
{
	struct sel	 a = sel("10.1.0.0/16"), b = sel("10.1.3.0/24"), c;
	struct sel	 other = sel("10.2.0.0/16"), six = sel("fd00::/64");
	struct net	 n;
	struct addr	 x;

	(void)state;
	assert_true(sel_in(&b, &a));
	assert_false(sel_in(&a, &b));
	assert_int_equal(sel_cut(&a, &b, &c), 1);
	assert_true(sel_eq(&c, &b));
	assert_int_equal(sel_cut(&a, &other, &c), 0);
	assert_int_equal(sel_cut(&a, &six, &c), 0);
	assert_false(sel_in(&six, &a));
	assert_int_equal(sel_to_net(&b, &n), 0);
	assert_int_equal(n.plen, 24);
	b.lo[3] = 1;
	assert_int_equal(sel_to_net(&b, &n), -1);
	assert_int_equal(addr_parse("10.1.3.255", &x), 0);
	assert_true(sel_match(&b, &x, 6, 80));
	assert_int_equal(addr_parse("10.1.4.0", &x), 0);
	assert_false(sel_match(&b, &x, 6, 80));
	a.ipproto = 17;
	a.port_lo = a.port_hi = 53;
	assert_int_equal(addr_parse("10.1.3.1", &x), 0);
	assert_true(sel_match(&a, &x, 17, 53));
	assert_false(sel_match(&a, &x, 6, 53));
	assert_false(sel_match(&a, &x, 17, 54));
	b = sel("10.1.3.0/24");
	b.ipproto = 6;
	assert_int_equal(sel_cut(&a, &b, &c), 0);
}

static void
test_alg(void **state)
{
	const struct alg	*r, *s;
	size_t			 i, j, n;

	(void)state;
	r = alg_rows(&n);
	for (i = 0; i < n; i++) {
		assert_ptr_equal(alg_num(r[i].num), &r[i]);
		assert_ptr_equal(alg_wire(r[i].type, r[i].id, r[i].bits), &r[i]);
		assert_ptr_equal(alg_name(r[i].type, r[i].name), &r[i]);
		assert_true(r[i].keylen <= ALG_DHMAX && r[i].num > 0);
		for (s = r, j = 0; j < i; j++, s++)
			assert_int_not_equal(s->num, r[i].num);
	}
	assert_null(alg_wire(ALG_ENCR, 12, 0));	/* no default key length */
	assert_null(alg_wire(ALG_ENCR, 28, 256));
	assert_null(alg_wire(ALG_DH, 1, 0));
	assert_null(alg_wire(ALG_DH, 22, 0));
	assert_string_equal(alg_nearest(ALG_ENCR, "aes256-gcm")->name,
	    "aes-256-gcm");
	assert_string_equal(alg_nearest(ALG_DH, "modp204")->name, "modp2048");
	assert_ptr_equal(alg_prf_of(alg_name(ALG_INTEG, "hmac-sha1")),
	    alg_name(ALG_PRF, "hmac-sha1"));
}

/* RFC 4303 section 2: what an outer packet of 1500 octets can carry. */
static void
test_mtu(void **state)
{
	const struct alg	*gcm = alg_name(ALG_ENCR, "aes-256-gcm");
	const struct alg	*cbc = alg_name(ALG_ENCR, "aes-256");
	const struct alg	*sha1 = alg_name(ALG_INTEG, "hmac-sha1");

	(void)state;
	assert_int_equal(tunnel_mtu(1500, 4, 1, gcm, NULL), 1438);
	/* AH: 12 octets and the ICV, in words of 32 bits, IPv6: of 64 */
	assert_int_equal(tunnel_mtu(1500, 4, 0, NULL,
	    alg_name(ALG_INTEG, "hmac-sha2-256")), 1452);
	assert_int_equal(tunnel_mtu(1500, 6, 0, NULL,
	    alg_name(ALG_INTEG, "hmac-sha2-256")), 1428);
	assert_int_equal(tunnel_mtu(1500, 4, 0, NULL,
	    alg_name(ALG_INTEG, "hmac-sha1")), 1456);
	assert_int_equal(tunnel_mtu(40, 4, 0, NULL,
	    alg_name(ALG_INTEG, "hmac-sha1")), 0);
	assert_int_equal(tunnel_mtu(1500, 4, 0, gcm, NULL), 1446);
	assert_int_equal(tunnel_mtu(1500, 6, 1, gcm, NULL), 1418);
	/* 1500-20-8-8-16-12 = 1436, 89 blocks = 1424, less 2 */
	assert_int_equal(tunnel_mtu(1500, 4, 1, cbc, sha1), 1422);
	assert_int_equal(tunnel_mtu(20, 4, 1, gcm, NULL), 0);
}

const struct CMUnitTest tests_addr[] = {
	cmocka_unit_test(test_parse), cmocka_unit_test(test_sel),
	cmocka_unit_test(test_alg), cmocka_unit_test(test_mtu),
};
const size_t tests_addr_n = nitems(tests_addr);
