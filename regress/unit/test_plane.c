/* SPDX-License-Identifier: ISC */

/*
 * test_plane.c: two processes s2sd-esp, with real sockets on the loopback
 * and a socketpair in place of each TUN; this program is their parent, their
 * s2sd-sad and their s2sd-net.  In a build without sanitizers proc_start
 * insists on root and the users of s2sd: skipped (77) if it does not start.
 */

#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <poll.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "espkit.h"

static const enum proc	 peers[] = { PROC_PARENT, PROC_NET, PROC_SAD, PROC_CTL };

struct plane {
	pid_t		 pid;
	struct ipc_chan	*c[PROC_MAX];
	int		 tun;
	int		 udp4, udp6;	/* ours, to ask for names */
	struct addr	 a4, a6;
};

static void
fail(const char *what)
{
	errx(1, "FAILED: %s", what);
}

static int
udp(const char *text, struct addr *a)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss);
	int			 fd;

	*a = kit_addr(text, 0);
	if ((fd = socket(a->af == 4 ? AF_INET : AF_INET6, SOCK_DGRAM |
	    SOCK_NONBLOCK, 0)) == -1)
		return (-1);
	len = addr_to_sa(a, &ss);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1) {
		close(fd);
		return (-1);
	}
	len = sizeof(ss);
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    addr_from_sa((struct sockaddr *)&ss, a) == -1)
		err(1, "getsockname");
	return (fd);
}

/* In the child: exactly the descriptors of the row, nothing else. */
static void
child(int fds[PROC_MAX][2], int tun, int udp4, int udp6)
{
	int	 high[64], to[64], n = 0, i;
	size_t	 k;

	for (k = 0; k < nitems(peers); k++) {
		high[n] = fcntl(fds[peers[k]][1], F_DUPFD, 100);
		to[n++] = FD_CHAN(peers[k]);
	}
	high[n] = fcntl(tun, F_DUPFD, 100);
	to[n++] = FD_TUN;
	high[n] = fcntl(udp4, F_DUPFD, 100);
	to[n++] = FD_UDP4500_4;
	if (udp6 != -1) {
		high[n] = fcntl(udp6, F_DUPFD, 100);
		to[n++] = FD_UDP4500_6;
	}
	for (i = 3; i < 100; i++)
		close(i);
	for (i = 0; i < n; i++)
		if (dup2(high[i], to[i]) == -1)
			err(1, "dup2");
	for (i = 100; i < 4096; i++)	/* ours, and what was open before */
		close(i);
	setenv("S2SD_NODROP", "1", 1);
	execl(BUILDDIR "/s2sd-esp", "s2sd-esp", "1", s2sd_build, "run",
	    (char *)NULL);
	err(1, "exec");
}

static void
start(struct plane *p, const char *l4, const char *l6)
{
	int	 fds[PROC_MAX][2], tun[2];
	size_t	 k;

	memset(p, 0, sizeof(*p));
	for (k = 0; k < nitems(peers); k++)
		if (ipc_pair(fds[peers[k]]) == -1)
			err(1, "ipc_pair");
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, tun) == -1 ||
	    (p->udp4 = udp(l4, &p->a4)) == -1)
		err(1, "sockets");
	p->udp6 = udp(l6, &p->a6);
	if ((p->pid = fork()) == -1)
		err(1, "fork");
	if (p->pid == 0)
		child(fds, tun[1], p->udp4, p->udp6);
	for (k = 0; k < nitems(peers); k++) {
		close(fds[peers[k]][1]);
		p->c[peers[k]] = ipc_chan_new(fds[peers[k]][0], peers[k],
		    PROC_ESP);
		if (p->c[peers[k]] == NULL)
			err(1, "ipc_chan_new");
		ipc_chan_epoch(p->c[peers[k]], 1, 1);
	}
	close(tun[1]);
	p->tun = tun[0];
}

/* Wait for a frame of that type; others are dropped.  0, or -1: it ended. */
static int
await(struct plane *p, enum proc who, uint32_t type, struct ipc_msg *m)
{
	static uint8_t	 buf[IPC_FRAME_MAX];
	struct pollfd	 pfd;
	int		 rv;

	pfd.fd = ipc_chan_fd(p->c[who]);
	pfd.events = POLLIN;
	for (;;) {
		while ((rv = ipc_chan_recv(p->c[who], buf, m)) == 1)
			if (m->h.type == type)
				return (0);
		if (rv < 0)
			return (-1);
		if (poll(&pfd, 1, 5000) <= 0)
			fail("no answer in 5 s");
	}
}

