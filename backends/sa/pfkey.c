/* SPDX-License-Identifier: ISC */

/* pfkey.c: PF_KEYv2, RFC 2367; refused until it is written. */

#include <stdio.h>

#include "sa.h"

static int
pfkey_open(void **sys, char *why, size_t size)
{
	*sys = NULL;
	(void)snprintf(why, size, "not built in yet");
	return (-1);
}

const struct sa_backend sa_pfkey = {
	.choice = BE_PFKEY,
	.name = "pfkey",
	.open = pfkey_open,
};
