/* SPDX-License-Identifier: ISC */

/* fds.c: the files and unix sockets of the parent. */

#include "config.h"

#include <sys/types.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "parent.h"

enum { ALIVE_MAX = 10000 };	/* ms for an earlier life to end */

/* Beside the socket: two daemons that differ by -s alone do not meet. */
static int
lock_path(const struct parent *p, const char *what, char *buf, size_t len)
{
	size_t	 n = strlen(p->sock);

	if (n > 5 && strcmp(p->sock + n - 5, ".sock") == 0)
		n -= 5;
	return (snprintf(buf, len, "%.*s.%s", (int)n, p->sock, what) <
	    (int)len ? 0 : -1);
}

/*
 * In a child: its own share of the lock, at that number.  Opened anew, for
 * what is inherited would be let go of by whichever process ends last, while
 * another may still be busy with the end of its sockets (proc.h).
 */
int
fds_alive(const struct parent *p, int fd)
{
	char	 path[PATH_MAX_];
	int	 own, rv;

	if (lock_path(p, "alive", path, sizeof(path)) == -1 ||
	    (own = open(path, O_RDONLY | O_NOFOLLOW)) == -1)
		return (-1);
	rv = flock(own, LOCK_SH | LOCK_NB) == -1 || dup2(own, fd) == -1;
	if (own != fd)
		(void)close(own);
	return (rv ? -1 : 0);
}

/*
 * Each of our processes has a share of this lock.  After kill -9 of a parent
 * its children put back what they changed on the host, and end; the next life
 * waits here, and nowhere else, until the last of them is through and what
 * they held is free.  Alone on it, we keep a share like everybody; the pid
 * file is ours already, so nobody comes in between.
 */
static int
lock_alive(struct parent *p)
{
	char	 path[PATH_MAX_];
	int	 fd, ms;

	if (lock_path(p, "alive", path, sizeof(path)) == -1 ||
	    (fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600)) == -1) {
		warn("%s", path);
		return (-1);
	}
	for (ms = 0; flock(fd, LOCK_EX | LOCK_NB) == -1; ms += 10) {
		if (errno != EWOULDBLOCK || ms >= ALIVE_MAX) {
			warnx("%s: processes of an earlier s2sd do not end",
			    path);
			close(fd);
			return (-1);
		}
		(void)usleep(10000);
	}
	if (flock(fd, LOCK_SH) == -1) {
		warn("%s", path);
		close(fd);
		return (-1);
	}
	p->alive = spawn_keep(fd);
	return (p->alive == -1 ? -1 : 0);
}

/* One daemon for a socket: the pid file is locked for as long as we live. */
int
fds_lock(struct parent *p)
{
	char	 path[PATH_MAX_], text[16];
	ssize_t	 n;
	int	 fd;

	if (lock_path(p, "pid", path, sizeof(path)) == -1) {
		warnx("%s: name too long", p->sock);
		return (-1);
	}
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0644)) == -1) {
		if (errno == ENOENT)
			warnx("%s: its folder is missing: make it, or name a "
			    "socket elsewhere with -s", path);
		else
			warn("%s", path);
		return (-1);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (p->mode == RUN_BLOCK) {
			/* what we were asked for stands as long as it runs */
			close(fd);
			return (1);
		}
		n = read(fd, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		warnx("s2sd runs already (process %s holds %s)%s", text, path,
		    p->mode == RUN_UNBLOCK ? ": its block stays as long; to "
		    "end it and lift the block: s2sctl stop" : "");
		close(fd);
		return (-1);
	}
	if ((p->lock = spawn_keep(fd)) == -1)
		return (-1);
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* never empty: `s2sctl stop' reads it while the lock changes hands */
	if (pwrite(p->lock, text, (size_t)n, 0) != n ||
	    ftruncate(p->lock, n) == -1) {
		warn("%s", path);
		return (-1);
	}
	return (lock_alive(p));
}

/* Who waits for the end (s2sctl stop) looks at this file. */
void
fds_unpid(const struct parent *p)
{
	char	 path[PATH_MAX_];

	if (lock_path(p, "pid", path, sizeof(path)) == 0)
		(void)unlink(path);
}

void
fds_unlock(struct parent *p)
{
	char	 path[PATH_MAX_];

	if (p->ctlsock != -1)
		(void)unlink(p->sock);
	if (p->lock == -1)
		return;
	if (!p->unblock || p->exit_code != 0)
		fds_unpid(p);		/* else `s2sd -u' does, last */
	if (lock_path(p, "alive", path, sizeof(path)) == 0)
		(void)unlink(path);
	close(p->lock);
	p->lock = -1;
}

