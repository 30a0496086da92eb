/* SPDX-License-Identifier: ISC */

/*
 * test_exec_bsd.c: s2sd-exec of the BSDs on a system of its own: what is
 * added and removed, in which order, and what is put back.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../daemon/host/exec_bsd.h"
#include "espkit.h"

static char	 did[1024];	/* "+10.1.4.0/24 -..." */
static int	 ctls[BSD_NCTL], refuse;

static int
route(void *arg, int add, const struct bsd_route *r)
{
	char	 buf[SEL_STRLEN];
	size_t	 n = strlen(did);

	(void)arg;
	if (add && refuse) {
		errno = ENETUNREACH;
		return (-1);
	}
	(void)snprintf(did + n, sizeof(did) - n, "%c%s%s ", add ? '+' : '-',
	    net_str(&r->dst, buf, sizeof(buf)),
	    r->kind == BSD_REJECT ? "!" : "");
	return (0);
}

static int
ctl(void *arg, enum bsd_ctl which, int value)
{
	int	 old = ctls[which];

	(void)arg;
	if (value != -1)
		ctls[which] = value;
	return (old);
}

static const struct bsd_os	 os = { NULL, route, ctl };

static int
say(struct kit *k, uint8_t what, const uint8_t *d, size_t n)
{
	struct m_x_run	 m;

	memset(&m, 0, sizeof(m));
	m.what = what;
	m.rest = rd_of(d, n);
	return (kit_send(k, PROC_HOST, M_X_RUN, 5, 0, &m));
}

static int
say_route(struct kit *k, const char *dst, uint8_t kind)
{
	struct bsd_route	 r;
	uint8_t			 buf[64];
	struct wr		 w = wr_of(buf, sizeof(buf));

	memset(&r, 0, sizeof(r));
	assert_int_equal(net_parse(dst, &r.dst), 0);
	r.kind = kind;
	bsd_route_put(&w, &r);
	return (say(k, BSD_ROUTE, buf, w.n));
}

static int
say_switch(struct kit *k, uint8_t which, uint8_t value)
{
	const uint8_t	 d[2] = { which, value };

	return (say(k, BSD_SYSCTL, d, 2));
}

static uint32_t
apply(struct kit *k, uint8_t what)
{
	struct ipc_hdr	 h;
	struct m_x_done	 d;

	kit_forget(k);
	did[0] = '\0';
	assert_int_equal(say(k, what, NULL, 0), 0);
	assert_int_equal(kit_take(k, M_X_DONE, &h, &d), 1);
	assert_int_equal(h.req, 5);
	return (d.err);
}

static void
test_states(void **state)
{
	struct kit	*k = calloc(1, sizeof(*k));

	(void)state;
	kit_new(k, &role_exec_bsd);
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(apply(k, BSD_APPLY), 1);	/* nobody who does it */
	exec_bsd_use(k->self, &os);
	ctls[BSD_REDIRECT4] = 1;

	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "fd01::/64", BSD_TUN), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(say_switch(k, BSD_REDIRECT4, 0), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "+10.1.4.0/24 +fd01::/64 ");
	assert_int_equal(ctls[BSD_FORWARD4], 1);
	assert_int_equal(ctls[BSD_REDIRECT4], 0);

	/* another state: new before old, what stays is not touched */
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.5.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "+10.1.5.0/24 -fd01::/64 ");
	assert_int_equal(ctls[BSD_REDIRECT4], 1);	/* as it was */

	/* the same network, refused: in place of the one before */
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_REJECT), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "-10.1.4.0/24 +10.1.4.0/24! -10.1.5.0/24 ");
	assert_int_equal(ctls[BSD_FORWARD4], 0);

	refuse = 1;
	assert_int_equal(say_route(k, "10.1.6.0/24", BSD_TUN), 0);
	assert_int_equal(apply(k, BSD_APPLY), 1);
	refuse = 0;
	assert_int_equal(apply(k, BSD_CLEAR), 0);
	assert_non_null(strstr(did, "-10.1.6.0/24"));
	kit_free(k);
	free(k);
}

/* Who sends what no s2sd-host would is ended. */
static void
test_nonsense(void **state)
{
	struct kit		*k = calloc(1, sizeof(*k));
	struct bsd_route	 r;
	uint8_t			 buf[64], *c;
	struct wr		 w = wr_of(buf, sizeof(buf));
	size_t			 i;

	(void)state;
	kit_new(k, &role_exec_bsd);
	exec_bsd_use(k->self, &os);
	assert_int_equal(say(k, 60, NULL, 0), -1);
	assert_int_equal(say(k, 200, NULL, 0), -1);
	assert_int_equal(say_switch(k, BSD_NCTL, 0), -1);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 2), -1);
	assert_int_equal(say_route(k, "10.1.4.0/24", 2), -1);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), -1);
	memset(&r, 0, sizeof(r));
	assert_int_equal(net_parse("10.1.4.0/24", &r.dst), 0);
	bsd_route_put(&w, &r);
	for (i = 0; i < w.n; i++) {
		assert_non_null(c = malloc(i + 1));
		memcpy(c, buf, i);
		assert_int_equal(bsd_route_get(rd_of(c, i), &r), -1);
		free(c);
	}
	kit_free(k);
	free(k);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_nonsense),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
