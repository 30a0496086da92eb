/* SPDX-License-Identifier: ISC */

/*
 * test_file.c: two gateways from the text of their files: s2sd-conf's
 * library makes the records and secrets that the roles then live by.
 */

#include <stdlib.h>

#include "../../daemon/conf/cf.h"
#include "pair.h"

static const struct world_opt	calm = { .seed = 1, .delay = 5 };

static int
file_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	const char	*text = arg;

	(void)path;
	(void)kind;
	(void)why;
	(void)len;
	memset(d, 0, sizeof(*d));
	d->n = strlen(text);
	assert_non_null(d->p = malloc(d->n + 1));
	memcpy(d->p, text, d->n);
	return (0);
}

static int
file_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	(void)arg;
	(void)list;
	(void)n;
	(void)snprintf(why, len, "%s: there is one file only", pattern);
	return (-1);
}

static int
file_group(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return (1);
}

/* Load that text: the number of tunnels; -1 and a line on *err, if it is
 * wrong, and nothing changes. */
static int
load(struct gw *g, const char *text, char *err, size_t len)
{
	const struct cf_io	 io = { (void *)(uintptr_t)text, file_read,
				    file_glob, file_group };
	static struct tunnel	 t[W_TUNNELS];
	static char		 secret[W_TUNNELS][CF_PSK_MAX + 1];
	const char		*psk[W_TUNNELS];
	struct cf_result	 r;
	size_t			 i, n;

	if (cf_parse("s2sd.conf", &io, CF_RUN, &r) == -1) {
		(void)snprintf(err, len, "%s", r.err[0]);
		cf_clear(&r);
		return (-1);
	}
	n = r.n;
	assert_true(n <= W_TUNNELS);
	for (i = 0; i < n; i++) {
		t[i] = r.t[i]->t;
		t[i].id = 0;
		memcpy(secret[i], r.t[i]->psk, r.t[i]->npsk);
		secret[i][r.t[i]->npsk] = '\0';
		psk[i] = secret[i];
	}
	cf_clear(&r);
	world_conf(g, t, psk, n);
	return ((int)n);
}

/* The first example of s2sd.conf(5), and its mirror. */
static void
text_of(const struct two *t, int b, const char *more, char *to, size_t len)
{
	const struct gw	*me = b ? t->b : t->a, *you = b ? t->a : t->b;
	char		 l[ADDR_STRLEN], p[ADDR_STRLEN];

	(void)snprintf(to, len, "set gateway\n# the example\n"
	    "lan = \"%s\"\ntunnel \"vpn\" {\n\tlocal %s peer %s\n"
	    "\tfrom $lan to %s\n\tpsk \"riest4ever riest4ever\"\n%s}\n",
	    b ? "10.1.4.0/24" : "10.1.3.0/24",
	    addr_str(&me->outer, 0, l, sizeof(l)),
	    addr_str(&you->outer, 0, p, sizeof(p)),
	    b ? "10.1.3.0/24" : "10.1.4.0/24", more);
}

