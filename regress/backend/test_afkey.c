/* SPDX-License-Identifier: ISC */

/*
 * test_afkey.c: the contract on Linux' own af_key, as root, in the guest: the
 * machines that build this rarely have that module.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../backends/sa/pfkey_int.h"
#include "../unit/espkit.h"
#include "contract.h"

enum { TRIES = 10000 };

static const struct role_io	 io;
static void			*be;
static int			 last;	/* errno of the last refusal */
static uint16_t			 daemon_life = 0x1111;

static uint64_t
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static void
pump(struct contract *c)
{
	struct pk	*b = be;
	struct pollfd	 p;
	int		 i;

	for (i = 0; i < TRIES; i++) {
		(void)c->be->tick(b, now());
		c->be->readable(b);
		if (b->error != 0 && b->error != last) {
			last = b->error;
			printf("# errno %d, message %d\n", last, (int)b->type);
		}
		if (b->jobs == NULL)
			return;
		p.fd = b->fd;
		p.events = POLLIN;
		(void)poll(&p, 1, 100);
	}
	fail_msg("it does not come to an end");
}

static void *
start(struct contract *c, const struct sa_events *ev, uint16_t life)
{
	struct sa_events	*e = c->arg;
	struct pk_start		*s;
	char			 why[256];

	*e = *ev;
	if (c->be->open(&e->sys, why, sizeof(why)) == -1) {
		printf("# %s\n", why);
		return (NULL);
	}
	s = e->sys;
	s->life = life;
	be = c->be->start(&io, e);
	pump(c);
	return (be);
}

static void *
up(struct contract *c, const struct tunnel *t, size_t n,
    const struct sa_events *ev)
{
	(void)t;
	(void)n;
	return (start(c, ev, daemon_life));
}

static void *
again(struct contract *c, const struct sa_events *ev, int life)
{
	c->be->stop(be);
	daemon_life = (uint16_t)(daemon_life + (life ? 0x1111 : 0));
	return (start(c, ev, daemon_life));
}

static size_t
lines(const char *command)
{
	char	 buf[512];
	size_t	 n = 0;
	FILE	*f;

	assert_non_null(f = popen(command, "r"));
	while (fgets(buf, sizeof(buf), f) != NULL)
		n++;
	(void)pclose(f);
	return (n);
}

/* By the kernel's other interface. */
static size_t
stock(struct contract *c)
{
	(void)c;
	return (lines("ip xfrm state list | grep -E 'proto (esp|ah)'") +
	    lines("ip xfrm policy list | grep 'dir '"));
}

static void
down(struct contract *c)
{
	c->be->leave(be);
	c->be->stop(be);
	assert_int_equal(stock(c), 0);
}

static void
test_contract(void **state)
{
	struct sa_events	 ev;
	struct contract		 c = { .be = &sa_pfkey, .start = up,
	    .pump = pump, .stop = down, .arg = &ev, .stock = stock,
	    .again = again };

	(void)state;
	contract_run(&c);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_contract),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