static void
tell(struct plane *p, enum proc who, uint32_t type, uint32_t tunnel,
    const void *body)
{
	uint8_t		 buf[IPC_BODY_MAX];
	struct ipc_hdr	 h;
	struct wr	 w;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.gen = 1;
	h.req = 5;
	h.tunnel = tunnel;
	w = wr_of(buf, sizeof(buf));
	if ((body != NULL && msg_put(msg_desc(type), &w, body) == -1) ||
	    ipc_chan_send(p->c[who], &h, buf, w.n, -1) == -1)
		fail("send");
}

static void
configure(struct plane *p, const struct tunnel *t)
{
	uint8_t		 buf[TUNNEL_WIRE_MAX];
	struct global	 g;
	struct ipc_msg	 m;
	struct m_conf	 c;
	struct wr	 w;

	memset(&g, 0, sizeof(g));
	w = wr_of(buf, sizeof(buf));
	global_put(&w, &g);
	c.rest = rd_of(buf, w.n);
	tell(p, PROC_PARENT, M_CONF_BEGIN, 0, &c);
	w = wr_of(buf, sizeof(buf));
	tunnel_put(&w, t);
	c.rest = rd_of(buf, w.n);
	tell(p, PROC_PARENT, M_CONF_TUNNEL, t->id, &c);
	tell(p, PROC_PARENT, M_CONF_END, 0, NULL);
	if (await(p, PROC_PARENT, M_CONF_READY, &m) == -1)
		fail("configuration");
	tell(p, PROC_PARENT, M_CONF_NEW, 0, NULL);
	tell(p, PROC_PARENT, M_CONF_GONE, 0, NULL);
	tell(p, PROC_PARENT, M_GO, 0, NULL);
}

static void
install(struct plane *p, const struct plane *peer, const struct tunnel *t,
    uint32_t num, int dir, int v6)
{
	uint8_t		 buf[5000];
	struct ipc_msg	 m;
	struct m_e_pair	 e;
	struct m_e_done	 d;

	kit_e_pair(&e, t, num, "aes-256-gcm", NULL, dir, buf, sizeof(buf));
	e.local = v6 ? p->a6 : p->a4;
	e.remote = v6 ? peer->a6 : peer->a4;
	e.esn = 1;
	tell(p, PROC_SAD, M_E_PAIR, t->id, &e);
	if (await(p, PROC_SAD, M_E_DONE, &m) == -1 || msg_get(msg_desc(
	    M_E_DONE), rd_of(m.d, m.h.len), &d) == -1 || d.err != SERR_OK)
		fail("install");
}

static void
take(struct plane *p, const uint8_t *want, size_t n)
{
	struct pollfd	 pfd = { p->tun, POLLIN, 0 };
	uint8_t		 got[4096];
	ssize_t		 r;

	if (poll(&pfd, 1, 5000) <= 0)
		fail("packet did not come through");
	r = recv(p->tun, got, sizeof(got), 0);
	if (r != (ssize_t)n || memcmp(got, want, n) != 0)
		fail("packet is not the same");
}

/* Many of them, in bursts longer than a batch. */
static void
carry(struct plane *from, struct plane *to, const char *src, const char *dst)
{
	struct kit_pkt	 k;
	size_t		 i, j, burst;

	for (i = 0; i < 40; i++) {
		burst = i % 8;		/* what a socketpair's queue holds */
		for (j = 0; j <= burst; j++) {
			kit_ip(&k, src, dst, 17, (uint16_t)i, (uint16_t)j,
			    60 + i * 30 + j);
			if (send(from->tun, k.room + ESP_HEADROOM, k.p.len,
			    0) == -1)
				err(1, "send");
		}
		for (j = 0; j <= burst; j++) {
			kit_ip(&k, src, dst, 17, (uint16_t)i, (uint16_t)j,
			    60 + i * 30 + j);
			take(to, k.room + ESP_HEADROOM, k.p.len);
		}
	}
}

static void
ike_passed_on(struct plane *p, struct plane *from)
{
	struct sockaddr_storage	 ss;
	struct m_net_dgram	 d;
	struct ipc_msg		 m;
	socklen_t		 len = addr_to_sa(&p->a4, &ss);

	if (sendto(from->udp4, "\0\0\0\0IKE message", 15, 0,
	    (struct sockaddr *)&ss, len) == -1)
		err(1, "sendto");
	if (await(p, PROC_NET, M_EN_IKE, &m) == -1 ||
	    msg_get(msg_desc(M_EN_IKE), rd_of(m.d, m.h.len), &d) == -1)
		fail("IKE to s2sd-net");
	if (d.rest.n != 11 || memcmp(d.rest.p, "IKE message", 11) != 0 ||
	    addr_cmp(&d.remote, &from->a4, 1) != 0 ||
	    addr_cmp(&d.local, &p->a4, 0) != 0 || d.local.port != 4500)
		fail("IKE to s2sd-net: content");
}

