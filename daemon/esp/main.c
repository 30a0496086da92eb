/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-esp as a process. */

#include "crypt.h"
#include "plane.h"

int
main(int argc, char **argv)
{
	static const struct role_proc	 p = {
		.role = &role_esp,
		.setup = plane_setup,
		.warmup = crypt_warmup,
	};

	role_main(&p, argc, argv);
}
