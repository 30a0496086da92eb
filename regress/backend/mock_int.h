/* SPDX-License-Identifier: ISC */

/* mock_int.h: the two files of the mock kernel among themselves. */

#ifndef MOCK_INT_H
#define MOCK_INT_H

#include "mock_pfkey.h"

uint16_t mk16(const uint8_t *);
uint32_t mk32(const uint8_t *);
uint32_t mkspi(struct rd sa);
size_t	 mock_sockaddr(const struct mock *, const uint8_t *, size_t,
	    struct addr *);
/* Syntax: 0, or an errno that write(2) returns; m->why. */
int	 mock_check(struct mock *, const uint8_t *, size_t,
	    struct mock_msg *);
/* Algorithms and keys: 0, -1 (EINVAL), or an errno. */
int	 mock_keys(struct mock *, const struct mock_msg *);

#endif /* MOCK_INT_H */
