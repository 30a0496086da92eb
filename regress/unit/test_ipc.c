/* SPDX-License-Identifier: ISC */

/* test_ipc.c: channels, the dispatcher's table, the two rounds of a reload. */

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "test_common.h"

#include "role.h"

static struct ipc_chan	*a, *b;
static uint8_t		 buf[IPC_FRAME_MAX];

static int
setup(void **state)
{
	int	 fd[2];

	(void)state;
	assert_int_equal(ipc_pair(fd), 0);
	assert_non_null(a = ipc_chan_new(fd[0], PROC_PARENT, PROC_IKE));
	assert_non_null(b = ipc_chan_new(fd[1], PROC_IKE, PROC_PARENT));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	ipc_chan_free(a);
	ipc_chan_free(b);
	return (0);
}

static int
send_n(struct ipc_chan *c, uint32_t req, size_t n)
{
	static const uint8_t	 zero[IPC_BODY_MAX + 1];
	struct ipc_hdr		 h;

	memset(&h, 0, sizeof(h));
	h.type = M_GO;
	h.req = req;
	return (ipc_chan_send(c, &h, zero, n, -1));
}

/* The largest frame passes; one octet more does not. */
static void
test_sizes(void **state)
{
	struct ipc_msg	 m;

	(void)state;
	assert_int_equal(send_n(a, 1, IPC_BODY_MAX), 0);
	assert_int_equal(ipc_chan_recv(b, buf, &m), 1);
	assert_int_equal(m.h.len, IPC_BODY_MAX);
	assert_int_equal(send_n(a, 1, IPC_BODY_MAX + 1), -1);
	assert_int_equal(ipc_chan_recv(b, buf, &m), 0);
}

/* A full socket queues in order; a full queue drops and counts. */
static void
test_queue(void **state)
{
	struct ipc_count n;
	struct ipc_msg	 m;
	uint32_t	 sent = 0, got = 0;

	(void)state;
	while (send_n(a, ++sent, 16000) == 0)
		;
	ipc_chan_counters(a, &n);
	assert_int_equal(n.queued, IPC_QUEUE_MAX);
	assert_int_equal(n.dropped, 1);
	for (;;) {
		if (ipc_chan_recv(b, buf, &m) == 1)
			assert_int_equal(m.h.req, ++got);
		else if (!ipc_chan_waiting(a))
			break;
		assert_true(ipc_chan_flush(a) >= 0);
	}
	assert_int_equal(got, sent - 1);
}

static void
test_epoch(void **state)
{
	struct ipc_count n;
	struct ipc_msg	 m;

	(void)state;
	ipc_chan_epoch(a, 1, 0);
	ipc_chan_epoch(b, 0, 2);
	assert_int_equal(send_n(a, 1, 0), 0);	/* of the dead one */
	ipc_chan_epoch(a, 2, 0);
	assert_int_equal(send_n(a, 2, 0), 0);
	assert_int_equal(ipc_chan_recv(b, buf, &m), 1);
	assert_int_equal(m.h.req, 2);
	ipc_chan_counters(b, &n);
	assert_int_equal(n.stale, 1);
}

static int
open_fds(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

/* A frame of the parent's with two descriptors: nobody honest sends that. */
static void
two_fds(void)
{
	static uint8_t	 frame[IPC_HDR];
	union {
		struct cmsghdr	 h;
		uint8_t		 room[CMSG_SPACE(2 * sizeof(int))];
	} c;
	struct iovec	 iov = { frame, sizeof(frame) };
	struct msghdr	 m;
	int		 fds[2] = { STDERR_FILENO, STDERR_FILENO };

	memset(&m, 0, sizeof(m));
	memset(&c, 0, sizeof(c));
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	m.msg_control = c.room;
	m.msg_controllen = sizeof(c.room);
	c.h.cmsg_level = SOL_SOCKET;
	c.h.cmsg_type = SCM_RIGHTS;
	c.h.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&c.h), fds, sizeof(fds));
	assert_int_equal(sendmsg(ipc_chan_fd(a), &m, 0), sizeof(frame));
}

