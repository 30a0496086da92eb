/* SPDX-License-Identifier: ISC */

/*
 * test_import.c: single values of ipsec.conf, the words of proposals, which
 * secret is taken, and every truncation of both files.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "im_int.h"

/* Two files in memory, of exact size. */
struct mem {
	const char	*conf, *secrets;
	size_t		 nconf, nsecrets;
};

static int
mem_read(void *arg, const char *path, struct im_data *d, char *why, size_t len)
{
	const struct mem	*m = arg;
	int			 s = strcmp(path, "s") == 0;

	if (!s && strcmp(path, "c") != 0) {
		(void)snprintf(why, len, "is not there");
		return (-1);
	}
	memset(d, 0, sizeof(*d));
	d->n = s ? m->nsecrets : m->nconf;
	/* exact size: the address sanitizer sees one octet too far */
	if ((d->p = malloc(d->n > 0 ? d->n : 1)) == NULL)
		return (-1);
	memcpy(d->p, s ? m->secrets : m->conf, d->n);
	d->ino = (uint64_t)s;
	return (0);
}

static int
mem_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	(void)arg;
	(void)pattern;
	(void)why;
	(void)len;
	*list = NULL;
	*n = 0;
	return (0);
}

static int
run(const struct mem *m, struct im_result *r)
{
	struct im_io	 io = { (void *)(uintptr_t)m, mem_read, mem_glob };
	struct im_opts	 o;

	memset(&o, 0, sizeof(o));
	o.keydir = "k";
	o.nhost = 1;
	assert_int_equal(addr_parse("192.0.2.1", &o.host[0]), 0);
	return (im_run("c", "s", &io, &o, r));
}

static const char conf[] =
    "version 2.0\n"
    "config setup\n"
    "\tnat_traversal=yes\n"
    "conn %default\n"
    "\tauthby=secret # who\n"
    "conn a\n"
    "\talso=b\n"
    "\tleft=192.0.2.1\n"
    "\tright=198.51.100.1\n"
    "\tleftsubnets={ 10.1.0.0/16, 10.3.0.0/24 }\n"
    "\trightid=\"@far.example\"\n"
    "\tike=aes256-sha1;modp2048,3des-md5-modp1024\n"
    "\tesp=aes_gcm_c-160-null\n"
    "\tauto=start\n"
    "\tikev2=insist\n"
    "conn b\n"
    "\trightsubnet=10.2.0.0/16\n"
    "\tikelifetime=8h\n"
    "\tdpddelay=30s\n"
    "\tleftprotoport=tcp/80\n";

static const char secrets[] =
    "# two\n"
    "@far.example 192.0.2.1 : PSK \"the secret of twenty octets\"\n"
    ": RSA {\n\tModulus: 0x00\n\t}\n"
    "192.0.2.1 %any: PSK 0x00112233445566778899aabbccddeeff\n";

static void
test_whole(void **state)
{
	struct mem		 m = { conf, secrets, sizeof(conf) - 1,
	    sizeof(secrets) - 1 };
	struct im_result	 r;

	(void)state;
	assert_int_equal(run(&m, &r), 0);
	assert_int_equal(r.flavour, IM_OPENSWAN);
	assert_int_equal(r.ntun, 1);
	assert_string_equal(r.tuns->name, "a");
	assert_int_equal(r.tuns->npair, 2);
	assert_int_equal(r.tuns->pair[0].local.ipproto, 6);
	assert_int_equal(r.tuns->pair[0].local.port_lo, 80);
	assert_int_equal(r.tuns->v1, 0);
	assert_int_equal(r.tuns->weak, 0);
	assert_int_equal(r.tuns->ikelife, 28800);
	assert_int_equal(r.files->n, 28);
	assert_memory_equal(r.files->p, "the secret of twenty octets\n", 28);
	im_clear(&r);
}

static void
test_truncated(void **state)
{
	struct mem		 m = { conf, secrets, 0, sizeof(secrets) - 1 };
	struct im_result	 r;
	size_t			 n;

	(void)state;
	for (n = 0; n < sizeof(conf); n++) {
		m.nconf = n;
		(void)!run(&m, &r);
		im_clear(&r);
	}
	m.nconf = sizeof(conf) - 1;
	for (n = 0; n < sizeof(secrets); n++) {
		m.nsecrets = n;
		(void)!run(&m, &r);
		im_clear(&r);
	}
}

