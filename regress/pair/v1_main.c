/* SPDX-License-Identifier: ISC */

/* v1_main.c: the program that runs the pair tests of IKEv1. */

#include "crypt.h"
#include "v1.h"

int
main(void)
{
	struct CMUnitTest	 all[128];
	size_t			 n = 0;

	if (crypt_warmup() == -1)
		return (1);
	cmocka_set_test_filter(getenv("TEST"));	/* a pattern, or all */
	print_message("seed %llu\n", (unsigned long long)pair_seed());
#define ADD(f)	do {							\
		memcpy(all + n, f, f##_n * sizeof(all[0]));		\
		n += f##_n;						\
	} while (0)
	ADD(tests_v1);
	ADD(tests_v1_rekey);
	ADD(tests_v1_death);
	ADD(tests_v1_ah);
	return (_cmocka_run_group_tests("pair_v1", all, n, NULL, NULL));
}
