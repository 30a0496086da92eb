/* SPDX-License-Identifier: ISC */

/* main.c: s2sd: options, log, and letting go of the terminal. */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "notify.h"
#include "parent.h"

static int	detached;

/*
 * While we have the terminal, our own words go there; afterwards to
 * s2sd-ctl, which keeps the log, and to the system's log without it.
 */
void
parent_log(struct parent *p, int level, const char *fmt, ...)
{
	struct m_log	 m;
	va_list		 ap;

	memset(&m, 0, sizeof(m));
	m.level = (uint8_t)level;
	va_start(ap, fmt);
	(void)vsnprintf(m.text, sizeof(m.text), fmt, ap);
	va_end(ap);
	if (p->going && p->child[PROC_CTL].up)
		frames_body(p, PROC_CTL, M_LOG, 0, &m);
	else if (detached)
		syslog(level, "%s", m.text);
	else
		warnx("%s", m.text);
}

void
parent_say(struct parent *p, const char *line)
{
	(void)p;
	if (detached)
		syslog(LOG_ERR, "%s", line);
	else
		(void)fprintf(stderr, "%s\n", line);
}

static void
to_null(int fd)
{
	int	 null;

	if ((null = open("/dev/null", O_RDWR)) == -1)
		return;
	if (null != fd) {
		(void)dup2(null, fd);
		(void)close(null);
	}
}

void
parent_detach(struct parent *p)
{
	uint8_t	 ok = 0;

	notify_manager("READY=1");
	if (p->ready_fd == -1)
		return;			/* -d: the terminal stays ours */
	detached = 1;
	if (write(p->ready_fd, &ok, 1) != 1)
		syslog(LOG_WARNING, "who started s2sd did not wait");
	(void)close(p->ready_fd);
	p->ready_fd = -1;
	to_null(1);
	to_null(2);
}

/*
 * The process that was called stays until the daemon runs, and ends with
 * its result: what is wrong at the start is seen where it was started.
 */
static void
background(struct parent *p)
{
	uint8_t	 code = 1;
	int	 fds[2];

	if (pipe(fds) == -1)
		err(1, "pipe");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		break;
	default:
		(void)close(fds[1]);
		if (read(fds[0], &code, 1) != 1)
			code = 1;	/* it has said why */
		_exit(code);
	}
	(void)close(fds[0]);
	if ((p->ready_fd = spawn_keep(fds[1])) == -1)
		exit(1);
	if (setsid() == -1 || chdir("/") == -1)
		err(1, "cannot leave the terminal");
	to_null(0);
}

/* A name that stays right when the directory changes. */
static const char *
absolute(const char *path)
{
	char	*cwd, *abs;

	if (path[0] == '/')
		return (path);
	if ((cwd = getcwd(NULL, 0)) == NULL ||
	    asprintf(&abs, "%s/%s", cwd, path) == -1)
		err(1, "%s", path);
	free(cwd);
	return (abs);
}

static __attribute__((__noreturn__)) void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: s2sd [-bdnuv] [-f file] [-s socket]\n");
	exit(1);
}

static void
options(struct parent *p, int argc, char **argv)
{
	int	 ch, n = 0, b = 0, u = 0;

	while ((ch = getopt(argc, argv, "bdf:ns:uv")) != -1)
		switch (ch) {
		case 'b':
			b = 1;
			break;
		case 'd':
			p->debug = 1;
			break;
		case 'f':
			p->file = optarg;
			break;
		case 'n':
			n = 1;
			break;
		case 's':
			p->sock = optarg;
			break;
		case 'u':
			u = 1;
			break;
		case 'v':
			p->verbose = 1;
			break;
		default:
			usage();
		}
	if (optind != argc || b + u + n > 1)
		usage();
	if (b)
		p->mode = RUN_BLOCK;
	else if (u)
		p->mode = RUN_UNBLOCK;
	else if (n)
		p->mode = p->verbose ? RUN_PRINT : RUN_TEST;
}

/*
 * `s2sctl stop': what -u does, by a program that was never the daemon, with
 * the same process id; until the pid file goes, it is not done.
 */
static void
lift(const struct parent *p)
{
	(void)execl("/proc/self/exe", "s2sd", "-u", "-f", p->file, "-s",
	    p->sock, (char *)NULL);
	(void)execlp("s2sd", "s2sd", "-u", "-f", p->file, "-s", p->sock,
	    (char *)NULL);
	syslog(LOG_ERR, "cannot lift the block: %s", strerror(errno));
	fds_unpid(p);
	_exit(1);
}

int
main(int argc, char **argv)
{
	struct parent	 p;
	const char	*dir;
	int		 code, fd;

	setprogname("s2sd");
	while ((fd = open("/dev/null", O_RDWR)) != -1 && fd < 3)
		;			/* 0, 1 and 2 exist */
	if (fd != -1)
		(void)close(fd);
	memset(&p, 0, sizeof(p));
	p.file = SYSCONFDIR "/s2sd.conf";
	p.sock = RUNDIR "/s2sd.sock";
	memset(p.udp, 0xff, sizeof(p.udp));
	memset(p.esp, 0xff, sizeof(p.esp));
	p.tun = p.owner = p.ctlsock = p.syslog = p.confdir = p.lock =
	    p.alive = -1;
	p.ready_fd = p.words[0] = p.words[1] = -1;
	options(&p, argc, argv);
	/* a build tree, for tests; set-uid this program must never be */
	dir = getuid() == geteuid() ? getenv("S2SD_LIBEXEC") : NULL;
	if ((p.libexec = strdup(dir != NULL ? dir : LIBEXECDIR)) == NULL)
		err(1, NULL);
	if (geteuid() != 0)
		errx(1, p.mode == RUN_TEST || p.mode == RUN_PRINT ?
		    "-n needs root too: the files are opened as root, and "
		    "read by a process without any right" : "needs root");
	openlog("s2sd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	(void)umask(022);
	if (p.mode == RUN_DAEMON && !p.debug) {
		p.file = absolute(p.file);
		p.sock = absolute(p.sock);
		background(&p);
	}
	code = run(&p);
	if (p.unblock && code == 0)
		lift(&p);
	free(p.libexec);
	return (code);
}
