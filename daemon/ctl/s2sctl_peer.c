/* SPDX-License-Identifier: ISC */

/*
 * s2sctl_peer.c: `s2sctl peer-config': s2sd.conf is read as s2sd -n reads it,
 * by a half that opens files and one that parses and has no rights.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "cf.h"
#include "pc.h"
#include "s2sctl_lock.h"
#include "s2sctl_more.h"

enum { CPU_MAX = 60 };

enum { O_FOR = 256 };		/* --for: no letter */

struct peer {
	const char	*conf, *name;
	enum im_flavour	 fl;
	int		 show;
};

static __attribute__((__noreturn__)) void
usage(void)
{
	(void)fprintf(stderr, "usage: s2sctl peer-config [-p] [-f s2sd.conf] "
	    "--for openswan | libreswan | strongswan tunnel\n");
	exit(EXIT_BAD);
}

static void
options(struct peer *p, int argc, char **argv)
{
	static const struct option	 longs[] = {
		{ "for", required_argument, NULL, O_FOR },
		{ NULL, 0, NULL, 0 }
	};
	int	 ch, i;

	/* the name may stand before --for, whatever getopt is of the system */
	while (optind < argc) {
		if ((ch = getopt_long(argc, argv, "f:p", longs, NULL)) ==
		    -1) {
			if (optind >= argc)
				break;
			if (p->name != NULL)
				usage();
			p->name = argv[optind++];
			continue;
		}
		switch (ch) {
		case 'f':
			p->conf = optarg;
			break;
		case O_FOR:
			p->fl = im_flavour_of(optarg);
			if (p->fl == IM_UNKNOWN)
				errx(EXIT_BAD, "--for %s: openswan, libreswan "
				    "or strongswan", optarg);
			break;
		case 'p':
			p->show = 1;
			break;
		default:
			usage();
		}
	}
	for (i = 0; p->name != NULL && p->name[i] != '\0'; i++)
		;
	if (i == 0 || p->fl == IM_UNKNOWN)
		usage();
}

/* --- the half that parses --- */

static int
print(const struct peer *p, const struct cf_result *r)
{
	struct pc	 c;
	size_t		 i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->t[i]->t.name, p->name) == 0)
			break;
	if (i == r->n) {
		(void)fprintf(stderr, "%s has no tunnel %.63s\n", p->conf,
		    p->name);
		return (EXIT_BAD);
	}
	memset(&c, 0, sizeof(c));
	c.t = &r->t[i]->t;
	c.fl = p->fl;
	if (p->show && !r->t[i]->hidden) {
		c.psk = r->t[i]->psk;
		c.npsk = r->t[i]->npsk;
	}
	if (pc_print(&c, stdout, stderr) == -1)
		return (EXIT_BAD);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_BAD, "standard output");
	return (EXIT_WELL);
}

static int
parse(const struct peer *p, struct cf_files *files)
{
	struct cf_result	 r;
	struct cf_io		 io;
	unsigned int		 i;
	int			 code = EXIT_BAD;

	cf_files_io(files, &io);
	if (cf_parse(p->conf, &io, CF_PRINT, &r) == 0)
		code = print(p, &r);
	for (i = 0; i < CF_ERR_MAX && r.err[i] != NULL; i++)
		(void)fprintf(stderr, "%s\n", r.err[i]);
	cf_clear(&r);
	return (code);
}

/* A secret is not printed where others can read it. */
static void
check_output(const struct peer *p)
{
	struct stat	 st;

	if (p->show && fstat(STDOUT_FILENO, &st) == 0 &&
	    S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		errx(EXIT_BAD, "-p prints the secret, and others may read the "
		    "file that standard output is: (umask 077; s2sctl "
		    "peer-config -p ... > FILE)");
}

int
c_peer_config(int argc, char **argv)
{
	struct peer	 p = { SYSCONFDIR "/s2sd.conf", NULL, IM_UNKNOWN, 0 };
	struct cf_files	 files;
	char		 why[128];
	pid_t		 pid;
	int		 s[2], status;

	options(&p, argc, argv);
	check_output(&p);
	if (cf_files_init(&files, p.conf, why, sizeof(why)) == -1)
		errx(EXIT_BAD, "%s", why);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) == -1)
		err(EXIT_BAD, "socketpair");
	switch (pid = fork()) {
	case -1:
		err(EXIT_BAD, "fork");
	case 0:
		(void)close(s[0]);
		files.sock = s[1];
		ctl_lock(CPU_MAX);
		exit(parse(&p, &files));
	default:
		(void)close(s[1]);
		cf_files_serve(&files, s[0]);
	}
	cf_files_clear(&files);
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_BAD, "waitpid");
	if (!WIFEXITED(status))
		errx(EXIT_BAD, "the parser was ended by signal %d",
		    WTERMSIG(status));
	return (WEXITSTATUS(status));
}
