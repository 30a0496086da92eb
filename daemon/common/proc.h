/* SPDX-License-Identifier: ISC */

/*
 * proc.h: the processes, who talks to whom, which user each runs as and
 * which descriptors each inherits.  DESIGN.md section 2 as a table; the
 * parent, the start-up code, the sandbox and the tests all read this one.
 */

#ifndef PROC_H
#define PROC_H

#include <stdint.h>

enum proc {
	PROC_PARENT, PROC_CONF, PROC_NET, PROC_IKE, PROC_KEYS, PROC_SAD,
	PROC_ESP, PROC_HOST, PROC_EXEC, PROC_CTL, PROC_MAX
};
#define PB(p)	(1u << (p))

/* Descriptors beside the channels.  A channel to process p is FD_CHAN(p). */
#define FD_CHAN(p)	(3 + (int)(p))
enum {
	FD_FIRST = 19,
	/*
	 * Locked file: the next life begins when no process of the last one
	 * holds it.  Linux lets go of what a process had in the reverse order
	 * of the numbers, so that this one, the lowest, goes when the ports
	 * and the TUN are free again; each process has it opened anew, so that
	 * it speaks for that process alone.
	 */
	FD_ALIVE = FD_FIRST,
	FD_UDP500_4, FD_UDP500_6, FD_UDP4500_4, FD_UDP4500_6,
	FD_TUN,			/* s2s0, owner _s2sdesp, IFF_VNET_HDR off yet */
	FD_OWNER,		/* nfnetlink socket that owns table s2sd */
	FD_CTLSOCK,		/* listening control socket */
	FD_SYSLOG,		/* connected syslog socket, if any */
	FD_CONFDIR,		/* s2sd-conf: directory of the configuration */
	FD_END
};
#define FB(fd)	(1u << ((fd) - FD_FIRST))

struct proc_row {
	enum proc	 id;
	const char	*name;		/* "s2sd-net" */
	const char	*user;		/* "_s2sd"; NULL: stays root */
	uint32_t	 links;		/* PB() of everybody it has a channel to */
	uint32_t	 fds;		/* FB() of what else it inherits; some may
					   be absent at run time */
	uint32_t	 caps;		/* Linux capabilities kept, by bit number */
	uint8_t		 always;	/* 1: started at start; 0: when needed */
};

extern const struct proc_row proc_rows[PROC_MAX];

const char *proc_name(enum proc);

/* Where a process is locked in: empty, owned by root; made at install. */
#define S2SD_EMPTY	"/var/empty/s2sd"
/* SO_MARK of every packet that we send ourselves; routing rules except it. */
#define S2SD_MARK	0x532d
/* One hash over the contracts between the processes: of one build or not? */
extern const char s2sd_build[];

/*
 * Arguments of every process:	epoch build-id mode
 *	mode		"run"; s2sd-host and s2sd-exec also "block" and "unblock"
 *			(s2sd -b, -u)
 * s2sd-conf:			epoch build-id mode generation file
 *	"run"		records to the parent, secrets to s2sd-keys
 *	"secrets"	only the secrets (s2sd-keys was started anew); of a
 *			file with errors those that can be had
 *	"test"		records to the parent, no secrets
 *	"print"		text on stdout (-nv), errors to the parent
 *	file		its name below FD_CONFDIR, and as errors name it: the
 *			path as given to -f
 * s2sd-conf ends with 0, or 1 after M_CF_ERROR frames; M_CF_WARN frames come
 * with "run" and "print".  s2sd-ctl writes its
 * log to stderr if it has no FD_SYSLOG.
 */

/*
 * proc_start: everything a child does before its event loop, in the order
 * of DESIGN.md section 2: descriptors checked (none but those of its row),
 * chroot, groups, ids, dumpable, capabilities, rlimits.  `open_root' (or
 * NULL) runs before the first of these, as root: for what only root can
 * open.  Exits with a message on any failure.  S2SD_NODROP in the
 * environment of a build with sanitizers skips what needs root.
 */
void	 proc_start(enum proc, void (*open_root)(void));
/* After the role's own set-up (threads!), before the sandbox: no new
 * process, no growing file, no more descriptors than it will ever need. */
void	 proc_limits(enum proc);

/* compat/sandbox_*.c.  early: what must be asked for before threads exist (at
 * the end of proc_start).  sandbox: close it; both exit on failure. */
void	 sandbox_early(enum proc);
void	 sandbox(enum proc);
/* What sandbox() could not do here, for the log; "" if nothing. */
const char *sandbox_missing(void);

#endif /* PROC_H */
