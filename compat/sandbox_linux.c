/* SPDX-License-Identifier: ISC */

/* sandbox_linux.c: seccomp filters and Landlock, one row of rights a role. */

#include "config.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/futex.h>

#include <seccomp.h>

#include "proc.h"
#include "sandbox_linux.h"

#define END	INT32_MIN		/* no system call has this number */

/* What every role does all day: frames, memory, time. */
static const int base[] = {
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_ctl), SCMP_SYS(read), SCMP_SYS(write),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(close),
	SCMP_SYS(getpid),	/* libcrypto asks whether it was forked */
	SCMP_SYS(getrandom), SCMP_SYS(brk), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(gettimeofday),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit_group), END
};

/* What libraries may try: refused with EACCES, so that they go on without. */
static const int soft[] = {
	SCMP_SYS(socket), SCMP_SYS(getsockopt), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(ioctl), SCMP_SYS(uname), SCMP_SYS(sysinfo), END
};

static const int net[] = {
	SCMP_SYS(recvmmsg), SCMP_SYS(sendmmsg), SCMP_SYS(sendto),
	SCMP_SYS(recvfrom), END
};
static const int none[] = { END };
/* netlink */
static const int sad[] = {
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), END
};
/* TUN by read and writev, many threads that stand still together */
static const int esp[] = {
	SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(recvmmsg),
	SCMP_SYS(sendmmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(sched_yield),
	SCMP_SYS(exit), END
};
/* netlink; files of /proc/sys and the one of old values, opened before */
static const int host[] = {
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(lseek),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(ftruncate), END
};
/* clients come and go; the log goes to a socket or a file */
static const int ctl[] = {
	SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(sendto),
	SCMP_SYS(recvfrom), SCMP_SYS(writev), SCMP_SYS(poll),
	SCMP_SYS(ppoll), END
};
/* files that were opened before, and waiting for a full channel */
static const int conf[] = {
	SCMP_SYS(lseek), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(epoll_create1), END
};

/* Root's processes run programs: what no program of theirs needs is gone. */
static const int deny[] = {
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load), SCMP_SYS(init_module),
	SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(pivot_root), SCMP_SYS(move_mount), SCMP_SYS(open_tree),
	SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(io_uring_setup), SCMP_SYS(swapon), SCMP_SYS(swapoff),
	SCMP_SYS(reboot), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
	SCMP_SYS(acct), SCMP_SYS(iopl), SCMP_SYS(ioperm), END
};

struct rights {
	const int	*more;		/* beside base; NULL: deny list only */
	uint8_t		 noioctl;	/* ioctl ends it, not even refused */
	uint8_t		 fcntl;		/* may set O_NONBLOCK */
	uint8_t		 peercred;	/* may ask who the other end is */
	uint8_t		 sndbuf;	/* may enlarge a netlink buffer */
};

static const struct rights rights[PROC_MAX] = {
	[PROC_PARENT]	= { NULL, 0, 0, 0, 0 },
	[PROC_CONF]	= { conf, 0, 1, 0, 0 },
	[PROC_NET]	= { net, 0, 0, 0, 0 },
	[PROC_IKE]	= { none, 1, 0, 0, 0 },
	[PROC_KEYS]	= { none, 1, 0, 0, 0 },
	[PROC_SAD]	= { sad, 0, 0, 0, 0 },
	[PROC_ESP]	= { esp, 1, 0, 0, 0 },
	[PROC_HOST]	= { host, 0, 0, 0, 1 },
	[PROC_EXEC]	= { NULL, 0, 0, 0, 0 },
	[PROC_CTL]	= { ctl, 0, 1, 1, 0 },
};

static char	missing[256];

static void
miss(const char *what)
{
	size_t	 n = strlen(missing);

	(void)snprintf(missing + n, sizeof(missing) - n, "%s%s",
	    n > 0 ? ", " : "", what);
}

const char *
sandbox_missing(void)
{
	return (missing);
}

static int
add(scmp_filter_ctx c, uint32_t action, const int *calls, int but)
{
	int	 rv;

	for (; *calls != END; calls++) {
		if (*calls == but)
			continue;
		rv = seccomp_rule_add(c, action, *calls, 0);
		/* a call that this machine does not have needs no rule;
		 * a call that is allowed twice over is allowed */
		if (rv != 0 && rv != -EDOM && rv != -EEXIST)
			return (-1);
	}
	return (0);
}

static int
in(const int *calls, int what)
{
	for (; *calls != END; calls++)
		if (*calls == what)
			return (1);
	return (0);
}

