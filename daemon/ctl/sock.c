/* SPDX-License-Identifier: ISC */

/* sock.c: the clients' sockets of s2sd-ctl. */

#include <sys/types.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <unistd.h>

#include <event2/event.h>

#include "ctl.h"
#include "proc.h"
#include "sock.h"

enum { ACCEPTS = 32 };			/* in one wake-up */

static struct {
	int		 fd;		/* 0: free */
	struct event	*rd, *wr;
} cl[CTL_CLIENTS];

static struct event_base *base;
static struct event	*listener, *again;
static void		*lib;

void
sock_close(void *arg, int i)
{
	(void)arg;
	event_free(cl[i].rd);
	event_free(cl[i].wr);
	(void)close(cl[i].fd);
	memset(&cl[i], 0, sizeof(cl[i]));
}

int
sock_send(void *arg, int i, const unsigned char *p, size_t n)
{
	(void)arg;
	if (send(cl[i].fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
		return (1);
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS &&
	    errno != EINTR)
		return (-1);
	(void)event_add(cl[i].wr, NULL);
	return (0);
}

static int
index_of(void *arg)
{
	return ((int)(uintptr_t)arg);
}

static void
on_read(int fd, short what, void *arg)
{
	uint8_t	 b[CTL_REQUEST_MAX + 1];
	ssize_t	 n = recv(fd, b, sizeof(b), MSG_DONTWAIT);
	int	 i = index_of(arg);

	(void)what;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		ctl_client_gone(lib, i);
		sock_close(NULL, i);
		return;
	}
	ctl_client_input(lib, i, b, (size_t)n, now_ms());
	role_kick();
}

static void
on_write(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ctl_client_writable(lib, index_of(arg), now_ms());
	role_kick();
}

static int
adopt(int i, int fd)
{
	void	*arg = (void *)(uintptr_t)i;

	cl[i].rd = event_new(base, fd, EV_READ | EV_PERSIST, on_read, arg);
	cl[i].wr = event_new(base, fd, EV_WRITE, on_write, arg);
	cl[i].fd = fd;
	if (cl[i].rd != NULL && cl[i].wr != NULL &&
	    event_add(cl[i].rd, NULL) == 0)
		return (0);
	if (cl[i].rd != NULL)
		event_free(cl[i].rd);
	if (cl[i].wr != NULL)
		event_free(cl[i].wr);
	memset(&cl[i], 0, sizeof(cl[i]));
	return (-1);
}

/*
 * No descriptor or no memory for one more client: it stays in the queue,
 * where it would wake us without end.  Look again in a while.
 */
static void
rest(void)
{
	static const struct timeval	 tv = { 1, 0 };

	if (event_add(again, &tv) == 0)
		(void)event_del(listener);
}

static void
on_again(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (listener != NULL)
		(void)event_add(listener, NULL);
}

static void
on_accept(int lfd, short what, void *arg)
{
	uint8_t	 no[CTL_NO_MAX];
	size_t	 len;
	uid_t	 uid;
	gid_t	 gid;
	int	 fd, i, n;

	(void)what;
	(void)arg;
	for (n = 0; n < ACCEPTS; n++) {
		if ((fd = accept4(lfd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) == -1) {
			if (errno != EAGAIN && errno != EWOULDBLOCK &&
			    errno != EINTR && errno != ECONNABORTED)
				rest();
			break;
		}
		if (getpeereid(fd, &uid, &gid) == -1) {
			(void)close(fd);
			continue;
		}
		if ((i = ctl_client_open(lib, uid, now_ms(), no, &len)) == -1) {
			(void)send(fd, no, len, MSG_DONTWAIT | MSG_NOSIGNAL);
			(void)close(fd);
		} else if (adopt(i, fd) == -1) {
			ctl_client_gone(lib, i);
			(void)close(fd);
		}
	}
	role_kick();
}

void
sock_setup(struct event_base *b, void *self)
{
	base = b;
	lib = self;
	listener = event_new(base, FD_CTLSOCK, EV_READ | EV_PERSIST,
	    on_accept, NULL);
	again = event_new(base, -1, 0, on_again, NULL);
	if (listener == NULL || again == NULL ||
	    event_add(listener, NULL) == -1)
		errx(1, "event_new");
}

void
sock_stop(void)
{
	event_free(listener);
	event_free(again);
	listener = again = NULL;
}
