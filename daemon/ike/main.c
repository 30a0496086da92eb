/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-ike as a process: it has its channels and nothing else. */

#include "crypt.h"
#include "ike.h"

int
main(int argc, char **argv)
{
	static const struct role_proc	 p = {
		.role = &role_ike,
		.warmup = crypt_warmup,
	};

	role_main(&p, argc, argv);
}