/* Memory that can be executed is not to be had, nor files in memory. */
static int
add_memory(scmp_filter_ctx c)
{
	static const int	 prot[] = {
		SCMP_SYS(mmap), SCMP_SYS(mmap2)
	};
	size_t			 i;
	int			 rv;

	for (i = 0; i < sizeof(prot) / sizeof(prot[0]); i++) {
		rv = seccomp_rule_add(c, SCMP_ACT_ALLOW, prot[i], 2,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
		if (rv != 0 && rv != -EDOM)
			return (-1);
	}
	return (seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
}

/* Locks between threads: wait and wake, nothing of priorities or lists. */
static int
add_futex(scmp_filter_ctx c)
{
	static const int	 ops[] = {
		FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET
	};
	static const int	 calls[] = {
		SCMP_SYS(futex), SCMP_SYS(futex_time64)
	};
	size_t			 i, k;
	int			 rv;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++) {
			rv = seccomp_rule_add(c, SCMP_ACT_ALLOW, calls[i], 1,
			    SCMP_A1(SCMP_CMP_MASKED_EQ, FUTEX_CMD_MASK,
			    (scmp_datum_t)ops[k]));
			if (rv != 0 && rv != -EDOM)
				return (-1);
		}
	return (0);
}

static int
add_args(scmp_filter_ctx c, const struct rights *r)
{
	static const int	 opts[] = {
		SO_PEERCRED, 59 /* SO_PEERGROUPS */, SO_ERROR
	};
	size_t			 i;

	if (add_memory(c) != 0 || add_futex(c) != 0)
		return (-1);
	if (r->fcntl && (seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(fcntl),
	    1, SCMP_A1(SCMP_CMP_EQ, F_GETFL)) != 0 ||
	    seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
	    SCMP_A1(SCMP_CMP_EQ, F_SETFL)) != 0))
		return (-1);
	if (r->sndbuf && seccomp_rule_add(c, SCMP_ACT_ALLOW,
	    SCMP_SYS(setsockopt), 2, SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET),
	    SCMP_A2(SCMP_CMP_EQ, SO_SNDBUFFORCE)) != 0)
		return (-1);
	for (i = 0; r->peercred && i < sizeof(opts) / sizeof(opts[0]); i++)
		if (seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(getsockopt),
		    2, SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET),
		    SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)opts[i])) != 0)
			return (-1);
	return (0);
}

/* The calls refused softly, without those that the role is allowed. */
static int
add_soft(scmp_filter_ctx c, const struct rights *r)
{
	const int	*s;

	for (s = soft; *s != END; s++) {
		const int	 one[] = { *s, END };

		if (in(r->more, *s) ||
		    (r->noioctl && *s == SCMP_SYS(ioctl)) ||
		    (r->peercred && *s == SCMP_SYS(getsockopt)))
			continue;
		if (add(c, SCMP_ACT_ERRNO(EACCES), one, END) != 0)
			return (-1);
	}
	return (0);
}

int
sandbox_filter(enum proc p)
{
	const struct rights	*r = &rights[p];
	scmp_filter_ctx		 c;
	int			 rv = -1;

	if ((c = seccomp_init(r->more == NULL ? SCMP_ACT_ALLOW :
	    SCMP_ACT_KILL_PROCESS)) == NULL)
		return (-1);
	/* another architecture's numbers, x32's too, mean other calls */
	if (seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS) != 0 ||
	    seccomp_attr_set(c, SCMP_FLTATR_CTL_TSYNC, 1) != 0)
		goto out;
	if (r->more == NULL) {
		if (add(c, SCMP_ACT_KILL_PROCESS, deny, END) != 0)
			goto out;
	} else if (add(c, SCMP_ACT_ALLOW, base, END) != 0 ||
	    add(c, SCMP_ACT_ALLOW, r->more, END) != 0 ||
	    add_args(c, r) != 0 || add_soft(c, r) != 0)
		goto out;
	rv = seccomp_load(c) == 0 ? 0 : -1;
 out:
	seccomp_release(c);
	return (rv);
}

/*
 * Landlock: every kind of access handled, no rule that allows one.  Written
 * out here because headers are older than kernels; the size that is passed
 * tells the kernel how much of it is meant.
 */
struct landlock_all {
	uint64_t	 fs, net, scoped;
};

int
sandbox_landlock(void)
{
	/* by version of the interface, beginning with 1 */
	static const struct landlock_all all[] = {
		{ 0x1fff, 0, 0 },
		{ 0x3fff, 0, 0 },	/* moving to other directories */
		{ 0x7fff, 0, 0 },	/* truncate */
		{ 0x7fff, 3, 0 },	/* TCP bind, connect */
		{ 0xffff, 3, 0 },	/* ioctl on devices */
		{ 0xffff, 3, 3 }	/* abstract unix sockets, signals */
	};
	const struct landlock_all *a;
	long			 abi;
	size_t			 len;
	int			 fd, rv;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	if (abi < 1)
		return (0);
	if (abi > 6)
		abi = 6;
	a = &all[abi - 1];
	len = abi < 4 ? 8 : abi < 6 ? 16 : 24;
	fd = (int)syscall(SYS_landlock_create_ruleset, a, len, 0);
	if (fd == -1)
		return (-1);
	rv = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	(void)close(fd);
	return (rv == -1 ? -1 : (int)abi);
}

/* Before threads exist: Landlock binds only the thread that asks for it. */
void
sandbox_early(enum proc p)
{
	int	 abi;

	if (proc_rows[p].user == NULL)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		err(1, "no_new_privs");
	if ((abi = sandbox_landlock()) == -1)
		err(1, "landlock");
	if (abi == 0)
		miss("no Landlock");
	else if (abi < 4)
		miss("Landlock without TCP and signals");
	else if (abi < 6)
		miss("Landlock without signals");
}

void
sandbox(enum proc p)
{
	if (p == PROC_CONF)
		sandbox_early(p);	/* until now it had files to open */
#ifdef SANITIZERS
	miss("no system call filter in a build with sanitizers");
#else
	if (sandbox_filter(p) == -1)
		errx(1, "%s: this kernel takes no system call filter "
		    "(CONFIG_SECCOMP_FILTER)", proc_name(p));
#endif
}
