/* SPDX-License-Identifier: ISC */

/* role_main.c: one role as a process: channels, one timer, log, sandbox. */

#include "config.h"

#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "role.h"

/*
 * Libevent sleeps on a clock that stands still while the machine is
 * suspended, ours does not: so never sleep longer than this.
 */
enum { SLEEP_MAX = 30000 };		/* milliseconds */

struct chan {
	struct ipc_chan	*c;		/* NULL: no link */
	struct event	*rd, *wr;
	enum proc	 peer;
	uint32_t	 epoch;		/* latest life of the peer seen */
	int		 muted;		/* sent nonsense; until it died */
	int		 open;		/* is read at all, see listen_to */
};

static struct {
	const struct role_proc	*rp;
	const struct role	*role;
	void			*self;
	struct conf		 conf;
	struct role_io		 io;
	struct event_base	*base;
	struct event		*timer;
	uint64_t		 armed;		/* when the timer fires */
	struct chan		 chans[PROC_MAX];
	uint32_t		 epoch;
	/* The parent's frames have a buffer of their own: see later_life. */
	uint8_t			 buf[IPC_FRAME_MAX], pbuf[IPC_FRAME_MAX];
} rm;

void		(*role_exit_hook)(void);
int		role_orphaned;
void		(*role_log_hook)(int, uint32_t, int, const char *);
const char	*role_note;
const char	*role_mode = "run";

uint64_t
now_ms(void)
{
	struct timespec	 ts;

#ifdef CLOCK_BOOTTIME
	if (clock_gettime(CLOCK_BOOTTIME, &ts) == -1)
#endif
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static __attribute__((__noreturn__)) void
leave(int code)
{
	if (role_exit_hook != NULL)
		role_exit_hook();
	if (rm.role->free != NULL && rm.self != NULL)
		rm.role->free(rm.self);
	conf_clear(&rm.conf);
	_exit(code);
}

/* --- what the role may do to the world --- */

static int
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct chan	*ch;

	(void)arg;
	if ((unsigned int)to >= PROC_MAX ||
	    (ch = &rm.chans[to])->c == NULL)
		return (-1);
	if (ipc_chan_send(ch->c, h, body, len, -1) == -1)
		return (-1);
	if (ipc_chan_waiting(ch->c))
		(void)event_add(ch->wr, NULL);
	return (0);
}

static void
io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	struct m_log	 m;

	(void)arg;
	if (role_log_hook != NULL) {
		role_log_hook(level, tunnel, reason, text);
		return;
	}
	if (rm.chans[PROC_CTL].c == NULL) {
		warnx("%s", text);
		return;
	}
	memset(&m, 0, sizeof(m));
	m.level = (uint8_t)level;
	m.reason = (uint16_t)reason;
	(void)snprintf(m.text, sizeof(m.text), "%s", text);
	(void)role_send(&rm.io, PROC_CTL, M_LOG, 0, 0, tunnel, &m);
}

static void
io_random(void *arg, void *buf, size_t n)
{
	uint8_t	*p = buf;
	size_t	 part;

	(void)arg;
	while (n > 0) {
		part = n < 256 ? n : 256;	/* the call's limit */
		if (getentropy(p, part) == -1)
			_exit(1);	/* nothing here works without */
		p += part;
		n -= part;
	}
}

static size_t
io_waiting(void *arg, enum proc to)
{
	(void)arg;
	if ((unsigned int)to >= PROC_MAX || rm.chans[to].c == NULL)
		return (0);
	return ((size_t)ipc_chan_waiting(rm.chans[to].c));
}

/* --- time --- */

static void
arm(uint64_t due, uint64_t now)
{
	struct timeval	 tv;
	uint64_t	 ms;

	if (due == DUE_NEVER) {
		if (rm.armed != DUE_NEVER)
			(void)event_del(rm.timer);
		rm.armed = DUE_NEVER;
		return;
	}
	ms = due > now ? due - now : 0;
	if (ms > SLEEP_MAX)
		ms = SLEEP_MAX;
	if (rm.armed == now + ms)
		return;
	rm.armed = now + ms;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	(void)event_add(rm.timer, &tv);
}

