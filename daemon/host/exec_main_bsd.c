/* SPDX-License-Identifier: ISC */

/* exec_main_bsd.c: s2sd-exec on the BSDs, where it is always started. */

#include <err.h>
#include <stddef.h>

#include <event2/event.h>

#include "exec_bsd.h"

static void	*me;

/* s2sd ended: the routes go, the switches are put back; the block stays. */
static void
gone(void)
{
	if (me != NULL)
		exec_bsd_clear(me);
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
