/* SPDX-License-Identifier: ISC */

/* test_pf.c: the firewall by pf: text, requests, s2sd-exec and its failures. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec.h"

static void
add(struct fw_rules *rs, enum fw_verdict v, const char *l, const char *r,
    uint16_t val)
{
	struct net	 n;
	struct sel	 a, b;

	assert_int_equal(net_parse(l, &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &a);
	assert_int_equal(net_parse(r, &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &b);
	assert_int_equal(fw_add(rs, v, &a, &b, val), 0);
}

static void
map(struct fw_rules *rs, const char *here, const char *there, const char *wire)
{
	struct net	 n;
	struct sel	 a, b;

	assert_int_equal(net_parse(here, &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &a);
	assert_int_equal(net_parse(there, &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &b);
	assert_int_equal(net_parse(wire, &n), 0);
	assert_int_equal(fw_add_map(rs, &a, &b, &n), 0);
}

static void
sample(struct fw_rules *rs)
{
	struct net	 n;
	struct sel	 a, b;

	fw_rules_init(rs);
	add(rs, FW_EXEMPT, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(rs, FW_OUTER, "192.168.1.3", "192.168.1.4", 0);
	add(rs, FW_MSS, "10.1.3.0/24", "10.1.4.0/24", 1348);
	add(rs, FW_BLOCK, "10.1.3.0/24", "10.1.4.0/24", 0);
	assert_int_equal(net_parse("10.1.3.0/24", &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &a);
	assert_int_equal(net_parse("10.1.5.1", &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &b);
	b.hi[3] = 6;
	assert_int_equal(fw_add(rs, FW_BLOCK, &a, &b, 0), 0);
	add(rs, FW_DENY, "10.7.0.0/16", "10.8.0.0/16", 0);
	add(rs, FW_EXEMPT, "fd00:3::/64", "fd00:4::/64", 0);
	add(rs, FW_MSS, "fd00:3::/64", "fd00:4::/64", 1328);
	add(rs, FW_FORWARD, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(rs, FW_INPUT, "192.168.1.3", "192.168.1.4", 0);
	add(rs, FW_EXEMPT, "10.0.5.0/24", "172.30.2.0/24", 0);
	add(rs, FW_EXEMPT, "172.30.1.0/24", "172.30.2.0/24", 0);
	map(rs, "10.0.5.0/24", "172.30.2.0/24", "172.30.1.0/24");
	map(rs, "fd00:5::/64", "fd00:30:2::/64", "fd00:30:1::/64");
	assert_int_equal(fw_rules_close(rs), 0);
}

static void
golden(const char *name, const char *text, size_t n)
{
	char	 path[512], want[8192];
	size_t	 got = 0;
	FILE	*f;

	(void)snprintf(path, sizeof(path), "%s/regress/unit/golden/%s",
	    SRCDIR, name);
	if ((f = fopen(path, "r")) != NULL) {
		got = fread(want, 1, sizeof(want), f);
		(void)fclose(f);
	}
	if (got != n || memcmp(want, text, n) != 0)
		print_error("%s should be:\n%.*s", path, (int)n, text);
	assert_int_equal(got, n);
	assert_memory_equal(want, text, n);
}

static void
test_text(void **state)
{
	static const struct {
		const char	*name;
		struct pf_op	 o;
	} t[] = {
		{ "pf-new-rules",	{ PF_NEW, 0, 3 } },
		{ "pf-new-block",	{ PF_NEW, 1, PF_ENC } },
		{ "pf-old-rules",	{ PF_OLD, 0, PF_ENC } },
		{ "pf-old-block",	{ PF_OLD, 1, 0 } },
	};
	struct fw_rules	 rs;
	char		*text;
	size_t		 i, n;

	(void)state;
	sample(&rs);
	for (i = 0; i < nitems(t); i++) {
		assert_int_equal(pf_text(&rs, &t[i].o, &text, &n), 0);
		golden(t[i].name, text, n);
		free(text);
	}
	fw_rules_free(&rs);
	fw_rules_init(&rs);
	assert_int_equal(pf_text(&rs, &t[0].o, &text, &n), 0);
	assert_int_equal(n, 0);
	free(text);
}

static void
test_op(void **state)
{
	static const struct pf_op bad[] = { { 3, 0, 0 }, { 0, 0, 0 },
	    { PF_NEW, 2, 0 }, { PF_NEW, 0, 256 } };
	struct pf_op	 o = { PF_OLD, 1, PF_ENC }, got;
	uint8_t		 b[8], *exact;
	struct wr	 w = wr_of(b, sizeof(b));
	size_t		 i;

	(void)state;
	pf_op_put(&w, &o);
	assert_int_equal(pf_op_get(rd_of(b, w.n), &got), 0);
	assert_memory_equal(&o, &got, sizeof(o));
	for (i = 0; i <= w.n + 1; i++) {
		assert_non_null(exact = calloc(1, i + 1));
		memcpy(exact, b, i < w.n ? i : w.n);
		if (i != w.n)
			assert_int_equal(pf_op_get(rd_of(exact, i), &got), -1);
		free(exact);
	}
	for (i = 0; i < nitems(bad); i++) {
		w = wr_of(b, sizeof(b));
		pf_op_put(&w, &bad[i]);
		assert_int_equal(pf_op_get(rd_of(b, w.n), &got), -1);
	}
}

static unsigned int
calls(const char *s)
{
	return (pf_calls(rd_of(s, strlen(s))));
}

static void
test_calls(void **state)
{
	char	 b[160];

	(void)state;
	assert_int_equal(calls(""), 0);
	assert_int_equal(calls("anchor \"s2sd/*\" all"), PF_CALL_FILTER);
	assert_int_equal(calls("pass in all\nanchor \"s2sd/*\"\n"),
	    PF_CALL_FILTER);
	assert_int_equal(calls("anchor \"s2sd/*x\" all\n"), 0);
	assert_int_equal(calls("anchor \"ftp-proxy/*\" all\n"
	    "block drop from \"s2sd/*\"\n"), 0);
	assert_int_equal(calls("nat-anchor \"s2sd/*\" all\nrdr-anchor "
	    "\"s2sd/*\" all\nscrub-anchor \"s2sd/*\" all fragment "
	    "reassemble\nanchor \"s2sd/*\" all"),
	    pf_calls_needed(PF_OLD));
	assert_string_equal(pf_missing(PF_NEW, 0, b, sizeof(b)),
	    "anchor \"s2sd/*\"\n");
	assert_string_equal(pf_missing(PF_OLD, PF_CALL_FILTER | PF_CALL_SCRUB,
	    b, sizeof(b)), "nat-anchor \"s2sd/*\"\nrdr-anchor \"s2sd/*\"\n");
	assert_string_equal(pf_missing(PF_NEW, PF_CALL_FILTER, b, sizeof(b)),
	    "");
}

/* ---- s2sd-exec with a pfctl that is played ---- */

