/* SPDX-License-Identifier: ISC */

/* exec_main.c: s2sd-exec, started only where iptables is used. */

#include <signal.h>
#include <stdio.h>
#include <string.h>

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

static int
nobody(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	(void)arg; (void)to; (void)h; (void)body; (void)len;
	return (0);
}

/* `s2sd -u': everything of ours, in every variant. */
static int
unblock(void)
{
	static const struct role_io	 io = { .send = nobody };
	void				*self;

	if ((self = role_exec.new(&io)) == NULL)
		return (1);
	(void)signal(SIGPIPE, SIG_IGN);
	exec_set_runner(self, &exec_programs);
	exec_clear(self, 1);
	role_exec.free(self);
	return (0);
}

int
main(int argc, char **argv)
{
	static const struct role_proc	 rp = {
		.role = &role_exec, .setup = setup
	};

	if (argc > 3 && strcmp(argv[3], "unblock") == 0)
		return (unblock());
	role_main(&rp, argc, argv);
}
