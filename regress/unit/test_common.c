/* SPDX-License-Identifier: ISC */

/* test_common.c: runs the tests of daemon/common as one program. */

#include "test_common.h"

int
main(void)
{
	struct CMUnitTest	 all[128];
	size_t			 n = 0;

#define ADD(f)	do {							\
		memcpy(all + n, f, f##_n * sizeof(all[0]));		\
		n += f##_n;						\
	} while (0)
	ADD(tests_addr);
	ADD(tests_msg);
	ADD(tests_ipc);
	return (_cmocka_run_group_tests("common", all, n, NULL, NULL));
}
