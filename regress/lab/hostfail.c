/* SPDX-License-Identifier: ISC */

/*
 * hostfail.c: s2sd-host in a network namespace, and its kernel refuses one
 * request after the other: each of them, in each way of nlfail.h, with each
 * errno, while the tunnels are set up, looked after, and taken down.  TAP.
 *
 *	hostfail L R ME PEER
 *
 * What is not ours has the network 10.98.0.0/16 or 10.99.0.0/16, or the name
 * s2sd-foreign.
 */

#include <sys/ioctl.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include <net/if.h>

#include <linux/if_tun.h>

#include "host.h"
#include "nlfail.h"

enum { MANY = 400 };

static struct {
	struct role_io	 io;
	struct host_os	 os;
	struct conf	 conf;
	void		*host;
	char		 log[4096];	/* errors and warnings of this case */
	uint64_t	 now;
	unsigned int	 tests, bad;
} hf;

static const int	errs[] = { ENOBUFS, EPERM, EEXIST, EBUSY };

static void
io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	(void)arg; (void)tunnel; (void)reason;
	if (level <= LOG_WARNING) {
		(void)strlcat(hf.log, text, sizeof(hf.log));
		(void)strlcat(hf.log, "\n", sizeof(hf.log));
	}
}

static int
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	(void)arg; (void)to; (void)h; (void)body; (void)len;
	return (0);
}

static void
say(void *arg, int level, const char *text)
{
	io_log(arg, level, 0, 0, text);
}

static int
no_exec(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	(void)arg; (void)req; (void)what; (void)rest; (void)n;
	return (-1);
}

static void
mark(void *arg, uint32_t v)
{
	(void)arg;
	hf.os.be->mark(hf.os.ctx, v);
}