/* What lies there is a leftover: the lock says that nobody listens. */
int
fds_control(struct parent *p)
{
	struct sockaddr_un	 sun;
	struct stat		 st;
	mode_t			 mask;
	int			 fd, rv;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, p->sock, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		warnx("%s: name too long for a socket", p->sock);
		return (-1);
	}
	if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0)) == -1) {
		warn("control socket");
		return (-1);
	}
	if (lstat(p->sock, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		warnx("%s: is there already and no socket: name another "
		    "with -s", p->sock);
		close(fd);
		return (-1);
	}
	if (unlink(p->sock) == -1 && errno != ENOENT) {
		warn("%s", p->sock);
		close(fd);
		return (-1);
	}
	mask = umask(0117);
	rv = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(mask);
	if (rv == -1 || listen(fd, 16) == -1) {
		warn("%s", p->sock);
		close(fd);
		return (-1);
	}
	p->ctlsock = spawn_keep(fd);
	return (p->ctlsock == -1 ? -1 : 0);
}

/* `set group': who beside root may use s2sctl. */
void
fds_group(struct parent *p)
{
	struct group	*gr;
	gid_t		 gid = 0;

	if (p->group[0] != '\0') {
		if ((gr = getgrnam(p->group)) == NULL)
			parent_log(p, LOG_WARNING, "no group %s: only root "
			    "may use %s", p->group, p->sock);
		else
			gid = gr->gr_gid;
	}
	if (lchown(p->sock, 0, gid) == -1)
		parent_log(p, LOG_WARNING, "%s: %s", p->sock, strerror(errno));
}

int
fds_confdir(struct parent *p)
{
	char	 dir[1024];
	int	 fd;

	if (strlcpy(dir, p->file, sizeof(dir)) >= sizeof(dir)) {
		warnx("%s: name too long", p->file);
		return (-1);
	}
	if ((fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) ==
	    -1) {
		if (errno == ENOENT)
			warnx("%s: its folder is missing: write the file, as "
			    "s2sd.conf(5) says, or name another with -f",
			    p->file);
		else
			warn("%s", p->file);
		return (-1);
	}
	p->confdir = spawn_keep(fd);
	return (p->confdir == -1 ? -1 : 0);
}

/*
 * Without one (no syslogd, -d) s2sd-ctl writes to stderr.  -1: there is none;
 * what we had stays.
 */
int
fds_syslog(struct parent *p)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, "/dev/log", sizeof(sun.sun_path));
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0)) == -1)
		return (-1);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		close(fd);
		return (-1);
	}
	if (p->syslog != -1)
		close(p->syslog);
	p->syslog = spawn_keep(fd);
	return (p->syslog == -1 ? -1 : 0);
}

/* The stderr of children, when the terminal is not to be theirs. */
int
fds_words(struct parent *p)
{
	int	 fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1) {
		warn("pipe");
		return (-1);
	}
	p->words[0] = spawn_keep(fds[0]);
	p->words[1] = spawn_keep(fds[1]);
	return (p->words[0] == -1 || p->words[1] == -1 ? -1 : 0);
}

/* Where the children are locked in. */
int
fds_empty(void)
{
	struct stat	 st;

	if (lstat(S2SD_EMPTY, &st) == -1) {
		warn("%s: run etc/users.sh of s2sd as root", S2SD_EMPTY);
		return (-1);
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		warnx("%s: must be a directory that only root can write",
		    S2SD_EMPTY);
		return (-1);
	}
	return (0);
}
