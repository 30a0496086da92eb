/* SPDX-License-Identifier: ISC */

/* s2sctl_lock.c: a child of s2sctl that parses files of others. */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "privdrop.h"
#include "proc.h"
#include "s2sctl_lock.h"

#ifdef SANITIZERS
/* Who is not dumpable cannot be searched for leaks at its end. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return ("detect_leaks=0");
}
#endif

static void
limit(int what, rlim_t n)
{
	struct rlimit	 rl;

	rl.rlim_cur = rl.rlim_max = n;
	if (setrlimit(what, &rl) == -1)
		err(1, "setrlimit");
}

/* The user of s2sd-conf; where s2sd is not installed, that of nobody. */
static struct passwd *
whom(void)
{
	struct passwd	*pw = getpwnam(proc_rows[PROC_CONF].user);

	if (pw == NULL || pw->pw_uid == 0 || pw->pw_gid == 0)
		pw = getpwnam("nobody");
	return (pw != NULL && pw->pw_uid != 0 && pw->pw_gid != 0 ? pw : NULL);
}

/* Somebody who is no root has nothing to give up. */
static void
become(void)
{
	struct passwd	*pw;
	struct stat	 st;
	gid_t		 gid;
	uid_t		 uid;

	if (geteuid() != 0)
		return;
	if ((pw = whom()) == NULL)
		errx(1, "neither %s nor nobody is a user here: run "
		    "etc/users.sh of s2sd", proc_rows[PROC_CONF].user);
	uid = pw->pw_uid;
	gid = pw->pw_gid;
	if (lstat(S2SD_EMPTY, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    (chroot(S2SD_EMPTY) == -1 || chdir("/") == -1))
		err(1, "chroot %s", S2SD_EMPTY);
	if (priv_before(0) == -1 || setgroups(1, &gid) == -1 ||
	    priv_setids(uid, gid) == -1 || priv_after(0) == -1)
		err(1, "cannot become %s", pw->pw_name);
	if (setuid(0) != -1 || getuid() == 0 || geteuid() == 0)
		errx(1, "still able to become root");
}

void
ctl_lock(unsigned int cpu)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, cpu);
	become();
	if (priv_lock() == -1)
		err(1, "no core dump, no new rights");
	sandbox(PROC_CONF);
}
