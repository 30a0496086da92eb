/* SPDX-License-Identifier: ISC */

/*
 * exec.h: s2sd-exec runs the programs of a fixed table for s2sd-host.  It
 * takes typed records only and composes every argument and every octet of
 * input itself; backends/fw/ipt.h has the records and the text.
 */

#ifndef EXEC_H
#define EXEC_H

#include "role.h"
#include "../../backends/fw/ipt.h"
#include "../../backends/fw/pf.h"

/* The programs; exec_run.c has their paths and arguments. */
enum exec_prog {
	EXEC_SAVE, EXEC_RESTORE,	/* iptables: variant and family */
	EXEC_PF_LOAD,			/* variant: 1 the anchor of the block */
	EXEC_PF_SHOW, EXEC_PF_SHOW_NAT,	/* likewise */
	EXEC_PF_MAIN, EXEC_PF_MAIN_NAT,	/* what pf.conf made */
	EXEC_PF_KILL			/* in: two networks, a line each */
};

struct exec_runner {
	void	*arg;
	/*
	 * Run one to its end; in is its input (or arguments, EXEC_PF_KILL).
	 * out: malloc'd, what it printed (at most
	 * EXEC_OUT_MAX octets), NUL-terminated.  Returns enum ipt_err.
	 */
	uint32_t (*run)(void *arg, enum exec_prog, uint8_t variant, uint8_t af,
		    const char *in, size_t nin, char **out, size_t *nout);
};

enum { EXEC_OUT_MAX = 16 << 20, EXEC_SECONDS = 5,
    EXEC_KILLS = 64 /* pairs whose states are ended, each a run */ };

extern const struct role role_exec;
/* Without a runner every request fails. */
void	 exec_set_runner(void *self, const struct exec_runner *);
/* Remove our chains: those that this process made, or all of both kinds. */
void	 exec_clear(void *self, int all);

/* exec_pf.c: PF_LOAD, PF_CLEAR, PF_CHECK: enum ipt_err, and why. */
struct exec_pf {
	char	*shown[2];	/* what pfctl showed after a load */
};
uint32_t exec_pf(struct exec_pf *, const struct exec_runner *, uint8_t what,
	    const struct fw_rules *, const struct pf_op *, char *why, size_t);
void	 exec_pf_free(struct exec_pf *);

/* exec_run.c: the real one. */
extern const struct exec_runner exec_programs;

#endif /* EXEC_H */
