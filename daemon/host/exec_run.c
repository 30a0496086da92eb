/* SPDX-License-Identifier: ISC */

/*
 * exec_run.c: the fixed table of programs, and running one: absolute path,
 * arguments of our own, empty environment, a time limit, no shell.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "exec.h"

static const char	ARG[] = "%";
#define PFCTL	{ "/sbin/pfctl", "/usr/sbin/pfctl" }

/* What each is called; the lock of iptables is waited for, but not long. */
static const struct {
	uint8_t		 prog, variant, af;
	const char	*path[2];
	const char	*argv[7];	/* ARG: a line of what is handed in */
} table[] = {
	{ EXEC_SAVE, IPT_LEGACY, 4, { "/usr/sbin/iptables-legacy-save",
	    "/sbin/iptables-legacy-save" }, { "iptables-legacy-save" } },
	{ EXEC_SAVE, IPT_LEGACY, 6, { "/usr/sbin/ip6tables-legacy-save",
	    "/sbin/ip6tables-legacy-save" }, { "ip6tables-legacy-save" } },
	{ EXEC_SAVE, IPT_NFT, 4, { "/usr/sbin/iptables-nft-save",
	    "/sbin/iptables-nft-save" }, { "iptables-nft-save" } },
	{ EXEC_SAVE, IPT_NFT, 6, { "/usr/sbin/ip6tables-nft-save",
	    "/sbin/ip6tables-nft-save" }, { "ip6tables-nft-save" } },
	{ EXEC_RESTORE, IPT_LEGACY, 4, { "/usr/sbin/iptables-legacy-restore",
	    "/sbin/iptables-legacy-restore" },
	    { "iptables-legacy-restore", "--noflush", "-w", "4" } },
	{ EXEC_RESTORE, IPT_LEGACY, 6, { "/usr/sbin/ip6tables-legacy-restore",
	    "/sbin/ip6tables-legacy-restore" },
	    { "ip6tables-legacy-restore", "--noflush", "-w", "4" } },
	{ EXEC_RESTORE, IPT_NFT, 4, { "/usr/sbin/iptables-nft-restore",
	    "/sbin/iptables-nft-restore" },
	    { "iptables-nft-restore", "--noflush" } },
	{ EXEC_RESTORE, IPT_NFT, 6, { "/usr/sbin/ip6tables-nft-restore",
	    "/sbin/ip6tables-nft-restore" },
	    { "ip6tables-nft-restore", "--noflush" } },
	{ EXEC_PF_LOAD, 0, 0, PFCTL, { "pfctl", "-a", "s2sd/rules", "-f",
	    "-" } },
	{ EXEC_PF_LOAD, 1, 0, PFCTL, { "pfctl", "-a", "s2sd/block", "-f",
	    "-" } },
	{ EXEC_PF_SHOW, 0, 0, PFCTL, { "pfctl", "-a", "s2sd/rules", "-s",
	    "rules" } },
	{ EXEC_PF_SHOW, 1, 0, PFCTL, { "pfctl", "-a", "s2sd/block", "-s",
	    "rules" } },
	{ EXEC_PF_SHOW_NAT, 0, 0, PFCTL, { "pfctl", "-a", "s2sd/rules", "-s",
	    "nat" } },
	{ EXEC_PF_MAIN, 0, 0, PFCTL, { "pfctl", "-s", "rules" } },
	{ EXEC_PF_MAIN_NAT, 0, 0, PFCTL, { "pfctl", "-s", "nat" } },
	{ EXEC_PF_KILL, 0, 0, PFCTL, { "pfctl", "-k", ARG, "-k", ARG } },
};

struct job {
	pid_t		 pid;
	int		 in, out;	/* -1: closed */
	const char	*text;
	size_t		 ntext;
	char		*got;
	size_t		 n, room;
	uint64_t	 until;
};