static void
test_file(void **state)
{
	struct two	 t;
	char		 a[1024], b[1024], err[256];
	uint32_t	 number = 0, spi;

	(void)state;
	pair_new(&t, &calm);
	text_of(&t, 0, "", a, sizeof(a));
	text_of(&t, 1, "", b, sizeof(b));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	pair_expect_up(&t, 5000);
	world_run(t.w, 30000);		/* both began: one SA stays */
	pair_expect_traffic(&t, &number);
	/* a word that is wrong changes nothing */
	spi = world_seen(t.a, "vpn")->spi_in[0];
	text_of(&t, 0, "\tlifetime soon\n", a, sizeof(a));
	assert_int_equal(load(t.a, a, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "s2sd.conf:8: "));
	world_run(t.w, 1000);
	/* a number that is another keeps the SAs */
	text_of(&t, 0, "\tlifetime 50m\n", a, sizeof(a));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	world_run(t.w, 1000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	/* another algorithm makes it anew */
	text_of(&t, 0, "\tchildsa enc aes-128-gcm\n", a, sizeof(a));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	world_run(t.w, 20000);
	pair_expect_up(&t, 20000);
	pair_expect_traffic(&t, &number);
	assert_int_not_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	pair_free(&t);
}

/* What only one of the two files says. */
static void
test_file_differs(void **state)
{
	struct two	 t;
	char		 a[1024], b[1024], err[256];

	(void)state;
	pair_new(&t, &calm);
	text_of(&t, 0, "\tikesa enc aes-256 auth hmac-sha2-512 group ecp521\n",
	    a, sizeof(a));
	text_of(&t, 1, "", b, sizeof(b));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	world_run(t.w, 20000);
	assert_false(world_is_up(t.a, "vpn"));
	assert_int_equal(world_seen(t.a, "vpn")->st.reason, R_NO_PROPOSAL);
	text_of(&t, 0, "", a, sizeof(a));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	pair_expect_up(&t, 70000);
	pair_free(&t);
}

/*
 * Another secret, the records being equal: first at one end, then at the
 * other.  No packet is lost meanwhile, and what the old secret has proved
 * ends as soon as both have the new one.
 */
static void
test_file_secret(void **state)
{
	static const char	*const old = "riest4ever riest4ever";
	struct two		 t;
	char			 a[1024], b[1024], err[256], *p;
	uint32_t		 number = 0, spi;

	(void)state;
	pair_new(&t, &calm);
	text_of(&t, 0, "", a, sizeof(a));
	text_of(&t, 1, "\tpassive\n", b, sizeof(b));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	pair_expect_up(&t, 5000);
	spi = world_seen(t.a, "vpn")->spi_in[0];
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	world_run(t.w, 30000);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	assert_non_null(p = strstr(a, old));
	memcpy(p, "RIEST", 5);
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	world_run(t.w, 5000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	/* up, and it says that the new secret is refused */
	assert_int_equal(world_seen(t.a, "vpn")->st.state, TS_UP);
	assert_int_equal(world_seen(t.a, "vpn")->st.next, R_AUTH_PSK);
	assert_non_null(p = strstr(b, old));
	memcpy(p, "RIEST", 5);
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	world_run(t.w, 120000);
	pair_expect_up(&t, 1000);
	pair_expect_traffic(&t, &number);
	assert_int_equal(world_seen(t.a, "vpn")->nchild, 1);
	assert_int_equal(world_seen(t.b, "vpn")->nchild, 1);
	assert_int_not_equal(world_seen(t.a, "vpn")->spi_in[0], spi);
	assert_int_equal(world_seen(t.a, "vpn")->st.next, R_NONE);
	pair_free(&t);
}

/* Two offices with the same network: `from' of a, and what more it says. */
static void
office(const struct two *t, int b, const char *from, const char *more,
    char *to, size_t len)
{
	const struct gw	*me = b ? t->b : t->a, *you = b ? t->a : t->b;
	char		 l[ADDR_STRLEN], p[ADDR_STRLEN];

	(void)snprintf(to, len, "set gateway\ntunnel \"vpn\" {\n"
	    "\tlocal %s peer %s\n\tfrom %s\n"
	    "\tpsk \"riest4ever riest4ever\"\n%s}\n",
	    addr_str(&me->outer, 0, l, sizeof(l)),
	    addr_str(&you->outer, 0, p, sizeof(p)), from, more);
}

/* Names of the wire pass, whoever of the two is translated; nothing else. */
static void
expect_names(struct two *t)
{
	unsigned int	 a = t->a->delivered, b = t->b->delivered;

	assert_int_equal(world_probe(t->a, "172.30.1.7", "172.30.2.8", 1), 0);
	assert_int_equal(world_probe(t->b, "172.30.2.8", "172.30.1.7", 2), 0);
	assert_int_equal(world_probe(t->a, "10.0.5.7", "172.30.2.8", 3), -1);
	assert_int_equal(world_probe(t->a, "10.0.5.7", "10.0.5.8", 4), -1);
	assert_int_equal(world_probe(t->b, "10.0.5.8", "172.30.1.7", 5), -1);
	world_run(t->w, 100);
	assert_int_equal(t->a->delivered, a + 1);
	assert_int_equal(t->b->delivered, b + 1);
}

/* Only the network's name on the wire is negotiated and passes. */
static void
test_file_overlap(void **state)
{
	static const char	*const ours =
	    "172.30.1.0/24 (10.0.5.0/24) to 172.30.2.0/24";
	static const char	*const theirs[] = {
		"172.30.2.0/24 (10.0.5.0/24) to 172.30.1.0/24",
		"172.30.2.0/24 to 172.30.1.0/24" /* not translated there */
	};
	struct two		 t;
	char			 a[1024], b[1024], err[256];
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(theirs); i++) {
		pair_new(&t, &calm);
		office(&t, 0, ours, "", a, sizeof(a));
		office(&t, 1, theirs[i], "", b, sizeof(b));
		if (load(t.a, a, err, sizeof(err)) != 1 ||
		    load(t.b, b, err, sizeof(err)) != 1)
			fail_msg("%s", err);
		pair_expect_up(&t, 20000);
		world_run(t.w, 30000);
		expect_names(&t);
		pair_free(&t);
	}
}

/* The responder narrows to its part of the names. */
static void
test_file_overlap_narrow(void **state)
{
	struct two	 t;
	char		 a[1024], b[1024], err[256];

	(void)state;
	pair_new(&t, &calm);
	office(&t, 0, "172.30.0.0/23 (10.0.4.0/23) to 172.30.2.0/24", "", a,
	    sizeof(a));
	office(&t, 1, "172.30.2.0/24 (10.0.5.0/24) to 172.30.1.0/24",
	    "\tpassive\n", b, sizeof(b));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	pair_expect_up(&t, 5000);
	expect_names(&t);
	assert_int_equal(world_probe(t.a, "172.30.0.7", "172.30.2.8", 6), -1);
	pair_free(&t);
}

/* The other end wants what is behind us by its own name: that is not said. */
static void
test_file_overlap_wrong(void **state)
{
	struct two	 t;
	char		 a[1024], b[1024], err[256];

	(void)state;
	pair_new(&t, &calm);
	office(&t, 0, "172.30.1.0/24 (10.0.5.0/24) to 172.30.2.0/24", "", a,
	    sizeof(a));
	office(&t, 1, "172.30.2.0/24 to 10.0.5.0/24", "\tpassive\n", b,
	    sizeof(b));
	assert_int_equal(load(t.a, a, err, sizeof(err)), 1);
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	world_run(t.w, 20000);
	assert_false(world_is_up(t.a, "vpn"));
	assert_false(world_is_up(t.b, "vpn"));
	assert_int_equal(world_seen(t.a, "vpn")->st.reason, R_SELECTORS);
	assert_int_equal(world_probe(t.a, "172.30.1.7", "172.30.2.8", 1), -1);
	office(&t, 1, "172.30.2.0/24 to 172.30.1.0/24", "\tpassive\n", b,
	    sizeof(b));
	assert_int_equal(load(t.b, b, err, sizeof(err)), 1);
	pair_expect_up(&t, 70000);
	expect_names(&t);
	pair_free(&t);
}

const struct CMUnitTest	tests_file[] = {
	cmocka_unit_test(test_file),
	cmocka_unit_test(test_file_differs),
	cmocka_unit_test(test_file_secret),
	cmocka_unit_test(test_file_overlap),
	cmocka_unit_test(test_file_overlap_narrow),
	cmocka_unit_test(test_file_overlap_wrong),
};
const size_t	tests_file_n = nitems(tests_file);
