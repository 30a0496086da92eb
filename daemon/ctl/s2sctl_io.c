/* SPDX-License-Identifier: ISC */

/* s2sctl_io.c: the socket of s2sctl. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "s2sctl.h"

int
io_open(const char *path)
{
	struct sockaddr_un	 un;
	int			 fd, error;

	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(un.sun_path, path, strlen(path));
	if ((fd = socket(AF_UNIX, SOCK_SEQPACKET, 0)) == -1)
		return (-1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return (fd);
	error = errno;
	(void)close(fd);
	errno = error;
	return (-1);
}

int
io_failed(const char *path, int error)
{
	if (error == ENOENT || error == ECONNREFUSED) {
		(void)fprintf(stderr, "s2sctl: s2sd is not running (nobody "
		    "answers on %s)\n", path);
		return (EXIT_NOT_RUNNING);
	}
	(void)fprintf(stderr, "s2sctl: %s: %s%s\n", path, strerror(error),
	    error == EACCES ? ": only root may ask, or the group of `set "
	    "control group'" : "");
	return (EXIT_BAD);
}

int
io_ask(int fd, uint32_t type, const void *body)
{
	uint8_t		 buf[CTL_REQUEST_MAX];
	struct wr	 w = wr_of(buf, sizeof(buf));

	if (u_put(&w, type, 1, body) == -1)
		return (-1);
	return (send(fd, buf, w.n, MSG_NOSIGNAL) == (ssize_t)w.n ? 0 : -1);
}

int
io_next(int fd, uint8_t *buf, struct rd *r, int ms)
{
	struct pollfd	 p;
	ssize_t		 n;
	int		 again = 1;

	p.fd = fd;
	p.events = POLLIN;
	do {
		n = poll(&p, 1, ms);
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return (-1);
	/* who closes without having read resets, once: what he wrote before
	 * comes behind it */
	do {
		n = recv(fd, buf, IPC_FRAME_MAX, 0);
	} while (n == -1 && (errno == EINTR ||
	    (errno == ECONNRESET && again-- > 0)));
	if (n <= 0)
		return (0);
	*r = rd_of(buf, (size_t)n);
	return (1);
}

int
io_body(struct rd r, uint32_t type, void *body)
{
	struct ipc_hdr	 h;
	struct rd	 peek = r;

	if (ipc_hdr_get(&peek, &h) == -1 || h.type != type)
		return (-1);
	return (u_get(r, &h, body));
}
