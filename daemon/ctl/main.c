/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-ctl as a process: its library, the log of the system. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "ctl.h"
#include "sock.h"

static void	*ctl_self;
static const struct role_io *ctl_io;
static int	 syslog_fd = -1;	/* -1: standard error */
static uint64_t	 asked;			/* for a new one, ms */

/* The system's log was started anew; the parent can reach it, we cannot. */
static void
ask_again(void)
{
	struct m_fd	 m = { FD_SYSLOG };
	uint64_t	 now = now_ms();

	if (asked != 0 && now - asked < 2000)
		return;
	asked = now;
	(void)role_send(ctl_io, PROC_PARENT, M_FD, 0, 0, 0, &m);
}

/* A log that does not take the line does not stop us: it is in the ring. */
static void
to_syslog(int level, const char *text)
{
	char	 head[64];
	struct iovec iov[2];
	struct msghdr h;
	int	 n;

	n = snprintf(head, sizeof(head), "<%d>s2sd: ", LOG_DAEMON | level);
	memset(&h, 0, sizeof(h));
	iov[0].iov_base = head;
	iov[0].iov_len = (size_t)n;
	iov[1].iov_base = (void *)(uintptr_t)text;	/* only read */
	iov[1].iov_len = strlen(text);
	h.msg_iov = iov;
	h.msg_iovlen = 2;
	if (sendmsg(syslog_fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 &&
	    errno != EAGAIN && errno != EWOULDBLOCK)
		ask_again();
}

static void
to_stderr(const char *text)
{
	struct pollfd	 p = { STDERR_FILENO, POLLOUT, 0 };
	char		 b[4 * TEXT_MAX + 2];
	int		 n;

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return;
	n = snprintf(b, sizeof(b), "%s\n", text);
	if (n > 0 && write(STDERR_FILENO, b, (size_t)n) == -1)
		return;
}

static void
line(void *arg, int level, const char *text)
{
	(void)arg;
	if (syslog_fd != -1)
		to_syslog(level, text);
	else
		to_stderr(text);
}

static void
own_line(int level, uint32_t tunnel, int reason, const char *text)
{
	ctl_log(ctl_self, PROC_CTL, level, tunnel, reason, text, now_ms());
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	static const struct ctl_out out = {
		.send = sock_send,
		.close = sock_close,
		.line = line,
	};

	ctl_io = io;
	ctl_self = self;
	if (fcntl(FD_SYSLOG, F_GETFD) != -1)
		syslog_fd = FD_SYSLOG;
	ctl_set_output(self, &out);
	role_log_hook = own_line;
	sock_setup(base, self);
}

/* The system's log was started anew: the parent connected again. */
static void
got_fd(int what, int fd)
{
	if (what != FD_SYSLOG) {
		(void)close(fd);
		return;
	}
	if (syslog_fd != -1)
		(void)close(syslog_fd);
	syslog_fd = fd;
}

int
main(int argc, char **argv)
{
	static const struct role_proc rp = {
		.role = &role_ctl,
		.setup = setup,
		.got_fd = got_fd,
	};

	role_main(&rp, argc, argv);
}
