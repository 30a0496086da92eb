/* SPDX-License-Identifier: ISC */

/* sel.h: a network of the text, all ports and protocols; after cmocka.h. */

#ifndef TEST_SEL_H
#define TEST_SEL_H

#include "addr.h"

static inline struct sel
sel(const char *s)
{
	struct net	 n;
	struct sel	 r;

	assert_int_equal(net_parse(s, &n), 0);
	sel_from_net(&n, 0, 0, UINT16_MAX, &r);
	return (r);
}

#endif /* TEST_SEL_H */
