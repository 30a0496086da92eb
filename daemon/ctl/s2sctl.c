/* SPDX-License-Identifier: ISC */

/* s2sctl.c: the commands of s2sctl. */

#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "s2sctl.h"
#include "s2sctl_more.h"

enum { PATIENCE = 35000, STOP_WAIT = 10000 };	/* ms */

struct call {
	const char	*socket;
	int		 argc;		/* of what follows the command */
	char		**argv;
};

union body {
	uint64_t	 align;
	uint8_t		 room[MSG_STRUCT_MAX];
};

static __attribute__((__noreturn__)) void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: s2sctl [-s socket] command [argument ...]\n"
	    "  status [-jvw] [tunnel]        how the tunnels are\n"
	    "  explain [-j] [tunnel]         what is wrong, why, what to write\n"
	    "  up | down tunnel              start or stop a tunnel\n"
	    "  rekey tunnel [child | ike]    renew its keys\n"
	    "  reload                        read s2sd.conf again\n"
	    "  stop                          stop s2sd and lift its block\n"
	    "  log [-fj] [-n lines]          what s2sd said\n"
	    "  stats [-j]                    counters of every process\n"
	    "  verify [-jp] [-f file] [-t host] [tunnel]\n"
	    "                                is this host as they need it?\n"
	    "  verify --path from to [--svg file]\n"
	    "                                a packet's way through this host\n"
	    "  report [-a] [-f file]         all of that in a file for others\n"
	    "  genpsk                        print a new shared secret\n"
	    "  import [-cin] [file [secrets]]\n"
	    "                                ipsec.conf of openswan, libreswan "
	    "or strongSwan\n"
	    "  peer-config tunnel --for openswan | libreswan | strongswan\n"
	    "                                what its other end needs\n");
	exit(EXIT_BAD);
}

static int
connected(const struct call *c, uint32_t type, const void *body, int *code)
{
	int	 fd;

	if ((fd = io_open(c->socket)) == -1) {
		*code = io_failed(c->socket, errno);
		return (-1);
	}
	/* a daemon that has no place for us says so, whatever we send */
	(void)!io_ask(fd, type, body);
	return (fd);
}

/* --- requests with one answer --- */

static int
simple(const struct call *c, uint32_t type, const void *body)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_done	 d;
	struct rd	 r;
	pid_t		 pid = end_pid(c->socket);
	int		 code, fd, rv;

	if ((fd = connected(c, type, body, &code)) == -1)
		return (code);
	if ((rv = io_next(fd, buf, &r, PATIENCE)) != 1)
		return (end_lost(c->socket, rv));
	if (io_body(r, M_U_DONE, &d) == -1)
		errx(EXIT_BAD, "s2sd speaks another language: is it of "
		    "another version?");
	if (d.text[0] != '\0')
		(void)fprintf(d.err == UERR_OK ? stdout : stderr, "%s%s\n",
		    d.err == UERR_OK ? "" : "s2sctl: ", d.text);
	if (type == M_U_STOP && d.err == UERR_OK) {
		while (io_next(fd, buf, &r, STOP_WAIT) == 1)
			continue;	/* until it is gone, and */
		if (end_wait(c->socket, pid, STOP_WAIT) == -1) {
			warnx("s2sd (process %ld) is still busy with lifting "
			    "its block", (long)pid);
			d.err = UERR_TIMEOUT;
		}
	}
	(void)close(fd);
	return (d.err == UERR_OK ? EXIT_WELL : EXIT_BAD);
}

static void
one_name(const struct call *c, char *name, size_t size)
{
	if (c->argc < 1)
		errx(EXIT_BAD, "which tunnel?  `s2sctl status' lists them");
	if (strlcpy(name, c->argv[0], size) >= size)
		errx(EXIT_BAD, "%s: no tunnel has so long a name",
		    c->argv[0]);
}

static int
c_updown(const struct call *c, uint32_t type)
{
	struct m_u_name	 m;

	memset(&m, 0, sizeof(m));
	one_name(c, m.name, sizeof(m.name));
	if (c->argc > 1)
		usage();
	return (simple(c, type, &m));
}

static int
c_up(const struct call *c)
{
	return (c_updown(c, M_U_UP));
}

static int
c_down(const struct call *c)
{
	return (c_updown(c, M_U_DOWN));
}

static int
c_rekey(const struct call *c)
{
	struct m_u_rekey m;

	memset(&m, 0, sizeof(m));
	one_name(c, m.name, sizeof(m.name));
	if (c->argc > 2)
		usage();
	if (c->argc == 2 && strcmp(c->argv[1], "ike") == 0)
		m.what = 1;
	else if (c->argc == 2 && strcmp(c->argv[1], "child") != 0)
		errx(EXIT_BAD, "%s: child (traffic keys) or ike (session "
		    "keys)", c->argv[1]);
	return (simple(c, M_U_REKEY, &m));
}

