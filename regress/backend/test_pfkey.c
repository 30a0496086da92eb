/* SPDX-License-Identifier: ISC */

/* test_pfkey.c: the contract for each dialect of PF_KEY on the mock kernel. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../unit/espkit.h"
#include "pfkey_rig.h"

static uint32_t
out(struct contract *c, const struct tunnel *t)
{
	return (rig_out(c->arg, t));
}

static uint16_t	 daemon_life;	/* of the daemon that lives now */

static size_t
stock(struct contract *c)
{
	struct rig	*r = c->arg;

	return (r->k.nsa + r->k.npol);
}

static void
refuse(struct contract *c, int nth)
{
	struct rig	*r = c->arg;

	r->k.fail_in = nth;
	r->k.fail_with = 12;		/* ENOMEM */
}

static void
expire(struct contract *c, uint32_t spi, int hard)
{
	struct rig	*r = c->arg;

	mock_expire(&r->k, spi, hard);
}

static void
pump(struct contract *c)
{
	rig_pump(c->arg);
}

static void *
up(struct contract *c, const struct tunnel *t, size_t n,
    const struct sa_events *ev)
{
	struct rig	*r = c->arg;

	(void)t;
	(void)n;
	daemon_life = 0x1111;
	rig_start(r, ev, daemon_life);
	return (r->be);
}

static void *
again(struct contract *c, const struct sa_events *ev, int life)
{
	struct rig	*r = c->arg;

	daemon_life = (uint16_t)(daemon_life + (life ? 0x1111 : 0));
	rig_again(r, ev, daemon_life);
	return (r->be);
}

static void
down(struct contract *c)
{
	rig_end(c->arg);
}

static void
run(const struct pk_dialect *d)
{
	struct rig	*r = rig_new(d);
	struct contract	 c = { .be = pk_backend(d), .start = up,
	    .pump = pump, .stop = down, .arg = r, .out = out, .stock = stock,
	    .refuse = refuse, .expire = expire, .again = again };

	contract_run(&c);
	free(r);
}

static void
test_openbsd(void **state)
{
	(void)state;
	run(&pk_openbsd);
}

static void
test_freebsd(void **state)
{
	(void)state;
	run(&pk_freebsd);
}

static void
test_netbsd(void **state)
{
	(void)state;
	run(&pk_netbsd);
}

static void
test_linux(void **state)
{
	(void)state;
	run(&pk_linux);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_openbsd),
		cmocka_unit_test(test_freebsd),
		cmocka_unit_test(test_netbsd),
		cmocka_unit_test(test_linux),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
