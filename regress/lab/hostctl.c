/* SPDX-License-Identifier: ISC */

/*
 * hostctl.c: s2sd-host and s2sd-exec without the rest of the daemon, for
 * the tests in private network namespaces.  Needs root.
 *
 *	hostctl run [-g] [-n COUNT] [-f nft|iptables|none] L R ME PEER
 *		opens the TUN, applies, says "ready", prints each packet that
 *		enters the TUN as "tun SRC DST"; a line "in SRC DST" on
 *		standard input sends one out of it, "none" reloads to no
 *		tunnel and no firewall; ends with standard input
 *	hostctl block L R ME PEER	the block alone, as `s2sd -b'
 *	hostctl unblock			as `s2sd -u'
 *	hostctl bench ...		as run, but ends at once
 */

#include <sys/ioctl.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_tun.h>

#include "exec.h"
#include "host.h"

enum { QUEUE = 64 };

static struct {
	struct role_io	 io[2];		/* of host, of exec */
	void		*host, *exec;
	struct host_os	 os;
	struct conf	 conf;
	struct queued {
		enum proc	 to;
		struct ipc_msg	 m;
		uint8_t		 d[IPC_BODY_MAX];
	}		 q[QUEUE];
	size_t		 head, tail;
	int		 tun;
} hc;

static uint64_t
clock_ms(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static void
io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	(void)arg; (void)tunnel; (void)reason;
	fprintf(stderr, "log %d %s\n", level, text);
}

static int
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct queued	*q = &hc.q[hc.tail % QUEUE];

	if (to != PROC_HOST && to != PROC_EXEC)
		return (0);
	if (hc.tail - hc.head == QUEUE)
		return (-1);
	q->to = to;
	q->m.h = *h;
	q->m.h.len = (uint32_t)len;
	q->m.from = arg == &hc.io[0] ? PROC_HOST : PROC_EXEC;
	q->m.fd = -1;
	q->m.d = q->d;
	memcpy(q->d, body, len);
	hc.tail++;
	return (0);
}

static void
deliver(void)
{
	struct queued	*q;

	for (; hc.head != hc.tail; hc.head++) {
		q = &hc.q[hc.head % QUEUE];
		if (role_dispatch(q->to == PROC_HOST ? &role_host : &role_exec,
		    q->to == PROC_HOST ? hc.host : hc.exec, &hc.conf,
		    &hc.io[q->to == PROC_HOST ? 0 : 1], &q->m,
		    clock_ms()) == -1)
			errx(1, "frame 0x%x refused", q->m.h.type);
	}
}

static void
say(void *arg, int level, const char *text)
{
	(void)arg;
	io_log(NULL, level, 0, 0, text);
}

static int
run_exec(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	(void)arg;
	return (host_run_exec(&hc.io[0], req, what, rest, n));
}

static void
mark(void *arg, uint32_t v)
{
	(void)arg;
	hc.os.be->mark(hc.os.ctx, v);
}