static uint64_t
clock_ms(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* In the child: nothing open but the three, nothing in the environment. */
static __attribute__((__noreturn__)) void
become(const char *path, const char *const *argv, int in, int out)
{
	char	*none[] = { NULL };
	int	 fd;

	if (dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(out, 2) == -1)
		_exit(127);
	for (fd = 3; fd < 1024; fd++)
		(void)close(fd);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execve(path, (char *const *)(uintptr_t)argv, none);
	_exit(127);
}

static int
start(struct job *j, const char *path, const char *const *argv)
{
	int	 i[2] = { -1, -1 }, o[2] = { -1, -1 };

	if (pipe(i) == -1 || pipe(o) == -1 || (j->pid = fork()) == -1) {
		shut(&i[0]);
		shut(&i[1]);
		shut(&o[0]);
		shut(&o[1]);
		return (-1);
	}
	if (j->pid == 0)
		become(path, argv, i[0], o[1]);
	close(i[0]);
	close(o[1]);
	j->in = i[1];
	j->out = o[0];
	(void)fcntl(j->in, F_SETFL, O_NONBLOCK);
	(void)fcntl(j->out, F_SETFL, O_NONBLOCK);
	return (0);
}

/* What is ready: -1 if there is no more room for what it says. */
static int
give_and_take(struct job *j)
{
	ssize_t	 n;
	char	*p;

	if (j->in != -1) {
		n = write(j->in, j->text, j->ntext);
		if (n > 0) {
			j->text += n;
			j->ntext -= (size_t)n;
		}
		if (j->ntext == 0 || (n == -1 && errno != EAGAIN))
			shut(&j->in);
	}
	if (j->room - j->n < 4096) {
		if (j->room >= EXEC_OUT_MAX ||
		    (p = realloc(j->got, 2 * j->room + 8192)) == NULL)
			return (-1);
		j->got = p;
		j->room = 2 * j->room + 8192;
	}
	n = read(j->out, j->got + j->n, j->room - j->n - 1);
	if (n > 0)
		j->n += (size_t)n;
	else if (n == 0 || errno != EAGAIN)
		shut(&j->out);
	return (0);
}

static int
attend(struct job *j)
{
	struct pollfd	 p[2];
	uint64_t	 now;

	while (j->out != -1) {
		if ((now = clock_ms()) >= j->until)
			return (-1);
		p[0].fd = j->out;
		p[0].events = POLLIN;
		p[1].fd = j->in;		/* -1 is passed over */
		p[1].events = POLLOUT;
		if (poll(p, 2, (int)(j->until - now)) <= 0)
			continue;
		if (give_and_take(j) == -1)
			return (-1);
	}
	return (0);
}

static uint32_t
finish(struct job *j, int rv)
{
	int	 status = 0;

	shut(&j->in);
	shut(&j->out);
	if (rv == -1)
		(void)kill(j->pid, SIGKILL);
	while (waitpid(j->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (rv == -1)
		return (IPT_ETIME);
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0 ? IPT_OK :
	    IPT_EFAILED);
}

/* The lines of `in' in the places of the table: 0, or -1. */
static int
arguments(const char **argv, size_t n, const char *in, size_t nin, char *room,
    size_t size)
{
	char	*p = room, *end;
	size_t	 i;

	if (nin >= size)
		return (-1);
	memcpy(room, in, nin);
	room[nin] = '\0';
	for (i = 0; i < n && argv[i] != NULL; i++) {
		if (argv[i] != ARG)
			continue;
		if ((end = strchr(p, '\n')) == NULL)
			return (-1);
		*end = '\0';
		argv[i] = p;
		p = end + 1;
	}
	return (0);
}

static uint32_t
run(void *arg, enum exec_prog what, uint8_t variant, uint8_t af,
    const char *in, size_t nin, char **out, size_t *nout)
{
	struct job	 j;
	const char	*argv[nitems(table[0].argv)];
	char		 args[2 * ADDR_STRLEN];
	size_t		 i, k;
	uint32_t	 err;

	(void)arg;
	for (i = 0; i < nitems(table); i++)
		if (table[i].prog == what && table[i].variant == variant &&
		    table[i].af == af)
			break;
	if (i == nitems(table))
		return (IPT_EPROGRAM);
	for (k = 0; k < 2 && access(table[i].path[k], X_OK) == -1; k++)
		;
	if (k == 2)
		return (IPT_EPROGRAM);
	memset(&j, 0, sizeof(j));
	memcpy(argv, table[i].argv, sizeof(argv));
	if (what != EXEC_PF_KILL) {
		j.text = in;
		j.ntext = nin;
	} else if (arguments(argv, nitems(argv), in, nin, args,
	    sizeof(args)) == -1)
		return (IPT_EFAILED);
	j.until = clock_ms() + EXEC_SECONDS * 1000;
	if (start(&j, table[i].path[k], argv) == -1)
		return (IPT_EFAILED);
	err = finish(&j, attend(&j));
	if (j.got != NULL)
		j.got[j.n] = '\0';
	*out = j.got;
	*nout = j.n;
	return (err);
}

const struct exec_runner exec_programs = { NULL, run };