static struct {
	unsigned int	 n, fail;	/* fail: the n-th run says no; 0: none */
	char		 anchor[2][4096];
	const char	*main;
	char		 killed[128];
} fake;

static uint32_t
pfctl(void *arg, enum exec_prog what, uint8_t block, uint8_t af,
    const char *in, size_t nin, char **out, size_t *nout)
{
	const char	*s = "";

	(void)arg;
	assert_int_equal(af, 0);
	if (++fake.n == fake.fail) {
		*out = strdup("pfctl: /dev/pf: Permission denied\nmore\n");
		*nout = strlen(*out);
		return (IPT_EFAILED);
	}
	switch (what) {
	case EXEC_PF_LOAD:
		assert_true(nin < sizeof(fake.anchor[0]));
		(void)snprintf(fake.anchor[block],
		    sizeof(fake.anchor[block]), "%.*s", (int)nin, in);
		break;
	case EXEC_PF_SHOW:
		s = fake.anchor[block];
		break;
	case EXEC_PF_MAIN:
		s = fake.main;
		break;
	case EXEC_PF_KILL:
		(void)snprintf(fake.killed, sizeof(fake.killed), "%.*s",
		    (int)nin, in);
		break;
	default:
		break;
	}
	*out = strdup(s);
	*nout = strlen(s);
	return (IPT_OK);
}

