/* SPDX-License-Identifier: ISC */

/*
 * s2sctl_import.c: `s2sctl import'.  One process opens files and writes the
 * secrets' files, the other parses and has no rights: it is locked in like
 * s2sd-conf before it sees the first octet.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "im_file.h"
#include "privdrop.h"
#include "proc.h"
#include "s2sctl_lock.h"
#include "s2sctl_more.h"

enum { CPU_MAX = 60 };		/* seconds for one import */
enum { O_HOST = 256 };		/* --host: no letter */

struct import {
	const char	*conf, *secrets;
	int		 comments, dry;
	struct im_opts	 o;
};

static __attribute__((__noreturn__)) void
usage(void)
{
	(void)fprintf(stderr, "usage: s2sctl import [-cin] [-F openswan | "
	    "libreswan | strongswan] [-k folder]\n"
	    "           [--host address[,address]] [ipsec.conf "
	    "[ipsec.secrets]]\n");
	exit(EXIT_BAD);
}

/* --- this host --- */

static void
own_addresses(struct im_opts *o)
{
	struct ifaddrs	*list, *i;

	if (getifaddrs(&list) == -1)
		return;
	for (i = list; i != NULL && o->nhost < IM_HOST_MAX; i = i->ifa_next)
		if (i->ifa_addr != NULL && addr_from_sa(i->ifa_addr,
		    &o->host[o->nhost]) == 0) {
			o->host[o->nhost].port = 0;
			o->nhost++;
		}
	freeifaddrs(list);
}

/* The source address towards nowhere: that of the default route. */
static void
default_source(const char *to, struct addr *out)
{
	struct sockaddr_storage	 ss;
	struct addr		 a;
	socklen_t		 len;
	int			 fd;

	if (addr_parse(to, &a) == -1)
		return;
	a.port = 9;
	len = addr_to_sa(&a, &ss);
	if ((fd = socket(ss.ss_family, SOCK_DGRAM, 0)) == -1)
		return;
	if (connect(fd, (struct sockaddr *)&ss, len) == 0) {
		len = sizeof(ss);
		if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
		    addr_from_sa((struct sockaddr *)&ss, out) == 0)
			out->port = 0;
	}
	(void)close(fd);
}

static void
host(struct im_opts *o, char *list)
{
	struct addr	 a;
	char		*s;

	while ((s = strsep(&list, ", ")) != NULL) {
		if (*s == '\0')
			continue;
		if (addr_parse(s, &a) == -1)
			errx(EXIT_BAD, "--host %s: no address", s);
		if (o->nhost < IM_HOST_MAX)
			o->host[o->nhost++] = a;
		if (o->def[a.af == 6].af == 0)
			o->def[a.af == 6] = a;
	}
}

/* --- arguments --- */

static void
options(struct import *i, int argc, char **argv)
{
	static const struct option	 longs[] = {
		{ "host", required_argument, NULL, O_HOST },
		{ NULL, 0, NULL, 0 }
	};
	int	 ch;

	while ((ch = getopt_long(argc, argv, "cF:ik:n", longs,
	    NULL)) != -1)
		switch (ch) {
		case 'c':
			i->comments = 1;
			break;
		case 'F':
			i->o.flavour = im_flavour_of(optarg);
			if (i->o.flavour == IM_UNKNOWN)
				errx(EXIT_BAD, "-F %s: openswan, libreswan or "
				    "strongswan", optarg);
			break;
		case O_HOST:
			i->o.host_text = strdup(optarg);
			host(&i->o, optarg);
			break;
		case 'i':
			i->o.in = 1;
			break;
		case 'k':
			i->o.keydir = optarg;
			break;
		case 'n':
			i->dry = 1;
			break;
		default:
			usage();
		}
	if (argc - optind > 2)
		usage();
	i->conf = argc > optind ? argv[optind] : "/etc/ipsec.conf";
	i->secrets = argc > optind + 1 ? argv[optind + 1] : NULL;
	if (i->o.nhost == 0) {
		own_addresses(&i->o);
		default_source("198.51.100.1", &i->o.def[0]);
		default_source("2001:db8::1", &i->o.def[1]);
	}
	if (strlen(i->o.keydir) > 200 || i->o.keydir[strcspn(i->o.keydir,
	    "\"\\\n")] != '\0')
		errx(EXIT_BAD, "-k %s: choose a shorter and simpler name",
		    i->o.keydir);
	if (i->o.keydir[0] == '/' && strncmp(i->o.keydir, SYSCONFDIR "/",
	    sizeof(SYSCONFDIR)) != 0)
		(void)fprintf(stderr, "-k %s: s2sd opens secrets only below "
		    "the folder of its s2sd.conf and below " SYSCONFDIR
		    "/s2sd: what is printed works from a file in a folder "
		    "above that one\n", i->o.keydir);
}