/* One waits for the tunnel, and goes as soon as it is up. */
static void
held(struct plane *a, struct plane *b, const struct tunnel *ta)
{
	struct m_s_delete	 d = { 1, 0 };
	struct ipc_msg		 m;
	struct kit_pkt		 k;

	tell(a, PROC_SAD, M_E_DELETE, ta->id, &d);
	if (await(a, PROC_SAD, M_E_DONE, &m) == -1)
		fail("delete");
	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 7, 7, 99);
	if (send(a->tun, k.room + ESP_HEADROOM, 99, 0) == -1)
		err(1, "send");
	if (await(a, PROC_SAD, M_E_ACQUIRE, &m) == -1 || m.h.tunnel != ta->id)
		fail("acquire");
	install(a, b, ta, 3, 0, 0);
	take(b, k.room + ESP_HEADROOM, 99);
}

/* What is too long comes back as ICMP. */
static void
toobig(struct plane *a)
{
	struct pollfd	 pfd = { a->tun, POLLIN, 0 };
	struct kit_pkt	 k;
	uint8_t		 got[4096];

	kit_ip(&k, "10.1.3.2", "10.1.4.2", 17, 7, 7, 1450);
	if (send(a->tun, k.room + ESP_HEADROOM, 1450, 0) == -1)
		err(1, "send");
	if (poll(&pfd, 1, 5000) <= 0 ||
	    recv(a->tun, got, sizeof(got), 0) != 576 ||
	    memcmp(got + 20, "\3\4", 2) != 0)
		fail("ICMP");
}

static int
stop(struct plane *p)
{
	size_t	 k;
	int	 status;

	kill(p->pid, SIGTERM);
	if (waitpid(p->pid, &status, 0) == -1)
		err(1, "waitpid");
	for (k = 0; k < nitems(peers); k++)
		ipc_chan_free(p->c[peers[k]]);
	return (status);
}

int
main(void)
{
	struct plane	 a, b;
	struct tunnel	 ta, tb;
	struct ipc_msg	 m;

	signal(SIGPIPE, SIG_IGN);
	start(&a, "127.0.0.1", "::1");
	if (await(&a, PROC_PARENT, M_HELLO, &m) == -1) {
		warnx("s2sd-esp does not start here: skipped");
		(void)stop(&a);
		return (77);
	}
	start(&b, "127.0.0.2", "::1");
	if (await(&b, PROC_PARENT, M_HELLO, &m) == -1)
		fail("start");
	kit_tunnel(&ta, 7, "berlin", "127.0.0.1", "127.0.0.2", "10.1.3.0/24",
	    "10.1.4.0/24");
	kit_tunnel(&tb, 9, "paris", "127.0.0.2", "127.0.0.1", "10.1.4.0/24",
	    "10.1.3.0/24");
	kit_pair_add(&ta, "fd01::/64", "fd02::/64");
	kit_pair_add(&tb, "fd02::/64", "fd01::/64");
	ta.flags = TUN_ONDEMAND;
	configure(&a, &ta);
	configure(&b, &tb);
	install(&a, &b, &ta, 1, 0, 0);
	install(&b, &a, &tb, 1, 1, 0);
	carry(&a, &b, "10.1.3.2", "10.1.4.2");
	carry(&b, &a, "10.1.4.2", "10.1.3.2");
	carry(&a, &b, "fd01::2", "fd02::2");
	toobig(&a);
	ike_passed_on(&a, &b);
	install(&b, &a, &tb, 3, 1, 0);
	held(&a, &b, &ta);
	if (a.udp6 != -1 && b.udp6 != -1) {
		install(&a, &b, &ta, 4, 0, 1);
		install(&b, &a, &tb, 4, 1, 1);
		carry(&a, &b, "10.1.3.2", "10.1.4.2");
		carry(&b, &a, "fd02::2", "fd01::2");
	} else
		warnx("no IPv6 here: left out");
	if (WIFSIGNALED(stop(&a)) || WIFSIGNALED(stop(&b)))
		fail("did not end in order");
	return (0);
}
