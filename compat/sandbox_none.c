/* SPDX-License-Identifier: ISC */

/* sandbox_none.c: a system without a sandbox: ids, chroot and limits alone. */

#include "config.h"

#include "proc.h"

void
sandbox_early(enum proc p)
{
	(void)p;
}

void
sandbox(enum proc p)
{
	(void)p;
}

const char *
sandbox_missing(void)
{
	return ("no sandbox for this system");
}
