/* SPDX-License-Identifier: ISC */

/* spawn.c: channels that outlive their users, and the birth of a child. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include <err.h>

#include <event2/event.h>

#include "parent.h"

/* Ours lie above what a child gets, so that dup2 to its places is safe. */
enum { FD_OURS = 64 };

extern char	**environ;

int
spawn_keep(int fd)
{
	int	 high;

	if (fd == -1)
		return (-1);
	high = fcntl(fd, F_DUPFD_CLOEXEC, FD_OURS);
	if (high == -1 && (errno == EINVAL || errno == EMFILE))
		warnx("too few descriptors: the limit of open files "
		    "(ulimit -n) must be 256 at least");
	else if (high == -1)
		warn("descriptors");
	(void)close(fd);
	return (high);
}

static int
channel(struct parent *p, int a, int b)
{
	int	 fds[2];

	if (ipc_pair(fds) == -1) {
		warn("socketpair");
		return (-1);
	}
	p->ends[a][b] = spawn_keep(fds[0]);
	p->ends[b][a] = spawn_keep(fds[1]);
	return (p->ends[a][b] == -1 || p->ends[b][a] == -1 ? -1 : 0);
}

/* Can the longest frame pass?  A socket buffer that is too small cannot. */
static int
self_test(int from, int to)
{
	static uint8_t	 out[IPC_FRAME_MAX], in[IPC_FRAME_MAX + 1];
	ssize_t		 n;

	memset(out, 0xa5, sizeof(out));
	if (send(from, out, sizeof(out), MSG_DONTWAIT) !=
	    (ssize_t)sizeof(out) ||
	    (n = recv(to, in, sizeof(in), MSG_DONTWAIT)) !=
	    (ssize_t)sizeof(out) || memcmp(in, out, sizeof(out)) != 0) {
		warn("a frame of %d octets does not pass a socket pair",
		    IPC_FRAME_MAX);
		return (-1);
	}
	return (0);
}

int
spawn_channels(struct parent *p)
{
	int	 a, b;

	for (a = 0; a < PROC_MAX; a++)
		for (b = 0; b < PROC_MAX; b++)
			p->ends[a][b] = -1;
	for (a = 0; a < PROC_MAX; a++)
		for (b = a + 1; b < PROC_MAX; b++)
			if ((proc_rows[a].links & PB(b)) &&
			    channel(p, a, b) == -1)
				return (-1);
	return (self_test(p->ends[PROC_PARENT][PROC_CONF],
	    p->ends[PROC_CONF][PROC_PARENT]));
}

/* What that descriptor is for that process, or -1. */
static int
source(const struct parent *p, enum proc who, int fd)
{
	if (!(proc_rows[who].fds & FB(fd)))
		return (-1);
	switch (fd) {
	case FD_UDP4500_4:
	case FD_UDP4500_6:
		if (who == PROC_ESP)
			return (p->esp[fd - FD_UDP4500_4]);
		return (p->udp[fd - FD_UDP500_4]);
	case FD_UDP500_4:
	case FD_UDP500_6:
		return (p->udp[fd - FD_UDP500_4]);
	case FD_TUN:
		return (p->tun);
	case FD_OWNER:
		return (p->owner);
	case FD_CTLSOCK:
		return (p->ctlsock);
	case FD_SYSLOG:
		return (p->syslog);
	case FD_CONFDIR:
		return (p->confdir);
	default:
		return (-1);
	}
}

/* In the child: its descriptors to their places, everything else away. */
static int
arrange(const struct parent *p, enum proc who)
{
	int	 q, fd, from;

	if (p->words[1] != -1 && (dup2(p->words[1], 1) == -1 ||
	    dup2(p->words[1], 2) == -1))
		return (-1);
	for (q = 0; q < PROC_MAX; q++) {
		from = proc_rows[who].links & PB(q) ? p->ends[who][q] : -1;
		if (from == -1)
			(void)close(FD_CHAN(q));
		else if (dup2(from, FD_CHAN(q)) == -1)
			return (-1);
	}
	for (fd = FD_CHAN(PROC_MAX); fd < FD_END; fd++) {
		if (fd == FD_ALIVE && (proc_rows[who].fds & FB(fd)) &&
		    p->alive != -1) {
			if (fds_alive(p, fd) == -1)
				return (-1);
			continue;
		}
		from = fd < FD_FIRST ? -1 : source(p, who, fd);
		if (from == -1)
			(void)close(fd);
		else if (dup2(from, fd) == -1)
			return (-1);
	}
	return (sys_close_from(FD_END));
}

