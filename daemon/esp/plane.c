/* SPDX-License-Identifier: ISC */

/*
 * plane.c: packets between TUN, sockets and the library, a batch at a time.
 * What cannot be written at once is dropped and counted: a gateway's queues
 * are the kernel's.
 */

#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include <event2/event.h>

#include "plane.h"

enum {
	PKT_ROOM = ESP_HEADROOM + 65536 + ESP_TAILROOM,
	DRAIN_MAX = 10000,	/* more than any TUN queue */
	TUN_RETRY = 1,		/* seconds after an error */
	BURST = 8		/* batches in one wake-up */
};

#ifdef EBADFD
#define TUN_GONE	EBADFD		/* Linux, a TUN that was deleted */
#else
#define TUN_GONE	ENXIO
#endif

static struct {
	void			*self;
	const struct role_io	*io;
	uint8_t			*mem;		/* PLANE_BATCH x PKT_ROOM */
	struct esp_pkt		 pkt[PLANE_BATCH];
	struct event		*tun, *held, *retry;
	int			 tun_bad;
	uint64_t		 unsent, unwritten;
} pl;

/* Every buffer anew: the library moved off and len. */
static void
reset(void)
{
	size_t	 i;

	for (i = 0; i < PLANE_BATCH; i++) {
		pl.pkt[i].buf = pl.mem + i * PKT_ROOM;
		pl.pkt[i].size = PKT_ROOM;
		pl.pkt[i].off = ESP_HEADROOM;
		pl.pkt[i].len = 0;
		pl.pkt[i].tos = 0;
		pl.pkt[i].verdict = ESP_DROP;
	}
}

static void
to_net(const struct esp_pkt *p)
{
	struct m_net_dgram	 m;

	memset(&m, 0, sizeof(m));
	m.local = p->local;
	m.remote = p->remote;
	m.flags = NETF_4500;
	m.rest = rd_of(p->buf + p->off, p->len);
	(void)role_send(pl.io, PROC_NET, M_EN_IKE, 0, 0, 0, &m);
}

/* What the library decided about the first n. */
static void
deliver(size_t n)
{
	const struct esp_pkt	*p;
	int			 wire = 0;

	for (p = pl.pkt; p < pl.pkt + n; p++)
		switch (p->verdict) {
		case ESP_TUN:
			if (tun_put(FD_TUN, p->buf + p->off, p->len) == -1)
				pl.unwritten++;
			break;
		case ESP_IKE:
			to_net(p);
			break;
		case ESP_WIRE:
			wire = 1;
			break;
		}
	if (!wire)
		return;
	pl.unsent += dgram_write(FD_UDP4500_4, 4, pl.pkt, n);
	pl.unsent += dgram_write(FD_UDP4500_6, 6, pl.pkt, n);
}

static void
on_held(int fd, short what, void *arg)
{
	size_t	 n;

	(void)fd;
	(void)what;
	(void)arg;
	do {
		reset();
		n = esp_held(pl.self, pl.pkt, PLANE_BATCH, now_ms());
		deliver(n);
	} while (n == PLANE_BATCH);
}

static void
wake_held(void *arg)
{
	(void)arg;
	event_active(pl.held, EV_TIMEOUT, 0);
}

static void
on_udp(int fd, short what, void *arg)
{
	size_t	 n;
	int	 i;

	(void)what;
	(void)arg;
	for (i = 0; i < BURST; i++) {
		reset();
		n = dgram_read(fd, pl.pkt, PLANE_BATCH);
		esp_in(pl.self, pl.pkt, n, now_ms());
		deliver(n);
		if (n < PLANE_BATCH)
			break;
	}
}

/*
 * The TUN is down or was taken away: nothing can leave in the clear through
 * it, so wait and try again.  Routes, policies and the filters of our sockets
 * all name the device, so another one is not slipped under them: what takes
 * it away has to let s2sd start again.
 */
static void
tun_failed(int error)
{
	static const struct timeval	 tv = { TUN_RETRY, 0 };

	if (!pl.tun_bad && error == TUN_GONE)
		role_log(pl.io, LOG_ERR, 0, 0, "tunnel device: somebody took "
		    "it away; no packet passes until s2sd is restarted");
	else if (!pl.tun_bad)
		role_log(pl.io, LOG_ERR, 0, 0, "tunnel device: %s; no packet "
		    "passes until it is back (is it up? `ip link set s2s0 up')",
		    strerror(error));
	pl.tun_bad = 1;
	(void)event_del(pl.tun);
	(void)event_add(pl.retry, &tv);
}

/* As many inner packets as there are, at most a batch. */
static size_t
tun_read(void)
{
	struct esp_pkt	*p;
	ssize_t		 r;

	for (p = pl.pkt; p < pl.pkt + PLANE_BATCH; p++) {
		r = tun_get(FD_TUN, p->buf + ESP_HEADROOM, 65536);
		if (r <= 0) {
			if (r == 0 || (errno != EAGAIN && errno != EINTR))
				tun_failed(r == 0 ? EIO : errno);
			break;
		}
		if (pl.tun_bad) {
			role_log(pl.io, LOG_INFO, 0, 0,
			    "tunnel device is back");
			pl.tun_bad = 0;
		}
		p->len = (size_t)r;
	}
	return ((size_t)(p - pl.pkt));
}

static void
on_tun(int fd, short what, void *arg)
{
	size_t	 n;
	int	 i;

	(void)fd;
	(void)what;
	(void)arg;
	for (i = 0; i < BURST; i++) {
		reset();
		n = tun_read();
		esp_out(pl.self, pl.pkt, n, now_ms());
		deliver(n);
		if (n < PLANE_BATCH)
			break;
	}
}

static void
on_retry(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	(void)event_add(pl.tun, NULL);
}

/*
 * After a death, what waits in the queue is as old as the outage and belongs
 * to SAs that are gone: read and forgotten.
 */
static void
tun_drain(void)
{
	int	 i;

	for (i = 0; i < DRAIN_MAX; i++)
		if (read(FD_TUN, pl.mem, PKT_ROOM) <= 0)
			break;
}

static void
listen_on(struct event_base *base, int fd, int v6)
{
	struct event	*ev;

	if (fcntl(fd, F_GETFD) == -1)
		return;		/* no such family here */
	dgram_setup(fd, v6);
	ev = event_new(base, fd, EV_READ | EV_PERSIST, on_udp, NULL);
	if (ev == NULL || event_add(ev, NULL) == -1)
		errx(1, "event: socket");
}

void
plane_setup(struct event_base *base, void *self, const struct role_io *io)
{
	pl.self = self;
	pl.io = io;
	/* pages that no packet ever reached cost nothing */
	if ((pl.mem = calloc(PLANE_BATCH, PKT_ROOM)) == NULL)
		err(1, "packet buffers");
	listen_on(base, FD_UDP4500_4, 0);
	listen_on(base, FD_UDP4500_6, 1);
	pl.held = event_new(base, -1, 0, on_held, NULL);
	pl.retry = event_new(base, -1, 0, on_retry, NULL);
	pl.tun = event_new(base, FD_TUN, EV_READ | EV_PERSIST, on_tun, NULL);
	if (pl.held == NULL || pl.retry == NULL || pl.tun == NULL)
		errx(1, "event: tunnel device");
	esp_on_held(self, wake_held, NULL);
	if (fcntl(FD_TUN, F_GETFD) == -1) {
		warnx("no tunnel device");
		return;
	}
	tun_drain();
	if (event_add(pl.tun, NULL) == -1)
		errx(1, "event: tunnel device");
}
