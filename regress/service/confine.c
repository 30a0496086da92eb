/* SPDX-License-Identifier: ISC */

/*
 * confine.c: run a program under a list of system calls as a service manager
 * would: what is not in the file is EPERM.
 *
 *	confine FILE PROGRAM [argument ...]
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

int
main(int argc, char **argv)
{
	scmp_filter_ctx	 c;
	char		 name[64];
	FILE		*f;
	int		 nr;

	if (argc < 3)
		errx(2, "usage: confine file program [argument ...]");
	if ((f = fopen(argv[1], "r")) == NULL)
		err(2, "%s", argv[1]);
	if ((c = seccomp_init(SCMP_ACT_ERRNO(EPERM))) == NULL)
		errx(2, "seccomp_init");
	while (fscanf(f, "%63s", name) == 1) {
		nr = seccomp_syscall_resolve_name(name);
		if (nr != __NR_SCMP_ERROR && nr >= 0 &&
		    seccomp_rule_add(c, SCMP_ACT_ALLOW, nr, 0) < 0)
			errx(2, "%s", name);
	}
	(void)fclose(f);
	if (seccomp_load(c) < 0)
		errx(2, "seccomp_load");
	(void)execv(argv[2], argv + 2);
	err(2, "%s", argv[2]);
}