void
role_kick(void)
{
	uint64_t	 now = now_ms();

	if (rm.role->tick != NULL)
		arm(rm.role->tick(rm.self, now), now);
}

static void
on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	rm.armed = DUE_NEVER;
	role_kick();
}

/* --- frames --- */

/* What came from there cannot come from one of ours: the parent ends it. */
static void
accuse(struct chan *ch, uint32_t type, const char *why)
{
	struct m_accuse	 a;

	if (ch->peer == PROC_PARENT) {
		warnx("frame 0x%x of the parent: %s", type, why);
		leave(1);
	}
	ch->muted = 1;
	(void)event_del(ch->rd);
	memset(&a, 0, sizeof(a));
	a.proc = (uint8_t)ch->peer;
	a.type = type;
	(void)snprintf(a.why, sizeof(a.why), "%s", why);
	(void)role_send(&rm.io, PROC_PARENT, M_ACCUSE, 0, 0, 0, &a);
}

/* A peer begins a new life: nothing of the old one is taken any more. */
static void
peer_died(const struct ipc_msg *m)
{
	const struct msg_desc	*d = msg_desc(M_DIED);
	struct m_died		 md;
	struct chan		*ch;

	if (msg_get(d, rd_of(m->d, m->h.len), &md) == -1 ||
	    md.proc >= PROC_MAX || (ch = &rm.chans[md.proc])->c == NULL)
		return;			/* role_dispatch judges it */
	ipc_chan_epoch(ch->c, rm.epoch, md.epoch);
	ch->epoch = md.epoch;
	if (ch->muted) {
		ch->muted = 0;
		if (ch->open)
			(void)event_add(ch->rd, NULL);
	}
}

/*
 * Until a configuration is in force here, only the parent is listened to,
 * and s2sd-conf, whose secrets come before it: what the others say of
 * tunnels would be said to the deaf.  It waits in the sockets.
 */
static void
listen_to(uint32_t who)
{
	struct chan	*ch;
	int		 p;

	for (p = 0; p < PROC_MAX; p++) {
		ch = &rm.chans[p];
		if (ch->c == NULL || ch->open || !(who & PB(p)))
			continue;
		ch->open = 1;
		if (!ch->muted && event_add(ch->rd, NULL) == -1)
			leave(1);
	}
}

static void
take_fd(const struct ipc_msg *m)
{
	const struct msg_desc	*d = msg_desc(M_FD);
	struct m_fd		 f;

	if (m->h.type != M_FD || rm.rp->got_fd == NULL ||
	    msg_get(d, rd_of(m->d, m->h.len), &f) == -1) {
		(void)close(m->fd);
		accuse(&rm.chans[PROC_PARENT], m->h.type,
		    "a descriptor that nobody asked for");
	}
	rm.rp->got_fd(f.what, m->fd);
}

static void
one_frame(struct chan *ch, struct ipc_msg *m)
{
	uint32_t	 type = m->h.type;

	if (m->fd != -1) {
		take_fd(m);
		return;
	}
	if (ch->peer == PROC_PARENT && type == M_DIED)
		peer_died(m);
	if (role_dispatch(rm.role, rm.self, &rm.conf, &rm.io, m,
	    now_ms()) == -1)
		accuse(ch, type, "not allowed, or malformed");
	if (type == M_CONF_NEW)
		listen_to(~0u);
	role_kick();
}

static void	 drain(struct chan *, uint8_t *);

/*
 * The first frame of a peer's next life: the parent has told us of its
 * death before that one could write, so read that first.  0: the frame is
 * of a life that is over in the meantime.
 */
static int
later_life(struct chan *ch, const struct ipc_msg *m)
{
	if (ch->peer == PROC_PARENT || m->h.epoch <= ch->epoch)
		return (1);
	drain(&rm.chans[PROC_PARENT], rm.pbuf);
	if (m->h.epoch < ch->epoch)
		return (0);
	ch->epoch = m->h.epoch;
	return (1);
}

static void
drain(struct chan *ch, uint8_t *buf)
{
	struct ipc_msg	 m;
	int		 n;

	for (n = 0; n < IPC_BURST && !ch->muted; n++) {
		switch (ipc_chan_recv(ch->c, buf, &m)) {
		case 1:
			if (later_life(ch, &m))
				one_frame(ch, &m);
			else
				explicit_bzero(m.d, m.h.len);
			break;
		case 0:
			return;
		case -1:
			role_orphaned = 1;
			leave(0);	/* s2sd is gone, and so are we */
		default:
			accuse(ch, 0, "not a frame");
		}
	}
}

