/* SPDX-License-Identifier: ISC */

/*
 * test_nomem.c: N113, memory runs out.  While a role's code runs, its n-th
 * allocation fails, for n = 1, 2, 3 ... until none is left to fail: what was
 * going on may fail, nobody is accused, nothing leaks, and the tunnel comes
 * back by itself.  Linked with --wrap, so that nothing else notices.  AT (as
 * WORLD_AT) and N in the environment: only that role, from that one on.
 */

#include "pair.h"

#include "crypt.h"
#ifdef NOMEM_V1
#include "v1.h"
#else
#define v1_new	pair_new
#endif

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__real_reallocarray(void *, size_t, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
void	*__wrap_reallocarray(void *, size_t, size_t);

static struct {
	const int	*inside;	/* NULL: disarmed */
	int		 at;		/* WORLD_AT of who runs out */
	unsigned int	 n;		/* which allocation fails */
	unsigned int	 run;		/* and how many after it, too */
	unsigned int	 count, failed;
} gun;

static int
fails(void)
{
	if (gun.inside == NULL || *gun.inside != gun.at)
		return (0);
	gun.count++;
	if (gun.count < gun.n || gun.count >= gun.n + gun.run)
		return (0);
	gun.failed++;
	return (1);
}

void *
__wrap_malloc(size_t n)
{
	return (fails() ? NULL : __real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return (fails() ? NULL : __real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t n)
{
	return (fails() ? NULL : __real_realloc(p, n));
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return (fails() ? NULL : __real_reallocarray(p, n, size));
}

static void
arm(const struct two *t, int at, unsigned int n, unsigned int run)
{
	memset(&gun, 0, sizeof(gun));
	gun.at = at;
	gun.n = n;
	gun.run = run;
	gun.inside = world_inside(t->w);
}

/* --- what goes on meanwhile --- */

static void
handshake(struct two *t)
{
	pair_load(t, 0);
	world_run(t->w, 3000);
}

static void
rekey_child(struct two *t)
{
	pair_order(t->a, M_C_REKEY, 0);
	world_run(t->w, 3000);
}

static void
rekey_ike(struct two *t)
{
	pair_order(t->a, M_C_REKEY, 1);
	world_run(t->w, 3000);
}

static void
down_up(struct two *t)
{
	pair_order(t->a, M_C_DOWN, 0);
	world_run(t->w, 1000);
	pair_order(t->a, M_C_UP, 0);
	world_run(t->w, 3000);
}

static void
packets(struct two *t)
{
	uint32_t	 number = 2000;

	(void)pair_traffic(t, &number, 5, 10);
	world_run(t->w, 40000);		/* liveness too */
}

/* Another life time: a tunnel goes, another comes. */
static void
reload(struct two *t)
{
	t->ta.life = t->tb.life = 1800;
	pair_load(t, 0);
	world_run(t->w, 5000);
}

/* Others come back and want to know everything again. */
static void
deaths(struct two *t)
{
	static const enum proc	 who[] = { PROC_NET, PROC_IKE, PROC_KEYS,
	    PROC_SAD, PROC_ESP, PROC_HOST, PROC_CTL };
	size_t			 i;

	for (i = 0; i < nitems(who); i++) {
		if (WORLD_AT(t->a->n, who[i]) != gun.at)
			world_kill(t->a, who[i], 20);
		if (WORLD_AT(t->b->n, who[i]) != gun.at)
			world_kill(t->b, who[i], 20);
		world_run(t->w, 3000);
	}
}

static void
acquire(struct two *t)
{
	(void)world_probe(t->a, "10.1.3.2", "10.1.4.2", 3000);
	world_run(t->w, 3000);
}

static const struct scene {
	const char	*name;
	void		(*play)(struct two *);
	int		 up;		/* the tunnel is up before */
	uint32_t	 flags;		/* of a's tunnel */
	int		 v1;		/* IKEv1 */
} scenes[] = {
	{ "handshake",		handshake,	0, TUN_ACTIVE, 0 },
	{ "rekey of a child",	rekey_child,	1, TUN_ACTIVE, 0 },
	{ "rekey of the IKE SA", rekey_ike,	1, TUN_ACTIVE, 0 },
	{ "down and up",	down_up,	1, TUN_ACTIVE, 0 },
	{ "packets",		packets,	1, TUN_ACTIVE, 0 },
	{ "reload",		reload,		1, TUN_ACTIVE, 0 },
	{ "deaths of others",	deaths,		1, TUN_ACTIVE, 0 },
	{ "acquire",		acquire,	2, TUN_ONDEMAND, 0 },
	{ "IKEv1 handshake",	handshake,	0, TUN_ACTIVE, 1 },
	{ "IKEv1 rekey of a child", rekey_child, 1, TUN_ACTIVE, 1 },
	{ "IKEv1 rekey of the IKE SA", rekey_ike, 1, TUN_ACTIVE, 1 },
	{ "IKEv1 down and up",	down_up,	1, TUN_ACTIVE, 1 },
	{ "IKEv1 packets",	packets,	1, TUN_ACTIVE, 1 },
};

static int
waits(struct world *w, void *arg)
{
	struct two	*t = arg;

	(void)w;
	return (world_id(t->a, "vpn") != 0 && world_id(t->b, "vpn") != 0);
}

/* One child each, the same one, and packets both ways. */
static void
expect_whole(struct two *t, const struct scene *s)
{
	uint32_t	 number = 0;
	unsigned int	 i;

	/* on demand: demand */
	for (i = 0; i < 60 && !pair_up(t->w, t); i++) {
		if (s->flags & TUN_ONDEMAND)
			(void)world_probe(t->a, "10.1.3.2", "10.1.4.2",
			    3001 + i);
		world_run(t->w, 5000);
	}
	if (!pair_up(t->w, t))
		print_error("%s: at %d, allocation %u: not back; a: %s; "
		    "b: %s\n", s->name, gun.at, gun.n, t->a->last_log,
		    t->b->last_log);
	assert_int_equal(pair_up(t->w, t), 1);
	world_run(t->w, 60000);
	t->a->delivered = t->b->delivered = 0;
	(void)pair_traffic(t, &number, 5, 10);
	world_run(t->w, 200);
	if (world_seen(t->a, "vpn")->nchild != 1 ||
	    world_seen(t->b, "vpn")->nchild != 1 ||
	    t->a->delivered + t->b->delivered < 10 ||
	    t->a->accused + t->b->accused > 0)
		print_error("%s: at %d, allocation %u\n", s->name, gun.at,
		    gun.n);
	assert_int_equal(world_seen(t->a, "vpn")->nchild, 1);
	assert_int_equal(world_seen(t->b, "vpn")->nchild, 1);
	assert_int_equal(world_seen(t->a, "vpn")->spi_in[0],
	    world_seen(t->b, "vpn")->spi_out[0]);
	assert_int_equal(t->a->delivered + t->b->delivered, 10);
	assert_int_equal(t->a->duplicates + t->b->duplicates, 0);
}

/* 1 if an allocation failed. */
static int
play(const struct scene *s, int at, unsigned int n, unsigned int run)
{
	struct world_opt o = { .delay = 5 };
	struct two	 t;
	int		 failed;

	o.seed = pair_seed() * 1000 + n;
	if (s->v1)
		v1_new(&t, &o);
	else
		pair_new(&t, &o);
	t.ta.flags = (t.ta.flags & ~(uint32_t)TUN_ACTIVE) | s->flags;
	if (s->up) {
		pair_load(&t, 0);
		if (s->up == 1)
			pair_expect_up(&t, 3000);
		else
			assert_true(world_until(t.w, waits, &t, 3000));
		world_run(t.w, 1000);
	}
	arm(&t, at, n, run);
	s->play(&t);
	failed = gun.failed > 0;
	gun.inside = NULL;
	expect_whole(&t, s);
	pair_free(&t);
	return (failed);
}

static void
each(const struct scene *s, unsigned int run)
{
	static const enum proc	 who[] = { PROC_PARENT, PROC_NET, PROC_IKE,
	    PROC_KEYS, PROC_SAD, PROC_ESP, PROC_HOST, PROC_CTL };
	unsigned int		 n, side, all = 0;
	size_t			 i;

	for (side = 0; side < 2; side++)
		for (i = 0; i < nitems(who); i++) {
			if (getenv("AT") != NULL &&
			    atoi(getenv("AT")) != WORLD_AT(side, who[i]))
				continue;
			for (n = getenv("N") != NULL ?
			    (unsigned int)atoi(getenv("N")) : 1; play(s, WORLD_AT(side, who[i]), n, run);
			    n++)
				;
			all += n - 1;
		}
	print_message("%s: %u allocations failed\n", s->name, all);
	assert_true(all > 0);
}

#define SCENE(name, i)							\
static void								\
name(void **state)							\
{									\
	(void)state;							\
	each(&scenes[i], 1);						\
	each(&scenes[i], 3);						\
}
SCENE(test_handshake, 0)
SCENE(test_rekey_child, 1)
SCENE(test_rekey_ike, 2)
SCENE(test_down_up, 3)
SCENE(test_packets, 4)
SCENE(test_reload, 5)
SCENE(test_deaths, 6)
SCENE(test_acquire, 7)
#ifdef NOMEM_V1
SCENE(test_v1_handshake, 8)
SCENE(test_v1_rekey_child, 9)
SCENE(test_v1_rekey_ike, 10)
SCENE(test_v1_down_up, 11)
SCENE(test_v1_packets, 12)
#endif

const struct CMUnitTest tests_nomem[] = {
	cmocka_unit_test(test_handshake), cmocka_unit_test(test_rekey_child),
	cmocka_unit_test(test_rekey_ike), cmocka_unit_test(test_down_up),
	cmocka_unit_test(test_packets), cmocka_unit_test(test_reload),
	cmocka_unit_test(test_deaths), cmocka_unit_test(test_acquire),
#ifdef NOMEM_V1
	cmocka_unit_test(test_v1_handshake),
	cmocka_unit_test(test_v1_rekey_child),
	cmocka_unit_test(test_v1_rekey_ike), cmocka_unit_test(test_v1_down_up),
	cmocka_unit_test(test_v1_packets),
#endif
};
const size_t tests_nomem_n = nitems(tests_nomem);

int
main(void)
{
	if (crypt_warmup() == -1)
		return (1);
	cmocka_set_test_filter(getenv("TEST"));
	print_message("seed %llu\n", (unsigned long long)pair_seed());
	return (_cmocka_run_group_tests("nomem", tests_nomem, tests_nomem_n,
	    NULL, NULL));
}
