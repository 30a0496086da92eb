/* SPDX-License-Identifier: ISC */

/* pair_main.c: the program that runs the pair tests. */

#include "pair.h"

#include "crypt.h"

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
	ADD(tests_join);
	ADD(tests_file);
	ADD(tests_exec);
	ADD(tests_rekey);
	ADD(tests_death);
	ADD(tests_hostile);
	ADD(tests_many);
	ADD(tests_ah);
	return (_cmocka_run_group_tests("pair", all, n, NULL, NULL));
}
