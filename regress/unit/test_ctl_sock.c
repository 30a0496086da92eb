/* SPDX-License-Identifier: ISC */

/*
 * test_ctl_sock.c: the control socket for real: 1,000 clients at once, one
 * that never reads, one that sends nothing, what is not a request (N089).
 */

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <event2/event.h>

#include "ctl_int.h"
#include "sock.h"

static struct event_base *base;
static void		*self;
static uint64_t		 clock_ms = 100000;
static struct sockaddr_un un;

/* What role_main gives to a process. */
uint64_t
now_ms(void)
{
	return (clock_ms);
}

void
role_kick(void)
{
	(void)role_ctl.tick(self, clock_ms);
}

static int
f_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	(void)arg;
	(void)to;
	(void)h;
	(void)b;
	(void)n;
	return (0);
}

static const struct role_io	io = { .send = f_send };
static const struct ctl_out	out = { .send = sock_send,
				    .close = sock_close };

static void
turn(void)
{
	int	 i;

	for (i = 0; i < 20; i++)
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static int
up(void **state)
{
	int	 fd;

	(void)state;
	un.sun_family = AF_UNIX;
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "ctl_sock.%d",
	    (int)getpid());
	(void)unlink(un.sun_path);
	if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&un, sizeof(un)) == -1 ||
	    listen(fd, 64) == -1 || dup2(fd, FD_CTLSOCK) == -1)
		return (-1);
	(void)close(fd);
	base = event_base_new();
	self = role_ctl.new(&io);
	ctl_set_output(self, &out);
	sock_setup(base, self);
	return (0);
}

static int
down(void **state)
{
	(void)state;
	clock_ms += CTL_PATIENCE;
	role_kick();			/* closes who is left */
	sock_stop();
	role_ctl.free(self);
	event_base_free(base);
	(void)close(FD_CTLSOCK);
	(void)unlink(un.sun_path);
	return (0);
}

static int
dial(void)
{
	int	 fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	assert_int_not_equal(fd, -1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return (fd);
	(void)close(fd);
	return (-1);
}

static void
ask(int fd, uint32_t type, const void *body)
{
	uint8_t		 b[CTL_REQUEST_MAX];
	struct wr	 w = wr_of(b, sizeof(b));

	assert_int_equal(u_put(&w, type, 1, body), 0);
	assert_int_equal(send(fd, b, w.n, MSG_NOSIGNAL), w.n);
}

/* Frames until M_U_DONE, which is returned; -1: the daemon hung up. */
static int
answer(int fd, unsigned int *frames)
{
	uint8_t		 b[IPC_FRAME_MAX];
	struct ipc_hdr	 h;
	union {
		uint64_t align;
		uint8_t	 room[MSG_STRUCT_MAX];
	} body;
	ssize_t		 n;
	unsigned int	 i;

	*frames = 0;
	for (i = 0; i < 100000; i++) {
		if ((n = recv(fd, b, sizeof(b), 0)) == 0)
			return (-1);
		if (n == -1) {
			assert_int_equal(errno, EAGAIN);
			turn();
			continue;
		}
		assert_int_equal(u_get(rd_of(b, (size_t)n), &h, body.room),
		    0);
		++*frames;
		if (h.type == M_U_DONE)
			return (((const struct m_u_done *)
			    (const void *)body.room)->err);
	}
	fail();
	return (-1);
}

static void
test_status(void **state)
{
	struct m_u_name	 m = { "" };
	unsigned int	 n;
	int		 fd = dial();

	(void)state;
	if (geteuid() != 0) {		/* others need a control group */
		ask(fd, M_U_STATUS, &m);
		assert_int_equal(answer(fd, &n), UERR_PERM);
		(void)close(fd);
		return;
	}
	ask(fd, M_U_STATUS, &m);
	assert_int_equal(answer(fd, &n), UERR_OK);
	assert_int_equal(n, 2);
	(void)close(fd);
	turn();
}

static void
test_thousand(void **state)
{
	struct m_u_log	 m = { 0, 0 };
	unsigned int	 n, busy = 0, served = 0;
	struct rlimit	 rl;
	int		 fd[1000], i;

	(void)state;
	if (geteuid() != 0 || getrlimit(RLIMIT_NOFILE, &rl) == -1)
		skip();
	rl.rlim_cur = 2048;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		skip();			/* not even so many allowed here */
	for (i = 0; i < 1000; i++) {
		while ((fd[i] = dial()) == -1)
			turn();
		if (i % 32 == 31)
			turn();
	}
	for (i = 0; i < 1000; i++)
		if (i >= CTL_CLIENTS && answer(fd[i], &n) == UERR_BUSY)
			busy++;
	assert_int_equal(busy, 1000 - CTL_CLIENTS);
	for (i = 0; i < CTL_CLIENTS; i++) {
		ask(fd[i], M_U_LOG, &m);
		if (answer(fd[i], &n) == UERR_OK)
			served++;
	}
	assert_int_equal(served, CTL_CLIENTS);
	for (i = 0; i < 1000; i++)
		(void)close(fd[i]);
	turn();
}

/* One that never reads does not keep another from its whole log. */
static void
test_deaf(void **state)
{
	struct m_u_log	 m = { 0, 0 };
	unsigned int	 n;
	char		 text[TEXT_MAX];
	int		 deaf, i, other;

	(void)state;
	if (geteuid() != 0)
		skip();
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < CTL_LINES; i++)
		ctl_log(self, PROC_IKE, 6, 0, 0, text, clock_ms);
	deaf = dial();
	other = dial();
	ask(deaf, M_U_LOG, &m);
	turn();
	ask(other, M_U_LOG, &m);
	assert_int_equal(answer(other, &n), UERR_OK);
	assert_int_equal(n, CTL_LINES + 1);
	clock_ms += CTL_PATIENCE;
	role_kick();
	i = answer(deaf, &n);		/* what was on its way, then the end */
	assert_int_equal(i, -1);
	assert_true(n > 0 && n < CTL_LINES);
	(void)close(deaf);
	(void)close(other);
}