static void
on_read(int fd, short what, void *arg)
{
	struct chan	*ch = arg;

	(void)fd;
	(void)what;
	drain(ch, ch->peer == PROC_PARENT ? rm.pbuf : rm.buf);
}

static void
on_write(int fd, short what, void *arg)
{
	struct chan	*ch = arg;

	(void)fd;
	(void)what;
	if (ipc_chan_flush(ch->c) == 1)
		(void)event_add(ch->wr, NULL);
}

static void
on_term(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	leave(0);
}

/* --- start --- */

static void
open_chans(void)
{
	struct chan	*ch;
	int		 p;

	for (p = 0; p < PROC_MAX; p++) {
		ch = &rm.chans[p];
		ch->peer = (enum proc)p;
		if (!(proc_rows[rm.role->id].links & PB(p)))
			continue;
		ch->c = ipc_chan_new(FD_CHAN(p), rm.role->id, ch->peer);
		if (ch->c == NULL)
			err(1, "channel to %s", proc_name(ch->peer));
		ipc_chan_epoch(ch->c, rm.epoch, 0);
		ch->rd = event_new(rm.base, FD_CHAN(p), EV_READ | EV_PERSIST,
		    on_read, ch);
		ch->wr = event_new(rm.base, FD_CHAN(p), EV_WRITE, on_write, ch);
		if (ch->rd == NULL || ch->wr == NULL)
			errx(1, "event_new");
	}
	listen_to(PB(PROC_PARENT) | PB(PROC_CONF));
}

static void
open_loop(void)
{
	struct event	*term;

	rm.armed = DUE_NEVER;
	rm.io.send = io_send;
	rm.io.log = io_log;
	rm.io.random = io_random;
	rm.io.waiting = io_waiting;
	if ((rm.base = event_base_new()) == NULL ||
	    (rm.timer = evtimer_new(rm.base, on_timer, NULL)) == NULL ||
	    (term = evsignal_new(rm.base, SIGTERM, on_term, NULL)) == NULL ||
	    event_add(term, NULL) == -1)
		errx(1, "event_base_new");
	open_chans();
	if (conf_init(&rm.conf) == -1 ||
	    (rm.self = rm.role->new(&rm.io)) == NULL)
		err(1, "%s", proc_name(rm.role->id));
}

static void
hello(void)
{
	const char	*miss = sandbox_missing();
	struct m_hello	 h;

	memset(&h, 0, sizeof(h));
	(void)snprintf(h.build, sizeof(h.build), "%s", s2sd_build);
	(void)snprintf(h.note, sizeof(h.note), "%s",
	    role_note != NULL ? role_note : "");
	if (*miss != '\0')
		role_log(&rm.io, LOG_WARNING, 0, 0, "%s: this kernel cannot "
		    "lock in everything: %s", proc_name(rm.role->id), miss);
	if (role_send(&rm.io, PROC_PARENT, M_HELLO, 0, 0, 0, &h) == -1)
		leave(1);
}

void
role_main(const struct role_proc *rp, int argc, char **argv)
{
	const char	*why;

	rm.rp = rp;
	rm.role = rp->role;
	setprogname(proc_name(rm.role->id));
	if (argc < 4)
		errx(1, "only s2sd starts this program");
	rm.epoch = (uint32_t)strtonum(argv[1], 1, UINT_MAX, &why);
	if (why != NULL)
		errx(1, "epoch: %s", why);
	role_mode = argv[3];
	proc_start(rm.role->id, rp->open_root);
	open_loop();
	if (rp->setup != NULL)
		rp->setup(rm.base, rm.self, &rm.io);
	if (rp->warmup != NULL && rp->warmup() == -1)
		errx(1, "libcrypto gives wrong answers: not started");
	proc_limits(rm.role->id);
	sandbox(rm.role->id);
	hello();
	role_kick();
	(void)event_base_dispatch(rm.base);
	leave(1);
}
