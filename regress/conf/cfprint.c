/* SPDX-License-Identifier: ISC */

/*
 * cfprint.c: what `s2sd -nv' prints of a file, without the daemon around
 * it: the effective configuration on stdout and 0, or the errors and 1.
 *
 *	cfprint [-r] [-s limit] file
 *
 *	-r	as `s2sd -n' and a start: `psk hidden' is refused, nothing
 *		is printed if all is well
 *	-s	fail if it takes longer than that many milliseconds
 *	-w	print the warnings too
 */

#include <err.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cf.h"

static long
ms(void)
{
	struct timespec	 t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

int
main(int argc, char **argv)
{
	struct cf_result	 r;
	struct cf_files		 files;
	struct cf_io		 io;
	enum cf_mode		 mode = CF_PRINT;
	char			 why[128];
	long			 start, limit = 0;
	unsigned int		 i;
	int			 c, rv, warns = 0;

	while ((c = getopt(argc, argv, "rs:w")) != -1)
		switch (c) {
		case 'r':
			mode = CF_RUN;
			break;
		case 's':
			limit = atol(optarg);
			break;
		case 'w':
			warns = 1;
			break;
		default:
			return (2);
		}
	if (optind + 1 != argc)
		errx(2, "usage: cfprint [-rw] [-s limit] file");
	if (cf_files_init(&files, argv[optind], why, sizeof(why)) == -1)
		errx(2, "%s", why);
	cf_files_io(&files, &io);
	start = ms();
	rv = cf_parse(argv[optind], &io, mode, &r);
	for (i = 0; warns && i < r.nwarn; i++)
		printf("%s\n", r.warn[i]);
	for (i = 0; i < CF_ERR_MAX && r.err[i] != NULL; i++)
		printf("%s\n", r.err[i]);
	if (rv == 0 && mode == CF_PRINT)
		cf_print(&r, stdout);
	cf_clear(&r);
	cf_files_clear(&files);
	if (limit != 0 && ms() - start > limit)
		errx(2, "took %ld ms", ms() - start);
	return (rv == 0 ? 0 : 1);
}
