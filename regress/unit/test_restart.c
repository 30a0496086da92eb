/* SPDX-License-Identifier: ISC */

/* test_restart.c: at once, then 1, 2, 4 ... 30 s; epochs only grow. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "restart.h"
#include "wire.h"

static void
test_waits(void **state)
{
	static const uint32_t	 waits[] = { 0, 1, 2, 4, 8, 16, 30, 30, 30 };
	struct restart		 r;
	uint64_t		 now = 5000, at;
	size_t			 i;

	(void)state;
	restart_init(&r);
	assert_int_equal(r.epoch, 1);
	restart_born(&r, now);
	for (i = 0; i < nitems(waits); i++) {
		now += 10;		/* a short life */
		at = restart_died(&r, now);
		assert_int_equal(at - now, waits[i] * 1000);
		assert_int_equal(r.epoch, 2 + i);
		assert_int_equal(r.count, 1 + i);
		now = at;
		restart_born(&r, now);
	}
	/* a minute is a good life: the next death is a first one */
	now += 59999;
	assert_int_equal(restart_died(&r, now) - now, 30000);
	restart_born(&r, now);
	now += 60000;
	assert_int_equal(restart_died(&r, now) - now, 0);
	assert_int_equal(r.epoch, 3 + nitems(waits));
	restart_born(&r, now);
	assert_int_equal(restart_died(&r, now + 1) - now, 1001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