static __attribute__((__noreturn__)) void
child(const struct parent *p, enum proc who, const char *path,
    char *const *argv)
{
	char			*none[] = { NULL };
	struct sigaction	 sa;
	sigset_t		 all;
	int			 sig;

	sa.sa_handler = SIG_DFL;
	sa.sa_flags = 0;
	(void)sigemptyset(&sa.sa_mask);
	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &sa, NULL);
	(void)sigemptyset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (arrange(p, who) == -1)
		_exit(126);
#ifdef SANITIZERS
	(void)execve(path, argv, environ);
#else
	(void)execve(path, argv, none);
#endif
	(void)none;
	warn("%s", path);
	_exit(127);
}

int
spawn(struct parent *p, enum proc who, const char *mode,
    const char *const *extra)
{
	struct child	*c = &p->child[who];
	const char	*argv[8];
	char		 path[1024], epoch[16];
	int		 n = 0;

	(void)snprintf(epoch, sizeof(epoch), "%u", c->life.epoch);
	(void)snprintf(path, sizeof(path), "%s/%s", p->libexec,
	    proc_name(who));
	argv[n++] = proc_name(who);
	argv[n++] = epoch;
	argv[n++] = s2sd_build;
	argv[n++] = mode;
	while (extra != NULL && *extra != NULL && n < 7)
		argv[n++] = *extra++;
	argv[n] = NULL;
	if (c->chan == NULL && frames_open(p, who) == -1)
		return (-1);
	switch (c->pid = fork()) {
	case -1:
		c->pid = 0;
		parent_log(p, LOG_ERR, "cannot start %s: %s", proc_name(who),
		    strerror(errno));
		return (-1);
	case 0:
		child(p, who, path, (char *const *)(uintptr_t)argv);
	default:
		break;
	}
	c->up = c->gone = 0;
	c->why[0] = '\0';
	c->since = run_now();
	c->hello_by = c->since + 30000;
	restart_born(&c->life, c->since);
	return (0);
}

/* Everything that waits in one end of a channel goes unread. */
static void
empty(int fd)
{
	static uint8_t	 buf[IPC_FRAME_MAX];

	while (fd != -1 && recv(fd, buf, sizeof(buf), MSG_DONTWAIT) != -1)
		;
	explicit_bzero(buf, sizeof(buf));
}

/*
 * What was sent to the dead is lost, as its senders are told; what it sent
 * is known by its epoch.  Only then do the others hear of its death, so that
 * what they say from now on is for the next life.
 */
void
spawn_buried(struct parent *p, enum proc who)
{
	int	 q;

	frames_close(p, who);
	for (q = 0; q < PROC_MAX; q++) {
		empty(p->ends[who][q]);
		/* who is dead too cannot be told; it just never reads it */
		if (p->ends[q][who] != -1 && p->child[q].pid == 0)
			empty(p->ends[q][who]);
	}
	empty(p->ends[PROC_PARENT][who]);
	if (who == PROC_ESP && p->tun != -1)
		sys_drain_tun(p->tun);
	(void)frames_open(p, who);
	/* s2sd-conf ends whenever it is through, and s2sd-keys may not have
	 * read all of it yet: it hears of that when the next one begins */
	if (who != PROC_CONF)
		spawn_tell(p, who);
}

/* From now on the others take nothing of an earlier life of that process. */
void
spawn_tell(struct parent *p, enum proc who)
{
	struct m_died	 m;
	int		 q;

	memset(&m, 0, sizeof(m));
	m.proc = (uint8_t)who;
	m.epoch = p->child[who].life.epoch;
	for (q = PROC_CONF + 1; q < PROC_MAX; q++)
		if (q != (int)who && (proc_rows[who].links & PB(q)) &&
		    p->child[q].pid != 0)
			frames_body(p, (enum proc)q, M_DIED, 0, &m);
}

void
spawn_end(struct parent *p, enum proc who, const char *why)
{
	struct child	*c = &p->child[who];

	if (c->pid == 0)
		return;
	(void)snprintf(c->why, sizeof(c->why), "%s", why);
	(void)kill(c->pid, SIGKILL);
}