static void
test_exec(void **state)
{
	const struct exec_runner r = { NULL, pfctl };
	struct pf_op	 o = { PF_NEW, 0, 0 };
	struct exec_pf	 p;
	struct fw_rules	 rs;
	char		 why[FW_WHYLEN] = "";

	(void)state;
	memset(&fake, 0, sizeof(fake));
	memset(&p, 0, sizeof(p));
	sample(&rs);
	fake.main = "block drop all\nanchor \"s2sd/*\" all\n";
	assert_int_equal(exec_pf(&p, &r, PF_LOAD, &rs, &o, why, sizeof(why)),
	    IPT_OK);
	assert_non_null(strstr(fake.anchor[0], "pass out quick on tun0"));
	assert_string_equal(fake.killed, "fd00:3::/64\nfd00:4::/64\n");
	assert_int_equal(exec_pf(&p, &r, PF_CHECK, NULL, &o, why,
	    sizeof(why)), IPT_OK);
	fake.main = "block drop all\n";
	assert_int_equal(exec_pf(&p, &r, PF_CHECK, NULL, &o, why,
	    sizeof(why)), IPT_ECALL);
	assert_non_null(strstr(why, "add the line anchor \"s2sd/*\""));
	fake.anchor[0][5] = 'X';		/* somebody changed it */
	assert_int_equal(exec_pf(&p, &r, PF_CHECK, NULL, &o, why,
	    sizeof(why)), IPT_EMISSING);
	assert_string_equal(why, "");
	o.block = 1;
	assert_int_equal(exec_pf(&p, &r, PF_LOAD, &rs, &o, why, sizeof(why)),
	    IPT_OK);
	assert_non_null(strstr(fake.anchor[1], "block drop in quick"));
	o.block = 0;
	assert_int_equal(exec_pf(&p, &r, PF_CLEAR, NULL, &o, why,
	    sizeof(why)), IPT_OK);
	assert_string_equal(fake.anchor[0], "");
	assert_string_not_equal(fake.anchor[1], "");	/* the block stays */
	fw_rules_free(&rs);
	exec_pf_free(&p);
}

/* Each run of pfctl fails once: said why, and what stood stands. */
static void
test_exec_fails(void **state)
{
	const struct exec_runner r = { NULL, pfctl };
	static const struct exec_runner none;
	struct pf_op	 o = { PF_OLD, 0, 0 };
	struct exec_pf	 p;
	struct fw_rules	 rs;
	char		 why[FW_WHYLEN];
	unsigned int	 i;

	(void)state;
	memset(&p, 0, sizeof(p));
	sample(&rs);
	assert_int_equal(exec_pf(&p, &none, PF_LOAD, &rs, &o, why,
	    sizeof(why)), IPT_EPROGRAM);
	for (i = 1; i < 16; i++) {
		memset(&fake, 0, sizeof(fake));
		fake.main = "";
		(void)strlcpy(fake.anchor[0], "before",
		    sizeof(fake.anchor[0]));
		fake.fail = i;
		why[0] = '\0';
		if (exec_pf(&p, &r, PF_LOAD, &rs, &o, why, sizeof(why)) !=
		    IPT_OK) {
			assert_string_equal(why,
			    "pfctl: /dev/pf: Permission denied");
			assert_string_equal(fake.anchor[0], "before");
		}
		fake.n = 0;
		(void)exec_pf(&p, &r, PF_CHECK, NULL, &o, why, sizeof(why));
		fake.n = 0;
		(void)exec_pf(&p, &r, PF_CLEAR, NULL, &o, why, sizeof(why));
	}
	fw_rules_free(&rs);
	exec_pf_free(&p);
}