/* N099, N100: what is no frame, and a descriptor from anybody but the parent. */
static void
test_broken(void **state)
{
	struct ipc_hdr	 h;
	struct ipc_msg	 m;
	uint8_t		 raw[IPC_HDR + 1] = { 0 };
	size_t		 n;
	int		 before = open_fds();

	(void)state;
	for (n = 1; n < IPC_HDR; n++) {
		assert_int_equal(send(ipc_chan_fd(a), raw, n, 0), n);
		assert_int_equal(ipc_chan_recv(b, buf, &m), -2);
	}
	assert_int_equal(send(ipc_chan_fd(a), raw, n + 1, 0), n + 1);
	assert_int_equal(ipc_chan_recv(b, buf, &m), -2);
	memset(&h, 0, sizeof(h));
	assert_int_equal(ipc_chan_send(a, &h, NULL, 0, STDERR_FILENO), 0);
	assert_int_equal(ipc_chan_recv(b, buf, &m), 1);
	assert_int_not_equal(m.fd, -1);
	close(m.fd);
	assert_int_equal(ipc_chan_send(b, &h, NULL, 0, STDERR_FILENO), 0);
	assert_int_equal(ipc_chan_recv(a, buf, &m), -2);
	two_fds();
	assert_int_equal(ipc_chan_recv(b, buf, &m), -2);
	assert_int_equal(open_fds(), before);
	ipc_chan_free(b);
	b = NULL;
	assert_int_equal(ipc_chan_recv(a, buf, &m), -1);
	assert_int_equal(send_n(a, 1, 0), -1);
}

/* ---- a role that records what happens to it ---- */

struct probe {
	uint32_t	 sent[16];
	size_t		 nsent;
	unsigned int	 handled, added, removed, died;
	int		 refuse, unable;
	uint32_t	 isnew, isgone;
};

static int
probe_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct probe	*p = arg;

	(void)to;
	(void)body;
	(void)len;
	p->sent[p->nsent++ % nitems(p->sent)] = h->type;
	return (0);
}

static int
probe_spi(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct probe		*p = self;
	struct m_net_spi	*s = body;

	(void)m;
	(void)now;
	p->handled++;
	return (s->spi == 0 ? -1 : 0);
}

static int
probe_check(void *self, const struct conf_set *next, char *why, size_t size)
{
	struct probe	*p = self;

	(void)next;
	strlcpy(why, "not this one", size);
	return (p->refuse ? -1 : 0);
}

static int
probe_added(void *self, const struct conf *c, uint64_t now)
{
	struct probe	*p = self;
	uint32_t	 id;

	(void)now;
	p->added++;
	for (id = 1; id < 5; id++)
		if (conf_is_new(c, id))
			p->isnew |= 1u << id;
	return (p->unable == 1 ? -1 : 0);
}

static int
probe_removed(void *self, const struct conf *c, uint64_t now)
{
	struct probe	*p = self;
	uint32_t	 id;

	(void)now;
	p->removed++;
	for (id = 1; id < 5; id++)
		if (conf_is_gone(c, id)) {
			p->isgone |= 1u << id;
			assert_non_null(conf_find(c, id));
		}
	return (p->unable > 1 ? -1 : 0);
}

static void
probe_died(void *self, enum proc who, uint64_t now)
{
	(void)who;
	(void)now;
	((struct probe *)self)->died++;
}

static const struct role_rule probe_rules[] = {
	{ M_NET_SPI, PB(PROC_IKE), probe_spi },
};
static const struct role probe_role = {
	.id = PROC_NET, .rules = probe_rules, .nrules = nitems(probe_rules),
	.check = probe_check, .added = probe_added, .removed = probe_removed,
	.died = probe_died,
};

static struct probe	 probe;
static struct conf	 conf;
static struct role_io	 probe_io = { .arg = &probe, .send = probe_send };

static int
give(enum proc from, uint32_t type, uint32_t gen, uint32_t tunnel,
    const void *d, size_t n)
{
	struct ipc_msg	 m;

	memset(&m, 0, sizeof(m));
	memcpy(buf, d != NULL ? d : "", n);
	m.from = from;
	m.d = buf;
	m.h.type = type;
	m.h.len = (uint32_t)n;
	m.h.gen = gen;
	m.h.tunnel = tunnel;
	m.fd = -1;
	return (role_dispatch(&probe_role, &probe, &conf, &probe_io, &m, 0));
}

