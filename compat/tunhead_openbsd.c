/* SPDX-License-Identifier: ISC */

/* tunhead_openbsd.c: it is always so. */

#include "config.h"

#include "tunhead.h"

int
tun_header(int fd)
{
	(void)fd;
	return (0);
}
