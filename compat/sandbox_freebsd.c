/* SPDX-License-Identifier: ISC */

/* sandbox_freebsd.c: Capsicum: capability mode, and rights of descriptors. */

#include "config.h"

#include <sys/types.h>
#include <sys/capsicum.h>

#include <err.h>
#include <errno.h>
#include <unistd.h>

#include "proc.h"

static const char	*missing = "";

static void
allow(int fd, const cap_rights_t *r)
{
	if (cap_rights_limit(fd, r) == -1 && errno != ENOSYS && errno != EBADF)
		err(1, "rights of descriptor %d", fd);
}

/* What each inherited descriptor is for; absent ones are skipped. */
static void
limit_fds(enum proc p)
{
	cap_rights_t	 chan, dev, sock, listen_;
	int		 fd, q;

	cap_rights_init(&chan, CAP_READ, CAP_WRITE, CAP_RECV, CAP_SEND,
	    CAP_EVENT, CAP_FCNTL);
	cap_rights_init(&dev, CAP_READ, CAP_WRITE, CAP_EVENT);
	cap_rights_init(&sock, CAP_RECV, CAP_SEND, CAP_CONNECT, CAP_EVENT,
	    CAP_GETSOCKNAME, CAP_GETSOCKOPT);
	cap_rights_init(&listen_, CAP_ACCEPT, CAP_RECV, CAP_SEND, CAP_EVENT,
	    CAP_GETSOCKOPT, CAP_FCNTL);
	for (q = 0; q < PROC_MAX; q++)
		if (proc_rows[p].links & PB(q))
			allow(FD_CHAN(q), &chan);
	for (fd = FD_FIRST; fd < FD_END; fd++) {
		if (!(proc_rows[p].fds & FB(fd)))
			continue;
		if (fd <= FD_UDP4500_6 || fd == FD_SYSLOG)
			allow(fd, &sock);
		else if (fd == FD_TUN)
			allow(fd, &dev);
		else if (fd == FD_CTLSOCK)
			allow(fd, &listen_);
	}
}

void
sandbox_early(enum proc p)
{
	(void)p;
}

void
sandbox(enum proc p)
{
	if (p == PROC_PARENT || p == PROC_EXEC || p == PROC_HOST)
		return;			/* routes and pf are root's work here */
	limit_fds(p);
	if (p == PROC_NET || p == PROC_ESP) {
		/* capability mode refuses to send to a named address */
		missing = "no capability mode: it cannot send to addresses";
		return;
	}
	if (cap_enter() == -1) {
		if (errno != ENOSYS)
			err(1, "cap_enter");
		missing = "this kernel has no capability mode";
	}
}

const char *
sandbox_missing(void)
{
	return (missing);
}
