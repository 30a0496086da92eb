/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-sad as a process: asks each backend while it is still root. */

#include "../../backends/sa/list.h"
#include "sad.h"

static struct sad_choice	 choices[SAD_CHOICE_MAX];
static size_t			 nchoices;

static void
probe(void)
{
	struct sad_choice	*c;
	size_t			 i;

	for (i = 0; sa_list[i] != NULL && nchoices < SAD_CHOICE_MAX; i++) {
		c = &choices[nchoices++];
		c->be = sa_list[i];
		if (c->be->open != NULL)
			c->no = c->be->open(c->why, sizeof(c->why));
		if (!c->no && role_note == NULL)
			role_note = c->be->name;
	}
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	(void)base;
	(void)io;
	sad_backends(self, choices, nchoices);
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
