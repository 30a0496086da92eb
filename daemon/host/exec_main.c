/* SPDX-License-Identifier: ISC */

/* exec_main.c: s2sd-exec, started only where iptables is used. */

#include <signal.h>
#include <stddef.h>

#include <event2/event.h>

#include "exec.h"

static void	*me;

/* s2sd ended: what we made goes; the block stays. */
static void
gone(void)
{
	if (me != NULL)
		exec_clear(me, 0);
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	(void)base;
	(void)io;
	me = self;
	(void)signal(SIGPIPE, SIG_IGN);
	exec_set_runner(self, &exec_programs);
	role_exit_hook = gone;
}

int
main(int argc, char **argv)
{
	static const struct role_proc	 rp = {
		.role = &role_exec, .setup = setup
	};

	role_main(&rp, argc, argv);
}
