/* SPDX-License-Identifier: ISC */

/* test_proc.c: the table of processes agrees with itself and with msg.c. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "msg.h"
#include "proc.h"

static void
test_rows(void **state)
{
	const struct proc_row	*r;
	int			 p, q;

	(void)state;
	for (p = 0; p < PROC_MAX; p++) {
		r = &proc_rows[p];
		assert_int_equal(r->id, p);
		assert_true(strncmp(r->name, "s2sd", 4) == 0);
		assert_int_equal(r->links & PB(p), 0);
		for (q = 0; q < PROC_MAX; q++)
			assert_int_equal((r->links & PB(q)) != 0,
			    (proc_rows[q].links & PB(p)) != 0);
		assert_true(p == PROC_PARENT || r->links & PB(PROC_PARENT));
		/* the command of ps and pgrep is cut at 15 octets */
		assert_true(strlen(r->name) <= 15);
	}
	assert_true(FD_CHAN(PROC_MAX) <= FD_FIRST);
	assert_true(FD_END <= 64);
	assert_string_equal(proc_name(PROC_KEYS), "s2sd-keys");
	assert_string_equal(proc_name((enum proc)77), "nobody");
}

/* Every message has its channel, and every channel has its messages. */
static void
test_messages(void **state)
{
	const struct msg_desc	*d;
	uint32_t		 used[PROC_MAX];
	size_t			 i, n;
	int			 a, b;

	(void)state;
	memset(used, 0, sizeof(used));
	d = msg_descs(&n);
	for (i = 0; i < n; i++)
		for (a = 0; a < PROC_MAX; a++)
			for (b = 0; b < PROC_MAX; b++) {
				if (a == b || !(d[i].from & PB(a)) ||
				    !(d[i].to & PB(b)))
					continue;
				if (!(proc_rows[a].links & PB(b)))
					fail_msg("%s: no channel from %s to %s",
					    d[i].name, proc_name((enum proc)a),
					    proc_name((enum proc)b));
				used[a] |= PB(b);
				used[b] |= PB(a);
			}
	for (a = 0; a < PROC_MAX; a++)
		assert_int_equal(used[a], proc_rows[a].links);
}

/* DESIGN.md section 2: who must not be able to stop or trace whom. */
static void
test_users(void **state)
{
	static const struct { enum proc p; const char *user; } want[] = {
		{ PROC_CONF, "_s2sdkey" }, { PROC_NET, "_s2sd" },
		{ PROC_IKE, "_s2sd" }, { PROC_KEYS, "_s2sdkey" },
		{ PROC_SAD, "_s2sdsys" }, { PROC_ESP, "_s2sdesp" },
		{ PROC_HOST, "_s2sdsys" }, { PROC_CTL, "_s2sd" }
	};
	const struct proc_row	*r;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(want); i++) {
		r = &proc_rows[want[i].p];
		assert_non_null(r->user);
		assert_string_equal(r->user, want[i].user);
		/* CAP_NET_ADMIN, and nobody but these two */
		assert_int_equal(r->caps, want[i].p == PROC_SAD ||
		    want[i].p == PROC_HOST ? 1u << 12 : 0);
	}
	assert_null(proc_rows[PROC_PARENT].user);
	assert_null(proc_rows[PROC_EXEC].user);
	/* the parser of strangers' octets has nothing but its channels (and
	 * an empty file) */
	assert_int_equal(proc_rows[PROC_IKE].fds, FB(FD_ALIVE));
	assert_int_equal(proc_rows[PROC_KEYS].fds, FB(FD_ALIVE));
	/* and nobody but the network's two has a UDP socket */
	for (i = 0; i < PROC_MAX; i++)
		if (i != PROC_NET && i != PROC_ESP)
			assert_int_equal(proc_rows[i].fds &
			    (FB(FD_UDP500_4) | FB(FD_UDP500_6) |
			    FB(FD_UDP4500_4) | FB(FD_UDP4500_6)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_messages),
		cmocka_unit_test(test_users)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
