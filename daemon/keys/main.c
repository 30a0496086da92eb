/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-keys as a process: memory that never reaches a disk. */

#include <sys/mman.h>
#include <sys/resource.h>

#include "crypt.h"
#include "keys.h"

/*
 * Keep all pages out of the swap, as far as the system lets us.  The limit
 * goes first: with a small one, MCL_FUTURE would make malloc fail.
 */
static void
lock_memory(void)
{
	struct rlimit	 r;

	r.rlim_cur = r.rlim_max = RLIM_INFINITY;
	if (setrlimit(RLIMIT_MEMLOCK, &r) == 0)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

int
main(int argc, char **argv)
{
	static const struct role_proc	 p = {
		.role = &role_keys,
		.open_root = lock_memory,
		.warmup = crypt_warmup,
	};

	role_main(&p, argc, argv);
}
