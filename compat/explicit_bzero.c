/* SPDX-License-Identifier: ISC */

/* explicit_bzero.c: NetBSD has it by another name. */

#include "config.h"

#include <string.h>

#include "explicit_bzero.h"

void
explicit_bzero(void *p, size_t n)
{
	(void)explicit_memset(p, 0, n);
}