static int
c_reload(const struct call *c)
{
	if (c->argc > 0)
		usage();
	return (simple(c, M_U_RELOAD, NULL));
}

static int
c_stop(const struct call *c)
{
	if (c->argc > 0)
		usage();
	return (simple(c, M_U_STOP, NULL));
}

/* --- status --- */

/* 0: *s is filled; else the exit status. */
static int
fetch(const struct call *c, const char *name, struct u_status *s)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_name	 m;
	struct rd	 r;
	int		 code, fd, rv, state = 0;

	memset(s, 0, sizeof(*s));
	memset(&m, 0, sizeof(m));
	if (strlcpy(m.name, name, sizeof(m.name)) >= sizeof(m.name))
		errx(EXIT_BAD, "%s: no tunnel has so long a name", name);
	if ((fd = connected(c, M_U_STATUS, &m, &code)) == -1)
		return (code);
	s->wall = (int64_t)time(NULL);
	while (state == 0) {
		if ((rv = io_next(fd, buf, &r, PATIENCE)) != 1) {
			(void)close(fd);
			return (end_lost(c->socket, rv));
		}
		state = u_take(s, r);
	}
	(void)close(fd);
	if (state == -1)
		errx(EXIT_BAD, "s2sd speaks another language: is it of "
		    "another version?");
	if (s->done.err != UERR_OK) {
		warnx("%s", s->done.text);
		return (EXIT_BAD);
	}
	return (0);
}

static int
show_json(const struct u_status *s, int running)
{
	char	*text = running ? u_json(s) : u_json_down();

	if (text == NULL)
		errx(EXIT_BAD, "out of memory");
	(void)puts(text);
	free(text);
	return (running ? u_exit(s) : EXIT_NOT_RUNNING);
}

/* *again is cleared if there is no such tunnel to wait for. */
static int
status_once(const struct call *c, const char *name,
    const struct u_style *style, int json, int *again)
{
	struct u_status	 s;
	int		 code;

	if ((code = fetch(c, name, &s)) != 0) {
		if (s.done.err == UERR_NOTUNNEL)
			*again = 0;
		if (json && code == EXIT_NOT_RUNNING)
			code = show_json(&s, 0);
	} else if (json)
		code = show_json(&s, 1);
	else {
		if (name[0] != '\0' && s.n == 1)
			u_print_one(stdout, &s, style);
		else
			u_print(stdout, &s, style);
		code = u_exit(&s);
	}
	u_status_clear(&s);
	return (code);
}

static int
status(const struct call *c, int verbose)
{
	struct u_style	 style;
	int		 ch, again = 0, code, json = 0;
	const char	*name = "";

	memset(&style, 0, sizeof(style));
	style.verbose = verbose;
	while ((ch = getopt(c->argc + 1, c->argv - 1, "jvw")) != -1) {
		switch (ch) {
		case 'j':
			json = 1;
			break;
		case 'v':
			style.verbose = 1;
			break;
		case 'w':
			again = 1;
			break;
		default:
			usage();
		}
	}
	if (c->argc + 1 - optind > 1)
		usage();
	if (c->argc + 1 - optind == 1)
		name = (c->argv - 1)[optind];
	style.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	for (;;) {
		if (again && isatty(STDOUT_FILENO))
			(void)printf("\033[H\033[2J");
		code = status_once(c, name, &style, json, &again);
		if (fflush(stdout) == EOF || !again)
			return (code);
		(void)sleep(1);
	}
}

static int
c_status(const struct call *c)
{
	return (status(c, 0));
}

static int
c_statusall(const struct call *c)
{
	return (status(c, 1));
}

/* --- explain --- */

/* The last lines about that tunnel that have a reason; none is no mistake. */
static void
fetch_events(const struct call *c, const char *name, struct u_events *ev)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_log	 m = { 2000, 0 };
	union body	 b;
	struct m_u_line	*l = (void *)b.room;
	struct rd	 r;
	int		 fd, code;

	memset(ev, 0, sizeof(*ev));
	if ((fd = connected(c, M_U_LOG, &m, &code)) == -1)
		return;
	while (io_next(fd, buf, &r, PATIENCE) == 1 &&
	    io_body(r, M_U_LINE, b.room) == 0)
		if (l->reason != R_NONE && strcmp(l->tunnel, name) == 0)
			u_event(ev, l);
	(void)close(fd);
}

