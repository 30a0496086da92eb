/* SPDX-License-Identifier: ISC */

/* s2sctl_end.c: is s2sd gone, or only the process that answered us? */

#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "s2sctl.h"

enum { STEP = 20, BACK = 5000 };	/* ms */

/* The daemon's process, by the file beside its socket (s2sd(8)); 0: none. */
pid_t
end_pid(const char *sock)
{
	char	 path[1024], text[16];
	size_t	 n = strlen(sock);
	ssize_t	 got;
	int	 fd, len;

	if (n > 5 && strcmp(sock + n - 5, ".sock") == 0)
		n -= 5;
	len = snprintf(path, sizeof(path), "%.*s.pid", (int)n, sock);
	if (len < 0 || (size_t)len >= sizeof(path) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (0);
	got = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (got <= 0)
		return (0);
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return ((pid_t)strtonum(text, 2, INT32_MAX, NULL));
}

int
end_wait(const char *sock, pid_t pid, int ms)
{
	for (; pid != 0 && end_pid(sock) == pid; ms -= STEP) {
		if (kill(pid, 0) == -1 && errno == ESRCH)
			return (0);	/* was killed in between */
		if (ms <= 0)
			return (-1);
		(void)usleep(STEP * 1000);
	}
	return (0);
}

int
end_lost(const char *sock, int rv)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct rd	 r;
	int		 fd;

	if (rv != 0) {
		warnx("s2sd does not answer in time");
		return (EXIT_NOT_RUNNING);
	}
	/* the socket is the parent's: it stays while s2sd-ctl is made anew */
	if ((fd = io_open(sock)) != -1)
		rv = io_ask(fd, M_U_STATS, NULL) == -1 ? 0 :
		    io_next(fd, buf, &r, BACK);
	if (fd != -1)
		(void)close(fd);
	if (fd == -1 || rv == 0) {
		warnx("s2sd has stopped");
		return (EXIT_NOT_RUNNING);
	}
	warnx("s2sd-ctl, which answered, has ended, and %s; s2sd goes on.  "
	    "What it had logged is in the system's log", rv == 1 ?
	    "was started again" : "is to be started again");
	return (EXIT_BAD);
}
