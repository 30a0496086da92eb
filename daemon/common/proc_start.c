/* SPDX-License-Identifier: ISC */

/* proc_start.c: what a child does before its event loop, DESIGN.md section 2. */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "privdrop.h"
#include "proc.h"

#ifdef SANITIZERS
/* Who is not dumpable cannot be searched for leaks at its end; the tests of
 * the libraries are. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return ("detect_leaks=0");
}
#endif

enum { FD_SCAN = 1024, NOFILE = 64, NOFILE_CTL = 256 };

/* A build for tests may run without root: then nothing can be dropped. */
static int
nodrop(void)
{
#ifdef SANITIZERS
	return (getenv("S2SD_NODROP") != NULL);
#else
	return (0);
#endif
}

/* Exactly the descriptors of the row: its channels, and of the rest no more. */
static void
check_fds(const struct proc_row *row)
{
	uint32_t	 p;
	int		 fd, open, chan, own;

	for (fd = 0; fd < FD_SCAN; fd++) {
		open = fcntl(fd, F_GETFD) != -1;
		p = (uint32_t)(fd - FD_CHAN(0));
		chan = fd >= FD_CHAN(0) && p < PROC_MAX &&
		    (row->links & PB(p));
		own = fd >= FD_FIRST && fd < FD_END && (row->fds & FB(fd));
		if (open && fd > 2 && !chan && !own)
			errx(1, "descriptor %d is not ours: started by hand? "
			    "Only s2sd starts this program", fd);
		if (!open && chan)
			errx(1, "no channel to %s: only s2sd starts this "
			    "program", proc_name((enum proc)p));
		if (open && fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
			err(1, "descriptor %d", fd);
	}
}

/* Lock ourselves into a directory where nothing is and nobody can write. */
static void
lock_in(void)
{
	struct stat	 st;

	if (lstat(S2SD_EMPTY, &st) == -1)
		err(1, "%s", S2SD_EMPTY);
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		errx(1, "%s: not a directory that only root can write",
		    S2SD_EMPTY);
	if (chroot(S2SD_EMPTY) == -1 || chdir("/") == -1)
		err(1, "chroot %s", S2SD_EMPTY);
}

static void
become(const struct proc_row *row, uid_t uid, gid_t gid)
{
	if (setgroups(1, &gid) == -1)
		err(1, "setgroups");
	if (priv_setids(uid, gid) == -1)
		err(1, "cannot become %s", row->user);
	if (setuid(0) != -1 || seteuid(0) != -1 || setgid(0) != -1 ||
	    setegid(0) != -1 || getuid() != uid || geteuid() != uid ||
	    getgid() != gid || getegid() != gid)
		errx(1, "still able to become root");
}

static void
limit(int what, rlim_t n)
{
	struct rlimit	 rl;

	rl.rlim_cur = rl.rlim_max = n;
	if (setrlimit(what, &rl) == -1)
		err(1, "setrlimit %d", what);
}

static void
signals(void)
{
	struct sigaction	 sa;

	sa.sa_handler = SIG_IGN;
	sa.sa_flags = 0;
	(void)sigemptyset(&sa.sa_mask);
	/* ^C goes to the whole terminal; the parent stops us in order */
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigaction(SIGXFSZ, &sa, NULL);
}

void
proc_start(enum proc p, void (*open_root)(void))
{
	const struct proc_row	*row = &proc_rows[p];
	struct passwd		*pw;
	uid_t			 uid = 0;
	gid_t			 gid = 0;

	check_fds(row);
	signals();
	(void)umask(077);
	tzset();		/* reads files, which are gone after chroot */
	limit(RLIMIT_CORE, 0);
	if (row->user != NULL && !nodrop()) {
		if ((pw = getpwnam(row->user)) == NULL)
			errx(1, "no user %s: run etc/users.sh of s2sd as root",
			    row->user);
		uid = pw->pw_uid;
		gid = pw->pw_gid;
		if (uid == 0 || gid == 0)
			errx(1, "user %s must not be root", row->user);
	}
	if (open_root != NULL)
		open_root();
	if (nodrop())
		return;
	if (row->user != NULL) {
		lock_in();
		if (priv_before(row->caps) == -1)
			err(1, "capabilities");
		become(row, uid, gid);
		if (priv_after(row->caps) == -1)
			err(1, "capabilities");
	}
	/* the last change of ids lies behind us: it would undo this */
	if (priv_lock() == -1)
		err(1, "no core dump, no new rights");
	if (p != PROC_CONF)	/* has a directory to read from */
		sandbox_early(p);
}

void
proc_limits(enum proc p)
{
	const struct proc_row	*row = &proc_rows[p];

	limit(RLIMIT_NOFILE, p == PROC_CTL ? NOFILE_CTL : NOFILE);
	if (row->user == NULL || nodrop())
		return;
	limit(RLIMIT_NPROC, 0);
#ifndef SANITIZERS
	/* the log and -nv may go into a file; old sysctl values do */
	if (p != PROC_CTL && p != PROC_CONF && p != PROC_HOST)
		limit(RLIMIT_FSIZE, 0);
#endif
}