static int
c_explain(const struct call *c)
{
	struct u_status	 s;
	struct u_events	 ev;
	const char	*name = "";
	char		*text;
	int		 ch, code, json = 0;

	while ((ch = getopt(c->argc + 1, c->argv - 1, "j")) != -1) {
		if (ch != 'j')
			usage();
		json = 1;
	}
	if (c->argc + 1 - optind > 1)
		usage();
	if (c->argc + 1 - optind == 1)
		name = (c->argv - 1)[optind];
	if ((code = fetch(c, name, &s)) != 0) {
		u_status_clear(&s);
		return (code);
	}
	u_sort(&s);
	memset(&ev, 0, sizeof(ev));
	if (s.n == 1)
		fetch_events(c, s.t[0].m.name, &ev);
	if (json) {
		if ((text = u_json_explain(&s, &ev)) == NULL)
			errx(EXIT_BAD, "out of memory");
		(void)puts(text);
		free(text);
	} else
		u_explain(stdout, &s, &ev);
	code = u_exit(&s);
	u_status_clear(&s);
	return (code);
}

/* --- log and statistics --- */

/* Print frames until the end; 0: go on, 1: that was M_U_DONE. */
static int
log_frame(struct rd r, int json, int *code)
{
	union body	 b;
	struct m_u_done	 d;
	char		*text;

	if (io_body(r, M_U_DONE, &d) == 0) {
		if (d.err != UERR_OK)
			warnx("%s", d.text);
		*code = d.err == UERR_OK ? EXIT_WELL : EXIT_BAD;
		return (1);
	}
	if (io_body(r, M_U_LINE, b.room) == -1)
		errx(EXIT_BAD, "s2sd speaks another language");
	if (!json) {
		u_print_line(stdout, (const void *)b.room,
		    (int64_t)time(NULL));
		return (0);
	}
	text = u_json_line((const void *)b.room, (int64_t)time(NULL));
	if (text == NULL)
		errx(EXIT_BAD, "out of memory");
	(void)puts(text);
	free(text);
	return (0);
}

static int
c_log(const struct call *c)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_log	 m = { 100, 0 };
	const char	*why;
	struct rd	 r;
	int		 ch, code = EXIT_NOT_RUNNING, fd, json = 0, rv;

	while ((ch = getopt(c->argc + 1, c->argv - 1, "fjn:")) != -1) {
		switch (ch) {
		case 'f':
			m.follow = 1;
			break;
		case 'j':
			json = 1;
			break;
		case 'n':
			m.lines = (uint32_t)strtonum(optarg, 0, 1000000, &why);
			if (why != NULL)
				errx(EXIT_BAD, "-n %s: %s", optarg, why);
			break;
		default:
			usage();
		}
	}
	if (c->argc + 1 != optind)
		usage();
	if ((fd = connected(c, M_U_LOG, &m, &code)) == -1)
		return (code);
	for (;;) {
		rv = io_next(fd, buf, &r, m.follow ? -1 : PATIENCE);
		if (rv != 1)
			return (end_lost(c->socket, rv));
		if (log_frame(r, json, &code))
			break;
		if (m.follow && fflush(stdout) == EOF)
			break;
	}
	(void)close(fd);
	return (code);
}

static int
c_stats(const struct call *c)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_count m;
	struct m_u_done	 d;
	struct rd	 r;
	const char	*sep = "{";
	int		 ch, code, fd, json = 0, rv;

	while ((ch = getopt(c->argc + 1, c->argv - 1, "j")) != -1) {
		if (ch != 'j')
			usage();
		json = 1;
	}
	if (optind != c->argc + 1)
		usage();
	if ((fd = connected(c, M_U_STATS, NULL, &code)) == -1)
		return (code);
	for (;;) {
		if ((rv = io_next(fd, buf, &r, PATIENCE)) != 1)
			return (end_lost(c->socket, rv));
		if (io_body(r, M_U_DONE, &d) == 0)
			break;
		if (io_body(r, M_U_COUNT, &m) == -1)
			errx(EXIT_BAD, "s2sd speaks another language");
		/* names are [!-~] without quotes: s2sd writes them itself */
		m.name[strcspn(m.name, "\"\\")] = '\0';
		(void)printf(json ? "%s\"%s.%s\": %llu" : "%.0s%-10s %-24s "
		    "%llu\n", sep, proc_name((enum proc)m.proc), m.name,
		    (unsigned long long)m.value);
		sep = ",\n ";
	}
	if (json)
		(void)puts(*sep == '{' ? "{}" : "}");
	if (d.err != UERR_OK)
		warnx("%s", d.text);
	return (d.err == UERR_OK ? EXIT_WELL : EXIT_BAD);
}