/* ---- s2sd-host's side ---- */

static struct {
	uint32_t	 req[8];
	uint8_t		 what[8];
	size_t		 n;
	uint32_t	 marked;
	int		 deaf;
	char		 said[256];
} host;

static int
host_run(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	(void)arg; (void)rest; (void)n;
	if (host.deaf)
		return (-1);
	if (req != 0 && host.n < nitems(host.req)) {
		host.req[host.n] = req;
		host.what[host.n++] = what;
	}
	return (0);
}

static void
host_mark(void *arg, uint32_t m)
{
	(void)arg;
	host.marked = m;
}

static void
host_log(void *arg, int level, const char *text)
{
	(void)arg; (void)level;
	(void)strlcpy(host.said, text, sizeof(host.said));
}

static void
test_host_side(void **state)
{
	struct fw_env	 env = { .owner_fd = -1, .run = host_run,
			    .log = host_log, .mark = host_mark };
	struct fw_rules	 rs;
	char		 why[FW_WHYLEN];
	void		*t;

	(void)state;
	memset(&host, 0, sizeof(host));
	sample(&rs);
	assert_non_null(t = fw_pf.open(&env, why, sizeof(why)));
	host.deaf = 1;
	assert_int_equal(fw_pf.apply(t, &rs, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "s2sd-exec"));
	host.deaf = 0;
	assert_int_equal(fw_pf.block(t, &rs, why, sizeof(why)), 1);
	assert_int_equal(host.marked, 2);	/* before it is done */
	assert_int_equal(fw_pf.done(t, host.req[0], IPT_OK, "", why,
	    sizeof(why)), 1);
	assert_int_equal(fw_pf.apply(t, &rs, why, sizeof(why)), 1);
	assert_int_equal(fw_pf.done(t, host.req[1], IPT_EFAILED, "syntax "
	    "error", why, sizeof(why)), -1);
	assert_string_equal(why, "pfctl: syntax error");
	assert_int_equal(host.marked & 2, 2);
	assert_int_equal(fw_pf.apply(t, &rs, why, sizeof(why)), 1);
	assert_int_equal(fw_pf.done(t, host.req[2], IPT_OK, "", why,
	    sizeof(why)), 1);
	assert_int_equal(host.marked, 3);
	assert_int_equal(fw_pf.poll(t), 1);
	assert_int_equal(host.what[3], PF_CHECK);
	assert_int_equal(fw_pf.done(t, host.req[3], IPT_EMISSING, "gone", why,
	    sizeof(why)), 0);
	assert_int_equal(fw_pf.done(t, host.req[4], IPT_OK, "", why,
	    sizeof(why)), 2);			/* apply it anew */
	assert_int_equal(fw_pf.poll(t), 1);
	assert_int_equal(fw_pf.done(t, host.req[5], IPT_ECALL, "pf.conf "
	    "does not call", why, sizeof(why)), 0);
	assert_int_equal(fw_pf.done(t, host.req[6], IPT_OK, "", why,
	    sizeof(why)), 1);			/* the admin's affair */
	assert_non_null(strstr(host.said, "does not call"));
	host.n = 0;
	assert_int_equal(fw_pf.clear(t, 0), 0);
	assert_int_equal(host.n, 1);
	fw_pf.lost(t);
	host.n = 0;
	assert_int_equal(fw_pf.clear(t, 1), 0);
	assert_int_equal(host.n, 2);
	fw_pf.close(t);
	fw_rules_free(&rs);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_op),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_exec_fails),
		cmocka_unit_test(test_host_side),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