static void
test_silent(void **state)
{
	uint8_t		*big = calloc(1, 1 << 20);
	unsigned int	 n;
	int		 fd, len = 1 << 21;

	(void)state;
	if (geteuid() != 0) {
		free(big);
		skip();
	}
	assert_non_null(big);
	fd = dial();
	turn();
	clock_ms += CTL_PATIENCE - 1;
	role_kick();
	assert_int_equal(recv(fd, &n, sizeof(n), 0), -1);
	clock_ms++;
	role_kick();
	assert_int_equal(recv(fd, &n, sizeof(n), 0), 0);
	(void)close(fd);
	fd = dial();			/* a message of no octets */
	assert_int_equal(send(fd, big, 0, MSG_NOSIGNAL), 0);
	assert_int_equal(answer(fd, &n), -1);
	(void)close(fd);
	fd = dial();			/* and one of a megabyte */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &len, sizeof(len));
	if (send(fd, big, 1 << 20, MSG_NOSIGNAL) != -1)
		assert_int_equal(answer(fd, &n), UERR_SYNTAX);
	(void)close(fd);
	free(big);
	turn();
}

/* N114: no descriptor for one more client; the others do not notice. */
static void
test_emfile(void **state)
{
	const struct timespec	 wait = { 1, 100000000 };
	struct m_u_name		 m = { "" };
	struct rlimit		 was, low;
	unsigned int		 n;
	int			 first = dial(), more = dial(), added;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	/* room for one more descriptor */
	low = was;
	low.rlim_cur = 0;
	while (fcntl((int)low.rlim_cur, F_GETFD) != -1)
		low.rlim_cur++;
	low.rlim_cur++;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	added = event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED);
	turn();
	/* the listener was exchanged for a timer, and one client came */
	assert_int_equal(event_base_get_num_events(base,
	    EVENT_BASE_COUNT_ADDED), added + 1);
	ask(first, M_U_STATUS, &m);
	assert_int_equal(answer(first, &n),
	    geteuid() == 0 ? UERR_OK : UERR_PERM);
	ask(more, M_U_STATUS, &m);
	turn();
	assert_int_equal(recv(more, &n, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	(void)nanosleep(&wait, NULL);
	assert_int_equal(answer(more, &n),
	    geteuid() == 0 ? UERR_OK : UERR_PERM);
	(void)close(first);
	(void)close(more);
	turn();
}

#define T(f)	cmocka_unit_test_setup_teardown(f, up, down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_status), T(test_thousand), T(test_deaf),
		T(test_silent), T(test_emfile),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
