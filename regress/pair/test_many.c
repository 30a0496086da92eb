/* SPDX-License-Identifier: ISC */

/* test_many.c: a thousand pairs of gateways in one process. */

#include <sys/resource.h>

#include "pair.h"

static size_t
count_up(struct world *w, size_t n)
{
	size_t	 i, up = 0;

	for (i = 0; i < n; i++)
		up += (size_t)world_is_up(world_gw(w, i), "vpn");
	return (up);
}

struct many {
	size_t	 n;
};

static int
all_up(struct world *w, void *arg)
{
	struct many	*m = arg;

	/* looking at all of them at each event would be quadratic */
	return (world_events(w) % 4096 == 0 && count_up(w, m->n) == m->n);
}

static void
test_thousand(void **state)
{
	struct world_opt o = { .delay = 10, .jitter = 30, .loss = 10, .dup = 2 };
	const char	*psk = "a secret of more than twenty octets";
	struct many	 m = { 2000 };
	struct rusage	 ru;
	struct tunnel	 t;
	struct world	*w;
	struct gw	*a, *b;
	uint64_t	 start;
	size_t		 i;

	(void)state;
	o.seed = pair_seed();
	w = world_new(&o, m.n);
	for (i = 0; i < m.n; i += 2) {
		a = world_gw(w, i);
		b = world_gw(w, i + 1);
		world_tunnel(&t, "vpn", a, b, "10.1.3.0/24", "10.1.4.0/24");
		world_conf(a, &t, &psk, 1);
		world_tunnel(&t, "vpn", b, a, "10.1.4.0/24", "10.1.3.0/24");
		t.flags &= ~(uint32_t)TUN_ACTIVE;
		world_conf(b, &t, &psk, 1);
	}
	start = world_now(w);
	(void)world_until(w, all_up, &m, 150000);
	getrusage(RUSAGE_SELF, &ru);
	print_message("1,000 pairs, seed %llu: %zu of %zu up after %llu ms of "
	    "virtual time, %llu events, %ld MB\n", (unsigned long long)o.seed,
	    count_up(w, m.n), m.n, (unsigned long long)(world_now(w) - start),
	    (unsigned long long)world_events(w), ru.ru_maxrss / 1024);
	assert_int_equal(count_up(w, m.n), m.n);
	for (i = 0; i < m.n; i++)
		assert_int_equal(world_gw(w, i)->accused, 0);
	world_free(w);
}

const struct CMUnitTest tests_many[] = {
	cmocka_unit_test(test_thousand),
};
const size_t tests_many_n = nitems(tests_many);