/* NAME.secrets beside NAME.conf, if it is there. */
static void
beside(struct import *i, char *buf, size_t len)
{
	size_t	 n = strlen(i->conf);

	if (i->secrets != NULL)
		return;
	if (n > 5 && strcmp(i->conf + n - 5, ".conf") == 0)
		n -= 5;
	if ((size_t)snprintf(buf, len, "%.*s.secrets", (int)n, i->conf) < len &&
	    access(buf, F_OK) == 0)
		i->secrets = buf;
}

/* Secrets in the output: not where others can read them. */
static void
check_output(const struct import *i)
{
	struct stat	 st;

	if (i->o.in && fstat(STDOUT_FILENO, &st) == 0 &&
	    S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		errx(EXIT_BAD, "-i prints secrets, and others may read the "
		    "file that standard output is: (umask 077; s2sctl import "
		    "-i ... > FILE), or chmod 600 it first");
}

/* --- the half that parses --- */

static int
write_secrets(const struct import *i, const struct im_result *r, int sock)
{
	const struct im_file	*f;
	char			 why[256];
	unsigned int		 fresh = 0;
	int			 bad = 0;

	for (f = r->files; f != NULL && !i->dry; f = f->next)
		switch (im_remote_write(sock, f, why, sizeof(why))) {
		case -1:
			(void)fprintf(stderr, "%s/%s.psk %s\n", i->o.keydir,
			    f->name, why);
			bad = 1;
			break;
		case 0:
			fresh++;
			break;
		default:
			break;
		}
	if (fresh > 0)
		(void)fprintf(stderr, "%u secret%s written to %s\n", fresh,
		    fresh == 1 ? "" : "s", i->o.keydir);
	return (bad);
}

static int
convert(const struct import *i, int sock)
{
	struct im_result	 r;
	struct im_io		 io;
	int			 bad, code;

	im_remote_io(&io, &sock);
	(void)!im_run(i->conf, i->secrets, &io, &i->o, &r);
	im_print_remarks(&r, stderr);
	bad = write_secrets(i, &r, sock);
	code = im_exit(&r);
	if (code != 2 || i->comments)
		im_print(&r, &i->o, stdout, i->comments);
	im_clear(&r);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_BAD, "standard output");
	return (bad && code == 0 ? 1 : code);
}

int
c_import(int argc, char **argv)
{
	struct import	 i;
	struct im_server server;
	char		 buf[1024];
	pid_t		 pid;
	int		 s[2], status;

	memset(&i, 0, sizeof(i));
	i.o.keydir = SYSCONFDIR "/s2sd";
	options(&i, argc, argv);
	beside(&i, buf, sizeof(buf));
	check_output(&i);
	(void)umask(077);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) == -1)
		err(EXIT_BAD, "socketpair");
	switch (pid = fork()) {
	case -1:
		err(EXIT_BAD, "fork");
	case 0:
		(void)close(s[0]);
		ctl_lock(CPU_MAX);
		exit(convert(&i, s[1]));
	default:
		(void)close(s[1]);
		server = (struct im_server){ s[0], i.conf, i.secrets,
		    i.o.keydir };
		im_serve(&server);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_BAD, "waitpid");
	if (!WIFEXITED(status))
		errx(EXIT_BAD, "the parser was ended by signal %d: please "
		    "report the file", WTERMSIG(status));
	return (WEXITSTATUS(status));
}
