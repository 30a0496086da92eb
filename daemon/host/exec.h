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

/* The programs; exec_run.c has their paths and arguments. */
enum exec_prog { EXEC_SAVE, EXEC_RESTORE };

struct exec_runner {
	void	*arg;
	/*
	 * Run one to its end.  out: malloc'd, what it printed (at most
	 * EXEC_OUT_MAX octets), NUL-terminated.  Returns enum ipt_err.
	 */
	uint32_t (*run)(void *arg, enum exec_prog, uint8_t variant, uint8_t af,
		    const char *in, size_t nin, char **out, size_t *nout);
};

enum { EXEC_OUT_MAX = 16 << 20, EXEC_SECONDS = 5 };

extern const struct role role_exec;
/* Without a runner every request fails. */
void	 exec_set_runner(void *self, const struct exec_runner *);
/* Remove our chains: those that this process made, or all of both kinds. */
void	 exec_clear(void *self, int all);

/* exec_run.c: the real one. */
extern const struct exec_runner exec_programs;

#endif /* EXEC_H */
