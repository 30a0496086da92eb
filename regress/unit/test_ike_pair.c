/* SPDX-License-Identifier: ISC */

/* test_ike_pair.c: two engines, each with its s2sd-keys, joined end to end. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypt.h"
#include "ike_rig.h"
#include "reason.h"

enum { X_INIT = 34, X_AUTH = 35, X_CHILD = 36, X_INFO = 37 };

static struct rig	r;
static const char	psk[] = "a very long secret that nobody knows";

/* A dials, B waits. */
static void
start(uint32_t seed)
{
	struct tunnel	 t;
	int		 i;

	rig_init(&r, seed);
	for (i = 0; i < 2; i++) {
		rig_tunnel_of(&r, i, &t);
		if (i == 1)
			t.flags = 0;
		rig_load(&r, i, &t, 1, psk);
	}
	rig_go(&r, 1);
	rig_go(&r, 0);
}

static void
test_up(void **state)
{
	(void)state;
	start(7);
	assert_int_equal(rig_until_up(&r, 5000), 1);
	assert_int_equal(rig_match(&r), 1);
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.nseen, 4);
	rig_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_up),
	};

	if (crypt_warmup() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
