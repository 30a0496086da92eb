/* SPDX-License-Identifier: ISC */

/* exec_main_bsd.c: s2sd-exec on the BSDs, where it is always started. */

#include <err.h>
#include <stddef.h>
#include <string.h>

#include <event2/event.h>

#include "exec_bsd.h"

static void	*me;

/* s2sd ended, and the TUN goes; the block stays until `s2sd -u'. */
static void
gone(void)
{
	if (me == NULL || strcmp(role_mode, "block") == 0)
		return;
	if (strcmp(role_mode, "unblock") == 0)
		exec_bsd_clear(me);
	else
		exec_bsd_hold(me);
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	(void)base;
	(void)io;
	me = self;
	if (bsd_tun_up(0) == -1)
		warn("tunnel device");
	exec_bsd_use(self, &bsd_kernel);
	if (strcmp(role_mode, "block") == 0)
		exec_bsd_block_only(self);
	exec_set_runner(exec_bsd_programs(self), &exec_programs);
	role_exit_hook = gone;
}

int
main(int argc, char **argv)
{
	static const struct role_proc	 rp = {
		.role = &role_exec_bsd, .setup = setup
	};

	role_main(&rp, argc, argv);
}