static void
test_flipped(void **state)
{
	char			 c[sizeof(conf)], s[sizeof(secrets)];
	struct mem		 m = { c, s, sizeof(conf) - 1,
	    sizeof(secrets) - 1 };
	struct im_result	 r;
	size_t			 i;

	(void)state;
	memcpy(c, conf, sizeof(c));
	memcpy(s, secrets, sizeof(s));
	for (i = 0; i < (sizeof(c) + sizeof(s) - 2) * 8; i += 3) {
		char	*p = i / 8 < sizeof(c) - 1 ? &c[i / 8] :
		    &s[i / 8 - (sizeof(c) - 1)];

		*p = (char)(*p ^ 1 << i % 8);
		(void)!run(&m, &r);
		im_clear(&r);
		*p = (char)(*p ^ 1 << i % 8);
	}
}

static void
test_time(void **state)
{
	static const struct { const char *s; int rv; uint32_t v; } rows[] = {
		{ "60", 0, 60 }, { "8h", 0, 28800 }, { "1.5h", 0, 5400 },
		{ "1d", 0, 86400 }, { "2w", 0, 1209600 }, { "500ms", 0, 1 },
		{ "%forever", 0, 0 }, { "", -1, 0 }, { "h", -1, 0 },
		{ "-5", -1, 0 }, { "8hh", -1, 0 }, { "99999999999", -1, 0 },
		{ "1 h", -1, 0 }, { "0x10", -1, 0 }
	};
	uint32_t	 v;
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		assert_int_equal(im_time(rows[i].s, &v), rows[i].rv);
		if (rows[i].rv == 0)
			assert_int_equal(v, rows[i].v);
	}
}

static void
test_net(void **state)
{
	static const struct { const char *s, *out; int rv, cut; } rows[] = {
		{ "10.1.0.0/16", "10.1.0.0/16", 0, 0 },
		{ "10.1.2.3/16", "10.1.0.0/16", 0, 1 },
		{ "10.1.2.3", "10.1.2.3", 0, 0 },
		{ "10.0.0.0/255.128.0.0", "10.0.0.0/9", 0, 0 },
		{ "2001:db8::/32", "2001:db8::/32", 0, 0 },
		{ "[2001:db8::1]", "2001:db8::1", 0, 0 },
		{ "10.0.0.0/255.0.255.0", NULL, -1, 0 },
		{ "10.1.0.0/33", NULL, -1, 0 }, { "10.1/16", NULL, -1, 0 },
		{ "/16", NULL, -1, 0 }, { "", NULL, -1, 0 },
		{ "10.1.0.0/", NULL, -1, 0 }, { "10.1.0.0/+8", NULL, -1, 0 }
	};
	struct net	 n;
	char		 b[ADDR_STRLEN];
	size_t		 i;
	int		 cut;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		assert_int_equal(im_net(rows[i].s, &n, &cut), rows[i].rv);
		if (rows[i].rv == -1)
			continue;
		assert_string_equal(net_str(&n, b, sizeof(b)), rows[i].out);
		assert_int_equal(cut, rows[i].cut);
	}
}