static volatile sig_atomic_t	rings;

static void
ring(int sig)
{
	(void)sig;
	rings++;
}

/* Signals as fast as they come, without SA_RESTART. */
static void
storm(int on)
{
	struct itimerval	 t;
	struct sigaction	 sa;

	memset(&t, 0, sizeof(t));
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on ? ring : SIG_IGN;
	assert_int_equal(sigaction(SIGALRM, &sa, NULL), 0);
	t.it_interval.tv_usec = t.it_value.tv_usec = on ? 50 : 0;
	assert_int_equal(setitimer(ITIMER_REAL, &t, NULL), 0);
}

enum { STORM = 20000 };

static void
sender(void)
{
	struct pollfd	 p = { ipc_chan_fd(a), POLLOUT, 0 };
	uint32_t	 i = 1;

	while (i <= STORM || ipc_chan_waiting(a)) {
		while (i <= STORM && !ipc_chan_waiting(a) &&
		    send_n(a, i, i % 900) == 0)
			i++;
		(void)poll(&p, 1, 100);
		if (ipc_chan_flush(a) == -1)
			_exit(1);
	}
	_exit(rings > 0 ? 0 : 2);	/* with what it sent still unread */
}

/* N105: a storm of EINTR at both ends, and the end comes in the middle. */
static void
test_storm(void **state)
{
	struct pollfd	 p = { ipc_chan_fd(b), POLLIN, 0 };
	struct ipc_msg	 m;
	uint32_t	 got = 0;
	pid_t		 pid;
	int		 rv, status;

	(void)state;
	rings = 0;
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		ipc_chan_free(b);
		storm(1);
		sender();
	}
	ipc_chan_free(a);
	a = NULL;
	storm(1);
	while ((rv = ipc_chan_recv(b, buf, &m)) >= 0) {
		if (rv == 0) {
			(void)poll(&p, 1, 1000);
			continue;
		}
		assert_int_equal(m.h.req, ++got);
		assert_int_equal(m.h.len, got % 900);
	}
	storm(0);
	assert_int_equal(rv, -1);
	assert_int_equal(got, STORM);
	assert_true(rings > 0);
	while (waitpid(pid, &status, 0) == -1)
		assert_int_equal(errno, EINTR);
	assert_int_equal(status, 0);
}

/* Wrong sender, short, long, not for us, unknown: the sender is ended. */
static void
test_rules(void **state)
{
	const uint8_t	 spi[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 1 };
	const uint8_t	 zero[9] = { 0 };

	(void)state;
	memset(&probe, 0, sizeof(probe));
	assert_int_equal(conf_init(&conf), 0);
	assert_int_equal(give(PROC_IKE, M_NET_SPI, 0, 0, spi, 9), 0);
	assert_int_equal(probe.handled, 1);
	assert_memory_equal(buf, zero, 9);	/* wiped */
	assert_int_equal(give(PROC_KEYS, M_NET_SPI, 0, 0, spi, 9), -1);
	assert_int_equal(give(PROC_IKE, M_NET_SPI, 0, 0, spi, 8), -1);
	assert_int_equal(give(PROC_IKE, M_NET_SPI, 0, 0, spi, 10), -1);
	assert_int_equal(give(PROC_IKE, M_S_DONE, 0, 0, spi, 9), -1);
	assert_int_equal(give(PROC_IKE, M_GO, 0, 0, NULL, 0), -1);
	assert_int_equal(give(PROC_IKE, M_NET_COOKIE, 0, 0, spi, 1), -1);
	assert_int_equal(give(PROC_IKE, 77, 0, 0, NULL, 0), -1);
	assert_int_equal(probe.handled, 1);
	assert_int_equal(give(PROC_IKE, M_NET_SPI, 0, 0, zero, 9), -1);
	conf_clear(&conf);
}

