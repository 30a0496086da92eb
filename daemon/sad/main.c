/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-sad as a process: asks each backend while it is still root. */

#include <err.h>
#include <stdio.h>

#include <event2/event.h>

#include "../../backends/sa/list.h"
#include "sad.h"

static struct sad_choice	 choices[SAD_CHOICE_MAX];
static size_t			 nchoices;
static struct event_base	*events;
static void			*sad;

/* Says in HELLO which of them work, the best first. */
static void
probe(void)
{
	static char		 usable[TEXT_MAX];
	struct sad_choice	*c;
	size_t			 i, n = 0;

	for (i = 0; sa_list[i] != NULL && nchoices < SAD_CHOICE_MAX; i++) {
		c = &choices[nchoices++];
		c->be = sa_list[i];
		if (c->be->open != NULL)
			c->no = c->be->open(&c->sys, c->why, sizeof(c->why));
		if (!c->no && n < sizeof(usable))
			n += (size_t)snprintf(usable + n, sizeof(usable) - n,
			    "%s%s", n > 0 ? " " : "", c->be->name);
	}
	role_note = usable;
}

static void
on_kernel(int fd, short what, void *self)
{
	(void)fd;
	(void)what;
	sad_readable(self, now_ms());
	role_kick();
}

/* The backend is chosen with the first configuration, not before. */
static void
watch(void *self, int fd)
{
	struct event	*ev;

	if (fd == -1)
		return;
	if ((ev = event_new(events, fd, EV_READ | EV_PERSIST, on_kernel,
	    self)) == NULL || event_add(ev, NULL) == -1)
		errx(1, "event_new");
}

static void
leave(void)
{
	/* s2sd was killed: the SAs stay for its next life to take over */
	if (!role_orphaned)
		sad_leave(sad);
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	(void)io;
	events = base;
	sad_backends(self, choices, nchoices);
	sad_watch(self, watch);
	sad = self;
	role_exit_hook = leave;
}

int
main(int argc, char **argv)
{
	static const struct role_proc	 p = {
		.role = &role_sad,
		.open_root = probe,
		.setup = setup,
	};

	role_main(&p, argc, argv);
}