static void
test_ident(void **state)
{
	static const struct { const char *s; enum im_flavour fl; int rv;
	    uint8_t type; const char *text; } rows[] = {
		{ "192.0.2.1", IM_OPENSWAN, 0, IDT_IPV4, NULL },
		{ "2001:db8::1", IM_STRONGSWAN, 0, IDT_IPV6, NULL },
		{ "@gw", IM_OPENSWAN, 0, IDT_FQDN, "gw" },
		{ "@gw", IM_STRONGSWAN, 0, IDT_FQDN, "gw" },
		{ "gw.example", IM_STRONGSWAN, 0, IDT_FQDN, "gw.example" },
		{ "gw.example", IM_OPENSWAN, -1, 0, NULL },
		{ "me@example.org", IM_OPENSWAN, 0, IDT_USER,
		    "me@example.org" },
		{ "@@me@example.org", IM_STRONGSWAN, 0, IDT_USER,
		    "me@example.org" },
		{ "@#6162", IM_LIBRESWAN, 0, IDT_KEYID, "ab" },
		{ "@#616", IM_LIBRESWAN, -1, 0, NULL },
		{ "@[a b]", IM_LIBRESWAN, 0, IDT_KEYID, "a b" },
		{ "keyid:x", IM_STRONGSWAN, 0, IDT_KEYID, "x" },
		{ "fqdn:192.0.2.1", IM_STRONGSWAN, 0, IDT_FQDN, "192.0.2.1" },
		{ "email:a@b", IM_STRONGSWAN, 0, IDT_USER, "a@b" },
		{ "C=CH, CN=x", IM_STRONGSWAN, -1, 0, NULL },
		{ "%any", IM_OPENSWAN, 1, 0, NULL },
		{ "0.0.0.0", IM_OPENSWAN, 1, 0, NULL },
		{ "%null", IM_LIBRESWAN, -1, 0, NULL },
		{ "%fromcert", IM_LIBRESWAN, -1, 0, NULL },
		{ "*.example", IM_STRONGSWAN, -1, 0, NULL }
	};
	struct ident	 id;
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		assert_int_equal(im_ident(rows[i].s, rows[i].fl, &id, &why),
		    rows[i].rv);
		if (rows[i].rv != 0)
			continue;
		assert_int_equal(id.type, rows[i].type);
		if (rows[i].text == NULL)
			continue;
		assert_int_equal(id.len, strlen(rows[i].text));
		assert_memory_equal(id.d, rows[i].text, id.len);
	}
}

static void
test_alg(void **state)
{
	static const struct { const char *w, *next; enum im_flavour fl;
	    int ike; enum im_class class; const char *name; int used; }
	    rows[] = {
		{ "aes256", NULL, IM_OPENSWAN, 1, C_GOOD, "aes-256", 0 },
		{ "aes", "192", IM_OPENSWAN, 1, C_GOOD, "aes-192", 1 },
		{ "aes", NULL, IM_OPENSWAN, 1, C_GOOD, "aes-128", 0 },
		{ "aes", NULL, IM_LIBRESWAN, 1, C_GOOD, "aes-256", 0 },
		{ "AES_256", NULL, IM_LIBRESWAN, 1, C_GOOD, "aes-256", 0 },
		{ "aes_gcm_c", "160", IM_OPENSWAN, 0, C_GOOD, "aes-128-gcm",
		    1 },
		{ "aes_gcm_c_256", NULL, IM_LIBRESWAN, 0, C_GOOD,
		    "aes-256-gcm", 0 },
		{ "aes_gcm256", NULL, IM_LIBRESWAN, 0, C_GOOD, "aes-256-gcm",
		    0 },
		{ "aes256gcm128", NULL, IM_STRONGSWAN, 0, C_GOOD,
		    "aes-256-gcm", 0 },
		{ "aes256gcm", NULL, IM_STRONGSWAN, 0, C_GOOD, "aes-256-gcm",
		    0 },
		{ "aes128gcm8", NULL, IM_STRONGSWAN, 0, C_UNBUILT, NULL, 0 },
		{ "aes192gcm16", NULL, IM_STRONGSWAN, 0, C_UNBUILT, NULL, 0 },
		{ "aes256ccm16", NULL, IM_STRONGSWAN, 0, C_UNBUILT, NULL, 0 },
		{ "chacha20_poly1305", NULL, IM_LIBRESWAN, 0, C_GOOD,
		    "chacha20-poly1305", 0 },
		{ "3des", NULL, IM_OPENSWAN, 1, C_WEAK, "3des", 0 },
		{ "des", NULL, IM_OPENSWAN, 1, C_BROKEN, NULL, 0 },
		{ "null", NULL, IM_OPENSWAN, 0, C_BROKEN, NULL, 0 },
		{ "md5", NULL, IM_OPENSWAN, 1, C_WEAK, "hmac-md5", 0 },
		{ "md5", NULL, IM_OPENSWAN, 0, C_BROKEN, "hmac-md5", 0 },
		{ "sha1", NULL, IM_OPENSWAN, 1, C_AGEING, "hmac-sha1", 0 },
		{ "sha2_512", NULL, IM_LIBRESWAN, 1, C_GOOD, "hmac-sha2-512",
		    0 },
		{ "prfsha384", NULL, IM_STRONGSWAN, 1, C_GOOD,
		    "hmac-sha2-384", 0 },
		{ "dh14", NULL, IM_LIBRESWAN, 1, C_GOOD, "modp2048", 0 },
		{ "ke=dh31", NULL, IM_LIBRESWAN, 1, C_GOOD, "curve25519", 0 },
		{ "modp1024", NULL, IM_OPENSWAN, 1, C_WEAK, "modp1024", 0 },
		{ "modp768", NULL, IM_OPENSWAN, 1, C_BROKEN, NULL, 0 },
		{ "dh22", NULL, IM_LIBRESWAN, 1, C_BROKEN, NULL, 0 },
		{ "modp2048s256", NULL, IM_STRONGSWAN, 1, C_UNBUILT, NULL,
		    0 },
		{ "rot13", NULL, IM_OPENSWAN, 1, C_UNKNOWN, NULL, 0 },
		{ "aes255", NULL, IM_OPENSWAN, 1, C_UNKNOWN, NULL, 0 },
		{ "aesx", NULL, IM_OPENSWAN, 1, C_UNKNOWN, NULL, 0 }
	};
	struct im_word	 w;
	size_t		 i;
	int		 used;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		im_alg(rows[i].w, rows[i].next, rows[i].fl, rows[i].ike, &w,
		    &used);
		if (w.class != rows[i].class || used != rows[i].used)
			fail_msg("%s: class %d, used %d", rows[i].w, w.class,
			    used);
		if (rows[i].name != NULL)
			assert_string_equal(w.name, rows[i].name);
	}
}

