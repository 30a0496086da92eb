/* SPDX-License-Identifier: ISC */

/*
 * main.c: s2sd-verify, started by `s2sctl verify' and gone when it has
 * answered: [-jp] [-f file] [-s socket] [--path source destination]
 * [--svg file] [tunnel].  Exit status 0, 1, 2: ok, warnings, failures.
 */

#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "verify.h"

static __attribute__((__noreturn__)) void
usage(void)
{
	(void)fprintf(stderr, "usage: s2sctl verify [-j] [-f file] "
	    "[tunnel]\n");
	exit(2);
}

static void
read_conf(struct v_facts *f, struct cf_files *files)
{
	struct cf_io	 io;
	char		 why[256];

	if (cf_files_init(files, f->path, why, sizeof(why)) == -1)
		errx(2, "%s", why);
	cf_files_io(files, &io);
	f->parsed = cf_parse(f->path, &io, CF_RUN, &f->conf) == 0;
}

static int
show(const struct v_list *l, int json)
{
	char	*s;

	if (l->bad)
		errx(2, "out of memory");
	if (!json) {
		v_print(stdout, l, isatty(STDOUT_FILENO) &&
		    getenv("NO_COLOR") == NULL);
		return (v_exit(l));
	}
	if ((s = v_json(l)) == NULL)
		errx(2, "out of memory");
	(void)puts(s);
	free(s);
	return (v_exit(l));
}

int
main(int argc, char **argv)
{
	static struct v_facts	 f;
	struct cf_files		 files;
	struct v_list		 l;
	const char		*sock = RUNDIR "/s2sd.sock";
	int			 ch, code, json = 0;

	f.path = SYSCONFDIR "/s2sd.conf";
	f.route = v_route;
	f.h.block = -1;
	while ((ch = getopt(argc, argv, "f:js:")) != -1) {
		switch (ch) {
		case 'f':
			f.path = optarg;
			break;
		case 'j':
			json = 1;
			break;
		case 's':
			sock = optarg;
			break;
		default:
			usage();
		}
	}
	if (argc - optind > 1)
		usage();
	f.only = argv[optind];
	memset(&l, 0, sizeof(l));
	read_conf(&f, &files);
	v_daemon_read(&f.d, sock);
	v_host_read(&f);
	v_check_conf(&f, &l);
	v_check_host(&f, &l);
	v_check_tunnels(&f, &l);
	v_check_packets(&f, &l);
	code = show(&l, json);
	v_clear(&l);
	u_status_clear(&f.d.st);
	cf_clear(&f.conf);
	cf_files_clear(&files);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(2, "standard output");
	return (code);
}