/* 256 bits in base64, RFC 4648 section 4. */
static int
c_genpsk(const struct call *c)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
	    "pqrstuvwxyz0123456789+/";
	uint8_t	 b[33];
	char	 text[46];
	size_t	 i, n = 0;

	if (c->argc > 0)
		usage();
	if (getentropy(b, 32) == -1)
		err(EXIT_BAD, "no randomness");
	b[32] = 0;
	for (i = 0; i < sizeof(b); i += 3) {
		text[n++] = abc[b[i] >> 2];
		text[n++] = abc[(b[i] & 3) << 4 | b[i + 1] >> 4];
		text[n++] = abc[(b[i + 1] & 15) << 2 | b[i + 2] >> 6];
		text[n++] = abc[b[i + 2] & 63];
	}
	text[n - 1] = '=';
	text[n] = '\0';
	(void)puts(text);
	explicit_bzero(b, sizeof(b));
	explicit_bzero(text, sizeof(text));
	return (fflush(stdout) == EOF ? EXIT_BAD : EXIT_WELL);
}

/* --- verify and report: a program of its own, with root's rights --- */

static int
become(const struct call *c, const char *command)
{
	static char	 prog[] = LIBEXECDIR "/s2sd-verify", s[] = "-s";
	char		**argv;
	int		 i;

	if ((argv = calloc((size_t)c->argc + 5, sizeof(*argv))) == NULL ||
	    (argv[1] = strdup(command)) == NULL ||
	    (argv[3] = strdup(c->socket)) == NULL)
		err(EXIT_BAD, NULL);
	argv[0] = prog;
	argv[2] = s;
	for (i = 0; i < c->argc; i++)
		argv[i + 4] = c->argv[i];
	(void)execv(prog, argv);
	err(EXIT_NOT_RUNNING, "%s", prog);
}

static int
c_verify(const struct call *c)
{
	return (become(c, "verify"));
}

static int
c_report(const struct call *c)
{
	return (become(c, "report"));
}

static int
c_from(const struct call *c)
{
	return (c_import(c->argc + 1, c->argv - 1));
}

static int
c_for(const struct call *c)
{
	return (c_peer_config(c->argc + 1, c->argv - 1));
}

/* --- which --- */

/* `native': what an old hand's word is called here. */
static const struct command {
	const char	*name;
	int		(*fn)(const struct call *);
	const char	*native;
} commands[] = {
	{ "status",		c_status,	NULL },
	{ "explain",		c_explain,	NULL },
	{ "up",			c_up,		NULL },
	{ "down",		c_down,		NULL },
	{ "rekey",		c_rekey,	NULL },
	{ "reload",		c_reload,	NULL },
	{ "stop",		c_stop,		NULL },
	{ "log",		c_log,		NULL },
	{ "stats",		c_stats,	NULL },
	{ "genpsk",		c_genpsk,	NULL },
	{ "verify",		c_verify,	NULL },
	{ "report",		c_report,	NULL },
	{ "import",		c_from,		NULL },
	{ "peer-config",	c_for,		NULL },
	{ "add",		c_up,		"up" },
	{ "route",		c_up,		"up" },
	{ "trafficstatus",	c_status,	"status" },
	{ "list-sas",		c_status,	"status" },
	{ "statusall",		c_statusall,	"status -v" },
};

static __attribute__((__noreturn__)) void
unknown(const char *word)
{
	const char	*names[nitems(commands) + 1], *near;
	size_t		 i;

	for (i = 0; i < nitems(commands); i++)
		names[i] = commands[i].name;
	names[i] = NULL;
	if ((near = u_nearest(word, names)) != NULL)
		errx(EXIT_BAD, "unknown command %s: did you mean %s?", word,
		    near);
	errx(EXIT_BAD, "unknown command %s: s2sctl without a word lists "
	    "them", word);
}

int
main(int argc, char **argv)
{
	const struct command	*k;
	struct call		 c;
	int			 ch, code;

	c.socket = S2SCTL_SOCKET;
	while ((ch = getopt(argc, argv, "+s:")) != -1) {
		if (ch != 's')
			usage();
		c.socket = optarg;
	}
	if (optind >= argc)
		usage();
	for (k = commands; k < commands + nitems(commands); k++)
		if (strcmp(k->name, argv[optind]) == 0)
			break;
	if (k == commands + nitems(commands))
		unknown(argv[optind]);
	c.argc = argc - optind - 1;
	c.argv = argv + optind + 1;
	if (k->native != NULL)
		(void)fprintf(stderr, "s2sctl: %s is `s2sctl %s%s%s' here\n",
		    k->name, k->native, c.argc > 0 ? " " : "",
		    c.argc > 0 ? c.argv[0] : "");
	optind = 1;
	code = k->fn(&c);
	if (fflush(stdout) == EOF || ferror(stdout))	/* genpsk > FILE */
		err(EXIT_BAD, "standard output");
	return (code);
}