static void
begin(void)
{
	struct host_env	 henv = { NULL, say, NULL };
	struct fw_env	 env = { .owner_fd = -1, .run = no_exec, .log = say,
			    .mark = mark };
	char		 why[FW_WHYLEN] = "";

	memset(&hf.os, 0, sizeof(hf.os));
	hf.log[0] = '\0';
	hf.io.send = io_send;
	hf.io.log = io_log;
	hf.os.be = &host_linux;
	if ((hf.os.ctx = host_linux.open(&henv, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	env.outdrop = hf.os.be->outdrop(hf.os.ctx);
	hf.os.nft.be = &fw_nft;
	hf.os.nft.ctx = fw_nft.open(&env, hf.os.nft.why, FW_WHYLEN);
	if (hf.os.nft.ctx == NULL)
		errx(1, "nft: %s", hf.os.nft.why);
	if ((hf.host = role_host.new(&hf.io)) == NULL)
		errx(1, "out of memory");
	host_use(hf.host, &hf.os);
}

static void
configure(char **v)
{
	struct global	 g;
	struct tunnel	*t;
	struct net	 n[2];

	memset(&g, 0, sizeof(g));
	g.gateway = GW_ON | GW_FORWARDING | GW_REDIRECTS | GW_NATEXEMPT |
	    GW_MSS;
	if (conf_init(&hf.conf) == -1 || conf_begin(&hf.conf, 1, &g) == -1 ||
	    (t = calloc(1, sizeof(*t))) == NULL ||
	    net_parse(v[0], &n[0]) == -1 || net_parse(v[1], &n[1]) == -1 ||
	    addr_parse(v[2], &t->local) == -1 ||
	    addr_parse(v[3], &t->peer[0]) == -1)
		errx(1, "not a tunnel");
	t->id = 1;
	(void)strlcpy(t->name, "t1", sizeof(t->name));
	t->npeer = t->npair = t->nchild = 1;
	sel_from_net(&n[0], 0, 0, UINT16_MAX, &t->pair[0].local);
	sel_from_net(&n[1], 0, 0, UINT16_MAX, &t->pair[0].remote);
	t->child[0].nencr = 1;
	t->child[0].encr[0] = alg_name(ALG_ENCR, "aes-256-gcm")->num;
	if (conf_add(&hf.conf, t) == -1)
		errx(1, "conf_add");
	conf_commit_new(&hf.conf);
	free(t);
}

static void
tun_open(void)
{
	struct ifreq	 ifr;
	int		 fd;

	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
	memcpy(ifr.ifr_name, FW_TUN, sizeof(FW_TUN));
	if ((fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK)) == -1 ||
	    ioctl(fd, TUNSETIFF, &ifr) == -1)
		err(1, "/dev/net/tun");
}

/* ---- what must be so ---- */

static void
test(int good, const char *what, const char *more)
{
	hf.tests++;
	hf.bad += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", hf.tests, what);
	if (!good && more != NULL)
		printf("#   %s\n", more);
	(void)fflush(stdout);
}

/* The first line that only one of the two has. */
static const char *
differ(const char *a, const char *b)
{
	static char	 line[400];
	size_t		 n;

	for (;; a += n, b += n) {
		n = strcspn(a, "\n") + (a[strcspn(a, "\n")] != '\0');
		if (strncmp(a, b, n) != 0 || (n == 0 && *b != '\0'))
			break;
		if (n == 0)
			return (NULL);
	}
	(void)snprintf(line, sizeof(line), "had: %.*s; has: %.*s",
	    (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
	return (line);
}

/* Are all lines of others there, and no more of them? */
static int
others(const char *before, const char *after)
{
	static const char *const	 marks[] = { "10.98.", "10.99.",
	    "s2sd-foreign" };
	const char	*text[2] = { before, after }, *p;
	char		 line[300];
	unsigned int	 n[2] = { 0, 0 }, i, k;
	size_t		 len;

	for (i = 0; i < 2; i++)
		for (p = text[i]; *p != '\0'; p += len + (p[len] == '\n')) {
			len = strcspn(p, "\n");
			(void)snprintf(line, sizeof(line), "%.*s\n", (int)len, p);
			for (k = 0; k < nitems(marks); k++)
				if (strstr(line, marks[k]) != NULL)
					break;
			if (k == nitems(marks))
				continue;
			n[i]++;
			if (strstr(text[1 - i], line) == NULL)
				return (0);
		}
	return (n[0] == n[1] && n[0] >= 4);
}

/* Has it that line, all but its end? */
static int
has(const char *s, const char *what)
{
	return (strstr(s, what) != NULL);
}

static int
blocks(const char *s)
{
	return (has(s, "table 2 s2sd-block end") &&
	    has(s, "policy block dir 1 priority 0x53320400 from 10.1.3.0/24 "
	    "to 10.1.4.0/24"));
}

/* Into the TUN only beside the exemption and the block. */
static int
safe(const char *s)
{
	char	 into[64];

	(void)snprintf(into, sizeof(into), " 10.1.4.0/24 dev %u metric 1024",
	    if_nametoindex(FW_TUN));
	return (!has(s, into) || (has(s, "table 2 s2sd end") && blocks(s)));
}

/* What went wrong in one pass of all errnos, in one test. */
struct pass {
	const char	*initial, *good, *blocked;
	char		 why[800];
	unsigned int	 cases, silent, told;
};

static void
wrong(struct pass *p, unsigned int n, int e, const char *what,
    const char *more)
{
	if (p->why[0] == '\0')
		(void)snprintf(p->why, sizeof(p->why), "request %u, %.40s: "
		    "%.80s: %.500s", n, strerror(e), what,
		    more == NULL ? "" : more);
}

static void
compare(struct pass *p, unsigned int n, int e, const char *want,
    const char *what)
{
	char		*s = nlstate();
	const char	*d = differ(want, s);

	if (d != NULL)
		wrong(p, n, e, what, d);
	free(s);
}

static void
finish(void)
{
	host_leave(hf.host);
	role_host.free(hf.host);
}

static void
tick_on(void)
{
	unsigned int	 i;

	for (i = 0; i < 4; i++)
		(void)role_host.tick(hf.host, hf.now += 11000);
}

/* ---- setting up ---- */

static int
up_case(struct pass *p, enum nlfail_how how, unsigned int n, int e)
{
	char	*s;
	int	 hit;

	begin();
	nlfail_set(how, n, e);
	(void)role_host.added(hf.host, &hf.conf, hf.now);
	(void)role_host.tick(hf.host, hf.now);
	hit = nlfail_hit();
	nlfail_set(how, 0, 0);
	s = nlstate();
	if (!others(p->initial, s))
		wrong(p, n, e, "somebody else's was touched", s);
	if (!safe(s))
		wrong(p, n, e, "open without exemption or block", hf.log);
	if (hit && hf.log[0] == '\0' && strcmp(s, p->good) != 0)
		wrong(p, n, e, "not done, and nothing was said",
		    differ(p->good, s));
	if (hit && hf.log[0] != '\0' && strstr(hf.log, strerror(e)) == NULL &&
	    strstr(hf.log, "set gateway") == NULL &&
	    strstr(hf.log, "another s2sd") == NULL)
		wrong(p, n, e, "the log does not say why", hf.log);
	free(s);
	p->cases += (unsigned int)hit;
	p->silent += hit && hf.log[0] == '\0';
	p->told += hit && hf.log[0] != '\0';
	tick_on();
	compare(p, n, e, p->good, "the next try does not mend it");
	finish();
	compare(p, n, e, p->blocked, "after its end more than the block");
	return (hit);
}

/* ---- taking down ---- */

static int
down_case(struct pass *p, enum nlfail_how how, unsigned int n, int e)
{
	char	 why[FW_WHYLEN] = "";
	char	*s;
	int	 hit, rv;

	begin();
	(void)role_host.added(hf.host, &hf.conf, hf.now);
	nlfail_set(how, n, e);
	host_leave(hf.host);
	hit = nlfail_hit();
	nlfail_set(how, 0, 0);
	s = nlstate();
	if (!others(p->initial, s))
		wrong(p, n, e, "somebody else's was touched", s);
	if (!blocks(s))
		wrong(p, n, e, "the block went with the rest", s);
	free(s);
	finish();
	compare(p, n, e, p->blocked, "the next try leaves more than the block");
	/* s2sd -u */
	begin();
	nlfail_set(how, n, e);
	rv = host_block_clear(&hf.os, why, sizeof(why));
	hit |= nlfail_hit();
	if (nlfail_hit() && rv == -1 && why[0] == '\0')
		wrong(p, n, e, "-u fails and does not say why", NULL);
	rv = nlfail_hit() ? rv : 0;
	nlfail_set(how, 0, 0);
	if (rv == 0)
		compare(p, n, e, p->initial, "-u says done, and is not");
	if (host_block_clear(&hf.os, why, sizeof(why)) == -1)
		wrong(p, n, e, "-u again does not do it", why);
	compare(p, n, e, p->initial, "-u again leaves something");
	role_host.free(hf.host);
	p->cases += (unsigned int)hit;
	p->told += hit && rv == -1;
	p->silent += hit && rv == 0;
	return (hit);
}

static void
passes(struct pass *p)
{
	static const char *const hows[] = { "is refused", "cannot be sent",
	    "and all behind it are refused" };
	char		 what[200];
	unsigned int	 n, more, how, down;
	size_t		 k;

	for (how = 0; how < NLFAIL_HOWS; how++)
		for (down = 0; down < 2; down++) {
			p->why[0] = '\0';
			p->cases = p->silent = p->told = 0;
			for (n = 1, more = 1; more && n < MANY; n++)
				for (k = 0, more = 0; k < nitems(errs); k++)
					more |= (unsigned int)(down ?
					    down_case : up_case)(p, how, n,
					    errs[k]);
			(void)snprintf(what, sizeof(what), "%s: request n %s, "
			    "every n: %u cases, %u mended at once, %u told",
			    down ? "taking down" : "setting up", hows[how],
			    p->cases, p->silent, p->told);
			test(p->cases > 20 && p->why[0] == '\0', what,
			    p->why);
		}
}

int
main(int argc, char **argv)
{
	struct pass	 p;
	char		 why[FW_WHYLEN];

	if (argc != 5)
		errx(2, "L R ME PEER");
	hf.now = 1000000;
	tun_open();
	configure(argv + 1);
	memset(&p, 0, sizeof(p));
	begin();
	(void)host_block_clear(&hf.os, why, sizeof(why));
	p.initial = nlstate();
	(void)role_host.added(hf.host, &hf.conf, hf.now);
	tick_on();
	p.good = nlstate();
	test(safe(p.good) && others(p.initial, p.good) &&
	    has(p.good, "table 2 s2sd end") && blocks(p.good),
	    "without a refusal it is set up", hf.log);
	finish();
	p.blocked = nlstate();
	test(blocks(p.blocked) && !has(p.blocked, "table 2 s2sd end"),
	    "and its end leaves the block", p.blocked);
	passes(&p);
	printf("1..%u\n", hf.tests);
	return (hf.bad != 0);
}