/* A name that stands where an algorithm stands must be one of s2sd's. */
static void
test_alg_names(void **state)
{
	static const char *const words[] = { "aes128", "aes192", "aes256",
	    "aes128gcm16", "aes256gcm16", "chacha20poly1305", "3des", "sha1",
	    "sha256", "sha384", "sha512", "md5", "modp1024", "modp1536",
	    "modp2048", "modp3072", "modp4096", "modp6144", "modp8192",
	    "ecp256", "ecp384", "ecp521", "curve25519", "prfsha1",
	    "prfsha256", "prfsha384", "prfsha512", "prfmd5" };
	static const uint8_t	 types[] = { ALG_ENCR, ALG_INTEG, ALG_PRF,
	    ALG_DH };
	struct im_word	 w;
	size_t		 i;
	int		 used;

	(void)state;
	for (i = 0; i < nitems(words); i++) {
		im_alg(words[i], NULL, IM_STRONGSWAN, 1, &w, &used);
		if (w.name == NULL || (alg_name(types[w.kind], w.name) ==
		    NULL && alg_name(ALG_PRF, w.name) == NULL))
			fail_msg("%s: s2sd has no %s", words[i],
			    w.name != NULL ? w.name : "name for it");
	}
}

static void
test_keys(void **state)
{
	enum im_side	 side;
	char		 near[64];

	(void)state;
	assert_int_equal(im_key("leftsubnet", 0, &side)->id, K_SUBNET);
	assert_int_equal(side, SIDE_LEFT);
	assert_int_equal(im_key("Right-Subnet", 0, &side)->id, K_SUBNET);
	assert_int_equal(side, SIDE_RIGHT);
	assert_int_equal(im_key("left", 0, &side)->id, K_HOST);
	assert_null(im_key("subnet", 0, &side));
	assert_null(im_key("leftauto", 0, &side));
	assert_null(im_key("auto", 1, &side));
	assert_string_equal(im_key_near("leftsubnt", 0, near, sizeof(near)),
	    "leftsubnet");
	assert_null(im_key_near("zzzzzzzz", 0, near, sizeof(near)));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_net),
		cmocka_unit_test(test_ident),
		cmocka_unit_test(test_alg),
		cmocka_unit_test(test_alg_names),
		cmocka_unit_test(test_keys),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
