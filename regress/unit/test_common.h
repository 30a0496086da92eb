/* SPDX-License-Identifier: ISC */

/* test_common.h: the tests of daemon/common, gathered by test_common.c. */

#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TESTS_OF(f)	extern const struct CMUnitTest f[]; extern const size_t f##_n
TESTS_OF(tests_addr);
TESTS_OF(tests_msg);
TESTS_OF(tests_ipc);

/* A tunnel with every field set, as s2sd-conf would write it. */
struct tunnel;
void	 sample_tunnel(struct tunnel *);

#endif /* TEST_COMMON_H */
