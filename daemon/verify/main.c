/* SPDX-License-Identifier: ISC */

/*
 * main.c: s2sd-verify, which `s2sctl verify' and `s2sctl report' become, and
 * which is gone when it has answered.  The first argument is the command.
 * Exit status of verify 0, 1, 2: ok, warnings, failures.
 */

#include "config.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "path.h"
#include "s2sctl.h"

struct options {
	const char	*socket, *src, *dst, *svg, *target;
	int		 json, reach, mask, report;
};

static __attribute__((__noreturn__)) void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: s2sctl verify [-jp] [-f file] [-t host] [tunnel]\n"
	    "       s2sctl verify [-f file] --path from to [--svg file]\n"
	    "       s2sctl report [-a] [-f file]\n");
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

static void
gather(struct v_facts *f, const struct options *o, struct v_list *l)
{
	v_check_conf(f, l);
	v_check_host(f, l);
	v_check_kernel(f, l);
	v_check_tunnels(f, l);
	v_check_interfaces(f, l);
	v_check_packets(f, l);
	if (o->reach)
		v_check_reach(f, o->target, l);
	if (l->bad)
		errx(2, "out of memory");
}

static int
verify(struct v_facts *f, const struct options *o)
{
	struct v_list	 l;
	char		*s;
	int		 code;

	memset(&l, 0, sizeof(l));
	gather(f, o, &l);
	if (!o->json) {
		v_print(stdout, &l, isatty(STDOUT_FILENO) &&
		    getenv("NO_COLOR") == NULL);
	} else {
		if ((s = v_json(&l)) == NULL)
			errx(2, "out of memory");
		(void)puts(s);
		free(s);
	}
	code = v_exit(&l);
	v_clear(&l);
	return (code);
}

/* ---- report ---- */

static void
lately(FILE *out, const char *socket)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_log	 m = { 200, 0 };
	struct m_u_line	 line;
	struct rd	 r;
	int		 fd;

	if ((fd = io_open(socket)) == -1 ||
	    io_ask(fd, M_U_LOG, &m) == -1) {
		(void)fprintf(out, "s2sd does not answer on %s\n",
		    socket);
		return;
	}
	while (io_next(fd, buf, &r, 5000) == 1 &&
	    io_body(r, M_U_LINE, &line) == 0)
		u_print_line(out, &line, (int64_t)time(NULL));
	(void)close(fd);
}

static void
report_to(FILE *out, struct v_facts *f, const struct options *o)
{
	struct u_style	 style = { 0, 1 };
	struct probe	*p;
	struct v_list	 l;
	char		 why[200];

	memset(&l, 0, sizeof(l));
	gather(f, o, &l);
	(void)fprintf(out, "report of " PACKAGE_STRING "\n\n== verify\n\n");
	v_print(out, &l, 0);
	v_clear(&l);
	(void)fprintf(out, "\n== status\n\n");
	if (f->d.running)
		u_print(out, &f->d.st, &style);
	else
		(void)fprintf(out, "s2sd does not answer on %s\n", o->socket);
	(void)fprintf(out, "\n== configuration, secrets hidden\n\n");
	if (f->parsed)
		cf_print(&f->conf, out);
	(void)fprintf(out, "\n== log\n\n");
	lately(out, o->socket);
	(void)fprintf(out, "\n== packet filter\n\n");
	if ((p = pr_open(why, sizeof(why))) != NULL) {
		(void)fputs(pr_listing(p), out);
		pr_close(p);
	} else
		(void)fprintf(out, "%s\n", why);
}

static int
report(struct v_facts *f, const struct options *o)
{
	char	*text = NULL, *masked;
	size_t	 n;
	FILE	*out;

	if ((out = open_memstream(&text, &n)) == NULL)
		err(2, NULL);
	report_to(out, f, o);
	if (fclose(out) == EOF)
		err(2, NULL);
	if (o->mask) {
		if ((masked = v_mask(text)) == NULL)
			err(2, NULL);
		free(text);
		text = masked;
	}
	(void)fputs(text, stdout);
	free(text);
	return (0);
}

/* ---- arguments ---- */

static void
options(int argc, char **argv, struct options *o, struct v_facts *f)
{
	static const struct option	 names[] = {
		{ "path", required_argument, NULL, 'P' },
		{ "svg", required_argument, NULL, 'S' },
		{ NULL, 0, NULL, 0 }
	}, *const none = names + nitems(names) - 1;
	int	 ch;

	while ((ch = getopt_long(argc, argv, o->report ? "af:s:" : "f:jps:t:",
	    o->report ? none : names, NULL)) != -1) {
		switch (ch) {
		case 'a':
			o->mask = 1;
			break;
		case 'f':
			f->path = optarg;
			break;
		case 'j':
			o->json = 1;
			break;
		case 'p':
			o->reach = 1;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 't':
			o->target = optarg;
			o->reach = 1;
			break;
		case 'P':
			o->src = optarg;
			if (optind >= argc)
				usage();
			o->dst = argv[optind++];
			break;
		case 'S':
			o->svg = optarg;
			break;
		default:
			usage();
		}
	}
	if (argc - optind > (o->src == NULL && !o->report) ||
	    (o->svg != NULL && o->src == NULL))
		usage();
	f->only = o->src == NULL ? argv[optind] : NULL;
}

int
main(int argc, char **argv)
{
	static struct v_facts	 f;
	static struct options	 o;
	struct cf_files		 files;
	int			 code;

	if (argc < 2)
		usage();
	o.socket = RUNDIR "/s2sd.sock";
	o.report = strcmp(argv[1], "report") == 0;
	f.route = v_route;
	options(argc - 1, argv + 1, &o, &f);
	if (geteuid() != 0)
		errx(2, "%s needs root: it reads s2sd.conf with its secrets, "
		    "asks s2sd and probes the packet filter", argv[1]);
	v_daemon_read(&f.d, o.socket);
	if (f.path == NULL)
		f.path = f.d.running && f.d.st.head.file[0] == '/' ?
		    f.d.st.head.file : SYSCONFDIR "/s2sd.conf";
	read_conf(&f, &files);
	v_host_read(&f);
	code = o.report ? report(&f, &o) : o.src != NULL ?
	    v_path_show(&f, o.src, o.dst, o.svg) : verify(&f, &o);
	u_status_clear(&f.d.st);
	cf_clear(&f.conf);
	cf_files_clear(&files);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(2, "standard output");
	return (code);
}