static void
open_all(void)
{
	struct host_env	 henv = { NULL, say, NULL };
	struct fw_env	 env = { .owner_fd = -1, .run = run_exec, .log = say,
			    .mark = mark };
	char		 why[FW_WHYLEN] = "";
	int		 i;

	for (i = 0; i < 2; i++) {
		hc.io[i].arg = &hc.io[i];
		hc.io[i].send = io_send;
		hc.io[i].log = io_log;
	}
	hc.os.be = &host_linux;
	hc.os.exec = 1;
	if ((hc.os.ctx = host_linux.open(&henv, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	env.outdrop = hc.os.be->outdrop(hc.os.ctx);
	env.leftover = hc.os.be->marked(hc.os.ctx);
	hc.os.nft.be = &fw_nft;
	hc.os.nft.ctx = fw_nft.open(&env, hc.os.nft.why, FW_WHYLEN);
	hc.os.iptables.be = &fw_iptables;
	hc.os.iptables.ctx = fw_iptables.open(&env, hc.os.iptables.why,
	    FW_WHYLEN);
	if (hc.os.nft.ctx == NULL)
		warnx("nft: %s", hc.os.nft.why);
	if ((hc.host = role_host.new(&hc.io[0])) == NULL ||
	    (hc.exec = role_exec.new(&hc.io[1])) == NULL ||
	    conf_init(&hc.conf) == -1)
		errx(1, "out of memory");
	host_use(hc.host, &hc.os);
	exec_set_runner(hc.exec, &exec_programs);
}

static void
net_of(const char *s, struct net *n)
{
	if (net_parse(s, n) == -1)
		errx(1, "not a network: %s", s);
}

static void
tunnel_add(uint32_t id, const char *l, const char *r, const char *me,
    const char *peer)
{
	struct tunnel	*t;
	struct net	 n;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		err(1, NULL);
	t->id = id;
	snprintf(t->name, sizeof(t->name), "t%u", id);
	if (addr_parse(me, &t->local) == -1 ||
	    addr_parse(peer, &t->peer[0]) == -1)
		errx(1, "not an address: %s or %s", me, peer);
	t->npeer = 1;
	t->npair = 1;
	net_of(l, &n);
	sel_from_net(&n, 0, 0, UINT16_MAX, &t->pair[0].local);
	net_of(r, &n);
	sel_from_net(&n, 0, 0, UINT16_MAX, &t->pair[0].remote);
	t->nchild = 1;
	t->child[0].nencr = 1;
	t->child[0].encr[0] = alg_name(ALG_ENCR, "aes-256-gcm") != NULL ?
	    alg_name(ALG_ENCR, "aes-256-gcm")->num : 0;
	if (conf_add(&hc.conf, t) == -1)
		errx(1, "conf_add");
	free(t);
}

static void
tun_open(void)
{
	struct ifreq	 ifr;

	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
	memcpy(ifr.ifr_name, FW_TUN, sizeof(FW_TUN));
	if ((hc.tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK)) == -1 ||
	    ioctl(hc.tun, TUNSETIFF, &ifr) == -1)
		err(1, "/dev/net/tun");
}

static void
packet_say(const uint8_t *p, size_t n)
{
	struct addr	 s, d;
	char		 a[ADDR_STRLEN], b[ADDR_STRLEN];

	memset(&s, 0, sizeof(s));
	memset(&d, 0, sizeof(d));
	if (n >= 20 && p[0] >> 4 == 4) {
		s.af = d.af = 4;
		memcpy(s.a, p + 12, 4);
		memcpy(d.a, p + 16, 4);
	} else if (n >= 40 && p[0] >> 4 == 6) {
		s.af = d.af = 6;
		memcpy(s.a, p + 8, 16);
		memcpy(d.a, p + 24, 16);
	} else
		return;
	printf("tun %s %s\n", addr_str(&s, 0, a, sizeof(a)),
	    addr_str(&d, 0, b, sizeof(b)));
	fflush(stdout);
}

/* An IPv4 UDP datagram to port 9, out of the TUN. */
static void
packet_in(const char *from, const char *to)
{
	uint8_t		 p[32] = { 0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17 };
	struct addr	 s, d;
	uint32_t	 sum = 0;
	size_t		 i;

	if (addr_parse(from, &s) == -1 || addr_parse(to, &d) == -1)
		return;
	memcpy(p + 12, s.a, 4);
	memcpy(p + 16, d.a, 4);
	p[20] = 0x9c;
	p[23] = 9;
	p[25] = 12;
	for (i = 0; i < 20; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	p[10] = (uint8_t)(~sum >> 8);
	p[11] = (uint8_t)~sum;
	if (write(hc.tun, p, sizeof(p)) == -1)
		warn("write to " FW_TUN);
}

/* A reload to `set firewall none', with no tunnel. */
static void
reload_none(void)
{
	struct global	 g;

	memset(&g, 0, sizeof(g));
	g.firewall = FW_NONE;
	if (conf_begin(&hc.conf, hc.conf.now->gen + 1, &g) == -1)
		errx(1, "conf_begin");
	conf_commit_new(&hc.conf);
	role_host.added(hc.host, &hc.conf, clock_ms());
	role_host.removed(hc.host, &hc.conf, clock_ms());
	conf_commit_gone(&hc.conf);
}

static int
command(void)
{
	char	 line[256], a[ADDR_STRLEN], b[ADDR_STRLEN];
	ssize_t	 n = read(0, line, sizeof(line) - 1);

	if (n <= 0)
		return (-1);
	line[n] = '\0';
	if (sscanf(line, "in %63s %63s", a, b) == 2)
		packet_in(a, b);
	else if (strcmp(line, "none\n") == 0)
		reload_none();
	return (0);
}

static void
loop(void)
{
	struct pollfd	 p[4];
	uint8_t		 buf[65536];
	ssize_t		 n;
	uint64_t	 due, now;

	for (;;) {
		deliver();
		now = clock_ms();
		due = role_host.tick(hc.host, now);
		if (hc.head != hc.tail)
			continue;
		memset(p, 0, sizeof(p));
		p[0].fd = 0;
		p[1].fd = hc.tun;
		p[2].fd = hc.os.nft.ctx ? fw_nft.fd(hc.os.nft.ctx) : -1;
		p[3].fd = host_linux.fd(hc.os.ctx);
		p[0].events = p[1].events = p[2].events = p[3].events = POLLIN;
		(void)poll(p, 4, due == DUE_NEVER || due > now + 5000 ? 5000 :
		    due > now ? (int)(due - now) : 0);
		if (p[0].revents != 0 && command() == -1)
			return;
		while (p[1].revents && (n = read(hc.tun, buf,
		    sizeof(buf))) > 0)
			packet_say(buf, (size_t)n);
		if (p[2].revents)
			host_filter_changed(hc.host, clock_ms());
		if (p[3].revents)
			host_addrs_changed(hc.host, clock_ms());
	}
}

static void
configure(char **v, int count, uint8_t fw, uint32_t gw)
{
	struct global	 g;
	char		 r[64];
	int		 i;

	memset(&g, 0, sizeof(g));
	g.firewall = fw;
	g.gateway = gw | GW_NATEXEMPT | GW_MSS | GW_RPFILTER;
	if (conf_begin(&hc.conf, 1, &g) == -1)
		errx(1, "conf_begin");
	tunnel_add(1, v[0], v[1], v[2], v[3]);
	for (i = 1; i < count; i++) {
		snprintf(r, sizeof(r), "11.%d.%d.0/24", i / 256 % 256, i % 256);
		tunnel_add((uint32_t)i + 1, v[0], r, v[2], v[3]);
	}
	conf_commit_new(&hc.conf);
}

static int
unblock(void)
{
	char	 why[FW_WHYLEN];

	exec_clear(hc.exec, 1);
	if (host_block_clear(&hc.os, why, sizeof(why)) == -1) {
		warnx("%s", why);
		return (1);
	}
	return (0);
}

static void
run(int argc, char **argv, int bench)
{
	uint8_t		 fw = FW_AUTO;
	uint32_t	 gw = 0;
	uint64_t	 t;
	int		 ch, count = 1;
	char		 why[FW_WHYLEN];

	while ((ch = getopt(argc, argv, "f:gn:")) != -1)
		switch (ch) {
		case 'f':
			fw = *optarg == 'i' ? FW_IPTABLES : optarg[1] == 'f' ?
			    FW_NFT : FW_NONE;
			break;
		case 'g':
			gw = GW_ON | GW_FORWARDING | GW_REDIRECTS;
			break;
		case 'n':
			count = atoi(optarg);
			break;
		default:
			exit(2);
		}
	argv += optind;
	if (argc - optind < 4)
		errx(2, "L R ME PEER");
	tun_open();
	configure(argv, count, fw, gw);
	if (role_host.check(hc.host, hc.conf.now, why, sizeof(why)) == -1)
		errx(1, "refused: %s", why);
	t = clock_ms();
	role_host.added(hc.host, &hc.conf, t);
	deliver();
	fprintf(stderr, "applied %d in %llu ms\n", count,
	    (unsigned long long)(clock_ms() - t));
	printf("ready\n");
	fflush(stdout);
	if (!bench)
		loop();
	host_leave(hc.host);
	exec_clear(hc.exec, 0);
	deliver();
}

int
main(int argc, char **argv)
{
	char	 why[FW_WHYLEN];

	if (argc < 2)
		errx(2, "run, block or unblock");
	hc.tun = -1;
	open_all();
	if (strcmp(argv[1], "unblock") == 0)
		return (unblock());
	if (strcmp(argv[1], "block") == 0 && argc == 6) {
		configure(argv + 2, 1, FW_AUTO, 0);
		if (host_block_apply(&hc.os, &hc.conf, why, sizeof(why)) == -1)
			errx(1, "%s", why);
		return (0);
	}
	run(argc - 1, argv + 1, strcmp(argv[1], "bench") == 0);
	role_exec.free(hc.exec);
	role_host.free(hc.host);
	conf_clear(&hc.conf);
	return (0);
}