static void
load(uint32_t gen, const uint32_t *ids, size_t n)
{
	struct tunnel	 t;
	struct global	 g;
	uint8_t		 rec[TUNNEL_WIRE_MAX];
	struct wr	 w = wr_of(rec, sizeof(rec));
	size_t		 i;

	memset(&g, 0, sizeof(g));
	global_put(&w, &g);
	assert_int_equal(give(PROC_PARENT, M_CONF_BEGIN, gen, 0, rec, w.n), 0);
	sample_tunnel(&t);
	for (i = 0; i < n; i++) {
		w = wr_of(rec, sizeof(rec));
		tunnel_put(&w, &t);
		assert_int_equal(give(PROC_PARENT, M_CONF_TUNNEL, gen, ids[i],
		    rec, w.n), 0);
	}
	assert_int_equal(give(PROC_PARENT, M_CONF_END, gen, 0, NULL, 0), 0);
}

static void
test_reload(void **state)
{
	const uint32_t	 first[] = { 2, 1 }, second[] = { 3, 1 };

	(void)state;
	memset(&probe, 0, sizeof(probe));
	assert_int_equal(conf_init(&conf), 0);
	load(1, first, 2);
	assert_int_equal(probe.sent[0], M_CONF_READY);
	assert_int_equal(conf.now->n, 0);	/* nothing before NEW */
	assert_int_equal(give(PROC_PARENT, M_CONF_NEW, 1, 0, NULL, 0), 0);
	assert_int_equal(give(PROC_PARENT, M_CONF_GONE, 1, 0, NULL, 0), 0);
	assert_int_equal(probe.isnew, 1u << 1 | 1u << 2);
	assert_int_equal(conf.now->n, 2);

	probe.isnew = 0;
	probe.refuse = 1;
	load(2, second, 2);
	assert_int_equal(probe.sent[3], M_CONF_REFUSED);
	assert_int_equal(give(PROC_PARENT, M_CONF_ABORT, 2, 0, NULL, 0), 0);
	assert_non_null(conf_find(&conf, 2));
	assert_null(conf_find(&conf, 3));

	probe.refuse = 0;
	load(3, second, 2);
	assert_int_equal(give(PROC_PARENT, M_CONF_NEW, 2, 0, NULL, 0), -1);
	assert_int_equal(give(PROC_PARENT, M_CONF_NEW, 3, 0, NULL, 0), 0);
	assert_int_equal(probe.isnew, 1u << 3);
	assert_non_null(conf_find(&conf, 2));	/* both live */
	assert_non_null(conf_find(&conf, 3));
	assert_int_equal(give(PROC_PARENT, M_CONF_GONE, 3, 0, NULL, 0), 0);
	assert_int_equal(probe.isgone, 1u << 2);
	assert_null(conf_find(&conf, 2));
	conf_clear(&conf);
}

/* No memory in the middle of a change: REFUSED, and nothing is pulled away
 * from under a role that could not let go of it. */
static void
test_unable(void **state)
{
	const uint32_t	 first[] = { 2, 1 }, second[] = { 3, 1 };

	(void)state;
	memset(&probe, 0, sizeof(probe));
	assert_int_equal(conf_init(&conf), 0);
	load(1, first, 2);
	probe.unable = 1;
	assert_int_equal(give(PROC_PARENT, M_CONF_NEW, 1, 0, NULL, 0), 0);
	assert_int_equal(probe.sent[1], M_CONF_REFUSED);
	probe.unable = 0;
	load(2, second, 2);
	assert_int_equal(give(PROC_PARENT, M_CONF_NEW, 2, 0, NULL, 0), 0);
	assert_int_equal(probe.sent[3], M_CONF_DONE);
	probe.unable = 2;
	assert_int_equal(give(PROC_PARENT, M_CONF_GONE, 2, 0, NULL, 0), 0);
	assert_int_equal(probe.sent[4], M_CONF_REFUSED);
	assert_non_null(conf_find(&conf, 2));
	conf_clear(&conf);
}

const struct CMUnitTest tests_ipc[] = {
	cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
	cmocka_unit_test_setup_teardown(test_queue, setup, teardown),
	cmocka_unit_test_setup_teardown(test_epoch, setup, teardown),
	cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
	cmocka_unit_test_setup_teardown(test_storm, setup, teardown),
	cmocka_unit_test(test_rules),
	cmocka_unit_test(test_reload), cmocka_unit_test(test_unable),
};
const size_t tests_ipc_n = nitems(tests_ipc);
